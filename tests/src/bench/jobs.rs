//! `jobs`: how soon an idle worker starts what is enqueued, how many empty runs a second 1, 2 and 4 worker processes take through the ledger,
//! and how many statements a minute the program's worker makes while there is nothing to do.
//!
//! Runs are empty so that the ledger alone is measured: what stands beside each figure is what is aimed at, for nothing does the same without.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use entity::job_run::{JobName, Trigger};
use jobs::clock::Clock;
use jobs::database::Database;
use jobs::job::Output;
use jobs::ledger::Ledger;
use jobs::runner::Runner;
use jobs::transaction::{NewRun, enqueue_all};
use serde_json::json;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::platform::{migrate, torikumi};
use crate::server::Server;

const SAMPLES: usize = 200;
/// Before each sample, so that the worker is idle again.
const CALM: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_millis(20);
const RUNS: usize = 4_000;
/// As many as one call takes.
const AT_ONCE: usize = 1_000;
const WORKERS: [usize; 3] = [1, 2, 4];
/// Two rounds of whatever comes each minute.
const IDLE: Duration = Duration::from_mins(2);

/// A process that ends with this value.
pub struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already, and there is nobody to tell.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Starts it; what it prints is dropped.
    pub fn start(mut command: Command) -> anyhow::Result<Self> {
        Ok(Self(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().context("cannot start a worker")?))
    }

    /// A process of ours whose runs do nothing.
    fn empty(url: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["worker", url]);
        Self::start(command)
    }
}

/// Works off empty runs until the process is killed; each leaves the instant at which its body began, in microseconds.
pub async fn work(url: &str) -> anyhow::Result<()> {
    let ledger = Ledger::new(Database::connect(url, 4).await?, Clock::system());
    let clock = ledger.clock().clone();
    let runner = Runner::new(ledger).with_body(move |_| {
        let began = clock.now().timestamp_micros();
        Box::pin(async move { Ok(Output::new(&json!({ "began": began }), String::new())) })
    });
    Ok(runner.work(4, CancellationToken::new()).await?)
}

/// Measures all three and prints them with what is aimed at.
pub async fn run(server: &Server) -> anyhow::Result<()> {
    println!("\njobs: the ledger on PostgreSQL");
    let url = server.database("jobs")?;
    migrate(&url)?;
    server.psql(&url, &["-c", "UPDATE job_schedule SET enabled = FALSE"])?;
    let db = Database::connect(&url, 2).await?;
    let ledger = Ledger::new(db.clone(), Clock::system());
    starts(&ledger, &url).await?;
    for workers in WORKERS {
        let rate = empty_runs(server, &db, &url, workers).await?;
        println!("  empty runs, {workers} worker processes: {rate:.0} a second (at least 100)");
    }
    idle(server).await
}

fn new_run(key: String) -> NewRun {
    NewRun::new(JobName::MonthlyIndicators, Trigger::Manual, key, "bench".to_owned())
}

/// From the enqueueing, its commit included, to the beginning of the body in another process.
async fn starts(ledger: &Ledger, url: &str) -> anyhow::Result<()> {
    ledger.measure_clock().await?;
    let _worker = Process::empty(url)?;
    let mut times = Vec::with_capacity(SAMPLES);
    // The first one waits for the worker's own start.
    for sample in 0..=SAMPLES {
        sleep(CALM).await;
        let (asked, _) = ledger.enqueue(new_run(format!("start/{sample}"))).await?;
        let run = loop {
            let run = ledger.find(asked.id).await?;
            if run.state.is_over() {
                break run;
            }
            sleep(LOOK).await;
        };
        let began = run.statistics.and_then(|statistics| statistics["began"].as_i64()).context("it did not begin")?;
        times.push(began - run.queued_at.timestamp_micros());
    }
    times.remove(0);
    times.sort_unstable();
    let at = |share: usize| Duration::from_micros(u64::try_from(times[(times.len() - 1) * share / 100]).unwrap_or_default());
    println!("  enqueue to start, idle, {SAMPLES} runs: p50 {:.1?}, p99 {:.1?} (at most 250 ms), max {:.1?}", at(50), at(99), at(100));
    Ok(())
}

/// How many runs a second some processes take from the queue to their end, as many of one job at once as they like.
async fn empty_runs(server: &Server, db: &Database, url: &str, workers: usize) -> anyhow::Result<f64> {
    server.psql(url, &["-c", "TRUNCATE job_run, job_fence, job_run_event CASCADE", "-c", "VACUUM ANALYZE job_run"])?;
    let now = Clock::system().now();
    for first in (0..RUNS).step_by(AT_ONCE) {
        let tx = db.begin().await?;
        enqueue_all(&*tx, now, (first..first + AT_ONCE).map(|run| new_run(format!("empty/{run}"))).collect()).await?;
        tx.commit().await?;
    }
    server.psql(url, &["-c", "UPDATE job_run SET concurrency_key = NULL", "-c", "VACUUM ANALYZE job_run", "-c", "CHECKPOINT"])?;
    let processes = (0..workers).map(|_| Process::empty(url)).collect::<Result<Vec<_>, _>>()?;
    while server.value(url, "SELECT count(*) FROM job_run WHERE state <> 'SUCCEEDED'")? > 0.0 {
        sleep(CALM).await;
    }
    drop(processes);
    ensure!(server.value(url, "SELECT count(*) FROM job_run WHERE epoch <> 1 OR attempt <> 1")? < 0.5, "a run was done twice");
    server.value(url, "SELECT count(*) / extract(epoch FROM max(finished_at) - min(started_at)) FROM job_run")
}

/// What the program's worker asks of the server while nothing happens, as the server logs it.
async fn idle(server: &Server) -> anyhow::Result<()> {
    let url = server.database("idle")?;
    migrate(&url)?;
    server.psql(&url, &["-c", "UPDATE job_schedule SET enabled = FALSE", "-c", "ALTER DATABASE idle SET log_statement = 'all'"])?;
    let mut command = torikumi(&url);
    command.arg("worker");
    let _worker = Process::start(command)?;
    // Its start is over by then.
    sleep(Duration::from_secs(10)).await;
    let before = statements(server)?;
    sleep(IDLE).await;
    let after = statements(server)?;
    ensure!(before > 0, "the server logs no statements");
    let minutes = IDLE.as_secs() / 60;
    println!("  statements of an idle worker: {} in {minutes} minutes, at most 20 a minute", after - before);
    Ok(())
}

/// How many statements the server has logged.
fn statements(server: &Server) -> anyhow::Result<usize> {
    let log = std::fs::read_to_string(server.log_file())?;
    Ok(log.lines().filter(|line| line.contains("LOG:  statement: ") || line.contains("LOG:  execute ")).count())
}

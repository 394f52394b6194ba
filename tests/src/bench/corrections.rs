//! `corrections`: one late correction of a computed month of 30,000 people, against the whole month, on both engines; and `overtime-outliers`
//! of 30,000 people on SQLite, against PostgreSQL.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use entity::job_run::{self, JobName, RunState, Trigger};
use jobs::clock::Clock;
use jobs::database::Database;
use jobs::ledger::Ledger;
use jobs::transaction::NewRun;
use sea_orm::sqlx::{self, Connection, Row};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tokio::time::sleep;
use torikumi_tests::database::Scratch;
use uuid::Uuid;

use crate::copy::{open, to_sqlite};
use crate::jobs::Process;
use crate::month::{compute, median, run_job};
use crate::outliers;
use crate::platform::torikumi;
use crate::server::Server;

/// The month of the office.
const MONTH: &str = "2018-04";

/// One person's shift is another, and marked as the store marks it.
const CORRECT: [&str; 2] = [
    "UPDATE shift SET overtime_minutes = overtime_minutes + 1, worked_minutes = worked_minutes + 1
        WHERE external_id = (SELECT MIN(external_id) FROM shift)",
    "INSERT INTO stale_mark (id, bureau_id, month, staff_id, receipt_id, created_at)
        SELECT receipt_id, bureau_id, 201804, staff_id, receipt_id, created_at FROM shift
        WHERE external_id = (SELECT MIN(external_id) FROM shift)",
];

/// Nothing starts by itself meanwhile.
const IDLE: &str = "UPDATE job_schedule SET enabled = FALSE";
const ROUNDS: usize = 5;
const LOOK: Duration = Duration::from_millis(20);

/// Measures both engines, on an office of 30,000 people that is written already.
pub async fn run(server: &Server, sql: &Path, url: &str) -> anyhow::Result<()> {
    let folder = Scratch::new()?;
    println!("\ncorrections: one late correction of a month of 30,000 people and 600,000 shifts, in a worker that has run before");
    // What no run has computed yet, the current months among it, is no part of a correction.
    compute(url, "monthly-indicators", MONTH)?;
    run_job(url, &["monthly-indicators"])?;
    server.psql(url, &["-c", IDLE])?;
    let worker = Worker::start(url).await?;
    let (mut whole, mut late) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        server.psql(url, &["-c", CORRECT[0], "-c", CORRECT[1]])?;
        let month = worker.run(true).await?;
        server.psql(url, &["-c", CORRECT[0], "-c", CORRECT[1]])?;
        told(round, month, worker.run(false).await?, &mut whole, &mut late);
    }
    ensure!(server.value(url, "SELECT COUNT(*) FROM stale_mark")? < 0.5, "marks are left");
    print("PostgreSQL", &mut whole, &mut late);
    drop(worker);

    let file = folder.path().join("office.sqlite");
    let on_sqlite = to_sqlite(url, &file).await?;
    // Nobody tells a worker of SQLite's what another process has enqueued: each run has a process of its own there, and its own time is taken.
    let db = Database::connect(&on_sqlite, 1).await?;
    let (mut whole, mut late) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        correct_sqlite(&file).await?;
        compute(&on_sqlite, "monthly-indicators", MONTH)?;
        let month = last_run(&db).await?;
        correct_sqlite(&file).await?;
        run_job(&on_sqlite, &["monthly-indicators"])?;
        told(round, month, last_run(&db).await?, &mut whole, &mut late);
    }
    print("SQLite", &mut whole, &mut late);
    outliers_on_both(server, sql, folder.path()).await
}

/// The program's worker, as it stands beside a server: a correction meets connections that have computed months before.
struct Worker {
    db: Database,
    ledger: Ledger,
    _process: Process,
}

impl Worker {
    async fn start(url: &str) -> anyhow::Result<Self> {
        let db = Database::connect(url, 2).await?;
        let mut command = torikumi(url);
        command.arg("worker").env("TORIKUMI_LOG", "error");
        Ok(Self { ledger: Ledger::new(db.clone(), Clock::system()), db, _process: Process::start(command)? })
    }

    /// Computes the month, or what is marked, and tells what the run took from its claim to its end. Whatever follows from it is over then, too.
    async fn run(&self, whole: bool) -> anyhow::Result<Duration> {
        // The office on SQLite is a copy, with the keys of the runs that there were.
        let key = format!("corrections/{}", Uuid::now_v7());
        let mut wanted = NewRun::new(JobName::MonthlyIndicators, Trigger::Manual, key, "bench".to_owned());
        wanted.period = whole.then(|| MONTH.parse()).transpose()?;
        let (asked, _) = self.ledger.enqueue(wanted).await?;
        let run = loop {
            let run = self.ledger.find(asked.id).await?;
            if run.state.is_over() {
                break run;
            }
            sleep(LOOK).await;
        };
        let goes_on = || job_run::Entity::find().filter(job_run::Column::State.is_in([RunState::Queued, RunState::Running]));
        while goes_on().one(self.db.reader()).await?.is_some() {
            sleep(LOOK).await;
        }
        took(&run)
    }
}

/// The time of the run that was asked for last.
async fn last_run(db: &Database) -> anyhow::Result<Duration> {
    let runs = job_run::Entity::find().filter(job_run::Column::Job.eq(JobName::MonthlyIndicators));
    took(&runs.order_by_desc(job_run::Column::QueuedAt).one(db.reader()).await?.context("no run")?)
}

/// From its claim to its end.
fn took(run: &job_run::Model) -> anyhow::Result<Duration> {
    ensure!(run.state == RunState::Succeeded, "the run did not succeed: {:?}", run.error);
    let (started, finished) = run.started_at.zip(run.finished_at).context("a run that is over has its times")?;
    Ok((finished - started).to_std()?)
}

/// Prints a round and takes its figures, but those of the first, in which the worker meets the month for the first time.
fn told(round: usize, month: Duration, correction: Duration, whole: &mut Vec<Duration>, late: &mut Vec<Duration>) {
    let note = if round == 0 { ", not counted" } else { "" };
    println!("  the month {:.2} s, a correction {:.3} s{note}", month.as_secs_f64(), correction.as_secs_f64());
    if round > 0 {
        whole.push(month);
        late.push(correction);
    }
}

async fn correct_sqlite(file: &Path) -> anyhow::Result<()> {
    let mut db = open(file).await?;
    for step in CORRECT {
        sqlx::query(step).execute(&mut db).await?;
    }
    Ok(db.close().await?)
}

fn print(engine: &str, whole: &mut [Duration], late: &mut [Duration]) {
    let (whole, late) = (median(whole), median(late));
    println!("  {engine}, medians: {late:.3} s against {whole:.2} s for the month: {:.1} % (at most 10)", late / whole * 100.0);
}

/// A month of 30,000 people that has no flag yet, judged on both engines.
async fn outliers_on_both(server: &Server, sql: &Path, folder: &Path) -> anyhow::Result<()> {
    let url = outliers::office(server, sql, "outliers_on_both", 30_000)?;
    let file = folder.join("outliers.sqlite");
    let on_sqlite = to_sqlite(&url, &file).await?;
    let (mut postgres, mut sqlite) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        server.psql(&url, &["-c", outliers::FORGET, "-c", "CHECKPOINT"])?;
        postgres.push(compute(&url, "overtime-outliers", outliers::MONTH)?.time);
        let mut db = open(&file).await?;
        sqlx::raw_sql("DELETE FROM outlier_event; DELETE FROM overtime_outlier; DELETE FROM stale_mark").execute(&mut db).await?;
        db.close().await?;
        sqlite.push(compute(&on_sqlite, "overtime-outliers", outliers::MONTH)?.time);
    }
    let count = "SELECT COUNT(*) FROM overtime_outlier";
    let flags = server.value(&url, count)?;
    let mut db = open(&file).await?;
    let found: i64 = sqlx::query(count).fetch_one(&mut db).await?.try_get(0)?;
    #[expect(clippy::cast_precision_loss, reason = "thousands of flags")]
    let same = (flags - found as f64).abs() < 0.5;
    ensure!(same && flags > 0.5, "the engines disagree: {flags} flags and {found}");
    let (postgres, sqlite) = (median(&mut postgres), median(&mut sqlite));
    println!(
        "  outliers, {flags} flags: SQLite {sqlite:.2} s against PostgreSQL {postgres:.2} s: {:.2} times (at most 3)",
        sqlite / postgres
    );
    Ok(())
}

//! Workers that are killed, frozen, told to stop, or lose their server in the middle of a run: what they leave is what an undisturbed run
//! leaves, and nothing of it twice.
//!
//! The workers are the program itself. Each says in its log where it stands; it is killed on reading that, which is exact between two
//! transactions, and falls on either side of a commit where it is told inside one. Where it went on for too long before it died, the ledger
//! tells, and the trial is repeated. Deliberately absent: a hook in the product.

mod follow_up;
mod office;
mod probe;

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, ensure};
use office::office;
use probe::{Outcome, Probe};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use torikumi_tests::both;
use torikumi_tests::database::{Backend, Cluster, TestDatabase};
use torikumi_tests::server::migrated;
use torikumi_tests::worker::Worker;

/// Seconds; so that a run whose worker is gone goes on soon.
const LEASE: u16 = 4;
/// Each transition and each step of a run.
const LOG: &str = "warn,jobs=debug";
const CLAIMED: &str = "run claimed";
const CHECKPOINT: &str = "checkpoint written, to be committed";
const LEFT: &str = "the attempt lost its run and has left it";
/// How many trials go on at once: on PostgreSQL they mostly wait for a lease to end.
const LANES: usize = 3;
/// How often a trial is repeated where the worker was quicker than its death.
const MOST_TRIALS: usize = 6;

/// A run that nobody disturbs.
struct Undisturbed {
    /// What its worker says, in order.
    milestones: Vec<String>,
    outcome: Outcome,
}

/// The next of a run's milestones that the worker tells.
fn milestone(worker: &mut Worker) -> anyhow::Result<String> {
    loop {
        let event = worker.event()?.context("the worker ended")?;
        if event == CLAIMED || event == CHECKPOINT || event == "attempt over" || event.starts_with("step done") {
            return Ok(event);
        }
    }
}

impl Undisturbed {
    async fn run(backend: Backend) -> anyhow::Result<Self> {
        let database = TestDatabase::new(backend, office).await?;
        let mut worker = Worker::start(&database.url, LEASE, LOG)?;
        let mut milestones = Vec::new();
        while milestones.last().is_none_or(|last| last != "attempt over") {
            milestones.push(milestone(&mut worker)?);
        }
        worker.stop()?;
        let probe = Probe::open(&database.url).await?;
        ensure!(probe.state().await? == "SUCCEEDED");
        let outcome = probe.outcome().await?;
        // Four months and the later year to date, and the marks; each month's figures took the place of others.
        assert_eq!(outcome.checkpoints, 6, "{milestones:#?}");
        assert!(outcome.rows.iter().any(|row| row.ends_with("superseded")) && outcome.digest.is_some());
        Ok(Self { milestones, outcome })
    }

    /// How many checkpoints are committed at a milestone: at least so many, and one more where it is told inside a transaction.
    fn committed(&self, point: usize) -> (i64, i64) {
        let told = self.milestones[..point].iter().filter(|&event| event == CHECKPOINT).count();
        let told = i64::try_from(told).unwrap_or(i64::MAX);
        (told, told + i64::from(self.milestones[point] == CHECKPOINT))
    }
}

/// Kills a worker at a milestone, lets another one end the run, and tells how many checkpoints the first one left.
async fn kill_at(database: TestDatabase, undisturbed: Arc<Undisturbed>, point: usize) -> anyhow::Result<i64> {
    let mut worker = Worker::start(&database.url, LEASE, LOG)?;
    for expected in &undisturbed.milestones[..=point] {
        assert_eq!(milestone(&mut worker)?, *expected);
    }
    worker.kill()?;
    let probe = Probe::open(&database.url).await?;
    if database.backend == Backend::Postgres {
        probe.alone().await?;
    }
    let left = probe.events().await?.get("CHECKPOINT").copied().unwrap_or_default();
    let next = Worker::start(&database.url, LEASE, LOG)?.ready()?;
    probe.over().await?;
    let case = format!("killed at {point}, {:?}, after {left} checkpoints", undisturbed.milestones[point]);
    probe.check(&undisturbed.outcome, &case).await?;
    next.stop()?;
    Ok(left)
}

both!(
    #[ignore = "long: tests/run --whole"]
    a_run_killed_at_any_checkpoint_ends_like_an_undisturbed_one,
    async |backend| {
        let undisturbed = Arc::new(Undisturbed::run(backend).await?);
        let lanes = Arc::new(Semaphore::new(LANES));
        let (mut left, mut trials) = (BTreeSet::new(), 0);
        let mut points: Vec<usize> = (0..undisturbed.milestones.len()).collect();
        for _ in 0..MOST_TRIALS {
            let mut killed = JoinSet::new();
            for point in points.drain(..) {
                let (database, lanes) = (TestDatabase::new(backend, office).await?, Arc::clone(&lanes));
                let undisturbed = Arc::clone(&undisturbed);
                killed.spawn(async move {
                    let _lane = lanes.acquire_owned().await?;
                    anyhow::Ok((point, kill_at(database, undisturbed, point).await?))
                });
            }
            while let Some(trial) = killed.join_next().await {
                let (point, checkpoints) = trial??;
                trials += 1;
                left.insert(checkpoints);
                let (least, most) = undisturbed.committed(point);
                if !(least..=most).contains(&checkpoints) {
                    points.push(point);
                }
            }
        }
        assert_eq!(points, Vec::<usize>::new(), "no worker died there in time");
        let all: BTreeSet<_> = (0..=undisturbed.outcome.checkpoints).collect();
        assert_eq!(left, all, "the run was resumed at each of its checkpoints");
        let points = undisturbed.milestones.len();
        eprintln!("{backend:?}: {trials} workers killed at {points} points around {} checkpoints", undisturbed.outcome.checkpoints);
        Ok(())
    }
);

/// A worker that was sent a signal while it had the run, before its end.
async fn signalled(backend: Backend, signal: &str) -> anyhow::Result<(TestDatabase, Probe, Worker)> {
    for _ in 0..MOST_TRIALS {
        let database = TestDatabase::new(backend, office).await?;
        let mut worker = Worker::start(&database.url, LEASE, LOG)?;
        worker.until("step done: 2019-12 indicators")?;
        worker.signal(signal)?;
        let probe = Probe::open(&database.url).await?;
        if probe.state().await? != "SUCCEEDED" {
            return Ok((database, probe, worker));
        }
    }
    anyhow::bail!("each worker was quicker than the signal")
}

both!(a_worker_frozen_past_its_lease_writes_nothing_when_it_wakes_up, async |backend| {
    let undisturbed = Undisturbed::run(backend).await?;
    let (database, probe, mut frozen) = signalled(backend, "STOP").await?;
    if backend == Backend::Postgres {
        let other = Worker::start(&database.url, LEASE, LOG)?;
        woken_to_nothing(&probe, frozen, &undisturbed).await?;
        return other.stop();
    }
    // One process does everything: another one is refused, for the frozen one lives.
    let second = Worker::start(&database.url, LEASE, LOG)?;
    let (status, said) = second.ended()?;
    assert!(!status.success());
    assert!(said.contains("another process runs jobs on this SQLite database"), "{said}");
    let lasting = "SELECT COUNT(*) FROM job_run WHERE lease_until > strftime('%Y-%m-%dT%H:%M:%S', 'now')";
    probe.until(lasting, 0).await?;
    assert_eq!(probe.state().await?, "RUNNING");
    frozen.signal("CONT")?;
    frozen.until(LEFT)?;
    frozen.until(CLAIMED)?;
    probe.over().await?;
    probe.check(&undisturbed.outcome, "frozen").await?;
    assert!(probe.events().await?.contains_key("LOST"), "it claimed the run anew");
    frozen.stop()
});

/// Lets another worker end the run of a frozen one, which then wakes up and changes nothing.
async fn woken_to_nothing(probe: &Probe, mut frozen: Worker, undisturbed: &Undisturbed) -> anyhow::Result<()> {
    probe.over().await?;
    probe.check(&undisturbed.outcome, "frozen").await?;
    assert!(probe.events().await?.contains_key("LOST"), "another one took it over");
    // What follows from the run has ended as well.
    probe.until("SELECT COUNT(*) FROM job_run WHERE state IN ('QUEUED', 'RUNNING')", 0).await?;
    let before = probe.everything().await?;
    frozen.signal("CONT")?;
    frozen.until(LEFT)?;
    assert_eq!(probe.everything().await?, before);
    frozen.stop()
}

/// Makes workers wait inside the transaction of their checkpoint, until the probe gives the lock back.
async fn close_gate(probe: &Probe) -> anyhow::Result<()> {
    for sql in [
        "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END'",
        "CREATE TRIGGER gate BEFORE INSERT ON job_run_event FOR EACH ROW WHEN (NEW.kind = 'CHECKPOINT') EXECUTE FUNCTION gate()",
        "SELECT pg_advisory_lock(1)",
    ] {
        probe.execute(sql).await?;
    }
    Ok(())
}

/// Waits until a worker stands at the gate.
async fn at_gate(probe: &Probe) -> anyhow::Result<()> {
    let waiting = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted";
    probe.until(waiting, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_frozen_inside_a_transaction_holds_nobody_up() -> anyhow::Result<()> {
    let undisturbed = Undisturbed::run(Backend::Postgres).await?;
    let database = TestDatabase::new(Backend::Postgres, office).await?;
    let probe = Probe::open(&database.url).await?;
    close_gate(&probe).await?;
    let frozen = Worker::start(&database.url, LEASE, LOG)?;
    at_gate(&probe).await?;
    frozen.signal("STOP")?;
    probe.execute("SELECT pg_advisory_unlock(1)").await?;
    let other = Worker::start(&database.url, LEASE, LOG)?;
    woken_to_nothing(&probe, frozen, &undisturbed).await?;
    other.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_outlives_the_crash_of_its_server() -> anyhow::Result<()> {
    let undisturbed = Undisturbed::run(Backend::Postgres).await?;
    let cluster = Cluster::start_durable()?;
    let database = TestDatabase::on(&cluster, office).await?;
    let probe = Probe::open(&database.url).await?;
    close_gate(&probe).await?;
    let worker = Worker::start(&database.url, LEASE, LOG)?;
    at_gate(&probe).await?;
    // The gate's lock goes with the server.
    tokio::task::block_in_place(|| cluster.restart_immediately())?;
    let probe = Probe::open(&database.url).await?;
    assert_ne!(probe.state().await?, "SUCCEEDED");
    probe.over().await?;
    probe.check(&undisturbed.outcome, "the server crashed").await?;
    worker.stop()
}

both!(a_worker_told_to_stop_hands_its_run_back, async |backend| {
    let undisturbed = Undisturbed::run(backend).await?;
    let (database, probe, worker) = signalled(backend, "TERM").await?;
    let (status, said) = worker.ended()?;
    assert!(status.success(), "{status}: {said}");
    assert_eq!(probe.state().await?, "QUEUED", "{said}");
    let spent =
        "SELECT CAST(attempt + losses AS bigint) FROM job_run WHERE reason = 'crash' AND lease_owner IS NULL AND lease_until IS NULL";
    assert_eq!(probe.number(spent).await?, 0);
    let next = Worker::start(&database.url, LEASE, LOG)?;
    probe.over().await?;
    probe.check(&undisturbed.outcome, "stopped").await?;
    let events = probe.events().await?;
    assert_eq!((events.get("HANDED_BACK"), events.get("LOST")), (Some(&1), None));
    next.stop()
});

/// Five minutes of slots, one each second, of an hour that is over: three hundred.
const SLOTS: &str = "UPDATE job_schedule SET enabled = job = 'MONTHLY_INDICATORS', zone = 'UTC', misfire = 'ALL', catch_up_seconds = 86400,
    cron = '* 0-4 ' || extract(hour FROM now() AT TIME ZONE 'UTC' - interval '2 hours') || ' * * *', cursor = now() - interval '3 hours'";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: tests/run --whole"]
async fn four_workers_do_each_of_three_hundred_slots_once() -> anyhow::Result<()> {
    let database = TestDatabase::new(Backend::Postgres, migrated).await?;
    let probe = Probe::open(&database.url).await?;
    probe.execute(SLOTS).await?;
    let workers = (0..4).map(|_| Worker::start(&database.url, 60, "warn")?.ready()).collect::<Result<Vec<_>, _>>()?;
    // The outliers of the months that they compute follow, once for each.
    let slots = "FROM job_run WHERE trigger = 'SCHEDULE'";
    probe.until(&format!("SELECT COUNT(*) {slots} AND state = 'SUCCEEDED'"), 300).await?;
    for worker in workers {
        worker.stop()?;
    }
    assert_eq!(probe.number(&format!("SELECT COUNT(*) {slots}")).await?, 300);
    assert_eq!(probe.number(&format!("SELECT COUNT(DISTINCT slot) {slots} AND epoch = 1 AND attempt = 1 AND losses = 0")).await?, 300);
    for kind in ["ENQUEUED", "CLAIMED", "SUCCEEDED"] {
        let events = format!("SELECT COUNT(*) FROM job_run_event WHERE kind = '{kind}' AND run_id IN (SELECT id {slots})");
        assert_eq!(probe.number(&events).await?, 300);
    }
    let shares = format!(
        "SELECT CAST(COUNT(*) AS text) FROM job_run_event WHERE kind = 'CLAIMED' AND run_id IN (SELECT id {slots})
         GROUP BY data ->> 'worker' ORDER BY 1"
    );
    eprintln!("300 slots, 300 runs, none twice; each worker did {}", probe.texts(&shares).await?.join(", "));
    Ok(())
}

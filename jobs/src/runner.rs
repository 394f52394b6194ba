//! Works off queued runs: as many at a time as it is told to, on SQLite one, the most urgent first.
//!
//! Deliberately absent: any notion of slots (`schedule`), of what a job does (`job`), and of how a run is claimed and settled (`ledger`).

use crate::{
    dialect,
    job::{self, JobError, Output},
    ledger::{
        Fence, Hearing, Ledger, LedgerError, Report,
        claim::Next,
        liveness::{Part, SOON},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    ids::JobRunId,
    job_run,
    period::{FiscalYear, YearMonth},
};
use futures_util::{FutureExt, future::BoxFuture};
use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

/// A run whose wake-up was missed is found at the latest after this long.
const POLL: Duration = Duration::from_secs(30);
/// The shortest wait between two looks that nobody asked for.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a body that must stop has to come to its next checkpoint or end before it is dropped.
const GRACE: Duration = Duration::from_secs(10);

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
    /// What the step was.
    pub phase: Phase,
}

/// What a step of a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The month's person-months.
    PersonMonths(YearMonth),
    /// Measures and indicators of the spans that end with the month.
    Indicators(YearMonth),
    /// The overtime outliers of the month.
    Outliers(YearMonth),
    /// The snapshot of the fiscal year's follow-up.
    Snapshot(FiscalYear),
    /// The draft of the fiscal year's follow-up.
    Draft(FiscalYear),
    /// The digest of the output.
    Digest,
    /// A step that the job names.
    Step(&'static str),
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PersonMonths(month) => write!(f, "{month} person-months"),
            Self::Indicators(month) => write!(f, "{month} indicators"),
            Self::Outliers(month) => write!(f, "{month} outliers"),
            Self::Snapshot(year) => write!(f, "FY{year} snapshot"),
            Self::Draft(year) => write!(f, "FY{year} draft"),
            Self::Digest => f.write_str("digest"),
            Self::Step(name) => f.write_str(name),
        }
    }
}

/// What does a run.
type Body = Arc<dyn for<'a> Fn(&'a Fence) -> BoxFuture<'a, Result<Output, JobError>> + Send + Sync>;

/// Claims runs and does them.
#[derive(Clone)]
pub struct Runner {
    ledger: Ledger,
    hearing: Hearing,
    body: Body,
    grace: Duration,
}

impl Runner {
    /// A runner that tells nobody how far it is.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        let report: Report = Arc::new(|_| ());
        let hearing = Hearing { report, stop: CancellationToken::new() };
        Self { ledger, hearing, body: Arc::new(|fence| Box::pin(job::run(fence.run().job, fence))), grace: GRACE }
    }

    /// The runner, telling `report` after each step.
    #[must_use]
    pub fn with_progress(self, report: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { hearing: Hearing { report: Arc::new(report), ..self.hearing }, ..self }
    }

    /// The runner, doing something else than the job's body: tests and benchmarks drive the ledger with it.
    #[must_use]
    pub fn with_body(self, body: impl for<'a> Fn(&'a Fence) -> BoxFuture<'a, Result<Output, JobError>> + Send + Sync + 'static) -> Self {
        Self { body: Arc::new(body), ..self }
    }

    /// The runner, stopping when `stop` is cancelled: what it does then goes back to the queue at its checkpoint.
    #[must_use]
    pub fn until(self, stop: CancellationToken) -> Self {
        Self { hearing: Hearing { stop, ..self.hearing }, ..self }
    }

    /// The runner, giving a body that must stop no time to do so by itself.
    #[cfg(test)]
    pub(crate) fn without_grace(self) -> Self {
        Self { grace: Duration::ZERO, ..self }
    }

    /// Does every run whose time has come, one after the other, and tells how many attempts it made, failed ones included.
    ///
    /// # Errors
    /// The ledger's; what goes wrong inside a job stands in the run's row.
    pub async fn run_queued(&self) -> Result<usize, LedgerError> {
        let mut done = 0;
        while let Next::Run(fence) = self.ledger.next(&self.hearing).await? {
            self.attempt(*fence).await?;
            done += 1;
        }
        Ok(done)
    }

    /// Makes one attempt at this run, if it can be claimed, and returns its row; otherwise returns it as it stands.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchRun`] and the ledger's others; what goes wrong inside the job stands in the row.
    pub async fn run(&self, id: JobRunId) -> Result<job_run::Model, LedgerError> {
        match self.ledger.claim(Some(id), &self.hearing).await? {
            Some(fence) => self.attempt(fence).await,
            None => self.ledger.find(id).await,
        }
    }

    /// Works until `stop` is cancelled, on up to `at_once` runs at a time; on SQLite on one. It wakes when a run is enqueued in any process,
    /// when one becomes due or loses its worker, and now and then. When it stops, runs that go on are handed back.
    ///
    /// # Errors
    /// [`LedgerError::OtherProcess`] on SQLite where another process runs jobs; later errors are logged, and it goes on.
    pub async fn work(&self, at_once: usize, stop: CancellationToken) -> Result<(), LedgerError> {
        self.ledger.hold_jobs().await?;
        self.ledger.measure_clock().await?;
        let places = Arc::new(Semaphore::new(if self.ledger.is_alone() { 1 } else { at_once.max(1) }));
        let runs = TaskTracker::new();
        let hearing = tokio::spawn({
            let (ledger, stop) = (self.ledger.clone(), stop.clone());
            async move { ledger.hear(&[dialect::CHANNEL], Ledger::wake, stop).await }
        });
        let runner = self.clone().until(stop.clone());
        let going = self.ledger.going(Part::Worker);
        loop {
            going.beat(None);
            let place = tokio::select! {
                () = stop.cancelled() => break,
                place = places.clone().acquire_owned() => place,
            };
            going.beat(Some(SOON));
            let pause = match self.ledger.next(&runner.hearing).await {
                Ok(Next::Run(fence)) => {
                    let runner = runner.clone();
                    runs.spawn(async move {
                        if let Err(error) = runner.attempt(*fence).await {
                            tracing::error!(error = &error as &dyn std::error::Error, "an attempt could not be settled");
                        }
                        drop(place);
                    });
                    continue;
                }
                Ok(Next::Nothing(due)) => self.until_due(due),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "cannot work off the queue");
                    POLL / 10
                }
            };
            drop(place);
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.ledger.woken() => {}
                () = tokio::time::sleep(pause) => self.measure_clock().await,
            }
        }
        runs.close();
        runs.wait().await;
        hearing.abort();
        Ok(())
    }

    /// How long to sleep where nothing is ready before `due`.
    fn until_due(&self, due: Option<DateTime<Utc>>) -> Duration {
        let left = due.map_or(TimeDelta::MAX, |due| due - self.ledger.clock().now());
        left.to_std().unwrap_or_default().clamp(PAUSE, POLL)
    }

    async fn measure_clock(&self) {
        if let Err(error) = self.ledger.measure_clock().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database's clock could not be read");
        }
    }

    /// Does a claimed run until it ends or must stop, with its lease kept beside it, and settles it. Every line that is logged meanwhile
    /// carries the run's id.
    pub(crate) async fn attempt(&self, fence: Fence) -> Result<job_run::Model, LedgerError> {
        let run = fence.run();
        let span = tracing::info_span!("run", run_id = %run.id, job = run.job.as_kebab(), attempt = run.attempt, epoch = run.epoch);
        self.make(fence).instrument(span).await
    }

    async fn make(&self, fence: Fence) -> Result<job_run::Model, LedgerError> {
        let lease = fence.keep_lease();
        let outcome = {
            let body = AssertUnwindSafe(async { (self.body)(&fence).await }).catch_unwind();
            tokio::select! {
                outcome = body => outcome.unwrap_or(Err(JobError::Panicked)),
                reason = fence.interrupted(self.grace) => Err(JobError::Fail(reason)),
            }
        };
        drop(lease);
        fence.settle(outcome).await
    }
}

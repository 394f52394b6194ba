//! Works off queued runs, one at a time and oldest first.
//!
//! Deliberately absent: any notion of time or slots (`schedule`) and of what a job does (`job`).

use crate::{
    job::{self, JobError},
    ledger::{Ledger, LedgerError, Report},
};
use entity::{ids::JobRunId, job_run, period::YearMonth};
use futures_util::FutureExt;
use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// A run that was enqueued by another process is found at the latest after this long.
const POLL: Duration = Duration::from_secs(30);

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
    /// The digest of the output.
    Digest,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PersonMonths(month) => write!(f, "{month} person-months"),
            Self::Indicators(month) => write!(f, "{month} indicators"),
            Self::Digest => f.write_str("digest"),
        }
    }
}

/// Claims runs and does them.
#[derive(Clone)]
pub struct Runner {
    ledger: Ledger,
    report: Report,
}

impl Runner {
    /// A runner that tells nobody how far it is.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger, report: Arc::new(|_| ()) }
    }

    /// The runner, telling `report` after each step.
    #[must_use]
    pub fn with_progress(self, report: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { report: Arc::new(report), ..self }
    }

    /// Does every queued run, and tells how many it did, failed ones included.
    ///
    /// # Errors
    /// The ledger's; what goes wrong inside a job stands in the run's row.
    pub async fn run_queued(&self) -> Result<usize, LedgerError> {
        let mut done = 0;
        while let Some(id) = self.ledger.oldest_queued().await? {
            done += usize::from(self.attempt(id).await?.is_some());
        }
        Ok(done)
    }

    /// Does one queued run and returns its finished row; a run that is not queued is returned as it stands.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchRun`] and the ledger's others; what goes wrong inside the job stands in the row.
    pub async fn run(&self, id: JobRunId) -> Result<job_run::Model, LedgerError> {
        match self.attempt(id).await? {
            Some(run) => Ok(run),
            None => self.ledger.find(id).await,
        }
    }

    /// Works until `stop` is cancelled: wakes when a run is enqueued in this process, and now and then. A run that is going on is finished.
    pub async fn work(&self, stop: CancellationToken) {
        loop {
            while !stop.is_cancelled() {
                match self.next().await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, "cannot work off the queue");
                        break;
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.ledger.woken() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    async fn next(&self) -> Result<bool, LedgerError> {
        let Some(id) = self.ledger.oldest_queued().await? else { return Ok(false) };
        self.attempt(id).await?;
        Ok(true)
    }

    async fn attempt(&self, id: JobRunId) -> Result<Option<job_run::Model>, LedgerError> {
        let Some(fence) = self.ledger.claim(id, self.report.clone()).await? else { return Ok(None) };
        let name = fence.run().job;
        let outcome = AssertUnwindSafe(job::run(name, &fence)).catch_unwind().await;
        fence.finish(outcome.unwrap_or(Err(JobError::Panicked))).await.map(Some)
    }
}

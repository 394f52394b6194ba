//! What operators see of the ledger from outside: its queue in figures, its schedules, its latest runs.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use super::{Ledger, LedgerError};
use crate::dialect;
use chrono::{DateTime, Utc};
use entity::{
    job_run::{self, JobName},
    job_schedule,
};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};
use serde_json::Value as Json;

/// The runs that are not over; the others are counted as they end (`observe`), so that looking costs the same however many there were.
const QUEUE: &str = "SELECT COUNT(CASE WHEN state = 'QUEUED' THEN 1 END), COUNT(CASE WHEN state = 'RETRY_WAIT' THEN 1 END),
        COUNT(CASE WHEN state = 'RUNNING' THEN 1 END), COUNT(CASE WHEN state = 'CANCELLING' THEN 1 END),
        COUNT(CASE WHEN state IN ('QUEUED', 'RETRY_WAIT') AND available_at <= $1 THEN 1 END),
        MIN(CASE WHEN state IN ('QUEUED', 'RETRY_WAIT') AND available_at <= $1 THEN available_at END)
    FROM job_run WHERE state IN ('QUEUED', 'RUNNING', 'RETRY_WAIT', 'CANCELLING')";

/// The output of the latest run of a job that succeeded and was no dry run.
pub(crate) const LATEST_OUTPUT: &str = "SELECT statistics, started_at, finished_at FROM job_run
    WHERE job = $1 AND state = 'SUCCEEDED' AND dry_run = FALSE AND finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 1";

/// The queue at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Runs that wait for their first attempt, or were handed back.
    pub queued: i64,
    /// Runs that wait for a further attempt.
    pub retry_wait: i64,
    /// Runs that go on.
    pub running: i64,
    /// Runs that go on and were asked to stop.
    pub cancelling: i64,
    /// Of those that wait, how many could start now.
    pub ready: i64,
    /// Since when the oldest of these could.
    pub oldest_ready: Option<DateTime<Utc>>,
}

impl Ledger {
    /// The queue as it stands, by one statement over what is not over.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn queue(&self) -> Result<Queue, LedgerError> {
        let row = dialect::one_row(self.db.reader(), QUEUE, vec![self.clock.now().into()]).await?;
        Ok(Queue {
            queued: row.try_get_by_index(0)?,
            retry_wait: row.try_get_by_index(1)?,
            running: row.try_get_by_index(2)?,
            cancelling: row.try_get_by_index(3)?,
            ready: row.try_get_by_index(4)?,
            oldest_ready: row.try_get_by_index(5)?,
        })
    }

    /// All schedules, by job.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn schedules(&self) -> Result<Vec<job_schedule::Model>, LedgerError> {
        Ok(job_schedule::Entity::find().order_by_asc(job_schedule::Column::Job).all(self.db.reader()).await?)
    }

    /// The statistics of the latest run of a job that succeeded and was no dry run, and when it ended.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn latest_output(&self, job: JobName) -> Result<Option<(Json, DateTime<Utc>)>, LedgerError> {
        let rows = dialect::few_rows(self.db.reader(), LATEST_OUTPUT, vec![job.as_text().into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let statistics: Option<Json> = row.try_get("", "statistics")?;
        Ok(statistics.zip(Some(row.try_get("", "finished_at")?)))
    }

    /// The latest `most` runs, the latest first.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn latest_runs(&self, most: u64) -> Result<Vec<job_run::Model>, LedgerError> {
        let runs = job_run::Entity::find().order_by_desc(job_run::Column::QueuedAt).order_by_desc(job_run::Column::Id);
        Ok(runs.limit(most).all(self.db.reader()).await?)
    }
}

//! How an attempt ends: written once, after the last write of its body is over, and only while the run is still this claim's.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use super::{Fence, Ledger, LedgerError, event};
use crate::{
    dialect,
    job::{self, JobError, Output},
    observe,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    job_run::{self, RunOutcome, RunState},
    job_run_event::RunEvent,
};
use sea_orm::{ActiveEnum, ConnectionTrait, EntityTrait};
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// The longest wait between two attempts.
const LONGEST_DELAY: TimeDelta = TimeDelta::hours(1);

/// The fence, for itself alone: waits for a write of the body that is still on its way.
const LOCK: &str = "SELECT epoch FROM job_fence WHERE run_id = $1 {for_update}";
const SETTLE: &str =
    "UPDATE job_run SET state = $2, attempt = $3, available_at = $4, finished_at = $5, statistics = $6, output_digest = $7,
        error = $8, progress = COALESCE(CAST($9 AS {json}), progress), outcome = $10, warnings = $11,
        lease_owner = NULL, lease_until = NULL
    WHERE id = $1";

/// The new values of a run's row.
struct Ending {
    state: RunState,
    event: RunEvent,
    data: Json,
    attempt: i32,
    available_at: DateTime<Utc>,
    output: Option<Output>,
    error: Option<String>,
}

impl Fence {
    /// Writes how the attempt ended and returns the run as it stands then. Of an error the row keeps an id and the author's choice; the rest
    /// is in the log under that id. Where the run is no longer this claim's, nothing is written.
    ///
    /// # Errors
    /// [`LedgerError::Database`], [`LedgerError::NoSuchRun`].
    pub(crate) async fn settle(mut self, outcome: Result<Output, JobError>) -> Result<job_run::Model, LedgerError> {
        self.leave_session(outcome.is_ok());
        let id = self.run.id;
        let now = self.ledger.clock.now();
        if matches!(outcome, Err(JobError::Fail(LedgerError::Fenced) | JobError::Retry(LedgerError::Fenced))) {
            return self.leave().await;
        }
        let ending = self.ending(outcome, now);
        let tx = self.ledger.db.begin().await?;
        let lock = dialect::statement(tx.get_database_backend(), LOCK, vec![id.into()]);
        let epoch: Option<i64> = tx.query_one_raw(lock).await?.map(|row| row.try_get_by_index(0)).transpose()?;
        if epoch != Some(self.run.epoch) {
            tx.rollback().await?;
            return self.leave().await;
        }
        let outcome = ending.output.as_ref().map(|output| output.outcome().to_value());
        let warnings = ending.output.as_ref().map(|output| serde_json::to_value(&output.warnings).unwrap_or_default());
        let (statistics, digest) = ending.output.map(|output| (output.statistics, output.digest)).unzip();
        let values = vec![
            id.into(),
            ending.state.to_value().into(),
            ending.attempt.into(),
            ending.available_at.into(),
            ending.state.is_over().then_some(now).into(),
            statistics.into(),
            digest.into(),
            ending.error.clone().into(),
            self.signals.take_progress().into(),
            outcome.into(),
            warnings.into(),
        ];
        dialect::execute(&*tx, SETTLE, values).await?;
        event::add(&*tx, id, now, ending.event, ending.data).await?;
        // A run of the same key may go on now.
        dialect::notify(&*tx).await?;
        let run = job_run::Entity::find_by_id(id).one(&*tx).await?.ok_or(LedgerError::NoSuchRun)?;
        if run.state.is_over() {
            tx.number_runs(now);
        }
        tx.commit().await?;
        self.ledger.wake();
        if run.state.is_over() {
            observe::ended(run.job, run.state, run.started_at, now);
        }
        let outcome = run.outcome.map(RunOutcome::as_text);
        tracing::info!(run = %id, job = run.job.as_kebab(), state = run.state.as_text(), outcome, digest = run.output_digest, "attempt over");
        Ok(run)
    }

    /// Leaves the run to whom it belongs now.
    async fn leave(&self) -> Result<job_run::Model, LedgerError> {
        tracing::warn!(run = %self.run.id, epoch = self.run.epoch, "the attempt lost its run and has left it");
        self.ledger.find(self.run.id).await
    }

    fn ending(&self, outcome: Result<Output, JobError>, now: DateTime<Utc>) -> Ending {
        let (state, event) = (RunState::Failed, RunEvent::Failed);
        let attempt = self.run.attempt;
        let ending = Ending { state, event, data: json!({}), attempt, available_at: self.run.available_at, output: None, error: None };
        let error = match outcome {
            Ok(output) => {
                let data = json!({ "digest": output.digest });
                return Ending { state: RunState::Succeeded, event: RunEvent::Succeeded, data, output: Some(output), ..ending };
            }
            Err(JobError::Fail(LedgerError::Stopping) | JobError::Retry(LedgerError::Stopping)) => {
                let attempt = (attempt - 1).max(0);
                return Ending { state: RunState::Queued, event: RunEvent::HandedBack, attempt, available_at: now, ..ending };
            }
            Err(JobError::Fail(LedgerError::Cancelled) | JobError::Retry(LedgerError::Cancelled)) => {
                return Ending { state: RunState::Cancelled, event: RunEvent::Cancelled, ..ending };
            }
            Err(error) => error,
        };
        let error_id = Uuid::now_v7();
        tracing::error!(run = %self.run.id, %error_id, attempt, error = &error as &dyn std::error::Error, "an attempt failed");
        let word = format!("{} {error_id}", error.kind());
        let again = matches!(error, JobError::Retry(_)) && error.kind() == "RETRY" && attempt < self.run.max_attempts;
        if again {
            let delay = self.ledger.delay(job::policy(self.run.job).first_delay, attempt);
            let data = json!({ "error": word, "attempt": attempt, "availableAt": now + delay });
            let (state, event) = (RunState::RetryWait, RunEvent::RetryScheduled);
            return Ending { state, event, data, available_at: now + delay, error: Some(word), ..ending };
        }
        Ending { data: json!({ "error": word, "attempt": attempt }), error: Some(word), ..ending }
    }
}

impl Ledger {
    /// The wait after a failed attempt: twice as long each time, and of that between a half and all, so that what failed together does not
    /// come back together.
    pub(crate) fn delay(&self, first: TimeDelta, attempt: i32) -> TimeDelta {
        let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(20);
        let whole = first.checked_mul(1_i32 << doublings).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY);
        let jitter = 0.5 + (self.random)().clamp(0.0, 1.0) / 2.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "an hour in milliseconds is exact")]
        TimeDelta::milliseconds((whole.num_milliseconds() as f64 * jitter) as i64)
    }
}

//! How a worker comes by a run: it looks, takes back what vanished workers left, and claims.
//!
//! A claim is one statement, the same on both engines, that no two workers can win. What was lost is queued again first, under a raised
//! epoch, so that every claim starts from the queue.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use super::{Fence, Hearing, Ledger, LedgerError, backfill::BEHIND, event};
use crate::{dialect, job, observe};
use chrono::{DateTime, Utc};
use entity::{
    ids::JobRunId,
    job_run::{self, RunState},
    job_run_event::RunEvent,
};
use sea_orm::{ActiveEnum, ConnectionTrait, DbBackend, EntityTrait, SqlErr, Value};
use serde_json::json;
use std::fs::{File, TryLockError};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

/// How many times a run may lose its worker before it is taken for what kills them.
pub const MOST_LOSSES: i32 = 5;

/// A run whose time has come waits, and none of its key goes on. Not a join, before which PostgreSQL would sort the whole queue.
const READY: &str = "j.state IN ('QUEUED', 'RETRY_WAIT')
    AND (j.concurrency_key IS NULL OR j.concurrency_key NOT IN (SELECT r.concurrency_key FROM job_run r
        WHERE r.state IN ('RUNNING', 'CANCELLING') AND r.concurrency_key IS NOT NULL))";
/// Of the waiting runs the first in the index is taken, for PostgreSQL would read them all to find the least.
const LOOK: &str = "SELECT (SELECT j.available_at FROM job_run j WHERE {ready} ORDER BY j.available_at LIMIT 1),
    (SELECT MIN(lease_until) FROM job_run WHERE state IN ('RUNNING', 'CANCELLING')),
    CAST(CASE WHEN EXISTS (SELECT 1 FROM job_backfill b WHERE {behind}) THEN 1 ELSE 0 END AS bigint)";
const CLAIM: &str = "UPDATE job_run SET state = 'RUNNING', epoch = epoch + 1, attempt = attempt + 1,
        started_at = COALESCE(started_at, $1), lease_owner = $2, lease_until = $3, code_version = $4, error = NULL
    WHERE id = (SELECT j.id FROM job_run j WHERE j.available_at <= $1 AND {ready} {only}
        ORDER BY j.priority, j.available_at, j.id LIMIT 1 {skip_locked_j})
    RETURNING *";
const RAISE: &str = "UPDATE job_fence SET epoch = epoch + 1 WHERE run_id = $1";
const LOST: &str = "SELECT r.id FROM job_run r JOIN job_fence f ON f.run_id = r.id
    WHERE r.state IN ('RUNNING', 'CANCELLING') AND r.lease_until <= $1
    ORDER BY r.lease_until LIMIT 1 {skip_locked_r_f}";
/// Whoever had a run is gone.
pub(crate) const END_LEASES: &str = "UPDATE job_run SET lease_until = $1 WHERE state IN ('RUNNING', 'CANCELLING')";
const TAKE_BACK: &str = "UPDATE job_run SET state = $2, epoch = epoch + 1, losses = losses + 1, attempt = $3, available_at = $4,
        finished_at = $5, error = $6, lease_owner = NULL, lease_until = NULL
    WHERE id = $1";

/// What a look asks: when the first waiting run may be claimed, and when the first lease ends.
pub(crate) fn look() -> String {
    LOOK.replace("{ready}", READY).replace("{behind}", BEHIND)
}

/// What a look found.
pub(crate) enum Next {
    /// A run, claimed.
    Run(Box<Fence>),
    /// Nothing, and before this instant nothing will be ready of itself.
    Nothing(Option<DateTime<Utc>>),
}

impl Ledger {
    /// Claims the most urgent run whose time has come, after taking back what was lost and bringing backfills on. An idle look is one
    /// statement.
    pub(crate) async fn next(&self, hearing: &Hearing) -> Result<Next, LedgerError> {
        let row = dialect::one_row(self.db.reader(), &look(), vec![]).await?;
        let (mut ready, lost): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let now = self.clock.now();
        if lost.is_some_and(|lost| lost <= now) {
            while self.take_back().await? {
                ready = Some(now);
            }
        }
        if row.try_get_by_index::<i64>(2)? == 1 && self.advance_backfills().await? > 0 {
            ready = Some(now);
        }
        if ready.is_some_and(|ready| ready <= now)
            && let Some(fence) = self.claim(None, hearing).await?
        {
            return Ok(Next::Run(Box::new(fence)));
        }
        Ok(Next::Nothing([ready, lost].into_iter().flatten().filter(|&at| at > now).min()))
    }

    /// Claims the most urgent run, or this one; `None` where there is none to be had.
    ///
    /// # Errors
    /// [`LedgerError::OtherProcess`] on SQLite, [`LedgerError::Database`].
    pub(crate) async fn claim(&self, only: Option<JobRunId>, hearing: &Hearing) -> Result<Option<Fence>, LedgerError> {
        self.hold_jobs().await?;
        let turn = self.take_turn().await;
        let now = self.clock.now();
        let sql = CLAIM.replace("{ready}", READY).replace("{only}", if only.is_some() { "AND j.id = $5" } else { "" });
        let until = now + self.lease;
        let mut values: Vec<Value> = vec![now.into(), self.owner.as_ref().into(), until.into(), super::CODE_VERSION.into()];
        values.extend(only.map(Value::from));
        let tx = self.db.begin().await?;
        let claim = dialect::statement(tx.get_database_backend(), &sql, values);
        let claimed = match job_run::Entity::find().from_raw_sql(claim).one(&*tx).await {
            // Another worker just claimed a run of the same key; those of other keys are worth another look.
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                self.wake();
                None
            }
            claimed => claimed?,
        };
        let Some(mut run) = claimed else {
            tx.rollback().await?;
            return Ok(None);
        };
        if run.deadline.is_none() {
            run.deadline = Some(now + job::policy(run.job).time_limit);
            let set = "UPDATE job_run SET deadline = $2 WHERE id = $1";
            dialect::execute(&*tx, set, vec![run.id.into(), run.deadline.into()]).await?;
        }
        dialect::execute(&*tx, RAISE, vec![run.id.into()]).await?;
        let data = json!({ "attempt": run.attempt, "epoch": run.epoch, "worker": run.lease_owner, "resumed": run.checkpoint.is_some() });
        event::add(&*tx, run.id, now, RunEvent::Claimed, data).await?;
        tx.commit().await?;
        if let Some(slot) = run.slot.filter(|_| run.started_at == Some(now)) {
            observe::slot_started(run.job, slot, now);
        }
        self.tell();
        tracing::info!(run = %run.id, job = run.job.as_kebab(), attempt = run.attempt, epoch = run.epoch, "run claimed");
        Ok(Some(Fence::new(self.clone(), run, hearing.clone(), turn)))
    }

    /// Takes back one run whose lease has ended, and tells whether there was one. A run whose worker is inside a write transaction is left
    /// until the engine has ended that.
    pub(crate) async fn take_back(&self) -> Result<bool, LedgerError> {
        let now = self.clock.now();
        let tx = self.db.begin().await?;
        let lost = dialect::statement(tx.get_database_backend(), LOST, vec![now.into()]);
        let Some(row) = tx.query_one_raw(lost).await? else {
            tx.rollback().await?;
            return Ok(false);
        };
        let id: JobRunId = row.try_get_by_index(0)?;
        let run = job_run::Entity::find_by_id(id).one(&*tx).await?.ok_or(LedgerError::NoSuchRun)?;
        let (state, error) = if run.state == RunState::Cancelling {
            (RunState::Cancelled, None)
        } else if run.losses + 1 >= MOST_LOSSES {
            (RunState::Failed, Some(format!("LOST {}", Uuid::now_v7())))
        } else if run.deadline.is_some_and(|deadline| deadline <= now) {
            (RunState::Failed, Some(format!("DEADLINE {}", Uuid::now_v7())))
        } else {
            (RunState::Queued, None)
        };
        let finished = state.is_over().then_some(now);
        let values =
            vec![id.into(), state.to_value().into(), (run.attempt - 1).max(0).into(), now.into(), finished.into(), error.clone().into()];
        dialect::execute(&*tx, RAISE, vec![id.into()]).await?;
        dialect::execute(&*tx, TAKE_BACK, values).await?;
        let data = json!({ "losses": run.losses + 1, "worker": run.lease_owner });
        event::add(&*tx, id, now, RunEvent::Lost, data).await?;
        match state {
            RunState::Cancelled => event::add(&*tx, id, now, RunEvent::Cancelled, json!({})).await?,
            RunState::Failed => event::add(&*tx, id, now, RunEvent::Failed, json!({ "error": error })).await?,
            _ => {}
        }
        dialect::notify(&*tx).await?;
        if state.is_over() {
            tx.number_runs(now);
        }
        tx.commit().await?;
        observe::lease_lost(run.job);
        if state.is_over() {
            observe::ended(run.job, state, run.started_at, now);
        }
        self.tell();
        tracing::warn!(run = %id, losses = run.losses + 1, state = state.as_text(), error, "a run lost its worker");
        Ok(true)
    }

    /// On SQLite, makes this process the one that runs jobs, until it ends; what a former one left running has lost its worker. PostgreSQL
    /// takes any number.
    ///
    /// # Errors
    /// [`LedgerError::OtherProcess`] where another process runs jobs, [`LedgerError::LockFile`], [`LedgerError::Database`].
    pub async fn hold_jobs(&self) -> Result<(), LedgerError> {
        if self.db.backend() != DbBackend::Sqlite {
            return Ok(());
        }
        let mut held = self.jobs_file.lock().await;
        if held.is_some() {
            return Ok(());
        }
        let Some(path) = self.db.job_lock_file() else { return Ok(()) };
        let file = File::options().create(true).append(true).open(path).map_err(LedgerError::LockFile)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LedgerError::OtherProcess),
            Err(TryLockError::Error(error)) => return Err(LedgerError::LockFile(error)),
        }
        let tx = self.db.begin().await?;
        dialect::execute(&*tx, END_LEASES, vec![self.clock.now().into()]).await?;
        tx.commit().await?;
        *held = Some(file);
        Ok(())
    }

    /// SQLite's one run at a time.
    async fn take_turn(&self) -> Option<OwnedMutexGuard<()>> {
        if self.db.backend() == DbBackend::Sqlite { Some(self.turn.clone().lock_owned().await) } else { None }
    }
}

//! One claim of one run: the job's only way to the database.
#![expect(clippy::disallowed_types, reason = "this is the jobs' door to the database")]

use super::{Ledger, LedgerError, event, lease::Signals};
use crate::{
    clock::Clock,
    database::{Session, WriteTransaction},
    dialect, job,
    runner::{Phase, Progress},
    settings::Settings,
    transaction::{self, NewRun},
};
use chrono::{DateTime, Utc};
use entity::{
    job_run::{self, JobName, Trigger},
    job_run_event::RunEvent,
    period::YearMonth,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Value};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{OnceCell, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

/// Rows in one write transaction: few enough that on SQLite, where mutations wait for it, it takes less than 200 ms.
const CHUNK_SQLITE: i64 = 1_500;
/// On PostgreSQL nobody waits; a chunk is bounded so that no transaction is long.
const CHUNK_POSTGRES: i64 = 10_000;
/// Timers take no longer waits, and no run is given longer.
const LONGEST_WAIT: Duration = Duration::from_hours(366 * 24);

/// The epoch while the lease lasts, whether somebody asked the run to stop, and on PostgreSQL a limit for the statements of this transaction:
/// they hold the fence, and who takes the run over waits for it. A process that slept past its lease writes nothing, though nobody has the
/// run yet.
const CHECK: &str = "SELECT f.epoch, CAST(CASE WHEN r.cancel_requested_at IS NULL THEN 0 ELSE 1 END AS bigint) {limit_statements}
    FROM job_fence f JOIN job_run r ON r.id = f.run_id WHERE f.run_id = $1 AND r.lease_until > $2 {for_share_f}";
const CHECKPOINT: &str = "UPDATE job_run SET checkpoint = $2, definition_version = $3 WHERE id = $1";

/// Who hears how far a run has come.
pub(crate) type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// Whom a run tells how far it is, and who may tell it to stop.
#[derive(Clone)]
pub(crate) struct Hearing {
    pub report: Report,
    pub stop: CancellationToken,
}

/// One claim of one run, and the job's only way to the database.
pub struct Fence {
    pub(super) ledger: Ledger,
    pub(super) run: job_run::Model,
    pub(super) signals: Arc<Signals>,
    session: OnceCell<Session>,
    hearing: Hearing,
    done: AtomicU64,
    total: AtomicU64,
    #[cfg_attr(not(test), expect(dead_code, reason = "held until the attempt ends"))]
    turn: Option<OwnedMutexGuard<()>>,
}

impl Fence {
    pub(super) fn new(ledger: Ledger, run: job_run::Model, hearing: Hearing, turn: Option<OwnedMutexGuard<()>>) -> Self {
        let (done, total) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { ledger, run, signals: Arc::default(), session: OnceCell::new(), hearing, done, total, turn }
    }

    /// The run, as claimed: period and as-of stand in it.
    #[must_use]
    pub fn run(&self) -> &job_run::Model {
        &self.run
    }

    /// The instant that the run's output carries: that of its first claim, so that one run has one, however often it is resumed.
    #[must_use]
    pub fn computed_at(&self) -> DateTime<Utc> {
        self.run.started_at.unwrap_or(self.run.as_of)
    }

    /// What the job needs to know beside the database.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.ledger.settings()
    }

    /// The clock, for when something outside the database was done. What a run computes rests on [`Self::run`] alone.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.ledger.clock()
    }

    /// Where a former attempt of this run stood, if it wrote a checkpoint that this version of the job reads.
    #[must_use]
    pub fn resume<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        let same = self.run.definition_version == Some(job::policy(self.run.job).version);
        let stored = self.run.checkpoint.clone().filter(|_| same)?;
        serde_json::from_value(stored).map_err(|error| tracing::warn!(run = %self.run.id, %error, "an unreadable checkpoint")).ok()
    }

    /// Opens a transaction that sees one state of the database and may write TEMP tables, which last until the attempt ends.
    ///
    /// # Errors
    /// Why the job must not go on ([`LedgerError::Fenced`], `Cancelled`, `Stopping`, `Deadline`), [`LedgerError::Database`].
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, LedgerError> {
        self.check()?;
        Ok(self.session().await?.snapshot().await?)
    }

    /// Opens a transaction that may write, after checking that the run is still this claim's.
    ///
    /// # Errors
    /// As [`Self::snapshot`]; then nothing was written.
    pub async fn write(&self) -> Result<WriteTransaction, LedgerError> {
        self.check()?;
        self.open_write(false).await
    }

    /// As [`Self::write`], for what has already happened outside the database: also while the run is being stopped or cancelled.
    ///
    /// # Errors
    /// [`LedgerError::Fenced`], [`LedgerError::Database`]; then nothing was written.
    pub async fn write_down(&self) -> Result<WriteTransaction, LedgerError> {
        self.open_write(true).await
    }

    async fn open_write(&self, even_cancelled: bool) -> Result<WriteTransaction, LedgerError> {
        let tx = self.session().await?.begin().await?;
        let values = vec![self.run.id.into(), self.ledger.clock.now().into()];
        let row = tx.query_one_raw(dialect::statement(tx.get_database_backend(), CHECK, values)).await?;
        let row = row.map(|row| Ok::<(i64, i64), sea_orm::DbErr>((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).transpose()?;
        let error = match row {
            Some((epoch, cancelled)) if epoch == self.run.epoch && (cancelled == 0 || even_cancelled) => return Ok(tx),
            Some((epoch, _)) if epoch == self.run.epoch => LedgerError::Cancelled,
            _ => LedgerError::Fenced,
        };
        tx.rollback().await?;
        Err(error)
    }

    /// Commits the job's write transaction together with where the job stands after it, from where a taken-over run goes on, and tells those
    /// who follow it.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn checkpoint(&self, tx: WriteTransaction, state: &(impl serde::Serialize + Sync)) -> Result<(), LedgerError> {
        let state = serde_json::to_value(state).unwrap_or_default();
        let version = job::policy(self.run.job).version;
        dialect::execute(&*tx, CHECKPOINT, vec![self.run.id.into(), state.into(), version.into()]).await?;
        let data = json!({ "done": self.done.load(Ordering::Relaxed), "total": self.total.load(Ordering::Relaxed) });
        event::add(&*tx, self.run.id, self.ledger.clock.now(), RunEvent::Checkpoint, data).await?;
        tracing::debug!(run = %self.run.id, "checkpoint written, to be committed");
        tx.commit().await?;
        self.ledger.tell();
        Ok(())
    }

    /// Copies the rows `seq` = 1 to `rows` of a TEMP table into ours, a chunk to a transaction. Each statement takes the chunk as
    /// `seq > $1 AND seq <= $2`, and its own values from `$3` on.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn copy(&self, rows: i64, statements: &[(&str, Vec<Value>)]) -> Result<(), LedgerError> {
        let mut from = 0;
        while from < rows {
            let tx = self.write().await?;
            // A checkpoint or the end of the run makes it durable; what is lost before that is done again.
            dialect::flush_later(&*tx).await?;
            from = self.copy_chunk(&tx, from, statements).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// As [`Self::copy`], with a checkpoint in the last chunk's transaction, or in one of its own where there are no rows.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn copy_to_checkpoint(
        &self,
        rows: i64,
        statements: &[(&str, Vec<Value>)],
        state: &(impl serde::Serialize + Sync),
    ) -> Result<(), LedgerError> {
        let mut from = 0;
        loop {
            let tx = self.write().await?;
            if from < rows {
                from = self.copy_chunk(&tx, from, statements).await?;
            }
            if from >= rows {
                return self.checkpoint(tx, state).await;
            }
            tx.commit().await?;
        }
    }

    /// Copies the chunk after `from` and tells where it ended.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn copy_chunk(&self, tx: &WriteTransaction, from: i64, statements: &[(&str, Vec<Value>)]) -> Result<i64, LedgerError> {
        let chunk = if tx.get_database_backend() == DbBackend::Postgres { CHUNK_POSTGRES } else { CHUNK_SQLITE };
        for (sql, values) in statements {
            let mut all = vec![from.into(), (from + chunk).into()];
            all.extend(values.iter().cloned());
            dialect::execute(&**tx, sql, all).await?;
        }
        Ok(from + chunk)
    }

    /// Writes SQLite's file anew without what was erased from it, while all that write wait: for a job that erases seldom.
    ///
    /// # Errors
    /// As [`Self::snapshot`].
    pub async fn vacuum(&self) -> Result<(), LedgerError> {
        self.check()?;
        Ok(self.session().await?.vacuum().await?)
    }

    /// Asks for runs that rest on what this one wrote, or on which it rests, one for each period (`None` for all) that no run covers which has yet
    /// to begin: that one will see what was written, and keeps the cause that it has. However often this run is resumed, it asks once.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn follow(&self, job: JobName, mut periods: Vec<Option<YearMonth>>) -> Result<(), LedgerError> {
        let tx = self.snapshot().await?;
        let waiting = "SELECT DISTINCT period FROM job_run WHERE job = $1 AND state = 'QUEUED' AND checkpoint IS NULL AND dry_run = FALSE";
        for row in dialect::few_rows(&tx, waiting, vec![job.as_text().into()]).await? {
            let waits: Option<YearMonth> = row.try_get_by_index(0)?;
            // A run of all that is stale covers each month of another job, but none of one's own that nobody marked.
            periods.retain(|period| (waits.is_some() || job == self.run.job) && *period != waits);
        }
        tx.commit().await?;
        if periods.is_empty() {
            return Ok(());
        }
        let new = |period: Option<YearMonth>| {
            let name = period.map_or_else(|| "all".to_owned(), |month| month.to_string());
            let key = format!("{}/run/{}/{name}", job.as_kebab(), self.run.id);
            NewRun { period, cause_id: Some(self.run.id), ..NewRun::new(job, Trigger::Run, key, "system".to_owned()) }
        };
        let tx = self.write().await?;
        transaction::enqueue_all(&*tx, self.ledger.clock.now(), periods.into_iter().map(new).collect()).await?;
        tx.commit().await?;
        self.ledger.wake();
        Ok(())
    }

    /// Makes sure that the clock can be trusted with what cannot be taken back.
    ///
    /// # Errors
    /// [`LedgerError::Clock`], [`LedgerError::Database`].
    pub async fn trust_clock(&self) -> Result<(), LedgerError> {
        self.ledger.distrust(self.run.as_of).await?.map_or(Ok(()), |reason| Err(LedgerError::Clock(reason)))
    }

    /// Says how many steps the run has.
    pub fn expect_steps(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Says how many of them a former attempt has done.
    pub fn skip_steps(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    /// Reports that one more step is done.
    pub fn step(&self, phase: Phase) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let total = self.total.load(Ordering::Relaxed);
        tracing::debug!(run = %self.run.id, %phase, done, "step done");
        self.signals.progressed(json!({ "done": done, "total": total, "phase": phase.to_string() }));
        (self.hearing.report)(Progress { done, total, phase });
    }

    /// Why the job must not go on, as far as it is known here.
    fn check(&self) -> Result<(), LedgerError> {
        if self.signals.lost.is_cancelled() {
            return Err(LedgerError::Fenced);
        }
        if self.signals.cancelled.is_cancelled() {
            return Err(LedgerError::Cancelled);
        }
        if self.run.deadline.is_some_and(|deadline| deadline <= self.ledger.clock.now()) {
            return Err(LedgerError::Deadline);
        }
        if self.hearing.stop.is_cancelled() { Err(LedgerError::Stopping) } else { Ok(()) }
    }

    /// Waits until the job must not go on, and says why: at once where the run is lost, after `grace` where the job may still come to a
    /// good end by itself.
    pub(crate) async fn interrupted(&self, grace: Duration) -> LedgerError {
        let left = self.run.deadline.map_or(chrono::TimeDelta::MAX, |deadline| deadline - self.ledger.clock.now());
        let left = left.to_std().unwrap_or_default().min(LONGEST_WAIT);
        let asked = async {
            let error = tokio::select! {
                () = self.signals.cancelled.cancelled() => LedgerError::Cancelled,
                () = tokio::time::sleep(left) => LedgerError::Deadline,
                () = self.hearing.stop.cancelled() => LedgerError::Stopping,
            };
            tokio::time::sleep(grace).await;
            error
        };
        tokio::select! {
            () = self.signals.lost.cancelled() => LedgerError::Fenced,
            error = asked => error,
        }
    }

    /// The attempt's own connection, taken when it is first needed.
    async fn session(&self) -> Result<&Session, LedgerError> {
        Ok(self.session.get_or_try_init(|| self.ledger.session_for_attempt()).await?)
    }

    /// Gives SQLite's turn up, as the process of a frozen claim has given it up when another one has its run.
    #[cfg(test)]
    pub(crate) fn give_up_turn(&mut self) {
        self.turn = None;
    }

    /// Lets the deadline be at an instant.
    #[cfg(test)]
    pub(crate) fn end_at(&mut self, at: DateTime<Utc>) {
        self.run.deadline = Some(at);
    }

    /// Leaves the session to the next run, where the body came to its end. Otherwise it is ended, beside us: where the body was dropped in the
    /// middle of a statement, the server may take long to notice.
    pub(super) fn leave_session(&mut self, is_whole: bool) {
        if let Some(session) = self.session.take() {
            if is_whole {
                return self.ledger.leave_to_next(session);
            }
            tokio::spawn(async move {
                if let Err(error) = session.close().await {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a job's session did not close");
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::tests::office::offices;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn who_follows_hears_of_a_checkpoint_at_once() {
        for office in offices().await {
            let hearing = Hearing { report: Arc::new(|_| ()), stop: CancellationToken::new() };
            let id = office.enqueue(None).await;
            let fence = office.ledger.claim(Some(id), &hearing).await.unwrap().unwrap();
            let rung = || office.ledger.news.notified().now_or_never().is_some();
            assert!(rung(), "of the claim");
            let tx = fence.write().await.unwrap();
            assert!(!rung());
            fence.checkpoint(tx, &7).await.unwrap();
            assert!(rung());
            fence.copy_to_checkpoint(0, &[], &8).await.unwrap();
            assert!(rung());
            let stored = office.ledger.find(id).await.unwrap();
            assert_eq!(stored.checkpoint, Some(8.into()));
        }
    }
}

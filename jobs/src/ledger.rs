//! The second door: runs as rows, and the [`Fence`] behind which a job reads and writes.
//!
//! A Fence is made by the runner alone. It stands for one claim of one run (its epoch) and owns a database session. Each write transaction
//! first checks that the epoch is still its own, so that a paused process that wakes up changes nothing. Deliberately absent: leases,
//! heartbeats and takeovers, which raise the epoch; a job needs no change when they come.
#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use crate::{
    clock::Clock,
    database::{Database, DatabaseError, Session, WriteTransaction},
    dialect, inside,
    job::{JobError, Output},
    runner::{Phase, Progress},
};
use chrono::{DateTime, Utc};
use entity::{
    ids::JobRunId,
    job_run::{self, RunState},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    Value, sea_query::Expr,
};
use std::{
    fs::{File, TryLockError},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};
use uuid::Uuid;

/// The advisory lock that the running worker's session holds on PostgreSQL.
const RUNNING: i64 = 0x746f_7269_2d72_756e;
/// How long to wait before asking again for the lock that another process holds.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// Rows in one write transaction: few enough that on SQLite, where mutations wait for it, it takes less than 200 ms.
const CHUNK_SQLITE: i64 = 1_500;
/// On PostgreSQL nobody waits; a chunk is bounded so that no transaction is long.
const CHUNK_POSTGRES: i64 = 10_000;

/// Why the ledger refused.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The run's epoch is no longer this claim's: another worker has it, and nothing was written.
    #[error("the run belongs to another claim")]
    Fenced,
    /// The file that keeps two processes from running jobs on one SQLite database could not be locked.
    #[error("the lock file of the jobs: {0}")]
    LockFile(#[source] std::io::Error),
    /// There is no such run.
    #[error("there is no such run")]
    NoSuchRun,
}

impl From<DbErr> for LedgerError {
    fn from(error: DbErr) -> Self {
        Self::Database(error.into())
    }
}

/// The runs of all jobs. Clones share one queue and one turn: at most one run goes on at a time.
#[derive(Clone)]
pub struct Ledger {
    db: Database,
    clock: Clock,
    queue: Arc<Notify>,
    turn: Arc<Mutex<()>>,
}

impl Ledger {
    /// The ledger in this database.
    #[must_use]
    pub fn new(db: Database, clock: Clock) -> Self {
        Self { db, clock, queue: Arc::new(Notify::new()), turn: Arc::new(Mutex::new(())) }
    }

    /// The ledger's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Enqueues a run in a transaction of its own and wakes the runner; `false` where its dedupe key has a run already, which is returned.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn enqueue(&self, run: inside::NewRun) -> Result<(job_run::Model, bool), LedgerError> {
        let tx = self.db.begin().await?;
        let stored = inside::enqueue(&*tx, self.clock.now(), run).await?;
        tx.commit().await?;
        self.wake();
        Ok(stored)
    }

    /// Wakes the runner of this process: call it after the commit of a transaction that enqueued a run.
    pub fn wake(&self) {
        self.queue.notify_one();
    }

    /// Waits until somebody calls [`Self::wake`].
    pub(crate) async fn woken(&self) {
        self.queue.notified().await;
    }

    /// The run as it stands.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchRun`], [`LedgerError::Database`].
    pub async fn find(&self, id: JobRunId) -> Result<job_run::Model, LedgerError> {
        job_run::Entity::find_by_id(id).one(self.db.reader()).await?.ok_or(LedgerError::NoSuchRun)
    }

    /// Whether a run with this dedupe key is in the ledger; a look without a write.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn is_known(&self, dedupe_key: &str) -> Result<bool, LedgerError> {
        let run = job_run::Entity::find().filter(job_run::Column::DedupeKey.eq(dedupe_key)).one(self.db.reader()).await?;
        Ok(run.is_some())
    }

    /// The run that waits longest.
    pub(crate) async fn oldest_queued(&self) -> Result<Option<JobRunId>, LedgerError> {
        let oldest = job_run::Entity::find()
            .filter(job_run::Column::State.eq(RunState::Queued))
            .order_by_asc(job_run::Column::QueuedAt)
            .order_by_asc(job_run::Column::Id)
            .one(self.db.reader())
            .await?;
        Ok(oldest.map(|run| run.id))
    }

    /// Waits for the turn and claims a queued run; `None` where it is no longer queued.
    pub(crate) async fn claim(&self, id: JobRunId, progress: Report) -> Result<Option<Fence>, LedgerError> {
        let turn = self.turn.clone().lock_owned().await;
        let session = self.db.session().await?;
        let lock = lock_across_processes(&self.db, &session).await?;
        let tx = session.begin().await?;
        let claimed = job_run::Entity::update_many()
            .col_expr(job_run::Column::State, Expr::value(RunState::Running.to_value()))
            .col_expr(job_run::Column::Epoch, Expr::col(job_run::Column::Epoch).add(1))
            .col_expr(job_run::Column::StartedAt, Expr::value(self.clock.now()))
            .filter(job_run::Column::Id.eq(id))
            .filter(job_run::Column::State.eq(RunState::Queued))
            .exec(&*tx)
            .await?;
        let run = job_run::Entity::find_by_id(id).one(&*tx).await?.ok_or(LedgerError::NoSuchRun)?;
        tx.commit().await?;
        if claimed.rows_affected == 0 {
            session.close().await?;
            return Ok(None);
        }
        let (done, total) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Some(Fence { run, session, clock: self.clock.clone(), progress, done, total, _turn: (turn, lock) }))
    }
}

/// Who hears how far a run has come.
pub(crate) type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// One claim of one run, and the job's only way to the database.
pub struct Fence {
    run: job_run::Model,
    session: Session,
    clock: Clock,
    progress: Report,
    done: AtomicU64,
    total: AtomicU64,
    _turn: (OwnedMutexGuard<()>, Option<File>),
}

impl Fence {
    /// The run, as claimed: period and as-of stand in it.
    #[must_use]
    pub fn run(&self) -> &job_run::Model {
        &self.run
    }

    /// The instant that the run's output carries: that of its claim, so that one run has one.
    #[must_use]
    pub fn computed_at(&self) -> DateTime<Utc> {
        self.run.started_at.unwrap_or(self.run.as_of)
    }

    /// Opens a transaction that sees one state of the database (REPEATABLE READ) and writes TEMP tables only. End it by `commit`, or its
    /// TEMP tables go with it; end it before [`Self::write`], for the session is one connection.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, LedgerError> {
        Ok(self.session.snapshot().await?)
    }

    /// Opens a transaction that may write, once the epoch has proven to be this claim's; on PostgreSQL the check holds a share lock, so that
    /// no takeover falls between it and the commit.
    ///
    /// # Errors
    /// [`LedgerError::Fenced`] where it is not, [`LedgerError::Database`].
    pub async fn write(&self) -> Result<WriteTransaction, LedgerError> {
        let tx = self.session.begin().await?;
        let check = "SELECT epoch FROM job_run WHERE id = $1 {for_share}";
        let row = tx.query_one_raw(dialect::statement(tx.get_database_backend(), check, vec![self.run.id.into()])).await?;
        let epoch: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        if epoch == Some(self.run.epoch) {
            return Ok(tx);
        }
        tx.rollback().await?;
        Err(LedgerError::Fenced)
    }

    /// Copies the rows `seq` = 1 to `rows` of a TEMP table into ours, a chunk to a transaction. Each statement takes the chunk as
    /// `seq > $1 AND seq <= $2`, and its own values from `$3` on.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn copy(&self, rows: i64, statements: &[(&str, Vec<Value>)]) -> Result<(), LedgerError> {
        let postgres = self.session.connection().get_database_backend() == DbBackend::Postgres;
        let chunk = if postgres { CHUNK_POSTGRES } else { CHUNK_SQLITE };
        let mut from = 0;
        while from < rows {
            let tx = self.write().await?;
            for (sql, values) in statements {
                let mut all = vec![from.into(), (from + chunk).into()];
                all.extend(values.iter().cloned());
                dialect::execute(&*tx, sql, all).await?;
            }
            tx.commit().await?;
            from += chunk;
        }
        Ok(())
    }

    /// Says how many steps the run has.
    pub fn expect_steps(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Reports that one more step is done.
    pub fn step(&self, phase: Phase) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::debug!(run = %self.run.id, %phase, done, "step done");
        (self.progress)(Progress { done, total: self.total.load(Ordering::Relaxed), phase });
    }

    /// Writes the outcome into the run's row. Of an error it keeps an id and the author's choice; the rest is in the log under that id.
    pub(crate) async fn finish(self, outcome: Result<Output, JobError>) -> Result<job_run::Model, LedgerError> {
        let id = self.run.id;
        let mut finish = job_run::Entity::update_many()
            .col_expr(job_run::Column::FinishedAt, Expr::value(self.clock.now()))
            .filter(job_run::Column::Id.eq(id))
            .filter(job_run::Column::Epoch.eq(self.run.epoch));
        match outcome {
            Ok(output) => {
                tracing::info!(run = %id, digest = output.digest, "run succeeded");
                finish = finish
                    .col_expr(job_run::Column::State, Expr::value(RunState::Succeeded.to_value()))
                    .col_expr(job_run::Column::Statistics, Expr::value(output.statistics.to_json()))
                    .col_expr(job_run::Column::OutputDigest, Expr::value(output.digest));
            }
            Err(error) => {
                let error_id = Uuid::now_v7();
                tracing::error!(run = %id, %error_id, error = &error as &dyn std::error::Error, "run failed");
                finish = finish
                    .col_expr(job_run::Column::State, Expr::value(RunState::Failed.to_value()))
                    .col_expr(job_run::Column::Error, Expr::value(format!("{} {error_id}", error.kind())));
            }
        }
        let tx = self.write().await?;
        finish.exec(&*tx).await?;
        let run = job_run::Entity::find_by_id(id).one(&*tx).await?.ok_or(LedgerError::NoSuchRun)?;
        tx.commit().await?;
        self.session.close().await?;
        Ok(run)
    }
}

/// Waits until no other process runs a job on this database. The lock goes with the session on PostgreSQL and with the returned file on
/// SQLite, so that a process that dies leaves none behind.
async fn lock_across_processes(db: &Database, session: &Session) -> Result<Option<File>, LedgerError> {
    let file = match db.job_lock_file() {
        Some(path) => Some(File::options().create(true).append(true).open(path).map_err(LedgerError::LockFile)?),
        None => None,
    };
    loop {
        let locked = match &file {
            Some(file) => match file.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => false,
                Err(TryLockError::Error(error)) => return Err(LedgerError::LockFile(error)),
            },
            None if db.backend() == DbBackend::Sqlite => true,
            None => dialect::one_row(session.connection(), "SELECT pg_try_advisory_lock($1)", vec![RUNNING.into()])
                .await?
                .try_get_by_index(0)?,
        };
        if locked {
            return Ok(file);
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

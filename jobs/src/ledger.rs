//! The second door: runs as rows, and the [`Fence`] behind which a job reads and writes.
//!
//! A Fence is made by a claim alone (`claim`) and stands for one epoch of one run. Each write transaction of the job first takes the run's
//! row of `job_fence` FOR SHARE and finds its own epoch there, or nothing is written; who takes a run over raises the epoch. While the body
//! works, its lease is renewed beside it (`lease`); how an attempt ends is written once (`settle`). Each of these writes an event in its
//! own transaction (`event`), which [`run_feed`] shows to those who follow runs. Slots become runs in `schedules`, the months of backfills in `backfill`.
//! `overview` and `liveness` are for operators, `watch` is for a run that looks after the platform. Order of locks: a backfill before its
//! runs, a run's fence before its row.
//!
//! Deliberately absent: a lock that outlives its transaction (SQLite's file apart), and any reading of the machine's time.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

mod ahead;
mod backfill;
pub mod change_feed;
pub mod claim;
mod defaults;
pub(crate) mod event;
mod fence;
mod lease;
pub(crate) mod liveness;
mod overview;
mod redefined;
pub mod run_feed;
mod schedules;
mod settle;
mod spare;
mod verify;
mod watch;

pub use fence::Fence;
pub(crate) use fence::{Hearing, Report};
pub(crate) use overview::LATEST_OUTPUT;
pub use overview::Queue;
pub use verify::{Damage, Harm, Tail, Verdict};

use crate::{
    clock::Clock,
    database::{Database, DatabaseError, Share},
    dialect,
    disk::Space,
    fault::Fault,
    settings::Settings,
    transaction,
};
use chrono::TimeDelta;
use entity::{ids::JobRunId, job_run};
use sea_orm::{DbBackend, DbErr, EntityTrait};
use std::{fs::File, io, path::Path, sync::Arc, time::Duration};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long a claim lasts unless its holder renews it, where nobody says otherwise.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The version of the program, as runs remember it.
const CODE_VERSION: &str = env!("CARGO_PKG_VERSION");
/// How long to wait before a broken connection is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// Why the ledger refused, or why a job cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The run's epoch is no longer this claim's: another worker has it, and nothing was written.
    #[error("the run belongs to another claim")]
    Fenced,
    /// Somebody asked the run to stop.
    #[error("the run was cancelled")]
    Cancelled,
    /// The worker is stopping; the run goes back to the queue.
    #[error("the worker is stopping")]
    Stopping,
    /// The run has taken longer than it may.
    #[error("the run's deadline has passed")]
    Deadline,
    /// Another process runs the jobs of this SQLite database.
    #[error("another process runs jobs on this SQLite database; stop it, or use PostgreSQL for several workers")]
    OtherProcess,
    /// The file that keeps two processes from running jobs on one SQLite database could not be locked.
    #[error("the lock file of the jobs: {0}")]
    LockFile(#[source] std::io::Error),
    /// There is no such run.
    #[error("there is no such run")]
    NoSuchRun,
    /// The clock cannot be trusted with what cannot be taken back.
    #[error("the clock cannot be trusted: {0}")]
    Clock(&'static str),
    /// The job needs a setting that this process was not given.
    #[error("{0} is not set")]
    NotConfigured(&'static str),
    /// A setting cannot be read.
    #[error("{0} cannot be read")]
    BadSetting(&'static str),
    /// What a job came upon in its own work.
    #[error("{0}")]
    Job(Box<dyn Fault>),
    /// A stored schedule cannot be read.
    #[error("a schedule: {0}")]
    Schedule(#[from] crate::schedule::slots::PlanError),
}

impl<E: Fault + 'static> From<E> for LedgerError {
    fn from(fault: E) -> Self {
        Self::Job(Box::new(fault))
    }
}

impl LedgerError {
    /// The job's own fault, where it is one of this type.
    #[must_use]
    pub fn fault<E: Fault + 'static>(&self) -> Option<&E> {
        let Self::Job(fault) = self else { return None };
        let error: &(dyn std::error::Error + 'static) = &**fault;
        error.downcast_ref()
    }

    /// Whether the cause may pass by itself, so that another attempt is worth it: what [`DatabaseError::may_pass`] and [`Fault::may_pass`] name.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Database(error) => error.may_pass(),
            Self::Job(fault) => fault.may_pass(),
            _ => false,
        }
    }
}

impl From<DbErr> for LedgerError {
    fn from(error: DbErr) -> Self {
        Self::Database(error.into())
    }
}

/// The runs of all jobs. Clones are one worker: they share its name, its queue's bell and, on SQLite, its turn.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) db: Database,
    clock: Clock,
    random: Arc<dyn Fn() -> f64 + Send + Sync>,
    owner: Arc<str>,
    lease: TimeDelta,
    queue: Arc<Notify>,
    news: Arc<Notify>,
    following: run_feed::Following,
    numbered: Arc<Notify>,
    changes: change_feed::Following,
    turn: Arc<Mutex<()>>,
    jobs_file: Arc<Mutex<Option<File>>>,
    liveness: Arc<liveness::Liveness>,
    settings: Arc<Settings>,
    space: Measure,
    spare: spare::Spare,
}

/// Tells the room on the disk of a folder.
type Measure = Arc<dyn Fn(&Path) -> io::Result<Space> + Send + Sync>;

impl Ledger {
    /// The ledger in this database.
    #[must_use]
    pub fn new(db: Database, clock: Clock) -> Self {
        Self {
            db,
            clock,
            random: Arc::new(random),
            owner: format!("{}/{}", std::process::id(), Uuid::now_v7()).into(),
            lease: LEASE,
            queue: Arc::new(Notify::new()),
            news: Arc::new(Notify::new()),
            following: run_feed::Following::default(),
            numbered: Arc::new(Notify::new()),
            changes: change_feed::Following::default(),
            turn: Arc::default(),
            jobs_file: Arc::default(),
            liveness: Arc::default(),
            settings: Arc::default(),
            space: Arc::new(Space::of),
            spare: spare::Spare::default(),
        }
    }

    /// The ledger with other dice for the jitter of retries; `random` is in `[0, 1)`.
    #[must_use]
    pub fn with_random(self, random: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        Self { random: Arc::new(random), ..self }
    }

    /// The ledger with disks that a test fills.
    #[must_use]
    pub fn with_space(self, space: impl Fn(&Path) -> io::Result<Space> + Send + Sync + 'static) -> Self {
        Self { space: Arc::new(space), ..self }
    }

    /// The ledger with another lease for its own claims: the shorter, the sooner a vanished worker's runs go on, and the shorter the pauses
    /// that a worker survives. It is renewed when a third is gone, and given up when three quarters are.
    #[must_use]
    pub fn with_lease(self, lease: TimeDelta) -> Self {
        Self { lease, ..self }
    }

    /// The ledger with other settings for its jobs than [`Settings::default`].
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings: Arc::new(settings), ..self }
    }

    /// The ledger over the connections of another kind of caller than jobs.
    #[must_use]
    pub fn of(&self, share: Share) -> Self {
        Self { db: self.db.of(share), ..self.clone() }
    }

    /// What its jobs need to know beside the database.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
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
    pub async fn enqueue(&self, run: transaction::NewRun) -> Result<(job_run::Model, bool), LedgerError> {
        let tx = self.db.begin().await?;
        let stored = transaction::enqueue(&*tx, self.clock.now(), run).await?;
        tx.commit().await?;
        self.wake();
        Ok(stored)
    }

    /// Asks a run to stop, as `by`, in a transaction of its own; see [`transaction::cancel`].
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn cancel(&self, id: JobRunId, by: &str) -> Result<bool, LedgerError> {
        let tx = self.db.begin().await?;
        let asked = transaction::cancel(&*tx, self.clock.now(), id, by).await?;
        tx.commit().await?;
        self.wake();
        Ok(asked)
    }

    /// Wakes the runner of this process: call it after the commit of a transaction that enqueued a run. On PostgreSQL the transaction
    /// itself wakes those of the other processes.
    pub fn wake(&self) {
        self.queue.notify_one();
        self.tell();
    }

    /// Tells those in this process who watch runs that there is something new: called after each commit that wrote an event.
    pub(crate) fn tell(&self) {
        self.news.notify_one();
    }

    /// Waits until somebody calls [`Self::wake`], or another process has something new.
    pub(crate) async fn woken(&self) {
        self.queue.notified().await;
    }

    /// Rings for what other processes notify, and once when it begins to hear them, until `stop`. Where the connection breaks, the poll
    /// finds what was missed.
    pub(crate) async fn hear(&self, channels: &[&str], ring: fn(&Self), stop: CancellationToken) {
        while !stop.is_cancelled() {
            let heard = async {
                let Some(mut listener) = self.db.listener(channels).await? else {
                    std::future::pending::<()>().await;
                    return Ok(());
                };
                loop {
                    ring(self);
                    listener.heard().await?;
                }
            };
            let heard: Result<(), DatabaseError> = tokio::select! {
                () = stop.cancelled() => return,
                heard = heard => heard,
            };
            if let Err(error) = heard {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot listen for runs; the queue is polled");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TRY_AGAIN) => {}
            }
        }
    }

    /// Corrects the clock to PostgreSQL's, where it is the machine's.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn measure_clock(&self) -> Result<(), LedgerError> {
        if self.db.backend() == DbBackend::Postgres && self.clock.follows() {
            let before = self.clock.now();
            let row = dialect::one_row(self.db.reader(), "SELECT clock_timestamp()", vec![]).await?;
            self.clock.correct(before, row.try_get_by_index(0)?, self.clock.now());
        }
        Ok(())
    }

    /// Whether this process is the only one that may run jobs, and does one at a time: SQLite.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.db.backend() == DbBackend::Sqlite
    }

    /// The run as it stands.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchRun`], [`LedgerError::Database`].
    pub async fn find(&self, id: JobRunId) -> Result<job_run::Model, LedgerError> {
        job_run::Entity::find_by_id(id).one(self.db.reader()).await?.ok_or(LedgerError::NoSuchRun)
    }
}

/// A number in `[0, 1)`, from the random half of a new UUID.
fn random() -> f64 {
    let (_, low) = Uuid::now_v7().as_u64_pair();
    f64::from(u32::try_from(low & 0xffff_ffff).unwrap_or_default()) / (f64::from(u32::MAX) + 1.0)
}

//! Opens the database and hands out its connections to the two doors: `api::store` and [`crate::ledger`]. Clippy bans these calls and
//! sea-orm's connection types everywhere else.
//!
//! SQLite has one writer connection behind a fair, bounded queue, readers apart, and a session for a running job; all that write take
//! the same turn, so that a job between two chunks lets the waiting mutations through. PostgreSQL needs no turn.
//! Connections are shared out by who uses them ([`Share`]), so that no kind of caller takes those of another. What a dropped future leaves
//! behind is settled here ([`to_the_end`]): a transaction begins and commits whole, and one that is dropped is rolled back.
//! Deliberately absent: schema changes (`migration`) and every statement about our tables.
#![expect(clippy::disallowed_types, reason = "the connections are made here and held by the two doors alone")]

mod error;
mod options;
mod shares;
mod watch;
mod whole;
mod writable;

pub use error::{Cause, DatabaseError};
pub use shares::Share;
#[cfg(test)]
pub(crate) use watch::seen;
pub use whole::{ToTheEnd, to_the_end};

use crate::{
    dialect, private,
    transaction::numbering::{Written, number, number_runs},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, RuntimeErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
    sqlx::{self, postgres::PgListener},
};
use shares::Pools;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use writable::Writable;

/// How many writers may wait for their turn on SQLite before one more is turned away.
const WAITING_WRITERS: usize = 1_024;
/// A connection that holds a transaction and says nothing for so long is ended by PostgreSQL, so that a process that was paused inside one
/// does not keep others from their work; a job's session says how long itself.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The database, shared by everything in the process, as one kind of caller uses it.
#[derive(Clone)]
pub struct Database {
    url: Arc<str>,
    pools: Arc<Pools>,
    share: Share,
    turn: Option<Arc<Turn>>,
    writable: Arc<Writable>,
}

/// SQLite's write turn: fair, and bounded.
struct Turn {
    permit: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// Held while a transaction writes to SQLite.
struct HeldTurn {
    _permit: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

/// A transaction that may write. Dropping it rolls back.
pub struct WriteTransaction {
    transaction: DatabaseTransaction,
    turn: Option<HeldTurn>,
    /// What is numbered last, when it commits.
    receipts: Mutex<Vec<Written>>,
    /// When it ended runs, if it did: they are numbered likewise.
    ended: Mutex<Option<DateTime<Utc>>>,
}

/// A connection that hears what transactions of other processes notify; PostgreSQL only.
pub struct Listener(PgListener);

/// One physical connection for a running job, so that its TEMP tables outlive each transaction.
pub struct Session {
    connection: DatabaseConnection,
    turn: Option<Arc<Turn>>,
}

impl Database {
    /// Connects to `sqlite:PATH` (made if missing) or `postgres://…` with up to `connections` pooled connections, and one for probes: as the
    /// jobs use it.
    ///
    /// # Errors
    /// [`DatabaseError::Address`] for another scheme, [`DatabaseError::Engine`] when the database cannot be reached.
    pub async fn connect(url: &str, connections: u32) -> Result<Self, DatabaseError> {
        if let Some(file) = sqlite_file(url) {
            close_to_others(&file);
        }
        let is_sqlite = url.starts_with("sqlite:");
        let pools = Arc::new(Pools::open(url, connections).await?);
        let turn = Turn { permit: Arc::new(Semaphore::new(1)), places: Arc::new(Semaphore::new(WAITING_WRITERS)) };
        let turn = is_sqlite.then(|| Arc::new(turn));
        Ok(Self { url: url.into(), pools, share: Share::Jobs, turn, writable: Arc::default() })
    }

    /// The same database, as another kind of caller uses it.
    #[must_use]
    pub fn of(&self, share: Share) -> Self {
        Self { share, ..self.clone() }
    }

    /// Which engine it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.pools.reader(self.share).get_database_backend()
    }

    /// The share's pool for statements that only read. A door's own.
    #[must_use]
    pub fn reader(&self) -> &DatabaseConnection {
        self.pools.reader(self.share)
    }

    /// The connection that migrations run on.
    #[must_use]
    pub fn writer(&self) -> &DatabaseConnection {
        self.pools.writer(self.share)
    }

    /// Opens a transaction that may write; on SQLite it waits for its turn and begins IMMEDIATE. A door's own.
    ///
    /// # Errors
    /// [`DatabaseError::Busy`] when the queue is full, else the engine's.
    pub async fn begin(&self) -> Result<WriteTransaction, DatabaseError> {
        begin(self.writer(), self.turn.as_ref()).await
    }

    /// Runs one statement that writes, which is a transaction by itself: it is durable when this returns, with one way to the server and back
    /// instead of three. On SQLite it waits for its turn. A door's own.
    ///
    /// # Errors
    /// As [`Database::begin`]; then nothing was written, unless the connection broke on the way back.
    pub async fn write_alone(&self, statement: Statement) -> Result<(), DatabaseError> {
        let turn = match &self.turn {
            None => None,
            Some(turn) => Some(take(turn).await?),
        };
        let connection = self.writer().clone();
        to_the_end(async move {
            let written = connection.execute_raw(statement).await;
            drop(turn);
            written?;
            Ok(())
        })
        .await
    }

    /// Opens a session of its own for a job; PostgreSQL ends it when it says nothing for `idle` inside a transaction. A door's own.
    ///
    /// # Errors
    /// The engine's, when no connection is to be had.
    pub async fn session(&self, idle: Duration) -> Result<Session, DatabaseError> {
        let options = if self.turn.is_some() { options::sqlite_writer(&self.url) } else { options::postgres_session(&self.url, idle) };
        Ok(Session { connection: watch::watch(sea_orm::Database::connect(options).await?), turn: self.turn.clone() })
    }

    /// A connection of its own that listens on some channels; `None` on SQLite, where nobody notifies.
    ///
    /// # Errors
    /// The engine's.
    pub async fn listener(&self, channels: &[&str]) -> Result<Option<Listener>, DatabaseError> {
        if self.turn.is_some() {
            return Ok(None);
        }
        let mut listener = PgListener::connect(&self.url).await.map_err(listening)?;
        listener.listen_all(channels.iter().copied()).await.map_err(listening)?;
        Ok(Some(Listener(listener)))
    }

    /// The file beside SQLite's that the process holds locked while it may run jobs; `None` on PostgreSQL, and for a database in memory.
    #[must_use]
    pub fn job_lock_file(&self) -> Option<PathBuf> {
        sqlite_file(&self.url).map(|file| beside(&file, "-jobs"))
    }

    /// The address that it was connected by, which may hold a password.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Closes the pools after the statements in flight.
    ///
    /// # Errors
    /// The engine's.
    pub async fn close(self) -> Result<(), DatabaseError> {
        Ok(self.pools.close().await?)
    }
}

impl Listener {
    /// Waits for the next notification, or for the connection to have been made anew, after which one may be missing.
    ///
    /// # Errors
    /// The engine's.
    pub async fn heard(&mut self) -> Result<(), DatabaseError> {
        self.0.try_recv().await.map_err(listening)?;
        Ok(())
    }
}

fn listening(error: sqlx::Error) -> DatabaseError {
    DbErr::Conn(RuntimeErr::SqlxError(error.into())).into()
}

impl Session {
    /// A transaction that sees one state of the database (REPEATABLE READ) and may write TEMP tables only; it takes no turn.
    ///
    /// # Errors
    /// The engine's.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DatabaseError> {
        let postgres = self.turn.is_none();
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: None,
            sqlite_transaction_mode: (!postgres).then_some(SqliteTransactionMode::Deferred),
        };
        let connection = self.connection.clone();
        let begun = async move {
            let tx = connection.begin_with_options(options).await?;
            // TEMP tables end with the session: nobody needs them on the disk, and a run has many snapshots.
            dialect::flush_later(&tx).await?;
            Ok::<_, DbErr>(tx)
        };
        Ok(to_the_end(begun).await?)
    }

    /// Whether opening another one costs a process of the server's: on PostgreSQL.
    #[must_use]
    pub fn is_dear(&self) -> bool {
        self.turn.is_none()
    }

    /// Whether the server still hears it.
    pub async fn answers(&self) -> bool {
        self.connection.ping().await.is_ok()
    }

    /// Ends the session at once; what it holds on the server (locks, TEMP tables) goes with it.
    ///
    /// # Errors
    /// The engine's.
    pub async fn close(self) -> Result<(), DatabaseError> {
        Ok(self.connection.close().await?)
    }

    /// Writes one state of SQLite's database to a file that is empty; writers go on meanwhile, for it reads alone.
    ///
    /// # Errors
    /// The engine's.
    pub async fn copy_into(&self, file: &str) -> Result<(), DatabaseError> {
        let copy = Statement::from_sql_and_values(self.connection.get_database_backend(), "VACUUM INTO $1", [file.into()]);
        self.connection.execute_raw(copy).await?;
        Ok(())
    }

    /// Writes SQLite's file anew without what was erased from it, and empties its log. It takes the writers' turn meanwhile. PostgreSQL's
    /// autovacuum does its part by itself.
    ///
    /// # Errors
    /// As [`Database::begin`].
    pub async fn vacuum(&self) -> Result<(), DatabaseError> {
        let Some(turn) = &self.turn else { return Ok(()) };
        let (turn, connection) = (take(turn).await?, self.connection.clone());
        to_the_end(async move {
            connection.execute_unprepared("VACUUM").await?;
            // A reader that looks at an old state keeps the log as long as it does: writers wait a second for it, and no longer.
            for step in ["PRAGMA busy_timeout = 1000", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA busy_timeout = 10000"] {
                connection.execute_unprepared(step).await?;
            }
            drop(turn);
            Ok(())
        })
        .await
    }

    /// A transaction that may write, as [`Database::begin`].
    ///
    /// # Errors
    /// As [`Database::begin`].
    pub async fn begin(&self) -> Result<WriteTransaction, DatabaseError> {
        begin(&self.connection, self.turn.as_ref()).await
    }
}

impl WriteTransaction {
    /// Has a receipt numbered by the last statements before the commit, so that the order of numbers is that of the commits and the lock under
    /// which they are taken is held for the commit alone.
    pub fn number(&self, written: Written) {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner).push(written);
    }

    /// Has the runs that it ended numbered likewise.
    pub fn number_runs(&self, now: DateTime<Utc>) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Makes the writes durable, also where nobody waits for it any more.
    ///
    /// # Errors
    /// The engine's; then nothing was written, unless the connection broke on the way back.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        let Self { transaction, turn, receipts, ended } = self;
        let receipts = receipts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
        to_the_end(async move {
            let mut numbered = number(&transaction, &receipts).await;
            if let (Ok(()), Some(now)) = (&numbered, ended) {
                numbered = number_runs(&transaction, now).await;
            }
            let committed = match numbered {
                Ok(()) => transaction.commit().await,
                Err(error) => {
                    // What failed first is what is told.
                    let _ = transaction.rollback().await;
                    Err(error)
                }
            };
            drop(turn);
            Ok(committed?)
        })
        .await
    }

    /// Takes everything back, at once rather than on drop.
    ///
    /// # Errors
    /// The engine's.
    pub async fn rollback(self) -> Result<(), DatabaseError> {
        let Self { transaction, turn, .. } = self;
        to_the_end(async move {
            let rolled_back = transaction.rollback().await;
            drop(turn);
            Ok(rolled_back?)
        })
        .await
    }
}

impl std::ops::Deref for WriteTransaction {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

/// The file of an SQLite database; `None` for another address, or one in memory.
#[must_use]
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

/// A file beside the database's, by the end of its name.
fn beside(file: &Path, end: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// Makes the database's file for its owner alone, or makes it so; SQLite gives its log and index the same rights. What the system forbids is
/// logged: the service goes on with the rights that its operator gave.
fn close_to_others(file: &Path) {
    // A folder that is missing is for the engine to say: it may be a slip in the address.
    let missing = !file.exists() && file.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir());
    let made = if missing { private::create(file, &[]) } else { Ok(()) };
    let closed = ["", "-wal", "-shm", "-jobs"].into_iter().try_for_each(|end| private::close(&beside(file, end)));
    if let Err(error) = made.and(closed) {
        tracing::warn!(%error, "the database's file stays open to others");
    }
}

/// Waits for SQLite's write turn.
async fn take(turn: &Turn) -> Result<HeldTurn, DatabaseError> {
    let place = turn.places.clone().try_acquire_owned().map_err(|_| DatabaseError::Busy)?;
    let permit = turn.permit.clone().acquire_owned().await.map_err(|_| DatabaseError::Busy)?;
    Ok(HeldTurn { _permit: permit, _place: place })
}

async fn begin(connection: &DatabaseConnection, turn: Option<&Arc<Turn>>) -> Result<WriteTransaction, DatabaseError> {
    // Who goes away while it waits for its turn has begun nothing.
    let turn = match turn {
        None => None,
        Some(turn) => Some(take(turn).await?),
    };
    let immediate = turn.is_some().then_some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
    let connection = connection.clone();
    to_the_end(async move {
        Ok(WriteTransaction {
            transaction: connection.begin_with_options(options).await?,
            turn,
            receipts: Mutex::default(),
            ended: Mutex::default(),
        })
    })
    .await
}

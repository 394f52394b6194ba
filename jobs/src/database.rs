//! Opens the database and hands out its connections to the two doors: `api::store` and [`crate::ledger`]. Clippy bans these calls and
//! sea-orm's connection types everywhere else.
//!
//! SQLite has one writer connection behind a fair, bounded queue, readers apart, and a session for a running job; all that write take
//! the same turn, so that a job between two chunks lets the waiting mutations through. PostgreSQL needs no turn.
//! Deliberately absent: schema changes (`migration`) and every statement about our tables.
#![expect(clippy::disallowed_types, reason = "the connections are made here and held by the two doors alone")]

use crate::private;
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sqlx::{self, postgres::PgListener},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many writers may wait for their turn on SQLite before one more is turned away.
const WAITING_WRITERS: usize = 1_024;
/// A pooled connection that has been idle for longer is tried before it is used again; one in use was just proven good, and asking it costs
/// each statement a round trip.
const TRUSTED: Duration = Duration::from_secs(1);
/// A statement that runs longer is cancelled on PostgreSQL, so that none holds its locks for ever.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// A connection that holds a transaction and says nothing for so long is ended by PostgreSQL, so that a process that was paused inside one
/// does not keep others from their work; a job's session says how long itself.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// What PostgreSQL says where the cause may pass, by the start of its code: a broken connection, a session that idled in a transaction, a
/// conflict of transactions, too little of something, and an operator's doing, such as a restart.
const PASSING: [&str; 5] = ["08", "25P03", "40", "53", "57"];
/// SQLite's code of a lock that was not to be had, in the low byte of its codes.
const SQLITE_BUSY: u32 = 5;

/// Why a connection or transaction was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The address is neither SQLite's nor PostgreSQL's.
    #[error("DATABASE_URL must start with sqlite: or postgres://")]
    Address,
    /// Too many writers are waiting; the caller may try again.
    #[error("too many writes are waiting")]
    Busy,
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] DbErr),
}

impl DatabaseError {
    /// Whether the cause may pass by itself, so that another attempt is worth it: the connection broke, the server was restarted or has too
    /// much to do, the engine gave another transaction the precedence.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let error = match self {
            Self::Busy | Self::Engine(DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) => return true,
            Self::Engine(DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) => error,
            Self::Address | Self::Engine(_) => return false,
        };
        match error.as_ref() {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| match code.parse::<u32>() {
                // SQLite's have up to four digits; those of SQL have five characters.
                Ok(number) if code.len() < 5 => number & 0xff == SQLITE_BUSY,
                _ => PASSING.iter().any(|passing| code.starts_with(passing)),
            }),
            _ => false,
        }
    }
}

/// The database, shared by everything in the process.
#[derive(Clone)]
pub struct Database {
    url: Arc<str>,
    readers: DatabaseConnection,
    writer: DatabaseConnection,
    turn: Option<Arc<Turn>>,
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
    _turn: Option<HeldTurn>,
}

/// A connection that hears what transactions of other processes notify; PostgreSQL only.
pub struct Listener(PgListener);

/// One physical connection for a running job, so that its TEMP tables outlive each transaction.
pub struct Session {
    connection: DatabaseConnection,
    turn: Option<Arc<Turn>>,
}

impl Database {
    /// Connects to `sqlite:PATH` (made if missing) or `postgres://…` with up to `connections` pooled connections.
    ///
    /// # Errors
    /// [`DatabaseError::Address`] for another scheme, [`DatabaseError::Engine`] when the database cannot be reached.
    pub async fn connect(url: &str, connections: u32) -> Result<Self, DatabaseError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = sea_orm::Database::connect(postgres(url, connections, IDLE_TIMEOUT)).await?;
            return Ok(Self { url: url.into(), readers: pool.clone(), writer: pool, turn: None });
        }
        if !url.starts_with("sqlite:") {
            return Err(DatabaseError::Address);
        }
        if let Some(file) = sqlite_file(url) {
            close_to_others(&file);
        }
        // The writer first: it switches the file to WAL.
        let writer = sea_orm::Database::connect(sqlite(url, 1, false)).await?;
        let readers = sea_orm::Database::connect(sqlite(url, connections.max(2), true)).await?;
        let turn = Turn { permit: Arc::new(Semaphore::new(1)), places: Arc::new(Semaphore::new(WAITING_WRITERS)) };
        Ok(Self { url: url.into(), readers, writer, turn: Some(Arc::new(turn)) })
    }

    /// Which engine it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.readers.get_database_backend()
    }

    /// The pool for statements that only read. A door's own.
    #[must_use]
    pub fn reader(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// The connection that migrations run on.
    #[must_use]
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Opens a transaction that may write; on SQLite it waits for its turn and begins IMMEDIATE. A door's own.
    ///
    /// # Errors
    /// [`DatabaseError::Busy`] when the queue is full, else the engine's.
    pub async fn begin(&self) -> Result<WriteTransaction, DatabaseError> {
        begin(&self.writer, self.turn.as_ref()).await
    }

    /// Opens a session of its own for a job; PostgreSQL ends it when it says nothing for `idle` inside a transaction. A door's own.
    ///
    /// # Errors
    /// The engine's, when no connection is to be had.
    pub async fn session(&self, idle: Duration) -> Result<Session, DatabaseError> {
        let options = if self.turn.is_some() { sqlite(&self.url, 1, false) } else { postgres(&self.url, 1, idle) };
        Ok(Session { connection: sea_orm::Database::connect(options).await?, turn: self.turn.clone() })
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

    /// Closes the pools after the statements in flight.
    ///
    /// # Errors
    /// The engine's.
    pub async fn close(self) -> Result<(), DatabaseError> {
        self.readers.close().await?;
        self.writer.close().await?;
        Ok(())
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
        Ok(self
            .connection
            .begin_with_options(TransactionOptions {
                isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
                access_mode: None,
                sqlite_transaction_mode: (!postgres).then_some(SqliteTransactionMode::Deferred),
            })
            .await?)
    }

    /// Ends the session at once; what it holds on the server (locks, TEMP tables) goes with it.
    ///
    /// # Errors
    /// The engine's.
    pub async fn close(self) -> Result<(), DatabaseError> {
        Ok(self.connection.close().await?)
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
    /// Makes the writes durable.
    ///
    /// # Errors
    /// The engine's; then nothing was written, unless the connection broke on the way back.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        Ok(self.transaction.commit().await?)
    }

    /// Takes everything back, at once rather than on drop.
    ///
    /// # Errors
    /// The engine's.
    pub async fn rollback(self) -> Result<(), DatabaseError> {
        Ok(self.transaction.rollback().await?)
    }
}

impl std::ops::Deref for WriteTransaction {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

/// The file of an SQLite database; `None` for another address, or one in memory.
fn sqlite_file(url: &str) -> Option<PathBuf> {
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

async fn begin(connection: &DatabaseConnection, turn: Option<&Arc<Turn>>) -> Result<WriteTransaction, DatabaseError> {
    let turn = match turn {
        None => None,
        Some(turn) => {
            let place = turn.places.clone().try_acquire_owned().map_err(|_| DatabaseError::Busy)?;
            let permit = turn.permit.clone().acquire_owned().await.map_err(|_| DatabaseError::Busy)?;
            Some(HeldTurn { _permit: permit, _place: place })
        }
    };
    let immediate = turn.is_some().then_some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
    Ok(WriteTransaction { transaction: connection.begin_with_options(options).await?, _turn: turn })
}

fn postgres(url: &str, connections: u32, idle: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
    options.test_before_acquire_if_idle_for(TRUSTED);
    // A job's statements cover whole months; its own session may take longer than a mutation, and sorts and keeps its TEMP tables in
    // memory of its own. Compiling a statement costs more than it saves on statements that run once.
    let of_job = connections == 1;
    let timeout = if of_job { STATEMENT_TIMEOUT * 20 } else { STATEMENT_TIMEOUT };
    options.map_sqlx_postgres_opts(move |options| {
        let options = options.options([
            ("statement_timeout", timeout.as_millis().to_string()),
            ("idle_in_transaction_session_timeout", idle.as_millis().to_string()),
            ("timezone", "UTC".to_owned()),
        ]);
        if of_job {
            options.options([
                ("work_mem", "64MB"),
                ("temp_buffers", "64MB"),
                ("jit", "off"),
                ("default_statistics_target", "10"),
                ("enable_memoize", "off"),
            ])
        } else {
            options
        }
    });
    if of_job {
        // TEMP tables live on the connection: keep the one.
        options.min_connections(1).idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    }
    options
}

fn sqlite(url: &str, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .acquire_timeout(Duration::from_secs(30))
        // A file does not hang up.
        .test_before_acquire(false)
        .sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |options| {
        let options = options
            .create_if_missing(!read_only)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("synchronous", "FULL")
            .pragma("cache_size", "-32768");
        if read_only { options.pragma("query_only", "on") } else { options.pragma("journal_mode", "WAL") }
    });
    options
}

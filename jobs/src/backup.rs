//! Backups: one state of the database, with heads and keys where they are asked for, in one file that is encrypted in the age format; and
//! the way back into an empty database.
//!
//! SQLite is copied by `VACUUM INTO`, PostgreSQL by the `pg_dump` of its version; both show one state, and writers go on meanwhile. What is
//! read is streamed, in clear only where there is no other way: SQLite's copy is a file of its owner alone that loses its name before it
//! is read. A file that is torn or was edited is refused before anything of the target is changed (`container` says how it is known).
//! What is restored is another database (`identity`), which says so to those who come with a position of the former one.
//!
//! Deliberately absent: a backup that is not encrypted, a key that is not on the list of [`Part::KEYS`], and a backup of changes alone, which
//! is the engine's to make.
#![expect(clippy::disallowed_methods, reason = "this is the command line's door to backups")]

mod container;
mod draft;
pub mod identity;
mod lock;
mod postgres;
mod restore;
mod sqlite;

pub use lock::{Key, Lock};
pub use restore::{Backup, Restored, Target, restore};

use crate::{
    database::DatabaseError,
    dialect,
    ledger::{Ledger, LedgerError},
    seal::former,
    settings::Settings,
    transaction::{self, AuditAct},
};
use chrono::{DateTime, Utc};
use draft::Draft;
use entity::ids::DatabaseIdentityId;
use sea_orm::{DbBackend, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use tokio_util::sync::CancellationToken;

/// Why a backup cannot be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is something in the place of what is to be written.
    #[error("{} is there already", .0.display())]
    Taken(PathBuf),
    /// There is no such database.
    #[error("{} is not there", .0.display())]
    Missing(PathBuf),
    /// It has no identity.
    #[error("the database was restored halfway; `torikumi restore --renew` finishes it")]
    Unfinished,
    /// The secret cannot be used.
    #[error("{0}")]
    Secret(&'static str),
    /// The secret opens another file.
    #[error("the passphrase or identity does not open this file")]
    WrongKey,
    /// The file is no backup, was cut off, or was changed.
    #[error("the file is no whole backup: it was cut off or changed, or it is something else; nothing was restored from it")]
    Damaged,
    /// The file is of a version that this program does not know.
    #[error("the file has version {0} of the format; a later release made it")]
    Format(u32),
    /// It was made from the other engine.
    #[error("the backup is one of {0}, and restores into that engine alone")]
    OtherEngine(Engine),
    /// A part was asked for that the file does not have.
    #[error("the backup holds no {0}")]
    Lacks(&'static str),
    /// The database to restore into is not empty.
    #[error("the database is not empty: it has {0} tables; a backup is restored into an empty one")]
    NotEmpty(i64),
    /// A program of PostgreSQL is missing.
    #[error(
        "no {program} of PostgreSQL {major} or later was found, on PATH or where packages put it; install the client of that version, \
         on Debian by `apt-get install postgresql-client-{major}`"
    )]
    NoProgram {
        /// Its name.
        program: &'static str,
        /// The oldest version that will do.
        major: u32,
    },
    /// A program of PostgreSQL failed; what it said, without what it quoted.
    #[error("{program} failed: {said}")]
    Program {
        /// Its name.
        program: &'static str,
        /// The first error that it told.
        said: String,
    },
    /// SQLite finds what was restored damaged.
    #[error("the restored file fails SQLite's check of integrity")]
    Integrity,
    /// Somebody stopped it.
    #[error("it was stopped; nothing is left of it")]
    Stopped,
    /// A task was cut off.
    #[error("a task was cut off")]
    CutOff,
    /// The ledger, or the database.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<DatabaseError> for BackupError {
    fn from(error: DatabaseError) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<DbErr> for BackupError {
    fn from(error: DbErr) -> Self {
        Self::Ledger(error.into())
    }
}

impl BackupError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// What went wrong while a part went from one place to another.
    fn copying(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Self::Damaged,
            io::ErrorKind::Interrupted => Self::Stopped,
            _ => Self::Io { path, source },
        }
    }
}

/// The engine of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Engine {
    /// A file.
    SQLite,
    /// A server.
    PostgreSQL,
}

impl Engine {
    fn of(backend: DbBackend) -> Self {
        if backend == DbBackend::Postgres { Self::PostgreSQL } else { Self::SQLite }
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What a backup may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The file of the signed heads of the audit trail.
    Heads,
    /// The local key of tokens.
    TokenKey,
    /// The key of the seals.
    SealKey,
    /// The key of the pseudonyms.
    PseudonymKey,
    /// The key of the releases.
    ReleaseKey,
    /// What is kept of the keys of tokens that were replaced.
    FormerTokenKeys,
    /// What is kept of the keys of seals that were replaced.
    FormerSealKeys,
    /// The keys of pseudonyms that were replaced.
    FormerPseudonymKeys,
    /// What is kept of the keys of releases that were replaced.
    FormerReleaseKeys,
    /// The database; it comes last.
    Database,
}

impl Part {
    /// All keys that a backup may hold. A key that must die with somebody's consent is none of them, and must never be.
    pub const KEYS: [Self; 8] = [
        Self::TokenKey,
        Self::SealKey,
        Self::PseudonymKey,
        Self::ReleaseKey,
        Self::FormerTokenKeys,
        Self::FormerSealKeys,
        Self::FormerPseudonymKeys,
        Self::FormerReleaseKeys,
    ];

    /// What it is, in words; `None` for the database.
    #[must_use]
    pub fn beside(self) -> Option<&'static str> {
        Some(match self {
            Self::Heads => "the signed heads",
            Self::TokenKey => "the key of tokens",
            Self::SealKey => "the key of seals",
            Self::PseudonymKey => "the key of pseudonyms",
            Self::ReleaseKey => "the key of releases",
            Self::FormerTokenKeys => "former keys of tokens",
            Self::FormerSealKeys => "former keys of seals",
            Self::FormerPseudonymKeys => "former keys of pseudonyms",
            Self::FormerReleaseKeys => "former keys of releases",
            Self::Database => return None,
        })
    }
}

/// Where heads and keys lie.
#[derive(Debug, Clone)]
pub struct Places {
    token_key: PathBuf,
    settings: Settings,
}

impl Places {
    /// Those of an installation.
    #[must_use]
    pub fn new(token_key: PathBuf, settings: Settings) -> Self {
        Self { token_key, settings }
    }

    /// The file of a part; `None` for the database.
    fn of(&self, part: Part) -> Option<PathBuf> {
        let Settings { seal_heads, seal_key, pseudonym_key, release_key, .. } = &self.settings;
        Some(match part {
            Part::Heads => seal_heads.clone(),
            Part::TokenKey => self.token_key.clone(),
            Part::SealKey => seal_key.clone(),
            Part::PseudonymKey => pseudonym_key.clone(),
            Part::ReleaseKey => release_key.clone(),
            Part::FormerTokenKeys => former::file(&self.token_key),
            Part::FormerSealKeys => former::file(seal_key),
            Part::FormerPseudonymKeys => former::file(pseudonym_key),
            Part::FormerReleaseKeys => former::file(release_key),
            Part::Database => return None,
        })
    }
}

/// What goes with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct With {
    /// The file of heads.
    pub heads: bool,
    /// The four local keys and those that they replaced, as far as they are there.
    pub keys: bool,
}

impl With {
    fn wants(self, part: Part) -> bool {
        match part {
            Part::Heads => self.heads,
            Part::Database => true,
            _ => self.keys,
        }
    }
}

/// What the file says of itself, first of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Version of the format.
    pub format: u32,
    /// When it was begun: what was committed before is in it.
    pub made_at: DateTime<Utc>,
    /// Version of the program.
    pub program: String,
    /// The last migration of the database's schema.
    pub migration: String,
    /// The database's engine.
    pub engine: Engine,
    /// The major version of the `pg_dump` that made it; none for SQLite.
    pub dumped_by: Option<u32>,
    /// Which database it is.
    pub database: DatabaseIdentityId,
    /// The parts, in their order. Length and sum of each stand at its end.
    pub parts: Vec<Part>,
}

/// Which backup is to be made, and where.
pub struct Order {
    /// The file.
    pub out: PathBuf,
    /// Whether a file that is there is replaced.
    pub replace: bool,
    /// Who can open it.
    pub lock: Lock,
    /// What goes with the database.
    pub with: With,
    /// Where that lies.
    pub places: Places,
}

impl Ledger {
    /// Makes a backup, and leaves an entry in the audit trail, which is in the backup as well. Nothing is left of one that `stop` ends.
    ///
    /// # Errors
    /// [`BackupError`].
    pub async fn back_up(&self, order: Order, stop: CancellationToken) -> Result<Manifest, BackupError> {
        if !order.replace && order.out.exists() {
            return Err(BackupError::Taken(order.out));
        }
        let identity = self.identity().await?.ok_or(BackupError::Unfinished)?;
        let source = Source::prepare(self).await?;
        let newest = dialect::one_row(self.db.reader(), "SELECT MAX(version) FROM seaql_migrations", vec![]).await?;
        let mut parts: Vec<_> = [Part::Heads].into_iter().chain(Part::KEYS).filter(|part| order.with.wants(*part)).collect();
        parts.retain(|part| order.places.of(*part).is_some_and(|place| place.exists()));
        parts.push(Part::Database);
        let manifest = Manifest {
            format: container::FORMAT,
            made_at: self.clock().now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            migration: newest.try_get_by_index(0)?,
            engine: Engine::of(self.db.backend()),
            dumped_by: source.major(),
            database: identity.id,
            parts,
        };
        let tx = self.db.begin().await?;
        transaction::audit(&*tx, manifest.made_at, act("BACKUP", &manifest)).await?;
        tx.commit().await?;
        // The heads as they are now: the database that is copied after them knows each of them.
        let beside: Result<Vec<_>, _> =
            manifest.parts.iter().filter_map(|part| order.places.of(*part)).map(|place| whole(&place)).collect();
        let source = source.open(self, &stop).await?;
        let written = tokio::task::spawn_blocking(move || write(&order, &manifest, beside?, source, &stop).map(|()| manifest));
        written.await.map_err(|_| BackupError::CutOff)?
    }
}

/// What an act of ours leaves in the audit trail.
fn act(verb: &str, manifest: &Manifest) -> AuditAct {
    let keys = manifest.parts.iter().filter(|part| Part::KEYS.contains(part)).count();
    AuditAct {
        actor: "command line".to_owned(),
        verb: verb.to_owned(),
        noun: "database".to_owned(),
        record_id: Some(manifest.database.0),
        counts: json!({ "keys": keys, "heads": manifest.parts.contains(&Part::Heads), "madeAt": manifest.made_at }),
        ..AuditAct::default()
    }
}

/// A file beside the database as it is now, without what is added later.
fn whole(path: &Path) -> Result<(PathBuf, io::Take<File>), BackupError> {
    let file = File::open(path).map_err(BackupError::io(path))?;
    let length = file.metadata().map_err(BackupError::io(path))?.len();
    Ok((path.to_owned(), file.take(length)))
}

fn write(
    order: &Order,
    manifest: &Manifest,
    beside: Vec<(PathBuf, io::Take<File>)>,
    mut source: Open,
    stop: &CancellationToken,
) -> Result<(), BackupError> {
    let mut draft = Draft::beside(&order.out)?;
    let at_out = || BackupError::copying(&order.out);
    let locked = order.lock.wrap(BufWriter::new(draft.file()))?;
    let mut writer = container::Writer::begin(locked, manifest, stop.clone()).map_err(at_out())?;
    for (path, mut file) in beside {
        writer.part(&mut file).map_err(BackupError::copying(&path))?;
    }
    writer.part(&mut source).map_err(at_out())?;
    // A program that failed has written less than there is.
    source.finish()?;
    let finished = writer.end().finish().and_then(|mut file| file.flush());
    finished.map_err(at_out())?;
    draft.place(&order.out, order.replace)
}

/// From where the database is read, before it is opened.
enum Source {
    SQLite,
    Dump(postgres::Program),
}

/// One state of the database, as it is read.
enum Open {
    Copy(File),
    Dump(postgres::Dump),
}

impl Source {
    async fn prepare(ledger: &Ledger) -> Result<Self, BackupError> {
        if ledger.db.backend() != DbBackend::Postgres {
            return Ok(Self::SQLite);
        }
        let server = postgres::server(&ledger.db).await?;
        let found = tokio::task::spawn_blocking(move || postgres::Program::find("pg_dump", server)).await;
        Ok(Self::Dump(found.map_err(|_| BackupError::CutOff)??))
    }

    fn major(&self) -> Option<u32> {
        match self {
            Self::SQLite => None,
            Self::Dump(program) => Some(program.major),
        }
    }

    async fn open(self, ledger: &Ledger, stop: &CancellationToken) -> Result<Open, BackupError> {
        Ok(match self {
            Self::SQLite => Open::Copy(sqlite::copy(&ledger.db, stop).await?),
            Self::Dump(program) => Open::Dump(program.dump(ledger.db.url())?),
        })
    }
}

impl Open {
    fn finish(self) -> Result<(), BackupError> {
        match self {
            Self::Copy(_) => Ok(()),
            Self::Dump(dump) => dump.finish(),
        }
    }
}

impl Read for Open {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Copy(file) => file.read(into),
            Self::Dump(dump) => dump.read(into),
        }
    }
}

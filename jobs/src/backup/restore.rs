//! The way back. The file is read whole, and found whole, before the database changes: SQLite's goes to a draft that gets its place last, and
//! PostgreSQL's is read a second time, into one transaction.

use super::{
    BackupError, DatabaseIdentityId, Engine, Key, Manifest, Part, Places, With, container, draft::Draft, identity::Renewed, postgres,
    sqlite,
};
use crate::{clock::Clock, database::Database, dialect, ledger::Ledger};
use age::stream::StreamReader;
use std::{
    fs::File,
    io::{self, BufReader, Seek, Write},
    path::PathBuf,
};
use tokio_util::sync::CancellationToken;

/// A backup that was opened; of the file no more is known than that the key opens it.
pub struct Backup {
    path: PathBuf,
    file: File,
    key: Key,
    manifest: Manifest,
}

/// Reads what is inside the encryption.
type Reader<'a> = container::Reader<StreamReader<BufReader<&'a File>>>;

impl Backup {
    /// Opens a file and reads what it says of itself. Blocks.
    ///
    /// # Errors
    /// [`BackupError::WrongKey`], [`BackupError::Damaged`], [`BackupError::Format`].
    pub fn open(path: PathBuf, key: Key) -> Result<Self, BackupError> {
        let file = File::open(&path).map_err(BackupError::io(&path))?;
        let opened = key.open(BufReader::new(&file))?;
        let (_, manifest) = container::Reader::open(opened)?;
        Ok(Self { path, file, key, manifest })
    }

    /// What the file says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads it from its beginning.
    fn reader(&self) -> Result<Reader<'_>, BackupError> {
        (&self.file).rewind().map_err(BackupError::io(&self.path))?;
        let (reader, manifest) = container::Reader::open(self.key.open(BufReader::new(&self.file))?)?;
        if manifest == self.manifest { Ok(reader) } else { Err(BackupError::Damaged) }
    }

    /// Reads all of it to its end: each part to its place's draft, or to nowhere.
    fn read(&self, drafts: &mut [(Part, PathBuf, Draft)], stop: &CancellationToken) -> Result<(), BackupError> {
        let mut reader = self.reader()?;
        for part in &self.manifest.parts {
            let mut nowhere = io::sink();
            let to: &mut dyn Write = match drafts.iter_mut().find(|(wanted, ..)| wanted == part) {
                Some((_, _, draft)) => draft.file(),
                None => &mut nowhere,
            };
            reader.part(to, stop).map_err(BackupError::copying(&self.path))?;
        }
        reader.end().map_err(BackupError::copying(&self.path))
    }

    /// Lets PostgreSQL read the database.
    fn load(&self, program: &postgres::Program, url: &str, stop: &CancellationToken) -> Result<(), BackupError> {
        let mut reader = self.reader()?;
        program.load(url)?.fill(|content| {
            for part in &self.manifest.parts {
                let mut nowhere = io::sink();
                let to: &mut dyn Write = if *part == Part::Database { &mut *content } else { &mut nowhere };
                reader.part(to, stop)?;
            }
            reader.end()
        })
    }
}

/// Where a backup goes.
pub struct Target {
    /// The database's address.
    pub url: String,
    /// Where heads and keys go.
    pub places: Places,
    /// Whether they do.
    pub with: With,
}

impl Target {
    /// A draft beside each place of what is wanted besides the database; what is there already is left alone, and the restore refused.
    fn drafts(&self, manifest: &Manifest) -> Result<Vec<(Part, PathBuf, Draft)>, BackupError> {
        if self.with.heads && !manifest.parts.contains(&Part::Heads) {
            return Err(BackupError::Lacks("heads"));
        }
        if self.with.keys && !manifest.parts.iter().any(|part| Part::KEYS.contains(part)) {
            return Err(BackupError::Lacks("keys"));
        }
        let mut drafts = Vec::new();
        for part in manifest.parts.iter().filter(|part| self.with.wants(**part)) {
            let Some(place) = self.places.of(*part) else { continue };
            if place.exists() {
                return Err(BackupError::Taken(place));
            }
            crate::private::folder_of(&place).map_err(BackupError::io(&place))?;
            let draft = Draft::beside(&place)?;
            drafts.push((*part, place, draft));
        }
        Ok(drafts)
    }
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Of which database.
    pub former: DatabaseIdentityId,
    /// What it is now.
    pub renewed: Renewed,
    /// The files that were restored beside it.
    pub files: Vec<PathBuf>,
}

/// Restores a backup into an empty database, which is another one then.
///
/// # Errors
/// [`BackupError`]; the database is as empty as before then.
pub async fn restore(backup: Backup, target: Target, clock: Clock, stop: CancellationToken) -> Result<Restored, BackupError> {
    let engine = if target.url.starts_with("sqlite:") { Engine::SQLite } else { Engine::PostgreSQL };
    if backup.manifest.engine != engine {
        return Err(BackupError::OtherEngine(backup.manifest.engine));
    }
    let drafts = target.drafts(&backup.manifest)?;
    let (former, made_at) = (backup.manifest.database, backup.manifest.made_at);
    let (db, drafts) = match engine {
        Engine::SQLite => into_file(backup, &target.url, drafts, stop).await?,
        Engine::PostgreSQL => into_server(backup, &target.url, drafts, stop).await?,
    };
    let (place, db) = db;
    let ledger = Ledger::new(db.clone(), clock);
    let renewed = ledger.become_another(former, Some(made_at)).await?;
    if engine == Engine::PostgreSQL {
        ledger.measure().await?;
    }
    drop(ledger);
    db.close().await?;
    if let Some((draft, place)) = place {
        // Nothing of it may be in a log that stays behind.
        if !draft.is_alone() {
            return Err(BackupError::Integrity);
        }
        sqlite::make_room(&target.url).await?;
        draft.place(&place, false)?;
    }
    let mut files = Vec::new();
    for (_, place, draft) in drafts {
        draft.place(&place, false)?;
        files.push(place);
    }
    Ok(Restored { former, renewed, files })
}

/// Parts on their way to their places.
type Drafts = Vec<(Part, PathBuf, Draft)>;
/// A database that was filled, where it is a draft with the place that it is to get.
type Filled = (Option<(Draft, PathBuf)>, Database);

/// Fills a draft of SQLite's file, which nobody sees before it has an identity of its own.
async fn into_file(backup: Backup, url: &str, mut drafts: Drafts, stop: CancellationToken) -> Result<(Filled, Drafts), BackupError> {
    sqlite::check_empty(url).await?;
    let place = sqlite::file(url)?;
    let beside = place.clone();
    let mut drafts = tokio::task::spawn_blocking(move || {
        drafts.push((Part::Database, beside.clone(), Draft::beside(&beside)?));
        backup.read(&mut drafts, &stop).map(|()| drafts)
    })
    .await
    .map_err(|_| BackupError::CutOff)??;
    let (_, place, draft) = drafts.pop().ok_or(BackupError::CutOff)?;
    let db = Database::connect(&format!("sqlite:{}", draft.path().display()), 1).await?;
    if !dialect::is_sound(db.reader()).await? {
        return Err(BackupError::Integrity);
    }
    Ok(((Some((draft, place)), db), drafts))
}

/// Fills a database on a server.
async fn into_server(backup: Backup, url: &str, mut drafts: Drafts, stop: CancellationToken) -> Result<(Filled, Drafts), BackupError> {
    let db = Database::connect(url, 2).await?;
    match dialect::tables(db.reader()).await? {
        0 => {}
        tables => return Err(BackupError::NotEmpty(tables)),
    }
    let server = postgres::server(&db).await?;
    let address = url.to_owned();
    let drafts = tokio::task::spawn_blocking(move || {
        let program = postgres::Program::find("pg_restore", server.max(backup.manifest.dumped_by.unwrap_or_default()))?;
        backup.read(&mut drafts, &stop)?;
        backup.load(&program, &address, &stop).map(|()| drafts)
    })
    .await
    .map_err(|_| BackupError::CutOff)??;
    Ok(((None, db), drafts))
}

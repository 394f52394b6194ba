//! SQLite's side: the copy that is read, and the file that is restored.

use super::{BackupError, draft::Draft};
use crate::{
    database::{Database, sqlite_file},
    dialect,
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The time that a transaction of a session may idle is PostgreSQL's alone.
const IDLE: Duration = Duration::from_secs(20);

/// The file of an address.
pub(super) fn file(url: &str) -> Result<PathBuf, BackupError> {
    sqlite_file(url).ok_or(BackupError::Secret("a database in memory is neither backed up nor restored"))
}

/// One state of the database as a file without a name. It lies beside the database while it is written, as closed to others as that.
pub(super) async fn copy(db: &Database, stop: &CancellationToken) -> Result<File, BackupError> {
    let draft = Draft::beside(&file(db.url())?)?;
    let path = draft.path().to_str().ok_or_else(|| BackupError::io(draft.path())(io::ErrorKind::InvalidInput.into()))?;
    let session = db.session(IDLE).await?;
    tokio::select! {
        copied = session.copy_into(path) => copied?,
        () = stop.cancelled() => return Err(BackupError::Stopped),
    }
    session.close().await?;
    draft.unnamed()
}

/// Makes sure that a backup may come to this place: nothing is there, or a database without a table.
pub(super) async fn check_empty(url: &str) -> Result<(), BackupError> {
    if !file(url)?.exists() {
        return Ok(());
    }
    let db = Database::connect(url, 1).await?;
    let tables = dialect::tables(db.reader()).await;
    db.close().await?;
    match tables? {
        0 => Ok(()),
        tables => Err(BackupError::NotEmpty(tables)),
    }
}

/// Removes a database without a table, whose place is needed now.
pub(super) async fn make_room(url: &str) -> Result<(), BackupError> {
    check_empty(url).await?;
    remove(&file(url)?)
}

fn remove(file: &Path) -> Result<(), BackupError> {
    for end in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(end);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(BackupError::io(Path::new(&path))(error)),
            _ => {}
        }
    }
    Ok(())
}

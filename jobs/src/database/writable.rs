//! Whether the database takes writes: asked by writing, at most every few seconds, for a disk that is full reads as well as before.

use super::{Cause, Database, DatabaseError, Share, begin, beside, sqlite_file};
use crate::private;
use sea_orm::{ConnectionTrait, DbBackend};
use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// For so long an answer is as good as new.
const FRESH: Duration = Duration::from_secs(2);
/// Who does not come to write within so long is told what was known before.
const PATIENCE: Duration = Duration::from_millis(500);
/// So much is written beside SQLite's file: more than a block.
const PROBE: usize = 64 << 10;

/// Takes room in the file, and the transaction gives it back.
const GROW_SQLITE: &str = "CREATE TABLE torikumi_probe AS SELECT zeroblob(65536) AS probe";
/// Takes room on the server's disk and in its log, and is gone at the end of the statement.
const GROW_POSTGRES: &str = "CREATE TEMP TABLE torikumi_probe ON COMMIT DROP AS SELECT 1 AS probe";

/// What was found out last.
#[derive(Default)]
pub(super) struct Writable {
    last: Mutex<Option<(Instant, bool)>>,
}

impl Database {
    /// Whether a write succeeds now, as far as a small one tells.
    pub async fn is_writable(&self) -> bool {
        let mut last = self.writable.last.lock().await;
        if let Some((_, known)) = last.filter(|(at, _)| at.elapsed() < FRESH) {
            return known;
        }
        let known = last.is_none_or(|(_, known)| known);
        // Where others write, one waits for them; that they do says nothing against it.
        let writable = match tokio::time::timeout(PATIENCE, self.of(Share::Probes).write_a_little()).await {
            Ok(Ok(writable)) => writable,
            Ok(Err(DatabaseError::Busy)) | Err(_) => known,
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database takes no writes");
                match &error {
                    DatabaseError::Engine(error) => matches!(Cause::of(error), Cause::Passing | Cause::Crowded) && known,
                    _ => false,
                }
            }
        };
        *last = Some((Instant::now(), writable));
        writable
    }

    async fn write_a_little(&self) -> Result<bool, DatabaseError> {
        if self.backend() == DbBackend::Postgres {
            self.writer().execute_unprepared(GROW_POSTGRES).await?;
            return Ok(true);
        }
        // A name of its own: other processes, and a look that a slow disk holds up, write and remove theirs.
        let probe = format!("-probe-{:016x}", rand::random::<u64>());
        if let Some(path) = sqlite_file(&self.url).map(|file| beside(&file, &probe))
            && let Ok(Err(error)) = tokio::task::spawn_blocking(move || write_file(&path)).await
        {
            tracing::warn!(%error, "nothing can be written beside the database");
            return Ok(false);
        }
        let tx = begin(self.writer(), self.turn.as_ref()).await?;
        let grown = tx.execute_unprepared(GROW_SQLITE).await;
        tx.rollback().await?;
        grown?;
        Ok(true)
    }
}

/// SQLite finds out that there is no room when it commits, and its log has room of its own for a while.
fn write_file(path: &Path) -> std::io::Result<()> {
    let written = private::new_file(path).and_then(|mut file| {
        file.write_all(&vec![b'.'; PROBE])?;
        file.sync_all()
    });
    let removed = std::fs::remove_file(path);
    written.and(removed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::disallowed_methods)]

    use super::*;
    use crate::tests::office::{Office, offices};

    async fn is_writable(office: &Office) -> bool {
        *office.db.writable.last.lock().await = None;
        office.db.is_writable().await
    }

    #[tokio::test]
    async fn a_database_that_takes_no_writes_is_told_until_it_takes_them_again() {
        for office in offices().await {
            assert!(is_writable(&office).await);
            let (refuse, take) = match office.db.backend() {
                DbBackend::Postgres => ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
                // No room beyond the pages that there are.
                _ => ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"),
            };
            let probes = office.db.of(Share::Probes);
            probes.writer().execute_unprepared(refuse).await.unwrap();
            assert!(!is_writable(&office).await);
            assert!(!office.db.is_writable().await, "and again from memory");
            if office.ledger.is_alone() {
                // What fails for want of room leaves the writer as it was.
                probes.writer().execute_unprepared(refuse).await.unwrap();
                let tx = office.db.begin().await.unwrap();
                let error = tx.execute_unprepared("CREATE TABLE large AS SELECT zeroblob(1000000) AS much").await.unwrap_err();
                assert_eq!(Cause::of(&error), Cause::Unwritable);
                drop(tx);
            }
            probes.writer().execute_unprepared(take).await.unwrap();
            assert!(is_writable(&office).await);
            office.execute("UPDATE job_schedule SET version = version + 1", vec![]).await;
            assert_eq!(office.count("SELECT COUNT(*) FROM job_schedule WHERE version <> 2").await, 0);
        }
    }
}

//! Entries of readings, written together: those who wait while others are written share one transaction, and one flush of the disk.
//!
//! Whoever comes first writes what all have brought until then; the others find theirs written. A reader alone waits no longer for that.

use crate::error::Error;
use chrono::{DateTime, Utc};
use jobs::{
    database::{Database, to_the_end},
    transaction::{AuditAct, audit_all},
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// What a request has read, in the order of its tables.
type Acts = Vec<(DateTime<Utc>, AuditAct)>;

#[derive(Debug)]
struct Waiting {
    acts: Acts,
    /// Told whether they were written.
    told: oneshot::Sender<bool>,
}

/// The entries of a process that wait to be written.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    /// Held while some are written; those that come meanwhile gather.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl Entries {
    /// Writes what a request has read, durably, before it returns.
    ///
    /// # Errors
    /// The engine's: what cannot be traced is not shown.
    pub(in crate::store) async fn put(&self, db: &Database, acts: Acts) -> Result<(), Error> {
        let (told, mut heard) = oneshot::channel();
        self.lock().push(Waiting { acts: acts.clone(), told });
        let (own, others) = (self.clone(), db.clone());
        // A caller that goes away takes nobody's entries with it.
        to_the_end(async move { own.write_waiting(&others).await }).await;
        // Whoever held the lock before, or this caller, has taken them by now. What failed together is tried alone, so that nobody is refused for
        // what another has brought.
        match heard.try_recv() {
            Ok(true) => Ok(()),
            _ => write(db, acts).await,
        }
    }

    async fn write_waiting(&self, db: &Database) {
        let _writing = self.writing.lock().await;
        let together = std::mem::take(&mut *self.lock());
        if together.is_empty() {
            return;
        }
        let acts = together.iter().flat_map(|waiting| waiting.acts.iter().cloned()).collect();
        let written = write(db, acts).await.is_ok();
        for waiting in together {
            // Whoever no longer listens was not shown anything.
            let _ = waiting.told.send(written);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(db: &Database, acts: Acts) -> Result<(), Error> {
    let tx = db.begin().await?;
    audit_all(&*tx, acts).await?;
    Ok(tx.commit().await?)
}

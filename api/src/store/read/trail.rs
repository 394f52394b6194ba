//! Entries of readings: one statement, which is a transaction by itself, where the sets of bureaus that they name are known to be there.
//!
//! Readers wait for nobody else: PostgreSQL flushes what commits at once together by itself.

use crate::error::Error;
use chrono::{DateTime, Utc};
use jobs::{
    database::Database,
    transaction::{AuditAct, BureauSets, audit_all, insert_entries},
};
use std::sync::{Arc, PoisonError, RwLock};

/// The sets of bureaus that were found committed, in this process.
#[derive(Debug, Clone, Default)]
pub struct Trail(Arc<RwLock<BureauSets>>);

impl Trail {
    /// Writes what a request has read, durably, before it returns.
    ///
    /// # Errors
    /// The engine's: what cannot be traced is not shown.
    pub(in crate::store) async fn write(&self, db: &Database, acts: Vec<(DateTime<Utc>, AuditAct)>) -> Result<(), Error> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).entries(acts.clone());
        if let Some(entries) = known {
            return Ok(db.write_alone(insert_entries(db.backend(), entries)).await?);
        }
        let tx = db.begin().await?;
        let sets = audit_all(&*tx, acts).await?;
        tx.commit().await?;
        self.0.write().unwrap_or_else(PoisonError::into_inner).learn(sets);
        Ok(())
    }
}

//! Entries of the audit trail.

use super::{BureauSets, put_all};
use chrono::{DateTime, Utc};
use entity::{
    audit_entry,
    ids::{BureauId, JobRunId, ReceiptId},
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, QueryTrait, Statement};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One act for the audit trail: who did what to which table, with counts and ids, never content.
#[derive(Debug, Clone, Default)]
pub struct AuditAct {
    /// The token's subject, or `system`.
    pub actor: String,
    /// The roles it acted in, separated by spaces.
    pub roles: String,
    /// What was done.
    pub verb: String,
    /// To which table.
    pub noun: String,
    /// In which bureau, where it was one.
    pub bureau_id: Option<BureauId>,
    /// To which record, where it was one.
    pub record_id: Option<Uuid>,
    /// Counts by outcome.
    pub counts: serde_json::Value,
    /// The call's receipt.
    pub receipt_id: Option<ReceiptId>,
    /// The run asked for or acted in.
    pub run_id: Option<JobRunId>,
    /// The reason given.
    pub reason: Option<String>,
    /// Whose people it concerned, and how many: bureaus that are told of it, whoever acted.
    pub concerned: BTreeMap<BureauId, i64>,
}

/// Writes one audit entry.
///
/// # Errors
/// The engine's.
pub async fn audit<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, act: AuditAct) -> Result<(), DbErr> {
    audit_all(tx, vec![(at, act)]).await.map(|_| ())
}

/// Writes audit entries, a row each, and the sets of bureaus that they name: these are there for all others once the transaction has committed.
///
/// # Errors
/// The engine's.
pub async fn audit_all<C: ConnectionTrait>(tx: &C, acts: Vec<(DateTime<Utc>, AuditAct)>) -> Result<BureauSets, DbErr> {
    let sets = BureauSets::of(tx, &acts).await?;
    sets.put(tx).await?;
    let entries = sets.entries(acts).ok_or_else(|| DbErr::Custom("an act concerns a bureau that its set does not hold".to_owned()))?;
    put_all(tx, entries, false).await?;
    Ok(sets)
}

/// The one statement that writes a few entries, whose sets are there already.
#[must_use]
pub fn insert_entries(backend: DbBackend, entries: Vec<audit_entry::Model>) -> Statement {
    audit_entry::Entity::insert_many(entries.into_iter().map(|entry| entry.into_active_model().reset_all())).build(backend)
}

//! Entries of the audit trail.

use super::put_all;
use chrono::{DateTime, Utc};
use entity::ids::{AuditEntryId, BureauId, JobRunId, ReceiptId};
use sea_orm::{ConnectionTrait, DbErr};
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
}

/// Writes one audit entry.
///
/// # Errors
/// The engine's.
pub async fn audit<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, act: AuditAct) -> Result<(), DbErr> {
    let entry = entity::audit_entry::Model {
        id: AuditEntryId::new(),
        at,
        actor: act.actor,
        roles: act.roles,
        verb: act.verb,
        noun: act.noun,
        bureau_id: act.bureau_id,
        record_id: act.record_id,
        counts: act.counts,
        receipt_id: act.receipt_id,
        run_id: act.run_id,
        reason: act.reason,
    };
    put_all(tx, vec![entry], false).await
}

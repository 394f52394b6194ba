//! Entries of the audit trail.

use super::put_all;
use crate::dialect::{JsonKind, execute, json_rows};
use chrono::{DateTime, Utc};
use entity::{
    audit_entry,
    ids::{AuditEntryId, BureauId, JobRunId, ReceiptId},
};
use sea_orm::{ConnectionTrait, DbErr};
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
    audit_all(tx, vec![(at, act)]).await
}

/// Writes audit entries, a row each, with the bureaus that they concern; the bureau in which an act was done is one of them.
///
/// # Errors
/// The engine's.
pub async fn audit_all<C: ConnectionTrait>(tx: &C, acts: Vec<(DateTime<Utc>, AuditAct)>) -> Result<(), DbErr> {
    let mut told = Vec::new();
    let mut entries = Vec::with_capacity(acts.len());
    for (at, mut act) in acts {
        let entry_id = AuditEntryId::new();
        if let Some(own) = act.bureau_id {
            act.concerned.entry(own).or_default();
        }
        let concerned = std::mem::take(&mut act.concerned).into_iter();
        told.extend(concerned.map(|(bureau_id, concerned)| (entry_id, bureau_id, concerned)));
        entries.push(entry(entry_id, at, act));
    }
    put_all(tx, entries, false).await?;
    tell(tx, &told).await
}

/// Tells the bureaus of the entries. A page of a whole office is told to each of its bureaus, so that this is most of what it writes.
async fn tell<C: ConnectionTrait>(tx: &C, told: &[(AuditEntryId, BureauId, i64)]) -> Result<(), DbErr> {
    if told.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(told).map_err(|error| DbErr::Json(error.to_string()))?;
    let rows_of = json_rows(tx.get_database_backend(), &[JsonKind::Uuid, JsonKind::Uuid, JsonKind::Integer]);
    let insert = format!("INSERT INTO audit_entry_bureau (entry_id, bureau_id, concerned) {rows_of}");
    execute(tx, &insert, vec![rows.into()]).await?;
    Ok(())
}

fn entry(id: AuditEntryId, at: DateTime<Utc>, act: AuditAct) -> audit_entry::Model {
    audit_entry::Model {
        id,
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
    }
}

//! Entries of the audit trail.

use super::put_all;
use chrono::{DateTime, Utc};
use entity::{
    audit_entry, audit_entry_bureau,
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
    audit_all(tx, at, vec![act]).await
}

/// Writes audit entries, a row each, with the bureaus that they concern; the bureau in which an act was done is one of them.
///
/// # Errors
/// The engine's.
pub async fn audit_all<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, mut acts: Vec<AuditAct>) -> Result<(), DbErr> {
    let mut told = Vec::new();
    let mut entries = Vec::with_capacity(acts.len());
    for act in &mut acts {
        let entry_id = AuditEntryId::new();
        if let Some(own) = act.bureau_id {
            act.concerned.entry(own).or_default();
        }
        let concerned = std::mem::take(&mut act.concerned).into_iter();
        told.extend(concerned.map(|(bureau_id, concerned)| audit_entry_bureau::Model { entry_id, bureau_id, concerned }));
        entries.push(entry(entry_id, at, std::mem::take(act)));
    }
    put_all(tx, entries, false).await?;
    put_all(tx, told, false).await
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

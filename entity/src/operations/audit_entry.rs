//! The audit trail: actor, verb, counts, ids and receipt, never content.

use crate::ids::{AuditEntryId, BureauId, JobRunId, ReceiptId};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One act.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// The row's key; later acts sort later.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEntryId,
    /// When.
    pub at: DateTime<Utc>,
    /// The token's subject, or `system`.
    #[sea_orm(column_type = "Text")]
    pub actor: String,
    /// The roles it acted in, in the grid's order, separated by spaces.
    #[sea_orm(column_type = "Text")]
    pub roles: String,
    /// What was done.
    #[sea_orm(column_type = "Text")]
    pub verb: String,
    /// To which table.
    #[sea_orm(column_type = "Text")]
    pub noun: String,
    /// In which bureau; null where it was not one.
    pub bureau_id: Option<BureauId>,
    /// To which record; null for many.
    pub record_id: Option<Uuid>,
    /// Counts by outcome.
    pub counts: Json,
    /// The call's receipt.
    pub receipt_id: Option<ReceiptId>,
    /// The run asked for or acted in.
    pub run_id: Option<JobRunId>,
    /// The reason given.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

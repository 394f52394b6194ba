//! The audit trail: actor, verb, counts, ids and receipt, never content.

use crate::ids::{AuditEntryId, BureauId, BureauSetId, JobRunId, ReceiptId};
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
    /// The set that holds the bureaus which it concerned, which are told of it whoever acted; null where it concerned nobody's people.
    pub bureau_set_id: Option<BureauSetId>,
    /// A list as long as the set: how many of each bureau (rows that were read or counted, people whose records were written; 0 where the act
    /// was done in the bureau and counts neither), and null for those that it did not concern. It is sealed with the act.
    pub concerned: Option<Json>,
}

impl ActiveModelBehavior for ActiveModel {}

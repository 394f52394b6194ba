//! The entries of the audit trail that are sealed: their numbers, and the chain of hashes.

use crate::ids::AuditEntryId;
use sea_orm::entity::prelude::*;

/// One sealed entry.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_seal_item")]
pub struct Model {
    /// 1, 2, 3 … over all seals, without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// The seal.
    pub seal: i64,
    /// The entry; no foreign key, so that a removed one is found out and not prevented from being missed.
    #[sea_orm(unique)]
    pub entry_id: AuditEntryId,
    /// Hash over the former item's hash and the entry's content, in hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub hash: String,
}

impl ActiveModelBehavior for ActiveModel {}

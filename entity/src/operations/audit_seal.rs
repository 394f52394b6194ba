//! Seals of the audit trail: each closes a batch of numbered, hash-chained entries, and its head is signed with a key outside the database.

use crate::ids::JobRunId;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One seal.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_seal")]
pub struct Model {
    /// 1, 2, 3 … without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// Number of its first entry.
    pub first_item: i64,
    /// Number of its last entry.
    pub last_item: i64,
    /// The head: hash of the last entry, in hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub head: String,
    /// Which key signed the head.
    #[sea_orm(column_type = "Text")]
    pub key_id: String,
    /// The signature, in hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub signature: String,
    /// When.
    pub sealed_at: DateTime<Utc>,
    /// The run that sealed.
    pub run_id: JobRunId,
}

impl ActiveModelBehavior for ActiveModel {}

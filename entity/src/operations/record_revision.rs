//! Former versions of records, so that every record shows its history.

use crate::ids::{ReceiptId, RecordRevisionId};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One former version.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_revision")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecordRevisionId,
    /// The table.
    #[sea_orm(column_type = "Text")]
    pub noun: String,
    /// The record.
    pub record_id: Uuid,
    /// The version's number.
    pub revision: i32,
    /// What the version said, by column.
    pub content: Json,
    /// The call that wrote the version.
    pub receipt_id: ReceiptId,
    /// When the version was written.
    pub written_at: DateTime<Utc>,
    /// When a later version took its place.
    pub replaced_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

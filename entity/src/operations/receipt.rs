//! The receipt of one bulk call: inserted first, so that a concurrent twin waits and replays it.

use crate::ids::ReceiptId;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One receipt; the key belongs to writer and mutation and is kept 90 days.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReceiptId,
    /// The client, or the person who wrote as the office.
    #[sea_orm(column_type = "Text")]
    pub writer: String,
    /// The mutation.
    #[sea_orm(column_type = "Text")]
    pub mutation: String,
    /// The caller's key.
    #[sea_orm(column_type = "Text")]
    pub idempotency_key: String,
    /// SHA-256 of the input: the same key with another body is a conflict.
    #[sea_orm(column_type = "Text")]
    pub body_hash: String,
    /// The outcome: counts, rejections, months made stale.
    pub outcome: Json,
    /// When the call was made.
    pub created_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

//! The receipt of one bulk call: inserted first, so that a concurrent twin waits and replays it, and numbered last, so that who reads in the order of
//! the numbers misses none. What changes records without a call (the disposal, the turn of a day) leaves a receipt of its own.

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
    /// Its place among the calls that wrote records, in the order of their commits; null where nothing was written.
    #[sea_orm(unique)]
    pub sequence: Option<i64>,
    /// When it was numbered: later than any receipt before it in this order, and no earlier than its records were written.
    pub numbered_at: Option<DateTime<Utc>>,
    /// How many records it wrote, those included that it moved.
    pub records: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

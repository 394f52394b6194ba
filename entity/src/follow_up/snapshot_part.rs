//! A part of a snapshot: rows under keyed pseudonyms, as text.

use crate::ids::SnapshotId;
use sea_orm::entity::prelude::*;

/// One part, in its place.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "snapshot_part")]
pub struct Model {
    /// The snapshot.
    #[sea_orm(primary_key, auto_increment = false)]
    pub snapshot_id: SnapshotId,
    /// Its place, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// Which rows: the manifest says what they are.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// SHA-256 of the content, in hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    /// The rows, a line each.
    #[sea_orm(column_type = "Text")]
    pub content: String,
}

impl ActiveModelBehavior for ActiveModel {}

//! What a record's row does not tell of its changes: from where to where it went, by place or by who sees it, and that it was erased. Kept as long as
//! receipts are.

use crate::ids::{BureauId, ChangeId, PostingId, ReceiptId, StaffId, UnitId};
use sea_orm::entity::prelude::*;

/// One move or disposal. A record that many places see has a row for each that begins or ceases to.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChangeId,
    /// What made it.
    pub receipt_id: ReceiptId,
    /// The table.
    #[sea_orm(column_type = "Text")]
    pub noun: String,
    /// The record.
    pub record_id: Uuid,
    /// Whether the record was erased.
    pub disposed: bool,
    /// Whether the places are those that hold the record's person, and not the record's own.
    pub held: bool,
    /// The bureau that saw it before; null where none did.
    pub from_bureau_id: Option<BureauId>,
    /// The unit whose managers did.
    pub from_unit_id: Option<UnitId>,
    /// The person it was about.
    pub from_staff_id: Option<StaffId>,
    /// The bureau that sees it now; null where none does.
    pub to_bureau_id: Option<BureauId>,
    /// The unit whose managers do.
    pub to_unit_id: Option<UnitId>,
    /// The person it is about.
    pub to_staff_id: Option<StaffId>,
    /// The posting on which it rests now.
    pub to_posting_id: Option<PostingId>,
}

impl ActiveModelBehavior for ActiveModel {}

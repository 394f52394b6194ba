//! The bureau that an office-wide writer named as a person's holder, where posts beside a main one leave it open.

use crate::ids::{BureauId, NamedHolderId, StaffId};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

/// One naming; it is in force from its day on, until that of the next.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "named_holder")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NamedHolderId,
    /// The person.
    pub staff_id: StaffId,
    /// From which day on.
    pub valid_from: NaiveDate,
    /// The bureau.
    pub bureau_id: BureauId,
    /// Why, in the words of who named it.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// Who named it.
    #[sea_orm(column_type = "Text")]
    pub named_by: String,
    /// When.
    pub named_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

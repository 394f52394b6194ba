//! What must be computed anew. Insert-only: a job deletes exactly the marks that its snapshot saw.

use crate::{
    ids::{BureauId, ReceiptId, StaffId, StaleMarkId},
    period::YearMonth,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One mark: a person's month in a bureau, or everybody's where the person is null.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stale_mark")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StaleMarkId,
    /// The bureau.
    pub bureau_id: BureauId,
    /// The month.
    pub month: YearMonth,
    /// The person; null for everybody.
    pub staff_id: Option<StaffId>,
    /// The call that made it stale.
    pub receipt_id: Option<ReceiptId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

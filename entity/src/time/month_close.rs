//! The close of a month, per bureau: open, submitted by the bureau's officer, closed by the secretariat.

use crate::{
    ids::{BureauId, MonthCloseId},
    period::YearMonth,
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// Where a bureau's month stands.
    CloseState {
        /// Records are still written.
        Open,
        /// The bureau's officer says it is complete.
        Submitted,
        /// A bureau system is refused; people correct with a reason.
        Closed,
    }
}

/// One bureau's month. Writers lock it FOR SHARE, closing locks it FOR UPDATE.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "month_close")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MonthCloseId,
    /// The bureau.
    #[sea_orm(unique_key = "bureau_month")]
    pub bureau_id: BureauId,
    /// The month.
    #[sea_orm(unique_key = "bureau_month")]
    pub month: YearMonth,
    /// Where it stands.
    pub state: CloseState,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub submitted_by: Option<String>,
    /// Why it was submitted though it looks incomplete.
    #[sea_orm(column_type = "Text")]
    pub submission_reason: Option<String>,
    /// When it was last sent back, or taken back by its officer; null while that was not, and once it is submitted anew.
    pub returned_at: Option<DateTime<Utc>>,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub returned_by: Option<String>,
    /// Why.
    #[sea_orm(column_type = "Text")]
    pub return_reason: Option<String>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub closed_by: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

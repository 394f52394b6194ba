//! 報告: that a cycle was reported to the Promotion Committee, and to the Council, in any order.

use crate::{
    ids::{FollowUpId, FollowUpReportId},
    text_enum::text_enum,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// The body to which a cycle of the follow-up is reported; a version is published once both reports are recorded.
    ReportBody {
        /// The Promotion Committee (推進委員会).
        PromotionCommittee,
        /// The Council for women's participation and work-life balance (女性職員活躍・ワークライフバランス推進協議会).
        Council,
    }
}

/// One report; with version and body it is unique in its cycle.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_up_report")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FollowUpReportId,
    /// The cycle.
    pub follow_up_id: FollowUpId,
    /// The version that was reported: a correction is reported anew.
    #[sea_orm(column_type = "Text")]
    pub version: String,
    /// To whom.
    pub body: ReportBody,
    /// The day of the meeting, or of the circulation.
    pub reported_on: NaiveDate,
    /// The paper: its number or title.
    #[sea_orm(column_type = "Text")]
    pub paper: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub recorded_by: String,
}

impl ActiveModelBehavior for ActiveModel {}

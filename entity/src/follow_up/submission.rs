//! 提出: what a bureau answers to its data call. A later version takes the place of the former one, which stays.

use crate::{
    ids::{BureauId, FollowUpId, SubmissionId},
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Where a revision of a bureau's submission stands.
    SubmissionState {
        /// It waits for the secretariat to take or to return it; the bureau may still submit another.
        Submitted,
        /// The secretariat wants it corrected; the comment says what, and the bureau submits anew.
        Returned,
        /// The secretariat took it; the bureau corrects it only after it was returned.
        Accepted,
    }
}

/// A figure that the bureau alone knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmittedFigure {
    /// Code of the item.
    pub item: String,
    /// Numerator.
    pub numerator: i64,
    /// Denominator; zero where there is nobody to count.
    pub denominator: i64,
    /// A word about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What was done, or is to be done next, as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmittedAction {
    /// Code of the plan's initiative; what was submitted before it had this name is read too.
    #[serde(alias = "measure")]
    pub initiative: String,
    /// 1 to 100 characters; of what is to be done next up to 200.
    pub text: String,
}

/// What a bureau submits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionContent {
    /// Figures, one an item, in the items' order.
    pub figures: Vec<SubmittedFigure>,
    /// What was done, at most two an initiative, in the initiatives' order.
    pub actions: Vec<SubmittedAction>,
    /// What is to be done next (今後の取組), at most one text an initiative, in the initiatives' order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next_steps: Vec<SubmittedAction>,
}

/// One version of a bureau's answer; with cycle and bureau, the version is unique.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submission")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SubmissionId,
    /// The cycle.
    pub follow_up_id: FollowUpId,
    /// The bureau.
    pub bureau_id: BureauId,
    /// Counts the bureau's answers from 1.
    pub revision: i32,
    /// Where it stands.
    pub state: SubmissionState,
    /// A [`SubmissionContent`].
    pub content: Json,
    /// When it was submitted.
    pub submitted_at: DateTime<Utc>,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub submitted_by: String,
    /// When the secretariat returned or took it.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// Who did.
    #[sea_orm(column_type = "Text")]
    pub reviewed_by: Option<String>,
    /// What the secretariat said.
    #[sea_orm(column_type = "Text")]
    pub comment: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

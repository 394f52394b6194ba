//! 確認事項: what a check of a draft found, to be answered before the cycle is compiled.

use crate::{
    ids::{FindingId, FollowUpId},
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What a draft is checked for. What is found is answered before the cycle is compiled.
    FindingCheck {
        /// A bureau has submitted nothing that was taken.
        MissingSubmission,
        /// What a bureau submitted leaves out a figure that each bureau is asked for.
        MissingFigure,
        /// A value is negative, or a percentage passes 100 although its indicator may not.
        ShareOutOfRange,
        /// The denominators of the rank bands do not add up to the whole office's.
        BandsDoNotAddUp,
        /// The office's figure moved against the year before by more than 10 points, or by more than a quarter where it is no percentage.
        Jump,
        /// Records of a month have changed since its figures were computed, or these were never computed.
        StaleFigures,
        /// Some bureau has not closed a month of the year, so that its figures are provisional.
        OpenMonth,
        /// Bureaus have reported nothing in a month of what a figure rests on; they are left out of it.
        NotReported,
        /// A figure covers too small a share of its people for a target to be held against it.
        PartlyReported,
        /// A figure is not there yet for the date that belongs to it.
        NoFigure,
        /// A target was in force and its figure is not known.
        TargetWithoutFigure,
        /// No target is in force for what the plan has one.
        NoTargetInForce,
    }
}

impl FindingCheck {
    /// Whether what it finds becomes part of the release: it names no bureau that does not appear in one, and speaks of what readers see.
    #[must_use]
    pub const fn is_published(self) -> bool {
        !matches!(self, Self::MissingSubmission | Self::MissingFigure | Self::StaleFigures)
    }
}

/// One finding; check and subject are unique in a cycle's version.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "finding")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FindingId,
    /// The cycle.
    pub follow_up_id: FollowUpId,
    /// The version.
    #[sea_orm(column_type = "Text")]
    pub version: String,
    /// Which check.
    pub check_name: FindingCheck,
    /// Code of the indicator or bureau that it is about, or TOTAL.
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    /// What was found, in Japanese; it says no figure that is withheld.
    #[sea_orm(column_type = "Text")]
    pub text_ja: String,
    /// The same in English.
    #[sea_orm(column_type = "Text")]
    pub text_en: String,
    /// What was answered.
    #[sea_orm(column_type = "Text")]
    pub answer: Option<String>,
    /// Whether the answer is published with the finding.
    pub answer_published: bool,
    /// When.
    pub answered_at: Option<DateTime<Utc>>,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub answered_by: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

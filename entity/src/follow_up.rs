//! フォローアップ: the cycle of one fiscal year, from the data call to the published release. There is exactly one a year.
//!
//! A correction goes round once more under the next version. Deliberately absent: what bureaus submit, reports and findings, which have
//! tables of their own, and figures, which are the release's.

pub mod data_call;
pub mod finding;
pub mod follow_up_event;
pub mod follow_up_report;
pub mod release;
pub mod release_file;
pub mod release_observation;
pub mod snapshot;
pub mod snapshot_part;
pub mod submission;

use crate::{
    ids::{FollowUpId, PlanId},
    period::FiscalYear,
    text_enum::text_enum,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// Where a cycle of the follow-up stands, in the order in which it is carried; some acts lead back.
    FollowUpStage {
        /// Bureaus submit, and the secretariat takes or returns what they submit.
        Collecting,
        /// Nothing is taken any more; the job freezes a snapshot and writes the draft.
        Frozen,
        /// The draft is there, and the secretariat answers its findings.
        Draft,
        /// Compiled by the Executive Committee (幹事会); it waits for both reports and for its publication.
        Compiled,
        /// The version is published; a further one may be begun, or all of them withdrawn.
        Published,
        /// Its releases were withdrawn; a tombstone stands in their place.
        Withdrawn,
    }
}
text_enum! {
    /// Why there is a release, which decides which number of its version is raised.
    ReleaseKind {
        /// The first of its fiscal year, always version `1.0.0`.
        Initial,
        /// An error was corrected, which raises the third number of the version.
        Correction,
        /// Data were added, which raises the second number of the version.
        NewData,
        /// What is counted has changed, which raises the first number of the version.
        Definition,
    }
}

/// One cycle.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_up")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FollowUpId,
    /// The plan that is followed up.
    pub plan_id: PlanId,
    /// The fiscal year; with the plan it is unique.
    pub fiscal_year: FiscalYear,
    /// Where it stands.
    pub stage: FollowUpStage,
    /// The version that is being made, or was published last, such as `1.0.0`.
    #[sea_orm(column_type = "Text")]
    pub version: String,
    /// Why that version is made.
    pub kind: ReleaseKind,
    /// What is corrected, added or changed, in Japanese; null for the first.
    #[sea_orm(column_type = "Text")]
    pub reason_ja: Option<String>,
    /// The same in English.
    #[sea_orm(column_type = "Text")]
    pub reason_en: Option<String>,
    /// The last day on which bureaus are to submit.
    pub due_on: NaiveDate,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// The instant whose state the version shows; null until it is frozen.
    pub frozen_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

//! 公表: one version of a year's figures, protected already. A published one never changes; a correction is another one.

use crate::{
    follow_up::ReleaseKind,
    ids::{FollowUpId, ReleaseId},
    period::FiscalYear,
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// Where a release stands, which decides who reads it.
    ReleaseState {
        /// Seen by the promotion officer, committees and the secretariat, who make, compile and promote it.
        Draft,
        /// Everybody's, without a token; it never changes, though it may be withdrawn.
        Published,
        /// A tombstone: that it was, and why it is no longer shown.
        Withdrawn,
    }
}

/// One release; plan, year and version are unique.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReleaseId,
    /// The cycle that made it.
    pub follow_up_id: FollowUpId,
    /// Code of the plan.
    #[sea_orm(column_type = "Text")]
    pub plan: String,
    /// The fiscal year.
    pub fiscal_year: FiscalYear,
    /// Its version, such as `1.0.0`.
    #[sea_orm(column_type = "Text")]
    pub version: String,
    /// Why there is one.
    pub kind: ReleaseKind,
    /// Where it stands.
    pub state: ReleaseState,
    /// SHA-256 of the snapshot that it was made from.
    #[sea_orm(column_type = "Text")]
    pub snapshot_sha256: String,
    /// The instant whose state it shows.
    pub as_of: DateTime<Utc>,
    /// What it says, JSON.
    #[sea_orm(column_type = "Text")]
    pub document: String,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub published_by: Option<String>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why.
    #[sea_orm(column_type = "Text")]
    pub withdrawn_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

//! What happened to a cycle: who did what, when and why.

use crate::{
    follow_up::FollowUpStage,
    ids::{FollowUpEventId, FollowUpId},
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What was done.
    FollowUpAct {
        /// The data call was made.
        Opened,
        /// Its days were changed.
        Rescheduled,
        /// Nothing is taken any more.
        Frozen,
        /// Collecting goes on, before there was a release.
        Reopened,
        /// The job wrote the draft.
        Drafted,
        /// A finding was answered.
        Answered,
        /// It was compiled.
        Compiled,
        /// A report was recorded.
        Reported,
        /// It was published.
        Published,
        /// A further version was begun.
        Corrected,
        /// Its releases were withdrawn.
        Withdrawn,
    }
}

/// One event.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_up_event")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FollowUpEventId,
    /// The cycle.
    pub follow_up_id: FollowUpId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: the token's subject, or `system`.
    #[sea_orm(column_type = "Text")]
    pub actor: String,
    /// What was done.
    pub act: FollowUpAct,
    /// Where the cycle stood afterwards.
    pub stage: FollowUpStage,
    /// Of which version.
    #[sea_orm(column_type = "Text")]
    pub version: String,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

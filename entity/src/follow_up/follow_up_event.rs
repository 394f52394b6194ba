//! What happened to a cycle: who did what, when and why.

use crate::{
    follow_up::FollowUpStage,
    ids::{BureauId, FollowUpEventId, FollowUpId},
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What was done to a cycle of the follow-up.
    FollowUpAct {
        /// The secretariat opened the cycle, with a data call to every bureau in being on a day of the year.
        Opened,
        /// The secretariat set another due day, for all bureaus or for one.
        Rescheduled,
        /// A bureau's officer submitted a new revision.
        Submitted,
        /// The secretariat returned a bureau's submission, to be corrected and sent anew.
        SubmissionReturned,
        /// The secretariat took a bureau's submission.
        SubmissionAccepted,
        /// The secretariat ended the collecting: nothing is taken any more, and the draft is asked for.
        Frozen,
        /// Collecting goes on; what was drafted of the version is gone.
        Reopened,
        /// The job `FOLLOW_UP_DATASET` froze a snapshot and wrote the draft of it.
        Drafted,
        /// The secretariat answered a finding of the draft, or answered it otherwise.
        Answered,
        /// The Executive Committee (幹事会) compiled the draft, all of whose findings were answered.
        Compiled,
        /// The Executive Committee (幹事会) gave what it had compiled back; it is a draft again.
        Returned,
        /// A report to the Promotion Committee or the Council was recorded, or its record corrected.
        Reported,
        /// The secretariat published the version that was compiled.
        Published,
        /// The secretariat began a further version, which collects anew or is frozen at once.
        Corrected,
        /// The secretariat withdrew all releases that were published; tombstones stand in their place.
        Withdrawn,
    }
}

impl FollowUpAct {
    /// Where the act leads a cycle that stands at `from`; none where it cannot be done there. Whether a row's contents allow it is another
    /// question, and so is who may do it.
    #[must_use]
    pub const fn leads(self, from: FollowUpStage) -> Option<FollowUpStage> {
        use FollowUpStage as Stage;
        match (self, from) {
            (Self::Rescheduled | Self::Submitted | Self::SubmissionReturned | Self::SubmissionAccepted, Stage::Collecting)
            | (Self::Reopened, Stage::Frozen | Stage::Draft) => Some(Stage::Collecting),
            // A version that takes no submission is begun frozen.
            (Self::Frozen, Stage::Collecting) | (Self::Corrected, Stage::Published | Stage::Withdrawn) => Some(Stage::Frozen),
            (Self::Drafted, Stage::Frozen) | (Self::Answered | Self::Reported, Stage::Draft) | (Self::Returned, Stage::Compiled) => {
                Some(Stage::Draft)
            }
            (Self::Compiled, Stage::Draft) | (Self::Reported, Stage::Compiled) => Some(Stage::Compiled),
            (Self::Published, Stage::Compiled) => Some(Stage::Published),
            // What has been published is withdrawn whether or not the next version is being made.
            (Self::Withdrawn, Stage::Collecting | Stage::Frozen | Stage::Draft | Stage::Compiled | Stage::Published) => {
                Some(Stage::Withdrawn)
            }
            _ => None,
        }
    }

    /// The word in the audit trail.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Opened => "OPEN",
            Self::Rescheduled => "RESCHEDULE",
            Self::Submitted => "SUBMIT",
            Self::SubmissionReturned | Self::Returned => "RETURN",
            Self::SubmissionAccepted => "ACCEPT",
            Self::Frozen => "FREEZE",
            Self::Reopened => "REOPEN",
            Self::Drafted => "DRAFT",
            Self::Answered => "ANSWER",
            Self::Compiled => "COMPILE",
            Self::Reported => "REPORT",
            Self::Published => "PUBLISH",
            Self::Corrected => "CORRECT",
            Self::Withdrawn => "WITHDRAW",
        }
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
    /// Of which bureau, where it is about one.
    pub bureau_id: Option<BureauId>,
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

//! When each job is due, as administrators set it.

use crate::{ids::JobScheduleId, job_run::JobName, text_enum::text_enum};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What becomes of slots that passed while nobody looked; a slot up to 5 minutes late is on time.
    Misfire {
        /// They are let go, and no run is made of them.
        Skip,
        /// The latest of them becomes a run, the others are let go.
        Latest,
        /// Each of them becomes a run.
        All,
    }
}
text_enum! {
    /// What becomes of a slot while an earlier run of the schedule is not over.
    Overlap {
        /// It is skipped, and its row says so.
        Skip,
        /// It becomes a run that waits, also behind the earlier one where the job runs one at a time.
        Queue,
        /// It takes the place of the earlier ones, which are cancelled.
        Replace,
    }
}

/// The schedule of one job.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_schedule")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobScheduleId,
    /// The job; one schedule each.
    #[sea_orm(unique)]
    pub job: JobName,
    /// Six fields from seconds to the day of the week; one of the two day fields is `*`.
    #[sea_orm(column_type = "Text")]
    pub cron: String,
    /// The IANA name of the zone whose clock the cron reads.
    #[sea_orm(column_type = "Text")]
    pub zone: String,
    /// Whether slots are made.
    pub enabled: bool,
    /// What becomes of missed slots.
    pub misfire: Misfire,
    /// Seconds after which a missed slot is made up for no more.
    pub catch_up_seconds: i64,
    /// What becomes of a slot while an earlier run goes on.
    pub overlap: Overlap,
    /// Raised by each change.
    pub version: i32,
    /// Slots up to here were dealt with; null before the first look.
    pub cursor: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// By whom, `system` for the default.
    #[sea_orm(column_type = "Text")]
    pub changed_by: String,
    /// Minutes after a slot by which its run is expected to be over.
    pub expected_within_minutes: i32,
}

impl ActiveModelBehavior for ActiveModel {}

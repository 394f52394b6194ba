//! The run ledger: each run of a job is a row.

use crate::{ids::JobRunId, period::YearMonth, text_enum::text_enum};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// The jobs that there are.
    JobName {
        /// Person-months, measures and indicators of a month, or of what is stale.
        MonthlyIndicators,
    }
}
text_enum! {
    /// What started a run.
    Trigger {
        /// The schedule.
        Schedule,
        /// An administrator, by mutation.
        Manual,
        /// The command line.
        Command,
    }
}
text_enum! {
    /// Where a run stands.
    RunState {
        /// Waits for a worker.
        Queued,
        /// Is being done.
        Running,
        /// Is done.
        Succeeded,
        /// Ended with an error.
        Failed,
        /// Was not done, for a reason.
        Skipped,
    }
}

/// One run. Period and as-of stand in the row, so that a run never reads "now".
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_run")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobRunId,
    /// The job.
    pub job: JobName,
    /// The month; null for all that is stale.
    pub period: Option<YearMonth>,
    /// What started it.
    pub trigger: Trigger,
    /// Unique: a slot, or a caller's idempotency key, makes one run.
    #[sea_orm(unique, column_type = "Text")]
    pub dedupe_key: String,
    /// Who asked, `system` for the schedule.
    #[sea_orm(column_type = "Text")]
    pub requested_by: String,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    /// The scheduled instant of a slot.
    pub slot: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: RunState,
    /// Raised by each claim; a write under an older epoch changes nothing.
    pub epoch: i64,
    /// The run's own "now".
    pub as_of: DateTime<Utc>,
    /// When it was asked for.
    pub queued_at: DateTime<Utc>,
    /// When a worker claimed it.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Typed counts of what was done.
    pub statistics: Option<Json>,
    /// SHA-256 of the output's natural keys and values.
    #[sea_orm(column_type = "Text")]
    pub output_digest: Option<String>,
    /// The failure's id and kind, without personal data.
    #[sea_orm(column_type = "Text")]
    pub error: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

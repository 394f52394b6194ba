//! Backfills: runs of one job over a range of months.

use crate::{ids::JobBackfillId, job_run::JobName, period::YearMonth, text_enum::text_enum};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// Which months of its range a backfill takes, as they stand when it is planned; dry runs count for nothing.
    BackfillScope {
        /// Those of which no run of their own has succeeded.
        Missing,
        /// Those whose latest run of their own failed.
        Failed,
        /// All months, whatever became of earlier runs.
        All,
    }
}
text_enum! {
    /// Where a backfill stands; it only goes forward.
    BackfillState {
        /// It says what it would run, and runs nothing yet.
        Planned,
        /// Its runs go on, the oldest month first; one that fails does not stop it.
        Running,
        /// All of them are over.
        Finished,
        /// An administrator stopped it before it had finished; it is never started again.
        Cancelled,
    }
}

/// One backfill.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_backfill")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobBackfillId,
    /// The job.
    pub job: JobName,
    /// The first month.
    pub first_period: YearMonth,
    /// The last month.
    pub last_period: YearMonth,
    /// Which of them.
    pub scope: BackfillScope,
    /// How many runs go on at once.
    pub at_once: i32,
    /// The months that were chosen.
    pub periods: Json,
    /// Where it stands.
    pub state: BackfillState,
    /// Who asked.
    #[sea_orm(column_type = "Text")]
    pub requested_by: String,
    /// Why.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    /// When it was started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl ActiveModelBehavior for ActiveModel {}

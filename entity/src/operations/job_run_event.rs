//! What happened to each run, in order: a row for each transition, written in the transaction that makes it.

use crate::{ids::JobRunId, text_enum::text_enum};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What happened to a run; each transition is told once.
    RunEvent {
        /// It was asked for; `data` tells by what and by whom.
        Enqueued,
        /// A worker has it: the first attempt, a later one, or one that goes on at a checkpoint.
        Claimed,
        /// It came further; at most one a second.
        Progress,
        /// The job wrote down where it stands.
        Checkpoint,
        /// An attempt failed, and another one follows.
        RetryScheduled,
        /// Its worker vanished without a word; the attempt does not count.
        Lost,
        /// Its worker stopped in good order and gave it back.
        HandedBack,
        /// Somebody asked it to stop.
        CancelRequested,
        /// It stopped, as asked: a waiting run at once, another before its next write.
        Cancelled,
        /// It is done; `data` has the digest of its output.
        Succeeded,
        /// It ended with an error, and no attempt follows.
        Failed,
        /// It is not done, for a reason.
        Skipped,
    }
}

/// One event.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_run_event")]
pub struct Model {
    /// The run.
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: JobRunId,
    /// 1, 2, 3 … within the run, without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: RunEvent,
    /// The particulars; no personal data.
    pub data: Json,
}

impl ActiveModelBehavior for ActiveModel {}

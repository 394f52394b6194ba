//! The fence of each run: a write transaction of the job takes its row FOR SHARE, and who takes the run over raises the epoch.
//!
//! It is a table of its own, because heartbeats write `job_run` all the time and must not wait for the job's writes.

use crate::ids::JobRunId;
use sea_orm::entity::prelude::*;

/// One run's fence, made with the run.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_fence")]
pub struct Model {
    /// The run.
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: JobRunId,
    /// The epoch of the claim that may write.
    pub epoch: i64,
}

impl ActiveModelBehavior for ActiveModel {}

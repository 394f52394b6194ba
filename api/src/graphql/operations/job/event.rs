//! What happened to a run.

use crate::words::{Long, RunEvent};
use async_graphql::{Json, Object};
use chrono::{DateTime, Utc};
use entity::job_run_event::Model;

/// One thing that happened to a run.
pub struct JobRunEvent(Model);

impl From<Model> for JobRunEvent {
    fn from(row: Model) -> Self {
        Self(row)
    }
}

/// One thing that happened to a run, written in the transaction that made it so.
#[Object]
impl JobRunEvent {
    /// 1, 2, 3 … within the run, without a gap.
    async fn sequence(&self) -> Long {
        Long(self.0.sequence)
    }

    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// What happened.
    async fn kind(&self) -> RunEvent {
        self.0.kind
    }

    /// The particulars as JSON, without personal data; the kind decides which there are.
    async fn data(&self) -> Json<&serde_json::Value> {
        Json(&self.0.data)
    }
}

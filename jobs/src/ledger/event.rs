//! Events of runs. A row's own lock orders them: who writes one has changed the run's row in the same transaction before. On PostgreSQL
//! the statement tells those who watch in all processes when it commits; in this process the writer does ([`super::Ledger::tell`]).

use crate::dialect;
use chrono::{DateTime, Utc};
use entity::{ids::JobRunId, job_run_event::RunEvent};
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr};
use serde_json::Value;

const ADD: &str = "INSERT INTO job_run_event (run_id, sequence, at, kind, data)
    SELECT $1, COALESCE(MAX(sequence), 0) + 1, $2, $3, $4 FROM job_run_event WHERE run_id = $1 {tell}";

/// Adds the run's next event.
pub(crate) async fn add<C: ConnectionTrait>(tx: &C, run: JobRunId, at: DateTime<Utc>, kind: RunEvent, data: Value) -> Result<(), DbErr> {
    let values = vec![run.into(), at.into(), kind.to_value().into(), data.into()];
    dialect::execute(tx, ADD, values).await?;
    Ok(())
}

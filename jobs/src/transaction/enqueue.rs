//! Runs that begin to wait, and those that are asked to stop.

use super::{chunk_rows, put_all};
use crate::{dialect, job, ledger::event};
use chrono::{DateTime, Utc};
use entity::{
    ids::{JobBackfillId, JobRunId},
    job_fence,
    job_run::{self, JobName, RunState, Trigger},
    job_run_event::{self, RunEvent},
    job_schedule, job_schedule_version,
    period::YearMonth,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use serde_json::json;
use std::collections::BTreeSet;

/// A run to be enqueued; [`NewRun::new`] gives what is usual.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The job.
    pub job: JobName,
    /// The month, or `None` for all that is stale.
    pub period: Option<YearMonth>,
    /// What starts it.
    pub trigger: Trigger,
    /// A slot or a caller's key makes one run.
    pub dedupe_key: String,
    /// Who asks.
    pub requested_by: String,
    /// Why.
    pub reason: Option<String>,
    /// The slot's scheduled instant, which is also the run's "now".
    pub slot: Option<DateTime<Utc>>,
    /// The run's "now", where it is neither its slot nor the instant of asking.
    pub as_of: Option<DateTime<Utc>>,
    /// The lower goes first.
    pub priority: i32,
    /// Whether it decides everything and writes nothing.
    pub dry_run: bool,
    /// The run that it repeats, which is its cause.
    pub retry_of: Option<JobRunId>,
    /// The run whose output it follows from, where it repeats none.
    pub cause_id: Option<JobRunId>,
    /// Where to go on: the checkpoint of the run that it repeats, with its version.
    pub checkpoint: Option<(serde_json::Value, i32)>,
    /// The backfill that it is part of.
    pub backfill_id: Option<JobBackfillId>,
    /// Why it is not to be done: it is entered as SKIPPED, for the history.
    pub skipped: Option<&'static str>,
}

impl NewRun {
    /// A run of all that is stale, for no reason given, in its trigger's usual priority: who waits for it comes first, backfills last.
    #[must_use]
    pub fn new(job: JobName, trigger: Trigger, dedupe_key: String, requested_by: String) -> Self {
        let priority = match trigger {
            Trigger::Manual | Trigger::Command | Trigger::Retry => 1,
            Trigger::Schedule | Trigger::Run => 2,
            Trigger::Backfill => 3,
        };
        let (period, reason, slot, as_of, dry_run, retry_of) = (None, None, None, None, false, None);
        let (cause_id, checkpoint, backfill_id, skipped) = (None, None, None, None);
        Self {
            job,
            period,
            trigger,
            dedupe_key,
            requested_by,
            reason,
            slot,
            as_of,
            priority,
            dry_run,
            retry_of,
            cause_id,
            checkpoint,
            backfill_id,
            skipped,
        }
    }

    fn into_row(self, at: DateTime<Utc>) -> job_run::Model {
        let policy = job::policy(self.job);
        let (checkpoint, version) = self.checkpoint.unzip();
        job_run::Model {
            id: JobRunId::new(),
            job: self.job,
            period: self.period,
            trigger: self.trigger,
            dedupe_key: self.dedupe_key,
            requested_by: self.requested_by,
            reason: self.reason,
            slot: self.slot,
            state: if self.skipped.is_some() { RunState::Skipped } else { RunState::Queued },
            epoch: 0,
            as_of: self.as_of.or(self.slot).unwrap_or(at),
            queued_at: at,
            started_at: None,
            finished_at: self.skipped.map(|_| at),
            statistics: None,
            output_digest: None,
            error: self.skipped.map(str::to_owned),
            concurrency_key: policy.alone.then(|| self.job.as_kebab()),
            priority: self.priority,
            available_at: at,
            attempt: 0,
            max_attempts: policy.max_attempts,
            losses: 0,
            lease_owner: None,
            lease_until: None,
            deadline: None,
            cancel_requested_at: None,
            cancel_requested_by: None,
            progress: None,
            checkpoint,
            dry_run: self.dry_run,
            code_version: None,
            definition_version: Some(version.unwrap_or(policy.version)),
            retry_of: self.retry_of,
            backfill_id: self.backfill_id,
            cause_id: self.retry_of.or(self.cause_id),
            outcome: None,
            warnings: None,
            numbered_at: None,
        }
    }
}

/// Enqueues a run once: a second call with the same dedupe key returns the first one's row, and `false`.
///
/// # Errors
/// The engine's.
pub async fn enqueue<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, run: NewRun) -> Result<(job_run::Model, bool), DbErr> {
    let stored = enqueue_all(tx, at, vec![run]).await?.pop();
    stored.ok_or_else(|| DbErr::RecordNotFound("the run that was just enqueued".into()))
}

/// Enqueues up to a thousand runs, each as [`enqueue`] does, in a handful of statements; the rows come in the order of their dedupe keys.
///
/// # Errors
/// The engine's.
pub async fn enqueue_all<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, runs: Vec<NewRun>) -> Result<Vec<(job_run::Model, bool)>, DbErr> {
    let rows: Vec<_> = runs.into_iter().map(|run| run.into_row(at)).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
    let keys: Vec<_> = rows.iter().map(|row| row.dedupe_key.clone()).collect();
    for part in rows.chunks(chunk_rows(tx.get_database_backend(), job_run::Column::iter().count())) {
        let insert = job_run::Entity::insert_many(part.iter().map(|row| row.clone().into_active_model().reset_all()))
            .on_conflict(OnConflict::column(job_run::Column::DedupeKey).do_nothing().to_owned());
        match insert.exec_without_returning(tx).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error),
        }
    }
    let stored = job_run::Entity::find().filter(job_run::Column::DedupeKey.is_in(keys)).order_by_asc(job_run::Column::DedupeKey);
    let stored: Vec<_> = stored.all(tx).await?.into_iter().map(|row| (ids.contains(&row.id), row)).map(|(new, row)| (row, new)).collect();
    let new = || stored.iter().filter(|(_, new)| *new).map(|(row, _)| row);
    put_all(tx, new().map(|row| job_fence::Model { run_id: row.id, epoch: 0 }).collect(), false).await?;
    put_all(tx, new().map(|row| first_event(row, at)).collect(), false).await?;
    dialect::notify(tx).await?;
    Ok(stored)
}

fn first_event(row: &job_run::Model, at: DateTime<Utc>) -> job_run_event::Model {
    let kind = if row.state == RunState::Skipped { RunEvent::Skipped } else { RunEvent::Enqueued };
    let data = json!({ "trigger": row.trigger.as_text(), "by": row.requested_by, "reason": row.error });
    job_run_event::Model { run_id: row.id, sequence: 1, at, kind, data }
}

/// A waiting run is cancelled at once; one that goes on is asked to stop, which its body sees before its next write.
const CANCEL: &str = "UPDATE job_run SET cancel_requested_at = $2, cancel_requested_by = $3,
        finished_at = CASE WHEN state = 'RUNNING' THEN NULL ELSE $2 END,
        state = CASE WHEN state = 'RUNNING' THEN 'CANCELLING' ELSE 'CANCELLED' END
    WHERE id = $1 AND state IN ('QUEUED', 'RETRY_WAIT', 'RUNNING')
    RETURNING state";

/// Asks a run to stop; `false` where it is over, or was asked before.
///
/// # Errors
/// The engine's.
pub async fn cancel<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, id: JobRunId, by: &str) -> Result<bool, DbErr> {
    let cancel = dialect::statement(tx.get_database_backend(), CANCEL, vec![id.into(), at.into(), by.into()]);
    let Some(row) = tx.query_one_raw(cancel).await? else { return Ok(false) };
    event::add(tx, id, at, RunEvent::CancelRequested, json!({ "by": by })).await?;
    if row.try_get_by_index::<RunState>(0)? == RunState::Cancelled {
        event::add(tx, id, at, RunEvent::Cancelled, json!({})).await?;
    }
    dialect::notify(tx).await?;
    Ok(true)
}

/// The history's row of a schedule as it stands; a change writes both in one transaction.
#[must_use]
pub fn schedule_version(row: &job_schedule::Model, reason: Option<String>) -> job_schedule_version::Model {
    job_schedule_version::Model {
        schedule_id: row.id,
        version: row.version,
        cron: row.cron.clone(),
        zone: row.zone.clone(),
        enabled: row.enabled,
        misfire: row.misfire,
        catch_up_seconds: row.catch_up_seconds,
        overlap: row.overlap,
        changed_at: row.changed_at,
        changed_by: row.changed_by.clone(),
        reason,
        expected_within_minutes: row.expected_within_minutes,
    }
}

//! Backfills: which months one chooses, and its way from plan to end.
//!
//! A backfill's runs are all there is to it: [`advance`] sees from them what may be enqueued and whether it is over, whoever calls it and
//! however often. A worker's look calls it where a backfill is behind (`ledger::backfill`), so that nothing is lost when processes die.
//! Order of locks: the backfill before its runs.

use super::{NewRun, cancel as cancel_run, enqueue_all};
use crate::{dialect, job::JobName};
use chrono::{DateTime, Utc};
use entity::{
    ids::{JobBackfillId, JobRunId},
    job_backfill::{self, BackfillScope, BackfillState},
    job_run::{self, RunState, Trigger},
    period::YearMonth,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
    QueryOrder, QuerySelect,
};
use std::collections::{BTreeMap, BTreeSet};

/// The most months of one backfill.
pub const MOST_MONTHS: usize = 240;
/// The most runs of one backfill that go on at once.
pub const MOST_AT_ONCE: i32 = 16;

/// The months from `from` to `to` that a scope takes, in order of time. What a month is worth stands in the runs that name it: a run of all
/// that is stale names none, so that a month which only such a run computed counts as missing. Dry runs do not count.
///
/// # Errors
/// The engine's.
pub async fn choose<C: ConnectionTrait>(
    tx: &C,
    job: JobName,
    (from, to): (YearMonth, YearMonth),
    scope: BackfillScope,
) -> Result<Vec<YearMonth>, DbErr> {
    if scope == BackfillScope::All {
        return Ok(YearMonth::range(from, to).collect());
    }
    let ended = job_run::Entity::find().select_only().column(job_run::Column::Period).column(job_run::Column::State);
    let ended = ended.filter(job_run::Column::Job.eq(job)).filter(job_run::Column::DryRun.eq(false));
    let ended = ended.filter(job_run::Column::Period.gte(from));
    let ended = ended.filter(job_run::Column::Period.lte(to));
    let ended = ended.filter(job_run::Column::State.is_in([RunState::Succeeded, RunState::Failed]));
    let ended = ended.order_by_asc(job_run::Column::QueuedAt).order_by_asc(job_run::Column::Id);
    let mut latest = BTreeMap::new();
    let mut computed = BTreeSet::new();
    for (month, state) in ended.into_tuple::<(YearMonth, RunState)>().all(tx).await? {
        latest.insert(month, state);
        if state == RunState::Succeeded {
            computed.insert(month);
        }
    }
    let taken = |month: &YearMonth| match scope {
        BackfillScope::Missing => !computed.contains(month),
        BackfillScope::Failed => latest.get(month) == Some(&RunState::Failed),
        BackfillScope::All => true,
    };
    Ok(YearMonth::range(from, to).filter(taken).collect())
}

/// A backfill, held alone until the transaction ends.
///
/// # Errors
/// The engine's.
pub async fn lock<C: ConnectionTrait>(tx: &C, id: JobBackfillId) -> Result<Option<job_backfill::Model>, DbErr> {
    let sql = "SELECT * FROM job_backfill WHERE id = $1 {for_update}";
    let lock = dialect::statement(tx.get_database_backend(), sql, vec![id.into()]);
    job_backfill::Entity::find().from_raw_sql(lock).one(tx).await
}

/// Sets a planned backfill going, with its first runs; the caller has it locked.
///
/// # Errors
/// The engine's.
pub async fn start<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, backfill: job_backfill::Model) -> Result<job_backfill::Model, DbErr> {
    let mut change = backfill.into_active_model();
    change.state = Set(BackfillState::Running);
    change.started_at = Set(Some(at));
    let backfill = change.update(tx).await?;
    advance(tx, at, backfill).await
}

/// Enqueues what may go on at once, oldest month first, and ends a backfill whose runs are all over; the caller has it locked. One that is
/// not going on stays as it is.
///
/// # Errors
/// The engine's.
pub async fn advance<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, backfill: job_backfill::Model) -> Result<job_backfill::Model, DbErr> {
    if backfill.state != BackfillState::Running {
        return Ok(backfill);
    }
    let runs = job_run::Entity::find().select_only().column(job_run::Column::Period).column(job_run::Column::State);
    let runs = runs.filter(job_run::Column::BackfillId.eq(backfill.id)).into_tuple::<(YearMonth, RunState)>().all(tx).await?;
    let begun: BTreeSet<_> = runs.iter().map(|(month, _)| *month).collect();
    let going = runs.iter().filter(|(_, state)| !state.is_over()).count();
    let room = usize::try_from(backfill.at_once).unwrap_or_default().saturating_sub(going);
    let next: Vec<_> = months(&backfill).into_iter().filter(|month| !begun.contains(month)).take(room).collect();
    if going == 0 && next.is_empty() {
        let mut change = backfill.into_active_model();
        change.state = Set(BackfillState::Finished);
        change.finished_at = Set(Some(at));
        return change.update(tx).await;
    }
    let runs = next.into_iter().map(|month| NewRun {
        period: Some(month),
        reason: Some(backfill.reason.clone()),
        backfill_id: Some(backfill.id),
        ..NewRun::new(backfill.job, Trigger::Backfill, format!("backfill/{}/{month}", backfill.id), backfill.requested_by.clone())
    });
    enqueue_all(tx, at, runs.collect()).await?;
    Ok(backfill)
}

/// Stops a backfill, and asks its runs that are not over to stop; the caller has it locked.
///
/// # Errors
/// The engine's.
pub async fn cancel<C: ConnectionTrait>(
    tx: &C,
    at: DateTime<Utc>,
    backfill: job_backfill::Model,
    by: &str,
) -> Result<job_backfill::Model, DbErr> {
    let runs = job_run::Entity::find().select_only().column(job_run::Column::Id).filter(job_run::Column::BackfillId.eq(backfill.id));
    let runs = runs.filter(job_run::Column::State.is_in(RunState::iter().filter(|state| !state.is_over())));
    let runs = runs.order_by_asc(job_run::Column::Id).into_tuple::<JobRunId>().all(tx).await?;
    let mut change = backfill.into_active_model();
    change.state = Set(BackfillState::Cancelled);
    change.finished_at = Set(Some(at));
    let backfill = change.update(tx).await?;
    // No more than may go on at once.
    for run in runs {
        cancel_run(tx, at, run, by).await?;
    }
    Ok(backfill)
}

/// The months that were chosen.
#[must_use]
pub fn months(backfill: &job_backfill::Model) -> Vec<YearMonth> {
    serde_json::from_value(backfill.periods.clone()).unwrap_or_default()
}

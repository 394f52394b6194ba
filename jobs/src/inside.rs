//! What both doors need inside an open transaction: bulk rows, audit entries, stale marks, and the enqueueing of runs.
//!
//! Each function takes the caller's transaction and commits nothing, so that an act, its trace and the work it makes necessary stand or
//! fall together.

use chrono::{DateTime, Utc};
use entity::{
    ids::{AuditEntryId, BureauId, JobRunId, ReceiptId, StaffId, StaleMarkId},
    job_run::{self, JobName, RunState, Trigger},
    period::YearMonth,
    stale_mark,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, QueryFilter, sea_query::OnConflict,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The largest number of rows in one statement; more gain nothing.
const ROWS: usize = 4_000;
/// From this many people of one bureau and month on, one mark for all of them takes the place of a mark each.
const MARK_ALL: usize = 100;

/// How many rows of `columns` columns fit into one statement.
#[must_use]
pub fn chunk_rows(backend: DbBackend, columns: usize) -> usize {
    let binds = if backend == DbBackend::Postgres { 65_535 } else { 32_766 };
    (binds / columns.max(1)).clamp(1, ROWS)
}

/// Inserts rows in as few statements as the engine's limits allow; rows whose key exists are replaced where `replace` is set.
///
/// # Errors
/// The engine's, such as a unique key that is taken.
pub async fn put_all<M, C>(tx: &C, rows: Vec<M>, replace: bool) -> Result<(), DbErr>
where
    C: ConnectionTrait,
    M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
{
    let columns = || <M::Entity as EntityTrait>::Column::iter();
    let chunk = chunk_rows(tx.get_database_backend(), columns().count());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let part = rows.by_ref().take(chunk).map(|row| row.into_active_model().reset_all());
        let mut insert = M::Entity::insert_many(part);
        if replace {
            let keys: Vec<_> = <M::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
            let rest = columns().filter(|column| !keys.iter().any(|key| key.as_str() == column.as_str()));
            insert = insert.on_conflict(OnConflict::columns(keys.iter().copied()).update_columns(rest).to_owned());
        }
        insert.exec_without_returning(tx).await?;
    }
    Ok(())
}

/// One act for the audit trail: who did what to which table, with counts and ids, never content.
#[derive(Debug, Clone, Default)]
pub struct Act {
    /// The token's subject, or `system`.
    pub actor: String,
    /// The roles it acted in, separated by spaces.
    pub roles: String,
    /// What was done.
    pub verb: String,
    /// To which table.
    pub noun: String,
    /// In which bureau, where it was one.
    pub bureau_id: Option<BureauId>,
    /// To which record, where it was one.
    pub record_id: Option<Uuid>,
    /// Counts by outcome.
    pub counts: serde_json::Value,
    /// The call's receipt.
    pub receipt_id: Option<ReceiptId>,
    /// The run asked for or acted in.
    pub run_id: Option<JobRunId>,
    /// The reason given.
    pub reason: Option<String>,
}

/// Writes one audit entry.
///
/// # Errors
/// The engine's.
pub async fn audit<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, act: Act) -> Result<(), DbErr> {
    let entry = entity::audit_entry::Model {
        id: AuditEntryId::new(),
        at,
        actor: act.actor,
        roles: act.roles,
        verb: act.verb,
        noun: act.noun,
        bureau_id: act.bureau_id,
        record_id: act.record_id,
        counts: act.counts,
        receipt_id: act.receipt_id,
        run_id: act.run_id,
        reason: act.reason,
    };
    put_all(tx, vec![entry], false).await
}

/// Whose figures a change makes stale: bureau and month, and the people in it (`None` for everybody).
pub type Stale = BTreeMap<(BureauId, YearMonth), BTreeSet<Option<StaffId>>>;

/// Writes stale marks, one for everybody where many people of a bureau's month are concerned.
///
/// # Errors
/// The engine's.
pub async fn mark_stale<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, receipt: Option<ReceiptId>, stale: &Stale) -> Result<(), DbErr> {
    let mut marks = Vec::new();
    for (&(bureau_id, month), people) in stale {
        let all = people.contains(&None) || people.len() >= MARK_ALL;
        let people: Vec<_> = if all { vec![None] } else { people.iter().copied().collect() };
        marks.extend(people.into_iter().map(|staff_id| stale_mark::Model {
            id: StaleMarkId::new(),
            bureau_id,
            month,
            staff_id,
            receipt_id: receipt,
            created_at: at,
        }));
    }
    put_all(tx, marks, false).await
}

/// A run to be enqueued.
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
    /// The slot's scheduled instant.
    pub slot: Option<DateTime<Utc>>,
}

/// Enqueues a run once: a second call with the same dedupe key returns the first one's row, and `false`.
///
/// # Errors
/// The engine's.
pub async fn enqueue<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, run: NewRun) -> Result<(job_run::Model, bool), DbErr> {
    let row = job_run::Model {
        id: JobRunId::new(),
        job: run.job,
        period: run.period,
        trigger: run.trigger,
        dedupe_key: run.dedupe_key.clone(),
        requested_by: run.requested_by,
        reason: run.reason,
        slot: run.slot,
        state: RunState::Queued,
        epoch: 0,
        as_of: at,
        queued_at: at,
        started_at: None,
        finished_at: None,
        statistics: None,
        output_digest: None,
        error: None,
    };
    let id = row.id;
    let insert = job_run::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::column(job_run::Column::DedupeKey).do_nothing().to_owned());
    insert.exec_without_returning(tx).await.or_else(|error| if matches!(error, DbErr::RecordNotInserted) { Ok(0) } else { Err(error) })?;
    let stored = job_run::Entity::find().filter(job_run::Column::DedupeKey.eq(run.dedupe_key)).one(tx).await?;
    let stored = stored.ok_or_else(|| DbErr::RecordNotFound("the run that was just enqueued".into()))?;
    let new = stored.id == id;
    Ok((stored, new))
}

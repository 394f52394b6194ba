//! Slots that become runs, under the schedule's policy of overlap. The caller moves the schedule's cursor in the same transaction.

use super::{NewRun, cancel, enqueue_all};
use crate::{dialect, job::JobName};
use chrono::{DateTime, Utc};
use entity::{
    ids::JobRunId,
    job_run::{self, RunState, Trigger},
    job_schedule::{self, Overlap},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryFilter, QuerySelect};

/// The schedule of a job, held alone until the transaction ends, so that no process moves its cursor meanwhile.
///
/// # Errors
/// The engine's.
pub async fn lock_schedule<C: ConnectionTrait>(tx: &C, job: JobName) -> Result<Option<job_schedule::Model>, DbErr> {
    let sql = "SELECT * FROM job_schedule WHERE job = $1 {for_update}";
    let lock = dialect::statement(tx.get_database_backend(), sql, vec![job.as_text().into()]);
    job_schedule::Entity::find().from_raw_sql(lock).one(tx).await
}

/// Makes the runs of up to a thousand slots, and tells how many were new. While an earlier scheduled run of the job is not over, the
/// schedule says whether they wait, are skipped, or take its place.
///
/// # Errors
/// The engine's.
pub async fn enqueue_slots<C: ConnectionTrait>(
    tx: &C,
    at: DateTime<Utc>,
    schedule: &job_schedule::Model,
    slots: &[DateTime<Utc>],
) -> Result<usize, DbErr> {
    if slots.is_empty() {
        return Ok(0);
    }
    let unfinished = unfinished(tx, schedule.job).await?;
    let mut skipped = None;
    match schedule.overlap {
        Overlap::Queue => {}
        Overlap::Skip => skipped = (!unfinished.is_empty()).then_some("OVERLAP"),
        Overlap::Replace => {
            for run in unfinished {
                cancel(tx, at, run, "system").await?;
            }
        }
    }
    let name = schedule.job.as_kebab();
    let runs = slots.iter().map(|&slot| NewRun {
        slot: Some(slot),
        skipped,
        ..NewRun::new(schedule.job, Trigger::Schedule, format!("{name}/schedule/{}", slot_key(slot)), "system".to_owned())
    });
    let stored = enqueue_all(tx, at, runs.collect()).await?;
    Ok(stored.iter().filter(|(_, new)| *new).count())
}

/// The scheduled runs of a job that are not over.
async fn unfinished<C: ConnectionTrait>(tx: &C, job: JobName) -> Result<Vec<JobRunId>, DbErr> {
    let states = RunState::iter().filter(|state| !state.is_over());
    let runs = job_run::Entity::find().select_only().column(job_run::Column::Id).filter(job_run::Column::Job.eq(job));
    let runs = runs.filter(job_run::Column::State.is_in(states)).filter(job_run::Column::Trigger.eq(Trigger::Schedule));
    runs.into_tuple().all(tx).await
}

/// A slot as keys write it: its seconds only where it has some.
fn slot_key(slot: DateTime<Utc>) -> String {
    let minute = slot.timestamp().rem_euclid(60) == 0;
    slot.format(if minute { "%Y-%m-%dT%H:%MZ" } else { "%Y-%m-%dT%H:%M:%SZ" }).to_string()
}

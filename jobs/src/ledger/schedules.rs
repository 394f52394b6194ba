//! Schedules as rows: the defaults an installation starts with, and slots that become runs together with the cursor's move.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use super::{Ledger, LedgerError};
use crate::{
    database::DatabaseError,
    dialect,
    job::{self, JobName},
    schedule::slots::{Due, Plan},
    transaction::{self, slots::enqueue_slots},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{ids::JobScheduleId, job_schedule, job_schedule_version};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QuerySelect, sea_query::OnConflict};

/// The zone of the default schedules.
const ZONE: &str = "Asia/Tokyo";
/// The cursor moves only from where this look found it, in the version that it read.
const MOVE: &str = "UPDATE job_schedule SET cursor = $2 WHERE id = $1 AND version = $3 AND cursor IS NOT DISTINCT FROM $4";

impl Ledger {
    /// Makes the default schedule of each job that has none; what an administrator changed stays.
    ///
    /// # Errors
    /// The engine's.
    pub async fn ensure_schedules(&self) -> Result<(), DatabaseError> {
        let stored: Vec<JobName> =
            job_schedule::Entity::find().select_only().column(job_schedule::Column::Job).into_tuple().all(self.db.reader()).await?;
        let now = self.clock.now();
        for job in JobName::iter().filter(|job| !stored.contains(job)) {
            let Some(schedule) = job::policy(job).schedule else { continue };
            let row = job_schedule::Model {
                id: JobScheduleId::new(),
                job,
                cron: schedule.cron.to_owned(),
                zone: ZONE.to_owned(),
                enabled: true,
                misfire: schedule.misfire,
                catch_up_seconds: schedule.catch_up.num_seconds(),
                overlap: schedule.overlap,
                version: 1,
                cursor: None,
                changed_at: now,
                changed_by: "system".to_owned(),
                expected_within_minutes: i32::try_from(schedule.expected_within.num_minutes()).unwrap_or(i32::MAX),
            };
            let history = transaction::schedule_version(&row, None);
            let tx = self.db.begin().await?;
            let insert = job_schedule::Entity::insert(row.into_active_model().reset_all())
                .on_conflict(OnConflict::column(job_schedule::Column::Job).do_nothing().to_owned());
            match insert.exec_without_returning(&*tx).await {
                Ok(1) => {
                    job_schedule_version::Entity::insert(history.into_active_model().reset_all()).exec_without_returning(&*tx).await?;
                    tx.commit().await?;
                }
                // Another process was first.
                Ok(_) | Err(sea_orm::DbErr::RecordNotInserted) => tx.rollback().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Makes the runs of all slots that are due, and tells how many were new. A look that finds nothing is one statement.
    pub(crate) async fn enqueue_due(&self) -> Result<usize, LedgerError> {
        let enabled = job_schedule::Entity::find().filter(job_schedule::Column::Enabled.eq(true));
        let schedules = enabled.all(self.db.reader()).await?;
        let now = self.clock.now();
        let mut new = 0;
        let mut was_ahead = self.turn_runs_back(now).await?;
        for mut schedule in schedules {
            was_ahead |= self.turn_back(&mut schedule, now).await?;
            let plan = Plan::parse(&schedule.cron, &schedule.zone)?;
            let due = plan.due(schedule.cursor, now, schedule.misfire, TimeDelta::seconds(schedule.catch_up_seconds));
            new += self.enqueue_slots(&schedule, due, now).await?;
        }
        if new > 0 {
            self.wake();
        }
        self.liveness.saw_ahead(was_ahead, now);
        Ok(new)
    }

    /// Moves the cursor and makes the runs, or neither, where another process was first.
    async fn enqueue_slots(&self, schedule: &job_schedule::Model, due: Due, now: DateTime<Utc>) -> Result<usize, LedgerError> {
        if due.cursor.is_none() {
            return Ok(0);
        }
        let tx = self.db.begin().await?;
        let values = vec![schedule.id.into(), due.cursor.into(), schedule.version.into(), schedule.cursor.into()];
        if dialect::execute(&*tx, MOVE, values).await? == 0 {
            tx.rollback().await?;
            return Ok(0);
        }
        let new = enqueue_slots(&*tx, now, schedule, &due.slots).await?;
        // A slot may be skipped, or take the place of a run that waits.
        tx.number_runs(now);
        tx.commit().await?;
        Ok(new)
    }
}

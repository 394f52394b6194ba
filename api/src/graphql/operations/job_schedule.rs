//! Schedules of jobs: seen, previewed, changed, paused, resumed.

use crate::graphql::{
    connection::{Connection, list, store},
    node::global_id,
    record::{limited, noun},
};
use crate::{
    store::{
        job_schedule::ScheduleChange,
        page::{Ordering, PageArgs},
    },
    words::{JobName, Long, Misfire, Overlap},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    job_run,
    job_schedule::{Column, Model},
    job_schedule_version,
};
use sea_orm::{ColumnTrait, Condition};

/// When a job is due.
pub struct JobSchedule(Model);

noun!(JobSchedule, job_schedule);

/// When a job is due.
#[Object]
impl JobSchedule {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("job_schedule", self.0.id.0)
    }

    /// The job.
    async fn job(&self) -> JobName {
        self.0.job.into()
    }

    /// Second, minute, hour, day of the month, month, day of the week; one of the two day fields is `*`.
    async fn cron(&self) -> &str {
        &self.0.cron
    }

    /// The IANA name of the zone whose clock the cron reads.
    async fn zone(&self) -> &str {
        &self.0.zone
    }

    /// Whether slots are made; false while it is paused.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// What becomes of missed slots.
    async fn misfire(&self) -> Misfire {
        self.0.misfire.into()
    }

    /// Seconds after which a missed slot is made up for no more.
    async fn catch_up_seconds(&self) -> Long {
        Long(self.0.catch_up_seconds)
    }

    /// What becomes of a slot while an earlier run goes on.
    async fn overlap(&self) -> Overlap {
        self.0.overlap.into()
    }

    /// Raised by each change; a change names the one that it was made upon.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Slots up to here were dealt with; null before the first look.
    async fn cursor(&self) -> Option<DateTime<Utc>> {
        self.0.cursor
    }

    /// When it was last changed.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// By whom; `system` for what an installation starts with.
    async fn changed_by(&self) -> &str {
        &self.0.changed_by
    }

    /// The next slots; none while it is paused.
    #[expect(clippy::unused_async, reason = "the form of a resolver")]
    async fn next_slots(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 100.", default = 5)] count: i32,
    ) -> Result<Vec<DateTime<Utc>>> {
        let slots = store(ctx).preview(&self.0.cron, &self.0.zone, count, None)?;
        Ok(if self.0.enabled { slots } else { Vec::new() })
    }

    /// Its versions, the present one first; at most 100.
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<JobScheduleVersion>> {
        let versions = store(ctx).schedule_versions(self.0.id).await?;
        Ok(versions.into_iter().map(JobScheduleVersion::from).collect())
    }
}

/// A schedule as it stood from one change to the next.
#[derive(SimpleObject)]
pub struct JobScheduleVersion {
    /// Which.
    version: i32,
    /// Its cron.
    cron: String,
    /// Its zone.
    zone: String,
    /// Whether slots were made.
    enabled: bool,
    /// What became of missed slots.
    misfire: Misfire,
    /// Seconds after which a missed slot was made up for no more.
    catch_up_seconds: Long,
    /// What became of a slot while an earlier run went on.
    overlap: Overlap,
    /// When it was made.
    changed_at: DateTime<Utc>,
    /// By whom.
    changed_by: String,
    /// Why; null for what an installation starts with.
    reason: Option<String>,
}

impl From<job_schedule_version::Model> for JobScheduleVersion {
    fn from(row: job_schedule_version::Model) -> Self {
        Self {
            version: row.version,
            cron: row.cron,
            zone: row.zone,
            enabled: row.enabled,
            misfire: row.misfire.into(),
            catch_up_seconds: Long(row.catch_up_seconds),
            overlap: row.overlap.into(),
            changed_at: row.changed_at,
            changed_by: row.changed_by,
            reason: row.reason,
        }
    }
}

/// Which schedules.
#[derive(Debug, Clone, Default, InputObject)]
pub struct JobScheduleFilter {
    /// Of these jobs.
    jobs: Option<Vec<JobName>>,
    /// Only those that make slots, or only those that are paused.
    enabled: Option<bool>,
}

/// In which order schedules are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum JobScheduleOrder {
    /// By job.
    Job,
    /// The one last changed first.
    ChangedAtDescending,
}

/// Queries of schedules.
#[derive(Default)]
pub struct JobScheduleQuery;

#[Object]
impl JobScheduleQuery {
    /// The schedule of a job.
    async fn job_schedule(&self, ctx: &Context<'_>, #[graphql(desc = "The job.")] job: JobName) -> Result<Option<JobSchedule>> {
        Ok(store(ctx).schedule(job.into()).await?.map(JobSchedule::from))
    }

    /// Schedules.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn job_schedules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which schedules.", default)] filter: JobScheduleFilter,
        #[graphql(desc = "In which order.", default_with = "JobScheduleOrder::Job")] order_by: JobScheduleOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<JobSchedule>> {
        let mut condition = Condition::all().add_option(filter.enabled.map(|enabled| Column::Enabled.eq(enabled)));
        if let Some(jobs) = &filter.jobs {
            let jobs = limited(jobs, "jobs")?;
            condition = condition.add(Column::Job.is_in(jobs.iter().copied().map(job_run::JobName::from)));
        }
        let order = match order_by {
            JobScheduleOrder::Job => Ordering { by: Column::Job, descending: false },
            JobScheduleOrder::ChangedAtDescending => Ordering { by: Column::ChangedAt, descending: true },
        };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }

    /// The next slots that a cron would have in a zone.
    #[expect(clippy::unused_async, reason = "the form of a resolver")]
    async fn preview_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Six fields, seconds first; one of the two day fields is `*`.")] cron: String,
        #[graphql(desc = "The IANA name of the zone whose clock it reads.", default_with = "\"Asia/Tokyo\".to_owned()")] zone: String,
        #[graphql(desc = "How many, at most 100.", default = 5)] count: i32,
        #[graphql(desc = "After this instant; now by default.")] from: Option<DateTime<Utc>>,
    ) -> Result<Vec<DateTime<Utc>>> {
        Ok(store(ctx).preview(&cron, &zone, count, from)?)
    }
}

/// A change of a schedule; what is not named stays.
#[derive(InputObject)]
pub struct UpdateScheduleInput {
    /// The job.
    job: JobName,
    /// Six fields, seconds first; one of the two day fields is `*`.
    cron: Option<String>,
    /// The IANA name of the zone whose clock the cron reads.
    zone: Option<String>,
    /// What becomes of missed slots.
    misfire: Option<Misfire>,
    /// Seconds after which a missed slot is made up for no more, at most a year.
    catch_up_seconds: Option<Long>,
    /// What becomes of a slot while an earlier run goes on.
    overlap: Option<Overlap>,
    /// The version that the change is made upon.
    expected_version: i32,
    /// Why, for the history and the audit trail.
    reason: String,
}

/// A schedule to be paused.
#[derive(InputObject)]
pub struct PauseScheduleInput {
    /// The job.
    job: JobName,
    /// Why, for the history and the audit trail.
    reason: String,
}

/// A schedule to be resumed.
#[derive(InputObject)]
pub struct ResumeScheduleInput {
    /// The job.
    job: JobName,
    /// Which of the slots that passed meanwhile are run now: none, the latest, or all.
    missed: Misfire,
    /// Why, for the history and the audit trail.
    reason: String,
}

/// The schedule as it stands now.
#[derive(SimpleObject)]
pub struct JobSchedulePayload {
    /// The schedule.
    schedule: JobSchedule,
}

/// Mutations of schedules.
#[derive(Default)]
pub struct JobScheduleMutation;

#[Object]
impl JobScheduleMutation {
    /// Changes a schedule from now on.
    async fn update_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateScheduleInput,
    ) -> Result<JobSchedulePayload> {
        let change = ScheduleChange {
            cron: input.cron,
            zone: input.zone,
            misfire: input.misfire.map(Into::into),
            catch_up_seconds: input.catch_up_seconds.map(|seconds| seconds.0),
            overlap: input.overlap.map(Into::into),
        };
        let schedule = store(ctx).update_schedule(input.job.into(), change, input.expected_version, &input.reason).await?;
        Ok(JobSchedulePayload { schedule: schedule.into() })
    }

    /// Makes no more slots of a schedule until it is resumed.
    async fn pause_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The schedule.")] input: PauseScheduleInput,
    ) -> Result<JobSchedulePayload> {
        Ok(JobSchedulePayload { schedule: store(ctx).pause_schedule(input.job.into(), &input.reason).await?.into() })
    }

    /// Makes slots of a paused schedule again.
    async fn resume_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The schedule, and what becomes of its missed slots.")] input: ResumeScheduleInput,
    ) -> Result<JobSchedulePayload> {
        let schedule = store(ctx).resume_schedule(input.job.into(), input.missed.into(), &input.reason).await?;
        Ok(JobSchedulePayload { schedule: schedule.into() })
    }
}

//! Schedules of jobs: seen, previewed, changed, paused, resumed.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
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
    job_schedule::{Column, Model},
    job_schedule_version,
};
use sea_orm::{ColumnTrait, Condition};

/// When a job is due.
pub struct JobSchedule(Model);

noun!(JobSchedule, job_schedule);

/// When a job is due, as data that administrators change; a job has at most one schedule.
#[Object]
impl JobSchedule {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("job_schedule", self.0.id.0)
    }

    /// The job that it makes due.
    async fn job(&self) -> JobName {
        self.0.job
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
        self.0.misfire
    }

    /// Seconds after which a missed slot is made up for no more.
    async fn catch_up_seconds(&self) -> Long {
        Long(self.0.catch_up_seconds)
    }

    /// What becomes of a slot while an earlier run goes on.
    async fn overlap(&self) -> Overlap {
        self.0.overlap
    }

    /// Minutes after a slot by which a run is expected to be over; where none is, the next look of `ALARMS` tells the administrators.
    async fn expected_within_minutes(&self) -> i32 {
        self.0.expected_within_minutes
    }

    /// Raised by each change; a change names the one that it was made upon.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Slots up to here were dealt with; null before the first look.
    async fn cursor(&self) -> Option<DateTime<Utc>> {
        self.0.cursor
    }

    /// When it was last changed, paused or resumed.
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
    /// Its number, from 1; the highest is the present one.
    version: i32,
    /// Its six fields, seconds first.
    cron: String,
    /// The IANA name of the zone whose clock its cron read.
    zone: String,
    /// Whether slots were made.
    enabled: bool,
    /// What became of missed slots.
    misfire: Misfire,
    /// Seconds after which a missed slot was made up for no more.
    catch_up_seconds: Long,
    /// What became of a slot while an earlier run went on.
    overlap: Overlap,
    /// Minutes after a slot by which a run was expected to be over.
    expected_within_minutes: i32,
    /// When this version began.
    changed_at: DateTime<Utc>,
    /// The token's subject of who made it; `system` for what an installation starts with.
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
            misfire: row.misfire,
            catch_up_seconds: Long(row.catch_up_seconds),
            overlap: row.overlap,
            expected_within_minutes: row.expected_within_minutes,
            changed_at: row.changed_at,
            changed_by: row.changed_by,
            reason: row.reason,
        }
    }
}

/// Which schedules: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct JobScheduleFilter {
    /// Of any of these jobs.
    jobs: Option<Vec<JobName>>,
    /// Only those that make slots, or only those that are paused.
    enabled: Option<bool>,
}

/// In which order schedules are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum JobScheduleOrder {
    /// By the job's name, ascending; the default.
    Job,
    /// By when they were changed, the latest first.
    ChangedAtDescending,
}

/// Queries of schedules.
#[derive(Default)]
pub struct JobScheduleQuery;

#[Object]
impl JobScheduleQuery {
    /// The schedule of a job; null for one that has none and runs only when it is asked for.
    async fn job_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job whose schedule it is.")] job: JobName,
    ) -> Nullable<JobSchedule> {
        maybe(async { Ok(store(ctx).schedule(job).await?.map(JobSchedule::from)) }).await
    }

    /// Schedules of jobs, paused ones too; for the promotion officer, the secretariat and administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn job_schedules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which schedules: all given conditions must hold; without any, all that there are.", default)] filter: Conditions<
            JobScheduleFilter,
        >,
        #[graphql(desc = "In which order; ties by id.", default_with = "JobScheduleOrder::Job")] order_by: JobScheduleOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<JobSchedule>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = Condition::all().add_option(filter.enabled.map(|enabled| Column::Enabled.eq(enabled)));
            if let Some(jobs) = &filter.jobs {
                let jobs = limited(jobs, "jobs")?;
                condition = condition.add(Column::Job.is_in(jobs.iter().copied()));
            }
            let order = match order_by {
                JobScheduleOrder::Job => Ordering { by: Column::Job, descending: false },
                JobScheduleOrder::ChangedAtDescending => Ordering { by: Column::ChangedAt, descending: true },
            };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }

    /// The next slots that a cron would have in a zone.
    async fn preview_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Six fields, seconds first; one of the two day fields is `*`.")] cron: String,
        #[graphql(desc = "The IANA name of the zone whose clock it reads.", default_with = "\"Asia/Tokyo\".to_owned()")] zone: String,
        #[graphql(desc = "How many, at most 100.", default = 5)] count: i32,
        #[graphql(desc = "After this instant; now by default.")] from: Option<DateTime<Utc>>,
    ) -> Nullable<Vec<DateTime<Utc>>> {
        attempt(async { Ok(store(ctx).preview(&cron, &zone, count, from)?) }).await
    }
}

/// A change of a schedule; what is not named stays.
#[derive(InputObject)]
pub struct UpdateScheduleInput {
    /// The job whose schedule is changed.
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
    /// Minutes after a slot by which a run is expected to be over, 1 to 44640 (31 days); a later one is an alarm.
    expected_within_minutes: Option<i32>,
    /// The version that the change is made upon.
    expected_version: i32,
    /// Why, for the history and the audit trail.
    reason: String,
}

/// A schedule that is to make no slots for a time.
#[derive(InputObject)]
pub struct PauseScheduleInput {
    /// The job whose schedule is paused.
    job: JobName,
    /// Why, for the history and the audit trail.
    reason: String,
}

/// A paused schedule that is to make slots again.
#[derive(InputObject)]
pub struct ResumeScheduleInput {
    /// The job whose schedule is resumed.
    job: JobName,
    /// Which of the slots that passed meanwhile are run now: none, the latest, or all.
    missed: Misfire,
    /// Why, for the history and the audit trail.
    reason: String,
}

/// The schedule as it stands after the call, also where the call changed nothing.
#[derive(SimpleObject)]
pub struct JobSchedulePayload {
    /// The schedule, with the version that it has now.
    schedule: JobSchedule,
}

/// Mutations of schedules.
#[derive(Default)]
pub struct JobScheduleMutation;

#[Object]
impl JobScheduleMutation {
    /// Changes a schedule from now on: a slot that only the new cron has is not missed. For administrators.
    async fn update_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change, and the version that it is made upon.")] input: UpdateScheduleInput,
    ) -> Nullable<JobSchedulePayload> {
        attempt(async {
            let change = ScheduleChange {
                cron: input.cron,
                zone: input.zone,
                misfire: input.misfire,
                catch_up_seconds: input.catch_up_seconds.map(|seconds| seconds.0),
                overlap: input.overlap,
                expected_within_minutes: input.expected_within_minutes,
            };
            let schedule = store(ctx).update_schedule(input.job, change, input.expected_version, &input.reason).await?;
            Ok(JobSchedulePayload { schedule: schedule.into() })
        })
        .await
    }

    /// Makes no more slots of a schedule until it is resumed.
    async fn pause_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The schedule, by its job, and why.")] input: PauseScheduleInput,
    ) -> Nullable<JobSchedulePayload> {
        attempt(async { Ok(JobSchedulePayload { schedule: store(ctx).pause_schedule(input.job, &input.reason).await?.into() }) }).await
    }

    /// Makes slots of a paused schedule again.
    async fn resume_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The schedule, and what becomes of its missed slots.")] input: ResumeScheduleInput,
    ) -> Nullable<JobSchedulePayload> {
        attempt(async {
            let schedule = store(ctx).resume_schedule(input.job, input.missed, &input.reason).await?;
            Ok(JobSchedulePayload { schedule: schedule.into() })
        })
        .await
    }
}

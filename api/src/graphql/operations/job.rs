//! Runs of jobs: asked for, watched, retried, cancelled.

pub mod event;

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    connection::{Connection, list, loaders, store},
    node::{global_id, key_of},
    record::{limited, noun},
    vintage::VintageWithdrawal,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{
        job::{RetryFrom, RunRequest},
        page::{Ordering, PageArgs},
    },
    words::{Instant, JobName, Long, Month, RunOutcome, RunState, Trigger, WarningCode},
};
use async_graphql::{Context, Enum, ID, InputObject, Json, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::job_run::{self, Column, Model};
use event::JobRunEvent;
use sea_orm::{ColumnTrait, Condition};

/// How far a run has come.
#[derive(SimpleObject)]
pub struct JobRunProgress {
    /// Steps that are done, in the job's own measure.
    done: Long,
    /// Steps in all, in the same measure.
    total: Long,
    /// What the latest step was.
    phase: Option<String>,
}

/// What a run that succeeded left out, or could not make sure of.
#[derive(SimpleObject)]
pub struct JobRunWarning {
    /// What it is.
    code: WarningCode,
    /// Of how many; what is counted, the code says.
    count: Long,
}

/// One run of a job.
pub struct JobRun(Model);

noun!(JobRun, job_run);

/// One run of a job, with all that is known of its way from the asking to its end.
#[Object]
impl JobRun {
    /// Global id, as `node`, `retryJobRun` and `cancelJobRun` take it; it never changes.
    pub async fn id(&self) -> ID {
        global_id("job_run", self.0.id.0)
    }

    /// The job whose run it is.
    async fn job(&self) -> JobName {
        self.0.job
    }

    /// The month; null for all that is stale.
    async fn period(&self) -> Option<Month> {
        self.0.period.map(Month)
    }

    /// What started it, which decides its usual priority.
    async fn trigger(&self) -> Trigger {
        self.0.trigger
    }

    /// The token's subject of who asked, `system` for a slot, or `command line`.
    async fn requested_by(&self) -> &str {
        &self.0.requested_by
    }

    /// Why, as given by who asked; null where none was given.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The scheduled instant of its slot; null where no schedule started it.
    async fn slot(&self) -> Option<DateTime<Utc>> {
        self.0.slot
    }

    /// Where it stands; its events tell how it came there.
    async fn state(&self) -> RunState {
        self.0.state
    }

    /// How well it did, once it has succeeded; null in every other state, which says it already, and for runs that ended before it was kept.
    async fn outcome(&self) -> Option<RunOutcome> {
        self.0.outcome
    }

    /// What it left out although it succeeded, such as bureaus without an address; empty for a run that is clean or has not succeeded, and once
    /// its statistics have been disposed of.
    async fn warnings(&self) -> Vec<JobRunWarning> {
        self.0.warnings().into_iter().map(|warning| JobRunWarning { code: warning.code, count: Long(warning.count) }).collect()
    }

    /// What the run takes for now: its slot, the instant of asking, or that of the run that it repeats.
    async fn as_of(&self) -> DateTime<Utc> {
        self.0.as_of
    }

    /// When it was asked for, and entered.
    async fn queued_at(&self) -> DateTime<Utc> {
        self.0.queued_at
    }

    /// When a worker first claimed it.
    async fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0.started_at
    }

    /// When it ended, however; null while it goes on.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// Counts of what was done, by the job's own names. Those that are figures about people are there for who may read anybody's months.
    async fn statistics(&self, ctx: &Context<'_>) -> Option<Json<serde_json::Value>> {
        let mut statistics = self.0.statistics.clone()?;
        let reads_months = store(ctx).allow(Action::Read(Noun::PersonMonth)).is_ok_and(|scope| scope.is_everything());
        if let (false, Some(counts)) = (reads_months, statistics.as_object_mut()) {
            let figures = jobs::job::policy(self.0.job).figures;
            counts.retain(|name, _| !figures.contains(&name.as_str()));
        }
        Some(Json(statistics))
    }

    /// SHA-256 of the output's natural keys and values.
    async fn output_digest(&self) -> Option<&str> {
        self.0.output_digest.as_deref()
    }

    /// The failure's kind and id, which leads to the log.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// How many attempts began; one that was handed back or lost its worker does not count.
    async fn attempt(&self) -> i32 {
        self.0.attempt
    }

    /// How many attempts there may be.
    async fn max_attempts(&self) -> i32 {
        self.0.max_attempts
    }

    /// How many times it lost its worker.
    async fn losses(&self) -> i32 {
        self.0.losses
    }

    /// The lower goes first.
    async fn priority(&self) -> i32 {
        self.0.priority
    }

    /// At most one run of a key goes on at a time; null for any number.
    async fn concurrency_key(&self) -> Option<&str> {
        self.0.concurrency_key.as_deref()
    }

    /// Not before this instant.
    async fn available_at(&self) -> DateTime<Utc> {
        self.0.available_at
    }

    /// The epoch of the latest claim; what an older one writes changes nothing.
    async fn epoch(&self) -> Long {
        Long(self.0.epoch)
    }

    /// The worker that has it: its process and a name of its own.
    async fn lease_owner(&self) -> Option<&str> {
        self.0.lease_owner.as_deref()
    }

    /// Until when the worker has it, unless it renews that.
    async fn lease_until(&self) -> Option<DateTime<Utc>> {
        self.0.lease_until
    }

    /// When it fails, if it still goes on.
    async fn deadline(&self) -> Option<DateTime<Utc>> {
        self.0.deadline
    }

    /// When somebody asked it to stop.
    async fn cancel_requested_at(&self) -> Option<DateTime<Utc>> {
        self.0.cancel_requested_at
    }

    /// The token's subject of who asked it to stop, or `system` for a later slot; null where nobody has.
    async fn cancel_requested_by(&self) -> Option<&str> {
        self.0.cancel_requested_by.as_deref()
    }

    /// How far it has come.
    async fn progress(&self) -> Option<JobRunProgress> {
        let progress = self.0.progress.as_ref()?;
        let number = |name: &str| Long(progress[name].as_i64().unwrap_or_default());
        Some(JobRunProgress { done: number("done"), total: number("total"), phase: progress["phase"].as_str().map(str::to_owned) })
    }

    /// Whether it wrote down where it stands, so that it can go on from there.
    async fn has_checkpoint(&self) -> bool {
        self.0.checkpoint.is_some()
    }

    /// The version of the program that claimed it last.
    async fn code_version(&self) -> Option<&str> {
        self.0.code_version.as_deref()
    }

    /// The version of the job's definition that made its checkpoint and output.
    async fn definition_version(&self) -> Option<i32> {
        self.0.definition_version
    }

    /// Whether it decides everything and writes nothing.
    async fn dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// Id of the run that it repeats; null where it is no retry.
    async fn retry_of(&self) -> Option<ID> {
        self.0.retry_of.map(|id| global_id("job_run", id.0))
    }

    /// Id of the backfill that it is part of; null where it is part of none.
    async fn backfill(&self) -> Option<ID> {
        self.0.backfill_id.map(|id| global_id("job_backfill", id.0))
    }

    /// The run that made it: the one that it repeats, or the one whose output it follows from, as outliers follow from indicators. Null where a
    /// slot, a person, the command line or a backfill asked for it. A run that others found waiting keeps the cause that it had.
    async fn caused_by(&self, ctx: &Context<'_>) -> Nullable<JobRun> {
        maybe(async {
            let Some(cause) = self.0.cause_id else { return Ok(None) };
            Ok(loaders(ctx).row(cause).await?.map(JobRun::from))
        })
        .await
    }

    /// The runs that it made, the first asked for first: its retries, and what follows from its output.
    async fn caused(&self, ctx: &Context<'_>, #[graphql(desc = "How many, at most 500.", default = 50)] first: i32) -> Result<Vec<JobRun>> {
        let most = most(first)?;
        Ok(loaders(ctx).caused(self.0.id).await?.into_iter().take(most).map(JobRun::from).collect())
    }

    /// What was withdrawn of the values that it computed (`withdrawVintage`), the first withdrawal first.
    async fn withdrawals(&self, ctx: &Context<'_>) -> Result<Vec<VintageWithdrawal>> {
        Ok(loaders(ctx).withdrawals(self.0.id).await?.into_iter().map(VintageWithdrawal::from).collect())
    }

    /// What happened to it, in order.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "After the event of this sequence number; from the first on without one.")] after_sequence: Option<Long>,
        #[graphql(desc = "How many, at most 500.", default = 100)] first: i32,
    ) -> Result<Vec<JobRunEvent>> {
        let most = most(first)?;
        let events = store(ctx).run_events(self.0.id, after_sequence.map_or(0, |sequence| sequence.0), most as u64).await?;
        Ok(events.into_iter().map(JobRunEvent::from).collect())
    }
}

/// How many entries of a plain list are asked for.
fn most(first: i32) -> Result<usize, Error> {
    let most = usize::try_from(first).ok().filter(|most| (1..=500).contains(most));
    most.ok_or_else(|| Error::input("first", "first は1から500までの数でなければなりません。", "first must be between 1 and 500."))
}

/// Which runs: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct JobRunFilter {
    /// Of this job alone.
    job: Option<JobName>,
    /// That stand in any of these states.
    states: Option<Vec<RunState>>,
    /// That succeeded this well; those that did not succeed are found by their state.
    outcome: Option<RunOutcome>,
    /// About exactly this month; runs about all that is stale have none.
    period: Option<Month>,
    /// About this month or a later one.
    period_from: Option<Month>,
    /// About this month or an earlier one.
    period_to: Option<Month>,
    /// Started by any of these.
    triggers: Option<Vec<Trigger>>,
    /// That are part of this backfill, by its global id.
    backfill: Option<ID>,
    /// That repeat this run, by its global id.
    retry_of: Option<ID>,
    /// Asked for at or after this instant.
    queued_from: Option<Instant>,
    /// Asked for before this instant.
    queued_to: Option<Instant>,
    /// Whose end was committed later than this instant, or that is not over yet. Give the greatest `finishedAt` that you have seen, of several
    /// pages on the first: you miss nothing, and may see again what you saw last. The instant of your own look is no such position.
    changed_after: Option<Instant>,
}

impl JobRunFilter {
    fn condition(&self) -> Result<Condition, Error> {
        let mut condition = Condition::all()
            .add_option(self.job.map(|job| Column::Job.eq(job)))
            .add_option(self.outcome.map(|outcome| Column::Outcome.eq(outcome)))
            .add_option(self.period.map(|month| Column::Period.eq(month.0)))
            .add_option(self.period_from.map(|month| Column::Period.gte(month.0)))
            .add_option(self.period_to.map(|month| Column::Period.lte(month.0)))
            .add_option(self.queued_from.map(|at| Column::QueuedAt.gte(at.0)))
            .add_option(self.queued_to.map(|at| Column::QueuedAt.lt(at.0)));
        if let Some(states) = &self.states {
            let states = limited(states, "states")?;
            condition = condition.add(Column::State.is_in(states.iter().copied()));
        }
        if let Some(triggers) = &self.triggers {
            let triggers = limited(triggers, "triggers")?;
            condition = condition.add(Column::Trigger.is_in(triggers.iter().copied()));
        }
        if let Some(backfill) = &self.backfill {
            condition = condition.add(Column::BackfillId.eq(key_of(backfill, "job_backfill", "backfill")?));
        }
        if let Some(run) = &self.retry_of {
            condition = condition.add(Column::RetryOf.eq(key_of(run, "job_run", "retryOf")?));
        }
        if let Some(after) = self.changed_after {
            // A run has its number from when it is over on, or soon after.
            condition = condition.add(Condition::any().add(Column::NumberedAt.gt(after.0)).add(Column::NumberedAt.is_null()));
        }
        Ok(condition)
    }
}

/// In which order runs are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum JobRunOrder {
    /// By when they were asked for, the latest first; the default.
    QueuedAtDescending,
    /// By when they were asked for, the oldest first.
    QueuedAt,
}

/// Queries of runs.
#[derive(Default)]
pub struct JobQuery;

#[Object]
impl JobQuery {
    /// One run; null where there is none. For the promotion officer, the secretariat and administrators.
    async fn job_run(&self, ctx: &Context<'_>, #[graphql(desc = "Global id of the run.")] id: ID) -> Nullable<JobRun> {
        maybe(async { Ok(store(ctx).one::<job_run::Entity>(key_of(&id, "job_run", "id")?).await?.map(JobRun::from)) }).await
    }

    /// Runs of all jobs, also those that are over; for the promotion officer, the secretariat and administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn job_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which runs: all given conditions must hold; without any, all that there are.", default)] filter: Conditions<
            JobRunFilter,
        >,
        #[graphql(desc = "In which order; ties by id.", default_with = "JobRunOrder::QueuedAtDescending")] order_by: JobRunOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<JobRun>> {
        attempt(async {
            let filter = filter.0;
            let order = Ordering { by: Column::QueuedAt, descending: order_by == JobRunOrder::QueuedAtDescending };
            list(ctx, filter.condition()?, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// What to run, for which month, and why.
#[derive(InputObject)]
pub struct TriggerJobInput {
    /// The job, whether it has a schedule or not.
    job: JobName,
    /// The month, which has begun; null for all that is stale, and for jobs that have no month.
    period: Option<Month>,
    /// Decide everything, write and send nothing: the statistics count what would be done. `MONTHLY_INDICATORS` counts person-months, not the
    /// figures that would follow from them.
    #[graphql(default)]
    dry_run: bool,
    /// Why, for the audit trail.
    reason: String,
    /// The same key asks for the same run.
    idempotency_key: String,
}

/// Which run to repeat, from where, and why.
#[derive(InputObject)]
pub struct RetryJobRunInput {
    /// The run, which is over and did not succeed.
    id: ID,
    /// Where the new run begins.
    from: RetryStart,
    /// Why, for the audit trail.
    reason: String,
    /// The same key asks for the same run.
    idempotency_key: String,
}

/// Where a run that is retried begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "RetryFrom")]
pub enum RetryStart {
    /// Where the former run last wrote down that it stood, if this version of the job reads that.
    Checkpoint,
    /// At the beginning, whatever the former run has done.
    Fresh,
}

/// Which run to stop, and why.
#[derive(InputObject)]
pub struct CancelJobRunInput {
    /// Global id of the run, which goes on or waits.
    id: ID,
    /// Why, for the audit trail.
    reason: String,
}

/// The run that was asked for, by this call or by an earlier one with the same key.
#[derive(SimpleObject)]
pub struct TriggerJobPayload {
    /// The run as it stands now, new ones queued.
    run: JobRun,
}

/// The new run, or that of an earlier call with the same key.
#[derive(SimpleObject)]
pub struct RetryJobRunPayload {
    /// The run that repeats the former one, whose id is its `retryOf`.
    run: JobRun,
}

/// The run as it stands after the call.
#[derive(SimpleObject)]
pub struct CancelJobRunPayload {
    /// The run: CANCELLED, or CANCELLING until its body has stopped.
    run: JobRun,
}

/// Mutations of runs.
#[derive(Default)]
pub struct JobMutation;

#[Object]
impl JobMutation {
    /// Asks for a run of a job, which a worker does later; for the secretariat and administrators.
    async fn trigger_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to run, for which month, and why.")] input: TriggerJobInput,
    ) -> Nullable<TriggerJobPayload> {
        attempt(async {
            let request = RunRequest { job: input.job, period: input.period.map(|month| month.0), dry_run: input.dry_run };
            let run = store(ctx).trigger_job(request, &input.reason, &input.idempotency_key).await?;
            Ok(TriggerJobPayload { run: run.into() })
        })
        .await
    }

    /// Asks for a run that repeats one that did not succeed, with its month and its "now".
    async fn retry_job_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which run to repeat, from where, and why.")] input: RetryJobRunInput,
    ) -> Nullable<RetryJobRunPayload> {
        attempt(async {
            let id = key_of(&input.id, "job_run", "id")?;
            let run = store(ctx).retry_run(id.into(), input.from.into(), &input.reason, &input.idempotency_key).await?;
            Ok(RetryJobRunPayload { run: run.into() })
        })
        .await
    }

    /// Asks a run to stop: a waiting one ends at once, another before its next write; for administrators.
    async fn cancel_job_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which run to stop, and why.")] input: CancelJobRunInput,
    ) -> Nullable<CancelJobRunPayload> {
        attempt(async {
            let id = key_of(&input.id, "job_run", "id")?;
            Ok(CancelJobRunPayload { run: store(ctx).cancel_run(id.into(), &input.reason).await?.into() })
        })
        .await
    }
}

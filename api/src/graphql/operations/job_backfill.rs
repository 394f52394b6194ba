//! Backfills: planned, started, watched, cancelled.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    connection::{Connection, list, loaders, store},
    job::JobRun,
    loaders::CountsOf,
    node::{global_id, key_of},
    record::{limited, noun},
};
use crate::{
    store::{
        job_backfill::BackfillPlan,
        page::{Ordering, PageArgs},
    },
    words::{BackfillScope, BackfillState, JobName, Long, Month, RunState},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    job_backfill::{self, Column, Model},
    job_run,
};
use jobs::transaction::backfill::months;
use sea_orm::{ColumnTrait, Condition};

/// Runs of one job over a range of months.
pub struct JobBackfill(Model);

noun!(JobBackfill, job_backfill);

/// How many of a backfill's runs stand in one state.
#[derive(SimpleObject)]
pub struct JobRunCount {
    /// The state in which they stand.
    state: RunState,
    /// How many of the backfill's runs stand in it.
    runs: Long,
}

/// Runs of one job over a range of months.
#[Object]
impl JobBackfill {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("job_backfill", self.0.id.0)
    }

    /// The job whose runs it makes, one a month.
    async fn job(&self) -> JobName {
        self.0.job
    }

    /// The first month of the range.
    #[graphql(name = "from")]
    async fn first_period(&self) -> Month {
        Month(self.0.first_period)
    }

    /// The last month of the range.
    #[graphql(name = "to")]
    async fn last_period(&self) -> Month {
        Month(self.0.last_period)
    }

    /// Which months of the range it took when it was planned.
    async fn scope(&self) -> BackfillScope {
        self.0.scope
    }

    /// How many runs go on at once.
    async fn at_once(&self) -> i32 {
        self.0.at_once
    }

    /// The months that were chosen, in order of time; they stay as they were when it was planned.
    async fn periods(&self) -> Vec<Month> {
        months(&self.0).into_iter().map(Month).collect()
    }

    /// Where it stands, which follows from its runs.
    async fn state(&self) -> BackfillState {
        self.0.state
    }

    /// The token's subject of the administrator who planned it.
    async fn requested_by(&self) -> &str {
        &self.0.requested_by
    }

    /// Why it was planned, as given.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was planned, and its months chosen.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When an administrator started it; null until then.
    async fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0.started_at
    }

    /// When it ended, or was cancelled; null until then.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// How many of its runs stand where; months that have no run yet are in none.
    async fn counts(&self, ctx: &Context<'_>) -> Result<Vec<JobRunCount>> {
        let mut counts = loaders(ctx).row(CountsOf(self.0.id)).await?.unwrap_or_default();
        counts.sort_unstable();
        Ok(counts.into_iter().map(|(state, runs)| JobRunCount { state, runs: Long(runs) }).collect())
    }

    /// Its runs, the first begun first.
    async fn runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Result<Connection<JobRun>> {
        let order = Ordering { by: job_run::Column::QueuedAt, descending: false };
        let filter = Condition::all().add(job_run::Column::BackfillId.eq(self.0.id));
        list(ctx, filter, order, &PageArgs { first, after, last, before }).await
    }
}

/// Which backfills: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct JobBackfillFilter {
    /// Of this job alone.
    job: Option<JobName>,
    /// That stand in any of these states; an empty list finds nothing.
    states: Option<Vec<BackfillState>>,
}

/// In which order backfills are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum JobBackfillOrder {
    /// By when they were planned, the latest first; the default.
    CreatedAtDescending,
    /// By when they were planned, the oldest first.
    CreatedAt,
}

/// Queries of backfills.
#[derive(Default)]
pub struct JobBackfillQuery;

#[Object]
impl JobBackfillQuery {
    /// One backfill; null where there is none. For the promotion officer, the secretariat and administrators.
    async fn job_backfill(&self, ctx: &Context<'_>, #[graphql(desc = "Global id of the backfill.")] id: ID) -> Nullable<JobBackfill> {
        maybe(async { Ok(store(ctx).one::<job_backfill::Entity>(key_of(&id, "job_backfill", "id")?).await?.map(JobBackfill::from)) }).await
    }

    /// Backfills, also those that are over; for the promotion officer, the secretariat and administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn job_backfills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which backfills: all given conditions must hold; without any, all that there are.", default)] filter: Conditions<
            JobBackfillFilter,
        >,
        #[graphql(desc = "In which order; ties by id.", default_with = "JobBackfillOrder::CreatedAtDescending")] order_by: JobBackfillOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<JobBackfill>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = Condition::all().add_option(filter.job.map(|job| Column::Job.eq(job)));
            if let Some(states) = &filter.states {
                let states = limited(states, "states")?;
                condition = condition.add(Column::State.is_in(states.iter().copied()));
            }
            let order = Ordering { by: Column::CreatedAt, descending: order_by == JobBackfillOrder::CreatedAtDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// What to run over which months.
#[derive(InputObject)]
pub struct PlanBackfillInput {
    /// The job, one whose runs are about a month.
    job: JobName,
    /// The first month, not one of which records have been disposed of.
    from: Month,
    /// The last month, itself included and not to come; at most 240 months in all.
    to: Month,
    /// Which months of the range to take.
    scope: BackfillScope,
    /// How many runs go on at once, at most 16.
    #[graphql(default = 1)]
    at_once: i32,
    /// Why, for the audit trail.
    reason: String,
}

/// A backfill to be started or cancelled, and why.
#[derive(InputObject)]
pub struct BackfillInput {
    /// Global id of the backfill.
    id: ID,
    /// Why, for the audit trail.
    reason: String,
}

/// The backfill as it stands after the call, also where the call changed nothing.
#[derive(SimpleObject)]
pub struct JobBackfillPayload {
    /// The backfill, with the months that it chose.
    backfill: JobBackfill,
}

/// Mutations of backfills.
#[derive(Default)]
pub struct JobBackfillMutation;

#[Object]
impl JobBackfillMutation {
    /// Chooses the months of a backfill, and runs nothing yet.
    async fn plan_backfill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to run over which months.")] input: PlanBackfillInput,
    ) -> Nullable<JobBackfillPayload> {
        attempt(async {
            let (job, from, to, scope) = (input.job, input.from.0, input.to.0, input.scope);
            let plan = BackfillPlan { job, from, to, scope, at_once: input.at_once };
            Ok(JobBackfillPayload { backfill: store(ctx).plan_backfill(plan, &input.reason).await?.into() })
        })
        .await
    }

    /// Sets a planned backfill going.
    async fn start_backfill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The backfill, by its global id, and why.")] input: BackfillInput,
    ) -> Nullable<JobBackfillPayload> {
        attempt(async {
            let id = key_of(&input.id, "job_backfill", "id")?;
            Ok(JobBackfillPayload { backfill: store(ctx).start_backfill(id.into(), &input.reason).await?.into() })
        })
        .await
    }

    /// Stops a backfill: its waiting runs are cancelled, and those that go on are asked to stop.
    async fn cancel_backfill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The backfill, by its global id, and why.")] input: BackfillInput,
    ) -> Nullable<JobBackfillPayload> {
        attempt(async {
            let id = key_of(&input.id, "job_backfill", "id")?;
            Ok(JobBackfillPayload { backfill: store(ctx).cancel_backfill(id.into(), &input.reason).await?.into() })
        })
        .await
    }
}

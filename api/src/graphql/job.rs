//! Runs of jobs: asked for, watched.

pub mod event;

use super::{
    connection::{Connection, list, store},
    node::{global_id, key_of},
    record::{limited, noun},
};
use crate::{
    store::page::{Ordering, PageArgs},
    words::{JobName, Month, RunState, Trigger},
};
use async_graphql::{Context, Enum, ID, InputObject, Json, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::job_run::{self, Column, Model};
use sea_orm::{ColumnTrait, Condition};

/// One run of a job.
pub struct JobRun(Model);

noun!(JobRun, job_run);

/// One run of a job.
#[Object]
impl JobRun {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("job_run", self.0.id.0)
    }

    /// The job.
    async fn job(&self) -> JobName {
        self.0.job.into()
    }

    /// The month; null for all that is stale.
    async fn period(&self) -> Option<Month> {
        self.0.period.map(Month)
    }

    /// What started it.
    async fn trigger(&self) -> Trigger {
        self.0.trigger.into()
    }

    /// Who asked.
    async fn requested_by(&self) -> &str {
        &self.0.requested_by
    }

    /// Why.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The scheduled instant of a slot.
    async fn slot(&self) -> Option<DateTime<Utc>> {
        self.0.slot
    }

    /// Where it stands.
    async fn state(&self) -> RunState {
        self.0.state.into()
    }

    /// The run's own "now".
    async fn as_of(&self) -> DateTime<Utc> {
        self.0.as_of
    }

    /// When it was asked for.
    async fn queued_at(&self) -> DateTime<Utc> {
        self.0.queued_at
    }

    /// When a worker claimed it.
    async fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0.started_at
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// Counts of what was done, by the job's own names.
    async fn statistics(&self) -> Option<Json<serde_json::Value>> {
        self.0.statistics.clone().map(Json)
    }

    /// SHA-256 of the output's natural keys and values.
    async fn output_digest(&self) -> Option<&str> {
        self.0.output_digest.as_deref()
    }

    /// The failure's kind and id, which leads to the log.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }
}

/// Which runs.
#[derive(Debug, Clone, Default, InputObject)]
pub struct JobRunFilter {
    /// Of this job.
    job: Option<JobName>,
    /// In one of these states.
    states: Option<Vec<RunState>>,
    /// Of this month.
    period: Option<Month>,
}

/// In which order runs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum JobRunOrder {
    /// The latest first.
    QueuedAtDescending,
    /// The oldest first.
    QueuedAt,
}

/// Queries of runs.
#[derive(Default)]
pub struct JobQuery;

#[Object]
impl JobQuery {
    /// One run.
    async fn job_run(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> Result<Option<JobRun>> {
        Ok(store(ctx).one::<job_run::Entity>(key_of(&id, "job_run", "id")?).await?.map(JobRun::from))
    }

    /// Runs.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn job_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which runs.", default)] filter: JobRunFilter,
        #[graphql(desc = "In which order.", default_with = "JobRunOrder::QueuedAtDescending")] order_by: JobRunOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<JobRun>> {
        let mut condition = Condition::all();
        if let Some(job) = filter.job {
            condition = condition.add(Column::Job.eq(job_run::JobName::from(job)));
        }
        if let Some(states) = &filter.states {
            let states = limited(states, "states")?;
            condition = condition.add(Column::State.is_in(states.iter().copied().map(job_run::RunState::from)));
        }
        if let Some(period) = filter.period {
            condition = condition.add(Column::Period.eq(period.0));
        }
        let order = Ordering { by: Column::QueuedAt, descending: order_by == JobRunOrder::QueuedAtDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// What to run.
#[derive(InputObject)]
pub struct TriggerJobInput {
    /// The job.
    job: JobName,
    /// The month; null for all that is stale.
    period: Option<Month>,
    /// Why, for the audit trail.
    reason: String,
    /// The same key asks for the same run.
    idempotency_key: String,
}

/// The run that was asked for.
#[derive(SimpleObject)]
pub struct TriggerJobPayload {
    /// The run.
    run: JobRun,
}

/// Mutations of runs.
#[derive(Default)]
pub struct JobMutation;

#[Object]
impl JobMutation {
    /// Asks for a run of a job.
    async fn trigger_job(&self, ctx: &Context<'_>, #[graphql(desc = "What to run.")] input: TriggerJobInput) -> Result<TriggerJobPayload> {
        let period = input.period.map(|month| month.0);
        let run = store(ctx).trigger_job(input.job.into(), period, &input.reason, &input.idempotency_key).await?;
        Ok(TriggerJobPayload { run: run.into() })
    }
}

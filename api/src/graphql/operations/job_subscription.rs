//! Subscriptions to runs: how things stand, then what happens.

use crate::graphql::nullable::Conditions;
use crate::graphql::{
    connection::store,
    job::{JobRun, event::JobRunEvent},
    node::key_of,
};
use crate::{
    error::Error,
    store::run_feed::{Followed, News, Position},
    words::{JobName, Long, Month},
};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject, Subscription};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::ids::JobRunId;
use futures_util::{Stream, TryStreamExt};
use std::sync::Arc;

/// What is told of one run: how it stands, or one thing that happened to it.
#[derive(SimpleObject)]
pub struct JobRunUpdate {
    /// The number of the event, or of the last one before how things stand. Give it as `afterSequence` to go on behind this update.
    sequence: Long,
    /// The run as it stands, which may be ahead of the event.
    run: JobRun,
    /// What happened; null where this says how things stand.
    event: Option<JobRunEvent>,
}

impl From<News> for JobRunUpdate {
    fn from(news: News) -> Self {
        let run = Arc::unwrap_or_clone(news.run);
        Self { sequence: Long(news.sequence), run: run.into(), event: news.event.map(JobRunEvent::from) }
    }
}

/// What is told of all runs at once.
pub struct JobRunsUpdate {
    position: Position,
    updates: Vec<JobRunUpdate>,
}

/// What is told of all runs at once.
#[Object]
impl JobRunsUpdate {
    /// Where the subscription stands. Give it as `after` to go on behind this message.
    async fn cursor(&self) -> String {
        // A position is an instant and numbers, which always have a JSON form.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.position).unwrap_or_default())
    }

    /// What happened, run by run, and of each run in the order of its events.
    async fn updates(&self) -> &[JobRunUpdate] {
        &self.updates
    }
}

/// Which runs are followed: both conditions must hold; without any, all.
#[derive(Debug, Clone, Default, InputObject)]
pub struct JobRunsFilter {
    /// Runs of this job alone.
    job: Option<JobName>,
    /// Runs about exactly this month; those about all that is stale have none.
    period: Option<Month>,
}

/// Subscriptions to runs.
#[derive(Default)]
pub struct JobSubscription;

#[Subscription]
impl JobSubscription {
    /// One run: how it stands, then each event once and in order, until the run is over. Progress comes at most once a second.
    async fn job_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the run.")] id: ID,
        #[graphql(desc = "Go on behind the event of this number.")] after_sequence: Option<Long>,
    ) -> Result<impl Stream<Item = Result<JobRunUpdate, Error>>> {
        let key = JobRunId(key_of(&id, "job_run", "id")?);
        let news = store(ctx).follow_run(key, after_sequence.map(|sequence| sequence.0)).await?;
        Ok(news.map_ok(JobRunUpdate::from))
    }

    /// The runs that go on: how they stand, then each event of each run once and in order, those of new runs from the first.
    async fn job_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which runs are followed; without a condition, all.", default)] filter: Conditions<JobRunsFilter>,
        #[graphql(desc = "Go on behind the message with this cursor: what happened since is told, in place of how things stand.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<JobRunsUpdate, Error>>> {
        let filter = filter.0;
        let followed = Followed { job: filter.job, period: filter.period.map(|month| month.0) };
        let after = after.map(|cursor| position(&cursor)).transpose()?;
        let news = store(ctx).follow_runs(followed, after).await?;
        Ok(news.map_ok(|news| JobRunsUpdate { position: news.position, updates: news.news.into_iter().map(JobRunUpdate::from).collect() }))
    }
}

fn position(cursor: &str) -> Result<Position, Error> {
    let position = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    position.ok_or_else(|| Error::input("after", "続きの位置が正しくありません。", "This is no cursor of this subscription."))
}

//! Runs as they go on, for subscriptions: first how things stand, then each event once and in order.
//!
//! What is new comes from the process's one look at the ledger ([`jobs::ledger::run_feed`]); what it no longer holds is read here. A run's
//! events are numbered without a gap, so that a position is a number, and who comes back with one misses nothing.

use crate::store::{Store, anew::start_anew, unscoped};
use crate::{
    authz::{Action, Noun},
    error::Error,
    words::is_kept,
};
use chrono::{DateTime, Utc};
use entity::{
    ids::{DatabaseIdentityId, JobRunId},
    job_run::{self, JobName},
    job_run_event::{self, Column as EventColumn},
    period::YearMonth,
};
use futures_util::{Stream, stream};
use jobs::ledger::run_feed::{AFTERGLOW, Follower, Picture};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Events that one statement reads.
const EVENTS: usize = 200;
/// News that one message of [`Store::follow_runs`] holds.
const NEWS: usize = 200;
/// Runs that a position may name.
const MOST_RUNS: usize = 2_000;

/// What a follower is told of one run.
#[derive(Debug, Clone)]
pub struct News {
    /// The run, as it stands; it may be ahead of the event.
    pub run: Arc<job_run::Model>,
    /// The position in the run's events after this.
    pub sequence: i64,
    /// What happened; `None` for how things stand.
    pub event: Option<job_run_event::Model>,
}

/// Which runs are followed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Followed {
    /// Of this job.
    pub job: Option<JobName>,
    /// Of this month.
    pub period: Option<YearMonth>,
}

impl Followed {
    fn holds(self, run: &job_run::Model) -> bool {
        self.job.is_none_or(|job| job == run.job) && self.period.is_none_or(|period| Some(period) == run.period)
    }

    fn condition(self) -> Condition {
        let job = self.job.map(|job| job_run::Column::Job.eq(job));
        Condition::all().add_option(job).add_option(self.period.map(|period| job_run::Column::Period.eq(period)))
    }
}

/// Where a follower of all runs stands: of each run that was going on, or had just ended, how much of it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    at: DateTime<Utc>,
    runs: BTreeMap<JobRunId, i64>,
    /// In which database; those of former times do not say.
    #[serde(default)]
    database: Option<DatabaseIdentityId>,
}

/// What a follower of all runs is told at once.
#[derive(Debug, Clone)]
pub struct RunsNews {
    /// Where the follower stands after it.
    pub position: Position,
    /// Run by run, each run's in order.
    pub news: Vec<News>,
}

impl News {
    fn of(run: &Arc<job_run::Model>, event: job_run_event::Model) -> Self {
        Self { run: run.clone(), sequence: event.sequence, event: Some(event) }
    }
}

impl Store {
    /// One run: how it stands, then each event after that (or after the event numbered `after`), until the run is over.
    ///
    /// # Errors
    /// As [`Store::allow`]; `NOT_FOUND`; `BAD_USER_INPUT` for a number that no event of the run has, `CONFLICT` for one that may be of before
    /// a restore.
    pub async fn follow_run(
        &self,
        id: JobRunId,
        after: Option<i64>,
    ) -> Result<impl Stream<Item = Result<News, Error>> + Send + use<>, Error> {
        // Followed first and read then: what comes between is in the next picture.
        let follower = self.ledger.follow();
        let last = unscoped::<job_run_event::Entity>().filter(EventColumn::RunId.eq(id)).select_only();
        let last: Option<i64> =
            last.column_as(EventColumn::Sequence.max(), "last").into_tuple::<Option<i64>>().one(self.reader()).await?.flatten();
        let last = last.unwrap_or_default();
        let run = self.select::<job_run::Entity>()?.filter(job_run::Column::Id.eq(id)).one(self.reader()).await?;
        let run = Arc::new(run.ok_or_else(|| Error::not_found("id", "実行", "run"))?);
        if let Some(after) = after {
            self.refuse_lost(&run, after).await?;
        }
        if after.is_some_and(|after| !(0..=last).contains(&after)) {
            return Err(Error::input("afterSequence", "この実行にその番号の出来事はありません。", "This run has no event of that number."));
        }
        let told = after.unwrap_or(last);
        let standing = News { run, sequence: told, event: None };
        let follower = RunFollower { store: self.clone(), follower, id, told, ready: VecDeque::from([standing]), read: true, over: false };
        Ok(stream::try_unfold(follower, |mut follower| async move { Ok(follower.next().await?.map(|news| (news, follower))) }))
    }

    /// All runs that the actor may see: how those that go on stand (or, after a position, what happened since), then each event of each run.
    ///
    /// # Errors
    /// As [`Store::allow`]; `BAD_USER_INPUT` for a position that no message had, `CONFLICT` for one of before a restore.
    pub async fn follow_runs(
        &self,
        which: Followed,
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<RunsNews, Error>> + Send + use<>, Error> {
        self.allow(Action::Read(Noun::JobRun))?;
        let sound = |after: &Position| {
            is_kept(after.at.date_naive()) && after.runs.len() <= MOST_RUNS && after.runs.values().all(|sequence| *sequence >= 0)
        };
        if !after.as_ref().is_none_or(sound) {
            return Err(Error::input("after", "続きの位置が正しくありません。", "This is no position of this subscription."));
        }
        let stage = if after.is_some() { Stage::Resumed } else { Stage::New };
        let here = self.identity().await?;
        if after.as_ref().is_some_and(|after| !here.gave(after.database)) {
            return Err(start_anew("after"));
        }
        let mut told = after.unwrap_or_else(|| Position { at: self.now(), runs: BTreeMap::new(), database: None });
        told.database = Some(here.id);
        let follower = RunsFollower {
            store: self.clone(),
            follower: self.ledger.follow(),
            followed: which,
            told,
            stage,
            picture: None,
            beyond: BTreeSet::new(),
            ready: VecDeque::new(),
            more: false,
            greets: true,
        };
        Ok(stream::try_unfold(follower, |mut follower| async move { Ok(Some((follower.next().await?, follower))) }))
    }

    /// Refuses the number of an event after which a run went on twice: in the time that a restore took back, and again since.
    async fn refuse_lost(&self, run: &job_run::Model, after: i64) -> Result<(), Error> {
        let Some(restored_at) = self.identity().await?.restored_at().filter(|at| run.queued_at < *at) else { return Ok(()) };
        let kept = unscoped::<job_run_event::Entity>().filter(EventColumn::RunId.eq(run.id)).filter(EventColumn::At.lt(restored_at));
        let kept = kept.select_only().column_as(EventColumn::Sequence.max(), "kept").into_tuple::<Option<i64>>();
        let kept = kept.one(self.reader()).await?.flatten().unwrap_or_default();
        if after > kept { Err(start_anew("afterSequence")) } else { Ok(()) }
    }

    /// Events of some runs that the actor was shown, after the number of each, run by run, at most [`EVENTS`]. SQLite reads no condition of
    /// more than a thousand parts.
    async fn events_after(&self, runs: &[(Arc<job_run::Model>, i64)]) -> Result<Vec<job_run_event::Model>, Error> {
        let mut after = Condition::any();
        for (run, sequence) in runs {
            after = after.add(Condition::all().add(EventColumn::RunId.eq(run.id)).add(EventColumn::Sequence.gt(*sequence)));
        }
        let events = unscoped::<job_run_event::Entity>().filter(after).order_by_asc(EventColumn::RunId).order_by_asc(EventColumn::Sequence);
        Ok(events.limit(EVENTS as u64).all(self.reader()).await?)
    }
}

/// Waits until the picture changes. The look goes on while anybody watches, so that it never ends but by a defect.
async fn changed(follower: &mut Follower) -> Result<(), Error> {
    follower.changed().await.map_err(|_| Error::internal(&"nobody looks at the runs any more"))
}

/// A follower of one run.
struct RunFollower {
    store: Store,
    follower: Follower,
    id: JobRunId,
    /// The number of the last event that is told or ready.
    told: i64,
    ready: VecDeque<News>,
    /// Whether there may be more in the database than was seen here.
    read: bool,
    over: bool,
}

impl RunFollower {
    async fn next(&mut self) -> Result<Option<News>, Error> {
        while self.ready.is_empty() && !self.over {
            self.store.allow(Action::Read(Noun::JobRun))?;
            if self.read {
                self.read().await?;
            } else {
                changed(&mut self.follower).await?;
                self.see();
            }
        }
        Ok(self.ready.pop_front())
    }

    /// Takes what is new from the picture, if all of that is there: else the run ended long ago, or is one of too many, or we are slow.
    fn see(&mut self) {
        let standing = self.follower.borrow_and_update().as_ref().and_then(|picture| picture.runs.get(&self.id).cloned());
        let events = standing.as_ref().and_then(|standing| standing.since(self.told)).map(<[_]>::to_vec);
        match (standing, events) {
            (Some(standing), Some(events)) => {
                self.over = standing.run.state.is_over();
                self.tell(&standing.run, events);
            }
            _ => self.read = true,
        }
    }

    async fn read(&mut self) -> Result<(), Error> {
        // The row before its events: they reach at least as far.
        let run = self.store.select::<job_run::Entity>()?.filter(job_run::Column::Id.eq(self.id)).one(self.store.reader()).await?;
        let Some(run) = run.map(Arc::new) else {
            self.over = true;
            return Ok(());
        };
        let events = self.store.events_after(&[(run.clone(), self.told)]).await?;
        self.read = events.len() == EVENTS;
        self.over = run.state.is_over() && !self.read;
        self.tell(&run, events);
        Ok(())
    }

    fn tell(&mut self, run: &Arc<job_run::Model>, events: Vec<job_run_event::Model>) {
        self.told = events.last().map_or(self.told, |event| event.sequence);
        self.ready.extend(events.into_iter().map(|event| News::of(run, event)));
    }
}

/// How far a follower of all runs is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Wants to know how things stand.
    New,
    /// Wants to know what happened since its position.
    Resumed,
    /// Was told that.
    Going,
}

/// A follower of all runs.
struct RunsFollower {
    store: Store,
    follower: Follower,
    followed: Followed,
    told: Position,
    stage: Stage,
    picture: Option<Arc<Picture>>,
    /// Runs that were told of and are not in the picture: it has too many, or is older than they are.
    beyond: BTreeSet<JobRunId>,
    ready: VecDeque<News>,
    /// Whether the database has more than what is ready.
    more: bool,
    /// Whether the first message, which may be empty, is to be sent.
    greets: bool,
}

impl RunsFollower {
    async fn next(&mut self) -> Result<RunsNews, Error> {
        while self.ready.is_empty() {
            self.store.allow(Action::Read(Noun::JobRun))?;
            if !self.more {
                if self.picture.is_some() || self.follower.borrow().is_none() {
                    changed(&mut self.follower).await?;
                }
                self.picture.clone_from(&self.follower.borrow_and_update());
            }
            self.plan().await?;
            if self.greets && !self.more {
                break;
            }
        }
        self.greets = false;
        let news: Vec<_> = self.ready.drain(..self.ready.len().min(NEWS)).collect();
        self.told.runs.extend(news.iter().map(|news| (news.run.id, news.sequence)));
        self.settle();
        Ok(RunsNews { position: self.told.clone(), news })
    }

    /// Makes ready what the picture and, where it does not reach, the database have after what was told.
    async fn plan(&mut self) -> Result<(), Error> {
        let Some(picture) = self.picture.clone() else { return Ok(()) };
        let mut behind = Vec::new();
        for (id, standing) in picture.runs.iter().filter(|(_, standing)| self.followed.holds(&standing.run)) {
            let told = self.told.runs.get(id).copied();
            if self.stage == Stage::New && told.is_none() {
                if standing.run.state.is_over() {
                    self.told.runs.insert(*id, standing.last);
                } else {
                    self.ready.push_back(News { run: standing.run.clone(), sequence: standing.last, event: None });
                }
                continue;
            }
            let told = told.unwrap_or_default();
            match standing.since(told) {
                Some(events) => self.ready.extend(events.iter().map(|event| News::of(&standing.run, event.clone()))),
                None => behind.push((standing.run.clone(), told)),
            }
        }
        behind.extend(self.absent(&picture).await?);
        self.more = false;
        for part in behind.chunks(EVENTS) {
            let runs: BTreeMap<_, _> = part.iter().map(|(run, _)| (run.id, run)).collect();
            let events = self.store.events_after(part).await?;
            self.more = events.len() == EVENTS;
            self.ready.extend(events.into_iter().filter_map(|event| Some(News::of(runs.get(&event.run_id)?, event))));
            if self.more {
                return Ok(());
            }
        }
        self.stage = Stage::Going;
        self.settle();
        Ok(())
    }

    /// Runs that the picture does not hold: those that were told of, and for who was away those that ended meanwhile; with what was told.
    async fn absent(&mut self, picture: &Picture) -> Result<Vec<(Arc<job_run::Model>, i64)>, Error> {
        let (reader, scoped) = (self.store.reader(), || self.store.select::<job_run::Entity>());
        let known: Vec<_> = self.told.runs.keys().filter(|id| !picture.runs.contains_key(id)).copied().collect();
        let mut rows = Vec::new();
        if !known.is_empty() {
            rows = scoped()?.filter(job_run::Column::Id.is_in(known)).filter(self.followed.condition()).all(reader).await?;
        }
        if self.stage == Stage::Resumed {
            let since = self.told.at.checked_sub_signed(AFTERGLOW).unwrap_or(self.told.at);
            let ended = scoped()?.filter(job_run::Column::FinishedAt.gte(since)).filter(self.followed.condition());
            let ended = ended.order_by_asc(job_run::Column::Id).limit(MOST_RUNS as u64).all(reader).await?;
            rows.extend(ended.into_iter().filter(|run| !self.told.runs.contains_key(&run.id) && !picture.runs.contains_key(&run.id)));
        }
        // Who comes again with this picture's instant is told of what ended shortly before it, and so must know what was told already: a
        // picture may be older than a run that ended since.
        let lately = picture.at.checked_sub_signed(AFTERGLOW).unwrap_or(picture.at);
        let kept = |run: &&job_run::Model| run.finished_at.is_none_or(|at| at >= lately);
        self.beyond = rows.iter().filter(kept).map(|run| run.id).collect();
        let told = |run: &job_run::Model| self.told.runs.get(&run.id).copied().unwrap_or_default();
        Ok(rows
            .into_iter()
            .map(|run| {
                let told = told(&run);
                (Arc::new(run), told)
            })
            .collect())
    }

    /// Forgets the runs that have been over for a while and were told of, once nothing is left to tell.
    fn settle(&mut self) {
        let Some(picture) = self.picture.as_ref().filter(|_| self.ready.is_empty() && !self.more) else { return };
        self.told.at = picture.at;
        self.told.runs.retain(|id, _| picture.runs.contains_key(id) || self.beyond.contains(id));
    }
}

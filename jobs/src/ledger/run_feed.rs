//! What goes on in the ledger, for those who follow runs: one look for the whole process, however many they are.
//!
//! While anybody follows, a task waits until somebody tells that there is something new (in this process, or on PostgreSQL in any), and at
//! the latest for a poll; then it reads in one statement which runs go on or ended just now, each with the number of its last event, and
//! in a second what is new of their events. Followers get the [`Picture`] and no queue: who was slow sees the latest one, and reads the
//! events that it no longer holds for itself. That none is missing or comes twice rests on their numbers alone, which have no gap.
//!
//! Deliberately absent: who may follow what (the API's store knows), and any query while nobody follows.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use super::{Ledger, LedgerError};
use crate::dialect;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    ids::JobRunId,
    job_run,
    job_run_event::{Column, Entity, Model as Event},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How long a run that ended stays in the picture: longer than any two clocks and looks are apart.
pub const AFTERGLOW: TimeDelta = TimeDelta::minutes(2);
/// The latest events of a run that the picture holds.
const TAIL: usize = 64;
/// Runs whose events one look reads; followers of more read for themselves.
const RUNS_READ: usize = 200;
/// What happens within this long is seen in one look.
const TOGETHER: Duration = Duration::from_millis(100);
/// The safety behind PostgreSQL's notifications.
const POLL: Duration = Duration::from_secs(30);
/// On SQLite another process may run the jobs, and has no way to tell us; a look reads a few pages of a file.
const POLL_SQLITE: Duration = Duration::from_secs(2);

/// The runs that go on and those that ended after `$1`, at most a thousand, the latest first.
const LOOK: &str = "WITH watched AS (
        SELECT id FROM job_run WHERE state IN ('QUEUED', 'RUNNING', 'RETRY_WAIT', 'CANCELLING')
        UNION ALL SELECT id FROM job_run WHERE finished_at >= $1)
    SELECT j.*, (SELECT COALESCE(MAX(e.sequence), 0) FROM job_run_event e WHERE e.run_id = j.id) AS last_sequence
    FROM watched JOIN job_run j ON j.id = watched.id ORDER BY j.id DESC LIMIT 1000";

/// Shared by the clones of a ledger: the task's end of the channel, while there is a task.
pub(super) type Following = Arc<Mutex<Weak<watch::Sender<Option<Arc<Picture>>>>>>;

/// Shows the latest picture; `None` before the first look.
pub type Follower = watch::Receiver<Option<Arc<Picture>>>;

/// The runs that go on, and those that ended in the last minutes, at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The instant.
    pub at: DateTime<Utc>,
    /// The runs, the oldest first.
    pub runs: BTreeMap<JobRunId, Standing>,
}

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its row.
    pub run: Arc<job_run::Model>,
    /// The number of its last event, which made the row what it is; 0 where there is none.
    pub last: i64,
    tail: Arc<[Event]>,
}

impl Standing {
    /// The events after `sequence` up to the last one, if they are all here.
    #[must_use]
    pub fn since(&self, sequence: i64) -> Option<&[Event]> {
        let missing = usize::try_from(self.last - sequence).unwrap_or_default();
        self.tail.len().checked_sub(missing).map(|from| &self.tail[from..])
    }

    /// The standing after `new` events, whose numbers follow each other.
    fn follow(former: Option<&Self>, run: job_run::Model, last: i64, new: Vec<Event>) -> Self {
        let former = former.filter(|former| new.first().is_none_or(|event| event.sequence == former.last + 1));
        let mut tail: Vec<Event> = former.map(|former| former.tail.to_vec()).unwrap_or_default();
        tail.extend(new);
        // What was not read ends the tail: it must reach the last event.
        if tail.last().is_none_or(|event| event.sequence != last) {
            tail.clear();
        }
        tail.drain(..tail.len().saturating_sub(TAIL));
        Self { run: Arc::new(run), last, tail: tail.into() }
    }
}

impl Ledger {
    /// Begins to follow: from the first picture on, each change is seen soon after its commit.
    #[must_use]
    pub fn follow(&self) -> Follower {
        let mut following = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = following.upgrade() {
            return sender.subscribe();
        }
        let (sender, follower) = watch::channel(None);
        let sender = Arc::new(sender);
        *following = Arc::downgrade(&sender);
        let ledger = self.clone();
        tokio::spawn(async move { ledger.look_out(sender).await });
        follower
    }

    /// Looks until nobody follows any more.
    async fn look_out(self, sender: Arc<watch::Sender<Option<Arc<Picture>>>>) {
        let over = CancellationToken::new();
        let _over = over.clone().drop_guard();
        tokio::spawn({
            let ledger = self.clone();
            async move { ledger.hear(&[dialect::CHANNEL, dialect::EVENTS], Self::tell, over).await }
        });
        let poll = if self.is_alone() { POLL_SQLITE } else { POLL };
        let mut since = self.clock.now() - AFTERGLOW;
        loop {
            {
                // Who begins to follow takes this lock as well, and finds either a task that goes on or none.
                let mut following = self.following.lock().unwrap_or_else(PoisonError::into_inner);
                if sender.receiver_count() == 0 {
                    *following = Weak::new();
                    return;
                }
            }
            match self.look(&sender, since).await {
                Ok(at) => since = since.max(at - AFTERGLOW),
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot look at the runs"),
            }
            tokio::time::sleep(TOGETHER).await;
            tokio::select! {
                () = self.news.notified() => {}
                () = sender.closed() => {}
                () = tokio::time::sleep(poll) => {}
            }
        }
    }

    /// Takes a picture, shows it where it differs from the former one, and tells its instant.
    async fn look(&self, sender: &watch::Sender<Option<Arc<Picture>>>, since: DateTime<Utc>) -> Result<DateTime<Utc>, LedgerError> {
        let former = sender.borrow().clone();
        let former_of = |id| former.as_ref().and_then(|former| former.runs.get(&id));
        let at = self.clock.now();
        let mut seen = Vec::new();
        for row in dialect::few_rows(self.db.reader(), LOOK, vec![since.into()]).await? {
            seen.push((job_run::Model::from_query_result(&row, "")?, row.try_get::<i64>("", "last_sequence")?));
        }
        // Before the first picture nobody has seen anything: the followers read where they begin.
        let changed = |(run, last): &&(job_run::Model, i64)| former.is_some() && former_of(run.id).is_none_or(|former| former.last < *last);
        let mut new = self.events(seen.iter().filter(changed).map(|(run, last)| (run.id, former_of(run.id), *last))).await?;
        let stand = |(run, last): (job_run::Model, i64)| {
            let new = new.remove(&run.id).unwrap_or_default();
            (run.id, Standing::follow(former_of(run.id), run, last, new))
        };
        let runs: BTreeMap<_, _> = seen.into_iter().map(stand).collect();
        sender.send_if_modified(|shown| {
            let same = shown.as_ref().is_some_and(|shown| {
                let both = shown.runs.iter().zip(&runs);
                shown.runs.len() == runs.len() && both.into_iter().all(|((a, x), (b, y))| a == b && x.last == y.last)
            });
            if !same {
                *shown = Some(Arc::new(Picture { at, runs }));
            }
            !same
        });
        Ok(at)
    }

    /// The events of runs after those that were seen, up to the last one of the look.
    async fn events<'a>(
        &self,
        changed: impl Iterator<Item = (JobRunId, Option<&'a Standing>, i64)>,
    ) -> Result<BTreeMap<JobRunId, Vec<Event>>, LedgerError> {
        let mut wanted = Condition::any();
        for (id, former, last) in changed.take(RUNS_READ) {
            let from = former.map_or(0, |former| former.last).max(last - i64::try_from(TAIL).unwrap_or_default());
            wanted = wanted.add(Condition::all().add(Column::RunId.eq(id)).add(Column::Sequence.gt(from)).add(Column::Sequence.lte(last)));
        }
        let mut events: BTreeMap<JobRunId, Vec<Event>> = BTreeMap::new();
        if !wanted.is_empty() {
            let rows = Entity::find().filter(wanted).order_by_asc(Column::RunId).order_by_asc(Column::Sequence);
            for event in rows.all(self.db.reader()).await? {
                events.entry(event.run_id).or_default().push(event);
            }
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::{
        ledger::Hearing,
        tests::office::{Office, offices},
    };
    use entity::job_run_event::RunEvent;
    use std::ops::RangeInclusive;

    fn events(run: JobRunId, numbers: RangeInclusive<i64>) -> Vec<Event> {
        let event = |sequence| Event { run_id: run, sequence, at: DateTime::UNIX_EPOCH, kind: RunEvent::Progress, data: 0.into() };
        numbers.map(event).collect()
    }

    fn numbers(standing: &Standing, after: i64) -> Option<Vec<i64>> {
        standing.since(after).map(|events| events.iter().map(|event| event.sequence).collect())
    }

    #[tokio::test]
    async fn a_standing_holds_the_latest_events_without_a_gap() {
        let office = offices().await.remove(0);
        let run = office.ledger.find(office.enqueue(None).await).await.unwrap();
        let follow = |former: Option<&Standing>, last, new| Standing::follow(former, run.clone(), last, events(run.id, new));
        #[expect(clippy::reversed_empty_ranges, reason = "no events")]
        let none = 1..=0;

        let third = follow(None, 3, 1..=3);
        assert_eq!(numbers(&third, 0), Some(vec![1, 2, 3]));
        assert_eq!((numbers(&third, 2), numbers(&third, 3), numbers(&third, 9)), (Some(vec![3]), Some(vec![]), Some(vec![])));
        let fifth = follow(Some(&third), 5, 4..=5);
        assert_eq!(numbers(&fifth, 1), Some(vec![2, 3, 4, 5]), "what is new follows what was known");
        let same = follow(Some(&third), 3, none.clone());
        assert_eq!(numbers(&same, 0), Some(vec![1, 2, 3]));

        let gap = follow(Some(&third), 6, 5..=6);
        assert_eq!((numbers(&gap, 4), numbers(&gap, 3)), (Some(vec![5, 6]), None), "the fourth was not read");
        let unread = follow(Some(&third), 5, none);
        assert_eq!((numbers(&unread, 5), numbers(&unread, 4)), (Some(vec![]), None));
        let many = follow(None, 70, 1..=70);
        assert_eq!((numbers(&many, 6), numbers(&many, 5)), (Some((7..=70).collect()), None), "the latest 64");
    }

    /// A picture taken now, with what ended in the last two minutes.
    async fn look(office: &Office, sender: &watch::Sender<Option<Arc<Picture>>>) {
        let since = office.ledger.clock.now() - AFTERGLOW;
        office.ledger.look(sender, since).await.unwrap();
    }

    #[tokio::test]
    async fn a_picture_changes_with_the_runs_and_not_without() {
        for office in offices().await {
            let id = office.enqueue(None).await;
            let (sender, mut follower) = watch::channel(None);
            look(&office, &sender).await;
            let standing = |follower: &mut Follower| follower.borrow_and_update().clone().unwrap().runs.get(&id).cloned();
            let first = standing(&mut follower).unwrap();
            assert_eq!((first.last, numbers(&first, 1), numbers(&first, 0)), (1, Some(vec![]), None), "nobody has seen anything before");
            look(&office, &sender).await;
            assert!(!follower.has_changed().unwrap());

            let hearing = Hearing { report: Arc::new(|_| ()), stop: CancellationToken::new() };
            let fence = office.ledger.claim(Some(id), &hearing).await.unwrap().unwrap();
            fence.copy_to_checkpoint(0, &[], &1).await.unwrap();
            look(&office, &sender).await;
            let second = standing(&mut follower).unwrap();
            let kinds: Vec<_> = second.since(1).unwrap().iter().map(|event| event.kind).collect();
            assert_eq!((second.last, kinds), (3, vec![RunEvent::Claimed, RunEvent::Checkpoint]));

            fence.settle(Err(crate::job::JobError::Fail(LedgerError::Deadline))).await.unwrap();
            look(&office, &sender).await;
            let over = standing(&mut follower).unwrap();
            assert!(over.run.state.is_over() && numbers(&over, 3) == Some(vec![4]), "what has ended stays for a while");
            office.now.fetch_add(AFTERGLOW.num_seconds() + 1, std::sync::atomic::Ordering::SeqCst);
            look(&office, &sender).await;
            assert_eq!(standing(&mut follower), None);
        }
    }

    #[tokio::test]
    async fn all_followers_share_one_look() {
        let office = offices().await.remove(0);
        let (mut one, mut other) = (office.ledger.follow(), office.ledger.clone().follow());
        assert!(one.same_channel(&other));
        assert!(one.wait_for(Option::is_some).await.is_ok() && other.wait_for(Option::is_some).await.is_ok());
    }
}

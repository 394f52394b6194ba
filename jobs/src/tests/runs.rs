//! The fence, the queue, the schedule and the worker.

use super::office::{Office, month, offices};
use crate::{
    database::Database,
    job::{JobError, JobName, Output},
    jobs::monthly_indicators,
    ledger::{Fence, Hearing, LEASE, Ledger, LedgerError, claim::MOST_LOSSES},
    runner::{Phase, Runner},
    schedule::enqueue_due,
    transaction::{NewRun, enqueue_all},
};
use chrono::TimeDelta;
use entity::{
    ids::JobRunId,
    job_run::{self, RunState, Trigger},
    job_schedule::{Misfire, Overlap},
};
use sea_orm::EntityTrait;
use sea_orm::Iterable;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use tokio_util::sync::CancellationToken;

fn hearing() -> Hearing {
    Hearing { report: Arc::new(|_| ()), stop: CancellationToken::new() }
}

async fn claim(office: &Office) -> Fence {
    let id = office.enqueue(Some(month("2018-04"))).await;
    office.ledger.claim(Some(id), &hearing()).await.unwrap().unwrap()
}

/// Lets a lease end.
fn sleep_past_the_lease(office: &Office) {
    office.now.fetch_add(LEASE.num_seconds() + 1, Ordering::SeqCst);
}

fn nothing_done() -> Output {
    Output::new(&monthly_indicators::Statistics::default(), String::new())
}

/// Kinds of a run's events, in order.
async fn events(office: &Office, run: JobRunId) -> Vec<String> {
    let rows = office.rows("SELECT kind, sequence FROM job_run_event WHERE run_id = $1 ORDER BY sequence", vec![run.into()]).await;
    let sequences: Vec<i64> = rows.iter().map(|row| row.try_get_by_index(1).unwrap()).collect();
    assert_eq!(sequences, (1..).take(rows.len()).collect::<Vec<_>>(), "no gap");
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

#[tokio::test]
async fn a_stale_writer_is_refused_and_changes_nothing() {
    for office in offices().await {
        let bureau = office.bureau("A").await;
        let unit = office.unit(bureau, "A1").await;
        let fence = claim(&office).await;
        assert_eq!((fence.run().state, fence.run().epoch, fence.run().attempt), (RunState::Running, 1, 1));
        fence.write().await.unwrap().commit().await.unwrap();
        assert!(fence.beat().await.unwrap());
        assert!(!office.ledger.take_back().await.unwrap(), "its lease lasts");
        sleep_past_the_lease(&office);
        assert!(!fence.beat().await.unwrap(), "a lease that has ended is not renewed, though nobody has the run");
        assert!(matches!(fence.write().await, Err(LedgerError::Fenced)), "nor is anything written under it");
        assert!(office.ledger.take_back().await.unwrap());

        assert!(matches!(fence.write().await, Err(LedgerError::Fenced)));
        let touch = "UPDATE unit SET name_en = 'touched' WHERE $1 < $2";
        assert!(matches!(fence.copy(1, &[(touch, vec![])]).await, Err(LedgerError::Fenced)));
        assert_eq!(office.count("SELECT COUNT(*) FROM unit WHERE name_en = 'touched'").await, 0, "{}", unit.code);
        let id = fence.run().id;
        let left = fence.settle(Ok(nothing_done())).await.unwrap();
        assert_eq!((left.state, left.epoch, left.losses, left.attempt), (RunState::Queued, 2, 1, 0), "its ending changes nothing either");
        assert_eq!(events(&office, id).await, ["ENQUEUED", "CLAIMED", "LOST"]);
    }
}

#[tokio::test]
async fn a_job_that_is_taken_over_fails_without_an_effect() {
    for office in offices().await {
        office.bureau("A").await;
        let fence = claim(&office).await;
        sleep_past_the_lease(&office);
        assert!(office.ledger.take_back().await.unwrap());
        let error = monthly_indicators::run(&fence).await.unwrap_err();
        assert!(matches!(error, JobError::Fail(LedgerError::Fenced)));
        assert_eq!(office.count("SELECT COUNT(*) FROM indicator_value").await, 0);
    }
}

#[tokio::test]
async fn a_failure_keeps_an_id_and_a_kind() {
    for office in offices().await {
        let fence = claim(&office).await;
        let run = fence.settle(Err(JobError::Fail(LedgerError::NoSuchRun))).await.unwrap();
        assert_eq!(run.state, RunState::Failed);
        let error = run.error.unwrap();
        let (kind, id) = error.split_once(' ').unwrap();
        assert_eq!(kind, "FAIL");
        assert!(id.parse::<uuid::Uuid>().is_ok());
        assert!(run.finished_at > run.started_at);
        let again = Runner::new(office.ledger.clone()).run(run.id).await.unwrap();
        assert_eq!((again.state, again.epoch), (RunState::Failed, 1), "a finished run is not done again");
        assert_eq!(events(&office, run.id).await, ["ENQUEUED", "CLAIMED", "FAILED"]);
    }
}

#[tokio::test]
async fn queued_runs_are_done_the_most_urgent_first_and_then_the_oldest() {
    for office in offices().await {
        let runs = [office.enqueue(Some(month("2018-05"))).await, office.enqueue(Some(month("2018-04"))).await];
        let backfill = NewRun::new(JobName::MonthlyIndicators, Trigger::Backfill, "b".into(), "test".into());
        let (slow, _) = office.ledger.enqueue(backfill).await.unwrap();
        let urgent = office.enqueue(None).await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let heard = seen.clone();
        let runner = Runner::new(office.ledger.clone()).with_progress(move |progress| heard.lock().unwrap().push(progress));
        assert_eq!(runner.run_queued().await.unwrap(), 7, "the four, and the outliers of the three months that they computed");
        assert_eq!(runner.run_queued().await.unwrap(), 0);
        let mut ends = Vec::new();
        for id in [runs[0], runs[1], urgent, slow.id] {
            let run = office.ledger.find(id).await.unwrap();
            assert_eq!(run.state, RunState::Succeeded);
            ends.push(run.finished_at);
        }
        assert!(ends.is_sorted(), "the backfill, enqueued third, comes last");
        let seen = seen.lock().unwrap();
        assert_eq!((seen[0].done, seen[0].total, seen[0].phase), (1, 3, Phase::PersonMonths(month("2018-05"))));
        let april = seen[3..].iter().find(|progress| progress.phase == Phase::Digest).unwrap();
        assert_eq!((april.done, april.total), (4, 4), "April also computes May's years to date");
    }
}

#[tokio::test]
async fn the_worker_wakes_for_a_run_and_stops_when_told() {
    for office in offices().await {
        let stop = CancellationToken::new();
        let runner = Runner::new(office.ledger.clone());
        let worker = tokio::spawn({
            let stop = stop.clone();
            async move { runner.work(2, stop).await }
        });
        let id = office.enqueue(Some(month("2018-04"))).await;
        office.ledger.wake();
        while !office.ledger.find(id).await.unwrap().state.is_over() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        worker.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_slot_is_enqueued_once() {
    for office in offices().await {
        office.schedule_alone().await;
        assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 1);
        assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 0);
        office.now.fetch_add(24 * 60 * 60, Ordering::SeqCst);
        assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 1, "the next night is another slot");
        // A cursor that is lost finds the run that the slot has.
        office.execute("UPDATE job_schedule SET cursor = NULL", vec![]).await;
        assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 0);
        let keys = office.rows("SELECT dedupe_key FROM job_run ORDER BY dedupe_key", vec![]).await;
        let keys: Vec<String> = keys.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(keys, ["monthly-indicators/schedule/2018-05-31T17:30Z", "monthly-indicators/schedule/2018-06-01T17:30Z"]);
        let runner = Runner::new(office.ledger.clone());
        assert_eq!(runner.run_queued().await.unwrap(), 4, "the two, and the outliers of the two months that the first computed");
        let months = "SELECT COUNT(DISTINCT month) FROM indicator_value WHERE span = 'MONTH'";
        assert_eq!(office.count(months).await, 2, "June, and the month before, which nobody had computed");
    }
}

#[tokio::test]
async fn the_first_schedules_are_made_once_and_an_administrators_change_stays() {
    for office in offices().await {
        let change = "UPDATE job_schedule SET cron = '0 0 4 * * *', version = 2 WHERE job = 'MONTHLY_INDICATORS'";
        office.execute(change, vec![]).await;
        office.ledger.ensure_schedules().await.unwrap();
        assert_eq!(office.count("SELECT COUNT(*) FROM job_schedule WHERE cron = '0 0 4 * * *'").await, 1);
        let scheduled = JobName::iter().filter(|job| crate::job::policy(*job).schedule.is_some()).count();
        let scheduled = i64::try_from(scheduled).unwrap();
        assert_eq!(office.count("SELECT COUNT(*) FROM job_schedule").await, scheduled);
        assert_eq!(office.count("SELECT COUNT(*) FROM job_schedule_version WHERE version = 1").await, scheduled);
    }
}

/// Sets the schedule's policies.
async fn schedule(office: &Office, misfire: Misfire, overlap: Overlap) {
    let set = "UPDATE job_schedule SET cron = '0 0 * * * *', misfire = $1, overlap = $2";
    office.execute(set, vec![misfire.into(), overlap.into()]).await;
}

#[tokio::test]
async fn a_slot_that_overlaps_goes_by_the_policy() {
    for office in offices().await {
        office.schedule_alone().await;
        for (overlap, former, next) in [
            (Overlap::Queue, RunState::Running, RunState::Queued),
            (Overlap::Skip, RunState::Running, RunState::Skipped),
            (Overlap::Replace, RunState::Cancelling, RunState::Queued),
        ] {
            schedule(&office, Misfire::Latest, overlap).await;
            office.now.fetch_add(60 * 60, Ordering::SeqCst);
            assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 1);
            let running = office.ledger.claim(None, &hearing()).await.unwrap().unwrap();
            office.now.fetch_add(60 * 60, Ordering::SeqCst);
            assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 1);
            let id = running.run().id;
            let renewed = office.ledger.clock().now() + LEASE;
            office.execute("UPDATE job_run SET lease_until = $1 WHERE lease_until IS NOT NULL", vec![renewed.into()]).await;
            let runs = job_run::Entity::find().all(office.db.reader()).await.unwrap();
            let latest = runs.iter().max_by_key(|run| run.slot).unwrap();
            assert_eq!((office.ledger.find(id).await.unwrap().state, latest.state), (former, next), "{overlap:?}");
            if overlap == Overlap::Skip {
                assert_eq!((latest.error.as_deref(), latest.finished_at.is_some()), (Some("OVERLAP"), true));
            }
            let outcome = running.write().await.err().map_or_else(|| Ok(nothing_done()), |error| Err(JobError::Fail(error)));
            let over = running.settle(outcome).await.unwrap();
            assert_eq!(over.state == RunState::Cancelled, overlap == Overlap::Replace);
            Runner::new(office.ledger.clone()).run_queued().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_second_process_runs_jobs_beside_on_postgresql_and_is_refused_on_sqlite() {
    for office in offices().await {
        let fence = claim(&office).await;
        // Another process has a ledger of its own on the same database.
        let other = Ledger::new(Database::connect(office.url(), 2).await.unwrap(), office.ledger.clock().clone());
        let id = office.enqueue(Some(month("2018-04"))).await;
        if other.is_alone() {
            assert!(matches!(other.hold_jobs().await, Err(LedgerError::OtherProcess)));
            assert!(matches!(other.claim(Some(id), &hearing()).await, Err(LedgerError::OtherProcess)));
            continue;
        }
        assert!(other.claim(Some(id), &hearing()).await.unwrap().is_none(), "monthly-indicators runs one at a time");
        let first = fence.settle(Err(JobError::Panicked)).await.unwrap();
        let second = other.claim(Some(id), &hearing()).await.unwrap().unwrap();
        assert!(first.finished_at < second.run().started_at);
        assert_ne!(first.lease_owner, second.run().lease_owner);
    }
}

#[tokio::test]
async fn a_process_that_takes_sqlite_over_takes_its_runs_over() {
    let office = offices().await.remove(0);
    let id = claim(&office).await.run().id;
    let (url, clock) = (office.url().to_owned(), office.ledger.clock().clone());
    let jobs_file = format!("{}-jobs", url.strip_prefix("sqlite:").unwrap());
    // The former process is gone, and its lock with it.
    std::fs::remove_file(jobs_file).unwrap();
    let next = Ledger::new(Database::connect(&url, 2).await.unwrap(), clock);
    next.hold_jobs().await.unwrap();
    assert_eq!(Runner::new(next.clone()).run_queued().await.unwrap(), 2, "the run, and the outliers that it asks for");
    let run = next.find(id).await.unwrap();
    assert_eq!((run.state, run.losses, run.attempt), (RunState::Succeeded, 1, 1));
}

#[tokio::test]
async fn what_is_worth_another_attempt_gets_it_later_each_time() {
    for office in offices().await {
        let ledger = office.ledger.clone().with_random(|| 0.5);
        let runner = Runner::new(ledger.clone()).with_body(|_| Box::pin(async { Err(JobError::Retry(LedgerError::NoSuchRun)) }));
        let id = office.enqueue(None).await;
        let mut waits = Vec::new();
        for attempt in 1..5 {
            assert_eq!(runner.run_queued().await.unwrap(), 1);
            let run = ledger.find(id).await.unwrap();
            assert_eq!((run.state, run.attempt), (RunState::RetryWait, attempt));
            assert!(run.error.unwrap().starts_with("RETRY "));
            let wait = (run.available_at - ledger.clock().now()).num_seconds();
            waits.push(wait);
            assert_eq!(runner.run_queued().await.unwrap(), 0, "not before its time");
            office.now.fetch_add(wait + 1, Ordering::SeqCst);
        }
        // 30 s, 60 s, 120 s, 240 s, of which the dice take three quarters.
        for (wait, whole) in waits.iter().zip([30, 60, 120, 240]) {
            assert!((whole * 3 / 4 - 1..=whole * 3 / 4).contains(wait), "{waits:?}");
        }
        assert_eq!(runner.run_queued().await.unwrap(), 1);
        let run = ledger.find(id).await.unwrap();
        assert_eq!((run.state, run.attempt), (RunState::Failed, 5));
        let one = ["CLAIMED", "RETRY_SCHEDULED"];
        let expected: Vec<_> = ["ENQUEUED"].into_iter().chain(one.into_iter().cycle().take(8)).chain(["CLAIMED", "FAILED"]).collect();
        assert_eq!(events(&office, id).await, expected);
        assert_eq!(ledger.delay(TimeDelta::seconds(30), 30), TimeDelta::minutes(45), "an hour at most, three quarters of it");
        assert_eq!(office.ledger.clone().with_random(|| 0.0).delay(TimeDelta::seconds(30), 1), TimeDelta::seconds(15));
    }
}

#[tokio::test]
async fn a_panic_is_no_reason_to_try_again() {
    for office in offices().await {
        let id = office.enqueue(None).await;
        let runner = Runner::new(office.ledger.clone()).with_body(|_| Box::pin(async { panic!("a defect") }));
        let run = runner.run(id).await.unwrap();
        assert_eq!((run.state, run.error.unwrap().split(' ').next().unwrap()), (RunState::Failed, "PANIC"));
    }
}

#[tokio::test]
async fn a_run_that_kills_its_workers_is_given_up() {
    for office in offices().await {
        let id = office.enqueue(None).await;
        for losses in 1..=MOST_LOSSES {
            let dead = office.ledger.claim(Some(id), &hearing()).await.unwrap().unwrap();
            drop(dead);
            sleep_past_the_lease(&office);
            assert!(office.ledger.take_back().await.unwrap());
            let run = office.ledger.find(id).await.unwrap();
            let (state, attempt) = if losses < MOST_LOSSES { (RunState::Queued, 0) } else { (RunState::Failed, 0) };
            assert_eq!((run.state, run.losses, run.attempt), (state, losses, attempt), "a loss spends no attempt");
        }
        let run = office.ledger.find(id).await.unwrap();
        assert!(run.error.unwrap().starts_with("LOST "));
        assert_eq!(Runner::new(office.ledger.clone()).run_queued().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_run_that_takes_too_long_fails() {
    for office in offices().await {
        let id = office.enqueue(None).await;
        let now = office.now.clone();
        let runner = Runner::new(office.ledger.clone()).with_body(move |fence| {
            let now = now.clone();
            Box::pin(async move {
                fence.write().await.map_err(JobError::Fail)?.rollback().await.unwrap();
                now.fetch_add(6 * 60 * 60, Ordering::SeqCst);
                // It is worth another attempt, as its author says; but its time is up.
                Err(JobError::Retry(fence.write().await.err().unwrap()))
            })
        });
        let run = runner.run(id).await.unwrap();
        assert_eq!((run.state, run.error.unwrap().split(' ').next().unwrap()), (RunState::Failed, "DEADLINE"));
        // One that hangs is not waited for: its deadline comes in real time, too.
        let id = office.enqueue(None).await;
        let hanging = Runner::new(office.ledger.clone()).with_body(|_| Box::pin(std::future::pending())).without_grace();
        let mut fence = office.ledger.claim(Some(id), &hearing()).await.unwrap().unwrap();
        fence.end_at(office.ledger.clock().now());
        assert!(hanging.attempt(fence).await.unwrap().error.unwrap().starts_with("DEADLINE "));
    }
}

#[tokio::test]
async fn a_cancelled_run_stops_before_its_next_write() {
    for office in offices().await {
        let waiting = office.enqueue(None).await;
        assert!(office.ledger.cancel(waiting, "admin").await.unwrap());
        assert!(!office.ledger.cancel(waiting, "admin").await.unwrap());
        let run = office.ledger.find(waiting).await.unwrap();
        assert_eq!((run.state, run.cancel_requested_by.as_deref()), (RunState::Cancelled, Some("admin")));
        assert!(run.finished_at.is_some());
        assert_eq!(events(&office, waiting).await, ["ENQUEUED", "CANCEL_REQUESTED", "CANCELLED"]);

        let id = office.enqueue(Some(month("2018-04"))).await;
        let (ledger, asked) = (office.ledger.clone(), id);
        let runner = Runner::new(office.ledger.clone()).with_body(move |fence| {
            let ledger = ledger.clone();
            Box::pin(async move {
                ledger.cancel(asked, "admin").await.unwrap();
                assert_eq!(ledger.find(asked).await.unwrap().state, RunState::Cancelling);
                monthly_indicators::run(fence).await
            })
        });
        let run = runner.run(id).await.unwrap();
        assert_eq!((run.state, run.error), (RunState::Cancelled, None));
        assert_eq!(office.count("SELECT COUNT(*) FROM indicator_value").await, 0);
        assert_eq!(events(&office, id).await, ["ENQUEUED", "CLAIMED", "CANCEL_REQUESTED", "CANCELLED"]);

        // A beat tells a body that does not write.
        let fence = claim(&office).await;
        office.ledger.cancel(fence.run().id, "admin").await.unwrap();
        assert!(fence.beat().await.unwrap());
        assert!(matches!(fence.snapshot().await, Err(LedgerError::Cancelled)));
        // One whose worker vanished is cancelled when it is missed.
        let id = fence.run().id;
        drop(fence);
        sleep_past_the_lease(&office);
        assert!(office.ledger.take_back().await.unwrap());
        assert_eq!(office.ledger.find(id).await.unwrap().state, RunState::Cancelled);
    }
}

#[tokio::test]
async fn a_beat_tells_the_progress() {
    for office in offices().await {
        let fence = claim(&office).await;
        fence.expect_steps(3);
        fence.step(Phase::Step("first"));
        assert!(fence.beat().await.unwrap());
        assert!(fence.beat().await.unwrap());
        let run = office.ledger.find(fence.run().id).await.unwrap();
        assert_eq!(run.progress, Some(serde_json::json!({ "done": 1, "total": 3, "phase": "first" })));
        assert!(run.lease_until.unwrap() - office.ledger.clock().now() > LEASE - TimeDelta::seconds(10));
        assert_eq!(events(&office, run.id).await, ["ENQUEUED", "CLAIMED", "PROGRESS"], "and what did not change is told once");
    }
}

#[tokio::test]
async fn a_worker_that_stops_hands_its_run_back() {
    for office in offices().await {
        let id = office.enqueue(None).await;
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let runner = Runner::new(office.ledger.clone()).until(stop).without_grace().with_body(move |fence| {
            let stopping = stopping.clone();
            Box::pin(async move {
                let tx = fence.write().await.map_err(JobError::Fail)?;
                fence.checkpoint(tx, &7).await.map_err(JobError::Fail)?;
                stopping.cancel();
                std::future::pending().await
            })
        });
        let run = runner.run(id).await.unwrap();
        assert_eq!((run.state, run.attempt, run.losses), (RunState::Queued, 0, 0), "no attempt is spent");
        assert_eq!((run.lease_owner, run.lease_until), (None, None));
        assert_eq!(events(&office, id).await, ["ENQUEUED", "CLAIMED", "CHECKPOINT", "HANDED_BACK"]);
        let resumed = Arc::new(Mutex::new(None));
        let seen = resumed.clone();
        let runner = Runner::new(office.ledger.clone()).with_body(move |fence| {
            *seen.lock().unwrap() = fence.resume::<i32>();
            Box::pin(async { Ok(nothing_done()) })
        });
        let run = runner.run(id).await.unwrap();
        assert_eq!((run.state, run.attempt, run.epoch), (RunState::Succeeded, 1, 2));
        assert_eq!(*resumed.lock().unwrap(), Some(7));
        // Another version of the job does not read it.
        let fence = claim(&office).await;
        let tx = fence.write().await.unwrap();
        fence.checkpoint(tx, &7).await.unwrap();
        let id = fence.run().id;
        office.execute("UPDATE job_run SET definition_version = 0 WHERE state = 'RUNNING'", vec![]).await;
        drop(fence);
        sleep_past_the_lease(&office);
        assert!(office.ledger.take_back().await.unwrap());
        let fence = office.ledger.claim(Some(id), &hearing()).await.unwrap().unwrap();
        assert_eq!(fence.resume::<i32>(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_workers_do_each_of_three_hundred_runs_once() {
    for office in offices().await {
        let slots = 300;
        let start = office.ledger.clock().now();
        let runs = (0..slots).map(|slot| NewRun {
            slot: Some(start + TimeDelta::minutes(slot)),
            ..NewRun::new(JobName::MonthlyIndicators, Trigger::Schedule, format!("slot/{slot}"), "system".into())
        });
        let tx = office.db.begin().await.unwrap();
        enqueue_all(&*tx, start, runs.collect()).await.unwrap();
        tx.commit().await.unwrap();
        // Half of them may go on beside others.
        office.execute("UPDATE job_run SET concurrency_key = NULL WHERE slot >= $1", vec![(start + TimeDelta::minutes(150)).into()]).await;
        let stop = CancellationToken::new();
        let (done, going, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let ledger = if office.ledger.is_alone() {
                office.ledger.clone()
            } else {
                Ledger::new(Database::connect(office.url(), 4).await.unwrap(), office.ledger.clock().clone())
            };
            let (done, going, most) = (done.clone(), going.clone(), most.clone());
            let runner = Runner::new(ledger).with_body(move |fence| {
                let (done, going, most, keyed) = (done.clone(), going.clone(), most.clone(), fence.run().concurrency_key.is_some());
                Box::pin(async move {
                    let keyed = usize::from(keyed);
                    most.fetch_max(going.fetch_add(keyed, Ordering::SeqCst) + keyed, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    going.fetch_sub(keyed, Ordering::SeqCst);
                    done.fetch_add(1, Ordering::SeqCst);
                    Ok(nothing_done())
                })
            });
            let stop = stop.clone();
            workers.spawn(async move { runner.work(2, stop).await });
        }
        let left = "SELECT COUNT(*) FROM job_run WHERE state <> 'SUCCEEDED'";
        while office.count(left).await > 0 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        while let Some(worker) = workers.join_next().await {
            worker.unwrap().unwrap();
        }
        let slots = usize::try_from(slots).unwrap();
        assert_eq!((done.load(Ordering::SeqCst), most.load(Ordering::SeqCst)), (slots, 1), "each once, and of a key one at a time");
        assert_eq!(office.count("SELECT COUNT(*) FROM job_run WHERE epoch = 1 AND attempt = 1 AND losses = 0").await, 300);
        assert_eq!(office.count("SELECT COUNT(*) FROM job_run_event").await, 900, "enqueued, claimed, succeeded");
    }
}

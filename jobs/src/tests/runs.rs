//! The ledger, the fence, the runner and the schedule.

use super::office::{Office, month, offices};
use crate::{
    database::Database,
    job::{JobError, Output, Statistics},
    jobs::monthly_indicators,
    ledger::{Fence, Ledger, LedgerError},
    runner::{Phase, Runner},
    schedule::enqueue_due,
};
use entity::job_run::RunState;
use std::{
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

async fn claim(office: &Office) -> Fence {
    let id = office.enqueue(Some(month("2018-04"))).await;
    office.ledger.claim(id, Arc::new(|_| ())).await.unwrap().unwrap()
}

async fn raise_epoch(office: &Office, fence: &Fence) {
    let mut run = office.ledger.find(fence.run().id).await.unwrap();
    run.epoch += 1;
    office.put(vec![run]).await;
}

#[tokio::test]
async fn a_stale_writer_is_refused_and_changes_nothing() {
    for office in offices().await {
        let bureau = office.bureau("A").await;
        let unit = office.unit(bureau, "A1").await;
        let fence = claim(&office).await;
        assert_eq!((fence.run().state, fence.run().epoch), (RunState::Running, 1));
        fence.write().await.unwrap().commit().await.unwrap();
        raise_epoch(&office, &fence).await;
        assert!(matches!(fence.write().await, Err(LedgerError::Fenced)));
        let touch = "UPDATE unit SET name_en = 'touched' WHERE $1 < $2";
        assert!(matches!(fence.copy(1, &[(touch, vec![])]).await, Err(LedgerError::Fenced)));
        assert_eq!(office.count("SELECT COUNT(*) FROM unit WHERE name_en = 'touched'").await, 0, "{}", unit.code);
        let output = Output { statistics: Statistics::MonthlyIndicators(monthly_indicators::Statistics::default()), digest: String::new() };
        assert!(matches!(fence.finish(Ok(output)).await, Err(LedgerError::Fenced)));
        assert_eq!(office.count("SELECT COUNT(*) FROM job_run WHERE state = 'RUNNING' AND epoch = 2").await, 1);
    }
}

#[tokio::test]
async fn a_job_that_is_taken_over_fails_without_an_effect() {
    for office in offices().await {
        office.bureau("A").await;
        let fence = claim(&office).await;
        raise_epoch(&office, &fence).await;
        let error = monthly_indicators::run(&fence).await.unwrap_err();
        assert!(matches!(error, JobError::Fail(LedgerError::Fenced)));
        assert_eq!(office.count("SELECT COUNT(*) FROM indicator_value").await, 0);
    }
}

#[tokio::test]
async fn a_failure_keeps_an_id_and_a_kind() {
    for office in offices().await {
        let fence = claim(&office).await;
        let run = fence.finish(Err(JobError::Retry(LedgerError::NoSuchRun))).await.unwrap();
        assert_eq!(run.state, RunState::Failed);
        let error = run.error.unwrap();
        let (kind, id) = error.split_once(' ').unwrap();
        assert_eq!(kind, "RETRY");
        assert!(id.parse::<uuid::Uuid>().is_ok());
        assert!(run.finished_at > run.started_at);
        let again = Runner::new(office.ledger.clone()).run(run.id).await.unwrap();
        assert_eq!((again.state, again.epoch), (RunState::Failed, 1), "a finished run is not done again");
    }
}

#[tokio::test]
async fn queued_runs_are_done_oldest_first_with_progress() {
    for office in offices().await {
        let runs = [office.enqueue(Some(month("2018-05"))).await, office.enqueue(Some(month("2018-04"))).await];
        let seen = Arc::new(Mutex::new(Vec::new()));
        let heard = seen.clone();
        let runner = Runner::new(office.ledger.clone()).with_progress(move |progress| heard.lock().unwrap().push(progress));
        assert_eq!(runner.run_queued().await.unwrap(), 2);
        assert_eq!(runner.run_queued().await.unwrap(), 0);
        let (first, second) = (office.ledger.find(runs[0]).await.unwrap(), office.ledger.find(runs[1]).await.unwrap());
        assert_eq!((first.state, second.state), (RunState::Succeeded, RunState::Succeeded));
        assert!(first.finished_at < second.started_at);
        let seen = seen.lock().unwrap();
        let (last, first) = (seen.last().unwrap(), seen.first().unwrap());
        assert_eq!((first.done, first.total, first.phase), (1, 3, Phase::PersonMonths(month("2018-05"))));
        assert_eq!((last.done, last.total, last.phase), (4, 4, Phase::Digest), "April also computes May's years to date");
    }
}

#[tokio::test]
async fn the_worker_wakes_for_a_run_and_stops_when_told() {
    for office in offices().await {
        let stop = CancellationToken::new();
        let runner = Runner::new(office.ledger.clone());
        let worker = tokio::spawn({
            let stop = stop.clone();
            async move { runner.work(stop).await }
        });
        let id = office.enqueue(Some(month("2018-04"))).await;
        office.ledger.wake();
        while office.ledger.find(id).await.unwrap().finished_at.is_none() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        worker.await.unwrap();
    }
}

#[tokio::test]
async fn a_slot_is_enqueued_once() {
    for office in offices().await {
        assert!(enqueue_due(&office.ledger).await.unwrap());
        assert!(!enqueue_due(&office.ledger).await.unwrap());
        office.now.fetch_add(24 * 60 * 60, Ordering::SeqCst);
        assert!(enqueue_due(&office.ledger).await.unwrap(), "the next night is another slot");
        let keys = office.rows("SELECT dedupe_key FROM job_run ORDER BY dedupe_key", vec![]).await;
        let keys: Vec<String> = keys.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(keys, ["monthly-indicators/schedule/2018-05-31T17:30Z", "monthly-indicators/schedule/2018-06-01T17:30Z"]);
        let runner = Runner::new(office.ledger.clone());
        assert_eq!(runner.run_queued().await.unwrap(), 2);
        let months = "SELECT COUNT(DISTINCT month) FROM indicator_value WHERE span = 'MONTH'";
        assert_eq!(office.count(months).await, 2, "June, and the month before, which nobody had computed");
    }
}

#[tokio::test]
async fn two_processes_take_turns() {
    for office in offices().await {
        let fence = claim(&office).await;
        // Another process has a ledger of its own on the same database.
        let other = Ledger::new(Database::connect(office.url(), 2).await.unwrap(), office.ledger.clock().clone());
        let id = office.enqueue(Some(month("2018-04"))).await;
        let mut waiting = Box::pin(other.claim(id, Arc::new(|_| ())));
        assert!(tokio::time::timeout(Duration::from_millis(100), &mut waiting).await.is_err(), "the claim waits for the other process");
        let first = fence.finish(Err(JobError::Panicked)).await.unwrap();
        let second = waiting.await.unwrap().unwrap();
        assert!(first.finished_at < second.run().started_at);
    }
}

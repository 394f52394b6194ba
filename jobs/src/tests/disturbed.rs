//! What happens around the ledger: connections that break, and a clock that jumps.

use super::office::{month, offices};
use crate::{
    clock::Clock,
    dialect::execute,
    job::JobError,
    ledger::{Hearing, LedgerError},
    outbox::mailing::MailsWait,
    schedule::enqueue_due,
};
use chrono::TimeDelta;
use entity::job_schedule::Misfire;
use sea_orm::{ConnectOptions, ConnectionTrait};
use std::sync::{Arc, atomic::Ordering};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn what_may_pass_is_told_from_what_would_end_alike() {
    for office in offices().await {
        let id = office.enqueue(Some(month("2018-04"))).await;
        let hearing = Hearing { report: Arc::new(|_| ()), stop: CancellationToken::new() };
        let fence = office.ledger.claim(Some(id), &hearing).await.unwrap().unwrap();
        let tx = fence.write().await.unwrap();
        let nonsense = LedgerError::from(execute(&*tx, "UPDATE no_table SET name = 1", vec![]).await.unwrap_err());
        assert!(!nonsense.may_pass(), "{nonsense:?}");
        tx.rollback().await.unwrap();

        let tx = fence.write().await.unwrap();
        let error = if office.ledger.is_alone() {
            // Another process keeps the file to itself.
            let mut options = ConnectOptions::new(office.url());
            options.max_connections(1);
            let other = sea_orm::Database::connect(options).await.unwrap();
            other.execute_unprepared("PRAGMA busy_timeout = 0").await.unwrap();
            other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap_err()
        } else {
            // The server ends the session, as it does where it is restarted or the worker slept inside a transaction.
            let others =
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            office.execute(others, vec![]).await;
            execute(&*tx, "UPDATE unit SET code = code", vec![]).await.unwrap_err()
        };
        let error = LedgerError::from(error);
        assert!(error.may_pass(), "{error:?}");
        assert!(!LedgerError::Fenced.may_pass());
        // All bodies take the usual choice.
        let kinds = [error, MailsWait.into(), nonsense, LedgerError::Fenced].map(|error| JobError::usual(error).kind());
        assert_eq!(kinds, ["RETRY", "RETRY", "FAIL", "FAIL"]);
    }
}

#[tokio::test]
async fn a_clock_that_jumps_makes_no_slot_a_run_twice() {
    for (misfire, after_the_jump) in [(Misfire::Skip, 0), (Misfire::Latest, 1), (Misfire::All, 5)] {
        for office in offices().await {
            office.schedule_alone().await;
            let before = office.ledger.clock().now() - TimeDelta::minutes(1);
            let set = "UPDATE job_schedule SET cron = '0 0 * * * *', misfire = $1, cursor = $2";
            office.execute(set, vec![misfire.into(), before.into()]).await;
            let mut new = vec![enqueue_due(&office.ledger).await.unwrap()];
            // Five and a half hours ahead, two back, and on to the next full hour that nobody saw.
            for seconds in [19_800, -7_200, 9_000] {
                office.now.fetch_add(seconds, Ordering::SeqCst);
                new.push(enqueue_due(&office.ledger).await.unwrap());
            }
            assert_eq!(new, [1, after_the_jump, 0, 1], "{misfire:?}");
            let slots = i64::try_from(new.iter().sum::<usize>()).unwrap();
            assert_eq!(office.count("SELECT COUNT(DISTINCT slot) FROM job_run").await, slots, "{misfire:?}");
            assert_eq!(office.count("SELECT COUNT(*) FROM job_run").await, slots, "{misfire:?}");
        }
    }
}

#[tokio::test]
async fn a_clock_that_was_far_ahead_silences_nothing_once_it_is_back() {
    const FAR: i64 = 400 * 86_400;
    for misfire in [Misfire::Skip, Misfire::Latest, Misfire::All] {
        for office in offices().await {
            office.schedule_alone().await;
            let before = office.ledger.clock().now() - TimeDelta::minutes(1);
            let set = "UPDATE job_schedule SET cron = '0 0 * * * *', misfire = $1, cursor = $2, overlap = 'QUEUE', changed_at = $2";
            office.execute(set, vec![misfire.into(), before.into()]).await;
            assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 1);
            assert_eq!(office.ledger.stopped(), None);

            office.now.fetch_add(FAR, Ordering::SeqCst);
            enqueue_due(&office.ledger).await.unwrap();
            // One waits that was asked for then, and a worker vanishes with another.
            office.enqueue(Some(month("2018-03"))).await;
            let hearing = Hearing { report: Arc::new(|_| ()), stop: CancellationToken::new() };
            let fence = office.ledger.claim(None, &hearing).await.unwrap().unwrap();
            drop(fence);

            // Back, two hours later.
            office.now.fetch_add(7_200 - FAR, Ordering::SeqCst);
            let made_up = enqueue_due(&office.ledger).await.unwrap();
            let passed = if misfire == Misfire::All { 2 } else { 1 };
            assert_eq!(made_up, passed, "what came due meanwhile, as the policy takes it: {misfire:?}");
            assert_eq!(office.ledger.stopped(), Some("clock"), "readiness tells");
            let now = office.ledger.clock().now();
            let beyond = "SELECT 1 FROM job_run WHERE state = 'QUEUED' AND available_at > $1 OR state = 'RUNNING' AND lease_until > $1";
            let late = office.rows(beyond, vec![(now + TimeDelta::hours(1)).into()]).await;
            assert!(late.is_empty(), "nothing waits for a time that is far off");
            for _ in 0..3 {
                office.now.fetch_add(3_600, Ordering::SeqCst);
                assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 1, "slots come again: {misfire:?}");
            }
            assert_eq!(office.count("SELECT COUNT(*) - COUNT(DISTINCT slot) FROM job_run WHERE slot IS NOT NULL").await, 0, "none twice");

            // The slots that ran 400 days too early run when their day comes, and once then.
            let early = office
                .rows("SELECT slot FROM job_run WHERE slot > $1 ORDER BY slot LIMIT 1", vec![(now + TimeDelta::days(2)).into()])
                .await;
            let slot: chrono::DateTime<chrono::Utc> = early[0].try_get("", "slot").unwrap();
            office.execute("UPDATE job_schedule SET cursor = $1", vec![(slot - TimeDelta::minutes(1)).into()]).await;
            let wait = slot + TimeDelta::seconds(1) - office.ledger.clock().now();
            office.now.fetch_add(wait.num_seconds(), Ordering::SeqCst);
            assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 1, "its day has come: {misfire:?}");
            assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn a_clock_that_cannot_be_trusted_is_told() {
    for office in offices().await {
        let now = office.ledger.clock().now();
        let distrust = async |ledger: &crate::ledger::Ledger, as_of| ledger.distrust(as_of).await.unwrap();
        assert_eq!(distrust(&office.ledger, now).await, None, "a new installation");
        assert!(distrust(&office.ledger, now + TimeDelta::minutes(2)).await.is_some(), "a day that has not come");
        office.enqueue(None).await;
        for (days, trusted) in [(1, true), (399, false)] {
            office.now.fetch_add(days * 86_400, Ordering::SeqCst);
            let as_of = office.ledger.clock().now();
            assert_eq!(distrust(&office.ledger, as_of).await.is_none(), trusted, "{days} days of silence");
        }
        // What the clock in question writes itself says nothing for it, until a night has gone by.
        office.enqueue(Some(month("2018-03"))).await;
        assert!(distrust(&office.ledger, office.ledger.clock().now()).await.is_some());
        office.now.fetch_add(86_400, Ordering::SeqCst);
        assert_eq!(distrust(&office.ledger, office.ledger.clock().now()).await, None);

        #[expect(clippy::disallowed_methods, reason = "a machine's clock")]
        let behind = Clock::following(|| chrono::Utc::now() - TimeDelta::minutes(2), || std::time::Duration::ZERO);
        let ledger = crate::ledger::Ledger::new(office.db.clone(), behind);
        let reason = distrust(&ledger, now).await;
        assert_eq!(
            reason.is_some_and(|reason| reason.contains("apart")),
            !ledger.is_alone(),
            "PostgreSQL has a clock of its own: {reason:?}"
        );
    }
}

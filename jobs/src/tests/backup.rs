//! What becomes of runs and mails where a database was brought back from an earlier instant. The way there and back is driven from outside.

use super::{
    notice::{TODAY, attempt, bureau, server, states, with_server},
    office::offices,
};
use crate::{
    job::JobName,
    ledger::{Hearing, LedgerError},
    runner::Runner,
};
use entity::job_run::RunState;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_run_is_taken_up_and_no_mail_that_may_have_been_sent_is_sent_again() {
    for office in offices().await {
        for code in ["a", "b"] {
            bureau(&office, code).await;
        }
        office.on_time_day(None, TODAY).await;
        let (url, taken) = server().await;
        let ledger = with_server(&office, &url);
        let going = office.enqueue_job(JobName::OnTimeDayNotice, false).await;
        let due = office.enqueue_job(JobName::OnTimeDayNotice, false).await;
        let hearing = Hearing { report: Arc::new(|_| ()), stop: CancellationToken::new() };
        // What the backup found: a run that has written its outbox, with one mail in its hands.
        let mut fence = office.ledger.claim(Some(going), &hearing).await.unwrap().unwrap();
        crate::jobs::on_time_day_notice::run(&fence).await.unwrap_err();
        office.execute("UPDATE mail SET state = 'SENDING', attempts = 1 WHERE address LIKE 'b@%'", vec![]).await;
        fence.give_up_turn();
        let former = ledger.identity().await.unwrap().unwrap();
        assert_eq!(former.restored_at(), None);

        let renewed = ledger.renew().await.unwrap();
        assert_eq!((renewed.runs, renewed.mails), (1, 2));
        assert_eq!(ledger.identity().await.unwrap(), Some(renewed.identity.clone()));
        assert_eq!(renewed.identity.restored_from, Some(former.id));
        assert!(!renewed.identity.gave(Some(former.id)) && !renewed.identity.gave(None) && former.gave(None));
        assert_eq!(states(&office).await, "a UNCERTAIN 0, b UNCERTAIN 1");
        assert_eq!(office.count("SELECT COUNT(*) FROM audit_entry WHERE verb = 'RESTORE'").await, 1);

        // No lease is waited for, and the run that was due writes a mail that it may have sent before: nobody knows.
        bureau(&office, "c").await;
        assert_eq!(Runner::new(ledger.clone()).run_queued().await.unwrap(), 2);
        for id in [going, due] {
            assert_eq!(ledger.find(id).await.unwrap().state, RunState::Succeeded);
        }
        assert!(matches!(fence.write().await, Err(LedgerError::Fenced)));
        assert_eq!(states(&office).await, "a UNCERTAIN 0, b UNCERTAIN 1, c UNCERTAIN 0");
        assert!(taken.lock().unwrap().is_empty());

        // What is asked for since then is sent.
        bureau(&office, "d").await;
        attempt(&ledger, office.enqueue_job(JobName::OnTimeDayNotice, false).await).await;
        assert_eq!(states(&office).await, "a UNCERTAIN 0, b UNCERTAIN 1, c UNCERTAIN 0, d SENT 1");
        assert_eq!(taken.lock().unwrap().keys().cloned().collect::<Vec<_>>(), ["d"]);
    }
}

//! Reminders of the follow-up: to whom, on which days, once.

use super::{
    notice::{attempt, server, states, with_server},
    office::{Office, day, offices},
};
use crate::{job::JobName, ledger::Ledger, outbox::mailing::Statistics};
use entity::{
    data_call,
    follow_up::{self, FollowUpStage, ReleaseKind},
    ids::{BureauId, DataCallId, FollowUpId, PlanId, SubmissionId},
    job_run::RunState,
    plan,
    submission::{self, SubmissionState},
};
use std::sync::atomic::Ordering;

/// A cycle of 2017 that collects; the office's clock shows 2018-06-01.
async fn cycle(office: &Office) -> FollowUpId {
    let now = office.ledger.clock().now();
    let plan = plan::Model {
        id: PlanId::new(),
        code: "P".to_owned(),
        name_ja: "計画".to_owned(),
        name_en: "Plan".to_owned(),
        decided_on: day("2015-01-01"),
        valid_from: day("2015-02-01"),
        valid_to: day("2021-04-01"),
        settings: serde_json::json!({}),
        revision: 1,
        sha256: String::new(),
        loaded_at: now,
        loaded_by: "test".to_owned(),
    };
    let cycle = follow_up::Model {
        id: FollowUpId::new(),
        plan_id: plan.id,
        fiscal_year: 2017.try_into().unwrap(),
        stage: FollowUpStage::Collecting,
        version: "1.0.0".to_owned(),
        kind: ReleaseKind::Initial,
        reason_ja: None,
        reason_en: None,
        due_on: day("2018-06-08"),
        opened_at: now,
        frozen_at: None,
        changed_at: now,
    };
    let id = cycle.id;
    office.put(vec![plan]).await;
    office.put(vec![cycle]).await;
    id
}

/// A bureau that is asked until a day; its officer's address is the code's.
async fn call(office: &Office, follow_up_id: FollowUpId, code: &str, due_on: &str) -> BureauId {
    let bureau_id = office.bureau(code).await;
    office
        .execute("UPDATE bureau SET officer_address = $1 WHERE id = $2", vec![format!("{code}@example.go.jp").into(), bureau_id.into()])
        .await;
    let called_at = office.ledger.clock().now();
    office.put(vec![data_call::Model { id: DataCallId::new(), follow_up_id, bureau_id, due_on: day(due_on), called_at }]).await;
    bureau_id
}

async fn answer(office: &Office, follow_up_id: FollowUpId, bureau_id: BureauId, state: SubmissionState, revision: i32) {
    let at = office.ledger.clock().now();
    let row = submission::Model {
        id: SubmissionId::new(),
        follow_up_id,
        bureau_id,
        revision,
        state,
        content: serde_json::json!({ "figures": [], "actions": [] }),
        submitted_at: at,
        submitted_by: "test".to_owned(),
        reviewed_at: (state != SubmissionState::Submitted).then_some(at),
        reviewed_by: None,
        comment: None,
    };
    office.put(vec![row]).await;
}

async fn remind(office: &Office, ledger: &Ledger, dry_run: bool) -> Statistics {
    let run = attempt(ledger, office.enqueue_job(JobName::FollowUpReminder, dry_run).await).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    serde_json::from_value(run.statistics.unwrap()).unwrap()
}

#[tokio::test]
async fn who_has_not_answered_is_reminded_a_week_before_on_the_day_and_weekly() {
    for office in offices().await {
        let cycle = cycle(&office).await;
        for (code, due) in [("week", "2018-06-08"), ("today", "2018-06-01"), ("overdue", "2018-05-18"), ("between", "2018-05-30")] {
            call(&office, cycle, code, due).await;
        }
        call(&office, cycle, "soon", "2018-06-07").await;
        let returned = call(&office, cycle, "returned", "2018-06-01").await;
        answer(&office, cycle, returned, SubmissionState::Returned, 1).await;
        let again = call(&office, cycle, "again", "2018-06-01").await;
        answer(&office, cycle, again, SubmissionState::Returned, 1).await;
        answer(&office, cycle, again, SubmissionState::Submitted, 2).await;
        let taken = call(&office, cycle, "taken", "2018-06-01").await;
        answer(&office, cycle, taken, SubmissionState::Accepted, 1).await;
        let silent = call(&office, cycle, "silent", "2018-06-01").await;
        office.execute("UPDATE bureau SET officer_address = NULL WHERE id = $1", vec![silent.into()]).await;

        let (url, mails) = server().await;
        let ledger = with_server(&office, &url);
        let told = Statistics { bureaus: 5, without_address: 1, to_send: 4, ..Statistics::default() };
        assert_eq!(remind(&office, &ledger, true).await, told);
        let told = Statistics { sent: 4, to_send: 0, ..told };
        assert_eq!(remind(&office, &ledger, false).await, told);
        assert_eq!(remind(&office, &ledger, false).await, told, "once a day");
        assert_eq!(states(&office).await, "overdue SENT 1, returned SENT 1, today SENT 1, week SENT 1");
        assert_eq!(mails.lock().unwrap().values().map(Vec::len).sum::<usize>(), 4);

        // A week later: once for the first one's own day, and for those that still wait.
        office.now.fetch_add(7 * 86_400, Ordering::SeqCst);
        assert_eq!(remind(&office, &ledger, true).await.bureaus, 5);
        office.now.fetch_add(86_400, Ordering::SeqCst);
        assert_eq!(remind(&office, &ledger, true).await.bureaus, 0);
        office.execute("UPDATE follow_up SET stage = 'FROZEN', frozen_at = opened_at", vec![]).await;
        office.now.fetch_add(6 * 86_400, Ordering::SeqCst);
        assert_eq!(remind(&office, &ledger, true).await.bureaus, 0, "nothing is taken any more");
    }
}

//! `alarms` on both engines: what each look finds, and whom it tells how often.

use super::{
    notice::{server, states, warned, with_server},
    office::{Office, day, offices},
    seal::act,
};
use crate::{
    disk::Space,
    job::{JobError, JobName},
    jobs::alarms::{self, Statistics},
    ledger::{Ledger, LedgerError},
    runner::Runner,
    settings::Settings,
};
use chrono::TimeDelta;
use entity::{
    hire::{Exam, HireRoute},
    ids::PendingChangeId,
    job_run::{self, RunState, WarningCode},
    mail::AlarmKind,
    pending_change::{self, ChangeAct, ChangeDecision, FourEyesKind},
    posting::RankBand,
    staff::Sex,
};
use std::{collections::BTreeMap, path::Path, sync::atomic::Ordering};

const HOUR: i64 = 3_600;

/// Room on every disk, and no schedule that could be late.
async fn calm() -> Vec<(Office, Ledger)> {
    let mut all = Vec::new();
    for office in offices().await {
        office.execute("UPDATE job_schedule SET enabled = FALSE", vec![]).await;
        let ledger = office.ledger.clone().with_space(|_: &Path| Ok(Space { device: 1, free: 5 << 30, total: 10 << 30 }));
        all.push((office, ledger));
    }
    all
}

/// One look, and what it found.
async fn look(office: &Office, ledger: &Ledger) -> (job_run::Model, BTreeMap<AlarmKind, i64>) {
    office.now.fetch_add(900, Ordering::SeqCst);
    let id = office.enqueue_job(JobName::Alarms, false).await;
    let run = Runner::new(ledger.clone()).run(id).await.unwrap();
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    let statistics: Statistics = serde_json::from_value(run.statistics.clone().unwrap()).unwrap();
    (run, statistics.found)
}

async fn found(office: &Office, ledger: &Ledger) -> Vec<(AlarmKind, i64)> {
    look(office, ledger).await.1.into_iter().collect()
}

/// A run that fails.
async fn fail(office: &Office, job: JobName) {
    let id = office.enqueue_job(job, false).await;
    let failing = Runner::new(office.ledger.clone()).with_body(|_| Box::pin(async { Err(JobError::Fail(LedgerError::NoSuchRun)) }));
    assert_eq!(failing.run(id).await.unwrap().state, RunState::Failed);
}

#[tokio::test]
async fn where_nothing_is_amiss_a_look_is_clean_and_looks_alike() {
    let mut digests = Vec::new();
    for (office, ledger) in calm().await {
        assert_eq!(alarms::standing(&ledger).await.unwrap(), None, "nobody has looked");
        let (run, found) = look(&office, &ledger).await;
        assert_eq!((warned(&run), found), (vec![], BTreeMap::new()));
        let (again, _) = look(&office, &ledger).await;
        digests.extend([run.output_digest, again.output_digest.clone()]);
        let (standing, at) = alarms::standing(&ledger).await.unwrap().unwrap();
        assert_eq!((standing.found, Some(at)), (BTreeMap::new(), again.finished_at));
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "equal looks have equal digests, at any time and on both engines");
}

#[tokio::test]
async fn what_happened_since_the_last_look_is_found_once() {
    for (office, ledger) in calm().await {
        assert_eq!(found(&office, &ledger).await, []);
        office.now.fetch_add(120, Ordering::SeqCst);
        fail(&office, JobName::Dispose).await;
        fail(&office, JobName::Dispose).await;
        // A notice on an on-time day: one bureau has no address, and the other's refuses mails.
        office.bureau("silent").await;
        let refused = office.bureau("refused").await;
        let address = "UPDATE bureau SET notice_address = 'refused@example.go.jp' WHERE id = $1";
        office.execute(address, vec![refused.into()]).await;
        office.on_time_day(None, "2018-06-01").await;
        let (url, _) = server().await;
        let notice = office.enqueue_job(JobName::OnTimeDayNotice, false).await;
        let notice = super::notice::attempt(&with_server(&office, &url), notice).await;
        let warnings = [(WarningCode::WithoutAddress, 1), (WarningCode::MailsFailed, 1), (WarningCode::NothingSent, 2)];
        assert_eq!(warned(&notice), warnings);
        // A dry run looks, and is no look.
        let dry = office.enqueue_job(JobName::Alarms, true).await;
        let dry = Runner::new(ledger.clone()).run(dry).await.unwrap();
        let (run, found_now) = look(&office, &ledger).await;
        let expected = [(AlarmKind::RunFailed, 2), (AlarmKind::MailWithoutAddress, 1), (AlarmKind::MailNotSent, 1)];
        assert_eq!(found_now.into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(dry.output_digest, run.output_digest);
        assert_eq!(warned(&run), [(WarningCode::AlarmsUntold, 3)], "there is something to say, and nobody to be told");
        assert_eq!(found(&office, &ledger).await, [], "once");
    }
}

#[tokio::test]
async fn a_slot_is_late_until_a_run_has_done_its_work() {
    for (office, ledger) in calm().await {
        let nightly = "UPDATE job_schedule SET enabled = TRUE WHERE job = 'MONTHLY_INDICATORS'";
        office.execute(nightly, vec![]).await;
        // 02:30 in Tokyo is 17:30; six hours later it is late. Now it is 00:00.
        let to = |hours: i64, minutes: i64| office.now.store(1_527_811_200 + hours * HOUR + minutes * 60 - 900, Ordering::SeqCst);
        to(23, 29);
        assert_eq!(found(&office, &ledger).await, [], "it may still come");
        to(23, 31);
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::RunLate, 1)]);
        office.execute("UPDATE job_schedule SET expected_within_minutes = 600", vec![]).await;
        assert_eq!(found(&office, &ledger).await, [], "it is given ten hours by now");
        office.execute("UPDATE job_schedule SET expected_within_minutes = 60", vec![]).await;
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::RunLate, 1)], "as long as it lasts");
        office.run(None).await;
        assert_eq!(found(&office, &ledger).await, [], "a run by hand did what the slot was for");
        // Of a schedule that was changed after its slot, the slot is not looked for.
        to(24 + 19, 0);
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::RunLate, 1)]);
        office.execute("UPDATE job_schedule SET changed_at = $1", vec![office.ledger.clock().now().into()]).await;
        assert_eq!(found(&office, &ledger).await, []);
    }
}

#[tokio::test]
async fn a_full_disk_and_a_leap_of_the_clock_are_found() {
    for (office, ledger) in calm().await {
        let full = ledger.clone().with_space(|_: &Path| Ok(Space { device: 1, free: 1 << 30, total: 100 << 30 }));
        assert_eq!(found(&office, &full).await, [(AlarmKind::DiskNearlyFull, 1)], "all its files lie on one disk");
        let unknown = ledger.clone().with_space(|_: &Path| Err(std::io::Error::other("no disk")));
        assert_eq!(found(&office, &unknown).await, []);
        office.now.fetch_add(4 * 24 * HOUR, Ordering::SeqCst);
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::ClockLeapt, 1)], "four days in which nothing was written");
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        assert_eq!(found(&office, &ledger).await, [], "the day after there is what it wrote");
        // A schedule that a clock had left ahead was set back.
        office.execute("UPDATE job_schedule SET enabled = TRUE WHERE job = 'SEAL_AUDIT'", vec![]).await;
        let ahead = office.ledger.clock().now() + TimeDelta::days(30);
        office.execute("UPDATE job_schedule SET cursor = $1 WHERE job = 'SEAL_AUDIT'", vec![ahead.into()]).await;
        crate::schedule::enqueue_due(&ledger).await.unwrap();
        office.execute("UPDATE job_schedule SET enabled = FALSE", vec![]).await;
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::ClockLeapt, 1)]);
        assert_eq!(found(&office, &ledger).await, []);
    }
}

#[tokio::test]
async fn a_broken_seal_is_found_at_the_end_at_once_and_elsewhere_within_the_day() {
    for (office, ledger) in calm().await {
        for _ in 0..2 {
            act(&office, office.ledger.clock().now(), 3).await;
            assert_eq!(office.attempt(JobName::SealAudit, false).await.state, RunState::Succeeded);
            office.now.fetch_add(60, Ordering::SeqCst);
        }
        assert_eq!(found(&office, &ledger).await, [], "all of it is verified");
        // The latest seal is changed: the next look sees it.
        office.execute("UPDATE audit_seal SET first_item = first_item - 1 WHERE number = 2", vec![]).await;
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::SealBroken, 1)]);
        office.execute("UPDATE audit_seal SET first_item = first_item + 1 WHERE number = 2", vec![]).await;
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::SealBroken, 1)], "until all is verified again");
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        assert_eq!(found(&office, &ledger).await, []);
        // An entry amid the trail is changed: the next day's first look sees it, and the day's others keep it in mind.
        let amid = "UPDATE audit_entry SET actor = 'somebody else' WHERE id = (SELECT entry_id FROM audit_seal_item WHERE number = 2)";
        office.execute(amid, vec![]).await;
        assert_eq!(found(&office, &ledger).await, []);
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        for _ in 0..2 {
            assert_eq!(found(&office, &ledger).await, [(AlarmKind::SealBroken, 1)]);
        }
        // Nor does the file of heads go unseen, nor the key.
        std::fs::remove_file(&office.ledger.settings().seal_heads).unwrap();
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::SealBroken, 1)]);
    }
}

#[tokio::test]
async fn a_seal_of_a_former_key_is_believed_where_the_key_is_named() {
    for (office, ledger) in calm().await {
        let settings = office.ledger.settings().clone();
        let seal = async || {
            act(&office, office.ledger.clock().now(), 2).await;
            assert_eq!(office.attempt(JobName::SealAudit, false).await.state, RunState::Succeeded);
            office.now.fetch_add(60, Ordering::SeqCst);
        };
        seal().await;
        let former = crate::seal::hex(crate::seal::key::SealKey::open(&settings.seal_key).unwrap().public().as_bytes());
        std::fs::remove_file(&settings.seal_key).unwrap();
        seal().await;
        let told = ledger.clone().with_settings(Settings { seal_former_keys: vec![former], ..settings });
        assert_eq!(found(&office, &told).await, []);
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::SealBroken, 1)], "nobody has named it");
    }
}

/// The ledger with a mail server and two administrators.
fn told(office: &Office, ledger: &Ledger, url: &str) -> Ledger {
    let settings = with_server(office, url).settings().clone();
    let alarm_addresses = ["one@example.go.jp", "two@example.go.jp"].map(str::to_owned).to_vec();
    ledger.clone().with_settings(Settings { alarm_addresses, ..settings })
}

#[tokio::test]
async fn each_kind_is_mailed_once_a_day_to_each_administrator() {
    for (office, ledger) in calm().await {
        let (url, taken) = server().await;
        let ledger = told(&office, &ledger, &url);
        let full = ledger.clone().with_space(|_: &Path| Ok(Space { device: 1, free: 1, total: 100 << 30 }));
        let (run, _) = look(&office, &ledger).await;
        assert_eq!((warned(&run), taken.lock().unwrap().len()), (vec![], 0), "there is nothing to say");
        // Found, ended, back again, and another kind, all on one day.
        assert_eq!(found(&office, &full).await, [(AlarmKind::DiskNearlyFull, 1)]);
        assert_eq!(found(&office, &ledger).await, []);
        assert_eq!(found(&office, &full).await, [(AlarmKind::DiskNearlyFull, 1)]);
        let mails = || taken.lock().unwrap().values().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(mails(), [1, 1]);
        fail(&office, JobName::Dispose).await;
        let (run, _) = look(&office, &full).await;
        assert_eq!((warned(&run), mails()), (vec![], vec![2, 2]));
        let first = taken.lock().unwrap()["one"][0].clone();
        assert!(first.contains("To: one@example.go.jp") && first.contains("Auto-Submitted: auto-generated"), "{first}");
        let about = "SELECT alarm || ' ' || subject FROM mail WHERE bureau_id IS NULL AND address LIKE 'one@%' ORDER BY created_at";
        let about: Vec<String> = office.rows(about, vec![]).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert!(about[0].starts_with("DISK_NEARLY_FULL 警告：") && about[1].starts_with("RUN_FAILED 警告："), "{about:?}");
        // It lasts: on the next day it is told again.
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        assert_eq!(found(&office, &full).await, [(AlarmKind::DiskNearlyFull, 1)]);
        assert_eq!(mails(), [3, 3]);
    }
}

#[tokio::test]
async fn where_the_mail_server_is_away_the_next_look_tells() {
    for (office, ledger) in calm().await {
        let full = ledger.clone().with_space(|_: &Path| Ok(Space { device: 1, free: 1, total: 100 << 30 }));
        // Nobody listens there.
        let (run, _) = look(&office, &told(&office, &full, "smtp://127.0.0.1:1")).await;
        assert_eq!(warned(&run), [(WarningCode::MailsWaiting, 2)]);
        assert_eq!(states(&office).await, "one PENDING 1, two PENDING 0");
        let (url, taken) = server().await;
        let (run, _) = look(&office, &told(&office, &ledger, &url)).await;
        assert_eq!((warned(&run), states(&office).await.as_str()), (vec![], "one SENT 2, two SENT 1"));
        assert_eq!(taken.lock().unwrap().len(), 2);
        // What was never sent on its day fails with it, and is an alarm of its own.
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        look(&office, &told(&office, &full, "smtp://127.0.0.1:1")).await;
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        look(&office, &told(&office, &ledger, &url)).await;
        assert_eq!(found(&office, &told(&office, &ledger, &url)).await, [(AlarmKind::MailNotSent, 2)]);
    }
}

/// A change that its proposer approved alone, so many seconds from now.
async fn approve_alone(office: &Office, seconds: i64) {
    let at = office.ledger.clock().now() + TimeDelta::seconds(seconds);
    let row = pending_change::Model {
        id: PendingChangeId::new(),
        kind: FourEyesKind::Retention,
        act: ChangeAct::UpdateRetention,
        target: "retention/SHIFT".into(),
        digest: String::new(),
        idempotency_key: None,
        state_before: serde_json::json!({}),
        state_after: serde_json::json!({}),
        reason: None,
        proposed_by: "admin".into(),
        proposed_roles: "admin".into(),
        proposed_client: None,
        proposer_number: None,
        proposed_at: at - TimeDelta::days(5),
        decision: Some(ChangeDecision::Approved),
        decided_by: Some("admin".into()),
        decided_at: Some(at),
        decision_reason: Some("flood".into()),
    };
    let another = pending_change::Model { id: PendingChangeId::new(), decided_by: Some("deputy".into()), ..row.clone() };
    let tx = office.db.begin().await.unwrap();
    crate::transaction::put_all(&*tx, vec![row, another], false).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn each_change_that_was_approved_alone_is_told_to_the_promotion_officer() {
    for (office, ledger) in calm().await {
        let (url, taken) = server().await;
        let ledger = told(&office, &ledger, &url);
        let settings = Settings { promotion_addresses: vec!["promotion@example.go.jp".into()], ..ledger.settings().clone() };
        let ledger = ledger.with_settings(settings);
        assert_eq!(found(&office, &ledger).await, []);
        approve_alone(&office, 60).await;
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::ApprovedAlone, 1)]);
        let mails = || taken.lock().unwrap().iter().map(|(to, mails)| format!("{to} {}", mails.len())).collect::<Vec<_>>();
        assert_eq!(mails(), ["promotion 1"], "and no administrator");
        assert_eq!(found(&office, &ledger).await, [], "it was told");
        // Another one of the day stands until the next day's mail tells it, and is not told twice.
        approve_alone(&office, 60).await;
        for _ in 0..2 {
            assert_eq!(found(&office, &ledger).await, [(AlarmKind::ApprovedAlone, 1)]);
        }
        assert_eq!(mails(), ["promotion 1"]);
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        assert_eq!(found(&office, &ledger).await, [(AlarmKind::ApprovedAlone, 1)]);
        assert_eq!((mails(), found(&office, &ledger).await), (vec!["promotion 2".to_owned()], vec![]));
        let mail = taken.lock().unwrap()["promotion"][0].clone();
        assert!(!mail.contains("admin") && !mail.contains("flood"), "{mail}");
    }
}

/// A target of the office of women among hires by exam, until a day.
async fn hires_target(office: &Office, percent: i64, to: Option<&str>) {
    use entity::target::{Decider, Model, Qualifier, TargetPopulation};
    let meta = office.meta();
    let row = Model {
        id: entity::ids::TargetId::new(),
        client: "test".into(),
        external_id: "1".into(),
        external_id_folded: "1".into(),
        plan_id: None,
        indicator: "WOMEN_HIRES_EXAM".into(),
        clause: "V-1".into(),
        population: TargetPopulation::Office,
        bureau_id: None,
        unit_id: None,
        decider: Decider::Plan,
        qualifier: Qualifier::AtLeast,
        value_numerator: percent,
        value_denominator: 100,
        valid_from: day("2015-04-01"),
        valid_to: to.map(day),
        baseline_numerator: None,
        baseline_denominator: None,
        baseline_from: None,
        baseline_to: None,
        successor: None,
        note_ja: None,
        note_en: None,
        source_version: meta.source_version,
        void_reason: meta.void_reason,
        revision: meta.revision,
        receipt_id: meta.receipt_id,
        created_at: meta.created_at,
        updated_at: meta.updated_at,
    };
    office.put(vec![row]).await;
}

#[tokio::test]
async fn hires_below_their_target_and_targets_that_are_over_are_told_once_a_week() {
    for (office, ledger) in calm().await {
        let (url, taken) = server().await;
        let ledger = told(&office, &ledger, &url);
        let settings = Settings { promotion_addresses: vec!["promotion@example.go.jp".into()], ..ledger.settings().clone() };
        let ledger = ledger.with_settings(settings);
        let bureau = office.bureau("A").await;
        let unit = office.unit(bureau, "A1").await;
        let hire = async |number: &str, sex: Sex, exam: Exam| {
            let staff = office.staff(number, sex).await;
            let posting = office.posting(&staff, &unit, RankBand::Staff, "2018-01-01", None).await;
            let mut hire = office.hire_row(&posting, day("2019-04-01"), HireRoute::Exam);
            hire.exam = Some(exam);
            office.put(vec![hire]).await;
        };
        hires_target(&office, 40, Some("2019-07-01")).await;
        // Of what the law asks for alone: the leap of the test's clock is told of, too.
        let asked =
            async || -> Vec<(AlarmKind, i64)> { found(&office, &ledger).await.into_iter().filter(|(kind, _)| kind.is_weekly()).collect() };
        let mails = || taken.lock().unwrap().get("promotion").map_or(0, Vec::len);
        office.now.store(1_554_076_800, Ordering::SeqCst); // 2019-04-01T00:00Z
        assert_eq!(asked().await, [], "nobody was hired yet");
        hire("1", Sex::Female, Exam::General).await;
        hire("2", Sex::Male, Exam::General).await;
        hire("3", Sex::Male, Exam::Comprehensive).await;
        hire("4", Sex::Female, Exam::Experienced).await;
        // Whoever has a concurrent post alone is counted by their ministry; with her the target would be met.
        for number in ["ministry-1", "ministry-2"] {
            let staff = office.staff(number, Sex::Female).await;
            let mut posting = office.posting_row(&staff, &unit, RankBand::Staff, "2018-01-01", None);
            posting.kind = entity::posting::PostingKind::Concurrent;
            office.put(vec![posting.clone()]).await;
            let mut hire = office.hire_row(&posting, day("2019-04-01"), HireRoute::Exam);
            hire.exam = Some(Exam::General);
            office.put(vec![hire]).await;
        }
        assert_eq!((asked().await, mails()), (vec![(AlarmKind::HiresBelowTarget, 1)], 1), "1 of 3, on the day itself");
        office.now.fetch_add(24 * HOUR, Ordering::SeqCst);
        assert_eq!((asked().await, mails()), (vec![(AlarmKind::HiresBelowTarget, 1)], 1), "it lasts, and was told this week");
        office.now.fetch_add(6 * 24 * HOUR, Ordering::SeqCst);
        assert_eq!((asked().await.len(), mails()), (1, 2));
        hire("5", Sex::Female, Exam::Specialist).await;
        assert_eq!(asked().await, [], "2 of 4");
        office.now.store(1_561_939_200, Ordering::SeqCst); // 2019-07-01T00:00Z
        assert_eq!((asked().await, mails()), (vec![(AlarmKind::NoTargetInForce, 1)], 3));
        office.execute("UPDATE target SET valid_to = NULL", vec![]).await;
        assert_eq!((asked().await, mails()), (vec![], 3));
    }
}

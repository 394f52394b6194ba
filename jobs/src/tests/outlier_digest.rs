//! Digests of overtime outliers, from person-months to the mail server: to whom, which figures, and never who.

use super::{
    notice::{attempt, server, states, with_server},
    office::{Office, day, month},
    outliers::{Desk, desks},
};
use crate::{job::JobName, ledger::Ledger, outbox::mailing::Statistics, schedule::enqueue_due, transaction::NewRun};
use chrono::{DateTime, Utc};
use entity::{
    ids::JobRunId,
    job_run::{self, RunState, Trigger},
};
use std::{collections::BTreeSet, sync::atomic::Ordering};
use uuid::Uuid;

/// A digest's own job.
const JOB: JobName = JobName::OutlierDigest;
/// 08:30 on 10 June 2019 in Tokyo, when digests of May are due.
const MORNING: &str = "2019-06-09T23:30:00Z";
/// Above the month's cap, without a doctor's interview.
const ABOVE: i32 = 2_800;
/// Below it.
const BELOW: i32 = 2_600;

/// Moves the clock to an instant, or days on.
fn at(office: &Office, instant: &str) {
    office.now.store(instant.parse::<DateTime<Utc>>().unwrap().timestamp(), Ordering::SeqCst);
}

fn days_later(office: &Office, days: i64) {
    office.now.fetch_add(days * 86_400, Ordering::SeqCst);
}

/// A bureau whose officer's address is its code's, and to whose staff notices go elsewhere; people of it can then be put.
async fn bureau(desk: &mut Desk, code: &str) {
    let id = desk.office.bureau(code).await;
    desk.unit = desk.office.unit(id, &format!("unit-{code}")).await;
    let addresses = "UPDATE bureau SET officer_address = $1, notice_address = 'somu@example.go.jp', name_en = $2 WHERE id = $3";
    let values = vec![format!("{code}@example.go.jp").into(), format!("Bureau {code}").into(), id.into()];
    desk.office.execute(addresses, values).await;
}

/// People of the bureau at hand with the same minutes in each of so many months from one on.
async fn people(desk: &Desk, number: u32, numbers: std::ops::Range<u32>, from: &str, minutes: &[i32]) {
    for person in numbers {
        desk.months(&format!("number-{number}{person}"), None, from, minutes).await;
    }
}

async fn enqueue(ledger: &Ledger, period: Option<&str>, dry_run: bool) -> JobRunId {
    let key = Uuid::now_v7().to_string();
    let new = NewRun { period: period.map(month), dry_run, ..NewRun::new(JOB, Trigger::Command, key, "test".into()) };
    ledger.enqueue(new).await.unwrap().0.id
}

async fn digest(ledger: &Ledger, period: Option<&str>, dry_run: bool) -> job_run::Model {
    let id = enqueue(ledger, period, dry_run).await;
    attempt(ledger, id).await
}

fn statistics(run: &job_run::Model) -> Statistics {
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    serde_json::from_value(run.statistics.clone().unwrap()).unwrap()
}

/// What the English lines of the mail to a bureau's officer say, those of nobody left out.
async fn told(office: &Office, code: &str) -> Vec<String> {
    let sql = "SELECT body FROM mail WHERE kind = 'OUTLIER_DIGEST' AND address = $1 ORDER BY date DESC";
    let rows = office.rows(sql, vec![format!("{code}@example.go.jp").into()]).await;
    let body: String = rows[0].try_get_by_index(0).unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("- ")).filter(|line| !line.ends_with(": none"));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn officers_are_told_figures_and_never_who() {
    let mut digests = BTreeSet::new();
    for mut desk in desks().await {
        at(&desk.office, MORNING);
        bureau(&mut desk, "many").await;
        people(&desk, 1, 0..6, "2019-05", &[ABOVE]).await;
        people(&desk, 1, 6..7, "2019-05", &[9_000]).await;
        bureau(&mut desk, "few").await;
        people(&desk, 2, 0..2, "2019-05", &[ABOVE]).await;
        people(&desk, 2, 2..9, "2019-05", &[BELOW]).await;
        bureau(&mut desk, "quiet").await;
        people(&desk, 3, 0..9, "2019-05", &[BELOW]).await;
        bureau(&mut desk, "silent").await;
        people(&desk, 4, 0..1, "2019-05", &[ABOVE]).await;
        bureau(&mut desk, "secret").await;
        people(&desk, 5, 0..8, "2019-05", &[ABOVE]).await;
        bureau(&mut desk, "idle").await;
        people(&desk, 6, 0..8, "2019-04", &[BELOW]).await;
        let office = &desk.office;
        office.execute("UPDATE bureau SET officer_address = NULL WHERE code = 'silent'", vec![]).await;
        office.execute("UPDATE bureau SET visibility = 'OFFICE_TOTAL_ONLY' WHERE code = 'secret'", vec![]).await;
        desk.flag().await;

        let dry = digest(&office.ledger, None, true).await;
        let would = Statistics { bureaus: 5, withheld: 1, nothing_to_tell: 1, without_address: 1, to_send: 2, ..Statistics::default() };
        assert_eq!(statistics(&dry), would);
        assert_eq!(office.count("SELECT COUNT(*) FROM mail").await, 0, "a dry run writes nothing");

        // The schedule's own run, of the month before.
        office.execute("UPDATE job_schedule SET enabled = (job = 'OUTLIER_DIGEST')", vec![]).await;
        assert_eq!(enqueue_due(&office.ledger).await.unwrap(), 1);
        let (url, taken) = server().await;
        let ledger = with_server(office, &url);
        let sql = "SELECT id FROM job_run WHERE dedupe_key = 'outlier-digest/schedule/2019-06-09T23:30Z'";
        let id: JobRunId = office.rows(sql, vec![]).await[0].try_get_by_index(0).unwrap();
        let run = attempt(&ledger, id).await;
        let done = Statistics { sent: 2, to_send: 0, ..would };
        assert_eq!(statistics(&run), done);
        assert_eq!(states(office).await, "few SENT 1, many SENT 1");
        assert_eq!(office.count("SELECT COUNT(*) FROM mail WHERE date = '2019-05-01'").await, 2);

        // Which figures each officer sees of which flags; the others see none.
        let many = [
            "Above a cap on overtime: 7 people",
            "Doctor's interview due: 1–4 people",
            "Statistically far above others, or above their own earlier months: 1–4 people",
            "Not acknowledged yet: 5 or more people",
        ];
        assert_eq!(told(office, "many").await, many);
        assert_eq!(told(office, "few").await, ["Above a cap on overtime: 1–4 people", "Not acknowledged yet: 1–4 people"]);
        assert_eq!(
            taken.lock().unwrap().iter().map(|(to, mails)| (to.as_str(), mails.len())).collect::<Vec<_>>(),
            [("few", 1), ("many", 1)]
        );

        // Another run of the month sends nothing, whatever has happened since, and says the same of the same.
        let again = digest(&ledger, Some("2019-05"), false).await;
        assert_eq!((statistics(&again), &again.output_digest), (done, &run.output_digest));
        assert_eq!(dry.output_digest, run.output_digest);
        assert_eq!(taken.lock().unwrap().values().map(Vec::len).sum::<usize>(), 2);
        digests.insert(run.output_digest.unwrap());
        nobody_is_named(office).await;
    }
    assert_eq!(digests.len(), 1, "both engines tell the same");
}

/// No mail holds anything by which a flagged person could be known.
async fn nobody_is_named(office: &Office) {
    let mails = office.rows("SELECT subject || ' ' || body FROM mail", vec![]).await;
    let mails: Vec<String> = mails.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    let flagged = "SELECT s.staff_number, u.code, f.id, f.staff_id, f.unit_id FROM overtime_outlier f
        JOIN staff s ON s.id = f.staff_id JOIN unit u ON u.id = f.unit_id";
    let flagged = office.rows(flagged, vec![]).await;
    assert!(mails.len() == 2 && flagged.len() > 15, "{} mails, {} flags", mails.len(), flagged.len());
    for row in &flagged {
        let mut words: Vec<String> = (0..2).map(|index| row.try_get_by_index(index).unwrap()).collect();
        for index in 2..5 {
            let id: Uuid = row.try_get_by_index(index).unwrap();
            words.extend([id.to_string(), id.simple().to_string()]);
        }
        for (word, mail) in words.iter().flat_map(|word| mails.iter().map(move |mail| (word, mail))) {
            assert!(!mail.contains(word.as_str()), "{word} in {mail}");
        }
    }
    assert!(mails.iter().all(|mail| !mail.contains("http")), "{mails:?}");
    let subject = "SELECT COUNT(*) FROM mail WHERE subject = '超過勤務の状況のお知らせ 2019年5月分 / Overtime digest, May 2019'";
    assert_eq!(office.count(subject).await, 2, "the outbox shows no figure");
}

#[tokio::test]
async fn what_waits_is_told_with_earlier_months_and_what_is_over_is_not() {
    for mut desk in desks().await {
        at(&desk.office, "2019-06-01T00:00:00Z");
        bureau(&mut desk, "a").await;
        people(&desk, 1, 0..6, "2019-04", &[ABOVE, ABOVE]).await;
        people(&desk, 2, 0..5, "2019-04", &[ABOVE]).await;
        people(&desk, 3, 0..5, "2019-05", &[ABOVE]).await;
        let worker = desk.months("number-4", None, "2019-05", &[BELOW]).await;
        let late = desk.months("number-5", None, "2019-05", &[BELOW]).await;
        desk.flag().await;
        let office = &desk.office;
        let due = office.exceptional_row(&worker, day("2018-09-20"), month("2018-10"));
        let overdue = office.exceptional_row(&late, day("2017-09-20"), month("2017-10"));
        let analysed = entity::exceptional_work::Model {
            analysed_on: Some(day("2018-01-01")),
            ..office.exceptional_row(&late, day("2017-09-20"), month("2017-10"))
        };
        let running = office.exceptional_row(&late, day("2019-05-20"), month("2019-06"));
        office.put(vec![due, overdue, analysed, running]).await;
        // Of April's eleven, one was explained, one withdrawn, and one acknowledged.
        let of = |number: &str| format!("month = 201904 AND staff_id = (SELECT id FROM staff WHERE staff_number = 'number-{number}')");
        let explained = format!("UPDATE overtime_outlier SET review = 'EXPLAINED', reviewed_at = raised_at WHERE {}", of("20"));
        office.execute(&explained, vec![]).await;
        office.execute(&format!("UPDATE overtime_outlier SET withdrawn_at = raised_at WHERE {}", of("21")), vec![]).await;
        office.execute(&format!("UPDATE overtime_outlier SET review = 'ACKNOWLEDGED' WHERE {}", of("22")), vec![]).await;
        let (url, _taken) = server().await;
        let ledger = with_server(office, &url);
        let run = digest(&ledger, Some("2019-05"), false).await;
        assert_eq!(statistics(&run).sent, 1);
        let lines = [
            "Above a cap on overtime: 11 people",
            "Not acknowledged yet: 13 people",
            "Analysis due: 1–4 people",
            "Analysis overdue: 1–4 people",
        ];
        assert_eq!(told(office, "a").await, lines, "six wait of both months, two of April alone, five of May alone");

        // On 15 June the days for acknowledging are over; whoever is acknowledged has until the end of July.
        at(office, "2019-06-15T15:00:00Z");
        office.execute("DELETE FROM mail", vec![]).await;
        digest(&ledger, Some("2019-05"), false).await;
        assert_eq!(told(office, "a").await[2], "Acknowledgement or review overdue: 13 people");
        at(office, "2019-07-31T15:00:00Z");
        office.execute("DELETE FROM mail", vec![]).await;
        digest(&ledger, Some("2019-05"), false).await;
        assert_eq!(told(office, "a").await[2], "Acknowledgement or review overdue: 14 people");

        // A month is told of once it is over, and of April what stands of April.
        office.execute("DELETE FROM mail", vec![]).await;
        at(office, "2019-05-31T14:59:59Z");
        assert_eq!(statistics(&digest(&ledger, Some("2019-05"), false).await), Statistics::default());
        at(office, "2019-05-31T15:00:00Z");
        assert_eq!(statistics(&digest(&ledger, Some("2019-05"), false).await).sent, 1);
        assert_eq!(statistics(&digest(&ledger, Some("2019-04"), false).await).sent, 1);
        assert_eq!(office.count("SELECT COUNT(*) FROM mail").await, 2, "a mail for each month");
    }
}

#[tokio::test]
async fn a_month_that_was_not_judged_since_it_was_computed_is_waited_for() {
    for mut desk in desks().await {
        at(&desk.office, MORNING);
        bureau(&mut desk, "a").await;
        let office = &desk.office;
        assert_eq!(statistics(&digest(&office.ledger, None, false).await), Statistics::default(), "nothing was computed");
        people(&desk, 1, 0..6, "2019-05", &[ABOVE]).await;
        let waits = digest(&office.ledger, None, false).await;
        assert_eq!(waits.state, RunState::RetryWait);
        assert_eq!(office.count("SELECT COUNT(*) FROM mail").await, 0);
        desk.flag().await;
        let dry = async || digest(&office.ledger, None, true).await;
        assert_eq!(statistics(&dry().await).to_send, 1);

        // Computed anew, and not judged yet.
        let computed = office.attempt(JobName::SealAudit, false).await.id;
        office.execute("UPDATE person_month SET run_id = $1", vec![computed.into()]).await;
        assert_eq!(dry().await.state, RunState::RetryWait);
        // Neither a dry run nor one of later months has judged it.
        desk.attempt(None, true).await;
        desk.attempt(Some("2019-06"), false).await;
        assert_eq!(dry().await.state, RunState::RetryWait);
        desk.attempt(Some("2019-05"), false).await;
        assert_eq!(statistics(&dry().await).to_send, 1);
    }
}

#[tokio::test]
async fn a_digest_waits_for_days_and_no_longer_and_other_mails_are_left_alone() {
    for mut desk in desks().await {
        at(&desk.office, MORNING);
        for code in ["a", "b"] {
            bureau(&mut desk, code).await;
            people(&desk, if code == "a" { 1 } else { 2 }, 0..6, "2019-05", &[ABOVE]).await;
        }
        desk.flag().await;
        let office = &desk.office;
        let run = digest(&with_server(office, "smtp://127.0.0.1:1"), None, false).await;
        assert_eq!((run.state, states(office).await.as_str()), (RunState::RetryWait, "a PENDING 1, b PENDING 0"));
        // Notices in other hands, and of another day.
        let notice = "INSERT INTO mail (id, kind, bureau_id, date, address, subject, body, state, attempts, created_at, run_id)
            SELECT id, 'ON_TIME_DAY_NOTICE', id, $1, 'notice-' || code || '@example.go.jp', 's', 'b',
                CASE WHEN code = 'a' THEN 'SENDING' ELSE 'PENDING' END, 0, $2, $3
            FROM bureau WHERE code IN ('a', 'b')";
        let long_ago: DateTime<Utc> = "2019-01-01T00:00:00Z".parse().unwrap();
        office.execute(notice, vec![day("2019-01-01").into(), long_ago.into(), run.id.into()]).await;
        let notices = "notice-a SENDING 0, notice-b PENDING 0";

        let (url, taken) = server().await;
        let ledger = with_server(office, &url);
        days_later(office, 4);
        office.execute("UPDATE mail SET state = 'SENDING', attempts = 1 WHERE address LIKE 'b@%'", vec![]).await;
        let later = digest(&ledger, Some("2019-05"), false).await;
        let expected = Statistics { bureaus: 2, failed: 1, uncertain: 1, ..Statistics::default() };
        assert_eq!(statistics(&later), expected, "four days and a little later nobody is told how things stood then");
        assert_eq!(states(office).await, format!("a FAILED 1, b UNCERTAIN 1, {notices}"));
        assert!(taken.lock().unwrap().is_empty());

        office.execute("UPDATE mail SET state = 'PENDING' WHERE kind = 'OUTLIER_DIGEST'", vec![]).await;
        days_later(office, -1);
        assert_eq!(statistics(&digest(&ledger, Some("2019-05"), false).await).sent, 2, "within them they are");
        assert_eq!(states(office).await, format!("a SENT 2, b SENT 2, {notices}"));
    }
}

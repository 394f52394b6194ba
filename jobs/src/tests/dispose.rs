//! Retention: what is over goes, with its former versions; what is not, and what others refer to, stays.

use super::{
    office::{Office, day, month, offices},
    takeover::freeze,
};
use crate::{
    job::JobName,
    jobs::{
        dispose::{self, Counts, Statistics},
        monthly_indicators::Forecast,
    },
    ledger::LEASE,
    runner::Runner,
    transaction::Stale,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    appointment, exceptional_work,
    ids::{ReceiptId, RecordRevisionId},
    job_run::{self, RunState, WarningCode},
    noun::Noun,
    opening_balance,
    period::{YearMonth, civil_date},
    posting,
    posting::RankBand,
    receipt_warning::RecordWarningCode,
    record_revision,
    retention::RetentionNoun,
    staff::{SeparationReason, Sex},
};
use sea_orm::DbBackend;
use serde_json::json;
use std::{collections::BTreeSet, fmt::Write, sync::atomic::Ordering};
use uuid::Uuid;

/// 2018-06-01: five fiscal years are over before 2013-04-01, ten before 2008-04-01.
fn today() -> DateTime<Utc> {
    DateTime::from_timestamp(1_527_811_200, 0).unwrap()
}

async fn receipt(office: &Office, at: DateTime<Utc>) -> ReceiptId {
    let id = ReceiptId::new();
    let row = entity::receipt::Model {
        id,
        writer: "test".into(),
        mutation: "test".into(),
        idempotency_key: id.to_string(),
        body_hash: "hash".into(),
        outcome: json!({ "rejections": ["S1"] }),
        created_at: at,
        sequence: None,
        numbered_at: None,
        records: None,
    };
    office.put(vec![row]).await;
    let (code, day) = (RecordWarningCode::WorkdayOnDayOff, civil_date(at));
    office.put(vec![entity::receipt_warning::Model { receipt_id: id, code, client: "test".into(), day, warnings: 2 }]).await;
    id
}

async fn revision(office: &Office, noun: &str, record_id: Uuid, replaced_at: DateTime<Utc>) {
    let receipt_id = receipt(office, today()).await;
    let (id, content) = (RecordRevisionId::new(), json!({}));
    let row =
        record_revision::Model { id, noun: noun.into(), record_id, revision: 1, content, receipt_id, written_at: replaced_at, replaced_at };
    office.put(vec![row]).await;
}

fn work_row(office: &Office, posting: &posting::Model, date: NaiveDate) -> exceptional_work::Model {
    office.exceptional_row(posting, date, YearMonth::of(date))
}

fn balance_row(office: &Office, posting: &posting::Model, date: NaiveDate) -> opening_balance::Model {
    office.dated(posting, date, opening_balance::Own { month: YearMonth::of(date), regime: None, minutes: 60 })
}

fn appointment_row(office: &Office, posting: &posting::Model, date: NaiveDate) -> appointment::Model {
    office.dated(posting, date, appointment::Own { from_band: None, to_band: RankBand::Chief })
}

/// Records on both sides of each cut, more shifts than one chunk holds, a leaver of long ago, old receipts.
async fn fill(office: &Office) -> posting::Model {
    let bureau = office.bureau("A").await;
    let unit = office.unit(bureau, "A1").await;
    let s1 = office.staff("S1", Sex::Female).await;
    let post = office.posting(&s1, &unit, RankBand::Staff, "2010-04-01", None).await;
    let first = day("2012-04-01");
    let shifts: Vec<_> = (0..1_700).map(|days| office.shift_row(&post, first - TimeDelta::days(days), 0)).collect();
    revision(office, "shift", shifts[0].id.0, today()).await;
    office.put(shifts).await;
    let (last, kept) = (office.shift(&post, "2013-03-31", 1).await, office.shift(&post, "2013-04-01", 2).await);
    revision(office, "shift", last.id.0, today()).await;
    revision(office, "shift", kept.id.0, today()).await;
    for date in ["2013-03-31", "2013-04-01"].map(day) {
        office.put(vec![office.telework_row(&post, date)]).await;
        office.put(vec![office.leave_row(&post, date, 60)]).await;
        office.put(vec![office.request_row(&post, date, 60, 10)]).await;
        office.put(vec![work_row(office, &post, date)]).await;
        office.put(vec![balance_row(office, &post, date)]).await;
    }
    for date in ["2008-03-31", "2008-04-01"].map(day) {
        office.put(vec![office.hire_row(&post, date, entity::hire::HireRoute::Exam)]).await;
        office.put(vec![appointment_row(office, &post, date)]).await;
    }
    for (number, left) in [("S2", "2008-03-31"), ("S3", "2008-04-01")] {
        let mut staff = office.staff_row(number, Sex::Male);
        staff.hired_on = day("2000-04-01");
        (staff.separated_on, staff.separation_reason) = (Some(day(left)), Some(SeparationReason::Resignation));
        office.put(vec![staff.clone()]).await;
        let posting = office.posting(&staff, &unit, RankBand::Chief, "2001-04-01", Some(left)).await;
        revision(office, "staff", staff.id.0, today()).await;
        revision(office, "posting", posting.id.0, today()).await;
    }
    revision(office, "unit", unit.id.0, today() - TimeDelta::days(2_000)).await;
    // Kept for ninety whole days of Tokyo.
    receipt(office, today() - TimeDelta::days(91)).await;
    receipt(office, today() - TimeDelta::days(90)).await;
    post
}

fn statistics(run: &job_run::Model) -> Statistics {
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    serde_json::from_value(run.statistics.clone().unwrap()).unwrap()
}

/// Rows and former versions by noun, as `fill` makes them over.
fn expected() -> Vec<(RetentionNoun, i64, i64)> {
    use RetentionNoun as N;
    vec![
        (N::Staff, 1, 2),
        (N::Shift, 1_701, 2),
        (N::OvertimeRequest, 1, 0),
        (N::TeleworkDay, 1, 0),
        (N::LeaveEntry, 1, 0),
        (N::Hire, 1, 0),
        (N::Appointment, 1, 0),
        (N::ExceptionalWork, 1, 0),
        (N::OpeningBalance, 1, 0),
        (N::RecordRevision, 1, 0),
        (N::Receipt, 1, 0),
    ]
}

fn erased(statistics: &Statistics) -> Vec<(RetentionNoun, i64, i64)> {
    statistics.erased.iter().map(|(noun, &Counts { rows, revisions })| (*noun, rows, revisions)).collect()
}

/// The tables that are about a person on a date, as the database has them.
async fn dated(office: &Office) -> Vec<String> {
    let tables = match office.db.reader().get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'
            AND column_name IN ('staff_id', 'posting_id', 'date') GROUP BY table_name HAVING COUNT(*) = 3 ORDER BY table_name"
        }
        _ => {
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
            AND c.name IN ('staff_id', 'posting_id', 'date') GROUP BY m.name HAVING COUNT(*) = 3 ORDER BY m.name"
        }
    };
    office.rows(tables, vec![]).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// How many rows each table has, and what is left of people, calls and runs.
async fn left(office: &Office) -> String {
    let mut text = String::new();
    let others = ["posting", "staff", "record_revision", "receipt"].map(str::to_owned);
    for table in dated(office).await.into_iter().chain(others) {
        writeln!(text, "{table} {}", office.count(&format!("SELECT COUNT(*) FROM {table}")).await).unwrap();
    }
    let people = "SELECT CASE WHEN staff_number LIKE 'erased-%' THEN 'erased' ELSE staff_number END || ' ' || sex || ' ' || COALESCE(void_reason, '-')
        FROM staff ORDER BY staff_number";
    for row in office.rows(people, vec![]).await {
        writeln!(text, "{}", row.try_get_by_index::<String>(0).unwrap()).unwrap();
    }
    text
}

#[tokio::test]
async fn what_is_over_goes_and_what_is_not_stays() {
    let mut digests = Vec::new();
    for office in offices().await {
        fill(&office).await;
        let before = left(&office).await;
        let dry = office.attempt(JobName::Dispose, true).await;
        let counted = erased(&statistics(&dry));
        assert_eq!(left(&office).await, before, "a dry run erases nothing");
        let run = office.attempt(JobName::Dispose, false).await;
        let done = statistics(&run);
        assert_eq!((erased(&done), done.open_since), (expected(), day("2018-04-01")));
        assert_eq!(counted, expected(), "a dry run counts what a run erases");
        let tables = dated(&office).await;
        assert_eq!(tables.len(), Noun::dated().count(), "each is in the register: {tables:?}");
        // Of those with an example, for a noun that the register has without a rule does not compile.
        for table in tables.iter().filter(|table| !before.contains(&format!("{table} 0\n"))) {
            assert!(done.erased.keys().any(|noun| noun.as_text().to_lowercase() == **table), "{table} is kept for ever");
        }
        let text = left(&office).await;
        assert!(text.contains("shift 1\n") && text.contains("hire 1\n") && text.contains("posting 3\n"), "{text}");
        assert!(text.contains("S1 FEMALE -\nS3 MALE -\nerased NOT_RECORDED RETENTION\n"), "{text}");
        let postings = "SELECT COUNT(*) FROM posting WHERE external_id LIKE 'erased-%' AND job_area IS NULL";
        assert_eq!(office.count(postings).await, 1);
        assert_eq!(office.count("SELECT COUNT(*) FROM receipt WHERE idempotency_key LIKE 'erased-%' AND body_hash = ''").await, 1);
        let warned = "SELECT COUNT(*) FROM receipt_warning WHERE receipt_id IN (SELECT id FROM receipt WHERE body_hash = '')";
        assert_eq!(office.count(warned).await, 0, "warnings are counted as long as their receipts are kept");
        assert!(office.count("SELECT COUNT(*) FROM receipt_warning").await > 0);
        assert_eq!(office.count("SELECT COUNT(*) FROM record_revision").await, 3, "of the kept shift, S3 and the posting of S3");
        if office.ledger.is_alone() {
            assert_eq!(office.count("SELECT freelist_count FROM pragma_freelist_count").await, 0, "the file was written anew");
        }
        digests.push(run.output_digest.clone());
        let again = office.attempt(JobName::Dispose, false).await;
        assert_eq!(erased(&statistics(&again)), [], "a second run finds nothing");
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "both engines give the same output");
}

#[tokio::test]
async fn who_came_back_is_kept_from_the_last_end_on() {
    for office in offices().await {
        let (bureau, gone) = (office.bureau("B1").await, Some(SeparationReason::EndOfSecondment));
        let unit = office.unit(bureau, "U1").await;
        let mut person = office.staff_row("back", Sex::Female);
        person.hired_on = day("2005-04-01");
        office.put(vec![person.clone()]).await;
        let former = entity::employment::Model {
            id: entity::ids::EmploymentId::new(),
            client: "test".into(),
            external_id: "former".into(),
            staff_id: person.id,
            kind: person.employment,
            origin: entity::staff::Origin::Secondee,
            seconded_from: Some("ministry".into()),
            valid_from: day("2001-04-01"),
            valid_to: Some(day("2002-04-01")),
            separation_reason: gone,
            source_version: None,
            void_reason: None,
            revision: 1,
            receipt_id: person.receipt_id,
            created_at: person.created_at,
            updated_at: person.updated_at,
        };
        office.put(vec![former]).await;
        office.posting(&person, &unit, RankBand::Staff, "2001-04-01", Some("2002-04-01")).await;
        let kept = "SELECT COUNT(*) FROM employment WHERE external_id = 'former' AND seconded_from = 'ministry'";
        office.attempt(JobName::Dispose, false).await;
        assert_eq!(office.count(kept).await, 1, "who is back is no former member of staff");
        (person.separated_on, person.separation_reason) = (Some(day("2007-04-01")), gone);
        office.put(vec![person]).await;
        office.attempt(JobName::Dispose, false).await;
        assert_eq!(office.count(kept).await, 0);
        let emptied =
            "SELECT COUNT(*) FROM employment WHERE external_id LIKE 'erased-%' AND seconded_from IS NULL AND separation_reason = 'OTHER'";
        assert_eq!(office.count(emptied).await, 2, "both periods are about nobody");
        assert_eq!(office.count("SELECT COUNT(*) FROM staff WHERE void_reason = 'RETENTION'").await, 1);
    }
}

#[tokio::test]
async fn an_open_fiscal_year_is_not_touched_and_periods_are_data() {
    for office in offices().await {
        let post = fill(&office).await;
        let close = |month: &str, state: &str| entity::month_close::Model {
            id: entity::ids::MonthCloseId::new(),
            bureau_id: post.bureau_id,
            month: self::month(month),
            state: if state == "CLOSED" { entity::month_close::CloseState::Closed } else { entity::month_close::CloseState::Submitted },
            submitted_at: None,
            submitted_by: None,
            submission_reason: None,
            returned_at: None,
            returned_by: None,
            return_reason: None,
            closed_at: None,
            closed_by: None,
        };
        office.put(vec![close("2011-01", "CLOSED"), close("2012-05", "SUBMITTED")]).await;
        office.execute("UPDATE retention SET length = 6 WHERE noun = 'TELEWORK_DAY'", vec![]).await;
        office.execute("UPDATE retention SET length = 4 WHERE noun = 'LEAVE_ENTRY'", vec![]).await;
        let run = office.attempt(JobName::Dispose, false).await;
        let done = statistics(&run);
        assert_eq!(done.open_since, day("2012-04-01"));
        let warned = super::notice::warned(&run);
        assert_eq!(warned.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [WarningCode::KeptBeyondPeriod]);
        assert!(warned[0].1 >= 8, "every noun of five or six fiscal years: {warned:?}");
        // Fiscal 2012 is open: of the shifts up to 2012-04-01, the last and the one of March 2013 stay.
        assert_eq!(done.erased[&RetentionNoun::Shift], Counts { rows: 1_699, revisions: 0 });
        assert_eq!(done.erased.get(&RetentionNoun::LeaveEntry), None);
        office.execute("UPDATE month_close SET state = 'CLOSED'", vec![]).await;
        let done = statistics(&office.attempt(JobName::Dispose, false).await);
        assert_eq!(done.erased[&RetentionNoun::Shift], Counts { rows: 2, revisions: 2 });
        assert_eq!(done.erased.get(&RetentionNoun::TeleworkDay), None, "six years");
        assert_eq!(done.erased[&RetentionNoun::LeaveEntry].rows, 2, "four years");
    }
}

#[tokio::test]
async fn runs_and_figures_of_persons_go_too() {
    for office in offices().await {
        let post = fill(&office).await;
        let date: NaiveDate = day("2013-02-01");
        office.put(vec![office.shift_row(&post, date, 30)]).await;
        office.run(Some("2013-02")).await;
        let month = office.count("SELECT COUNT(*) FROM person_month").await;
        assert!(month > 0);
        let values = office.count("SELECT COUNT(*) FROM indicator_value").await;
        office.execute("UPDATE job_run SET finished_at = $1", vec![(today() - TimeDelta::days(1_101)).into()]).await;
        let dry = statistics(&office.attempt(JobName::Dispose, true).await);
        let done = statistics(&office.attempt(JobName::Dispose, false).await);
        assert_eq!(dry, done);
        assert_eq!(done.erased[&RetentionNoun::PersonMonth].rows, month);
        assert_eq!((done.erased[&RetentionNoun::JobRun].rows, done.erased[&RetentionNoun::JobRunEvent].rows > 0), (1, true));
        assert_eq!(office.count("SELECT COUNT(*) FROM indicator_value").await, values, "figures are about nobody");
        assert_eq!(office.count("SELECT COUNT(*) FROM job_run WHERE statistics IS NULL AND output_digest IS NOT NULL").await, 1);
    }
}

/// Minutes of annual leave in March and April of 2013, and in the year to date that contains both.
async fn leave(office: &Office) -> [i64; 3] {
    let value = async |span: &str| office.value(&format!("ANNUAL_LEAVE_DAYS {span} TOTAL TOTAL TOTAL")).await.unwrap().0;
    [value("MONTH 2013-03").await, value("MONTH 2013-04").await, value("CALENDAR_YEAR_TO_DATE 2013-04").await]
}

#[tokio::test]
async fn a_month_of_which_records_are_gone_is_left_alone() {
    for office in offices().await {
        let post = fill(&office).await;
        for month in ["2013-03", "2013-04"] {
            office.run(Some(month)).await;
        }
        assert_eq!(leave(&office).await, [60, 60, 120]);
        statistics(&office.attempt(JobName::Dispose, false).await);
        // A late correction on each side of the cut.
        for date in ["2013-03-04", "2013-04-04"] {
            office.put(vec![office.leave_row(&post, day(date), 30)]).await;
        }
        let marks = ["2013-03", "2013-04"].map(|name| ((post.bureau_id, month(name)), BTreeSet::from([None])));
        office.mark(&Stale::from(marks)).await;
        let dry = office.attempt(JobName::MonthlyIndicators, true).await;
        let dry: Forecast = serde_json::from_value(dry.statistics.unwrap()).unwrap();
        assert_eq!((dry.months, dry.months_disposed, dry.marks_to_clear), (3, 1, 2), "with the two latest months");
        let (run, done) = office.run(None).await;
        assert_eq!((done.months, done.months_disposed, done.marks_cleared), (3, 1, 2));
        assert_eq!(super::notice::warned(&run), [(WarningCode::MonthsDisposed, 1)]);
        assert_eq!(leave(&office).await, [60, 90, 120], "what rests on March stands as it was computed in time");
        assert_eq!(office.count("SELECT COUNT(*) FROM stale_mark").await, 0);
        // A period that is made longer brings nothing back.
        office.execute("UPDATE retention SET length = 50", vec![]).await;
        let (_, done) = office.run(Some("2013-03")).await;
        assert_eq!((done.months, done.months_disposed, done.values_written), (0, 1, 0));
        assert_eq!(office.run(Some("2013-04")).await.1.months, 1);
        assert_eq!(leave(&office).await, [60, 90, 120]);
    }
}

#[tokio::test]
async fn a_run_taken_over_counts_each_row_once() {
    for last in [1, 2, 8, 10] {
        for office in offices().await {
            fill(&office).await;
            let id = office.enqueue_job(JobName::Dispose, false).await;
            let _frozen = freeze(&office, id, last, dispose::run).await;
            office.now.fetch_add(LEASE.num_seconds() + 1, Ordering::SeqCst);
            assert_eq!(Runner::new(office.ledger.clone()).run_queued().await.unwrap(), 1);
            let run = office.ledger.find(id).await.unwrap();
            assert_eq!(erased(&statistics(&run)), expected(), "after {last}");
        }
    }
}

#[tokio::test]
async fn nothing_is_erased_by_a_clock_that_leapt() {
    for office in offices().await {
        receipt(&office, today()).await;
        let kept = "SELECT COUNT(*) FROM receipt WHERE body_hash <> ''";
        let before = office.count(kept).await;
        // It is seen at work; then its clock is 400 days ahead from one moment to the next.
        office.enqueue(None).await;
        office.now.fetch_add(400 * 86_400, Ordering::SeqCst);
        for dry_run in [true, false] {
            let run = office.attempt(JobName::Dispose, dry_run).await;
            assert_eq!((run.state, run.statistics), (RunState::Failed, None));
            assert!(run.error.is_some_and(|error| error.starts_with("CLOCK ")));
        }
        assert_eq!(office.count(kept).await, before);
        // A night later there are signs of the day before: it was no leap.
        office.now.fetch_add(86_400, Ordering::SeqCst);
        assert_eq!(office.attempt(JobName::Dispose, false).await.state, RunState::Succeeded);
        assert!(office.count(kept).await < before);
    }
}

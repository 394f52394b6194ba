//! What nobody has reported is not nothing: it is in no figure, and beside each stands how many of its people the records cover.

use super::office::{Office, day, month, offices};
use crate::{runner::Runner, transaction::Stale};
use entity::{
    api_client,
    ids::{ApiClientId, BureauId, MonthCloseId},
    job_run::JobName,
    month_close::{self, CloseState},
    month_source::{self, RecordSource},
    posting::{self, RankBand},
    shift,
    staff::Sex,
};
use sea_orm::Iterable;
use std::sync::atomic::Ordering;

const MEAN: &str = "MEAN_OVERTIME_HOURS";

/// Says nothing of what silence means.
async fn silent(office: &Office) {
    office.execute("UPDATE api_client SET absence = NULL", vec![]).await;
}

/// What an administrator says that silence means.
async fn said(office: &Office, absence: &str) {
    office.execute("UPDATE api_client SET absence = $1", vec![serde_json::from_str::<serde_json::Value>(absence).unwrap().into()]).await;
}

/// A bureau with so many people in main posts that are subject to overtime.
async fn bureau(office: &Office, code: &str, people: usize) -> (BureauId, Vec<posting::Model>) {
    let bureau = office.bureau(code).await;
    let unit = office.unit(bureau, &format!("{code}1")).await;
    let mut postings = Vec::new();
    for number in 0..people {
        let person = office.staff(&format!("{code}{number}"), Sex::Female).await;
        postings.push(office.posting(&person, &unit, RankBand::Staff, "2018-01-01", None).await);
    }
    (bureau, postings)
}

/// A shift of ordered overtime alone (命令簿).
fn ordered(office: &Office, posting: &posting::Model, date: &str, minutes: i32) -> shift::Model {
    let row = office.shift_row(posting, day(date), minutes);
    shift::Model { presence_start: None, presence_end: None, ordered_overtime_minutes: Some(minutes), ..row }
}

/// Numerator, denominator, and how many of how many people are covered.
async fn covered(office: &Office, key: &str) -> Option<(i64, i64, Option<i64>, Option<i64>)> {
    let [indicator, span, month, bureau] = <[&str; 4]>::try_from(key.split(' ').collect::<Vec<_>>()).unwrap();
    let sql = format!(
        "SELECT numerator, denominator, covered, expected FROM indicator_value WHERE indicator = '{indicator}' AND span = '{span}'
         AND month = {} AND bureau = '{bureau}' AND sex = 'TOTAL' AND band = 'TOTAL' AND superseded_by IS NULL",
        month.replace('-', "")
    );
    let row = office.rows(&sql, vec![]).await.pop()?;
    Some((
        row.try_get_by_index(0).unwrap(),
        row.try_get_by_index(1).unwrap(),
        row.try_get_by_index(2).unwrap(),
        row.try_get_by_index(3).unwrap(),
    ))
}

/// What a bureau's officer says of the sources of a month.
async fn submit(office: &Office, bureau: BureauId, of: &str, sources: &[RecordSource]) {
    let row = month_close::Model {
        id: MonthCloseId::new(),
        bureau_id: bureau,
        month: month(of),
        state: CloseState::Submitted,
        submitted_at: None,
        submitted_by: None,
        submission_reason: None,
        returned_at: None,
        returned_by: None,
        return_reason: None,
        closed_at: None,
        closed_by: None,
    };
    let source = |source: &RecordSource| month_source::Model { month_close_id: row.id, source: *source, records: 0 };
    let rows = sources.iter().map(source).collect();
    office.put(vec![row]).await;
    office.put(rows).await;
    office.mark(&Stale::from([((bureau, month(of)), [None].into())])).await;
}

#[tokio::test]
async fn who_has_reported_nothing_is_in_no_figure() {
    for office in offices().await {
        silent(&office).await;
        let (_, a) = bureau(&office, "A", 2).await;
        let (b, _) = bureau(&office, "B", 3).await;
        let director =
            office.posting_row(&office.staff("D", Sex::Male).await, &office.unit(b, "B2").await, RankBand::Director, "2018-01-01", None);
        office.put(vec![posting::Model { subject_to_overtime: false, ..director }]).await;
        office.shift(&a[0], "2018-04-10", 600).await;
        office.run(Some("2018-04")).await;
        let april = async |code: &str, bureau: &str| covered(&office, &format!("{code} MONTH 2018-04 {bureau}")).await;
        // Of A's two one has a shift: the other is unknown, not without overtime.
        assert_eq!(april(MEAN, "A").await, Some((600, 60, Some(1), Some(2))));
        assert_eq!(april(MEAN, "B").await, Some((0, 0, Some(0), Some(3))), "a director draws no overtime pay, and is expected nowhere");
        assert_eq!(april(MEAN, "TOTAL").await, Some((600, 60, Some(1), Some(5))));
        assert_eq!(april("STAGGERED_SHARE", "B").await, Some((0, 0, Some(0), Some(3))));
        // Of telework nobody has said that silence is not nothing, and who is in post is known.
        assert_eq!(april("TELEWORK_PERSONS", "B").await, Some((0, 4, Some(4), Some(4))));
        assert_eq!(april("WOMEN_STAFF", "TOTAL").await, Some((5, 6, None, None)));

        // B says that there was no overtime (該当なし): three times nothing.
        submit(&office, b, "2018-04", &[RecordSource::Overtime]).await;
        office.run(None).await;
        assert_eq!(april(MEAN, "B").await, Some((0, 180, Some(3), Some(3))));
        assert_eq!(april(MEAN, "TOTAL").await, Some((600, 240, Some(4), Some(5))));
        assert_eq!(april("STAGGERED_SHARE", "B").await, Some((0, 0, Some(0), Some(3))), "of presence it said nothing");
        // And takes it back.
        office.execute("DELETE FROM month_source", vec![]).await;
        office.mark(&Stale::from([((b, month("2018-04")), [None].into())])).await;
        office.run(None).await;
        assert_eq!(april(MEAN, "B").await, Some((0, 0, Some(0), Some(3))));
    }
}

#[tokio::test]
async fn a_register_of_overtime_names_all_who_worked_any() {
    for office in offices().await {
        silent(&office).await;
        let (_, a) = bureau(&office, "A", 4).await;
        office.put(vec![ordered(&office, &a[0], "2018-04-10", 600)]).await;
        office.run(Some("2018-04")).await;
        let april = async || covered(&office, &format!("{MEAN} MONTH 2018-04 A")).await;
        assert_eq!(april().await, Some((600, 240, Some(4), Some(4))), "true zeros stay");
        // The first presence of the month makes another source of it, and of the rest nothing is known: only the one person was marked.
        let shift = office.shift(&a[1], "2018-04-11", 60).await;
        office.mark(&Stale::from([((shift.bureau_id, month("2018-04")), [Some(shift.staff_id)].into())])).await;
        office.execute("UPDATE shift SET void_reason = 'x' WHERE presence_start IS NULL", vec![]).await;
        office.mark(&Stale::from([((shift.bureau_id, month("2018-04")), [Some(a[0].staff_id)].into())])).await;
        office.run(None).await;
        assert_eq!(april().await, Some((60, 60, Some(1), Some(4))));
        // The client says what its silence means.
        said(&office, r#"{"OVERTIME": "ZERO"}"#).await;
        office.run(Some("2018-04")).await;
        assert_eq!(april().await, Some((60, 240, Some(4), Some(4))));
        assert_eq!(covered(&office, "STAGGERED_SHARE MONTH 2018-04 A").await, Some((0, 1, Some(1), Some(4))));
    }
}

/// Beside the presence of others, one person's records of another source are told of the whole bureau, and so is their end: though only the
/// one person was marked, and of the others nothing is read but that their client was there.
#[tokio::test]
async fn one_persons_record_of_another_client_tells_of_the_whole_bureau() {
    for office in offices().await {
        silent(&office).await;
        let (id, a) = bureau(&office, "A", 4).await;
        office.shift(&a[0], "2018-04-10", 60).await;
        office.shift(&a[1], "2018-04-10", 60).await;
        office.run(Some("2018-04")).await;
        let april = async || covered(&office, &format!("{MEAN} MONTH 2018-04 A")).await;
        let marked = |number: usize| Stale::from([((id, month("2018-04")), [Some(a[number].staff_id)].into())]);
        assert_eq!(april().await, Some((120, 120, Some(2), Some(4))));
        office.shift(&a[0], "2018-04-11", 60).await;
        office.mark(&marked(0)).await;
        office.run(None).await;
        assert_eq!(april().await, Some((180, 120, Some(2), Some(4))), "the same source");
        let register = api_client::Model {
            id: ApiClientId::new(),
            code: "register".into(),
            code_folded: "register".into(),
            name: "register".into(),
            bureaus: api_client::ClientBureaus(None),
            absence: None,
            writes: None,
            revoked_at: None,
            created_at: office.ledger.clock().now(),
        };
        office.put(vec![register]).await;
        let row = shift::Model { client: "register".into(), ..ordered(&office, &a[1], "2018-04-12", 30) };
        office.put(vec![row.clone()]).await;
        office.mark(&marked(1)).await;
        office.run(None).await;
        assert_eq!(april().await, Some((210, 240, Some(4), Some(4))), "a register names all who worked any");
        office.put(vec![shift::Model { void_reason: Some("x".to_owned()), ..row }]).await;
        office.mark(&marked(1)).await;
        office.run(None).await;
        assert_eq!(april().await, Some((180, 120, Some(2), Some(4))), "the register is gone");
    }
}

#[tokio::test]
async fn who_was_away_all_month_did_nothing_and_is_expected_nowhere() {
    for office in offices().await {
        silent(&office).await;
        let (_, a) = bureau(&office, "A", 2).await;
        office.shift(&a[0], "2018-04-10", 600).await;
        let workdays = (1..=30).map(|date| day(&format!("2018-04-{date:02}")));
        office.put(workdays.map(|date| office.leave_row(&a[1], date, 465)).collect()).await;
        office.run(Some("2018-04")).await;
        assert_eq!(covered(&office, &format!("{MEAN} MONTH 2018-04 A")).await, Some((600, 120, Some(1), Some(1))));
    }
}

#[tokio::test]
async fn a_year_counts_the_months_that_were_reported() {
    for office in offices().await {
        silent(&office).await;
        let (_, a) = bureau(&office, "A", 1).await;
        let (_, b) = bureau(&office, "B", 1).await;
        for (posting, date, minutes) in [(&a[0], "2018-04-10", 600), (&a[0], "2018-05-10", 60), (&b[0], "2018-05-10", 120)] {
            office.shift(posting, date, minutes).await;
        }
        for month in ["2018-04", "2018-05"] {
            office.run(Some(month)).await;
        }
        let year = async |code: &str, bureau: &str| covered(&office, &format!("{code} FISCAL_YEAR_TO_DATE 2018-05 {bureau}")).await;
        assert_eq!(year(MEAN, "A").await, Some((660, 120, Some(2), Some(2))));
        assert_eq!(year(MEAN, "B").await, Some((120, 60, Some(1), Some(2))), "April of B is no month without overtime");
        assert_eq!(year(MEAN, "TOTAL").await, Some((780, 180, Some(3), Some(4))));
        assert_eq!(year("SHARE_ABOVE_45H", "TOTAL").await, Some((0, 2, Some(3), Some(4))));
    }
}

#[tokio::test]
async fn a_run_of_a_month_asks_for_those_before_it_in_its_years() {
    for office in offices().await {
        office.now.store(1_530_000_000, Ordering::SeqCst); // 2018-06-26
        let (_, a) = bureau(&office, "A", 1).await;
        office.shift(&a[0], "2018-04-10", 600).await;
        office.shift(&a[0], "2018-06-10", 60).await;
        office.run(Some("2018-06")).await;
        Runner::new(office.ledger.clone()).run_queued().await.unwrap();
        let asked = office
            .rows(
                "SELECT period FROM job_run WHERE job = 'MONTHLY_INDICATORS' AND trigger = 'RUN' AND period IS NOT NULL ORDER BY period",
                vec![],
            )
            .await;
        let asked: Vec<i32> = asked.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        // Before April the office has no record: its year begins there, and nobody is missed.
        assert_eq!(asked, [201_804, 201_805]);
        let year = covered(&office, &format!("{MEAN} FISCAL_YEAR_TO_DATE 2018-06 TOTAL")).await;
        assert_eq!(year, Some((660, 180, Some(3), Some(3))));
        assert_eq!(office.count("SELECT COUNT(*) FROM job_run WHERE cause_id IS NULL AND trigger = 'RUN'").await, 0);
    }
}

#[tokio::test]
async fn outliers_compare_with_those_of_whom_something_is_known() {
    for office in offices().await {
        silent(&office).await;
        office.now.store(1_560_000_000, Ordering::SeqCst); // 2019-06-08
        let (bureau, people) = bureau(&office, "A", 24).await;
        // Eleven with ten hours, one with forty; of twelve nothing is known. With these as zeros the median would be 0 or 5 hours.
        for posting in &people[..11] {
            office.shift(posting, "2019-05-08", 600).await;
        }
        office.shift(&people[11], "2019-05-08", 2_400).await;
        office.run(Some("2019-05")).await;
        let peers = async || {
            office.attempt(JobName::OvertimeOutliers, false).await;
            let row =
                office.rows("SELECT peers, median_doubled FROM overtime_outlier WHERE withdrawn_at IS NULL AND peers IS NOT NULL", vec![]);
            row.await.pop().map(|row| (row.try_get_by_index::<i32>(0).unwrap(), row.try_get_by_index::<i32>(1).unwrap()))
        };
        assert_eq!(peers().await, Some((12, 1_200)));
        submit(&office, bureau, "2019-05", &RecordSource::iter().collect::<Vec<_>>()).await;
        office.run(None).await;
        assert_eq!(peers().await, Some((24, 600)), "it was said that they did none");
    }
}

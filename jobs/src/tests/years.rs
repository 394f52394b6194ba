//! Figures of a year in which people come and go: what is counted month by month, once, or of those who were there throughout.

use super::office::{Office, day, offices};
use entity::{
    period::YearMonth,
    posting::RankBand,
    staff::{SeparationReason, Sex},
};

/// January 2018 to March 2019: one person throughout; one who leaves at the end of June, and one who comes in July in the same post. Each works
/// 20 hours of overtime in each month and takes a day of leave in it.
async fn fill(office: &Office) -> Vec<String> {
    let a = office.bureau("A").await;
    let unit = office.unit(a, "A1").await;
    office.now.store(1_553_990_400, std::sync::atomic::Ordering::SeqCst); // 2019-03-31T00:00Z
    let months: Vec<_> = YearMonth::range("2018-01".parse().unwrap(), "2019-03".parse().unwrap()).collect();
    for (number, from, to) in [("1", "2000-01-01", "2019-04-01"), ("2", "2000-01-01", "2018-07-01"), ("3", "2018-07-01", "2019-04-01")] {
        let mut staff = office.staff_row(number, Sex::Female);
        staff.hired_on = day(from);
        if number == "2" {
            (staff.separated_on, staff.separation_reason) = (Some(day(to)), Some(SeparationReason::Resignation));
        }
        office.put(vec![staff.clone()]).await;
        let posting = office.posting(&staff, &unit, RankBand::Staff, from, None).await;
        for month in months.iter().map(|month| month.first_day()).filter(|first| *first >= day(from) && *first < day(to)) {
            let second = month.succ_opt().unwrap();
            office.put(vec![office.shift_row(&posting, month, 1_200)]).await;
            office.put(vec![office.leave_row(&posting, second, 465)]).await;
        }
    }
    months.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_year_with_people_coming_and_going() {
    let mut digests = Vec::new();
    for office in offices().await {
        let mut last = None;
        for month in fill(&office).await {
            last = office.run(Some(&month)).await.0.output_digest;
        }
        digests.push(last);
        let values = [
            // Two people in each month: 20 hours a person and month, and not 12 x 40 by three persons.
            ("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2019-03 TOTAL TOTAL TOTAL", (28_800, 24 * 60, 3, 3)),
            ("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2018-06 TOTAL TOTAL TOTAL", (7_200, 6 * 60, 2, 2)),
            ("ANNUALISED_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2019-03 A TOTAL TOTAL", (28_800 * 12, 24 * 60, 3, 3)),
            ("ANNUAL_OVERTIME_HOURS CALENDAR_YEAR_TO_DATE 2018-12 TOTAL TOTAL TOTAL", (14_400, 60, 1, 1)),
            ("SUBJECT_THROUGHOUT CALENDAR_YEAR_TO_DATE 2018-12 TOTAL TOTAL TOTAL", (1, 3, 1, 3)),
            ("ANNUAL_LEAVE_DAYS CALENDAR_YEAR_TO_DATE 2018-06 TOTAL TOTAL TOTAL", (12 * 465, 2 * 465, 2, 2)),
            ("ANNUAL_LEAVE_DAYS CALENDAR_YEAR_TO_DATE 2018-12 TOTAL TOTAL TOTAL", (12 * 465, 465, 1, 1)),
            ("IN_POST_THROUGHOUT CALENDAR_YEAR_TO_DATE 2018-12 TOTAL TOTAL TOTAL", (1, 3, 1, 3)),
        ];
        for (key, value) in values {
            assert_eq!(office.value(key).await, Some(value), "{key}");
        }
        // A year that is not over has no value of its own, and a year of which months are missing has none either.
        for key in [
            "ANNUALISED_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2019-02 TOTAL TOTAL TOTAL",
            "ANNUALISED_OVERTIME_HOURS MONTH 2019-03 TOTAL TOTAL TOTAL",
            "ANNUALISED_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2018-03 TOTAL TOTAL TOTAL",
            "ANNUAL_OVERTIME_HOURS CALENDAR_YEAR_TO_DATE 2018-11 TOTAL TOTAL TOTAL",
            "ANNUAL_OVERTIME_HOURS CALENDAR_YEAR_TO_DATE 2019-03 TOTAL TOTAL TOTAL",
        ] {
            assert_eq!(office.value(key).await, None, "{key}");
        }
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1] && pair[0].is_some()), "both engines give the same output");
}

#[tokio::test]
async fn months_of_other_definitions_are_computed_anew_once() {
    for office in offices().await {
        fill(&office).await;
        for month in ["2018-04", "2018-05"] {
            office.run(Some(month)).await;
        }
        assert_eq!(office.ledger.mark_redefined().await.unwrap(), 0, "these are this program's");
        // As an earlier program left April; and May lacks an indicator that it did not know.
        let latest = "span = 'MONTH' AND superseded_by IS NULL";
        for sql in [
            format!(
                "UPDATE indicator_value SET version = 1, denominator = 7 WHERE indicator = 'MEAN_OVERTIME_HOURS' AND month = 201804 AND {latest}"
            ),
            format!("DELETE FROM indicator_value WHERE indicator = 'IN_POST_THROUGHOUT' AND month = 201805 AND {latest}"),
        ] {
            office.execute(&sql, vec![]).await;
        }
        assert_eq!(office.ledger.mark_redefined().await.unwrap(), 2);
        let marks = office.count("SELECT COUNT(*) FROM stale_mark").await;
        assert!(marks > 0);
        office.ledger.mark_redefined().await.unwrap();
        assert_eq!(office.count("SELECT COUNT(*) FROM stale_mark").await, marks, "a second time marks nothing anew");
        office.run(None).await;
        assert_eq!(office.value("MEAN_OVERTIME_HOURS MONTH 2018-04 TOTAL TOTAL TOTAL").await, Some((2_400, 120, 2, 2)));
        assert_eq!(office.value("IN_POST_THROUGHOUT MONTH 2018-05 TOTAL TOTAL TOTAL").await, Some((2, 2, 2, 2)));
        let former =
            "SELECT COUNT(*) FROM indicator_value WHERE indicator = 'MEAN_OVERTIME_HOURS' AND version = 1 AND superseded_by IS NOT NULL";
        assert!(office.count(former).await > 0, "the former values stay, with their version");
        assert_eq!(office.ledger.mark_redefined().await.unwrap(), 0);
    }
}

//! An office small enough to count by hand, with every measure in it.

use super::office::{Office, day, month, offices};
use crate::{
    dialect::execute,
    indicators,
    measures::{self, Range},
};
use entity::{
    hire::HireRoute,
    job_run::JobName,
    leave_entry::LeaveKind,
    measure_cell::Span,
    posting::{PostingKind, RankBand},
    staff::{Employment, SeparationReason, Sex},
    work_regime::Regime,
    work_time::{Basis, DayKind, Pattern},
};

/// April and May 2018: a person above 45 hours who moves in May, a transfer in mid-April, a director with a concurrent posting, a leaver, a
/// non-regular one, a void posting, hires, and a unit without a regime.
async fn fill(office: &Office) {
    let (a, b) = (office.bureau("A").await, office.bureau("B").await);
    let (a1, a2, b1) = (office.unit(a, "A1").await, office.unit(a, "A2").await, office.unit(b, "B1").await);
    office.regime(&a1, Regime::ExternallyDriven, "2018-01-01", Some("2018-04-10")).await;
    office.regime(&a1, Regime::SelfPaced, "2018-04-10", None).await;
    office.on_time_day(None, "2018-04-11").await;
    office.on_time_day(Some(a), "2018-04-02").await;

    let s1 = office.staff("001", Sex::Female).await;
    let p1 = office.posting(&s1, &a1, RankBand::Staff, "2018-01-01", Some("2018-05-01")).await;
    let p1_may = office.posting(&s1, &b1, RankBand::Staff, "2018-05-01", None).await;
    office.shift(&p1, "2018-04-02", 1_500).await;
    let mut staggered = office.shift_row(&p1, day("2018-04-03"), 1_201);
    staggered.pattern = Pattern::Staggered;
    let mut void = office.shift_row(&p1, day("2018-04-04"), 500);
    void.void_reason = Some("entered twice".into());
    office.put(vec![staggered, void, office.shift_row(&p1, day("2018-04-11"), 0), office.shift_row(&p1_may, day("2018-05-07"), 100)]).await;
    office.put(vec![office.request_row(&p1, day("2018-04-02"), 600, 0), office.request_row(&p1, day("2018-04-03"), 300, -1)]).await;
    office.put(vec![office.telework_row(&p1, day("2018-04-05")), office.telework_row(&p1, day("2018-04-06"))]).await;
    let mut other = office.leave_row(&p1, day("2018-04-10"), 100);
    other.kind = LeaveKind::Other;
    office.put(vec![office.leave_row(&p1, day("2018-04-09"), 465), other]).await;

    let s2 = office.staff("002", Sex::Male).await;
    let p2 = office.posting(&s2, &a1, RankBand::AssistantDirector, "2018-01-01", Some("2018-04-16")).await;
    let p2_b = office.posting(&s2, &b1, RankBand::AssistantDirector, "2018-04-16", None).await;
    office.shift(&p2, "2018-04-02", 60).await;
    let mut ordered = office.shift_row(&p2_b, day("2018-04-20"), 30);
    (ordered.overtime_minutes, ordered.ordered_overtime_minutes, ordered.basis) = (10, Some(10), Basis::Ordered);
    office.put(vec![ordered]).await;

    let s3 = office.staff("003", Sex::Female).await;
    let mut main = office.posting_row(&s3, &a2, RankBand::Director, "2018-01-01", None);
    let mut beside = office.posting_row(&s3, &b1, RankBand::Director, "2018-04-10", Some("2018-05-01"));
    (main.subject_to_overtime, beside.subject_to_overtime, beside.kind) = (false, false, PostingKind::Concurrent);
    office.put(vec![main, beside.clone()]).await;
    office.shift(&beside, "2018-04-11", 15).await;

    let mut s4 = office.staff_row("004", Sex::Male);
    (s4.separated_on, s4.separation_reason) = (Some(day("2018-04-10")), Some(SeparationReason::Resignation));
    office.put(vec![s4.clone()]).await;
    let p4 = office.posting(&s4, &a1, RankBand::Chief, "2018-01-01", None).await;
    office.shift(&p4, "2018-04-02", 40).await;

    let mut s5 = office.staff_row("005", Sex::Female);
    s5.employment = Employment::NonRegular;
    office.put(vec![s5.clone()]).await;
    let p5 = office.posting(&s5, &a1, RankBand::Staff, "2018-01-01", None).await;
    office.shift(&p5, "2018-04-02", 999).await;

    let s6 = office.staff("006", Sex::Male).await;
    let mut void = office.posting_row(&s6, &a1, RankBand::Staff, "2018-01-01", None);
    void.void_reason = Some("wrong person".into());
    office.put(vec![void]).await;

    let s7 = office.staff("007", Sex::NotRecorded).await;
    let p7 = office.posting(&s7, &b1, RankBand::Chief, "2018-01-01", None).await;
    office.shift(&p7, "2018-04-11", 0).await;

    // The last day is not a day in post for who leaves on it.
    let mut s12 = office.staff_row("012", Sex::Female);
    s12.employment = Employment::NonRegular;
    (s12.separated_on, s12.separation_reason) = (Some(day("2018-04-30")), Some(SeparationReason::EndOfTerm));
    office.put(vec![s12.clone()]).await;
    office.posting(&s12, &b1, RankBand::Staff, "2018-01-01", None).await;

    hires(office, &a2, &b1).await;
}

/// 008 to 010 by exam on 1 April, 011 in mid-career on the 16th.
async fn hires(office: &Office, a2: &entity::unit::Model, b1: &entity::unit::Model) {
    for (number, sex) in [("008", Sex::Female), ("009", Sex::Male), ("010", Sex::NotRecorded)] {
        let mut staff = office.staff_row(number, sex);
        staff.hired_on = day("2018-04-01");
        office.put(vec![staff.clone()]).await;
        let posting = office.posting(&staff, b1, RankBand::Staff, "2018-04-01", None).await;
        office.put(vec![office.hire_row(&posting, day("2018-04-01"), HireRoute::Exam)]).await;
        let mut holiday = office.shift_row(&posting, day("2018-04-11"), 0);
        holiday.day_kind = DayKind::Holiday;
        office.put(vec![holiday]).await;
    }
    let mut staff = office.staff_row("011", Sex::Female);
    staff.hired_on = day("2018-04-16");
    office.put(vec![staff.clone()]).await;
    // The posting is older than the person's employment: it counts from the day of joining.
    let posting = office.posting(&staff, a2, RankBand::Staff, "2018-04-01", None).await;
    office.put(vec![office.hire_row(&posting, day("2018-04-16"), HireRoute::MidCareer)]).await;
}

#[tokio::test]
async fn person_months_follow_the_rules() {
    for office in offices().await {
        fill(&office).await;
        let (_, statistics) = office.run(Some("2018-04")).await;
        let sql = "SELECT s.staff_number || ' ' || u.code || ' ' || m.band || ' ' || COALESCE(m.regime, '-') || ' ' ||
            CAST(m.days_in_post AS text) || ' ' || CAST(m.in_census AS text) || ' ' || CAST(m.subject_to_overtime AS text) || ' ' ||
            CAST(m.overtime_minutes AS text) || ' ' || CAST(m.telework_days AS text) || ' ' || CAST(m.annual_leave_minutes AS text)
            FROM person_month m JOIN staff s ON s.id = m.staff_id JOIN unit u ON u.id = m.unit_id ORDER BY s.staff_number";
        let rows: Vec<String> = office.rows(sql, vec![]).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(
            rows,
            [
                "001 A1 STAFF SELF_PACED 30 1 1 2701 2 465",
                "002 B1 ASSISTANT_DIRECTOR - 30 1 1 70 0 0",
                "003 A2 DIRECTOR - 30 1 0 15 0 0",
                "004 A1 CHIEF EXTERNALLY_DRIVEN 9 0 1 40 0 0",
                "005 A1 STAFF SELF_PACED 30 1 1 999 0 0",
                "007 B1 CHIEF - 30 1 1 0 0 0",
                "008 B1 STAFF - 30 1 1 0 0 0",
                "009 B1 STAFF - 30 1 1 0 0 0",
                "010 B1 STAFF - 30 1 1 0 0 0",
                "011 A2 STAFF - 15 1 1 0 0 0",
                "012 B1 STAFF - 29 0 1 0 0 0",
            ]
        );
        let counted = (statistics.person_months, statistics.person_months_with_overtime, statistics.above45h, statistics.at_least100h);
        assert_eq!(counted, (11, 5, 1, 0));
        assert_eq!((statistics.months, statistics.largest_overtime_minutes), (1, 2_701));
    }
}

#[tokio::test]
async fn every_indicator_of_a_month() {
    let mut digests = Vec::new();
    for office in offices().await {
        fill(&office).await;
        digests.push(office.run(Some("2018-04")).await.0.output_digest.unwrap());
        let values = [
            // Subject to overtime are 001, 002, 004 and 007 to 011; 003 is not, 005 is not regular.
            ("MEAN_OVERTIME_HOURS MONTH 2018-04 TOTAL TOTAL TOTAL", (2_811, 480, 3, 8)),
            ("MEAN_OVERTIME_HOURS MONTH 2018-04 A TOTAL TOTAL", (2_741, 180, 2, 3)),
            ("MEAN_OVERTIME_HOURS MONTH 2018-04 B TOTAL TOTAL", (70, 300, 1, 5)),
            ("MEAN_OVERTIME_HOURS MONTH 2018-04 A FEMALE TOTAL", (2_701, 120, 1, 2)),
            ("MEAN_OVERTIME_HOURS MONTH 2018-04 TOTAL NOT_RECORDED CHIEF", (0, 60, 0, 1)),
            ("SHARE_ABOVE_45H MONTH 2018-04 TOTAL TOTAL TOTAL", (1, 8, 1, 8)),
            ("OVERTIME_CONFIRMED_BEFOREHAND MONTH 2018-04 TOTAL TOTAL TOTAL", (600, 2_826, 1, 4)),
            ("OVERTIME_CONFIRMED_BEFOREHAND MONTH 2018-04 A TOTAL TOTAL", (600, 2_801, 1, 3)),
            ("OVERTIME_CONFIRMED_BEFOREHAND MONTH 2018-04 B TOTAL TOTAL", (0, 25, 0, 2)),
            ("PRESENCE_BEYOND_ORDERED MONTH 2018-04 TOTAL TOTAL TOTAL", (20, 30, 1, 1)),
            ("TELEWORK_PERSONS MONTH 2018-04 TOTAL TOTAL TOTAL", (1, 8, 1, 8)),
            ("TELEWORK_DAYS_A_HEAD MONTH 2018-04 TOTAL TOTAL TOTAL", (2, 8, 1, 8)),
            // In post on each day of the month; 011 came on the 16th, 004 left on the 10th.
            ("ANNUAL_LEAVE_DAYS MONTH 2018-04 TOTAL TOTAL TOTAL", (465, 3_255, 1, 7)),
            ("IN_POST_THROUGHOUT MONTH 2018-04 TOTAL TOTAL TOTAL", (7, 9, 7, 9)),
            // 003 left within the 15 minutes of grace.
            ("ON_TIME_DEPARTURE MONTH 2018-04 TOTAL TOTAL TOTAL", (3, 6, 3, 5)),
            ("ON_TIME_DEPARTURE MONTH 2018-04 TOTAL TOTAL DIRECTOR", (1, 1, 1, 1)),
            ("ON_TIME_DEPARTURE MONTH 2018-04 A TOTAL STAFF", (1, 2, 1, 1)),
            ("ON_TIME_DEPARTURE MONTH 2018-04 A TOTAL TOTAL", (1, 4, 1, 3)),
            ("STAGGERED_SHARE MONTH 2018-04 TOTAL TOTAL TOTAL", (1, 8, 1, 8)),
            ("WOMEN_STAFF MONTH 2018-04 TOTAL TOTAL TOTAL", (4, 6, 4, 6)),
            ("WOMEN_STAFF MONTH 2018-04 TOTAL TOTAL ASSISTANT_DIRECTOR", (0, 1, 0, 1)),
            ("WOMEN_DIRECTOR_AND_ABOVE MONTH 2018-04 TOTAL TOTAL TOTAL", (1, 1, 1, 1)),
            ("WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE MONTH 2018-04 TOTAL TOTAL TOTAL", (1, 2, 1, 2)),
            ("WOMEN_DIRECTOR MONTH 2018-04 TOTAL TOTAL TOTAL", (1, 1, 1, 1)),
            ("WOMEN_ASSISTANT_DIRECTOR MONTH 2018-04 TOTAL TOTAL TOTAL", (0, 1, 0, 1)),
            ("WOMEN_DESIGNATED MONTH 2018-04 TOTAL TOTAL TOTAL", (0, 0, 0, 0)),
            ("WOMEN_HIRES_EXAM MONTH 2018-04 TOTAL TOTAL TOTAL", (1, 2, 1, 2)),
            ("WOMEN_HIRES_MID_CAREER MONTH 2018-04 A TOTAL TOTAL", (1, 1, 1, 1)),
            ("WOMEN_HIRES_MID_CAREER MONTH 2018-04 TOTAL TOTAL STAFF", (1, 1, 1, 1)),
        ];
        for (key, value) in values {
            assert_eq!(office.value(key).await, Some(value), "{key}");
        }
        for key in ["WOMEN_HIRES_EXAM MONTH 2018-04 A TOTAL TOTAL", "WOMEN_STAFF MONTH 2018-04 TOTAL FEMALE TOTAL"] {
            assert_eq!(office.value(key).await, None, "{key}");
        }
        assert_eq!(office.cell("MONTH 2018-04 A1 FEMALE STAFF OVERTIME_MINUTES").await, Some((2_701, 1)), "without 005 and the void shift");
        assert_eq!(office.cell("MONTH 2018-04 A1 MALE ASSISTANT_DIRECTOR OVERTIME_MINUTES").await, Some((60, 1)));
        assert_eq!(office.cell("MONTH 2018-04 B1 MALE ASSISTANT_DIRECTOR OVERTIME_MINUTES").await, Some((10, 1)));
        assert_eq!(office.cell("MONTH 2018-04 B1 MALE ASSISTANT_DIRECTOR OVERTIME_POPULATION_MINUTES").await, Some((70, 1)));
        assert_eq!(office.cell("MONTH 2018-04 A1 MALE ASSISTANT_DIRECTOR OVERTIME_POPULATION_MINUTES").await, None);
        assert_eq!(office.count("SELECT COUNT(*) FROM measure_cell WHERE value = 0 OR persons = 0").await, 0);
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "both engines give the same output");
}

#[tokio::test]
async fn years_to_date_count_a_person_once_in_the_place_of_the_latest_month() {
    let mut digests = Vec::new();
    for office in offices().await {
        fill(&office).await;
        // The later month first: April then brings May's year to date along.
        office.run(Some("2018-05")).await;
        assert_eq!(office.value("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL").await, Some((100, 420, 1, 7)));
        digests.push(office.run(Some("2018-04")).await.0.output_digest.unwrap());
        let values = [
            // Eight in April, seven in May, each month in its own place; 001, who moved, is one person all the same.
            ("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (2_911, 900, 3, 8)),
            ("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2018-05 B TOTAL TOTAL", (170, 660, 2, 6)),
            ("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2018-05 A TOTAL TOTAL", (2_741, 240, 2, 3)),
            ("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2018-05 TOTAL FEMALE STAFF", (2_801, 360, 1, 3)),
            ("TELEWORK_DAYS_A_HEAD FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (2, 16, 1, 8)),
            ("SHARE_ABOVE_45H FISCAL_YEAR_TO_DATE 2018-05 B TOTAL TOTAL", (1, 6, 1, 6)),
            ("OVERTIME_CONFIRMED_BEFOREHAND FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (600, 2_926, 1, 4)),
            ("OVERTIME_CONFIRMED_BEFOREHAND FISCAL_YEAR_TO_DATE 2018-05 B TOTAL TOTAL", (0, 125, 0, 2)),
            ("TELEWORK_PERSONS MONTH 2018-05 TOTAL TOTAL TOTAL", (0, 8, 0, 8)),
            ("TELEWORK_PERSONS FISCAL_YEAR_TO_DATE 2018-05 B TOTAL TOTAL", (1, 6, 1, 6)),
            // Of the months that were computed, as all of a year to date is.
            ("ANNUAL_LEAVE_DAYS CALENDAR_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (465, 3_255, 1, 7)),
            ("WOMEN_STAFF FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (4, 6, 4, 6)),
            ("WOMEN_HIRES_EXAM FISCAL_YEAR_TO_DATE 2018-05 B TOTAL TOTAL", (1, 2, 1, 2)),
            ("WOMEN_HIRES_EXAM MONTH 2018-05 TOTAL TOTAL TOTAL", (0, 0, 0, 0)),
        ];
        for (key, value) in values {
            assert_eq!(office.value(key).await, Some(value), "{key}");
        }
        assert_eq!(office.value("ANNUAL_LEAVE_DAYS FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL").await, None);
        assert_eq!(office.cell("FISCAL_YEAR_TO_DATE 2018-05 B1 FEMALE STAFF PERSONS_ABOVE_45H").await, Some((1, 1)));
        assert_eq!(office.cell("FISCAL_YEAR_TO_DATE 2018-05 A1 FEMALE STAFF OVERTIME_MINUTES").await, Some((2_701, 1)));
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn an_office_without_subjects_says_so() {
    for office in offices().await {
        office.bureau("A").await;
        let (_, statistics) = office.run(Some("2018-04")).await;
        let each = crate::indicators::catalogue().iter().filter(|definition| !definition.of_whole_years).count();
        assert_eq!(
            statistics.values_written,
            2 * i64::try_from(each).expect("few"),
            "the office's total of each indicator, month and year to date"
        );
        assert_eq!(office.value("MEAN_OVERTIME_HOURS MONTH 2018-04 TOTAL TOTAL TOTAL").await, Some((0, 0, 0, 0)));
        assert_eq!(office.count("SELECT COUNT(*) FROM measure_cell").await, 0);
    }
}

#[tokio::test]
async fn a_second_run_writes_nothing_and_a_correction_supersedes() {
    for office in offices().await {
        fill(&office).await;
        let (first, _) = office.run(Some("2018-04")).await;
        let before = office.count("SELECT COUNT(*) FROM indicator_value").await;
        let (second, statistics) = office.run(Some("2018-04")).await;
        assert_eq!(second.output_digest, first.output_digest);
        assert_eq!((statistics.cells_written, statistics.values_written, statistics.values_unchanged), (0, 0, before));
        assert_eq!(office.count("SELECT COUNT(*) FROM indicator_value").await, before);
        assert_eq!(office.count("SELECT COUNT(DISTINCT run_id) FROM person_month").await, 1, "unchanged rows keep their run");

        let rows = office.rows("SELECT * FROM shift WHERE overtime_minutes = 1201", vec![]).await;
        let mut shift = <entity::shift::Model as sea_orm::FromQueryResult>::from_query_result(&rows[0], "").unwrap();
        shift.overtime_minutes = 1_200;
        office.put(vec![shift]).await;
        let (third, statistics) = office.run(Some("2018-04")).await;
        assert_ne!(third.output_digest, first.output_digest);
        assert_eq!(office.value("SHARE_ABOVE_45H MONTH 2018-04 TOTAL TOTAL TOTAL").await, Some((0, 8, 0, 8)), "45:00 is not above 45 h");
        let superseded = "SELECT COUNT(*) FROM indicator_value WHERE superseded_by IS NOT NULL AND superseded_at IS NOT NULL";
        assert_eq!(office.count(superseded).await, statistics.values_written, "each new value took the place of one");
        assert_eq!(office.count("SELECT COUNT(*) FROM indicator_value").await, before + statistics.values_written);
        assert!(statistics.values_written > 0 && statistics.values_unchanged > 0);
    }
}

/// The cells of a month's fiscal year to date.
async fn cells_of_year(office: &Office) -> Vec<String> {
    let sql =
        "SELECT u.code || ' ' || c.sex || ' ' || c.band || ' ' || c.standing || ' ' || c.measure || ' ' || CAST(c.value AS text) || ' ' ||
        CAST(c.persons AS text) FROM measure_cell c JOIN unit u ON u.id = c.unit_id
        WHERE c.span = 'FISCAL_YEAR_TO_DATE' AND c.month = 201804 ORDER BY 1";
    office.rows(sql, vec![]).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

#[tokio::test]
async fn a_year_of_one_month_is_that_month() {
    for office in offices().await {
        fill(&office).await;
        office.run(Some("2018-04")).await;
        let of_month = cells_of_year(&office).await;
        assert!(of_month.len() > 100, "{}", of_month.len());
        // Of what is marked, a year is computed as any other is.
        office.execute("DELETE FROM measure_cell WHERE span = 'FISCAL_YEAR_TO_DATE'", vec![]).await;
        let bureaus = office.rows("SELECT id FROM bureau", vec![]).await;
        let marks = bureaus.iter().map(|row| ((row.try_get_by_index(0).unwrap(), month("2018-04")), [None].into()));
        office.mark(&marks.collect()).await;
        office.run(None).await;
        assert_eq!(cells_of_year(&office).await, of_month);
    }
}

#[tokio::test]
async fn a_year_that_holds_more_is_no_month() {
    for office in offices().await {
        fill(&office).await;
        office.run(Some("2018-04")).await;
        office.run(Some("2018-05")).await;
        office.attempt(JobName::OvertimeOutliers, false).await;
        assert!(office.count("SELECT COUNT(*) FROM overtime_outlier WHERE month = 201804").await > 0);
        let year = Range::ending(Span::FiscalYearToDate, month("2018-05"));
        // Where it is taken for a month, its cells are looked for, which nobody has made here.
        let is_month = async || {
            let session = office.db.session(std::time::Duration::from_secs(20)).await.unwrap();
            let tx = session.snapshot().await.unwrap();
            !matches!(measures::compute_as_month(&tx, year, indicators::measures(), measures::Reach::Whole).await, Ok(None))
        };
        assert!(!is_month().await);
        // Each of the three alone is enough.
        let tables = ["person_month", "overtime_outlier", "measure_cell"];
        for kept in tables {
            let office = &office;
            let tx = office.db.begin().await.unwrap();
            for table in tables.into_iter().filter(|table| *table != kept) {
                execute(&*tx, &format!("UPDATE {table} SET month = 201704 WHERE month = 201804"), vec![]).await.unwrap();
            }
            assert!(
                matches!(measures::compute_as_month(&*tx, year, indicators::measures(), measures::Reach::Whole).await, Ok(None)),
                "{kept}"
            );
            tx.rollback().await.unwrap();
        }
        for table in tables {
            office.execute(&format!("UPDATE {table} SET month = 201704 WHERE month = 201804"), vec![]).await;
        }
        assert!(is_month().await);
    }
}

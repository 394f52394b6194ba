//! Whom figures count: people in main posts, those who work here in concurrent posts alone, and those who do not.

use super::{
    office::{Office, day, month, offices},
    outliers::desks,
};
use entity::{
    hire::HireRoute,
    person_month::Standing,
    posting::{self, PostingKind, RankBand},
    staff::Sex,
    unit,
};

/// How a posting is held.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    Main,
    Here,
    Away,
}

use Held::{Away, Here, Main};

/// Posts of a person, each with its unit and its days.
async fn person(office: &Office, number: &str, sex: Sex, posts: &[(&unit::Model, Held, &str, Option<&str>)]) -> Vec<posting::Model> {
    let staff = office.staff(number, sex).await;
    let mut rows = Vec::new();
    for (unit, held, from, to) in posts {
        let mut row = office.posting_row(&staff, unit, RankBand::Staff, from, *to);
        row.kind = if *held == Main { PostingKind::Primary } else { PostingKind::Concurrent };
        row.resident = *held == Here;
        rows.push(row);
    }
    office.put(rows.clone()).await;
    rows
}

/// Bureaus A and B; each person has an hour of overtime and a day of telework in April, and was hired then.
async fn fill(office: &Office) {
    let (a, b) = (office.bureau("A").await, office.bureau("B").await);
    let (a1, b1) = (office.unit(a, "A1").await, office.unit(b, "B1").await);
    let always = ("2018-01-01", None);
    let (f, m) = (Sex::Female, Sex::Male);
    let posts = |held: Held, unit| (unit, held, always.0, always.1);
    let all = [
        person(office, "001", f, &[posts(Main, &a1)]).await,
        person(office, "002", m, &[posts(Here, &a1)]).await,
        person(office, "003", f, &[posts(Away, &a1)]).await,
        // The main post ends in the month, the concurrent one goes on.
        person(office, "004", f, &[(&a1, Main, always.0, Some("2018-04-20")), posts(Away, &b1)]).await,
        // Both in one office: where the person works here, whichever began last.
        person(office, "005", m, &[posts(Here, &a1), (&a1, Away, "2018-04-10", None)]).await,
        // A main post comes first, and the standing is that of the bureau where it is.
        person(office, "006", m, &[posts(Here, &b1), posts(Main, &a1)]).await,
        // Comes to work here in May.
        person(office, "007", f, &[(&b1, Away, always.0, Some("2018-05-10")), (&b1, Here, "2018-05-10", None)]).await,
    ];
    for postings in all {
        let post = &postings[0];
        office.shift(post, "2018-04-02", 60).await;
        office.put(vec![office.telework_row(post, day("2018-04-03"))]).await;
        office.put(vec![office.hire_row(post, day("2018-04-01"), HireRoute::Exam)]).await;
    }
}

async fn standings(office: &Office, name: &str) -> Vec<String> {
    let sql = "SELECT s.staff_number || ' ' || u.code || ' ' || m.standing FROM person_month m
        JOIN staff s ON s.id = m.staff_id JOIN unit u ON u.id = m.unit_id WHERE m.month = $1 ORDER BY 1";
    office.rows(sql, vec![month(name).into()]).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

#[tokio::test]
async fn a_person_month_stands_as_the_posting_that_places_it() {
    let mut digests = Vec::new();
    for office in offices().await {
        fill(&office).await;
        digests.push(office.run(Some("2018-04")).await.0.output_digest.unwrap());
        let april = [
            "001 A1 MAIN",
            "002 A1 CONCURRENT_RESIDENT",
            "003 A1 CONCURRENT_AWAY",
            "004 B1 CONCURRENT_AWAY",
            "005 A1 CONCURRENT_RESIDENT",
            "006 A1 MAIN",
            "007 B1 CONCURRENT_AWAY",
        ];
        assert_eq!(standings(&office, "2018-04").await, april);
        office.run(Some("2018-05")).await;
        assert_eq!(standings(&office, "2018-05").await[6], "007 B1 CONCURRENT_RESIDENT");
        // A correction of the posting alone changes the standing, of a stale month too.
        office
            .execute("UPDATE posting SET resident = FALSE WHERE staff_id IN (SELECT id FROM staff WHERE staff_number = '002')", vec![])
            .await;
        let bureau = office.rows("SELECT bureau_id FROM unit WHERE code = 'A1'", vec![]).await[0].try_get_by_index(0).unwrap();
        office.mark(&[((bureau, month("2018-04")), [None].into())].into()).await;
        office.run(None).await;
        assert_eq!(standings(&office, "2018-04").await[1], "002 A1 CONCURRENT_AWAY");
        assert_eq!(office.value("LEFT_OUT_OF_WORK MONTH 2018-04 A TOTAL TOTAL").await, Some((2, 5, 2, 5)));
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "both engines give the same output");
}

#[tokio::test]
async fn each_group_counts_its_own_people() {
    for office in offices().await {
        fill(&office).await;
        office.run(Some("2018-04")).await;
        let values = [
            // 001 and 006 alone; 004 had a main post, but not at the month's end.
            ("WOMEN_STAFF MONTH 2018-04 TOTAL TOTAL TOTAL", Some((1, 2, 1, 2))),
            ("WOMEN_STAFF MONTH 2018-04 A TOTAL STAFF", Some((1, 2, 1, 2))),
            ("WOMEN_STAFF MONTH 2018-04 B TOTAL TOTAL", None),
            ("WOMEN_HIRES_EXAM MONTH 2018-04 TOTAL TOTAL TOTAL", Some((1, 2, 1, 2))),
            // 002 and 005 besides.
            ("MEAN_OVERTIME_HOURS MONTH 2018-04 TOTAL TOTAL TOTAL", Some((240, 240, 4, 4))),
            ("MEAN_OVERTIME_HOURS MONTH 2018-04 B TOTAL TOTAL", None),
            ("SHARE_ABOVE_45H MONTH 2018-04 A TOTAL TOTAL", Some((0, 4, 0, 4))),
            ("TELEWORK_PERSONS MONTH 2018-04 TOTAL MALE TOTAL", Some((3, 3, 3, 3))),
            ("TELEWORK_DAYS_A_HEAD MONTH 2018-04 TOTAL TOTAL TOTAL", Some((4, 4, 4, 4))),
            // An hour of each; that of 006 in B, where it was worked.
            ("OVERTIME_CONFIRMED_BEFOREHAND MONTH 2018-04 TOTAL TOTAL TOTAL", Some((0, 240, 0, 4))),
            ("OVERTIME_CONFIRMED_BEFOREHAND MONTH 2018-04 B TOTAL TOTAL", Some((0, 60, 0, 1))),
            ("IN_POST_THROUGHOUT MONTH 2018-04 TOTAL TOTAL TOTAL", Some((4, 4, 4, 4))),
            ("STAGGERED_SHARE MONTH 2018-04 TOTAL TOTAL TOTAL", Some((0, 4, 0, 4))),
            // Who is left out, of all.
            ("LEFT_OUT_OF_CAREERS MONTH 2018-04 TOTAL TOTAL TOTAL", Some((5, 7, 5, 7))),
            ("LEFT_OUT_OF_CAREERS MONTH 2018-04 A TOTAL TOTAL", Some((3, 5, 3, 5))),
            ("LEFT_OUT_OF_CAREERS MONTH 2018-04 B TOTAL TOTAL", Some((2, 2, 2, 2))),
            ("LEFT_OUT_OF_WORK MONTH 2018-04 TOTAL TOTAL TOTAL", Some((3, 7, 3, 7))),
            ("LEFT_OUT_OF_WORK MONTH 2018-04 A TOTAL TOTAL", Some((1, 5, 1, 5))),
            ("LEFT_OUT_OF_WORK MONTH 2018-04 TOTAL FEMALE TOTAL", None),
        ];
        for (key, value) in values {
            assert_eq!(office.value(key).await, value, "{key}");
        }
    }
}

#[tokio::test]
async fn a_span_counts_persons_as_they_stand_at_its_end_and_months_as_they_stood() {
    for office in offices().await {
        fill(&office).await;
        office.run(Some("2018-04")).await;
        office.run(Some("2018-05")).await;
        let values = [
            // 007 counts from May on, with the telework of April; 004, who is away, does not.
            ("TELEWORK_PERSONS FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (5, 5, 5, 5)),
            ("TELEWORK_DAYS_A_HEAD FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (4, 9, 4, 5)),
            ("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (240, 540, 4, 5)),
            ("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2018-05 B TOTAL TOTAL", (0, 60, 0, 1)),
            ("WOMEN_HIRES_EXAM FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (1, 2, 1, 2)),
            ("LEFT_OUT_OF_WORK FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL", (2, 7, 2, 7)),
        ];
        for (key, value) in values {
            assert_eq!(office.value(key).await, Some(value), "{key}");
        }
    }
}

/// Ten people with little overtime, one with much, and others elsewhere whose hours would move the median.
#[tokio::test]
async fn who_works_elsewhere_is_nobodys_peer_but_bound_by_caps() {
    for desk in desks().await {
        for number in 0..11 {
            desk.months(&format!("P{number}"), None, "2020-05", &[if number == 0 { 3_000 } else { 100 + number }]).await;
        }
        for number in 0..11 {
            let post = desk.months(&format!("E{number}"), None, "2020-05", &[6_300]).await;
            let away = Standing::ConcurrentAway.as_text();
            desk.office.execute("UPDATE person_month SET standing = $1 WHERE staff_id = $2", vec![away.into(), post.staff_id.into()]).await;
        }
        desk.flag().await;
        let sql = "SELECT s.staff_number || ' ' || CAST(f.peers AS text) FROM overtime_outlier f JOIN staff s ON s.id = f.staff_id
            WHERE f.kind = 'ABOVE_PEERS' ORDER BY 1";
        let flagged: Vec<String> = desk.office.rows(sql, vec![]).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(flagged, ["P0 11"], "no hours from elsewhere among the peers, and nobody elsewhere is compared");
        let caps = "SELECT COUNT(DISTINCT staff_id) FROM overtime_outlier WHERE kind = 'MONTH_CAP' AND category = 'BREACH'";
        assert_eq!(desk.office.count(caps).await, 12, "a cap binds whoever works");
    }
}

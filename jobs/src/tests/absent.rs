//! Who counts as on leave all month.

use super::office::{Office, day, offices};
use chrono::{Datelike, NaiveDate};
use entity::{leave_entry::LeaveKind, posting, posting::RankBand, staff::Sex};

/// Monday to Friday of May 2018, from a day on.
fn weekdays(from: u32) -> Vec<NaiveDate> {
    let days = (from..=31).map(|number| NaiveDate::from_ymd_opt(2018, 5, number).unwrap());
    days.filter(|date| date.weekday().number_from_monday() <= 5).collect()
}

async fn away(office: &Office, posting: &posting::Model, dates: &[NaiveDate]) {
    for date in dates {
        let mut row = office.leave_row(posting, *date, 465);
        row.kind = if date.day() % 2 == 0 { LeaveKind::Annual } else { LeaveKind::Other };
        office.put(vec![row]).await;
    }
}

async fn holidays(office: &Office, dates: &[NaiveDate]) {
    for &date in dates {
        office.holiday(date).await;
    }
}

#[tokio::test]
async fn leave_on_every_workday_in_post_and_no_work() {
    for office in offices().await {
        let bureau = office.bureau("A").await;
        let unit = office.unit(bureau, "A1").await;
        let holiday = [day("2018-05-03"), day("2018-05-04")];
        holidays(&office, &holiday).await;
        let workdays: Vec<_> = weekdays(1).into_iter().filter(|date| !holiday.contains(date)).collect();
        let mut posts = Vec::new();
        for (number, from, to) in [
            ("all", "2018-01-01", None),
            ("but-one", "2018-01-01", None),
            ("worked", "2018-01-01", None),
            ("void", "2018-01-01", None),
            ("late", "2018-05-28", None),
            ("weekend", "2018-05-05", Some("2018-05-07")),
        ] {
            let staff = office.staff(number, Sex::Female).await;
            posts.push(office.posting(&staff, &unit, RankBand::Staff, from, to).await);
        }
        away(&office, &posts[0], &workdays).await;
        away(&office, &posts[1], &workdays[1..]).await;
        away(&office, &posts[2], &workdays).await;
        // Work on a holiday is work.
        office.put(vec![office.shift_row(&posts[2], holiday[0], 0)]).await;
        away(&office, &posts[3], &workdays[1..]).await;
        let mut void = office.leave_row(&posts[3], workdays[0], 465);
        void.void_reason = Some("entered twice".into());
        office.put(vec![void]).await;
        away(&office, &posts[4], &weekdays(28)).await;
        away(&office, &posts[5], &[day("2018-05-05")]).await;
        office.run(Some("2018-05")).await;
        let absent =
            "SELECT s.staff_number FROM person_month m JOIN staff s ON s.id = m.staff_id WHERE m.on_leave_all_month = 1 ORDER BY 1";
        let absent: Vec<String> = office.rows(absent, vec![]).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(absent, ["all", "late"]);
        assert_eq!(office.count("SELECT COUNT(*) FROM person_month").await, 6);
    }
}

#[tokio::test]
async fn a_day_is_filled_by_its_minutes_and_telework_is_work() {
    for office in offices().await {
        let bureau = office.bureau("A").await;
        let unit = office.unit(bureau, "A1").await;
        let days = weekdays(1);
        let mut posts = Vec::new();
        for number in ["two-hours", "one-short", "two-kinds", "teleworks"] {
            let staff = office.staff(number, Sex::Male).await;
            posts.push(office.posting(&staff, &unit, RankBand::Staff, "2018-01-01", None).await);
        }
        for date in &days {
            let leave = |post: usize, minutes| office.leave_row(&posts[post], *date, minutes);
            let mut other = leave(2, 265);
            other.kind = LeaveKind::SpouseBirth;
            let mut worked = office.telework_row(&posts[3], *date);
            worked.minutes = 450;
            office.put(vec![leave(0, 120), leave(1, if *date == days[3] { 464 } else { 465 }), leave(2, 200), other, leave(3, 15)]).await;
            office.put(vec![worked]).await;
        }
        office.run(Some("2018-05")).await;
        let absent = "SELECT s.staff_number FROM person_month m JOIN staff s ON s.id = m.staff_id WHERE m.on_leave_all_month = 1";
        let absent: Vec<String> = office.rows(absent, vec![]).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(absent, ["two-kinds"]);
    }
}

//! Classification as in the law: hires by exam and in mid-career, leaving on time, people above any cap and by exceptional work.

use super::office::{Office, day, evening, month, offices};
use crate::runner::Runner;
use entity::{
    hire::{Exam, HireRoute},
    posting::{self, RankBand},
    staff::Sex,
    work_regime::Regime,
};
use std::sync::atomic::Ordering;

/// Somebody in post since January.
async fn person(office: &Office, number: &str, sex: Sex, unit: &entity::unit::Model, band: RankBand) -> posting::Model {
    let staff = office.staff(number, sex).await;
    office.posting(&staff, unit, band, "2018-01-01", None).await
}

#[tokio::test]
async fn the_exam_for_experienced_people_is_mid_career() {
    for office in offices().await {
        let bureau = office.bureau("A").await;
        let unit = office.unit(bureau, "A1").await;
        let hires = [
            ("1", Sex::Female, RankBand::Staff, HireRoute::Exam, Some(Exam::General)),
            ("2", Sex::Male, RankBand::Staff, HireRoute::Exam, Some(Exam::Comprehensive)),
            ("3", Sex::Male, RankBand::Staff, HireRoute::Exam, Some(Exam::Specialist)),
            ("4", Sex::Female, RankBand::Chief, HireRoute::Exam, Some(Exam::Experienced)),
            ("5", Sex::Male, RankBand::AssistantDirector, HireRoute::MidCareer, None),
            ("6", Sex::Female, RankBand::Staff, HireRoute::Other, None),
        ];
        for (number, sex, band, route, exam) in hires {
            let posting = person(&office, number, sex, &unit, band).await;
            let mut hire = office.hire_row(&posting, day("2018-04-01"), route);
            hire.exam = exam;
            office.put(vec![hire]).await;
        }
        office.run(Some("2018-04")).await;
        office.run(Some("2018-05")).await;
        for (key, value) in [
            ("WOMEN_HIRES_EXAM MONTH 2018-04 TOTAL TOTAL TOTAL", Some((1, 3, 1, 3))),
            ("WOMEN_HIRES_MID_CAREER MONTH 2018-04 TOTAL TOTAL TOTAL", Some((1, 2, 1, 2))),
            ("WOMEN_HIRES_MID_CAREER MONTH 2018-04 TOTAL TOTAL CHIEF", Some((1, 1, 1, 1))),
            ("WOMEN_HIRES_MID_CAREER MONTH 2018-04 A TOTAL ASSISTANT_DIRECTOR", Some((0, 1, 0, 1))),
            ("WOMEN_HIRES_MID_CAREER MONTH 2018-04 TOTAL TOTAL STAFF", None),
            ("WOMEN_HIRES_EXAM MONTH 2018-04 TOTAL TOTAL STAFF", None),
            ("WOMEN_HIRES_MID_CAREER FISCAL_YEAR_TO_DATE 2018-05 A TOTAL CHIEF", Some((1, 1, 1, 1))),
        ] {
            assert_eq!(office.value(key).await, value, "{key}");
        }
    }
}

#[tokio::test]
async fn leave_to_the_end_of_the_day_counts_neither_way_and_there_are_minutes_of_grace() {
    for office in offices().await {
        let bureau = office.bureau("A").await;
        let unit = office.unit(bureau, "A1").await;
        // Wednesday 11 April, and Sunday 15 April, which moves to Monday.
        office.on_time_day(None, "2018-04-11").await;
        office.on_time_day(None, "2018-04-15").await;
        let wednesday = day("2018-04-11");
        // Minutes after the scheduled end, minutes of leave, band.
        let cases = [
            ("1", 15, None, RankBand::Staff),
            ("2", 16, None, RankBand::Staff),
            ("3", -120, Some(120), RankBand::Chief),
            ("4", -125, Some(120), RankBand::Chief),
            ("5", -120, Some(60), RankBand::Chief),
            ("6", 0, Some(120), RankBand::Director),
        ];
        for (number, minutes, leave, band) in cases {
            let posting = person(&office, number, Sex::Female, &unit, band).await;
            let mut shift = office.shift_row(&posting, wednesday, minutes.max(0));
            (shift.presence_end, shift.occupied_end) = (Some(evening(wednesday, minutes.into())), evening(wednesday, minutes.into()));
            office.put(vec![shift, office.shift_row(&posting, day("2018-04-16"), 60)]).await;
            if let Some(leave) = leave {
                office.put(vec![office.leave_row(&posting, wednesday, leave)]).await;
            }
        }
        office.run(Some("2018-04")).await;
        let value = async |band: &str| office.value(&format!("ON_TIME_DEPARTURE MONTH 2018-04 TOTAL TOTAL {band}")).await;
        // 3 and 4 left on leave; 5's leave was taken at another time of the day, and 5 left early all the same.
        assert_eq!(value("TOTAL").await, Some((3, 4, 3, 4)));
        assert_eq!([value("STAFF").await, value("CHIEF").await], [Some((1, 2, 1, 2)), Some((1, 1, 1, 1))]);
        office.execute("UPDATE overtime_rule SET on_time_grace_minutes = 16, on_time_day_off = 'NEXT_WORKDAY'", vec![]).await;
        office.run(Some("2018-04")).await;
        assert_eq!(value("TOTAL").await, Some((4, 10, 4, 6)), "all six stayed for an hour on the Monday");
        office.execute("UPDATE overtime_rule SET on_time_grace_minutes = 0, on_time_day_off = 'LAPSES'", vec![]).await;
        office.run(Some("2018-04")).await;
        assert_eq!(value("TOTAL").await, Some((3, 5, 3, 5)), "without grace 4 left five minutes before the leave began");
    }
}

#[tokio::test]
async fn any_of_the_caps_is_counted_beside_each_and_exceptional_work_by_its_kind() {
    for office in offices().await {
        office.now.store(1_586_476_800, Ordering::SeqCst); // 2020-04-10T00:00Z
        let bureau = office.bureau("A").await;
        let unit = office.unit(bureau, "A1").await;
        office.regime(&unit, Regime::ExternallyDriven, "2018-01-01", None).await;
        // Exactly 100 hours, a minute less, and more for a large disaster; the first leaves within the year, and a director is subject to none.
        let staff = office.staff("1", Sex::Female).await;
        let first = office.posting(&staff, &unit, RankBand::Staff, "2018-01-01", Some("2019-07-01")).await;
        let second = person(&office, "2", Sex::Male, &unit, RankBand::Staff).await;
        let third = person(&office, "3", Sex::Male, &unit, RankBand::Chief).await;
        let director = office.staff("4", Sex::Male).await;
        let mut director = office.posting_row(&director, &unit, RankBand::Director, "2018-01-01", None);
        director.subject_to_overtime = false;
        office.put(vec![director]).await;
        for (posting, minutes) in [(&first, 6_000), (&second, 5_999), (&third, 6_600)] {
            office.shift(posting, "2019-05-07", minutes).await;
        }
        office.put(vec![office.exceptional_row(&third, day("2019-05-01"), month("2019-05"))]).await;
        // Of April there is no record; the office is there all the same, and its year is whole.
        office.execute("UPDATE counting_rule SET first_month = 201904", vec![]).await;
        for place in 0..12 {
            office.run(Some(&month("2019-04").add_months(place).to_string())).await;
        }
        Runner::new(office.ledger.clone()).run_queued().await.unwrap();
        for (key, value) in [
            ("ABOVE_DRIVEN_MONTH_CAP MONTH 2019-05 TOTAL TOTAL TOTAL", (2, 3, 2, 3)),
            ("ABOVE_ANY_DRIVEN_CAP MONTH 2019-05 TOTAL TOTAL TOTAL", (2, 3, 2, 3)),
            ("ABOVE_ANY_DRIVEN_CAP MONTH 2019-05 TOTAL TOTAL CHIEF", (1, 1, 1, 1)),
            ("ABOVE_ANY_DRIVEN_CAP FISCAL_YEAR_TO_DATE 2020-03 A TOTAL TOTAL", (2, 3, 2, 3)),
            ("ABOVE_ANY_SELF_PACED_CAP MONTH 2019-05 TOTAL TOTAL TOTAL", (0, 0, 0, 0)),
            // At the end the second, the third and the director are there.
            ("ABOVE_ANY_DRIVEN_CAP_OF_YEAR_END FISCAL_YEAR_TO_DATE 2020-03 TOTAL TOTAL TOTAL", (2, 3, 2, 3)),
            ("ABOVE_CAP_EXCEPTIONAL MONTH 2019-05 TOTAL TOTAL TOTAL", (1, 3, 1, 3)),
            ("ABOVE_CAP_FOR_DISASTER MONTH 2019-05 TOTAL TOTAL TOTAL", (1, 3, 1, 3)),
            ("ABOVE_CAP_FOR_LEGISLATION MONTH 2019-05 TOTAL TOTAL TOTAL", (0, 3, 0, 3)),
            ("ABOVE_CAP_FOR_DISASTER MONTH 2019-06 TOTAL TOTAL TOTAL", (0, 3, 0, 3)),
        ] {
            assert_eq!(office.value(key).await, Some(value), "{key}");
        }
        assert_eq!(office.value("ABOVE_ANY_DRIVEN_CAP_OF_YEAR_END MONTH 2019-05 TOTAL TOTAL TOTAL").await, None);
        assert_eq!(office.value("ABOVE_ANY_DRIVEN_CAP_OF_YEAR_END FISCAL_YEAR_TO_DATE 2019-05 TOTAL TOTAL TOTAL").await, None);
        assert_eq!(
            office.value("ABOVE_ANY_DRIVEN_CAP_OF_YEAR_END FISCAL_YEAR_TO_DATE 2020-03 TOTAL FEMALE STAFF").await,
            Some((1, 0, 1, 0)),
            "who was above has left"
        );
    }
}

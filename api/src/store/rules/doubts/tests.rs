#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::{
    store::{conflicts::fixture::meta, scope::Extent},
    words::Date,
};
use entity::ids::{PostingId, StartStageId};
use proptest::prelude::*;
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn person(n: u128) -> StaffId {
    StaffId(Uuid::from_u128(n))
}

fn bureau(n: u128) -> BureauId {
    BureauId(Uuid::from_u128(n))
}

fn all() -> RowScope {
    RowScope { bureaus: Extent::All, ..RowScope::default() }
}

fn codes(found: impl IntoIterator<Item = Doubt>) -> Vec<(RecordWarningCode, &'static str)> {
    found.into_iter().map(|doubt| (doubt.code, doubt.field)).collect()
}

#[test]
fn an_end_on_a_months_last_day_is_told_unless_it_is_said_as_the_last_day() {
    let span = |to: Option<&str>, last: Option<&str>| End::of_span(to.map(|text| Date(day(text))), last.map(|text| Date(day(text))));
    let told = |end: End| codes(ends(vec![end]));
    for last in ["2019-03-31", "2019-06-30", "2020-02-29", "2019-02-28"] {
        assert_eq!(told(span(Some(last), None)), [(RecordWarningCode::EndsOnLastDayOfMonth, "validTo")], "{last}");
        assert_eq!(told(span(None, Some(last))), [], "{last}");
    }
    assert_eq!(told(span(Some("2019-04-01"), None)), []);
    assert_eq!(told(span(Some("2020-02-28"), None)), []);
    assert_eq!(span(None, Some("2019-03-31")).day(), Some(day("2019-04-01")));
    assert_eq!(span(Some("2019-04-01"), None).day(), Some(day("2019-04-01")));
    assert_eq!(span(None, None).day(), None);
    assert!(span(Some("2019-04-01"), None).check().is_ok() && span(None, Some("2019-03-31")).check().is_ok());
    let both = span(Some("2019-04-01"), Some("2019-03-31")).check().unwrap_err();
    assert_eq!(both.field.as_deref(), Some("lastDay"));
}

fn post(unit: u128, kind: PostingKind, from: &str, to: Option<&str>) -> posting::Model {
    let meta = meta();
    posting::Model {
        id: PostingId::new(),
        client: "a".into(),
        external_id: from.into(),
        staff_id: person(1),
        bureau_id: bureau(unit),
        unit_id: UnitId(Uuid::from_u128(unit)),
        kind,
        resident: true,
        band: RankBand::Designated,
        job_area: None,
        subject_to_overtime: true,
        valid_from: day(from),
        valid_to: to.map(day),
        released_on: None,
        released_to: None,
        source_version: None,
        void_reason: None,
        revision: 1,
        receipt_id: meta.receipt_id,
        created_at: meta.created_at,
        updated_at: meta.updated_at,
    }
}

#[test]
fn one_open_day_between_posts_is_told_and_no_other() {
    let main = |unit, from, to| post(unit, PostingKind::Primary, from, to);
    let beside = |unit, from, to| post(unit, PostingKind::Concurrent, from, to);
    let found = |posts: &[posting::Model], seen: &RowScope| gaps(&posts.iter().collect::<Vec<_>>(), seen);
    let open = [main(1, "2019-04-01", None), main(2, "2018-04-01", Some("2019-03-31"))];
    assert_eq!(found(&open, &all()), [(1, 0)]);
    for (end, from) in [("2019-04-01", "2019-04-01"), ("2019-03-30", "2019-04-01")] {
        assert_eq!(found(&[main(1, "2018-04-01", Some(end)), main(2, from, None)], &all()), [], "{end} {from}");
    }
    let one = RowScope { bureaus: Extent::Some([bureau(1)].into()), ..RowScope::default() };
    assert_eq!(found(&open, &one), [], "the other post is none that the caller sees");
    let units = [beside(1, "2018-04-01", Some("2019-03-31")), beside(2, "2019-04-01", None), main(3, "2019-04-01", None)];
    assert_eq!(found(&units, &all()), [], "a post beside follows one in its own unit");
    let longer = [beside(1, "2018-04-01", Some("2019-09-01")), beside(1, "2018-06-01", Some("2019-03-31")), beside(1, "2019-04-01", None)];
    assert_eq!(found(&longer, &all()), [], "another one reaches over the day");
}

#[test]
fn single_rows_say_what_cannot_be() {
    let designated_post = post(1, PostingKind::Primary, "2019-04-01", None);
    assert_eq!(codes(designated(&designated_post)), [(RecordWarningCode::DesignatedSubjectToOvertime, "subjectToOvertime")]);
    assert_eq!(codes(designated(&posting::Model { subject_to_overtime: false, ..designated_post.clone() })), []);
    assert_eq!(codes(designated(&posting::Model { band: RankBand::Director, ..designated_post })), []);
    assert_eq!(codes(hire(day("2019-04-02"), day("2019-04-01"))), [(RecordWarningCode::HireNotOnFirstDay, "date")]);
    assert_eq!(codes(hire(day("2019-04-01"), day("2019-04-01"))), []);
    assert_eq!(codes(appointment(Some(RankBand::Director), RankBand::Chief)), [(RecordWarningCode::AppointmentToLowerBand, "toBand")]);
    assert_eq!(codes(appointment(Some(RankBand::Chief), RankBand::Director)), []);
    assert_eq!(codes(appointment(None, RankBand::Staff)), []);
    assert_eq!(codes(request("S1", Some("S1"))), [(RecordWarningCode::OvertimeDecidedByOneself, "approver")]);
    assert_eq!(codes([request("S1", Some("S2")), request("S1", None)].into_iter().flatten()), []);
}

#[test]
fn kinds_of_day_are_those_of_the_calendar() {
    // Friday 20 March 2020 is a holiday; 4 April is a Saturday.
    let off = DaysOff::of([day("2020-03-20")]);
    let kind = |kind, date: &str| codes(day_kind(kind, day(date), &off));
    for date in ["2020-03-20", "2020-04-04", "2020-04-05"] {
        assert_eq!(kind(DayKind::Workday, date), [(RecordWarningCode::WorkdayOnDayOff, "dayKind")], "{date}");
        assert_eq!(codes(leave_on(day(date), &off)), [(RecordWarningCode::LeaveOnDayOff, "date")]);
        assert_eq!(codes(telework_on(day(date), &off)), [(RecordWarningCode::TeleworkOnDayOff, "date")]);
        assert_eq!(kind(DayKind::WeeklyDayOff, date), []);
    }
    assert_eq!(kind(DayKind::Workday, "2020-03-19"), []);
    assert_eq!(kind(DayKind::Swapped, "2020-03-19"), [], "a day off in exchange may be any");
    assert_eq!(kind(DayKind::Holiday, "2020-03-19"), [(RecordWarningCode::HolidayOnNoHoliday, "dayKind")]);
    assert_eq!(kind(DayKind::Holiday, "2020-03-20"), []);
    assert_eq!(kind(DayKind::Holiday, "2019-03-19"), [], "no holiday of 2019 was recorded");
    assert_eq!(codes([leave_on(day("2020-03-19"), &off), telework_on(day("2020-03-19"), &off)].into_iter().flatten()), []);
}

fn staggered(minute: i64) -> shift::Model {
    use entity::record::Shaped;
    let midnight = entity::period::instant(day("2019-04-10").and_time(chrono::NaiveTime::MIN));
    let at = |minute| Some(midnight + chrono::TimeDelta::minutes(minute));
    let own = shift::Own {
        day_kind: DayKind::Workday,
        pattern: Pattern::Staggered,
        scheduled_start: at(minute),
        scheduled_end: at(minute + 525),
        presence_start: None,
        presence_end: None,
        breaks: shift::Intervals::default(),
        ordered: None,
        occupied_start: midnight,
        occupied_end: midnight,
        worked_minutes: 0,
        ordinary_minutes: 0,
        overtime_minutes: 0,
        basis: entity::work_time::Basis::Presence,
        presence_overtime_minutes: 0,
        ordered_overtime_minutes: None,
        late_night_minutes: 0,
        day_off_minutes: 0,
    };
    let head = entity::record::DatedHead { date: day("2019-04-10"), ..crate::store::conflicts::fixture::head(1, 9) };
    shift::Model::of(head, own, meta())
}

#[test]
fn a_staggered_start_is_one_of_those_in_force() {
    let own = staggered(480).bureau_id;
    let offered = |bureau_id, start_minute, to: Option<&str>| {
        let meta = meta();
        start_stage::Model {
            id: StartStageId::new(),
            client: "a".into(),
            external_id: "1".into(),
            bureau_id,
            start_minute,
            valid_from: day("2019-04-01"),
            valid_to: to.map(day),
            source_version: None,
            void_reason: None,
            revision: 1,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        }
    };
    let told = |minute, stages: &[start_stage::Model]| !codes(stage(&staggered(minute), stages)).is_empty();
    let office = offered(None, 510, None);
    assert!(!told(510, std::slice::from_ref(&office)) && told(480, std::slice::from_ref(&office)));
    assert!(!told(480, &[]), "where nothing is offered, nothing is outside of it");
    assert!(!told(480, &[office.clone(), offered(Some(own), 480, None)]), "the bureau's own count too");
    assert!(told(480, &[office.clone(), offered(Some(bureau(77)), 480, None)]), "another bureau's do not");
    assert!(told(480, &[office.clone(), offered(None, 480, Some("2019-04-10"))]) && !told(480, &[offered(None, 540, Some("2019-04-10"))]));
    let standard = shift::Model { pattern: Pattern::Standard, ..staggered(480) };
    assert!(stage(&standard, &[office]).is_none());
}

#[test]
fn leave_and_work_fit_into_the_schedule() {
    let (one, other) = ((person(1), bureau(1), day("2019-04-10")), (person(1), bureau(2), day("2019-04-10")));
    let told = |leave: &[i32], ordinary: i32, length: i64| {
        let leave = leave.iter().map(|minutes| (one, *minutes));
        !crowded(leave, [(one, ordinary, length)].into_iter()).is_empty()
    };
    assert!(told(&[465], 465, 525), "a whole day of each");
    assert!(told(&[240, 225], 465, 525), "in parts");
    assert!(told(&[465], 61, 525) && !told(&[465], 60, 525));
    assert!(!told(&[60], 465, 525) && !told(&[], 525, 525) && !told(&[60], 540, 600));
    assert!(crowded([(other, 465)].into_iter(), [(one, 465, 525)].into_iter()).is_empty(), "another bureau's leave is none of this day's");
    assert_eq!(work(one, 0, (None, None)), None);
}

fn taken(kind: LeaveKind, entries: &[(usize, &'static str, i32)]) -> Vec<Taken<'static>> {
    let entry =
        |&(at, date, minutes): &(usize, &'static str, i32)| Taken { at, staff_id: person(1), kind, date: day(date), key: date, minutes };
    entries.iter().map(entry).collect()
}

fn sum(kind: LeaveKind, first: &str, minutes: i64) -> LeaveOfYear {
    LeaveOfYear { staff_id: person(1), bureau_id: bureau(1), unit_id: UnitId(Uuid::from_u128(1)), kind, first: day(first), minutes }
}

#[test]
fn what_no_longer_fits_into_the_laws_days_is_told() {
    let whole = |kind: LeaveKind, days: i64, entries: &[(usize, &'static str, i32)]| {
        let found = beyond_the_law(taken(kind, entries).into_iter(), &[sum(kind, "2019-01-01", days * 465)]);
        found.into_iter().map(|(at, _)| at).collect::<Vec<_>>()
    };
    let two = [(0, "2019-04-11", 465), (1, "2019-04-10", 465)];
    for (kind, most) in [(LeaveKind::Annual, 40), (LeaveKind::SpouseBirth, 2), (LeaveKind::ChildcareParticipation, 5)] {
        assert_eq!(whole(kind, most, &two), [0; 0], "{kind:?}");
        assert_eq!(whole(kind, most + 1, &two), [0], "the latest does not fit: {kind:?}");
        assert_eq!(whole(kind, most + 2, &two), [0, 1], "{kind:?}");
    }
    assert_eq!(whole(LeaveKind::Other, 300, &two), [0; 0]);
    let parts = [sum(LeaveKind::SpouseBirth, "2019-01-01", 465), sum(LeaveKind::SpouseBirth, "2019-01-01", 466)];
    assert_eq!(beyond_the_law(taken(LeaveKind::SpouseBirth, &two).into_iter(), &parts).len(), 1, "sums of two units add up");
    let years = [sum(LeaveKind::SpouseBirth, "2018-01-01", 9_999), sum(LeaveKind::Annual, "2019-01-01", 99_999)];
    assert!(beyond_the_law(taken(LeaveKind::SpouseBirth, &two).into_iter(), &years).is_empty(), "of another year, of another kind");
}

#[test]
fn windows_cover_what_they_are_for() {
    let days =
        || [(person(1), day("2019-12-31")), (person(1), day("2020-01-01")), (person(2), day("2020-05-05")), (person(2), day("2020-05-05"))];
    let spelt = |windows: Vec<Window>| -> Vec<String> {
        windows.iter().map(|window| format!("{} {} {}", window.staff_id.0.as_u128(), window.first, window.last)).collect()
    };
    assert_eq!(spelt(spans(days().into_iter())), ["1 2019-12-31 2020-01-01", "2 2020-05-05 2020-05-05"]);
    assert_eq!(spelt(single_days(days().into_iter())), ["1 2019-12-31 2019-12-31", "1 2020-01-01 2020-01-01", "2 2020-05-05 2020-05-05"]);
    let years = ["1 2019-01-01 2019-12-31", "1 2020-01-01 2020-12-31", "2 2020-01-01 2020-12-31"];
    assert_eq!(spelt(calendar_years(days().into_iter())), years);
}

proptest! {
    #[test]
    fn the_order_of_leave_does_not_matter(
        (rows, others) in crate::store::conflicts::fixture::shuffled(prop::collection::vec((0..6usize, 1..=465i32), 0..8)
            .prop_map(|rows| rows.into_iter().enumerate().collect::<Vec<_>>())),
    ) {
        const DATES: [&str; 6] = ["2019-04-08", "2019-04-09", "2019-04-10", "2019-04-11", "2019-04-12", "2019-04-15"];
        let keys: Vec<String> = (0..8).map(|n| n.to_string()).collect();
        let told = |rows: &[(usize, (usize, i32))]| {
            let entries = rows.iter().map(|(at, (date, minutes))| Taken {
                at: *at, staff_id: person(1), kind: LeaveKind::SpouseBirth, date: day(DATES[*date]), key: &keys[*at], minutes: *minutes,
            });
            let minutes: i64 = rows.iter().map(|(_, (_, minutes))| i64::from(*minutes)).sum();
            let found = beyond_the_law(entries, &[sum(LeaveKind::SpouseBirth, "2019-01-01", minutes)]);
            found.into_iter().map(|(at, _)| at).collect::<BTreeSet<_>>()
        };
        prop_assert_eq!(told(&rows), told(&others));
    }
}

#![allow(clippy::unwrap_used, clippy::expect_used)]

use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;
use sea_orm::{ActiveEnum, Iterable};

use super::*;

/// The instant so many minutes after midnight of Monday 2018-04-02 in Tokyo.
fn at(minutes: i64) -> DateTime<Utc> {
    JST.with_ymd_and_hms(2018, 4, 2, 0, 0, 0).unwrap().to_utc() + Duration::minutes(minutes)
}

fn interval(start: i64, end: i64) -> Interval {
    Interval::new(at(start), at(end)).unwrap()
}

/// From one clock time to another, `"09:30-18:15"`; an hour of 24 or more lies on the next day.
fn clock(text: &str) -> Interval {
    let minutes = |time: &str| {
        let (hours, minutes) = time.split_once(':').unwrap();
        hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()
    };
    let (start, end) = text.split_once('-').unwrap();
    interval(minutes(start), minutes(end))
}

fn shift(day_kind: DayKind, scheduled: Option<&str>, presence: Option<&str>) -> ShiftTimes<'static> {
    ShiftTimes { day_kind, scheduled: scheduled.map(clock), presence: presence.map(clock), breaks: &[], ordered: None }
}

fn workday(presence: &str) -> ShiftTimes<'static> {
    shift(DayKind::Workday, Some("09:30-18:15"), Some(presence))
}

fn error(times: &ShiftTimes<'_>) -> (String, &'static str) {
    let error = work_minutes(times).unwrap_err();
    (error.field.to_string(), error.problem.code())
}

#[test]
fn a_shifted_day_is_overtime_after_its_schedule() {
    let minutes = work_minutes(&workday("11:00-20:00")).unwrap();
    let expected = WorkMinutes {
        worked: 540,
        ordinary: 435,
        overtime: 105,
        basis: Basis::Presence,
        presence_overtime: 105,
        ordered_overtime: None,
        late_night: 0,
        day_off: 0,
    };
    assert_eq!(minutes, expected);
}

#[test]
fn a_standard_day_is_seven_hours_forty_five() {
    let breaks = [clock("12:00-13:00")];
    let minutes = work_minutes(&ShiftTimes { breaks: &breaks, ..workday("09:30-18:15") }).unwrap();
    assert_eq!((minutes.worked, minutes.ordinary, minutes.overtime), (465, 465, 0));
}

#[test]
fn a_night_holds_seven_hours_of_late_night_less_breaks() {
    let night = shift(DayKind::Workday, Some("20:00-30:00"), Some("20:00-30:00"));
    assert_eq!(work_minutes(&night).unwrap().late_night, 420);
    let breaks = [clock("21:45-22:15"), clock("26:00-26:45")];
    assert_eq!(work_minutes(&ShiftTimes { breaks: &breaks, ..night }).unwrap().late_night, 420 - 15 - 45);
    assert_eq!(civil_start_date(&night).unwrap().to_string(), "2018-04-02");
}

#[test]
fn late_night_ends_at_five_and_starts_at_twenty_two() {
    let late = |presence| work_minutes(&shift(DayKind::Workday, None, Some(presence))).unwrap().late_night;
    assert_eq!(late("05:00-22:00"), 0);
    assert_eq!(late("04:59-22:01"), 2);
    assert_eq!(late("00:00-36:00"), 5 * 60 + 7 * 60);
}

#[test]
fn the_kind_of_day_decides() {
    let counts = |day_kind, scheduled| {
        let minutes = work_minutes(&shift(day_kind, scheduled, Some("09:30-20:00"))).unwrap();
        (minutes.ordinary, minutes.overtime, minutes.day_off)
    };
    let hours = Some("09:30-18:15");
    assert_eq!(counts(DayKind::Workday, hours), (525, 105, 0));
    assert_eq!(counts(DayKind::Holiday, hours), (525, 105, 630));
    assert_eq!(counts(DayKind::WeeklyDayOff, hours), (0, 630, 630));
    assert_eq!(counts(DayKind::Swapped, hours), (0, 630, 630));
    assert_eq!(counts(DayKind::Workday, None), (0, 630, 0));
    assert_eq!(counts(DayKind::Holiday, None), (0, 630, 630));
}

#[test]
fn orders_count_before_presence() {
    let ordered = [clock("20:00-21:00"), clock("18:15-19:15")];
    let minutes = work_minutes(&ShiftTimes { ordered: Some(&ordered), ..workday("09:30-20:00") }).unwrap();
    assert_eq!((minutes.overtime, minutes.basis, minutes.presence_overtime, minutes.worked), (120, Basis::Ordered, 105, 630));

    let breaks = [clock("20:30-20:45")];
    let minutes = work_minutes(&ShiftTimes { ordered: Some(&ordered), breaks: &breaks, ..workday("09:30-20:00") }).unwrap();
    assert_eq!((minutes.overtime, minutes.worked), (105, 630), "a break may lie in ordered time outside presence");

    let minutes = work_minutes(&ShiftTimes { ordered: Some(&[]), ..workday("09:30-20:00") }).unwrap();
    assert_eq!((minutes.overtime, minutes.basis, minutes.ordered_overtime, minutes.presence_overtime), (0, Basis::Ordered, Some(0), 105));
}

#[test]
fn ordered_time_alone_is_the_time_worked() {
    let (ordered, breaks) = ([clock("18:15-23:15")], [clock("22:00-22:15")]);
    let times = ShiftTimes { ordered: Some(&ordered), breaks: &breaks, ..shift(DayKind::Workday, Some("09:30-18:15"), None) };
    let minutes = work_minutes(&times).unwrap();
    assert_eq!((minutes.worked, minutes.ordinary, minutes.overtime, minutes.late_night), (285, 0, 285, 60));
}

#[test]
fn a_schedule_alone_is_a_day_not_worked() {
    let minutes = work_minutes(&shift(DayKind::Workday, Some("09:30-18:15"), None)).unwrap();
    assert_eq!((minutes.worked, minutes.overtime, minutes.basis), (0, 0, Basis::Presence));
}

#[test]
fn breaks_count_once_and_inside_only() {
    let breaks = [clock("12:30-13:30"), clock("12:00-13:00"), clock("19:45-20:30")];
    let minutes = work_minutes(&ShiftTimes { breaks: &breaks, ..workday("12:15-20:00") }).unwrap();
    assert_eq!(minutes.worked, 465 - 75 - 15);
}

#[test]
fn a_union_holds_each_minute_once() {
    let count = |intervals: &[&str]| Minutes::of(intervals.iter().map(|text| clock(text))).count();
    assert_eq!(count(&["09:59-11:00", "09:00-10:00"]), 120);
    assert_eq!(count(&["09:00-12:00", "10:00-11:00", "11:30-12:30"]), 210);
    assert_eq!(count(&["09:00-10:00", "10:00-11:00"]), 120);
    assert_eq!(count(&[]), 0);
}

#[test]
fn an_interval_ends_after_it_starts_on_whole_minutes() {
    assert_eq!(Interval::new(at(1), at(1)), Err(Problem::EndNotAfterStart));
    assert_eq!(Interval::new(at(2), at(1)), Err(Problem::EndNotAfterStart));
    assert_eq!(Interval::new(at(1), at(2) + Duration::seconds(1)), Err(Problem::NotWholeMinute));
    assert_eq!(Interval::new(at(1) + Duration::microseconds(1), at(2)), Err(Problem::NotWholeMinute));
    assert_eq!(Interval::new(at(1), DateTime::<Utc>::MAX_UTC), Err(Problem::OutOfRange));
    let before_the_epoch = Interval::new("1955-01-01T00:01:00Z".parse().unwrap(), "1955-01-01T00:03:00Z".parse().unwrap()).unwrap();
    assert_eq!(before_the_epoch.minutes(), 2);
}

#[test]
fn json_is_checked_too() {
    let text = r#"{"start":"2018-04-02T00:30:00Z","end":"2018-04-02T09:15:00Z"}"#;
    assert_eq!(serde_json::from_str::<Interval>(text).unwrap(), clock("09:30-18:15"));
    assert_eq!(serde_json::to_string(&clock("09:30-18:15")).unwrap(), text);
    let backwards = r#"{"start":"2018-04-02T09:15:00Z","end":"2018-04-02T00:30:00Z"}"#;
    assert!(serde_json::from_str::<Interval>(backwards).is_err());
}

#[test]
fn an_impossible_shift_is_refused_where_it_is_wrong() {
    let field = |name: &str, code| (name.to_owned(), code);
    assert_eq!(work_minutes(&shift(DayKind::Workday, None, Some("00:00-36:00"))).unwrap().worked, 36 * 60);
    assert_eq!(error(&shift(DayKind::Workday, None, Some("00:00-36:01"))), field("presence", "TOO_LONG"));
    assert_eq!(error(&shift(DayKind::Workday, Some("00:00-24:01"), None)), field("scheduled", "TOO_LONG"));
    assert_eq!(error(&shift(DayKind::Workday, Some("58:00-60:01"), Some("00:00-01:00"))), field("shift", "TOO_LONG"));
    assert_eq!(error(&shift(DayKind::Workday, None, None)), field("shift", "EMPTY"));
    assert_eq!(error(&ShiftTimes { ordered: Some(&[]), ..shift(DayKind::Workday, None, None) }), field("shift", "EMPTY"));

    let long = [clock("18:00-19:00"), clock("19:00-55:01")];
    assert_eq!(error(&ShiftTimes { ordered: Some(&long), ..workday("09:30-20:00") }), field("ordered[1]", "TOO_LONG"));
    let twice = [clock("18:00-19:00"), clock("20:00-21:00"), clock("18:59-20:00")];
    assert_eq!(error(&ShiftTimes { ordered: Some(&twice), ..workday("09:30-20:00") }), field("ordered[2]", "OVERLAPS_ORDERED"));
    let outside = [clock("12:00-13:00"), clock("20:00-20:15")];
    assert_eq!(error(&ShiftTimes { breaks: &outside, ..workday("09:30-20:00") }), field("breaks[1]", "BREAK_OUTSIDE_PRESENCE"));
    let long = [clock("12:00-48:01")];
    assert_eq!(error(&ShiftTimes { breaks: &long, ..workday("09:30-20:00") }), field("breaks[0]", "TOO_LONG"));
}

#[test]
fn a_shift_belongs_to_the_civil_date_of_its_start() {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let early = workday("08:59-18:15");
    assert_eq!(check_date(&early, date("2018-04-02")), Ok(()), "still 1 April in UTC");
    let wrong = check_date(&early, date("2018-04-01")).unwrap_err();
    assert_eq!(wrong, Problem::WrongDate { starts_on: date("2018-04-02") }.at(Field::Date));

    let ordered = [clock("25:00-26:00"), clock("24:00-25:00")];
    let orders_only = ShiftTimes { ordered: Some(&ordered), ..shift(DayKind::Workday, None, None) };
    assert_eq!(civil_start_date(&orders_only), Some(date("2018-04-03")));
    let with_schedule = ShiftTimes { scheduled: Some(clock("15:00-24:00")), ..orders_only };
    assert_eq!(civil_start_date(&with_schedule), Some(date("2018-04-02")));
    let empty = shift(DayKind::Workday, None, None);
    assert_eq!(check_date(&empty, date("2018-04-02")), Err(Problem::Empty.at(Field::Shift)));
}

#[test]
fn a_staggered_schedule_keeps_its_hours() {
    let check = |scheduled: Option<&str>| check_pattern(Pattern::Staggered, scheduled.map(clock)).map_err(|error| error.problem);
    assert_eq!(check(Some("07:00-15:45")), Ok(()));
    assert_eq!(check(Some("13:15-22:00")), Ok(()));
    assert_eq!(check(Some("06:59-15:44")), Err(Problem::OutsideStaggeredHours));
    assert_eq!(check(Some("13:16-22:01")), Err(Problem::OutsideStaggeredHours));
    assert_eq!(check(Some("20:00-28:45")), Err(Problem::OutsideStaggeredHours));
    assert_eq!(check(None), Err(Problem::ScheduleMissing));
    assert_eq!(check_pattern(Pattern::Standard, None), Ok(()));
    assert_eq!(check_pattern(Pattern::Flextime, Some(clock("06:00-14:00"))), Ok(()));
}

#[test]
fn occupied_time_is_half_open() {
    let ordered = [clock("20:00-21:00"), clock("18:15-19:00")];
    assert_eq!(occupied(&ShiftTimes { ordered: Some(&ordered), ..workday("11:00-19:00") }), Some(clock("11:00-21:00")));
    assert_eq!(occupied(&workday("11:00-19:00")), Some(clock("11:00-19:00")), "a schedule not kept occupies nothing");
    assert_eq!(occupied(&shift(DayKind::Workday, Some("09:30-18:15"), None)), Some(clock("09:30-18:15")));
    assert_eq!(occupied(&shift(DayKind::Workday, None, None)), None);
    assert!(overlaps(clock("09:00-12:00"), clock("11:59-13:00")));
    assert!(!overlaps(clock("09:00-12:00"), clock("12:00-13:00")));
    assert!(overlaps(clock("09:00-12:00"), clock("10:00-11:00")));
}

#[test]
fn the_database_and_json_use_one_name() {
    fn names<E: ActiveEnum<Value = String> + Iterable + Serialize>() -> Vec<String> {
        E::iter()
            .map(|value| {
                let stored = value.to_value();
                assert_eq!(serde_json::to_string(&value).unwrap(), format!("\"{stored}\""));
                stored
            })
            .collect()
    }
    assert_eq!(names::<DayKind>(), ["WORKDAY", "WEEKLY_DAY_OFF", "HOLIDAY", "SWAPPED"]);
    assert_eq!(names::<Pattern>(), ["STANDARD", "STAGGERED", "FLEXTIME", "SHORT_TIME"]);
    assert_eq!(names::<Basis>(), ["ORDERED", "PRESENCE"]);
}

/// A shift that owns its lists.
#[derive(Clone, Debug)]
struct Shift {
    day_kind: DayKind,
    scheduled: Option<Interval>,
    presence: Option<Interval>,
    breaks: Vec<Interval>,
    ordered: Option<Vec<Interval>>,
}

impl Shift {
    fn times(&self) -> ShiftTimes<'_> {
        ShiftTimes {
            day_kind: self.day_kind,
            scheduled: self.scheduled,
            presence: self.presence,
            breaks: &self.breaks,
            ordered: self.ordered.as_deref(),
        }
    }

    fn minutes(&self) -> WorkMinutes {
        work_minutes(&self.times()).unwrap()
    }

    /// The sums, with ordered overtime last.
    fn sums(&self) -> [i32; 7] {
        let m = self.minutes();
        [m.worked, m.ordinary, m.overtime, m.presence_overtime, m.late_night, m.day_off, m.ordered_overtime.unwrap_or(0)]
    }

    /// The part that lies in `window`; its schedule stays whole, as a day's does.
    fn within(&self, window: Interval) -> Option<Self> {
        let cut = |i: Interval| Interval::new(i.start().max(window.start()), i.end().min(window.end())).ok();
        let presence = self.presence.and_then(cut);
        let ordered = self.ordered.as_ref().map(|ordered| ordered.iter().copied().filter_map(cut).collect::<Vec<_>>());
        let kept = |i: &Interval| presence.iter().chain(ordered.iter().flatten()).any(|other| overlaps(*i, *other));
        let breaks = self.breaks.iter().copied().filter(kept).collect();
        // Ordered time stands in for presence where there is none at all, not in a part that presence does not reach.
        let lost = self.presence.is_some() && presence.is_none();
        (!lost).then_some(Self { presence, breaks, ordered, ..*self })
    }

    /// The definition taken at its word, one minute at a time.
    fn by_the_minute(&self) -> [i32; 7] {
        let holds = |i: Interval, minute| i.start() <= minute && minute < i.end();
        let mut sums = [0; 7];
        for minute in (-60..72 * 60).map(at) {
            let hour = minute.with_timezone(&JST).hour();
            let ordered = self.ordered.iter().flatten().any(|i| holds(*i, minute));
            let present = self.presence.map_or(ordered, |i| holds(i, minute));
            let paused = self.breaks.iter().any(|i| holds(*i, minute));
            let regular = self.scheduled.is_some_and(|i| holds(i, minute)) && matches!(self.day_kind, DayKind::Workday | DayKind::Holiday);
            let (worked, ordered) = (present && !paused, ordered && !paused);
            let overtime = if self.ordered.is_some() { ordered } else { worked && !regular };
            let day_off = worked && self.day_kind != DayKind::Workday;
            let late = worked && !(5..22).contains(&hour);
            let found = [worked, worked && regular, overtime, worked && !regular, late, day_off, ordered];
            for (sum, counts) in sums.iter_mut().zip(found) {
                *sum += i32::from(counts);
            }
        }
        sums
    }
}

fn shifts() -> impl Strategy<Value = Shift> {
    let day_kind = proptest::sample::select(DayKind::iter().collect::<Vec<_>>());
    let scheduled = proptest::option::of((0..1440i64, 1..=1440i64));
    let presence = (0..1440i64, 2..=2160i64);
    let breaks = proptest::collection::vec((0..2160i64, -90..90i64, 1..180i64), 0..5);
    let ordered = proptest::option::of(proptest::collection::btree_set(0..3600i64, 0..8));
    (day_kind, scheduled, presence, breaks, ordered, any::<bool>()).prop_map(
        |(day_kind, scheduled, presence, breaks, ordered, recorded)| {
            let (start, length) = presence;
            let ordered: Option<Vec<_>> = ordered.map(|ends| {
                let ends: Vec<_> = ends.into_iter().collect();
                ends.chunks_exact(2).filter(|pair| pair[1] - pair[0] <= 2160).map(|pair| interval(pair[0], pair[1])).rev().collect()
            });
            let presence = (recorded || ordered.as_ref().is_none_or(Vec::is_empty)).then(|| interval(start, start + length));
            // Each break shares at least a minute with the time it interrupts.
            let interrupted: Vec<_> = presence.iter().chain(ordered.iter().flatten()).copied().collect();
            let breaks =
                breaks.into_iter().map(|(offset, shift, length)| interval(start + offset + shift, start + offset + shift + length));
            let breaks = breaks.filter(|pause| interrupted.iter().any(|i| overlaps(*i, *pause))).collect();
            Shift { day_kind, scheduled: scheduled.map(|(start, length)| interval(start, start + length)), presence, breaks, ordered }
        },
    )
}

proptest! {
    #[test]
    fn counting_agrees_with_the_definition(shift in shifts()) {
        prop_assert_eq!(shift.sums(), shift.by_the_minute());
    }

    #[test]
    fn worked_is_ordinary_and_overtime_and_parts_stay_within(shift in shifts()) {
        let minutes = shift.minutes();
        prop_assert_eq!(minutes.worked, minutes.ordinary + minutes.presence_overtime);
        if minutes.basis == Basis::Presence {
            prop_assert_eq!(minutes.overtime, minutes.presence_overtime);
        }
        for part in [minutes.ordinary, minutes.presence_overtime, minutes.late_night, minutes.day_off] {
            prop_assert!((0..=minutes.worked).contains(&part));
        }
    }

    #[test]
    fn splitting_a_shift_changes_no_sum(shift in shifts(), share in 0.0..1.0f64) {
        let whole = occupied(&shift.times()).unwrap();
        // Both parts keep some presence: where presence is known, it is cut.
        let cut = shift.presence.unwrap_or(whole);
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
        let minute = 1 + ((cut.minutes() - 2).max(0) as f64 * share) as i64;
        let middle = cut.start() + Duration::minutes(minute);
        prop_assume!(middle < whole.end());
        let parts = [(whole.start(), middle), (middle, whole.end())].map(|(start, end)| shift.within(Interval::new(start, end).unwrap()).unwrap());
        let mut sums = [0; 7];
        for part in parts.iter().filter(|part| occupied(&part.times()).is_some()) {
            for (sum, more) in sums.iter_mut().zip(part.sums()) {
                *sum += more;
            }
        }
        prop_assert_eq!(sums, shift.sums());
    }

    #[test]
    fn the_order_of_breaks_and_orders_is_irrelevant(shift in shifts()) {
        let mut reversed = shift.clone();
        reversed.breaks.reverse();
        reversed.ordered.iter_mut().for_each(|ordered| ordered.reverse());
        prop_assert_eq!(reversed.minutes(), shift.minutes());
    }
}

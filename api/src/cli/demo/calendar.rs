//! The demo's calendar: the days of fiscal year 2019, with holidays and on-time days.

use api::{
    store::{holiday::HolidayDraft, on_time_day::OnTimeDayDraft, record::Version},
    words::{Date, DayKind, OnTimeDayKind},
};
use chrono::{Datelike, NaiveDate, Weekday};
use entity::period::YearMonth;

/// The demo's first day.
pub(super) const FIRST: NaiveDate = day(2019, 4, 1);
/// The day after its last one.
pub(super) const END: NaiveDate = day(2020, 4, 1);

/// A literal date; one that does not exist stops the build.
pub(super) const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => panic!("there is no such day"),
    }
}

/// The year's public holidays as the official file names them, and the government's days off around New Year, which it lacks.
const HOLIDAYS: [(NaiveDate, &str); 29] = [
    (day(2019, 4, 29), "昭和の日"),
    (day(2019, 4, 30), "休日"),
    (day(2019, 5, 1), "休日（祝日扱い）"),
    (day(2019, 5, 2), "休日"),
    (day(2019, 5, 3), "憲法記念日"),
    (day(2019, 5, 4), "みどりの日"),
    (day(2019, 5, 5), "こどもの日"),
    (day(2019, 5, 6), "休日"),
    (day(2019, 7, 15), "海の日"),
    (day(2019, 8, 11), "山の日"),
    (day(2019, 8, 12), "休日"),
    (day(2019, 9, 16), "敬老の日"),
    (day(2019, 9, 23), "秋分の日"),
    (day(2019, 10, 14), "体育の日（スポーツの日）"),
    (day(2019, 10, 22), "休日（祝日扱い）"),
    (day(2019, 11, 3), "文化の日"),
    (day(2019, 11, 4), "休日"),
    (day(2019, 11, 23), "勤労感謝の日"),
    (day(2019, 12, 29), "年末年始の休日"),
    (day(2019, 12, 30), "年末年始の休日"),
    (day(2019, 12, 31), "年末年始の休日"),
    (day(2020, 1, 1), "元日"),
    (day(2020, 1, 2), "年末年始の休日"),
    (day(2020, 1, 3), "年末年始の休日"),
    (day(2020, 1, 13), "成人の日"),
    (day(2020, 2, 11), "建国記念の日"),
    (day(2020, 2, 23), "天皇誕生日"),
    (day(2020, 2, 24), "休日"),
    (day(2020, 3, 20), "春分の日"),
];

/// One day of the year.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day {
    /// The date.
    pub date: NaiveDate,
    /// What kind of day it is for everybody.
    pub kind: DayKind,
    /// Whether it is an on-time day of the whole office.
    pub on_time: bool,
    /// How many of a thousand take leave.
    pub leave: u32,
}

/// The months of the year.
pub(super) fn months() -> impl DoubleEndedIterator<Item = YearMonth> + Clone {
    YearMonth::range(YearMonth::of(FIRST), YearMonth::of(END).previous())
}

/// The days of a month.
pub(super) fn days(month: YearMonth) -> Vec<Day> {
    let dates = month.first_day().iter_days().take_while(|date| *date < month.next_first_day());
    dates.map(|date| Day { date, kind: kind(date), on_time: !on_time_kinds(date).is_empty(), leave: leave(date) }).collect()
}

fn kind(date: NaiveDate) -> DayKind {
    if matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
        DayKind::WeeklyDayOff
    } else if HOLIDAYS.iter().any(|(holiday, _)| *holiday == date) {
        DayKind::Holiday
    } else {
        DayKind::Workday
    }
}

/// Leave gathers around Golden Week, in August and at the turn of the year; April and March have little.
fn leave(date: NaiveDate) -> u32 {
    match (date.month(), date.day()) {
        (4, 22..) | (5, 7..=10) => 150,
        (8, 8..=20) => 215,
        (8, _) => 110,
        (12, 23..) | (1, 4..=8) => 120,
        (3 | 4, _) => 34,
        _ => 49,
    }
}

/// 全省庁一斉 each Wednesday, and 完全 on the first and third Friday of a month.
fn on_time_kinds(date: NaiveDate) -> Vec<OnTimeDayKind> {
    if kind(date) != DayKind::Workday {
        return Vec::new();
    }
    match (date.weekday(), date.day()) {
        (Weekday::Wed, _) => vec![OnTimeDayKind::AllMinistries],
        (Weekday::Fri, 1..=7 | 15..=21) => vec![OnTimeDayKind::Complete],
        _ => Vec::new(),
    }
}

/// The holidays as records.
pub(super) fn holiday_records() -> Vec<HolidayDraft> {
    let record = |(date, name): &(NaiveDate, &str)| HolidayDraft {
        external_id: date.to_string(),
        date: Date(*date),
        name_ja: (*name).to_owned(),
        version: Version::default(),
    };
    HOLIDAYS.iter().map(record).collect()
}

/// The on-time days as records.
pub(super) fn on_time_records() -> Vec<OnTimeDayDraft> {
    let dates = FIRST.iter_days().take_while(|date| *date < END);
    let record = |date: NaiveDate, kind| OnTimeDayDraft {
        external_id: date.to_string(),
        bureau: None,
        date: Date(date),
        kind,
        version: Version::default(),
    };
    dates.flat_map(|date| on_time_kinds(date).into_iter().map(move |kind| record(date, kind))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_has_its_days() {
        let all: Vec<Day> = months().flat_map(days).collect();
        assert_eq!(all.len(), 366);
        let workdays = all.iter().filter(|day| day.kind == DayKind::Workday).count();
        assert_eq!(workdays, 240);
        let golden_week = super::day(2019, 4, 27)..=super::day(2019, 5, 6);
        assert!(all.iter().all(|day| !golden_week.contains(&day.date) || day.kind != DayKind::Workday), "ten days in a row were off");
        assert_eq!(on_time_records().iter().filter(|day| day.kind == OnTimeDayKind::Complete).count(), 21);
    }
}

//! The demo's calendar: the days of fiscal year 2019 and of the months to the last one, with holidays and on-time days.

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

/// The thirteen months to the one before a day, of those after the year.
pub(super) fn recent(today: NaiveDate) -> Vec<YearMonth> {
    let last = YearMonth::of(today).previous();
    YearMonth::range(last.add_months(-12).max(YearMonth::of(END)), last).collect()
}

/// The months of the year.
pub(super) fn months() -> impl DoubleEndedIterator<Item = YearMonth> + Clone {
    YearMonth::range(YearMonth::of(FIRST), YearMonth::of(END).previous())
}

/// The days of a month.
pub(super) fn days(month: YearMonth) -> Vec<Day> {
    dates(month).map(|date| Day { date, kind: kind(date), on_time: !on_time_kinds(date).is_empty(), leave: leave(date) }).collect()
}

fn kind(date: NaiveDate) -> DayKind {
    if matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
        DayKind::WeeklyDayOff
    } else if holiday(date).is_some() {
        DayKind::Holiday
    } else {
        DayKind::Workday
    }
}

/// The name of a day off for everybody, if it is one.
fn holiday(date: NaiveDate) -> Option<&'static str> {
    if (day(2019, 4, 1)..END).contains(&date) {
        return HOLIDAYS.iter().find(|(holiday, _)| *holiday == date).map(|(_, name)| *name);
    }
    let before = |date: &NaiveDate| date.pred_opt();
    let in_row = std::iter::successors(before(&date), before).take_while(|date| named(*date).is_some());
    let beside = [before(&date), date.succ_opt()].into_iter().all(|beside| beside.is_some_and(|date| named(date).is_some()));
    let substitute = in_row.into_iter().any(|date| date.weekday() == Weekday::Sun) || beside;
    let new_year = matches!((date.month(), date.day()), (12, 29..) | (1, 1..=3));
    named(date).or(substitute.then_some("休日")).or(new_year.then_some("年末年始の休日"))
}

/// By the Act on National Holidays (国民の祝日に関する法律) as it stands since 2022; in the years of the Games before it, some were moved.
fn named(date: NaiveDate) -> Option<&'static str> {
    let monday = (date.weekday() == Weekday::Mon).then(|| date.day().div_ceil(7));
    // The equinoxes, as astronomers reckon them for 1980 to 2099.
    let since = i64::from(date.year()) - 1980;
    let equinox = |millionths: i64| (millionths + 242_194 * since) / 1_000_000 - since / 4;
    Some(match (date.month(), date.day(), monday) {
        (1, 1, _) => "元日",
        (1, _, Some(2)) => "成人の日",
        (2, 11, _) => "建国記念の日",
        (2, 23, _) => "天皇誕生日",
        (3, day, _) if i64::from(day) == equinox(20_843_100) => "春分の日",
        (4, 29, _) => "昭和の日",
        (5, 3, _) => "憲法記念日",
        (5, 4, _) => "みどりの日",
        (5, 5, _) => "こどもの日",
        (7, _, Some(3)) => "海の日",
        (8, 11, _) => "山の日",
        (9, _, Some(3)) => "敬老の日",
        (9, day, _) if i64::from(day) == equinox(23_248_800) => "秋分の日",
        (10, _, Some(2)) => "スポーツの日",
        (11, 3, _) => "文化の日",
        (11, 23, _) => "勤労感謝の日",
        _ => return None,
    })
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

/// The holidays as records, of the year and of all calendar years of the recent months.
pub(super) fn holiday_records(recent: &[YearMonth]) -> Vec<HolidayDraft> {
    let years = recent.first().zip(recent.last()).map(|(first, last)| first.year()..=last.year());
    let months = years.into_iter().flatten().flat_map(|year| (1..=12).filter_map(move |month| YearMonth::new(year, month)));
    let dates = months.filter(|month| month.first_day() >= END).flat_map(dates).filter_map(|date| Some((date, holiday(date)?)));
    let record = |(date, name): (NaiveDate, &str)| HolidayDraft {
        external_id: date.to_string(),
        date: Date(date),
        name_ja: name.to_owned(),
        version: Version::default(),
    };
    HOLIDAYS.iter().copied().chain(dates).map(record).collect()
}

fn dates(month: YearMonth) -> impl Iterator<Item = NaiveDate> {
    month.first_day().iter_days().take_while(move |date| *date < month.next_first_day())
}

/// The on-time days of the year and of the recent months as records.
pub(super) fn on_time_records(recent: &[YearMonth]) -> Vec<OnTimeDayDraft> {
    let record = |date: NaiveDate, kind| OnTimeDayDraft {
        external_id: date.to_string(),
        bureau: None,
        date: Date(date),
        kind,
        version: Version::default(),
    };
    let dates = months().chain(recent.iter().copied()).flat_map(dates);
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
        assert_eq!(on_time_records(&[]).iter().filter(|day| day.kind == OnTimeDayKind::Complete).count(), 21);
    }

    #[test]
    fn holidays_follow_the_act() {
        let of = |year: i32| {
            let months = (1..=12).filter_map(move |month| YearMonth::new(year, month)).flat_map(dates);
            months.filter(|date| holiday(*date).is_some_and(|name| name != "年末年始の休日")).map(|date| date.format("%m%d").to_string())
        };
        // As the Cabinet Office lists them.
        assert_eq!(
            of(2026).collect::<Vec<_>>().join(" "),
            "0101 0112 0211 0223 0320 0429 0503 0504 0505 0506 0720 0811 0921 0922 0923 1012 1103 1123"
        );
        assert_eq!(
            of(2025).collect::<Vec<_>>().join(" "),
            "0101 0113 0211 0223 0224 0320 0429 0503 0504 0505 0506 0721 0811 0915 0923 1013 1103 1123 1124"
        );
    }

    #[test]
    fn the_recent_months_end_with_the_last_one() {
        let said = |today| recent(today).iter().map(ToString::to_string).collect::<Vec<_>>();
        let months = said(super::day(2026, 11, 30));
        assert_eq!((months.len(), months[0].as_str(), months[12].as_str()), (13, "2025-10", "2026-10"));
        assert_eq!(said(super::day(2020, 6, 1)), ["2020-04", "2020-05"], "none is of the year");
        assert!(said(super::day(2020, 4, 30)).is_empty());
    }
}

//! Months, years, Japanese eras and the civil date in Asia/Tokyo.
//!
//! Western months and years are the only ones kept; an era is read at import and printed beside the western year, never stored.
//! Deliberately absent: a clock (callers pass instants in), holidays (versioned data, not code), and which year's figure belongs to
//! which follow-up (data too).

mod era;
mod fiscal_year;
mod year_month;

use std::{ops::RangeInclusive, sync::Arc};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Utc, Weekday};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use era::{date_ja, fiscal_year_ja, parse_era_date, parse_era_fiscal_year};
pub use fiscal_year::FiscalYear;
pub use year_month::YearMonth;

/// The western years that dates, months and fiscal years may name: those of four digits, so that their text sorts as they do.
pub const YEARS: RangeInclusive<i32> = 1..=9999;

/// Japan Standard Time, UTC+09:00. Asia/Tokyo has had no summer time since 1951, so a fixed offset is the whole zone.
pub const JST: FixedOffset = east(9);

const fn east(hours: i32) -> FixedOffset {
    match FixedOffset::east_opt(hours * 3600) {
        Some(offset) => offset,
        None => panic!("an offset lies within a day"),
    }
}

/// The date a calendar in Tokyo shows at `instant`. Stops at chrono's last date instead of overflowing.
#[must_use]
pub fn civil_date(instant: DateTime<Utc>) -> NaiveDate {
    instant.naive_utc().checked_add_offset(JST).map_or(NaiveDate::MAX, |local| local.date())
}

/// The instant at which a clock in Tokyo shows `local`. Stops at chrono's first instant instead of overflowing.
#[must_use]
pub fn instant(local: NaiveDateTime) -> DateTime<Utc> {
    local.checked_sub_offset(JST).unwrap_or(NaiveDateTime::MIN).and_utc()
}

/// Mondays to Fridays but those from 29 December to 3 January, which are days off by law and no holidays (行政機関の休日に関する法律).
pub fn weekdays(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let is_off = |date: &NaiveDate| {
        matches!(date.weekday(), Weekday::Sat | Weekday::Sun) || matches!((date.month(), date.day()), (12, 29..) | (1, ..=3))
    };
    from.iter_days().take_while(move |date| *date < to).filter(move |date| !is_off(date))
}

/// The kinds of year that live side by side in the plan's indicators.
///
/// Three of them are spans over which minutes, days and events add up. The two census kinds are single days on which people are counted;
/// nothing adds up over them, and [`YearKind::latest_census`] gives the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum YearKind {
    /// April to March (会計年度): overtime caps, childcare leave, hires.
    Fiscal,
    /// January to December (暦年): annual leave, overtime statistics.
    Calendar,
    /// October to September (人事評価の評価期間), in halves October–March and April–September.
    Evaluation,
    /// The census of ranks on 1 July (女性国家公務員の登用状況).
    RankCensus,
    /// The census of hires on 1 April (女性国家公務員の採用状況).
    HireCensus,
}

impl YearKind {
    /// The month in which the year of this kind that contains `month` begins.
    ///
    /// For a census kind it is the month of the census that is the latest one in `month`: July or April, of this year or the one before.
    #[must_use]
    pub fn first_month_of_year_containing(self, month: YearMonth) -> YearMonth {
        let first = match self {
            Self::Calendar => 1,
            Self::Fiscal | Self::HireCensus => 4,
            Self::RankCensus => 7,
            Self::Evaluation => 10,
        };
        let months_since = (month.month().cast_signed() - first).rem_euclid(12);
        month.add_months(-months_since)
    }

    /// The day of the latest census on or before `day`, or `None` for a kind of year that is no census.
    #[must_use]
    pub fn latest_census(self, day: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::RankCensus | Self::HireCensus => Some(self.first_month_of_year_containing(YearMonth::of(day)).first_day()),
            Self::Fiscal | Self::Calendar | Self::Evaluation => None,
        }
    }
}

/// Why a text or a number is no date, month or year. Every message names what was given.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// The text does not have the form it should have.
    #[error("“{text}” is not {expected}")]
    Malformed {
        /// What was given, cut to a readable length.
        text: String,
        /// What would have been understood.
        expected: Expected,
    },
    /// The text has the form of a date, but the calendar has no such day, as 2019-02-30.
    #[error("there is no such day as “{text}”")]
    NoSuchDay {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// The day or year does not lie in the era that is named, as R1-04-30 or H34.
    #[error("“{text}” does not lie in its era")]
    NotInEra {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// The number lies outside the years that can be kept, or names a month that does not exist.
    #[error("{number} is not {expected}")]
    OutOfRange {
        /// What was given.
        number: i32,
        /// What would have been understood.
        expected: Expected,
    },
}

/// What a text or number was expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Expected {
    /// A date, western or with an era.
    #[error("a date such as 2019-05-01, H31.4.30 or 令和元年5月1日")]
    Date,
    /// A fiscal year, western or with an era.
    #[error("a fiscal year such as 2019, H31年度 or 令和元年度")]
    FiscalYear,
    /// A month.
    #[error("a month such as 2018-04")]
    YearMonth,
}

impl PeriodError {
    /// The code that goes with the message, stable across languages and releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "MALFORMED",
            Self::NoSuchDay { .. } => "NO_SUCH_DAY",
            Self::NotInEra { .. } => "NOT_IN_ERA",
            Self::OutOfRange { .. } => "OUT_OF_RANGE",
        }
    }

    /// The message in Japanese; `Display` gives it in English.
    #[must_use]
    pub fn message_ja(&self) -> String {
        match self {
            Self::Malformed { text, expected } => format!("「{text}」は{}として読めません。", expected.ja()),
            Self::NoSuchDay { text } => format!("「{text}」という日はありません。"),
            Self::NotInEra { text } => format!("「{text}」はその元号の期間にありません。"),
            Self::OutOfRange { number, expected } => format!("{number} は{}として読めません。", expected.ja()),
        }
    }

    /// As the database reports a stored number that is none of ours.
    fn on_read(self, into: &'static str) -> DbErr {
        DbErr::TryIntoErr { from: "i32", into, source: Arc::new(self) }
    }
}

impl Expected {
    fn ja(self) -> &'static str {
        match self {
            Self::Date => "日付（例 2019-05-01、H31.4.30、令和元年5月1日）",
            Self::FiscalYear => "年度（例 2019、H31年度、令和元年度）",
            Self::YearMonth => "年月（例 2018-04）",
        }
    }
}

/// `text` as an error may show it: a cell of an import can be megabytes long.
fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The number that `text` writes in ASCII digits alone, as many as `digits` allows.
fn number(text: &str, digits: RangeInclusive<usize>) -> Option<u32> {
    (digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn month(year: i32, month: u32) -> YearMonth {
        YearMonth::new(year, month).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_kind_of_year_begins_in_its_own_month() {
        let cases = [
            (YearKind::Fiscal, month(2018, 4), month(2017, 4)),
            (YearKind::Calendar, month(2018, 1), month(2018, 1)),
            (YearKind::Evaluation, month(2017, 10), month(2017, 10)),
            (YearKind::RankCensus, month(2017, 7), month(2017, 7)),
            (YearKind::HireCensus, month(2018, 4), month(2017, 4)),
        ];
        for (kind, in_april, in_march) in cases {
            assert_eq!(kind.first_month_of_year_containing(month(2018, 4)), in_april, "{kind:?}");
            assert_eq!(kind.first_month_of_year_containing(month(2018, 3)), in_march, "{kind:?}");
            assert_eq!(kind.first_month_of_year_containing(in_april), in_april, "{kind:?}");
        }
        assert_eq!(YearKind::Evaluation.first_month_of_year_containing(month(2018, 10)), month(2018, 10));
        assert_eq!(YearKind::Evaluation.first_month_of_year_containing(month(2018, 9)), month(2017, 10));
    }

    #[test]
    fn a_census_is_a_day() {
        assert_eq!(YearKind::RankCensus.latest_census(day("2016-07-01")), Some(day("2016-07-01")));
        assert_eq!(YearKind::RankCensus.latest_census(day("2016-06-30")), Some(day("2015-07-01")));
        assert_eq!(YearKind::HireCensus.latest_census(day("2016-03-31")), Some(day("2015-04-01")));
        assert_eq!(YearKind::Fiscal.latest_census(day("2016-03-31")), None);
    }

    #[test]
    fn the_civil_date_is_tokyo_s() {
        let before_midnight: DateTime<Utc> = "2018-03-31T14:59:59Z".parse().unwrap();
        assert_eq!(civil_date(before_midnight), day("2018-03-31"));
        let midnight: DateTime<Utc> = "2018-03-31T15:00:00Z".parse().unwrap();
        assert_eq!(civil_date(midnight), day("2018-04-01"));
        assert_eq!(instant(day("2018-04-01").and_hms_opt(0, 0, 0).unwrap()), midnight);
    }

    #[test]
    fn the_new_year_and_weekends_are_no_workdays() {
        let days = |from: &str, to: &str| weekdays(day(from), day(to)).map(|date| date.day()).collect::<Vec<_>>();
        assert_eq!(days("2018-12-24", "2019-01-01"), [24, 25, 26, 27, 28], "Saturday is the 29th");
        assert_eq!(days("2019-01-01", "2019-01-08"), [4, 7]);
        assert_eq!(days("2018-04-01", "2018-05-01").len(), 21);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        assert_eq!(civil_date(DateTime::<Utc>::MAX_UTC), NaiveDate::MAX);
        assert_eq!(instant(NaiveDateTime::MIN), NaiveDateTime::MIN.and_utc());
    }

    #[test]
    fn a_long_text_is_cut_in_messages() {
        let cut = shown(&"令".repeat(1_000_000));
        assert_eq!(cut.chars().count(), 41);
        assert_eq!(shown("2019-02-30"), "2019-02-30");
    }

    #[test]
    fn kinds_of_year_serialise_as_graphql_names_them() {
        assert_eq!(serde_json::to_string(&YearKind::RankCensus).unwrap(), r#""RANK_CENSUS""#);
    }
}

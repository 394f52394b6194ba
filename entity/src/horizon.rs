//! How far ahead of now a date may lie that is recorded: what happened has happened, and what is planned is planned within reason.
//!
//! One table ([`crate::noun::Noun::horizons`]) names a horizon for each date of each noun that is recorded; a noun that is not in it does not compile, and
//! a column that is not in it fails a test. Days are civil ones (Asia/Tokyo). Deliberately absent: how far back a date may lie, and rules of
//! one date against another.

use crate::period::{YearMonth, civil_date};
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

/// By how much the clock of a source may be ahead of the platform's: an interval that ended so shortly in the future has ended.
pub const GRACE: TimeDelta = TimeDelta::minutes(5);

/// How far ahead a date may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Horizon {
    /// It is the end of something that was done, and is over: up to now, with [`GRACE`].
    EndsBeforeNow,
    /// It happened, was decided or was asked for: today at the latest; an instant up to now, with [`GRACE`]; a month or year that has begun.
    NotInFuture,
    /// It is ordered ahead: so many days from today at the latest.
    DaysAhead(u16),
    /// It is planned ahead: so many months from today at the latest.
    MonthsAhead(u16),
    /// It is the end of a post, a term or the like: so many years from today at the latest.
    YearsAhead(u16),
    /// A rule of the noun holds it to the record's own date, which has a horizon.
    ByItsDate,
}

/// When something is dated, as columns hold it. A month and a year are taken by their first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A civil date.
    Day(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
    /// A month.
    Month(YearMonth),
    /// A year of the western calendar.
    Year(i32),
}

impl Horizon {
    /// The last civil date that it admits now; null where the record's own date decides.
    #[must_use]
    pub fn last_day(self, now: DateTime<Utc>) -> Option<NaiveDate> {
        let today = civil_date(now);
        let months = |count: u32| today.checked_add_months(Months::new(count)).unwrap_or(NaiveDate::MAX);
        match self {
            Self::EndsBeforeNow | Self::NotInFuture => Some(today),
            Self::DaysAhead(days) => Some(today.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)),
            Self::MonthsAhead(count) => Some(months(count.into())),
            Self::YearsAhead(years) => Some(months(u32::from(years) * 12)),
            Self::ByItsDate => None,
        }
    }

    /// Whether something may be dated so now.
    #[must_use]
    pub fn admits(self, when: When, now: DateTime<Utc>) -> bool {
        let Some(last) = self.last_day(now) else { return true };
        match when {
            When::Day(day) => day <= last,
            When::Instant(at) if matches!(self, Self::EndsBeforeNow | Self::NotInFuture) => at <= now + GRACE,
            When::Instant(at) => civil_date(at) <= last,
            When::Month(month) => month.first_day() <= last,
            When::Year(year) => NaiveDate::from_ymd_opt(year, 1, 1).is_some_and(|first| first <= last),
        }
    }
}

/// Whether a month has begun: none is computed, closed or asked for before.
#[must_use]
pub fn has_begun(month: YearMonth, now: DateTime<Utc>) -> bool {
    Horizon::NotInFuture.admits(When::Month(month), now)
}

/// Days ahead of hires, appointments and all else that is ordered for a day to come.
pub const ORDERED: Horizon = Horizon::DaysAhead(60);
/// What is planned: leave, telework, calendars, and the beginnings of organisation.
pub const PLANNED: Horizon = Horizon::MonthsAhead(18);
/// Ends of posts and terms, and calendars that the law gives.
pub const TERM: Horizon = Horizon::YearsAhead(5);
/// Plans and their targets, which speak of years to come.
pub const PLAN: Horizon = Horizon::YearsAhead(20);

/// The horizons of a plan's own days, which are no columns of a recorded noun: decided, and in force from and until.
pub const PLAN_DAYS: [(&str, Horizon); 3] = [("decidedOn", Horizon::NotInFuture), ("validFrom", PLAN), ("validTo", PLAN)];

/// The horizon of the months from which rules are in force.
pub const RULES: Horizon = TERM;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::{
        each_noun,
        noun::{Noun, Recording},
    };
    use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable, sea_query::ColumnType};
    use std::collections::BTreeSet;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> When {
        When::Day(text.parse().unwrap())
    }

    /// Half past eight in the evening of 31 August 2020 in Tokyo, and after midnight.
    const EVENING: &str = "2020-08-31T11:30:00Z";
    const AFTER_MIDNIGHT: &str = "2020-08-31T15:00:00Z";

    #[test]
    fn each_bound_admits_its_last_day_and_not_the_next() {
        for (horizon, last, next) in [
            (Horizon::NotInFuture, "2020-08-31", "2020-09-01"),
            (Horizon::EndsBeforeNow, "2020-08-31", "2020-09-01"),
            (Horizon::DaysAhead(60), "2020-10-30", "2020-10-31"),
            // February has no 31st.
            (Horizon::MonthsAhead(18), "2022-02-28", "2022-03-01"),
            (Horizon::YearsAhead(5), "2025-08-31", "2025-09-01"),
        ] {
            assert!(horizon.admits(day(last), at(EVENING)), "{horizon:?} {last}");
            assert!(!horizon.admits(day(next), at(EVENING)), "{horizon:?} {next}");
            assert!(horizon.admits(day("1990-01-01"), at(EVENING)));
            assert_eq!(horizon.last_day(at(EVENING)).map(When::Day), Some(day(last)));
        }
        assert!(Horizon::NotInFuture.admits(day("2020-09-01"), at(AFTER_MIDNIGHT)), "days are judged in Tokyo");
        assert!(Horizon::ByItsDate.admits(day("2199-12-31"), at(EVENING)));
    }

    #[test]
    fn what_was_done_is_over_within_the_grace() {
        let ends = |text: &str| Horizon::EndsBeforeNow.admits(When::Instant(at(text)), at(EVENING));
        assert!(ends("2020-08-31T20:30:00+09:00") && ends("2020-08-31T20:35:00+09:00"));
        assert!(!ends("2020-08-31T20:36:00+09:00"));
        assert!(!Horizon::NotInFuture.admits(When::Instant(at("2020-08-31T20:36:00+09:00")), at(EVENING)));
    }

    #[test]
    fn a_month_and_a_year_have_begun() {
        let month = |text: &str| text.parse::<YearMonth>().unwrap();
        assert!(has_begun(month("2020-08"), at(EVENING)) && has_begun(month("1990-01"), at(EVENING)));
        assert!(!has_begun(month("2020-09"), at(EVENING)) && !has_begun(month("9999-12"), at(EVENING)));
        assert!(has_begun(month("2020-09"), at(AFTER_MIDNIGHT)));
        let year = |horizon: Horizon, year| horizon.admits(When::Year(year), at(EVENING));
        assert!(year(Horizon::NotInFuture, 2020) && !year(Horizon::NotInFuture, 2021));
        assert!(year(Horizon::YearsAhead(5), 2025) && !year(Horizon::YearsAhead(5), 2026) && !year(Horizon::YearsAhead(5), i32::MAX));
    }

    /// The dated columns of a table, apart from the bookkeeping.
    fn dated_columns<E: EntityTrait>() -> Vec<(String, bool)> {
        let is_dated = |kind: &ColumnType| {
            matches!(kind, ColumnType::Date | ColumnType::DateTime | ColumnType::Timestamp | ColumnType::TimestampWithTimeZone)
        };
        let columns = E::Column::iter().map(|column| (column.as_str().to_owned(), is_dated(column.def().get_column_type())));
        columns.filter(|(name, _)| !["created_at", "updated_at"].contains(&name.as_str())).collect()
    }

    macro_rules! columns {
        ($(#[doc = $doc:literal] $name:ident $(($id:ident))? = $table:ident: $shape:ident $(($minutes:ident))? { $($rest:tt)* })+) => {
            fn columns(noun: Noun) -> Vec<(String, bool)> {
                match noun {
                    $(Noun::$name => dated_columns::<crate::$table::Entity>(),)+
                }
            }
        };
    }
    each_noun!(columns);

    #[test]
    fn each_date_that_is_recorded_names_its_horizon() {
        for &noun in Noun::ALL {
            let named: BTreeSet<&str> = noun.horizons().iter().map(|(column, _)| *column).collect();
            assert_eq!(named.len(), noun.horizons().len(), "{noun:?} names a column twice");
            let columns = columns(noun);
            for name in &named {
                assert!(columns.iter().any(|(column, _)| column == name), "{noun:?} has no column {name}");
            }
            if noun.recording() == Recording::Nobody {
                assert!(named.is_empty(), "{noun:?} is recorded by nobody");
                continue;
            }
            let missing: Vec<_> = columns.iter().filter(|(column, dated)| *dated && !named.contains(column.as_str())).collect();
            assert!(missing.is_empty(), "{noun:?}: say in `Noun::horizons` how far ahead {missing:?} may lie");
        }
    }
}

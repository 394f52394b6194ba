use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, Months, NaiveDate};
use sea_orm::{
    ActiveValue, ColIdx, DbErr, IntoActiveValue, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr, postgres_array::NotU8},
};
use serde::{Deserialize, Serialize};

use super::{Expected, PeriodError, YEARS, number, shown};

/// A month of the western calendar, from 0001-01 to 9999-12.
///
/// Stored as the INTEGER yyyymm (201804), written `"2018-04"`; both sort by time.
/// Arithmetic stops at the first and last month instead of failing: no record comes near them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct YearMonth(i32);

impl YearMonth {
    /// The month, or `None` where year (1–9999) or month (1–12) does not exist.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        (YEARS.contains(&year) && (1..=12).contains(&month)).then(|| Self(year * 100 + month.cast_signed()))
    }

    /// The month that contains `date`; a date outside the years 1–9999 is taken to the nearest month.
    #[must_use]
    pub fn of(date: NaiveDate) -> Self {
        Self::from_index(date.year() * 12 + date.month0().cast_signed())
    }

    /// Every month from `from` to `to`, both included; none where `to` comes first.
    pub fn range(from: Self, to: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (from.index()..=to.index()).map(Self::from_index)
    }

    /// The western year, 1–9999.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0 / 100
    }

    /// The month of the year, 1–12.
    #[must_use]
    pub fn month(self) -> u32 {
        (self.0 % 100).unsigned_abs()
    }

    /// The number yyyymm, as it is stored.
    #[must_use]
    pub fn as_i32(self) -> i32 {
        self.0
    }

    /// The first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        // The constructors hold year and month within bounds, so the calendar has this day.
        NaiveDate::from_ymd_opt(self.year(), self.month(), 1).unwrap_or(NaiveDate::MAX)
    }

    /// The first day of the month after: the end of the half-open span of this one.
    #[must_use]
    pub fn next_first_day(self) -> NaiveDate {
        self.first_day() + Months::new(1)
    }

    /// The last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        self.next_first_day() - Days::new(1)
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        self.add_months(1)
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        self.add_months(-1)
    }

    /// The month that lies `months` later, or earlier where negative.
    #[must_use]
    pub fn add_months(self, months: i32) -> Self {
        Self::from_index(self.index().saturating_add(months))
    }

    /// Months since January of year 0, without gaps.
    fn index(self) -> i32 {
        self.year() * 12 + self.month().cast_signed() - 1
    }

    /// The month with that index, or the nearest there is.
    pub(super) fn from_index(index: i32) -> Self {
        let index = index.clamp(YEARS.start() * 12, YEARS.end() * 12 + 11);
        Self(index / 12 * 100 + index % 12 + 1)
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for YearMonth {
    type Err = PeriodError;

    /// Reads four digits, a hyphen and two digits, and nothing else.
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        text.split_once('-')
            .and_then(|(year, month)| Self::new(number(year, 4..=4)?.cast_signed(), number(month, 2..=2)?))
            .ok_or_else(|| PeriodError::Malformed { text: shown(text), expected: Expected::YearMonth })
    }
}

impl TryFrom<String> for YearMonth {
    type Error = PeriodError;

    fn try_from(text: String) -> Result<Self, PeriodError> {
        text.parse()
    }
}

impl From<YearMonth> for String {
    fn from(month: YearMonth) -> Self {
        month.to_string()
    }
}

impl TryFrom<i32> for YearMonth {
    type Error = PeriodError;

    fn try_from(number: i32) -> Result<Self, PeriodError> {
        Self::new(number.div_euclid(100), number.rem_euclid(100).unsigned_abs())
            .ok_or(PeriodError::OutOfRange { number, expected: Expected::YearMonth })
    }
}

// Storage by hand: the derive reads any number, and 201813 must not become a month.

impl From<YearMonth> for Value {
    fn from(month: YearMonth) -> Self {
        month.0.into()
    }
}

impl TryGetable for YearMonth {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let number = i32::try_get_by(row, index)?;
        <Self as TryFrom<i32>>::try_from(number).map_err(|error| error.on_read("YearMonth").into())
    }
}

impl ValueType for YearMonth {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let number = <i32 as ValueType>::try_from(value)?;
        <Self as TryFrom<i32>>::try_from(number).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "YearMonth".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Int
    }

    fn column_type() -> ColumnType {
        ColumnType::Integer
    }
}

impl Nullable for YearMonth {
    fn null() -> Value {
        <i32 as Nullable>::null()
    }
}

impl NotU8 for YearMonth {}

impl IntoActiveValue<Self> for YearMonth {
    fn into_active_value(self) -> ActiveValue<Self> {
        ActiveValue::Set(self)
    }
}

impl TryFromU64 for YearMonth {
    /// Always an error: a month may be part of a key, but no database generates one.
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("YearMonth"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    fn month(text: &str) -> YearMonth {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_days_of_a_month() {
        let february = month("2020-02");
        assert_eq!(february.first_day(), day("2020-02-01"));
        assert_eq!(february.last_day(), day("2020-02-29"));
        assert_eq!(february.next_first_day(), day("2020-03-01"));
        assert_eq!(month("2018-12").next_first_day(), day("2019-01-01"));
        assert_eq!(YearMonth::of(day("2020-02-29")), february);
        assert_eq!((february.year(), february.month(), february.as_i32()), (2020, 2, 202_002));
    }

    #[test]
    fn a_range_includes_both_ends() {
        let months: Vec<_> = YearMonth::range(month("2018-11"), month("2019-02")).map(|m| m.to_string()).collect();
        assert_eq!(months, ["2018-11", "2018-12", "2019-01", "2019-02"]);
        assert_eq!(YearMonth::range(month("2019-02"), month("2018-11")).count(), 0);
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let last = month("9999-12");
        assert_eq!(last.next(), last);
        assert_eq!(last.next_first_day() - Days::new(1), last.last_day());
        assert_eq!(month("0001-01").previous(), month("0001-01"));
        assert_eq!(last.add_months(i32::MAX), last);
        assert_eq!(YearMonth::of(NaiveDate::MAX), last);
        assert_eq!(YearMonth::of(NaiveDate::MIN), month("0001-01"));
        assert_eq!(YearMonth::range(last, last).count(), 1);
    }

    #[test]
    fn text_is_read_strictly() {
        let cases = [
            "",
            "2018",
            "2018-4",
            "18-04",
            "2018-13",
            "2018-00",
            "0000-01",
            "2018/04",
            "2018-04-01",
            "+018-04",
            "2018-+4",
            " 2018-04",
            "２０１８-04",
        ];
        for text in cases {
            let error = text.parse::<YearMonth>().unwrap_err();
            assert_eq!(error, PeriodError::Malformed { text: text.to_owned(), expected: Expected::YearMonth });
        }
    }

    #[test]
    fn json_is_text_and_is_checked() {
        assert_eq!(serde_json::to_string(&month("2018-04")).unwrap(), r#""2018-04""#);
        assert_eq!(serde_json::from_str::<YearMonth>(r#""2018-04""#).unwrap(), month("2018-04"));
        assert!(serde_json::from_str::<YearMonth>(r#""2018-13""#).is_err());
        assert!(serde_json::from_str::<YearMonth>("201804").is_err());
    }

    #[test]
    fn a_stored_number_is_checked() {
        let stored = Value::from(month("2018-04"));
        assert_eq!(stored, Value::Int(Some(201_804)));
        assert_eq!(<YearMonth as ValueType>::try_from(stored).unwrap(), month("2018-04"));
        for number in [201_800, 201_813, 0, -201_804, 1_000_001, i32::MIN, i32::MAX] {
            assert!(<YearMonth as ValueType>::try_from(Value::Int(Some(number))).is_err(), "{number}");
        }
        assert!(<YearMonth as ValueType>::try_from(YearMonth::null()).is_err());
        assert_eq!(YearMonth::column_type(), ColumnType::Integer);
    }

    proptest! {
        #[test]
        fn text_number_and_order_agree(a in 12..119_999, b in 12..119_999, step in -200_000..200_000) {
            let (a, b) = (YearMonth::from_index(a), YearMonth::from_index(b));
            prop_assert_eq!(a.to_string().parse::<YearMonth>(), Ok(a));
            prop_assert_eq!(<YearMonth as TryFrom<i32>>::try_from(a.as_i32()), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(a.cmp(&b), a.first_day().cmp(&b.first_day()));
            prop_assert_eq!(YearMonth::of(a.last_day()), a);
            let moved = a.add_months(step);
            prop_assert!(moved.add_months(-step) == a || [12, 119_999].contains(&moved.index()));
        }
    }
}

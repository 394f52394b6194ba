use std::fmt;

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue, ColIdx, DbErr, IntoActiveValue, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr, postgres_array::NotU8},
};
use serde::{Deserialize, Serialize};

use super::{Expected, PeriodError, YEARS, YearMonth};

/// A fiscal year (会計年度, Public Finance Act art. 11): April of the year that names it to March of the next.
///
/// Stored and written as that year's number. It runs from 0 to 9999, so that every [`YearMonth`] lies in one; the first and last of
/// these are cut where the months end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub struct FiscalYear(i32);

impl FiscalYear {
    /// The fiscal year that contains `date`.
    #[must_use]
    pub fn of(date: NaiveDate) -> Self {
        Self::of_month(YearMonth::of(date))
    }

    /// The fiscal year that contains `month`.
    #[must_use]
    pub fn of_month(month: YearMonth) -> Self {
        Self(if month.month() < 4 { month.year() - 1 } else { month.year() })
    }

    /// The western year in which it begins.
    #[must_use]
    pub fn as_i32(self) -> i32 {
        self.0
    }

    /// April.
    #[must_use]
    pub fn first_month(self) -> YearMonth {
        YearMonth::from_index(self.0 * 12 + 3)
    }

    /// March of the next year.
    #[must_use]
    pub fn last_month(self) -> YearMonth {
        YearMonth::from_index(self.0 * 12 + 14)
    }

    /// 1 April.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        self.first_month().first_day()
    }

    /// 1 April of the next year: the end of the half-open span of this one.
    #[must_use]
    pub fn next_first_day(self) -> NaiveDate {
        self.last_month().next_first_day()
    }
}

impl fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<i32> for FiscalYear {
    type Error = PeriodError;

    fn try_from(number: i32) -> Result<Self, PeriodError> {
        if number == 0 || YEARS.contains(&number) {
            Ok(Self(number))
        } else {
            Err(PeriodError::OutOfRange { number, expected: Expected::FiscalYear })
        }
    }
}

impl From<FiscalYear> for i32 {
    fn from(year: FiscalYear) -> Self {
        year.0
    }
}

// Storage by hand, as for `YearMonth`: what is read is checked.

impl From<FiscalYear> for Value {
    fn from(year: FiscalYear) -> Self {
        year.0.into()
    }
}

impl TryGetable for FiscalYear {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let number = i32::try_get_by(row, index)?;
        <Self as TryFrom<i32>>::try_from(number).map_err(|error| error.on_read("FiscalYear").into())
    }
}

impl ValueType for FiscalYear {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let number = <i32 as ValueType>::try_from(value)?;
        <Self as TryFrom<i32>>::try_from(number).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "FiscalYear".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Int
    }

    fn column_type() -> ColumnType {
        ColumnType::Integer
    }
}

impl Nullable for FiscalYear {
    fn null() -> Value {
        <i32 as Nullable>::null()
    }
}

impl NotU8 for FiscalYear {}

impl IntoActiveValue<Self> for FiscalYear {
    fn into_active_value(self) -> ActiveValue<Self> {
        ActiveValue::Set(self)
    }
}

impl TryFromU64 for FiscalYear {
    /// Always an error: a year may be part of a key, but no database generates one.
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("FiscalYear"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn year(number: i32) -> FiscalYear {
        <FiscalYear as TryFrom<i32>>::try_from(number).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn it_runs_from_april_to_march() {
        assert_eq!(FiscalYear::of(day("2019-03-31")), year(2018));
        assert_eq!(FiscalYear::of(day("2019-04-01")), year(2019));
        assert_eq!(year(2018).first_month().to_string(), "2018-04");
        assert_eq!(year(2018).last_month().to_string(), "2019-03");
        assert_eq!(year(2018).first_day(), day("2018-04-01"));
        assert_eq!(year(2018).next_first_day(), day("2019-04-01"));
    }

    #[test]
    fn every_month_lies_in_the_year_it_is_in() {
        let first = YearMonth::new(1, 1).unwrap();
        let last = YearMonth::new(9999, 12).unwrap();
        for month in YearMonth::range(first, last) {
            let year = FiscalYear::of_month(month);
            assert!(year.first_month() <= month && month <= year.last_month(), "{month}");
            assert_eq!(<FiscalYear as TryFrom<i32>>::try_from(year.as_i32()), Ok(year));
        }
    }

    #[test]
    fn json_and_storage_are_the_number_and_are_checked() {
        assert_eq!(serde_json::to_string(&year(2018)).unwrap(), "2018");
        assert_eq!(serde_json::from_str::<FiscalYear>("2018").unwrap(), year(2018));
        assert!(serde_json::from_str::<FiscalYear>("10000").is_err());
        assert_eq!(Value::from(year(2018)), Value::Int(Some(2018)));
        assert_eq!(<FiscalYear as ValueType>::try_from(Value::Int(Some(2018))).unwrap(), year(2018));
        for number in [-1, 10_000, i32::MIN, i32::MAX] {
            assert!(<FiscalYear as ValueType>::try_from(Value::Int(Some(number))).is_err(), "{number}");
        }
        assert_eq!(FiscalYear::column_type(), ColumnType::Integer);
    }
}

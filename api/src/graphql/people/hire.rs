//! Hires (採用).

use crate::graphql::record::{limited, record_object, record_roots};
use crate::{
    store::hire::HireDraft,
    words::{Exam, HireRoute},
};
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use entity::{hire::Column, period};
use sea_orm::ColumnTrait;

record_object! { dated
    /// One hire (採用); its date is the day of joining. An arriving secondee is no hire.
    Hire = hire {
        /// Fiscal year of the day of joining.
        fiscal_year: FiscalYear = |row| FiscalYear(row.fiscal_year);
        /// How the person came in.
        route: HireRoute = |row| row.route;
        /// The exam; null where the route is not EXAM.
        exam: Option<Exam> = |row| row.exam;
        /// The year of the exam, apart from that of joining.
        exam_year: Option<i32> = |row| row.exam_year;
    }
}

record_roots! { dated
    Hire = hire, HireDraft;
    "Which hires." {
        /// By this route.
        route: HireRoute = |route| Column::Route.eq(route);
        /// By this exam.
        exam: Exam = |exam| Column::Exam.eq(exam);
        /// Joined in one of these fiscal years.
        fiscal_years: Vec<FiscalYear> = |years| {
            limited(&years, "fiscalYears").map(|years| Column::FiscalYear.is_in(years.iter().map(|year| year.0)))
        };
    }
    /// Hires that you may see.
    hires
    /// Writes hires in bulk.
    record_hires
}

/// A fiscal year (会計年度), such as `2018`: April of the year that names it to March of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiscalYear(pub period::FiscalYear);

/// A fiscal year by the calendar year in which it begins: 2018 is April 2018 to March 2019.
#[Scalar]
impl ScalarType for FiscalYear {
    fn parse(value: Value) -> InputValueResult<Self> {
        let year = match &value {
            Value::Number(number) => number.as_i64().and_then(|number| i32::try_from(number).ok()),
            _ => None,
        };
        let year = year.and_then(|year| year.try_into().ok()).map(Self);
        year.ok_or_else(|| InputValueError::custom("Write a fiscal year as a number such as 2018."))
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.as_i32().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_year_is_a_number_of_four_digits() {
        let read = |value: Value| FiscalYear::parse(value).ok().map(|year| year.to_value());
        assert_eq!(read(Value::from(2018)), Some(Value::from(2018)));
        for wrong in [Value::from(10_000), Value::from(-1), Value::from(2018.5), Value::from(i64::MAX), Value::from("2018"), Value::Null] {
            assert_eq!(read(wrong), None);
        }
    }
}

//! The words of the API: scalars for what `entity` borrows from elsewhere. Its enums are GraphQL's as they are.

use crate::graphql::indicator;
use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value, registry::Registry};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::period::{self, YearMonth};
pub use entity::{
    api_client::Absence,
    bureau::Visibility,
    exceptional_work::ExceptionalWorkKind,
    finding::FindingCheck,
    follow_up::{FollowUpStage, ReleaseKind},
    follow_up_event::FollowUpAct,
    follow_up_report::ReportBody,
    hire::{Exam, HireRoute},
    job_backfill::{BackfillScope, BackfillState},
    job_run::{JobName, RunOutcome, RunState, Trigger, WarningCode},
    job_run_event::RunEvent,
    job_schedule::{Misfire, Overlap},
    leave_entry::LeaveKind,
    mail::{AlarmKind, MailState},
    measure_cell::Span,
    month_close::CloseState,
    month_source::RecordSource,
    named::NameSign,
    on_time_day::{OnTimeDayKind, OnTimeDayOff},
    outlier_event::OutlierEventKind,
    overtime_outlier::{OutlierCategory, OutlierKind, PeerLevel, ReviewState, ScoreMethod, Severity},
    overtime_request::Decision,
    pending_change::{ChangeAct, FourEyesKind, PendingChangeState},
    person_month::Standing,
    posting::{PostingKind, RankBand},
    receipt_warning::RecordWarningCode,
    recorded::RecordedNoun,
    release::ReleaseState,
    retention::{RetentionNoun, RetentionUnit},
    staff::{Employment, Origin, SeparationReason, Sex},
    submission::SubmissionState,
    submission_item::ItemSource,
    target::{Decider, Qualifier, TargetPopulation},
    telework_day::TeleworkPlace,
    work_regime::Regime,
    work_time::{Basis, DayKind, Pattern},
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A civil date in Tokyo, such as `"2018-04-01"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(pub NaiveDate);

/// A civil date in Tokyo, such as `"2018-04-01"`.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            // chrono would also take `2019-2-3`, `+2019-02-03`, `-9999-01-1` and the year 0, which no engine keeps.
            Value::String(text)
                if text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit()) && !text.starts_with("0000") =>
            {
                text.parse().map(Self).map_err(|_| InputValueError::custom(format!("There is no date {text:?}; write YYYY-MM-DD.")))
            }
            _ => Err(InputValueError::custom("Write a date as \"YYYY-MM-DD\".")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A month, such as `"2018-04"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(pub YearMonth);

/// A month, such as `"2018-04"`.
#[Scalar(name = "YearMonth")]
impl ScalarType for Month {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text.parse().map(Self).map_err(|_| InputValueError::custom("Write a month as \"YYYY-MM\".")),
            _ => Err(InputValueError::custom("Write a month as \"YYYY-MM\".")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant that a filter names, in the years 1 to 9999: what chrono reads beyond them PostgreSQL does not take, and SQLite sorts wrongly.
/// To GraphQL it is the `DateTime` of every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub DateTime<Utc>);

impl InputType for Instant {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <DateTime<Utc> as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <DateTime<Utc> as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let instant = <DateTime<Utc> as InputType>::parse(value).map_err(InputValueError::propagate)?;
        if !is_kept(instant.date_naive()) {
            return Err(InputValueError::custom("Write an instant of the years 0001 to 9999."));
        }
        Ok(Self(instant))
    }

    fn to_value(&self) -> Value {
        InputType::to_value(&self.0)
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Whether both engines keep and sort a date: those of four digits.
pub(crate) fn is_kept(date: NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

/// A whole number of up to 2⁵³ − 1, as a JSON number: minutes and counts outgrow GraphQL's `Int`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Long(pub i64);

/// The largest whole number that every JSON reader keeps exact.
const LARGEST: i64 = (1 << 53) - 1;

/// A whole number of up to 2⁵³ − 1, as a JSON number: minutes and counts outgrow GraphQL's `Int`.
#[Scalar]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number
                .as_i64()
                .filter(|number| (-LARGEST..=LARGEST).contains(number))
                .map(Self)
                .ok_or_else(|| InputValueError::custom("Write a whole number between -(2^53 - 1) and 2^53 - 1.")),
            _ => Err(InputValueError::custom("Write a whole number.")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
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

/// What one of our scalars wants, in Japanese and English and with an example, where it does not take a value. The other scalars take any here.
pub(crate) fn wanted(scalar: &str, value: &Value) -> Option<[&'static str; 2]> {
    let value = value.clone();
    let (is_taken, wanted) = match scalar {
        "Date" => (
            <Date as ScalarType>::parse(value).is_ok(),
            [
                "実在する日付を年4桁、月2桁、日2桁で指定してください（例：\"2018-04-01\"）。",
                "Write a date of the calendar as YYYY-MM-DD, such as \"2018-04-01\".",
            ],
        ),
        "DateTime" => (
            <Instant as InputType>::parse(Some(value)).is_ok(),
            [
                "日時を時差とともに指定してください（例：\"2018-04-01T09:00:00+09:00\"）。",
                "Write an instant with its offset, such as \"2018-04-01T09:00:00+09:00\".",
            ],
        ),
        "YearMonth" => (
            <Month as ScalarType>::parse(value).is_ok(),
            ["月を年4桁、月2桁で指定してください（例：\"2018-04\"）。", "Write a month as YYYY-MM, such as \"2018-04\"."],
        ),
        "FiscalYear" => (
            <FiscalYear as ScalarType>::parse(value).is_ok(),
            ["年度を数値で指定してください（例：2018）。", "Write a fiscal year as a number, such as 2018."],
        ),
        "Long" => (
            <Long as ScalarType>::parse(value).is_ok(),
            [
                "±（2⁵³−1）の範囲の整数を数値で指定してください（例：120）。",
                "Write a whole number of at most 2^53 - 1 either way, as a number such as 120.",
            ],
        ),
        "IndicatorCode" => (
            <indicator::Code as ScalarType>::parse(value).is_ok(),
            [
                "この指標はありません。indicators で指標の一覧を取得できます。",
                "There is no such indicator; `indicators` lists their codes, such as MEAN_OVERTIME_HOURS.",
            ],
        ),
        _ => return None,
    };
    (!is_taken).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_year_is_a_number_of_four_digits() {
        let read = |value: Value| <FiscalYear as ScalarType>::parse(value).ok().map(|year| ScalarType::to_value(&year));
        assert_eq!(read(Value::from(2018)), Some(Value::from(2018)));
        for wrong in [Value::from(10_000), Value::from(-1), Value::from(2018.5), Value::from(i64::MAX), Value::from("2018"), Value::Null] {
            assert_eq!(read(wrong), None);
        }
    }
}

//! Which months a change of something in force over time makes stale: those that have been computed, or are about to be.
//!
//! A designation or posting may reach from 1990 into the open future. Months that nobody ever computed hold no figure that could be wrong,
//! and later ones will be computed from what is stored by then, so neither is marked.

use crate::error::Error;
use chrono::NaiveDate;
use entity::period::YearMonth;
use jobs::database::WriteTransaction;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

/// The months between the earliest that has been computed, or waits for it, and the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Computed {
    first: YearMonth,
    last: YearMonth,
}

impl Computed {
    /// Loads the range, as the transaction sees it. Runs that wait or are under way count: what they read may be older than this call.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn load(tx: &WriteTransaction, today: NaiveDate) -> Result<Self, Error> {
        #[derive(FromQueryResult)]
        struct Row {
            value: Option<YearMonth>,
            mark: Option<YearMonth>,
            run: Option<YearMonth>,
        }
        let sql = "SELECT (SELECT min(month) FROM indicator_value) AS value,
            (SELECT min(month) FROM stale_mark) AS mark,
            (SELECT min(period) FROM job_run WHERE state IN ('QUEUED', 'RUNNING', 'RETRY_WAIT', 'CANCELLING')) AS run";
        let row = Row::find_by_statement(Statement::from_string(tx.get_database_backend(), sql)).one(&**tx).await?;
        let known = row.into_iter().flat_map(|row| [row.value, row.mark, row.run]).flatten().min();
        Ok(Self::new(YearMonth::of(today), known))
    }

    /// The current month and the one before, whose figures are still awaited, and all since the earliest known one.
    pub(in crate::store) fn new(current: YearMonth, known: Option<YearMonth>) -> Self {
        let previous = current.previous();
        Self { first: known.map_or(previous, |known| known.min(previous)), last: current }
    }

    /// The months that `[from, to)` touches, clipped to those that matter; `to` is null while it lasts. Empty where the span is.
    pub fn months(self, from: NaiveDate, to: Option<NaiveDate>) -> impl Iterator<Item = YearMonth> + use<> {
        let last = to.and_then(|to| to.pred_opt()).map_or(self.last, |day| YearMonth::of(day).min(self.last));
        let some = to.is_none_or(|to| from < to);
        YearMonth::range(YearMonth::of(from).max(self.first), last).filter(move |_| some)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    fn month(text: &str) -> YearMonth {
        text.parse().unwrap()
    }

    fn months(computed: Computed, from: &str, to: Option<&str>) -> Vec<String> {
        computed.months(from.parse().unwrap(), to.map(|to| to.parse().unwrap())).map(|month| month.to_string()).collect()
    }

    #[test]
    fn the_current_month_and_the_one_before_always_count() {
        let computed = Computed::new(month("2020-01"), None);
        assert_eq!(months(computed, "1990-04-01", None), ["2019-12", "2020-01"]);
        let computed = Computed::new(month("2020-01"), Some(month("2020-01")));
        assert_eq!(months(computed, "1990-04-01", None), ["2019-12", "2020-01"]);
    }

    #[test]
    fn a_span_is_half_open_and_clipped() {
        let computed = Computed::new(month("2020-03"), Some(month("2019-11")));
        assert_eq!(months(computed, "2019-12-31", Some("2020-02-01")), ["2019-12", "2020-01"]);
        assert_eq!(months(computed, "2019-12-31", Some("2020-02-02")), ["2019-12", "2020-01", "2020-02"]);
        assert_eq!(months(computed, "2018-01-01", Some("2019-12-01")), ["2019-11"]);
        assert_eq!(months(computed, "2020-03-31", Some("2199-01-01")), ["2020-03"]);
        for (from, to) in [("2020-04-01", None), ("2018-01-01", Some("2019-11-01")), ("2020-01-10", Some("2020-01-10"))] {
            assert!(months(computed, from, to).is_empty(), "{from} {to:?}");
        }
    }

    proptest! {
        #[test]
        fn each_day_in_range_finds_its_month(from in 0..2000i64, length in 1..800i64, day in 0..800i64) {
            let computed = Computed::new(month("2020-03"), Some(month("2018-05")));
            let from = NaiveDate::from_ymd_opt(2016, 1, 1).unwrap() + chrono::TimeDelta::days(from);
            let to = from + chrono::TimeDelta::days(length);
            let within = YearMonth::of(from + chrono::TimeDelta::days(day % length));
            let wanted = (month("2018-05")..=month("2020-03")).contains(&within);
            prop_assert_eq!(computed.months(from, Some(to)).any(|month| month == within), wanted);
        }
    }
}

//! Which months a change of something in force over time makes stale: those that have been computed, or are about to be.
//!
//! A designation or posting may reach from 1990 into the open future. Months that nobody ever computed hold no figure that could be wrong,
//! and later ones will be computed from what is stored by then, so neither is marked. What names its months itself, and has an end, also marks
//! those between the computed ones and the current one: they are asked for.

use crate::error::Error;
use chrono::NaiveDate;
use entity::period::YearMonth;
use jobs::{database::WriteTransaction, transaction};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;

/// The months that have been computed, or wait for it, and those between the first of them and the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    months: BTreeSet<YearMonth>,
    first: YearMonth,
    current: YearMonth,
}

impl Computed {
    /// Loads them, as the transaction sees them.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn load(tx: &WriteTransaction, today: NaiveDate) -> Result<Self, Error> {
        Self::within(&**tx, today).await
    }

    /// As [`Computed::load`], within a part of a transaction.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn within<C: ConnectionTrait>(tx: &C, today: NaiveDate) -> Result<Self, Error> {
        Ok(Self::new(YearMonth::of(today), transaction::months_with_figures(tx).await?))
    }

    fn new(current: YearMonth, months: BTreeSet<YearMonth>) -> Self {
        let first = months.first().copied().into_iter().chain([current.previous()]).min().unwrap_or(current);
        Self { months, first, current }
    }

    /// The months from one to another, for a test.
    #[cfg(test)]
    pub(in crate::store) fn between(first: &str, last: &str) -> Self {
        let month = |text: &str| text.parse().unwrap_or_else(|_| YearMonth::of(NaiveDate::MIN));
        Self::new(month(last), YearMonth::range(month(first), month(last)).collect())
    }

    /// The computed ones that `[from, to)` touches; `to` is null while it lasts. None where the span is empty.
    pub fn months(&self, from: NaiveDate, to: Option<NaiveDate>) -> impl Iterator<Item = YearMonth> + use<> {
        let touched = |month: &&YearMonth| month.next_first_day() > from && to.is_none_or(|to| month.first_day() < to && from < to);
        self.months.iter().filter(touched).copied().collect::<Vec<_>>().into_iter()
    }

    /// All that `[from, to)` touches from the first computed one, or the one before the current one, up to the current one.
    pub fn awaited(&self, from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = YearMonth> + use<> {
        let last = to.pred_opt().map_or(self.current, |day| YearMonth::of(day).min(self.current));
        YearMonth::range(YearMonth::of(from).max(self.first), last).filter(move |_| from < to)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    fn months(computed: &Computed, from: &str, to: Option<&str>) -> Vec<String> {
        computed.months(from.parse().unwrap(), to.map(|to| to.parse().unwrap())).map(|month| month.to_string()).collect()
    }

    #[test]
    fn what_has_no_end_touches_the_computed_months_alone() {
        let current = "2020-05".parse().unwrap();
        let computed = Computed::new(current, ["2018-04", "2019-12", "2020-02"].map(|month| month.parse().unwrap()).into());
        assert_eq!(months(&computed, "1990-04-01", None), ["2018-04", "2019-12", "2020-02"], "neither those between nor those to come");
        assert_eq!(months(&computed, "2019-12-31", None), ["2019-12", "2020-02"]);
        assert!(months(&Computed::new(current, BTreeSet::new()), "1990-04-01", None).is_empty());
    }

    #[test]
    fn what_names_its_months_awaits_those_up_to_the_current_one() {
        let awaited = |computed: &Computed, from: &str, to: &str| -> Vec<String> {
            computed.awaited(from.parse().unwrap(), to.parse().unwrap()).map(|month| month.to_string()).collect()
        };
        let current = "2020-03".parse().unwrap();
        let computed = Computed::new(current, ["2019-12".parse().unwrap()].into());
        assert_eq!(awaited(&computed, "2019-10-01", "2020-05-01"), ["2019-12", "2020-01", "2020-02", "2020-03"]);
        assert_eq!(awaited(&computed, "2020-01-01", "2020-02-01"), ["2020-01"]);
        assert_eq!(awaited(&Computed::new(current, BTreeSet::new()), "2019-10-01", "2020-05-01"), ["2020-02", "2020-03"]);
        for (from, to) in [("2020-04-01", "2020-05-01"), ("2019-10-01", "2019-12-01"), ("2020-01-10", "2020-01-10")] {
            assert_eq!(awaited(&computed, from, to), [""; 0], "{from} {to}");
        }
    }

    #[test]
    fn a_span_is_half_open_and_clipped() {
        let computed = Computed::between("2019-11", "2020-03");
        assert_eq!(months(&computed, "2019-12-31", Some("2020-02-01")), ["2019-12", "2020-01"]);
        assert_eq!(months(&computed, "2019-12-31", Some("2020-02-02")), ["2019-12", "2020-01", "2020-02"]);
        assert_eq!(months(&computed, "2018-01-01", Some("2019-12-01")), ["2019-11"]);
        assert_eq!(months(&computed, "2020-03-31", Some("2199-01-01")), ["2020-03"]);
        for (from, to) in [("2020-04-01", None), ("2018-01-01", Some("2019-11-01")), ("2020-01-10", Some("2020-01-10"))] {
            assert!(months(&computed, from, to).is_empty(), "{from} {to:?}");
        }
    }

    proptest! {
        #[test]
        fn each_day_in_range_finds_its_month(from in 0..2000i64, length in 1..800i64, day in 0..800i64) {
            let computed = Computed::between("2018-05", "2020-03");
            let from = NaiveDate::from_ymd_opt(2016, 1, 1).unwrap() + chrono::TimeDelta::days(from);
            let to = from + chrono::TimeDelta::days(length);
            let within = YearMonth::of(from + chrono::TimeDelta::days(day % length));
            let wanted = ("2018-05".parse().unwrap()..="2020-03".parse().unwrap()).contains(&within);
            prop_assert_eq!(computed.months(from, Some(to)).any(|month| month == within), wanted);
        }
    }
}

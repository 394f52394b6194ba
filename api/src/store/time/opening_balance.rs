//! Writing opening balances: what overtime a person worked elsewhere, in a month of the two years before the day of arrival. One a person
//! and month.

use crate::store::{
    conflicts::repeated,
    dialect,
    record::{Call, RecordNoun, Version, Writing, record_draft},
    rules::people::People,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Month, Regime},
};
use async_graphql::InputObject;
use entity::{
    opening_balance::{Entity, Model, Own},
    period::YearMonth,
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

/// The most minutes that a month has.
const MOST_MINUTES: i32 = 44_640;
/// How many months before that of arrival may have a balance.
const MONTHS: i32 = 24;

/// One month's overtime elsewhere, of a person who came.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "OpeningBalanceInput")]
pub struct OpeningBalanceDraft {
    /// Your own key of the balance.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// The day of arrival, on which the person is in post; at most 60 days ahead.
    pub date: Date,
    /// The month of the overtime, which has begun: that of arrival, or one of the 24 before.
    pub month: Month,
    /// The regime there, where it is known.
    pub regime: Option<Regime>,
    /// Overtime minutes of the month, 0 to 44,640.
    pub minutes: i32,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

record_draft!(dated OpeningBalanceDraft, "OpeningBalances");

impl RecordNoun for Model {
    type Draft = OpeningBalanceDraft;
    type World = People;
    const NOUN: Noun = Noun::OpeningBalance;
    const OF_THE_WHOLE_PERSON: bool = true;
    const HANDED_ON: bool = true;

    async fn load(tx: &WriteTransaction, call: &Call<OpeningBalanceDraft>, writing: &Writing<'_>) -> Result<People, Error> {
        People::of(tx, call, writing).await
    }

    /// Another balance of the month was written for an arrival between that month and the last one that may speak of it.
    async fn neighbours(tx: &WriteTransaction, call: &Call<OpeningBalanceDraft>, people: &People) -> Result<Vec<Self>, DbErr> {
        let arrivals = call.records.iter().flat_map(|draft| {
            let month = draft.month.0;
            [month.first_day(), month.add_months(MONTHS).last_day()].map(|day| (draft.staff_number.as_str(), day))
        });
        dialect::in_windows::<Entity, _>(&**tx, &people.windows(arrivals, 0)).await
    }

    fn own(draft: &OpeningBalanceDraft, _: &People, _: &Writing<'_>) -> Result<Own, Error> {
        check_month(draft)?;
        if !(0..=MOST_MINUTES).contains(&draft.minutes) {
            return Err(Error::input("minutes", "0から44640までの分数で指定してください。", "Minutes lie between 0 and 44,640."));
        }
        Ok(Own { month: draft.month.0, regime: draft.regime, minutes: draft.minutes })
    }

    fn conflicts(rows: &[&Self], _: &People) -> Vec<(usize, Error)> {
        let again = || {
            Error::conflict(
                "month",
                "同じ職員のこの月の着任前の超過勤務が既にあります。",
                "The staff member has an opening balance of this month already.",
            )
        };
        repeated(rows.iter().map(|row| (row.staff_id, row.month)))
            .into_iter()
            .map(|(index, other)| (index, again().beside(other)))
            .collect()
    }
}

fn check_month(draft: &OpeningBalanceDraft) -> Result<(), Error> {
    let arrival = YearMonth::of(draft.date.0);
    if (arrival.add_months(-MONTHS)..=arrival).contains(&draft.month.0) {
        return Ok(());
    }
    Err(Error::input(
        "month",
        "着任した月か、その前の24か月のうちの月を指定してください。",
        "The month is that of arrival, or one of the 24 before it.",
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::conflicts::fixture::{by_pairs, day, head, meta, refused, shuffled};
    use entity::record::Shaped;
    use proptest::prelude::*;

    fn model(person: u128, months: i32) -> Model {
        let month = YearMonth::of(day(0)).add_months(-months);
        Model::of(head(person, 0), Own { month, regime: None, minutes: 600 }, meta())
    }

    #[test]
    fn the_month_is_of_the_two_years_before_arrival() {
        let good = |month: &str| {
            check_month(&OpeningBalanceDraft {
                external_id: "1".into(),
                staff_number: "1".into(),
                date: Date("2020-04-01".parse().unwrap()),
                month: Month(month.parse().unwrap()),
                regime: None,
                minutes: 0,
                version: Version::default(),
            })
            .is_ok()
        };
        assert_eq!(["2018-03", "2018-04", "2020-04", "2020-05"].map(good), [false, true, true, false]);
    }

    proptest! {
        #[test]
        fn one_a_person_and_month(
            (rows, others) in shuffled(prop::collection::vec((1..3u128, 0..6i32), 0..8)
                .prop_map(|rows| rows.into_iter().map(|(person, months)| model(person, months)).collect())),
        ) {
            let found = refused(&rows, &People::default());
            prop_assert_eq!(&found, &refused(&others, &People::default()));
            prop_assert_eq!(found, by_pairs(&rows, "month", |a, b| (a.staff_id, a.month) == (b.staff_id, b.month)));
        }
    }
}

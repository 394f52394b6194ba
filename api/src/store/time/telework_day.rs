//! Writing telework days (テレワーク): one a person and day, which fits into the day with the leave beside it.

use crate::store::{
    conflicts::repeated,
    day_capacity::{self, DayCapacity},
    dialect,
    record::{Call, Doubt, Look, RecordNoun, Version, Writing, Written, record_draft},
    rules::doubts,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, TeleworkPlace},
};
use async_graphql::InputObject;
use chrono::NaiveDate;
use entity::telework_day::{Entity, Model, Own};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

/// One day, or part of one, worked away from the office.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "TeleworkDayInput")]
pub struct TeleworkDayDraft {
    /// Your own key of the telework day.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// The civil date, at most 18 months ahead.
    pub date: Date,
    /// Where.
    pub place: TeleworkPlace,
    /// Minutes away from the office, 1 to 465; 465 is a whole standard day.
    #[graphql(default = 465)]
    pub minutes: i32,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

record_draft!(dated TeleworkDayDraft, "TeleworkDays");

impl RecordNoun for Model {
    type Draft = TeleworkDayDraft;
    type World = DayCapacity;
    const NOUN: Noun = Noun::TeleworkDay;
    const HANDED_ON: bool = true;

    async fn load(tx: &WriteTransaction, call: &Call<TeleworkDayDraft>, writing: &Writing<'_>) -> Result<DayCapacity, Error> {
        DayCapacity::beside_telework(tx, &days(call), writing).await
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<TeleworkDayDraft>, away: &DayCapacity) -> Result<Vec<Self>, DbErr> {
        dialect::in_windows::<Entity, _>(&**tx, &away.people.windows(days(call).into_iter(), 0)).await
    }

    fn own(draft: &TeleworkDayDraft, _: &DayCapacity, _: &Writing<'_>) -> Result<Own, Error> {
        day_capacity::check_minutes(draft.minutes)?;
        Ok(Own { place: draft.place, minutes: draft.minutes })
    }

    fn conflicts(rows: &[&Self], away: &DayCapacity) -> Vec<(usize, Error)> {
        let twice = repeated(rows.iter().map(|row| (row.staff_id, row.bureau_id, row.date)));
        let mut overfull = away.overfull(rows.iter().map(|row| ((row.staff_id, row.bureau_id, row.date), row.minutes)));
        overfull.retain(|index| !twice.contains_key(index));
        let again = || {
            Error::conflict(
                "date",
                "同じ職員のこの日のテレワークが既にあります。",
                "The staff member has a telework day on this date already.",
            )
        };
        let twice = twice.into_iter().map(|(index, other)| (index, again().beside(other)));
        twice.chain(overfull.into_iter().map(|index| (index, day_capacity::too_much()))).collect()
    }

    async fn doubts(
        look: &Look<'_>,
        written: &[Written<'_, Self, TeleworkDayDraft>],
        _: &[&Self],
        _: &DayCapacity,
    ) -> Result<Vec<(usize, Doubt)>, Error> {
        let off = look.days_off(written.iter().map(|record| record.row.date)).await?;
        let found = written.iter().enumerate().filter_map(|(at, record)| Some((at, doubts::telework_on(record.row.date, &off)?)));
        Ok(found.collect())
    }
}

fn days(call: &Call<TeleworkDayDraft>) -> Vec<(&str, NaiveDate)> {
    call.records.iter().map(|draft| (draft.staff_number.as_str(), draft.date.0)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::conflicts::fixture::{bureau, day, head, meta, refused, shuffled};
    use entity::{ids::StaffId, record::Shaped};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn model(person: u128, date: i64, minutes: i32) -> Model {
        Model::of(head(person, date), Own { place: TeleworkPlace::Home, minutes }, meta())
    }

    #[test]
    fn one_a_day_that_fits_beside_leave() {
        let rows = [model(1, 0, 200), model(1, 0, 100), model(1, 1, 266), model(1, 2, 265), model(2, 1, 465)];
        let beside = [((rows[0].staff_id, bureau(), day(1)), 200), ((rows[0].staff_id, bureau(), day(2)), 200)];
        let found = refused(&rows, &DayCapacity::holding(&beside));
        let wanted = [(rows[0].id.0, "date"), (rows[1].id.0, "date"), (rows[2].id.0, "minutes")];
        assert_eq!(found, wanted.map(|(id, field)| (id, Some(field.to_owned()))).into());
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter(
            (rows, others) in shuffled(prop::collection::vec((1..3u128, 0..6i64, 1..=465i32), 0..8)
                .prop_map(|rows| rows.into_iter().map(|(person, date, minutes)| model(person, date, minutes)).collect())),
            taken in 1..=465i32,
        ) {
            let away = DayCapacity::holding(&[((StaffId(Uuid::from_u128(1)), bureau(), day(2)), taken)]);
            prop_assert_eq!(refused(&rows, &away), refused(&others, &away));
        }
    }
}

//! Writing units' targets of annual leave (年次休暇取得目標日数): one a unit and calendar year.

use crate::store::{
    conflicts::repeated,
    dialect,
    places::Places,
    record::{Call, KnowsPlaces, RecordNoun, Touch, Version, Writing, record_draft},
    stale_months::Computed,
};
use crate::{authz::Noun, error::Error};
use async_graphql::InputObject;
use chrono::NaiveDate;
use entity::{
    leave_target::{Entity, Model, Own},
    period::civil_date,
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

/// One unit's target of annual leave for a calendar year.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "LeaveTargetInput")]
pub struct LeaveTargetDraft {
    /// Your own key of the target.
    pub external_id: String,
    /// Code of the bureau.
    pub bureau: String,
    /// Code of the unit, which is always needed: each sets its own.
    pub unit: Option<String>,
    /// The calendar year, from 1990 on and at most 5 years ahead.
    pub calendar_year: i32,
    /// Days of annual leave that each person is meant to take, 1 to 40.
    pub days: i32,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

record_draft!(of_bureau LeaveTargetDraft, "LeaveTargets");

/// The places of the call, and the months that a target makes stale.
pub struct World {
    places: Places,
    computed: Computed,
}

impl KnowsPlaces for World {
    fn places(&self) -> &Places {
        &self.places
    }
}

impl RecordNoun for Model {
    type Draft = LeaveTargetDraft;
    type World = World;
    const NOUN: Noun = Noun::LeaveTarget;
    const HANDED_ON: bool = true;

    async fn load(tx: &WriteTransaction, call: &Call<LeaveTargetDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        dialect::lock_table::<Entity, _>(&**tx).await?;
        Ok(World { places: Places::of(tx, call).await?, computed: Computed::load(tx, civil_date(writing.now)).await? })
    }

    async fn neighbours(tx: &WriteTransaction, _: &Call<LeaveTargetDraft>, world: &World) -> Result<Vec<Self>, DbErr> {
        let rows = dialect::by_id::<Entity, _>(&**tx, "unit_id", &world.places.units()).await?;
        Ok(rows.into_iter().filter(|row| row.void_reason.is_none()).collect())
    }

    fn own(draft: &LeaveTargetDraft, _: &World, _: &Writing<'_>) -> Result<Own, Error> {
        if draft.unit.is_none() {
            return Err(Error::input("unit", "課を指定してください。", "Each unit sets its own target: name it."));
        }
        if !(1_990..=9_999).contains(&draft.calendar_year) {
            return Err(Error::input("calendarYear", "1990から9999までの年で指定してください。", "The year lies between 1990 and 9999."));
        }
        if !(1..=40).contains(&draft.days) {
            return Err(Error::input("days", "1から40までの日数で指定してください。", "A target is 1 to 40 days."));
        }
        Ok(Own { calendar_year: draft.calendar_year, days: draft.days })
    }

    fn conflicts(rows: &[&Self], _: &World) -> Vec<(usize, Error)> {
        let again = || {
            Error::conflict(
                "calendarYear",
                "この課のこの年の取得目標日数が既にあります。",
                "The unit has a target for this calendar year already.",
            )
        };
        repeated(rows.iter().map(|row| (row.unit_id, row.calendar_year)))
            .into_iter()
            .map(|(index, other)| (index, again().beside(other)))
            .collect()
    }

    /// The months of its year that have been computed, or are about to be.
    fn more_touches(&self, world: &World) -> Vec<Touch> {
        let first = |year| NaiveDate::from_ymd_opt(year, 1, 1);
        let year = first(self.calendar_year).zip(first(self.calendar_year + 1));
        let months = year.into_iter().flat_map(|(from, to)| world.computed.awaited(from, to));
        months.map(|month| (self.bureau_id, month, None)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::{
        conflicts::fixture::{bureau, by_pairs, meta, refused, shuffled},
        record::Recordable,
    };
    use entity::{
        ids::UnitId,
        record::{BureauHead, Shaped},
    };
    use proptest::prelude::*;
    use uuid::Uuid;

    fn world() -> World {
        World { places: Places::default(), computed: Computed::between("2019-11", "2020-02") }
    }

    fn model(unit: u128, calendar_year: i32) -> Model {
        let unit_id = Some(UnitId(Uuid::from_u128(unit)));
        let head = BureauHead { client: "office", external_id: "1", bureau_id: bureau(), unit_id, correction_reason: None };
        Model::of(head, Own { calendar_year, days: 15 }, meta())
    }

    #[test]
    fn it_touches_the_months_of_its_year() {
        let touched = |year| -> Vec<String> { model(1, year).touches(&world()).iter().map(|(_, month, _)| month.to_string()).collect() };
        assert_eq!(touched(2018), [""; 0]);
        assert_eq!(touched(2019), ["2019-11", "2019-12"]);
        assert_eq!(touched(2020), ["2020-01", "2020-02"]);
    }

    proptest! {
        #[test]
        fn one_a_unit_and_year(
            (rows, others) in shuffled(prop::collection::vec((1..3u128, 2019..2022i32), 0..8)
                .prop_map(|rows| rows.into_iter().map(|(unit, year)| model(unit, year)).collect())),
        ) {
            let found = refused(&rows, &world());
            prop_assert_eq!(&found, &refused(&others, &world()));
            prop_assert_eq!(found, by_pairs(&rows, "calendarYear", |a, b| (a.unit_id, a.calendar_year) == (b.unit_id, b.calendar_year)));
        }
    }
}

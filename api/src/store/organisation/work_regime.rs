//! Writing designations of units (他律的業務・自律的業務): those of a unit that count never overlap.

use crate::store::{
    conflicts::overlapping,
    dialect,
    record::{Call, Draft, End, Recordable, Touch, Version, Writing, check_span, external},
    stale_months::Computed,
    unscoped,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Regime},
};
use async_graphql::InputObject;
use entity::{
    ids::{BureauId, UnitId, WorkRegimeId},
    period::civil_date,
    record::Meta,
    unit,
    work_regime::{Entity, Model},
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One designation of a unit (rule 15-14).
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "WorkRegimeInput")]
pub struct WorkRegimeDraft {
    /// Your own key of the designation.
    pub external_id: String,
    /// Code of the designated unit.
    pub unit: String,
    /// The designation.
    pub regime: Regime,
    /// First day in force, at most 18 months ahead.
    pub valid_from: Date,
    /// First day no longer in force, at most 5 years ahead; or say `lastDay`. Neither while it lasts.
    pub valid_to: Option<Date>,
    /// Last day in force, in place of `validTo`, which is the day after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Date>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for WorkRegimeDraft {
    const MANY: &'static str = "WorkRegimes";

    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
    fn ends(&self) -> Vec<End> {
        vec![End::of_span(self.valid_to, self.last_day)]
    }
}

/// The units there are, and the months that a designation makes stale.
pub struct World {
    by_code: HashMap<String, UnitId>,
    bureau_of: HashMap<UnitId, BureauId>,
    computed: Computed,
}

impl Recordable for Model {
    type Draft = WorkRegimeDraft;
    type World = World;
    const NOUN: Noun = Noun::WorkRegime;
    external!();

    fn writable(&self, _: &Self::World, writing: &Writing<'_>) -> bool {
        writing.scope.is_everything()
    }

    async fn load(tx: &WriteTransaction, _: &Call<WorkRegimeDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        dialect::lock_table::<Entity, _>(&**tx).await?;
        // An office has hundreds of units at most, and a stored designation may be of another unit than the call names.
        let units = unscoped::<unit::Entity>().all(&**tx).await?;
        let bureau_of = units.iter().map(|unit| (unit.id, unit.bureau_id)).collect();
        let by_code = units.into_iter().filter(|unit| unit.void_reason.is_none()).map(|unit| (unit.code, unit.id)).collect();
        Ok(World { by_code, bureau_of, computed: Computed::load(tx, civil_date(writing.now)).await? })
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<WorkRegimeDraft>, world: &World) -> Result<Vec<Self>, DbErr> {
        let units = call.records.iter().filter_map(|draft| world.by_code.get(&draft.unit)).map(|id| id.0).collect();
        let mut rows = dialect::by_id::<Entity, _>(&**tx, "unit_id", &units).await?;
        rows.retain(|row| row.void_reason.is_none());
        Ok(rows)
    }

    fn build(draft: &WorkRegimeDraft, meta: Meta, world: &World, writing: &Writing<'_>) -> Result<Self, Error> {
        let unit_id = *world.by_code.get(&draft.unit).ok_or_else(|| Error::not_found("unit", "課・担当", "unit"))?;
        let (valid_from, valid_to) = (draft.valid_from.0, End::of_span(draft.valid_to, draft.last_day).day());
        check_span(valid_from, valid_to)?;
        Ok(Self {
            id: WorkRegimeId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            unit_id,
            regime: draft.regime,
            valid_from,
            valid_to,
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], _: &World) -> Vec<(usize, Error)> {
        let spans: Vec<_> = rows.iter().map(|row| (row.unit_id, row.valid_from, row.valid_to)).collect();
        let overlap = || {
            Error::conflict("validFrom", "同じ課・担当の指定と期間が重なっています。", "It overlaps another designation of the same unit.")
        };
        overlapping(&spans).into_iter().map(|(index, other)| (index, overlap().beside(other))).collect()
    }

    fn touches(&self, world: &World) -> Vec<Touch> {
        let Some(bureau) = world.bureau_of.get(&self.unit_id) else { return Vec::new() };
        world.computed.months(self.valid_from, self.valid_to).map(|month| (*bureau, month, None)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::conflicts::fixture::{by_pairs, day, refused, row, shuffled};
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn world() -> World {
        let unit = |n: u128| UnitId(Uuid::from_u128(n));
        World {
            by_code: HashMap::from([("a".to_owned(), unit(1)), ("b".to_owned(), unit(2))]),
            bureau_of: HashMap::from([(unit(1), BureauId(Uuid::from_u128(9)))]),
            computed: Computed::between("2019-04", "2019-06"),
        }
    }

    fn draft(unit: &str, from: i64, length: Option<i64>) -> WorkRegimeDraft {
        WorkRegimeDraft {
            external_id: "1".into(),
            unit: unit.into(),
            regime: Regime::SelfPaced,
            valid_from: Date(day(from)),
            valid_to: length.map(|length| Date(day(from + length))),
            last_day: None,
            version: Version::default(),
        }
    }

    #[test]
    fn a_designation_needs_a_unit_and_a_span() {
        let field = |draft| row::<Model>(&draft, &world()).unwrap_err().field.unwrap();
        assert_eq!(field(draft("c", 0, None)), "unit");
        assert_eq!(field(draft("a", 0, Some(0))), "validTo");
        assert_eq!(field(draft("a", -60_000, None)), "validFrom");
        assert_eq!(field(draft("a", 0, Some(90_000))), "validTo");
    }

    #[test]
    fn it_touches_the_months_that_were_computed() {
        let months = |from, length| {
            let touches = row::<Model>(&draft("a", from, length), &world()).unwrap().touches(&world());
            assert!(touches.iter().all(|(bureau, _, person)| *bureau == BureauId(Uuid::from_u128(9)) && person.is_none()));
            touches.into_iter().map(|(_, month, _)| month.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(months(-400, None), ["2019-04", "2019-05", "2019-06"]);
        assert_eq!(months(29, Some(2)), ["2019-04", "2019-05"]);
    }

    proptest! {
        #[test]
        fn designations_of_a_unit_never_overlap(
            (rows, others) in shuffled(prop::collection::vec(("[ab]", 0..60i64, prop::option::weighted(0.9, 1..20i64)), 0..10)
                .prop_map(|rows| rows.into_iter().map(|(unit, from, length)| row::<Model>(&draft(&unit, from, length), &world()).unwrap()).collect())),
        ) {
            let found = refused(&rows, &world());
            prop_assert_eq!(&found, &refused(&others, &world()));
            let until = |row: &Model| row.valid_to.unwrap_or(NaiveDate::MAX);
            prop_assert_eq!(found, by_pairs(&rows, "validFrom", |a, b| a.unit_id == b.unit_id && a.valid_from < until(b) && b.valid_from < until(a)));
        }
    }
}

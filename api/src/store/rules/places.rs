//! The bureaus and units that a call names, for records of a bureau.

use crate::error::Error;
use crate::store::{
    dialect,
    record::{BureauDraft, Call, KnowsPlaces},
    scope::RowScope,
};
use entity::{
    bureau,
    ids::{BureauId, UnitId},
    unit,
};
use jobs::database::WriteTransaction;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The bureaus and units that a call names and that count, by code.
#[derive(Default)]
pub struct Places {
    bureaus: HashMap<String, BureauId>,
    units: HashMap<String, (UnitId, BureauId)>,
}

impl KnowsPlaces for Places {
    fn places(&self) -> &Places {
        self
    }
}

impl Places {
    /// Those of a call.
    pub(in crate::store) async fn of<D: BureauDraft>(tx: &WriteTransaction, call: &Call<D>) -> Result<Self, Error> {
        let codes = call.records.iter().map(BureauDraft::bureau).collect();
        let bureaus = dialect::by_text::<bureau::Entity, _>(&**tx, "code", &codes).await?;
        let codes = call.records.iter().filter_map(BureauDraft::unit).collect();
        let units = dialect::by_text::<unit::Entity, _>(&**tx, "code", &codes).await?;
        Ok(Self {
            bureaus: bureaus.into_iter().filter(|row| row.void_reason.is_none()).map(|row| (row.code, row.id)).collect(),
            units: units.into_iter().filter(|row| row.void_reason.is_none()).map(|row| (row.code, (row.id, row.bureau_id))).collect(),
        })
    }

    /// The units that the call names.
    pub(in crate::store) fn units(&self) -> BTreeSet<Uuid> {
        self.units.values().map(|(unit, _)| unit.0).collect()
    }

    /// The bureau and, where one is named, its unit.
    ///
    /// # Errors
    /// `NOT_FOUND` in `bureau` or `unit`: unknown, or none of the writer's.
    pub fn place(&self, bureau: &str, unit: Option<&str>, scope: &RowScope) -> Result<(BureauId, Option<UnitId>), Error> {
        let unknown = || Error::not_found("bureau", "部局", "bureau");
        let bureau_id = *self.bureaus.get(bureau).ok_or_else(unknown)?;
        let Some(code) = unit else {
            return if scope.bureaus.holds(&bureau_id) { Ok((bureau_id, None)) } else { Err(unknown()) };
        };
        let found = self.units.get(code).filter(|(_, of)| *of == bureau_id).map(|(unit_id, _)| *unit_id);
        if !scope.bureaus.holds(&bureau_id) && !found.is_some_and(|unit_id| scope.units.contains(&unit_id)) {
            return Err(unknown());
        }
        let unit_id = found.ok_or_else(|| Error::not_found("unit", "課・室", "unit of the bureau"))?;
        Ok((bureau_id, Some(unit_id)))
    }
}

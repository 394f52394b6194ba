//! The figures of single units, which no list of values shows: for who may see the persons of the unit, beside its own targets.

use super::Shared;
use crate::store::{Store, unscoped};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use entity::{
    ids::{BureauId, UnitId},
    measure_cell::{Column, Entity, Model, Span},
    period::YearMonth,
    person_month::Standing,
};
use jobs::indicators::{Part, find};
use sea_orm::{ColumnTrait, QueryFilter};
use std::collections::{BTreeSet, HashMap};

/// A unit's figure of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OfUnit {
    /// The unit's bureau.
    pub bureau: BureauId,
    /// The unit.
    pub unit: UnitId,
    /// Code of the indicator.
    pub code: &'static str,
    /// Which months it covers.
    pub span: Span,
    /// The last of them.
    pub month: YearMonth,
}

impl Store {
    /// Numerator and denominator of figures of units, in one statement: of those whose persons the actor may see, and of which something was
    /// computed.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn figures_of_units(&self, keys: &[OfUnit]) -> Result<HashMap<OfUnit, (i64, i64)>, Error> {
        let read = Action::Read(Noun::PersonMonth);
        if !self.may(read) {
            return Ok(HashMap::new());
        }
        let scope = self.allow(read)?;
        let seen = keys.iter().filter(|key| scope.bureaus.holds(&key.bureau) || scope.units.contains(&key.unit));
        let seen: Vec<_> = seen.filter_map(|key| Some((*key, find(key.code)?))).collect();
        let measures: BTreeSet<_> = seen.iter().flat_map(|(_, of)| [of.numerator.measure.code, of.denominator.measure.code]).collect();
        if seen.is_empty() {
            return Ok(HashMap::new());
        }
        let cells = unscoped::<Entity>()
            .filter(Column::Span.is_in(seen.iter().map(|(key, _)| key.span).collect::<BTreeSet<_>>()))
            .filter(Column::Month.is_in(seen.iter().map(|(key, _)| key.month).collect::<BTreeSet<_>>()))
            .filter(Column::UnitId.is_in(seen.iter().map(|(key, _)| key.unit).collect::<BTreeSet<_>>()))
            .filter(Column::Measure.is_in(measures));
        let cells = cells.all(self.reader()).await?;
        let standings = self.standings(&Shared::default()).await?;
        let figure = |(key, definition): (OfUnit, &jobs::indicators::Definition)| {
            let own = |cell: &&Model| (cell.unit_id, cell.span, cell.month) == (key.unit, key.span, key.month);
            let sum = |part: Part, of: Vec<Standing>| {
                let counts = |cell: &&Model| {
                    cell.measure == part.measure.code
                        && part.sexes.contains(&cell.sex)
                        && part.bands.contains(&cell.band)
                        && of.contains(&cell.standing)
                };
                part.scale * cells.iter().filter(own).filter(counts).map(|cell| cell.value).sum::<i64>()
            };
            let counted = definition.counts;
            let figure =
                (sum(definition.numerator, standings.numerator(counted)), sum(definition.denominator, standings.denominator(counted)));
            (figure.1 > 0).then_some((key, figure))
        };
        let places: Vec<_> = seen.iter().map(|(key, _)| (key.bureau, 0)).collect();
        let figures: HashMap<_, _> = seen.into_iter().filter_map(figure).collect();
        // A unit may be one person: its figure tells as much as the row.
        self.note_counted(Noun::PersonMonth, figures.len() as u64, places);
        Ok(figures)
    }
}

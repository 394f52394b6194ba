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
use jobs::indicators::{Definition, Part, Standings, find};
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

/// What a unit's figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitSum {
    /// Numerator and denominator.
    pub figure: (i64, i64),
    /// Whether its records cover fewer of its people than the rules ask for, so that no target is held against it.
    pub is_partial: bool,
}

impl Store {
    /// Numerator and denominator of figures of units, in one statement: of those whose persons the actor may see, and of which something was
    /// computed.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn figures_of_units(&self, keys: &[OfUnit]) -> Result<HashMap<OfUnit, UnitSum>, Error> {
        let read = Action::Read(Noun::PersonMonth);
        if !self.may(read) {
            return Ok(HashMap::new());
        }
        let scope = self.allow(read)?;
        let seen = keys.iter().filter(|key| scope.bureaus.holds(&key.bureau) || scope.units.contains(&key.unit));
        let seen: Vec<_> = seen.filter_map(|key| Some((*key, find(key.code)?))).collect();
        let parts = |of: &Definition| [of.numerator, of.denominator].into_iter().chain(of.coverage().into_iter().flatten());
        let measures: BTreeSet<_> = seen.iter().flat_map(|(_, of)| parts(of)).map(|part| part.measure.code).collect();
        if seen.is_empty() {
            return Ok(HashMap::new());
        }
        let cells = unscoped::<Entity>()
            .filter(Column::Span.is_in(seen.iter().map(|(key, _)| key.span).collect::<BTreeSet<_>>()))
            .filter(Column::Month.is_in(seen.iter().map(|(key, _)| key.month).collect::<BTreeSet<_>>()))
            .filter(Column::UnitId.is_in(seen.iter().map(|(key, _)| key.unit).collect::<BTreeSet<_>>()))
            .filter(Column::Measure.is_in(measures));
        let cells = cells.all(self.reader()).await?;
        let rule = self.counting_rule(&Shared::default()).await?;
        let standings = Standings::from(&*rule);
        let figure = |(key, definition): (OfUnit, &Definition)| {
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
            let [covered, expected] =
                definition.coverage().map_or([0; 2], |sides| sides.map(|side| sum(side, standings.denominator(counted))));
            let is_partial = rule.is_partial(covered, expected);
            (figure.1 > 0).then_some((key, UnitSum { figure, is_partial }))
        };
        let places: Vec<_> = seen.iter().map(|(key, _)| (key.bureau, 0)).collect();
        let figures: HashMap<_, _> = seen.into_iter().filter_map(figure).collect();
        // A unit may be one person: its figure tells as much as the row.
        self.note_counted(Noun::PersonMonth, figures.len() as u64, places);
        Ok(figures)
    }
}

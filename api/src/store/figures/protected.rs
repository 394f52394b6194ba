//! What is withheld from an actor who may see no persons of a bureau: as it was decided when the month was computed (`jobs::protection`), the
//! same for all such actors. What was not decided is not shown.

use super::{BTreeSet, Error, Ground, HashMap, Known, Model, Span, Store, TOTAL, YearMonth, find, unscoped};
use entity::protection::{self, Column, Split};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect};

/// A figure's code, span, month and split.
type Key = (String, Span, YearMonth, Split);

/// What a request knows of the decisions.
#[derive(Debug, Default)]
pub(super) struct Protection {
    withheld: HashMap<Key, BTreeSet<String>>,
    loaded: BTreeSet<(String, Span, YearMonth)>,
}

impl Protection {
    /// Whether a value that the actor may see protected alone is withheld.
    pub(super) fn withholds(&self, ground: &Ground, row: &Model) -> bool {
        let crossed = row.sex != TOTAL && row.band != TOTAL;
        let key = (row.indicator.clone(), row.span, row.month, split(&row.sex, &row.band));
        let is_hidden = row.bureau != TOTAL && ground.hides(&row.bureau);
        crossed || is_hidden || find(&row.indicator).is_none() || self.withheld.get(&key).is_none_or(|places| places.contains(&row.bureau))
    }
}

impl Store {
    /// Loads what is withheld of these rows' figures, in one statement.
    pub(super) async fn protect(&self, known: &mut Known, rows: &[&Model]) -> Result<(), Error> {
        let protection = &mut known.protection;
        let asked: BTreeSet<_> = rows.iter().map(|row| (row.indicator.clone(), row.span, row.month)).collect();
        let missing: Vec<_> = asked.into_iter().filter(|key| !protection.loaded.contains(key)).collect();
        let (Some(first), Some(last)) = (missing.iter().map(|key| key.2).min(), missing.iter().map(|key| key.2).max()) else {
            return Ok(());
        };
        let of = Condition::all()
            .add(Column::Month.between(first, last))
            .add(Column::Span.is_in(missing.iter().map(|key| key.1).collect::<BTreeSet<_>>()))
            .add(Column::Figure.is_in(missing.iter().map(|key| key.0.as_str()).collect::<BTreeSet<_>>()));
        protection.withheld.extend(self.withheld(of).await?.into_iter().map(|row| {
            let key = (row.figure, row.span, row.month, row.split);
            (key, row.withheld.0)
        }));
        protection.loaded.extend(missing);
        Ok(())
    }

    /// The decisions in force, of these figures.
    pub(super) async fn withheld(&self, of: Condition) -> Result<Vec<protection::Model>, Error> {
        let rows = unscoped::<protection::Entity>().filter(of).filter(Column::SupersededBy.is_null());
        Ok(rows.limit(MOST).all(self.reader()).await?)
    }
}

/// More decisions than any page of values or series rests on.
const MOST: u64 = 50_000;

fn split(sex: &str, band: &str) -> Split {
    match (sex == TOTAL, band == TOTAL) {
        (true, true) => Split::Total,
        (false, _) => Split::BySex,
        (true, false) => Split::ByBand,
    }
}

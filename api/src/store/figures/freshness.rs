//! Which months wait to be computed: those that were never computed, and those of whose records some changed since.
//!
//! A year to date that rests on such a month says less than its name. What lies before the office's first month, or was disposed of, is in no span.

use super::{BTreeSet, BureauId, Error, Known, Model, Store, TOTAL, YearMonth, first_month};
use entity::stale_mark::{Column, Entity};
use jobs::transaction::{computed_months, disposal, since};
use sea_orm::QuerySelect;
use std::sync::Arc;

/// What is computed, and what has changed since.
#[derive(Debug)]
pub(super) struct Freshness {
    computed: BTreeSet<YearMonth>,
    stale: BTreeSet<(YearMonth, BureauId)>,
    /// The first month of which figures speak.
    beginning: Option<YearMonth>,
    /// The first month of which all records are there.
    whole: Option<YearMonth>,
}

impl Freshness {
    /// The first month that a value covers.
    pub(super) fn from(&self, row: &Model) -> YearMonth {
        since(first_month(row.span, row.month), row.month, self.beginning)
    }

    /// Whether a month of the value waits to be computed: for the whole office, of any bureau; for a bureau, its own.
    pub(super) fn is_stale(&self, row: &Model, bureau: Option<BureauId>) -> bool {
        let from = since(self.from(row), row.month, self.whole);
        let waits = |month: YearMonth| {
            let mut of_month = self.stale.range((month, BureauId(uuid::Uuid::nil()))..).take_while(|(of, _)| *of == month);
            !self.computed.contains(&month) || of_month.any(|(_, of)| row.bureau == TOTAL || Some(*of) == bureau)
        };
        YearMonth::range(from, row.month).any(waits)
    }
}

impl Store {
    /// Loads it once a request.
    pub(super) async fn freshness(&self, known: &mut Known) -> Result<Arc<Freshness>, Error> {
        if let Some(freshness) = &known.freshness {
            return Ok(freshness.clone());
        }
        let marks = crate::store::unscoped::<Entity>().select_only().columns([Column::Month, Column::BureauId]).distinct();
        let freshness = Arc::new(Freshness {
            computed: computed_months(self.reader()).await?.into_iter().collect(),
            stale: marks.into_tuple::<(YearMonth, BureauId)>().all(self.reader()).await?.into_iter().collect(),
            beginning: jobs::transaction::first_month(self.reader()).await?,
            whole: disposal::first_whole_month(self.reader()).await?,
        });
        known.freshness = Some(freshness.clone());
        Ok(freshness)
    }
}

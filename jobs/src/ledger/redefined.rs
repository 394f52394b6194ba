//! Months whose figures were made by other definitions than this program's: an upgrade marks them stale, so that the next run computes them
//! anew. Their values become revised ones where the month is closed, and the former values stay, each with its version.
//!
//! Deliberately absent: months of which records have been disposed of, whose figures stand as they were computed in time.

use super::Ledger;
use crate::{
    database::DatabaseError,
    dialect::few_rows,
    indicators::catalogue,
    transaction::{Stale, disposal, mark_stale},
};
use entity::{bureau, measure_cell::Span, period::YearMonth, stale_mark};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, BTreeSet};

/// The office's latest values by month: every computed month has one of each indicator.
const VERSIONS: &str = "SELECT month, indicator, version FROM indicator_value
    WHERE span = 'MONTH' AND bureau = 'TOTAL' AND sex = 'TOTAL' AND band = 'TOTAL' AND superseded_by IS NULL";

impl Ledger {
    /// Marks stale each computed month that lacks a value of an indicator, or has one of another version. Tells how many there were; a second
    /// time marks nothing anew.
    ///
    /// # Errors
    /// The engine's.
    pub async fn mark_redefined(&self) -> Result<usize, DatabaseError> {
        let tx = self.db.begin().await?;
        let current: BTreeSet<(String, i32)> = catalogue()
            .iter()
            .filter(|definition| definition.has_span(Span::Month))
            .map(|definition| (definition.code.to_owned(), definition.version))
            .collect();
        let mut computed: BTreeMap<YearMonth, BTreeSet<(String, i32)>> = BTreeMap::new();
        for row in few_rows(&*tx, VERSIONS, vec![]).await? {
            computed.entry(row.try_get_by_index(0)?).or_default().insert((row.try_get_by_index(1)?, row.try_get_by_index(2)?));
        }
        let whole = disposal::first_whole_month(&*tx).await?;
        let is_outdated = |(month, versions): &(YearMonth, BTreeSet<_>)| whole.is_none_or(|first| *month >= first) && *versions != current;
        let months: BTreeSet<_> = computed.into_iter().filter(is_outdated).map(|(month, _)| month).collect();
        if months.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        let bureaus = bureau::Entity::find().filter(bureau::Column::VoidReason.is_null()).all(&*tx).await?;
        let marked = stale_mark::Entity::find().filter(stale_mark::Column::StaffId.is_null()).all(&*tx).await?;
        let marked: BTreeSet<_> = marked.into_iter().map(|mark| (mark.bureau_id, mark.month)).collect();
        let places = bureaus.iter().flat_map(|bureau| months.iter().map(|month| (bureau.id, *month)));
        let stale: Stale = places.filter(|place| !marked.contains(place)).map(|place| (place, [None].into())).collect();
        mark_stale(&*tx, self.clock.now(), None, &stale).await?;
        tx.commit().await?;
        Ok(months.len())
    }
}

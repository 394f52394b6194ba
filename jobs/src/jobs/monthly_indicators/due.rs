//! Hires that were recorded ahead and whose day has come: their months are marked stale, so that they count from that day on.

use crate::{
    dialect::{few_rows, one_row},
    ledger::{Fence, LedgerError},
    transaction::{Stale, mark_stale},
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::period::{YearMonth, civil_date};

/// The "now" of the last run that looked, of the first run at all where none has yet; runs of a clock that was ahead looked at nothing.
const LOOKED: &str = "SELECT COALESCE(MAX(CASE WHEN period IS NULL THEN as_of END), MIN(as_of)) FROM job_run
    WHERE job = 'MONTHLY_INDICATORS' AND state = 'SUCCEEDED' AND dry_run = FALSE AND trigger <> 'RUN' AND as_of <= $1";

/// Bureaus and days, not people: a bureau's cells are computed whole all the same.
const DUE: &str = "SELECT DISTINCT bureau_id, date FROM hire WHERE date > $1 AND date <= $2 AND void_reason IS NULL";

/// Marks the months of the hires whose day has come since a run last looked. Run again on the same day it marks none.
pub(super) async fn mark(fence: &Fence, today: NaiveDate) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    let looked: Option<DateTime<Utc>> = one_row(&tx, LOOKED, vec![fence.run().as_of.into()]).await?.try_get_by_index(0)?;
    let Some(looked) = looked.map(civil_date).filter(|looked| *looked < today) else { return Ok(tx.commit().await?) };
    let rows = few_rows(&tx, DUE, vec![looked.into(), today.into()]).await?;
    tx.commit().await?;
    let mut stale = Stale::new();
    for row in rows {
        let (bureau, date): (_, NaiveDate) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        stale.entry((bureau, YearMonth::of(date))).or_default().insert(None);
    }
    if stale.is_empty() {
        return Ok(());
    }
    let tx = fence.write().await?;
    mark_stale(&*tx, fence.computed_at(), None, &stale).await?;
    Ok(tx.commit().await?)
}

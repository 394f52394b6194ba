//! A dry run: what of the person-months would change.
//!
//! Each month's person-months are computed as ever, into TEMP tables, and compared with the stored ones. Cells are summed from stored
//! person-months and values from stored cells, so that what of these would change shows once the former are written: a dry run does not
//! count them, and says nothing of them.

use super::Step;
use crate::{
    job::Output,
    ledger::{Fence, LedgerError},
    person_month::{self, Month},
    runner::Phase,
    transaction::disposal,
};
use entity::job_run::WarningCode;
use sha2::{Digest, Sha256};

/// What a dry run found. Serialised in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    /// Months whose person-months were computed.
    pub months: i64,
    /// Person-months that differ from the stored ones: they would be written, or removed.
    pub person_months_to_write: i64,
    /// Stale marks that would be deleted.
    pub marks_to_clear: i64,
    /// Months that would be left alone, for records of them have been disposed of.
    pub months_disposed: i64,
}

/// What the steps would change, with a digest of the numbers by month.
pub(super) async fn of(fence: &Fence, steps: &[Step], marks: i64) -> Result<Output, LedgerError> {
    let mut forecast = Forecast { marks_to_clear: marks, ..Forecast::default() };
    let mut digest = Sha256::new();
    fence.expect_steps(steps.iter().filter(|step| step.extent.is_some()).count() as u64);
    for step in steps.iter().filter(|step| step.extent.is_some()) {
        let tx = fence.snapshot().await?;
        if let Some(extent) = step.since(disposal::first_whole_month(&tx).await?).extent {
            let month = Month::new(step.month, super::today(fence));
            person_month::gather(&tx, month, extent).await?;
            let rows = person_month::changes(&tx, month).await?;
            forecast.months += 1;
            forecast.person_months_to_write += rows;
            digest.update(format!("{} {rows}\n", step.month));
        } else {
            forecast.months_disposed += 1;
        }
        tx.commit().await?;
        fence.step(Phase::PersonMonths(step.month));
    }
    Ok(Output::new(&forecast, format!("{:x}", digest.finalize())).warning(WarningCode::MonthsDisposed, forecast.months_disposed))
}

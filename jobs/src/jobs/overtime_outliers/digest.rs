//! The digest of a run's output: SHA-256 over the flags that stand, in order of month, person and kind, a line each.
//!
//! Lines hold natural keys and evidence, never ids, times or reviews, so that equal records have an equal digest on both engines. Months that
//! are left alone are left out. Rows are streamed.

use super::is_whole;
use crate::{
    dialect,
    ledger::{Fence, LedgerError},
};
use entity::period::YearMonth;
use futures_util::TryStreamExt;
use sea_orm::StreamTrait;
use sha2::{Digest, Sha256};
use std::pin::pin;

/// The digest of the months' flags, in hexadecimal.
pub(super) async fn of(fence: &Fence, months: &[YearMonth]) -> Result<String, LedgerError> {
    let tx = fence.snapshot().await?;
    let mut digest = Sha256::new();
    for &month in months {
        if !is_whole(&tx, month).await? {
            continue;
        }
        let flags = dialect::statement(sea_orm::ConnectionTrait::get_database_backend(&tx), FLAGS, vec![month.into()]);
        let mut rows = pin!(tx.stream_raw(flags).await?);
        while let Some(row) = rows.try_next().await? {
            digest.update(row.try_get_by_index::<String>(0)?);
            digest.update(b"\n");
        }
    }
    tx.commit().await?;
    Ok(format!("{:x}", digest.finalize()))
}

const FLAGS: &str = "SELECT CAST(f.month AS text) || '|' || s.staff_number || '|' || f.kind || '|' || b.code || '|' || u.code
        || '|' || f.regime || '|' || f.category || '|' || f.severity || '|' || CAST(f.minutes AS text)
        || '|' || COALESCE(CAST(f.total_minutes AS text), '') || '|' || COALESCE(CAST(f.months AS text), '')
        || '|' || COALESCE(CAST(f.limit_minutes AS text), '') || '|' || COALESCE(CAST(f.limit_months AS text), '')
        || '|' || COALESCE(CAST(f.projected_month AS text), '') || '|' || COALESCE(CAST(f.median_doubled AS text), '')
        || '|' || COALESCE(CAST(f.scale_numerator AS text), '') || '|' || COALESCE(CAST(f.scale_denominator AS text), '')
        || '|' || COALESCE(CAST(f.peers AS text), '') || '|' || COALESCE(f.peer_level, '') || '|' || COALESCE(f.method, '')
        || '|' || CAST(f.rule_version AS text)
    FROM overtime_outlier f
    JOIN staff s ON s.id = f.staff_id
    JOIN bureau b ON b.id = f.bureau_id
    JOIN unit u ON u.id = f.unit_id
    WHERE f.month = $1 AND f.withdrawn_at IS NULL
    ORDER BY s.staff_number, f.kind";

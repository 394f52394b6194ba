//! The digest of a run's output: SHA-256 over its rows in order of their natural keys, a line each.
//!
//! Lines hold numbers, codes and values, never ids or times, so that the same records give the same digest on both engines, in every run.
//! What reaches back to disposed months is left out. Of a span of which a part was computed, that part is in it, with the office's values: the
//! bureaus that the run's marks reach, as all months stand at its end. Rows are streamed. Values of 0 ÷ 0 are left out, the office's apart: they only say that there were some once.

use super::Step;
use crate::{
    dialect,
    ledger::{Fence, LedgerError},
    measures::{Range, Reaches},
    transaction::disposal,
};
use entity::{indicator_value::TOTAL, measure_cell::Span};
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, StreamTrait, Value};
use sha2::{Digest, Sha256};
use std::{fmt::Write, pin::pin};

/// The digest of all that the steps computed, in hexadecimal; `reaches` holds all of them.
pub(super) async fn of(fence: &Fence, steps: &[Step], reaches: &Reaches) -> Result<String, LedgerError> {
    let tx = fence.snapshot().await?;
    let mut digest = Sha256::new();
    let first = disposal::first_whole_month(&tx).await?;
    for step in steps.iter().map(|step| step.since(first)) {
        if step.extent.is_some() {
            let reach = reaches.of(&tx, Range::ending(Span::Month, step.month)).await?;
            let rows = PERSON_MONTHS.replace("{reach}", &reach.holds("m.bureau_id"));
            add(&tx, &rows, vec![step.month.into()], &mut digest).await?;
        }
        for &range in &step.spans {
            let reach = reaches.of(&tx, range).await?;
            let key = vec![range.span.into(), range.month.into()];
            add(&tx, &CELLS.replace("{reach}", &reach.holds("c.bureau_id")), key.clone(), &mut digest).await?;
            let rows = VALUES.replace("{reach}", &reach.holds_code("v.bureau")).replace("{TOTAL}", TOTAL);
            add(&tx, &rows, key, &mut digest).await?;
        }
    }
    tx.commit().await?;
    let mut text = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

async fn add<C>(tx: &C, sql: &str, values: Vec<Value>, digest: &mut Sha256) -> Result<(), LedgerError>
where
    C: ConnectionTrait + StreamTrait,
{
    let statement = dialect::statement(ConnectionTrait::get_database_backend(tx), sql, values);
    let mut rows = pin!(tx.stream_raw(statement).await?);
    while let Some(row) = rows.try_next().await? {
        digest.update(row.try_get_by_index::<String>(0)?);
        digest.update(b"\n");
    }
    Ok(())
}

const PERSON_MONTHS: &str = "SELECT CAST(m.month AS text) || '|' || s.staff_number || '|' || b.code || '|' || u.code || '|' || m.band
        || '|' || m.standing || '|' || COALESCE(m.regime, '') || '|' || m.sex || '|' || m.employment
        || '|' || CAST(m.days_in_post AS text) || '|' || CAST(m.in_census AS text) || '|' || CAST(m.subject_to_overtime AS text)
        || '|' || CAST(m.worked_minutes AS text) || '|' || CAST(m.overtime_minutes AS text)
        || '|' || CAST(m.late_night_minutes AS text) || '|' || CAST(m.day_off_minutes AS text)
        || '|' || CAST(m.overtime_confirmed_minutes AS text) || '|' || CAST(m.presence_compared_minutes AS text)
        || '|' || CAST(m.presence_beyond_minutes AS text) || '|' || CAST(m.on_time_shifts AS text)
        || '|' || CAST(m.on_time_departures AS text) || '|' || CAST(m.exam_hires AS text) || '|' || CAST(m.mid_career_hires AS text)
        || '|' || CAST(m.staggered_shifts AS text) || '|' || CAST(m.telework_days AS text)
        || '|' || CAST(m.annual_leave_minutes AS text) || '|' || CAST(m.on_leave_all_month AS text) || '|' || CAST(m.shifts AS text)
        || '|' || CAST(m.overtime_known AS text) || '|' || CAST(m.presence_known AS text) || '|' || CAST(m.telework_known AS text)
        || '|' || CAST(m.leave_known AS text) || '|' || CAST(m.hires_known AS text)
    FROM person_month m
    JOIN staff s ON s.id = m.staff_id
    JOIN bureau b ON b.id = m.bureau_id
    JOIN unit u ON u.id = m.unit_id
    WHERE m.month = $1 AND {reach}
    ORDER BY s.staff_number";

const CELLS: &str = "SELECT c.span || '|' || CAST(c.month AS text) || '|' || b.code || '|' || u.code || '|' || c.sex || '|' || c.band
        || '|' || c.standing || '|' || c.measure || '|' || CAST(c.value AS text) || '|' || CAST(c.persons AS text)
    FROM measure_cell c
    JOIN bureau b ON b.id = c.bureau_id
    JOIN unit u ON u.id = c.unit_id
    WHERE c.span = $1 AND c.month = $2 AND {reach}
    ORDER BY b.code, u.code, c.sex, c.band, c.standing, c.measure";

const VALUES: &str = "SELECT v.indicator || '|' || CAST(v.version AS text) || '|' || v.span || '|' || CAST(v.month AS text)
        || '|' || v.bureau || '|' || v.sex || '|' || v.band || '|' || CAST(v.numerator AS text) || '|' || CAST(v.denominator AS text)
        || '|' || CAST(v.numerator_persons AS text) || '|' || CAST(v.denominator_persons AS text) || '|' || CAST(v.as_of AS text)
        || '|' || COALESCE(CAST(v.covered AS text), '') || '|' || COALESCE(CAST(v.expected AS text), '')
    FROM indicator_value v
    WHERE v.span = $1 AND v.month = $2 AND v.superseded_by IS NULL AND {reach}
      AND (v.numerator <> 0 OR v.denominator <> 0 OR v.expected > 0 OR (v.bureau = '{TOTAL}' AND v.sex = '{TOTAL}' AND v.band = '{TOTAL}'))
    ORDER BY v.indicator, v.bureau, v.sex, v.band";

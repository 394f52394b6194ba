//! The numbers of receipts, and of the ends of runs, by which readers follow what was written: taken last in a transaction, under a lock that is held until it has
//! committed, so that whoever sees a number sees all that are smaller.
//!
//! The last number is read from the receipts themselves, of which none is ever deleted: it survives a dump and a restore, and a transaction that is
//! taken back leaves no gap. Deliberately absent: transaction ids, which die with a dump and wait for the longest transaction.

use crate::dialect::{execute, few_rows, lock_numbering, notify_changes, one_row};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{ids::ReceiptId, receipt};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};

/// A receipt that is to be numbered.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// The receipt.
    pub receipt: ReceiptId,
    /// When its records were written.
    pub at: DateTime<Utc>,
    /// How many.
    pub records: i64,
}

/// Numbers the receipts of a transaction that is about to commit, those of one with the next numbers.
pub(crate) async fn number<C: ConnectionTrait>(tx: &C, receipts: &[Written]) -> Result<(), DbErr> {
    if receipts.is_empty() {
        return Ok(());
    }
    lock_numbering(tx).await?;
    let last = "SELECT sequence, numbered_at FROM receipt WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1";
    let (mut sequence, mut at) = match few_rows(tx, last, vec![]).await?.pop() {
        Some(row) => (row.try_get_by_index::<i64>(0)?, row.try_get_by_index::<Option<DateTime<Utc>>>(1)?),
        None => (0, None),
    };
    for written in receipts {
        sequence += 1;
        // Clocks of two processes differ, and one may be set back: instants follow the numbers all the same.
        let next = at.map_or(written.at, |last| written.at.max(last + TimeDelta::microseconds(1)));
        at = Some(next);
        let set = "UPDATE receipt SET sequence = $2, numbered_at = $3, records = $4 WHERE id = $1";
        execute(tx, set, vec![written.receipt.into(), sequence.into(), next.into(), written.records.into()]).await?;
    }
    notify_changes(tx).await
}

/// Numbers the runs that are over and have no number yet: those that the transaction which is about to commit has ended, and what was left. All
/// get one instant that is later than that of any run before and than the end of each of them: who has seen an end, numbered or not, finds by
/// its time each end that is committed later.
pub(crate) async fn number_runs<C: ConnectionTrait>(tx: &C, now: DateTime<Utc>) -> Result<(), DbErr> {
    lock_numbering(tx).await?;
    let last = "SELECT MAX(numbered_at), (SELECT MAX(finished_at) FROM job_run WHERE numbered_at IS NULL) FROM job_run";
    let last = one_row(tx, last, vec![]).await?;
    let (numbered, finished): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = (last.try_get_by_index(0)?, last.try_get_by_index(1)?);
    if finished.is_none() {
        return Ok(());
    }
    let at = numbered.max(finished).map_or(now, |last| now.max(last + TimeDelta::microseconds(1)));
    execute(tx, "UPDATE job_run SET numbered_at = $1 WHERE numbered_at IS NULL AND finished_at IS NOT NULL", vec![at.into()]).await?;
    Ok(())
}

/// The instant that the flags of a transaction that is about to commit are numbered with: later than that of any flag before.
///
/// # Errors
/// The engine's.
pub(crate) async fn next_of_flags<C: ConnectionTrait>(tx: &C, now: DateTime<Utc>) -> Result<DateTime<Utc>, DbErr> {
    lock_numbering(tx).await?;
    let last = one_row(tx, "SELECT MAX(numbered_at) FROM overtime_outlier", vec![]).await?;
    let last: Option<DateTime<Utc>> = last.try_get_by_index(0)?;
    Ok(last.map_or(now, |last| now.max(last + TimeDelta::microseconds(1))))
}

/// Writes the receipt of what changes records without a call: `writer` says what does, `mutation` what it is. It has no body, and its key is its own.
///
/// # Errors
/// The engine's.
pub async fn own_receipt<C: ConnectionTrait>(tx: &C, writer: &str, mutation: &str, now: DateTime<Utc>) -> Result<ReceiptId, DbErr> {
    let id = ReceiptId::new();
    let row = receipt::Model {
        id,
        writer: writer.to_owned(),
        mutation: mutation.to_owned(),
        idempotency_key: id.to_string(),
        // Not empty: it is erased as others are, and the changes with it.
        body_hash: "-".to_owned(),
        outcome: serde_json::json!({}),
        created_at: now,
        sequence: None,
        numbered_at: None,
        records: None,
    };
    receipt::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(id)
}

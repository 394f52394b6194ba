//! Marks of months whose figures no longer follow from the records.

use super::put_all;
use chrono::{DateTime, Utc};
use entity::{
    ids::{BureauId, ReceiptId, StaffId, StaleMarkId},
    period::YearMonth,
    stale_mark,
};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::{BTreeMap, BTreeSet};

/// From this many people of one bureau and month on, one mark for all of them takes the place of a mark each.
const MARK_ALL: usize = 100;

/// Whose figures a change makes stale: bureau and month, and the people in it (`None` for everybody).
pub type Stale = BTreeMap<(BureauId, YearMonth), BTreeSet<Option<StaffId>>>;

/// Writes stale marks, one for everybody where many people of a bureau's month are concerned.
///
/// # Errors
/// The engine's.
pub async fn mark_stale<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, receipt: Option<ReceiptId>, stale: &Stale) -> Result<(), DbErr> {
    let mut marks = Vec::new();
    for (&(bureau_id, month), people) in stale {
        let all = people.contains(&None) || people.len() >= MARK_ALL;
        let people: Vec<_> = if all { vec![None] } else { people.iter().copied().collect() };
        marks.extend(people.into_iter().map(|staff_id| stale_mark::Model {
            id: StaleMarkId::new(),
            bureau_id,
            month,
            staff_id,
            receipt_id: receipt,
            created_at: at,
        }));
    }
    put_all(tx, marks, false).await
}

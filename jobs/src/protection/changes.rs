//! Reads whose records changed since readers who see no persons met them, and notes that they may meet it now.
//!
//! What changed is told in batches, each of nobody or of at least five persons of each cell, and a batch is closed **before** any value tells of it.
//! Where a run is broken off between the two, its persons are counted no more, though nobody has met them: later changes must then be five by
//! themselves, and the difference that readers meet is of a whole batch or of several. Were it closed afterwards, a run that never came to it would
//! leave persons who were met among those who were not, and one more person's change would be told with them.

use super::{
    bureaus::Bureaus,
    rule::SPLITS,
    time::{Changed, Changes, Close, Persons, Place},
};
use crate::{
    dialect::{JsonKind, execute, few_rows, json_rows},
    ledger::{Fence, LedgerError},
};
use entity::{
    period::{YearKind, YearMonth},
    posting::RankBand,
    staff::Sex,
};
use sea_orm::{ConnectionTrait, DbErr, Iterable};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What an attempt has told of by now, or is about to: a decision that comes later asks whether it was of enough people.
pub(crate) type Told = BTreeMap<YearMonth, Changed>;

/// A person of a bureau once for each member of a split, and persons of the office who are there in several bureaus. 1 is of whom neither
/// tells, 2 of whom the office does.
const CHANGED: &str = "WITH p AS (
        SELECT month, bureau_id, staff_id, 0 AS split, '' AS member, MIN(of_total) AS office
        FROM changed_person WHERE month BETWEEN $1 AND $2 AND of_total > 0 GROUP BY month, bureau_id, staff_id
        UNION ALL
        SELECT month, bureau_id, staff_id, 1, sex, MIN(of_sex)
        FROM changed_person WHERE month BETWEEN $1 AND $2 AND of_sex > 0 GROUP BY month, bureau_id, staff_id, sex
        UNION ALL
        SELECT month, bureau_id, staff_id, 2, band, MIN(of_band)
        FROM changed_person WHERE month BETWEEN $1 AND $2 AND of_band > 0 GROUP BY month, bureau_id, staff_id, band
    )
    SELECT month, bureau_id, split, member, COUNT(*), COUNT(CASE WHEN office = 1 THEN 1 END)
    FROM p GROUP BY month, bureau_id, split, member
    UNION ALL
    SELECT month, CAST(NULL AS {uuid}), split, member, COUNT(*) - COUNT(DISTINCT staff_id), 0
    FROM p WHERE office = 1 GROUP BY month, split, member";

/// The changed persons of each month from the one to the other that has any, in one statement.
pub(super) async fn load<C: ConnectionTrait>(
    tx: &C,
    (first, last): (YearMonth, YearMonth),
    bureaus: &Bureaus,
) -> Result<BTreeMap<YearMonth, Changed>, DbErr> {
    let mut months: BTreeMap<YearMonth, Changed> = BTreeMap::new();
    for row in few_rows(tx, CHANGED, vec![first.into(), last.into()]).await? {
        let (split, member): (i32, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        let (split, member) = match split {
            0 => (0, 0),
            1 => (1, Sex::iter().position(|of| of.as_text() == member).unwrap_or(0)),
            _ => (2, RankBand::iter().position(|of| of.as_text() == member).unwrap_or(0)),
        };
        let changed = months.entry(row.try_get_by_index(0)?).or_default();
        let persons: i64 = row.try_get_by_index(4)?;
        match row.try_get_by_index::<Option<Uuid>>(1)? {
            None => changed.put_twice(split, member, persons),
            Some(id) => {
                if let Some(bureau) = bureaus.of_key(id) {
                    changed.put((split, bureau, member), Persons { bureau: persons, office: row.try_get_by_index(5)? });
                }
            }
        }
    }
    Ok(months)
}

/// The bureaus of which nothing is shown in any year to date that holds the month; none where none was decided.
pub(super) async fn out_of_sight<C: ConnectionTrait>(
    tx: &C,
    month: YearMonth,
    bureaus: &mut Bureaus,
) -> Result<Option<BTreeSet<Place>>, DbErr> {
    let sql = "SELECT withheld FROM protected_month WHERE month >= $1
        AND (span = 'FISCAL_YEAR_TO_DATE' AND month < $2 OR span = 'CALENDAR_YEAR_TO_DATE' AND month < $3)";
    let next = |kind: YearKind| kind.first_month_of_year_containing(month).add_months(12);
    let mut all: Option<BTreeSet<Place>> = None;
    for row in few_rows(tx, sql, vec![month.into(), next(YearKind::Fiscal).into(), next(YearKind::Calendar).into()]).await? {
        let places = bureaus.places(&row.try_get_by_index(0)?);
        all = Some(all.map_or_else(|| places.clone(), |all| &all & &places));
    }
    Ok(all)
}

/// How the statement below names what is closed.
fn told_as(close: Close) -> i32 {
    match close {
        Close::Nothing => 0,
        Close::Office => 1,
        Close::All => 2,
    }
}

/// Closes the batches that may be told, in one statement for all months, and keeps in mind what they were.
pub(super) async fn close(
    fence: &Fence,
    (changes, company): (&Changes, &BTreeSet<usize>),
    bureaus: &Bureaus,
    told: &mut Told,
) -> Result<(), LedgerError> {
    let mut rows: Vec<(Uuid, i32, [i32; SPLITS])> = Vec::new();
    for (month, changed) in &changes.months {
        told.entry(*month).or_insert_with(|| changed.clone());
        let closed = changed.closed(company).into_iter().filter(|(_, closes)| closes.iter().any(|close| *close != Close::Nothing));
        rows.extend(closed.map(|(bureau, closes)| (bureaus.keys[bureau], month.as_i32(), closes.map(told_as))));
    }
    let (Some(first), Some(last)) = (rows.iter().map(|row| row.1).min(), rows.iter().map(|row| row.1).max()) else { return Ok(()) };
    let rows: Vec<_> = rows.iter().map(|(id, month, [total, sex, band])| (id, month, total, sex, band)).collect();
    let tx = fence.write().await?;
    let kinds = [JsonKind::Uuid, JsonKind::Integer, JsonKind::Integer, JsonKind::Integer, JsonKind::Integer];
    let set = |column: &str, of: &str| {
        format!(
            "{column} = CASE WHEN c.{of} = 2 THEN 0 WHEN c.{of} = 1 AND changed_person.{column} = 1 THEN 2 ELSE changed_person.{column} END"
        )
    };
    let sql = format!(
        "WITH c(bureau, month, total, sex, band) AS ({})
         UPDATE changed_person SET {}, {}, {} FROM c WHERE changed_person.month = c.month AND changed_person.bureau_id = c.bureau",
        json_rows(tx.get_database_backend(), &kinds),
        set("of_total", "total"),
        set("of_sex", "sex"),
        set("of_band", "band"),
    );
    execute(&*tx, &sql, vec![serde_json::to_string(&rows).unwrap_or_default().into()]).await?;
    let gone = "DELETE FROM changed_person WHERE month BETWEEN $1 AND $2 AND of_total = 0 AND of_sex = 0 AND of_band = 0";
    execute(&*tx, gone, vec![first.into(), last.into()]).await?;
    tx.commit().await?;
    Ok(())
}

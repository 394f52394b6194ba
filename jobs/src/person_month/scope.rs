//! Whose rows are computed anew: everybody, or the people of every bureau that marked people leave or enter.

use super::Month;
use crate::dialect::{analyze, execute, few_rows, fresh_table};
use entity::period::YearMonth;
use sea_orm::{ConnectionTrait, DbErr};

/// How much of a month is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everybody.
    Whole,
    /// What the seen marks concern.
    Stale,
}

/// Notes the stale marks of the month, or all of them, in `t_mark`; these are the ones that the run deletes when it has done its work. Of flags
/// are those that no call of a writer left. Returns their months.
pub(crate) async fn see_marks<C: ConnectionTrait>(tx: &C, month: Option<YearMonth>, of_flags: bool) -> Result<Vec<YearMonth>, DbErr> {
    fresh_table(tx, "t_mark", "seq integer PRIMARY KEY, id {uuid}, bureau_id {uuid}, month integer, staff_id {uuid}").await?;
    let left_by = if of_flags { "receipt_id IS NULL" } else { "1 = 1" };
    let see = format!(
        "INSERT INTO t_mark SELECT ROW_NUMBER() OVER (ORDER BY id), id, bureau_id, month, staff_id FROM stale_mark WHERE {left_by}"
    );
    match month {
        None => execute(tx, &see, vec![]).await?,
        Some(month) => execute(tx, &format!("{see} AND month = $1"), vec![month.into()]).await?,
    };
    analyze(tx, "t_mark").await?;
    let months = few_rows(tx, "SELECT DISTINCT month FROM t_mark ORDER BY month", vec![]).await?;
    months.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Fills `t_touched` (bureaus whose cells are computed anew) and `t_scope` (people whose rows are).
///
/// Touched are the marks' bureaus and every bureau in which a marked person has, or had, a posting or a person-month. All people of a touched
/// bureau are in scope, so that each of its cells is computed whole.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<(), DbErr> {
    mark_out(tx, month, extent).await?;
    fresh_table(tx, "t_scope", "staff_id {uuid} PRIMARY KEY").await?;
    execute(tx, SCOPE, month.values()).await?;
    analyze(tx, "t_scope").await
}

/// Fills `t_marked` (the people whom the seen marks of the month concern; nobody where everybody is computed) and `t_touched`.
pub(crate) async fn mark_out<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<(), DbErr> {
    fresh_table(tx, "t_marked", "staff_id {uuid} PRIMARY KEY").await?;
    fresh_table(tx, "t_touched", "bureau_id {uuid} PRIMARY KEY").await?;
    match extent {
        Extent::Whole => execute(tx, "INSERT INTO t_touched SELECT id FROM bureau", vec![]).await?,
        Extent::Stale => {
            execute(tx, MARKED, month.values()).await?;
            analyze(tx, "t_marked").await?;
            execute(tx, TOUCHED, vec![month.name.into(), month.to.into()]).await?
        }
    };
    analyze(tx, "t_touched").await
}

const MARKED: &str = "INSERT INTO t_marked
    SELECT staff_id FROM t_mark WHERE month = $1 AND staff_id IS NOT NULL
    UNION
    SELECT p.staff_id FROM t_mark k JOIN posting p ON p.bureau_id = k.bureau_id
    WHERE k.month = $1 AND k.staff_id IS NULL AND p.valid_from < $3 AND (p.valid_to IS NULL OR p.valid_to > $2)
    UNION
    SELECT m.staff_id FROM t_mark k JOIN person_month m ON m.bureau_id = k.bureau_id AND m.month = $1
    WHERE k.month = $1 AND k.staff_id IS NULL";

// A posting that was shortened or voided is no longer one of the month, yet its bureau is one that the person left: no date is asked for
// but the start.
const TOUCHED: &str = "INSERT INTO t_touched
    SELECT bureau_id FROM t_mark WHERE month = $1
    UNION
    SELECT p.bureau_id FROM t_marked k JOIN posting p ON p.staff_id = k.staff_id WHERE p.valid_from < $2
    UNION
    SELECT m.bureau_id FROM t_marked k JOIN person_month m ON m.staff_id = k.staff_id AND m.month = $1";

const SCOPE: &str = "INSERT INTO t_scope
    SELECT p.staff_id FROM t_touched b JOIN posting p ON p.bureau_id = b.bureau_id
    WHERE p.valid_from < $3 AND (p.valid_to IS NULL OR p.valid_to > $2)
    UNION
    SELECT m.staff_id FROM t_touched b JOIN person_month m ON m.bureau_id = b.bureau_id AND m.month = $1";

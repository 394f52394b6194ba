//! Whose rows are computed anew: everybody, or the marked people and those of the bureaus that they leave or enter whose places cannot be told
//! from their rows.
//!
//! A few are looked up among many here, and in the files beside. SQLite, which does not know how few they are, is told so by a CROSS JOIN: it
//! reads what stands before it first. PostgreSQL makes nothing of it.

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

/// Notes the stale marks of the month, or of all that have begun by the month `current`, in `t_mark`; these are the ones that the run deletes when it has done its work. Of flags
/// are those that no call of a writer left. Returns their months.
pub(crate) async fn see_marks<C: ConnectionTrait>(
    tx: &C,
    month: Option<YearMonth>,
    current: YearMonth,
    of_flags: bool,
) -> Result<Vec<YearMonth>, DbErr> {
    fresh_table(tx, "t_mark", "seq integer PRIMARY KEY, id {uuid}, bureau_id {uuid}, month integer, staff_id {uuid}").await?;
    let left_by = if of_flags { "receipt_id IS NULL" } else { "1 = 1" };
    let see = format!(
        "INSERT INTO t_mark SELECT ROW_NUMBER() OVER (ORDER BY id), id, bureau_id, month, staff_id FROM stale_mark WHERE {left_by}"
    );
    match month {
        None => execute(tx, &format!("{see} AND month <= $1"), vec![current.into()]).await?,
        Some(month) => execute(tx, &format!("{see} AND month = $1"), vec![month.into()]).await?,
    };
    analyze(tx, "t_mark").await?;
    let months = few_rows(tx, "SELECT DISTINCT month FROM t_mark ORDER BY month", vec![]).await?;
    months.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Fills `t_touched` (bureaus whose cells are computed anew), `t_scope` (people whose rows are), and `t_untouched` (people of touched bureaus whose
/// rows stand).
///
/// Touched are the marks' bureaus and every bureau in which a marked person has, or had, a posting or a person-month. Each of their cells is
/// computed whole: from the records of the people in scope, and from the stored rows of the others. In scope are the marked people, and those
/// of a touched bureau who have several postings in the month. Who has one did all in its place, which is that of the row: to read the records
/// of these would be to read a bureau for one person's sake.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<(), DbErr> {
    mark_out(tx, month, extent).await?;
    fresh_table(tx, "t_scope", "staff_id {uuid} PRIMARY KEY").await?;
    fresh_table(tx, "t_untouched", "staff_id {uuid} PRIMARY KEY").await?;
    match extent {
        Extent::Whole => {
            execute(tx, EVERYBODY, month.values()).await?;
        }
        Extent::Stale => {
            execute(tx, SCOPE, month.days()).await?;
            execute(tx, UNTOUCHED, vec![month.name.into()]).await?;
        }
    }
    analyze(tx, "t_untouched").await?;
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
    SELECT p.staff_id FROM t_mark k CROSS JOIN posting p
    WHERE p.bureau_id = k.bureau_id AND k.month = $1 AND k.staff_id IS NULL AND p.valid_from < $3 AND (p.valid_to IS NULL OR p.valid_to > $2)
    UNION
    SELECT m.staff_id FROM t_mark k CROSS JOIN person_month m
    WHERE m.bureau_id = k.bureau_id AND m.month = $1 AND k.month = $1 AND k.staff_id IS NULL";

// A posting that was shortened or voided is no longer one of the month, yet its bureau is one that the person left: no date is asked for
// but the start.
const TOUCHED: &str = "INSERT INTO t_touched
    SELECT bureau_id FROM t_mark WHERE month = $1
    UNION
    SELECT p.bureau_id FROM t_marked k CROSS JOIN posting p WHERE p.staff_id = k.staff_id AND p.valid_from < $2
    UNION
    SELECT m.bureau_id FROM t_marked k CROSS JOIN person_month m WHERE m.staff_id = k.staff_id AND m.month = $1";

const SCOPE: &str = "INSERT INTO t_scope
    SELECT staff_id FROM t_marked
    UNION
    SELECT p.staff_id
    FROM (
        SELECT DISTINCT q.staff_id FROM t_touched b CROSS JOIN posting q
        WHERE q.bureau_id = b.bureau_id AND q.valid_from < $2 AND (q.valid_to IS NULL OR q.valid_to > $1)
    ) k
    CROSS JOIN posting p
    WHERE p.staff_id = k.staff_id AND p.valid_from < $2 AND (p.valid_to IS NULL OR p.valid_to > $1)
    GROUP BY p.staff_id HAVING COUNT(*) > 1";

const UNTOUCHED: &str = "INSERT INTO t_untouched
    SELECT m.staff_id FROM t_touched b CROSS JOIN person_month m
    WHERE m.bureau_id = b.bureau_id AND m.month = $1 AND NOT EXISTS (SELECT 1 FROM t_scope s WHERE s.staff_id = m.staff_id)";

const EVERYBODY: &str = "INSERT INTO t_scope
    SELECT p.staff_id FROM t_touched b JOIN posting p ON p.bureau_id = b.bureau_id
    WHERE p.valid_from < $3 AND (p.valid_to IS NULL OR p.valid_to > $2)
    UNION
    SELECT m.staff_id FROM t_touched b JOIN person_month m ON m.bureau_id = b.bureau_id AND m.month = $1";

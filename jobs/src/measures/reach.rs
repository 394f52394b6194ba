//! Which bureaus' cells and values of a span a run computes: all of them, or those that its marks reach.
//!
//! A person's records of a month are in cells of the bureaus that the marks touch (`person_month::scope`), and what a span says of the person
//! is in cells of the bureau of their latest month in it. So a late correction of one person's month costs what one bureau costs, and the
//! cells of all others stand as they are: they were computed by the same definitions, for an upgrade marks everybody. Deliberately absent:
//! anything that depends on what an earlier attempt of the run has written already. Marks stay until the end, and say the same each time.

use super::Range;
use crate::{
    dialect::{analyze, execute, few_rows, fresh_table},
    person_month::Extent,
};
use entity::{indicator_value::TOTAL, period::YearMonth};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::BTreeSet;

/// How much of a span is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everybody's cells.
    Whole,
    /// Those of the bureaus in `t_reach`, and the office's values.
    Part,
}

impl Reach {
    /// SQL that holds where a column names a bureau whose cells are computed.
    pub(crate) fn holds(self, bureau_id: &str) -> String {
        match self {
            Self::Whole => "1 = 1".to_owned(),
            Self::Part => format!("{bureau_id} IN (SELECT bureau_id FROM t_reach)"),
        }
    }

    /// The same of a bureau's code, or the whole office.
    pub(crate) fn holds_code(self, bureau: &str) -> String {
        match self {
            Self::Whole => "1 = 1".to_owned(),
            Self::Part => {
                format!("({bureau} = '{TOTAL}' OR {bureau} IN (SELECT b.code FROM t_reach r JOIN bureau b ON b.id = r.bureau_id))")
            }
        }
    }
}

/// What the marks of a run concern, month by month: in `t_run_touched` the bureaus, in `t_run_marked` the people.
#[derive(Debug)]
pub(crate) struct Reaches {
    /// Months of which everybody is computed: a span that contains one is computed whole.
    whole: BTreeSet<YearMonth>,
}

impl Reaches {
    /// Begins with no month. The TEMP tables last until the attempt ends.
    pub(crate) async fn begin<C: ConnectionTrait>(tx: &C) -> Result<Self, DbErr> {
        fresh_table(tx, "t_run_touched", "month integer NOT NULL, bureau_id {uuid} NOT NULL, PRIMARY KEY (month, bureau_id)").await?;
        fresh_table(tx, "t_run_marked", "month integer NOT NULL, staff_id {uuid} NOT NULL, PRIMARY KEY (month, staff_id)").await?;
        Ok(Self { whole: BTreeSet::new() })
    }

    /// Adds a month, from `t_touched` and `t_marked`.
    pub(crate) async fn note<C: ConnectionTrait>(&mut self, tx: &C, month: YearMonth, extent: Extent) -> Result<(), DbErr> {
        // Where there is nobody beyond those whose rows are computed, the month may be new, or empty from now on: its years count months. Where
        // nothing is touched, a resumed run leaves the month's marks to the next one, and does not know whom it has computed.
        let beyond = "SELECT 1 FROM person_month
            WHERE month = $1 AND EXISTS (SELECT 1 FROM t_touched) AND bureau_id NOT IN (SELECT bureau_id FROM t_touched) LIMIT 1";
        if extent == Extent::Whole || few_rows(tx, beyond, vec![month.into()]).await?.is_empty() {
            self.whole.insert(month);
            return Ok(());
        }
        execute(tx, "INSERT INTO t_run_touched SELECT $1, bureau_id FROM t_touched", vec![month.into()]).await?;
        execute(tx, "INSERT INTO t_run_marked SELECT $1, staff_id FROM t_marked", vec![month.into()]).await?;
        analyze(tx, "t_run_touched").await?;
        analyze(tx, "t_run_marked").await
    }

    /// How much of a span is computed, once the person-months of all its noted months are there. Fills `t_reach` where it is a part.
    pub(crate) async fn of<C: ConnectionTrait>(&self, tx: &C, range: Range) -> Result<Reach, DbErr> {
        if self.whole.range(range.first..=range.month).next().is_some() {
            return Ok(Reach::Whole);
        }
        fresh_table(tx, "t_reach", "bureau_id {uuid} PRIMARY KEY").await?;
        execute(tx, REACH, vec![range.first.into(), range.month.into()]).await?;
        analyze(tx, "t_reach").await?;
        Ok(Reach::Part)
    }
}

/// The touched bureaus, and those in which the span counts the marked people.
const REACH: &str = "INSERT INTO t_reach
    SELECT bureau_id FROM t_run_touched WHERE month >= $1 AND month <= $2
    UNION
    SELECT l.bureau_id
    FROM (
        SELECT m.staff_id, MAX(m.month) AS month
        FROM (SELECT DISTINCT staff_id FROM t_run_marked WHERE month >= $1 AND month <= $2) k
        CROSS JOIN person_month m
        WHERE m.staff_id = k.staff_id AND m.month >= $1 AND m.month <= $2
        GROUP BY m.staff_id
    ) x
    CROSS JOIN person_month l
    WHERE l.staff_id = x.staff_id AND l.month = x.month";

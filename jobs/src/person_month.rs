//! Person-months: one row for each person in post on any day of a month, built set-based from the records, one pass for each source.
//!
//! What the records say is gathered into TEMP tables under one snapshot ([`gather`]), compared with the stored rows ([`changes`]), and copied
//! where it differs ([`copy`]). Steps are files:
//! whose rows (`scope`), who is in post and where (`posts`), what they did and in which place (`places`), who was away all the time
//! (`absent`). `t_place` outlives the copy, for event measures are summed from it. Deliberately absent: any loop over people or bureaus, and any person in memory.

mod absent;
mod eclipsed;
mod places;
mod posts;
mod scope;

use crate::{
    dialect::{analyze, execute, fresh_table, look_up, one_row, sum, unprepared},
    ledger::{Fence, LedgerError},
    reported,
};
use chrono::NaiveDate;
use entity::period::YearMonth;
use sea_orm::{ConnectionTrait, DbErr, Value};

pub(crate) use places::{EVENT_COLUMNS, EXAM_HIRE, MID_CAREER_HIRE, event_columns};
pub(crate) use scope::{Extent, mark_out, see_marks};

/// What the month's posts say of a person.
const POST_COLUMNS: [&str; 10] =
    ["bureau_id", "unit_id", "band", "standing", "regime", "sex", "employment", "days_in_post", "in_census", "subject_to_overtime"];
/// What telework and leave say of a person; whose place does not matter.
const ABSENCE_COLUMNS: [&str; 3] = ["telework_days", "annual_leave_minutes", "on_leave_all_month"];
/// Which sources are known of a person.
const KNOWN_COLUMNS: [&str; 5] = ["overtime_known", "presence_known", "telework_known", "leave_known", "hires_known"];

/// A month as the statements take it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Month {
    pub name: YearMonth,
    /// First day.
    from: NaiveDate,
    /// First day of the next month.
    to: NaiveDate,
    /// The first day that is still to come, or that of the next month where none is.
    ahead: NaiveDate,
}

impl Month {
    /// The month as it is known on the day `today`.
    pub(crate) fn new(month: YearMonth, today: NaiveDate) -> Self {
        let to = month.next_first_day();
        Self { name: month, from: month.first_day(), to, ahead: today.succ_opt().map_or(to, |tomorrow| tomorrow.min(to)) }
    }

    /// `$1` the month, `$2` its first day, `$3` the first day of the next.
    fn values(self) -> Vec<Value> {
        vec![self.name.into(), self.from.into(), self.to.into()]
    }

    /// Writes the first day and the first day of the next month into a statement that takes no parameters.
    pub(crate) fn write_into(self, sql: &str) -> String {
        sql.replace("{from}", &format!("'{}'", self.from)).replace("{to}", &format!("'{}'", self.to))
    }

    /// `$1` the first day, `$2` the first day that is still to come, or is the next month's.
    fn days_gone(self) -> Vec<Value> {
        vec![self.from.into(), self.ahead.into()]
    }

    /// `$1` the first day, `$2` the first day of the next month.
    fn days(self) -> Vec<Value> {
        vec![self.from.into(), self.to.into()]
    }
}

/// Gathers, in the snapshot, what the records say of those whom `extent` names. The TEMP tables last until the attempt ends.
pub(crate) async fn gather<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<(), DbErr> {
    if extent == Extent::Stale {
        look_up(tx).await?;
    }
    scope::compute(tx, month, extent).await?;
    posts::compute(tx, month).await?;
    places::compute(tx, month, extent).await?;
    absent::compute(tx, month).await
}

/// Copies the differing rows in chunks.
pub(crate) async fn copy(fence: &Fence, month: Month, rows: i64) -> Result<(), LedgerError> {
    let columns: Vec<_> = columns().collect();
    let set: Vec<_> = columns.iter().chain(&["run_id"]).map(|column| format!("{column} = excluded.{column}")).collect();
    let put = format!(
        "INSERT INTO person_month (month, staff_id, {columns}, run_id)
         SELECT $3, staff_id, {columns}, $4 FROM t_person_change WHERE seq > $1 AND seq <= $2 AND gone = 0
         ON CONFLICT (month, staff_id) DO UPDATE SET {set}",
        columns = columns.join(", "),
        set = set.join(", "),
    );
    let run = fence.run().id;
    let key = vec![month.name.into()];
    fence.copy(rows, &[(CHANGED, key.clone()), (GONE, key), (&put, vec![month.name.into(), run.into()])]).await
}

/// Who has no post any more has no person-month. They are found by the index of `t_person_change` that holds them alone.
pub(crate) const GONE: &str = "DELETE FROM person_month WHERE month = $3
    AND staff_id IN (SELECT staff_id FROM t_person_change WHERE seq > $1 AND seq <= $2 AND gone = 1)";

/// Whose month changed, and where: in the place that a row leaves and in the one that it enters. Before there was a decision of the month nobody
/// has met its values.
const CHANGED: &str = "INSERT INTO changed_person (month, bureau_id, staff_id, sex, band, of_total, of_sex, of_band)
    SELECT DISTINCT $3, x.bureau_id, x.staff_id, x.sex, x.band, 1, 1, 1
    FROM (
        SELECT o.bureau_id, o.staff_id, o.sex, o.band
        FROM t_person_change c CROSS JOIN person_month o
        WHERE c.seq > $1 AND c.seq <= $2 AND o.month = $3 AND o.staff_id = c.staff_id AND o.employment = 'REGULAR'
        UNION ALL
        SELECT c.bureau_id, c.staff_id, c.sex, c.band
        FROM t_person_change c
        WHERE c.seq > $1 AND c.seq <= $2 AND c.gone = 0 AND c.employment = 'REGULAR'
    ) x
    WHERE EXISTS (SELECT 1 FROM protected_month p WHERE p.month = $3 AND p.span = 'MONTH')
    ON CONFLICT (month, bureau_id, staff_id, sex, band) DO UPDATE SET of_total = 1, of_sex = 1, of_band = 1";

/// All columns but the key and the run.
fn columns() -> impl Iterator<Item = &'static str> {
    POST_COLUMNS.into_iter().chain(places::COLUMNS).chain(ABSENCE_COLUMNS).chain(KNOWN_COLUMNS)
}

/// Sums the parts of each person, as they were gathered and with what is known of their bureaus, and keeps the rows that are new, changed, or
/// gone in `t_person_change`. Returns their number.
pub(crate) async fn changes<C: ConnectionTrait>(tx: &C, month: Month) -> Result<i64, DbErr> {
    const TEXT: [&str; 5] = ["band", "standing", "regime", "sex", "employment"];
    let typed = columns().map(|column| match column {
        "bureau_id" | "unit_id" => format!("{column} {{uuid}}"),
        _ if TEXT.contains(&column) => format!("{column} {{code}}"),
        _ => format!("{column} integer"),
    });
    let typed: Vec<_> = typed.collect();
    fresh_table(
        tx,
        "t_person_change",
        &format!("seq integer PRIMARY KEY, gone integer NOT NULL, staff_id {{uuid}} NOT NULL, {}", typed.join(", ")),
    )
    .await?;
    let posts = POST_COLUMNS.map(|column| format!("k.{column}")).join(", ");
    let sums = places::COLUMNS.map(|column| format!("COALESCE(w.{column}, 0) AS {column}")).join(", ");
    let work = places::COLUMNS.map(|column| format!("{} AS {column}", sum(column))).join(", ");
    let differs: Vec<_> = columns().map(|column| format!("o.{column} IS DISTINCT FROM n.{column}")).collect();
    let all: Vec<_> = columns().map(|column| format!("n.{column}")).collect();
    let put = format!(
        "INSERT INTO t_person_change
         SELECT ROW_NUMBER() OVER (ORDER BY n.staff_id), 0, n.staff_id, {all}
         FROM (SELECT k.staff_id, {posts}, {sums}, COALESCE(t.days, 0) AS telework_days, COALESCE(l.minutes, 0) AS annual_leave_minutes,
                   CASE WHEN a.staff_id IS NULL THEN 0 ELSE 1 END AS on_leave_all_month, {known}
               FROM t_post k
               LEFT JOIN (SELECT staff_id, {work} FROM t_place GROUP BY staff_id) w ON w.staff_id = k.staff_id
               LEFT JOIN t_telework t ON t.staff_id = k.staff_id
               LEFT JOIN t_leave l ON l.staff_id = k.staff_id
               LEFT JOIN t_absent a ON a.staff_id = k.staff_id
               LEFT JOIN ({extents}) r ON r.bureau_id = k.bureau_id) n
         LEFT JOIN person_month o ON o.month = $1 AND o.staff_id = n.staff_id
         WHERE o.staff_id IS NULL OR {differs}",
        all = all.join(", "),
        known = KNOWN_COLUMNS.map(|column| format!("{} AS {column}", reported::known(column))).join(", "),
        extents = reported::extents(month.name),
        differs = differs.join(" OR "),
    );
    let put = execute(tx, &put, vec![month.name.into()]).await?;
    let gone = "INSERT INTO t_person_change (seq, gone, staff_id)
        SELECT $2 + ROW_NUMBER() OVER (ORDER BY o.staff_id), 1, o.staff_id
        FROM t_scope s CROSS JOIN person_month o
        WHERE o.staff_id = s.staff_id AND o.month = $1 AND NOT EXISTS (SELECT 1 FROM t_post k WHERE k.staff_id = o.staff_id)";
    let put = i32::try_from(put).unwrap_or(i32::MAX);
    execute(tx, gone, vec![month.name.into(), put.into()]).await?;
    // Those who are gone are found by their key. Without it PostgreSQL may compare all rows of the month with all changes, though nobody is gone.
    unprepared(tx, "CREATE INDEX IF NOT EXISTS t_person_gone ON t_person_change (staff_id) WHERE gone = 1").await?;
    analyze(tx, "t_person_change").await?;
    one_row(tx, "SELECT COUNT(*) FROM t_person_change", vec![]).await?.try_get_by_index(0)
}

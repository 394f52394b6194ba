//! Records that do not count, because another bureau that comes first recorded the same hour or day of the person.
//!
//! Each bureau records what people do in its posts, and neither is told nor kept out by what another one recorded. A person's minutes are counted
//! once all the same: of two shifts that overlap, of the telework and of the leave of one day, the one counts whose posting holds the person. Few people have posts in two bureaus, and theirs are the only records looked at.

use super::Month;
use crate::{
    dialect::{analyze, execute, fresh_table},
    standing::side,
};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, DbErr};

/// A shift may reach so many days beyond its date.
const REACH: i64 = 3;

/// Fills `t_eclipsed`.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, month: Month) -> Result<(), DbErr> {
    fresh_table(tx, "t_shared", "staff_id {uuid} PRIMARY KEY").await?;
    execute(tx, SHARED, month.days()).await?;
    analyze(tx, "t_shared").await?;
    fresh_table(tx, "t_eclipsed", "id {uuid} PRIMARY KEY").await?;
    let reach = TimeDelta::days(REACH);
    for (table, meet) in [
        ("shift", "s.occupied_start < o.occupied_end AND o.occupied_start < s.occupied_end"),
        ("telework_day", "o.date = s.date"),
        ("leave_entry", "o.date = s.date AND o.bureau_id <> s.bureau_id"),
    ] {
        let values = vec![month.from.into(), month.to.into(), (month.from - reach).into(), (month.to + reach).into()];
        let sql = ECLIPSED.replace("{table}", table).replace("{meet}", meet);
        execute(tx, &sql.replace("{one}", &side("p")).replace("{other}", &side("q")), values).await?;
    }
    analyze(tx, "t_eclipsed").await
}

/// Those who have, or had until they were taken out, posts in two bureaus in the month.
const SHARED: &str = "INSERT INTO t_shared
    SELECT p.staff_id FROM t_scope c CROSS JOIN posting p
    WHERE p.staff_id = c.staff_id AND p.valid_from < $2 AND (p.valid_to IS NULL OR p.valid_to > $1)
    GROUP BY p.staff_id HAVING COUNT(DISTINCT p.bureau_id) > 1";

/// The post by which the person is held on the day comes first, then the main one, a resident one, and the one that began first.
const ECLIPSED: &str = "INSERT INTO t_eclipsed
    SELECT DISTINCT s.id
    FROM t_shared k
    CROSS JOIN {table} s
    CROSS JOIN {table} o
    JOIN posting p ON p.id = s.posting_id
    JOIN posting q ON q.id = o.posting_id
    LEFT JOIN holding v ON v.staff_id = s.staff_id AND v.posting_id = p.id AND v.valid_from <= s.date AND (v.valid_to IS NULL OR v.valid_to > s.date)
    LEFT JOIN holding w ON w.staff_id = s.staff_id AND w.posting_id = q.id AND w.valid_from <= s.date AND (w.valid_to IS NULL OR w.valid_to > s.date)
    WHERE s.staff_id = k.staff_id AND s.date >= $1 AND s.date < $2 AND s.void_reason IS NULL
      AND o.staff_id = k.staff_id AND o.date >= $3 AND o.date < $4 AND o.void_reason IS NULL AND {meet}
      AND (CASE WHEN w.staff_id IS NULL THEN 1 ELSE 0 END, {other}, q.valid_from, q.id, o.id)
        < (CASE WHEN v.staff_id IS NULL THEN 1 ELSE 0 END, {one}, p.valid_from, p.id, s.id)";

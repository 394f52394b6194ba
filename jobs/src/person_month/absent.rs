//! Who was on leave all month: leave of any kinds fills every workday on which the person held a posting, and nothing was worked.
//!
//! A day is filled by 465 minutes; two hours of leave leave most of it to work that no source has told of. Telework is work. Only people with
//! leave and without work are looked at, who are few.

use super::Month;
use crate::dialect::{analyze, execute, fresh_table};
use chrono::Datelike;
use entity::{leave_entry::DAY_MINUTES, period::weekdays};
use sea_orm::{ConnectionTrait, DbErr};

/// Fills `t_absent`, from `t_held`, `t_place`, `t_telework` and `t_leave`.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, month: Month) -> Result<(), DbErr> {
    fresh_table(tx, "t_workday", "date {date} PRIMARY KEY, day integer NOT NULL").await?;
    let days: Vec<_> = weekdays(month.from, month.to).map(|date| format!("(CAST('{date}' AS {{date}}), {})", date.day())).collect();
    execute(tx, &format!("INSERT INTO t_workday VALUES {}", days.join(", ")), vec![]).await?;
    let holidays = "DELETE FROM t_workday WHERE date IN (SELECT date FROM holiday WHERE void_reason IS NULL AND date >= $1 AND date < $2)";
    execute(tx, holidays, month.days()).await?;
    fresh_table(tx, "t_idle", "staff_id {uuid} PRIMARY KEY").await?;
    execute(tx, IDLE, vec![]).await?;
    analyze(tx, "t_idle").await?;
    fresh_table(tx, "t_absent", "staff_id {uuid} PRIMARY KEY").await?;
    execute(tx, ABSENT, vec![DAY_MINUTES.into()]).await?;
    analyze(tx, "t_absent").await
}

const IDLE: &str = "INSERT INTO t_idle
    SELECT k.staff_id
    FROM t_post k
    JOIN t_leave l ON l.staff_id = k.staff_id
    LEFT JOIN (SELECT staff_id, MAX(worked_minutes) AS minutes FROM t_place GROUP BY staff_id) w ON w.staff_id = k.staff_id
    LEFT JOIN t_telework t ON t.staff_id = k.staff_id
    WHERE COALESCE(w.minutes, 0) = 0 AND t.staff_id IS NULL";

const ABSENT: &str = "INSERT INTO t_absent
    SELECT d.staff_id
    FROM (
        SELECT DISTINCT i.staff_id, w.date FROM t_idle i JOIN t_held h ON h.staff_id = i.staff_id
        JOIN t_workday w ON w.day >= h.from_day AND w.day < h.to_day
    ) d
    LEFT JOIN (
        SELECT e.staff_id, e.date FROM t_idle i JOIN leave_entry e ON e.staff_id = i.staff_id
        JOIN t_workday w ON w.date = e.date
        WHERE e.void_reason IS NULL
        GROUP BY e.staff_id, e.date
        HAVING SUM(e.minutes) >= $1
    ) l ON l.staff_id = d.staff_id AND l.date = d.date
    GROUP BY d.staff_id
    HAVING COUNT(*) = COUNT(l.date)";

//! What people did, and in which place: sums by person and by the posting of the record's date, one pass for each source.
//!
//! A record of somebody who is not in post in the month counts nowhere: the writing rules let none in.

use super::{Extent, Month};
use crate::dialect::{analyze, execute, fresh_table, sum};
use sea_orm::{ConnectionTrait, DbErr};

/// The sums by person and place, named as in `person_month`.
pub(super) const COLUMNS: [&str; 12] = [
    "worked_minutes",
    "overtime_minutes",
    "late_night_minutes",
    "day_off_minutes",
    "overtime_confirmed_minutes",
    "presence_compared_minutes",
    "presence_beyond_minutes",
    "on_time_shifts",
    "on_time_departures",
    "exam_hires",
    "mid_career_hires",
    "staggered_shifts",
];

/// The sums that event measures are made of.
pub(crate) const EVENT_COLUMNS: [&str; 8] = [
    "overtime_minutes",
    "overtime_confirmed_minutes",
    "presence_compared_minutes",
    "presence_beyond_minutes",
    "on_time_shifts",
    "on_time_departures",
    "exam_hires",
    "mid_career_hires",
];

/// The event columns, summed under their own names.
pub(crate) fn event_columns() -> String {
    EVENT_COLUMNS.map(|column| format!("{} AS {column}", sum(column))).join(", ")
}

/// Fills `t_place`, and `t_telework` and `t_leave` beside it. A place may have several rows, one from each source.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<(), DbErr> {
    // A month's minutes fit; and PostgreSQL adds up integers as integers, but bigints as numerics, which takes ten times as long.
    let columns = COLUMNS.map(|column| format!("{column} integer NOT NULL DEFAULT 0")).join(", ");
    fresh_table(tx, "t_place", &format!("staff_id {{uuid}}, bureau_id {{uuid}}, unit_id {{uuid}}, posting_id {{uuid}}, {columns}")).await?;
    shifts(tx, month, extent).await?;
    confirmed(tx, month).await?;
    execute(tx, HIRES, month.days()).await?;
    analyze(tx, "t_place").await?;
    fresh_table(tx, "t_telework", "staff_id {uuid} PRIMARY KEY, days integer").await?;
    execute(tx, TELEWORK, month.days()).await?;
    fresh_table(tx, "t_leave", "staff_id {uuid} PRIMARY KEY, minutes integer").await?;
    execute(tx, LEAVE, month.days()).await?;
    Ok(())
}

async fn shifts<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<(), DbErr> {
    fresh_table(tx, "t_on_time", "bureau_id {uuid}, date {date}, PRIMARY KEY (bureau_id, date)").await?;
    execute(tx, ON_TIME, month.days()).await?;
    analyze(tx, "t_on_time").await?;
    // Everybody's shifts are all shifts; to look each one's person up would take a third of the pass.
    let shifts = match extent {
        Extent::Whole => "shift s",
        Extent::Stale => "t_post k JOIN shift s ON s.staff_id = k.staff_id",
    };
    execute(tx, &SHIFTS.replace("{shifts}", shifts), month.days()).await?;
    Ok(())
}

async fn confirmed<C: ConnectionTrait>(tx: &C, month: Month) -> Result<(), DbErr> {
    fresh_table(tx, "t_planned", "staff_id {uuid}, date {date}, minutes integer").await?;
    execute(tx, PLANNED, month.days()).await?;
    analyze(tx, "t_planned").await?;
    execute(tx, CONFIRMED, month.days()).await?;
    Ok(())
}

/// On-time days of each bureau: its own and the whole office's.
const ON_TIME: &str = "INSERT INTO t_on_time
    SELECT DISTINCT b.id, d.date FROM on_time_day d JOIN bureau b ON d.bureau_id IS NULL OR d.bureau_id = b.id
    WHERE d.date >= $1 AND d.date < $2 AND d.void_reason IS NULL";

/// Summed by posting, which stands for person, bureau and unit alike: a record's place is that of its posting.
const SHIFTS: &str = "INSERT INTO t_place (staff_id, bureau_id, unit_id, posting_id, worked_minutes, overtime_minutes, late_night_minutes,
        day_off_minutes, staggered_shifts, presence_compared_minutes, presence_beyond_minutes, on_time_shifts, on_time_departures)
    SELECT p.staff_id, p.bureau_id, p.unit_id, p.id, x.worked, x.overtime, x.late_night, x.day_off, x.staggered, x.compared, x.beyond,
        x.on_time, x.departures
    FROM (
        SELECT s.posting_id, SUM(s.worked_minutes) AS worked, SUM(s.overtime_minutes) AS overtime,
            SUM(s.late_night_minutes) AS late_night, SUM(s.day_off_minutes) AS day_off,
            SUM(CASE WHEN s.pattern = 'STAGGERED' THEN 1 ELSE 0 END) AS staggered,
            SUM(CASE WHEN s.presence_start IS NOT NULL AND s.ordered_overtime_minutes IS NOT NULL
                THEN s.presence_overtime_minutes ELSE 0 END) AS compared,
            SUM(CASE WHEN s.presence_start IS NOT NULL AND s.presence_overtime_minutes > s.ordered_overtime_minutes
                THEN s.presence_overtime_minutes - s.ordered_overtime_minutes ELSE 0 END) AS beyond,
            SUM(CASE WHEN o.date IS NOT NULL AND s.day_kind = 'WORKDAY' AND s.presence_end IS NOT NULL AND s.scheduled_end IS NOT NULL
                THEN 1 ELSE 0 END) AS on_time,
            SUM(CASE WHEN o.date IS NOT NULL AND s.day_kind = 'WORKDAY' AND s.presence_end <= s.scheduled_end THEN 1 ELSE 0 END)
                AS departures
        FROM {shifts}
        LEFT JOIN t_on_time o ON o.bureau_id = s.bureau_id AND o.date = s.date
        WHERE s.date >= $1 AND s.date < $2 AND s.void_reason IS NULL
        GROUP BY s.posting_id
    ) x
    JOIN posting p ON p.id = x.posting_id
    JOIN t_post k ON k.staff_id = p.staff_id";

/// What was approved before it began, by person and date.
const PLANNED: &str = "INSERT INTO t_planned
    SELECT r.staff_id, r.date, SUM(r.planned_minutes) FROM t_post k JOIN overtime_request r ON r.staff_id = k.staff_id
    WHERE r.date >= $1 AND r.date < $2 AND r.void_reason IS NULL AND r.decision = 'APPROVED' AND r.decided_at <= r.planned_start
    GROUP BY r.staff_id, r.date";

/// min(overtime, planned) of a person's date; where the date's overtime lies in two places, the earlier shift is confirmed first.
const CONFIRMED: &str = "INSERT INTO t_place (staff_id, bureau_id, unit_id, posting_id, overtime_confirmed_minutes)
    SELECT staff_id, bureau_id, unit_id, posting_id, SUM(CASE WHEN so_far <= planned THEN minutes ELSE planned - (so_far - minutes) END)
    FROM (
        SELECT s.staff_id, s.bureau_id, s.unit_id, s.posting_id, s.overtime_minutes AS minutes, q.minutes AS planned,
            SUM(s.overtime_minutes) OVER (PARTITION BY s.staff_id, s.date ORDER BY s.occupied_start, s.id ROWS UNBOUNDED PRECEDING) AS so_far
        FROM t_planned q JOIN shift s ON s.staff_id = q.staff_id AND s.date = q.date
        WHERE s.date >= $1 AND s.date < $2 AND s.void_reason IS NULL AND s.overtime_minutes > 0
    ) x
    WHERE so_far - minutes < planned
    GROUP BY staff_id, bureau_id, unit_id, posting_id";

const HIRES: &str = "INSERT INTO t_place (staff_id, bureau_id, unit_id, posting_id, exam_hires, mid_career_hires)
    SELECT h.staff_id, h.bureau_id, h.unit_id, h.posting_id,
        SUM(CASE WHEN h.route = 'EXAM' THEN 1 ELSE 0 END), SUM(CASE WHEN h.route = 'MID_CAREER' THEN 1 ELSE 0 END)
    FROM t_post k JOIN hire h ON h.staff_id = k.staff_id
    WHERE h.date >= $1 AND h.date < $2 AND h.void_reason IS NULL AND h.route IN ('EXAM', 'MID_CAREER')
    GROUP BY h.staff_id, h.bureau_id, h.unit_id, h.posting_id";

const TELEWORK: &str = "INSERT INTO t_telework
    SELECT d.staff_id, COUNT(*) FROM t_post k JOIN telework_day d ON d.staff_id = k.staff_id
    WHERE d.date >= $1 AND d.date < $2 AND d.void_reason IS NULL
    GROUP BY d.staff_id";

const LEAVE: &str = "INSERT INTO t_leave
    SELECT e.staff_id, SUM(e.minutes) FROM t_post k JOIN leave_entry e ON e.staff_id = k.staff_id
    WHERE e.date >= $1 AND e.date < $2 AND e.void_reason IS NULL AND e.kind = 'ANNUAL'
    GROUP BY e.staff_id";

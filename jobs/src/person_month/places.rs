//! What people did, and in which place: sums by person and by the posting of the record's date, one pass for each source.
//!
//! A record of somebody who is not in post in the month counts nowhere: the writing rules let none in. Two bureaus may each record the same hour
//! or day of a person; it counts once, as the bureau that comes first by the rule of who holds a person recorded it (`eclipsed`).

use super::{Extent, Month, eclipsed};
use crate::{
    dialect::{analyze, execute, fresh_table, fresh_table_as, look_up, look_up_no_more, seconds_between, sum},
    on_time::Calendar,
};
use sea_orm::{ConnectionTrait, DbErr};

/// The sums by person and place, named as in `person_month`.
pub(super) const COLUMNS: [&str; 13] = [
    "shifts",
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

/// Hires by the exams for graduates (国家公務員採用試験: 総合職, 一般職, 専門職), as the official statistics count them; 経験者採用試験 is none of them.
pub(crate) const EXAM_HIRE: &str = "(h.route = 'EXAM' AND COALESCE(h.exam, '') <> 'EXPERIENCED')";
/// Mid-career hires: by selection, or by the exam for people with work experience (経験者採用試験), as the plan's V-1-(2) says.
pub(crate) const MID_CAREER_HIRE: &str = "(h.route = 'MID_CAREER' OR h.route = 'EXAM' AND h.exam = 'EXPERIENCED')";

/// The event columns, summed under their own names.
pub(crate) fn event_columns() -> String {
    EVENT_COLUMNS.map(|column| format!("{} AS {column}", sum(column))).join(", ")
}

/// Fills `t_place`, and `t_telework` and `t_leave` beside it. A place may have several rows, one from each source.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<(), DbErr> {
    // A month's minutes fit; and PostgreSQL adds up integers as integers, but bigints as numerics, which takes ten times as long.
    let columns = COLUMNS.map(|column| format!("{column} integer NOT NULL DEFAULT 0")).join(", ");
    fresh_table(tx, "t_place", &format!("staff_id {{uuid}}, bureau_id {{uuid}}, unit_id {{uuid}}, posting_id {{uuid}}, {columns}")).await?;
    eclipsed::compute(tx, month).await?;
    shifts(tx, month, extent).await?;
    confirmed(tx, month, extent).await?;
    // What was recorded ahead counts from its day on.
    execute(tx, &HIRES.replace("{exam}", EXAM_HIRE).replace("{mid_career}", MID_CAREER_HIRE), month.days_gone()).await?;
    analyze(tx, "t_place").await?;
    let people = if extent == Extent::Whole { "" } else { "staff_id IN (SELECT staff_id FROM t_post) AND" };
    fresh_table_as(tx, "t_telework", &month.write_into(&TELEWORK.replace("{people}", people))).await?;
    fresh_table_as(tx, "t_leave", &month.write_into(&LEAVE.replace("{people}", people))).await?;
    Ok(())
}

async fn shifts<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<(), DbErr> {
    // Everybody's shifts are all shifts; to look each one's person up would take a third of the pass.
    let (shifts, people) = match extent {
        Extent::Whole => ("shift s", ""),
        Extent::Stale => ("t_post k CROSS JOIN shift s", "s.staff_id = k.staff_id AND"),
    };
    let grace = on_time_days(tx, month, extent).await?;
    let backend = tx.get_database_backend();
    let worked = WORKED
        .replace("{shifts}", shifts)
        .replace("{people}", people)
        .replace("{early}", &seconds_between(backend, "s.presence_end", "s.scheduled_end"));
    let worked = worked.replace("{late}", &seconds_between(backend, "s.scheduled_end", "s.presence_end"));
    fresh_table_as(tx, "t_worked", &month.write_into(&worked.replace("{grace}", &grace.to_string()))).await?;
    analyze(tx, "t_worked").await?;
    execute(tx, SHIFTS, vec![]).await?;
    Ok(())
}

/// Fills `t_on_time`, each on-time day that is held in the month with the day on which it is, and `t_on_time_leave`, the leave of these days.
/// Tells the minutes of grace.
async fn on_time_days<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<i32, DbErr> {
    let calendar = Calendar::load(tx, month.from, month.to).await?;
    fresh_table(tx, "t_on_time", "date {date} PRIMARY KEY, held {date}").await?;
    let held = calendar.held().filter(|(_, held)| (month.from..month.to).contains(held));
    let rows: Vec<_> = held.map(|(date, held)| format!("(CAST('{date}' AS {{date}}), CAST('{held}' AS {{date}}))")).collect();
    if !rows.is_empty() {
        execute(tx, &format!("INSERT INTO t_on_time VALUES {}", rows.join(", ")), vec![]).await?;
    }
    fresh_table(tx, "t_on_time_leave", "staff_id {uuid}, date {date}, minutes integer, PRIMARY KEY (staff_id, date)").await?;
    let people = if extent == Extent::Whole { "" } else { "e.staff_id IN (SELECT staff_id FROM t_post) AND" };
    execute(tx, &ON_TIME_LEAVE.replace("{people}", people), month.days()).await?;
    analyze(tx, "t_on_time_leave").await?;
    Ok(calendar.grace(month.name))
}

async fn confirmed<C: ConnectionTrait>(tx: &C, month: Month, extent: Extent) -> Result<(), DbErr> {
    let (requests, people) = match extent {
        Extent::Whole => ("overtime_request r", ""),
        Extent::Stale => ("t_post k CROSS JOIN overtime_request r", "r.staff_id = k.staff_id AND"),
    };
    // Of all shifts those on days with a request are few.
    look_up(tx).await?;
    fresh_table_as(tx, "t_confirmed", &month.write_into(&CONFIRMED.replace("{requests}", requests).replace("{people}", people))).await?;
    if extent == Extent::Whole {
        look_up_no_more(tx).await?;
    }
    let add = "INSERT INTO t_place (staff_id, bureau_id, unit_id, posting_id, overtime_confirmed_minutes)
        SELECT p.staff_id, p.bureau_id, p.unit_id, p.id, c.minutes
        FROM t_confirmed c CROSS JOIN posting p JOIN t_post k ON k.staff_id = p.staff_id WHERE p.id = c.posting_id";
    execute(tx, add, vec![]).await?;
    Ok(())
}

/// Leave of any kind on the days on which on-time days are held.
const ON_TIME_LEAVE: &str = "INSERT INTO t_on_time_leave
    SELECT e.staff_id, e.date, CAST(SUM(e.minutes) AS integer) FROM leave_entry e
    WHERE {people} e.date >= $1 AND e.date < $2 AND e.date IN (SELECT held FROM t_on_time) AND e.void_reason IS NULL
        AND e.id NOT IN (SELECT id FROM t_eclipsed)
    GROUP BY e.staff_id, e.date";

/// Summed by posting, which stands for person, bureau and unit alike: a record's place is that of its posting. By bureau and client it also says
/// who has reported what (`reported`). On-time days are a bureau's own and the whole office's. Who left early on leave that reaches to the scheduled end was neither in time nor late.
const WORKED: &str = "SELECT s.posting_id, s.bureau_id, s.client, MAX(CASE WHEN s.presence_start IS NULL THEN 0 ELSE 1 END) AS presence,
        COUNT(*) AS shifts, SUM(s.worked_minutes) AS worked, SUM(s.overtime_minutes) AS overtime,
        SUM(s.late_night_minutes) AS late_night, SUM(s.day_off_minutes) AS day_off,
        SUM(CASE WHEN s.pattern = 'STAGGERED' THEN 1 ELSE 0 END) AS staggered,
        SUM(CASE WHEN s.presence_start IS NOT NULL AND s.ordered_overtime_minutes IS NOT NULL
            THEN s.presence_overtime_minutes ELSE 0 END) AS compared,
        SUM(CASE WHEN s.presence_start IS NOT NULL AND s.presence_overtime_minutes > s.ordered_overtime_minutes
            THEN s.presence_overtime_minutes - s.ordered_overtime_minutes ELSE 0 END) AS beyond,
        SUM(CASE WHEN o.date IS NULL OR s.day_kind <> 'WORKDAY' OR s.presence_end IS NULL OR s.scheduled_end IS NULL THEN 0
            WHEN s.presence_end < s.scheduled_end AND {early} <= (l.minutes + {grace}) * 60 THEN 0
            ELSE 1 END) AS on_time,
        SUM(CASE WHEN o.date IS NULL OR s.day_kind <> 'WORKDAY' OR s.presence_end IS NULL OR s.scheduled_end IS NULL THEN 0
            WHEN s.presence_end < s.scheduled_end AND {early} <= (l.minutes + {grace}) * 60 THEN 0
            WHEN {late} <= {grace} * 60 THEN 1
            ELSE 0 END) AS departures
    FROM {shifts}
    LEFT JOIN (
        SELECT DISTINCT b.id AS bureau_id, t.held AS date FROM t_on_time t JOIN on_time_day d ON d.date = t.date
        JOIN bureau b ON d.bureau_id IS NULL OR d.bureau_id = b.id
        WHERE d.void_reason IS NULL
    ) o ON o.bureau_id = s.bureau_id AND o.date = s.date
    LEFT JOIN t_on_time_leave l ON l.staff_id = s.staff_id AND l.date = o.date
    WHERE {people} s.date >= {from} AND s.date < {to} AND s.void_reason IS NULL AND s.id NOT IN (SELECT id FROM t_eclipsed)
    GROUP BY s.posting_id, s.bureau_id, s.client";

const SHIFTS: &str = "INSERT INTO t_place (staff_id, bureau_id, unit_id, posting_id, shifts, worked_minutes, overtime_minutes, late_night_minutes,
        day_off_minutes, staggered_shifts, presence_compared_minutes, presence_beyond_minutes, on_time_shifts, on_time_departures)
    SELECT p.staff_id, p.bureau_id, p.unit_id, p.id, w.shifts, w.worked, w.overtime, w.late_night, w.day_off, w.staggered, w.compared, w.beyond,
        w.on_time, w.departures
    FROM t_worked w
    CROSS JOIN posting p
    JOIN t_post k ON k.staff_id = p.staff_id
    WHERE p.id = w.posting_id";

/// min(overtime, planned) of a person's date in a bureau, where planned is what was approved there before it began; where the overtime lies in
/// two places, the earlier shift is confirmed first. That the bureau is not another one, and not that it is the same, keeps SQLite from going
/// through all of its shifts of the date; PostgreSQL makes no difference.
const CONFIRMED: &str = "SELECT posting_id, SUM(CASE WHEN so_far <= planned THEN minutes ELSE planned - (so_far - minutes) END) AS minutes
    FROM (
        SELECT s.posting_id, s.overtime_minutes AS minutes, q.minutes AS planned,
            SUM(s.overtime_minutes) OVER (PARTITION BY s.staff_id, s.date, s.bureau_id ORDER BY s.occupied_start, s.id ROWS UNBOUNDED PRECEDING) AS so_far
        FROM (
            SELECT r.staff_id, r.date, r.bureau_id, SUM(r.planned_minutes) AS minutes FROM {requests}
            WHERE {people} r.date >= {from} AND r.date < {to} AND r.void_reason IS NULL AND r.decision = 'APPROVED'
                AND r.decided_at <= r.planned_start
            GROUP BY r.staff_id, r.date, r.bureau_id
        ) q
        JOIN shift s ON s.staff_id = q.staff_id AND s.date = q.date AND NOT s.bureau_id <> q.bureau_id
        WHERE s.date >= {from} AND s.date < {to} AND s.void_reason IS NULL AND s.overtime_minutes > 0
            AND s.id NOT IN (SELECT id FROM t_eclipsed)
    ) x
    WHERE so_far - minutes < planned
    GROUP BY posting_id";

const HIRES: &str = "INSERT INTO t_place (staff_id, bureau_id, unit_id, posting_id, exam_hires, mid_career_hires)
    SELECT h.staff_id, h.bureau_id, h.unit_id, h.posting_id,
        SUM(CASE WHEN {exam} THEN 1 ELSE 0 END), SUM(CASE WHEN {mid_career} THEN 1 ELSE 0 END)
    FROM t_post k JOIN hire h ON h.staff_id = k.staff_id
    WHERE h.date >= $1 AND h.date < $2 AND h.void_reason IS NULL AND h.route IN ('EXAM', 'MID_CAREER')
    GROUP BY h.staff_id, h.bureau_id, h.unit_id, h.posting_id";

const TELEWORK: &str = "SELECT d.staff_id, COUNT(*) AS days FROM telework_day d
    WHERE {people} d.date >= {from} AND d.date < {to} AND d.void_reason IS NULL AND d.id NOT IN (SELECT id FROM t_eclipsed)
    GROUP BY d.staff_id";

/// Minutes of annual leave, of all who were on leave of any kind.
const LEAVE: &str = "SELECT e.staff_id, SUM(CASE WHEN e.kind = 'ANNUAL' THEN e.minutes ELSE 0 END) AS minutes FROM leave_entry e
    WHERE {people} e.date >= {from} AND e.date < {to} AND e.void_reason IS NULL AND e.id NOT IN (SELECT id FROM t_eclipsed)
    GROUP BY e.staff_id";

//! Who is in post in the month, and where: by the posting that holds them on the last day of it on which they are in post (`holding`).

use super::Month;
use crate::{
    dialect::{analyze, execute, fresh_table},
    standing::{side, standing},
};
use sea_orm::{ConnectionTrait, DbErr, Value};

/// Fills `t_post`, one row for each person of `t_scope` who is in post on any day of the month.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, month: Month) -> Result<(), DbErr> {
    let days = month.name.last_day().signed_duration_since(month.from).num_days() + 1;
    let days = i32::try_from(days).unwrap_or(31);
    fresh_table(
        tx,
        "t_held",
        "staff_id {uuid}, sex {code}, employment {code}, posting_id {uuid}, bureau_id {uuid}, unit_id {uuid}, band {code}, side integer,
         subject integer, until {date}, from_day integer, to_day integer",
    )
    .await?;
    execute(tx, &HELD.replace("{side}", &side("p")), vec![month.from.into(), month.to.into(), days.into()]).await?;
    analyze(tx, "t_held").await?;
    fresh_table(
        tx,
        "t_post",
        "staff_id {uuid} PRIMARY KEY, bureau_id {uuid}, unit_id {uuid}, band {code}, standing {code}, regime {code}, sex {code},
         employment {code}, days_in_post integer, in_census integer, subject_to_overtime integer",
    )
    .await?;
    execute(tx, &POST.replace("{standing}", &standing("h.side")), vec![Value::from(days)]).await?;
    analyze(tx, "t_post").await
}

/// The postings that cover a day of the month, cut to the month and to the periods of employment. Days are numbered from 1; `to_day` and `until` are the
/// first day after, so that a posting held to the end has `to_day` = days + 1.
const HELD: &str = "INSERT INTO t_held
    SELECT h.staff_id, h.sex, h.employment, h.id, h.bureau_id, h.unit_id, h.band, h.side, h.subject, h.until,
        CAST(substr(CAST(h.since AS text), 9, 2) AS integer),
        CASE WHEN h.until = $2 THEN $3 + 1 ELSE CAST(substr(CAST(h.until AS text), 9, 2) AS integer) END
    FROM (
        SELECT p.staff_id, s.sex, e.kind AS employment, p.id, p.bureau_id, p.unit_id, p.band,
            {side} AS side,
            CASE WHEN p.subject_to_overtime THEN 1 ELSE 0 END AS subject,
            {greatest}(p.valid_from, e.valid_from, $1) AS since,
            {least}(COALESCE(p.valid_to, $2), COALESCE(e.valid_to, $2), $2) AS until
        FROM t_scope c
        CROSS JOIN posting p
        CROSS JOIN staff s
        CROSS JOIN employment e
        WHERE p.staff_id = c.staff_id AND s.id = c.staff_id AND p.void_reason IS NULL AND s.void_reason IS NULL
          AND e.staff_id = c.staff_id AND e.void_reason IS NULL AND e.valid_from < $2 AND (e.valid_to IS NULL OR e.valid_to > $1)
          AND p.valid_from < $2 AND (p.valid_to IS NULL OR p.valid_to > $1)
    ) h
    WHERE h.since < h.until";

/// Placed by the posting that holds the person on the last day in post; its kind is the standing of the whole month.
/// Days on which postings overlap count once: a posting adds the days after all those that began before it.
const POST: &str = "INSERT INTO t_post
    SELECT h.staff_id, h.bureau_id, h.unit_id, h.band, {standing},
        (SELECT w.regime FROM work_regime w
         WHERE w.unit_id = h.unit_id AND w.void_reason IS NULL
           AND w.valid_from < h.until AND (w.valid_to IS NULL OR w.valid_to >= h.until)
         ORDER BY w.valid_from DESC, w.id LIMIT 1),
        h.sex, h.employment, d.days, d.in_census, d.subject
    FROM (
        SELECT t_held.*, MAX(until) OVER (PARTITION BY staff_id) AS last FROM t_held
    ) h
    JOIN holding w ON w.staff_id = h.staff_id AND w.posting_id = h.posting_id
        AND w.valid_from < h.last AND (w.valid_to IS NULL OR w.valid_to >= h.last)
    JOIN (
        SELECT staff_id,
            SUM(CASE WHEN to_day > covered THEN to_day - {greatest}(from_day, covered) ELSE 0 END) AS days,
            MAX(CASE WHEN to_day > $1 THEN 1 ELSE 0 END) AS in_census,
            MAX(subject) AS subject
        FROM (
            SELECT staff_id, from_day, to_day, subject,
                COALESCE(MAX(to_day) OVER (PARTITION BY staff_id ORDER BY from_day, to_day, posting_id
                                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS covered
            FROM t_held
        ) o
        GROUP BY staff_id
    ) d ON d.staff_id = h.staff_id
    WHERE h.until = h.last";

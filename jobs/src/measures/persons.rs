//! Person measures: persons of the span, each once, in the place of their latest person-month, whose standing is theirs.
//!
//! Who was in post, or subject to overtime, throughout the span is who was on each day, or in each, of its months that were computed. Months of
//! which a person's overtime is not known count neither way in what is made of it.

use super::{Measure, Range, Reach, Source, caps, unpivoted};
use crate::dialect::{execute, fresh_table};
use chrono::Datelike;
use sea_orm::{ConnectionTrait, DbErr};

/// Persons in post and subject to overtime on a day of the span whose overtime is known.
pub(crate) const OVERTIME_PERSONS: Measure = Measure::of_persons("OVERTIME_PERSONS", "subject");
/// Persons in post on the last day of the span.
pub(crate) const CENSUS_PERSONS: Measure = Measure::of_persons("CENSUS_PERSONS", "in_census");

/// Fills `t_span_person` from the stored person-months and `t_cell` from it.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, range: Range, measures: &[Measure], reach: Reach) -> Result<(), DbErr> {
    let rules = fill(tx, range, reach).await?;
    let expression = |measure: &Measure| match measure.source {
        Source::Persons(expression) => Some((*measure, expression)),
        Source::PersonMonths(_) | Source::Events(_) | Source::Hires { .. } | Source::Caps => None,
    };
    let of_persons: Vec<_> = measures.iter().filter_map(expression).collect();
    execute(tx, &unpivoted(&of_persons, "t_span_person"), vec![]).await?;
    caps::compute(tx, range, &rules).await
}

/// Fills `t_span_person`, one row for each regular person of the span whose place is within reach, and tells the rules that are in force.
pub(super) async fn fill<C: ConnectionTrait>(tx: &C, range: Range, reach: Reach) -> Result<caps::Rules, DbErr> {
    fresh_table(
        tx,
        "t_span_person",
        "staff_id {uuid}, bureau_id {uuid}, unit_id {uuid}, sex {code}, band {code}, standing {code}, in_census integer, subject integer,
         overtime_minutes integer, above_45h integer, telework_days integer, annual_leave_minutes integer, staggered_shifts integer,
         leave_target_minutes integer, self_paced integer, driven integer, subject_throughout integer, in_post_throughout integer,
         driven_at_end integer, presence_known integer, telework_known integer, leave_known_throughout integer",
    )
    .await?;
    let rules = caps::Rules::of(tx, range.month).await?;
    // Whom no cap binds, for none is in force, need not be asked of their regime.
    let bound = |regime: &str, month: &str| match rules.counted_from {
        Some(from) => format!(
            "CASE WHEN subject_to_overtime = 1 AND overtime_known = 1 AND COALESCE(regime, '{}') = '{regime}' AND {month} >= {} THEN 1 ELSE 0 END",
            rules.default_regime.as_text(),
            from.as_i32(),
        ),
        None => "0".to_owned(),
    };
    // Whoever is in post there, subject to overtime or not.
    let at_end =
        format!("CASE WHEN COALESCE(l.regime, '{}') = 'EXTERNALLY_DRIVEN' THEN l.in_census ELSE 0 END", rules.default_regime.as_text());
    let months = range.computed(tx).await?;
    let days: i64 = months.iter().map(|month| i64::from(month.last_day().day())).sum();
    let near = if reach == Reach::Part { NEAR } else { "" };
    let spelled = |sql: &str| {
        let sql = sql.replace("{months}", &months.len().to_string()).replace("{days}", &days.to_string());
        let sql = sql.replace("{self_paced}", &bound("SELF_PACED", "month"));
        let sql = sql.replace("{year}", &(range.month.as_i32() / 100).to_string());
        let sql = sql.replace("{near}", near).replace("{reach}", &reach.holds("l.bureau_id")).replace("{at_end}", &at_end);
        sql.replace("{driven}", &bound("EXTERNALLY_DRIVEN", "month"))
    };
    if range.first == range.month {
        execute(tx, &spelled(MONTH_PERSONS), vec![range.month.into()]).await?;
    } else {
        execute(tx, &spelled(SPAN_PERSONS), vec![range.first.into(), range.month.into()]).await?;
    }
    Ok(rules)
}

/// Overtime counts in the months in which the person is subject to it; above 45 hours is above 2,700 minutes (45:00 is not, rule 15-14).
/// In the census is who is in post on the last day of the span's last month.
const SPAN_PERSONS: &str = "INSERT INTO t_span_person
    SELECT l.staff_id, l.bureau_id, l.unit_id, l.sex, l.band, l.standing, CASE WHEN l.month = $2 THEN l.in_census ELSE 0 END,
        t.subject, t.overtime, t.above, t.telework, t.leave_minutes, t.staggered, COALESCE(g.days, 0) * 465, t.self_paced, t.driven,
        CASE WHEN t.subject_months = {months} THEN 1 ELSE 0 END, CASE WHEN t.days = {days} THEN 1 ELSE 0 END,
        CASE WHEN l.month = $2 THEN {at_end} ELSE 0 END, l.presence_known, l.telework_known,
        CASE WHEN t.leave_months = t.months THEN 1 ELSE 0 END
    FROM (
        SELECT staff_id, MAX(month) AS last_month,
            MAX(subject_to_overtime * overtime_known) AS subject,
            SUM(subject_to_overtime * overtime_minutes) AS overtime,
            MAX(CASE WHEN subject_to_overtime = 1 AND overtime_minutes > 2700 THEN 1 ELSE 0 END) AS above,
            SUM(telework_days) AS telework, SUM(annual_leave_minutes) AS leave_minutes, SUM(staggered_shifts) AS staggered,
            MAX({self_paced}) AS self_paced, MAX({driven}) AS driven,
            SUM(subject_to_overtime * overtime_known) AS subject_months, SUM(days_in_post) AS days,
            COUNT(*) AS months, SUM(leave_known) AS leave_months
        FROM person_month
        WHERE month >= $1 AND month <= $2 {near}
        GROUP BY staff_id
    ) t
    JOIN person_month l ON l.staff_id = t.staff_id AND l.month = t.last_month
    LEFT JOIN leave_target g ON g.unit_id = l.unit_id AND g.calendar_year = {year} AND g.void_reason IS NULL
    WHERE l.employment = 'REGULAR' AND {reach}";

/// Who was ever in a place within reach, and may be there last.
const NEAR: &str = "AND staff_id IN (
    SELECT n.staff_id FROM t_reach r CROSS JOIN person_month n WHERE n.bureau_id = r.bureau_id AND n.month >= $1 AND n.month <= $2)";

/// The same of a span of one month, in which a person has one row.
const MONTH_PERSONS: &str = "INSERT INTO t_span_person
    SELECT l.staff_id, l.bureau_id, l.unit_id, l.sex, l.band, l.standing, l.in_census, l.subject_to_overtime * l.overtime_known,
        l.subject_to_overtime * l.overtime_minutes,
        CASE WHEN l.subject_to_overtime = 1 AND l.overtime_minutes > 2700 THEN 1 ELSE 0 END,
        l.telework_days, l.annual_leave_minutes, l.staggered_shifts, COALESCE(g.days, 0) * 465, {self_paced}, {driven},
        l.subject_to_overtime * l.overtime_known, CASE WHEN l.days_in_post = {days} THEN 1 ELSE 0 END, {at_end},
        l.presence_known, l.telework_known, l.leave_known
    FROM person_month l
    LEFT JOIN leave_target g ON g.unit_id = l.unit_id AND g.calendar_year = {year} AND g.void_reason IS NULL
    WHERE l.month = $1 AND l.employment = 'REGULAR' AND {reach}";

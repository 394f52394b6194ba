//! Measures of person-months: the persons of each month of the span, in the place and the standing of that month.
//!
//! Who comes in October counts six times in a fiscal year, and who moves counts in both places for as long as they were there, so that a
//! year's mean by the month is the mean of its months. The persons behind a cell are distinct all the same.

use super::{Measure, PLACE, Range, Reach, Source, unpivoted};
use crate::dialect::{execute, fresh_table, fresh_table_as, sum};
use entity::person_month::Standing;
use sea_orm::{ConnectionTrait, DbErr, Iterable};

/// Persons who were in post and subject to overtime on a day of the month and whose overtime is known, month by month.
pub(crate) const OVERTIME_PERSON_MONTHS: Measure =
    Measure::of_person_months("OVERTIME_PERSON_MONTHS", "subject_to_overtime * overtime_known");
/// Overtime minutes of these persons.
pub(crate) const OVERTIME_POPULATION_MINUTES: Measure =
    Measure::of_person_months("OVERTIME_POPULATION_MINUTES", "subject_to_overtime * overtime_known * overtime_minutes");

/// The column of `t_span_place` with a measure's sum.
pub(crate) fn column(measure: &Measure) -> String {
    measure.code.to_lowercase()
}

/// Those of person-months, each with its expression.
fn own(measures: &[Measure]) -> Vec<(Measure, &'static str)> {
    let expression = |measure: &Measure| match measure.source {
        Source::PersonMonths(expression) => Some((*measure, expression)),
        Source::Persons(_) | Source::Events(_) | Source::Hires { .. } | Source::Caps => None,
    };
    measures.iter().filter_map(expression).collect()
}

/// Whose person-months: a condition with the span's first month as `$1` and its last as `$2`.
fn of(reach: Reach, standings: &[Standing]) -> String {
    let standings = standings.iter().map(|standing| format!("'{}'", standing.as_text())).collect::<Vec<_>>().join(", ");
    format!("employment = 'REGULAR' AND standing IN ({standings}) AND month >= $1 AND month <= $2 AND {}", reach.holds("bureau_id"))
}

/// Adds the cells to `t_cell`: of one month, in which everybody has one place, from the person-months themselves, else from `t_span_place`.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, range: Range, measures: &[Measure], reach: Reach) -> Result<(), DbErr> {
    let standings: Vec<_> = Standing::iter().collect();
    if range.first == range.month {
        let month = format!("person_month WHERE {}", of(reach, &standings));
        execute(tx, &unpivoted(&own(measures), &month), vec![range.first.into(), range.month.into()]).await?;
        return Ok(());
    }
    fill(tx, range, measures, (reach, &standings)).await?;
    let columns: Vec<_> = own(measures).iter().map(|(measure, _)| (*measure, column(measure))).collect();
    let columns: Vec<_> = columns.iter().map(|(measure, column)| (*measure, column.as_str())).collect();
    execute(tx, &unpivoted(&columns, "t_span_place"), vec![]).await?;
    Ok(())
}

/// Fills `t_span_place`, one row for each regular person of the span and each place of these standings within reach in which they were, with
/// the sums of the measures over the months there; `latest` is 1 in the place of the person's latest month in one of these.
pub(super) async fn fill<C: ConnectionTrait>(
    tx: &C,
    range: Range,
    measures: &[Measure],
    (reach, standings): (Reach, &[Standing]),
) -> Result<(), DbErr> {
    let own = own(measures);
    let each = |of: fn(&(Measure, &'static str)) -> String| own.iter().map(of).collect::<Vec<_>>().join(", ");
    fresh_table(
        tx,
        "t_span_place",
        &format!(
            "staff_id {{uuid}}, bureau_id {{uuid}}, unit_id {{uuid}}, sex {{code}}, band {{code}}, standing {{code}}, latest integer, {}",
            each(|(measure, _)| format!("{} bigint", column(measure)))
        ),
    )
    .await?;
    let place = format!("staff_id, {PLACE}");
    let of = of(reach, standings);
    let put = if range.first == range.month {
        let values = each(|(_, expression)| (*expression).to_owned());
        format!("INSERT INTO t_span_place SELECT {place}, 1, {values} FROM person_month WHERE {of}")
    } else {
        let sums = each(|(_, expression)| sum(expression));
        format!(
            "INSERT INTO t_span_place
             SELECT {place}, CASE WHEN MAX(month) = MAX(MAX(month)) OVER (PARTITION BY staff_id) THEN 1 ELSE 0 END, {sums}
             FROM person_month WHERE {of} GROUP BY {place}"
        )
    };
    execute(tx, &put, vec![range.first.into(), range.month.into()]).await?;
    Ok(())
}

/// Fills `t_moved` with the rows that `t_span_place` would have of all persons of the office who were in several places; nobody in one month.
pub(crate) async fn fill_moved<C: ConnectionTrait>(tx: &C, range: Range, measures: &[Measure]) -> Result<(), DbErr> {
    let place = format!("staff_id, {PLACE}");
    let of = format!("employment = 'REGULAR' AND month >= {} AND month <= {}", range.first.as_i32(), range.month.as_i32());
    let sums: Vec<_> = own(measures).iter().map(|(measure, expression)| format!("{} AS {}", sum(expression), column(measure))).collect();
    let moved = format!(
        "SELECT {place}, {} FROM person_month
         WHERE {of} AND staff_id IN (
             SELECT staff_id FROM (SELECT DISTINCT {place} FROM person_month WHERE {of}) d GROUP BY staff_id HAVING COUNT(*) > 1)
         GROUP BY {place}",
        sums.join(", "),
    );
    fresh_table_as(tx, "t_moved", &moved).await
}

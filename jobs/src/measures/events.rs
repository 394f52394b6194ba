//! Event measures: what the records say, each in the place of its date, in the standing of its person's month.

use super::{Measure, PLACE, Range, Reach, unpivoted, words};
use crate::{
    dialect::{execute, fresh_table},
    person_month::{EVENT_COLUMNS, event_columns},
};
use entity::{measure_cell::Span, period::YearMonth};
use sea_orm::{ConnectionTrait, DbErr};

/// Adds the event cells to `t_cell`: a month's from `t_place`, a year to date's from the stored months. For a month it also leaves
/// `t_event_person`, of which the indicators count their distinct persons.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, range: Range, events: &[(Measure, &str)], reach: Reach) -> Result<(), DbErr> {
    match range.span {
        Span::Month => month(tx, range.month, events).await,
        Span::FiscalYearToDate | Span::CalendarYearToDate => year_to_date(tx, range, events, reach).await,
    }
}

/// One row for each regular person and cell of the touched bureaus, then the cells: of the people in scope from the places of their records, of
/// the others, who had one place, from their stored rows.
async fn month<C: ConnectionTrait>(tx: &C, month: YearMonth, events: &[(Measure, &str)]) -> Result<(), DbErr> {
    let columns = EVENT_COLUMNS.map(|column| format!("{column} integer")).join(", ");
    fresh_table(
        tx,
        "t_event_person",
        &format!("staff_id {{uuid}}, bureau_id {{uuid}}, unit_id {{uuid}}, sex {{code}}, band {{code}}, standing {{code}}, {columns}"),
    )
    .await?;
    let put = format!(
        "INSERT INTO t_event_person
         SELECT w.staff_id, w.bureau_id, w.unit_id, k.sex, p.band, k.standing, {}
         FROM t_place w
         CROSS JOIN posting p
         JOIN t_touched b ON b.bureau_id = w.bureau_id
         JOIN t_post k ON k.staff_id = w.staff_id
         WHERE p.id = w.posting_id AND k.employment = 'REGULAR'
         GROUP BY w.staff_id, w.bureau_id, w.unit_id, k.sex, p.band, k.standing",
        event_columns()
    );
    execute(tx, &put, vec![]).await?;
    let untouched = format!(
        "INSERT INTO t_event_person
         SELECT m.staff_id, m.bureau_id, m.unit_id, m.sex, m.band, m.standing, {}
         FROM t_untouched s CROSS JOIN person_month m
         WHERE m.staff_id = s.staff_id AND m.month = $1 AND m.employment = 'REGULAR'",
        EVENT_COLUMNS.map(|column| format!("m.{column}")).join(", "),
    );
    execute(tx, &untouched, vec![month.into()]).await?;
    execute(tx, &unpivoted(events, "t_event_person"), vec![]).await?;
    Ok(())
}

async fn year_to_date<C: ConnectionTrait>(tx: &C, range: Range, events: &[(Measure, &str)], reach: Reach) -> Result<(), DbErr> {
    let adding: Vec<(Measure, &str)> = events.iter().copied().filter(|(measure, _)| measure.persons_add_up()).collect();
    let put = format!(
        "INSERT INTO t_cell
         SELECT {PLACE}, measure, CAST(SUM(value) AS bigint),
             CASE WHEN measure IN ({}) THEN CAST(SUM(persons) AS bigint) ELSE MAX(persons) END
         FROM measure_cell
         WHERE span = 'MONTH' AND month >= $1 AND month <= $2 AND measure IN ({}) AND {}
         GROUP BY {PLACE}, measure",
        words(&adding),
        words(events),
        reach.holds("bureau_id"),
    );
    execute(tx, &put, vec![range.first.into(), range.month.into()]).await?;
    Ok(())
}

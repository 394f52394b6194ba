//! The first month of which figures speak: as an administrator said, else that of the first record of what people did. Before it, an office that
//! began in June has no April that could be missing.

use crate::{dialect::few_rows, indicators};
use chrono::NaiveDate;
use entity::period::YearMonth;
use sea_orm::{ConnectionTrait, DbErr};

/// The first record of each kind, by the index of its dates.
const FIRST: &str = "SELECT MIN(date) FROM (
    SELECT * FROM (SELECT date FROM shift WHERE void_reason IS NULL ORDER BY date LIMIT 1) s
    UNION ALL SELECT * FROM (SELECT date FROM telework_day WHERE void_reason IS NULL ORDER BY date LIMIT 1) t
    UNION ALL SELECT * FROM (SELECT date FROM leave_entry WHERE void_reason IS NULL ORDER BY date LIMIT 1) l
    UNION ALL SELECT * FROM (SELECT date FROM hire WHERE void_reason IS NULL ORDER BY date LIMIT 1) h) first";

/// The first month of which figures speak; `None` where nothing was said, nor recorded.
///
/// # Errors
/// The engine's.
pub async fn first_month<C: ConnectionTrait>(tx: &C) -> Result<Option<YearMonth>, DbErr> {
    let said = indicators::rule(tx).await?.first_month;
    if said.is_some() {
        return Ok(said);
    }
    let row = few_rows(tx, FIRST, vec![]).await?.pop();
    let date: Option<NaiveDate> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
    Ok(date.map(YearMonth::of))
}

/// The first month of a span that would begin with `first`, of an office of which figures speak from `beginning` on. A span that ends before stays.
#[must_use]
pub fn since(first: YearMonth, last: YearMonth, beginning: Option<YearMonth>) -> YearMonth {
    beginning.filter(|beginning| *beginning <= last).map_or(first, |beginning| beginning.max(first))
}

//! Up to where records have been disposed of: written by `dispose` together with what it erases, and read by all that compute months, or
//! ask for it. What is left of a month is no ground for its figures; those that were computed in time stand.
//!
//! It rests on what was erased, not on today's periods: a period that is made longer brings nothing back.

use crate::dialect::{execute, few_rows};
use chrono::NaiveDate;
use entity::{period::YearMonth, retention::RetentionNoun};
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, Iterable};

/// Notes that rows of a noun from before a day have been erased.
///
/// # Errors
/// The engine's.
pub(crate) async fn note<C: ConnectionTrait>(tx: &C, noun: RetentionNoun, before: NaiveDate) -> Result<(), DbErr> {
    let note = "UPDATE retention SET disposed_before = $2 WHERE noun = $1 AND (disposed_before IS NULL OR disposed_before < $2)";
    execute(tx, note, vec![noun.to_value().into(), before.into()]).await?;
    Ok(())
}

/// The first month of which all records are there that figures rest on; `None` while nothing of the kind has been erased.
///
/// # Errors
/// The engine's.
pub async fn first_whole_month<C: ConnectionTrait>(tx: &C) -> Result<Option<YearMonth>, DbErr> {
    latest(tx, RetentionNoun::is_under_figures).await
}

/// The first month of which all is there that flags rest on, and the flags themselves; `None` while nothing of the kind has been erased.
///
/// # Errors
/// The engine's.
pub(crate) async fn first_month_with_flags<C: ConnectionTrait>(tx: &C) -> Result<Option<YearMonth>, DbErr> {
    latest(tx, RetentionNoun::is_under_flags).await
}

/// The first month after the latest day up to which rows of some nouns have been erased.
async fn latest<C: ConnectionTrait>(tx: &C, counts: impl Fn(RetentionNoun) -> bool) -> Result<Option<YearMonth>, DbErr> {
    let nouns = RetentionNoun::iter().filter(|noun| counts(*noun)).map(|noun| format!("'{}'", noun.as_text()));
    let latest = format!(
        "SELECT disposed_before FROM retention WHERE disposed_before IS NOT NULL AND noun IN ({})
         ORDER BY disposed_before DESC LIMIT 1",
        nouns.collect::<Vec<_>>().join(", ")
    );
    let row = few_rows(tx, &latest, vec![]).await?.pop();
    let before: Option<NaiveDate> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(before.map(from))
}

/// The first month that lies whole on or after a day.
fn from(day: NaiveDate) -> YearMonth {
    let month = YearMonth::of(day);
    if month.first_day() < day { month.add_months(1) } else { month }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    /// What is erased under neither figures nor flags changes nothing that is computed anew; everything else is one of the two.
    #[test]
    fn what_has_a_period_rests_under_figures_or_flags_or_under_neither() {
        use RetentionNoun as N;
        let alone = [N::Appointment, N::RecordRevision, N::Receipt, N::JobRun, N::JobRunEvent, N::Mail];
        let flags = [N::ExceptionalWork, N::OpeningBalance, N::OvertimeOutlier];
        for noun in N::iter() {
            assert_eq!(noun.is_under_figures(), !alone.contains(&noun) && !flags.contains(&noun), "{noun:?}");
        }
    }

    #[test]
    fn a_month_of_which_a_day_is_gone_is_not_whole() {
        for (day, month) in [("2018-04-01", "2018-04"), ("2018-04-02", "2018-05"), ("2018-12-31", "2019-01")] {
            assert_eq!(from(day.parse().unwrap()), month.parse().unwrap(), "{day}");
        }
    }
}

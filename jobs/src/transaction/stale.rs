//! Marks of months whose figures no longer follow from the records.

use super::put_all;
use crate::{dialect::few_rows, indicators::catalogue};
use chrono::{DateTime, Utc};
use entity::{
    ids::{BureauId, ReceiptId, StaffId, StaleMarkId},
    indicator_value::TOTAL,
    period::{YearMonth, civil_date},
    stale_mark,
};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::{BTreeMap, BTreeSet};

/// From this many people of one bureau and month on, one mark for all of them takes the place of a mark each.
const MARK_ALL: usize = 100;

/// The tables that figures and flags are computed from. Whoever writes one marks what it concerns: the months of records, the computed months of
/// what is in force over time. Two tests hold the list to the truth: the engines' plans say which tables the jobs' statements read, and each
/// one's mutation is called and must mark.
pub const INPUTS: [&str; 21] = [
    "api_client",
    "counting_rule",
    "employment",
    "exceptional_work",
    "hire",
    "holding",
    "holiday",
    "leave_entry",
    "leave_target",
    "month_close",
    "month_source",
    "on_time_day",
    "opening_balance",
    "overtime_outlier",
    "overtime_request",
    "overtime_rule",
    "posting",
    "shift",
    "staff",
    "telework_day",
    "work_regime",
];

/// Whose figures a change makes stale: bureau and month, and the people in it (`None` for everybody).
pub type Stale = BTreeMap<(BureauId, YearMonth), BTreeSet<Option<StaffId>>>;

/// Writes stale marks, one for everybody where many people of a bureau's month are concerned.
///
/// # Errors
/// The engine's.
pub async fn mark_stale<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, receipt: Option<ReceiptId>, stale: &Stale) -> Result<(), DbErr> {
    let mut marks = Vec::new();
    for (&(bureau_id, month), people) in stale {
        let all = people.contains(&None) || people.len() >= MARK_ALL;
        let people: Vec<_> = if all { vec![None] } else { people.iter().copied().collect() };
        marks.extend(people.into_iter().map(|staff_id| stale_mark::Model {
            id: StaleMarkId::new(),
            bureau_id,
            month,
            staff_id,
            receipt_id: receipt,
            created_at: at,
        }));
    }
    put_all(tx, marks, false).await
}

/// The months that were ever computed, in order: every one has the office's value of each indicator.
///
/// # Errors
/// The engine's.
pub async fn computed_months<C: ConnectionTrait>(tx: &C) -> Result<Vec<YearMonth>, DbErr> {
    // One step of the index for each month.
    let months = format!(
        "WITH RECURSIVE m(month) AS (
             SELECT MIN(month) FROM indicator_value v WHERE {of}
             UNION ALL
             SELECT (SELECT MIN(v.month) FROM indicator_value v WHERE v.month > m.month AND {of}) FROM m WHERE m.month IS NOT NULL
         )
         SELECT month FROM m WHERE month IS NOT NULL ORDER BY month",
        of = format_args!("v.indicator = $1 AND v.span = 'MONTH' AND v.bureau = '{TOTAL}'"),
    );
    let any = catalogue().first().map_or("", |definition| definition.code);
    let rows = few_rows(tx, &months, vec![any.into()]).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The months whose figures a change of something in force over time can make wrong: those that were computed, that wait for it with a mark,
/// that a run under way may have read already, or that some bureau has closed. Others hold no figure, and will be computed from what is
/// stored by then.
///
/// # Errors
/// The engine's.
pub async fn months_with_figures<C: ConnectionTrait>(tx: &C) -> Result<BTreeSet<YearMonth>, DbErr> {
    let mut months: BTreeSet<YearMonth> = computed_months(tx).await?.into_iter().collect();
    let more = "SELECT month FROM stale_mark UNION SELECT month FROM month_close WHERE state = 'CLOSED'";
    for row in few_rows(tx, more, vec![]).await? {
        months.insert(row.try_get_by_index(0)?);
    }
    // What a run reads may be older than this call. One that is about no month also computes the current one and the one before.
    let runs = "SELECT period, as_of FROM job_run
        WHERE job = 'MONTHLY_INDICATORS' AND state IN ('QUEUED', 'RUNNING', 'RETRY_WAIT', 'CANCELLING')";
    for row in few_rows(tx, runs, vec![]).await? {
        let period: Option<YearMonth> = row.try_get_by_index(0)?;
        let current = YearMonth::of(civil_date(row.try_get_by_index(1)?));
        months.extend(period.map_or_else(|| vec![current.previous(), current], |period| vec![period]));
    }
    Ok(months)
}

/// Marks months stale for everybody of the bureaus that have people in them: for what concerns the whole office. Tells how many months there were.
///
/// # Errors
/// The engine's.
pub async fn mark_office<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, months: &BTreeSet<YearMonth>) -> Result<usize, DbErr> {
    if months.is_empty() {
        return Ok(0);
    }
    let bureaus = few_rows(tx, "SELECT id FROM bureau WHERE void_reason IS NULL", vec![]).await?;
    let mut stale = Stale::new();
    for bureau in bureaus {
        let bureau: BureauId = bureau.try_get_by_index(0)?;
        stale.extend(months.iter().map(|month| ((bureau, *month), BTreeSet::from([None]))));
    }
    mark_stale(tx, at, None, &stale).await?;
    Ok(months.len())
}

//! `dispose`: erases what has been kept for as long as its retention says.
//!
//! A period counted in fiscal years ends on the 1 April that lies so many years after the fiscal year of the record, and never reaches an
//! open fiscal year: one that is not over, or has a month that some bureau has not closed. What is over is found under a snapshot, by an
//! index, a bounded number of rows at a time, and erased in chunks, each with a checkpoint that knows the counts; each statement looks again
//! whether the row is still over, and the noun's period keeps up to which day it has been erased, so that nobody computes months anew from
//! what is left of them. Rows that others refer to (receipts, runs, people) stay as empty places, so that foreign keys stay whole.
//! On SQLite the file is then written anew, where records of persons went: seldom, for their periods end with a fiscal year.
//! Nothing is erased while the clock cannot be trusted: such a run ends as `FAILED CLOCK`, and the next night looks again.
//! Deliberately absent: the audit trail, which holds no content, and figures, which are about nobody and whose vintages are read for good.

mod rules;

use crate::{
    database::WriteTransaction,
    dialect::{analyze, execute, few_rows, fresh_table, one_row},
    job::{DefaultSchedule, JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    runner::Phase,
    transaction::{
        disposal,
        numbering::{Written, own_receipt},
    },
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{
    job_run::WarningCode,
    job_schedule::{Misfire, Overlap},
    period::{FiscalYear, YearMonth, civil_date, instant},
    retention::{RetentionNoun, RetentionUnit},
};
use rules::{Cut, Rule, What, rules};
use sea_orm::{DbErr, Value};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write};

/// Rows of one transaction: on SQLite, where mutations wait for it, it takes less than 200 ms.
const CHUNK: i64 = 1_500;
/// Rows that are looked for at a time.
const PASS: i64 = 60_000;

/// One at a time, each night at 03:40, after the figures; a missed night is made up for within the day.
pub const POLICY: Policy = Policy {
    schedule: Some(DefaultSchedule {
        cron: "0 40 3 * * *",
        misfire: Misfire::Latest,
        catch_up: TimeDelta::days(1),
        overlap: Overlap::Skip,
        expected_within: TimeDelta::hours(6),
    }),
    ..Policy::DEFAULT
};

/// What became of a noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Rows erased, or in a dry run that would be.
    pub rows: i64,
    /// Their former versions.
    pub revisions: i64,
}

/// What a run did. Serialised in camelCase, nouns as in the table of periods.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// By noun, those of which something was over.
    pub erased: BTreeMap<RetentionNoun, Counts>,
    /// The first day of the earliest open fiscal year, which nothing counted in fiscal years passes.
    pub open_since: NaiveDate,
}

/// Where a run stands.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Checkpoint {
    /// What is before this day is over, by noun, as the run found it when it began.
    cuts: BTreeMap<RetentionNoun, NaiveDate>,
    /// How many nouns an open fiscal year keeps beyond their period.
    #[serde(default)]
    kept_beyond: i64,
    /// Rules done.
    done: usize,
    /// Whether the file was to be written anew.
    #[serde(default)]
    file_renewed: bool,
    statistics: Statistics,
}

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    dispose(fence).await.map_err(JobError::usual)
}

async fn dispose(fence: &Fence) -> Result<Output, LedgerError> {
    fence.trust_clock().await?;
    let mut state = match fence.resume::<Checkpoint>() {
        Some(state) => state,
        None => begin(fence).await?,
    };
    fence.expect_steps(rules().count() as u64);
    fence.skip_steps(state.done as u64);
    for rule in rules().skip(state.done) {
        match state.cuts.get(&rule.noun) {
            Some(&cut) if fence.run().dry_run => count(fence, rule, cut, &mut state).await?,
            Some(&cut) => erase(fence, rule, cut, &mut state).await?,
            None => {}
        }
        state.done += 1;
        fence.step(Phase::Step(rule.table));
    }
    // Overwritten it is already; of what was erased before there was `secure_delete`, the file still holds traces.
    if !fence.run().dry_run && !state.file_renewed && state.statistics.erased.keys().any(|noun| noun.is_about_persons()) {
        // Once a run: where it takes longer than the lease, it goes on beside, and the next attempt has nothing left to do.
        state.file_renewed = true;
        let tx = fence.write().await?;
        fence.checkpoint(tx, &state).await?;
        fence.vacuum().await?;
    }
    Ok(Output::new(&state.statistics, digest(&state)).warning(WarningCode::KeptBeyondPeriod, state.kept_beyond))
}

/// Reads the periods and the earliest open year.
async fn begin(fence: &Fence) -> Result<Checkpoint, LedgerError> {
    let today = civil_date(fence.run().as_of);
    let tx = fence.snapshot().await?;
    let unclosed = one_row(&tx, "SELECT MIN(month) FROM month_close WHERE state <> 'CLOSED'", vec![]).await?;
    let unclosed: Option<YearMonth> = unclosed.try_get_by_index(0)?;
    let periods = few_rows(&tx, "SELECT noun, length, unit FROM retention", vec![]).await?;
    tx.commit().await?;
    let current = FiscalYear::of(today);
    let open_since = unclosed.map_or(current, |month| FiscalYear::of_month(month).min(current)).first_day();
    let mut cuts = BTreeMap::new();
    let mut kept_beyond = 0;
    for row in periods {
        let (length, unit) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let up_to = cut(today, open_since, length, unit);
        kept_beyond += i64::from(up_to < cut(today, NaiveDate::MAX, length, unit));
        cuts.insert(row.try_get_by_index(0)?, up_to);
    }
    let statistics = Statistics { open_since, ..Statistics::default() };
    Ok(Checkpoint { cuts, kept_beyond, statistics, ..Checkpoint::default() })
}

/// What is before the day that this answers is over.
fn cut(today: NaiveDate, open_since: NaiveDate, length: i32, unit: RetentionUnit) -> NaiveDate {
    // More than all the years that dates may name is the same as for ever.
    let length = length.clamp(1, 1_000);
    match unit {
        RetentionUnit::FiscalYears => FiscalYear::of(today).first_month().add_months(-12 * length).first_day().min(open_since),
        RetentionUnit::Days => today - TimeDelta::days(length.into()),
    }
}

/// The cut as the noun's column holds it.
fn bound(rule: &Rule, cut: NaiveDate) -> Value {
    match rule.cut {
        Cut::Day => cut.into(),
        Cut::Month => YearMonth::of(cut).into(),
        Cut::Instant => instant(cut.and_time(NaiveTime::MIN)).into(),
    }
}

/// Counts what would be erased, and writes nothing. Each noun is counted by itself: a former version that is over, and would go with its
/// record before that, is counted with both.
async fn count(fence: &Fence, rule: &Rule, cut: NaiveDate, state: &mut Checkpoint) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    let number = async |from: &str| {
        let count = format!("SELECT COUNT(*) FROM {from} WHERE {}", rule.over);
        one_row(&tx, &count, vec![bound(rule, cut)]).await?.try_get_by_index::<i64>(0)
    };
    let rows = number(rule.rows).await?;
    let revisions = match rule.versions {
        Some(versions) => number(versions).await?,
        None => 0,
    };
    tx.commit().await?;
    add(state, rule.noun, Counts { rows, revisions });
    Ok(())
}

/// Erases what is over of one noun, a bounded number of rows at a time.
async fn erase(fence: &Fence, rule: &Rule, cut: NaiveDate, state: &mut Checkpoint) -> Result<(), LedgerError> {
    loop {
        let found = find(fence, rule, cut).await?;
        let (mut from, mut erased) = (0, 0);
        while from < found {
            let tx = fence.write().await?;
            let counts = erase_chunk(&tx, rule, (from, from + CHUNK), cut, fence.clock().now()).await?;
            add(state, rule.noun, counts);
            if counts.rows > 0 {
                disposal::note(&*tx, rule.noun, cut).await?;
            }
            fence.checkpoint(tx, &*state).await?;
            (from, erased) = (from + CHUNK, erased + counts.rows);
        }
        // What was found and left alone has changed since; the next night sees it as it is then.
        if found < PASS || erased == 0 {
            return Ok(());
        }
    }
}

/// Numbers the keys of what is over in a TEMP table, and tells how many there are.
async fn find(fence: &Fence, rule: &Rule, cut: NaiveDate) -> Result<i64, LedgerError> {
    let Rule { table, key, over, order, .. } = rule;
    let tx = fence.snapshot().await?;
    fresh_table(&tx, "t_over", "seq bigint NOT NULL PRIMARY KEY, id {uuid} NOT NULL, month integer NOT NULL").await?;
    let fill = format!(
        "INSERT INTO t_over (seq, id, month)
         SELECT ROW_NUMBER() OVER (), x.id, x.month FROM (SELECT {key} FROM {table} r WHERE {over} ORDER BY {order} LIMIT {PASS}) x"
    );
    let found = execute(&tx, &fill, vec![bound(rule, cut)]).await?;
    analyze(&tx, "t_over").await?;
    tx.commit().await?;
    Ok(i64::try_from(found).unwrap_or(PASS))
}

async fn erase_chunk(
    tx: &WriteTransaction,
    rule: &Rule,
    (from, to): (i64, i64),
    cut: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Counts, DbErr> {
    let mut counts = Counts::default();
    // Records are followed by readers who keep a copy: what is erased of them is numbered as what is written.
    let is_told = rule.erase.iter().any(|(what, _)| *what == What::Told);
    let receipt = if is_told { Some(own_receipt(&**tx, "DISPOSAL", rule.table, now).await?) } else { None };
    for (what, sql) in rule.erase {
        let mut values = vec![from.into(), to.into()];
        if sql.contains("$3") {
            values.push(bound(rule, cut));
        }
        if sql.contains("$4") {
            values.push(receipt.into());
        }
        if sql.contains("$5") {
            values.push(now.into());
        }
        let rows = i64::try_from(execute(&**tx, sql, values).await?).unwrap_or(i64::MAX);
        match what {
            What::Rows => counts.rows += rows,
            What::Revisions => counts.revisions += rows,
            What::Beside | What::Told => {}
        }
    }
    if let Some(receipt) = receipt.filter(|_| counts.rows > 0) {
        tx.number(Written { receipt, at: now, records: counts.rows });
    }
    Ok(counts)
}

fn add(state: &mut Checkpoint, noun: RetentionNoun, counts: Counts) {
    if counts != Counts::default() {
        let sum = state.statistics.erased.entry(noun).or_default();
        *sum = Counts { rows: sum.rows + counts.rows, revisions: sum.revisions + counts.revisions };
    }
}

/// A line for each noun: up to which day, how many rows and former versions.
fn digest(state: &Checkpoint) -> String {
    let mut text = String::new();
    for (noun, cut) in &state.cuts {
        let counts = state.statistics.erased.get(noun).copied().unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} {cut} {} {}", noun.as_text(), counts.rows, counts.revisions);
    }
    format!("{:x}", Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn fiscal_years_count_from_the_april_after_and_stop_before_an_open_year() {
        let (last_day, first_day, late) = (day("2021-03-31"), day("2021-04-01"), day("2100-01-01"));
        assert_eq!(
            cut(last_day, late, 5, RetentionUnit::FiscalYears),
            day("2015-04-01"),
            "fiscal 2015 is kept until its fifth year is over"
        );
        assert_eq!(cut(first_day, late, 5, RetentionUnit::FiscalYears), day("2016-04-01"));
        assert_eq!(cut(first_day, day("2012-04-01"), 5, RetentionUnit::FiscalYears), day("2012-04-01"));
        assert_eq!(cut(first_day, day("2012-04-01"), 90, RetentionUnit::Days), day("2021-01-01"), "days are not inputs of a year");
        cut(first_day, late, i32::MAX, RetentionUnit::FiscalYears);
        cut(first_day, late, i32::MAX, RetentionUnit::Days);
    }
}

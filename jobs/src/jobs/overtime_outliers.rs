//! `overtime-outliers`: cap breaches, duties, warnings and statistical flags of each person's month.
//!
//! Months go in order of time, each under one snapshot: what persons share and a row for each person with overtime are laid out by SQL
//! (`inputs`), `entity::overtime` judges the rows a chunk at a time, and what was found is compared with the flags that stand (`flags`). A
//! second run writes nothing and has the same digest; a review is never touched. A checkpoint follows each chunk of changed flags.
//!
//! A run of a month also judges the computed months up to twelve later, whose sums, means and comparisons reach back to it; a run without
//! one judges all. `monthly-indicators` asks for it for what it computed. Indicators are made of flags: what changes here is marked stale, and
//! a run of theirs is asked for in turn, which sees these marks alone and asks for nothing.
//!
//! A month is left alone where records of it or of the twelve months before have been disposed of: its flags stand as they were judged in time.

mod digest;
mod flags;
mod history;
mod inputs;

use crate::{
    indicators::{self, Standings},
    job::{JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    protection,
    runner::Phase,
    transaction::disposal,
};
use entity::{job_run::JobName, period::YearMonth};
use inputs::Shared;
use sea_orm::{ConnectionTrait, DbErr};

/// How many months back a month's figures reach.
pub(super) const REACH: i32 = 12;

/// What a run did. Serialised in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Statistics {
    /// Months judged.
    pub months: i64,
    /// Persons subject to overtime in them, each counted in each month.
    pub persons: i64,
    /// Caps exceeded.
    pub breaches: i64,
    /// Caps exceeded for exceptional work.
    pub above_cap_exceptional: i64,
    /// Doctors' interviews that are due.
    pub duties: i64,
    /// Statistical flags.
    pub statistical: i64,
    /// Warnings.
    pub warnings: i64,
    /// Flags raised, or in a dry run to be raised.
    pub raised: i64,
    /// Flags whose evidence changed.
    pub changed: i64,
    /// Flags withdrawn.
    pub withdrawn: i64,
    /// Raised flags that a former one of the same person, month and kind came before.
    pub returned: i64,
    /// Months left alone, for records that they rest on have been disposed of.
    pub months_disposed: i64,
}

impl Statistics {
    fn add(&mut self, other: &Self) {
        self.months += other.months;
        self.persons += other.persons;
        self.breaches += other.breaches;
        self.above_cap_exceptional += other.above_cap_exceptional;
        self.duties += other.duties;
        self.statistical += other.statistical;
        self.warnings += other.warnings;
        self.raised += other.raised;
        self.changed += other.changed;
        self.withdrawn += other.withdrawn;
        self.returned += other.returned;
        self.months_disposed += other.months_disposed;
    }
}

/// One at a time, of a month or of all; runs of `monthly-indicators` enqueue it.
pub const POLICY: Policy = Policy {
    monthly: true,
    figures: &["breaches", "aboveCapExceptional", "duties", "statistical", "warnings", "raised", "changed", "withdrawn", "returned"],
    ..Policy::DEFAULT
};

/// Where a run stands.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Checkpoint {
    /// The months of the run, as it found them when it began.
    months: Vec<YearMonth>,
    /// Months done.
    done: usize,
    statistics: Statistics,
}

/// A month that was judged, and not yet written.
struct Judged {
    /// `None` where nobody was computed, or no rules are in force: nothing is found.
    shared: Option<Shared>,
    found: Statistics,
    /// How many flags change.
    changes: i64,
}

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    flag(fence).await.map_err(JobError::usual)
}

async fn flag(fence: &Fence) -> Result<Output, LedgerError> {
    let mut state = match fence.resume::<Checkpoint>() {
        Some(state) => state,
        None => begin(fence).await?,
    };
    fence.expect_steps(state.months.len() as u64 + 1);
    fence.skip_steps(state.done as u64);
    for month in state.months.clone().into_iter().skip(state.done) {
        take(fence, month, &mut state).await?;
        fence.step(Phase::Outliers(month));
    }
    if !fence.run().dry_run {
        protection::decide_counts(fence, &state.months, &protection::Told::new()).await?;
    }
    let digest = digest::of(fence, &state.months).await?;
    let changes = state.statistics.raised + state.statistics.changed + state.statistics.withdrawn;
    if changes > 0 && !fence.run().dry_run {
        // The figures made of flags follow at once: until then they say that nobody is above a cap. Should this run end before, its marks
        // stay, and the night's run finds them.
        fence.follow(JobName::MonthlyIndicators, vec![None]).await?;
    }
    fence.step(Phase::Digest);
    Ok(Output::new(&state.statistics, digest))
}

async fn begin(fence: &Fence) -> Result<Checkpoint, LedgerError> {
    let tx = fence.snapshot().await?;
    let mut months = inputs::months(&tx).await?;
    tx.commit().await?;
    if let Some(first) = fence.run().period {
        months.retain(|month| first <= *month && *month <= first.add_months(REACH));
    }
    Ok(Checkpoint { months, ..Checkpoint::default() })
}

/// Whether all that a month's flags rest on is still there.
async fn is_whole<C: ConnectionTrait>(tx: &C, month: YearMonth) -> Result<bool, DbErr> {
    let first = disposal::first_month_with_flags(tx).await?;
    Ok(first.is_none_or(|first| first <= month.add_months(-REACH)))
}

/// Judges one month and writes what changes, or in a dry run counts it.
async fn take(fence: &Fence, month: YearMonth, state: &mut Checkpoint) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    if !is_whole(&tx, month).await? {
        tx.commit().await?;
        state.statistics.months_disposed += 1;
        state.done += 1;
        return Ok(());
    }
    let shared = inputs::load(&tx, month, &Standings::from(&indicators::rule(&tx).await?)).await?;
    let found = flags::find(&tx, month, shared.as_ref()).await?;
    let changes = flags::compare(&tx, month).await?;
    let judged = Judged { shared, found, changes };
    if fence.run().dry_run {
        flags::count_changes(&tx, (0, changes), &mut state.statistics).await?;
        state.statistics.add(&judged.found);
        return Ok(tx.commit().await?);
    }
    tx.commit().await?;
    if changes > 0 {
        // Readers who see no persons meet the counts again once it is decided what of them is withheld.
        protection::withhold_counts(fence, month).await?;
    }
    flags::write(fence, month, &judged, state).await
}

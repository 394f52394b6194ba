//! `monthly-indicators`: person-months, measures and indicators of one month, or of all that is stale.
//!
//! Months go in order of time. Each reads its records under one snapshot, computes into TEMP tables, and copies what differs in chunks;
//! the years to date of later months that contain it follow. Stale marks are deleted last, and only those that were seen before their
//! month was computed: a record that changes meanwhile leaves a mark of its own, which the next run finds.
//! A second run writes nothing and has the same digest. A year to date rests on those of its months that were computed.
//!
//! Of a stale month the people whom its marks concern are computed, and of the spans that rest on it the cells and values of the
//! bureaus that the marks reach, with the office's values (`measures::Reaches`): a late correction costs what its bureau costs. The digest is
//! that of what was computed.
//!
//! A checkpoint follows each month, in the transaction of its last rows, and each chunk of deleted marks. A run that is resumed repeats the
//! month that it was in, which changes nothing that is right already, and goes on.
//!
//! A month of which records have been disposed of is left alone, and its marks are deleted: what is left of it is no ground for its figures,
//! which stand as they were computed in time. So is a year to date that contains such a month.
//!
//! Overtime outliers follow from person-months: a run of theirs is asked for, for what was computed. It may ask for a run of this job in turn,
//! for the figures made of flags. That one sees the marks that flags and their reviews leave, and no others, and asks for nothing: records
//! that are written meanwhile keep their marks, for a night that has their outliers judged too. So the two come to rest.
//!
//! No month is computed that has not begun by the run's "now": a run of one fails, and marks of months to come stay until they begin. A hire
//! that was recorded ahead counts from its day on, which marks its month (`due`).
//!
//! A dry run counts the person-months that differ (`forecast`).
//!
//! With the writers it is agreed: a change marks each month it concerns, under the bureau that the record leaves and the one it enters.

mod digest;
mod due;
mod forecast;
mod plan;

pub use forecast::Forecast;

use crate::{
    dialect::{execute, few_rows, look_up, one_row, sample, sum},
    fault::Fault,
    indicators::{self, Standings, values},
    job::{DefaultSchedule, JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    measures::{self, Range, Reach, Reaches},
    person_month::{self, Extent, Month, see_marks},
    protection::{self, Told},
    reported::{self, Whose},
    runner::Phase,
    transaction::{computed_months, disposal, first_month, since},
};
use chrono::{NaiveDate, TimeDelta};
use entity::{
    job_run::{JobName, Trigger, WarningCode},
    job_schedule::{Misfire, Overlap},
    measure_cell::Span,
    period::{YearMonth, civil_date},
};
use plan::{Step, plan};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::{BTreeMap, BTreeSet};

/// What a run did. Serialised in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Statistics {
    /// Months whose person-months were computed.
    pub months: i64,
    /// Person-months in them.
    pub person_months: i64,
    /// Those with overtime.
    pub person_months_with_overtime: i64,
    /// Those above 45 hours.
    pub above45h: i64,
    /// Those at 100 hours or more.
    pub at_least100h: i64,
    /// The largest overtime of a person-month, in minutes.
    pub largest_overtime_minutes: i64,
    /// Measure cells written or removed.
    pub cells_written: i64,
    /// Indicator values inserted.
    pub values_written: i64,
    /// Indicator values found equal and left alone.
    pub values_unchanged: i64,
    /// Stale marks deleted.
    pub marks_cleared: i64,
    /// Months left alone, for records of them have been disposed of.
    pub months_disposed: i64,
}

/// Up to so many computed months have a run of `overtime-outliers` each.
const MONTHS_ALONE: usize = 3;

/// One at a time, each night at 02:30; of missed nights the latest is made up for within the day.
pub const POLICY: Policy = Policy {
    monthly: true,
    schedule: Some(DefaultSchedule {
        cron: "0 30 2 * * *",
        misfire: Misfire::Latest,
        catch_up: TimeDelta::days(1),
        overlap: Overlap::Queue,
        expected_within: TimeDelta::hours(6),
    }),
    figures: &["personMonthsWithOvertime", "above45h", "atLeast100h", "largestOvertimeMinutes"],
    ..Policy::DEFAULT
};

/// Where a run stands.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Checkpoint {
    /// How many marks of each month the run has seen and not yet deleted. Marks are only ever added, so an equal number is the same marks.
    marks: BTreeMap<YearMonth, i64>,
    /// The months that were computed when the run began; with the marked ones they make the plan.
    computed: Vec<YearMonth>,
    /// The months with marks when the run began.
    marked: Vec<YearMonth>,
    /// The first month of which figures speak, when the run began.
    beginning: Option<YearMonth>,
    /// Steps done.
    done: usize,
    statistics: Statistics,
    /// The digest, once all steps are done and marks begin to go: it rests on them.
    digest: Option<String>,
}

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    compute(fence).await.map_err(JobError::usual)
}

/// The run is of a month that has not begun.
#[derive(Debug, thiserror::Error)]
#[error("{0} has not begun yet")]
struct NotBegun(YearMonth);

impl Fault for NotBegun {}

async fn compute(fence: &Fence) -> Result<Output, LedgerError> {
    let run = fence.run();
    if let Some(month) = run.period.filter(|month| *month > YearMonth::of(today(fence))) {
        return Err(NotBegun(month).into());
    }
    let mut state = begin(fence).await?;
    let steps = plan(of(fence, &state), &state.marked, &state.computed);
    if run.dry_run {
        return forecast::of(fence, &steps, state.marks.values().sum()).await;
    }
    ask_for_months_before(fence, &state).await?;
    let reported = |steps: &[Step]| (steps.len() + steps.iter().filter(|step| step.extent.is_some()).count()) as u64;
    fence.expect_steps(reported(&steps) + 1);
    let done = state.done.min(steps.len());
    fence.skip_steps(reported(&steps[..done]));
    let mut reaches = reaches(fence, &steps[..done]).await?;
    let mut told = Told::new();
    for step in &steps[done..] {
        take(fence, step, &mut state, (&mut reaches, &mut told)).await?;
    }
    let digest = match state.digest.take() {
        Some(digest) => digest,
        None => digest::of(fence, &steps, &reaches).await?,
    };
    state.digest = Some(digest.clone());
    protect(fence, &steps, told).await?;
    if !follows(fence) {
        ask_for_outliers(fence, &steps).await?;
    }
    clear_marks(fence, &mut state).await?;
    fence.step(Phase::Digest);
    Ok(Output::new(&state.statistics, digest).warning(WarningCode::MonthsDisposed, state.statistics.months_disposed))
}

/// Decides what is withheld of spans that no step was of: those of former versions of this program, and where a bureau's visibility changed. Then
/// the counts of outliers of all these months.
async fn protect(fence: &Fence, steps: &[Step], mut told: Told) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    let undecided = protection::undecided(&tx).await?;
    tx.commit().await?;
    for range in &undecided {
        protection::decide(fence, *range, &mut told).await?;
    }
    let computed: BTreeSet<YearMonth> = steps.iter().map(|step| step.month).collect();
    let months = undecided.iter().filter(|range| range.span == Span::Month).map(|range| range.month);
    protection::decide_counts(fence, &months.chain(computed.iter().copied()).collect::<Vec<_>>(), &told).await
}

/// What the marks of these steps reach, as their months stand.
async fn reaches(fence: &Fence, steps: &[Step]) -> Result<Reaches, LedgerError> {
    let tx = fence.snapshot().await?;
    let first = disposal::first_whole_month(&tx).await?;
    let mut reaches = Reaches::begin(&tx).await?;
    for step in steps.iter().map(|step| step.since(first)) {
        if let Some(extent) = step.extent {
            person_month::mark_out(&tx, Month::new(step.month, today(fence)), extent).await?;
            reaches.note(&tx, step.month, extent).await?;
        }
    }
    tx.commit().await?;
    Ok(reaches)
}

/// Whether the run follows from flags: a run that an administrator retries does not, nor one of a month.
fn follows(fence: &Fence) -> bool {
    fence.run().trigger == Trigger::Run && fence.run().period.is_none()
}

/// Asks for the months of the period's years before it that are stale, or that nobody computed, as runs of their own: without them its years to
/// date are those of fewer months. They compute the years to date anew, and ask for nothing.
async fn ask_for_months_before(fence: &Fence, state: &Checkpoint) -> Result<(), LedgerError> {
    let asks = fence.run().trigger != Trigger::Run && !fence.run().dry_run && state.beginning.is_some();
    let Some(month) = fence.run().period.filter(|_| asks) else { return Ok(()) };
    let years = [Span::FiscalYearToDate, Span::CalendarYearToDate].map(|span| Range::ending(span, month).since(state.beginning).first);
    let tx = fence.snapshot().await?;
    let whole = disposal::first_whole_month(&tx).await?;
    let [one, other] = years;
    let first = since(one.min(other), month, whole);
    let marked = few_rows(&tx, "SELECT DISTINCT month FROM stale_mark WHERE month >= $1 AND month < $2", vec![first.into(), month.into()]);
    let marked: BTreeSet<YearMonth> = marked.await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    tx.commit().await?;
    let missing = |month: &YearMonth| marked.contains(month) || !state.computed.contains(month);
    let months = YearMonth::range(first, month).filter(|before| *before < month && missing(before));
    fence.follow(JobName::MonthlyIndicators, months.map(Some).collect()).await
}

/// The civil date of the run's "now".
fn today(fence: &Fence) -> NaiveDate {
    civil_date(fence.run().as_of)
}

/// The current month, which is computed with the one before it where nobody has.
fn current(fence: &Fence) -> Option<YearMonth> {
    (!follows(fence)).then(|| YearMonth::of(today(fence)))
}

/// What the run is of.
fn of(fence: &Fence, state: &Checkpoint) -> plan::Run {
    plan::Run { period: fence.run().period, current: current(fence), beginning: state.beginning }
}

/// Sees the marks and loads the catalogue. A resumed run leaves alone the marks that came after their month was computed, and those of months
/// that are not in its plan.
async fn begin(fence: &Fence) -> Result<Checkpoint, LedgerError> {
    if fence.run().period.is_none() && !fence.run().dry_run && !follows(fence) && fence.resume::<Checkpoint>().is_none() {
        due::mark(fence, today(fence)).await?;
        note_sources(fence).await?;
    }
    let tx = fence.snapshot().await?;
    let marked = see_marks(&tx, fence.run().period, YearMonth::of(today(fence)), follows(fence)).await?;
    let seen = count_marks(&tx, 0).await?;
    values::load_catalogue(&tx, &Standings::from(&indicators::rule(&tx).await?)).await?;
    let state = match fence.resume::<Checkpoint>() {
        None => Checkpoint {
            marks: seen,
            computed: computed_months(&tx).await?,
            marked,
            beginning: first_month(&tx).await?,
            ..Checkpoint::default()
        },
        Some(mut state) => {
            let steps = plan(of(fence, &state), &state.marked, &state.computed);
            let done: BTreeSet<_> = steps.iter().take(state.done).map(|step| step.month).collect();
            let ours = |month: &YearMonth, count: i64| {
                state.marked.contains(month) && (!done.contains(month) || state.marks.get(month) == Some(&count))
            };
            for (month, _) in seen.iter().filter(|&(month, &count)| !ours(month, count)) {
                execute(&tx, "DELETE FROM t_mark WHERE month = $1", vec![(*month).into()]).await?;
            }
            state.marks = count_marks(&tx, 0).await?;
            state
        }
    };
    tx.commit().await?;
    Ok(state)
}

/// Notes what is known of the sources of the bureaus that have marks of computed months. The others are computed whole, and noted then.
async fn note_sources(fence: &Fence) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    let computed = computed_months(&tx).await?;
    let whole = disposal::first_whole_month(&tx).await?;
    let marked = few_rows(&tx, "SELECT DISTINCT month FROM stale_mark", vec![]).await?;
    tx.commit().await?;
    let marked: BTreeSet<YearMonth> = marked.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    for month in computed.into_iter().filter(|month| marked.contains(month) && whole.is_none_or(|whole| whole <= *month)) {
        reported::note(fence, Month::new(month, today(fence)), Whose::Marked).await?;
    }
    Ok(())
}

/// The seen marks after the first `from`, by month.
async fn count_marks<C: ConnectionTrait>(tx: &C, from: i64) -> Result<BTreeMap<YearMonth, i64>, DbErr> {
    let rows = few_rows(tx, "SELECT month, COUNT(*) FROM t_mark WHERE seq > $1 GROUP BY month", vec![from.into()]).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// Asks for the outliers of what was computed, before the marks that say so go. A run of a month reaches twelve months further, so that for
/// more than a few months one run of all is less.
async fn ask_for_outliers(fence: &Fence, steps: &[Step]) -> Result<(), LedgerError> {
    let months: Vec<_> = steps.iter().filter(|step| step.extent.is_some()).map(|step| step.month).collect();
    let periods = if months.len() > MONTHS_ALONE { vec![None] } else { months.into_iter().map(Some).collect() };
    fence.follow(JobName::OvertimeOutliers, periods).await
}

/// Deletes the seen marks in chunks, each with a checkpoint that knows which are left.
async fn clear_marks(fence: &Fence, state: &mut Checkpoint) -> Result<(), LedgerError> {
    let clear = "DELETE FROM stale_mark WHERE id IN (SELECT id FROM t_mark WHERE seq > $1 AND seq <= $2)";
    let mut from = 0;
    while !state.marks.is_empty() {
        let tx = fence.write().await?;
        from = fence.copy_chunk(&tx, from, &[(clear, vec![])]).await?;
        let left = count_marks(&*tx, from).await?;
        state.statistics.marks_cleared += state.marks.values().sum::<i64>() - left.values().sum::<i64>();
        state.marks = left;
        fence.checkpoint(tx, &*state).await?;
    }
    Ok(())
}

/// One month: its person-months, then the spans that end with it, the month before the years to date that rest on it.
async fn take(
    fence: &Fence,
    planned: &Step,
    state: &mut Checkpoint,
    (reaches, told): (&mut Reaches, &mut Told),
) -> Result<(), LedgerError> {
    let mut tx = fence.snapshot().await?;
    let step = planned.since(disposal::first_whole_month(&tx).await?);
    if let Some(extent) = step.extent {
        let month = Month::new(step.month, today(fence));
        person_month::gather(&tx, month, extent).await?;
        reaches.note(&tx, step.month, extent).await?;
        if extent == Extent::Whole {
            tx.commit().await?;
            reported::note(fence, month, Whose::All).await?;
            tx = fence.snapshot().await?;
        }
        let rows = person_month::changes(&tx, month).await?;
        tx.commit().await?;
        person_month::copy(fence, month, rows).await?;
        if extent == Extent::Whole {
            heard_of(fence, "person_month").await?;
        }
    } else {
        tx.commit().await?;
    }
    if planned.extent.is_some() {
        fence.step(Phase::PersonMonths(step.month));
    }
    if step.spans.is_empty() {
        state.done += 1;
        state.statistics.months_disposed += i64::from(planned.extent.is_some());
    }
    take_spans(fence, &step, state, (reaches, told)).await?;
    fence.step(Phase::Indicators(step.month));
    Ok(())
}

/// The spans of a step. The last rows are copied together with the checkpoint behind it.
async fn take_spans(fence: &Fence, step: &Step, state: &mut Checkpoint, (reaches, told): (&Reaches, &mut Told)) -> Result<(), LedgerError> {
    // How much of the month `t_cell` holds, where it holds no year: all cells, or those of the bureaus in reach.
    let mut held = None;
    for (index, &range) in step.spans.iter().enumerate() {
        let tx = fence.snapshot().await?;
        let reach = reaches.of(&tx, range).await?;
        if reach == Reach::Part {
            look_up(&tx).await?;
        }
        let as_month =
            if held == Some(reach) { measures::compute_as_month(&tx, range, indicators::measures(), reach).await? } else { None };
        let cells = if let Some(cells) = as_month {
            cells
        } else {
            // Of the people of a stale month all are computed where the marks reach everybody, and the events of the touched bureaus alone.
            let is_held = step.extent == Some(Extent::Whole) || step.extent == Some(Extent::Stale) && reach == Reach::Part;
            held = (range.span == Span::Month && is_held).then_some(reach);
            measures::compute(&tx, range, indicators::measures(), reach).await?
        };
        tx.commit().await?;
        measures::copy(fence, range, cells).await?;
        let tx = fence.snapshot().await?;
        if reach == Reach::Part {
            look_up(&tx).await?;
        }
        let values = values::compute(&tx, range, reach).await?;
        if range.span == Span::Month {
            count_people(&tx, range, &mut state.statistics).await?;
        }
        tx.commit().await?;
        state.statistics.cells_written += cells;
        state.statistics.values_written += values.changed;
        state.statistics.values_unchanged += (values.all - values.changed).max(0);
        values::copy(fence, range, values.changed).await?;
        protection::decide(fence, range, told).await?;
        if index + 1 == step.spans.len() {
            state.done += 1;
            fence.copy_to_checkpoint(0, &[], &*state).await?;
        }
    }
    if step.extent == Some(Extent::Whole) {
        heard_of(fence, "measure_cell, indicator_value").await?;
    }
    Ok(())
}

/// Lets the planner know of a month that was written.
async fn heard_of(fence: &Fence, tables: &str) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    sample(&tx, tables).await?;
    Ok(tx.commit().await?)
}

/// Adds the month's person-months to the statistics. 45 h is 2,700 minutes and is not above itself; 100 h is 6,000 and counts.
async fn count_people<C: ConnectionTrait>(tx: &C, range: Range, statistics: &mut Statistics) -> Result<(), DbErr> {
    let count = format!(
        "SELECT COUNT(*), {}, {}, {}, CAST(COALESCE(MAX(overtime_minutes), 0) AS bigint) FROM person_month WHERE month = $1",
        sum("CASE WHEN overtime_minutes > 0 THEN 1 ELSE 0 END"),
        sum("CASE WHEN overtime_minutes > 2700 THEN 1 ELSE 0 END"),
        sum("CASE WHEN overtime_minutes >= 6000 THEN 1 ELSE 0 END"),
    );
    let row = one_row(tx, &count, vec![range.month.into()]).await?;
    statistics.months += 1;
    statistics.person_months += row.try_get_by_index::<i64>(0)?;
    statistics.person_months_with_overtime += row.try_get_by_index::<i64>(1)?;
    statistics.above45h += row.try_get_by_index::<i64>(2)?;
    statistics.at_least100h += row.try_get_by_index::<i64>(3)?;
    statistics.largest_overtime_minutes = statistics.largest_overtime_minutes.max(row.try_get_by_index(4)?);
    Ok(())
}

//! `monthly-indicators`: person-months, measures and indicators of one month, or of all that is stale.
//!
//! Months go in order of time. Each reads its records under one snapshot, computes into TEMP tables, and copies what differs in chunks;
//! the years to date of later months that contain it follow. Stale marks are deleted last, and exactly those that were seen first: a
//! record that changes meanwhile leaves a mark of its own, and a run that dies leaves all of them, so that the next one does its work.
//! A second run writes nothing and has the same digest. A year to date rests on those of its months that were computed.
//!
//! With the writers it is agreed: a change marks each month it concerns, under the bureau that the record leaves and the one it enters.

mod digest;
mod plan;

use crate::{
    database::DatabaseError,
    dialect::{few_rows, one_row, sum},
    indicators::{IndicatorCode, values},
    job::{self, JobError, Output},
    ledger::{Fence, LedgerError},
    measures::{self, Range},
    person_month::{self, Month, see_marks},
    runner::Phase,
};
use entity::{
    indicator_value::TOTAL,
    measure_cell::Span,
    period::{YearMonth, civil_date},
};
use plan::{Step, plan};
use sea_orm::{ConnectionTrait, DbErr};

/// What a run did. Serialised in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
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
}

/// Runs the job: a broken connection or a full queue may pass; anything else would end alike.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    compute(fence).await.map_err(|error| match error {
        LedgerError::Database(DatabaseError::Busy | DatabaseError::Engine(DbErr::Conn(_) | DbErr::ConnectionAcquire(_))) => {
            JobError::Retry(error)
        }
        error => JobError::Fail(error),
    })
}

async fn compute(fence: &Fence) -> Result<Output, LedgerError> {
    let run = fence.run();
    let tx = fence.snapshot().await?;
    let marked = see_marks(&tx, run.period).await?;
    let marks: i64 = one_row(&tx, "SELECT COUNT(*) FROM t_mark", vec![]).await?.try_get_by_index(0)?;
    let computed = computed_months(&tx).await?;
    values::load_catalogue(&tx).await?;
    tx.commit().await?;

    let steps = plan(run.period, YearMonth::of(civil_date(run.as_of)), &marked, &computed);
    let person_steps = steps.iter().filter(|step| step.extent.is_some()).count();
    fence.expect_steps((steps.len() + person_steps + 1) as u64);
    let mut statistics = Statistics::default();
    for step in &steps {
        take(fence, step, &mut statistics).await?;
    }
    let digest = digest::of(fence, &steps).await?;
    let clear = "DELETE FROM stale_mark WHERE id IN (SELECT id FROM t_mark WHERE seq > $1 AND seq <= $2)";
    fence.copy(marks, &[(clear, vec![])]).await?;
    statistics.marks_cleared = marks;
    fence.step(Phase::Digest);
    Ok(Output { statistics: job::Statistics::MonthlyIndicators(statistics), digest })
}

/// One month: its person-months, then the spans that end with it, the month before the years to date that rest on it.
async fn take(fence: &Fence, step: &Step, statistics: &mut Statistics) -> Result<(), LedgerError> {
    if let Some(extent) = step.extent {
        let month = Month::new(step.month);
        let tx = fence.snapshot().await?;
        let rows = person_month::compute(&tx, month, extent).await?;
        tx.commit().await?;
        person_month::copy(fence, month, rows).await?;
        fence.step(Phase::PersonMonths(step.month));
    }
    for &range in &step.spans {
        let tx = fence.snapshot().await?;
        let cells = measures::compute(&tx, range).await?;
        tx.commit().await?;
        measures::copy(fence, range, cells).await?;
        let tx = fence.snapshot().await?;
        let values = values::compute(&tx, range).await?;
        if range.span == Span::Month {
            count_people(&tx, range, statistics).await?;
        }
        tx.commit().await?;
        values::copy(fence, range, values.changed).await?;
        statistics.cells_written += cells;
        statistics.values_written += values.changed;
        statistics.values_unchanged += (values.all - values.changed).max(0);
    }
    fence.step(Phase::Indicators(step.month));
    Ok(())
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

/// The months that were ever computed: every one has the office's value of each indicator.
async fn computed_months<C: ConnectionTrait>(tx: &C) -> Result<Vec<YearMonth>, DbErr> {
    let any = IndicatorCode::ALL.first().map_or("", |code| code.as_str());
    let months = format!(
        "SELECT DISTINCT month FROM indicator_value
         WHERE indicator = $1 AND span = 'MONTH' AND bureau = '{TOTAL}' ORDER BY month"
    );
    let rows = few_rows(tx, &months, vec![any.into()]).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

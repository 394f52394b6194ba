//! Measures: sums and counts by bureau, unit, sex, band and standing, over regular staff only, from which every indicator is made.
//!
//! A measure has one of four [`Source`]s. *Person* measures count each person once in the span, in the place of their latest person-month.
//! Measures of *person-months* count each month's persons, in the place of that month, so that a span's sum is that of its months whoever
//! comes and goes. *Event* measures come from the records: each record counts in the place of its own date. Measures of *caps and flags* count
//! persons, or flags, in the persons' places (`caps`). A cell also carries the number of distinct persons it rests on; for an event measure
//! over a year to date that number is a lower bound, the largest of the months' (hires add up, for each person is hired once). Deliberately
//! absent: rates, which are the indicators', and zero cells.

pub(crate) mod caps;
pub(crate) mod coverage;
mod events;
pub(crate) mod person_months;
pub(crate) mod persons;
mod reach;

pub(crate) use reach::{Reach, Reaches};

use crate::{
    dialect::{analyze, execute, few_rows, fresh_table, one_row, sum, unprepared},
    ledger::{Fence, LedgerError},
    transaction,
};
use entity::{measure_cell::Span, period::YearMonth, person_month::Standing};
use sea_orm::{ConnectionTrait, DbErr};
use std::fmt;

/// Where a measure's cells come from; each has a file beside this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The persons of the span, each once: an expression over a row of `t_span_person` (`persons`).
    Persons(&'static str),
    /// The persons of each month, in the place of that month: an expression over a row of `person_month` (`person_months`).
    PersonMonths(&'static str),
    /// What people did, in the places in which they did it: one of `person_month::EVENT_COLUMNS` (`events`).
    Events(&'static str),
    /// Hires of one kind, as events. Each person is hired once, so that the persons of months add up over a year.
    Hires {
        /// One of `person_month::EVENT_COLUMNS`.
        column: &'static str,
        /// Which they are: a condition over a row `h` of `hire`.
        which: &'static str,
    },
    /// The rules and flags of the persons of the span (`caps`).
    Caps,
}

/// What is summed or counted: a constant beside the first definition that needs it, or in its source's file where several do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// The word that stands in `measure_cell`.
    pub code: &'static str,
    /// Where its cells come from.
    pub source: Source,
}

impl Measure {
    /// One of the persons of the span.
    #[must_use]
    pub const fn of_persons(code: &'static str, expression: &'static str) -> Self {
        Self { code, source: Source::Persons(expression) }
    }

    /// One of the persons of each month.
    #[must_use]
    pub const fn of_person_months(code: &'static str, expression: &'static str) -> Self {
        Self { code, source: Source::PersonMonths(expression) }
    }

    /// One of what people did.
    #[must_use]
    pub const fn of_events(code: &'static str, column: &'static str) -> Self {
        Self { code, source: Source::Events(column) }
    }

    /// Of records: the column that is summed.
    #[must_use]
    pub const fn event_column(self) -> Option<&'static str> {
        match self.source {
            Source::Events(column) | Source::Hires { column, .. } => Some(column),
            Source::Persons(_) | Source::PersonMonths(_) | Source::Caps => None,
        }
    }

    /// Whether records are summed, not persons counted.
    #[must_use]
    pub const fn is_event(self) -> bool {
        self.event_column().is_some()
    }

    /// Whether a span's sum is that of its months: records, and persons month by month.
    #[must_use]
    pub const fn months_add_up(self) -> bool {
        self.is_event() || matches!(self.source, Source::PersonMonths(_))
    }

    /// Whether it counts people by the caps and their flags.
    #[must_use]
    pub const fn is_of_caps(self) -> bool {
        matches!(self.source, Source::Caps)
    }

    /// Whether it counts who is in post at the end of the span, whatever else.
    #[must_use]
    pub fn is_census(self) -> bool {
        self == persons::CENSUS_PERSONS
    }

    /// Whether minutes are summed.
    #[must_use]
    pub fn is_minutes(self) -> bool {
        self.code.ends_with("_MINUTES")
    }

    /// Whether the months' persons add up over a year.
    #[must_use]
    pub const fn persons_add_up(self) -> bool {
        matches!(self.source, Source::Hires { .. })
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// A span by its kind and its first and last month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub span: Span,
    pub first: YearMonth,
    pub month: YearMonth,
}

impl Range {
    /// The span that ends with `month`.
    pub(crate) fn ending(span: Span, month: YearMonth) -> Self {
        use entity::period::YearKind;
        let first = match span {
            Span::Month => month,
            Span::FiscalYearToDate => YearKind::Fiscal.first_month_of_year_containing(month),
            Span::CalendarYearToDate => YearKind::Calendar.first_month_of_year_containing(month),
        };
        Self { span, first, month }
    }

    /// Without what lies before the first month of which the office's figures speak.
    pub(crate) fn since(self, beginning: Option<YearMonth>) -> Self {
        Self { first: transaction::since(self.first, self.month, beginning), ..self }
    }

    /// Those of its months of which there are person-months.
    pub(crate) async fn computed<C: ConnectionTrait>(self, tx: &C) -> Result<Vec<YearMonth>, DbErr> {
        // One step of the index for each month.
        let sql = "WITH RECURSIVE m(month) AS (
                 SELECT MIN(month) FROM person_month WHERE month >= $1 AND month <= $2
                 UNION ALL
                 SELECT (SELECT MIN(o.month) FROM person_month o WHERE o.month > m.month AND o.month <= $2) FROM m WHERE m.month IS NOT NULL
             )
             SELECT month FROM m WHERE month IS NOT NULL ORDER BY month";
        let rows = few_rows(tx, sql, vec![self.first.into(), self.month.into()]).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// Whether a change of `month` concerns the span.
    pub(crate) fn contains(self, month: YearMonth) -> bool {
        self.first <= month && month <= self.month
    }
}

/// Those of records, each with its column.
pub(crate) fn events(measures: &[Measure]) -> Vec<(Measure, &'static str)> {
    measures.iter().filter_map(|measure| Some((*measure, measure.event_column()?))).collect()
}

/// Computes the span's cells within reach in the snapshot and leaves what differs from the stored ones in `t_cell_change`; returns how many
/// differ. Event cells of a month are those of the touched bureaus, from `t_place`.
pub(crate) async fn compute<C: ConnectionTrait>(tx: &C, range: Range, measures: &[Measure], reach: Reach) -> Result<i64, DbErr> {
    fresh_table(
        tx,
        "t_cell",
        "bureau_id {uuid}, unit_id {uuid}, sex {code}, band {code}, standing {code}, measure {code}, value bigint, persons bigint,
         PRIMARY KEY (bureau_id, unit_id, sex, band, standing, measure)",
    )
    .await?;
    persons::compute(tx, range, measures, reach).await?;
    person_months::compute(tx, range, measures, reach).await?;
    events::compute(tx, range, &events(measures), reach).await?;
    analyze(tx, "t_cell").await?;
    changes(tx, range, &events(measures), reach).await
}

/// The same of a year to date that holds nothing but its last month, whose cells within the same reach have just been computed and are the year's as
/// well, as in April and January. `None` where it holds more.
pub(crate) async fn compute_as_month<C: ConnectionTrait>(
    tx: &C,
    range: Range,
    measures: &[Measure],
    reach: Reach,
) -> Result<Option<i64>, DbErr> {
    // A month whose people are gone may have left flags, until they are withdrawn, or cells.
    let before = "SELECT 1 WHERE EXISTS (SELECT 1 FROM person_month WHERE month >= $1 AND month < $2)
        OR EXISTS (SELECT 1 FROM overtime_outlier WHERE month >= $1 AND month < $2)
        OR EXISTS (SELECT 1 FROM measure_cell WHERE span = 'MONTH' AND month >= $1 AND month < $2)";
    let holds_more = !few_rows(tx, before, vec![range.first.into(), range.month.into()]).await?.is_empty();
    if holds_more { Ok(None) } else { changes(tx, range, &events(measures), reach).await.map(Some) }
}

/// Copies the differing cells in chunks.
pub(crate) async fn copy(fence: &Fence, range: Range, rows: i64) -> Result<(), LedgerError> {
    let key = vec![range.span.into(), range.month.into()];
    let delete = "DELETE FROM measure_cell WHERE span = $3 AND month = $4
        AND (bureau_id, unit_id, sex, band, standing, measure) IN
            (SELECT bureau_id, unit_id, sex, band, standing, measure FROM t_cell_change WHERE seq > $1 AND seq <= $2 AND gone = 1)";
    let put = "INSERT INTO measure_cell (span, month, bureau_id, unit_id, sex, band, standing, measure, value, persons, run_id)
        SELECT $3, $4, bureau_id, unit_id, sex, band, standing, measure, value, persons, $5
        FROM t_cell_change WHERE seq > $1 AND seq <= $2 AND gone = 0
        ON CONFLICT (span, month, bureau_id, unit_id, sex, band, standing, measure)
        DO UPDATE SET value = excluded.value, persons = excluded.persons, run_id = excluded.run_id";
    let mut with_run = key.clone();
    with_run.push(fence.run().id.into());
    fence.copy(rows, &[(delete, key), (put, with_run)]).await
}

/// Where a person's row of a span is counted.
const PLACE: &str = "bureau_id, unit_id, sex, band, standing";

/// A stored cell `o` and a computed one `n` are of the same place and measure.
const SAME: &str = "o.bureau_id = n.bureau_id AND o.unit_id = n.unit_id AND o.sex = n.sex AND o.band = n.band
    AND o.standing = n.standing AND o.measure = n.measure";

async fn changes<C: ConnectionTrait>(tx: &C, range: Range, events: &[(Measure, &str)], reach: Reach) -> Result<i64, DbErr> {
    fresh_table(
        tx,
        "t_cell_change",
        "seq integer PRIMARY KEY, gone integer NOT NULL, bureau_id {uuid}, unit_id {uuid}, sex {code}, band {code}, standing {code},
         measure {code}, value bigint, persons bigint",
    )
    .await?;
    // Event cells of a month are computed for the touched bureaus alone, and of a part all cells; the others' stand.
    let computed = match range.span {
        _ if reach == Reach::Part => format!("AND {}", reach.holds("o.bureau_id")),
        Span::Month => format!("AND (o.measure NOT IN ({}) OR o.bureau_id IN (SELECT bureau_id FROM t_touched))", words(events)),
        Span::FiscalYearToDate | Span::CalendarYearToDate => String::new(),
    };
    let put = format!(
        "INSERT INTO t_cell_change
         SELECT ROW_NUMBER() OVER (ORDER BY n.bureau_id, n.unit_id, n.sex, n.band, n.standing, n.measure), 0,
             n.bureau_id, n.unit_id, n.sex, n.band, n.standing, n.measure, n.value, n.persons
         FROM t_cell n LEFT JOIN measure_cell o ON o.span = $1 AND o.month = $2 AND {SAME}
         WHERE o.value IS NULL OR o.value <> n.value OR o.persons <> n.persons"
    );
    let put = execute(tx, &put, vec![range.span.into(), range.month.into()]).await?;
    let put = i32::try_from(put).unwrap_or(i32::MAX);
    let gone = format!(
        "INSERT INTO t_cell_change (seq, gone, bureau_id, unit_id, sex, band, standing, measure)
         SELECT $3 + ROW_NUMBER() OVER (ORDER BY o.bureau_id, o.unit_id, o.sex, o.band, o.standing, o.measure), 1,
             o.bureau_id, o.unit_id, o.sex, o.band, o.standing, o.measure
         FROM measure_cell o
         WHERE o.span = $1 AND o.month = $2 {computed} AND NOT EXISTS (SELECT 1 FROM t_cell n WHERE {SAME})"
    );
    execute(tx, &gone, vec![range.span.into(), range.month.into(), put.into()]).await?;
    // Those that are gone are found by their key. Without it PostgreSQL compares all cells of the month with all changes, though none is gone.
    let gone = "CREATE INDEX IF NOT EXISTS t_cell_gone ON t_cell_change (bureau_id, unit_id, sex, band, standing, measure) WHERE gone = 1";
    unprepared(tx, gone).await?;
    analyze(tx, "t_cell_change").await?;
    one_row(tx, "SELECT COUNT(*) FROM t_cell_change", vec![]).await?.try_get_by_index(0)
}

/// SQL that groups `source` into one wide row per cell and turns each measure's two columns, value and persons, into a row of `t_cell`.
/// `source` holds one row for each person and cell.
fn unpivoted(measures: &[(Measure, &str)], source: &str) -> String {
    let wide = measures
        .iter()
        .enumerate()
        .map(|(i, (_, text))| format!("{} AS v{i}, {} AS n{i}", sum(text), sum(&format!("CASE WHEN ({text}) <> 0 THEN 1 ELSE 0 END"))));
    let pick = |column: char| {
        let whens: Vec<_> = measures.iter().enumerate().map(|(i, (measure, _))| format!("WHEN '{measure}' THEN {column}{i}")).collect();
        format!("CASE m.column1 {} END", whens.join(" "))
    };
    format!(
        "INSERT INTO t_cell
         SELECT bureau_id, unit_id, sex, band, standing, code, value, persons FROM (
             SELECT g.bureau_id, g.unit_id, g.sex, g.band, g.standing, m.column1 AS code, {value} AS value, {persons} AS persons
             FROM (SELECT {PLACE}, {wide} FROM {source} GROUP BY {PLACE}) g
             CROSS JOIN (VALUES {codes}) m
         ) c WHERE value <> 0",
        wide = wide.collect::<Vec<_>>().join(", "),
        value = pick('v'),
        persons = pick('n'),
        codes = measures.iter().map(|(measure, _)| format!("('{measure}')")).collect::<Vec<_>>().join(", "),
    )
}

/// Codes as a list of SQL literals; they are ours and hold no quote.
fn words(measures: &[(Measure, &str)]) -> String {
    measures.iter().map(|(measure, _)| format!("'{measure}'")).collect::<Vec<_>>().join(", ")
}

/// Fills `t_span_person`, one row for each regular person of the span, over which the person measures are.
pub(crate) async fn fill_span_persons<C: ConnectionTrait>(tx: &C, range: Range) -> Result<(), DbErr> {
    persons::fill(tx, range, Reach::Whole).await.map(|_| ())
}

/// Fills `t_span_place`, one row for each regular person of the span and each of their places, over which these measures of person-months are; of
/// these standings alone.
pub(crate) async fn fill_span_places<C: ConnectionTrait>(
    tx: &C,
    range: Range,
    measures: &[Measure],
    standings: &[Standing],
) -> Result<(), DbErr> {
    person_months::fill(tx, range, measures, (Reach::Whole, standings)).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn a_span_runs_from_the_first_month_of_its_year() {
        let month: YearMonth = "2019-02".parse().unwrap();
        let first = |span| Range::ending(span, month).first.to_string();
        assert_eq!(first(Span::Month), "2019-02");
        assert_eq!(first(Span::FiscalYearToDate), "2018-04");
        assert_eq!(first(Span::CalendarYearToDate), "2019-01");
        assert!(Range::ending(Span::FiscalYearToDate, month).contains("2018-04".parse().unwrap()));
        assert!(!Range::ending(Span::FiscalYearToDate, month).contains("2018-03".parse().unwrap()));
        assert!(!Range::ending(Span::FiscalYearToDate, month).contains("2019-03".parse().unwrap()));
    }
}

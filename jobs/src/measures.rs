//! Measures: sums and counts by bureau, unit, sex and band, over regular staff only, from which every indicator is made.
//!
//! A measure is one of three kinds. *Person* measures come from person-months: each person counts once in the span, in the place of their
//! latest row. *Event* measures come from the records: each record counts in the place of its own date, and a span's sum is that of its
//! months. Measures of *caps and flags* count persons, or flags, in the persons' places (`caps`). A cell also carries the number of distinct persons it rests on; for an event measure over a year to date that number is a
//! lower bound, the largest of the months' (hires add up, for each person is hired once). Deliberately absent: rates, which are the
//! indicators', and zero cells.

mod caps;
mod events;
mod persons;

use crate::{
    dialect::{analyze, execute, fresh_table, one_row, sum},
    ledger::{Fence, LedgerError},
};
use entity::{measure_cell::Span, period::YearMonth};
use sea_orm::{ConnectionTrait, DbErr};
use std::fmt;

/// How a measure is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// An expression over a person's row of the span (`t_span_person`).
    Person(&'static str),
    /// A column of what people did in their places.
    Event(&'static str),
    /// Of the rules and flags of the persons of the span.
    Caps,
}

macro_rules! measures {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $basis:expr;)+) => {
        /// What is summed or counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure { $($(#[$doc])* $variant),+ }

        impl Measure {
            /// Every measure.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that stands in `measure_cell`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// How it is made.
            #[must_use]
            pub const fn basis(self) -> Basis {
                match self { $(Self::$variant => $basis),+ }
            }
        }
    };
}

measures! {
    /// Persons in post and subject to overtime on a day of the span.
    OvertimePersons = "OVERTIME_PERSONS", Basis::Person("subject");
    /// Overtime minutes of these persons, in the months in which they were subject to it.
    OvertimePopulationMinutes = "OVERTIME_POPULATION_MINUTES", Basis::Person("overtime_minutes");
    /// Of these persons, those with a month above 45 hours.
    PersonsAbove45h = "PERSONS_ABOVE_45H", Basis::Person("above_45h");
    /// Persons in post on the last day of the span.
    CensusPersons = "CENSUS_PERSONS", Basis::Person("in_census");
    /// Of these, the persons with a telework day in the span.
    TeleworkPersons = "TELEWORK_PERSONS", Basis::Person("CASE WHEN telework_days > 0 THEN in_census ELSE 0 END");
    /// Telework days of the persons of the census.
    TeleworkDays = "TELEWORK_DAYS", Basis::Person("in_census * telework_days");
    /// Minutes of annual leave of the persons of the census.
    AnnualLeaveMinutes = "ANNUAL_LEAVE_MINUTES", Basis::Person("in_census * annual_leave_minutes");
    /// Of the census, the persons with a staggered shift in the span.
    StaggeredPersons = "STAGGERED_PERSONS", Basis::Person("CASE WHEN staggered_shifts > 0 THEN in_census ELSE 0 END");
    /// Persons whom the month's cap of self-paced work binds.
    UnderSelfPacedMonthCap = "UNDER_SELF_PACED_MONTH_CAP", Basis::Caps;
    /// Of these, those above it.
    AboveSelfPacedMonthCap = "ABOVE_SELF_PACED_MONTH_CAP", Basis::Caps;
    /// Persons whom the year's cap binds in self-paced work.
    UnderSelfPacedYearCap = "UNDER_SELF_PACED_YEAR_CAP", Basis::Caps;
    /// Of these, those above it.
    AboveSelfPacedYearCap = "ABOVE_SELF_PACED_YEAR_CAP", Basis::Caps;
    /// Persons whom the month's cap of externally driven work binds.
    UnderDrivenMonthCap = "UNDER_DRIVEN_MONTH_CAP", Basis::Caps;
    /// Of these, those at it or above.
    AboveDrivenMonthCap = "ABOVE_DRIVEN_MONTH_CAP", Basis::Caps;
    /// Persons whom the year's cap binds in externally driven work.
    UnderDrivenYearCap = "UNDER_DRIVEN_YEAR_CAP", Basis::Caps;
    /// Of these, those above it.
    AboveDrivenYearCap = "ABOVE_DRIVEN_YEAR_CAP", Basis::Caps;
    /// Persons whom the cap on means of 2 to 6 months binds.
    UnderDrivenMeanCap = "UNDER_DRIVEN_MEAN_CAP", Basis::Caps;
    /// Of these, those above it.
    AboveDrivenMeanCap = "ABOVE_DRIVEN_MEAN_CAP", Basis::Caps;
    /// Persons whom the cap on long months binds.
    UnderDrivenLongMonths = "UNDER_DRIVEN_LONG_MONTHS", Basis::Caps;
    /// Of these, those with more of them.
    AboveDrivenLongMonths = "ABOVE_DRIVEN_LONG_MONTHS", Basis::Caps;
    /// Overtime flags that stand of the persons of the span.
    OutlierFlags = "OUTLIER_FLAGS", Basis::Caps;
    /// Of these, those whose review ended by its day.
    OutlierFlagsReviewedInTime = "OUTLIER_FLAGS_REVIEWED_IN_TIME", Basis::Caps;
    /// Overtime minutes, in the place of each shift.
    OvertimeMinutes = "OVERTIME_MINUTES", Basis::Event("overtime_minutes");
    /// Overtime minutes that were confirmed beforehand: of a person's date, at most what was approved before it began.
    OvertimeConfirmedMinutes = "OVERTIME_CONFIRMED_MINUTES", Basis::Event("overtime_confirmed_minutes");
    /// Overtime minutes by presence, on shifts with both presence and ordered overtime.
    PresenceComparedMinutes = "PRESENCE_COMPARED_MINUTES", Basis::Event("presence_compared_minutes");
    /// Of these, the minutes beyond what was ordered.
    PresenceBeyondMinutes = "PRESENCE_BEYOND_MINUTES", Basis::Event("presence_beyond_minutes");
    /// Shifts on workdays that are on-time days, with presence and schedule.
    OnTimeShifts = "ON_TIME_SHIFTS", Basis::Event("on_time_shifts");
    /// Of these, the shifts whose presence ended at or before the scheduled end.
    OnTimeDepartures = "ON_TIME_DEPARTURES", Basis::Event("on_time_departures");
    /// Hires by exam, by the day of joining.
    HiresExam = "HIRES_EXAM", Basis::Event("exam_hires");
    /// Mid-career hires, by the day of joining.
    HiresMidCareer = "HIRES_MID_CAREER", Basis::Event("mid_career_hires");
}

impl Measure {
    /// Whether records are summed, not persons counted.
    #[must_use]
    pub const fn is_event(self) -> bool {
        matches!(self.basis(), Basis::Event(_))
    }

    /// Whether minutes are summed.
    #[must_use]
    pub const fn is_minutes(self) -> bool {
        matches!(
            self,
            Self::OvertimePopulationMinutes
                | Self::AnnualLeaveMinutes
                | Self::OvertimeMinutes
                | Self::OvertimeConfirmedMinutes
                | Self::PresenceComparedMinutes
                | Self::PresenceBeyondMinutes
        )
    }

    /// Whether the months' persons add up over a year: each person is hired once.
    #[must_use]
    pub const fn persons_add_up(self) -> bool {
        matches!(self, Self::HiresExam | Self::HiresMidCareer)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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

    /// Whether a change of `month` concerns the span.
    pub(crate) fn contains(self, month: YearMonth) -> bool {
        self.first <= month && month <= self.month
    }
}

/// The measures of records or of persons, each with the text it is computed by.
fn of_kind(event: bool) -> Vec<(Measure, &'static str)> {
    let text = |measure: &Measure| match measure.basis() {
        Basis::Person(text) if !event => Some((*measure, text)),
        Basis::Event(text) if event => Some((*measure, text)),
        Basis::Person(_) | Basis::Event(_) | Basis::Caps => None,
    };
    Measure::ALL.iter().filter_map(text).collect()
}

/// Computes the span's cells in the snapshot and leaves what differs from the stored ones in `t_cell_change`; returns how many differ.
/// Event cells of a month are those of the touched bureaus, from `t_place`.
pub(crate) async fn compute<C: ConnectionTrait>(tx: &C, range: Range) -> Result<i64, DbErr> {
    fresh_table(
        tx,
        "t_cell",
        "bureau_id {uuid}, unit_id {uuid}, sex {text}, band {text}, measure {text}, value bigint, persons bigint,
         PRIMARY KEY (bureau_id, unit_id, sex, band, measure)",
    )
    .await?;
    persons::compute(tx, range).await?;
    events::compute(tx, range).await?;
    analyze(tx, "t_cell").await?;
    changes(tx, range).await
}

/// Copies the differing cells in chunks.
pub(crate) async fn copy(fence: &Fence, range: Range, rows: i64) -> Result<(), LedgerError> {
    let key = vec![range.span.into(), range.month.into()];
    let delete = "DELETE FROM measure_cell WHERE span = $3 AND month = $4
        AND (bureau_id, unit_id, sex, band, measure) IN
            (SELECT bureau_id, unit_id, sex, band, measure FROM t_cell_change WHERE seq > $1 AND seq <= $2 AND gone = 1)";
    let put = "INSERT INTO measure_cell (span, month, bureau_id, unit_id, sex, band, measure, value, persons, run_id)
        SELECT $3, $4, bureau_id, unit_id, sex, band, measure, value, persons, $5
        FROM t_cell_change WHERE seq > $1 AND seq <= $2 AND gone = 0
        ON CONFLICT (span, month, bureau_id, unit_id, sex, band, measure)
        DO UPDATE SET value = excluded.value, persons = excluded.persons, run_id = excluded.run_id";
    let mut with_run = key.clone();
    with_run.push(fence.run().id.into());
    fence.copy(rows, &[(delete, key), (put, with_run)]).await
}

/// A stored cell `o` and a computed one `n` are of the same place and measure.
const SAME: &str = "o.bureau_id = n.bureau_id AND o.unit_id = n.unit_id AND o.sex = n.sex AND o.band = n.band AND o.measure = n.measure";

async fn changes<C: ConnectionTrait>(tx: &C, range: Range) -> Result<i64, DbErr> {
    fresh_table(
        tx,
        "t_cell_change",
        "seq integer PRIMARY KEY, gone integer NOT NULL, bureau_id {uuid}, unit_id {uuid}, sex {text}, band {text}, measure {text},
         value bigint, persons bigint",
    )
    .await?;
    // Event cells of a month are computed for the touched bureaus alone; the others' stand.
    let computed = match range.span {
        Span::Month => format!("AND (o.measure NOT IN ({}) OR o.bureau_id IN (SELECT bureau_id FROM t_touched))", words(&of_kind(true))),
        Span::FiscalYearToDate | Span::CalendarYearToDate => String::new(),
    };
    let put = format!(
        "INSERT INTO t_cell_change
         SELECT ROW_NUMBER() OVER (ORDER BY n.measure, n.bureau_id, n.unit_id, n.sex, n.band), 0,
             n.bureau_id, n.unit_id, n.sex, n.band, n.measure, n.value, n.persons
         FROM t_cell n LEFT JOIN measure_cell o ON o.span = $1 AND o.month = $2 AND {SAME}
         WHERE o.value IS NULL OR o.value <> n.value OR o.persons <> n.persons"
    );
    let put = execute(tx, &put, vec![range.span.into(), range.month.into()]).await?;
    let put = i32::try_from(put).unwrap_or(i32::MAX);
    let gone = format!(
        "INSERT INTO t_cell_change (seq, gone, bureau_id, unit_id, sex, band, measure)
         SELECT $3 + ROW_NUMBER() OVER (ORDER BY o.measure, o.bureau_id, o.unit_id, o.sex, o.band), 1,
             o.bureau_id, o.unit_id, o.sex, o.band, o.measure
         FROM measure_cell o
         WHERE o.span = $1 AND o.month = $2 {computed} AND NOT EXISTS (SELECT 1 FROM t_cell n WHERE {SAME})"
    );
    execute(tx, &gone, vec![range.span.into(), range.month.into(), put.into()]).await?;
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
         SELECT bureau_id, unit_id, sex, band, code, value, persons FROM (
             SELECT g.bureau_id, g.unit_id, g.sex, g.band, m.column1 AS code, {value} AS value, {persons} AS persons
             FROM (SELECT bureau_id, unit_id, sex, band, {wide} FROM {source} GROUP BY bureau_id, unit_id, sex, band) g
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
    persons::fill(tx, range).await.map(|_| ())
}

/// Event measures and their columns of `person_month` and `t_place`.
pub(crate) fn event_measures() -> Vec<(Measure, &'static str)> {
    of_kind(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::person_month::EVENT_COLUMNS;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_words_of_their_own() {
        let codes: BTreeSet<_> = Measure::ALL.iter().map(|measure| measure.as_str()).collect();
        assert_eq!(codes.len(), Measure::ALL.len());
        assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')));
    }

    #[test]
    fn minutes_are_known_by_their_word() {
        assert!(Measure::ALL.iter().all(|measure| measure.is_minutes() == measure.as_str().ends_with("_MINUTES")));
    }

    #[test]
    fn every_event_column_is_a_measure() {
        let columns: Vec<_> = event_measures().into_iter().map(|(_, column)| column).collect();
        assert_eq!(columns, EVENT_COLUMNS);
    }

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

//! From cells to values: the catalogue's definitions as a TEMP table, joined with the cells once for each span.
//!
//! Values are append-only. What differs from the latest value is inserted, and the former one gets its superseded-by in the same
//! transaction; what is equal is left alone, so that a second run writes nothing. A value that loses its last record is superseded by
//! 0 ÷ 0. Rows of 0 ÷ 0 are stored for the office's total, and where people were there of whom nobody has reported.

use super::{Definition, Part, Standings, catalogue};
use crate::{
    dialect::{analyze, constant_table, execute, fresh_table, fresh_table_as, one_row, sample, sum},
    ledger::{Fence, LedgerError},
    measures::{Measure, Range, Reach, events, person_months},
    person_month::EVENT_COLUMNS,
};
use entity::{indicator_value::TOTAL, measure_cell::Span, period::YearMonth, person_month::Standing};
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, Value};

/// The band of facts that only count the persons of events, whatever their band.
const ANY_BAND: &str = "ANY";

/// The band of facts that only count those of the events of one band.
fn persons_of(band: &str) -> String {
    format!("PERSONS_OF_{band}")
}

/// How many values a span has, and how many of them differ from the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Computed {
    pub all: i64,
    pub changed: i64,
}

/// Fills `t_definition` (one row each) and `t_part` (one row for each cell's sex, band and standing that a numerator or denominator takes, and
/// each member of the dimensions that it goes to). Both hold the catalogue's own words alone, and stay for the session.
pub(crate) async fn load_catalogue<C: ConnectionTrait>(tx: &C, standings: &Standings) -> Result<(), DbErr> {
    let rows: Vec<_> = catalogue().iter().map(definition_row).collect();
    constant_table(
        tx,
        "t_definition",
        "indicator {code} PRIMARY KEY, version integer, events integer, numerator_adds integer, denominator_adds integer,
         fiscal integer, calendar integer, whole_years integer, covers integer",
        &format!("INSERT INTO t_definition VALUES {}", rows.join(", ")),
    )
    .await?;
    let made = constant_table(
        tx,
        "t_part",
        "measure {code}, sex {code}, band {code}, standing {code}, indicator {code}, out_sex {code}, out_band {code}, numerator bigint,
         denominator bigint, covered bigint, expected bigint",
        &parts(standings),
    )
    .await?;
    if made {
        // Some thousands of rows, of which the engine need not see each.
        sample(tx, "t_part (measure, sex, band, standing, indicator)").await?;
    }
    Ok(())
}

fn definition_row(definition: &Definition) -> String {
    format!(
        "('{}', {}, {}, {}, {}, {}, {}, {}, {})",
        definition.code,
        definition.version,
        i32::from(definition.numerator.measure.is_event()),
        i32::from(definition.numerator.measure.persons_add_up()),
        i32::from(definition.denominator.measure.persons_add_up()),
        i32::from(definition.has_span(Span::FiscalYearToDate)),
        i32::from(definition.has_span(Span::CalendarYearToDate)),
        i32::from(definition.of_whole_years),
        i32::from(definition.source.is_some()),
    )
}

/// Lists that many parts share, each once, under its number.
#[derive(Default)]
struct Lists(Vec<Vec<String>>);

impl Lists {
    fn number(&mut self, list: Vec<String>) -> usize {
        self.0.iter().position(|other| *other == list).unwrap_or_else(|| {
            self.0.push(list);
            self.0.len() - 1
        })
    }

    /// All of them, as rows that begin with the list's number.
    fn rows(&self) -> String {
        let rows = self.0.iter().enumerate().flat_map(|(number, list)| list.iter().map(move |item| format!("({number}, {item})")));
        rows.collect::<Vec<_>>().join(", ")
    }
}

/// The statement that fills `t_part`. A part takes each of its sexes in each of its bands and standings: to write that out would take thousands
/// of rows, which the engine makes faster than it reads them.
fn parts(standings: &Standings) -> String {
    let (mut sexes, mut bands, mut own) = (Lists::default(), Lists::default(), Lists::default());
    let mut row = |definition: &Definition, part: Part, of: &[Standing], factors: [i64; 4]| {
        let sexes = sexes.number(of_sexes(definition, part));
        let bands = bands.number(of_bands(definition, part));
        let own = own.number(of.iter().map(|standing| format!("'{}'", standing.as_text())).collect());
        let factors = factors.map(|factor| factor.to_string()).join(", ");
        format!("('{}', '{}', {sexes}, {bands}, {own}, {factors})", part.measure, definition.code)
    };
    let mut rows = Vec::new();
    for definition in catalogue() {
        let (above, below) = (definition.numerator, definition.denominator);
        let [own, all] = [standings.numerator(definition.counts), standings.denominator(definition.counts)];
        rows.push(row(definition, above, &own, [above.scale, 0, 0, 0]));
        rows.push(row(definition, below, &all, [0, below.scale, 0, 0]));
        if let Some([covered, expected]) = definition.coverage() {
            rows.push(row(definition, covered, &all, [0, 0, 1, 0]));
            rows.push(row(definition, expected, &all, [0, 0, 0, 1]));
        }
    }
    format!(
        "INSERT INTO t_part
         SELECT p.column1, s.column2, b.column2, t.column2, p.column2, s.column3, b.column3, p.column6, p.column7, p.column8, p.column9
         FROM (VALUES {}) p
         JOIN (VALUES {}) s ON s.column1 = p.column3
         JOIN (VALUES {}) b ON b.column1 = p.column4
         JOIN (VALUES {}) t ON t.column1 = p.column5",
        rows.join(", "),
        sexes.rows(),
        bands.rows(),
        own.rows(),
    )
}

/// The sexes of cells and facts that a part takes, each with the members that it goes to.
fn of_sexes(definition: &Definition, part: Part) -> Vec<String> {
    let to = |sex: String| members(&sex, definition.dimensions.sex).into_iter().map(|out| format!("'{sex}', '{out}'")).collect::<Vec<_>>();
    part.sexes.iter().map(ActiveEnum::to_value).flat_map(to).collect()
}

/// The bands of cells and facts that a part takes, each with the members that it goes to.
fn of_bands(definition: &Definition, part: Part) -> Vec<String> {
    let own: Vec<_> = part.bands.iter().map(|band| band.as_text()).collect();
    let mut bands: Vec<(String, Vec<&str>)> = own.iter().map(|band| (band.clone(), members(band, definition.dimensions.band))).collect();
    if part.measure.is_event() {
        bands.push((ANY_BAND.to_owned(), vec![TOTAL]));
        if definition.dimensions.band {
            bands.extend(own.iter().map(|band| (persons_of(band), vec![band.as_str()])));
        }
    }
    bands.iter().flat_map(|(band, to)| to.iter().map(move |out| format!("'{band}', '{out}'"))).collect()
}

/// The members of a dimension that a cell goes to: the total, and its own where the indicator is split by it.
fn members(own: &str, split: bool) -> Vec<&str> {
    if split { vec![TOTAL, own] } else { vec![TOTAL] }
}

/// Computes the span's values within reach in the snapshot, from stored cells, and leaves what differs from the latest in `t_value_change`.
/// The office's are always computed, from all cells.
pub(crate) async fn compute<C: ConnectionTrait>(tx: &C, range: Range, reach: Reach) -> Result<Computed, DbErr> {
    facts(tx, range, reach).await?;
    fresh_table(
        tx,
        "t_value",
        "indicator {code}, bureau {key}, sex {code}, band {code}, numerator bigint, denominator bigint,
         numerator_persons bigint, denominator_persons bigint, covered bigint, expected bigint, PRIMARY KEY (indicator, bureau, sex, band)",
    )
    .await?;
    let months = range.computed(tx).await?.len();
    let own = own_definitions(range.span, months == 12);
    let put = format!(
        "INSERT INTO t_value
         SELECT p.indicator, f.bureau, p.out_sex, p.out_band, {}, {}, {}, {},
             CASE WHEN MAX(d.covers) = 1 THEN {covered} END, CASE WHEN MAX(d.covers) = 1 THEN {expected} END
         FROM t_fact f
         JOIN t_part p ON p.measure = f.measure AND p.sex = f.sex AND p.band = f.band AND p.standing = f.standing
         JOIN t_definition d ON d.indicator = p.indicator
         WHERE {own}
         GROUP BY p.indicator, f.bureau, p.out_sex, p.out_band
         HAVING SUM(f.value * p.numerator) <> 0 OR SUM(f.value * p.denominator) <> 0 OR {expected} > 0 AND {covered} = 0
             OR f.bureau = '{TOTAL}' AND p.out_sex = '{TOTAL}' AND p.out_band = '{TOTAL}'",
        sum("f.value * p.numerator"),
        sum("f.value * p.denominator"),
        sum("CASE WHEN p.numerator <> 0 THEN f.persons ELSE 0 END"),
        sum("CASE WHEN p.denominator <> 0 THEN f.persons ELSE 0 END"),
        covered = sum("f.value * p.covered"),
        expected = sum("f.value * p.expected"),
    );
    execute(tx, &put, vec![]).await?;
    let no_subjects = format!(
        "INSERT INTO t_value
         SELECT d.indicator, '{TOTAL}', '{TOTAL}', '{TOTAL}', 0, 0, 0, 0, CASE WHEN d.covers = 1 THEN 0 END, CASE WHEN d.covers = 1 THEN 0 END FROM t_definition d
         WHERE {own} AND NOT EXISTS (SELECT 1 FROM t_value v
             WHERE v.indicator = d.indicator AND v.bureau = '{TOTAL}' AND v.sex = '{TOTAL}' AND v.band = '{TOTAL}')"
    );
    execute(tx, &no_subjects, vec![]).await?;
    if range.span == Span::Month {
        execute(tx, SOMEBODY, vec![]).await?;
    } else {
        let persons = PERSONS_OF_YEAR.replace("{reach}", &reach.holds_code("o.bureau"));
        execute(tx, &persons, vec![range.first.into(), range.month.into()]).await?;
        // In one month nobody moves.
        if months > 1 {
            persons_who_moved(tx, range, reach).await?;
        }
    }
    analyze(tx, "t_value").await?;
    changes(tx, range, reach).await
}

/// The definitions that have values for the span; those of whole years where all of its twelve months were computed.
fn own_definitions(span: Span, is_whole_year: bool) -> &'static str {
    match (span, is_whole_year) {
        (Span::Month, _) => "d.whole_years = 0",
        (Span::FiscalYearToDate, false) => "d.fiscal = 1 AND d.whole_years = 0",
        (Span::FiscalYearToDate, true) => "d.fiscal = 1",
        (Span::CalendarYearToDate, false) => "d.calendar = 1 AND d.whole_years = 0",
        (Span::CalendarYearToDate, true) => "d.calendar = 1",
    }
}

/// Counts once in each value who stands in several of its cells: persons of person-months who were in several places. They are few, so that
/// theirs are the only rows looked at.
async fn persons_who_moved<C: ConnectionTrait>(tx: &C, range: Range, reach: Reach) -> Result<(), DbErr> {
    let own = super::measures().iter().filter(|measure| measure.months_add_up() && !measure.is_event());
    let of_measure = |measure: &Measure, bureau: &str| {
        format!(
            "SELECT m.staff_id, {bureau} AS bureau, m.sex, m.band, m.standing, '{measure}' AS measure
             FROM t_moved m JOIN bureau b ON b.id = m.bureau_id WHERE m.{} <> 0",
            person_months::column(measure)
        )
    };
    let own: Vec<_> = own.collect();
    fresh_table_as(
        tx,
        "t_moved",
        "SELECT * FROM t_span_place WHERE staff_id IN (SELECT staff_id FROM t_span_place GROUP BY staff_id HAVING COUNT(*) > 1)",
    )
    .await?;
    for bureau in ["b.code".to_owned(), format!("'{TOTAL}'")] {
        // Who moved in the office may have moved beyond reach.
        if reach == Reach::Part && bureau != "b.code" {
            person_months::fill_moved(tx, range, super::measures()).await?;
        }
        let rows: Vec<_> = own.iter().map(|measure| of_measure(measure, &bureau)).collect();
        let again = format!(
            "UPDATE t_value SET numerator_persons = numerator_persons - x.numerator, denominator_persons = denominator_persons - x.denominator
             FROM (
                 SELECT indicator, bureau, sex, band, {} AS numerator, {} AS denominator
                 FROM (
                     SELECT r.staff_id, p.indicator, r.bureau, p.out_sex AS sex, p.out_band AS band,
                         {} AS n, {} AS d
                     FROM ({}) r
                     JOIN t_part p ON p.measure = r.measure AND p.sex = r.sex AND p.band = r.band AND p.standing = r.standing
                     GROUP BY r.staff_id, p.indicator, r.bureau, p.out_sex, p.out_band
                 ) y
                 WHERE n > 1 OR d > 1
                 GROUP BY indicator, bureau, sex, band
             ) x
             WHERE t_value.indicator = x.indicator AND t_value.bureau = x.bureau AND t_value.sex = x.sex AND t_value.band = x.band",
            sum("CASE WHEN n > 1 THEN n - 1 ELSE 0 END"),
            sum("CASE WHEN d > 1 THEN d - 1 ELSE 0 END"),
            sum("CASE WHEN p.numerator <> 0 THEN 1 ELSE 0 END"),
            sum("CASE WHEN p.denominator <> 0 THEN 1 ELSE 0 END"),
            rows.join(" UNION ALL "),
        );
        execute(tx, &again, vec![]).await?;
    }
    Ok(())
}

/// Fills `t_fact`: what each bureau's cells say, then what the office's say. Persons add up over cells in person measures, for each person
/// is in one cell; those of events are counted apart.
async fn facts<C: ConnectionTrait>(tx: &C, range: Range, reach: Reach) -> Result<(), DbErr> {
    // Said of each sum, and not of each cell.
    let persons = format!("CASE WHEN c.measure IN ({}) THEN 0 ELSE {} END", event_words(), sum("c.persons"));
    fresh_table(tx, "t_fact", "bureau {key}, sex {code}, band {code}, standing {code}, measure {code}, value bigint, persons bigint")
        .await?;
    let put = format!(
        "INSERT INTO t_fact
         SELECT b.code, c.sex, c.band, c.standing, c.measure, {}, {}
         FROM measure_cell c JOIN bureau b ON b.id = c.bureau_id
         WHERE c.span = $1 AND c.month = $2 AND {}
         GROUP BY b.code, c.sex, c.band, c.standing, c.measure",
        sum("c.value"),
        persons,
        reach.holds("c.bureau_id"),
    );
    execute(tx, &put, vec![range.span.into(), range.month.into()]).await?;
    match reach {
        Reach::Whole => {
            let total = format!(
                "INSERT INTO t_fact SELECT '{TOTAL}', sex, band, standing, measure, {}, {} FROM t_fact GROUP BY sex, band, standing, measure",
                sum("value"),
                sum("persons")
            );
            execute(tx, &total, vec![]).await?;
        }
        Reach::Part => {
            let total = format!(
                "INSERT INTO t_fact SELECT '{TOTAL}', c.sex, c.band, c.standing, c.measure, {}, {} FROM measure_cell c
                 WHERE c.span = $1 AND c.month = $2 GROUP BY c.sex, c.band, c.standing, c.measure",
                sum("c.value"),
                persons
            );
            execute(tx, &total, vec![range.span.into(), range.month.into()]).await?;
        }
    }
    if range.span == Span::Month {
        events_of_month(tx, range.month).await?;
    }
    analyze(tx, "t_fact").await
}

/// Adds the distinct persons of the month's events to `t_fact`, of a band and of any. A bureau's are those of its records; the office's come from
/// the person-months, for event rows are there for touched bureaus alone. A person is in one band there, the month's last, so that those of
/// any band are the bands' together.
async fn events_of_month<C: ConnectionTrait>(tx: &C, month: YearMonth) -> Result<(), DbErr> {
    let most = EVENT_COLUMNS.map(|column| format!("MAX(e.{column}) AS {column}")).join(", ");
    let of_bands = format!("'{}' || g.band", persons_of(""));
    for (shown, band, of_band) in [("g.band", format!("'{ANY_BAND}'"), ""), (&*of_bands, "e.band".to_owned(), ", e.band")] {
        let bureaus = format!(
            "SELECT b.code AS bureau, e.sex, {band} AS band, e.standing, {most} FROM t_event_person e
            JOIN bureau b ON b.id = e.bureau_id GROUP BY b.code, e.staff_id, e.sex, e.standing{of_band}"
        );
        execute(tx, &event_persons(&bureaus, shown), vec![]).await?;
    }
    let columns = EVENT_COLUMNS.join(", ");
    let office = format!(
        "SELECT '{TOTAL}' AS bureau, e.sex, e.band, e.standing, {columns} FROM person_month e
        WHERE e.month = $1 AND e.employment = 'REGULAR'"
    );
    execute(tx, &event_persons(&office, &of_bands), vec![month.into()]).await?;
    let any = format!(
        "INSERT INTO t_fact SELECT bureau, sex, '{ANY_BAND}', standing, measure, 0, {} FROM t_fact
        WHERE bureau = '{TOTAL}' AND substr(band, 1, {}) = '{}' GROUP BY bureau, sex, standing, measure",
        sum("persons"),
        persons_of("").len(),
        persons_of(""),
    );
    execute(tx, &any, vec![]).await?;
    Ok(())
}

/// SQL that adds the persons of each event measure, by bureau, sex, standing and what `people` calls their band, which `band` spells of a group `g`, as
/// facts without a value. `people` holds one row for each person of such a place.
fn event_persons(people: &str, band: &str) -> String {
    let events = events(super::measures());
    let wide = events.iter().enumerate().map(|(i, (_, column))| format!("COUNT(NULLIF(p.{column}, 0)) AS n{i}"));
    let whens = events.iter().enumerate().map(|(i, (measure, _))| format!("WHEN '{measure}' THEN g.n{i}"));
    let codes = events.iter().map(|(measure, _)| format!("('{measure}')"));
    format!(
        "INSERT INTO t_fact
         SELECT g.bureau, g.sex, {band}, g.standing, m.column1, 0, CASE m.column1 {} END
         FROM (SELECT p.bureau, p.sex, p.band, p.standing, {} FROM ({people}) p GROUP BY p.bureau, p.sex, p.band, p.standing) g
         CROSS JOIN (VALUES {}) m",
        whens.collect::<Vec<_>>().join(" "),
        wide.collect::<Vec<_>>().join(", "),
        codes.collect::<Vec<_>>().join(", "),
    )
}

fn event_words() -> String {
    events(super::measures()).iter().map(|(measure, _)| format!("'{measure}'")).collect::<Vec<_>>().join(", ")
}

/// What somebody did in a band, of which the month's last postings know nobody any more, is still somebody's.
const SOMEBODY: &str = "UPDATE t_value SET
        numerator_persons = CASE WHEN numerator <> 0 AND numerator_persons = 0 THEN 1 ELSE numerator_persons END,
        denominator_persons = CASE WHEN denominator <> 0 AND denominator_persons = 0 THEN 1 ELSE denominator_persons END
    WHERE indicator IN (SELECT indicator FROM t_definition WHERE events = 1)
      AND (numerator <> 0 AND numerator_persons = 0 OR denominator <> 0 AND denominator_persons = 0)";

/// Persons of events over a year to date: the largest number of its months, or their sum where each person comes once.
const PERSONS_OF_YEAR: &str = "UPDATE t_value SET numerator_persons = y.numerator, denominator_persons = y.denominator
    FROM (
        SELECT o.indicator, o.bureau, o.sex, o.band,
            CASE WHEN MAX(d.numerator_adds) = 1 THEN CAST(SUM(o.numerator_persons) AS bigint) ELSE MAX(o.numerator_persons) END AS numerator,
            CASE WHEN MAX(d.denominator_adds) = 1 THEN CAST(SUM(o.denominator_persons) AS bigint) ELSE MAX(o.denominator_persons) END
                AS denominator
        FROM t_definition d
        JOIN indicator_value o ON o.indicator = d.indicator
        WHERE d.events = 1 AND o.span = 'MONTH' AND o.month >= $1 AND o.month <= $2 AND o.superseded_by IS NULL AND {reach}
        GROUP BY o.indicator, o.bureau, o.sex, o.band
    ) y
    WHERE t_value.indicator = y.indicator AND t_value.bureau = y.bureau AND t_value.sex = y.sex AND t_value.band = y.band";

async fn changes<C: ConnectionTrait>(tx: &C, range: Range, reach: Reach) -> Result<Computed, DbErr> {
    fresh_table(
        tx,
        "t_value_change",
        "seq integer PRIMARY KEY, former_id {uuid}, indicator {code}, version integer, bureau {key}, sex {code}, band {code},
         numerator bigint, denominator bigint, numerator_persons bigint, denominator_persons bigint, covered bigint, expected bigint",
    )
    .await?;
    // A month's values are computed whole for the touched bureaus and the office; the others' stand.
    let computed = |bureau: &str| match range.span {
        Span::Month => {
            format!("({bureau} = '{TOTAL}' OR {bureau} IN (SELECT b.code FROM t_touched t JOIN bureau b ON b.id = t.bureau_id))")
        }
        Span::FiscalYearToDate | Span::CalendarYearToDate => reach.holds_code(bureau),
    };
    let latest = "o.span = $1 AND o.month = $2 AND o.superseded_by IS NULL";
    let same = "o.indicator = v.indicator AND o.bureau = v.bureau AND o.sex = v.sex AND o.band = v.band";
    let put = format!(
        "INSERT INTO t_value_change
         SELECT ROW_NUMBER() OVER (ORDER BY indicator, bureau, sex, band), x.* FROM (
             SELECT o.id, v.indicator, d.version, v.bureau, v.sex, v.band,
                 v.numerator, v.denominator, v.numerator_persons, v.denominator_persons, v.covered, v.expected
             FROM t_value v
             JOIN t_definition d ON d.indicator = v.indicator
             LEFT JOIN indicator_value o ON {same} AND {latest}
             WHERE {new_computed} AND (o.id IS NULL OR o.version <> d.version OR o.as_of <> $3
                 OR o.numerator <> v.numerator OR o.denominator <> v.denominator
                 OR o.numerator_persons <> v.numerator_persons OR o.denominator_persons <> v.denominator_persons
                 OR o.covered IS DISTINCT FROM v.covered OR o.expected IS DISTINCT FROM v.expected)
             UNION ALL
             SELECT o.id, o.indicator, d.version, o.bureau, o.sex, o.band, 0, 0, 0, 0,
                 CASE WHEN d.covers = 1 THEN 0 END, CASE WHEN d.covers = 1 THEN 0 END
             FROM indicator_value o JOIN t_definition d ON d.indicator = o.indicator
             WHERE {latest} AND {old_computed} AND (o.numerator <> 0 OR o.denominator <> 0 OR o.expected > 0)
               AND NOT EXISTS (SELECT 1 FROM t_value v WHERE {same})
         ) x",
        new_computed = computed("v.bureau"),
        old_computed = computed("o.bureau"),
    );
    execute(tx, &put, vec![range.span.into(), range.month.into(), range.month.last_day().into()]).await?;
    let all = one_row(tx, &format!("SELECT COUNT(*) FROM t_value v WHERE {}", computed("v.bureau")), vec![]).await?.try_get_by_index(0)?;
    let changed = one_row(tx, "SELECT COUNT(*) FROM t_value_change", vec![]).await?.try_get_by_index(0)?;
    Ok(Computed { all, changed })
}

/// Supersedes the former values and inserts the new ones, in chunks.
pub(crate) async fn copy(fence: &Fence, range: Range, rows: i64) -> Result<(), LedgerError> {
    let (at, run) = (fence.computed_at(), fence.run().id);
    // Once it is decided what is withheld of the span, who sees no persons meets former values until the new ones are decided too (`protection`).
    let supersede = "UPDATE indicator_value SET superseded_at = $3, superseded_by = $4,
            is_public = is_public AND EXISTS (SELECT 1 FROM protected_month p WHERE p.month = $6 AND p.span = $5)
        WHERE id IN (SELECT former_id FROM t_value_change WHERE seq > $1 AND seq <= $2 AND former_id IS NOT NULL)";
    let insert = "INSERT INTO indicator_value (id, indicator, version, span, month, bureau, sex, band, numerator, denominator,
            numerator_persons, denominator_persons, covered, expected, as_of, computed_at, run_id, is_public)
        SELECT {uuid_v7}, indicator, version, $4, $5, bureau, sex, band, numerator, denominator,
            numerator_persons, denominator_persons, covered, expected, $6, $7, $8,
            NOT EXISTS (SELECT 1 FROM protected_month p WHERE p.month = $5 AND p.span = $4)
        FROM t_value_change WHERE seq > $1 AND seq <= $2";
    let milliseconds = format!("{:012x}", at.timestamp_millis());
    let values: Vec<Value> =
        vec![milliseconds.into(), range.span.into(), range.month.into(), range.month.last_day().into(), at.into(), run.into()];
    let statements = [(supersede, vec![at.into(), run.into(), range.span.into(), range.month.into()]), (insert, values)];
    fence.copy(rows, &statements).await
}

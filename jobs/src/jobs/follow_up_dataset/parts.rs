//! A snapshot's rows: laid out by SQL over whole months in TEMP tables, read a chunk at a time, and kept under keyed pseudonyms.
//!
//! A person's pseudonym is HMAC-SHA-256 of the row's key under a key that is outside the database, so that who holds a snapshot can neither
//! name nor guess anybody, and one person's rows belong together within a snapshot. The rows of a chunk are sorted by it: their order says
//! nothing about people.

use super::{DatasetError, cycles::Cycle};
use crate::{
    dialect::{analyze, execute, few_rows, fresh_table, one_row, sum},
    follow_up::snapshot::{PartKind, PartLine, sha256},
    indicators::{Definition, Population, Standings},
    ledger::{Fence, LedgerError},
    measures::{self, Measure, Range, Source, person_months, persons::CENSUS_PERSONS},
    seal::hex,
    standing::{side, standing},
};
use chrono::NaiveDate;
use entity::{
    ids::SnapshotId, measure_cell::Span, period::YearMonth, person_month::Standing, posting::RankBand, snapshot_part, staff::Sex,
};
use hmac::{Hmac, Mac};
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, Value};
use sha2::Sha256;
use std::fmt::Write;
use uuid::Uuid;

/// Lines of one part: few enough that its transaction is short on SQLite.
const LINES: i64 = 10_000;

/// The stored manifest of the cycle's version, where it is complete.
pub(super) async fn manifest<C: ConnectionTrait>(tx: &C, cycle: &Cycle) -> Result<Option<String>, DbErr> {
    let sql = "SELECT manifest FROM snapshot WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND manifest IS NOT NULL";
    let rows = few_rows(tx, sql, key(cycle)).await?;
    rows.first().map(|row| row.try_get_by_index(0)).transpose()
}

/// The content of a part of the cycle's version.
pub(super) async fn content<C: ConnectionTrait>(tx: &C, cycle: &Cycle, index: usize) -> Result<String, DbErr> {
    let sql = "SELECT p.content FROM snapshot s JOIN snapshot_part p ON p.snapshot_id = s.id
        WHERE s.plan = $1 AND s.fiscal_year = $2 AND s.version = $3 AND p.position = $4";
    let mut values = key(cycle);
    values.push(i32::try_from(index).unwrap_or(i32::MAX).into());
    let rows = few_rows(tx, sql, values).await?;
    rows.first().map_or_else(|| Ok(String::new()), |row| row.try_get_by_index(0))
}

pub(super) fn key(cycle: &Cycle) -> Vec<Value> {
    vec![cycle.plan.clone().into(), cycle.fiscal_year.into(), cycle.version.clone().into()]
}

/// What a part is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub kind: PartKind,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub columns: Vec<Measure>,
    /// Of person-months, whom the figures count: which of a person's places is the latest is told among these.
    pub standings: Vec<Standing>,
}

impl Wanted {
    /// As the manifest names it, without any rows yet.
    pub(super) fn line(&self) -> PartLine {
        PartLine {
            kind: self.kind,
            date_from: self.from,
            date_to: self.to,
            columns: self.columns.iter().map(ToString::to_string).collect(),
            rows: 0,
            sha256: String::new(),
        }
    }
}

/// The parts that definitions over their dates need, each once. A date of one day is a census or a day of hires; other dates are months, or
/// fiscal or calendar years. Who was somewhere in a month was in one place: its sums are those of its records, and need no rows of persons.
pub(super) fn wanted<'a>(figures: impl Iterator<Item = (&'a Definition, (NaiveDate, NaiveDate))>, standings: &Standings) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for (definition, (from, to)) in figures {
        let standings = standings.denominator(definition.counts);
        for measure in [definition.numerator.measure, definition.denominator.measure] {
            let kind = match measure.source {
                Source::Hires { .. } => PartKind::Hires,
                _ if is_month(from, to) => PartKind::Cells,
                Source::Persons(_) => PartKind::Persons,
                Source::PersonMonths(_) => PartKind::PersonMonths,
                Source::Events(_) | Source::Caps => PartKind::Cells,
            };
            // One day knows who is in post, and nothing of what they did.
            if from == to && kind != PartKind::Hires && (definition.population != Population::Census || measure != CENSUS_PERSONS) {
                continue;
            }
            let of = if kind == PartKind::PersonMonths { standings.clone() } else { Vec::new() };
            let part = all.iter_mut().find(|part| (part.kind, part.from, part.to, &part.standings) == (kind, from, to, &of));
            match part {
                Some(part) if part.columns.contains(&measure) => {}
                Some(part) => part.columns.push(measure),
                None => all.push(Wanted { kind, from, to, columns: vec![measure], standings: of }),
            }
        }
    }
    for part in &mut all {
        part.columns.sort_by_key(|measure| measure.code);
    }
    all.sort_by_key(|part| (part.kind, part.from, part.to, part.standings.clone()));
    all
}

/// Fills `t_fu_bureau`: each bureau's place in the manifest's list, in the order of establishment, then by code.
pub(super) async fn places<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    fresh_table(tx, "t_fu_bureau", "bureau_id {uuid} PRIMARY KEY, place integer").await?;
    let put = "INSERT INTO t_fu_bureau
        SELECT id, ROW_NUMBER() OVER (ORDER BY position IS NULL, position, code) - 1 FROM bureau WHERE void_reason IS NULL";
    execute(tx, put, vec![]).await?;
    analyze(tx, "t_fu_bureau").await
}

/// The table of the `index`th part.
fn table(index: usize) -> String {
    format!("t_fu_part_{index}")
}

/// Lays the rows of a part out in its TEMP table, with the text that follows the pseudonym; returns how many there are.
pub(super) async fn lay_out<C: ConnectionTrait>(tx: &C, index: usize, part: &Wanted) -> Result<i64, DbErr> {
    let table = table(index);
    fresh_table(tx, &table, "seq integer PRIMARY KEY, staff_id {uuid}, line {text}").await?;
    let (sql, values) = match part.kind {
        PartKind::Persons if part.from == part.to => census(part),
        PartKind::Persons => {
            measures::fill_span_persons(tx, range(part)).await?;
            persons(part)
        }
        PartKind::PersonMonths => {
            measures::fill_span_places(tx, range(part), &part.columns, &part.standings).await?;
            person_months(part)
        }
        PartKind::Hires => hires(part),
        PartKind::Cells => cells(part),
    };
    execute(tx, &format!("INSERT INTO {table} SELECT ROW_NUMBER() OVER (), x.* FROM ({sql}) x"), values).await?;
    one_row(tx, &format!("SELECT COUNT(*) FROM {table}"), vec![]).await?.try_get_by_index(0)
}

/// Whether it is one whole month.
fn is_month(from: NaiveDate, to: NaiveDate) -> bool {
    let month = YearMonth::of(from);
    (from, to) == (month.first_day(), month.last_day())
}

fn range(part: &Wanted) -> Range {
    let month = YearMonth::of(part.to);
    let span = match YearMonth::of(part.from).month() {
        _ if is_month(part.from, part.to) => Span::Month,
        1 => Span::CalendarYearToDate,
        _ => Span::FiscalYearToDate,
    };
    Range::ending(span, month)
}

/// `place,sex,band,standing` of a row, by their places in the manifest's lists.
fn place_of(bureau: &str, sex: &str, band: &str, standing: &str) -> String {
    let case = |column: &str, words: Vec<String>| {
        let whens: Vec<_> = words.iter().enumerate().map(|(place, word)| format!("WHEN '{word}' THEN '{place}'")).collect();
        format!("CASE {column} {} END", whens.join(" "))
    };
    let sexes = Sex::iter().map(|sex| sex.to_value()).collect();
    let bands = RankBand::iter().map(|band| band.to_value()).collect();
    let standings = Standing::iter().map(Standing::as_text).collect();
    let (sex, band, standing) = (case(sex, sexes), case(band, bands), case(standing, standings));
    format!("CAST({bureau} AS text) || ',' || {sex} || ',' || {band} || ',' || {standing}")
}

fn values(expressions: impl Iterator<Item = String>) -> String {
    expressions.fold(String::new(), |sql, expression| sql + &format!(" || ',' || CAST({expression} AS text)"))
}

fn persons(part: &Wanted) -> (String, Vec<Value>) {
    let of = |measure: &Measure| match measure.source {
        Source::Persons(expression) => expression.to_owned(),
        Source::PersonMonths(_) | Source::Events(_) | Source::Hires { .. } | Source::Caps => "0".to_owned(),
    };
    let place = place_of("b.place", "p.sex", "p.band", "p.standing");
    let sql = format!(
        "SELECT p.staff_id, {place}{} FROM t_span_person p JOIN t_fu_bureau b ON b.bureau_id = p.bureau_id",
        values(part.columns.iter().map(of))
    );
    (sql, vec![])
}

fn person_months(part: &Wanted) -> (String, Vec<Value>) {
    let place = place_of("b.place", "p.sex", "p.band", "p.standing");
    let values = values(part.columns.iter().map(|measure| sum(&person_months::column(measure))));
    let sql = format!(
        "SELECT p.staff_id, {place} || ',' || CAST(MAX(p.latest) AS text){values}
         FROM t_span_place p JOIN t_fu_bureau b ON b.bureau_id = p.bureau_id GROUP BY p.staff_id, b.place, p.sex, p.band,
             p.standing"
    );
    (sql, vec![])
}

/// Regular staff in post on the day, in the place of the posting that holds them.
fn census(part: &Wanted) -> (String, Vec<Value>) {
    let sql = format!(
        "SELECT w.staff_id, {}{} FROM holding w
            JOIN posting p ON p.id = w.posting_id
            JOIN staff s ON s.id = w.staff_id
            JOIN employment e ON e.staff_id = w.staff_id AND e.void_reason IS NULL AND e.valid_from <= $1 AND (e.valid_to IS NULL OR e.valid_to > $1)
            JOIN t_fu_bureau b ON b.bureau_id = p.bureau_id
         WHERE w.valid_from <= $1 AND (w.valid_to IS NULL OR w.valid_to > $1) AND s.void_reason IS NULL AND e.kind = 'REGULAR'",
        place_of("b.place", "s.sex", "p.band", &standing(&side("p"))),
        values(part.columns.iter().map(|_| "1".to_owned())),
    );
    (sql, vec![part.from.into()])
}

/// Each stands as in the person-month of the hire, or where none was computed, by the posting.
fn hires(part: &Wanted) -> (String, Vec<Value>) {
    let which = |measure: &Measure| match measure.source {
        Source::Hires { which, .. } => Some(which),
        Source::Persons(_) | Source::PersonMonths(_) | Source::Events(_) | Source::Caps => None,
    };
    let of = |measure: &Measure| match which(measure) {
        Some(which) => format!("SUM(CASE WHEN {which} THEN 1 ELSE 0 END)"),
        None => "0".to_owned(),
    };
    let any: Vec<_> = part.columns.iter().filter_map(which).collect();
    let stands = format!("COALESCE(m.standing, {})", standing(&side("p")));
    let sql = format!(
        "SELECT h.staff_id, {}{} FROM hire h
         JOIN staff s ON s.id = h.staff_id
         JOIN posting p ON p.id = h.posting_id
         JOIN employment e ON e.staff_id = h.staff_id AND e.void_reason IS NULL AND e.valid_from <= h.date
             AND (e.valid_to IS NULL OR e.valid_to > h.date)
         JOIN t_fu_bureau b ON b.bureau_id = h.bureau_id
         LEFT JOIN person_month m ON m.staff_id = h.staff_id
             AND m.month = CAST(substr(CAST(h.date AS text), 1, 4) || substr(CAST(h.date AS text), 6, 2) AS integer)
         WHERE h.date >= $1 AND h.date <= $2 AND h.void_reason IS NULL AND ({}) AND e.kind = 'REGULAR'
         GROUP BY h.staff_id, b.place, s.sex, p.band, {stands}",
        place_of("b.place", "s.sex", "p.band", &stands),
        values(part.columns.iter().map(of)),
        any.join(" OR ")
    );
    (sql, vec![part.from.into(), part.to.into()])
}

fn cells(part: &Wanted) -> (String, Vec<Value>) {
    let range = range(part);
    let whens: Vec<_> = part.columns.iter().enumerate().map(|(place, measure)| format!("WHEN '{measure}' THEN '{place}'")).collect();
    let words: Vec<_> = part.columns.iter().map(|measure| format!("'{measure}'")).collect();
    let sql = format!(
        "SELECT CAST(NULL AS {{uuid}}), {} || ',' || CASE c.measure {} END || ',' || CAST(CAST(SUM(c.value) AS bigint) AS text)
                || ',' || CAST(CAST(SUM(c.persons) AS bigint) AS text)
         FROM measure_cell c JOIN t_fu_bureau b ON b.bureau_id = c.bureau_id
         WHERE c.span = $1 AND c.month = $2 AND c.measure IN ({})
         GROUP BY b.place, c.sex, c.band, c.standing, c.measure",
        place_of("b.place", "c.sex", "c.band", "c.standing"),
        whens.join(" "),
        words.join(", "),
    );
    (sql, vec![range.span.into(), range.month.into()])
}

/// Keeps the rows of a laid-out part, a transaction for each of its chunks, and tells how the manifest names them.
pub(super) async fn keep(
    fence: &Fence,
    snapshot: SnapshotId,
    secret: &[u8; 32],
    (index, part, rows): (usize, &Wanted, i64),
    lines: &mut Vec<PartLine>,
) -> Result<(), LedgerError> {
    let sql = format!("SELECT staff_id, line FROM {} WHERE seq > $1 AND seq <= $2", table(index));
    let mut from = 0;
    // A part without rows is kept too: nobody is an answer, and not the same as not knowing.
    while from == 0 || from < rows {
        let tx = fence.snapshot().await?;
        let read = few_rows(&tx, &sql, vec![from.into(), (from + LINES).into()]).await?;
        tx.commit().await?;
        let mut text: Vec<String> = Vec::with_capacity(read.len());
        for row in read {
            let (staff, line): (Option<Uuid>, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            text.push(staff.map_or_else(|| line.clone(), |staff| format!("{},{line}", pseudonym(secret, staff))));
        }
        text.sort_unstable();
        let content = text.iter().fold(String::new(), |mut content, line| {
            // Writing to a String does not fail.
            let _ = writeln!(content, "{line}");
            content
        });
        let line = PartLine { rows: text.len() as u64, sha256: sha256(content.as_bytes()), ..part.line() };
        let row = snapshot_part::Model {
            snapshot_id: snapshot,
            position: i32::try_from(lines.len()).unwrap_or(i32::MAX),
            kind: part.kind.as_str().to_owned(),
            sha256: line.sha256.clone(),
            content,
        };
        let tx = fence.write().await?;
        snapshot_part::Entity::insert(row.into_active_model()).exec_without_returning(&*tx).await?;
        tx.commit().await?;
        tracing::debug!(run = %fence.run().id, "part of a snapshot kept");
        lines.push(line);
        from += LINES;
    }
    Ok(())
}

/// The key of the pseudonyms of one snapshot, whatever replaces it meanwhile.
pub(super) async fn pseudonym_key(fence: &Fence) -> Result<[u8; 32], LedgerError> {
    let path = fence.settings().pseudonym_key.clone();
    let opened = tokio::task::spawn_blocking(move || crate::seal::key::SealKey::open_or_create(&path)).await;
    Ok(opened.map_err(|_| DatasetError::CutOff)?.map_err(DatasetError::Key)?.secret())
}

/// 128 bits of the keyed hash: no two people share them.
fn pseudonym(secret: &[u8; 32], staff: Uuid) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(staff.as_bytes());
    hex(&mac.finalize().into_bytes()[..16])
}

//! Statuses against numbers, values against quotients, and all forms of the release against each other.
//!
//! `observations.json` holds the whole release. It is read back, and what it makes is held against the other files: the tables cell by
//! cell, for another version of the program may have more columns.

use super::{Found, ProblemKind};
use crate::follow_up::{
    package::{
        columnar,
        compare::cells,
        content::{Content, consistent},
        excel, json,
        table::{Table, in_csv},
        told,
        words::{self, STATUSES},
        workbook,
    },
    release::{IndicatorUnit, Release, Status},
};
use calamine::Data;
use entity::quotient;
use std::collections::BTreeMap;

/// Rows by column names.
struct Rows {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    fn of_csv(bytes: &[u8]) -> Option<Self> {
        let mut reader = csv::Reader::from_reader(bytes);
        let names = reader.headers().ok()?.iter().map(str::to_owned).collect();
        let rows = reader.records().map(|record| Some(record.ok()?.iter().map(str::to_owned).collect())).collect::<Option<_>>()?;
        Some(Self { names, rows })
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }
}

/// Checks the observations in themselves, then all forms of them.
pub(super) fn check(files: &BTreeMap<String, Vec<u8>>, found: &mut Found) {
    let observations = files.get("observations.csv").and_then(|bytes| Rows::of_csv(bytes));
    if let Some(rows) = &observations {
        check_figures(rows, found);
        if let Some(bytes) = files.get(columnar::PATH) {
            check_parquet(bytes, rows, found);
        }
    }
    let Some(bytes) = files.get(json::OBSERVATIONS) else {
        return found.add(ProblemKind::Missing, json::OBSERVATIONS, "the file is missing");
    };
    let release: Release = match serde_json::from_slice(bytes) {
        Ok(release) => release,
        Err(error) => return found.add(ProblemKind::Unreadable, json::OBSERVATIONS, format!("it is no release: {error}")),
    };
    match Content::of(&release) {
        Ok(content) => check_forms(files, &content, found),
        Err(error) => found.add(ProblemKind::Status, json::OBSERVATIONS, error.to_string()),
    }
}

/// Each figure of `observations.csv` by itself.
fn check_figures(rows: &Rows, found: &mut Found) {
    let path = "observations.csv";
    let places = ["numerator", "denominator", "value", "unit", "status", "symbol"].map(|name| rows.place(name));
    let [Some(numerator), Some(denominator), Some(value), Some(unit), Some(status), Some(symbol)] = places else {
        return found.add(ProblemKind::Columns, path, "a column of the figures is missing");
    };
    for (row, line) in rows.rows.iter().zip(2..) {
        let number = |place: usize| row[place].parse::<i64>().ok();
        let Some(status) = STATUSES.into_iter().find(|one| words::status(*one).code == row[status]) else {
            found.at(ProblemKind::Status, (path, line), format!("“{}” is no status", row[status]));
            continue;
        };
        let (numerator, denominator) = (number(numerator), number(denominator));
        if !consistent(status, numerator, denominator) || (row[value].is_empty() != is_empty(status)) || row[symbol] != status.symbol() {
            found.at(ProblemKind::Status, (path, line), format!("numbers or symbol are not what {} says", words::status(status).code));
        }
        let percent = row[unit] == words::unit(IndicatorUnit::Percent).code;
        let quotient = numerator.zip(denominator).and_then(|(numerator, denominator)| quotient::quotient(numerator, denominator, percent));
        if quotient.is_some_and(|quotient| quotient != row[value]) {
            found.at(ProblemKind::Quotient, (path, line), format!("{} is not numerator ÷ denominator", row[value]));
        }
    }
}

fn is_empty(status: Status) -> bool {
    matches!(status, Status::Withheld | Status::NoSubjects | Status::Unknown)
}

fn check_parquet(bytes: &[u8], csv: &Rows, found: &mut Found) {
    match columnar::read(bytes) {
        Ok((names, rows)) if names == csv.names && rows == csv.rows => {}
        Ok(_) => found.add(ProblemKind::Disagreement, columnar::PATH, "it does not hold the rows of observations.csv"),
        Err(error) => found.add(ProblemKind::Unreadable, columnar::PATH, error.to_string()),
    }
}

/// What the release of `observations.json` makes, against the other files.
fn check_forms(files: &BTreeMap<String, Vec<u8>>, content: &Content<'_>, found: &mut Found) {
    for table in told::tables(content) {
        if let Some(bytes) = files.get(table.path) {
            check_table(bytes, &table, found);
        }
    }
    let release = content.release;
    let whole = [
        (excel::PATH, told::excel(content)),
        (json::CHANGES, json::changes_document(release)),
        (json::PROVENANCE, json::provenance(release)),
        (json::OBSERVATIONS, json::observations(content)),
    ];
    for (path, made) in whole {
        let (Some(bytes), Ok(made)) = (files.get(path), made) else { continue };
        if !same(path, bytes, &made) {
            found.add(ProblemKind::Disagreement, path, "it does not say what observations.json says");
        }
    }
    if let (Some(bytes), Ok(made)) = (files.get(workbook::PATH), told::workbook(content)) {
        match cells(bytes).map(figures) {
            None => found.add(ProblemKind::Unreadable, workbook::PATH, "it is no workbook"),
            held if held != cells(&made).map(figures) => {
                found.add(ProblemKind::Disagreement, workbook::PATH, "its figures are not those of observations.json");
            }
            Some(_) => {}
        }
    }
}

fn same(path: &str, published: &[u8], made: &[u8]) -> bool {
    let value = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    if path == excel::PATH { published == made } else { value(published) == value(made) }
}

/// The numbers of each sheet; words may be others in another version of the program.
fn figures(sheets: Vec<(String, Vec<Vec<Data>>)>) -> Vec<Data> {
    sheets
        .into_iter()
        .flat_map(|(_, rows)| rows.into_iter().flatten())
        .filter(|cell| matches!(cell, Data::Float(_) | Data::Int(_) | Data::DateTime(_)))
        .collect()
}

fn check_table(bytes: &[u8], table: &Table, found: &mut Found) {
    let Some(published) = Rows::of_csv(bytes) else { return };
    if published.rows.len() != table.rows.len() {
        let detail = format!("it has {} rows, observations.json makes {}", published.rows.len(), table.rows.len());
        return found.add(ProblemKind::Disagreement, table.path, detail);
    }
    for ((row, made), line) in published.rows.iter().zip(&table.rows).zip(2..) {
        for (column, cell) in table.columns.iter().zip(made) {
            let published = published.place(column.name).and_then(|place| row.get(place));
            if published.is_some_and(|published| *published != in_csv(column.kind, cell)) {
                found.at(ProblemKind::Disagreement, (table.path, line), format!("{} is not what observations.json says", column.name));
            }
        }
    }
}

//! The descriptor's resources, and each table against its Table Schema.

use super::{Found, ProblemKind};
use crate::follow_up::package::{descriptor, sums};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
struct Package {
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    path: String,
    bytes: Option<u64>,
    hash: Option<String>,
    schema: Option<Schema>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    fields: Vec<Field>,
    #[serde(default)]
    primary_key: Vec<String>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    constraints: Constraints,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Constraints {
    required: bool,
    #[serde(rename = "enum")]
    allowed: Option<Vec<String>>,
}

/// Checks the descriptor and all tables.
pub(super) fn check(files: &BTreeMap<String, Vec<u8>>, found: &mut Found) {
    let Some(bytes) = files.get(descriptor::PATH) else {
        return found.add(ProblemKind::Missing, descriptor::PATH, "the file is missing");
    };
    let package: Package = match serde_json::from_slice(bytes) {
        Ok(package) => package,
        Err(error) => return found.add(ProblemKind::Unreadable, descriptor::PATH, format!("it is no descriptor: {error}")),
    };
    let beside = [descriptor::PATH, sums::SUMS, sums::SIGNATURE, sums::PUBLIC_KEY];
    for path in files.keys().filter(|path| !beside.contains(&path.as_str())) {
        if !package.resources.iter().any(|resource| resource.path == *path) {
            found.add(ProblemKind::Unlisted, path, "datapackage.json does not name the file");
        }
    }
    for resource in &package.resources {
        let path = &resource.path;
        let Some(bytes) = files.get(path) else {
            found.add(ProblemKind::Missing, path, "the file is missing");
            continue;
        };
        let is_size = resource.bytes.is_none_or(|size| u64::try_from(bytes.len()) == Ok(size));
        let is_sum = resource.hash.as_ref().is_none_or(|hash| *hash == format!("sha256:{}", sums::sha256(bytes)));
        if !(is_size && is_sum) {
            found.add(ProblemKind::Sum, path, "size or sum are not those that datapackage.json tells");
        }
        if let Some(schema) = &resource.schema {
            table(path, bytes, schema, found);
        }
    }
}

fn table(path: &str, bytes: &[u8], schema: &Schema, found: &mut Found) {
    let mut reader = csv::Reader::from_reader(bytes);
    match reader.headers() {
        Ok(headers) if headers.iter().eq(schema.fields.iter().map(|field| field.name.as_str())) => {}
        Ok(_) => return found.add(ProblemKind::Columns, path, "the columns are not those of the schema"),
        Err(error) => return found.add(ProblemKind::Unreadable, path, error.to_string()),
    }
    let keys: Vec<usize> =
        schema.fields.iter().enumerate().filter(|(_, field)| schema.primary_key.contains(&field.name)).map(|(column, _)| column).collect();
    let mut seen = BTreeSet::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                found.add(ProblemKind::Unreadable, path, error.to_string());
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        for (field, cell) in schema.fields.iter().zip(&record) {
            if let Some((kind, detail)) = cell_problem(field, cell) {
                found.at(kind, (path, line), format!("{}: {detail}", field.name));
            }
        }
        let key: Vec<String> = keys.iter().filter_map(|column| record.get(*column)).map(str::to_owned).collect();
        if !keys.is_empty() && !seen.insert(key) {
            found.at(ProblemKind::Twice, (path, line), "another row has the same key");
        }
    }
}

fn cell_problem(field: &Field, cell: &str) -> Option<(ProblemKind, String)> {
    if cell.is_empty() {
        return field.constraints.required.then(|| (ProblemKind::Type, "it is empty".to_owned()));
    }
    let right = match field.kind.as_str() {
        "integer" => cell.parse::<i64>().is_ok_and(|number| number.to_string() == cell),
        "number" => plain_number(cell),
        "boolean" => ["true", "false"].contains(&cell),
        "date" => NaiveDate::parse_from_str(cell, "%Y-%m-%d").is_ok_and(|day| day.to_string() == cell),
        _ => true,
    };
    if !right {
        return Some((ProblemKind::Type, format!("“{cell}” is no {}", field.kind)));
    }
    let allowed = field.constraints.allowed.as_ref().is_none_or(|allowed| allowed.iter().any(|one| one == cell));
    (!allowed).then(|| (ProblemKind::Value, format!("“{cell}” is not among the allowed values")))
}

/// Digits, with a minus and a point at most.
fn plain_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, part].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

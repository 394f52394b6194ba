//! Keys that differ in case or width alone are one: each has a folded twin in a column of its own, which is unique where the key is.
//!
//! Twins are made here as they were when this was written. Where keys that are there collide, nothing is changed and they are listed: only
//! who knows what they stand for can tell which of them to keep.

use crate::ddl;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use std::collections::{BTreeMap, btree_map::Entry};
use unicode_normalization::UnicodeNormalization;

const UP: &str = r"
ALTER TABLE staff ADD COLUMN staff_number_folded {text} NOT NULL DEFAULT '';
ALTER TABLE bureau ADD COLUMN code_folded {text} NOT NULL DEFAULT '';
ALTER TABLE unit ADD COLUMN code_folded {text} NOT NULL DEFAULT '';
ALTER TABLE api_client ADD COLUMN code_folded {text} NOT NULL DEFAULT '';
ALTER TABLE target ADD COLUMN external_id_folded {text} NOT NULL DEFAULT ''
";

const UNIQUE: &str = r"
CREATE UNIQUE INDEX staff_number_folded ON staff (staff_number_folded);
CREATE UNIQUE INDEX bureau_code_folded ON bureau (code_folded);
CREATE UNIQUE INDEX unit_code_folded ON unit (code_folded);
CREATE UNIQUE INDEX api_client_code_folded ON api_client (code_folded);
CREATE UNIQUE INDEX target_external_folded ON target (client, external_id_folded)
";

const DOWN: &str = r"
DROP INDEX target_external_folded;
DROP INDEX api_client_code_folded;
DROP INDEX unit_code_folded;
DROP INDEX bureau_code_folded;
DROP INDEX staff_number_folded;
ALTER TABLE target DROP COLUMN external_id_folded;
ALTER TABLE api_client DROP COLUMN code_folded;
ALTER TABLE unit DROP COLUMN code_folded;
ALTER TABLE bureau DROP COLUMN code_folded;
ALTER TABLE staff DROP COLUMN staff_number_folded
";

/// Tables, the columns of their keys, and the one within which a key is unique where that is not the whole table.
const KEYS: [(&str, &str, Option<&str>); 5] = [
    ("staff", "staff_number", None),
    ("bureau", "code", None),
    ("unit", "code", None),
    ("api_client", "code", None),
    ("target", "external_id", Some("client")),
];

/// How many keys are read, or written, at once.
const CHUNK: usize = 5_000;
/// How many colliding keys are listed; of more their number is told.
const MOST_LISTED: usize = 50;

/// NFKC, case folded, NFKC, until nothing changes.
fn fold(key: &str) -> String {
    let mut folded = key.to_owned();
    loop {
        let again = folded.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect();
        if again == folded {
            return folded;
        }
        folded = again;
    }
}

/// The next keys of a table after the last one that was read, in their order, each with its scope.
async fn next<C: ConnectionTrait>(
    db: &C,
    (table, column, scope): (&str, &str, Option<&str>),
    last: Option<&(String, String)>,
) -> Result<Vec<(String, String)>, DbErr> {
    let scope_or = scope.unwrap_or("''");
    let after = match (last, scope) {
        (None, _) => String::new(),
        (Some(_), None) => format!("WHERE {column} > $1"),
        (Some(_), Some(scope)) => format!("WHERE ({scope}, {column}) > ($1, $2)"),
    };
    let order = scope.map_or(column.to_owned(), |scope| format!("{scope}, {column}"));
    let sql = format!("SELECT {scope_or} AS scope, {column} AS of_row FROM {table} {after} ORDER BY {order} LIMIT {CHUNK}");
    let values: Vec<Value> = match last {
        None => Vec::new(),
        Some((of, key)) => scope.map(|_| of.clone().into()).into_iter().chain([key.clone().into()]).collect(),
    };
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// The keys of a table that have the same twin, each group as it is listed.
async fn collisions<C: ConnectionTrait>(db: &C, keys: (&str, &str, Option<&str>)) -> Result<Vec<String>, DbErr> {
    let mut first: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut groups: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut last = None;
    loop {
        let read = next(db, keys, last.as_ref()).await?;
        let is_last = read.len() < CHUNK;
        last = read.last().cloned();
        for (scope, key) in read {
            match first.entry((scope, fold(&key))) {
                Entry::Vacant(place) => {
                    place.insert(key);
                }
                Entry::Occupied(place) => groups.entry(place.key().clone()).or_insert_with(|| vec![place.get().clone()]).push(key),
            }
        }
        if is_last {
            break;
        }
    }
    let (table, column, scope) = keys;
    // Debug shows what nobody would see: "\u{feff}S1".
    let listed = groups.into_iter().map(|((of, _), group)| {
        let of = scope.map(|scope| format!(" ({scope} {of:?})")).unwrap_or_default();
        let group: Vec<_> = group.iter().map(|key| format!("{key:?}")).collect();
        format!("{table}.{column}{of}: {}", group.join(", "))
    });
    Ok(listed.collect())
}

/// Stops where keys collide.
async fn check<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    let mut found = Vec::new();
    for keys in KEYS {
        found.extend(collisions(db, keys).await?);
    }
    if found.is_empty() {
        return Ok(());
    }
    let (count, more) = (found.len(), found.len().saturating_sub(MOST_LISTED));
    found.truncate(MOST_LISTED);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    Err(DbErr::Migration(format!(
        "nothing was changed: from this version on, keys that differ in case or width alone are one, and {count} that are stored so would \
         collide:\n  {}{more}\nKeep one spelling of each line and give what the others stand for a key of its own (api/README.md, \"Keys\"), \
         then migrate again.",
        found.join("\n  ")
    )))
}

/// Writes the twins of a table's keys.
async fn backfill<C: ConnectionTrait>(db: &C, keys: (&str, &str, Option<&str>)) -> Result<(), DbErr> {
    let (table, column, scope) = keys;
    let of_scope = scope.map(|scope| format!("AND {table}.{scope} = v.scope")).unwrap_or_default();
    let values = if db.get_database_backend() == DbBackend::Postgres {
        "json_to_recordset($1::json) AS v (scope text COLLATE \"C\", of_row text COLLATE \"C\", folded text COLLATE \"C\")"
    } else {
        "(SELECT value ->> 'scope' AS scope, value ->> 'of_row' AS of_row, value ->> 'folded' AS folded FROM json_each($1)) AS v"
    };
    let sql = format!("UPDATE {table} SET {column}_folded = v.folded FROM {values} WHERE {table}.{column} = v.of_row {of_scope}");
    let mut last = None;
    loop {
        let read = next(db, keys, last.as_ref()).await?;
        if !read.is_empty() {
            let twin = |(scope, key): &(String, String)| serde_json::json!({ "scope": scope, "of_row": key, "folded": fold(key) });
            let twins = serde_json::Value::from(read.iter().map(twin).collect::<Vec<_>>()).to_string();
            db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), &sql, [twins.into()])).await?;
        }
        if read.len() < CHUNK {
            return Ok(());
        }
        last = read.last().cloned();
    }
}

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        check(db).await?;
        ddl(manager, UP).await?;
        for keys in KEYS {
            backfill(db, keys).await?;
        }
        ddl(manager, UNIQUE).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, DOWN).await
    }
}

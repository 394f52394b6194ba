//! Dated records that go to another posting, in whole statements: what moves is written down first, then what the records said before, and then the
//! records, each a revision of the call that moves it.

use super::{Statement, json, listed_ids, statement};
use chrono::{DateTime, Utc};
use entity::{ids::ReceiptId, noun::Noun};
use jobs::transaction::spell;
use sea_orm::{ColumnTrait, ColumnType, ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, Iterable, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// By which call, and when, records are moved.
#[derive(Debug, Clone, Copy)]
pub struct By {
    /// The call.
    pub receipt: ReceiptId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Moves the dated records of these people to the posting that they hold on the record's date: the one in the record's own bureau where
/// there is one, else from main post to main post, else the one they rest on, whose own place may be another now. No bureau's records of a post
/// beside come to stand in another's. Returns how many moved.
pub async fn move_records<C: ConnectionTrait>(tx: &C, noun: Noun, people: &BTreeSet<Uuid>, by: By) -> Result<u64, DbErr> {
    let (backend, table) = (tx.get_database_backend(), noun.table());
    // A key of its own for each row; those that are made at once differ in what is random.
    let at: Value = format!("{:012x}", by.at.timestamp_millis()).into();
    let found = format!(
        "INSERT INTO change (id, receipt_id, noun, record_id, disposed, held, from_bureau_id, from_unit_id, from_staff_id,
            to_bureau_id, to_unit_id, to_staff_id, to_posting_id)
        SELECT {{uuid_v7}}, $2, '{table}', h.record_id, FALSE, FALSE, h.old_bureau_id, h.old_unit_id, h.staff_id,
            h.bureau_id, h.unit_id, h.staff_id, h.posting_id
        FROM (SELECT r.id AS record_id, r.staff_id, r.posting_id AS old_posting_id, r.bureau_id AS old_bureau_id, r.unit_id AS old_unit_id,
                p.id AS posting_id, p.bureau_id, p.unit_id,
                ROW_NUMBER() OVER (PARTITION BY r.id ORDER BY {covers} DESC, CASE WHEN p.bureau_id = r.bureau_id THEN 0 ELSE 1 END,
                    CASE p.kind WHEN 'PRIMARY' THEN 0 ELSE 1 END, p.valid_from DESC, p.id) AS place
            FROM {table} r JOIN posting o ON o.id = r.posting_id JOIN posting p ON p.staff_id = r.staff_id AND (p.id = o.id OR {covers} = 1)
            WHERE r.staff_id IN ({listed})) h
        WHERE h.place = 1 AND (h.posting_id <> h.old_posting_id OR h.bureau_id <> h.old_bureau_id OR h.unit_id <> h.old_unit_id)",
        covers = "CASE WHEN p.void_reason IS NULL AND p.valid_from <= r.date AND (p.valid_to IS NULL OR p.valid_to > r.date)
            AND (p.bureau_id = r.bureau_id OR (p.kind = 'PRIMARY' AND o.kind = 'PRIMARY')) THEN 1 ELSE 0 END",
        listed = listed_ids(tx, 1),
    );
    let moved = execute(tx, &found, vec![json(people)?, by.receipt.into(), at.clone()]).await?;
    if moved == 0 {
        return Ok(0);
    }
    let those = format!("c.receipt_id = $1 AND c.noun = '{table}' AND c.to_posting_id IS NOT NULL");
    let former = format!(
        "INSERT INTO record_revision (id, noun, record_id, revision, content, receipt_id, written_at, replaced_at)
        SELECT {{uuid_v7}}, '{table}', r.id, r.revision, {}, r.receipt_id, r.updated_at, $2
        FROM change c JOIN {table} r ON r.id = c.record_id WHERE {those}",
        content(backend, noun),
    );
    execute(tx, &former, vec![by.receipt.into(), by.at.into(), at]).await?;
    let update = format!(
        "UPDATE {table} SET posting_id = c.to_posting_id, bureau_id = c.to_bureau_id, unit_id = c.to_unit_id,
            revision = {table}.revision + 1, receipt_id = $1, updated_at = $2
        FROM change c WHERE c.record_id = {table}.id AND {those}"
    );
    execute(tx, &update, vec![by.receipt.into(), by.at.into()]).await?;
    Ok(moved)
}

/// A statement with the words of [`spell`].
pub fn spelled(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    statement(db, spell(db.get_database_backend(), sql), values)
}

async fn execute<C: ConnectionTrait>(tx: &C, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
    Ok(tx.execute_raw(spelled(tx, sql, values)).await?.rows_affected())
}

/// A row `r` of a dated table as JSON, as a revision of it is written.
fn content(backend: DbBackend, noun: Noun) -> String {
    macro_rules! of_register {
        ($(#[$doc:meta] $name:ident $(($id:ident))? = $table:ident: $shape:ident $(($minutes:ident))? { $($facts:tt)* })+) => {
            match noun {
                $(Noun::$name => of_register!(@ $shape $table),)+
            }
        };
        (@ dated $table:ident) => { columns::<entity::$table::Entity>(backend) };
        (@ $shape:ident $table:ident) => { Vec::new() };
    }
    let columns: Vec<(String, String)> = entity::each_noun!(of_register);
    let pairs: Vec<_> = columns.iter().map(|(name, value)| format!("'{name}', {value}")).collect();
    let object = if backend == DbBackend::Postgres { "json_build_object" } else { "json_object" };
    format!("{object}({})", pairs.join(", "))
}

/// The columns of a table, each with its value as serde writes it.
fn columns<E: EntityTrait>(backend: DbBackend) -> Vec<(String, String)> {
    let column = |column: E::Column| {
        let name = column.as_str().to_owned();
        let value = value(backend, &format!("r.{name}"), &name, column.def().get_column_type());
        (name, value)
    };
    E::Column::iter().map(column).collect()
}

fn value(backend: DbBackend, column: &str, name: &str, kind: &ColumnType) -> String {
    let postgres = backend == DbBackend::Postgres;
    match kind {
        // Months are numbers in the database alone.
        ColumnType::Integer if name == "month" || name.ends_with("_month") => {
            format!("substr(CAST({column} AS text), 1, 4) || '-' || substr(CAST({column} AS text), 5)")
        }
        ColumnType::Uuid if !postgres => {
            let hex = format!("lower(hex({column}))");
            let parts = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)].map(|(from, length)| format!("substr({hex}, {from}, {length})"));
            format!("CASE WHEN {column} IS NULL THEN NULL ELSE {} END", parts.join(" || '-' || "))
        }
        ColumnType::Boolean if !postgres => format!("CASE {column} WHEN 1 THEN json('true') WHEN 0 THEN json('false') END"),
        ColumnType::Json | ColumnType::JsonBinary if !postgres => format!("json({column})"),
        ColumnType::TimestampWithTimeZone if postgres => {
            let fraction = format!("CAST(EXTRACT(MICROSECONDS FROM {column}) AS bigint) % 1000000");
            format!(
                "to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS') || CASE WHEN {fraction} = 0 THEN ''
                    WHEN {fraction} % 1000 = 0 THEN to_char({column} AT TIME ZONE 'UTC', '.MS') ELSE to_char({column} AT TIME ZONE 'UTC', '.US') END || 'Z'"
            )
        }
        ColumnType::TimestampWithTimeZone => format!("replace({column}, '+00:00', 'Z')"),
        _ => column.to_owned(),
    }
}

//! An office that was written into PostgreSQL, on SQLite: the same rows, as the platform would have written them there.

use std::path::Path;

use anyhow::Context;
use futures_util::TryStreamExt;
use sea_orm::sqlx::{
    self, AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::platform::migrate;

/// Rows that travel as one JSON text.
const ROWS: usize = 2_000;

/// What each installation has of its own.
const OWN: [&str; 6] = ["seaql_migrations", "database_identity", "job_schedule", "job_schedule_version", "retention", "four_eyes"];

/// Makes an SQLite database with the rows of one on PostgreSQL and gives its URL.
pub async fn to_sqlite(from: &str, file: &Path) -> anyhow::Result<String> {
    let url = format!("sqlite:{}", file.display());
    migrate(&url)?;
    let mut postgres = PgConnection::connect(from).await?;
    sqlx::query("SET timezone = 'UTC'").execute(&mut postgres).await?;
    let mut sqlite = open(file).await?;
    let tables = "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
        JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
        WHERE c.table_schema = 'public' ORDER BY c.table_name, c.ordinal_position";
    let mut columns: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for row in sqlx::query(tables).fetch_all(&mut postgres).await? {
        let (table, column, kind): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        match columns.last_mut().filter(|(last, _)| *last == table) {
            Some((_, columns)) => columns.push((column, kind)),
            None => columns.push((table, vec![(column, kind)])),
        }
    }
    for (table, columns) in columns.iter().filter(|(table, _)| !OWN.contains(&table.as_str())) {
        copy(&mut postgres, &mut sqlite, table, columns).await.with_context(|| table.clone())?;
    }
    sqlx::raw_sql("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut sqlite).await?;
    sqlite.close().await?;
    Ok(url)
}

/// A connection that checks no key, as what is copied was checked where it comes from.
pub async fn open(file: &Path) -> anyhow::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(false).journal_mode(SqliteJournalMode::Wal);
    Ok(SqliteConnection::connect_with(&options.synchronous(SqliteSynchronous::Off)).await?)
}

async fn copy(postgres: &mut PgConnection, sqlite: &mut SqliteConnection, table: &str, columns: &[(String, String)]) -> anyhow::Result<()> {
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let cells = columns.iter().map(|(name, kind)| match kind.as_str() {
        "uuid" => format!("unhex(replace(value ->> '{name}', '-', ''))"),
        "json" | "jsonb" => format!("value -> '{name}'"),
        "bytea" => format!("unhex(substr(value ->> '{name}', 3))"),
        _ => format!("value ->> '{name}'"),
    });
    let cells: Vec<_> = cells.collect();
    // Rows that an installation begins with stay.
    let insert = format!("INSERT OR IGNORE INTO {table} ({}) SELECT {} FROM json_each(?)", names.join(", "), cells.join(", "));
    let select = format!("SELECT row_to_json(t)::text FROM {table} t");
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(postgres);
    let mut some = Vec::with_capacity(ROWS);
    loop {
        let row = rows.try_next().await?;
        let is_last = row.is_none();
        some.extend(row.map(|row| row.try_get::<String, _>(0)).transpose()?);
        if some.len() == ROWS || is_last {
            sqlx::query(AssertSqlSafe(insert.clone())).bind(format!("[{}]", some.join(","))).execute(&mut *sqlite).await?;
            some.clear();
        }
        if is_last {
            return Ok(());
        }
    }
}

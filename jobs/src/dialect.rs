//! The one place that knows how each engine spells a statement; every other file's SQL is the same text on both.
//!
//! Statements name their parameters `$1`, `$2` … (both engines take them) and put the words that differ in braces. Deliberately absent:
//! any table's name.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Spells a statement for the engine.
#[must_use]
pub fn spell(backend: DbBackend, sql: &str) -> String {
    let postgres = backend == DbBackend::Postgres;
    let words = [
        ("{uuid}", "uuid", "blob"),
        ("{text}", "text COLLATE \"C\"", "text"),
        ("{code}", "varchar(48) COLLATE \"C\"", "text"),
        ("{key}", "varchar(100) COLLATE \"C\"", "text"),
        ("{date}", "date", "text"),
        ("{json}", "json", "text"),
        ("{greatest}", "GREATEST", "max"),
        ("{least}", "LEAST", "min"),
        ("{for_update}", "FOR UPDATE", ""),
        ("{for_share_f}", "FOR SHARE OF f", ""),
        ("{skip_locked_j}", "FOR UPDATE OF j SKIP LOCKED", ""),
        ("{skip_locked_r_f}", "FOR UPDATE OF r, f SKIP LOCKED", ""),
        ("{tell}", "RETURNING pg_notify('torikumi_events', '')", ""),
        ("{limit_statements}", ", set_config('statement_timeout', '20000', true)", ""),
        ("{hex_id}", "replace(CAST(id AS text), '-', '')", "lower(hex(id))"),
        ("{uuid_v7}", UUID_V7_POSTGRES, UUID_V7_SQLITE),
        ("{uuid_any}", "gen_random_uuid()", "randomblob(16)"),
        ("{ids_1}", "(SELECT CAST(value AS uuid) FROM json_array_elements_text(CAST($1 AS json)))", IDS_SQLITE),
        // As an array they are looked up in an index that begins with the month, as one month would be.
        (
            "{in_months_1}",
            "= ANY (ARRAY(SELECT CAST(value AS integer) FROM json_array_elements_text(CAST($1 AS json))))",
            "IN (SELECT value FROM json_each($1))",
        ),
        (
            "{in_months_2}",
            "= ANY (ARRAY(SELECT CAST(value AS integer) FROM json_array_elements_text(CAST($2 AS json))))",
            "IN (SELECT value FROM json_each($2))",
        ),
        ("{texts_4}", "(SELECT value FROM json_array_elements_text(CAST($4 AS json)))", "(SELECT value FROM json_each($4))"),
    ];
    words.into_iter().fold(sql.to_owned(), |sql, (word, on_postgres, on_sqlite)| {
        if sql.contains(word) { sql.replace(word, if postgres { on_postgres } else { on_sqlite }) } else { sql }
    })
}

/// The most parameters that a statement of ours binds: the one place that says so. What writes many rows cuts them by it
/// (`transaction::chunk_rows`), and lists travel as one JSON text; [`crate::database`] watches every statement.
///
/// PostgreSQL's protocol counts them in two bytes. SQLite would take 32,766, but looks each one that has a name, as `$1` has, up among all
/// of the statement, when it reads it and when it binds it: 32,000 take it seconds, and 2,000 milliseconds.
#[must_use]
pub const fn most_binds(backend: DbBackend) -> usize {
    match backend {
        DbBackend::Postgres => 65_535,
        _ => 2_000,
    }
}

/// The parameters of `rows` rows of `columns` columns, as they stand behind VALUES, in order and from the first on. SQLite's have no name that
/// would have to be looked up.
#[must_use]
pub fn places(backend: DbBackend, rows: usize, columns: usize) -> String {
    let place = |number: usize| if backend == DbBackend::Postgres { format!("${}", number + 1) } else { "?".to_owned() };
    let row = |row: usize| format!("({})", (row * columns..(row + 1) * columns).map(place).collect::<Vec<_>>().join(", "));
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// A JSON array of ids, as rows.
const IDS_SQLITE: &str = "(SELECT unhex(replace(value, '-', '')) FROM json_each($1))";

/// A UUID version 7 for each row. Its time is `$3`, milliseconds since 1970 as twelve hexadecimal digits; the rest is random.
const UUID_V7_POSTGRES: &str = "CAST(CAST($3 AS text) || '7' || substr(md5(random()::text), 1, 3)
    || substr('89ab', 1 + floor(random() * 4)::integer, 1) || substr(replace(gen_random_uuid()::text, '-', ''), 18) AS uuid)";
const UUID_V7_SQLITE: &str = "unhex($3 || '7' || substr(hex(randomblob(2)), 2)
    || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(8)), 2))";

/// Runs a statement and tells how many rows it wrote.
///
/// # Errors
/// The engine's.
pub async fn execute<C: ConnectionTrait>(tx: &C, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
    Ok(tx.execute_raw(statement(tx.get_database_backend(), sql, values)).await?.rows_affected())
}

/// Where those who wait for runs listen.
pub const CHANNEL: &str = "torikumi_runs";

/// Where those who watch runs listen besides: what happens to a run that goes on (the word `{tell}`) concerns no worker.
pub const EVENTS: &str = "torikumi_events";

/// Where those who follow records listen.
pub const CHANGES: &str = "torikumi_changes";

/// The advisory lock under which receipts are numbered.
const NUMBERING: i64 = 0x6368_616e_6765_7321;

/// Makes transactions that number what they wrote wait for each other until they have committed. SQLite has one writer, which needs no lock.
///
/// # Errors
/// The engine's.
pub async fn lock_numbering<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        // Apart from what is read under it: a statement sees what was committed when it began.
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({NUMBERING})")).await?;
    }
    Ok(())
}

/// Tells those who follow records, in every process, when the transaction commits. SQLite's look by themselves.
///
/// # Errors
/// The engine's.
pub async fn notify_changes<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("NOTIFY {CHANGES}")).await?;
    }
    Ok(())
}

/// Wakes those who wait for runs in other processes, when the transaction commits. SQLite has one process that runs jobs, which wakes itself.
///
/// # Errors
/// The engine's.
pub async fn notify<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("NOTIFY {CHANNEL}")).await?;
    }
    Ok(())
}

/// Reads the one row of an aggregate.
///
/// # Errors
/// The engine's.
pub async fn one_row<C: ConnectionTrait>(tx: &C, sql: &str, values: Vec<Value>) -> Result<QueryResult, DbErr> {
    let row = tx.query_one_raw(statement(tx.get_database_backend(), sql, values)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("the row of an aggregate".into()))
}

/// Reads the few rows of a list that does not grow with people or records.
///
/// # Errors
/// The engine's.
pub async fn few_rows<C: ConnectionTrait>(tx: &C, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr> {
    tx.query_all_raw(statement(tx.get_database_backend(), sql, values)).await
}

/// A statement as the engine spells it.
#[must_use]
pub fn statement(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(backend, spell(backend, sql), values)
}

/// Makes a TEMP table anew, without rows. Of texts in it, a code of ours is `{code}` and a bureau's `{key}`: where no row can be long, PostgreSQL makes
/// no second table beside it for long values.
///
/// A table on PostgreSQL is files, which take it longer to make than what few people's rows take it otherwise: one that is there already, of the
/// same columns and small, is emptied.
///
/// # Errors
/// The engine's.
pub async fn fresh_table<C: ConnectionTrait>(tx: &C, name: &str, columns: &str) -> Result<(), DbErr> {
    let what = format!("({columns})");
    if tx.get_database_backend() != DbBackend::Postgres {
        return made_anew(tx, name, &what).await;
    }
    let (drop, create) = anew(DbBackend::Postgres, name, &what);
    let mut hasher = DefaultHasher::new();
    create.hash(&mut hasher);
    let made = hasher.finish();
    let sql = format!(
        "DO $made$ BEGIN
            IF pg_relation_size(to_regclass('pg_temp.{name}')) <= {SMALL} AND obj_description(to_regclass('pg_temp.{name}'), 'pg_class') = '{made:x}'
            THEN DELETE FROM pg_temp.{name};
            ELSE {drop}; {create}; COMMENT ON TABLE pg_temp.{name} IS '{made:x}'; END IF;
        END $made$"
    );
    tx.execute_unprepared(&sql).await?;
    Ok(())
}

/// Makes a TEMP table of what the program itself knows, unless a run before this one made it in the session, and tells whether it was made.
/// Nobody writes to it afterwards.
///
/// # Errors
/// The engine's.
pub async fn constant_table<C: ConnectionTrait>(tx: &C, name: &str, columns: &str, fill: &str) -> Result<bool, DbErr> {
    let is_postgres = tx.get_database_backend() == DbBackend::Postgres;
    let mut hasher = DefaultHasher::new();
    (columns, fill).hash(&mut hasher);
    let made = format!("{:x}", hasher.finish());
    if is_postgres {
        let sql = format!("SELECT obj_description(to_regclass('pg_temp.{name}'), 'pg_class')");
        let stands: Option<String> = one_row(tx, &sql, vec![]).await?.try_get_by_index(0)?;
        if stands.as_deref() == Some(&made) {
            return Ok(false);
        }
    }
    made_anew(tx, name, &format!("({columns})")).await?;
    execute(tx, fill, vec![]).await?;
    if is_postgres {
        tx.execute_unprepared(&format!("COMMENT ON TABLE pg_temp.{name} IS '{made}'")).await?;
    }
    Ok(true)
}

/// A TEMP table of up to so many bytes is emptied row by row, which leaves no more than these behind.
const SMALL: u32 = 262_144;

/// Both statements go to the engine at once: a run makes hundreds of such tables.
async fn made_anew<C: ConnectionTrait>(tx: &C, name: &str, what: &str) -> Result<(), DbErr> {
    let (drop, create) = anew(tx.get_database_backend(), name, what);
    tx.execute_unprepared(&format!("{drop}; {create}")).await?;
    Ok(())
}

fn anew(backend: DbBackend, name: &str, what: &str) -> (String, String) {
    let drop = format!("DROP TABLE IF EXISTS {}{name}", temp_schema(backend));
    let create = spell(backend, &format!("CREATE TEMP TABLE {name} {what}"));
    #[cfg(test)]
    for sql in [&drop, &create] {
        crate::database::seen::note(|| sql.clone());
    }
    (drop, create)
}

/// Runs a statement without parameters that makes or drops something.
///
/// # Errors
/// The engine's.
pub async fn unprepared<C: ConnectionTrait>(tx: &C, sql: &str) -> Result<(), DbErr> {
    let sql = spell(tx.get_database_backend(), sql);
    #[cfg(test)]
    crate::database::seen::note(|| sql.clone());
    tx.execute_unprepared(&sql).await?;
    Ok(())
}

/// Lets this transaction's commit return before it is on disk, in its order with all others; a later durable commit brings it there.
/// SQLite has no such thing.
///
/// # Errors
/// The engine's.
pub async fn flush_later<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL synchronous_commit = off").await?;
    }
    Ok(())
}

/// Lets this transaction find few rows among many by their index. By default PostgreSQL reckons with a disk that turns, and reads all of a
/// month's records rather than those of a few people. SQLite is told so where the statement is written, by a CROSS JOIN.
///
/// # Errors
/// The engine's.
pub async fn look_up<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL random_page_cost = 1.1").await?;
    }
    Ok(())
}

/// Lets this transaction read many rows again as if they stood on a disk that turns ([`look_up`]).
///
/// # Errors
/// The engine's.
pub async fn look_up_no_more<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL random_page_cost TO DEFAULT").await?;
    }
    Ok(())
}

/// Lets the planner know that tables of ours hold a month that it has not heard of: PostgreSQL looks a table over when a tenth of it has changed, which a
/// new month is not for years, and takes the month for a row or two until then. A small sample is enough for that, and takes little of a run.
///
/// # Errors
/// The engine's.
pub async fn sample<C: ConnectionTrait>(tx: &C, tables: &str) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let sample = format!("SET LOCAL default_statistics_target = 10; ANALYZE {tables}; SET LOCAL default_statistics_target TO DEFAULT");
        tx.execute_unprepared(&sample).await?;
    }
    Ok(())
}

/// Makes a TEMP table anew from a query. Where the query reads no TEMP table, PostgreSQL may run it on several processors, which it never does
/// for an INSERT; such a statement takes no parameters.
///
/// # Errors
/// The engine's.
pub async fn fresh_table_as<C: ConnectionTrait>(tx: &C, name: &str, query: &str) -> Result<(), DbErr> {
    made_anew(tx, name, &format!("AS {query}")).await
}

/// TEMP tables are named with their schema where they are dropped, so that a slip can never drop one of ours.
fn temp_schema(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { "pg_temp." } else { "temp." }
}

/// Tells the planner how large a TEMP table has become. PostgreSQL guesses badly without it; SQLite's guesses do.
///
/// # Errors
/// The engine's.
pub async fn analyze<C: ConnectionTrait>(tx: &C, table: &str) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("ANALYZE {table}")).await?;
    }
    Ok(())
}

/// The civil date in Japan (UTC+9, no summer time) of an instant's column.
#[must_use]
pub fn civil_date(backend: DbBackend, instant: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST({instant} AT TIME ZONE INTERVAL '9 hours' AS date)"),
        _ => format!("date({instant}, '+9 hours')"),
    }
}

/// The seconds from one instant's column to another's, negative where that comes before it.
#[must_use]
pub fn seconds_between(backend: DbBackend, from: &str, to: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST(EXTRACT(EPOCH FROM {to} - {from}) AS integer)"),
        _ => format!("(CAST(strftime('%s', {to}) AS integer) - CAST(strftime('%s', {from}) AS integer))"),
    }
}

/// The tables of a database that are none of the engine's own.
///
/// # Errors
/// The engine's.
pub async fn tables<C: ConnectionTrait>(db: &C) -> Result<i64, DbErr> {
    let count = match db.get_database_backend() {
        DbBackend::Postgres => {
            r"SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'"
        }
        _ => r"SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'",
    };
    one_row(db, count, vec![]).await?.try_get_by_index(0)
}

/// The major version of PostgreSQL's server; `None` on SQLite, which has none.
///
/// # Errors
/// The engine's.
pub async fn server<C: ConnectionTrait>(db: &C) -> Result<Option<u32>, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let version: String = one_row(db, "SELECT current_setting('server_version_num')", vec![]).await?.try_get_by_index(0)?;
    Ok(version.parse::<u32>().ok().map(|number| number / 10_000))
}

/// Whether SQLite finds its file whole. A server looks after its own.
///
/// # Errors
/// The engine's.
pub async fn is_sound<C: ConnectionTrait>(db: &C) -> Result<bool, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        return Ok(true);
    }
    let said: String = one_row(db, "PRAGMA integrity_check(1)", vec![]).await?.try_get_by_index(0)?;
    Ok(said == "ok")
}

/// The rows of a JSON array of arrays that is one parameter, `$1`: uuids, integers and dates. However many rows, the statement is the same, so that
/// it is prepared once.
#[must_use]
pub fn json_rows(backend: DbBackend, kinds: &[JsonKind]) -> String {
    let column = |(index, kind): (usize, &JsonKind)| match (backend, kind) {
        (DbBackend::Postgres, JsonKind::Uuid) => format!("CAST(row ->> {index} AS uuid)"),
        (DbBackend::Postgres, JsonKind::Integer) => format!("CAST(row ->> {index} AS bigint)"),
        (DbBackend::Postgres, JsonKind::Date) => format!("CAST(row ->> {index} AS date)"),
        (_, JsonKind::Uuid) => format!("unhex(replace(json_extract(value, '$[{index}]'), '-', ''))"),
        (_, JsonKind::Integer | JsonKind::Date) => format!("json_extract(value, '$[{index}]')"),
    };
    let columns: Vec<String> = kinds.iter().enumerate().map(column).collect();
    let from = if backend == DbBackend::Postgres { "json_array_elements(CAST($1 AS json)) AS rows (row)" } else { "json_each($1)" };
    format!("SELECT {} FROM {from}", columns.join(", "))
}

/// What stands in a column of [`json_rows`].
#[derive(Debug, Clone, Copy)]
pub enum JsonKind {
    /// A uuid, as text.
    Uuid,
    /// An integer of 64 bits.
    Integer,
    /// A civil date, as text.
    Date,
}

/// Sums of integers, as an integer on both engines (PostgreSQL's sum of bigints is numeric).
#[must_use]
pub fn sum(expression: &str) -> String {
    format!("CAST(COALESCE(SUM({expression}), 0) AS BIGINT)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_where_the_engine_finds_numbers_at_once() {
        assert_eq!(places(DbBackend::Postgres, 2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(places(DbBackend::Sqlite, 2, 3), "(?, ?, ?), (?, ?, ?)");
    }
}

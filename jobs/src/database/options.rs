//! How the pools are set up: what a statement may take, what a job's own connection gets besides, and which connections come back to a pool.

use super::IDLE_TIMEOUT;
use sea_orm::{
    ConnectOptions,
    sqlx::{Connection, Sqlite, SqliteConnection, pool::PoolOptions},
};
use std::time::{Duration, Instant};

/// A pooled connection that has been idle for longer is tried before it is used again; one in use was just proven good, and asking it costs
/// each statement a round trip.
const TRUSTED: Duration = Duration::from_secs(1);
/// A statement that writes, or does the bookkeeping of jobs, is cancelled on PostgreSQL after so long, so that none holds its locks for ever.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// A statement that reads for a request is stopped on both engines after so long.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// A probe is answered at once, or tells that something is wrong.
pub(super) const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// A statement of a job covers whole months.
const JOB_TIMEOUT: Duration = Duration::from_mins(10);
/// SQLite looks at its clock after so many steps of its machine, which are a fraction of a millisecond.
const STEPS: i32 = 10_000;

/// PostgreSQL's pool for statements that take at most `timeout`.
pub(super) fn postgres(url: &str, connections: u32, timeout: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
    options.test_before_acquire_if_idle_for(TRUSTED);
    options.map_sqlx_postgres_opts(move |options| options.options(limits(timeout, IDLE_TIMEOUT)));
    // A transaction that did not end in the order of its begin is none that the next one should find.
    options.map_sqlx_postgres_pool_opts(|pool| pool.after_release(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) })));
    options
}

/// PostgreSQL's one connection for a running job.
pub(super) fn postgres_session(url: &str, idle: Duration) -> ConnectOptions {
    let mut options = postgres(url, 1, JOB_TIMEOUT);
    // A job's statements cover whole months, and it sorts and keeps its TEMP tables in memory of its own.
    options.map_sqlx_postgres_opts(move |options| {
        options.options(limits(JOB_TIMEOUT, idle)).options([
            ("work_mem", "64MB"),
            ("temp_buffers", "64MB"),
            ("default_statistics_target", "10"),
            ("enable_memoize", "off"),
        ])
    });
    // TEMP tables live on the connection: keep the one.
    options.min_connections(1).idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    options
}

/// Compiling a statement costs more than it saves on statements that run once, and on lists seconds where a scope is guessed to be dear.
fn limits(statement: Duration, idle: Duration) -> [(&'static str, String); 4] {
    [
        ("statement_timeout", statement.as_millis().to_string()),
        ("idle_in_transaction_session_timeout", idle.as_millis().to_string()),
        ("timezone", "UTC".to_owned()),
        ("jit", "off".to_owned()),
    ]
}

/// SQLite's writer, or a job's one connection.
pub(super) fn sqlite_writer(url: &str) -> ConnectOptions {
    let mut options = sqlite(url, 1, false);
    // What the engine took back by itself, as it does where the disk is full, sqlx counts as open for ever.
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_release(|connection, _| {
            Box::pin(async {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
    });
    options
}

/// SQLite's pool for statements that read and take at most `timeout`.
pub(super) fn sqlite_readers(url: &str, connections: u32, timeout: Option<Duration>) -> ConnectOptions {
    let mut options = sqlite(url, connections, true);
    if let Some(timeout) = timeout {
        options.map_sqlx_sqlite_pool_opts(move |pool| stopping(pool, timeout));
    }
    options
}

/// Stops a statement that has taken longer than `timeout`: a connection reads one statement each time it is taken from the pool.
fn stopping(pool: PoolOptions<Sqlite>, timeout: Duration) -> PoolOptions<Sqlite> {
    pool.after_connect(move |connection, _| Box::pin(set_watch(connection, timeout))).after_release(move |connection, _| {
        Box::pin(async move {
            set_watch(connection, timeout).await?;
            Ok(true)
        })
    })
}

/// The time begins with the first steps that are counted.
async fn set_watch(connection: &mut SqliteConnection, timeout: Duration) -> Result<(), sea_orm::sqlx::Error> {
    let mut began = None;
    connection.lock_handle().await?.set_progress_handler(STEPS, move || began.get_or_insert_with(Instant::now).elapsed() < timeout);
    Ok(())
}

fn sqlite(url: &str, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .acquire_timeout(Duration::from_secs(30))
        // A file does not hang up.
        .test_before_acquire(false)
        .sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |options| {
        let options = options
            .create_if_missing(!read_only)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("synchronous", "FULL")
            // What is erased is overwritten, and not only forgotten.
            .pragma("secure_delete", "on")
            .pragma("cache_size", "-32768");
        if read_only { options.pragma("query_only", "on") } else { options.pragma("journal_mode", "WAL") }
    });
    options
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::Cause;
    use super::*;
    use crate::tests::office::offices;
    use sea_orm::{ConnectionTrait, Database, DbBackend};

    #[tokio::test]
    async fn a_statement_that_reads_too_long_is_stopped_and_its_connection_reads_on() {
        const SHORT: Duration = Duration::from_millis(300);
        for office in offices().await {
            let (options, endless) = if office.db.backend() == DbBackend::Postgres {
                (postgres(office.url(), 1, SHORT), "SELECT pg_sleep(60)")
            } else {
                let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";
                (sqlite_readers(office.url(), 1, Some(SHORT)), endless)
            };
            let pool = Database::connect(options).await.unwrap();
            for _ in 0..2 {
                let error = pool.query_one_raw(sea_orm::Statement::from_string(pool.get_database_backend(), endless)).await.unwrap_err();
                assert_eq!(Cause::of(&error), Cause::TooLong, "{error:?}");
                // One that was dropped halfway is stopped as well.
                let _ = tokio::time::timeout(SHORT / 3, pool.execute_unprepared(endless)).await;
                let began = Instant::now();
                pool.execute_unprepared("SELECT 1").await.unwrap();
                assert!(began.elapsed() < Duration::from_secs(20));
            }
            // Each statement has its own time.
            for _ in 0..40 {
                pool.execute_unprepared("SELECT COUNT(*) FROM job_schedule a, job_schedule b, job_schedule c").await.unwrap();
            }
        }
    }
}

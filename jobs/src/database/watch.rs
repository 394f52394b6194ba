//! What every statement is held to, whoever makes it: in builds with debug assertions, which all tests are, one that binds more than the engine
//! affords ends the test that made it. Tests may also have the statements of their thread written down.

use crate::dialect::most_binds;
use sea_orm::{DatabaseConnection, Statement};

/// Lets each statement of a connection be looked at.
pub(super) fn watch(mut connection: DatabaseConnection) -> DatabaseConnection {
    if cfg!(debug_assertions) {
        connection.set_metric_callback(|info| look(info.statement));
    }
    connection
}

fn look(statement: &Statement) {
    let binds = statement.values.as_ref().map_or(0, |values| values.0.len());
    let most = most_binds(statement.db_backend);
    debug_assert!(binds <= most, "{binds} parameters, where {most} are afforded: {:.200}", statement.sql);
    #[cfg(test)]
    seen::note(|| statement.to_string());
}

/// The statements of a thread, values written in: a test runs on one thread, with all that it asks for.
#[cfg(test)]
pub(crate) mod seen {
    use std::cell::RefCell;

    thread_local! {
        static SEEN: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
    }

    /// Writes statements down from now on.
    pub(crate) fn begin() {
        SEEN.set(Some(Vec::new()));
    }

    /// The statements since then, in order; none is written down any more.
    pub(crate) fn end() -> Vec<String> {
        SEEN.take().unwrap_or_default()
    }

    /// Writes a statement down, where somebody asked for it.
    pub(crate) fn note(statement: impl FnOnce() -> String) {
        SEEN.with_borrow_mut(|seen| {
            if let Some(seen) = seen {
                seen.push(statement());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

    use super::*;
    use crate::tests::office::offices;
    use futures_util::FutureExt;
    use sea_orm::ConnectionTrait;
    use std::panic::AssertUnwindSafe;

    #[tokio::test]
    async fn a_statement_that_binds_too_much_is_caught_on_every_connection() {
        for office in offices().await {
            let backend = office.db.backend();
            let of = |binds: usize| {
                let places: Vec<_> = (1..=binds)
                    .map(|place| if backend == sea_orm::DbBackend::Postgres { format!("${place}") } else { "?".into() })
                    .collect();
                let sql = format!("SELECT 1 WHERE 1 IN ({})", places.join(", "));
                Statement::from_sql_and_values(backend, sql, vec![sea_orm::Value::from(1); binds])
            };
            let most = most_binds(backend);
            let tx = office.db.begin().await.unwrap();
            assert!(tx.query_one_raw(of(most)).await.unwrap().is_some());
            assert!(office.db.reader().query_one_raw(of(most)).await.unwrap().is_some());
            // More than PostgreSQL's protocol takes is an error there before it is looked at.
            let read = AssertUnwindSafe(office.db.reader().query_one_raw(of(most + 1))).catch_unwind().await;
            assert!(read.is_err(), "by a reader");
            let written = AssertUnwindSafe(tx.query_one_raw(of(most + 1))).catch_unwind().await;
            assert!(written.is_err(), "in a transaction");
            drop(tx);
            let session = office.db.session(std::time::Duration::from_secs(5)).await.unwrap();
            let snapshot = session.snapshot().await.unwrap();
            assert!(AssertUnwindSafe(snapshot.query_one_raw(of(most + 1))).catch_unwind().await.is_err(), "in a job's session");
        }
    }
}

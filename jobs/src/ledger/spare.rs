//! A session that a run which ended well leaves to the next one: its statements are planned and its TEMP tables are made, which is a fifth of
//! what a late correction costs.
//!
//! There is one at most, for a while, and on PostgreSQL alone, where a session is dear. Whoever takes it finds TEMP tables of the run before and
//! makes each anew, as between two months of one run (`dialect::fresh_table`). Deliberately absent: sessions of runs that failed or were broken
//! off, which may be in the middle of something.

use super::Ledger;
use crate::database::{DatabaseError, Session};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// So long a session waits for the next run; then it is closed, and with it go the copies of records in its TEMP tables.
const WAITS: Duration = Duration::from_mins(10);

/// The place where a session waits, with what tells it from the one before.
#[derive(Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Option<(Uuid, Session)>>>);

impl Spare {
    fn take(&self) -> Option<Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().map(|(_, session)| session)
    }

    fn take_if(&self, wanted: Uuid) -> Option<Session> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        place.take_if(|(id, _)| *id == wanted).map(|(_, session)| session)
    }

    /// Puts a session there, and gives it back where another one waits already.
    fn put(&self, id: Uuid, session: Session) -> Option<Session> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if place.is_some() {
            return Some(session);
        }
        *place = Some((id, session));
        None
    }
}

impl Ledger {
    /// The connection of an attempt: the one that waits, where it still answers, or one of its own.
    pub(super) async fn session_for_attempt(&self) -> Result<Session, DatabaseError> {
        match self.spare.take() {
            Some(session) if session.answers().await => Ok(session),
            _ => self.open_session().await,
        }
    }

    /// Lets a session wait for the next run, or ends it. The caller does not wait for either.
    pub(super) fn leave_to_next(&self, session: Session) {
        let id = Uuid::now_v7();
        let spare = self.spare.clone();
        let left = if session.is_dear() { spare.put(id, session) } else { Some(session) };
        tokio::spawn(async move {
            let over = if left.is_some() {
                left
            } else {
                tokio::time::sleep(WAITS).await;
                spare.take_if(id)
            };
            if let Some(session) = over
                && let Err(error) = session.close().await
            {
                tracing::debug!(error = &error as &dyn std::error::Error, "a job's session did not close");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use crate::{
        job::{JobError, Output},
        ledger::{Fence, Hearing, LedgerError},
        tests::office::{Office, offices},
    };
    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    use std::sync::Arc;
    use tokio_util::sync::CancellationToken;

    async fn claimed(office: &Office) -> Fence {
        let hearing = Hearing { report: Arc::new(|_| ()), stop: CancellationToken::new() };
        let id = office.enqueue(None).await;
        office.ledger.claim(Some(id), &hearing).await.unwrap().unwrap()
    }

    async fn backend(fence: &Fence) -> i32 {
        let tx = fence.snapshot().await.unwrap();
        let row = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, "SELECT pg_backend_pid()")).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        row.try_get_by_index(0).unwrap()
    }

    fn output() -> Output {
        Output::new(&serde_json::json!({}), String::new())
    }

    #[tokio::test]
    async fn a_run_that_ends_well_leaves_its_session_to_the_next_one() {
        for office in offices().await.into_iter().filter(|office| office.db.reader().get_database_backend() == DbBackend::Postgres) {
            let first = claimed(&office).await;
            let one = backend(&first).await;
            first.settle(Ok(output())).await.unwrap();
            let second = claimed(&office).await;
            assert_eq!(backend(&second).await, one);
            // What failed may be in the middle of something.
            second.settle(Err(JobError::Fail(LedgerError::Deadline))).await.unwrap();
            let third = claimed(&office).await;
            let another = backend(&third).await;
            assert_ne!(another, one);
            third.settle(Ok(output())).await.unwrap();
            // One that the server has ended is not taken, and the run does not notice.
            let end = format!("SELECT pg_terminate_backend({another})");
            office.db.reader().execute_unprepared(&end).await.unwrap();
            let fourth = claimed(&office).await;
            assert_ne!(backend(&fourth).await, another);
            fourth.settle(Ok(output())).await.unwrap();
        }
    }

    #[tokio::test]
    async fn on_sqlite_each_run_has_its_own() {
        for office in offices().await.into_iter().filter(|office| office.db.reader().get_database_backend() != DbBackend::Postgres) {
            let run = claimed(&office).await;
            run.snapshot().await.unwrap().commit().await.unwrap();
            run.settle(Ok(output())).await.unwrap();
            assert!(office.ledger.spare.take().is_none());
        }
    }
}

//! The lease of a running attempt, renewed beside its body on a connection of its own.
//!
//! Once a second it looks whether there is something to say: progress that changed, or a third of the lease gone. Where the lease cannot be
//! renewed, the attempt stops well before the lease ends; where it has ended (a process that slept), it is lost, whatever the row says.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use super::{Fence, Ledger, LedgerError, event};
use crate::{
    database::{DatabaseError, Session},
    dialect,
};
use entity::{ids::JobRunId, job_run_event::RunEvent};
use sea_orm::ConnectionTrait;
use serde_json::Value as Json;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument;

/// How often progress is told at most.
const LOOK: Duration = Duration::from_secs(1);

const BEAT: &str = "UPDATE job_run SET lease_until = $3, progress = COALESCE(CAST($4 AS {json}), progress)
    WHERE id = $1 AND epoch = $2 AND state IN ('RUNNING', 'CANCELLING') AND lease_until > $5
    RETURNING CAST(CASE WHEN cancel_requested_at IS NULL THEN 0 ELSE 1 END AS bigint)";

/// What an attempt and its lease tell each other.
#[derive(Default)]
pub(crate) struct Signals {
    /// The run is no longer this attempt's.
    pub lost: CancellationToken,
    /// Somebody asked the run to stop.
    pub cancelled: CancellationToken,
    progress: Mutex<Option<Json>>,
}

impl Signals {
    /// Notes how far the run is, to be told with the next beat.
    pub(super) fn progressed(&self, progress: Json) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    /// What is to be told.
    pub(super) fn take_progress(&self) -> Option<Json> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Renews one attempt's lease.
struct Keeper {
    ledger: Ledger,
    run: JobRunId,
    epoch: i64,
    signals: Arc<Signals>,
    session: Option<Session>,
}

impl Fence {
    /// Renews the lease beside the body, until the guard is dropped.
    pub(crate) fn keep_lease(&self) -> DropGuard {
        let over = CancellationToken::new();
        let (ledger, signals) = (self.ledger.clone(), self.signals.clone());
        let mut keeper = Keeper { ledger, run: self.run.id, epoch: self.run.epoch, signals, session: None };
        let stop = over.clone();
        let keep = async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = keeper.keep() => {}
            }
            if let Some(session) = keeper.session.take() {
                let _ = session.close().await;
            }
        };
        tokio::spawn(keep.in_current_span());
        over.drop_guard()
    }

    /// One beat at once, as the keeper makes it; whether the lease was renewed.
    #[cfg(test)]
    pub(crate) async fn beat(&self) -> Result<bool, LedgerError> {
        let (ledger, signals) = (self.ledger.clone(), self.signals.clone());
        Keeper { ledger, run: self.run.id, epoch: self.run.epoch, signals, session: None }.beat().await
    }
}

impl Keeper {
    async fn keep(&mut self) {
        let renew = self.ledger.third_of_lease();
        // A quarter of the lease before it ends.
        let give_up = renew * 9 / 4;
        let mut renewed = Instant::now();
        loop {
            tokio::time::sleep(LOOK).await;
            let has_progress = self.signals.progress.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            if !has_progress && renewed.elapsed() < renew {
                continue;
            }
            let began = Instant::now();
            match tokio::time::timeout_at(renewed + give_up, self.beat()).await {
                Ok(Ok(true)) => renewed = began,
                Ok(Ok(false)) => return self.signals.lost.cancel(),
                Ok(Err(error)) => {
                    tracing::warn!(run = %self.run, error = &error as &dyn std::error::Error, "the lease could not be renewed");
                    self.session = None;
                }
                // What was broken off in the middle is not gone on from.
                Err(_) => self.session = None,
            }
            if renewed.elapsed() >= give_up {
                tracing::error!(run = %self.run, "the lease is about to end; the attempt stops");
                return self.signals.lost.cancel();
            }
        }
    }

    /// Renews the lease and tells the progress; `false` where the run is no longer ours or the lease has ended.
    async fn beat(&mut self) -> Result<bool, LedgerError> {
        self.ledger.measure_clock().await?;
        let session = match self.session.take() {
            Some(session) => session,
            None => self.ledger.open_session().await?,
        };
        let session = self.session.insert(session);
        let progress = self.signals.take_progress();
        let now = self.ledger.clock.now();
        let tx = session.begin().await?;
        let values = vec![self.run.into(), self.epoch.into(), (now + self.ledger.lease).into(), progress.clone().into(), now.into()];
        let beat = dialect::statement(tx.get_database_backend(), BEAT, values);
        let Some(row) = tx.query_one_raw(beat).await? else {
            tx.rollback().await?;
            return Ok(false);
        };
        if let Some(progress) = progress {
            event::add(&*tx, self.run, now, RunEvent::Progress, progress).await?;
        }
        tx.commit().await?;
        self.ledger.tell();
        if row.try_get_by_index::<i64>(0)? == 1 {
            self.signals.cancelled.cancel();
        }
        Ok(true)
    }
}

impl Ledger {
    /// A connection of its own, for an attempt or its lease. It may idle in a transaction for a third of the lease, so that a worker that was
    /// paused inside one has left it when its lease ends.
    pub(super) async fn open_session(&self) -> Result<Session, DatabaseError> {
        self.db.session(self.third_of_lease()).await
    }

    /// After so long the lease is renewed.
    fn third_of_lease(&self) -> Duration {
        self.lease.to_std().unwrap_or_default() / 3
    }
}

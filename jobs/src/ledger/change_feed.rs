//! How far receipts are numbered, for those who follow records: one look for the whole process, however many they are, as of runs
//! ([`super::run_feed`]). It tells a number and nothing else; what of it a follower may see, the API's store knows.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use super::{Ledger, LedgerError};
use crate::dialect;
use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What is numbered within this long is seen in one look.
const TOGETHER: Duration = Duration::from_millis(200);
/// The safety behind PostgreSQL's notifications.
const POLL: Duration = Duration::from_secs(30);
/// On SQLite another process may write, and has no way to tell us.
const POLL_SQLITE: Duration = Duration::from_secs(2);

/// Shared by the clones of a ledger: the task's end of the channel, while there is a task.
pub(super) type Following = Arc<Mutex<Weak<watch::Sender<i64>>>>;

/// Shows the last number; 0 before the first look.
pub type Follower = watch::Receiver<i64>;

impl Ledger {
    /// Begins to follow: each number is seen soon after its commit.
    #[must_use]
    pub fn follow_changes(&self) -> Follower {
        let mut following = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = following.upgrade() {
            return sender.subscribe();
        }
        let (sender, follower) = watch::channel(0);
        let sender = Arc::new(sender);
        *following = Arc::downgrade(&sender);
        let ledger = self.clone();
        tokio::spawn(async move { ledger.look_for_changes(sender).await });
        follower
    }

    /// Wakes those of this process who follow records.
    pub fn tell_of_changes(&self) {
        self.numbered.notify_one();
    }

    /// Looks until nobody follows any more.
    async fn look_for_changes(self, sender: Arc<watch::Sender<i64>>) {
        let over = CancellationToken::new();
        let _over = over.clone().drop_guard();
        tokio::spawn({
            let ledger = self.clone();
            async move { ledger.hear(&[dialect::CHANGES], Self::tell_of_changes, over).await }
        });
        let poll = if self.is_alone() { POLL_SQLITE } else { POLL };
        loop {
            {
                let mut following = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
                if sender.receiver_count() == 0 {
                    *following = Weak::new();
                    return;
                }
            }
            match self.last_number().await {
                Ok(last) => {
                    sender.send_if_modified(|shown| std::mem::replace(shown, last) != last);
                }
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot look at the receipts"),
            }
            tokio::time::sleep(TOGETHER).await;
            tokio::select! {
                () = self.numbered.notified() => {}
                () = sender.closed() => {}
                () = tokio::time::sleep(poll) => {}
            }
        }
    }

    async fn last_number(&self) -> Result<i64, LedgerError> {
        let last = "SELECT COALESCE(MAX(sequence), 0) FROM receipt";
        Ok(dialect::one_row(self.db.reader(), last, vec![]).await?.try_get_by_index(0)?)
    }
}

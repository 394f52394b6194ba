//! That something changed, for subscriptions: a message says from where to ask, and nothing of what it is.
//!
//! A number that grows comes from the process's one look ([`jobs::ledger::change_feed`]); whether the caller sees anything of it is read here, so that
//! a message tells nobody of what others write.

use super::Cursor;
use crate::error::Error;
use crate::store::Store;
use entity::recorded::RecordedNoun;
use futures_util::{Stream, stream};
use jobs::ledger::change_feed::Follower;
use std::time::Duration;

/// How long a follower waits before it looks whether the day has turned.
const TURN: Duration = Duration::from_mins(1);

impl Store {
    /// A position whenever something lies behind it that the caller may see; the first message says from where it is followed.
    ///
    /// # Errors
    /// As [`Store::changes`].
    pub async fn follow_changes(
        &self,
        nouns: Option<Vec<RecordedNoun>>,
        after: Option<&str>,
    ) -> Result<impl Stream<Item = Result<Cursor, Error>> + Send + use<>, Error> {
        // Followed first and read then: what comes between is in the next number.
        let follower = self.ledger.follow_changes();
        let after = after.map(Cursor::parse).transpose()?;
        let sees = self.sees(nouns.as_deref()).await?;
        let begin = match after {
            // Refused here, where it does not hold.
            Some(after) => {
                self.changes_after(&sees, Some(after.clone()), 1).await?;
                after
            }
            None => self.changes_after(&sees, None, 1).await?.cursor,
        };
        let state = ChangeFollower { store: self.clone(), follower, nouns, cursor: begin, looked: None, greets: true };
        Ok(stream::try_unfold(state, |mut state| async move { Ok(Some((state.next().await?, state))) }))
    }
}

struct ChangeFollower {
    store: Store,
    follower: Follower,
    nouns: Option<Vec<RecordedNoun>>,
    /// Behind it nothing is known to be seen.
    cursor: Cursor,
    /// The number up to which was looked.
    looked: Option<i64>,
    greets: bool,
}

impl ChangeFollower {
    async fn next(&mut self) -> Result<Cursor, Error> {
        if std::mem::take(&mut self.greets) {
            return Ok(self.cursor.clone());
        }
        loop {
            if self.looked.is_some() {
                // After a while the day may have turned, of which no number tells.
                if let Ok(Err(_)) = tokio::time::timeout(TURN, self.follower.changed()).await {
                    return Err(Error::internal(&"nobody looks at the receipts any more"));
                }
            }
            let last = *self.follower.borrow_and_update();
            self.looked = Some(last);
            if let Some(from) = self.look().await? {
                return Ok(from);
            }
        }
    }

    /// The position behind which something is seen, if there is any; then all up to now is taken for told.
    async fn look(&mut self) -> Result<Option<Cursor>, Error> {
        let sees = self.store.sees(self.nouns.as_deref()).await?;
        let now = self.store.changes_after(&sees, None, 1).await?.cursor;
        let mut at = self.cursor.clone();
        loop {
            let page = self.store.changes_after(&sees, Some(at.clone()), 1).await?;
            if !page.changes.is_empty() {
                self.cursor = now;
                return Ok(Some(at));
            }
            at = page.cursor;
            if !page.more {
                self.cursor = at;
                return Ok(None);
            }
        }
    }
}

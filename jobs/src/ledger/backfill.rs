//! Backfills that a worker's look finds behind: with room for a run, or over.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use super::{Ledger, LedgerError};
use crate::{dialect, transaction::backfill};
use entity::ids::JobBackfillId;

/// A backfill is behind where fewer of its runs go on than may, and where none goes on and none is left.
pub(super) const BEHIND: &str = "b.state = 'RUNNING'
    AND (SELECT COUNT(*) FROM job_run r WHERE r.backfill_id = b.id AND r.state IN ('QUEUED', 'RUNNING', 'RETRY_WAIT', 'CANCELLING'))
        < CASE WHEN (SELECT COUNT(*) FROM job_run r WHERE r.backfill_id = b.id) < json_array_length(b.periods) THEN b.at_once ELSE 1 END";

impl Ledger {
    /// Enqueues the next runs of backfills that have room for them and ends those that are over, each in a transaction of its own; tells how
    /// many there were. Several processes may do so at once.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn advance_backfills(&self) -> Result<usize, LedgerError> {
        let behind = format!("SELECT b.id FROM job_backfill b WHERE {BEHIND} ORDER BY b.id");
        let rows = dialect::few_rows(self.db.reader(), &behind, vec![]).await?;
        for row in &rows {
            let id: JobBackfillId = row.try_get_by_index(0)?;
            let tx = self.db.begin().await?;
            if let Some(found) = backfill::lock(&*tx, id).await? {
                backfill::advance(&*tx, self.clock.now(), found).await?;
            }
            tx.commit().await?;
        }
        if !rows.is_empty() {
            self.wake();
        }
        Ok(rows.len())
    }
}

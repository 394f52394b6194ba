//! Positions that readers keep and come back with: they are of one database, and one that was restored from a backup is another one.
//!
//! What happened in the lost time is unknown to the restored database, which goes on from there otherwise: a position from that time would let a
//! reader miss what is new. It is refused, and the reader starts anew. Deliberately absent: cursors of lists, which are values of the rows'
//! own columns and miss nothing of what there is.

use super::{Store, unscoped};
use crate::error::Error;
use entity::database_identity::{Entity, Model};

impl Store {
    /// Which database this is.
    pub(in crate::store) async fn identity(&self) -> Result<Model, Error> {
        let identity = unscoped::<Entity>().one(self.reader()).await?;
        identity.ok_or_else(|| Error::internal(&"the database was restored halfway"))
    }
}

/// Refuses a position of the time before a restore.
pub(in crate::store) fn start_anew(field: &str) -> Error {
    Error::conflict(
        field,
        "この続きの位置は、復元される前のデータベースのものです。位置を指定せずに、最初から受信し直してください。",
        "This position is of the database before it was restored from a backup. Start anew, without a position.",
    )
}

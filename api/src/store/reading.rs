//! The trace of reading: whoever reads persons by virtue of reaching everything, and not as their own bureau, unit or self, leaves an entry.

use super::Store;
use crate::{
    authz::{Act, Noun, Reach, reach},
    error::Error,
};
use jobs::inside;

impl Store {
    /// Leaves an audit entry for rows about persons that were read outside the actor's own bureaus: which table, how many, never which.
    ///
    /// # Errors
    /// The engine's: what cannot be traced is not shown.
    pub(super) async fn trace_reading(&self, noun: Noun, rows: usize) -> Result<(), Error> {
        let reads_all = || self.actor.principal.roles.iter().any(|role| reach(*role, Act::Read(noun)) == Reach::Everything);
        if rows == 0 || !noun.is_about_persons() || !reads_all() {
            return Ok(());
        }
        let tx = self.begin().await?;
        let act = inside::Act { counts: serde_json::json!({ "rows": rows }), ..self.act("READ", noun) };
        inside::audit(&*tx, self.now(), act).await?;
        Ok(tx.commit().await?)
    }
}

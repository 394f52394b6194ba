//! The trace of reading: whoever reads persons by virtue of reaching everything, and not as their own bureau, unit or self, leaves an entry.

use crate::store::Store;
use crate::{
    authz::{Action, Noun, Reach, reach},
    error::Error,
};
use jobs::transaction;

impl Store {
    /// Leaves an audit entry for rows about persons that were read outside the actor's own bureaus: which table, how many, never which.
    ///
    /// # Errors
    /// The engine's: what cannot be traced is not shown.
    pub(in crate::store) async fn trace_reading(&self, noun: Noun, rows: usize) -> Result<(), Error> {
        let reads_all = || self.actor.principal.roles.iter().any(|role| reach(*role, Action::Read(noun)) == Reach::Everything);
        if rows == 0 || !noun.is_about_persons() || !reads_all() {
            return Ok(());
        }
        let tx = self.begin().await?;
        let act = transaction::AuditAct { counts: serde_json::json!({ "rows": rows }), ..self.act("READ", noun) };
        transaction::audit(&*tx, self.now(), act).await?;
        Ok(tx.commit().await?)
    }
}

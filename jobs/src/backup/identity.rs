//! Which database this is. One that came back from a backup, or was set back to an earlier instant, is another one from then on.

use crate::{
    database::DatabaseError,
    dialect::{analyze, execute, few_rows},
    ledger::{Ledger, LedgerError, claim::END_LEASES},
    transaction::{self, AuditAct},
};
use chrono::{DateTime, Utc};
use entity::{database_identity, ids::DatabaseIdentityId};
use sea_orm::EntityTrait;
use serde_json::json;

/// Mails that were on their way when the backup was made may have been sent since: each gets at most one.
const HOLD_MAILS: &str = "UPDATE mail SET state = 'UNCERTAIN', settled_at = $1 WHERE state IN ('PENDING', 'SENDING')";
/// Of a database that was restored halfway, the act of backing up tells which one it was.
const BACKED_UP: &str = "SELECT record_id FROM audit_entry WHERE verb = 'BACKUP' AND noun = 'database' AND record_id IS NOT NULL
    ORDER BY at DESC, id DESC LIMIT 1";

/// What became of a database that was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// Which database it is now.
    pub identity: database_identity::Model,
    /// Runs that were going on, and go on as those of workers that vanished do.
    pub runs: u64,
    /// Mails that were on their way, and are uncertain.
    pub mails: u64,
}

impl Ledger {
    /// Which database this is; `None` where it was restored halfway.
    ///
    /// # Errors
    /// The engine's.
    pub async fn identity(&self) -> Result<Option<database_identity::Model>, DatabaseError> {
        Ok(database_identity::Entity::find().one(self.db.reader()).await?)
    }

    /// Makes a database that was brought back by other means (a copied file, the server's own recovery to an instant) another one. Nobody may
    /// work on it meanwhile.
    ///
    /// # Errors
    /// [`LedgerError::OtherProcess`] on SQLite, [`LedgerError::Database`].
    pub async fn renew(&self) -> Result<Renewed, LedgerError> {
        self.hold_jobs().await?;
        let former = match self.identity().await? {
            Some(identity) => identity.id,
            None => match few_rows(self.db.reader(), BACKED_UP, vec![]).await?.pop() {
                Some(row) => DatabaseIdentityId(row.try_get_by_index(0)?),
                None => DatabaseIdentityId::new(),
            },
        };
        self.become_another(former, None).await
    }

    /// Makes the database another one: it gets an identity, those who ran its jobs are gone, its mails wait no longer, and the trail says so.
    pub(super) async fn become_another(
        &self,
        former: DatabaseIdentityId,
        backup_made_at: Option<DateTime<Utc>>,
    ) -> Result<Renewed, LedgerError> {
        let now = self.clock().now();
        let identity = database_identity::Model { id: DatabaseIdentityId::new(), made_at: now, restored_from: Some(former) };
        let tx = self.db.begin().await?;
        execute(&*tx, "DELETE FROM database_identity", vec![]).await?;
        transaction::put_all(&*tx, vec![identity.clone()], false).await?;
        let runs = execute(&*tx, END_LEASES, vec![now.into()]).await?;
        let mails = execute(&*tx, HOLD_MAILS, vec![now.into()]).await?;
        let act = AuditAct {
            actor: "command line".to_owned(),
            verb: "RESTORE".to_owned(),
            noun: "database".to_owned(),
            record_id: Some(identity.id.0),
            counts: json!({ "from": former, "backupMadeAt": backup_made_at, "runs": runs, "mailsUncertain": mails }),
            ..AuditAct::default()
        };
        transaction::audit(&*tx, now, act).await?;
        tx.commit().await?;
        Ok(Renewed { identity, runs, mails })
    }

    /// Tells the planner of all that was restored.
    pub(super) async fn measure(&self) -> Result<(), LedgerError> {
        let session = self.db.session(std::time::Duration::from_secs(20)).await?;
        let tx = session.begin().await?;
        // Without a name, each table.
        analyze(&*tx, "").await?;
        tx.commit().await?;
        Ok(session.close().await?)
    }
}

//! What a run may look at beside records: whether the seals hold, the clock can be trusted, and the disks have room.

use super::{Fence, LedgerError};
use crate::{
    seal::{self, Head, SealError, heads},
    settings::Settings,
};
use chrono::{DateTime, Utc};
use ed25519_dalek::VerifyingKey;
use entity::audit_seal;
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder};
use std::{collections::BTreeMap, path::Path};

impl Fence {
    /// Why the clock cannot be trusted, if so; also where this process found since then that it had been ahead.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn distrust_clock(&self, since: DateTime<Utc>) -> Result<Option<&'static str>, LedgerError> {
        if self.ledger.liveness.was_ahead_since(since) {
            return Ok(Some("it was ahead: schedules or runs were set back"));
        }
        self.ledger.distrust(self.run.as_of).await
    }

    /// In how many places the whole audit trail is damaged, by the file of heads and the keys of this process; where these cannot be read and
    /// there are seals, that is one. The places are in the log.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn seal_damages(&self) -> Result<i64, LedgerError> {
        let tx = self.snapshot().await?;
        let seals = audit_seal::Entity::find().count(&tx).await?;
        tx.commit().await?;
        let settings = self.settings();
        if seals == 0 && !settings.seal_heads.exists() {
            return Ok(0);
        }
        let verified = match keys(settings) {
            Ok(keys) => self.ledger.verify_seals(&settings.seal_heads, &keys).await,
            Err(error) => Err(error.into()),
        };
        match verified {
            Ok(verdict) => {
                for damage in &verdict.damages {
                    tracing::error!(run = %self.run.id, %damage, "the audit trail is damaged");
                }
                Ok(i64::try_from(verdict.damages.len()).unwrap_or(i64::MAX))
            }
            Err(error @ LedgerError::Job(_)) => {
                tracing::error!(run = %self.run.id, error = &error as &dyn std::error::Error, "the seals cannot be verified");
                Ok(1)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the file of heads ends with a head that the database knows, signed by a key of this process: a few kilobytes and a row.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub async fn seals_end_alike(&self) -> Result<bool, LedgerError> {
        let settings = self.settings().clone();
        let read = move || heads::last(&settings.seal_heads).and_then(|last| Ok((last, keys(&settings)?)));
        let read = tokio::task::spawn_blocking(read).await.map_err(|_| SealError::CutOff)?;
        let tx = self.snapshot().await?;
        let latest = audit_seal::Entity::find().order_by_desc(audit_seal::Column::Number).one(&tx).await?;
        let alike = match (&read, &latest) {
            (Ok((Some(last), keys)), Some(_)) => {
                let stored = audit_seal::Entity::find_by_id(last.seal).one(&tx).await?;
                stored.map(Head::from).as_ref() == Some(last) && last.is_signed_by(keys)
            }
            // Nothing is sealed yet, and there may be no key either.
            (_, None) => !matches!(read, Ok((Some(_), _))),
            (Ok((None, _)) | Err(_), Some(_)) => false,
        };
        tx.commit().await?;
        Ok(alike)
    }

    /// How many of the disks are nearly full that this process writes to: those of its SQLite database, of the file of heads, and of its keys. On
    /// PostgreSQL the database's own disk is not seen.
    #[must_use]
    pub fn disks_nearly_full(&self) -> i64 {
        let settings = self.settings();
        let database = self.ledger.db.job_lock_file();
        let files = [database.as_deref(), Some(&*settings.seal_heads), Some(&*settings.seal_key)];
        let mut disks = BTreeMap::new();
        for folder in files.into_iter().flatten().filter_map(Path::parent) {
            match (self.ledger.space)(folder) {
                Ok(space) => _ = disks.insert(space.device, space),
                Err(error) => tracing::warn!(run = %self.run.id, %error, "a disk cannot be measured"),
            }
        }
        i64::try_from(disks.values().filter(|space| space.is_nearly_full()).count()).unwrap_or(i64::MAX)
    }
}

/// The keys that may have signed: the present one, those that it replaced, and the former ones that are named.
fn keys(settings: &Settings) -> Result<Vec<VerifyingKey>, SealError> {
    let mut keys = seal::public_keys(&settings.seal_key)?;
    keys.extend(settings.seal_former_keys.iter().filter_map(|text| seal::public_key(text)));
    Ok(keys)
}

//! How far the audit trail is sealed, as a position to follow it by.
//!
//! When an act was done is told before its transaction commits, so that an entry may come to light after later ones, and no time of entries is a
//! position. The seal job numbers what it sees committed, and never goes back: between two seals nothing is added. A position names a seal and
//! the database, for one that was restored seals anew; it names no entry, so that nobody counts by it those that are not shown.

use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{Store, unscoped},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{audit_entry, audit_seal, audit_seal_item, ids::DatabaseIdentityId};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};

/// Behind the last entry of a seal; behind none before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    database: DatabaseIdentityId,
    seal: i64,
}

impl Store {
    /// The position behind all that is sealed now.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn sealed(&self) -> Result<String, Error> {
        self.allow(Action::Read(Noun::AuditEntry))?;
        let last = unscoped::<audit_seal::Entity>().order_by_desc(audit_seal::Column::Number).one(self.reader()).await?;
        let position = Position { database: self.identity().await?.id, seal: last.map_or(0, |seal| seal.number) };
        let json = serde_json::to_vec(&position).map_err(|error| Error::internal(&error))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    /// That an entry was sealed after one position, and not after another.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for what is no position, and for one of the time before a restore.
    pub async fn sealed_between(&self, after: Option<&str>, up_to: Option<&str>) -> Result<Condition, Error> {
        use audit_seal_item::{Column, Entity};
        let mut items = unscoped::<Entity>().select_only().column(Column::EntryId);
        if let Some(after) = after {
            items = items.filter(Column::Number.gt(self.last_item("sealedAfter", after).await?));
        }
        if let Some(up_to) = up_to {
            items = items.filter(Column::Number.lte(self.last_item("sealedUpTo", up_to).await?));
        }
        let asked = after.or(up_to).map(|_| audit_entry::Column::Id.in_subquery(items.into_query()));
        Ok(Condition::all().add_option(asked))
    }

    /// The number of the last entry before a position.
    async fn last_item(&self, field: &str, position: &str) -> Result<i64, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(position).ok();
        let foreign = || Error::input(field, "監査証跡の位置が正しくありません。", "This is no position of the audit trail.");
        let position: Position = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(foreign)?;
        if position.database != self.identity().await?.id {
            let ja = "この位置は、復元される前のデータベースのものです。sealedAfter を指定せずに最初から読み直してください。";
            let en = "This position is of the database before it was restored from a backup. Start anew, without sealedAfter.";
            return Err(Error::input(field, ja, en));
        }
        if position.seal == 0 {
            return Ok(0);
        }
        let seal = unscoped::<audit_seal::Entity>().filter(audit_seal::Column::Number.eq(position.seal)).one(self.reader()).await?;
        Ok(seal.ok_or_else(foreign)?.last_item)
    }
}

//! Which database this is: one row. What is restored from a backup is another database, whose readers begin anew.

use crate::ids::DatabaseIdentityId;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// The identity of a database.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "database_identity")]
pub struct Model {
    /// The identity. Positions that readers keep carry it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DatabaseIdentityId,
    /// Since when it is this one: for a restored database the instant of the restore.
    pub made_at: DateTime<Utc>,
    /// The identity of the database from whose backup it was restored; null where it was not.
    pub restored_from: Option<DatabaseIdentityId>,
}

impl Model {
    /// When it was restored; `None` where it was not.
    #[must_use]
    pub fn restored_at(&self) -> Option<DateTime<Utc>> {
        self.restored_from.map(|_| self.made_at)
    }

    /// Whether a position that names this identity, or none as those of former times do, was given by this database.
    #[must_use]
    pub fn gave(&self, position: Option<DatabaseIdentityId>) -> bool {
        position.map_or(self.restored_from.is_none(), |id| id == self.id)
    }
}

impl ActiveModelBehavior for ActiveModel {}

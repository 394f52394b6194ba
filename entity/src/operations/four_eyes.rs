//! Which kinds of changes need a second person: a row for each kind of which somebody has said so; the others are as an installation begins.

use crate::{ids::FourEyesId, pending_change::FourEyesKind};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

impl FourEyesKind {
    /// Whether it needs a second person until somebody says otherwise: what shortens the life of records is the one that cannot be undone.
    #[must_use]
    pub const fn usual(self) -> bool {
        match self {
            Self::Retention => true,
            Self::Rules | Self::Plan | Self::Clients | Self::PublishFollowUp => false,
        }
    }
}

/// The setting of one kind.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "four_eyes")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FourEyesId,
    /// Of which changes.
    #[sea_orm(unique)]
    pub kind: FourEyesKind,
    /// Whether they need a second person.
    pub required: bool,
    /// Counts the changes of the setting, from 1.
    pub version: i32,
    /// Who set it.
    #[sea_orm(column_type = "Text")]
    pub set_by: String,
    /// When.
    pub set_at: DateTime<Utc>,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
}

impl ActiveModelBehavior for ActiveModel {}

//! A machine client: what its tokens may do is intersected with this row, and it can be revoked.

use crate::{ids::ApiClientId, text_enum::text_enum};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// The client under which people write, who have no numbering of their own.
pub const OFFICE: &str = "OFFICE";

/// Codes of the bureaus that a client serves; `None` stands for all of them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct ClientBureaus(pub Option<Vec<String>>);

text_enum! {
    /// Which records a client writes.
    ClientWrites {
        /// Staff, postings and careers.
        Personnel,
        /// Time and leave.
        Time,
        /// All of these.
        Both,
    }
}

/// One client, keyed by its code.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_client")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiClientId,
    /// The code that tokens and records carry.
    #[sea_orm(unique, column_type = "Text")]
    pub code: String,
    /// What it is, for administrators.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The bureaus it serves.
    pub bureaus: ClientBureaus,
    /// What it may write; null, which stands for all, where nobody has said since that is asked.
    pub writes: Option<ClientWrites>,
    /// When it was revoked; null while it may act.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

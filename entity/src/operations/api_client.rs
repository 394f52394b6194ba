//! A machine client: what its tokens may do is intersected with this row, and it can be revoked.

use crate::{ids::ApiClientId, month_source::RecordSource, text_enum::text_enum};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use std::collections::BTreeMap;

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

text_enum! {
    /// What it means where a client has no record of somebody's month.
    Absence {
        /// There was nothing: whoever is not in the records did none of it.
        Zero,
        /// It is not known.
        Unknown,
    }
}

/// What an administrator has said that a client's silence means, by source.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct ClientAbsence(pub BTreeMap<RecordSource, Absence>);

impl ClientAbsence {
    /// What silence about a source means: as it was said, else that only of presence nothing is known. A register of ordered overtime
    /// (超過勤務命令簿) names those alone who worked any.
    #[must_use]
    pub fn meaning(&self, source: RecordSource) -> Absence {
        let default = if source == RecordSource::Presence { Absence::Unknown } else { Absence::Zero };
        self.0.get(&source).copied().unwrap_or(default)
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
    /// The folded twin of `code`: no two codes differ in case alone.
    #[sea_orm(unique, column_type = "Text")]
    pub code_folded: String,
    /// What it is, for administrators.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The bureaus it serves.
    pub bureaus: ClientBureaus,
    /// What it may write; null, which stands for all, where nobody has said since that is asked.
    pub writes: Option<ClientWrites>,
    /// What its silence means; null, as with no source in it, where nobody has said anything of that.
    pub absence: Option<ClientAbsence>,
    /// When it was revoked; null while it may act.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl ClientWrites {
    /// Whether the records of a source are among these.
    #[must_use]
    pub const fn holds(self, source: RecordSource) -> bool {
        match self {
            Self::Personnel => matches!(source, RecordSource::Hires | RecordSource::Appointments),
            Self::Time => !matches!(source, RecordSource::Hires | RecordSource::Appointments),
            Self::Both => true,
        }
    }
}

impl Model {
    /// What was said of a source that the client writes for a bureau; `None` where nothing was, or it does not.
    #[must_use]
    pub fn said(&self, source: RecordSource, bureau: &str) -> Option<Absence> {
        let serves = self.bureaus.0.as_ref().is_none_or(|bureaus| bureaus.iter().any(|code| code == bureau));
        let writes = self.writes.is_none_or(|writes| writes.holds(source));
        self.absence.as_ref()?.0.get(&source).copied().filter(|_| serves && writes)
    }
}

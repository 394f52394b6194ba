//! Where a reader of changes stands: behind which receipt, in which database, and with which sight.

use crate::{
    authz::Noun,
    error::Error,
    store::scope::{Extent, RowScope},
    words::is_kept,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::{ids::DatabaseIdentityId, recorded::RecordedNoun};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Place of a change: the number of its receipt, its table, its record.
pub(super) type Key = (i64, RecordedNoun, Uuid);

/// A position. It holds no secret: who makes one up is shown what anybody of the same sight is shown from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// In which database.
    pub(super) database: DatabaseIdentityId,
    /// The digest of what its holder saw.
    pub(super) sight: String,
    /// Until when all was told.
    pub(super) at: DateTime<Utc>,
    /// The last receipt of which something was told.
    pub(super) sequence: i64,
    /// The last record of that receipt that was told; null where all were.
    pub(super) past: Option<(RecordedNoun, Uuid)>,
}

impl Cursor {
    /// Reads one.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` in `after` for what is no cursor of changes.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let sound = |cursor: &Self| cursor.sequence >= 0 && is_kept(cursor.at.date_naive());
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let cursor = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).filter(sound);
        cursor.ok_or_else(|| Error::input("after", "続きの位置が正しくありません。", "This is no cursor of changes."))
    }

    /// As callers keep it.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Ids, an instant and numbers always have a JSON form.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// Refuses a position from which something may be missing, and says how to begin anew.
pub(super) fn start_anew(ja: &str, en: &str) -> Error {
    let how_ja = "after を指定せずに changes を呼んで新しい位置を受け取り、次に一覧を読み、その位置から続けてください。";
    let how_en = "Start anew: take a fresh cursor from `changes` without `after`, then read the lists, then follow from that cursor.";
    Error::input("after", format!("{ja}{how_ja}"), format!("{en} {how_en}"))
}

/// What a reader sees of the nouns that it follows, as a digest: the nouns, and of each the rows.
pub(super) fn digest(scopes: &BTreeMap<RecordedNoun, RowScope>) -> String {
    let mut hash = Sha256::new();
    for (recorded, scope) in scopes {
        let noun: Noun = recorded.noun();
        hash.update(noun.table());
        match &scope.bureaus {
            Extent::All => hash.update("*"),
            Extent::Some(bureaus) => {
                for bureau in bureaus {
                    hash.update(bureau.0.as_bytes());
                }
                hash.update(";");
                for unit in &scope.units {
                    hash.update(unit.0.as_bytes());
                }
                hash.update(";");
                hash.update(scope.staff_id.map(|id| id.0).unwrap_or_default().as_bytes());
                hash.update([u8::from(scope.published)]);
            }
        }
    }
    format!("{:x}", hash.finalize())[..32].to_owned()
}

//! The seals of the audit trail: how an entry is written for hashing, how entries are chained, and how a head is signed.
//!
//! Entry number n has the hash SHA-256(hash of n − 1, the entry in its canonical form); number 1 follows 32 zero bytes. A seal closes a range of
//! entries; its head is the hash of the last. The key (`key`; those that were replaced, `former`) and the file of heads (`heads`) lie outside the database, so that who writes
//! to it alone can neither rewrite the trail nor cut it off unnoticed. Of the database it reads the sets of bureaus that entries name, whose
//! members are sealed with them; `jobs::seal_audit` seals and `ledger::verify` verifies. Deliberately absent: protection of what is not sealed yet.

pub mod former;
pub mod heads;
pub mod key;

use crate::transaction;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use entity::{
    audit_entry, bureau_set,
    ids::{BureauId, BureauSetId},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write,
    io,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// What entry number 1 follows.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Why the key or the file of heads cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A file cannot be read, made or written.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else than the owner has rights on the key's file.
    #[error("the seal key {} has mode {mode:03o}, so others may read or change it; run chmod 600 on it", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds no key.
    #[error("{} is no seal key", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// A line of the file of heads cannot be read.
    #[error("{} has a line that is no head", path.display())]
    NotAHead {
        /// The file.
        path: PathBuf,
    },
    /// The file of heads knows a seal that the database does not have, or has otherwise: nothing is sealed on top of that.
    #[error("the heads' seal {0} is not the database's: run `torikumi verify audit`")]
    OtherHistory(i64),
    /// A task was cut off.
    #[error("a file's task was cut off")]
    CutOff,
}

impl crate::fault::Fault for SealError {}

/// The signed head of a seal: a line of the file of heads.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    /// The seal's number.
    pub seal: i64,
    /// Number of its first entry.
    pub first: i64,
    /// Number of its last entry.
    pub last: i64,
    /// Hash of the last entry, in hexadecimal.
    pub head: String,
    /// The public key, in hexadecimal.
    pub key: String,
    /// The signature, in hexadecimal.
    pub signature: String,
}

impl Head {
    /// What is signed.
    #[must_use]
    pub fn message(seal: i64, (first, last): (i64, i64), head: &str) -> String {
        format!("torikumi audit seal {seal}: {first}-{last} {head}")
    }

    /// Whether one of these keys signed it.
    #[must_use]
    pub fn is_signed_by(&self, keys: &[VerifyingKey]) -> bool {
        let message = Self::message(self.seal, (self.first, self.last), &self.head);
        let signature = from_hex::<64>(&self.signature).map(|bytes| Signature::from_bytes(&bytes));
        let key = keys.iter().find(|key| hex(key.as_bytes()) == self.key);
        key.zip(signature).is_some_and(|(key, signature)| key.verify(message.as_bytes(), &signature).is_ok())
    }
}

impl From<entity::audit_seal::Model> for Head {
    fn from(row: entity::audit_seal::Model) -> Self {
        Self { seal: row.number, first: row.first_item, last: row.last_item, head: row.head, key: row.key_id, signature: row.signature }
    }
}

/// The bureaus of the sets that entries name, in the order of their ids.
#[derive(Debug, Default)]
pub(crate) struct Concerned(HashMap<BureauSetId, Vec<BureauId>>);

impl Concerned {
    /// Those of these entries. A set whose bureaus are not those that its id says was changed, and is none.
    pub(crate) async fn of<C: ConnectionTrait>(tx: &C, entries: impl Iterator<Item = &audit_entry::Model>) -> Result<Self, DbErr> {
        use bureau_set::{Column, Entity};
        let named: BTreeSet<_> = entries.filter_map(|entry| entry.bureau_set_id).collect();
        let mut sets: HashMap<_, Vec<_>> = HashMap::new();
        for row in Entity::find().filter(Column::Id.is_in(named)).order_by_asc(Column::Place).all(tx).await? {
            let bureaus = sets.entry(row.id).or_default();
            // Out of its place it is a bureau that is none.
            let stands = usize::try_from(row.place) == Ok(bureaus.len());
            bureaus.push(if stands { row.bureau_id } else { BureauId(Uuid::nil()) });
        }
        sets.retain(|id, bureaus| transaction::id_of(bureaus) == *id);
        Ok(Self(sets))
    }

    /// Whether it can be told whom the entry concerned, and the bureau in which the act was done is one of them.
    pub(crate) fn holds_own(&self, entry: &audit_entry::Model) -> bool {
        self.told(entry).is_some_and(|told| entry.bureau_id.is_none_or(|own| told.iter().any(|(bureau, _)| *bureau == own)))
    }

    /// Those that the entry itself does not name.
    fn beside(&self, entry: &audit_entry::Model) -> Vec<(BureauId, i64)> {
        let told = self.told(entry).into_iter().flatten();
        told.filter(|(bureau, concerned)| !(entry.bureau_id == Some(*bureau) && *concerned == 0)).collect()
    }

    /// Those that the entry concerned; `None` where its numbers do not fit its set.
    fn told(&self, entry: &audit_entry::Model) -> Option<Vec<(BureauId, i64)>> {
        let (set, numbers) = match (entry.bureau_set_id, &entry.concerned) {
            (None, None) => return Some(Vec::new()),
            (set, numbers) => (self.0.get(&set?)?, numbers.as_ref()?.as_array()?),
        };
        if set.len() != numbers.len() {
            return None;
        }
        let told = set.iter().zip(numbers).filter(|(_, number)| !number.is_null());
        told.map(|(bureau, number)| Some((*bureau, number.as_i64()?))).collect()
    }
}

/// The hash of an entry, in hexadecimal, which follows the entry with the hash `former`.
#[must_use]
pub(crate) fn chain(former: &str, number: i64, entry: &audit_entry::Model, concerned: &Concerned) -> String {
    let mut hash = Sha256::new();
    hash.update(former);
    hash.update(canonical(number, entry, &concerned.beside(entry)));
    hex(&hash.finalize())
}

/// An entry as bytes that both engines and all versions of the program agree on: a JSON array of its columns in order, after its number;
/// instants as microseconds since 1970, members of objects in the order of their names. Where it concerned bureaus beside the one that it
/// names, they come last, each with its number: entries of a time before there were any keep their hashes.
fn canonical(number: i64, entry: &audit_entry::Model, concerned: &[(BureauId, i64)]) -> String {
    let audit_entry::Model {
        id,
        at,
        actor,
        roles,
        verb,
        noun,
        bureau_id,
        record_id,
        counts,
        receipt_id,
        run_id,
        reason,
        bureau_set_id: _,
        concerned: _,
    } = entry;
    let at = at.timestamp_micros();
    let counts = sorted(counts);
    if concerned.is_empty() {
        return json!([number, id, at, actor, roles, verb, noun, bureau_id, record_id, counts, receipt_id, run_id, reason]).to_string();
    }
    json!([number, id, at, actor, roles, verb, noun, bureau_id, record_id, counts, receipt_id, run_id, reason, concerned]).to_string()
}

/// The value with the members of its objects in order, however maps are built.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

/// A public key as the file of heads writes it.
#[must_use]
pub fn public_key(text: &str) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(&from_hex::<32>(text)?).ok()
}

/// The public keys that a signature of this installation may have: the present key's, and those of the keys that it replaced.
///
/// # Errors
/// [`SealError`] where the key's file, or that of the former ones, cannot be read.
pub fn public_keys(path: &Path) -> Result<Vec<VerifyingKey>, SealError> {
    let present = key::SealKey::open(path)?.public();
    let former = former::read(path).map_err(|source| SealError::Io { path: former::file(path), source })?;
    Ok(std::iter::once(present).chain(former.iter().filter_map(|former| public_key(&former.key))).collect())
}

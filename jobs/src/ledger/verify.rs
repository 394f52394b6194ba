//! Verifies the sealed range of the audit trail against the file of heads and the keys that may sign it.

use super::{Ledger, LedgerError};
use crate::{
    dialect,
    seal::{self, Concerned, Head, SealError, heads},
};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::VerifyingKey;
use entity::{audit_entry, audit_seal, audit_seal_item, ids::AuditEntryId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    path::Path,
};

/// Items that are read at a time.
const PAGE: u64 = 2_000;
/// An entry that comes to light so much later than its time says was not written by a transaction of ours: none lasts so long.
const LATEST: TimeDelta = TimeDelta::hours(1);

/// What kind of harm was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// An entry, an item or a seal says something else than what was sealed.
    Changed,
    /// A sealed entry or item is gone.
    Removed,
    /// An entry came to light long after its time.
    Inserted,
    /// The database ends before the last signed head.
    Truncated,
    /// A head is not signed by a key that was named, or the heads are not in order.
    Heads,
}

/// One harm, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What kind.
    pub harm: Harm,
    /// Where: numbers and ids, no content.
    pub place: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.harm {
            Harm::Changed => "CHANGED",
            Harm::Removed => "REMOVED",
            Harm::Inserted => "INSERTED",
            Harm::Truncated => "TRUNCATED",
            Harm::Heads => "HEADS",
        };
        write!(f, "{word} {}", self.place)
    }
}

/// Entries that no seal covers yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tail {
    /// How many.
    pub entries: i64,
    /// The time of the earliest.
    pub from: Option<DateTime<Utc>>,
    /// The time of the latest.
    pub to: Option<DateTime<Utc>>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Seals of the file of heads.
    pub seals: i64,
    /// Entries in the sealed range of the database.
    pub entries: i64,
    /// Seals of the database that the file of heads does not have yet.
    pub not_in_file: i64,
    /// Whether the file's last line is torn, as a process leaves it that dies while it writes.
    pub torn: bool,
    /// What is wrong.
    pub damages: Vec<Damage>,
    /// What is not sealed yet.
    pub tail: Tail,
}

impl Verdict {
    fn harm(&mut self, harm: Harm, place: impl Into<String>) {
        self.damages.push(Damage { harm, place: place.into() });
    }
}

/// Where the chain stands while it is followed.
struct Chain {
    number: i64,
    /// The stored hash of the item before; `None` where that one is missing.
    former: Option<String>,
    latest: Option<DateTime<Utc>>,
}

impl Ledger {
    /// Verifies the sealed range: what was changed, removed, inserted or cut off in it, and what is not sealed yet. Of the heads, those that
    /// one of `keys` signed are believed.
    ///
    /// # Errors
    /// [`SealError`] where the file cannot be read, [`LedgerError::Database`].
    pub async fn verify_seals(&self, file: &Path, keys: &[VerifyingKey]) -> Result<Verdict, LedgerError> {
        let path = file.to_owned();
        let read = tokio::task::spawn_blocking(move || heads::read(&path)).await.map_err(|_| SealError::CutOff)?;
        let (heads, torn) = read?;
        let session = self.open_session().await?;
        let tx = session.snapshot().await?;
        let mut verdict = Verdict { seals: heads.len().try_into().unwrap_or(i64::MAX), torn, ..Verdict::default() };
        let stored = audit_seal::Entity::find().order_by_asc(audit_seal::Column::Number).all(&tx).await?;
        let signed = signed_heads(&mut verdict, &heads, stored, keys);
        let chain = follow(&tx, &mut verdict, &signed).await?;
        let sealed = signed.keys().next_back().copied().unwrap_or_default();
        if chain.number < sealed {
            verdict.harm(Harm::Truncated, format!("entries {} to {sealed} are signed and not in the database", chain.number + 1));
        }
        tail(&tx, &mut verdict, chain.latest).await?;
        tx.commit().await?;
        session.close().await?;
        verdict.damages.sort_by_key(|damage| damage.harm);
        Ok(verdict)
    }
}

/// The heads that are to be believed, by the number of their last entry: the file's, and those of the database that follow them.
fn signed_heads(verdict: &mut Verdict, heads: &[Head], stored: Vec<audit_seal::Model>, keys: &[VerifyingKey]) -> BTreeMap<i64, Head> {
    let mut signed = BTreeMap::new();
    let mut stored: BTreeMap<i64, Head> = stored.into_iter().map(|row| (row.number, row.into())).collect();
    let (mut seal, mut last) = (0, 0);
    for head in heads {
        if (head.seal, head.first) != (seal + 1, last + 1) || head.last < head.first {
            verdict.harm(Harm::Heads, format!("the file's seal {} does not follow seal {seal}", head.seal));
        }
        (seal, last) = (head.seal, head.last);
        if !head.is_signed_by(keys) {
            verdict.harm(Harm::Heads, format!("the file's seal {seal} is not signed by a key that was named"));
        }
        match stored.remove(&seal) {
            None => verdict.harm(Harm::Truncated, format!("seal {seal} is in the file and not in the database")),
            Some(ours) if ours != *head => verdict.harm(Harm::Changed, format!("seal {seal} is another one than the file's")),
            Some(_) => {}
        }
        signed.insert(head.last, head.clone());
    }
    for (number, head) in stored {
        if (head.seal, head.first) != (seal + 1, last + 1) || head.last < head.first || !head.is_signed_by(keys) {
            verdict.harm(Harm::Heads, format!("the database's seal {number} does not follow, or is not signed by a key that was named"));
        }
        verdict.not_in_file += 1;
        (seal, last) = (head.seal, head.last);
        signed.insert(head.last, head);
    }
    signed
}

/// Follows the chain of items from the first to the last.
async fn follow<C: ConnectionTrait>(tx: &C, verdict: &mut Verdict, signed: &BTreeMap<i64, Head>) -> Result<Chain, LedgerError> {
    let mut chain = Chain { number: 0, former: Some(seal::START.to_owned()), latest: None };
    loop {
        let items = audit_seal_item::Entity::find().filter(audit_seal_item::Column::Number.gt(chain.number));
        let items = items.order_by_asc(audit_seal_item::Column::Number).limit(PAGE).all(tx).await?;
        if items.is_empty() {
            return Ok(chain);
        }
        let ids = items.iter().map(|item| item.entry_id);
        let entries = audit_entry::Entity::find().filter(audit_entry::Column::Id.is_in(ids)).all(tx).await?;
        let concerned = Concerned::of(tx, entries.iter()).await?;
        let entries: HashMap<AuditEntryId, audit_entry::Model> = entries.into_iter().map(|entry| (entry.id, entry)).collect();
        for item in items {
            check(verdict, &mut chain, &item, entries.get(&item.entry_id).map(|entry| (entry, &concerned)));
            if let Some(head) = signed.get(&item.number).filter(|head| head.head != item.hash) {
                verdict.harm(Harm::Changed, format!("the chain does not lead to the signed head of seal {}", head.seal));
            }
            verdict.entries += 1;
            chain.former = Some(item.hash);
        }
    }
}

fn check(verdict: &mut Verdict, chain: &mut Chain, item: &audit_seal_item::Model, entry: Option<(&audit_entry::Model, &Concerned)>) {
    let number = item.number;
    if number != chain.number + 1 {
        verdict.harm(Harm::Removed, format!("the items {} to {} of the chain", chain.number + 1, number - 1));
        chain.former = None;
    }
    chain.number = number;
    let Some((entry, concerned)) = entry else {
        return verdict.harm(Harm::Removed, format!("entry {number} ({})", item.entry_id));
    };
    if !concerned.holds_own(entry)
        || chain.former.as_deref().is_some_and(|former| seal::chain(former, number, entry, concerned) != item.hash)
    {
        verdict.harm(Harm::Changed, format!("entry {number} ({}), the bureaus it concerned, or its hash", item.entry_id));
    }
    if chain.latest.is_some_and(|latest| entry.at < latest - LATEST) {
        verdict.harm(Harm::Inserted, format!("entry {number} ({}) is dated long before those that were sealed before it", item.entry_id));
    }
    chain.latest = chain.latest.max(Some(entry.at));
}

/// What is not sealed: new entries, and those that are dated into the sealed range.
async fn tail<C: ConnectionTrait>(tx: &C, verdict: &mut Verdict, latest: Option<DateTime<Utc>>) -> Result<(), DbErr> {
    const UNSEALED: &str = "FROM audit_entry a WHERE NOT EXISTS (SELECT 1 FROM audit_seal_item i WHERE i.entry_id = a.id)";
    let since = latest.map_or(DateTime::UNIX_EPOCH, |latest| latest - LATEST);
    let new = format!("SELECT COUNT(*), MIN(a.at), MAX(a.at) {UNSEALED} AND a.at >= $1");
    let new = dialect::one_row(tx, &new, vec![since.into()]).await?;
    verdict.tail = Tail { entries: new.try_get_by_index(0)?, from: new.try_get_by_index(1)?, to: new.try_get_by_index(2)? };
    let old = dialect::one_row(tx, &format!("SELECT COUNT(*) {UNSEALED} AND a.at < $1"), vec![since.into()]).await?;
    let old: i64 = old.try_get_by_index(0)?;
    if old > 0 {
        verdict.harm(Harm::Inserted, format!("{old} entries that no seal covers are dated into the sealed range"));
    }
    Ok(())
}

//! What changed of records since a reader's last look, in the order of the commits, for those who keep a copy.
//!
//! Each recorded row names its receipt, whose number was taken last in its transaction, under a lock that is held until it has committed: who sees a
//! number sees all smaller ones, so that what lies behind the last number that was seen is all that is new. A page reads the rows that the caller sees
//! now by the numbers of their receipts, and beside them what the rows do not tell (`change`): from where they went, and that they were erased.
//! The latest state of a record rules; a former one is in its history.
//! Deliberately absent: where a record went that has left what the caller sees.

mod cursor;
mod feed;
mod rows;

pub use cursor::Cursor;

use crate::store::{Store, scope::RowScope, unscoped};
use crate::{authz::Action, error::Error};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use cursor::{Key, digest, start_anew};
use entity::{
    ids::DatabaseIdentityId,
    receipt,
    recorded::RecordedNoun,
    retention::{self, RetentionNoun},
};
use rows::Kinds;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Changes on a page unless the caller says otherwise.
const DEFAULT: usize = 50;
/// The most changes on a page.
const MOST: usize = 500;
/// Receipts that one page looks at.
const RECEIPTS: u64 = 1_000;
/// Records of the receipts that one page looks at, beyond the first receipt.
const RECORDS: i64 = 20_000;
/// For how long positions hold.
const HOLDS: TimeDelta = TimeDelta::days(90);

/// What happened to a record, as its latest version tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "ChangeKind")]
pub enum ChangeKind {
    /// It was written for the first time.
    Created,
    /// It was written anew, or more or less of it is shown to you; a record that you did not know may begin so, where it was written twice.
    Revised,
    /// It was taken out of every rule and measure.
    Voided,
    /// It came into what you see, or into one more place of it.
    MovedIn,
    /// It left what you see: drop it. Where to is not told.
    Departed,
    /// It was erased, because its period is over: drop it.
    Disposed,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of which noun.
    pub noun: RecordedNoun,
    /// Of which record.
    pub id: Uuid,
    /// What happened.
    pub kind: ChangeKind,
    /// Whose it is, for the trace.
    whose: Option<Uuid>,
}

impl Change {
    /// Whether the record is there for the caller.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        !matches!(self.kind, ChangeKind::Departed | ChangeKind::Disposed)
    }
}

/// What changed, up to a position.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The changes, in the order of the commits.
    pub changes: Vec<Change>,
    /// From where to go on.
    pub cursor: Cursor,
    /// Whether more is known to follow.
    pub more: bool,
}

/// What a reader follows: the nouns, and what of them it sees, on which day.
pub(in crate::store) struct Sees {
    scopes: BTreeMap<RecordedNoun, RowScope>,
    day: NaiveDate,
    digest: String,
}

/// Behind which change, and up to which receipt.
#[derive(Debug, Clone, Copy)]
struct Span {
    sequence: i64,
    past: Option<(RecordedNoun, Uuid)>,
    upto: i64,
}

impl Store {
    /// What changed after a position, of these nouns or of all that the caller may read; without a position nothing, and from where to follow. Of
    /// `whole` ones the caller reads the records that are shown.
    ///
    /// # Errors
    /// As [`Store::allow`]; `BAD_USER_INPUT` for a size outside 1 to 500, for what is no cursor, and for one from which something may be missing.
    pub async fn changes(
        &self,
        after: Option<&str>,
        nouns: Option<&[RecordedNoun]>,
        first: Option<i32>,
        whole: bool,
    ) -> Result<Changes, Error> {
        let first = match first.map(usize::try_from) {
            None => DEFAULT,
            Some(Ok(first @ 1..=MOST)) => first,
            Some(_) => {
                return Err(Error::input("first", "first は1から500までの数でなければなりません。", "first must be between 1 and 500."));
            }
        };
        let after = after.map(Cursor::parse).transpose()?;
        let sees = self.sees(nouns).await?;
        let page = self.changes_after(&sees, after, first).await?;
        // Records that are shown whole are noted where they are read.
        let noted: Vec<_> = page.changes.iter().filter(|change| !whole || !change.is_shown()).collect();
        if page.changes.is_empty() || !noted.is_empty() {
            self.note_changes(&sees, &noted);
        }
        Ok(page)
    }

    /// What the caller sees of these nouns.
    pub(in crate::store) async fn sees(&self, nouns: Option<&[RecordedNoun]>) -> Result<Sees, Error> {
        let wanted: BTreeSet<RecordedNoun> = match nouns {
            Some(nouns) => nouns.iter().copied().collect(),
            None => RecordedNoun::ALL.iter().copied().filter(|noun| self.may(Action::Read(noun.noun()))).collect(),
        };
        if wanted.is_empty() {
            return Err(Error::input("nouns", "対象を1つ以上指定してください。", "Name one noun at least."));
        }
        let scopes: Result<BTreeMap<_, _>, Error> =
            wanted.into_iter().map(|noun| Ok((noun, self.allow(Action::Read(noun.noun()))?))).collect();
        let scopes = scopes?;
        let by_day = [RecordedNoun::Employment, RecordedNoun::Staff, RecordedNoun::Posting]
            .iter()
            .any(|noun| scopes.get(noun).is_some_and(|of| !of.is_everything()));
        let day = if by_day { self.day_of_sight().await? } else { self.today() };
        Ok(Sees { digest: digest(&scopes), scopes, day })
    }

    /// The page after a position.
    pub(in crate::store) async fn changes_after(&self, sees: &Sees, after: Option<Cursor>, first: usize) -> Result<Changes, Error> {
        let database = self.identity().await?.id;
        let now = self.now();
        let horizon = self.last_number().await?;
        let stands = |sequence, past, at| Cursor { database, sight: sees.digest.clone(), at, sequence, past };
        let Some(after) = after else {
            return Ok(Changes { changes: Vec::new(), cursor: stands(horizon, None, now), more: false });
        };
        self.check_position(&after, sees, database, horizon).await?;
        let upto = self.window(&after, horizon).await?;
        let Some(upto) = upto else {
            return Ok(Changes { changes: Vec::new(), cursor: stands(after.sequence, None, now), more: false });
        };
        let span = Span { sequence: after.sequence, past: after.past, upto };
        let (mut found, told_to) = self.found_changes(sees, span, first).await?;
        let rest = found.len() > first;
        found.truncate(first);
        let (sequence, past) = match if rest { found.last().map(|(key, _)| *key) } else { told_to } {
            Some((sequence, noun, id)) => (sequence, Some((noun, id))),
            None => (upto, None),
        };
        let more = past.is_some() || upto < horizon;
        let cursor = stands(sequence, past, if more { after.at } else { now });
        Ok(Changes { changes: latest(found), cursor, more })
    }

    /// The number of the last receipt.
    pub(in crate::store) async fn last_number(&self) -> Result<i64, Error> {
        let last = unscoped::<receipt::Entity>().select_only().column(receipt::Column::Sequence);
        let last = last.filter(receipt::Column::Sequence.is_not_null()).order_by_desc(receipt::Column::Sequence);
        Ok(last.into_tuple::<i64>().one(self.reader()).await?.unwrap_or_default())
    }

    /// Refuses a position from which something may be missing.
    async fn check_position(&self, after: &Cursor, sees: &Sees, database: DatabaseIdentityId, horizon: i64) -> Result<(), Error> {
        if after.database != database || after.sequence > horizon {
            return Err(start_anew(
                "この続きの位置は、このデータベースのものではありません。",
                "This cursor is not of this database, which may have been restored.",
            ));
        }
        if after.sight != sees.digest {
            return Err(start_anew(
                "閲覧できる範囲または対象が変わりました。",
                "What you see, or the nouns that you follow, is not what it was.",
            ));
        }
        let kept = unscoped::<retention::Entity>().filter(retention::Column::Noun.eq(RetentionNoun::Receipt)).one(self.reader()).await?;
        let erased = kept.and_then(|kept| kept.disposed_before).map(|day| day.checked_add_days(Days::new(1)).unwrap_or(day));
        let is_old = self.now() - after.at > HOLDS || erased.is_some_and(|day| entity::period::civil_date(after.at) < day);
        if is_old {
            return Err(start_anew("この続きの位置は90日を過ぎています。", "This cursor is older than 90 days."));
        }
        Ok(())
    }

    /// Up to which receipt a page looks: a page of somebody who sees little of much would else look at all of it. `None` where nothing is new.
    async fn window(&self, after: &Cursor, horizon: i64) -> Result<Option<i64>, Error> {
        use receipt::Column;
        let from = if after.past.is_some() { after.sequence } else { after.sequence + 1 };
        let next = unscoped::<receipt::Entity>().select_only().column(Column::Sequence).column(Column::Records);
        let next = next.filter(Column::Sequence.gte(from)).filter(Column::Sequence.lte(horizon)).order_by_asc(Column::Sequence);
        let next: Vec<(i64, Option<i64>)> = next.limit(RECEIPTS).into_tuple().all(self.reader()).await?;
        let mut records = 0;
        let upto = next.iter().take_while(|(_, written)| {
            let begun = records < RECORDS;
            records += written.unwrap_or_default();
            begun
        });
        Ok(upto.last().map(|(sequence, _)| *sequence))
    }

    /// The first changes in a span, one more than asked for where there are more; and up to which key all was looked at, where that is not its end.
    async fn found_changes(&self, sees: &Sees, span: Span, first: usize) -> Result<(Vec<(Key, Change)>, Option<Key>), Error> {
        let (moved, told_to) = self.moved_rows(sees, span, first).await?;
        let mut found = BTreeMap::new();
        let mut of_rows = BTreeMap::new();
        for noun in sees.scopes.keys() {
            for row in self.written(*noun, sees, span, first + 1).await? {
                of_rows.insert((row.sequence, *noun, row.id), row);
            }
        }
        let standing = self.standing(sees, moved.keys().filter(|key| !of_rows.contains_key(*key))).await?;
        for (key, row) in &of_rows {
            let kind = Kinds::of(row, moved.get(key));
            found.insert(*key, Change { noun: key.1, id: key.2, kind, whose: row.whose });
        }
        for (key, moves) in &moved {
            if of_rows.contains_key(key) {
                continue;
            }
            if let Some((kind, whose)) = Kinds::beside(*key, moves, standing.get(&(key.1, key.2))) {
                found.insert(*key, Change { noun: key.1, id: key.2, kind, whose });
            }
        }
        let found = found.into_iter().filter(|(key, _)| told_to.is_none_or(|end| *key <= end));
        Ok((found.take(first + 1).collect(), told_to))
    }
}

/// The changes of a page, each record's latest alone.
fn latest(found: Vec<(Key, Change)>) -> Vec<Change> {
    let mut seen = BTreeSet::new();
    let mut changes: Vec<Change> =
        found.into_iter().rev().filter(|((_, noun, id), _)| seen.insert((*noun, *id))).map(|(_, change)| change).collect();
    changes.reverse();
    changes
}

/// The instant of a receipt that a condition on times is compared with: its own number's.
pub(crate) fn numbered_after(at: DateTime<Utc>) -> sea_orm::sea_query::SelectStatement {
    use sea_orm::QueryTrait;
    let later = unscoped::<receipt::Entity>().select_only().column(receipt::Column::Id);
    later.filter(receipt::Column::NumberedAt.gt(at)).into_query()
}

//! The rows of a call, their revisions and their stale marks, in whole statements.

use super::{
    After, Aftermath, Call, Outcome, Recordable, Row, Touch, Writing,
    decide::{Decision, rejections},
};
use crate::{
    authz::Noun,
    error::Error,
    store::{dialect, rules::sight::Sight},
};
use chrono::{DateTime, Utc};
use entity::{
    change,
    ids::{ChangeId, ReceiptId, RecordRevisionId, StaffId},
    period::civil_date,
    record::{Meta, Record},
    record_revision,
};
use jobs::transaction::{self, Stale};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Writes what was decided, its history, its moves and its stale marks; returns the people whom it would leave stranded, and how many records were
/// written.
pub(super) async fn write<M: Recordable, C: ConnectionTrait>(
    tx: &C,
    call: &Call<M::Draft>,
    world: &M::World,
    writing: &Writing<'_>,
    id: ReceiptId,
    decisions: &[Decision<M>],
) -> Result<(Outcome, BTreeSet<StaffId>, i64), Error> {
    let mut outcome = Outcome { rejections: rejections(call, decisions), ..Outcome::default() };
    let (mut created, mut replaced, mut revisions, mut moves) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut stale = Stale::new();
    let mut touch = |touches: Vec<Touch>| {
        for (bureau, month, person) in touches {
            stale.entry((bureau, month)).or_default().insert(person);
        }
    };
    for decision in decisions {
        match decision {
            Decision::Reject(_) => {}
            Decision::Superseded => outcome.superseded += 1,
            Decision::Unchanged => outcome.unchanged += 1,
            Decision::Put { row, before: None } => {
                touch(row.touches(world));
                outcome.created += 1;
                created.push(row.clone());
            }
            Decision::Put { row, before: Some(before) } => {
                touch(touched(row, Some(before), world));
                if row.meta().void_reason.is_some() {
                    outcome.voided += 1;
                } else {
                    outcome.updated += 1;
                }
                revisions.push(revision(M::NOUN, before, writing.now)?);
                moves.extend(moved(M::NOUN, id, before, row));
                replaced.push(row.clone());
            }
        }
    }
    let mut followers = followers(tx, &mut created.iter_mut().chain(&mut replaced).collect::<Vec<_>>(), world).await?;
    for (row, before) in &mut followers {
        row.set_meta(Meta { revision: before.meta().revision + 1, receipt_id: id, updated_at: writing.now, ..row.meta() });
        revisions.push(revision(M::NOUN, before, writing.now)?);
        touch(touched(row, Some(before), world));
    }
    let mut followers: Vec<M> = followers.into_iter().map(|(row, _)| row).collect();
    let all: Vec<M> = followers.iter().chain(&replaced).chain(&created).cloned().collect();
    let new: BTreeSet<Uuid> = created.iter().map(Record::key).collect();
    let sight = if M::IS_SIGHT && !all.is_empty() {
        let people = all.iter().filter_map(|row| Some(row.person()?.0)).collect();
        Some(Sight::before(tx, people, civil_date(writing.now)).await?)
    } else {
        None
    };
    if M::HANDED_ON && !replaced.is_empty() {
        dialect::step_aside::<M::Entity, _>(tx, &replaced.iter().map(Record::key).collect()).await?;
    }
    // What a transfer ends is freed before the new posting takes its place; a unique key is freed before it is taken again.
    followers.append(&mut replaced);
    transaction::put_all(tx, followers, true).await?;
    transaction::put_all(tx, created, false).await?;
    transaction::put_all(tx, revisions, false).await?;
    transaction::put_all(tx, moves, false).await?;
    let after = After { writing, receipt: id };
    let after = if all.is_empty() { Aftermath::default() } else { M::after(tx, &all.iter().collect::<Vec<_>>(), &after).await? };
    if let Some(sight) = sight {
        sight.tell(tx, id, &new).await?;
    }
    for (bureau, month, person) in after.touches {
        stale.entry((bureau, month)).or_default().insert(person);
    }
    let receipt = (!call.dry_run).then_some(id);
    outcome.stale_months = stale.keys().map(|(_, month)| *month).collect::<BTreeSet<_>>().into_iter().collect();
    transaction::mark_stale(tx, writing.now, receipt, &stale).await?;
    Ok((outcome, after.stranded, i64::try_from(all.len()).unwrap_or(i64::MAX)))
}

/// Writes rows that a call changes beyond those of its own noun, each with the version that it replaces.
pub(in crate::store) async fn rewrite<M: Row, C: ConnectionTrait>(
    tx: &C,
    noun: Noun,
    changes: Vec<(M, M)>,
    after: &After<'_>,
) -> Result<(), Error> {
    let (now, receipt_id) = (after.writing.now, after.receipt);
    let revisions: Result<Vec<_>, Error> = changes.iter().map(|(before, _)| revision(noun, before, now)).collect();
    let rows = changes.into_iter().map(|(before, mut row)| {
        row.set_meta(Meta { revision: before.meta().revision + 1, receipt_id, updated_at: now, ..row.meta() });
        row
    });
    transaction::put_all(tx, rows.collect(), true).await?;
    Ok(transaction::put_all(tx, revisions?, false).await?)
}

/// What the rules change beyond the rows that were sent, each with its stored version.
pub(super) async fn followers<M: Recordable, C: ConnectionTrait>(
    tx: &C,
    sent: &mut [&mut M],
    world: &M::World,
) -> Result<Vec<(M, M)>, Error> {
    let followers = M::consequences(sent, world);
    if followers.is_empty() {
        return Ok(Vec::new());
    }
    let stored = dialect::by_id::<M::Entity, _>(tx, "id", &followers.iter().map(Record::key).collect()).await?;
    let mut stored: HashMap<Uuid, M> = stored.into_iter().map(|row| (row.key(), row)).collect();
    Ok(followers.into_iter().filter_map(|row| stored.remove(&row.key()).map(|before| (row, before))).collect())
}

pub(super) fn touched<M: Recordable>(row: &M, before: Option<&M>, world: &M::World) -> Vec<Touch> {
    let mut touches = row.touches(world);
    touches.extend(before.into_iter().flat_map(|before| before.touches(world)));
    touches
}

/// What is told of a record that is another's from this version on.
fn moved<M: Recordable>(noun: Noun, receipt_id: ReceiptId, before: &M, row: &M) -> Option<change::Model> {
    let (from, to) = (before.whose()?, row.whose()?);
    (from != to).then(|| change::Model {
        id: ChangeId::new(),
        receipt_id,
        noun: noun.table().to_owned(),
        record_id: row.key(),
        disposed: false,
        held: false,
        from_bureau_id: Some(from.bureau_id),
        from_unit_id: from.unit_id,
        from_staff_id: from.staff_id,
        to_bureau_id: Some(to.bureau_id),
        to_unit_id: to.unit_id,
        to_staff_id: to.staff_id,
        to_posting_id: None,
    })
}

fn revision<M: Record + Serialize>(noun: Noun, before: &M, now: DateTime<Utc>) -> Result<record_revision::Model, Error> {
    let meta = before.meta();
    Ok(record_revision::Model {
        id: RecordRevisionId::new(),
        noun: noun.table().to_owned(),
        record_id: before.key(),
        revision: meta.revision,
        content: serde_json::to_value(before).map_err(|error| Error::internal(&error))?,
        receipt_id: meta.receipt_id,
        written_at: meta.updated_at,
        replaced_at: now,
    })
}

//! What becomes of each record: by itself, and on the final state of the whole call. Pure but for the loading of what is stored.

use super::{
    Call, Draft, End, Outcome, Recordable, Rejection, Unread, Writing,
    check::{as_said, check_horizons, check_key, check_new_key, other_spelling, void_reason},
};
use crate::{
    error::{Code, Error},
    store::dialect,
};
use entity::{
    ids::{BureauId, ReceiptId, StaffId},
    key::fold,
    record::{Meta, Record},
    record_revision,
};
use jobs::database::WriteTransaction;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
};
use uuid::Uuid;

/// What becomes of one record.
pub(super) enum Decision<M> {
    Reject(Error),
    Superseded,
    Unchanged,
    Put { row: M, before: Option<M> },
}

impl<M> Decision<M> {
    /// The row to be written.
    pub(super) fn row(&self) -> Option<&M> {
        match self {
            Self::Put { row, .. } => Some(row),
            Self::Reject(_) | Self::Superseded | Self::Unchanged => None,
        }
    }
}

/// Decides each record by itself; returns also the stored rows that count and that the call's records replace or might contradict.
pub(super) async fn decide<M: Recordable>(
    tx: &WriteTransaction,
    call: &Call<M::Draft>,
    world: &M::World,
    writing: &Writing<'_>,
    id: ReceiptId,
) -> Result<(Vec<Decision<M>>, BTreeMap<Uuid, M>), Error> {
    let twins: Vec<Cow<str>> = call.records.iter().map(|record| twin::<M>(record.key())).collect();
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for twin in &twins {
        *seen.entry(twin).or_default() += 1;
    }
    let stored = M::stored(tx, writing.client, &seen.keys().copied().collect()).await?;
    let stored: HashMap<String, M> = stored.into_iter().map(|row| (twin::<M>(row.stored_key()).into_owned(), row)).collect();
    let beyond = stored.values().filter(|row| !row.writable(world, writing) && row.is_own(writing)).map(Record::key).collect();
    let departed = departed_of(tx, &beyond, writing).await?;
    let firsts = firsts(&call.records, &twins, &seen)?;
    let one = |(index, (draft, twin)): (usize, (&M::Draft, &Cow<str>))| {
        let first = firsts.get(&**twin).copied();
        if first.is_some_and(|first| first < index) {
            return Decision::Unchanged;
        }
        if seen[&**twin] > 1 && first.is_none() {
            let (ja, en) = ("同じキーの記録が複数あります。", "The call holds this key more than once.");
            return Decision::Reject(Error::input(M::KEY, ja, en));
        }
        let stored = stored.get(&**twin);
        let departed = stored.is_some_and(|row| departed.contains(&row.key()));
        single::<M>(draft, (stored, departed), world, writing, id).unwrap_or_else(|error| Decision::Reject(as_said(draft, error)))
    };
    let decisions = call.records.iter().zip(&twins).enumerate().map(one).collect();
    let neighbours = M::neighbours(tx, call, world).await?;
    let mut base: BTreeMap<Uuid, M> = neighbours.into_iter().map(|row| (row.key(), row)).collect();
    base.extend(stored.into_values().filter(|row| row.meta().void_reason.is_none()).map(|row| (row.key(), row)));
    Ok((decisions, base))
}

/// The first of the records of each key that stands more than once and says the same each time: it counts, once.
fn firsts<'a, D: Draft>(records: &[D], twins: &'a [Cow<str>], seen: &BTreeMap<&str, u32>) -> Result<HashMap<&'a str, usize>, Error> {
    let mut said: HashMap<&str, Option<(usize, Vec<u8>)>> = HashMap::new();
    for (index, twin) in twins.iter().enumerate().filter(|(_, twin)| seen[&***twin] > 1) {
        let body = serde_json::to_vec(&records[index]).map_err(|error| Error::internal(&error))?;
        match said.entry(twin) {
            Entry::Vacant(place) => _ = place.insert(Some((index, body))),
            Entry::Occupied(mut first) if first.get().as_ref().is_some_and(|(_, first)| *first != body) => _ = first.insert(None),
            Entry::Occupied(_) => {}
        }
    }
    Ok(said.into_iter().filter_map(|(twin, first)| Some((twin, first?.0))).collect())
}

/// What is sent twice is refused twice.
pub(super) fn echo<M: Recordable>(call: &Call<M::Draft>, decisions: &mut [Decision<M>]) {
    let mut firsts: HashMap<&str, usize> = HashMap::new();
    for (index, record) in call.records.iter().enumerate() {
        let first = *firsts.entry(record.key()).or_insert(index);
        if let (true, Decision::Reject(error)) = (first < index, &decisions[first]) {
            decisions[index] = Decision::Reject(error.clone());
        }
    }
}

/// Decides all records together: those that contradict the final state are refused, what was stored in their place returns, until nothing
/// more is refused. The result does not depend on the records' order.
/// A record that another client's stands in the way of is told so.
pub(super) fn settle<M: Recordable>(decisions: &mut [Decision<M>], stored: &BTreeMap<Uuid, M>, world: &M::World, client: &str) {
    loop {
        let rows = final_state(decisions, stored);
        let position: HashMap<Uuid, usize> =
            decisions.iter().enumerate().filter_map(|(index, decision)| Some((decision.row()?.key(), index))).collect();
        let conflicts = M::conflicts(&rows, world);
        let others = conflicts.iter().map(|(row, _)| rows[*row]).filter(|row| !position.contains_key(&row.key()));
        let others: BTreeSet<StaffId> =
            others.filter(|row| row.client().is_some_and(|of| of != client)).filter_map(Recordable::person).collect();
        let located = |(row, error): (usize, Error)| {
            let error = with_key(error, &rows, client);
            let in_the_way = rows[row].person().is_some_and(|person| others.contains(&person));
            position.get(&rows[row].key()).map(|index| (*index, if in_the_way { others_in_the_way(error) } else { error }))
        };
        let refused: Vec<_> = conflicts.into_iter().filter_map(located).collect();
        if refused.is_empty() {
            return;
        }
        for (index, error) in refused {
            if !matches!(decisions[index], Decision::Reject(_)) {
                decisions[index] = Decision::Reject(error);
            }
        }
    }
}

/// Names the record that another one meets, where it is in the writer's own numbering or in nobody's.
fn with_key<M: Recordable>(error: Error, rows: &[&M], client: &str) -> Error {
    match error.other.map(|other| rows[other]).filter(|row| row.client().is_none_or(|of| of == client)) {
        Some(row) => Error {
            ja: format!("{}（相手の記録：{}）", error.ja, row.stored_key()),
            en: format!("{} The other record is {:?}.", error.en, row.stored_key()),
            other: None,
            ..error
        },
        None => Error { other: None, ..error },
    }
}

/// The rows that count once the call is written, of those that it names or might contradict.
pub(super) fn final_state<'a, M: Recordable>(decisions: &'a [Decision<M>], stored: &'a BTreeMap<Uuid, M>) -> Vec<&'a M> {
    let mut state: BTreeMap<Uuid, &M> = stored.iter().map(|(key, row)| (*key, row)).collect();
    for row in decisions.iter().filter_map(Decision::row) {
        if row.meta().void_reason.is_some() {
            state.remove(&row.key());
        } else {
            state.insert(row.key(), row);
        }
    }
    state.into_values().collect()
}

/// What makes a key the same as another.
fn twin<M: Recordable>(key: &str) -> Cow<'_, str> {
    if M::FOLDED { fold(key).into() } else { key.into() }
}

/// Decides one record by itself. What is stored may have another spelling of its key; of who may not write it, that is told no more than that
/// it is there, which is to say what is told of the same spelling.
fn single<M: Recordable>(
    draft: &M::Draft,
    (stored, departed): (Option<&M>, bool),
    world: &M::World,
    writing: &Writing<'_>,
    id: ReceiptId,
) -> Result<Decision<M>, Error> {
    if !stored.is_some_and(|stored| stored.stored_key() == draft.key() && stored.writable(world, writing)) {
        check_new_key(draft.key(), M::KEY)?;
        M::check_reserved(draft.key())?;
    }
    check_key(draft.key(), M::KEY)?;
    let version = draft.version();
    let source_version = version.source_version.map(|version| version.0);
    let void_reason = void_reason(version)?;
    if let Some(stored) = stored {
        if !stored.writable(world, writing) {
            if !departed {
                return Err(M::not_writable());
            }
            if void_reason.is_none() {
                return Err(has_departed(M::KEY));
            }
        }
        if stored.stored_key() != draft.key() {
            return Err(other_spelling(M::KEY, stored.stored_key()));
        }
        if source_version.zip(stored.meta().source_version).is_some_and(|(new, old)| new < old) {
            return Ok(Decision::Superseded);
        }
    }
    let is_older = || source_version.is_none() && !writing.corrects && stored.is_some_and(|stored| stored.meta().source_version.is_some());
    let meta = Meta {
        source_version: source_version.or_else(|| stored.and_then(|stored| stored.meta().source_version)),
        void_reason: void_reason.clone(),
        revision: stored.map_or(1, |stored| stored.meta().revision + 1),
        receipt_id: id,
        created_at: stored.map_or(writing.now, |stored| stored.meta().created_at),
        updated_at: writing.now,
    };
    if let Some(reason) = void_reason {
        // What is taken out keeps what it said; the draft's content does not matter.
        let stored = stored.ok_or_else(|| Error::not_found(M::KEY, "記録", "record"))?;
        stored.check_void(world, writing)?;
        if stored.meta().void_reason.as_ref() == Some(&reason) {
            return Ok(Decision::Unchanged);
        }
        if is_older() {
            return Err(unversioned());
        }
        let mut row = stored.clone();
        row.set_meta(meta);
        return Ok(Decision::Put { row, before: Some(stored.clone()) });
    }
    if stored.is_none() && writing.corrects && M::IN_CLIENTS_NUMBERING {
        return Err(Error::not_found(M::KEY, "記録", "record"));
    }
    draft.ends().into_iter().try_for_each(End::check)?;
    let mut row = M::build(draft, meta, world, writing)?;
    // After all else that is wrong with it, for to whom the person is unknown all records look alike.
    check_horizons(&row, draft, writing.now)?;
    let Some(stored) = stored else { return Ok(Decision::Put { row, before: None }) };
    row.check_update(stored)?;
    row.set_key(stored.key());
    row.correct(stored.correction());
    if stored.meta().void_reason.is_none() && row.same_content(stored) {
        let newer = source_version.is_some() && source_version != stored.meta().source_version;
        if !newer {
            return Ok(Decision::Unchanged);
        }
    } else if source_version.is_some() && source_version == stored.meta().source_version {
        let (ja, en) = ("同じ版番号で内容の異なる記録です。", "This source version is stored with other content.");
        return Err(Error::conflict("sourceVersion", ja, en));
    } else if is_older() {
        return Err(unversioned());
    }
    Ok(Decision::Put { row, before: Some(stored.clone()) })
}

/// A change without a version of a record that has one: nobody knows which of the two is later.
fn unversioned() -> Error {
    let ja = "この記録は版番号（sourceVersion）とともに書き込まれています。それより大きい版番号を付けてください。";
    let en = "This record was written with a sourceVersion; send the source's present one, a larger number.";
    Error::input("sourceVersion", ja, en)
}

/// What contradicts another client's record says so, for the writer cannot see it among their own.
fn others_in_the_way(error: Error) -> Error {
    Error {
        ja: format!(
            "{}他の記録元（異動前の部局など）の記録が先にあります。所属部局の担当者が、どちらかを理由を付けて無効にできます。",
            error.ja
        ),
        en: format!(
            "{} Another client's record, such as one that came with the person from another bureau, is in the way; the officer of the \
             bureau that holds the person can void either with a reason.",
            error.en
        ),
        ..error
    }
}

/// Those of the writer's own records beyond its reach that once lay within it: they left with their people. What it never reached, or what was taken
/// from its reach by an administrator, is none of its concern.
async fn departed_of(tx: &WriteTransaction, beyond: &BTreeSet<Uuid>, writing: &Writing<'_>) -> Result<BTreeSet<Uuid>, Error> {
    if beyond.is_empty() {
        return Ok(BTreeSet::new());
    }
    let former = dialect::by_id::<record_revision::Entity, _>(&**tx, "record_id", beyond).await?;
    let within = |row: &record_revision::Model| {
        let bureau = row.content.get("bureau_id").and_then(serde_json::Value::as_str).and_then(|id| id.parse().ok());
        bureau.is_some_and(|id| writing.scope.bureaus.holds(&BureauId(id)))
    };
    Ok(former.iter().filter(|row| within(row)).map(|row| row.record_id).collect())
}

/// A record of the writer's own that left with its person.
fn has_departed(key: &str) -> Error {
    let (ja, en) = (
        "この記録は、職員の異動に伴い他の部局に移りました。無効にすることだけができます。",
        "This record left with its person for another bureau. It may be voided, and nothing else.",
    );
    Error { field: Some(key.into()), ..Error::new(Code::Departed, ja, en) }
}

/// Refuses what would leave people with records that nothing covers.
pub(super) fn strand<M: Recordable>(decisions: &mut [Decision<M>], stranded: &BTreeSet<StaffId>) -> Result<(), Error> {
    let mut found = false;
    for decision in decisions {
        if let Decision::Put { row, .. } = decision
            && row.person().is_some_and(|person| stranded.contains(&person))
        {
            found = true;
            *decision = Decision::Reject(Error::conflict(
                "validFrom",
                "この変更により、配属または在職のない日の記録が残ります。先にそれらの記録を訂正してください。",
                "This would leave records on days without a posting or employment. Correct those records first.",
            ));
        }
    }
    if found { Ok(()) } else { Err(Error::internal(&"records were stranded by a change that no record of the call made")) }
}

/// The outcome of the records that could be read, with those beside them that could not, each in its place among all that was sent.
pub(super) fn beside_unread(mut outcome: Outcome, unread: &[Unread]) -> Outcome {
    if unread.is_empty() {
        return outcome;
    }
    let place = |index: i32| {
        let mut index = usize::try_from(index).unwrap_or_default();
        for gap in unread.iter().map(|record| record.index) {
            index += usize::from(gap <= index);
        }
        i32::try_from(index).unwrap_or(i32::MAX)
    };
    for rejection in &mut outcome.rejections {
        rejection.index = place(rejection.index);
    }
    for warning in &mut outcome.warnings {
        warning.index = place(warning.index);
    }
    let refused = |record: &Unread| Rejection {
        index: i32::try_from(record.index).unwrap_or(i32::MAX),
        key: record.key.replace('\0', "\u{fffd}"),
        error: record.error.clone(),
    };
    outcome.rejections.extend(unread.iter().map(refused));
    outcome.rejections.sort_by_key(|rejection| rejection.index);
    outcome
}

pub(super) fn rejections<M, D: Draft>(call: &Call<D>, decisions: &[Decision<M>]) -> Vec<Rejection> {
    let refused = decisions.iter().enumerate().filter_map(|(index, decision)| match decision {
        Decision::Reject(error) => Some((index, error.clone())),
        _ => None,
    });
    let located = |(index, error): (usize, Error)| Rejection {
        index: i32::try_from(index).unwrap_or(i32::MAX),
        // PostgreSQL's JSON holds no NUL.
        key: call.records[index].key().replace('\0', "\u{fffd}"),
        error: Error { field: error.field.and_then(|field| of_input(&call.records[index], field)), ..error },
    };
    refused.map(located).collect()
}

/// A field by a name that the input has: a rule of all nouns speaks of the date, which some begin with.
fn of_input<D: Draft>(draft: &D, field: String) -> Option<String> {
    let Ok(serde_json::Value::Object(members)) = serde_json::to_value(draft) else { return Some(field) };
    let named = |name: &str| members.contains_key(&snake(name)) || members.contains_key(name);
    let head = field.split(['.', '[']).next().unwrap_or_default();
    if named(head) {
        return Some(field);
    }
    let dates = ["date", "validFrom", "hiredOn", "month"];
    dates.contains(&head).then(|| dates.iter().find(|name| named(name)).map(|name| (*name).to_owned())).flatten()
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

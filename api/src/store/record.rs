//! The one way in which records are written: bulk, idempotent, versioned, in one transaction and in whole statements.
//!
//! receipt first (a concurrent twin waits and replays) → lock and load what the rules need → decide record by record → decide on the final
//! state of the whole call, until stable → lock the months → rows, revisions, audit, stale marks → the receipt's outcome → commit.
//! What a noun adds is [`Recordable`]: how its draft becomes a row, which rows contradict each other, which months it touches.

use super::{Store, dialect, scope::RowScope, unscoped};
use crate::{
    authz::{Act, Noun},
    error::{Code, Error},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::{
    api_client,
    ids::{BureauId, MonthCloseId, ReceiptId, RecordRevisionId, StaffId},
    month_close::{self, CloseState},
    period::YearMonth,
    receipt,
    record::{Meta, Record},
    record_revision,
};
use jobs::{
    database::WriteTransaction,
    inside::{self, Stale},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter,
    TransactionTrait, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    future::Future,
};
use uuid::Uuid;

/// The most records of one call.
pub const MOST_RECORDS: usize = 5_000;

/// What becomes of a call of which some records are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "RecordMode")]
pub enum Mode {
    /// One refused record keeps all others out.
    AllOrNothing,
    /// The good ones are written; all records of a conflict are refused.
    AcceptValid,
}

/// One bulk call.
#[derive(Debug, Clone, Serialize)]
pub struct Call<D> {
    /// The caller's key: a second call with it and the same body replays the receipt.
    #[serde(skip)]
    pub idempotency_key: String,
    /// What becomes of the good records where some are refused.
    pub mode: Mode,
    /// Decide everything, write nothing.
    #[serde(skip)]
    pub dry_run: bool,
    /// Why a closed month is corrected.
    pub correction_reason: Option<String>,
    /// In whose numbering the records are; for people who correct a client's records.
    pub client: Option<String>,
    /// The records.
    pub records: Vec<D>,
}

/// What every draft carries beside what it says.
#[derive(Debug, Clone, Default, Serialize, Deserialize, async_graphql::InputObject)]
pub struct Version {
    /// The source's own version of the record, a number that only grows; an older one changes nothing.
    pub source_version: Option<crate::words::Long>,
    /// Takes the record out of every rule and measure; its history stays.
    #[graphql(default)]
    pub void: bool,
    /// Why it is void; needed with `void: true`.
    pub void_reason: Option<String>,
}

/// One refused record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Its place in the call, counted from 0.
    pub index: i32,
    /// Its key.
    pub key: String,
    /// Why.
    pub error: Error,
}

/// What a call did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Records written for the first time.
    pub created: i32,
    /// Records changed, or revived.
    pub updated: i32,
    /// Records that say what is stored.
    pub unchanged: i32,
    /// Records older than what is stored.
    pub superseded: i32,
    /// Records taken out.
    pub voided: i32,
    /// Records refused.
    pub rejected: i32,
    /// Months to be computed anew.
    pub stale_months: Vec<YearMonth>,
    /// Why records were refused.
    pub rejections: Vec<Rejection>,
}

/// The receipt of a call.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Its id; null for a dry run, which stores nothing.
    pub id: Option<ReceiptId>,
    /// Whether it is that of an earlier, equal call.
    pub replayed: bool,
    /// What the call did.
    pub outcome: Outcome,
}

/// What a stored row touches: whose figures of which bureau and month.
pub type Touch = (BureauId, YearMonth, Option<StaffId>);

/// A draft of a record, as callers send it.
pub trait Draft: Serialize + Send + Sync {
    /// The key under which it is stored.
    fn key(&self) -> &str;
    /// Version and voidness.
    fn version(&self) -> &Version;
}

/// The writer and the moment, as rules need them.
pub struct Writing<'a> {
    /// The rows that the writer may touch.
    pub scope: &'a RowScope,
    /// In whose numbering the records are.
    pub client: &'a str,
    /// When.
    pub now: DateTime<Utc>,
}

/// What one noun adds to the one way of writing.
pub trait Recordable:
    Record
    + Serialize
    + IntoActiveModel<<<Self as ModelTrait>::Entity as EntityTrait>::ActiveModel>
    + ModelTrait<Entity: EntityTrait<Model = Self, ActiveModel: ActiveModelTrait<Entity = <Self as ModelTrait>::Entity> + Send>>
    + Send
    + Sync
{
    /// The draft.
    type Draft: Draft;
    /// What the rules need to know.
    type World: Send + Sync;
    /// The noun.
    const NOUN: Noun;
    /// The input field that holds the key.
    const KEY: &'static str = "externalId";
    /// Whether the table has a unique key of rows that count, which records of one call may hand on to each other.
    const HANDED_ON: bool = false;

    /// The key under which a row is stored.
    fn stored_key(&self) -> &str;
    /// Locks and loads what the rules need.
    fn load(
        tx: &WriteTransaction,
        call: &Call<Self::Draft>,
        writing: &Writing<'_>,
    ) -> impl Future<Output = Result<Self::World, Error>> + Send;
    /// The stored rows with the call's keys.
    fn stored(tx: &WriteTransaction, client: &str, keys: &BTreeSet<&str>) -> impl Future<Output = Result<Vec<Self>, DbErr>> + Send;
    /// Rows that count and that the call's records might contradict.
    #[must_use]
    fn neighbours(_: &WriteTransaction, _: &Call<Self::Draft>, _: &Self::World) -> impl Future<Output = Result<Vec<Self>, DbErr>> + Send {
        async { Ok(Vec::new()) }
    }
    /// Whether the writer may change this stored row.
    fn writable(&self, world: &Self::World, writing: &Writing<'_>) -> bool;
    /// The row that a draft becomes.
    ///
    /// # Errors
    /// What is wrong with the draft, located.
    fn build(draft: &Self::Draft, meta: Meta, world: &Self::World, writing: &Writing<'_>) -> Result<Self, Error>;
    /// Which rows of the final state contradict each other, by index.
    #[must_use]
    fn conflicts(_: &[&Self], _: &Self::World) -> Vec<(usize, Error)> {
        Vec::new()
    }
    /// What the rules change beyond what was sent: adjusts rows that were, and returns stored ones, such as the posting that a transfer ends.
    #[must_use]
    fn consequences(_: &mut [&mut Self], _: &Self::World) -> Vec<Self> {
        Vec::new()
    }
    /// The person the row is about.
    fn person(&self) -> Option<StaffId> {
        None
    }
    /// The months whose figures a change of the row alters in a way that a closed month forbids.
    fn guarded(&self, before: Option<&Self>, world: &Self::World) -> Vec<Touch> {
        touched(self, before, world)
    }
    /// Whose figures the row touches.
    fn touches(&self, _: &Self::World) -> Vec<Touch> {
        Vec::new()
    }
    /// Why the row corrects a closed month.
    fn correction(&self) -> Option<String> {
        None
    }
    /// Marks the row as a late correction.
    fn correct(&mut self, _: Option<String>) {}
    /// What follows in the same transaction, such as moving dated records to their new posting. Returns the people who would be left with
    /// records that nothing covers; their records in this call are refused.
    #[must_use]
    fn after<C: ConnectionTrait>(_: &C, _: &[&Self]) -> impl Future<Output = Result<BTreeSet<StaffId>, Error>> + Send {
        async { Ok(BTreeSet::new()) }
    }
}

enum Decision<M> {
    Reject(Error),
    Superseded,
    Unchanged,
    Put { row: M, before: Option<M> },
}

impl<M> Decision<M> {
    /// The row to be written.
    fn row(&self) -> Option<&M> {
        match self {
            Self::Put { row, .. } => Some(row),
            Self::Reject(_) | Self::Superseded | Self::Unchanged => None,
        }
    }
}

impl Store {
    /// Writes the records of a call.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` for a call that is wrong as a whole; CONFLICT for a key that was used with another body. What is
    /// wrong with single records stands in the receipt.
    pub async fn record<M: Recordable>(&self, call: Call<M::Draft>) -> Result<Receipt, Error> {
        let scope = self.allow(Act::Record(M::NOUN))?;
        check(&call)?;
        let client = self.client_of(&call)?;
        let hash = hash(&call)?;
        let tx = self.begin().await?;
        if call.client.is_some() {
            let known = unscoped::<api_client::Entity>().filter(api_client::Column::Code.eq(&client)).one(&*tx).await?;
            known.ok_or_else(|| Error::not_found("client", "クライアント", "client"))?;
        }
        let id = ReceiptId::new();
        // Rows name their receipt, those of a dry run too until they are rolled back: it has one under a key that nobody else uses.
        let key = if call.dry_run { id.to_string() } else { call.idempotency_key.clone() };
        if let Some(replayed) = self.claim(&tx, id, M::NOUN, &key, &hash).await? {
            return Ok(replayed);
        }
        let writing = Writing { scope: &scope, client: &client, now: self.now() };
        dialect::plan_anew(&*tx, true).await?;
        let world = M::load(&tx, &call, &writing).await?;
        let (mut decisions, stored) = decide::<M>(&tx, &call, &world, &writing, id).await?;
        dialect::plan_anew(&*tx, false).await?;
        settle(&mut decisions, &stored, &world);
        // A call that is refused as a whole leaves no month behind that it would have written to.
        let months = tx.begin().await?;
        // A record that a closed month refuses leaves its stored version in place, which others may contradict.
        while self.apply_month_close(&months, &call, &world, &mut decisions).await? {
            settle(&mut decisions, &stored, &world);
        }
        let written = loop {
            let refused = decisions.iter().any(|decision| matches!(decision, Decision::Reject(_)));
            if refused && call.mode == Mode::AllOrNothing {
                break None;
            }
            let savepoint = months.begin().await?;
            let (outcome, stranded) = write(&savepoint, &call, &world, &writing, id, &decisions).await?;
            if stranded.is_empty() {
                savepoint.commit().await?;
                break Some(outcome);
            }
            savepoint.rollback().await?;
            strand(&mut decisions, &stranded)?;
        };
        let outcome = if let Some(outcome) = written {
            months.commit().await?;
            outcome
        } else {
            months.rollback().await?;
            Outcome { rejections: rejections(&call, &decisions), ..Outcome::default() }
        };
        let outcome = Outcome { rejected: i32::try_from(outcome.rejections.len()).unwrap_or(i32::MAX), ..outcome };
        if call.dry_run {
            tx.rollback().await?;
            return Ok(Receipt { id: None, replayed: false, outcome });
        }
        self.finish(&tx, id, M::NOUN, call.correction_reason.as_ref(), &outcome).await?;
        tx.commit().await?;
        Ok(Receipt { id: Some(id), replayed: false, outcome })
    }

    /// In whose numbering a call's records are: a machine's own; for people the office's, or that of the client whose records they correct.
    fn client_of<D>(&self, call: &Call<D>) -> Result<String, Error> {
        let own = self.actor.client();
        match &call.client {
            Some(client) if client != own && self.actor.principal.client.is_some() => {
                Err(Error::input("client", "他のクライアントの記録は書き込めません。", "A machine client writes its own records only."))
            }
            Some(client) => Ok(client.clone()),
            None => Ok(own.to_owned()),
        }
    }

    /// Inserts the receipt, or returns the earlier one with the same key.
    async fn claim(&self, tx: &WriteTransaction, id: ReceiptId, noun: Noun, key: &str, hash: &str) -> Result<Option<Receipt>, Error> {
        let row = receipt::Model {
            id,
            writer: self.actor.writer(),
            mutation: noun.table().to_owned(),
            idempotency_key: key.to_owned(),
            body_hash: hash.to_owned(),
            outcome: serde_json::Value::Null,
            created_at: self.now(),
        };
        let (writer, mutation) = (row.writer.clone(), row.mutation.clone());
        let insert = receipt::Entity::insert(row.into_active_model()).on_conflict(
            OnConflict::columns([receipt::Column::Writer, receipt::Column::Mutation, receipt::Column::IdempotencyKey])
                .do_nothing()
                .to_owned(),
        );
        match insert.exec_without_returning(&**tx).await {
            Ok(0) | Err(DbErr::RecordNotInserted) => {}
            Ok(_) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let earlier = unscoped::<receipt::Entity>()
            .filter(receipt::Column::Writer.eq(writer))
            .filter(receipt::Column::Mutation.eq(mutation))
            .filter(receipt::Column::IdempotencyKey.eq(key))
            .one(&**tx)
            .await?;
        let earlier = earlier.ok_or_else(|| Error::internal(&"a receipt vanished between two statements"))?;
        if earlier.body_hash != hash {
            return Err(Error::conflict(
                "idempotencyKey",
                "この冪等キーは別の内容で使われています。",
                "This idempotency key was used with another body.",
            ));
        }
        let outcome = serde_json::from_value(earlier.outcome).map_err(|error| Error::internal(&error))?;
        Ok(Some(Receipt { id: Some(earlier.id), replayed: true, outcome }))
    }

    /// Locks the months that the call touches, and refuses records of closed ones unless a person corrects them with a reason. Tells
    /// whether any was refused.
    async fn apply_month_close<M: Recordable, C: ConnectionTrait>(
        &self,
        tx: &C,
        call: &Call<M::Draft>,
        world: &M::World,
        decisions: &mut [Decision<M>],
    ) -> Result<bool, Error> {
        // What a record ends or moves beyond itself, such as the posting that a transfer ends, is guarded with it.
        let mut sent: Vec<M> = decisions.iter().filter_map(Decision::row).cloned().collect();
        let followers = followers(tx, &mut sent.iter_mut().collect::<Vec<_>>(), world).await?;
        let mut beyond: BTreeMap<Option<StaffId>, Vec<Touch>> = BTreeMap::new();
        for (row, before) in &followers {
            beyond.entry(row.person()).or_default().extend(row.guarded(Some(before), world));
        }
        let guarded = |decision: &Decision<M>| match decision {
            Decision::Put { row, before } => {
                let mut touches = row.guarded(before.as_ref(), world);
                touches.extend(beyond.get(&row.person()).into_iter().flatten());
                touches
            }
            _ => Vec::new(),
        };
        let months: BTreeSet<_> = decisions.iter().flat_map(guarded).map(|(bureau, month, _)| (bureau, month)).collect();
        let closed = self.closed_of(tx, &months).await?;
        if closed.is_empty() {
            return Ok(false);
        }
        let corrector = self.allow(Act::CorrectClosedMonth).ok().filter(|_| call.correction_reason.is_some());
        let mut refused = false;
        for decision in decisions.iter_mut() {
            let hits: Vec<_> = guarded(decision).into_iter().filter(|(bureau, month, _)| closed.contains(&(*bureau, *month))).collect();
            let Decision::Put { row, .. } = decision else { continue };
            if hits.is_empty() {
                continue;
            }
            if corrector.as_ref().is_some_and(|scope| hits.iter().all(|(bureau, ..)| scope.bureaus.holds(bureau))) {
                row.correct(call.correction_reason.clone());
            } else {
                refused = true;
                *decision = Decision::Reject(Error {
                    field: Some("date".into()),
                    ..Error::new(
                        Code::PeriodClosed,
                        "この月は締め切られています。訂正は部局の担当者または事務局が理由を付けて行います。",
                        "This month is closed. The bureau's officer or the secretariat can correct it with a correctionReason.",
                    )
                });
            }
        }
        Ok(refused)
    }

    /// Locks months shared, and tells which of them are closed.
    async fn closed_of<C: ConnectionTrait>(
        &self,
        tx: &C,
        months: &BTreeSet<(BureauId, YearMonth)>,
    ) -> Result<BTreeSet<(BureauId, YearMonth)>, Error> {
        if months.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.open_months(tx, months).await?;
        let months = dialect::lock_months(tx, months, false).await?;
        let closed = months.into_iter().filter(|month| month.state == CloseState::Closed);
        Ok(closed.map(|month| (month.bureau_id, month.month)).collect())
    }

    /// Makes the rows that months are locked by, where they are missing.
    pub(super) async fn open_months<C: ConnectionTrait>(&self, tx: &C, months: &BTreeSet<(BureauId, YearMonth)>) -> Result<(), Error> {
        let rows = months.iter().map(|&(bureau_id, month)| {
            month_close::Model {
                id: MonthCloseId::new(),
                bureau_id,
                month,
                state: CloseState::Open,
                submitted_at: None,
                submitted_by: None,
                closed_at: None,
                closed_by: None,
            }
            .into_active_model()
        });
        let rows: Vec<_> = rows.collect();
        for part in rows.chunks(inside::chunk_rows(self.db.backend(), 8)) {
            let insert = month_close::Entity::insert_many(part.to_vec())
                .on_conflict(OnConflict::columns([month_close::Column::BureauId, month_close::Column::Month]).do_nothing().to_owned());
            match insert.exec_without_returning(tx).await {
                Ok(_) | Err(DbErr::RecordNotInserted) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Completes the receipt and leaves the trace.
    async fn finish(
        &self,
        tx: &WriteTransaction,
        id: ReceiptId,
        noun: Noun,
        reason: Option<&String>,
        outcome: &Outcome,
    ) -> Result<(), Error> {
        let json = serde_json::to_value(outcome).map_err(|error| Error::internal(&error))?;
        let row = receipt::ActiveModel { id: Set(id), outcome: Set(json), ..Default::default() };
        row.update(&**tx).await?;
        let act = inside::Act {
            counts: serde_json::json!({
                "created": outcome.created, "updated": outcome.updated, "unchanged": outcome.unchanged,
                "superseded": outcome.superseded, "voided": outcome.voided, "rejected": outcome.rejected,
            }),
            receipt_id: Some(id),
            reason: reason.cloned(),
            ..self.act("RECORD", noun)
        };
        Ok(inside::audit(&**tx, self.now(), act).await?)
    }

    /// An act of this actor, for the audit trail.
    pub(super) fn act(&self, verb: &str, noun: Noun) -> inside::Act {
        inside::Act {
            actor: self.actor.principal.subject.clone(),
            roles: self.actor.roles(),
            verb: verb.to_owned(),
            noun: noun.table().to_owned(),
            counts: serde_json::json!({}),
            ..inside::Act::default()
        }
    }
}

/// Writes what was decided, its history and its stale marks; returns the people whom it would leave stranded.
async fn write<M: Recordable, C: ConnectionTrait>(
    tx: &C,
    call: &Call<M::Draft>,
    world: &M::World,
    writing: &Writing<'_>,
    id: ReceiptId,
    decisions: &[Decision<M>],
) -> Result<(Outcome, BTreeSet<StaffId>), Error> {
    let mut outcome = Outcome { rejections: rejections(call, decisions), ..Outcome::default() };
    let (mut created, mut replaced, mut revisions) = (Vec::new(), Vec::new(), Vec::new());
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
                replaced.push(row.clone());
            }
        }
    }
    let mut followers = followers(tx, &mut created.iter_mut().chain(&mut replaced).collect::<Vec<_>>(), world).await?;
    for (row, before) in &mut followers {
        row.set_meta(Meta { revision: before.meta().revision + 1, receipt_id: id, updated_at: writing.now, ..before.meta() });
        revisions.push(revision(M::NOUN, before, writing.now)?);
        touch(touched(row, Some(before), world));
    }
    let mut followers: Vec<M> = followers.into_iter().map(|(row, _)| row).collect();
    let all: Vec<M> = followers.iter().chain(&replaced).chain(&created).cloned().collect();
    if M::HANDED_ON && !replaced.is_empty() {
        dialect::step_aside::<M::Entity, _>(tx, &replaced.iter().map(Record::key).collect()).await?;
    }
    // What a transfer ends is freed before the new posting takes its place; a unique key is freed before it is taken again.
    followers.append(&mut replaced);
    inside::put_all(tx, followers, true).await?;
    inside::put_all(tx, created, false).await?;
    inside::put_all(tx, revisions, false).await?;
    let stranded = if all.is_empty() { BTreeSet::new() } else { M::after(tx, &all.iter().collect::<Vec<_>>()).await? };
    let receipt = (!call.dry_run).then_some(id);
    outcome.stale_months = stale.keys().map(|(_, month)| *month).collect::<BTreeSet<_>>().into_iter().collect();
    inside::mark_stale(tx, writing.now, receipt, &stale).await?;
    Ok((outcome, stranded))
}

/// What the rules change beyond the rows that were sent, each with its stored version.
async fn followers<M: Recordable, C: ConnectionTrait>(tx: &C, sent: &mut [&mut M], world: &M::World) -> Result<Vec<(M, M)>, Error> {
    let followers = M::consequences(sent, world);
    if followers.is_empty() {
        return Ok(Vec::new());
    }
    let stored = dialect::by_id::<M::Entity, _>(tx, "id", &followers.iter().map(Record::key).collect()).await?;
    let mut stored: HashMap<Uuid, M> = stored.into_iter().map(|row| (row.key(), row)).collect();
    Ok(followers.into_iter().filter_map(|row| stored.remove(&row.key()).map(|before| (row, before))).collect())
}

/// Refuses what would leave people with records that nothing covers.
fn strand<M: Recordable>(decisions: &mut [Decision<M>], stranded: &BTreeSet<StaffId>) -> Result<(), Error> {
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

fn check<D: Draft>(call: &Call<D>) -> Result<(), Error> {
    if check_key(&call.idempotency_key, "idempotencyKey").is_err() {
        return Err(Error::input(
            "idempotencyKey",
            "冪等キーは1文字以上200文字以内で指定してください。",
            "An idempotency key has 1 to 200 characters.",
        ));
    }
    if call.records.len() > MOST_RECORDS {
        let en = format!("A call holds at most {MOST_RECORDS} records; this one has {}.", call.records.len());
        let ja = format!("1回の呼び出しの記録は{MOST_RECORDS}件までです({}件ありました)。", call.records.len());
        return Err(Error { field: Some("records".into()), ..Error::new(Code::LimitExceeded, ja, en) });
    }
    if let Some(client) = &call.client {
        check_key(client, "client")?;
    }
    call.correction_reason.as_ref().map_or(Ok(()), |reason| check_text("correctionReason", reason, 1_000))
}

fn hash<D: Serialize>(call: &Call<D>) -> Result<String, Error> {
    // In one piece: the hasher spends most on the tiny ones that a serialiser writes.
    let body = serde_json::to_vec(call).map_err(|error| Error::internal(&error))?;
    Ok(format!("{:x}", Sha256::digest(body)))
}

fn rejections<M, D: Draft>(call: &Call<D>, decisions: &[Decision<M>]) -> Vec<Rejection> {
    let refused = decisions.iter().enumerate().filter_map(|(index, decision)| match decision {
        Decision::Reject(error) => Some((index, error.clone())),
        _ => None,
    });
    let located = |(index, error): (usize, Error)| Rejection {
        index: i32::try_from(index).unwrap_or(i32::MAX),
        // PostgreSQL's JSON holds no NUL.
        key: call.records[index].key().replace('\0', "\u{fffd}"),
        error,
    };
    refused.map(located).collect()
}

fn touched<M: Recordable>(row: &M, before: Option<&M>, world: &M::World) -> Vec<Touch> {
    let mut touches = row.touches(world);
    touches.extend(before.into_iter().flat_map(|before| before.touches(world)));
    touches
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

/// Decides each record by itself; returns also the stored rows that count and that the call's records replace or might contradict.
async fn decide<M: Recordable>(
    tx: &WriteTransaction,
    call: &Call<M::Draft>,
    world: &M::World,
    writing: &Writing<'_>,
    id: ReceiptId,
) -> Result<(Vec<Decision<M>>, BTreeMap<Uuid, M>), Error> {
    let keys: BTreeSet<&str> = call.records.iter().map(Draft::key).collect();
    let stored: HashMap<String, M> =
        M::stored(tx, writing.client, &keys).await?.into_iter().map(|row| (row.stored_key().to_owned(), row)).collect();
    let mut seen: HashMap<&str, u32> = HashMap::new();
    for record in &call.records {
        *seen.entry(record.key()).or_default() += 1;
    }
    let one = |draft: &M::Draft| {
        if seen[draft.key()] > 1 {
            let (ja, en) = ("同じキーの記録が複数あります。", "The call holds this key more than once.");
            return Decision::Reject(Error::input(M::KEY, ja, en));
        }
        single::<M>(draft, stored.get(draft.key()), world, writing, id).unwrap_or_else(Decision::Reject)
    };
    let decisions = call.records.iter().map(one).collect();
    let neighbours = M::neighbours(tx, call, world).await?;
    let mut base: BTreeMap<Uuid, M> = neighbours.into_iter().map(|row| (row.key(), row)).collect();
    base.extend(stored.into_values().filter(|row| row.meta().void_reason.is_none()).map(|row| (row.key(), row)));
    Ok((decisions, base))
}

/// Decides all records together: those that contradict the final state are refused, what was stored in their place returns, until nothing
/// more is refused. The result does not depend on the records' order.
fn settle<M: Recordable>(decisions: &mut [Decision<M>], stored: &BTreeMap<Uuid, M>, world: &M::World) {
    loop {
        let mut state: BTreeMap<Uuid, &M> = stored.iter().map(|(key, row)| (*key, row)).collect();
        let mut position: HashMap<Uuid, usize> = HashMap::new();
        for (index, row) in decisions.iter().enumerate().filter_map(|(index, decision)| Some((index, decision.row()?))) {
            if row.meta().void_reason.is_some() {
                state.remove(&row.key());
            } else {
                state.insert(row.key(), row);
                position.insert(row.key(), index);
            }
        }
        let rows: Vec<&M> = state.into_values().collect();
        let refused: Vec<_> = M::conflicts(&rows, world)
            .into_iter()
            .filter_map(|(row, error)| position.get(&rows[row].key()).map(|index| (*index, error)))
            .collect();
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

/// Decides one record by itself.
fn single<M: Recordable>(
    draft: &M::Draft,
    stored: Option<&M>,
    world: &M::World,
    writing: &Writing<'_>,
    id: ReceiptId,
) -> Result<Decision<M>, Error> {
    check_key(draft.key(), M::KEY)?;
    let version = draft.version();
    let source_version = version.source_version.map(|version| version.0);
    let void_reason = void_reason(version)?;
    if let Some(stored) = stored {
        if !stored.writable(world, writing) {
            return Err(Error::not_found(M::KEY, "記録", "record"));
        }
        if source_version.zip(stored.meta().source_version).is_some_and(|(new, old)| new < old) {
            return Ok(Decision::Superseded);
        }
    }
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
        if stored.meta().void_reason.as_ref() == Some(&reason) {
            return Ok(Decision::Unchanged);
        }
        let mut row = stored.clone();
        row.set_meta(meta);
        return Ok(Decision::Put { row, before: Some(stored.clone()) });
    }
    let mut row = M::build(draft, meta, world, writing)?;
    let Some(stored) = stored else { return Ok(Decision::Put { row, before: None }) };
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
    }
    Ok(Decision::Put { row, before: Some(stored.clone()) })
}

/// Checks a key that callers choose: 1 to 200 characters, none of them a control character.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub(super) fn check_key(key: &str, field: &str) -> Result<(), Error> {
    let length = key.chars().count();
    if (1..=200).contains(&length) && !key.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::input(
        field,
        "キーは1文字以上200文字以内で、制御文字は使えません。",
        "A key has 1 to 200 characters and no control characters.",
    ))
}

/// Checks that a date lies between 1900 and 2199, so that a slip of the keyboard does not make an age of months stale.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub fn check_date(field: &str, date: NaiveDate) -> Result<(), Error> {
    if (1900..=2199).contains(&date.year()) {
        return Ok(());
    }
    Err(Error::input(
        field,
        "日付は1900年1月1日から2199年12月31日までで指定してください。",
        "A date lies between 1900-01-01 and 2199-12-31.",
    ))
}

/// Checks `[validFrom, validTo)`: both are sound dates and the span is not empty.
///
/// # Errors
/// `BAD_USER_INPUT` in `validFrom` or `validTo`.
pub fn check_span(from: NaiveDate, to: Option<NaiveDate>) -> Result<(), Error> {
    check_date("validFrom", from)?;
    let Some(to) = to else { return Ok(()) };
    check_date("validTo", to)?;
    if from < to {
        return Ok(());
    }
    Err(Error::input("validTo", "終了日は開始日より後でなければなりません。", "validTo is not after validFrom."))
}

/// Checks a text that people read: 1 to `most` characters, not blank, and no control characters but line breaks.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub fn check_text(field: &str, text: &str, most: usize) -> Result<(), Error> {
    let sound = !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(|c| c.is_control() && !"\r\n".contains(c));
    if sound {
        return Ok(());
    }
    let ja = format!("1文字以上{most}文字以内で書いてください。制御文字は使えません。");
    Err(Error::input(field, ja, format!("Write 1 to {most} characters, without control characters.")))
}

fn void_reason(version: &Version) -> Result<Option<String>, Error> {
    match (version.void, version.void_reason.as_deref().map(str::trim)) {
        (false, None) => Ok(None),
        (true, Some(reason)) if check_text("voidReason", reason, 1_000).is_ok() => Ok(Some(reason.to_owned())),
        (true, _) => Err(Error::input(
            "voidReason",
            "無効にする理由を1000文字以内で書いてください。",
            "Say in up to 1,000 characters why the record is void.",
        )),
        (false, Some(_)) => Err(Error::input("voidReason", "void が true ではありません。", "A reason needs void: true.")),
    }
}

/// What all records have in common that are keyed by a client's own numbering.
macro_rules! external {
    () => {
        fn stored_key(&self) -> &str {
            &self.external_id
        }
        async fn stored(
            tx: &jobs::database::WriteTransaction,
            client: &str,
            keys: &std::collections::BTreeSet<&str>,
        ) -> Result<Vec<Self>, sea_orm::DbErr> {
            $crate::store::dialect::by_external_id::<Self::Entity, _>(&**tx, client, keys).await
        }
    };
}

/// What all records have in common that are about a person on a date.
macro_rules! dated {
    () => {
        $crate::store::record::external!();
        fn writable(&self, _: &Self::World, writing: &$crate::store::record::Writing<'_>) -> bool {
            writing.scope.covers(self.bureau_id, self.unit_id, self.staff_id)
        }
        fn person(&self) -> Option<entity::ids::StaffId> {
            Some(self.staff_id)
        }
        fn touches(&self, _: &Self::World) -> Vec<$crate::store::record::Touch> {
            vec![(self.bureau_id, entity::period::YearMonth::of(self.date), Some(self.staff_id))]
        }
        fn correction(&self) -> Option<String> {
            self.correction_reason.clone()
        }
        fn correct(&mut self, reason: Option<String>) {
            self.correction_reason = reason;
        }
    };
}

pub(crate) use {dated, external};

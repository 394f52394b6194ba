//! The one way in which records are written: bulk, idempotent, versioned, in one transaction and in whole statements.
//!
//! receipt first (a concurrent twin waits and replays) → lock and load what the rules need → decide record by record → decide on the final
//! state of the whole call, until stable → lock the months → rows, revisions, audit, stale marks → warnings of what was written → the
//! receipt's outcome → commit.
//! What a noun adds is [`Recordable`]: how its draft becomes a row, which rows contradict each other, which months it touches.

mod check;
mod decide;
mod names;
mod shape;
mod warn;
mod write;

pub use check::{End, check_date, check_line, check_span, check_text};
pub(super) use check::{check_begun, check_fit, check_horizon, check_key, other_spelling};
pub use names::{Name, Taken, clean};
pub(crate) use shape::record_draft;
pub use shape::{BureauDraft, DatedDraft, KnowsPeople, KnowsPlaces, RecordNoun};
pub use warn::{Counted, Doubt, Look, MOST_WARNINGS, Warning, Written, days_off};

use super::{Store, dialect, scope::RowScope, unscoped};
use crate::{
    authz::{Action, Noun},
    error::{Code, Error},
};
use check::check;
use chrono::{DateTime, Utc};
use decide::{Decision, beside_unread, decide, echo, rejections, settle, strand};
use entity::{
    api_client,
    ids::{BureauId, MonthCloseId, ReceiptId, StaffId, UnitId},
    month_close::{self, CloseState},
    period::YearMonth,
    receipt,
    record::{Meta, Record},
};
use jobs::{
    database::WriteTransaction,
    transaction::{self, numbering::Written as Numbered},
};
use names::clean_all;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, ModelTrait,
    QueryFilter, TransactionTrait, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
};
use warn::Counts;
pub(in crate::store) use write::rewrite;
use write::{followers, touched, write};

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
    /// What was sent as a record and could not be read: refused by itself, in its place among the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// What was sent as a record, of which a value could not be read.
#[derive(Debug, Clone, Serialize)]
pub struct Unread {
    /// Its place in the call, counted from 0 over all that was sent.
    pub index: usize,
    /// Its key, as far as it has one.
    #[serde(skip)]
    pub key: String,
    /// What is wrong, by its field.
    #[serde(skip)]
    pub error: Error,
    /// What was sent, which is part of the call's body.
    pub sent: async_graphql::Value,
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
    /// Warnings of records that were written.
    #[serde(default)]
    pub warned: i32,
    /// The first of them, at most [`MOST_WARNINGS`].
    #[serde(default)]
    pub warnings: Vec<Warning>,
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

/// Whose a row is: it is seen by its bureau, by the managers of its unit and by its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whose {
    /// The bureau.
    pub bureau_id: BureauId,
    /// The unit, where its managers see the row.
    pub unit_id: Option<UnitId>,
    /// The person.
    pub staff_id: Option<StaffId>,
}

/// What a stored row touches: whose figures of which bureau and month.
pub type Touch = (BureauId, YearMonth, Option<StaffId>);

/// A draft of a record, as callers send it.
pub trait Draft: Serialize + Send + Sync {
    /// The noun in the plural, as in `record…` and its input.
    const MANY: &'static str;

    /// The key under which it is stored.
    fn key(&self) -> &str;
    /// Version and voidness.
    fn version(&self) -> &Version;
    /// The ends that it may say by the last day.
    fn ends(&self) -> Vec<End> {
        Vec::new()
    }
    /// The names that people read in one line.
    fn names(&mut self) -> Vec<Name<'_>> {
        Vec::new()
    }
}

/// The writer and the moment, as rules need them.
pub struct Writing<'a> {
    /// The rows that the writer may touch.
    pub scope: &'a RowScope,
    /// In whose numbering the records are.
    pub client: &'a str,
    /// Whether that numbering is another's: its records are corrected, and none is added to them.
    pub corrects: bool,
    /// When.
    pub now: DateTime<Utc>,
}

/// In whose name what follows from a call is written.
pub struct After<'a> {
    /// The writer and the moment.
    pub writing: &'a Writing<'a>,
    /// The call.
    pub receipt: ReceiptId,
}

/// What followed from a call.
#[derive(Debug, Default)]
pub struct Aftermath {
    /// The people who would be left with records that nothing covers; their records in this call are refused.
    pub stranded: BTreeSet<StaffId>,
    /// Whose figures it touched besides.
    pub touches: Vec<Touch>,
}

/// A call that may be written: by whose rows, in whose numbering, the digest of its body as it came, and what was taken out of its names.
pub(super) struct Ready {
    scope: RowScope,
    client: String,
    hash: String,
    taken: Vec<Taken>,
}

/// A row that can be written in bulk.
pub trait Row:
    Record
    + FromQueryResult
    + Serialize
    + IntoActiveModel<<<Self as ModelTrait>::Entity as EntityTrait>::ActiveModel>
    + ModelTrait<Entity: EntityTrait<Model = Self, ActiveModel: ActiveModelTrait<Entity = <Self as ModelTrait>::Entity> + Send>>
    + Send
    + Sync
{
}

impl<M> Row for M where
    M: Record
        + FromQueryResult
        + Serialize
        + IntoActiveModel<<<M as ModelTrait>::Entity as EntityTrait>::ActiveModel>
        + ModelTrait<Entity: EntityTrait<Model = M, ActiveModel: ActiveModelTrait<Entity = <M as ModelTrait>::Entity> + Send>>
        + Send
        + Sync
{
}

/// What one noun adds to the one way of writing.
pub trait Recordable: Row {
    /// The draft.
    type Draft: Draft;
    /// What the rules need to know.
    type World: Send + Sync;
    /// The noun.
    const NOUN: Noun;
    /// The input field that holds the key.
    const KEY: &'static str = "externalId";
    /// Whether the key is one of the client's own numbering.
    const IN_CLIENTS_NUMBERING: bool = true;
    /// Whether keys that differ in case or width alone are one; others are compared byte for byte.
    const FOLDED: bool = false;
    /// Whether the table has a unique key of rows that count, which records of one call may hand on to each other.
    const HANDED_ON: bool = false;
    /// Whether its rows decide who sees a person and the person's postings.
    const IS_SIGHT: bool = false;

    /// The key under which a row is stored.
    fn stored_key(&self) -> &str;
    /// Locks and loads what the rules need.
    fn load(
        tx: &WriteTransaction,
        call: &Call<Self::Draft>,
        writing: &Writing<'_>,
    ) -> impl Future<Output = Result<Self::World, Error>> + Send;
    /// The stored rows with the call's keys, or with these folded twins of theirs.
    fn stored(tx: &WriteTransaction, client: &str, keys: &BTreeSet<&str>) -> impl Future<Output = Result<Vec<Self>, DbErr>> + Send;
    /// Rows that count and that the call's records might contradict.
    #[must_use]
    fn neighbours(_: &WriteTransaction, _: &Call<Self::Draft>, _: &Self::World) -> impl Future<Output = Result<Vec<Self>, DbErr>> + Send {
        async { Ok(Vec::new()) }
    }
    /// Checks that a key which no row has yet is not kept for something else.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` in the key's field.
    fn check_reserved(_: &str) -> Result<(), Error> {
        Ok(())
    }
    /// Whether the writer may change this stored row.
    fn writable(&self, world: &Self::World, writing: &Writing<'_>) -> bool;
    /// Whether the row is the writing machine's own: where it left the machine's reach with the person, it may still be taken out.
    fn is_own(&self, _: &Writing<'_>) -> bool {
        false
    }
    /// What a writer is told of a stored row that is not theirs to change: by default that there is none.
    #[must_use]
    fn not_writable() -> Error {
        Error::not_found(Self::KEY, "記録", "record")
    }
    /// Checks that the writer of a stored row may also take it out.
    ///
    /// # Errors
    /// What the writer of an unknown one would be told.
    fn check_void(&self, _: &Self::World, _: &Writing<'_>) -> Result<(), Error> {
        Ok(())
    }
    /// Checks what a row may not change of its stored version.
    ///
    /// # Errors
    /// What is wrong, located.
    fn check_update(&self, _: &Self) -> Result<(), Error> {
        Ok(())
    }
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
    /// What is worth a second look in the rows that the call has written, each by its place among them; never a refusal. The state is that of
    /// [`Recordable::conflicts`].
    #[must_use]
    fn doubts(
        _: &Look<'_>,
        _: &[Written<'_, Self, Self::Draft>],
        _: &[&Self],
        _: &Self::World,
    ) -> impl Future<Output = Result<Vec<(usize, Doubt)>, Error>> + Send {
        async { Ok(Vec::new()) }
    }
    /// The person the row is about.
    fn person(&self) -> Option<StaffId> {
        None
    }
    /// Whose the row is, where that decides who sees it and one version may differ in it from the next.
    fn whose(&self) -> Option<Whose> {
        None
    }
    /// In whose numbering a row about a person is.
    fn client(&self) -> Option<&str> {
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
    /// What follows in the same transaction, such as moving dated records to their new posting.
    #[must_use]
    fn after<C: ConnectionTrait>(_: &C, _: &[&Self], _: &After<'_>) -> impl Future<Output = Result<Aftermath, Error>> + Send {
        async { Ok(Aftermath::default()) }
    }
}

impl Store {
    /// Writes the records of a call.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` for a call that is wrong as a whole; CONFLICT for a key that was used with another body. What is
    /// wrong with single records stands in the receipt.
    pub async fn record<M: Recordable>(&self, mut call: Call<M::Draft>) -> Result<Receipt, Error> {
        let ready = self.ready::<M>(&mut call)?;
        if M::IS_SIGHT {
            self.day_of_sight().await?;
        }
        let tx = self.begin().await?;
        let receipt = self.record_in::<M>(&tx, &call, ready).await?;
        let traced = M::NOUN == Noun::Staff && !receipt.replayed;
        if call.dry_run {
            tx.rollback().await?;
            if traced {
                let tx = self.begin().await?;
                self.trace_collisions(&*tx, &receipt.outcome).await?;
                tx.commit().await?;
            }
        } else {
            if traced {
                self.trace_collisions(&*tx, &receipt.outcome).await?;
            }
            tx.commit().await?;
            self.ledger.tell_of_changes();
        }
        Ok(receipt)
    }

    /// What is decided of a call before its transaction begins; its names are clean from then on.
    pub(super) fn ready<M: Recordable>(&self, call: &mut Call<M::Draft>) -> Result<Ready, Error> {
        let scope = self.allow(Action::Record(M::NOUN))?;
        check(call)?;
        Ok(Ready { scope, client: self.client_of(call)?, hash: hash(call)?, taken: clean_all(call) })
    }

    /// Writes the records of a call in the caller's transaction, which the caller ends: a dry run by rolling back.
    pub(super) async fn record_in<M: Recordable>(
        &self,
        tx: &WriteTransaction,
        call: &Call<M::Draft>,
        Ready { scope, client, hash, taken }: Ready,
    ) -> Result<Receipt, Error> {
        if call.client.is_some() {
            let known = unscoped::<api_client::Entity>().filter(api_client::Column::Code.eq(&client)).one(&**tx).await?;
            known.ok_or_else(|| Error::not_found("client", "クライアント", "client"))?;
        }
        let id = ReceiptId::new();
        // Rows name their receipt, those of a dry run too until they are rolled back: it has one under a key that nobody else uses.
        let key = if call.dry_run { id.to_string() } else { call.idempotency_key.clone() };
        if let Some(replayed) = self.claim(tx, id, M::NOUN, &key, &hash).await? {
            return Ok(replayed);
        }
        let corrects = client != self.actor.client();
        let writing = Writing { scope: &scope, client: &client, corrects, now: self.now() };
        dialect::plan_anew(&**tx, true).await?;
        let world = M::load(tx, call, &writing).await?;
        let (mut decisions, stored) = decide::<M>(tx, call, &world, &writing, id).await?;
        dialect::plan_anew(&**tx, false).await?;
        settle(&mut decisions, &stored, &world, &client);
        // A call that is refused as a whole leaves no month behind that it would have written to.
        let months = tx.begin().await?;
        // A record that a closed month refuses leaves its stored version in place, which others may contradict.
        while self.apply_month_close(&months, call, &world, &mut decisions).await? {
            settle(&mut decisions, &stored, &world, &client);
        }
        let written = loop {
            echo::<M>(call, &mut decisions);
            let refused = !call.unread.is_empty() || decisions.iter().any(|decision| matches!(decision, Decision::Reject(_)));
            if refused && call.mode == Mode::AllOrNothing {
                break None;
            }
            let savepoint = months.begin().await?;
            let (outcome, stranded, records) = write(&savepoint, call, &world, &writing, id, &decisions).await?;
            if stranded.is_empty() {
                savepoint.commit().await?;
                break Some((outcome, records));
            }
            savepoint.rollback().await?;
            strand(&mut decisions, &stranded)?;
        };
        let (written, outcome) = (written.is_some(), written);
        let mut counts = Counts::new();
        let mut records = 0;
        let outcome = if let Some((outcome, rows)) = outcome {
            records = rows;
            months.commit().await?;
            let (counted, warnings) = self.warnings::<M>(tx, call, &decisions, &stored, (&world, &taken)).await?;
            counts = counted;
            let warned = i32::try_from(counts.values().sum::<i64>()).unwrap_or(i32::MAX);
            Outcome { warned, warnings, ..outcome }
        } else {
            months.rollback().await?;
            Outcome { rejections: rejections(call, &decisions), ..Outcome::default() }
        };
        let outcome = beside_unread(outcome, &call.unread);
        let outcome = Outcome { rejected: i32::try_from(outcome.rejections.len()).unwrap_or(i32::MAX), ..outcome };
        if let Some(voice) = &self.voice {
            voice.rejected(M::NOUN.table(), call.dry_run, outcome.rejections.iter().map(|rejection| rejection.error.code));
        }
        if call.dry_run {
            return Ok(Receipt { id: None, replayed: false, outcome });
        }
        // Whoever holds them is told: also of what others write of people who sit there for a time.
        let people =
            if written { decisions.iter().filter_map(Decision::row).filter_map(Recordable::person).collect() } else { BTreeSet::new() };
        let concerned = dialect::holders_of(&**tx, &people, self.today()).await?.into_iter().collect();
        self.count_warnings(tx, id, counts).await?;
        self.finish(tx, (id, M::NOUN), call.correction_reason.as_ref(), (&outcome, taken.len()), concerned).await?;
        if records > 0 {
            tx.number(Numbered { receipt: id, at: self.now(), records });
        }
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
            sequence: None,
            numbered_at: None,
            records: None,
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
        let corrector = self.allow(Action::CorrectClosedMonth).ok().filter(|_| call.correction_reason.is_some());
        let mut refused = false;
        for decision in decisions.iter_mut() {
            let hits: Vec<_> = guarded(decision).into_iter().filter(|(bureau, month, _)| closed.contains(&(*bureau, *month))).collect();
            let Decision::Put { row, .. } = decision else { continue };
            let Some(month) = hits.iter().map(|(_, month, _)| month).min() else { continue };
            if corrector.as_ref().is_some_and(|scope| hits.iter().all(|(bureau, ..)| scope.bureaus.holds(bureau))) {
                row.correct(call.correction_reason.clone());
            } else {
                refused = true;
                *decision = Decision::Reject(Error {
                    field: Some("date".into()),
                    ..Error::new(
                        Code::PeriodClosed,
                        format!("{month}は確定しています。訂正は部局の担当者または事務局が理由を付けて行います。"),
                        format!("{month} is closed. The bureau's officer or the secretariat can correct it with a correctionReason."),
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
                submission_reason: None,
                returned_at: None,
                returned_by: None,
                return_reason: None,
                closed_at: None,
                closed_by: None,
            }
            .into_active_model()
        });
        let rows: Vec<_> = rows.collect();
        for part in rows.chunks(transaction::chunk_rows(self.db.backend(), 12)) {
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
        (id, noun): (ReceiptId, Noun),
        reason: Option<&String>,
        (outcome, cleaned): (&Outcome, usize),
        concerned: BTreeMap<BureauId, i64>,
    ) -> Result<(), Error> {
        let json = serde_json::to_value(outcome).map_err(|error| Error::internal(&error))?;
        let row = receipt::ActiveModel { id: Set(id), outcome: Set(json), ..Default::default() };
        row.update(&**tx).await?;
        let mut counts = serde_json::json!({
            "created": outcome.created, "updated": outcome.updated, "unchanged": outcome.unchanged,
            "superseded": outcome.superseded, "voided": outcome.voided, "rejected": outcome.rejected,
        });
        if cleaned > 0 {
            counts["cleaned"] = cleaned.into();
        }
        let act = transaction::AuditAct { counts, receipt_id: Some(id), reason: reason.cloned(), concerned, ..self.act("RECORD", noun) };
        Ok(transaction::audit(&**tx, self.now(), act).await?)
    }

    /// An act of this actor, for the audit trail.
    pub(super) fn act(&self, verb: &str, noun: Noun) -> transaction::AuditAct {
        transaction::AuditAct {
            actor: self.actor.principal.subject.clone(),
            roles: self.actor.roles(),
            verb: verb.to_owned(),
            noun: noun.table().to_owned(),
            counts: serde_json::json!({}),
            ..transaction::AuditAct::default()
        }
    }
}

fn hash<D: Serialize>(call: &Call<D>) -> Result<String, Error> {
    // In one piece: the hasher spends most on the tiny ones that a serialiser writes.
    let body = serde_json::to_vec(call).map_err(|error| Error::internal(&error))?;
    Ok(format!("{:x}", Sha256::digest(body)))
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

pub(crate) use external;

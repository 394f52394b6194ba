//! Four eyes: changes that wait for a second person, and what both ways of making them share.
//!
//! A mutation that may need a second person is a `Gated` change: its input, what it changes, and how it is carried out in a transaction of
//! the caller's. `Store::submit` is the one way in which it is asked for. Where its kind needs nobody else it is carried out there and then.
//! Where it does, it is carried out all the same, so that the caller is told of every error at once, and rolled back: what waits is the input,
//! with the target as it is and as it would be. `deciding` carries it out for good, as its proposer, in the transaction of the approval, and
//! only if the target is still as it was. `setting` says which kinds need a second person.
//!
//! Deliberately absent: waiting for what only takes away (revoking clients and tokens, withdrawing a release), which must never wait; and the
//! command line's own gate, for `torikumi plan load` comes this way too.

mod deciding;
mod setting;

pub use setting::Setting;

use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{Store, dialect, unscoped},
};
use entity::{
    ids::PendingChangeId,
    pending_change::{self, ChangeAct, Column, Entity, FourEyesKind, Model, WAITS},
    pending_change_input,
};
use jobs::{
    database::WriteTransaction,
    transaction::{AuditAct, audit},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::future::Future;

/// What became of a change that was asked for.
#[derive(Debug, Clone)]
pub enum Fate<T> {
    /// It was made, or there was nothing to make.
    Done(T),
    /// It waits for a second person; nothing was changed, and it would have done this.
    Waits(Box<Model>, T),
}

impl<T> Fate<T> {
    /// What was done, and what waits: one of the two.
    pub fn parts(self) -> (Option<T>, Option<Model>) {
        match self {
            Self::Done(done) => (Some(done), None),
            Self::Waits(change, _) => (None, Some(*change)),
        }
    }

    /// What was done or would be, and what waits.
    pub fn would(self) -> (T, Option<Model>) {
        match self {
            Self::Done(done) => (done, None),
            Self::Waits(change, would) => (would, Some(*change)),
        }
    }
}

/// What carrying out a change did inside its transaction.
pub(in crate::store) enum Carried<T> {
    /// Nothing: the transaction is rolled back.
    Nothing(T),
    /// Nothing but to leave a trace, such as the receipt of a call whose records were all refused: nobody else need see it.
    Traced(T),
    /// The change.
    Changed(T),
}

/// A change that may need a second person, as it was sent: what is stored of it while it waits.
pub(in crate::store) trait Gated: Serialize + DeserializeOwned + Send + Sync {
    /// What carrying it out gives.
    type Done: Send;
    /// The mutation.
    const ACT: ChangeAct;

    /// Whose setting it goes by.
    fn kind(&self) -> FourEyesKind;
    /// Who may ask for it.
    fn action(&self) -> Action;
    /// What is changed: one change of it waits at a time.
    fn target(&self) -> String;
    /// Why, as the caller says.
    fn reason(&self) -> Option<&str> {
        None
    }
    /// The caller's key of a bulk call.
    fn key(&self) -> Option<&str> {
        None
    }
    /// Whether it may ever have to wait.
    fn may_wait(&self) -> bool {
        true
    }
    /// Checks what needs no database.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`, located.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
    /// The target as it is, by which a change of it in the meantime is noticed.
    fn before(&self, store: &Store, tx: &WriteTransaction) -> impl Future<Output = Result<Value, Error>> + Send;
    /// Makes the change in the caller's transaction, with its trace.
    fn carry_out(&self, store: &Store, tx: &WriteTransaction) -> impl Future<Output = Result<Carried<Self::Done>, Error>> + Send;
    /// The target as it was made, without what differs from one try to the next.
    fn after(&self, done: &Self::Done) -> Value;
    /// Whether it shortens the life of records, or makes that easier, so that nobody does it alone however urgent it is.
    fn shortens(&self, _before: &Value) -> bool {
        false
    }
}

impl Store {
    /// Makes a change, or has it wait for a second person where its kind needs one.
    pub(in crate::store) async fn submit<G: Gated>(&self, change: &G) -> Result<Fate<G::Done>, Error> {
        self.allow(change.action())?;
        change.check()?;
        let tx = self.begin().await?;
        let waits = change.may_wait() && required(&*tx, change.kind()).await?;
        let before = if waits { change.before(self, &tx).await? } else { Value::Null };
        match change.carry_out(self, &tx).await? {
            Carried::Nothing(done) => {
                tx.rollback().await?;
                Ok(Fate::Done(done))
            }
            Carried::Changed(done) if waits => {
                let after = change.after(&done);
                tx.rollback().await?;
                Ok(Fate::Waits(Box::new(self.propose(change, before, after).await?), done))
            }
            Carried::Traced(done) | Carried::Changed(done) => {
                tx.commit().await?;
                // Some changes ask for a run.
                self.ledger.wake();
                Ok(Fate::Done(done))
            }
        }
    }

    /// Stores a change that waits. Sent again it is the one that waits already; with its key, whatever has become of that.
    async fn propose<G: Gated>(&self, change: &G, state_before: Value, state_after: Value) -> Result<Model, Error> {
        let input = serde_json::to_value(change).map_err(|error| Error::internal(&error))?;
        let principal = &self.actor.principal;
        let row = Model {
            id: PendingChangeId::new(),
            kind: change.kind(),
            act: G::ACT,
            target: change.target(),
            digest: format!("{:x}", Sha256::digest(format!("{} {input}", G::ACT.as_text()))),
            idempotency_key: change.key().map(str::to_owned),
            state_before,
            state_after,
            reason: change.reason().map(str::to_owned),
            proposed_by: principal.subject.clone(),
            proposed_roles: self.actor.roles(),
            proposed_client: principal.client.clone(),
            proposer_number: principal.staff_number.clone(),
            proposed_at: self.now(),
            decision: None,
            decided_by: None,
            decided_at: None,
            decision_reason: None,
        };
        let tx = self.begin().await?;
        // Two who propose a change of the same target wait for each other.
        dialect::lock_table::<Entity, _>(&*tx).await?;
        if let Some(same) = self.proposed_before(&tx, &row).await? {
            return Ok(same);
        }
        let counts = json!({ "kind": row.kind.as_text(), "act": row.act.as_text(), "target": row.target });
        let entry = AuditAct { record_id: Some(row.id.0), counts, reason: row.reason.clone(), ..self.act("PROPOSE", Noun::PendingChange) };
        let input = pending_change_input::Model { change_id: row.id, input };
        row.clone().into_active_model().insert(&*tx).await?;
        input.into_active_model().insert(&*tx).await?;
        audit(&*tx, row.proposed_at, entry).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// The same proposal, made before; refuses another one of the same target or key.
    async fn proposed_before(&self, tx: &WriteTransaction, row: &Model) -> Result<Option<Model>, Error> {
        if let Some(key) = &row.idempotency_key {
            let of = unscoped::<Entity>().filter(Column::ProposedBy.eq(&row.proposed_by)).filter(Column::IdempotencyKey.eq(key));
            if let Some(earlier) = of.filter(Column::Act.eq(row.act)).one(&**tx).await? {
                let (ja, en) = ("この冪等キーは別の内容で使われています。", "This idempotency key was used with another body.");
                return if earlier.digest == row.digest { Ok(Some(earlier)) } else { Err(Error::conflict("idempotencyKey", ja, en)) };
            }
        }
        let waiting = unscoped::<Entity>().filter(Column::Target.eq(&row.target)).filter(Column::DecidedAt.is_null());
        let Some(waiting) = waiting.filter(Column::ProposedAt.gt(row.proposed_at - WAITS)).one(&**tx).await? else { return Ok(None) };
        if waiting.digest == row.digest && waiting.proposed_by == row.proposed_by {
            return Ok(Some(waiting));
        }
        let ja = "同じ対象の別の変更が承認待ちです。承認するか、取り下げてから行ってください（pendingChanges で確認できます）。";
        let en = "Another change of the same thing waits: approve it or decline it first (see `pendingChanges`).";
        Err(Error { field: None, ..Error::conflict("", ja, en) })
    }

    /// What a proposed change is to carry out, as it was sent; none where there is no such change.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn pending_change_input(&self, id: PendingChangeId) -> Result<Option<Value>, Error> {
        let changes = self.select::<Entity>()?.filter(Column::Id.eq(id));
        if changes.one(self.reader()).await?.is_none() {
            return Ok(None);
        }
        let of = unscoped::<pending_change_input::Entity>().filter(pending_change_input::Column::ChangeId.eq(id));
        Ok(of.one(self.reader()).await?.map(|row| row.input))
    }
}

/// Whether changes of a kind need a second person.
async fn required<C: ConnectionTrait>(db: &C, kind: FourEyesKind) -> Result<bool, Error> {
    use entity::four_eyes::{Column as Of, Entity as Settings};
    let row = unscoped::<Settings>().filter(Of::Kind.eq(kind)).one(db).await?;
    Ok(row.map_or(kind.usual(), |row| row.required))
}

/// A proposed change by its key.
pub type Change = pending_change::Model;

//! Which kinds of changes need a second person: turned on by an administrator where a second person is there, turned off as any other change
//! of the kind is made.

use super::{Carried, Fate, Gated, required};
use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{Store, dialect, record::check_text, unscoped},
};
use chrono::TimeDelta;
use entity::{
    audit_entry,
    four_eyes::{Column, Entity, Model},
    ids::FourEyesId,
    pending_change::{ChangeAct, FourEyesKind},
};
use jobs::{
    database::WriteTransaction,
    transaction::{AuditAct, audit, put_all},
};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// In which time a second person must have been active.
const ACTIVE: TimeDelta = TimeDelta::days(90);
/// Who acts and is no person: the host's operator, the demonstration, the platform itself.
const NOBODY: [&str; 3] = ["command line", "demo", "system"];
/// The roles that decide, in the words of the index `audit_entry_deciders`.
const DECIDERS: &str = "(roles LIKE '%admin%' OR roles LIKE '%promotion_officer%')";

/// The setting of a kind that is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setting {
    /// Of which changes.
    pub kind: FourEyesKind,
    /// Whether they need a second person.
    pub required: bool,
    /// Why.
    pub reason: String,
}

impl Gated for Setting {
    type Done = Option<Model>;
    const ACT: ChangeAct = ChangeAct::SetFourEyes;

    fn kind(&self) -> FourEyesKind {
        self.kind
    }
    fn action(&self) -> Action {
        Action::ManageFourEyes
    }
    fn target(&self) -> String {
        format!("four_eyes/{}", self.kind.as_text())
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
    /// One person may bind themselves; only loosening takes two.
    fn may_wait(&self) -> bool {
        !self.required
    }
    fn check(&self) -> Result<(), Error> {
        check_text("reason", &self.reason, 1_000)
    }

    async fn before(&self, _: &Store, tx: &WriteTransaction) -> Result<Value, Error> {
        Ok(json!({ "required": required(&**tx, self.kind).await? }))
    }

    async fn carry_out(&self, store: &Store, tx: &WriteTransaction) -> Result<Carried<Option<Model>>, Error> {
        dialect::lock_table::<Entity, _>(&**tx).await?;
        let stored = unscoped::<Entity>().filter(Column::Kind.eq(self.kind)).one(&**tx).await?;
        if stored.as_ref().map_or(self.kind.usual(), |row| row.required) == self.required {
            return Ok(Carried::Nothing(stored));
        }
        if self.required && !store.has_a_second_person(tx).await? {
            let ja = "過去90日間に活動した、あなた以外の管理者又は推進担当官がいないため、設定できません。承認する人がいなくなります。";
            let en = "No other administrator or promotion officer was active in the last 90 days: nobody could approve anything.";
            return Err(Error::conflict("required", ja, en));
        }
        let now = store.now();
        let row = Model {
            id: stored.as_ref().map_or_else(FourEyesId::new, |row| row.id),
            kind: self.kind,
            required: self.required,
            version: stored.map_or(1, |row| row.version + 1),
            set_by: store.actor.principal.subject.clone(),
            set_at: now,
            reason: self.reason.clone(),
        };
        put_all(&**tx, vec![row.clone()], true).await?;
        let counts = json!({ "kind": row.kind.as_text(), "required": row.required });
        let reason = Some(self.reason.clone());
        let entry = AuditAct { record_id: Some(row.id.0), counts, reason, ..store.act("SET", Noun::FourEyes) };
        audit(&**tx, now, entry).await?;
        Ok(Carried::Changed(Some(row)))
    }

    fn after(&self, _: &Option<Model>) -> Value {
        json!({ "required": self.required })
    }
    fn shortens(&self, _: &Value) -> bool {
        self.kind == FourEyesKind::Retention
    }
}

impl Store {
    /// Says whether changes of a kind need a second person. Turning it off is itself such a change.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` without a reason; CONFLICT where nobody else could approve anything.
    pub async fn set_four_eyes(&self, setting: &Setting) -> Result<Fate<Option<Model>>, Error> {
        self.submit(setting).await
    }

    /// Each kind, with what was said of it; none for a kind that is as the installation began.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn four_eyes(&self) -> Result<Vec<Model>, Error> {
        Ok(self.select::<Entity>()?.all(self.reader()).await?)
    }

    /// Whether another administrator or promotion officer left an entry in the audit trail lately, by an act or by reading persons. Machines
    /// are told by the role that only they have, for the trail does not name clients.
    async fn has_a_second_person(&self, tx: &WriteTransaction) -> Result<bool, Error> {
        use audit_entry::Column as Of;
        let nobody_else = NOBODY.into_iter().chain([self.actor.principal.subject.as_str()]);
        let entries = unscoped::<audit_entry::Entity>().filter(Of::At.gte(self.now() - ACTIVE)).filter(Of::Actor.is_not_in(nobody_else));
        let entries = entries.filter(Expr::cust(DECIDERS)).filter(Of::Roles.not_like("%bureau_system%"));
        Ok(entries.one(&**tx).await?.is_some())
    }
}

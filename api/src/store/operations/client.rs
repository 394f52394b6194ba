//! Machine clients: registered and revoked by administrators; what a client's tokens may do is intersected with its row.

use crate::store::{
    Store, dialect,
    four_eyes::{Carried, Fate, Gated},
    record::{check_fit, check_key, check_line, check_text, clean, other_spelling},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use chrono::{DateTime, Utc};
use entity::{
    api_client::{self, ClientAbsence, ClientBureaus, ClientWrites, OFFICE},
    ids::ApiClientId,
    key::fold,
    pending_change::{ChangeAct, FourEyesKind},
};
use jobs::database::{Database, WriteTransaction};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The most bureaus that a client's row names; one for all of them names none.
const MOST_BUREAUS: usize = 500;

/// A client to be registered, or changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registration {
    /// Its code.
    pub code: String,
    /// What it is.
    pub name: String,
    /// Codes of the bureaus it serves; all of them without.
    pub bureaus: Option<Vec<String>>,
    /// Which records it writes.
    pub writes: ClientWrites,
    /// What its silence means, by source; as it was without.
    #[serde(default)]
    pub absence: Option<ClientAbsence>,
}

fn said(row: &api_client::Model) -> Value {
    let absence = row.absence.clone().unwrap_or_default();
    let revoked = row.revoked_at.is_some();
    json!({
        "code": row.code, "name": row.name, "bureaus": row.bureaus, "writes": row.writes, "absence": absence, "revoked": revoked
    })
}

impl Registration {
    /// One that says nothing of silence, and whose name is its code.
    #[must_use]
    pub fn of(code: &str, bureaus: Option<Vec<String>>, writes: ClientWrites) -> Self {
        Self { code: code.to_owned(), name: code.to_owned(), bureaus, writes, absence: None }
    }

    async fn stored(&self, tx: &WriteTransaction) -> Result<Option<api_client::Model>, Error> {
        Ok(unscoped::<api_client::Entity>().filter(api_client::Column::Code.eq(&self.code)).one(&**tx).await?)
    }

    /// The row as it is to be.
    fn apply(&self, stored: Option<&api_client::Model>, now: DateTime<Utc>) -> api_client::Model {
        api_client::Model {
            id: stored.map_or_else(ApiClientId::new, |row| row.id),
            code: self.code.clone(),
            code_folded: fold(&self.code),
            name: self.name.clone(),
            bureaus: ClientBureaus(self.bureaus.clone()),
            writes: Some(self.writes),
            absence: self.absence.clone().or_else(|| stored.and_then(|row| row.absence.clone())),
            revoked_at: stored.and_then(|row| row.revoked_at),
            created_at: stored.map_or(now, |row| row.created_at),
        }
    }
}

/// Whether a change makes another thing known of months without records: what silence means, or where.
fn silence_changes(before: Option<&api_client::Model>, after: &api_client::Model) -> bool {
    let said = |row: &api_client::Model| row.absence.clone().unwrap_or_default();
    let none = before.is_none_or(|row| said(row).0.is_empty());
    if none && said(after).0.is_empty() {
        return false;
    }
    before.is_none_or(|row| (said(row), &row.bureaus, row.writes) != (said(after), &after.bureaus, after.writes))
}

impl Gated for Registration {
    type Done = api_client::Model;
    const ACT: ChangeAct = ChangeAct::RegisterApiClient;

    fn kind(&self) -> FourEyesKind {
        FourEyesKind::Clients
    }
    fn action(&self) -> Action {
        Action::ManageClients
    }
    fn target(&self) -> String {
        format!("api_client/{}", self.code)
    }

    fn check(&self) -> Result<(), Error> {
        check_fit(&self.code, "code")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.code.is_empty() || self.code.len() > 100 || !self.code.chars().all(plain) || fold(&self.code) == fold(OFFICE) {
            let ja = "クライアントのコードは英数字と - _ . の100文字以内で、OFFICE は使えません。";
            return Err(Error::input("code", ja, "A client's code has up to 100 letters, digits, - _ . and is not OFFICE."));
        }
        check_line("name", &self.name, 200)?;
        let served = self.bureaus.as_deref().unwrap_or_default();
        if served.len() > MOST_BUREAUS {
            let (ja, en) =
                (format!("部局は{MOST_BUREAUS}個までです。"), format!("A client serves at most {MOST_BUREAUS} bureaus by name."));
            return Err(Error::input("bureaus", ja, en));
        }
        served.iter().try_for_each(|bureau| check_key(bureau, "bureaus"))
    }

    async fn before(&self, _: &Store, tx: &WriteTransaction) -> Result<Value, Error> {
        Ok(self.stored(tx).await?.as_ref().map_or(Value::Null, said))
    }

    async fn carry_out(&self, store: &Store, tx: &WriteTransaction) -> Result<Carried<api_client::Model>, Error> {
        let now = store.now();
        let stored = self.stored(tx).await?;
        let row = self.apply(stored.as_ref(), now);
        let twin = unscoped::<api_client::Entity>().filter(api_client::Column::CodeFolded.eq(&row.code_folded)).one(&**tx).await?;
        if let Some(twin) = twin.filter(|twin| twin.id != row.id) {
            return Err(other_spelling("code", &twin.code));
        }
        if silence_changes(stored.as_ref(), &row) {
            let months = jobs::transaction::months_with_figures(&**tx).await?;
            jobs::transaction::mark_office(&**tx, now, &months).await?;
        }
        let change = row.into_active_model().reset_all();
        let row = if stored.is_some() { change.update(&**tx).await? } else { change.insert(&**tx).await? };
        let counts = json!({ "writes": self.writes });
        let entry = jobs::transaction::AuditAct { record_id: Some(row.id.0), counts, ..store.act("REGISTER", Noun::ApiClient) };
        jobs::transaction::audit(&**tx, now, entry).await?;
        Ok(Carried::Changed(row))
    }

    fn after(&self, done: &api_client::Model) -> Value {
        said(done)
    }
}

impl Store {
    /// Registers a client, or changes what it is, serves and writes; a revoked one stays revoked.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` for a code, name or bureau that is none; CONFLICT where another change of it waits.
    pub async fn register_client(&self, client: &Registration) -> Result<Fate<api_client::Model>, Error> {
        let mut client = client.clone();
        clean(&mut client.name);
        self.submit(&client).await
    }

    /// Revokes a client: from now on none of its tokens is accepted. It never waits for a second person, for it only takes away.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND` for an unknown code; `BAD_USER_INPUT` without a reason.
    pub async fn revoke_client(&self, code: &str, reason: &str) -> Result<api_client::Model, Error> {
        self.allow(Action::ManageClients)?;
        check_text("reason", reason, 1_000)?;
        let tx = self.begin().await?;
        let now = self.now();
        let stored = dialect::by_text::<api_client::Entity, _>(&*tx, "code", &BTreeSet::from([code])).await?.pop();
        let stored = stored.filter(|row| row.code != OFFICE);
        let stored = stored.ok_or_else(|| Error::not_found("code", "クライアント", "client"))?;
        let row = if stored.revoked_at.is_some() {
            stored
        } else {
            let mut change = stored.into_active_model();
            change.revoked_at = Set(Some(now));
            change.update(&*tx).await?
        };
        let reason = Some(reason.to_owned());
        let entry = jobs::transaction::AuditAct { record_id: Some(row.id.0), reason, ..self.act("REVOKE", Noun::ApiClient) };
        jobs::transaction::audit(&*tx, now, entry).await?;
        tx.commit().await?;
        Ok(row)
    }
}

/// Makes the row under which people write, who have no numbering of their own. Part of `torikumi migrate`.
///
/// # Errors
/// The engine's.
pub async fn ensure_office(db: &Database, now: DateTime<Utc>) -> Result<(), Error> {
    let row = api_client::Model {
        id: ApiClientId::new(),
        code: OFFICE.to_owned(),
        code_folded: fold(OFFICE),
        name: "People who write by hand".to_owned(),
        bureaus: ClientBureaus(None),
        writes: Some(ClientWrites::Both),
        absence: None,
        revoked_at: None,
        created_at: now,
    };
    let tx = db.begin().await?;
    let insert = api_client::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(api_client::Column::Code).do_nothing().to_owned());
    match insert.exec_without_returning(&*tx).await {
        Ok(_) | Err(sea_orm::DbErr::RecordNotInserted) => Ok(tx.commit().await?),
        Err(error) => Err(error.into()),
    }
}

//! Machine clients: what each serves and writes, and since when it is revoked.

use crate::graphql::nullable::{Conditions, Nullable, attempt};
use crate::{
    error::Error,
    graphql::{
        connection::{Connection, list, store},
        four_eyes::PendingChange,
        node::global_id,
        record::noun,
    },
    store::{
        client::Registration,
        page::{Ordering, PageArgs},
    },
    words::{Absence, RecordSource},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::api_client::{ClientAbsence, ClientWrites};
use sea_orm::{ColumnTrait, Condition, Iterable};
use std::collections::BTreeMap;

/// Which kind of records a machine client writes; people are not held to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ClientWrites")]
pub enum Writes {
    /// Staff, postings, hires and appointments.
    Personnel,
    /// Shifts, overtime requests, telework days, leave, exceptional work and opening balances.
    Time,
}

/// Which machine clients: without a condition, all of them.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ApiClientFilter {
    /// Those of which an administrator has said what they write, or has not.
    writes_stated: Option<bool>,
}

/// What a client's silence about a source means.
#[derive(SimpleObject)]
pub struct SourceAbsence {
    /// The source.
    source: RecordSource,
    /// What it means where the client has no record of a person's month.
    meaning: Absence,
    /// Whether an administrator has said so; else it is taken to be so.
    stated: bool,
}

/// What a client's silence about a source is said to mean.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct SourceAbsenceInput {
    /// The source.
    source: RecordSource,
    /// What it means where the client has no record of a person's month.
    meaning: Absence,
}

/// A machine client.
pub struct ApiClient(entity::api_client::Model);

noun!(ApiClient, api_client);

/// A machine client: what its tokens may do is intersected with this row.
#[Object]
impl ApiClient {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("api_client", self.0.id.0)
    }

    /// The code that tokens and records carry.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it is, in the administrator's words, in up to 200 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Codes of the bureaus it serves; null for all of them.
    async fn bureaus(&self) -> Option<&[String]> {
        self.0.bureaus.0.as_deref()
    }

    /// Which records its tokens may write, both kinds where nobody has said.
    async fn writes(&self) -> Vec<Writes> {
        match self.0.writes {
            Some(ClientWrites::Personnel) => vec![Writes::Personnel],
            Some(ClientWrites::Time) => vec![Writes::Time],
            Some(ClientWrites::Both) | None => vec![Writes::Personnel, Writes::Time],
        }
    }

    /// Whether an administrator has said what it writes. A client from before that was asked writes all until somebody does.
    async fn writes_stated(&self) -> bool {
        self.0.writes.is_some()
    }

    /// What its silence means, for each source that it writes. Without a word of the administrator, of presence nothing is known, and of all else
    /// there was nothing.
    async fn absence(&self) -> Vec<SourceAbsence> {
        let said = self.0.absence.clone().unwrap_or_default();
        let writes = self.0.writes.unwrap_or(ClientWrites::Both);
        let of = |source| SourceAbsence { source, meaning: said.meaning(source), stated: said.0.contains_key(&source) };
        RecordSource::iter().filter(|source| writes.holds(*source)).map(of).collect()
    }

    /// When it was revoked, for good; null while its tokens are accepted.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }

    /// When it was first registered; later changes leave this.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// Machine clients.
#[derive(Default)]
pub struct ApiClientQuery;

#[Object]
impl ApiClientQuery {
    /// Machine clients by code, ascending, revoked ones too; for administrators.
    async fn api_clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which clients: without a condition, all, revoked ones too.", default)] filter: Conditions<ApiClientFilter>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<ApiClient>> {
        attempt(async {
            use entity::api_client::Column;
            let filter = filter.0;
            let order = Ordering { by: Column::Code, descending: false };
            let stated = filter.writes_stated.map(|stated| if stated { Column::Writes.is_not_null() } else { Column::Writes.is_null() });
            list(ctx, Condition::all().add_option(stated), order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// A machine client to be registered; one with the same code is changed, and stays revoked if it was.
#[derive(InputObject)]
pub struct RegisterApiClientInput {
    /// Its code, which its tokens name: up to 100 letters, digits, `-`, `_` and `.`, and not `OFFICE`; codes that differ in case alone are one.
    code: String,
    /// What it is, in 1 to 200 characters of one line.
    name: String,
    /// Codes of the bureaus it serves; null for all of them.
    bureaus: Option<Vec<String>>,
    /// Which records it writes; a client that only keeps time needs no authority over people.
    #[graphql(default_with = "vec![Writes::Personnel, Writes::Time]")]
    writes: Vec<Writes>,
    /// What its silence about a source means: what is said here takes the place of all that was said before; null leaves that as it is. Saying
    /// `ZERO` of presence or overtime makes a month without its records one without overtime.
    absence: Option<Vec<SourceAbsenceInput>>,
}

/// A machine client to be revoked, for good.
#[derive(InputObject)]
pub struct RevokeApiClientInput {
    /// Code of the client; `OFFICE` cannot be revoked.
    code: String,
    /// Why, for the audit trail.
    reason: String,
}

/// The client as it stands after the call, or the change that waits for a second person.
#[derive(SimpleObject)]
pub struct ApiClientPayload {
    /// The client, as its row is from now on; null where the change waits.
    api_client: Option<ApiClient>,
    /// The change, where it waits for a second person; then nothing was changed. A revocation never waits.
    pending_change: Option<PendingChange>,
}

/// What is said of each source, once.
fn said_of(said: &[SourceAbsenceInput]) -> Result<ClientAbsence, Error> {
    let by_source: BTreeMap<_, _> = said.iter().map(|one| (one.source, one.meaning)).collect();
    if by_source.len() < said.len() {
        return Err(Error::input("absence", "同じ記録の種類が2回指定されています。", "A source is said twice."));
    }
    Ok(ClientAbsence(by_source))
}

/// Machine clients, as administrators change them.
#[derive(Default)]
pub struct ApiClientMutation;

#[Object]
impl ApiClientMutation {
    /// Registers a machine client, or changes what one is, serves and writes.
    async fn register_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The client, by its code.")] input: RegisterApiClientInput,
    ) -> Nullable<ApiClientPayload> {
        attempt(async {
            let writes = match (input.writes.contains(&Writes::Personnel), input.writes.contains(&Writes::Time)) {
                (true, true) => ClientWrites::Both,
                (true, false) => ClientWrites::Personnel,
                (false, true) => ClientWrites::Time,
                (false, false) => {
                    let (ja, en) = ("書き込む記録の種類を指定してください。", "Say which records the client writes.");
                    return Err(Error::input("writes", ja, en).into());
                }
            };
            let absence = input.absence.map(|said| said_of(&said)).transpose()?;
            let RegisterApiClientInput { code, name, bureaus, .. } = input;
            let client = Registration { code, name, bureaus, writes, absence };
            let (row, change) = store(ctx).register_client(&client).await?.parts();
            Ok(ApiClientPayload { api_client: row.map(ApiClient::from), pending_change: change.map(PendingChange::from) })
        })
        .await
    }

    /// Revokes a machine client: none of its tokens is accepted any more.
    async fn revoke_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The client, by its code.")] input: RevokeApiClientInput,
    ) -> Nullable<ApiClientPayload> {
        attempt(async {
            let row = store(ctx).revoke_client(&input.code, &input.reason).await?;
            Ok(ApiClientPayload { api_client: Some(row.into()), pending_change: None })
        })
        .await
    }
}

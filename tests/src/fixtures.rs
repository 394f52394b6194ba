//! Records through the mutations that a bureau's system uses, and a small office to write them into.
//!
//! Deliberately absent: any row written past the API.

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Client, Failure};
use crate::database::Backend;
use crate::server::Server;

/// What a bulk mutation answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the API's receipt, described there")]
pub struct Receipt {
    pub id: Option<String>,
    pub replayed: bool,
    pub created: u32,
    pub updated: u32,
    pub unchanged: u32,
    pub superseded: u32,
    pub voided: u32,
    pub rejected: u32,
    pub stale_months: Vec<String>,
    pub rejections: Vec<Rejection>,
    pub warned: u32,
    pub warnings: Vec<Warning>,
}

/// What is worth a second look in one record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the API's warning, described there")]
pub struct Warning {
    pub index: usize,
    pub external_id: String,
    pub field: String,
    pub code: String,
    pub message: String,
}

/// One refused record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the API's rejection, described there")]
pub struct Rejection {
    pub index: usize,
    pub external_id: String,
    pub field: Option<String>,
    pub code: String,
    pub message: String,
    pub retryable: bool,
}

impl Receipt {
    /// Created, updated, unchanged, superseded, voided, rejected.
    #[must_use]
    pub fn counts(&self) -> [u32; 6] {
        [self.created, self.updated, self.unchanged, self.superseded, self.voided, self.rejected]
    }

    /// Index, code and field of each rejection.
    #[must_use]
    pub fn refused(&self) -> Vec<(usize, &str, &str)> {
        self.rejections
            .iter()
            .map(|rejection| (rejection.index, rejection.code.as_str(), rejection.field.as_deref().unwrap_or_default()))
            .collect()
    }

    /// Index, code and field of each warning.
    #[must_use]
    pub fn warned(&self) -> Vec<(usize, &str, &str)> {
        self.warnings.iter().map(|warning| (warning.index, warning.code.as_str(), warning.field.as_str())).collect()
    }
}

/// The document of a noun's bulk mutation: `Shifts` → `recordShifts`.
#[must_use]
pub fn mutation(noun: &str) -> String {
    format!(
        "mutation ($input: Record{noun}Input!) {{ record{noun}(input: $input) {{ receipt {{
            id replayed created updated unchanged superseded voided rejected staleMonths
            rejections {{ index externalId field code message retryable }}
            warned warnings {{ index externalId field code message }} }} }} }}"
    )
}

/// The input of a call with a new key that writes all or nothing.
#[must_use]
pub fn input(records: impl Into<Value>) -> Value {
    json!({ "idempotencyKey": Uuid::now_v7().to_string(), "records": records.into() })
}

/// The input with these members in place of its own.
#[must_use]
pub fn with(mut value: Value, members: Value) -> Value {
    if let (Value::Object(value), Value::Object(members)) = (&mut value, members) {
        value.extend(members);
    }
    value
}

/// Sends a bulk call.
///
/// # Errors
/// An error of the call as a whole.
pub async fn send(client: &Client, noun: &str, input: Value) -> anyhow::Result<Receipt> {
    let mut data = client.query(&mutation(noun), json!({ "input": input })).await?;
    Ok(serde_json::from_value(data[format!("record{noun}")]["receipt"].take())?)
}

/// Sends a bulk call that is refused as a whole.
///
/// # Errors
/// A call that is not refused.
pub async fn refused(client: &Client, noun: &str, input: Value) -> anyhow::Result<Failure> {
    client.error(&mutation(noun), json!({ "input": input })).await
}

/// Writes records, none of which is refused.
///
/// # Errors
/// A rejection or an error.
pub async fn record(client: &Client, noun: &str, records: impl Into<Value>) -> anyhow::Result<Receipt> {
    let receipt = send(client, noun, input(records)).await?;
    anyhow::ensure!(receipt.rejections.is_empty(), "{noun}: {:#?}", receipt.rejections);
    Ok(receipt)
}

/// A bureau, in being since 2000.
#[must_use]
pub fn bureau(code: &str) -> Value {
    json!({ "code": code, "nameJa": format!("{code}部局"), "nameEn": format!("Bureau {code}"), "validFrom": "2000-01-01" })
}

/// A unit of a bureau, in being since 2000.
#[must_use]
pub fn unit(code: &str, bureau: &str) -> Value {
    json!({ "code": code, "bureau": bureau, "nameJa": format!("{code}担当"), "nameEn": format!("Unit {code}"), "validFrom": "2000-01-01" })
}

/// A regular staff member, employed since 2000, whose sex is not recorded.
#[must_use]
pub fn staff(number: &str) -> Value {
    json!({ "staffNumber": number, "sex": "NOT_RECORDED", "hiredOn": "2000-01-01" })
}

/// An open main post of the band STAFF.
#[must_use]
pub fn posting(key: &str, number: &str, place: (&str, &str), from: &str) -> Value {
    json!({ "externalId": key, "staffNumber": number, "bureau": place.0, "unit": place.1, "band": "STAFF", "validFrom": from })
}

/// A shift on a workday without schedule, present from one Japanese time of the date to another.
#[must_use]
pub fn shift(key: &str, number: &str, date: &str, presence: (&str, &str)) -> Value {
    json!({ "externalId": key, "staffNumber": number, "date": date, "dayKind": "WORKDAY", "presence": interval(date, presence) })
}

/// Two Japanese times of a date as an interval.
#[must_use]
pub fn interval(date: &str, (start, end): (&str, &str)) -> Value {
    json!({ "start": format!("{date}T{start}:00+09:00"), "end": format!("{date}T{end}:00+09:00") })
}

/// Two bureaus, `A` with the units `A1` and `A2`, `B` with `B1`; `S1` and `S2` in `A1`, `S3` in `B1`, each since 2018-01-01.
pub struct Office {
    /// The platform.
    pub server: Server,
    /// The secretariat.
    pub secretariat: Client,
    /// The system of bureau A, as client `a`.
    pub a: Client,
    /// The system of bureau B, as client `b`.
    pub b: Client,
}

impl Office {
    /// Starts a platform and records the office: the bureaus by the secretariat, all else by the bureaus' systems.
    ///
    /// # Errors
    /// Any rejection.
    pub async fn open(backend: Backend) -> anyhow::Result<Self> {
        Self::on(Server::start(backend).await?).await
    }

    /// The same on a platform that is there.
    ///
    /// # Errors
    /// Any rejection.
    pub async fn on(server: Server) -> anyhow::Result<Self> {
        let secretariat = server.secretariat()?;
        record(&secretariat, "Bureaus", vec![bureau("A"), bureau("B")]).await.context("bureaus")?;
        let (a, b) = (server.system("a", &["A"]).await?, server.system("b", &["B"]).await?);
        record(&a, "Units", vec![unit("A1", "A"), unit("A2", "A")]).await.context("units")?;
        record(&b, "Units", vec![unit("B1", "B")]).await?;
        record(&a, "Staff", vec![staff("S1"), staff("S2")]).await.context("staff")?;
        record(&b, "Staff", vec![staff("S3")]).await?;
        let since = "2018-01-01";
        let own = vec![posting("p1", "S1", ("A", "A1"), since), posting("p2", "S2", ("A", "A1"), since)];
        record(&a, "Postings", own).await.context("postings")?;
        record(&b, "Postings", vec![posting("p3", "S3", ("B", "B1"), since)]).await?;
        Ok(Self { server, secretariat, a, b })
    }

    /// Says of both systems that whoever has no shift in their records was not there: what nobody has recorded is 0, and not unknown.
    ///
    /// # Errors
    /// The platform's.
    pub async fn silence_means_zero(&self) -> anyhow::Result<()> {
        for (client, bureau) in [("a", "A"), ("b", "B")] {
            absence(&self.server.admin()?, client, &[bureau], json!([{ "source": "PRESENCE", "meaning": "ZERO" }])).await?;
        }
        Ok(())
    }
}

/// Says what a client's silence means.
///
/// # Errors
/// The platform's.
pub async fn absence(admin: &Client, client: &str, bureaus: &[&str], said: Value) -> anyhow::Result<Value> {
    let register = "mutation($input: RegisterApiClientInput!) { registerApiClient(input: $input) {
        apiClient { code absence { source meaning stated } } pendingChange { id } } }";
    let input = json!({ "code": client, "name": client, "bureaus": bureaus, "absence": said });
    Ok(admin.query(register, json!({ "input": input })).await?["registerApiClient"].take())
}

/// The nodes of a list.
///
/// # Errors
/// Any error of the answer.
pub async fn nodes(client: &Client, document: &str, list: &str, variables: Value) -> anyhow::Result<Vec<Value>> {
    let mut data = client.query(document, variables).await?;
    match data[list]["nodes"].take() {
        Value::Array(nodes) => Ok(nodes),
        other => anyhow::bail!("{list} has the nodes {other}"),
    }
}

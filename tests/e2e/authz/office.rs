//! What the cases are asked of: the bureaus A and B, B to be succeeded by C; five people, one of whom went from A to B; one record of every
//! noun for each of four of them, once revised for two; a submitted and computed month; four clients, one of them
//! revoked; a flag of S1 to S4 in February; two cycles of the follow-up; releases of four fiscal years (`crate::releases`).
//!
//! Keys tell who is meant: S1 (in unit A1) and S2 (in A2) are A's, S3 and S5 (in B1) B's, S4 was A's in A2 until 2020-03-01 and is B's since.

use std::{collections::BTreeMap, sync::LazyLock};

use api::authn::TokenRequest;
use api::authz::Role;
use entity::noun::Noun;
use entity::overtime_outlier::Model;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{bureau, interval, posting, record, staff, unit, with};
use torikumi_tests::server::{Server, codes};

use crate::follow_up::{opened, published, submission};
use crate::outliers::raise;

/// Whose month is looked at.
pub const MONTH: &str = "2020-02";

/// The office, and a caller of each role in the grid's order: the manager has unit A1, the staff member is S1, system and officer are A's.
pub struct Office {
    pub server: Server,
    pub callers: [Client; 11],
    pub secretariat: Client,
    pub admin: Client,
    pub a: Client,
    pub b: Client,
}

/// A noun of the register about a person on a date, as GraphQL names it.
pub struct Names {
    /// As in `Record…Input`.
    pub many: String,
    /// The object.
    pub object: String,
    /// The list.
    pub list: String,
}

/// The dated nouns.
pub static DATED: LazyLock<Vec<Names>> = LazyLock::new(|| {
    let names = |(noun, _): (Noun, _)| {
        let object = format!("{noun:?}");
        let many = match object.strip_suffix("ry") {
            Some(stem) => format!("{stem}ries"),
            None => format!("{object}s"),
        };
        Names { list: many[..1].to_lowercase() + &many[1..], many, object }
    };
    Noun::dated().map(names).collect()
});

/// What one record of a dated noun says beside key and person.
pub fn dated(noun: &str) -> Value {
    match noun {
        "Shifts" => json!({ "date": "2020-02-03", "dayKind": "WORKDAY", "presence": interval("2020-02-03", ("18:00", "20:00")) }),
        "OvertimeRequests" => json!({ "date": "2020-02-03", "planned": interval("2020-02-03", ("18:00", "20:00")), "reason": "国会",
            "requestedAt": "2020-02-03T12:00:00+09:00", "decision": "PENDING" }),
        "TeleworkDays" => json!({ "date": "2020-02-04", "place": "HOME" }),
        "LeaveEntries" => json!({ "date": "2020-02-05", "kind": "ANNUAL", "minutes": 465 }),
        "Hires" => json!({ "date": "2020-02-06", "route": "OTHER" }),
        "ExceptionalWorks" => json!({ "date": "2020-02-10", "lastMonth": "2020-02", "work": "災害対応", "approver": "人事課長" }),
        "OpeningBalances" => json!({ "date": "2020-02-10", "month": "2019-12", "minutes": 600 }),
        "Appointments" => json!({ "date": "2020-02-07", "toBand": "CHIEF" }),
        _ => panic!("give an example of {noun}"),
    }
}

/// What a second version of such a record changes.
pub fn revised(noun: &str) -> Value {
    match noun {
        "Shifts" => json!({ "presence": interval("2020-02-03", ("18:00", "21:00")) }),
        "OvertimeRequests" => json!({ "reason": "予算" }),
        "TeleworkDays" => json!({ "place": "SATELLITE" }),
        "LeaveEntries" => json!({ "minutes": 60 }),
        "Hires" => json!({ "route": "MID_CAREER" }),
        "ExceptionalWorks" => json!({ "work": "法案作成" }),
        "OpeningBalances" => json!({ "minutes": 660 }),
        "Appointments" => json!({ "toBand": "DIRECTOR" }),
        _ => panic!("give a second version of {noun}"),
    }
}

/// A unit's target of annual leave for 2019.
pub fn leave_target(key: &str, bureau: &str, unit: &str) -> Value {
    json!({ "externalId": key, "bureau": bureau, "unit": unit, "calendarYear": 2019, "days": 15 })
}

/// A dated record of somebody.
pub fn of(noun: &str, number: &str) -> Value {
    with(dated(noun), json!({ "externalId": number, "staffNumber": number }))
}

impl Office {
    pub async fn open(backend: Backend) -> anyhow::Result<Self> {
        Box::pin(Self::made(backend)).await
    }

    async fn made(backend: Backend) -> anyhow::Result<Self> {
        let server = Server::start(backend).await?;
        let (secretariat, admin) = (server.secretariat()?, server.admin()?);
        let ending = with(bureau("B"), json!({ "validTo": "2020-06-01", "successor": "C" }));
        record(&secretariat, "Bureaus", vec![bureau("A"), ending, bureau("C")]).await?;
        let (a, b) = (server.system("a", &["A"]).await?, server.system("b", &["B"]).await?);
        server.client_row("lost", &["A"]).await?;
        let revoke = "mutation($input: RevokeApiClientInput!) { revokeApiClient(input: $input) { apiClient { code } } }";
        admin.query(revoke, json!({ "input": { "code": "lost", "reason": "its key leaked" } })).await?;
        let tokens = "mutation($input: RevokeTokensInput!) { revokeTokens(input: $input) { tokenRevocation { id } } }";
        admin.query(tokens, json!({ "input": { "subject": "nobody", "reason": "a test" } })).await?;
        let period = "mutation($input: UpdateRetentionInput!) { updateRetention(input: $input) { pendingChange { id } } }";
        admin.query(period, json!({ "input": { "noun": "MAIL", "length": 400, "reason": "a test" } })).await?;
        let office = Self { callers: callers(&server, &a)?, server, secretariat, admin, a, b };
        office.people().await?;
        office.records().await?;
        office.master_data().await?;
        office.plan().await?;
        office.month().await?;
        office.mail().await?;
        office.outliers().await?;
        office.follow_up().await?;
        crate::releases::fill(&office.server).await?;
        Ok(office)
    }

    async fn people(&self) -> anyhow::Result<()> {
        record(&self.a, "Units", vec![unit("A1", "A"), unit("A2", "A")]).await?;
        record(&self.b, "Units", vec![unit("B1", "B")]).await?;
        record(&self.a, "Staff", vec![staff("S1"), staff("S2"), staff("S4")]).await?;
        record(&self.b, "Staff", vec![staff("S3"), staff("S5")]).await?;
        let since = "2018-01-01";
        let left = with(
            posting("S4", "S4", ("A", "A2"), since),
            json!({ "validTo": "2020-03-01", "releasedOn": "2020-03-01", "releasedTo": "B" }),
        );
        let of_a = vec![posting("S1", "S1", ("A", "A1"), since), posting("S2", "S2", ("A", "A2"), since), left];
        record(&self.a, "Postings", of_a).await?;
        let came = posting("S4", "S4", ("B", "B1"), "2020-03-01");
        let of_b = vec![posting("S3", "S3", ("B", "B1"), since), posting("S5", "S5", ("B", "B1"), since), came];
        record(&self.b, "Postings", of_b).await?;
        for (system, number, place) in [(&self.a, "S1", ("A", "A1")), (&self.b, "S3", ("B", "B1"))] {
            record(system, "Staff", vec![with(staff(number), json!({ "hiredOn": "2001-04-01" }))]).await?;
            record(system, "Postings", vec![with(posting(number, number, place, since), json!({ "jobArea": "法令" }))]).await?;
        }
        // A naming that the main post leaves without effect.
        let name = "INSERT INTO named_holder (id, staff_id, valid_from, bureau_id, reason, named_by, named_at)
            SELECT h.id, h.staff_id, '2018-01-01', h.bureau_id, 'a test', 'secretariat', s.created_at
            FROM holding h JOIN staff s ON s.id = h.staff_id WHERE s.staff_number = 'S1' AND h.posting_id IS NOT NULL";
        self.server.connect().await?.execute_unprepared(name).await?;
        Ok(())
    }

    async fn records(&self) -> anyhow::Result<()> {
        for noun in DATED.iter().map(|names| names.many.as_str()) {
            record(&self.a, noun, vec![of(noun, "S1"), of(noun, "S2"), of(noun, "S4")]).await?;
            record(&self.b, noun, vec![of(noun, "S3")]).await?;
            for (system, number) in [(&self.a, "S1"), (&self.b, "S3")] {
                record(system, noun, vec![with(of(noun, number), revised(noun))]).await?;
            }
        }
        Ok(())
    }

    /// One of each kind for A and one for B or the office, the first of which is then revised.
    async fn master_data(&self) -> anyhow::Result<()> {
        record(&self.secretariat, "Bureaus", vec![with(bureau("A"), json!({ "nameEn": "First" }))]).await?;
        record(&self.a, "Units", vec![with(unit("A1", "A"), json!({ "nameEn": "First" }))]).await?;
        let regime = |key: &str, unit: &str| json!({ "externalId": key, "unit": unit, "regime": "SELF_PACED", "validFrom": "2018-04-01" });
        record(&self.secretariat, "WorkRegimes", vec![regime("1", "A1"), regime("2", "B1")]).await?;
        record(&self.secretariat, "WorkRegimes", vec![with(regime("1", "A1"), json!({ "regime": "EXTERNALLY_DRIVEN" }))]).await?;
        record(&self.a, "LeaveTargets", vec![leave_target("1", "A", "A1")]).await?;
        record(&self.a, "LeaveTargets", vec![with(leave_target("1", "A", "A1"), json!({ "days": 16 }))]).await?;
        record(&self.b, "LeaveTargets", vec![leave_target("2", "B", "B1")]).await?;
        let holiday = json!({ "externalId": "1", "date": "2020-02-11", "nameJa": "建国記念日" });
        let on_time =
            |key: &str, bureau: Option<&str>| json!({ "externalId": key, "bureau": bureau, "date": "2020-02-12", "kind": "COMPLETE" });
        let stage = |key: &str, bureau: Option<&str>| json!({ "externalId": key, "bureau": bureau, "startsAt": "08:30", "validFrom": "2018-04-01" });
        let target = json!({ "externalId": "1", "indicator": "WOMEN_STAFF", "clause": "V-2", "population": "OFFICE", "decider": "PLAN",
            "qualifier": "AT_LEAST", "valueNumerator": 30, "validFrom": "2015-02-01" });
        record(&self.admin, "Holidays", vec![holiday.clone()]).await?;
        record(&self.admin, "Holidays", vec![with(holiday, json!({ "nameJa": "建国記念の日" }))]).await?;
        record(&self.admin, "OnTimeDays", vec![on_time("1", Some("A")), on_time("2", None)]).await?;
        record(&self.admin, "OnTimeDays", vec![with(on_time("1", Some("A")), json!({ "kind": "OWN_WEEKLY" }))]).await?;
        record(&self.admin, "StartStages", vec![stage("1", Some("A")), stage("2", None)]).await?;
        record(&self.admin, "StartStages", vec![with(stage("1", Some("A")), json!({ "startsAt": "08:00" }))]).await?;
        let of_unit = json!({ "externalId": "2", "population": "UNIT", "bureau": "A", "unit": "A1" });
        record(&self.admin, "Targets", vec![target.clone(), with(target.clone(), of_unit)]).await?;
        record(&self.admin, "Targets", vec![with(target, json!({ "clause": "V-3" }))]).await?;
        Ok(())
    }

    /// A plan of three clauses with a measure, an item and a target of it.
    async fn plan(&self) -> anyhow::Result<()> {
        let load = "mutation($input: LoadPlanInput!) { loadPlan(input: $input) { change } }";
        let loaded = self.admin.query(load, json!({ "input": { "document": crate::plan::document().to_string() } })).await?;
        anyhow::ensure!(loaded["loadPlan"]["change"] == "CREATED", "{loaded}");
        Ok(())
    }

    /// Both officers submit February, and the job computes it; a backfill of it is planned.
    async fn month(&self) -> anyhow::Result<()> {
        let submit = "mutation($input: SubmitMonthInput!) { submitMonth(input: $input) { monthClose { state } } }";
        for code in ["A", "B"] {
            let officer = self.server.officer(&[code])?;
            officer.query(submit, json!({ "input": { "bureau": code, "month": MONTH, "reason": "a test" } })).await?;
        }
        let plan = "mutation($input: PlanBackfillInput!) { planBackfill(input: $input) { backfill { id } } }";
        let months = json!({ "job": "MONTHLY_INDICATORS", "from": MONTH, "to": MONTH, "scope": "ALL", "reason": "a test" });
        self.admin.query(plan, json!({ "input": months })).await?;
        compute(&self.server, MONTH).await
    }

    /// A flag of each of four people in February; that of S1 has come back.
    async fn outliers(&self) -> anyhow::Result<()> {
        let former = raise(&self.server, "S1", ("A", "A1"), |flag| Model { withdrawn_at: Some(flag.raised_at), ..flag }).await?;
        raise(&self.server, "S1", ("A", "A1"), |flag| Model { returned_from: Some(former.id), ..flag }).await?;
        for (number, place) in [("S2", ("A", "A2")), ("S4", ("A", "A2")), ("S3", ("B", "B1"))] {
            raise(&self.server, number, place, |flag| flag).await?;
        }
        Ok(())
    }

    /// A published cycle of 2018, and one of 2019 to which A and B have submitted, and B's was taken.
    async fn follow_up(&self) -> anyhow::Result<()> {
        published(&self.server, 2018).await?;
        opened(&self.server, 2019).await?;
        let submit = "mutation($input: SubmitFollowUpInput!) { submitFollowUp(input: $input) { submission { id } } }";
        let mut sent = Value::Null;
        for code in ["A", "B"] {
            let input = json!({ "input": submission(code, json!({})) });
            sent = self.server.officer(&[code])?.query(submit, input).await?["submitFollowUp"]["submission"]["id"].take();
        }
        let accept = "mutation($input: AcceptSubmissionInput!) { acceptSubmission(input: $input) { submission { id } } }";
        self.secretariat.query(accept, json!({ "input": { "id": sent } })).await?;
        Ok(())
    }

    /// One mail of A's. A mail server is not part of this office, so the row is written past the platform.
    async fn mail(&self) -> anyhow::Result<()> {
        let db = self.server.connect().await?;
        let mail = "INSERT INTO mail (id, kind, bureau_id, date, address, subject, body, state, attempts, created_at, run_id)
            SELECT b.id, 'ON_TIME_DAY_NOTICE', b.id, b.valid_from, 'a@example.go.jp', 's', 'b', 'UNCERTAIN', 1, r.queued_at, r.id
            FROM bureau b CROSS JOIN job_run r WHERE b.code = 'A' ORDER BY r.id LIMIT 1";
        db.execute_unprepared(mail).await?;
        Ok(db.close().await?)
    }

    /// How many rows each table has.
    pub async fn rows(&self) -> anyhow::Result<BTreeMap<String, i64>> {
        rows(&self.server).await
    }
}

/// Runs the job for a month, as the administrator.
pub async fn compute(server: &Server, month: &str) -> anyhow::Result<()> {
    let trigger = "mutation($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
    let key = uuid::Uuid::now_v7().to_string();
    let input = json!({ "job": "MONTHLY_INDICATORS", "period": month, "reason": "a test", "idempotencyKey": key });
    server.admin()?.query(trigger, json!({ "input": input })).await?;
    anyhow::ensure!(server.run_jobs().await? > 0, "no run");
    Ok(())
}

/// How many rows each table of a platform has; the traces of reading, which the asking itself leaves, apart.
pub async fn rows(server: &Server) -> anyhow::Result<BTreeMap<String, i64>> {
    let db = server.connect().await?;
    let names = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table'",
    };
    let mut counts = BTreeMap::new();
    for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), names)).await? {
        let table: String = row.try_get_by_index(0)?;
        // A set of bureaus is written with the first entry that names it, and what an officer read is counted.
        if ["bureau_set", "reading_day"].contains(&table.as_str()) {
            continue;
        }
        let but_reading = if table == "audit_entry" { " WHERE verb <> 'READ'" } else { "" };
        let count = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM \"{table}\"{but_reading}");
        let found = db.query_one_raw(Statement::from_string(db.get_database_backend(), count)).await?;
        counts.insert(table, found.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default());
    }
    db.close().await?;
    anyhow::ensure!(counts.len() > 25, "these are not all tables: {counts:?}");
    Ok(counts)
}

fn callers(server: &Server, a: &Client) -> anyhow::Result<[Client; 11]> {
    let of = |role| server.request(role);
    Ok([
        server.anonymous(),
        server.client(&of(Role::Viewer))?,
        server.client(&TokenRequest { staff_number: Some("S1".to_owned()), ..of(Role::Staff) })?,
        server.client(&TokenRequest { units: ["A1".to_owned()].into(), ..of(Role::Manager) })?,
        a.clone(),
        server.client(&TokenRequest { bureaus: codes(&["A"]), ..of(Role::BureauOfficer) })?,
        server.client(&of(Role::PromotionOfficer))?,
        server.client(&TokenRequest { body: Some("council".to_owned()), ..of(Role::Committee) })?,
        server.secretariat()?,
        server.admin()?,
        server.client(&of(Role::Auditor))?,
    ])
}

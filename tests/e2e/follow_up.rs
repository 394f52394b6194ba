//! The yearly follow-up as people meet it: the data call, submissions, freeze, draft, compilation, reports, publication, correction,
//! withdrawal. The job that writes drafts has tests of its own: here a draft is written past it.

pub mod disclosure;
pub mod golden;
pub mod releases;

mod dataset;
mod publishing;
mod races;
mod stages;
mod submissions;

use anyhow::Context;
use api::authn::TokenRequest;
use api::authz::Role;
use chrono::NaiveDate;
use entity::finding::{self, FindingCheck};
use entity::follow_up::{self, FollowUpStage};
use entity::ids::{FindingId, InitiativeId, PlanId, ReleaseId, ReleaseObservationId, SubmissionItemId};
use entity::quotient::{Direction, IndicatorUnit};
use entity::release::{self, ReleaseState};
use entity::release_observation::{self, ObservationStatus};
use entity::submission_item::{self, ItemSource};
use entity::{initiative, plan, release_file};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use torikumi_tests::client::{Client, Failure};
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, with};
use torikumi_tests::server::Server;

/// The fiscal year that is followed up unless another is said.
pub const YEAR: i32 = 2019;
/// Today, on which the server's clock stands.
const TODAY: &str = "2020-04-15";

/// An office that has opened the cycle of [`YEAR`], and those who take it on.
struct Room {
    office: Office,
    secretariat: Client,
    a: Client,
    b: Client,
    committee: Client,
}

impl Room {
    async fn open(backend: Backend) -> anyhow::Result<Self> {
        let office = Office::open(backend).await?;
        opened(&office.server, YEAR).await?;
        let (a, b) = (office.server.officer(&["A"])?, office.server.officer(&["B"])?);
        Ok(Self { secretariat: office.secretariat.clone(), a, b, committee: committee(&office.server, "executive_committee")?, office })
    }

    fn server(&self) -> &Server {
        &self.office.server
    }

    /// Both bureaus submit, both submissions are taken, and the cycle is frozen.
    async fn frozen(&self) -> anyhow::Result<()> {
        for (officer, bureau) in [(&self.a, "A"), (&self.b, "B")] {
            let sent = done(officer, "submitFollowUp", submission(bureau, json!({}))).await?;
            done(&self.secretariat, "acceptSubmission", json!({ "id": sent["submission"]["id"] })).await?;
        }
        let frozen = done(&self.secretariat, "freezeFollowUp", because("all is here")).await?;
        anyhow::ensure!(frozen["frozen"] == true && frozen["followUp"]["stage"] == "FROZEN", "{frozen}");
        Ok(())
    }

    /// As far as a draft that is compiled.
    async fn compiled(&self) -> anyhow::Result<()> {
        self.frozen().await?;
        let finding = draft(self.server(), YEAR).await?;
        done(&self.secretariat, "answerFinding", json!({ "id": finding, "answer": "確認済み" })).await?;
        done(&self.committee, "compileFollowUp", because("取りまとめ")).await?;
        Ok(())
    }

    /// As far as the publication.
    async fn published(&self) -> anyhow::Result<()> {
        self.compiled().await?;
        self.reported().await?;
        done(&self.secretariat, "publishFollowUp", because("公表")).await?;
        Ok(())
    }

    async fn reported(&self) -> anyhow::Result<()> {
        for body in ["COUNCIL", "PROMOTION_COMMITTEE"] {
            done(&self.secretariat, "recordFollowUpReport", report(body, TODAY)).await?;
        }
        Ok(())
    }
}

/// A member of a committee's body.
pub fn committee(server: &Server, body: &str) -> anyhow::Result<Client> {
    server.client(&TokenRequest { body: Some(body.to_owned()), ..server.request(Role::Committee) })
}

/// The input type of an act, and what is asked of its payload.
fn shape(act: &str) -> (String, &'static str) {
    const CYCLE: &str = "followUp { fiscalYear stage version kind frozenAt dueOn reasonJa }";
    let of = match act {
        "reopenFollowUp" | "compileFollowUp" | "returnDraft" | "publishFollowUp" => "FollowUpInput".to_owned(),
        act => format!("{}{}Input", act[..1].to_uppercase(), &act[1..]),
    };
    let selection = match act {
        "submitFollowUp" => {
            "unchanged missingItems nameDoubts { field subject sign } submission { id revision state submittedBy
                figures { item numerator denominator note } actions { initiative text } nextSteps { initiative text } }"
        }
        "returnSubmission" | "acceptSubmission" => "submission { id revision state comment reviewedBy }",
        "answerFinding" => "finding { answer answerPublished answeredBy }",
        "freezeFollowUp" => "frozen incomplete { bureau { code } state } followUp { stage version frozenAt }",
        "recordFollowUpReport" => "report { body reportedOn paper } followUp { stage }",
        _ => CYCLE,
    };
    (of, selection)
}

fn mutation(act: &str) -> String {
    let (of, selection) = shape(act);
    format!("mutation ($input: {of}!) {{ {act}(input: $input) {{ {selection} }} }}")
}

/// Does an act.
pub async fn done(client: &Client, act: &str, input: Value) -> anyhow::Result<Value> {
    Ok(client.query(&mutation(act), json!({ "input": input })).await?[act].take())
}

/// An act that is refused: the code and the field.
async fn refused(client: &Client, act: &str, input: Value) -> anyhow::Result<(String, String)> {
    let Failure { code, field, .. } = client.error(&mutation(act), json!({ "input": input })).await?;
    Ok((code, field.unwrap_or_default()))
}

fn pair(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

/// The cycle of [`YEAR`], and why something is done to it.
fn because(reason: &str) -> Value {
    json!({ "fiscalYear": YEAR, "reason": reason })
}

fn report(body: &str, on: &str) -> Value {
    json!({ "fiscalYear": YEAR, "body": body, "reportedOn": on, "paper": "資料1" })
}

/// What a bureau submits, with these members in place of its own.
pub fn submission(bureau: &str, members: Value) -> Value {
    let figures = json!([{ "item": "LEAVE", "numerator": 3, "denominator": 4 }]);
    let actions = json!([{ "initiative": "MESSAGES", "text": "部局長が毎月呼びかけた。" }]);
    with(json!({ "fiscalYear": YEAR, "bureau": bureau, "figures": figures, "actions": actions }), members)
}

/// The plan `F` of 2015-02-01 to 2021-03-31: the measures MESSAGES and, until 2016-03-31, TRIAL; the items LEAVE (a share of each bureau), HOURS
/// (of each bureau) and PAY (of the office, a ratio that may pass 100 %).
async fn plan(server: &Server) -> anyhow::Result<()> {
    let db = server.connect().await?;
    let day = |year, month| NaiveDate::from_ymd_opt(year, month, 1).context("a date");
    if plan::Entity::find().filter(plan::Column::Code.eq("F")).one(&db).await?.is_some() {
        return Ok(db.close().await?);
    }
    let plan = plan::Model {
        id: PlanId::new(),
        code: "F".to_owned(),
        name_ja: "取組計画".to_owned(),
        name_en: "Plan".to_owned(),
        decided_on: day(2015, 1)?,
        valid_from: day(2015, 2)?,
        valid_to: day(2021, 4)?,
        settings: json!({}),
        revision: 1,
        sha256: "0".repeat(64),
        loaded_at: server.app.clock.now(),
        loaded_by: "test".to_owned(),
    };
    let plan_id = plan.id;
    plan.into_active_model().reset_all().insert(&db).await?;
    for (position, (code, to)) in [("MESSAGES", day(2021, 4)?), ("TRIAL", day(2016, 4)?)].into_iter().enumerate() {
        let measure = initiative::Model {
            id: InitiativeId::new(),
            plan_id,
            code: code.to_owned(),
            clause: "IV-1".to_owned(),
            position: i32::try_from(position)? + 1,
            name_ja: code.to_owned(),
            name_en: code.to_owned(),
            valid_from: day(2015, 2)?,
            valid_to: to,
        };
        measure.into_active_model().reset_all().insert(&db).await?;
    }
    let items = [
        ("LEAVE", IndicatorUnit::Percent, ItemSource::Bureau, false),
        ("HOURS", IndicatorUnit::Hours, ItemSource::Bureau, false),
        ("PAY", IndicatorUnit::Percent, ItemSource::Office, true),
    ];
    for (position, (code, unit, source, may_exceed_hundred)) in items.into_iter().enumerate() {
        let item = submission_item::Model {
            id: SubmissionItemId::new(),
            plan_id,
            code: code.to_owned(),
            version: 1,
            clause: "IV-2".to_owned(),
            position: i32::try_from(position)? + 1,
            name_ja: code.to_owned(),
            name_en: code.to_owned(),
            description_ja: code.to_owned(),
            description_en: code.to_owned(),
            unit,
            direction: Direction::Neutral,
            source,
            counts_persons: true,
            may_exceed_hundred,
            statutory: false,
            cohort: None,
            at_most: None,
        };
        item.into_active_model().reset_all().insert(&db).await?;
    }
    Ok(db.close().await?)
}

/// Opens the cycle of a year, due at the end of May 2020, of the plan `F`.
pub async fn opened(server: &Server, year: i32) -> anyhow::Result<()> {
    plan(server).await?;
    let input = json!({ "plan": "F", "fiscalYear": year, "dueOn": "2020-05-29", "reason": "年次フォローアップ" });
    done(&server.secretariat()?, "openFollowUp", input).await?;
    Ok(())
}

async fn cycle_of(db: &sea_orm::DatabaseConnection, year: i32) -> anyhow::Result<follow_up::Model> {
    let of = follow_up::Entity::find().filter(follow_up::Column::FiscalYear.eq(year));
    of.one(db).await?.context("no such cycle")
}

/// A release of a cycle's version, with a file and a figure.
async fn release(db: &sea_orm::DatabaseConnection, cycle: &follow_up::Model, state: ReleaseState) -> anyhow::Result<()> {
    let (at, id) = (cycle.opened_at, ReleaseId::new());
    let release = release::Model {
        id,
        follow_up_id: cycle.id,
        plan: "F".to_owned(),
        fiscal_year: cycle.fiscal_year,
        version: cycle.version.clone(),
        kind: cycle.kind,
        state,
        snapshot_sha256: "0".repeat(64),
        as_of: at,
        document: serde_json::to_string(&crate::releases::document(cycle.fiscal_year.as_i32(), &cycle.version, Vec::new()))?,
        published_at: (state != ReleaseState::Draft).then_some(at),
        published_by: None,
        withdrawn_at: (state == ReleaseState::Withdrawn).then_some(at),
        withdrawn_reason: None,
    };
    release.into_active_model().reset_all().insert(db).await?;
    let file = release_file::Model {
        release_id: id,
        path: "SHA256SUMS".to_owned(),
        media_type: "text/plain".to_owned(),
        sha256: "0".repeat(64),
        content: b"x".to_vec(),
    };
    file.into_active_model().reset_all().insert(db).await?;
    let figure = release_observation::Model {
        id: ReleaseObservationId::new(),
        release_id: id,
        position: 1,
        fiscal_year: cycle.fiscal_year,
        indicator: "LEAVE".to_owned(),
        definition_version: 1,
        date_from: cycle.fiscal_year.first_day(),
        date_to: cycle.fiscal_year.first_day(),
        bureau: "TOTAL".to_owned(),
        sex: "TOTAL".to_owned(),
        band: "TOTAL".to_owned(),
        numerator: Some(6),
        denominator: Some(8),
        status: ObservationStatus::Final,
    };
    figure.into_active_model().reset_all().insert(db).await?;
    Ok(())
}

/// Makes a draft of a frozen cycle, as the job would, with one finding, whose id it tells.
pub async fn draft(server: &Server, year: i32) -> anyhow::Result<Value> {
    let db = server.connect().await?;
    let cycle = cycle_of(&db, year).await?;
    anyhow::ensure!(cycle.stage == FollowUpStage::Frozen, "{cycle:?}");
    release(&db, &cycle, ReleaseState::Draft).await?;
    let finding = finding::Model {
        id: FindingId::new(),
        follow_up_id: cycle.id,
        version: cycle.version.clone(),
        check_name: FindingCheck::Jump,
        subject: "LEAVE".to_owned(),
        text_ja: "前年度と大きく異なります。".to_owned(),
        text_en: "It differs much from the year before.".to_owned(),
        answer: None,
        answer_published: false,
        answered_at: None,
        answered_by: None,
    };
    finding.into_active_model().reset_all().insert(&db).await?;
    let mut change = cycle.into_active_model();
    change.stage = Set(FollowUpStage::Draft);
    change.update(&db).await?;
    db.close().await?;
    let open = "query ($year: FiscalYear!) { followUp(fiscalYear: $year) { findings(answered: false) { nodes { id } } } }";
    let found = server.secretariat()?.query(open, json!({ "year": year })).await?;
    Ok(found["followUp"]["findings"]["nodes"][0]["id"].clone())
}

/// Publishes the cycle of a year of which no bureau submits anything.
pub async fn published(server: &Server, year: i32) -> anyhow::Result<()> {
    opened(server, year).await?;
    let (secretariat, why) = (server.secretariat()?, || json!({ "fiscalYear": year, "reason": "a test" }));
    done(&secretariat, "freezeFollowUp", with(why(), json!({ "evenIncomplete": true }))).await?;
    let finding = draft(server, year).await?;
    done(&secretariat, "answerFinding", json!({ "id": finding, "answer": "確認済み" })).await?;
    done(&committee(server, "executive_committee")?, "compileFollowUp", why()).await?;
    for body in ["COUNCIL", "PROMOTION_COMMITTEE"] {
        done(&secretariat, "recordFollowUpReport", with(report(body, TODAY), json!({ "fiscalYear": year }))).await?;
    }
    done(&secretariat, "publishFollowUp", why()).await?;
    Ok(())
}

/// What somebody sees of the cycle of [`YEAR`].
async fn seen(client: &Client, fields: &str) -> anyhow::Result<Value> {
    Ok(client.query(&format!("{{ followUp(fiscalYear: {YEAR}) {{ {fields} }} }}"), Value::Null).await?["followUp"].take())
}

//! Who may do what at which stage: each act is tried by each role at each stage of a cycle.

use anyhow::Context;
use api::authn::TokenRequest;
use api::authz::Role;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::finding::{self, FindingCheck};
use entity::follow_up::{self, FollowUpStage, ReleaseKind};
use entity::follow_up_report::{self, ReportBody};
use entity::ids::{FindingId, FollowUpReportId, SubmissionId};
use entity::submission::{self, SubmissionState};
use entity::{bureau, release, release_file, release_observation};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseConnection, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::with;
use torikumi_tests::server::{Server, codes};

use super::{Room, TODAY, YEAR, committee, cycle_of, mutation, report, submission as submitted};

const STAGES: [FollowUpStage; 6] = [
    FollowUpStage::Collecting,
    FollowUpStage::Frozen,
    FollowUpStage::Draft,
    FollowUpStage::Compiled,
    FollowUpStage::Published,
    FollowUpStage::Withdrawn,
];

/// An act, who may do it, and where it leads from each stage: C, F, D, K (compiled), P, W; a dot where it cannot be done.
const ACTS: [(&str, &str, &str); 14] = [
    ("rescheduleFollowUp", "secretariat", "C....."),
    ("submitFollowUp", "bureau_officer", "C....."),
    ("returnSubmission", "secretariat", "C....."),
    ("acceptSubmission", "secretariat", "C....."),
    ("freezeFollowUp", "secretariat", "F....."),
    ("reopenFollowUp", "secretariat", ".CC..."),
    ("answerFinding", "secretariat", "..D..."),
    ("compileFollowUp", "executive_committee", "..K..."),
    ("returnDraft", "executive_committee", "...D.."),
    ("recordFollowUpReport", "secretariat", "..DK.."),
    ("publishFollowUp", "secretariat", "...P.."),
    ("correctFollowUp", "secretariat", "....FF"),
    // Nothing is published yet at the first four.
    ("withdrawFollowUp", "secretariat", "....W."),
    ("openFollowUp", "secretariat", "......"),
];

fn letter(stage: FollowUpStage) -> char {
    match stage {
        FollowUpStage::Collecting => 'C',
        FollowUpStage::Frozen => 'F',
        FollowUpStage::Draft => 'D',
        FollowUpStage::Compiled => 'K',
        FollowUpStage::Published => 'P',
        FollowUpStage::Withdrawn => 'W',
    }
}

async fn callers(server: &Server) -> anyhow::Result<Vec<(&'static str, Client)>> {
    let of = |role| server.request(role);
    Ok(vec![
        ("public", server.anonymous()),
        ("viewer", server.client(&of(Role::Viewer))?),
        ("staff", server.client(&TokenRequest { staff_number: Some("S1".to_owned()), ..of(Role::Staff) })?),
        ("manager", server.client(&TokenRequest { units: ["A1".to_owned()].into(), ..of(Role::Manager) })?),
        ("bureau_system", server.system("machine", &["A"]).await?),
        ("bureau_officer", server.client(&TokenRequest { bureaus: codes(&["A"]), ..of(Role::BureauOfficer) })?),
        ("promotion_officer", server.client(&of(Role::PromotionOfficer))?),
        ("council", committee(server, "council")?),
        ("executive_committee", committee(server, "executive_committee")?),
        ("secretariat", server.secretariat()?),
        ("admin", server.admin()?),
        ("auditor", server.client(&of(Role::Auditor))?),
    ])
}

/// The cycle set to a stage with what belongs there; the ids of A's submission and of the finding.
async fn set(db: &DatabaseConnection, stage: FollowUpStage) -> anyhow::Result<(uuid::Uuid, uuid::Uuid)> {
    let cycle = cycle_of(db, YEAR).await?;
    release_observation::Entity::delete_many().exec(db).await?;
    release_file::Entity::delete_many().exec(db).await?;
    release::Entity::delete_many().exec(db).await?;
    finding::Entity::delete_many().exec(db).await?;
    follow_up_report::Entity::delete_many().exec(db).await?;
    submission::Entity::delete_many().exec(db).await?;
    let mut change = cycle.into_active_model();
    change.stage = Set(stage);
    change.version = Set("1.0.0".to_owned());
    change.kind = Set(ReleaseKind::Initial);
    change.frozen_at = Set((stage != FollowUpStage::Collecting).then_some("2020-04-15T00:00:00Z".parse()?));
    let cycle = change.update(db).await?;
    let made = match stage {
        FollowUpStage::Collecting | FollowUpStage::Frozen => None,
        FollowUpStage::Draft | FollowUpStage::Compiled => Some(release::ReleaseState::Draft),
        FollowUpStage::Published => Some(release::ReleaseState::Published),
        FollowUpStage::Withdrawn => Some(release::ReleaseState::Withdrawn),
    };
    if let Some(made) = made {
        super::release(db, &cycle, made).await?;
    }
    for body in [ReportBody::Council, ReportBody::PromotionCommittee] {
        let report = follow_up_report::Model {
            id: FollowUpReportId::new(),
            follow_up_id: cycle.id,
            version: cycle.version.clone(),
            body,
            reported_on: TODAY.parse()?,
            paper: "資料".to_owned(),
            recorded_at: cycle.opened_at,
            recorded_by: "secretariat".to_owned(),
        };
        report.into_active_model().reset_all().insert(db).await?;
    }
    Ok((submission_of_a(db, &cycle).await?, answered(db, &cycle).await?))
}

async fn submission_of_a(db: &DatabaseConnection, cycle: &follow_up::Model) -> anyhow::Result<uuid::Uuid> {
    let a = bureau::Entity::find().filter(bureau::Column::Code.eq("A")).one(db).await?;
    let row = submission::Model {
        id: SubmissionId::new(),
        follow_up_id: cycle.id,
        bureau_id: a.context("no bureau")?.id,
        revision: 1,
        state: SubmissionState::Submitted,
        content: json!({ "figures": [], "actions": [{ "initiative": "MESSAGES", "text": "前" }] }),
        submitted_at: cycle.opened_at,
        submitted_by: "bureau_officer".to_owned(),
        reviewed_at: None,
        reviewed_by: None,
        comment: None,
    };
    Ok(row.into_active_model().reset_all().insert(db).await?.id.0)
}

async fn answered(db: &DatabaseConnection, cycle: &follow_up::Model) -> anyhow::Result<uuid::Uuid> {
    let row = finding::Model {
        id: FindingId::new(),
        follow_up_id: cycle.id,
        version: cycle.version.clone(),
        check_name: FindingCheck::Jump,
        subject: "LEAVE".to_owned(),
        text_ja: "差".to_owned(),
        text_en: "A jump".to_owned(),
        answer: Some("前".to_owned()),
        answer_published: false,
        answered_at: Some(cycle.opened_at),
        answered_by: Some("secretariat".to_owned()),
    };
    Ok(row.into_active_model().reset_all().insert(db).await?.id.0)
}

/// What an act is asked for in trial number `trial`, whose reason no other trial has.
fn input(act: &str, trial: usize, (submission, finding): (uuid::Uuid, uuid::Uuid)) -> Value {
    let id = |table: &str, key: uuid::Uuid| URL_SAFE_NO_PAD.encode(format!("{table}:{key}"));
    let why = json!({ "fiscalYear": YEAR, "reason": format!("trial {trial}") });
    match act {
        "rescheduleFollowUp" => with(why, json!({ "dueOn": format!("2021-01-{:02}", trial % 28 + 1) })),
        "submitFollowUp" => submitted("A", json!({ "actions": [{ "initiative": "MESSAGES", "text": format!("{trial}回") }] })),
        "returnSubmission" | "acceptSubmission" => json!({ "id": id("submission", submission), "comment": "確認" }),
        "freezeFollowUp" => with(why, json!({ "evenIncomplete": true })),
        "answerFinding" => json!({ "id": id("finding", finding), "answer": "新" }),
        "recordFollowUpReport" => with(report("COUNCIL", TODAY), json!({ "paper": format!("資料{trial}") })),
        "correctFollowUp" => {
            json!({ "fiscalYear": YEAR, "kind": "CORRECTION", "reasonJa": format!("訂正{trial}"), "reasonEn": "An error" })
        }
        "openFollowUp" => with(why, json!({ "plan": "F", "dueOn": "2020-12-01" })),
        _ => why,
    }
}

/// What an act comes to: `ok`, or the code of its error.
async fn outcome(client: &Client, act: &str, input: &Value) -> anyhow::Result<String> {
    let call = json!({ "query": mutation(act), "variables": { "input": input } });
    let answer: Value = client.post().json(&call).send().await?.json().await?;
    Ok(answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("ok").to_owned())
}

both!(each_act_is_done_by_the_role_that_may_at_the_stage_where_it_can_be, async |backend| {
    let room = Room::open(backend).await?;
    let callers = callers(room.server()).await?;
    let db = room.server().connect().await?;
    let (mut wrong, mut trial) = (String::new(), 0);
    for (at, stage) in STAGES.into_iter().enumerate() {
        for (act, who, leads) in ACTS {
            let ids = set(&db, stage).await?;
            let to = leads.chars().nth(at).filter(|to| *to != '.');
            // Who may goes last, for a stage is left then.
            let (mut order, last): (Vec<_>, Vec<_>) = callers.iter().partition(|(role, _)| *role != who);
            order.extend(last);
            for (role, client) in order {
                trial += 1;
                let got = outcome(client, act, &input(act, trial, ids)).await?;
                let expected = match (*role, to) {
                    (role, Some(_)) if role == who => "ok",
                    (role, None) if role == who => "CONFLICT",
                    ("public", _) => "UNAUTHENTICATED",
                    _ => "FORBIDDEN",
                };
                if got != expected {
                    wrong += &format!("{stage:?} {act} by {role}: {got}, not {expected}\n");
                }
            }
            let left = letter(cycle_of(&db, YEAR).await?.stage);
            if left != to.unwrap_or(letter(stage)) {
                wrong += &format!("{stage:?} {act}: left at {left}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(trial, STAGES.len() * ACTS.len() * callers.len());
    Ok(())
});

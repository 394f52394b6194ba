//! Plans as data: loaded from a file, again with what changed, refused with places; and read by everybody.

use std::path::{Path, PathBuf};

use anyhow::Context;
use entity::follow_up::{FollowUpStage, ReleaseKind};
use entity::ids::{FollowUpId, SubmissionId};
use entity::submission::SubmissionState;
use entity::{bureau, follow_up, submission};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{nodes, record, with};
use torikumi_tests::server::Server;

const LOAD: &str = "mutation ($input: LoadPlanInput!) { loadPlan(input: $input) {
    plan { id code revision clauses { id code } targets { externalId } uncoveredClauses { code } } change
    clauses { created updated unchanged removed } initiatives { created updated unchanged removed }
    items { created updated unchanged removed } targets { created updated unchanged removed }
    problems { place code message } } }";

/// A small plan: V and what is below it, V-4 of which has nothing.
pub fn document() -> Value {
    let name = |ja: &str, en: &str| json!({ "ja": ja, "en": en });
    json!({
        "code": "P", "nameJa": "計画", "nameEn": "Plan", "decidedOn": "2015-01-30", "validFrom": "2015-02-01", "validTo": "2021-04-01",
        "clauses": [
            { "code": "V", "titleJa": "女性の活躍", "titleEn": "Women's advancement" },
            { "code": "V-1", "parent": "V", "titleJa": "採用", "titleEn": "Hires" },
            { "code": "V-4", "parent": "V", "titleJa": "検証", "titleEn": "Review" },
        ],
        "initiatives": [{ "code": "RECRUITING", "clause": "V-1", "nameJa": "広報", "nameEn": "Recruiting" }],
        "items": [{ "code": "PAY_GAP", "version": 1, "clause": "V-1", "nameJa": "給与の差異", "nameEn": "Pay gap", "descriptionJa": "女性 ÷ 男性",
            "descriptionEn": "Women's ÷ men's", "unit": "PERCENT", "direction": "NEUTRAL", "source": "OFFICE", "countsPersons": false,
            "mayExceedHundred": true, "statutory": true }],
        "targets": [{ "externalId": "P/PAY_GAP", "indicator": "PAY_GAP", "clause": "V-1", "population": "OFFICE", "decider": "PLAN",
            "qualifier": "ABOUT", "value": { "numerator": 90, "denominator": 100 }, "validFrom": "2015-02-01" }],
        "settings": {
            "publisher": { "name": name("試験", "Test"), "contact": "test@example.go.jp", "licence": "CC-BY-4.0",
                "licence_title": name("表示 4.0", "Attribution 4.0"), "licence_url": "https://creativecommons.org/licenses/by/4.0/" },
            "threshold": 5, "groupLeast": 200,
            "figures": [{ "indicator": "WOMEN_HIRES_EXAM", "clause": "V-1", "date": { "kind": "DAY", "offset": 1, "month": 4, "day": 1 }, "threshold": 0 }],
        },
    })
}

/// The document with one value in the place of its own.
fn changed(path: &str, value: Value) -> anyhow::Result<Value> {
    let mut document = document();
    *document.pointer_mut(path).with_context(|| format!("no {path}"))? = value;
    Ok(document)
}

async fn load(client: &Client, document: &Value) -> anyhow::Result<Value> {
    Ok(client.query(LOAD, json!({ "input": { "document": document.to_string() } })).await?["loadPlan"].take())
}

/// Created, updated, unchanged, removed: of clauses, initiatives, items and targets.
fn counts(loaded: &Value) -> Vec<Vec<i64>> {
    let of = |kind: &str| ["created", "updated", "unchanged", "removed"].map(|count| loaded[kind][count].as_i64().unwrap_or(-1)).to_vec();
    ["clauses", "initiatives", "items", "targets"].map(of).to_vec()
}

/// Place and kind of each problem.
fn problems(loaded: &Value) -> Vec<(&str, &str)> {
    let problems = loaded["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
    problems.iter().map(|problem| (problem["place"].as_str().unwrap_or_default(), problem["code"].as_str().unwrap_or_default())).collect()
}

/// How many loads stand in the audit trail.
async fn loads(admin: &Client) -> anyhow::Result<usize> {
    let document = "{ auditEntries(filter: { verb: \"LOAD\" }) { nodes { noun record counts } } }";
    Ok(nodes(admin, document, "auditEntries", json!({})).await?.len())
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().into_iter().flatten().map(|row| row[field].as_str().unwrap_or_default()).collect()
}

/// What `torikumi plan …` prints, what it complains of, and whether it succeeds.
async fn program(server: &Server, arguments: &[&str]) -> anyhow::Result<(String, String, bool)> {
    let mut command = server.program()?;
    command.arg("plan").args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let text = |bytes| String::from_utf8(bytes).map(|text| text.trim().to_owned());
    Ok((text(output.stdout)?, text(output.stderr)?, output.status.success()))
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/plans/cabinet-secretariat-2015.json")
}

both!(the_plan_of_2015_is_loaded_from_its_file, async |backend| {
    let server = Server::start(backend).await?;
    let file = shipped();
    let file = file.to_str().context("a path")?;
    let (dry, ..) = program(&server, &["load", file, "--dry-run"]).await?;
    assert_eq!(program(&server, &["check"]).await?.1, "torikumi: there is no such plan", "a dry run wrote something");
    let (first, complaints, done) = program(&server, &["load", file]).await?;
    assert!(done, "{complaints}");
    assert_eq!(
        first,
        "CAS-2015 created, revision 1\n\
         clauses: 112 created, 0 updated, 0 unchanged, 0 removed\n\
         initiatives: 68 created, 0 updated, 0 unchanged, 0 removed\n\
         items: 40 created, 0 updated, 0 unchanged, 0 removed\n\
         targets: 9 created, 0 updated, 0 unchanged, 0 removed"
    );
    assert_eq!(dry, first);
    let (again, ..) = program(&server, &["load", file]).await?;
    assert!(again.starts_with("CAS-2015 unchanged, revision 1\nclauses: 0 created, 0 updated, 112 unchanged, 0 removed\n"), "{again}");
    assert_eq!(loads(&server.admin()?).await?, 1);

    let (gaps, complaint, covered) = program(&server, &["check", "CAS-2015"]).await?;
    assert_eq!(
        gaps,
        "CAS-2015: 4 of 112 clauses have neither indicator nor evidence\n\
         II  計画期間 / Period\n\
         II-2  概ね3年を目途とする検証と見直し / Review after about three years\n\
         III-(1)  女性職員活躍・ワークライフバランス推進委員会 / Promotion Committee\n\
         III-(1)-①  推進委員会の開催 / Meetings of the Promotion Committee"
    );
    assert_eq!((covered, complaint.as_str()), (false, "torikumi: 4 clauses have neither indicator nor evidence"));

    // Everybody reads it.
    let anyone = server.anonymous();
    let document =
        "{ plan(code: \"CAS-2015\") { nameJa decidedOn validTo clauses { code } initiatives { code } items { code } targets { externalId }
        uncoveredClauses { code } } }";
    let plan = anyone.query(document, json!({})).await?["plan"].take();
    assert_eq!((&plan["decidedOn"], &plan["validTo"]), (&json!("2015-01-30"), &json!("2021-04-01")));
    assert_eq!(texts(&plan["uncoveredClauses"], "code"), ["II", "II-2", "III-(1)", "III-(1)-①"]);
    assert_eq!(["clauses", "initiatives", "items", "targets"].map(|list| texts(&plan[list], "code").len()), [112, 68, 40, 9]);
    let document = "{ clause(plan: \"CAS-2015\", code: \"IV-1-(2)-②\") { titleJa parent { code } plan { code } children { code }
        indicators { code } initiatives { code } } }";
    let clause = anyone.query(document, json!({})).await?["clause"].take();
    assert_eq!((&clause["parent"]["code"], &clause["plan"]["code"]), (&json!("IV-1-(2)"), &json!("CAS-2015")));
    assert_eq!(texts(&clause["children"], "code"), ["IV-1-(2)-②-ア", "IV-1-(2)-②-イ", "IV-1-(2)-②-ウ", "IV-1-(2)-②-エ"]);
    assert_eq!(texts(&clause["indicators"], "code").len(), 9, "what is beyond ordered overtime, the six caps, and any of them");
    let document =
        "{ clause(plan: \"CAS-2015\", code: \"IV-2-(1)-②\") { items { code mayExceedHundred direction } targets { externalId } } }";
    let leave = anyone.query(document, json!({})).await?["clause"].take();
    assert_eq!(leave["items"][0], json!({ "code": "MALE_CHILDCARE_LEAVE", "mayExceedHundred": true, "direction": "HIGHER_IS_BETTER" }));
    assert_eq!(texts(&leave["targets"], "externalId"), ["CAS-2015/BOTH_LEAVES_5_DAYS", "CAS-2015/MALE_CHILDCARE_LEAVE"]);
    Ok(())
});

both!(targets_of_the_plan_have_baseline_direction_and_successor, async |backend| {
    let server = Server::start(backend).await?;
    let shipped: Value = serde_json::from_str(&std::fs::read_to_string(shipped())?)?;
    load(&server.admin()?, &shipped).await?;
    let document =
        "query ($on: Date!) { targets(first: 50, filter: { plan: \"CAS-2015\", on: $on }) { nodes { indicator population qualifier
        valueNumerator valueDenominator direction baseline { numerator denominator value from to } successor plan { code } } } }";
    let anyone = server.anonymous();
    let of = async |on: &str| nodes(&anyone, document, "targets", json!({ "on": on })).await;
    let first = of("2016-03-31").await?;
    let told = |targets: &[Value]| {
        let mut told: Vec<_> = targets
            .iter()
            .map(|target| {
                let [indicator, population, qualifier] =
                    ["indicator", "population", "qualifier"].map(|of| target[of].as_str().unwrap_or_default());
                format!("{indicator} {population} {qualifier} {}/{}", target["valueNumerator"], target["valueDenominator"])
            })
            .collect();
        told.sort();
        told
    };
    // The third basic plan counts bands together with those above, the fourth each by itself, for the whole government.
    assert_eq!(
        told(&first),
        [
            "BOTH_LEAVES_5_DAYS OFFICE ALL 100/100",
            "MALE_CHILDCARE_LEAVE OFFICE AT_LEAST 13/100",
            "WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE OFFICE ABOUT 10/100",
            "WOMEN_DIRECTOR_AND_ABOVE OFFICE ABOUT 5/100",
            "WOMEN_HIRES_EXAM OFFICE AT_LEAST 30/100",
        ]
    );
    assert_eq!(
        told(&of("2016-04-01").await?),
        [
            "BOTH_LEAVES_5_DAYS OFFICE ALL 100/100",
            "MALE_CHILDCARE_LEAVE OFFICE AT_LEAST 13/100",
            "WOMEN_ASSISTANT_DIRECTOR GOVERNMENT AT_LEAST 12/100",
            "WOMEN_CHIEF GOVERNMENT AT_LEAST 30/100",
            "WOMEN_DESIGNATED GOVERNMENT AT_LEAST 5/100",
            "WOMEN_DIRECTOR GOVERNMENT AT_LEAST 7/100",
            "WOMEN_HIRES_EXAM OFFICE AT_LEAST 30/100",
        ]
    );
    let of_indicator = |indicator: &str| first.iter().find(|target| target["indicator"] == indicator).context("a target");
    let hires = of_indicator("WOMEN_HIRES_EXAM")?;
    // 57 % in the plan's own words.
    let baseline = json!({ "numerator": 4, "denominator": 7, "value": "57.1", "from": "2015-04-01", "to": "2015-04-01" });
    assert_eq!((&hires["baseline"], &hires["plan"]["code"]), (&baseline, &json!("CAS-2015")));
    assert_eq!(of_indicator("WOMEN_DIRECTOR_AND_ABOVE")?["successor"], "CAS-2015/WOMEN_DIRECTOR");
    assert!(first.iter().all(|target| target["direction"] == "HIGHER_IS_BETTER"), "{first:?}");
    Ok(())
});

both!(a_changed_file_changes_what_it_says, async |backend| {
    let server = Server::start(backend).await?;
    let (admin, anyone) = (server.admin()?, server.anonymous());
    let first = load(&admin, &document()).await?;
    assert_eq!((&first["change"], &first["plan"]["revision"]), (&json!("CREATED"), &json!(1)));
    assert_eq!(counts(&first), [[3, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]);
    assert_eq!(texts(&first["plan"]["uncoveredClauses"], "code"), ["V-4"]);
    let again = load(&admin, &document()).await?;
    assert_eq!((&again["change"], &again["plan"]["revision"], loads(&admin).await?), (&json!("UNCHANGED"), &json!(1), 1));

    // A title changes, a clause, the initiative and the target go; another target comes.
    let mut next = changed("/clauses/1/titleEn", json!("Recruitment"))?;
    next["clauses"].as_array_mut().context("clauses")?.pop();
    next["initiatives"] = json!([]);
    next["targets"][0] = with(next["targets"][0].clone(), json!({ "externalId": "P/HIRES", "indicator": "WOMEN_HIRES_EXAM" }));
    let dry = json!({ "input": { "document": next.to_string(), "dryRun": true } });
    let dry = admin.query(LOAD, dry).await?["loadPlan"].take();
    let second = load(&admin, &next).await?;
    assert_eq!((&dry["change"], counts(&dry)), (&second["change"], counts(&second)));
    assert_eq!((&second["change"], &second["plan"]["revision"], loads(&admin).await?), (&json!("UPDATED"), &json!(2), 2));
    assert_eq!(counts(&second), [[0, 1, 1, 1], [0, 0, 0, 1], [0, 0, 1, 0], [1, 0, 0, 1]]);
    assert_eq!(second["plan"]["clauses"][1]["id"], first["plan"]["clauses"][1]["id"], "a clause keeps its key");
    assert_eq!(texts(&second["plan"]["targets"], "externalId"), ["P/HIRES"]);
    let void = "{ targets(filter: { includeVoid: true, externalIds: [\"P/PAY_GAP\"] }) { nodes { void voidReason revision direction } } }";
    let void = nodes(&anyone, void, "targets", json!({})).await?;
    assert_eq!((&void[0]["void"], &void[0]["revision"], &void[0]["direction"]), (&json!(true), &json!(2), &json!("NEUTRAL")));

    // What comes back is as it was, and the target revived.
    let third = load(&admin, &document()).await?;
    assert_eq!((&third["plan"]["revision"], texts(&third["plan"]["targets"], "externalId")), (&json!(3), vec!["P/PAY_GAP"]));
    // An end is said by the first day no longer or by the last day: the same plan.
    let said =
        [("/validTo", "/lastDay", "2021-04-01", "2021-03-31"), ("/targets/0/validTo", "/targets/0/lastDay", "2019-04-01", "2019-03-31")];
    for (field, twin, first_not, last) in said {
        let with_end = |members: &[(&str, &str)]| {
            let mut document = document();
            for (path, day) in [(field, None)].into_iter().chain(members.iter().map(|(path, day)| (*path, Some(*day)))) {
                let (at, name) = path.rsplit_once('/').unwrap();
                let object = document.pointer_mut(at).and_then(Value::as_object_mut).unwrap();
                object.remove(name);
                object.extend(day.map(|day| (name.to_owned(), json!(day))));
            }
            document
        };
        load(&admin, &with_end(&[(field, first_not)])).await?;
        assert_eq!(load(&admin, &with_end(&[(twin, last)])).await?["change"], "UNCHANGED", "{twin}");
        let both = load(&admin, &with_end(&[(field, first_not), (twin, last)])).await?;
        let place = twin.trim_start_matches('/').replace("/0/", "[0].");
        assert_eq!((&both["change"], problems(&both)), (&json!("REFUSED"), vec![(place.as_str(), "BAD_USER_INPUT")]));
    }
    let third = load(&admin, &document()).await?;
    // Only its settings change.
    let fourth = load(&admin, &changed("/settings/threshold", json!(6))?).await?;
    assert_eq!(
        (&fourth["change"], &fourth["plan"]["revision"]),
        (&json!("UPDATED"), &json!(third["plan"]["revision"].as_i64().unwrap() + 1))
    );
    assert_eq!(counts(&fourth), [[0, 0, 3, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 1, 0]]);
    Ok(())
});

both!(a_file_that_is_wrong_is_refused_with_places, async |backend| {
    let server = Server::start(backend).await?;
    let admin = server.admin()?;
    load(&admin, &document()).await?;
    let wrong = [
        ("/clauses/1/parent", json!("IX"), vec![("clauses[1].parent", "NOT_FOUND")]),
        ("/initiatives/0/clause", json!("V-9"), vec![("initiatives[0].clause", "NOT_FOUND")]),
        ("/items/0/clause", json!("V-9"), vec![("items[0].clause", "NOT_FOUND")]),
        ("/settings/figures/0/indicator", json!("NONE"), vec![("settings.figures[0].indicator", "NOT_FOUND")]),
        ("/targets/0/indicator", json!("NONE"), vec![("targets[0].indicator", "NOT_FOUND")]),
        ("/targets/0/clause", json!("V-9"), vec![("targets[0].clause", "NOT_FOUND")]),
        ("/targets/0/value/denominator", json!(0), vec![("targets[0].valueDenominator", "BAD_USER_INPUT")]),
        ("/targets/0/validFrom", json!("2030-01-01"), vec![("targets[0].validFrom", "BAD_USER_INPUT")]),
        // All at once.
        (
            "/initiatives/0",
            json!({ "code": "?", "clause": "V-9", "nameJa": "", "nameEn": "x" }),
            vec![
                ("initiatives[0].code", "BAD_USER_INPUT"),
                ("initiatives[0].clause", "NOT_FOUND"),
                ("initiatives[0].nameJa", "BAD_USER_INPUT"),
            ],
        ),
    ];
    for (path, value, expected) in wrong {
        let loaded = load(&admin, &changed(path, value)?).await?;
        assert_eq!((&loaded["change"], problems(&loaded), &loaded["plan"]["revision"]), (&json!("REFUSED"), expected, &json!(1)), "{path}");
    }
    // Targets meet those that are there, whoever recorded them.
    let own = json!({ "externalId": "own", "indicator": "WOMEN_HIRES_EXAM", "clause": "V-1", "population": "OFFICE", "decider": "PLAN",
        "qualifier": "AT_LEAST", "valueNumerator": 35, "validFrom": "2016-04-01" });
    record(&admin, "Targets", vec![own]).await?;
    let loaded = load(&admin, &changed("/targets/0/indicator", json!("WOMEN_HIRES_EXAM"))?).await?;
    assert_eq!(problems(&loaded), [("targets[0].validFrom", "CONFLICT")]);
    let loaded = load(&admin, &changed("/targets/0/externalId", json!("Q/PAY_GAP"))?).await?;
    assert_eq!(problems(&loaded), [("targets[0].externalId", "BAD_USER_INPUT")]);
    let error = admin.error(LOAD, json!({ "input": { "document": "{ \"code\": 1 }" } })).await?;
    assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some("document")));
    assert!(error.message.contains("line 1, column 11"), "{}", error.message);
    assert_eq!(loads(&admin).await?, 1, "nothing of it was written");

    // The command line tells the same.
    let file = server.folder().join("plan.json");
    std::fs::write(&file, changed("/initiatives/0/clause", json!("V-9"))?.to_string())?;
    let (_, complaints, done) = program(&server, &["load", file.to_str().context("a path")?]).await?;
    assert_eq!(
        (complaints.as_str(), done),
        ("initiatives[0].clause: There is no such clause of the plan.\ntorikumi: 1 problems; nothing was written", false)
    );
    Ok(())
});

both!(only_the_administrator_loads_plans, async |backend| {
    let server = Server::start(backend).await?;
    record(&server.secretariat()?, "Bureaus", vec![torikumi_tests::fixtures::bureau("A")]).await?;
    for (client, code) in
        [(server.anonymous(), "UNAUTHENTICATED"), (server.secretariat()?, "FORBIDDEN"), (server.officer(&["A"])?, "FORBIDDEN")]
    {
        let error = client.error(LOAD, json!({ "input": { "document": document().to_string() } })).await?;
        assert_eq!(error.code, code);
    }
    assert_eq!(server.anonymous().query("{ plan(code: \"P\") { code } }", json!({})).await?["plan"], Value::Null);
    Ok(())
});

both!(what_submissions_rest_on_stays, async |backend| {
    let server = Server::start(backend).await?;
    let admin = server.admin()?;
    load(&admin, &document()).await?;
    record(&server.secretariat()?, "Bureaus", vec![torikumi_tests::fixtures::bureau("A")]).await?;
    submitted(&server).await?;
    let mut next = document();
    next["initiatives"] = json!([]);
    next["items"] = json!([]);
    next["targets"] = json!([]);
    let loaded = load(&admin, &next).await?;
    assert_eq!(problems(&loaded), [("initiatives", "CONFLICT"), ("items", "CONFLICT")]);
    // Its clause stays too, even where the initiative would move.
    let mut next = changed("/initiatives/0/clause", json!("V"))?;
    next["items"][0]["clause"] = json!("V");
    next["settings"]["figures"][0]["clause"] = json!("V");
    next["targets"] = json!([]);
    next["clauses"].as_array_mut().context("clauses")?.remove(1);
    assert_eq!(problems(&load(&admin, &next).await?), [("clauses", "CONFLICT")]);
    // One that was returned holds nothing.
    let db = server.connect().await?;
    let row = submission::Entity::find().one(&db).await?.context("a submission")?;
    let now = Set(Some(server.app.clock.now()));
    let returned = submission::ActiveModel { state: Set(SubmissionState::Returned), reviewed_at: now, ..row.into_active_model() };
    returned.update(&db).await?;
    db.close().await?;
    assert_eq!(load(&admin, &next).await?["change"], "UPDATED");
    Ok(())
});

/// A submission of bureau A that names the plan's initiative and item, written past the platform.
async fn submitted(server: &Server) -> anyhow::Result<()> {
    let db = server.connect().await?;
    let plan = entity::plan::Entity::find().one(&db).await?.context("a plan")?;
    let bureau = bureau::Entity::find().one(&db).await?.context("a bureau")?;
    let now = server.app.clock.now();
    let cycle = follow_up::Model {
        id: FollowUpId::new(),
        plan_id: plan.id,
        fiscal_year: 2019.try_into()?,
        stage: FollowUpStage::Collecting,
        version: "1.0.0".into(),
        kind: ReleaseKind::Initial,
        reason_ja: None,
        reason_en: None,
        due_on: now.date_naive(),
        opened_at: now,
        frozen_at: None,
        changed_at: now,
    };
    let answer = submission::Model {
        id: SubmissionId::new(),
        follow_up_id: cycle.id,
        bureau_id: bureau.id,
        revision: 1,
        state: SubmissionState::Submitted,
        content: json!({ "figures": [{ "item": "PAY_GAP", "numerator": 9, "denominator": 10 }], "actions": [{ "initiative": "RECRUITING", "text": "広報" }] }),
        submitted_at: now,
        submitted_by: "a".into(),
        reviewed_at: None,
        reviewed_by: None,
        comment: None,
    };
    follow_up::Entity::insert(cycle.into_active_model()).exec(&db).await?;
    submission::Entity::insert(answer.into_active_model()).exec(&db).await?;
    Ok(db.close().await?)
}

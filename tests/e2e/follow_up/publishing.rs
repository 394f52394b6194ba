//! From the freeze to the release, its correction and its withdrawal, and what the public sees of it.

use std::collections::BTreeMap;

use api::authz::Role;
use chrono::{TimeZone, Utc};
use entity::{finding, release, release_file, release_observation};
use jobs::follow_up::package;
use jobs::seal::key::SealKey;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::fixtures::{nodes, with};

use super::{Room, TODAY, YEAR, because, done, draft, mutation, pair, refused, report, seen, submission};

const STANDING: &str =
    "stage version kind reasonJa reports { body reportedOn paper } releases { version state kind publishedAt withdrawnReason }";

both!(a_freeze_tells_who_is_incomplete, async |backend| {
    let room = Room::open(backend).await?;
    let sent = done(&room.a, "submitFollowUp", submission("A", json!({}))).await?;
    let warned = done(&room.secretariat, "freezeFollowUp", because("期限")).await?;
    let lines = |payload: &Value| {
        let mut lines: Vec<_> = payload["incomplete"].as_array().unwrap().iter().map(ToString::to_string).collect();
        lines.sort_unstable();
        lines.join(" ")
    };
    let line = |code: &str, state: &str| json!({ "bureau": { "code": code }, "state": state }).to_string();
    assert_eq!((&warned["frozen"], lines(&warned)), (&json!(false), [line("A", "SUBMITTED"), line("B", "MISSING")].join(" ")));
    assert_eq!(warned["followUp"]["stage"], "COLLECTING");
    done(&room.secretariat, "acceptSubmission", json!({ "id": sent["submission"]["id"] })).await?;
    let even = || with(because("期限"), json!({ "evenIncomplete": true }));
    let frozen = done(&room.secretariat, "freezeFollowUp", even()).await?;
    assert_eq!((&frozen["frozen"], lines(&frozen)), (&json!(true), line("B", "MISSING")));
    assert!(frozen["followUp"]["frozenAt"].is_string());
    assert_eq!(done(&room.secretariat, "freezeFollowUp", even()).await?, frozen, "sent twice, done once");
    assert_eq!(refused(&room.b, "submitFollowUp", submission("B", json!({}))).await?, pair("CONFLICT", "fiscalYear"));

    // Collecting goes on, and what was made is gone.
    draft(room.server(), YEAR).await?;
    let reopened = done(&room.secretariat, "reopenFollowUp", because("Bの提出を待つ")).await?;
    assert_eq!((&reopened["followUp"]["stage"], &reopened["followUp"]["frozenAt"]), (&json!("COLLECTING"), &Value::Null));
    let db = room.server().connect().await?;
    assert_eq!(release::Entity::find().count(&db).await? + release_file::Entity::find().count(&db).await?, 0);
    assert_eq!(finding::Entity::find().count(&db).await? + release_observation::Entity::find().count(&db).await?, 0);
    done(&room.b, "submitFollowUp", submission("B", json!({}))).await?;
    Ok(())
});

both!(the_whole_walk_to_the_publication, async |backend| {
    let room = Room::open(backend).await?;
    room.frozen().await?;
    let finding = draft(room.server(), YEAR).await?;
    assert_eq!(refused(&room.committee, "compileFollowUp", because("可")).await?, pair("CONFLICT", "fiscalYear"), "a finding is open");
    done(&room.secretariat, "answerFinding", json!({ "id": finding, "answer": "確認済み" })).await?;
    done(&room.secretariat, "answerFinding", json!({ "id": finding, "answer": "確認済み" })).await?;
    assert_eq!(done(&room.committee, "compileFollowUp", because("可")).await?["followUp"]["stage"], "COMPILED");
    assert_eq!(done(&room.committee, "compileFollowUp", because("可")).await?["followUp"]["stage"], "COMPILED", "sent twice");
    assert_eq!(done(&room.committee, "returnDraft", because("再検討")).await?["followUp"]["stage"], "DRAFT");
    done(&room.committee, "compileFollowUp", because("可決")).await?;

    // The reports come in any order, and are corrected until it is published. One that is to come blocks.
    let publish = async || refused(&room.secretariat, "publishFollowUp", because("公表")).await;
    assert_eq!(publish().await?, pair("CONFLICT", "fiscalYear"), "no report");
    for (on, field) in [("2020-04-14", "reportedOn"), ("2021-04-17", "reportedOn")] {
        assert_eq!(refused(&room.secretariat, "recordFollowUpReport", report("COUNCIL", on)).await?, pair("BAD_USER_INPUT", field));
    }
    let long = with(report("COUNCIL", TODAY), json!({ "paper": "紙".repeat(201) }));
    assert_eq!(refused(&room.secretariat, "recordFollowUpReport", long).await?, pair("BAD_USER_INPUT", "paper"));
    done(&room.secretariat, "recordFollowUpReport", report("COUNCIL", "2020-04-20")).await?;
    assert_eq!(publish().await?, pair("CONFLICT", "fiscalYear"), "one report");
    done(&room.secretariat, "recordFollowUpReport", report("PROMOTION_COMMITTEE", TODAY)).await?;
    let error = room.secretariat.error(&mutation("publishFollowUp"), json!({ "input": because("公表") })).await?;
    assert_eq!(error.message, "The report to the Council is dated 2020-04-20: it can be published on that day at the earliest.");
    done(&room.secretariat, "recordFollowUpReport", report("COUNCIL", "2020-04-17")).await?;

    // Hidden until then, also in the midnight before.
    let public = room.server().anonymous();
    room.server().set_now(Utc.with_ymd_and_hms(2020, 4, 16, 14, 59, 59).unwrap());
    assert_eq!(publish().await?, pair("CONFLICT", "fiscalYear"));
    assert_eq!(seen(&public, "stage").await?, Value::Null);
    assert_eq!(nodes(&public, "{ followUps { nodes { id } totalCount } }", "followUps", json!({})).await?, [] as [Value; 0]);
    room.server().set_now(Utc.with_ymd_and_hms(2020, 4, 16, 15, 0, 0).unwrap());
    let published = done(&room.secretariat, "publishFollowUp", because("公表")).await?;
    assert_eq!(published["followUp"]["stage"], "PUBLISHED");
    done(&room.secretariat, "publishFollowUp", because("公表")).await?;
    assert_eq!(refused(&room.secretariat, "publishFollowUp", because("再公表")).await?, pair("CONFLICT", "fiscalYear"));

    let at = "2020-04-16T15:00:00+00:00";
    let line = json!({ "version": "1.0.0", "state": "PUBLISHED", "kind": "INITIAL", "publishedAt": at, "withdrawnReason": null });
    let reports = json!([
        { "body": "PROMOTION_COMMITTEE", "reportedOn": TODAY, "paper": "資料1" },
        { "body": "COUNCIL", "reportedOn": "2020-04-17", "paper": "資料1" },
    ]);
    let standing =
        json!({ "stage": "PUBLISHED", "version": "1.0.0", "kind": "INITIAL", "reasonJa": null, "reports": reports, "releases": [line] });
    assert_eq!(seen(&public, STANDING).await?, standing);
    for hidden in ["events", "dataCalls", "submissions", "findings"] {
        let document = format!("{{ followUp(fiscalYear: {YEAR}) {{ {hidden} {{ nodes {{ __typename }} }} }} }}");
        assert_eq!(public.error(&document, Value::Null).await?.code, "UNAUTHENTICATED", "{hidden}");
    }

    // Who, when and why stand in the events; the trail counts and never quotes.
    let events = seen(&room.secretariat, "events(first: 100) { nodes { act actor stage reason } }").await?["events"]["nodes"].take();
    let acts: Vec<_> = events.as_array().unwrap().iter().filter_map(|event| event["act"].as_str()).collect();
    let walked = "OPENED SUBMITTED SUBMISSION_ACCEPTED SUBMITTED SUBMISSION_ACCEPTED FROZEN ANSWERED COMPILED RETURNED COMPILED \
        REPORTED REPORTED REPORTED PUBLISHED";
    assert_eq!(acts.join(" "), walked);
    let last = json!({ "act": "PUBLISHED", "actor": "secretariat", "stage": "PUBLISHED", "reason": "公表" });
    assert_eq!(events.as_array().unwrap().last(), Some(&last));
    let trail = "{ auditEntries(filter: { verb: \"REPORT\" }) { nodes { noun counts } } }";
    let trail = nodes(&room.secretariat, trail, "auditEntries", json!({})).await?;
    assert_eq!((trail.len(), trail[0].to_string().contains("資料")), (3, false));
    Ok(())
});

fn sorted(list: &Value) -> Vec<String> {
    let mut lines: Vec<String> = list.as_array().into_iter().flatten().map(Value::to_string).collect();
    lines.sort_unstable();
    lines
}

both!(a_correction_is_a_further_version, async |backend| {
    let room = Room::open(backend).await?;
    room.published().await?;
    let correct = |kind: &str, members: Value| {
        with(json!({ "fiscalYear": YEAR, "kind": kind, "reasonJa": "分母の誤り", "reasonEn": "A wrong denominator" }), members)
    };
    for (input, wanted) in [
        (correct("INITIAL", json!({})), pair("BAD_USER_INPUT", "kind")),
        (correct("CORRECTION", json!({ "reasonEn": "" })), pair("BAD_USER_INPUT", "reasonEn")),
        (correct("CORRECTION", json!({ "bureaus": ["X"] })), pair("NOT_FOUND", "bureaus")),
    ] {
        assert_eq!(refused(&room.secretariat, "correctFollowUp", input.clone()).await?, wanted, "{input}");
    }
    // B submits anew; A's answer stands.
    let begun = done(&room.secretariat, "correctFollowUp", correct("CORRECTION", json!({ "bureaus": ["B"] }))).await?;
    assert_eq!((&begun["followUp"]["stage"], &begun["followUp"]["version"]), (&json!("COLLECTING"), &json!("1.0.1")));
    let public = room.server().anonymous();
    let shown = seen(&public, STANDING).await?;
    assert_eq!((&shown["reasonJa"], &shown["releases"][0]["version"]), (&Value::Null, &json!("1.0.0")), "not published yet");
    assert_eq!(refused(&room.a, "submitFollowUp", submission("A", json!({ "actions": [] }))).await?, pair("CONFLICT", "bureau"));
    let sent = done(&room.b, "submitFollowUp", submission("B", json!({ "actions": [] }))).await?;
    done(&room.secretariat, "acceptSubmission", json!({ "id": sent["submission"]["id"] })).await?;
    assert_eq!(done(&room.secretariat, "freezeFollowUp", because("再集計")).await?["followUp"]["version"], "1.0.1");
    let finding = draft(room.server(), YEAR).await?;
    done(&room.secretariat, "answerFinding", json!({ "id": finding, "answer": "訂正による。" })).await?;
    done(&room.committee, "compileFollowUp", because("訂正を了承")).await?;
    // The former version's reports are not this one's, and this one's are nobody's before it is published.
    assert_eq!(refused(&room.secretariat, "publishFollowUp", because("訂正公表")).await?, pair("CONFLICT", "fiscalYear"));
    for body in ["COUNCIL", "PROMOTION_COMMITTEE"] {
        done(&room.secretariat, "recordFollowUpReport", report(body, TODAY)).await?;
    }
    let reported = || async { anyhow::Ok(seen(&public, "reports { version body }").await?["reports"].take()) };
    let of = |version: &str, body: &str| json!({ "version": version, "body": body });
    let former = json!([of("1.0.0", "PROMOTION_COMMITTEE"), of("1.0.0", "COUNCIL")]);
    assert_eq!(sorted(&reported().await?), sorted(&former));
    assert_eq!(seen(&public, STANDING).await?["releases"].as_array().map(Vec::len), Some(1), "a draft is not the public's");
    done(&room.secretariat, "publishFollowUp", because("訂正公表")).await?;
    let shown = seen(&public, STANDING).await?;
    let states: Vec<_> =
        shown["releases"].as_array().unwrap().iter().map(|line| (&line["version"], &line["state"], &line["kind"])).collect();
    let published = json!("PUBLISHED");
    assert_eq!(states, [(&json!("1.0.0"), &published, &json!("INITIAL")), (&json!("1.0.1"), &published, &json!("CORRECTION"))]);
    assert_eq!(shown["reasonJa"], "分母の誤り");
    assert_eq!(reported().await?.as_array().map(Vec::len), Some(4), "each version with its own");

    // Without bureaus it is frozen at once.
    let next = done(&room.secretariat, "correctFollowUp", correct("NEW_DATA", json!({}))).await?;
    assert_eq!((&next["followUp"]["stage"], &next["followUp"]["version"]), (&json!("FROZEN"), &json!("1.1.0")));
    Ok(())
});

both!(what_is_withdrawn_leaves_a_tombstone, async |backend| {
    let room = Room::open(backend).await?;
    room.published().await?;
    let correct = |kind: &str| json!({ "fiscalYear": YEAR, "kind": kind, "reasonJa": "定義変更", "reasonEn": "A definition" });
    // Reasons that everybody reads name nobody, or somebody says so.
    let named = with(correct("DEFINITION"), json!({ "reasonJa": "甲山氏の指摘による訂正" }));
    assert_eq!(refused(&room.secretariat, "correctFollowUp", named).await?, pair("BAD_USER_INPUT", "namesChecked"));
    done(&room.secretariat, "correctFollowUp", correct("DEFINITION")).await?;
    draft(room.server(), YEAR).await?;
    let named = because("甲山さんの記録の誤り");
    assert_eq!(refused(&room.secretariat, "withdrawFollowUp", named).await?, pair("BAD_USER_INPUT", "namesChecked"));
    // Also while a further version is being made, which is given up.
    let withdrawn = done(&room.secretariat, "withdrawFollowUp", because("誤って公表した。")).await?;
    assert_eq!((&withdrawn["followUp"]["stage"], &withdrawn["followUp"]["version"]), (&json!("WITHDRAWN"), &json!("1.0.0")));
    assert_eq!(done(&room.secretariat, "withdrawFollowUp", because("誤って公表した。")).await?, withdrawn, "sent twice, done once");
    let shown = seen(&room.server().anonymous(), STANDING).await?;
    let lines = shown["releases"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["state"], &lines[0]["withdrawnReason"]), (1, &json!("WITHDRAWN"), &json!("誤って公表した。")));
    let all = seen(&room.secretariat, "releases { version }").await?;
    assert_eq!(all["releases"], json!([{ "version": "1.0.0" }]));
    // It may be published anew, corrected.
    let next = done(&room.secretariat, "correctFollowUp", correct("DEFINITION")).await?;
    assert_eq!((&next["followUp"]["stage"], &next["followUp"]["version"]), (&json!("FROZEN"), &json!("2.0.0")));
    Ok(())
});

both!(a_publication_that_waits_is_published_once_and_as_it_was_drafted, async |backend| {
    let room = Room::open(backend).await?;
    room.compiled().await?;
    room.reported().await?;
    let (server, admin) = (room.server(), room.server().admin()?);
    let promotion = server.client(&server.request(Role::PromotionOfficer))?;
    promotion.query("{ staff(first: 1) { nodes { id } } }", Value::Null).await?;
    let set = "mutation($input: SetFourEyesInput!) { setFourEyes(input: $input) { fourEyes { required } } }";
    admin.query(set, json!({ "input": { "kind": "PUBLISH_FOLLOW_UP", "required": true, "reason": "二人で公表する" } })).await?;
    let db = server.connect().await?;
    let files = async || -> anyhow::Result<Vec<release_file::Model>> {
        Ok(release_file::Entity::find().order_by_asc(release_file::Column::Path).all(&db).await?)
    };
    let drafted = files().await?;

    let publish =
        "mutation($input: FollowUpInput!) { publishFollowUp(input: $input) { followUp { stage } pendingChange { id act after } } }";
    let waits = room.secretariat.query(publish, json!({ "input": because("公表") })).await?["publishFollowUp"].take();
    let after = json!({ "stage": "PUBLISHED", "version": "1.0.0" });
    assert_eq!((&waits["followUp"], &waits["pendingChange"]["after"]), (&Value::Null, &after));
    assert_eq!(
        (seen(&server.anonymous(), "stage").await?, files().await?),
        (Value::Null, drafted.clone()),
        "nothing is out, nothing is signed"
    );
    let approve = "mutation($input: ApproveChangeInput!) { approveChange(input: $input) { pendingChange { state } } }";
    let of = |reason: Value| json!({ "input": { "id": waits["pendingChange"]["id"], "reason": reason } });
    assert_eq!(room.secretariat.error(approve, of(Value::Null)).await?.code, "BAD_USER_INPUT", "not by oneself");
    promotion.query(approve, of(Value::Null)).await?;

    // Once, in the name of who proposed it, and the bytes are the draft's with the two files that any publication adds.
    let releases = release::Entity::find().all(&db).await?;
    let [published] = &releases[..] else { anyhow::bail!("{} releases", releases.len()) };
    assert_eq!((published.state, published.published_by.as_deref()), (release::ReleaseState::Published, Some("secretariat")));
    let key = SealKey::open_or_create(&server.app.ledger.settings().release_key)?;
    let sums = drafted.iter().find(|file| file.path == package::SUMS).expect("sums");
    let sums = package::File { path: sums.path.clone(), media_type: "text/plain", bytes: sums.content.clone() };
    let mut expected: BTreeMap<_, _> = drafted.iter().map(|file| (file.path.clone(), file.content.clone())).collect();
    expected.extend(package::sign(&[sums], key.signer())?.into_iter().map(|file| (file.path, file.bytes)));
    assert_eq!(files().await?.into_iter().map(|file| (file.path, file.content)).collect::<BTreeMap<_, _>>(), expected);
    assert_eq!(seen(&server.anonymous(), "stage").await?, json!({ "stage": "PUBLISHED" }));
    Ok(())
});

both!(a_text_that_everybody_reads_names_nobody_and_belongs_to_a_release_that_can_hold_it, async |backend| {
    let room = Room::open(backend).await?;
    room.frozen().await?;
    let finding = draft(room.server(), YEAR).await?;
    let named = with(report("COUNCIL", TODAY), json!({ "paper": "甲山氏提出資料" }));
    assert_eq!(refused(&room.secretariat, "recordFollowUpReport", named.clone()).await?, pair("BAD_USER_INPUT", "namesChecked"));
    done(&room.secretariat, "recordFollowUpReport", with(named, json!({ "namesChecked": true }))).await?;
    let answer = |text: &str| json!({ "id": finding, "answer": text, "publish": true });
    for (text, field) in [("甲山さんの取得による。", "namesChecked"), ("一\n二", "answer")] {
        assert_eq!(refused(&room.secretariat, "answerFinding", answer(text)).await?, pair("BAD_USER_INPUT", field), "{text}");
    }
    let long = answer(&"長".repeat(401));
    assert_eq!(refused(&room.secretariat, "answerFinding", long).await?, pair("BAD_USER_INPUT", "answer"));
    // A draft of a snapshot that an earlier program froze has no place for it.
    let db = room.server().connect().await?;
    let row = release::Entity::find().one(&db).await?.expect("a draft");
    let mut document: Value = serde_json::from_str(&row.document)?;
    document["format"] = json!(5);
    let mut change = row.into_active_model();
    change.document = Set(document.to_string());
    change.update(&db).await?;
    assert_eq!(refused(&room.secretariat, "answerFinding", answer("制度の周知による。")).await?, pair("BAD_USER_INPUT", "publish"));
    let kept = done(&room.secretariat, "answerFinding", json!({ "id": finding, "answer": "甲山さんの取得による。" })).await?;
    assert_eq!((&kept["finding"]["answerPublished"], &kept["finding"]["answer"]), (&json!(false), &json!("甲山さんの取得による。")));
    Ok(())
});

//! The data call and its answers: who is asked, what is taken, what is late or missing, how an answer is corrected.

use chrono::{TimeDelta, TimeZone, Utc};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{bureau, nodes, posting, record, staff, with};

use super::{Room, YEAR, because, done, mutation, opened, pair, refused, seen, submission};

/// The codes of the bureaus whose calls match.
async fn calls(client: &Client, filter: Value) -> anyhow::Result<String> {
    let document = "query ($year: FiscalYear!, $filter: DataCallFilter!) { followUp(fiscalYear: $year) {
        dataCalls(filter: $filter) { nodes { bureau { code } } totalCount } } }";
    let data = client.query(document, json!({ "year": YEAR, "filter": filter })).await?;
    let found = data["followUp"]["dataCalls"]["nodes"].as_array().cloned().unwrap_or_default();
    let mut codes: Vec<_> = found.iter().filter_map(|call| call["bureau"]["code"].as_str()).collect();
    codes.sort_unstable();
    Ok(codes.join(" "))
}

both!(every_bureau_in_being_on_a_day_of_the_year_is_asked, async |backend| {
    let room = Room::open(backend).await?;
    let bureau = |code: &str, from: &str, to: Value| with(bureau(code), json!({ "validFrom": from, "validTo": to }));
    // Before the cycle of 2018 is opened: ended on the day before it, in it, and begun on its last day and after it.
    let bureaus = vec![
        bureau("E", "2000-01-01", json!("2018-04-01")),
        bureau("F", "2000-01-01", json!("2018-04-02")),
        bureau("G", "2019-03-31", Value::Null),
        bureau("H", "2019-04-01", Value::Null),
        bureau("I", "2000-01-01", Value::Null),
    ];
    record(&room.secretariat, "Bureaus", bureaus).await?;
    let void = json!({ "void": true, "voidReason": "誤り" });
    record(&room.secretariat, "Bureaus", vec![with(bureau("I", "2000-01-01", Value::Null), void)]).await?;
    opened(room.server(), 2018).await?;
    let asked = "{ followUps(filter: { fiscalYears: [2018] }) { nodes { dataCalls { nodes { bureau { code } dueOn state late } } } } }";
    let cycle = nodes(&room.secretariat, asked, "followUps", json!({})).await?.remove(0);
    let mut codes: Vec<_> = cycle["dataCalls"]["nodes"].as_array().unwrap().iter().map(|call| call["bureau"]["code"].clone()).collect();
    codes.sort_by_key(ToString::to_string);
    assert_eq!(codes, ["A", "B", "F", "G"]);
    assert_eq!((&cycle["dataCalls"]["nodes"][0]["state"], &cycle["dataCalls"]["nodes"][0]["late"]), (&json!("MISSING"), &json!(false)));

    // A year has one cycle; one that has not begun, or that the plan does not know, has none.
    let open = |year: i32| json!({ "plan": "F", "fiscalYear": year, "dueOn": "2020-05-29", "reason": "x" });
    for (input, wanted) in [
        (open(2018), pair("CONFLICT", "fiscalYear")),
        (with(open(2017), json!({ "plan": "Q" })), pair("NOT_FOUND", "plan")),
        (open(2013), pair("BAD_USER_INPUT", "fiscalYear")),
        (open(2021), pair("BAD_USER_INPUT", "fiscalYear")),
        (with(open(2017), json!({ "dueOn": "2020-04-14" })), pair("BAD_USER_INPUT", "dueOn")),
        (with(open(2017), json!({ "reason": " " })), pair("BAD_USER_INPUT", "reason")),
    ] {
        assert_eq!(refused(&room.secretariat, "openFollowUp", input.clone()).await?, wanted, "{input}");
    }
    let error = room.secretariat.clone().in_japanese().error(&mutation("openFollowUp"), json!({ "input": open(2018) })).await?;
    assert_eq!(error.message, "この年度のフォローアップは既に始まっています。年度ごとに1回です。");
    Ok(())
});

both!(late_and_missing_answers_are_listed, async |backend| {
    let room = Room::open(backend).await?;
    let (of, all) = (&room.secretariat, "A B");
    assert_eq!(calls(of, json!({ "states": ["MISSING"] })).await?, all);
    assert_eq!(calls(of, json!({ "late": true })).await?, "");
    done(&room.a, "submitFollowUp", submission("A", json!({}))).await?;
    // The last day ends at midnight in Tokyo.
    room.server().set_now(Utc.with_ymd_and_hms(2020, 5, 29, 14, 59, 59).unwrap());
    assert_eq!(calls(of, json!({ "late": true })).await?, "");
    room.server().set_now(Utc.with_ymd_and_hms(2020, 5, 29, 15, 0, 0).unwrap());
    assert_eq!(calls(of, json!({ "late": true })).await?, "B");
    let sent = done(&room.b, "submitFollowUp", submission("B", json!({}))).await?;
    for (filter, wanted) in [
        (json!({}), all),
        (json!({ "states": [] }), ""),
        (json!({ "states": ["MISSING"] }), ""),
        (json!({ "states": ["SUBMITTED"] }), all),
        // It stays late.
        (json!({ "late": true }), "B"),
        (json!({ "late": false }), "A"),
        (json!({ "bureaus": ["A", "X"], "states": ["SUBMITTED", "RETURNED"] }), "A"),
    ] {
        assert_eq!(calls(of, filter.clone()).await?, wanted, "{filter}");
    }
    done(of, "returnSubmission", json!({ "id": sent["submission"]["id"], "comment": "分母を確認" })).await?;
    assert_eq!(calls(of, json!({ "states": ["RETURNED"] })).await?, "B");
    assert_eq!(calls(of, json!({ "states": ["ACCEPTED"] })).await?, "");
    // An officer sees the own call.
    assert_eq!(calls(&room.a, json!({})).await?, "A");

    // Another day for one bureau, then for all.
    let later = |members: Value| with(with(because("議会対応"), json!({ "dueOn": "2020-06-30" })), members);
    let moved = done(of, "rescheduleFollowUp", later(json!({ "bureau": "B" }))).await?;
    assert_eq!(moved["followUp"]["dueOn"], "2020-05-29");
    assert_eq!(calls(of, json!({ "late": true })).await?, "");
    assert_eq!(refused(of, "rescheduleFollowUp", later(json!({ "bureau": "X" }))).await?, pair("NOT_FOUND", "bureau"));
    assert_eq!(done(of, "rescheduleFollowUp", later(json!({}))).await?["followUp"]["dueOn"], "2020-06-30");
    done(of, "rescheduleFollowUp", later(json!({}))).await?;
    let events = seen(of, "events { nodes { act bureau { code } reason } }").await?["events"]["nodes"].take();
    let moves: Vec<_> = events.as_array().unwrap().iter().filter(|event| event["act"] == "RESCHEDULED").collect();
    let bureaus = moves.iter().map(|event| event["bureau"]["code"].clone()).collect::<Vec<_>>();
    assert_eq!(bureaus, [json!("B"), Value::Null], "the same day again is no event");
    Ok(())
});

both!(a_submission_is_held_to_the_plan_and_the_printed_form, async |backend| {
    let room = Room::open(backend).await?;
    let figure = |members: Value| json!({ "figures": [with(json!({ "item": "LEAVE", "numerator": 1, "denominator": 2 }), members)] });
    let action = |text: String| json!({ "actions": [{ "initiative": "MESSAGES", "text": text }] });
    let actions = |measure: &str, number: usize| {
        let all: Vec<_> = (0..number).map(|each| json!({ "initiative": measure, "text": format!("取組{each}") })).collect();
        json!({ "actions": all })
    };
    let next = |texts: &[&str]| {
        let all: Vec<_> = texts.iter().map(|text| json!({ "initiative": "MESSAGES", "text": text })).collect();
        json!({ "nextSteps": all })
    };
    let twice = json!({ "item": "LEAVE", "numerator": 1, "denominator": 2 });
    for (members, field) in [
        (figure(json!({ "item": "NONE" })), "figures.item"),
        (json!({ "figures": [twice, twice] }), "figures.item"),
        (figure(json!({ "numerator": -1 })), "figures.numerator"),
        (figure(json!({ "denominator": -1 })), "figures.denominator"),
        (figure(json!({ "numerator": 3 })), "figures.numerator"),
        (figure(json!({ "item": "HOURS", "denominator": 0 })), "figures.numerator"),
        (figure(json!({ "note": "注".repeat(201) })), "figures.note"),
        (action("働".repeat(101)), "actions.text"),
        (action("　 ".to_owned()), "actions.text"),
        (action("一\n二".to_owned()), "actions.text"),
        (action("a\u{7f}".to_owned()), "actions.text"),
        (actions("NONE", 1), "actions.initiative"),
        // Its time was over.
        (actions("TRIAL", 1), "actions.initiative"),
        (actions("MESSAGES", 3), "actions.initiative"),
        (json!({ "figures": [], "actions": [] }), "figures"),
        (next(&["次".repeat(201).as_str()]), "nextSteps.text"),
        (next(&["一", "二"]), "nextSteps.initiative"),
        (json!({ "nextSteps": [{ "initiative": "TRIAL", "text": "次" }] }), "nextSteps.initiative"),
    ] {
        assert_eq!(refused(&room.a, "submitFollowUp", submission("A", members.clone())).await?, pair("BAD_USER_INPUT", field), "{members}");
    }
    for (client, bureau, wanted) in [
        (&room.a, "B", pair("NOT_FOUND", "bureau")),
        (&room.a, "X", pair("NOT_FOUND", "bureau")),
        (&room.secretariat, "A", pair("FORBIDDEN", "")),
    ] {
        assert_eq!(refused(client, "submitFollowUp", submission(bureau, json!({}))).await?, wanted, "{bureau}");
    }
    let nobody = with(submission("A", json!({})), json!({ "fiscalYear": 2011 }));
    assert_eq!(refused(&room.a, "submitFollowUp", nobody).await?, pair("NOT_FOUND", "fiscalYear"));

    // 100 characters, two actions, nobody to count, hours above persons, a ratio above 100 %.
    let whole = json!({
        "figures": [
            { "item": "PAY", "numerator": 5, "denominator": 4, "note": " 注 " },
            { "item": "HOURS", "numerator": 90, "denominator": 4 },
            { "item": "LEAVE", "numerator": 0, "denominator": 0 },
        ],
        "actions": [
            { "initiative": "MESSAGES", "text": format!(" {} ", "働".repeat(100)) },
            { "initiative": "MESSAGES", "text": "二つ目" },
        ],
    });
    let sent = done(&room.a, "submitFollowUp", submission("A", whole)).await?;
    let items: Vec<_> = sent["submission"]["figures"].as_array().unwrap().iter().map(|figure| figure["item"].clone()).collect();
    assert_eq!(items, ["LEAVE", "HOURS", "PAY"], "in the plan's order");
    assert_eq!(sent["submission"]["figures"][2]["note"], "注");
    assert_eq!(sent["submission"]["actions"][0]["text"].as_str().map(|text| text.chars().count()), Some(100));
    assert_eq!((&sent["unchanged"], &sent["missingItems"]), (&json!(false), &json!([])));

    // The office's figure is one bureau's.
    let pay = json!({ "figures": [{ "item": "PAY", "numerator": 1, "denominator": 1 }] });
    assert_eq!(refused(&room.b, "submitFollowUp", submission("B", pay.clone())).await?, pair("CONFLICT", "figures.item"));
    done(&room.a, "submitFollowUp", submission("A", json!({}))).await?;
    assert_eq!(done(&room.b, "submitFollowUp", submission("B", pay)).await?["missingItems"], json!(["LEAVE", "HOURS"]));
    Ok(())
});

both!(an_answer_is_corrected_revision_by_revision, async |backend| {
    let room = Room::open(backend).await?;
    let send = async |members: Value| done(&room.a, "submitFollowUp", submission("A", members)).await;
    let first = send(json!({})).await?;
    room.server().set_now(room.server().app.clock.now() + TimeDelta::hours(1));
    let again = send(json!({})).await?;
    assert_eq!((&again["unchanged"], &again["submission"]), (&json!(true), &first["submission"]));
    let second = send(json!({ "actions": [] })).await?;
    assert_eq!((&second["unchanged"], &second["submission"]["revision"]), (&json!(false), &json!(2)));

    // The secretariat judges what it looked at.
    let (old, id) = (&first["submission"]["id"], &second["submission"]["id"]);
    let back = |id: &Value, comment: &str| json!({ "id": id, "comment": comment });
    assert_eq!(refused(&room.secretariat, "acceptSubmission", back(old, "可")).await?, pair("CONFLICT", "id"));
    let returned = done(&room.secretariat, "returnSubmission", back(id, "取組がありません。")).await?;
    assert_eq!(done(&room.secretariat, "returnSubmission", back(id, "取組がありません。")).await?, returned, "sent twice, done once");
    assert_eq!(refused(&room.secretariat, "acceptSubmission", back(id, "可")).await?, pair("CONFLICT", "id"));
    let shown = nodes(&room.a, "{ submissions { nodes { revision state comment } } }", "submissions", json!({})).await?;
    assert_eq!(shown[0], json!({ "revision": 2, "state": "RETURNED", "comment": "取組がありません。" }));
    assert_eq!(nodes(&room.b, "{ submissions { nodes { revision } } }", "submissions", json!({})).await?, [] as [Value; 0]);

    // A bureau may insist; what is taken is corrected when it was returned.
    let third = send(json!({ "actions": [] })).await?;
    assert_eq!((&third["submission"]["revision"], &third["submission"]["state"]), (&json!(3), &json!("SUBMITTED")));
    let id = &third["submission"]["id"];
    let accepted = done(&room.secretariat, "acceptSubmission", json!({ "id": id })).await?;
    assert_eq!(accepted["submission"]["state"], "ACCEPTED");
    assert_eq!(send(json!({ "actions": [] })).await?["unchanged"], true);
    assert_eq!(refused(&room.a, "submitFollowUp", submission("A", json!({}))).await?, pair("CONFLICT", "bureau"));
    done(&room.secretariat, "returnSubmission", back(id, "再確認")).await?;
    assert_eq!(send(json!({})).await?["submission"]["revision"], 4);

    // All revisions stay; the trail has the steps and not what was said.
    let all =
        "{ submissions(filter: { fiscalYears: [2019], bureaus: [\"A\"] }, orderBy: SUBMITTED_AT) { nodes { revision state } totalCount } }";
    let states: Vec<_> = nodes(&room.secretariat, all, "submissions", json!({})).await?.iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, ["SUBMITTED", "RETURNED", "RETURNED", "SUBMITTED"]);
    let latest = "{ submissions(filter: { latest: true, states: [SUBMITTED] }) { nodes { revision } } }";
    assert_eq!(nodes(&room.secretariat, latest, "submissions", json!({})).await?, [json!({ "revision": 4 })]);
    let trail = "{ auditEntries(filter: { noun: \"submission\" }, orderBy: AT) { nodes { verb counts reason } } }";
    let trail = nodes(&room.a, trail, "auditEntries", json!({})).await?;
    let verbs: Vec<_> = trail.iter().filter_map(|entry| entry["verb"].as_str()).collect();
    assert_eq!(verbs.len(), 7, "{verbs:?}");
    assert!(!Value::from(trail).to_string().contains("取組"));
    Ok(())
});

both!(a_text_that_may_name_a_person_is_looked_at_before_it_is_taken, async |backend| {
    let room = Room::open(backend).await?;
    let of = |texts: [&str; 3]| {
        json!({
            "figures": [{ "item": "LEAVE", "numerator": 3, "denominator": 4, "note": texts[0] }],
            "actions": [{ "initiative": "MESSAGES", "text": texts[1] }],
            "nextSteps": [{ "initiative": "MESSAGES", "text": texts[2] }],
        })
    };
    let doubt = |field: &str, subject: &str, sign: &str| json!({ "field": field, "subject": subject, "sign": sign });
    // What only looks like it is taken without a word.
    let plain = of(["氏名は含まない。", "たくさんの職員が参加した。", "皆さんに呼び掛ける。2020年度に120人"]);
    let sent = done(&room.a, "submitFollowUp", submission("A", plain)).await?;
    assert_eq!(sent["nameDoubts"], json!([]));
    done(&room.secretariat, "acceptSubmission", json!({ "id": sent["submission"]["id"] })).await?;
    done(&room.secretariat, "returnSubmission", json!({ "id": sent["submission"]["id"], "comment": "再確認" })).await?;

    let named = of(["担当 kaihatsu@example.go.jp", "甲山さんの育児休業を支えた。", "職員番号 S1 の面談を行う。"]);
    let sent = done(&room.a, "submitFollowUp", submission("A", named)).await?;
    let wanted = json!([
        doubt("figures.note", "LEAVE", "MAIL"),
        doubt("actions.text", "MESSAGES", "ADDRESS"),
        doubt("nextSteps.text", "MESSAGES", "STAFF_NUMBER"),
    ]);
    assert_eq!((&sent["nameDoubts"], &sent["unchanged"]), (&wanted, &json!(false)), "a sign refuses nothing");
    let id = &sent["submission"]["id"];
    let error = room.secretariat.clone().in_japanese().error(&mutation("acceptSubmission"), json!({ "input": { "id": id } })).await?;
    assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some("namesChecked")));
    assert!(error.message.contains("MESSAGES：敬称") && !error.message.contains("甲山"), "{}", error.message);
    let seen = nodes(&room.secretariat, "{ submissions(filter: { latest: true }) { nodes { state } } }", "submissions", json!({})).await?;
    assert_eq!(seen[0]["state"], "SUBMITTED");
    done(&room.secretariat, "acceptSubmission", json!({ "id": id, "namesChecked": true })).await?;
    // Who looked is in the trail.
    let trail = "{ auditEntries(filter: { noun: \"submission\", verb: \"ACCEPT\" }) { nodes { counts } } }";
    let trail = nodes(&room.secretariat, trail, "auditEntries", json!({})).await?;
    assert_eq!(trail[0]["counts"]["namesChecked"], true, "{trail:?}");
    Ok(())
});

both!(a_staff_number_is_found_by_who_may_see_the_person, async |backend| {
    let room = Room::open(backend).await?;
    // A number that nothing calls one: a person of A's, and one of B's.
    for (system, number, place) in [(&room.office.a, "PX-101", ("A", "A1")), (&room.office.b, "PX-202", ("B", "B1"))] {
        record(system, "Staff", vec![staff(number)]).await?;
        record(system, "Postings", vec![posting(number, number, place, "2018-01-01")]).await?;
    }
    let of = |text: &str| json!({ "actions": [{ "initiative": "MESSAGES", "text": text }] });
    let doubts = async |client: &Client, bureau: &str, text: &str| {
        Ok::<_, anyhow::Error>(done(client, "submitFollowUp", submission(bureau, of(text))).await?["nameDoubts"].clone())
    };
    assert_eq!(doubts(&room.a, "A", "ＰＸ－１０１の面談").await?[0]["sign"], "STAFF_NUMBER");
    assert_eq!(doubts(&room.a, "A", "PX-202の面談").await?, json!([]), "an officer does not learn by it who is elsewhere");
    let sent = done(&room.a, "submitFollowUp", submission("A", of("PX-202の面談"))).await?;
    let id = json!({ "id": sent["submission"]["id"] });
    assert_eq!(refused(&room.secretariat, "acceptSubmission", id).await?, pair("BAD_USER_INPUT", "namesChecked"), "who publishes does");
    Ok(())
});

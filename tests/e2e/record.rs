//! The one way of writing, seen from outside: keys and receipts, modes, versions, voiding and history, and what is refused as a whole.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::fixtures::{Office, bureau, input, mutation, nodes, record, refused, send, shift, staff, with};
use torikumi_tests::server::Server;

const DAY: &str = "2020-04-01";

/// A shift of S1 that ends at the given hour.
fn until(key: &str, end: &str) -> Value {
    shift(key, "S1", DAY, ("18:00", end))
}

/// Keys, ends and revisions of the shifts that bureau A's system sees, the void ones too.
async fn stored(office: &Office) -> anyhow::Result<Vec<(String, String, i64, bool)>> {
    let document = "{ shifts(first: 500, filter: { includeVoid: true }) { nodes { externalId presence { end } revision void } } }";
    let mut shifts: Vec<_> = nodes(&office.a, document, "shifts", json!({}))
        .await?
        .iter()
        .map(|node| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let end = text(&node["presence"]["end"]);
            (text(&node["externalId"]), end, node["revision"].as_i64().unwrap_or_default(), node["void"] == true)
        })
        .collect();
    shifts.sort();
    Ok(shifts)
}

both!(a_key_replays_its_receipt_and_takes_no_other_body, async |backend| {
    let office = Office::open(backend).await?;
    let call = with(input(vec![until("1", "20:00"), until("2", "17:00")]), json!({ "mode": "ACCEPT_VALID" }));
    let first = send(&office.a, "Shifts", call.clone()).await?;
    assert_eq!((first.counts(), first.replayed), ([1, 0, 0, 0, 0, 1], false));
    assert_eq!(first.stale_months, ["2020-04"]);
    assert_eq!(first.refused(), [(1, "BAD_USER_INPUT", "presence")]);

    // The receipt is that of the first call, its rejections included, though the same records would now be unchanged.
    let again = send(&office.a, "Shifts", call.clone()).await?;
    assert!(again.replayed);
    assert_eq!(again, torikumi_tests::fixtures::Receipt { replayed: true, ..first.clone() });

    let other = with(call.clone(), json!({ "records": [until("1", "21:00")] }));
    let error = refused(&office.a, "Shifts", other).await?;
    assert_eq!((error.code.as_str(), error.field.as_deref()), ("CONFLICT", Some("idempotencyKey")));
    // A key belongs to a client and a mutation.
    let foreign = with(call.clone(), json!({ "records": [shift("1", "S3", DAY, ("18:00", "20:00"))] }));
    assert_eq!(send(&office.b, "Shifts", foreign).await?.counts(), [1, 0, 0, 0, 0, 0]);
    let staff = json!({ "idempotencyKey": call["idempotencyKey"], "records": [staff("S9")] });
    assert_eq!(send(&office.a, "Staff", staff).await?.counts(), [1, 0, 0, 0, 0, 0]);
    assert_eq!(stored(&office).await?, [("1".to_owned(), "2020-04-01T11:00:00+00:00".to_owned(), 1, false)]);
    Ok(())
});

both!(one_refused_record_keeps_all_out_unless_the_valid_are_wanted, async |backend| {
    let office = Office::open(backend).await?;
    let records = vec![until("1", "20:00"), until("2", "17:00")];
    let all = send(&office.a, "Shifts", input(records.clone())).await?;
    assert_eq!(all.counts(), [0, 0, 0, 0, 0, 1]);
    assert_eq!(all.refused(), [(1, "BAD_USER_INPUT", "presence")]);
    assert_eq!(all.stale_months, [""; 0]);
    assert_eq!(stored(&office).await?, []);

    let valid = send(&office.a, "Shifts", with(input(records), json!({ "mode": "ACCEPT_VALID" }))).await?;
    assert_eq!(valid.counts(), [1, 0, 0, 0, 0, 1]);
    assert_eq!(stored(&office).await?.len(), 1);
    Ok(())
});

both!(a_dry_run_decides_everything_and_stores_nothing, async |backend| {
    let office = Office::open(backend).await?;
    let call = with(input(vec![until("1", "20:00"), until("2", "17:00")]), json!({ "mode": "ACCEPT_VALID", "dryRun": true }));
    let dry = send(&office.a, "Shifts", call.clone()).await?;
    assert_eq!((dry.counts(), dry.id.clone(), dry.replayed), ([1, 0, 0, 0, 0, 1], None, false));
    assert_eq!(dry.stale_months, ["2020-04"]);
    assert_eq!(stored(&office).await?, []);
    // Its key is not used up.
    let wet = send(&office.a, "Shifts", with(call, json!({ "dryRun": false }))).await?;
    assert_eq!((wet.counts(), wet.replayed), ([1, 0, 0, 0, 0, 1], false));
    assert!(wet.id.is_some());
    Ok(())
});

both!(a_source_version_only_grows, async |backend| {
    let office = Office::open(backend).await?;
    let version = |end: &str, version: i64| vec![with(until("1", end), json!({ "sourceVersion": version }))];
    assert_eq!(record(&office.a, "Shifts", version("20:00", 5)).await?.counts(), [1, 0, 0, 0, 0, 0]);
    assert_eq!(record(&office.a, "Shifts", version("20:00", 5)).await?.counts(), [0, 0, 1, 0, 0, 0]);
    assert_eq!(record(&office.a, "Shifts", version("22:00", 4)).await?.counts(), [0, 0, 0, 1, 0, 0]);
    let other = send(&office.a, "Shifts", input(version("22:00", 5))).await?;
    assert_eq!(other.refused(), [(0, "CONFLICT", "sourceVersion")]);
    assert_eq!(stored(&office).await?, [("1".to_owned(), "2020-04-01T11:00:00+00:00".to_owned(), 1, false)]);
    assert_eq!(record(&office.a, "Shifts", version("22:00", 6)).await?.counts(), [0, 1, 0, 0, 0, 0]);
    assert_eq!(stored(&office).await?, [("1".to_owned(), "2020-04-01T13:00:00+00:00".to_owned(), 2, false)]);
    Ok(())
});

both!(a_void_record_keeps_its_history_and_comes_back, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![until("1", "20:00")]).await?;
    record(&office.a, "Shifts", vec![until("1", "21:00")]).await?;
    let void = with(until("1", "21:00"), json!({ "void": true }));
    let silent = send(&office.a, "Shifts", input(vec![void.clone()])).await?;
    assert_eq!(silent.refused(), [(0, "BAD_USER_INPUT", "voidReason")]);
    let void = with(void, json!({ "voidReason": "sent by mistake" }));
    let receipt = record(&office.a, "Shifts", vec![void.clone()]).await?;
    assert_eq!((receipt.counts(), receipt.stale_months), ([0, 0, 0, 0, 1, 0], vec!["2020-04".to_owned()]));
    assert_eq!(record(&office.a, "Shifts", vec![void]).await?.counts(), [0, 0, 1, 0, 0, 0]);

    // What is void stands in nobody's way and in no list, unless it is asked for.
    let shown = nodes(&office.a, "{ shifts(first: 10) { nodes { id } } }", "shifts", json!({})).await?;
    assert_eq!(shown, [] as [Value; 0]);
    record(&office.a, "Shifts", vec![until("2", "20:30")]).await?;
    let revived = send(&office.a, "Shifts", input(vec![until("1", "20:15")])).await?;
    assert_eq!(revived.refused(), [(0, "CONFLICT", "presence")]);
    record(&office.a, "Shifts", vec![with(until("2", "20:30"), json!({ "void": true, "voidReason": "a twin" }))]).await?;
    assert_eq!(record(&office.a, "Shifts", vec![until("1", "20:15")]).await?.counts(), [0, 1, 0, 0, 0, 0]);

    let document = "{ shifts(first: 10) { nodes { revision void voidReason revisions { revision content receipt replacedAt } } } }";
    let shift = nodes(&office.a, document, "shifts", json!({})).await?.remove(0);
    assert_eq!((&shift["revision"], &shift["void"], &shift["voidReason"]), (&json!(4), &json!(false), &Value::Null));
    let history: Vec<_> = shift["revisions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|former| {
            (former["revision"].as_i64(), former["content"]["overtime_minutes"].as_i64(), former["content"]["void_reason"].as_str())
        })
        .collect();
    assert_eq!(history, [(Some(3), Some(180), Some("sent by mistake")), (Some(2), Some(180), None), (Some(1), Some(120), None)]);
    Ok(())
});

both!(what_was_never_there_is_not_voided, async |backend| {
    let office = Office::open(backend).await?;
    let void = with(until("1", "20:00"), json!({ "void": true, "voidReason": "sent by mistake" }));
    assert_eq!(send(&office.a, "Shifts", input(vec![void])).await?.refused(), [(0, "NOT_FOUND", "externalId")]);
    Ok(())
});

both!(a_call_that_is_wrong_as_a_whole, async |backend| {
    let office = Office::open(backend).await?;
    let many: Vec<Value> = (0..5_001).map(|index| until(&index.to_string(), "20:00")).collect();
    let error = refused(&office.a, "Shifts", input(many)).await?;
    assert_eq!((error.code.as_str(), error.field.as_deref()), ("LIMIT_EXCEEDED", Some("records")));
    assert!(error.message.contains("5001"), "{}", error.message);

    let error = refused(&office.a, "Shifts", with(input(Vec::<Value>::new()), json!({ "idempotencyKey": "" }))).await?;
    assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some("idempotencyKey")));
    // What the schema does not know, the schema refuses.
    for wrong in [json!({ "dayKind": "SUNDAY" }), json!({ "presence": "all day" }), json!({ "pay": 1 }), json!({ "externalId": null })] {
        let error = refused(&office.a, "Shifts", input(vec![with(until("1", "20:00"), wrong.clone())])).await?;
        assert_eq!(error.code, "BAD_USER_INPUT", "{wrong}: {error:?}");
        assert!(!error.message.is_empty() && error.message.len() < 1_000, "{wrong}: {error:?}");
    }
    assert_eq!(refused(&office.server.anonymous(), "Shifts", input(vec![until("1", "20:00")])).await?.code, "UNAUTHENTICATED");
    assert_eq!(refused(&office.server.admin()?, "Shifts", input(vec![until("1", "20:00")])).await?.code, "FORBIDDEN");
    assert_eq!(stored(&office).await?, []);
    assert_eq!(record(&office.a, "Shifts", Vec::<Value>::new()).await?.counts(), [0; 6]);
    Ok(())
});

both!(messages_come_in_the_callers_language, async |backend| {
    let office = Office::open(backend).await?;
    let wrong = || input(vec![until("1", "17:00")]);
    let english = send(&office.a, "Shifts", wrong()).await?;
    assert_eq!(english.rejections[0].message, "it does not end after it starts.");
    let japanese = send(&office.a.clone().in_japanese(), "Shifts", wrong()).await?;
    assert_eq!(japanese.rejections[0].message, "終了時刻は開始時刻より後でなければなりません。");

    let empty = json!({ "input": with(wrong(), json!({ "idempotencyKey": "" })) });
    let english = office.a.error(&mutation("Shifts"), empty.clone()).await?;
    assert_eq!(english.message, "An idempotency key has 1 to 200 characters.");
    let japanese = office.a.clone().in_japanese().error(&mutation("Shifts"), empty).await?;
    assert_eq!(japanese.message, "冪等キーは1文字以上200文字以内で指定してください。");
    Ok(())
});

both!(of_two_twins_one_writes_and_the_other_replays, async |backend| {
    let office = Office::open(backend).await?;
    for round in 0..5 {
        let records: Vec<Value> = (1..=20)
            .map(|day| shift(&format!("{round}/{day}"), "S1", &format!("2019-0{}-{day:02}", round + 1), ("18:00", "20:00")))
            .collect();
        let call = input(records);
        let (one, other) = tokio::try_join!(send(&office.a, "Shifts", call.clone()), send(&office.a, "Shifts", call))?;
        assert_ne!(one.replayed, other.replayed, "round {round}");
        assert_eq!((one.counts(), &one.id), (other.counts(), &other.id), "round {round}");
        assert_eq!(one.created, 20);
    }
    Ok(())
});

both!(rejections_do_not_depend_on_the_records_order, async |backend| {
    let office = Office::open(backend).await?;
    // 2 overlaps 1 and 3; 4 stands alone. Stored: 5, which 6 overlaps; 7 is a key sent twice.
    record(&office.a, "Shifts", vec![shift("5", "S2", DAY, ("18:00", "20:00"))]).await?;
    let records = vec![
        shift("1", "S1", DAY, ("08:00", "10:00")),
        shift("2", "S1", DAY, ("09:00", "12:00")),
        shift("3", "S1", DAY, ("11:00", "13:00")),
        shift("4", "S1", DAY, ("13:00", "14:00")),
        shift("6", "S2", DAY, ("19:00", "21:00")),
        shift("7", "S2", DAY, ("22:00", "23:00")),
        shift("7", "S2", DAY, ("22:00", "23:30")),
    ];
    let mut answers = Vec::new();
    for turn in 0..records.len() {
        let mut turned = records.clone();
        turned.rotate_left(turn);
        let receipt = send(&office.a, "Shifts", with(input(turned), json!({ "mode": "ACCEPT_VALID", "dryRun": true }))).await?;
        let mut refused: Vec<_> = receipt.rejections.into_iter().map(|r| (r.external_id, r.code, r.field)).collect();
        refused.sort();
        answers.push((receipt.created, refused));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    let (created, refused) = &answers[0];
    let keys: Vec<_> = refused.iter().map(|(key, code, _)| (key.as_str(), code.as_str())).collect();
    let conflict = |key| (key, "CONFLICT");
    assert_eq!(*created, 1);
    assert_eq!(keys, [conflict("1"), conflict("2"), conflict("3"), conflict("6"), ("7", "BAD_USER_INPUT"), ("7", "BAD_USER_INPUT")]);
    Ok(())
});

both!(a_bureau_has_no_code_that_published_tables_keep, async |backend| {
    let server = Server::start(backend).await?;
    let secretariat = server.secretariat()?;
    for reserved in ["TOTAL", "OTHER", "GROUP-1"] {
        let receipt = send(&secretariat, "Bureaus", with(input(vec![bureau(reserved)]), json!({ "mode": "ACCEPT_VALID" }))).await?;
        assert_eq!(receipt.refused(), [(0, "BAD_USER_INPUT", "code")], "{reserved}");
    }
    Ok(())
});

both!(equal_twins_count_once_and_others_are_refused, async |backend| {
    let office = Office::open(backend).await?;
    let twins =
        vec![until("1", "20:00"), until("2", "17:00"), until("1", "20:00"), until("2", "17:00"), until("3", "21:00"), until("3", "22:00")];
    let call = with(input(twins.clone()), json!({ "mode": "ACCEPT_VALID" }));
    let receipt = send(&office.a, "Shifts", call).await?;
    let (time, key) = ("presence", "externalId");
    let refused = [(1, time), (3, time), (4, key), (5, key)].map(|(index, field)| (index, "BAD_USER_INPUT", field));
    assert_eq!((receipt.counts(), receipt.refused()), ([1, 0, 1, 0, 0, 4], refused.to_vec()));
    // Whatever their order.
    let turned: Vec<_> = twins.into_iter().rev().collect();
    let again = send(&office.a, "Shifts", with(input(turned), json!({ "mode": "ACCEPT_VALID" }))).await?;
    assert_eq!(again.counts(), [0, 0, 2, 0, 0, 4]);
    Ok(())
});

both!(a_record_with_a_version_is_changed_by_a_later_version_alone, async |backend| {
    let office = Office::open(backend).await?;
    let version = |record: Value, version: i64| with(record, json!({ "sourceVersion": version }));
    record(&office.a, "Shifts", vec![version(until("1", "20:00"), 7)]).await?;
    let refused = [(0, "BAD_USER_INPUT", "sourceVersion")];
    assert_eq!(send(&office.a, "Shifts", input(vec![until("1", "21:00")])).await?.refused(), refused);
    let void = json!({ "void": true, "voidReason": "a mistake" });
    assert_eq!(send(&office.a, "Shifts", input(vec![with(until("1", "20:00"), void.clone())])).await?.refused(), refused);
    // What says the same changes nothing, and a person who corrects the machine's record has no version of it.
    assert_eq!(send(&office.a, "Shifts", input(vec![until("1", "20:00")])).await?.unchanged, 1);
    let corrected =
        with(input(vec![until("1", "22:00")]), json!({ "client": office_client(&office).await?, "correctionReason": "the gate was open" }));
    assert_eq!(send(&office.secretariat, "Shifts", corrected).await?.updated, 1);
    assert_eq!(send(&office.a, "Shifts", input(vec![with(version(until("1", "20:00"), 8), void)])).await?.voided, 1);
    Ok(())
});

/// The client in whose numbering A's system writes.
async fn office_client(office: &Office) -> anyhow::Result<Value> {
    Ok(office.a.query("{ shifts { nodes { client } } }", Value::Null).await?["shifts"]["nodes"][0]["client"].clone())
}

both!(a_conflict_names_the_other_record_in_the_writers_own_numbering, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![until("early", "20:00")]).await?;
    let receipt = send(&office.a, "Shifts", input(vec![shift("late", "S1", DAY, ("19:00", "21:00"))])).await?;
    assert_eq!(receipt.refused(), [(0, "CONFLICT", "presence")]);
    assert_eq!(receipt.rejections[0].message, "It overlaps another shift of the same staff member. The other record is \"early\".");
    let both = send(
        &office.a,
        "Shifts",
        input(vec![shift("x", "S1", "2020-04-02", ("19:00", "21:00")), shift("y", "S1", "2020-04-02", ("20:00", "22:00"))]),
    );
    let told: Vec<_> = both.await?.rejections.into_iter().map(|rejection| rejection.message).collect();
    assert!(told[0].ends_with("is \"y\".") && told[1].ends_with("is \"x\"."), "{told:?}");
    // Another client's key is not the writer's to know.
    let other = office.server.system("other", &["A"]).await?;
    let receipt = send(&other, "Shifts", input(vec![shift("late", "S1", DAY, ("19:00", "21:00"))])).await?;
    assert!(!receipt.rejections[0].message.contains("early"), "{receipt:?}");
    Ok(())
});

both!(a_shift_may_leave_its_kind_of_day_to_the_calendar, async |backend| {
    let office = Office::open(backend).await?;
    let mut left: Vec<_> = ["2020-04-01", "2020-04-04", "2020-03-20"].map(|date| shift(date, "S1", date, ("18:00", "20:00"))).into();
    for shift in left.iter_mut().filter_map(Value::as_object_mut) {
        shift.remove("dayKind");
    }
    let unknown = send(&office.a, "Shifts", input(left.clone())).await?;
    assert_eq!(unknown.refused(), [(0, "BAD_USER_INPUT", "dayKind"), (2, "BAD_USER_INPUT", "dayKind")]);
    let holiday = json!({ "externalId": "h", "date": "2020-03-20", "nameJa": "春分の日" });
    record(&office.server.admin()?, "Holidays", vec![holiday]).await?;
    record(&office.a, "Shifts", left.clone()).await?;
    let kinds = office.a.query("{ shifts(orderBy: DATE) { nodes { dayKind } } }", Value::Null).await?;
    assert_eq!(kinds["shifts"]["nodes"], json!([{ "dayKind": "HOLIDAY" }, { "dayKind": "WORKDAY" }, { "dayKind": "WEEKLY_DAY_OFF" }]));
    // What is said counts, and what says the same as the calendar is the same record.
    left[0]["dayKind"] = json!("WORKDAY");
    left[1]["dayKind"] = json!("SWAPPED");
    assert_eq!(record(&office.a, "Shifts", left).await?.counts(), [0, 1, 2, 0, 0, 0]);
    Ok(())
});

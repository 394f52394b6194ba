//! What clients expect of any GraphQL server, whoever made it: the specification, over HTTP and on both engines.

use api::authn::TokenRequest;
use api::authz::Role;
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::fixtures::{Office, input, interval, mutation, send, shift, with};
use torikumi_tests::server::codes;

use crate::schema::Sdl;

const DAY: &str = "2020-04-01";

/// The whole answer to a document.
async fn answer(client: &torikumi_tests::client::Client, document: &str, variables: Value) -> anyhow::Result<Value> {
    let asked = json!({ "query": document, "variables": variables });
    Ok(client.post().json(&asked).send().await?.json::<Value>().await?)
}

both!(a_variable_that_is_left_out_takes_the_arguments_default, async |backend| {
    let office = Office::open(backend).await?;
    let (sdl, reader) = (Sdl::of_the_code(), &office.secretariat);
    let all = reader.query("{ bureaus { totalCount } }", Value::Null).await?;
    for sent in [json!({}), json!({ "f": null }), json!({ "f": {} })] {
        let document = "query ($f: BureauFilter, $o: BureauOrder! = CODE) { bureaus(filter: $f, orderBy: $o) { totalCount } }";
        assert_eq!(reader.query(document, sent).await?, all);
    }
    // Every argument with a default, wherever it stands.
    let mut arguments = 0;
    for list in sdl.fields("Query").filter(|field| field.base.ends_with("Connection")) {
        let needed = match () {
            () if list.arguments.iter().any(|argument| argument.0 == "month") => "month: \"2020-04\", ",
            () if list.arguments.iter().any(|argument| argument.0 == "fiscalYear") => "fiscalYear: 2018, ",
            () => "",
        };
        for (name, ty) in sdl.arguments("Query", &list.name).iter().filter(|(name, _)| ["filter", "orderBy"].contains(&name.as_str())) {
            let document = format!(
                "query ($v: {}) {{ {}({needed}{name}: $v) {{ pageInfo {{ hasNextPage }} }} }}",
                ty.trim_end_matches('!'),
                list.name
            );
            let reader = if list.name == "apiClients" { &office.server.admin()? } else { reader };
            let errors = answer(reader, &document, json!({})).await?["errors"].take();
            // A list may be forbidden, and a year have no release: the default was taken all the same.
            let is_other = ["FORBIDDEN", "NOT_FOUND"].iter().any(|code| errors[0]["extensions"]["code"] == *code);
            assert!(errors.is_null() || is_other, "{document}: {errors}");
            arguments += 1;
        }
    }
    assert!(arguments > 50, "{arguments}");
    // In a nested field, in a fragment, and in an object, of which the member is left out.
    let nested = "query ($first: Int, $void: Boolean) { shifts(filter: { includeVoid: $void }) { ...S } }
        fragment S on ShiftConnection { nodes { staff { postings { id } } } edges { node { id } } pageInfo { hasNextPage @skip(if: false) } }";
    let refused = answer(reader, nested, json!({})).await?;
    assert_eq!(refused["errors"][0]["message"], "Variable \"$first\" is never used.");
    reader.query(&nested.replace("$first: Int, ", ""), json!({})).await?;
    // One that is needed is not left out, and null is not what no value is.
    let needed = "query ($id: ID!) { node(id: $id) { id } }";
    assert_eq!(answer(reader, needed, json!({})).await?["errors"][0]["extensions"]["field"], "id");
    let order = "query ($o: BureauOrder! = CODE) { bureaus(orderBy: $o) { totalCount } }";
    assert_eq!(answer(reader, order, json!({ "o": null })).await?["errors"][0]["extensions"]["field"], "o");
    Ok(())
});

both!(an_error_in_a_nullable_field_nulls_that_field_alone, async |backend| {
    let office = Office::open(backend).await?;
    let got =
        answer(&office.a, "{ a: node(id: \"zz\") { id } b: bureaus(first: 1) { totalCount } c: jobRuns { totalCount } }", Value::Null)
            .await?;
    assert_eq!(got["data"], json!({ "a": null, "b": { "totalCount": 2 }, "c": null }));
    let errors: Vec<_> =
        got["errors"].as_array().into_iter().flatten().map(|error| (error["path"].clone(), error["extensions"]["code"].clone())).collect();
    assert_eq!(errors, [(json!(["a"]), json!("BAD_USER_INPUT")), (json!(["c"]), json!("FORBIDDEN"))]);
    assert!(
        got["errors"][1]["message"].as_str().is_some_and(|text| text.ends_with("it is for: promotion_officer, secretariat, admin.")),
        "{got}"
    );
    // An act that is committed is told, though its neighbour fails.
    let document = "mutation ($one: RecordShiftsInput!, $two: RecordUnitsInput!) {
        one: recordShifts(input: $one) { receipt { created } } two: recordUnits(input: $two) { receipt { created } }
        three: closeMonth(input: { bureau: \"A\", month: \"2020-04\" }) { monthClose { id } } }";
    let good = shift("good", "S1", DAY, ("18:00", "20:00"));
    let sent = json!({ "one": input(vec![good]), "two": with(input(json!([])), json!({ "client": "nobody" })) });
    let got = answer(&office.a, document, sent).await?;
    assert_eq!(got["data"]["one"], json!({ "receipt": { "created": 1 } }), "{got}");
    assert_eq!((&got["data"]["two"], &got["data"]["three"]), (&Value::Null, &Value::Null), "{got}");
    let paths: Vec<_> = got["errors"].as_array().into_iter().flatten().map(|error| error["path"].clone()).collect();
    assert_eq!(paths, [json!(["two"]), json!(["three"])]);
    Ok(())
});

both!(a_document_is_held_to_the_specification_the_first_time_and_every_time, async |backend| {
    let office = Office::open(backend).await?;
    for _ in 0..3 {
        for (document, message) in [
            ("{ bureaus { nodes { x: code } nodes { x: nameJa } } }", "conflict"),
            ("{ bureaus { nodes { __typename(a: 1) } } }", "Unknown argument \"a\""),
            ("{ bureaus(orderBy: \"CODE\") { totalCount } }", "BureauOrder cannot represent"),
            ("query ($c: [String]) { bureaus(filter: { codes: $c }) { totalCount } }", "used in position expecting type \"[String!]\""),
            ("{ bureaus { totalCount @skip(if: false) @skip(if: false) } }", "can only be used once"),
            ("{ shifts(filter: { from: \"2018-13-01\" }) { totalCount } }", "such as \"2018-04-01\""),
            ("{ indicators { code } indicator(code: \"HAPPINESS\") { code } }", "There is no such indicator"),
        ] {
            let got = answer(&office.a, document, Value::Null).await?;
            assert!(got.get("data").is_none(), "{document}: {got}");
            assert_eq!(got["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{document}: {got}");
            assert!(got["errors"][0]["message"].as_str().is_some_and(|said| said.contains(message)), "{document}: {got}");
            assert!(got["errors"][0]["locations"][0]["column"].as_u64() > Some(1), "{document}: {got}");
        }
        let good = "query ($codes: [String!]) { bureaus(filter: { codes: $codes }) { nodes { code __typename } } }";
        let of = |codes: Value| office.a.query(good, json!({ "codes": codes }));
        assert_eq!(of(json!(["A"])).await?["bureaus"]["nodes"], json!([{ "code": "A", "__typename": "Bureau" }]));
        assert_eq!(of(json!("A")).await?["bureaus"]["nodes"][0]["code"], "A");
        assert_eq!(of(json!([])).await?["bureaus"]["nodes"], json!([]));
        let wrong = answer(&office.a.clone().in_japanese(), good, json!({ "codes": [1] })).await?;
        assert_eq!(wrong["errors"][0]["message"], "変数 $codes[0]：文字列を指定してください（例：\"A\"）。");
    }
    Ok(())
});

both!(a_value_that_cannot_be_read_rejects_its_record_alone, async |backend| {
    let office = Office::open(backend).await?;
    let bad = |key: &str, change: Value| with(shift(key, "S1", DAY, ("18:00", "20:00")), change);
    let records = vec![
        bad("zero", json!({ "date": "someday" })),
        shift("one", "S1", "2020-04-02", ("18:00", "20:00")),
        bad("two", json!({ "presence": { "start": "", "end": "" } })),
        shift("three", "nobody", "2020-04-03", ("18:00", "20:00")),
        bad("four", json!({ "sourceVersion": "x" })),
    ];
    let valid = with(input(records.clone()), json!({ "mode": "ACCEPT_VALID" }));
    let rejected = [
        (0, "BAD_USER_INPUT", "date"),
        (2, "BAD_USER_INPUT", "presence.end"),
        (3, "NOT_FOUND", "staffNumber"),
        (4, "BAD_USER_INPUT", "sourceVersion"),
    ];
    let receipt = send(&office.a, "Shifts", valid.clone()).await?;
    assert_eq!((receipt.refused(), receipt.counts()), (rejected.to_vec(), [1, 0, 0, 0, 0, 4]));
    let keys: Vec<_> = receipt.rejections.iter().map(|rejection| rejection.external_id.as_str()).collect();
    assert_eq!(keys, ["zero", "two", "three", "four"]);
    assert_eq!(receipt.rejections[0].message, "Write a date of the calendar as YYYY-MM-DD, such as \"2018-04-01\".");
    // The same call is replayed, and one that differs in what could not be read is another.
    assert!(send(&office.a, "Shifts", valid.clone()).await?.replayed);
    let mut other = valid.clone();
    other["records"][0]["date"] = json!("some other day");
    assert_eq!(office.a.error(&mutation("Shifts"), json!({ "input": other })).await?.code, "CONFLICT");
    // All or nothing keeps the good ones out; a call of bad ones alone writes nothing.
    let whole = send(&office.a, "Shifts", input(records)).await?;
    assert_eq!((whole.refused(), whole.counts()), (rejected.to_vec(), [0, 0, 0, 0, 0, 4]));
    let alone = send(&office.a, "Shifts", input(vec![bad("zero", json!({ "date": 5 }))])).await?;
    assert_eq!(alone.refused(), [(0, "BAD_USER_INPUT", "date")]);
    // In the document itself too, in the caller's language, and in a nested list of another noun.
    let literal = "mutation { recordShifts(input: { idempotencyKey: \"k\",
        records: [{ externalId: \"l\", staffNumber: \"S1\", date: \"x\", dayKind: WORKDAY }] }) { receipt { rejections { index field message } } } }";
    let told = office.a.clone().in_japanese().query(literal, Value::Null).await?;
    let message = "実在する日付を年4桁、月2桁、日2桁で指定してください（例：\"2018-04-01\"）。";
    assert_eq!(told["recordShifts"]["receipt"]["rejections"], json!([{ "index": 0, "field": "date", "message": message }]));
    let request = json!({ "externalId": "r", "staffNumber": "S1", "date": DAY, "planned": with(interval(DAY, ("20:00", "21:00")), json!({ "end": 7 })), "reason": "国会",
        "requestedAt": "2020-04-01T12:00:00+09:00", "decision": "APPROVED", "decidedAt": "2020-04-01T13:00:00+09:00", "approver": "M" });
    assert_eq!(send(&office.a, "OvertimeRequests", input(vec![request])).await?.refused(), [(0, "BAD_USER_INPUT", "planned.end")]);
    Ok(())
});

both!(a_page_of_no_rows_tells_whether_there_are_any, async |backend| {
    let office = Office::open(backend).await?;
    let page =
        "{ bureaus(first: 0) { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
        none: bureaus(last: 0, filter: { codes: [] }) { pageInfo { hasPreviousPage } } }";
    let got = office.a.query(page, Value::Null).await?;
    let info = json!({ "hasNextPage": true, "hasPreviousPage": false, "startCursor": null, "endCursor": null });
    assert_eq!(got["bureaus"], json!({ "totalCount": 2, "nodes": [], "edges": [], "pageInfo": info }));
    assert_eq!(got["none"]["pageInfo"]["hasPreviousPage"], false);
    Ok(())
});

both!(a_client_that_nobody_registered_is_told_so, async |backend| {
    let office = Office::open(backend).await?;
    let request = TokenRequest { client: Some("nobody".into()), bureaus: codes(&["A"]), ..office.server.request(Role::BureauSystem) };
    let stranger = office.server.client(&request)?;
    let response = stranger.post().json(&json!({ "query": "{ viewer { roles } }" })).send().await?;
    assert_eq!(response.status().as_u16(), 401);
    let got = response.json::<Value>().await?;
    assert_eq!(got["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let message = "The machine client that the token names is not registered, or was revoked; an administrator registers it.";
    assert_eq!(got["errors"][0]["message"], message);
    Ok(())
});

//! What is wrong: each gets a clear, located error or outcome with a code, at once; the server goes on, and nothing half-written remains.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use api::app::{App, Config};
use api::authn::{AuthnConfig, JwksSource, LocalKey, TokenRequest};
use api::authz::Role;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, Receipt, input, interval, mutation, posting, record, send, shift, staff, unit, with};

use crate::authz::rows;
use crate::schema::Sdl;

/// "Well under a second" with room for a slow and busy machine.
const AT_ONCE: Duration = Duration::from_secs(5);
const DAY: &str = "2020-04-01";

/// An office, and what stood in its tables before anything wrong was sent.
struct Room {
    office: Office,
    before: BTreeMap<String, i64>,
}

/// A refusal: status, code, and field or else place in the document.
type Refusal = (u16, &'static str, &'static str);

impl Room {
    async fn open(backend: Backend) -> anyhow::Result<Self> {
        let office = Office::open(backend).await?;
        let stored = with(shift("stored", "S1", DAY, ("18:00", "20:00")), json!({ "sourceVersion": 7 }));
        record(&office.a, "Shifts", vec![stored]).await?;
        let before = rows(&office.server).await?;
        Ok(Self { office, before })
    }

    /// Sends something wrong, and then something right.
    async fn refused(&self, what: &str, request: RequestBuilder, expected: Refusal) -> anyhow::Result<Value> {
        let begun = Instant::now();
        let response = request.send().await?;
        let status = response.status().as_u16();
        let answer: Value = response.json().await?;
        let took = begun.elapsed();
        println!("{what}: {} ms", took.as_millis());
        assert!(took < AT_ONCE, "{what} took {took:?}");
        let error = &answer["errors"][0];
        let place = match (&error["extensions"]["field"], &error["locations"][0]) {
            (Value::String(field), _) => field.clone(),
            (_, Value::Object(place)) => format!("{}:{}", place["line"], place["column"]),
            _ => String::new(),
        };
        let got = (status, error["extensions"]["code"].as_str().unwrap_or_default(), place.as_str());
        assert_eq!(got, expected, "{what}: {answer}");
        assert!(!error["message"].as_str().unwrap_or_default().is_empty(), "{what}: {answer}");
        self.goes_on(what).await?;
        Ok(answer)
    }

    async fn goes_on(&self, what: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        let seen = self.office.secretariat.query("{ shifts { totalCount } }", Value::Null).await?;
        assert_eq!(seen["shifts"]["totalCount"], 1, "after {what}");
        assert!(begun.elapsed() < AT_ONCE, "after {what}");
        Ok(())
    }

    /// A document with variables, as A's system sends it.
    fn asked(&self, document: &str, variables: &Value) -> RequestBuilder {
        self.office.a.post().json(&json!({ "query": document, "variables": variables }))
    }

    /// A bulk call of A's system.
    fn bulk(&self, noun: &str, input: &Value) -> RequestBuilder {
        self.asked(&mutation(noun), &json!({ "input": input }))
    }

    /// A record that is refused by itself: one rejection with this code and field.
    async fn rejected(&self, noun: &str, record: Value, code: &str, field: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        let receipt = send(&self.office.a, noun, input(vec![record.clone()])).await?;
        assert!(begun.elapsed() < AT_ONCE, "{record}");
        assert_eq!(receipt.refused(), [(0, code, field)], "{noun} {record}");
        assert_eq!(receipt.counts(), [0, 0, 0, 0, 0, 1]);
        Ok(())
    }

    /// No table has a row more or less. Receipts keep rejections, and the audit trail that there was a call; `kept` says of how many calls.
    async fn nothing_remains(&self, kept: i64) -> anyhow::Result<()> {
        let mut expected = self.before.clone();
        for table in ["receipt", "audit_entry"] {
            *expected.entry(table.to_owned()).or_default() += kept;
        }
        assert_eq!(rows(&self.office.server).await?, expected);
        Ok(())
    }
}

fn good() -> Value {
    shift("new", "S1", "2020-04-02", ("18:00", "20:00"))
}

both!(what_does_not_fit_the_schema, async |backend| {
    let room = Room::open(backend).await?;
    let changed = |change: Value| input(vec![with(good(), change)]);
    // What the schema's own types do not take is told before anything is executed, by its path.
    let record = |field: &str| format!("input.records[0].{field}");
    let calls = [
        ("a number for a key", changed(json!({ "externalId": 5 })), record("externalId")),
        ("an unknown kind of day", changed(json!({ "dayKind": "SUNDAY" })), record("dayKind")),
        ("a lower-case kind of day", changed(json!({ "dayKind": "workday" })), record("dayKind")),
        ("an unknown field", changed(json!({ "minutes": 5 })), record("minutes")),
        ("null for a key", changed(json!({ "externalId": null })), record("externalId")),
        ("records that are no list", with(input(vec![good()]), json!({ "records": "all" })), "input.records".to_owned()),
        ("an unknown mode", with(input(vec![good()]), json!({ "mode": "MAYBE" })), "input.mode".to_owned()),
        ("no key", json!({ "records": [good()] }), "input.idempotencyKey".to_owned()),
    ];
    for (what, call, field) in calls {
        let answer = room.bulk("Shifts", &call).send().await?.json::<Value>().await?;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"], json!({ "code": "BAD_USER_INPUT", "field": field }), "{what}: {answer}");
        assert_eq!(error["locations"], json!([{ "line": 1, "column": 11 }]), "{what}: {answer}");
        room.goes_on(what).await?;
    }
    // What a scalar of the platform does not take is a matter of its record.
    let calls = [
        ("a list for a date", json!({ "date": ["2020-04-02"] }), "date"),
        ("no such date", json!({ "date": "2019-02-30" }), "date"),
        ("a short date", json!({ "date": "2020-4-2" }), "date"),
        (
            "an instant without offset",
            json!({ "presence": { "start": "2020-04-02T18:00:00", "end": "2020-04-02T20:00:00+09:00" } }),
            "presence.start",
        ),
        (
            "an instant in a list",
            json!({ "breaks": [interval("2020-04-02", ("18:30", "18:40")), { "start": "2020-04-02T18:50:00+09:00", "end": "soon" }] }),
            "breaks[1].end",
        ),
        ("a version of 2^53", json!({ "sourceVersion": 9_007_199_254_740_992_i64 }), "sourceVersion"),
        ("a version of 10^30", serde_json::from_str("{\"sourceVersion\": 1000000000000000000000000000000}")?, "sourceVersion"),
        ("a version with a fraction", json!({ "sourceVersion": 1.5 }), "sourceVersion"),
        ("a version as text", json!({ "sourceVersion": "7" }), "sourceVersion"),
    ];
    let kept = i64::try_from(calls.len())?;
    for (what, change, field) in calls {
        println!("{what}");
        room.rejected("Shifts", with(good(), change), "BAD_USER_INPUT", field).await?;
    }
    let telework = json!({ "externalId": "1", "staffNumber": "S1", "date": DAY, "place": "HOME", "minutes": 2_147_483_648_i64 });
    let (status, code) = (400, "BAD_USER_INPUT");
    room.refused("an Int of 2^31", room.bulk("TeleworkDays", &input(vec![telework])), (status, code, "input.records[0].minutes")).await?;
    for (what, document) in [
        ("an unknown field", "{ shifts { nodes { salary } } }"),
        ("an unknown argument", "{ shifts(page: 3) { totalCount } }"),
        ("an unknown indicator", "{ indicator(code: \"HAPPINESS\") { code } }"),
        ("a month 13", "{ recordTotals(month: \"2020-13\") { records } }"),
        ("a literal of 40 digits", "{ shifts(first: 1000000000000000000000000000000000000000) { totalCount } }"),
        ("no selection", "{ shifts }"),
        ("no document", "query {"),
        ("an unknown fragment", "{ ...Everything }"),
        ("a variable that is not declared", "{ shifts(first: $n) { totalCount } }"),
    ] {
        let answer = room.asked(document, &Value::Null).send().await?.json::<Value>().await?;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{what}: {answer}");
        assert!(answer["errors"][0]["locations"][0]["line"].is_u64(), "{what} is not located: {answer}");
        room.goes_on(what).await?;
    }
    room.nothing_remains(kept).await
});

both!(what_no_rule_allows, async |backend| {
    let room = Room::open(backend).await?;
    let presence = |from: &str, to: &str| with(good(), json!({ "presence": interval("2020-04-02", (from, to)) }));
    room.rejected("Shifts", presence("20:00", "18:00"), "BAD_USER_INPUT", "presence").await?;
    room.rejected("Shifts", with(good(), json!({ "staffNumber": "S9" })), "NOT_FOUND", "staffNumber").await?;
    room.rejected("Shifts", shift("new", "S1", DAY, ("19:59", "21:00")), "CONFLICT", "presence").await?;
    room.rejected("Units", unit("N", "Z"), "NOT_FOUND", "bureau").await?;
    room.rejected("Postings", posting("n", "S1", ("A", "Z"), DAY), "NOT_FOUND", "unit").await?;
    let ended = with(posting("n", "S1", ("A", "A2"), DAY), json!({ "kind": "CONCURRENT", "validTo": "2020-03-01" }));
    room.rejected("Postings", ended, "BAD_USER_INPUT", "validTo").await?;
    let both = input(vec![presence("18:00", "20:00"), with(presence("19:00", "21:00"), json!({ "externalId": "other" }))]);
    let receipt = send(&room.office.a, "Shifts", both).await?;
    assert_eq!(receipt.refused(), [(0, "CONFLICT", "presence"), (1, "CONFLICT", "presence")]);
    // A good record beside a bad one, in a month that nobody has written to.
    let mixed = input(vec![shift("fresh", "S1", "2018-05-07", ("18:00", "20:00")), presence("20:00", "18:00")]);
    assert_eq!(send(&room.office.a, "Shifts", mixed).await?.refused(), [(1, "BAD_USER_INPUT", "presence")]);
    room.nothing_remains(8).await?;

    // An older version changes nothing and says so; so does the same key with another body.
    let older = with(shift("stored", "S1", DAY, ("18:00", "23:00")), json!({ "sourceVersion": 6 }));
    let call = input(vec![older]);
    let receipt = send(&room.office.a, "Shifts", call.clone()).await?;
    assert_eq!(receipt, Receipt { id: receipt.id.clone(), superseded: 1, ..Receipt::default() });
    let other = with(call, json!({ "records": [good()] }));
    room.refused("a replayed key", room.bulk("Shifts", &other), (200, "CONFLICT", "idempotencyKey")).await?;
    let kept = room.office.a.query("{ shifts { nodes { overtimeMinutes revision } } }", Value::Null).await?;
    assert_eq!(kept["shifts"]["nodes"], json!([{ "overtimeMinutes": 120, "revision": 1 }]));
    room.nothing_remains(9).await
});

both!(too_much, async |backend| {
    let room = Room::open(backend).await?;
    let many: Vec<_> = (0..5_001).map(|index| with(good(), json!({ "externalId": index.to_string() }))).collect();
    room.refused("5,001 records", room.bulk("Shifts", &input(many)), (200, "LIMIT_EXCEEDED", "records")).await?;
    let body = room.office.a.post().header("content-type", "application/json").body(vec![b' '; 30_000_001]);
    room.refused("a body of more than 30 MB", body, (413, "LIMIT_EXCEEDED", "")).await?;
    let literal = format!("{{ shifts(filter: {}1{}) {{ totalCount }} }}", "[".repeat(2_000), "]".repeat(2_000));
    room.refused("a literal nested 2,000 deep", room.asked(&literal, &Value::Null), (400, "LIMIT_EXCEEDED", "1:80")).await?;
    let variable = format!("{{\"query\":\"{{ viewer {{ roles }} }}\",\"variables\":{{\"x\":{}{}}}}}", "[".repeat(2_000), "]".repeat(2_000));
    let deep = room.office.a.post().header("content-type", "application/json").body(variable);
    room.refused("a variable nested 2,000 deep", deep, (400, "LIMIT_EXCEEDED", "")).await?;
    let selections = format!("{}totalCount{}", "{ shifts { nodes { bureau ".repeat(40), "} } }".repeat(40));
    let answer = room.asked(&selections, &Value::Null).send().await?.json::<Value>().await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{answer}");

    let fragments: String = (0..22).map(|level| format!("fragment F{level} on Shift{{...F{0} ...F{0}}}", level + 1)).collect();
    let fan = format!("{{shifts{{nodes{{...F0}}}}}}{fragments}fragment F22 on Shift{{id}}");
    assert!(fan.len() < 1_100, "{}", fan.len());
    room.refused("2^22 fragment expansions", room.asked(&fan, &Value::Null), (400, "LIMIT_EXCEEDED", "1:1")).await?;
    let cycle = "{ shifts { nodes { ...A } } } fragment A on Shift { ...B } fragment B on Shift { ...A }";
    room.refused("a circle of fragments", room.asked(cycle, &Value::Null), (400, "BAD_USER_INPUT", "1:82")).await?;
    let aliases: String = (0..200).map(|index| format!("a{index}: viewer {{ roles }} ")).collect();
    room.refused("200 aliases", room.asked(&format!("{{ {aliases} }}"), &Value::Null), (400, "LIMIT_EXCEEDED", "1:1")).await?;
    let batch = vec![json!({ "query": "{ viewer { roles } }" }); 20_000];
    room.refused("a batch of 20,000", room.office.a.post().json(&batch), (400, "LIMIT_EXCEEDED", "")).await?;
    room.refused("an empty batch", room.office.a.post().json(&json!([])), (400, "BAD_USER_INPUT", "")).await?;
    room.nothing_remains(0).await
});

both!(pages_that_are_none, async |backend| {
    let room = Room::open(backend).await?;
    let page = |arguments: &str| room.asked(&format!("{{ shifts({arguments}) {{ totalCount }} }}"), &Value::Null);
    for (arguments, field) in [
        ("first: -2000", "first"),
        ("last: 501", "last"),
        ("first: 501", "first"),
        ("last: -1", "last"),
        ("first: 1, last: 1", "last"),
        ("after: \"\"", "after"),
        ("after: \"nonsense\"", "after"),
        ("before: \"bm9uc2Vuc2U\"", "before"),
    ] {
        room.refused(arguments, page(arguments), (200, "BAD_USER_INPUT", field)).await?;
    }
    // Cursors of lists with another order, and one that nobody made.
    let staff = room.office.a.query("{ staff { pageInfo { endCursor } } }", Value::Null).await?["staff"]["pageInfo"]["endCursor"].clone();
    let made = URL_SAFE_NO_PAD.encode("[\"a\\u0000\",\"0193d0f4-0000-7000-8000-000000000000\"]");
    let after = "query($after: String) { shifts(after: $after) { totalCount } }";
    room.refused("a cursor of staff", room.asked(after, &json!({ "after": staff })), (200, "BAD_USER_INPUT", "after")).await?;
    let by_number = "query($after: String) { staff(after: $after) { totalCount } }";
    room.refused("a cursor with NUL", room.asked(by_number, &json!({ "after": made })), (200, "BAD_USER_INPUT", "after")).await?;

    let id = room.office.a.query("{ shifts { nodes { id } } }", Value::Null).await?["shifts"]["nodes"][0]["id"].clone();
    let run = "query($id: ID!) { jobRun(id: $id) { id } }";
    let asked = |document: &str, id: &Value| room.office.secretariat.post().json(&json!({ "query": document, "variables": { "id": id } }));
    room.refused("a shift's id for a run's", asked(run, &id), (200, "BAD_USER_INPUT", "id")).await?;
    let receipts = "query($id: ID!) { shifts(filter: { receipts: [$id] }) { totalCount } }";
    room.refused("a shift's id for a receipt's", asked(receipts, &id), (200, "BAD_USER_INPUT", "receipts")).await?;
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for wrong in ["", "nonsense", "c2hpZnQ6MQ", "\u{feff}", "=?"] {
        room.refused("no id", asked(node, &json!(wrong)), (200, "BAD_USER_INPUT", "id")).await?;
    }
    // A table that is no node is nothing that anybody may see.
    let receipt = URL_SAFE_NO_PAD.encode("receipt:0193d0f4-0000-7000-8000-000000000000");
    assert_eq!(room.office.secretariat.query(node, json!({ "id": receipt })).await?, json!({ "node": null }));
    room.nothing_remains(0).await
});

both!(filters_that_are_none, async |backend| {
    let room = Room::open(backend).await?;
    let sdl = Sdl::of_the_code();
    let (admin, secretariat) = (room.office.server.admin()?, &room.office.secretariat);
    for list in sdl.fields("Query") {
        let Some((_, filter, _)) = list.arguments.iter().find(|argument| argument.0 == "filter") else { continue };
        let has = |name: &str| list.arguments.iter().any(|argument| argument.0 == name);
        let needed = match () {
            () if has("month") => "month: \"2020-04\", ",
            () if has("fiscalYear") => "fiscalYear: 2018, ",
            () => "",
        };
        let document = format!("query($filter: {filter}!) {{ {}({needed}filter: $filter) {{ totalCount }} }}", list.name);
        let reader = if list.name == "apiClients" { &admin } else { secretariat };
        let sent = |filter: Value| reader.post().json(&json!({ "query": document, "variables": { "filter": filter } }));
        for field in sdl.fields(filter) {
            let (what, name) = (format!("{filter}.{}", field.name), field.name.clone());
            if field.is_list {
                let answer = sent(json!({ &name: vec![sdl.sample(&field.base); 501] })).send().await?.json::<Value>().await?;
                let error = &answer["errors"][0]["extensions"];
                assert_eq!(
                    (error["code"].as_str(), error["field"].as_str()),
                    (Some("BAD_USER_INPUT"), Some(name.as_str())),
                    "501 of {what}: {answer}"
                );
            }
            if field.base == "String" {
                let text = if field.is_list { json!(["S1\0"]) } else { json!("S1\0") };
                room.refused(&format!("NUL in {what}"), sent(json!({ name: text })), (400, "BAD_USER_INPUT", "")).await?;
            }
        }
    }
    let series = "query($codes: [IndicatorCode!]!, $bureaus: [String!]) {
        indicatorSeries(codes: $codes, bureaus: $bureaus, from: \"2020-01\", to: \"2020-02\") { bureau } }";
    for (codes, bureaus, field) in [(501, 1, "codes"), (1, 501, "bureaus")] {
        let variables = json!({ "codes": vec!["WOMEN_STAFF"; codes], "bureaus": vec!["A"; bureaus] });
        room.refused("a series of 501", room.asked(series, &variables), (200, "BAD_USER_INPUT", field)).await?;
    }
    let back = "{ indicatorSeries(codes: [\"WOMEN_STAFF\"], from: \"2020-02\", to: \"2020-01\") { bureau } }";
    room.refused("a series that runs back", room.asked(back, &Value::Null), (200, "BAD_USER_INPUT", "to")).await?;
    room.refused(
        "NUL in a literal",
        room.asked("{ recordTotals(month: \"2020-02\", client: \"a\\u0000\") { noun } }", &Value::Null),
        (400, "BAD_USER_INPUT", ""),
    )
    .await?;
    room.nothing_remains(0).await
});

both!(texts_that_no_table_takes, async |backend| {
    let room = Room::open(backend).await?;
    let long = "長".repeat(5_000);
    let request = json!({ "externalId": "new", "staffNumber": "S1", "date": DAY, "planned": interval(DAY, ("20:00", "21:00")), "reason": "国会",
        "requestedAt": "2020-04-01T12:00:00+09:00", "decision": "APPROVED", "decidedAt": "2020-04-01T13:00:00+09:00", "approver": "M" });
    let person = with(staff("S8"), json!({ "origin": "SECONDEE" }));
    let post = with(posting("new", "S1", ("A", "A2"), DAY), json!({ "kind": "CONCURRENT" }));
    let void = with(shift("stored", "S1", DAY, ("18:00", "20:00")), json!({ "sourceVersion": 8, "void": true }));
    let fields = [
        ("Shifts", good(), "externalId"),
        ("Shifts", void, "voidReason"),
        ("OvertimeRequests", request.clone(), "externalId"),
        ("OvertimeRequests", request.clone(), "reason"),
        ("OvertimeRequests", request, "approver"),
        ("Staff", person.clone(), "staffNumber"),
        ("Staff", person, "secondedFrom"),
        ("Postings", post.clone(), "externalId"),
        ("Postings", post, "jobArea"),
        ("Units", unit("A8", "A"), "code"),
        ("Units", unit("A8", "A"), "nameJa"),
        ("Units", unit("A8", "A"), "nameEn"),
    ];
    let mut calls = 0;
    for (noun, record, field) in &fields {
        for text in ["a\0b", "\u{7}", "", &long] {
            room.rejected(noun, with(record.clone(), json!({ *field: text })), "BAD_USER_INPUT", field).await?;
            calls += 1;
        }
    }
    // References that hold NUL are of nothing.
    for (noun, record, field) in [("Shifts", good(), "staffNumber"), ("Units", unit("A8", "A"), "bureau")] {
        room.rejected(noun, with(record, json!({ field: "a\0" })), "NOT_FOUND", field).await?;
        calls += 1;
    }
    room.nothing_remains(calls).await?;
    for (member, text) in [("idempotencyKey", "k\0"), ("idempotencyKey", ""), ("idempotencyKey", &long), ("correctionReason", "r\0")] {
        let call = with(input(vec![good()]), json!({ member: text }));
        room.refused(member, room.bulk("Shifts", &call), (200, "BAD_USER_INPUT", member)).await?;
    }
    room.nothing_remains(calls).await?;

    let (admin, officer) = (room.office.server.admin()?, room.office.server.officer(&["A"])?);
    let act = |client: &Client, field: &str, of: &str, selection: &str, input: Value| {
        let document = format!("mutation($input: {of}!) {{ {field}(input: $input) {{ {selection} {{ id }} }} }}");
        client.post().json(&json!({ "query": document, "variables": { "input": input } }))
    };
    let client = |change: Value| with(json!({ "code": "new", "name": "New", "bureaus": ["A"] }), change);
    for (change, field) in [
        (json!({ "code": "n\0" }), "code"),
        (json!({ "name": "n\0" }), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "bureaus": ["A\0"] }), "bureaus"),
        (json!({ "bureaus": vec!["A"; 501] }), "bureaus"),
    ] {
        let request = act(&admin, "registerApiClient", "RegisterApiClientInput", "apiClient", client(change));
        room.refused("a client", request, (200, "BAD_USER_INPUT", field)).await?;
    }
    for reason in ["", "r\0", &long] {
        let request = act(&admin, "revokeApiClient", "RevokeApiClientInput", "apiClient", json!({ "code": "b", "reason": reason }));
        room.refused("a revocation", request, (200, "BAD_USER_INPUT", "reason")).await?;
        let run = json!({ "job": "MONTHLY_INDICATORS", "period": "2020-02", "reason": reason, "idempotencyKey": "k" });
        room.refused("a run", act(&admin, "triggerJob", "TriggerJobInput", "run", run), (200, "BAD_USER_INPUT", "reason")).await?;
    }
    let run = json!({ "job": "MONTHLY_INDICATORS", "period": "2020-02", "reason": "r", "idempotencyKey": "k\0" });
    room.refused("a run", act(&admin, "triggerJob", "TriggerJobInput", "run", run), (200, "BAD_USER_INPUT", "idempotencyKey")).await?;
    let unknown = act(&admin, "revokeApiClient", "RevokeApiClientInput", "apiClient", json!({ "code": "z\0", "reason": "r" }));
    room.refused("an unknown client", unknown, (200, "NOT_FOUND", "code")).await?;
    let month = act(&officer, "submitMonth", "SubmitMonthInput", "monthClose", json!({ "bureau": "A\0", "month": "2020-02" }));
    room.refused("an unknown bureau", month, (200, "NOT_FOUND", "bureau")).await?;
    room.nothing_remains(calls).await
});

both!(what_is_no_graphql_over_http, async |backend| {
    let room = Room::open(backend).await?;
    let a = &room.office.a;
    let raw = |body: &str| a.post().header("content-type", "application/json").body(body.to_owned());
    for (what, body) in [
        ("bad JSON", "{\"query\": \"{ viewer { roles } }\""),
        ("no JSON", "nonsense"),
        ("nothing", ""),
        ("a lone surrogate in a variable", r#"{"query":"{ viewer { roles } }","variables":{"x":"\ud800"}}"#),
        ("a lone surrogate in the query", r#"{"query":"{ shifts(filter: { client: \"\udc00\" }) { totalCount } }"}"#),
        ("a number for the query", r#"{"query": 5}"#),
        ("no query", r#"{"variables": {}}"#),
        ("a key twice", r#"{"query":"{ viewer { roles } }","query":"{ indicators { code } }"}"#),
        ("an integer beyond all bounds", r#"{"query":"{ viewer { roles } }","variables":{"x":1e999}}"#),
    ] {
        room.refused(what, raw(body), (400, "BAD_USER_INPUT", "")).await?;
    }
    // A surrogate in GraphQL's own escape.
    let escape = a.post().json(&json!({ "query": "{ shifts(filter: { client: \"\\uD800\" }) { totalCount } }" }));
    let answer: Value = escape.send().await?.json().await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");

    let submit = "mutation { submitMonth(input: { bureau: \"A\", month: \"2020-03\" }) { monthClose { id } } }";
    let officer = room.office.server.officer(&["A"])?;
    room.refused("a mutation by GET", officer.get().query(&[("query", submit)]), (405, "BAD_USER_INPUT", "")).await?;
    for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let form = officer.post().header("content-type", media).body(json!({ "query": submit }).to_string());
        room.refused(media, form, (415, "BAD_USER_INPUT", "")).await?;
    }
    room.nothing_remains(0).await
});

/// The public half of an RSA key whose private half nobody has.
const MODULUS: &str = "vWNPsBm77o29FBJI5Rre9_BUNiMvsDtH5Q0VBKeC9vCafio9q1BvNtrDNloAxz7J2xCDvsFQZkjlTBtICr-rdkCK2TSGXOAtaT_NciJLgs8WblucYFNlYF5Cph4aH5cq8dbF\
1rC2BINN5WkpB8tEOMf8883292Z2mfAKspj3N22baV31VdZSUWS6fqgCh0Fa8EHMiguZLxLZWwNoOnTqz1BgBuYpLR0fOPIEMwvSB-10TCpL7x6MIWQAaWvVX0saLdSz_ltJwBb2haI0wkFxH3MLlHlC\
6wcuAJMc_-Tl5ai7pS-pNjIcGOvnRKGM1Fo36aBb9PPt7edMvabzhStuyw";

both!(tokens_that_are_none, async |backend| {
    let room = Room::open(backend).await?;
    let server = &room.office.server;
    let good = server.token(&server.request(Role::Secretariat))?;
    let parts: Vec<&str> = good.split('.').collect();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1])?)?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0])?)?;
    let foreign = EncodingKey::from_ed_pem(FOREIGN_KEY.as_bytes())?;
    let under = |algorithm, kid: &Value| Header { kid: kid.as_str().map(str::to_owned), ..Header::new(algorithm) };
    let now = server.app.clock.now();
    server.set_now(now - TimeDelta::days(1));
    let expired = server.token(&TokenRequest { ttl: TimeDelta::hours(1), ..server.request(Role::Secretariat) })?;
    server.set_now(now);
    let tokens = [
        ("alg none", format!("{}.{}.", part(&json!({ "alg": "none" })), parts[1])),
        ("alg none with a kid", format!("{}.{}.", part(&json!({ "alg": "none", "kid": header["kid"] })), parts[1])),
        (
            "another role under the old signature",
            format!("{}.{}.{}", parts[0], part(&with(claims.clone(), json!({ "roles": ["admin"] }))), parts[2]),
        ),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("a foreign key under our kid", encode(&under(Algorithm::EdDSA, &header["kid"]), &claims, &foreign)?),
        ("a foreign key and kid", encode(&under(Algorithm::EdDSA, &json!("theirs")), &claims, &foreign)?),
        ("HS256 under our kid", encode(&under(Algorithm::HS256, &header["kid"]), &claims, &EncodingKey::from_secret(b"secret"))?),
        ("an expired token", expired),
        ("no token", String::new()),
        ("nonsense", "nonsense".to_owned()),
        ("nine kilobytes", "x".repeat(9_000)),
    ];
    for (what, token) in tokens {
        let request = server.anonymous().post().bearer_auth(token).json(&json!({ "query": "{ indicators { code } }" }));
        room.refused(what, request, (401, "UNAUTHENTICATED", "")).await?;
    }
    // It was good, and ends.
    let ask = || server.anonymous().post().bearer_auth(&good).json(&json!({ "query": "{ bureaus { totalCount } }" }));
    assert_eq!(ask().send().await?.status(), 200);
    server.set_now(now + TimeDelta::days(367));
    assert_eq!(ask().send().await?.status(), 401);
    server.set_now(now);
    room.nothing_remains(0).await
});

both!(tokens_for_somebody_else, async |backend| {
    let room = Room::open(backend).await?;
    let server = &room.office.server;
    // The same database behind an identity provider with an RSA key; its issuer and audience are not ours.
    let file = server.folder().join("keys.json");
    let rsa = json!({ "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": MODULUS, "e": "AQAB" });
    let local = LocalKey::open_or_create(&server.key_file())?;
    let mut keys = serde_json::to_value(local.jwk_set())?;
    keys["keys"].as_array_mut().into_iter().for_each(|keys| keys.push(rsa.clone()));
    std::fs::write(&file, keys.to_string())?;
    let listening = async |issuer: &str, audience: &str| {
        let config = Config {
            database_url: server.database.url.clone(),
            connections: 2,
            authn: AuthnConfig::new(issuer, audience, JwksSource::File(file.clone())),
            origins: api::http::Origins::default(),
            graphiql: false,
            limits: api::http::Limits::default(),
            proxies: api::http::Proxies::default(),
            security: None,
            jobs: jobs::settings::Settings::default(),
        };
        let app = App::open(config, server.app.clock.clone()).await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/graphql", listener.local_addr()?);
        tokio::spawn(api::http::serve(listener, app.router()?, CancellationToken::new()));
        anyhow::Ok(url)
    };
    let http = reqwest::Client::new();
    let asked = |url: &str, token: &str| {
        let body = json!({ "query": "{ bureaus { totalCount } }" });
        http.post(url).header("accept", "application/graphql-response+json").bearer_auth(token).json(&body)
    };
    let token = server.token(&server.request(Role::Secretariat))?;
    let ours = listening("torikumi", "torikumi").await?;
    assert_eq!(asked(&ours, &token).send().await?.status(), 200);
    room.refused("a wrong audience", asked(&listening("torikumi", "payroll").await?, &token), (401, "UNAUTHENTICATED", "")).await?;
    room.refused("a wrong issuer", asked(&listening("elsewhere", "torikumi").await?, &token), (401, "UNAUTHENTICATED", "")).await?;

    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap_or_default())?)?;
    let header = Header { kid: Some("rsa".to_owned()), ..Header::new(Algorithm::HS256) };
    for secret in [URL_SAFE_NO_PAD.decode(MODULUS)?, MODULUS.as_bytes().to_vec(), rsa.to_string().into_bytes()] {
        let forged = encode(&header, &claims, &EncodingKey::from_secret(&secret))?;
        room.refused("HS256 under an RSA kid", asked(&ours, &forged), (401, "UNAUTHENTICATED", "")).await?;
    }
    room.nothing_remains(0).await
});

/// Somebody else's Ed25519 key, made for this test.
const FOREIGN_KEY: &str =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n";

//! Whatever stands in an argument or an input field: it is answered, never with INTERNAL, and the platform goes on.
//!
//! The schema itself says where something can be put: each argument of each query and each field of each mutation's input takes in turn what
//! its scalar can be made to hold, in an otherwise sound call of somebody who may do everything. `bad_input` says which error it is.

use api::authn::{BureauClaim, TokenRequest};
use api::authz::Role;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, input, record, send, shift, staff, with};
use torikumi_tests::socket::Socket;

use crate::follow_up::opened;
use crate::schema::Sdl;

/// What a scalar can be made to hold.
fn nasty(scalar: &str) -> Vec<Value> {
    let long = "長".repeat(3_000);
    match scalar {
        "Int" => vec![json!(0), json!(-1), json!(i32::MIN), json!(i32::MAX)],
        "Long" => vec![json!(0), json!(-1), json!((1_i64 << 53) - 1), json!(1 - (1_i64 << 53))],
        "FiscalYear" => vec![json!(0), json!(1), json!(-1), json!(9999), json!(i32::MAX)],
        "Date" => ["0000-01-01", "0001-01-01", "9999-12-31", "-9999-01-1", "+9999-1-01"].map(Value::from).to_vec(),
        "YearMonth" => ["0000-01", "0001-01", "9999-12"].map(Value::from).to_vec(),
        "DateTime" => [
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999-23:59",
            "-5000-01-01T00:00:00Z",
            "-262143-01-01T00:00:00Z",
            "+262142-12-31T23:59:59Z",
        ]
        .map(Value::from)
        .to_vec(),
        "ID" => {
            let made = URL_SAFE_NO_PAD.encode("job_run:0193d0f4-0000-7000-8000-000000000000");
            vec![json!(""), json!("a\0"), json!(made), json!(long), json!(5)]
        }
        "String" => ["", "a\0b", "\u{7f}", " S1\u{3000}", "Ｓ１", "%_\\'\";--", "\u{202e}\u{feff}", "👩‍👩‍👧", &long].map(Value::from).to_vec(),
        _ => Vec::new(),
    }
}

/// The type without list and non-null.
fn base(of: &str) -> &str {
    of.trim_matches(['[', ']', '!'])
}

/// A sound value, as far as a schema can tell one.
fn sound(sdl: &Sdl, name: &str, of: &str) -> Value {
    let fields: Vec<_> = sdl.fields(base(of)).collect();
    let one = match (name, base(of)) {
        _ if !fields.is_empty() => {
            let members = fields
                .iter()
                .filter(|field| !["void", "voidReason", "client", "first", "after", "last", "before"].contains(&field.name.as_str()));
            members.map(|field| (field.name.clone(), sound(sdl, &field.name, &written(field)))).collect::<serde_json::Map<_, _>>().into()
        }
        ("staffNumber" | "staffNumbers" | "approver", _) => json!("S1"),
        ("bureau" | "bureaus", _) => json!("A"),
        ("unit" | "units", _) => json!("A1"),
        ("plan", _) => json!("P"),
        ("item", _) => json!("LEAVE"),
        ("initiative", _) => json!("MESSAGES"),
        // Each call gets a key of its own, or it would be the first one's twin.
        ("idempotencyKey", _) => json!("fresh"),
        ("zone", _) => json!("Asia/Tokyo"),
        ("cron", _) => json!("0 30 8 * * *"),
        ("from", "YearMonth") => json!("2020-01"),
        (_, "YearMonth") => json!("2020-03"),
        ("validTo" | "to" | "separatedOn" | "releasedOn", "Date") => json!("2020-05-01"),
        (_, "Date") => json!("2020-04-10"),
        ("start", _) => json!("2020-04-10T18:00:00+09:00"),
        (_, "DateTime") => json!("2020-04-10T20:00:00+09:00"),
        (_, "Int" | "Long") => json!(1),
        (_, "Boolean") => json!(false),
        (_, "ID") => json!(URL_SAFE_NO_PAD.encode("receipt:0193d0f4-0000-7000-8000-000000000000")),
        (_, scalar) => sdl.sample(scalar),
    };
    if of.starts_with('[') { json!([one]) } else { one }
}

fn written(field: &super::schema::Field) -> String {
    if field.is_list { format!("[{}]", field.base) } else { field.base.clone() }
}

/// The value with, in turn, each of its places holding something nasty; and where.
fn spoiled(sdl: &Sdl, place: &str, of: &str, value: &Value) -> Vec<(String, Value)> {
    let mut found = vec![(place.to_owned(), Value::Null)];
    if of.starts_with('[') {
        let one = &value[0];
        found.extend([json!([]), json!([one, one]), json!([null])].map(|list| (place.to_owned(), list)));
        found.extend(spoiled(sdl, place, base(of), one).into_iter().map(|(place, one)| (place, json!([one]))));
        return found;
    }
    for field in sdl.fields(base(of)).filter(|field| value.get(&field.name).is_some()) {
        let inner = spoiled(sdl, &format!("{place}.{}", field.name), &written(field), &value[&field.name]);
        found.extend(inner.into_iter().map(|(place, inner)| (place, with(value.clone(), json!({ &field.name: inner })))));
    }
    found.extend(nasty(base(of)).into_iter().map(|nasty| (place.to_owned(), nasty)));
    found
}

/// Who may do everything at once.
fn everybody(office: &Office) -> anyhow::Result<Client> {
    let roles = [Role::Admin, Role::Secretariat, Role::BureauOfficer].into();
    office.server.client(&TokenRequest { roles, bureaus: BureauClaim::All, ..office.server.request(Role::Admin) })
}

/// What each field of a root may be asked, with the place that is spoiled in it.
fn calls(sdl: &Sdl, root: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for field in sdl.fields(root) {
        let arguments = sdl.arguments(root, &field.name);
        let selection = match field.base.as_str() {
            "RecordPayload" | "RecordTargetsPayload" => "{ receipt { rejections { code field } } }",
            connection if connection.ends_with("Connection") => "{ nodes { __typename } totalCount }",
            object if sdl.is_object(object) => "{ __typename }",
            _ => "",
        };
        // One argument at a time, beside those that must be there.
        for (name, of) in &arguments {
            let given: Vec<_> = arguments
                .iter()
                .filter(|(other, of)| other == name || of.ends_with('!') && other != "filter" && other != "orderBy")
                .collect();
            let declared: Vec<_> = given.iter().map(|(name, of)| format!("${name}: {of}")).collect();
            let passed: Vec<_> = given.iter().map(|(name, _)| format!("{name}: ${name}")).collect();
            let kind = if root == "Query" { "query" } else { "mutation" };
            let document = format!("{kind}({}) {{ {}({}) {selection} }}", declared.join(", "), field.name, passed.join(", "));
            let rest: Value = given.iter().map(|(name, of)| (name.clone(), sound(sdl, name, of))).collect::<serde_json::Map<_, _>>().into();
            for (place, value) in spoiled(sdl, &format!("{}.{name}", field.name), of, &rest[name]) {
                let mut variables = with(rest.clone(), json!({ name: value }));
                if let Some(key) = variables.pointer_mut("/input/idempotencyKey").filter(|key| **key == "fresh") {
                    *key = json!(uuid::Uuid::now_v7().to_string());
                }
                found.push((place, json!({ "query": document, "variables": variables })));
            }
        }
    }
    found
}

/// Sends each call, and tells which were answered with INTERNAL, or not at all.
async fn broken(client: &Client, calls: Vec<(String, Value)>) -> anyhow::Result<Vec<String>> {
    let mut broken = Vec::new();
    for part in calls.chunks(2) {
        let batch: Vec<_> = part.iter().map(|(_, call)| call).collect();
        let answers: Value = client.post().json(&batch).send().await?.json().await?;
        for ((place, call), answer) in part.iter().zip(answers.as_array().into_iter().flatten()) {
            let text = answer.to_string();
            if text.contains("\"INTERNAL\"") || text.contains("\"LIMIT_EXCEEDED\"") {
                broken.push(format!("{place} {}: {text}", call["variables"]));
            }
        }
        anyhow::ensure!(answers.as_array().is_some_and(|answers| answers.len() == part.len()), "{answers}");
    }
    Ok(broken)
}

both!(no_argument_breaks_a_query, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-04-01", ("18:00", "20:00"))]).await?;
    opened(&office.server, 2018).await?;
    let client = everybody(&office)?;
    let calls = calls(&Sdl::of_the_code(), "Query");
    assert!(calls.len() > 1_000, "{}", calls.len());
    let bad = broken(&client, calls).await?;
    assert!(bad.is_empty(), "{bad:#?}");
    Ok(())
});

both!(no_input_breaks_a_mutation, async |backend| {
    let office = Office::open(backend).await?;
    opened(&office.server, 2018).await?;
    let client = everybody(&office)?;
    let calls = calls(&Sdl::of_the_code(), "Mutation");
    assert!(calls.len() > 1_000, "{}", calls.len());
    let bad = broken(&client, calls).await?;
    assert!(bad.is_empty(), "{bad:#?}");
    Ok(())
});

/// The key of nothing.
const NOBODY: &str = "0193d0f4-0000-7000-8000-000000000000";

both!(no_cursor_breaks_a_list, async |backend| {
    let office = Office::open(backend).await?;
    let client = everybody(&office)?;
    let sdl = Sdl::of_the_code();
    let keys = [
        json!([]),
        json!([NOBODY]),
        json!([NOBODY, NOBODY]),
        json!(["-9999-01-01", NOBODY]),
        json!(["+99999-01-01", NOBODY]),
        json!(["-262143-01-01T00:00:00Z", NOBODY]),
        json!(["+262142-12-31T23:59:59Z", NOBODY]),
        json!(["9999999999999999999", NOBODY]),
        json!(["長".repeat(3_000), NOBODY]),
        json!(["2020-04-01", "' OR 1=1"]),
        json!([5, null]),
    ];
    let mut bad = Vec::new();
    for list in sdl.fields("Query").filter(|field| field.base.ends_with("Connection")) {
        let needed = match list.name.as_str() {
            "personMonths" => "month: \"2020-04\", ",
            "releaseObservations" => "fiscalYear: 2018, ",
            _ => "",
        };
        let document = format!("query($after: String!) {{ {}({needed}after: $after) {{ totalCount }} }}", list.name);
        let call = |keys: &Value| {
            let after = URL_SAFE_NO_PAD.encode(keys.to_string());
            (list.name.clone(), json!({ "query": document, "variables": { "after": after } }))
        };
        bad.extend(broken(&client, keys.iter().map(call).collect()).await?);
    }
    assert!(bad.is_empty(), "{bad:#?}");
    Ok(())
});

both!(no_position_breaks_a_subscription, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    let follow = "subscription($after: String) { jobRuns(after: $after) { cursor } }";
    let runs = |count: usize| (0..count).map(|_| (uuid::Uuid::now_v7().to_string(), json!(1))).collect::<serde_json::Map<_, _>>();
    for (position, expected) in [
        (json!({ "at": "2020-04-15T00:00:00Z", "runs": runs(2_000) }), "next"),
        (json!({ "at": "2020-04-15T00:00:00Z", "runs": runs(2_001) }), "error"),
        (json!({ "at": "0001-01-01T00:00:00Z", "runs": {} }), "next"),
        (json!({ "at": "-262143-01-01T00:00:00Z", "runs": {} }), "error"),
        (json!({ "at": "+262142-12-31T23:59:59Z", "runs": {} }), "error"),
        (json!({ "at": "2020-04-15T00:00:00Z", "runs": { NOBODY: -1 } }), "error"),
        (json!({ "at": "2020-04-15T00:00:00Z", "runs": { NOBODY: i64::MAX } }), "next"),
    ] {
        let mut socket = Socket::start(&office.server.url, admin.token()).await?;
        let after = URL_SAFE_NO_PAD.encode(position.to_string());
        socket.subscribe("1", follow, json!({ "after": after })).await?;
        let message = socket.message().await?;
        assert!(message["type"] == expected && !message.to_string().contains("INTERNAL"), "{}: {message}", position["at"]);
    }
    Ok(())
});

both!(a_number_that_is_mistyped_makes_no_second_person, async |backend| {
    let office = Office::open(backend).await?;
    for number in ["S8 ", " S8", "S8\u{3000}"] {
        let receipt = send(&office.a, "Staff", input(vec![staff(number)])).await?;
        assert_eq!(receipt.refused(), [(0, "BAD_USER_INPUT", "staffNumber")], "{number:?}");
    }
    for number in ["S1 ", "Ｓ１"] {
        let receipt = send(&office.a, "Shifts", input(vec![shift("1", number, "2020-04-01", ("18:00", "20:00"))])).await?;
        assert_eq!(receipt.refused(), [(0, "NOT_FOUND", "staffNumber")]);
        let hint = if number == "S1 " { "U+0020" } else { "U+FF33" };
        let message = format!("There is no such staff member. The number holds blanks, full-width or invisible characters ({hint}).");
        assert_eq!(receipt.rejections[0].message, message);
    }
    Ok(())
});

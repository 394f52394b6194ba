//! Rules about one row or one token: what is hidden looks like what does not exist, roles add up, a machine is held to its row, a successor
//! takes over what its predecessor saw.

use std::collections::BTreeSet;

use anyhow::Context;
use api::authn::{BureauClaim, TokenRequest};
use api::authz::Role;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::StatusCode;
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{input, mutation, nodes, posting, with};
use torikumi_tests::server::codes;

use super::cases::id_of;
use super::office::{DATED, Office, of};

/// Whose shifts a caller sees, by staff number.
async fn seen(client: &Client) -> anyhow::Result<BTreeSet<String>> {
    let shifts = nodes(client, "{ shifts { nodes { staffNumber } } }", "shifts", Value::Null).await?;
    Ok(shifts.iter().map(|shift| shift["staffNumber"].as_str().unwrap_or_default().to_owned()).collect())
}

fn people(numbers: &[&str]) -> BTreeSet<String> {
    numbers.iter().map(|&number| number.to_owned()).collect()
}

/// The whole answer, as it was sent.
async fn answer(client: &Client, document: &str, variables: Value) -> anyhow::Result<Value> {
    let mut answer: Value = client.post().json(&json!({ "query": document, "variables": variables })).send().await?.json().await?;
    // What the document costs is told of itself.
    answer.as_object_mut().map(|answer| answer.remove("extensions"));
    Ok(answer)
}

/// The id of a row of the same table that does not exist.
fn another(id: &Value) -> anyhow::Result<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id.as_str().unwrap_or_default())?)?;
    let table = text.split(':').next().unwrap_or_default();
    Ok(URL_SAFE_NO_PAD.encode(format!("{table}:{}", uuid::Uuid::now_v7())))
}

both!(what_is_hidden_looks_like_what_does_not_exist, async |backend| {
    let office = Office::open(backend).await?;
    let officer = office.server.officer(&["A"])?;
    let node = "query($id: ID!) { node(id: $id) { id __typename } }";
    for list in ["staff", "postings"].into_iter().chain(DATED.iter().map(|names| names.list.as_str())) {
        let field = if list == "staff" { "staffNumber" } else { "externalId" };
        let hidden = id_of(&office, list, field, "S3").await?;
        let unknown = another(&hidden)?;
        assert_ne!(answer(&office.secretariat, node, json!({ "id": hidden })).await?["data"]["node"], Value::Null, "{list}");
        let hidden = answer(&officer, node, json!({ "id": hidden })).await?;
        assert_eq!(hidden, answer(&officer, node, json!({ "id": unknown })).await?, "{list}");
        assert_eq!(hidden, json!({ "data": { "node": null } }), "{list}");
    }

    // Writing tells no more than reading.
    let attempt = async |noun: &str, record: Value| {
        let mut receipt =
            answer(&office.a, &mutation(noun), json!({ "input": with(input(vec![record]), json!({ "dryRun": true })) })).await?;
        anyhow::Ok(receipt["data"][format!("record{noun}")]["receipt"]["rejections"].take())
    };
    for noun in DATED.iter().map(|names| names.many.as_str()) {
        let (hidden, unknown) = (with(of(noun, "S3"), json!({ "externalId": "x" })), with(of(noun, "S0"), json!({ "externalId": "x" })));
        assert_eq!(attempt(noun, hidden).await?, attempt(noun, unknown).await?, "{noun}");
    }
    let to = |bureau: &str, unit: &str| posting("x", "S1", (bureau, unit), "2020-03-01");
    assert_eq!(attempt("Postings", to("B", "B1")).await?, attempt("Postings", to("Z", "Z1")).await?);
    let submit = "mutation($input: SubmitMonthInput!) { submitMonth(input: $input) { monthClose { id } } }";
    let month = |bureau: &str| json!({ "input": { "bureau": bureau, "month": "2020-03" } });
    assert_eq!(answer(&officer, submit, month("B")).await?, answer(&officer, submit, month("Z")).await?);
    Ok(())
});

both!(a_bureau_keeps_the_records_of_who_left_and_loses_the_person, async |backend| {
    let office = Office::open(backend).await?;
    let of_s4 = "{ shifts(filter: { staffNumbers: [\"S4\"] }) { nodes { staffNumber staff { sex } posting { externalId validTo } bureau { code } } totalCount } }";
    let kept = json!({ "staffNumber": "S4", "staff": null, "posting": { "externalId": "S4", "validTo": "2020-03-01" }, "bureau": { "code": "A" } });
    assert_eq!(office.a.query(of_s4, Value::Null).await?["shifts"], json!({ "nodes": [kept], "totalCount": 1 }));
    // The new bureau has the person, their posting there, and none of their past.
    assert_eq!(office.b.query(of_s4, Value::Null).await?["shifts"], json!({ "nodes": [], "totalCount": 0 }));
    let person = "{ staff(filter: { staffNumbers: [\"S4\"] }) { nodes { staffNumber postings { unit { code } } } } }";
    let held = json!([{ "staffNumber": "S4", "postings": [{ "unit": { "code": "B1" } }] }]);
    assert_eq!(office.b.query(person, Value::Null).await?["staff"]["nodes"], held);
    assert_eq!(office.a.query(person, Value::Null).await?["staff"]["nodes"], json!([]));
    Ok(())
});

both!(roles_of_one_token_add_up, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let both = |first: Role, second: Role| TokenRequest { roles: [first, second].into(), ..server.request(first) };
    let staff_and_manager =
        TokenRequest { staff_number: Some("S3".to_owned()), units: ["A1".to_owned()].into(), ..both(Role::Staff, Role::Manager) };
    assert_eq!(seen(&server.client(&staff_and_manager)?).await?, people(&["S1", "S3"]));
    let viewer_and_officer = TokenRequest { bureaus: codes(&["B"]), ..both(Role::Viewer, Role::BureauOfficer) };
    assert_eq!(seen(&server.client(&viewer_and_officer)?).await?, people(&["S3"]));
    let admin_and_staff = TokenRequest { staff_number: Some("S2".to_owned()), ..both(Role::Admin, Role::Staff) };
    let client = server.client(&admin_and_staff)?;
    assert_eq!(seen(&client).await?, people(&["S2"]));
    assert_eq!(client.query("{ apiClients { totalCount } }", Value::Null).await?["apiClients"]["totalCount"], 4);
    // Bureaus, units and number that a token carries beside a role that does not use them open nothing.
    let decorated = TokenRequest {
        bureaus: BureauClaim::All,
        units: ["A1".to_owned()].into(),
        staff_number: Some("S1".to_owned()),
        ..server.request(Role::Viewer)
    };
    assert_eq!(server.client(&decorated)?.error("{ shifts { nodes { id } } }", Value::Null).await?.code, "FORBIDDEN");
    let manager = TokenRequest { bureaus: codes(&["B"]), units: ["A1".to_owned()].into(), ..server.request(Role::Manager) };
    assert_eq!(seen(&server.client(&manager)?).await?, people(&["S1"]));
    Ok(())
});

both!(a_machine_is_held_to_its_row, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let machine = |code: &str, bureaus: BureauClaim| {
        server.client(&TokenRequest { bureaus, client: Some(code.to_owned()), ..server.request(Role::BureauSystem) })
    };
    assert_eq!(seen(&machine("a", codes(&["A", "B"]))?).await?, people(&["S1", "S2", "S4"]));
    assert_eq!(seen(&machine("a", BureauClaim::All)?).await?, people(&["S1", "S2", "S4"]));
    assert_eq!(seen(&machine("a", codes(&["B"]))?).await?, people(&[]));
    let register = "mutation($input: RegisterApiClientInput!) { registerApiClient(input: $input) { apiClient { bureaus } } }";
    let whole = json!({ "input": { "code": "personnel", "name": "Personnel", "bureaus": null } });
    office.admin.query(register, whole).await?;
    assert_eq!(seen(&machine("personnel", codes(&["B"]))?).await?, people(&["S3"]));
    assert_eq!(seen(&machine("personnel", BureauClaim::All)?).await?, people(&["S1", "S2", "S3", "S4"]));

    // Its own totals alone, and records of its own alone.
    let totals = "query($client: String) { recordTotals(month: \"2020-02\", client: $client) { records } }";
    assert_eq!(office.a.error(totals, json!({ "client": "b" })).await?.code, "BAD_USER_INPUT");
    let call = with(input(vec![of("Shifts", "S1")]), json!({ "client": "b" }));
    assert_eq!(office.a.error(&mutation("Shifts"), json!({ "input": call })).await?.code, "BAD_USER_INPUT");

    // A revoked, an unknown and, from one request to the next, a newly revoked client are nobody, for public fields too.
    for code in ["lost", "nobody"] {
        let client = machine(code, codes(&["A"]))?;
        assert_eq!(refused(&client).await?, StatusCode::UNAUTHORIZED, "{code}");
    }
    let revoke = "mutation($input: RevokeApiClientInput!) { revokeApiClient(input: $input) { apiClient { revokedAt } } }";
    office.admin.query(revoke, json!({ "input": { "code": "a", "reason": "a test" } })).await?;
    assert_eq!(refused(&office.a).await?, StatusCode::UNAUTHORIZED);
    Ok(())
});

/// The status of a refusal of a query that needs no token; it has one error, UNAUTHENTICATED.
async fn refused(client: &Client) -> anyhow::Result<StatusCode> {
    let response = client.post().json(&json!({ "query": "{ indicators { code } }" })).send().await?;
    let status = response.status();
    let answer: Value = response.json().await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer}");
    Ok(status)
}

both!(totals_are_those_of_rows_that_may_be_seen, async |backend| {
    let office = Office::open(backend).await?;
    let totals = "{ recordTotals(month: \"2020-02\", client: \"a\") { noun records } }";
    // The staff member S1, the manager of A1 where S1 is, A's officer, and the secretariat.
    for (role, wanted) in [(2, 1), (3, 1), (5, 3), (8, 3)] {
        let said = office.callers[role].query(totals, Value::Null).await?["recordTotals"].take();
        let lines = said.as_array().context("a list")?;
        assert!(lines.len() > 5 && lines.iter().all(|line| line["records"] == wanted), "{role}: {said}");
    }
    Ok(())
});

both!(a_successor_sees_what_its_predecessor_saw, async |backend| {
    let office = Office::open(backend).await?;
    assert_eq!(seen(&office.server.officer(&["C"])?).await?, people(&["S3"]));
    assert_eq!(seen(&office.server.officer(&["B"])?).await?, people(&["S3"]));
    assert_eq!(seen(&office.server.officer(&["A"])?).await?, people(&["S1", "S2", "S4"]));
    let staff = nodes(&office.server.officer(&["C"])?, "{ staff { nodes { staffNumber } } }", "staff", Value::Null).await?;
    assert_eq!(staff, ["S3", "S4", "S5"].map(|number| json!({ "staffNumber": number })));
    let months = "{ monthCloses(filter: { from: \"2020-02\", to: \"2020-02\" }) { nodes { bureau { code } } } }";
    let closes = nodes(&office.server.officer(&["C"])?, months, "monthCloses", Value::Null).await?;
    assert_eq!(closes, ["B", "C"].map(|code| json!({ "bureau": { "code": code } })));
    Ok(())
});

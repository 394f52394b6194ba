//! All that is held about one person: to the officer of the bureau that holds them and to the person, never without a trace.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use api::authn::TokenRequest;
use api::authz::Role;
use base64::{Engine, engine::general_purpose::STANDARD};
use entity::noun::Noun;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, posting, record, shift, with};
use torikumi_tests::server::{Server, codes};

use crate::authz::office;

const FILE: &str = "query($number: String!, $reason: String!) { personFile(staffNumber: $number, reason: $reason) {
    id staffNumber bureau asOf nouns { noun nameJa nameEn purposeJa purposeEn keptLength keptUnit rowCount
        rows(first: 100) { nodes { id revision values } totalCount pageInfo { hasNextPage } } } } }";
const READERS: &str = "query($number: String!, $reason: String!) { personFile(staffNumber: $number, reason: $reason) {
    readers(first: 100) { nodes { actor roles verb noun bureau rowCount certain } totalCount } } }";

fn asked(number: &str) -> Value {
    json!({ "number": number, "reason": "開示請求（令和2年第3号）" })
}

async fn file(client: &Client, number: &str) -> anyhow::Result<Value> {
    Ok(client.query(FILE, asked(number)).await?["personFile"].take())
}

fn person(server: &Server, number: &str) -> anyhow::Result<Client> {
    server.client(&TokenRequest { staff_number: Some(number.to_owned()), subject: number.to_owned(), ..server.request(Role::Staff) })
}

/// Readings of files: verb, whether a person is named, counts and reason.
async fn entries(server: &Server) -> anyhow::Result<Vec<(String, bool, Value, Option<String>)>> {
    use entity::audit_entry::{Column, Entity};
    let db = server.connect().await?;
    let mut rows = Entity::find().filter(Column::Verb.is_in(["READ_FILE", "READ_OWN_FILE"])).all(&db).await?;
    db.close().await?;
    rows.sort_by_key(|row| row.id);
    Ok(rows.into_iter().map(|row| (row.verb, row.record_id.is_some(), row.counts, row.reason)).collect())
}

fn nouns(file: &Value) -> BTreeMap<&str, &Value> {
    let nouns = file["nouns"].as_array().map_or(&[][..], Vec::as_slice);
    nouns.iter().filter_map(|noun| Some((noun["noun"].as_str()?, noun))).collect()
}

// The office holds a row of each noun about S1; a noun that is forgotten is a table that leads to persons and is not in the file.
both!(the_holder_and_the_person_see_every_noun, async |backend| {
    let office = office::Office::open(backend).await?;
    let officer = office.server.officer(&["A"])?;
    let flags = "{ overtimeOutliers(filter: { staffNumbers: [\"S1\"] }) { nodes { id withdrawnAt } } }";
    let flags = officer.query(flags, json!({})).await?["overtimeOutliers"]["nodes"].take();
    let standing = flags.as_array().into_iter().flatten().find(|flag| flag["withdrawnAt"].is_null()).map(|flag| flag["id"].clone());
    let acknowledge = "mutation($input: AcknowledgeOutlierInput!) { acknowledgeOutlier(input: $input) { outlier { id } } }";
    officer.query(acknowledge, json!({ "input": { "id": standing } })).await?;

    let shown = file(&officer, "S1").await?;
    assert_eq!((&shown["staffNumber"], &shown["bureau"]), (&json!("S1"), &json!("A")));
    let held = nouns(&shown);
    let mut expected: BTreeSet<String> = crate::nouns::tables(&office.server.connect().await?, &["staff_id"]).await?;
    // The next run of a job takes its marks away, and a later one those whose month changed.
    expected.remove("stale_mark");
    expected.remove("changed_person");
    expected.extend(["staff", "outlier_event", "record_revision"].map(str::to_owned));
    assert_eq!(held.keys().map(|table| (*table).to_owned()).collect::<BTreeSet<_>>(), expected);
    for noun in Noun::ALL.iter().filter(|noun| noun.is_about_persons()) {
        assert!(held.contains_key(noun.table()), "{noun:?}");
    }
    for (table, noun) in &held {
        let rows = noun["rows"]["nodes"].as_array().map_or(0, Vec::len);
        assert!(rows > 0, "plant a row of {table}");
        assert_eq!((&noun["rowCount"], &noun["rows"]["totalCount"]), (&json!(rows), &json!(rows)), "{table}");
        let said = ["nameJa", "nameEn", "purposeJa", "purposeEn"].map(|field| noun[field].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!((said, noun["keptLength"].as_i64() > Some(0)), ([true; 4], true), "{table}");
    }
    // What is corrected is found by its id, its key and its version.
    let row = &held["shift"]["rows"]["nodes"][0];
    let values = &row["values"];
    let told = json!([values["client"], values["external_id"], values["bureau"], values["unit"], values["date"], row["revision"]]);
    assert_eq!(told, json!(["a", "S1", "A", "A1", "2020-02-03", 2]));
    let node = officer.query("query($id: ID!) { node(id: $id) { id ... on Shift { revision } } }", json!({ "id": row["id"] })).await?;
    assert_eq!(node["node"], json!({ "id": row["id"], "revision": 2 }));
    assert_eq!(held["person_month"]["rows"]["nodes"][0]["values"]["month"], "2020-02");
    let months: Vec<_> =
        held["overtime_outlier"]["rows"]["nodes"].as_array().into_iter().flatten().map(|row| &row["values"]["month"]).collect();
    assert_eq!(months, ["2020-02"; 2]);
    assert!(!shown.to_string().contains("\"S2\""), "nobody else is in it");
    // The person sees the same.
    let own = file(&person(&office.server, "S1")?, "S1").await?;
    assert_eq!(own["nouns"], shown["nouns"]);
    Ok(())
});

both!(nobody_else_opens_it_and_whoever_asks_leaves_a_trace, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let (a, b) = (server.officer(&["A"])?, server.officer(&["B"])?);
    let alone = file(&a, "S2").await?;
    let counts: BTreeMap<_, _> = nouns(&alone).into_iter().map(|(table, noun)| (table, noun["rowCount"].as_i64())).collect();
    assert_eq!((counts["staff"], counts["posting"], counts["shift"], counts["record_revision"]), (Some(1), Some(1), Some(0), Some(0)));
    file(&person(server, "S1")?, "S1").await?;
    let s1 = person(server, "S1")?;
    for (client, number) in [(&b, "S1"), (&b, "nobody"), (&a, "S3"), (&s1, "S2"), (&s1, "nobody")] {
        let failure = client.error(FILE, asked(number)).await?;
        assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("NOT_FOUND", Some("staffNumber")), "{number}");
    }
    let traced = entries(server).await?;
    let told: Vec<_> = traced.iter().map(|(verb, named, counts, _)| (verb.as_str(), *named, counts["staff"].as_i64())).collect();
    let nobody = ("READ_FILE", false, None);
    assert_eq!(told, [("READ_FILE", true, Some(1)), ("READ_OWN_FILE", true, Some(1)), nobody, nobody, nobody, nobody, nobody]);
    assert!(traced.iter().all(|(.., reason)| reason.as_deref() == Some("開示請求（令和2年第3号）")));
    // A holder is told of who asked for its people, whoever it was.
    let trail = "{ auditEntries(first: 50, orderBy: AT, filter: { verb: \"READ_FILE\" }) { nodes { record counts } } }";
    let seen = b.query(trail, json!({})).await?["auditEntries"]["nodes"].take();
    assert_eq!(seen, json!([{ "record": null, "counts": { "rows": 0 } }]));

    let manager = server.client(&TokenRequest { units: ["A1".to_owned()].into(), ..server.request(Role::Manager) })?;
    let request = TokenRequest { bureaus: codes(&["A"]), client: Some("a".to_owned()), ..server.request(Role::BureauOfficer) };
    let machine = server.client(&request)?;
    let promotion = server.client(&server.request(Role::PromotionOfficer))?;
    for client in [&manager, &machine, &promotion, &office.a, &office.secretariat, &server.admin()?] {
        assert_eq!(client.error(FILE, asked("S1")).await?.code, "FORBIDDEN");
    }
    assert_eq!(server.anonymous().error(FILE, asked("S1")).await?.code, "UNAUTHENTICATED");
    assert_eq!(entries(server).await?.len(), 7);
    for (variables, field) in [
        (json!({ "number": "S1", "reason": " \u{3000}" }), "reason"),
        (json!({ "number": "S1", "reason": "長".repeat(1_001) }), "reason"),
        (json!({ "number": "", "reason": "x" }), "staffNumber"),
    ] {
        let failure = a.error(FILE, variables).await?;
        assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("BAD_USER_INPUT", Some(field)));
    }
    assert_eq!(entries(server).await?.len(), 7, "what was not asked was not answered");
    Ok(())
});

both!(what_cannot_be_traced_is_not_opened, async |backend| {
    let office = Office::open(backend).await?;
    office.server.connect().await?.execute_unprepared("ALTER TABLE audit_entry RENAME COLUMN concerned TO gone").await?;
    let officer = office.server.officer(&["A"])?;
    let answer: Value = officer.post().json(&json!({ "query": FILE, "variables": asked("S1") })).send().await?.json().await?;
    assert_eq!((&answer["errors"][0]["extensions"]["code"], &answer["data"]), (&json!("INTERNAL"), &json!({ "personFile": null })));
    Ok(())
});

both!(a_former_holder_is_a_reader_outside_and_reads_no_more, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let (a, b) = (server.officer(&["A"])?, server.officer(&["B"])?);
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-04-01", ("18:00", "20:00"))]).await?;
    let list = "{ shifts(filter: { staffNumbers: [\"S1\"] }) { nodes { id } } }";
    office.secretariat.query(list, json!({})).await?;
    file(&a, "S1").await?;
    let readers = async |client: &Client| {
        let mut file = client.query(READERS, asked("S1")).await?;
        let readers = file["personFile"]["readers"].take();
        let nodes = readers["nodes"].as_array().cloned().unwrap_or_default();
        assert_eq!(readers["totalCount"], nodes.len());
        anyhow::Ok(nodes)
    };
    let by_secretariat = |actor: Option<&str>| json!({ "actor": actor, "roles": "secretariat", "verb": "READ", "noun": "shift", "bureau": "A", "rowCount": 1, "certain": false });
    assert_eq!(readers(&a).await?, [by_secretariat(Some("secretariat"))], "its own officers are not outside");
    assert_eq!(readers(&person(server, "S1")?).await?, [by_secretariat(None)], "the person is told the role");

    let ends = with(posting("p1", "S1", ("A", "A1"), "2018-01-01"), json!({ "validTo": "2020-05-01" }));
    record(&office.a, "Postings", vec![ends]).await?;
    record(&office.secretariat, "Postings", vec![posting("q1", "S1", ("B", "B1"), "2020-05-01")]).await?;
    server.set_now("2020-06-01T00:00:00Z".parse()?);
    assert_eq!(a.error(FILE, asked("S1")).await?.code, "NOT_FOUND");
    let shown = file(&b, "S1").await?;
    assert_eq!((&shown["bureau"], &nouns(&shown)["shift"]["rowCount"]), (&json!("B"), &json!(1)), "what A recorded is disclosed by B");
    let certain: Vec<_> = readers(&b).await?.into_iter().filter(|reader| reader["certain"] == true).collect();
    assert!(!certain.is_empty());
    for reader in certain {
        assert_eq!(json!([reader["verb"], reader["bureau"], reader["actor"]]), json!(["READ_FILE", "A", null]), "B does not see A's trail");
    }
    Ok(())
});

both!(an_inquirys_auditor_is_among_the_readers_for_who_sees_inquiries_alone, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-04-01", ("18:00", "20:00"))]).await?;
    let auditor = server.client(&server.request(Role::Auditor))?;
    auditor.query("{ shifts(filter: { staffNumbers: [\"S1\"] }) { nodes { id } totalCount } }", json!({})).await?;
    assert_eq!(auditor.error(FILE, asked("S1")).await?.code, "FORBIDDEN");
    let request = server.request(Role::BureauOfficer);
    let seeing = TokenRequest { bureaus: codes(&["A"]), roles: [Role::BureauOfficer, Role::PromotionOfficer].into(), ..request };
    for (client, seen) in [(server.officer(&["A"])?, 0), (person(server, "S1")?, 0), (server.client(&seeing)?, 1)] {
        let readers = client.query(READERS, asked("S1")).await?["personFile"]["readers"].take();
        let nodes = readers["nodes"].as_array().cloned().unwrap_or_default();
        let auditors = nodes.iter().filter(|reader| reader["roles"] == "auditor").count();
        assert_eq!((auditors, &readers["totalCount"]), (seen, &json!(nodes.len())), "{nodes:?}");
        let document = "{ personFile(staffNumber: \"S1\", reason: \"開示\") { export(format: JSON) { content } } }";
        let content = client.query(document, json!({})).await?["personFile"]["export"]["content"].take();
        let content = String::from_utf8(STANDARD.decode(content.as_str().unwrap_or_default())?)?;
        assert_eq!(content.contains("auditor"), seen == 1);
    }
    Ok(())
});

both!(a_part_is_read_by_pages_and_handed_over_as_a_document, async |backend| {
    let office = Office::open(backend).await?;
    let officer = office.server.officer(&["A"])?;
    let days = |day| shift(&format!("{day}"), "S1", &format!("2020-04-{day:02}"), ("18:00", "20:00"));
    record(&office.a, "Shifts", (1..=7).rev().map(days).collect::<Vec<_>>()).await?;
    record(&office.a, "Staff", vec![with(torikumi_tests::fixtures::staff("S1"), json!({ "sex": "FEMALE" }))]).await?;
    let page = "query($after: String) { personFile(staffNumber: \"S1\", reason: \"開示\") { nouns(only: [\"shift\"]) {
        noun rowCount rows(first: 3, after: $after) { nodes { values } pageInfo { hasNextPage endCursor } } } } }";
    let (mut after, mut paged) = (Value::Null, Vec::new());
    loop {
        let mut part = officer.query(page, json!({ "after": after })).await?["personFile"]["nouns"].take();
        assert_eq!((part.as_array().map(Vec::len), &part[0]["rowCount"]), (Some(1), &json!(7)));
        paged.extend(part[0]["rows"]["nodes"].as_array().cloned().unwrap_or_default());
        after = part[0]["rows"]["pageInfo"]["endCursor"].take();
        if part[0]["rows"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let dates: Vec<_> = paged.iter().filter_map(|row| row["values"]["date"].as_str()).collect();
    assert_eq!(dates, ["2020-04-01", "2020-04-02", "2020-04-03", "2020-04-04", "2020-04-05", "2020-04-06", "2020-04-07"]);
    for only in [json!([]), json!(["bureau"]), json!(["shift", "x"])] {
        let document = "query($only: [String!]) { personFile(staffNumber: \"S1\", reason: \"x\") { nouns(only: $only) { noun } } }";
        assert_eq!(officer.error(document, json!({ "only": only })).await?.field.as_deref(), Some("only"));
    }

    let export = "query($format: PersonFileFormat!) { personFile(staffNumber: \"S1\", reason: \"開示\") {
        export(format: $format) { fileName mediaType sha256 content } } }";
    let handed = async |format: &str| {
        let mut document = officer.query(export, json!({ "format": format })).await?["personFile"]["export"].take();
        let bytes = STANDARD.decode(document["content"].take().as_str().unwrap_or_default())?;
        assert_eq!(document["sha256"], format!("{:x}", Sha256::digest(&bytes)));
        assert!(!document["fileName"].as_str().unwrap_or("S1").contains("S1"));
        anyhow::Ok(bytes)
    };
    let document: Value = serde_json::from_slice(&handed("JSON").await?)?;
    let shown = file(&officer, "S1").await?;
    let (written, read) = (nouns(&document), nouns(&shown));
    assert_eq!(written.keys().collect::<Vec<_>>(), read.keys().collect::<Vec<_>>());
    for (table, noun) in &read {
        let rows = |rows: &Value| -> Vec<Value> { rows.as_array().into_iter().flatten().map(|row| row["values"].clone()).collect() };
        assert_eq!(rows(&written[table]["rows"]), rows(&noun["rows"]["nodes"]), "{table}");
    }
    let folder = office.server.folder().join("file.xlsx");
    std::fs::write(&folder, handed("XLSX").await?)?;
    let python = std::env::var("TORIKUMI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = "import sys, zipfile
book = zipfile.ZipFile(sys.argv[1])
text = ''.join(book.read(name).decode() for name in sorted(book.namelist()) if name.endswith('.xml'))
sys.exit(0 if all(word in text for word in sys.argv[2:]) else 1)";
    let words = ["概要", "勤務", "女性", "職員番号", "在庁の開始", "2020-04-07 18:00", "計画Ⅳ-1-(2)-② 超過勤務の縮減"];
    assert!(Command::new(python).args(["-c", script]).arg(&folder).args(words).status()?.success(), "the workbook lacks a word");
    Ok(())
});

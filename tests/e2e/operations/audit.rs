//! The audit trail: acts leave an entry without content, and so does reading about persons outside one's daily work.

use api::authn::TokenRequest;
use api::authz::Role;
use chrono::Utc;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, bureau, nodes, posting, record, shift, staff, unit};
use torikumi_tests::process::Process;
use torikumi_tests::server::codes;

const ENTRIES: &str = "query($verb: String) { auditEntries(first: 500, filter: { verb: $verb }, orderBy: AT) {
    nodes { actor verb noun counts concerned { bureau { code } concerned } } } }";

/// What a reader of the trail sees of readings: who, of which table, the counts, and which bureaus with how many each.
async fn readings(reader: &Client) -> anyhow::Result<Vec<(String, String, Value, String)>> {
    let entries = nodes(reader, ENTRIES, "auditEntries", json!({ "verb": "READ" })).await?;
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    let concerned = |entry: &Value| {
        let bureaus = entry["concerned"].as_array().into_iter().flatten();
        let mut bureaus: Vec<_> =
            bureaus.map(|told| format!("{} {}", told["bureau"]["code"].as_str().unwrap_or("?"), told["concerned"])).collect();
        bureaus.sort();
        bureaus.join(", ")
    };
    Ok(entries.iter().map(|entry| (text(entry, "actor"), text(entry, "noun"), entry["counts"].clone(), concerned(entry))).collect())
}

/// The rows of `reading_day`: subject, table, requests and rows.
async fn days(office: &Office) -> anyhow::Result<Vec<(String, String, i64, i64)>> {
    let rows = entity::reading_day::Entity::find().all(&office.server.connect().await?).await?;
    let mut rows: Vec<_> = rows.into_iter().map(|row| (row.subject, row.noun, row.reads, row.concerned)).collect();
    rows.sort();
    Ok(rows)
}

async fn with_shifts(office: &Office) -> anyhow::Result<()> {
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-04-01", ("18:00", "20:00"))]).await?;
    record(&office.b, "Shifts", vec![shift("1", "S3", "2020-04-01", ("18:00", "20:00"))]).await?;
    Ok(())
}

both!(whoever_reads_outside_daily_work_leaves_an_entry, async |backend| {
    let office = Office::open(backend).await?;
    with_shifts(&office).await?;
    let list = "{ shifts(first: 10) { nodes { id } } staff(first: 2) { nodes { id } } bureaus(first: 10) { nodes { id } } }";
    // A machine in its own bureau, the secretariat, the promotion officer: an entry for each table about persons, and none for bureaus.
    office.a.query(list, json!({})).await?;
    office.secretariat.query(list, json!({})).await?;
    let promotion = office.server.client(&office.server.request(Role::PromotionOfficer))?;
    promotion.query(list, json!({})).await?;
    let read = readings(&office.secretariat).await?;
    let told: Vec<_> = read.iter().map(|(_, noun, counts, bureaus)| (noun.as_str(), counts.clone(), bureaus.as_str())).collect();
    let all = [("shift", json!({ "rows": 2 }), "A 1, B 1"), ("staff", json!({ "rows": 2 }), "A 2")];
    let own = [("shift", json!({ "rows": 1 }), "A 1"), ("staff", json!({ "rows": 2 }), "A 2")];
    assert_eq!(told, own.into_iter().chain(all.clone()).chain(all).collect::<Vec<_>>());
    // A bureau is told of what others read of its people, with its own number alone.
    let officer = office.server.officer(&["B"])?;
    let told: Vec<_> = readings(&officer).await?.into_iter().map(|(_, noun, _, bureaus)| (noun, bureaus)).collect();
    assert_eq!(told, [("shift".to_owned(), "B 1".to_owned()), ("shift".to_owned(), "B 1".to_owned())]);
    Ok(())
});

both!(what_an_inquirys_auditor_reads_is_shown_to_the_promotion_officer_alone, async |backend| {
    let office = Office::open(backend).await?;
    with_shifts(&office).await?;
    let server = &office.server;
    let of = |role| server.client(&server.request(role));
    let (auditor, promotion) = (of(Role::Auditor)?, of(Role::PromotionOfficer)?);
    let before = office.server.officer(&["A"])?.query("{ auditEntries { totalCount } }", json!({})).await?;
    auditor.query("{ shifts(first: 10) { nodes { id } } staff { totalCount } }", json!({})).await?;
    auditor.query("{ shifts(filter: { staffNumbers: [\"nobody\"] }) { nodes { id } } }", json!({})).await?;
    assert_eq!(days(&office).await?, [], "it is no daily work");
    // All is written down, with the bureaus: to the promotion officer it is as any other reading.
    let read = readings(&promotion).await?;
    let told = read.iter().map(|(actor, noun, counts, bureaus)| (actor.as_str(), noun.as_str(), counts.clone(), bureaus.as_str()));
    let none = json!({ "rows": 0, "fields": ["staffNumbers"] });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("auditor", "shift", json!({ "rows": 2 }), "A 1, B 1"),
            ("auditor", "staff", json!({ "rows": 3, "counted": 3 }), "A 4, B 2"),
            ("auditor", "shift", none, ""),
        ]
    );
    let list = "{ auditEntries(first: 500, filter: { verb: \"READ\", actor: \"auditor\" }) { nodes { id roles } totalCount } }";
    let shown = promotion.query(list, json!({})).await?["auditEntries"].take();
    assert_eq!((&shown["totalCount"], &shown["nodes"][0]["roles"]), (&json!(3), &json!("auditor")));
    // By list, number and id, whoever else reads the trail: it may be about any of them. The auditor, too, for another inquiry is another's.
    let node = "query($id: ID!) { node(id: $id) { ... on AuditEntry { id counts concerned { concerned } } } }";
    for reader in [server.officer(&["A"])?, server.officer(&["A", "B"])?, office.secretariat.clone(), server.admin()?, auditor] {
        assert_eq!(reader.query(list, json!({})).await?["auditEntries"], json!({ "nodes": [], "totalCount": 0 }));
        for entry in shown["nodes"].as_array().into_iter().flatten() {
            assert_eq!(reader.query(node, json!({ "id": entry["id"] })).await?["node"], Value::Null);
            assert_eq!(promotion.query(node, json!({ "id": entry["id"] })).await?["node"]["id"], entry["id"]);
        }
    }
    let after = office.server.officer(&["A"])?.query("{ auditEntries { totalCount } }", json!({})).await?;
    assert_eq!(after, before);
    // Two roles of one person add up: the promotion officer who is an officer beside it sees them.
    let both =
        TokenRequest { bureaus: codes(&["A"]), roles: [Role::BureauOfficer, Role::PromotionOfficer].into(), ..server.request(Role::Staff) };
    assert_eq!(server.client(&both)?.query(list, json!({})).await?["auditEntries"]["totalCount"], 3);
    Ok(())
});

both!(a_bureau_that_is_none_of_those_concerned_is_told_nothing, async |backend| {
    let office = Office::open(backend).await?;
    with_shifts(&office).await?;
    let list = "{ shifts(first: 10) { nodes { id } } }";
    office.secretariat.query(list, json!({})).await?;
    // The office grows: what concerns A and B alone is none of C's, whichever set an entry names.
    record(&office.secretariat, "Bureaus", vec![bureau("C")]).await?;
    office.secretariat.query(list, json!({})).await?;
    assert_eq!(readings(&office.server.officer(&["C"])?).await?, []);
    let system = office.server.system("c", &["C"]).await?;
    record(&system, "Units", vec![unit("C1", "C")]).await?;
    record(&system, "Staff", vec![staff("S4")]).await?;
    record(&system, "Postings", vec![posting("p4", "S4", ("C", "C1"), "2018-01-01")]).await?;
    record(&system, "Shifts", vec![shift("1", "S4", "2020-04-01", ("18:00", "20:00"))]).await?;
    let four = "{ shifts(first: 10, filter: { staffNumbers: [\"S1\", \"S4\"] }) { nodes { id } } }";
    office.secretariat.query(four, json!({})).await?;
    office.secretariat.query(list, json!({})).await?;
    let shifts = |read: Vec<(String, String, Value, String)>| {
        read.into_iter().filter(|(_, noun, ..)| noun == "shift").map(|(.., bureaus)| bureaus).collect::<Vec<_>>()
    };
    let seen = async |bureau: &str| anyhow::Ok(shifts(readings(&office.server.officer(&[bureau])?).await?));
    assert_eq!(shifts(readings(&office.secretariat).await?), ["A 1, B 1", "A 1, B 1", "A 1, C 1", "A 1, B 1, C 1"]);
    assert_eq!(
        (seen("A").await?, seen("B").await?, seen("C").await?),
        (vec!["A 1".to_owned(); 4], vec!["B 1".to_owned(); 3], vec!["C 1".to_owned(); 2])
    );
    Ok(())
});

both!(finding_nothing_tells_as_much, async |backend| {
    let office = Office::open(backend).await?;
    with_shifts(&office).await?;
    for minutes in [600, 300] {
        let document =
            "query($minutes: Int) { personMonths(month: \"2020-04\", filter: { staffNumbers: [\"S1\"], overtimeMinutesAbove: $minutes }) {
            totalCount } }";
        office.secretariat.query(document, json!({ "minutes": minutes })).await?;
    }
    office
        .secretariat
        .query("{ shifts(filter: { staffNumbers: [\"nobody\"], bureaus: null }) { pageInfo { hasNextPage } } }", json!({}))
        .await?;
    office.secretariat.query("{ personMonths(month: \"2020-04\") { totalCount } }", json!({})).await?;
    let read = readings(&office.secretariat).await?;
    let counts: Vec<_> = read.iter().map(|(_, noun, counts, _)| (noun.as_str(), counts.clone())).collect();
    let asked = json!(["month", "overtimeMinutesAbove", "staffNumbers"]);
    assert_eq!(
        counts,
        [
            ("person_month", json!({ "rows": 0, "fields": asked })),
            ("person_month", json!({ "rows": 0, "fields": asked })),
            ("shift", json!({ "rows": 0, "fields": ["staffNumbers"] })),
            ("person_month", json!({ "rows": 0, "fields": ["month"] })),
        ]
    );
    assert!(!Value::from(read.iter().map(|(_, _, counts, _)| counts.clone()).collect::<Vec<_>>()).to_string().contains("nobody"));
    Ok(())
});

both!(a_number_is_traced_with_the_bureaus_behind_it, async |backend| {
    let office = Office::open(backend).await?;
    with_shifts(&office).await?;
    let whole = "query($after: String) { shifts(first: 1, after: $after) { totalCount pageInfo { endCursor } } }";
    let end = office.secretariat.query(whole, json!({})).await?["shifts"]["pageInfo"]["endCursor"].take();
    let behind = office.secretariat.query(whole, json!({ "after": end })).await?;
    assert_eq!(behind["shifts"]["totalCount"], 2);
    let read = readings(&office.secretariat).await?;
    assert!(read.iter().all(|(_, _, counts, _)| counts["counted"] == 2), "{read:?}");
    let bureaus: Vec<_> = read.iter().map(|(.., bureaus)| bureaus.as_str()).collect();
    assert!(bureaus.iter().all(|told| told.contains("A ") && told.contains("B ")), "{bureaus:?}");
    Ok(())
});

both!(people_who_are_counted_are_told_to_their_holders_and_sums_to_no_bureau, async |backend| {
    let office = Office::open(backend).await?;
    let all = office.secretariat.query("{ staff(first: 500) { pageInfo { endCursor } } }", json!({})).await?;
    let before = readings(&office.secretariat).await?.len();
    let end = all["staff"]["pageInfo"]["endCursor"].clone();
    // Behind the last of them: no row is shown, and their number tells.
    let document = "query($after: String, $filter: StaffFilter! = {}) { staff(after: $after, filter: $filter) { totalCount } }";
    office.secretariat.query(document, json!({ "after": end })).await?;
    office.secretariat.query(document, json!({ "after": end, "filter": { "staffNumbers": ["S3"] } })).await?;
    let read = readings(&office.secretariat).await?;
    let told: Vec<_> = read[before..].iter().map(|(_, _, counts, bureaus)| (counts["counted"].clone(), bureaus.as_str())).collect();
    assert_eq!(told, [(json!(3), "A 2, B 1"), (json!(1), "B 1")]);
    // To a bureau, what concerned others too says its own number alone.
    let seen = async |bureau: &str| anyhow::Ok(readings(&office.server.officer(&[bureau])?).await?);
    let numbers = |read: &[(String, String, Value, String)]| {
        read.iter().skip(1).map(|(_, _, counts, bureaus)| (counts.clone(), bureaus.clone())).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&seen("A").await?), [(json!({}), "A 2".to_owned())]);
    let alone = json!({ "rows": 0, "counted": 1, "fields": ["staffNumbers"] });
    assert_eq!(numbers(&seen("B").await?), [(json!({}), "B 1".to_owned()), (alone, "B 1".to_owned())]);
    Ok(())
});

both!(daily_reading_is_counted_and_sealed_the_next_day, async |backend| {
    let office = Office::open(backend).await?;
    with_shifts(&office).await?;
    office.server.set_now("2020-04-20T01:00:00Z".parse()?);
    let officer = office.server.officer(&["A"])?;
    let mut manager = office.server.request(Role::Manager);
    manager.units = ["A1".to_owned()].into();
    let manager = office.server.client(&manager)?;
    let list = "{ shifts(first: 10) { nodes { id } } }";
    officer.query(list, json!({})).await?;
    manager.query("{ shifts(filter: { staffNumbers: [\"S2\"] }) { nodes { id } } }", json!({})).await?;
    // The first of the day stands before the answer is there; nothing found is counted too.
    let first = days(&office).await?;
    assert_eq!(first.iter().map(|row| (row.1.as_str(), row.2, row.3)).collect::<Vec<_>>(), [("shift", 1, 1), ("shift", 1, 0)]);
    officer.query(list, json!({})).await?;
    officer.query(list, json!({})).await?;
    let begun = Instant::now();
    while days(&office).await?.iter().map(|row| row.2).sum::<i64>() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(10), "later readings are counted within ten seconds");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Nobody reads about themselves in secret.
    let mut own = office.server.request(Role::Staff);
    own.staff_number = Some("S1".to_owned());
    office.server.client(&own)?.query(list, json!({})).await?;
    assert_eq!(days(&office).await?.len(), 2);
    assert_eq!(readings(&office.secretariat).await?, []);
    office.server.set_now("2020-04-21T01:00:00Z".parse()?);
    let admin = office.server.admin()?;
    let seal = "mutation { triggerJob(input: { job: SEAL_AUDIT, reason: \"test\", idempotencyKey: \"1\" }) { run { id } } }";
    admin.query(seal, json!({})).await?;
    office.server.run_jobs().await?;
    assert_eq!(days(&office).await?, []);
    let told = nodes(&officer, ENTRIES, "auditEntries", json!({ "verb": "READ_DAY" })).await?;
    let mut counts: Vec<_> = told.iter().map(|entry| (entry["counts"]["reads"].clone(), entry["counts"]["rows"].clone())).collect();
    counts.sort_by_key(|counts| counts.0.to_string());
    assert_eq!(counts, [(json!(1), json!(0)), (json!(3), json!(3))]);
    assert!(told.iter().all(|entry| entry["counts"]["day"] == "2020-04-20"));
    Ok(())
});

both!(rows_that_others_lead_to_are_traced_with_their_holders, async |backend| {
    let office = Office::open(backend).await?;
    with_shifts(&office).await?;
    let list = "{ shifts(first: 10) { nodes { id staff { sex postings { id } } } } }";
    office.secretariat.query(list, json!({})).await?;
    let id = office.secretariat.query("{ staff(first: 1) { nodes { id } } }", json!({})).await?["staff"]["nodes"][0]["id"].take();
    office.secretariat.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await?;
    // Nobody stands behind an id that was made up, and the question leaves a trace all the same.
    let made_up = format!("staff:{}", uuid::Uuid::nil());
    let made_up = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, made_up);
    office.secretariat.post().json(&json!({ "query": format!("{{ node(id: \"{made_up}\") {{ id }} }}") })).send().await?;
    let read = readings(&office.secretariat).await?;
    let told: Vec<_> = read.iter().map(|(_, noun, counts, bureaus)| (noun.as_str(), counts["rows"].clone(), bureaus.as_str())).collect();
    assert_eq!(
        told,
        [
            ("posting", json!(2), "A 1, B 1"),
            ("shift", json!(2), "A 1, B 1"),
            ("staff", json!(2), "A 1, B 1"),
            ("staff", json!(1), "A 1"),
            ("staff", json!(1), "A 1"),
            ("staff", json!(0), ""),
        ]
    );
    Ok(())
});

both!(what_cannot_be_traced_is_not_shown, async |backend| {
    let office = Office::open(backend).await?;
    with_shifts(&office).await?;
    let db = office.server.connect().await?;
    let (officer, list) = (office.server.officer(&["A"])?, "{ shifts(first: 10) { nodes { id } } }");
    // With a set that is known already, and one that is not.
    office.a.query(list, json!({})).await?;
    for change in ["ALTER TABLE audit_entry RENAME COLUMN concerned TO gone", "DROP TABLE bureau_set", "DROP TABLE reading_day"] {
        db.execute_unprepared(change).await?;
    }
    for reader in [&office.a, &office.secretariat, &officer] {
        let failure = reader.error(list, json!({})).await?;
        assert_eq!(failure.code, "INTERNAL");
        let answer: Value = reader.post().json(&json!({ "query": list })).send().await?.json().await?;
        assert!(answer["data"].is_null(), "{answer}");
    }
    Ok(())
});

both!(
    #[ignore = "long: tests/run --whole"]
    no_answer_is_shown_whose_trace_a_kill_takes_away,
    async |backend| {
        let office = Office::open(backend).await?;
        with_shifts(&office).await?;
        // The process has the clock of the machine.
        office.server.set_now(Utc::now());
        let process = Process::serve(office.server.program()?)?;
        let url = format!("http://{}", process.address);
        let (secretariat, officer) = (office.server.secretariat()?.at(&url), office.server.officer(&["A"])?.at(&url));
        let (shown, list) = (Arc::new(Semaphore::new(0)), "{ shifts(first: 10) { nodes { id } } }");
        officer.query(list, json!({})).await?;
        let mut readers = JoinSet::new();
        for _ in 0..8 {
            let (secretariat, shown) = (secretariat.clone(), Arc::clone(&shown));
            readers.spawn(async move {
                while secretariat.query(list, json!({})).await.is_ok() {
                    shown.add_permits(1);
                }
            });
        }
        // So many that some are under way.
        shown.acquire_many(200).await?.forget();
        drop(process);
        while readers.join_next().await.is_some() {}
        let db = office.server.connect().await?;
        let traced = entity::audit_entry::Entity::find().filter(entity::audit_entry::Column::Verb.eq("READ")).count(&db).await?;
        let shown = 200 + shown.available_permits() as u64;
        assert!(traced >= shown, "{shown} answers were shown, {traced} are traced");
        assert_eq!(days(&office).await?.len(), 1, "the first of the day, too");
        Ok(())
    }
);

both!(a_bureau_is_told_of_what_others_write_of_its_people, async |backend| {
    let office = Office::open(backend).await?;
    record(
        &office.secretariat,
        "Shifts",
        vec![shift("1", "S1", "2020-04-01", ("18:00", "20:00")), shift("2", "S3", "2020-04-01", ("18:00", "20:00"))],
    )
    .await?;
    let written = nodes(&office.server.officer(&["B"])?, ENTRIES, "auditEntries", json!({ "verb": "RECORD" })).await?;
    let shifts: Vec<_> = written.iter().filter(|entry| entry["noun"] == "shift").collect();
    assert_eq!(shifts.len(), 1);
    assert_eq!(shifts[0]["concerned"], json!([{ "bureau": { "code": "B" }, "concerned": 1 }]));
    // What concerns other bureaus alone is not theirs to see.
    assert!(written.iter().all(|entry| entry["concerned"] != json!([])), "{written:?}");
    Ok(())
});

both!(an_entry_holds_counts_and_no_content, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![shift("secret-key", "S1", "2020-04-01", ("18:00", "20:00"))]).await?;
    let written = nodes(&office.secretariat, ENTRIES, "auditEntries", json!({ "verb": "RECORD" })).await?;
    let shifts: Vec<_> = written.iter().filter(|entry| entry["noun"] == "shift").collect();
    assert_eq!(shifts.len(), 1);
    assert_eq!(shifts[0]["counts"]["created"], 1);
    assert!(!Value::from(written).to_string().contains("secret-key"));
    Ok(())
});

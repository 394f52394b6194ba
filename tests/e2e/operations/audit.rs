//! The audit trail: acts leave an entry without content, and so does reading persons outside one's own bureau.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::fixtures::{Office, nodes, record, shift};

const ENTRIES: &str = "query($verb: String) { auditEntries(first: 100, filter: { verb: $verb }) { nodes { actor verb noun counts } } }";

both!(reading_persons_outside_ones_bureau_is_an_entry, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-04-01", ("18:00", "20:00"))]).await?;
    let list = "{ shifts(first: 10) { nodes { id } } staff(first: 2) { nodes { id } } bureaus(first: 10) { nodes { id } } }";
    // The bureau's own system reads its own people: no entry. The secretariat reads everybody's: one for each list of persons.
    office.a.query(list, json!({})).await?;
    let read = nodes(&office.secretariat, ENTRIES, "auditEntries", json!({ "verb": "READ" })).await?;
    assert_eq!(read, Vec::<Value>::new());
    office.secretariat.query(list, json!({})).await?;
    let mut read = nodes(&office.secretariat, ENTRIES, "auditEntries", json!({ "verb": "READ" })).await?;
    read.sort_by_key(|entry| entry["noun"].to_string());
    let told: Vec<_> = read.iter().map(|entry| (entry["noun"].as_str().unwrap_or_default(), entry["counts"].clone())).collect();
    assert_eq!(told, [("shift", json!({ "rows": 1 })), ("staff", json!({ "rows": 2 }))]);
    Ok(())
});

both!(counting_persons_is_reading_them, async |backend| {
    let office = Office::open(backend).await?;
    let shifts = vec![shift("1", "S1", "2020-04-01", ("18:00", "20:00")), shift("2", "S1", "2020-04-02", ("18:00", "20:00"))];
    record(&office.a, "Shifts", shifts).await?;
    let whole = "query($after: String) { shifts(first: 2, after: $after, filter: { staffNumbers: [\"S1\"] }) { totalCount pageInfo { endCursor } } }";
    let end = office.secretariat.query(whole, json!({})).await?["shifts"]["pageInfo"]["endCursor"].take();
    // Behind the last row nothing is shown but the number, which says of one person what the rows would.
    let behind = office.secretariat.query(whole, json!({ "after": end })).await?;
    assert_eq!(behind["shifts"]["totalCount"], 2);
    office.secretariat.query("{ shifts(filter: { staffNumbers: [\"S2\"] }) { totalCount } }", json!({})).await?;
    let read = nodes(&office.secretariat, ENTRIES, "auditEntries", json!({ "verb": "READ" })).await?;
    let told: Vec<_> = read.iter().map(|entry| (entry["noun"].as_str().unwrap_or_default(), entry["counts"].clone())).collect();
    assert_eq!(told, [("shift", json!({ "rows": 2 })), ("shift", json!({ "rows": 2 }))]);
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

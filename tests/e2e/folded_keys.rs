//! Keys that differ in case or width alone are one, new ones hold nothing that nobody sees, and names go without it.

use anyhow::Context;
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, Receipt, bureau, input, mutation, nodes, posting, record, send, shift, staff, unit, with};

use crate::races::Referee;

/// Byte order mark, zero width space, soft hyphen, word joiner, marks of direction, noncharacters, private use, a tag, a variation selector and
/// what is full-width.
const UNFIT: [(&str, &str); 19] = [
    ("\u{feff}", "U+FEFF"),
    ("\u{200b}", "U+200B"),
    ("\u{ad}", "U+00AD"),
    ("\u{2060}", "U+2060"),
    ("\u{200e}", "U+200E"),
    ("\u{200f}", "U+200F"),
    ("\u{61c}", "U+061C"),
    ("\u{202e}", "U+202E"),
    ("\u{2066}", "U+2066"),
    ("\u{fdd0}", "U+FDD0"),
    ("\u{fffe}", "U+FFFE"),
    ("\u{1ffff}", "U+1FFFF"),
    ("\u{e000}", "U+E000"),
    ("\u{f0000}", "U+F0000"),
    ("\u{e0041}", "U+E0041"),
    ("\u{fe0f}", "U+FE0F"),
    ("Ａ", "U+FF21"),
    ("ｚ", "U+FF5A"),
    ("１", "U+FF11"),
];

const REGISTER: &str = "mutation($input: RegisterApiClientInput!) { registerApiClient(input: $input) { apiClient { code name } } }";

/// The record under a key.
type Draft = fn(&str) -> Value;

fn target(key: &str) -> Value {
    json!({ "externalId": key, "indicator": "WOMEN_STAFF", "clause": "V-1", "population": "OFFICE", "decider": "PLAN", "qualifier": "AT_LEAST",
        "valueNumerator": 30, "validFrom": "2015-04-01" })
}

/// What a caller is told of one record: code, field and message.
async fn told(client: &Client, noun: &str, draft: Value) -> anyhow::Result<(String, Option<String>, String)> {
    let receipt = send(client, noun, input(vec![draft])).await?;
    let refused = receipt.rejections.into_iter().next().with_context(|| format!("{noun}: nothing was refused"))?;
    Ok((refused.code, refused.field, refused.message))
}

/// Changes rows past the API, as an earlier release left them.
async fn left_behind(office: &Office, sql: &str) -> anyhow::Result<()> {
    Database::connect(&office.server.database.url).await?.execute_unprepared(sql).await?;
    Ok(())
}

both!(no_new_key_holds_what_nobody_sees, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    let nouns: [(&Client, &str, &str, Draft); 5] = [
        (&office.secretariat, "Bureaus", "code", |key| bureau(key)),
        (&office.a, "Units", "code", |key| unit(key, "A")),
        (&office.a, "Staff", "staffNumber", |key| staff(key)),
        (&office.a, "Shifts", "externalId", |key| shift(key, "S1", "2020-03-10", ("18:00", "19:00"))),
        (&office.secretariat, "Targets", "externalId", target),
    ];
    for (client, noun, field, draft) in nouns {
        // Before, within and behind what would do; and a key that is there, with something before it.
        let keys: Vec<_> = UNFIT.iter().flat_map(|(c, _)| [format!("{c}S1"), format!("N{c}1"), format!("M1{c}")]).collect();
        let receipt = send(client, noun, input(keys.iter().map(|key| draft(key)).collect::<Vec<_>>())).await?;
        assert_eq!(receipt.rejections.len(), keys.len(), "{noun}");
        for (rejection, (_, point)) in receipt.rejections.iter().zip(UNFIT.iter().flat_map(|one| [one; 3])) {
            assert_eq!((rejection.code.as_str(), rejection.field.as_deref()), ("BAD_USER_INPUT", Some(field)), "{noun} {point}");
            assert!(rejection.message.contains(point), "{noun} {point}: {}", rejection.message);
        }
    }
    for (c, point) in UNFIT {
        let failure = admin.error(REGISTER, json!({ "input": { "code": format!("c{c}1"), "name": "system" } })).await?;
        assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("BAD_USER_INPUT", Some("code")), "{point}");
        assert!(failure.message.contains(point), "{}", failure.message);
        // A number that nobody has is looked at for what the caller may have overlooked.
        let (code, field, message) = told(&office.a, "Shifts", shift("1", &format!("{c}S1"), "2020-03-10", ("18:00", "19:00"))).await?;
        assert_eq!((code.as_str(), field.as_deref()), ("NOT_FOUND", Some("staffNumber")));
        assert!(message.contains(point), "{message}");
    }
    let japanese = office.a.clone().in_japanese();
    let (_, _, message) = told(&japanese, "Staff", staff("\u{feff}S1")).await?;
    assert!(message.contains("使えない文字 U+FEFF"), "{message}");
    assert_eq!(nodes(&office.secretariat, "{ staff(first: 50) { nodes { staffNumber } } }", "staff", json!({})).await?.len(), 3);
    // Folded it would be as long as no key may be.
    let long = "\u{fdfa}".repeat(200);
    assert_eq!(told(&office.a, "Units", unit(&long, "A")).await?.0, "BAD_USER_INPUT");
    Ok(())
});

both!(keys_that_differ_in_case_alone_are_one, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    record(&office.secretariat, "Targets", vec![target("Women")]).await?;
    record(&office.a, "Units", vec![unit("Straße", "A"), unit("がⅣ", "A")]).await?;
    for (client, noun, draft, field, stored) in [
        (&office.secretariat, "Bureaus", bureau("a"), "code", "A"),
        (&office.a, "Units", unit("a1", "A"), "code", "A1"),
        (&office.a, "Units", unit("STRASSE", "A"), "code", "Straße"),
        (&office.a, "Units", unit("か\u{3099}iv", "A"), "code", "がⅣ"),
        (&office.a, "Staff", staff("s1"), "staffNumber", "S1"),
        (&office.secretariat, "Staff", staff("s1"), "staffNumber", "S1"),
        (&office.a, "Staff", with(staff("s1"), json!({ "void": true, "voidReason": "a mistake" })), "staffNumber", "S1"),
        (&office.secretariat, "Targets", target("WOMEN"), "externalId", "Women"),
    ] {
        let (code, of, message) = told(client, noun, draft.clone()).await?;
        assert_eq!((code.as_str(), of.as_deref()), ("CONFLICT", Some(field)), "{noun}: {message}");
        assert!(message.contains(&format!(" {stored},")), "{noun}: {message}");
    }
    // Both spellings in one call are one key, too; in either order.
    for (client, noun, pair) in [
        (&office.secretariat, "Bureaus", [bureau("N1"), bureau("n1")]),
        (&office.a, "Units", [unit("n1", "A"), unit("N1", "A")]),
        (&office.a, "Staff", [staff("N1"), staff("n1")]),
        (&office.secretariat, "Targets", [target("N1"), with(target("n1"), json!({ "clause": "V-2", "indicator": "WOMEN_HIRES_EXAM" }))]),
    ] {
        let receipt = send(client, noun, with(input(pair.to_vec()), json!({ "mode": "ACCEPT_VALID" }))).await?;
        let codes: Vec<_> = receipt.rejections.iter().map(|rejection| rejection.code.as_str()).collect();
        assert_eq!(codes, ["BAD_USER_INPUT"; 2], "{noun}");
    }
    // As it is stored it is found and changed as before.
    assert_eq!(record(&office.a, "Staff", vec![with(staff("S1"), json!({ "sex": "FEMALE" }))]).await?.updated, 1);
    assert_eq!(told(&office.a, "Shifts", shift("1", "s1", "2020-03-10", ("18:00", "19:00"))).await?.0, "NOT_FOUND");
    // A client's own numbering is compared byte for byte, and a target's within its client.
    let day = |key: &str, date: &str| shift(key, "S1", date, ("18:00", "19:00"));
    assert_eq!(record(&office.a, "Shifts", vec![day("K", "2020-03-10"), day("k", "2020-03-11")]).await?.created, 2);
    // Clients.
    let register = async |code: &str| admin.error(REGISTER, json!({ "input": { "code": code, "name": "system" } })).await;
    let failure = register("A").await?;
    assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("CONFLICT", Some("code")), "{}", failure.message);
    assert_eq!(register("office").await?.code, "BAD_USER_INPUT");
    Ok(())
});

both!(a_twin_out_of_sight_is_told_as_the_number_itself, async |backend| {
    let office = Office::open(backend).await?;
    for void in [false, true] {
        let void = if void { json!({ "void": true, "voidReason": "a mistake" }) } else { json!({}) };
        // What B is told of A's number it is told of the number's twin, in a dry run too.
        for (noun, equal, twin) in [("Staff", staff("S1"), staff("s1")), ("Units", unit("A1", "B"), unit("a1", "B"))] {
            for dry in [false, true] {
                let call = |draft: &Value| with(input(vec![with(draft.clone(), void.clone())]), json!({ "dryRun": dry }));
                let [equal, twin] = [send(&office.b, noun, call(&equal)).await?, send(&office.b, noun, call(&twin)).await?];
                let said = |receipt: &Receipt| {
                    let one = receipt.rejections[0].clone();
                    (one.code, one.field, one.message, one.retryable, receipt.counts())
                };
                assert_eq!(said(&equal), said(&twin), "{noun} {void} {dry}");
            }
        }
    }
    // The bureau that holds the person is told of each.
    let entries = "{ auditEntries(first: 100, filter: { verb: \"COLLIDE\" }) { nodes { counts } } }";
    let traced = nodes(&office.server.officer(&["A"])?, entries, "auditEntries", json!({})).await?;
    assert_eq!(traced, vec![json!({ "counts": { "people": 1 } }); 8]);
    Ok(())
});

both!(reserved_words_are_reserved_in_any_case, async |backend| {
    let office = Office::open(backend).await?;
    for code in ["TOTAL", "total", "Total", "OTHER", "Other", "GROUP-1", "group-1", "Group-", "\u{feff}TOTAL", "ＴＯＴＡＬ"] {
        let (refused, field, message) = told(&office.secretariat, "Bureaus", bureau(code)).await?;
        assert_eq!((refused.as_str(), field.as_deref()), ("BAD_USER_INPUT", Some("code")), "{code}: {message}");
    }
    assert_eq!(record(&office.secretariat, "Bureaus", vec![bureau("TOTALS"), bureau("GROUP")]).await?.created, 2);
    // What an earlier release took stays what it is.
    left_behind(&office, "UPDATE bureau SET code = 'Total', code_folded = 'total' WHERE code = 'TOTALS'").await?;
    assert_eq!(record(&office.secretariat, "Bureaus", vec![with(bureau("Total"), json!({ "nameEn": "Renamed" }))]).await?.updated, 1);
    Ok(())
});

both!(who_has_an_odd_key_can_still_be_changed, async |backend| {
    let office = Office::open(backend).await?;
    left_behind(&office, "UPDATE staff SET staff_number = '\u{feff}S2', staff_number_folded = '\u{feff}s2' WHERE staff_number = 'S2'")
        .await?;
    left_behind(&office, "UPDATE unit SET code = 'Ａ２', code_folded = 'a2' WHERE code = 'A2'").await?;
    let odd = || staff("\u{feff}S2");
    // To whom it is out of sight it is a key that nobody may choose.
    assert_eq!(told(&office.b, "Staff", odd()).await?, told(&office.b, "Staff", staff("\u{feff}S9")).await?);
    assert_eq!(record(&office.a, "Staff", vec![with(odd(), json!({ "sex": "FEMALE" }))]).await?.updated, 1);
    assert_eq!(record(&office.a, "Units", vec![with(unit("Ａ２", "A"), json!({ "nameEn": "Two" }))]).await?.updated, 1);
    assert_eq!(told(&office.a, "Units", unit("A2", "A")).await?.0, "CONFLICT");
    record(
        &office.a,
        "Postings",
        vec![with(posting("p2", "\u{feff}S2", ("A", "A1"), "2018-01-01"), json!({ "void": true, "voidReason": "x" }))],
    )
    .await?;
    let void = json!({ "void": true, "voidReason": "recorded twice" });
    assert_eq!(record(&office.a, "Staff", vec![with(odd(), void)]).await?.voided, 1);
    // What it was meant to be is free.
    assert_eq!(record(&office.a, "Staff", vec![staff("S2")]).await?.created, 1);
    Ok(())
});

both!(names_go_without_what_nobody_sees, async |backend| {
    let office = Office::open(backend).await?;
    // What turns the direction of a line is refused (`a_name_is_one_line`).
    let dirty: String = UNFIT.iter().map(|(c, _)| *c).filter(|c| !["\u{202e}", "\u{2066}"].contains(c)).collect();
    let names = json!({ "nameJa": format!("総{dirty}務（２）\u{feff}"), "nameEn": format!("{dirty}General\u{2060} Affairs") });
    let receipt = record(&office.secretariat, "Bureaus", vec![bureau("C"), with(bureau("D"), names.clone())]).await?;
    let warned =
        "mutation ($input: RecordUnitsInput!) { recordUnits(input: $input) { receipt { warned warnings { index field code message } } } }";
    let mut warned = office.a.query(warned, json!({ "input": input(vec![with(unit("A9", "A"), names.clone())]) })).await?;
    let warned = warned["recordUnits"]["receipt"].take();
    let told_of: Vec<_> =
        warned["warnings"].as_array().into_iter().flatten().map(|warning| (&warning["field"], &warning["code"])).collect();
    let code = json!("INVISIBLE_IN_NAME");
    assert_eq!((&warned["warned"], told_of), (&json!(2), vec![(&json!("nameEn"), &code), (&json!("nameJa"), &code)]));
    assert!(warned["warnings"][0]["message"].as_str().is_some_and(|message| message.contains("U+2060")), "{warned}");
    let kept = json!({ "nameJa": "総\u{fe0f}Ａｚ１務（２）", "nameEn": "\u{fe0f}Ａｚ１General Affairs" });
    let bureaus = nodes(&office.secretariat, "{ bureaus(first: 50) { nodes { code nameJa nameEn } } }", "bureaus", json!({})).await?;
    assert!(bureaus.contains(&with(kept.clone(), json!({ "code": "D" }))), "{bureaus:?}");
    let units = nodes(&office.a, "{ units(first: 50) { nodes { code nameJa nameEn } } }", "units", json!({})).await?;
    assert!(units.contains(&with(kept, json!({ "code": "A9" }))), "{units:?}");
    // Sent again it says what is stored.
    assert_eq!(record(&office.secretariat, "Bureaus", vec![with(bureau("D"), names)]).await?.unchanged, 1);
    let entries = "{ auditEntries(first: 100, filter: { noun: \"bureau\" }) { nodes { counts } } }";
    let entries = nodes(&office.server.admin()?, entries, "auditEntries", json!({})).await?;
    let cleaned: Vec<_> = entries.iter().filter(|entry| entry["counts"]["cleaned"] == 2).collect();
    assert_eq!(cleaned.len(), 2, "both calls, of which each had two names to clean; {receipt:?}");
    // Of nothing but that no name is left.
    let (code, field, _) = told(&office.a, "Units", with(unit("A8", "A"), json!({ "nameJa": "\u{feff}\u{200b}" }))).await?;
    assert_eq!((code.as_str(), field.as_deref()), ("BAD_USER_INPUT", Some("nameJa")));
    let registered = office.server.admin()?.query(REGISTER, json!({ "input": { "code": "c", "name": "Sys\u{ad}tem\u{feff}" } })).await?;
    assert_eq!(registered["registerApiClient"]["apiClient"], json!({ "code": "c", "name": "System" }));
    Ok(())
});

/// The whole answer to a mutation.
async fn answer(client: &Client, document: &str, input: Value) -> anyhow::Result<Value> {
    let request = json!({ "query": document, "variables": { "input": input } });
    Ok(client.post().json(&request).send().await?.json().await?)
}

/// Two writers of keys that differ in case alone, both of whom have looked before either writes: one is written, and the other told so.
async fn of_two_one_is_written(backend: Backend, noun: &str, [one, other]: [Value; 2], field: &str) -> anyhow::Result<()> {
    let office = Office::open(backend).await?;
    let table = noun.to_lowercase();
    let table = if noun == "Staff" { "staff" } else { table.trim_end_matches('s') };
    let referee = match backend {
        // Reading goes on, and inserting waits.
        Backend::Postgres => Some(Referee::hold(&office, &format!("LOCK TABLE {table} IN SHARE MODE")).await?),
        Backend::Sqlite => None,
    };
    let sending = |draft: Value| {
        let (client, noun) = (office.secretariat.clone(), noun.to_owned());
        tokio::spawn(async move { answer(&client, &mutation(&noun), input(vec![draft])).await })
    };
    let (one, other) = (sending(one), sending(other));
    if let Some(referee) = referee {
        referee.until_waiting(2).await?;
        referee.let_go().await?;
    }
    let mut told = Vec::new();
    for answer in [one.await??, other.await??] {
        let (receipt, error) = (&answer["data"][format!("record{noun}")]["receipt"], &answer["errors"][0]["extensions"]);
        told.push(if error.is_object() {
            format!("{} {}", error["code"].as_str().unwrap_or_default(), error["retryable"])
        } else if receipt["created"] == 1 {
            "written".to_owned()
        } else {
            format!("{} {}", receipt["rejections"][0]["code"].as_str().unwrap_or_default(), receipt["rejections"][0]["field"])
        });
    }
    told.sort();
    let refused = match backend {
        Backend::Postgres => "CONFLICT true".to_owned(),
        Backend::Sqlite => format!("CONFLICT \"{field}\""),
    };
    assert_eq!(told, [refused, "written".to_owned()], "{noun}");
    Ok(())
}

both!(of_two_twins_at_once_one_is_written, async |backend| {
    of_two_one_is_written(backend, "Staff", [staff("N1"), staff("n1")], "staffNumber").await?;
    of_two_one_is_written(backend, "Units", [unit("N1", "A"), unit("n1", "A")], "code").await?;
    Ok(())
});

both!(of_two_clients_at_once_one_is_registered, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    let referee = match backend {
        Backend::Postgres => Some(Referee::hold(&office, "LOCK TABLE api_client IN SHARE MODE").await?),
        Backend::Sqlite => None,
    };
    let registering = |code: &'static str| {
        let admin = admin.clone();
        tokio::spawn(async move { answer(&admin, REGISTER, json!({ "code": code, "name": "system" })).await })
    };
    let (one, other) = (registering("Payroll"), registering("PAYROLL"));
    if let Some(referee) = referee {
        referee.until_waiting(2).await?;
        referee.let_go().await?;
    }
    let mut codes = Vec::new();
    for answer in [one.await??, other.await??] {
        codes.push(answer["errors"][0]["extensions"]["code"].clone());
    }
    codes.sort_by_key(Value::is_null);
    assert_eq!(codes, [json!("CONFLICT"), Value::Null]);
    let db = Database::connect(&office.server.database.url).await?;
    let count = Statement::from_string(db.get_database_backend(), "SELECT COUNT(*) FROM api_client WHERE code_folded = 'payroll'");
    assert_eq!(db.query_one_raw(count).await?.context("a count")?.try_get_by_index::<i64>(0)?, 1);
    Ok(())
});

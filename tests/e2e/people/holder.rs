//! People are held by one bureau: no relation that a caller makes alone gives it authority over a person or sight of one.

use chrono::{TimeZone, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, bureau, input, nodes, posting, record, refused, send, shift, staff, with};

use crate::jobs::done;

const MASTER: &str =
    "staffNumber sex employment origin hiredOn separatedOn recordedFor { code } void revision updatedAt revisions { revision }";

/// A post in B beside S1's main post in A.
fn beside() -> Value {
    with(posting("beside", "S1", ("B", "B1"), "2020-01-01"), json!({ "kind": "CONCURRENT" }))
}

/// The people that a caller sees, by number.
async fn people(client: &Client, filter: &str) -> anyhow::Result<Vec<Value>> {
    nodes(client, &format!("{{ staff(first: 50 {filter}) {{ nodes {{ {MASTER} }} }} }}"), "staff", json!({})).await
}

/// Numbers of the people that a caller sees, and whether it holds them.
async fn seen(client: &Client) -> anyhow::Result<Vec<(String, bool)>> {
    let told = people(client, "").await?;
    Ok(told.iter().map(|person| (person["staffNumber"].as_str().unwrap_or_default().to_owned(), !person["sex"].is_null())).collect())
}

fn held(numbers: &[(&str, bool)]) -> Vec<(String, bool)> {
    numbers.iter().map(|(number, held)| ((*number).to_owned(), *held)).collect()
}

/// The rejections of a call of one record, without its key.
async fn answer(client: &Client, noun: &str, record: Value, dry: bool) -> anyhow::Result<(String, Option<String>, String, bool)> {
    let receipt = send(client, noun, with(input(vec![record]), json!({ "dryRun": dry }))).await?;
    anyhow::ensure!(receipt.rejections.len() == 1, "{noun}: {receipt:?}");
    let rejection = &receipt.rejections[0];
    Ok((rejection.code.clone(), rejection.field.clone(), rejection.message.clone(), rejection.retryable))
}

both!(a_bureau_posts_nobody_but_its_own_people, async |backend| {
    let office = Office::open(backend).await?;
    let officer = office.server.officer(&["B"])?;
    let unknown = answer(&office.b, "Postings", with(beside(), json!({ "staffNumber": "S0" })), false).await?;
    assert_eq!((unknown.0.as_str(), unknown.3), ("NOT_FOUND", false));
    let attempts = [
        beside(),
        with(beside(), json!({ "kind": "PRIMARY" })),
        with(beside(), json!({ "validFrom": "1990-01-01" })),
        with(beside(), json!({ "validFrom": "2030-01-01" })),
        with(beside(), json!({ "bureau": "Z", "unit": "Z1" })),
        with(beside(), json!({ "bureau": "A", "unit": "A1" })),
        with(beside(), json!({ "releasedOn": "2020-05-01", "releasedTo": "B" })),
        with(beside(), json!({ "releasedOn": "2020-05-01" })),
    ];
    for attempt in attempts {
        for (client, dry) in [(&office.b, true), (&office.b, false), (&officer, true), (&officer, false)] {
            assert_eq!(answer(client, "Postings", attempt.clone(), dry).await?, unknown, "{attempt}");
        }
    }
    assert_eq!(seen(&office.b).await?, held(&[("S3", true)]));
    Ok(())
});

both!(a_post_beside_the_main_one_shows_number_and_post_alone, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Staff", vec![with(staff("S1"), json!({ "sex": "FEMALE" }))]).await?;
    record(&office.a, "Postings", vec![beside()]).await?;
    assert_eq!(seen(&office.b).await?, held(&[("S1", false), ("S3", true)]));
    let person = people(&office.b, ", filter: { staffNumbers: [\"S1\"] }").await?.remove(0);
    let told: Vec<_> =
        person.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str()).collect();
    assert_eq!(told, ["staffNumber"], "{person}");
    // No filter, order or count finds the person by what is not told.
    for tells in ["sex: FEMALE", "employment: REGULAR", "on: \"2020-04-01\"", "changedAfter: \"2000-01-01T00:00:00Z\"", "includeVoid: true"]
    {
        let found = people(&office.b, &format!(", filter: {{ {tells} }}")).await?;
        assert!(found.iter().all(|person| person["staffNumber"] == "S3"), "{tells}: {found:?}");
        let total = format!("{{ staff(filter: {{ {tells}, staffNumbers: [\"S1\"] }}) {{ totalCount }} }}");
        assert_eq!(office.b.query(&total, json!({})).await?["staff"]["totalCount"], 0, "{tells}");
    }
    assert_eq!(people(&office.b, ", orderBy: HIRED_ON").await?.len(), 1);
    assert_eq!(people(&office.b, ", filter: { bureaus: [\"A\"] }").await?, [] as [Value; 0], "the main post is not B's to see");
    let posts = "{ postings(filter: { staffNumbers: [\"S1\"] }) { nodes { externalId staff { sex } } } }";
    let post = |key: &str, sex: Value| json!({ "externalId": key, "staff": { "sex": sex } });
    assert_eq!(nodes(&office.b, posts, "postings", json!({})).await?, [post("beside", Value::Null)]);
    // The bureau that holds the person sees where else they are posted.
    let of_a = nodes(&office.a, posts, "postings", json!({})).await?;
    assert_eq!(of_a, [post("p1", json!("FEMALE")), post("beside", json!("FEMALE"))]);
    Ok(())
});

both!(a_post_beside_the_main_one_gives_no_authority, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Postings", vec![beside()]).await?;
    let officer = office.server.officer(&["B"])?;
    let person = with(staff("S1"), json!({ "sex": "MALE", "separatedOn": "2020-04-10", "separationReason": "RESIGNATION" }));
    let main = posting("main", "S1", ("B", "B1"), "2020-05-01");
    for client in [&office.b, &officer] {
        assert_eq!(answer(client, "Staff", person.clone(), false).await?.0, "CONFLICT");
        assert_eq!(answer(client, "Staff", with(staff("S1"), json!({ "void": true, "voidReason": "x" })), false).await?.0, "CONFLICT");
        assert_eq!(answer(client, "Postings", main.clone(), false).await?.0, "NOT_FOUND");
    }
    // What B's officer may change of the post is to end it: not prolong, move, promote, take out or hand it to somebody.
    let change = async |change: Value| {
        let call = with(input(vec![with(beside(), change)]), json!({ "client": "a" }));
        anyhow::Ok(send(&officer, "Postings", call).await?)
    };
    for wrong in [
        json!({ "kind": "PRIMARY" }),
        json!({ "validFrom": "2019-01-01" }),
        json!({ "band": "DIRECTOR" }),
        json!({ "bureau": "A", "unit": "A1" }),
        json!({ "releasedOn": "2020-04-01", "releasedTo": "B" }),
        json!({ "void": true, "voidReason": "x" }),
    ] {
        assert_eq!(change(wrong.clone()).await?.refused(), [(0, "NOT_FOUND", "staffNumber")], "{wrong}");
    }
    assert_eq!(change(json!({ "staffNumber": "S3" })).await?.refused(), [(0, "CONFLICT", "staffNumber")], "a post keeps its person");
    assert_eq!(change(json!({})).await?.unchanged, 1);
    assert_eq!(change(json!({ "validTo": "2020-05-01" })).await?.updated, 1);
    assert_eq!(change(json!({ "validTo": "2020-06-01" })).await?.refused(), [(0, "NOT_FOUND", "staffNumber")]);
    // Nor does it add records to another's numbering.
    let new = with(input(vec![posting("new", "S3", ("B", "B1"), "2021-01-01")]), json!({ "client": "a" }));
    assert_eq!(send(&officer, "Postings", new).await?.refused(), [(0, "NOT_FOUND", "externalId")]);
    // A's own changes of it go through, but its bureau stays.
    assert_eq!(record(&office.a, "Postings", vec![with(beside(), json!({ "validTo": "2020-06-01" }))]).await?.updated, 1);
    let moved = with(beside(), json!({ "bureau": "A", "unit": "A1" }));
    assert_eq!(send(&office.a, "Postings", input(vec![moved])).await?.refused(), [(0, "CONFLICT", "bureau")]);
    Ok(())
});

both!(a_number_in_use_is_one_conflict_and_leaves_a_trace, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Postings", vec![beside()]).await?;
    record(&office.a, "Staff", vec![staff("N1"), staff("N2"), with(staff("N3"), json!({ "hiredOn": "2020-06-14" }))]).await?;
    record(&office.a, "Staff", vec![with(staff("N2"), json!({ "void": true, "voidReason": "a mistake" }))]).await?;
    record(&office.secretariat, "Staff", vec![staff("N4")]).await?;
    let mut told = Vec::new();
    for (number, dry) in [("S1", true), ("S1", false), ("S2", true), ("N1", false), ("N2", false), ("N3", true), ("N4", true)] {
        told.push(answer(&office.b, "Staff", with(staff(number), json!({ "hiredOn": "2010-01-01" })), dry).await?);
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].0.as_str(), told[0].1.as_deref()), ("CONFLICT", Some("staffNumber")));
    // The officer of the bureau that holds them is told of each attempt, dry runs too.
    let entries = "{ auditEntries(first: 100, filter: { verb: \"COLLIDE\" }) { nodes { noun counts } } }";
    let traced = nodes(&office.server.officer(&["A"])?, entries, "auditEntries", json!({})).await?;
    assert_eq!(traced.len(), 6, "all but that of N4, whom nobody holds");
    assert_eq!(traced[0], json!({ "noun": "staff", "counts": { "people": 1 } }));
    assert_eq!(nodes(&office.server.officer(&["B"])?, entries, "auditEntries", json!({})).await?, [] as [Value; 0]);
    Ok(())
});

both!(who_is_held_by_nobody_is_written_office_wide, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.secretariat, "Staff", vec![staff("N1"), with(staff("N2"), json!({ "recordedFor": "A" }))]).await?;
    let first = |number: &str| posting("first", number, ("A", "A1"), "2020-04-01");
    assert_eq!(answer(&office.a, "Postings", first("N1"), false).await?.0, "NOT_FOUND");
    assert_eq!(answer(&office.a, "Staff", staff("N1"), false).await?.0, "CONFLICT");
    assert_eq!(record(&office.a, "Postings", vec![first("N2")]).await?.created, 1);
    assert_eq!(record(&office.a, "Staff", vec![with(staff("N3"), json!({ "hiredOn": "2020-04-01" }))]).await?.created, 1);
    assert_eq!(seen(&office.a).await?, held(&[("N2", true), ("N3", true), ("S1", true), ("S2", true)]));
    assert_eq!(answer(&office.b, "Postings", with(first("N3"), json!({ "bureau": "B", "unit": "B1" })), false).await?.0, "NOT_FOUND");
    assert_eq!(record(&office.secretariat, "Staff", vec![with(staff("N1"), json!({ "recordedFor": "B" }))]).await?.updated, 1);
    assert_eq!(record(&office.b, "Staff", vec![with(staff("N1"), json!({ "sex": "MALE" }))]).await?.updated, 1);
    Ok(())
});

both!(midnight_changes_who_holds_a_person, async |backend| {
    let office = Office::open(backend).await?;
    let ends = with(posting("p1", "S1", ("A", "A1"), "2018-01-01"), json!({ "validTo": "2020-05-01" }));
    record(&office.a, "Postings", vec![ends]).await?;
    record(&office.secretariat, "Postings", vec![posting("q1", "S1", ("B", "B1"), "2020-05-01")]).await?;
    let sex = || with(staff("S1"), json!({ "sex": "FEMALE" }));
    assert_eq!(seen(&office.a).await?, held(&[("S1", true), ("S2", true)]));
    assert_eq!(seen(&office.b).await?, held(&[("S1", false), ("S3", true)]), "a post to come shows number and post");
    assert_eq!(answer(&office.b, "Staff", sex(), true).await?.0, "CONFLICT");
    // 23:59 and midnight in Tokyo.
    office.server.set_now(Utc.with_ymd_and_hms(2020, 4, 30, 14, 59, 59).single().unwrap());
    assert_eq!(answer(&office.b, "Staff", sex(), true).await?.0, "CONFLICT");
    office.server.set_now(Utc.with_ymd_and_hms(2020, 4, 30, 15, 0, 0).single().unwrap());
    assert_eq!(seen(&office.a).await?, held(&[("S2", true)]));
    assert_eq!(seen(&office.b).await?, held(&[("S1", true), ("S3", true)]));
    assert_eq!(answer(&office.a, "Staff", sex(), true).await?.0, "CONFLICT");
    // Who has left is held by the last bureau.
    let left = with(sex(), json!({ "separatedOn": "2020-05-01", "separationReason": "RESIGNATION" }));
    assert_eq!(record(&office.b, "Staff", vec![with(left, json!({ "separatedOn": "2020-05-02" }))]).await?.updated, 1);
    office.server.set_now(Utc.with_ymd_and_hms(2020, 6, 1, 0, 0, 0).single().unwrap());
    assert_eq!(seen(&office.b).await?, held(&[("S1", true), ("S3", true)]));
    assert_eq!(answer(&office.a, "Staff", sex(), true).await?.0, "CONFLICT");
    // The former holder takes nobody back by changing its own past.
    let back = posting("p1", "S1", ("A", "A1"), "2018-01-01");
    for change in [json!({ "validTo": "2020-04-01" }), json!({ "validTo": "2030-01-01" }), json!({ "validFrom": "2020-06-01" })] {
        assert_eq!(answer(&office.a, "Postings", with(back.clone(), change), false).await?.0, "NOT_FOUND");
    }
    let void = with(back.clone(), json!({ "void": true, "voidReason": "x" }));
    assert_eq!(answer(&office.a, "Postings", void, false).await?.0, "NOT_FOUND");
    Ok(())
});

both!(a_release_is_used_once, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.secretariat, "Bureaus", vec![bureau("C")]).await?;
    let release = |to: Value| with(posting("p1", "S1", ("A", "A1"), "2018-01-01"), with(json!({ "releasedOn": "2020-04-01" }), to));
    assert_eq!(answer(&office.a, "Postings", release(json!({})), false).await?.1.as_deref(), Some("releasedTo"));
    assert_eq!(answer(&office.a, "Postings", release(json!({ "releasedTo": "Z" })), false).await?.1.as_deref(), Some("releasedTo"));
    // One from before releases named a bureau is to whoever comes first.
    let db = office.server.connect().await?;
    db.execute_unprepared("UPDATE posting SET released_on = '2020-04-01' WHERE external_id = 'p1'").await?;
    assert_eq!(record(&office.a, "Postings", vec![release(json!({}))]).await?.unchanged, 1);
    let arrival = posting("q1", "S1", ("B", "B1"), "2020-04-10");
    assert_eq!(answer(&office.b, "Postings", with(arrival.clone(), json!({ "validFrom": "2020-03-31" })), false).await?.0, "NOT_FOUND");
    assert_eq!(answer(&office.b, "Postings", with(arrival.clone(), json!({ "kind": "CONCURRENT" })), false).await?.0, "NOT_FOUND");
    assert_eq!(record(&office.b, "Postings", vec![arrival]).await?.created, 1);
    let c = office.server.system("c", &["C"]).await?;
    record(&c, "Units", vec![torikumi_tests::fixtures::unit("C1", "C")]).await?;
    assert_eq!(answer(&c, "Postings", posting("r1", "S1", ("C", "C1"), "2020-04-12"), false).await?.0, "NOT_FOUND");
    assert_eq!(seen(&office.a).await?, held(&[("S2", true)]));
    assert_eq!(seen(&office.b).await?, held(&[("S1", true), ("S3", true)]));
    Ok(())
});

both!(one_bureaus_record_keeps_no_other_out_and_no_hour_counts_twice, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Postings", vec![beside()]).await?;
    let day = "2020-03-10";
    record(&office.b, "Shifts", vec![shift("b", "S1", day, ("00:00", "23:00"))]).await?;
    record(&office.b, "TeleworkDays", vec![json!({ "externalId": "b", "staffNumber": "S1", "date": day, "place": "HOME" })]).await?;
    let leave = |key: &str| json!({ "externalId": key, "staffNumber": "S1", "date": "2020-03-11", "kind": "ANNUAL", "minutes": 465 });
    record(&office.b, "LeaveEntries", vec![leave("b")]).await?;
    // What is said of the person as a whole is the holder's to say.
    let balance = json!({ "externalId": "b", "staffNumber": "S1", "date": day, "month": "2020-02", "minutes": 600 });
    assert_eq!(answer(&office.b, "OpeningBalances", balance.clone(), false).await?.0, "NOT_FOUND");
    let hire = json!({ "externalId": "b", "staffNumber": "S1", "date": day, "route": "OTHER" });
    assert_eq!(answer(&office.b, "Hires", hire.clone(), false).await?.0, "NOT_FOUND");

    record(&office.a, "Shifts", vec![shift("a", "S1", day, ("18:00", "20:00"))]).await?;
    record(&office.a, "TeleworkDays", vec![json!({ "externalId": "a", "staffNumber": "S1", "date": day, "place": "HOME" })]).await?;
    record(&office.a, "LeaveEntries", vec![leave("a")]).await?;
    record(&office.a, "OpeningBalances", vec![balance]).await?;
    record(&office.a, "Hires", vec![hire]).await?;
    assert_eq!(answer(&office.a, "Shifts", shift("a2", "S1", day, ("19:00", "21:00")), false).await?.0, "CONFLICT", "one's own do");
    done(&office, json!("2020-03"), "1").await?;
    let months = "{ personMonths(month: \"2020-03\", filter: { staffNumbers: [\"S1\"] }) { nodes {
        bureau { code } overtimeMinutes teleworkDays annualLeaveMinutes } } }";
    let month = json!({ "bureau": { "code": "A" }, "overtimeMinutes": 120, "teleworkDays": 1, "annualLeaveMinutes": 465 });
    assert_eq!(nodes(&office.a, months, "personMonths", json!({})).await?, [month]);
    // B's records stay B's when it ends the post: none comes to stand in A.
    let officer = office.server.officer(&["B"])?;
    let ended = with(input(vec![with(beside(), json!({ "validTo": "2020-03-01" }))]), json!({ "client": "a" }));
    assert_eq!(send(&officer, "Postings", ended).await?.refused(), [(0, "CONFLICT", "validFrom")]);
    Ok(())
});

both!(a_record_that_comes_before_the_post_may_be_sent_again, async |backend| {
    let office = Office::open(backend).await?;
    let early = shift("9", "N1", "2020-04-01", ("18:00", "20:00"));
    let unknown = answer(&office.a, "Shifts", early.clone(), false).await?;
    assert_eq!((unknown.0.as_str(), unknown.3), ("NOT_FOUND", true));
    record(&office.a, "Staff", vec![staff("N1")]).await?;
    assert_eq!(answer(&office.a, "Shifts", early.clone(), false).await?, unknown);
    assert_eq!(answer(&office.b, "Shifts", early.clone(), true).await?, unknown);
    record(&office.a, "Postings", vec![posting("n1", "N1", ("A", "A1"), "2018-01-01")]).await?;
    assert_eq!(answer(&office.b, "Shifts", early.clone(), true).await?, unknown);
    assert_eq!(record(&office.a, "Shifts", vec![early]).await?.created, 1);
    Ok(())
});

/// The files of two bureaus for people whose numbers begin with `of`: what A and B know of staff and of postings. One person comes from A to B
/// by a release, one has a post in A that ends, one of B's has not begun.
fn files(of: &str) -> [(bool, &'static str, Vec<Value>); 4] {
    let number = |person: &str| format!("{of}{person}");
    let post = |key: &str, person: &str, place, from: &str| posting(&format!("{of}{key}"), &number(person), place, from);
    let released = json!({ "validTo": "2020-04-10", "releasedOn": "2020-04-10", "releasedTo": "B" });
    let staff_of = |people: &[&str]| people.iter().map(|person| staff(&number(person))).collect();
    [
        (true, "Staff", staff_of(&["1", "2"])),
        (
            true,
            "Postings",
            vec![
                with(post("a1", "1", ("A", "A1"), "2019-01-01"), released),
                with(post("a2", "2", ("A", "A1"), "2019-01-01"), json!({ "validTo": "2019-07-01" })),
                post("a3", "2", ("A", "A2"), "2019-07-01"),
            ],
        ),
        (false, "Staff", staff_of(&["3"])),
        (false, "Postings", vec![post("b1", "1", ("B", "B1"), "2020-04-10"), post("b3", "3", ("B", "B1"), "2020-06-01")]),
    ]
}

both!(two_bureaus_files_give_the_same_rows_in_any_order, async |backend| {
    let office = Office::open(backend).await?;
    let mut told = Vec::new();
    for order in 0..24_usize {
        let of = format!("I{order:02}");
        let mut left: Vec<_> = files(&of).into();
        let picks = [order % 4, order / 4 % 3, order / 12];
        let mut files: Vec<_> = picks.iter().map(|&pick| left.remove(pick)).collect();
        files.append(&mut left);
        // A bureau system sends its files again until nothing more is taken.
        for round in 0.. {
            anyhow::ensure!(round < 5, "{of} comes to no end");
            let mut taken = 0;
            for (of_a, noun, records) in &files {
                let client = if *of_a { &office.a } else { &office.b };
                let receipt = send(client, noun, with(input(records.clone()), json!({ "mode": "ACCEPT_VALID" }))).await?;
                taken += receipt.created + receipt.updated;
            }
            if taken == 0 {
                break;
            }
        }
        let numbers: Vec<_> = ["1", "2", "3"].map(|person| format!("{of}{person}")).into();
        let documents = [
            ("staff", "{ staff(filter: { staffNumbers: $n }) { nodes { staffNumber sex hiredOn recordedFor { code } } } }"),
            (
                "postings",
                "{ postings(filter: { staffNumbers: $n }) {
                    nodes { externalId client staffNumber bureau { code } unit { code } kind validFrom validTo releasedOn releasedTo { code } } } }",
            ),
        ];
        let mut rows = Vec::new();
        for (root, document) in documents {
            let document = document.replace("$n", &json!(numbers).to_string());
            rows.push(nodes(&office.secretariat, &document, root, json!({})).await?);
        }
        told.push(serde_json::to_string(&rows)?.replace(&of, ""));
    }
    assert_eq!(told[0].matches("externalId").count(), 5, "{}", told[0]);
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    Ok(())
});

both!(a_client_writes_what_its_row_says, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    let register =
        "mutation($input: RegisterApiClientInput!) { registerApiClient(input: $input) { apiClient { code writes writesStated } } }";
    let time = json!({ "input": { "code": "a", "name": "a", "bureaus": ["A"], "writes": ["TIME"] } });
    let row = admin.query(register, time).await?["registerApiClient"]["apiClient"].take();
    assert_eq!(row, json!({ "code": "a", "writes": ["TIME"], "writesStated": true }));
    assert_eq!(refused(&office.a, "Staff", input(vec![staff("N1")])).await?.code, "FORBIDDEN");
    assert_eq!(refused(&office.a, "Postings", input(vec![posting("p9", "S1", ("A", "A2"), "2020-04-01")])).await?.code, "FORBIDDEN");
    assert_eq!(record(&office.a, "Shifts", vec![shift("1", "S1", "2020-04-01", ("18:00", "20:00"))]).await?.created, 1);
    let personnel = json!({ "input": { "code": "b", "name": "b", "bureaus": ["B"], "writes": ["PERSONNEL"] } });
    admin.query(register, personnel).await?;
    assert_eq!(refused(&office.b, "Shifts", input(vec![shift("1", "S3", "2020-04-01", ("18:00", "20:00"))])).await?.code, "FORBIDDEN");
    assert_eq!(record(&office.b, "Staff", vec![staff("N2")]).await?.created, 1);
    assert_eq!(
        admin.error(register, json!({ "input": { "code": "b", "name": "b", "writes": [] } })).await?.field.as_deref(),
        Some("writes")
    );
    // Rows from before keep both, and are listed.
    office.server.connect().await?.execute_unprepared("UPDATE api_client SET writes = NULL WHERE code = 'b'").await?;
    let list = "{ apiClients(filter: { writesStated: false }) { nodes { code writes } } }";
    assert_eq!(nodes(&admin, list, "apiClients", json!({})).await?, [json!({ "code": "b", "writes": ["PERSONNEL", "TIME"] })]);
    assert_eq!(record(&office.b, "Shifts", vec![shift("1", "S3", "2020-04-01", ("18:00", "20:00"))]).await?.created, 1);
    Ok(())
});

both!(numbers_that_are_guessed_tell_nothing, async |backend| {
    let office = Office::open(backend).await?;
    let people: Vec<_> = (0..200).map(|number| staff(&format!("G{number:04}"))).collect();
    record(&office.a, "Staff", people).await?;
    let posts = |of: std::ops::Range<i32>| -> Vec<Value> {
        of.map(|number| posting(&format!("g{number}"), &format!("G{number:04}"), ("A", "A1"), "2018-01-01")).collect()
    };
    record(&office.a, "Postings", posts(0..150)).await?;
    for (noun, dry) in [("Postings", true), ("Postings", false), ("Shifts", true), ("Hires", true), ("LeaveEntries", false)] {
        let guess = |number: i32| match noun {
            "Postings" => with(beside(), json!({ "externalId": format!("x{number}"), "staffNumber": format!("G{number:04}") })),
            "Hires" => json!({ "externalId": "x", "staffNumber": format!("G{number:04}"), "date": "2020-04-01", "route": "OTHER" }),
            "LeaveEntries" => {
                json!({ "externalId": format!("x{number}"), "staffNumber": format!("G{number:04}"), "date": "2020-04-01", "kind": "ANNUAL", "minutes": 60 })
            }
            _ => shift(&format!("x{number}"), &format!("G{number:04}"), "2020-04-01", ("18:00", "20:00")),
        };
        let records: Vec<_> = (0..400).map(|number| with(guess(number), json!({ "externalId": format!("x{number}") }))).collect();
        let call = with(input(records), json!({ "mode": "ACCEPT_VALID", "dryRun": dry }));
        let receipt = send(&office.b, noun, call).await?;
        let mut told: Vec<_> = receipt.rejections.iter().map(|r| (&r.code, &r.field, &r.message, r.retryable)).collect();
        told.dedup();
        assert_eq!((receipt.rejected, told.len()), (400, 1), "{noun}: {told:?}");
    }
    assert_eq!(seen(&office.b).await?, held(&[("S3", true)]));
    Ok(())
});

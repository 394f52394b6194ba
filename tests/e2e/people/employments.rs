//! Periods of employment: who comes back has another one, and all that reads dates of employment follows.

use migration::MigratorTrait;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, input, nodes, posting, record, send, shift, staff, with};

use crate::jobs::done;

const PERIODS: &str = "{ employments(filter: { staffNumbers: [\"S9\"] }) { nodes { externalId client origin secondedFrom validFrom validTo
    separationReason } } }";

/// A secondee's stay from a day to another, as a machine keeps it.
fn stay(key: &str, from: &str, to: Option<&str>) -> Value {
    let stay = json!({ "externalId": key, "staffNumber": "S9", "origin": "SECONDEE", "secondedFrom": "ministry", "validFrom": from });
    match to {
        Some(to) => with(stay, json!({ "validTo": to, "separationReason": "END_OF_SECONDMENT" })),
        None => stay,
    }
}

/// The same stay as `recordStaff` tells it.
fn told(from: &str, to: Option<&str>) -> Value {
    let person = json!({ "staffNumber": "S9", "sex": "FEMALE", "origin": "SECONDEE", "secondedFrom": "ministry", "hiredOn": from });
    match to {
        Some(to) => with(person, json!({ "separatedOn": to, "separationReason": "END_OF_SECONDMENT" })),
        None => person,
    }
}

async fn spans(client: &Client) -> anyhow::Result<Vec<(String, Value)>> {
    let rows = nodes(client, PERIODS, "employments", json!({})).await?;
    Ok(rows.into_iter().map(|row| (row["validFrom"].as_str().unwrap_or_default().to_owned(), row["validTo"].clone())).collect())
}

fn span(from: &str, to: Option<&str>) -> (String, Value) {
    (from.to_owned(), json!(to))
}

both!(a_secondees_three_stays, async |backend| {
    let office = Office::open(backend).await?;
    let a = &office.a;
    record(a, "Staff", vec![told("2017-04-01", None)]).await?;
    record(a, "Postings", vec![posting("one", "S9", ("A", "A1"), "2017-04-01")]).await?;
    record(a, "Staff", vec![told("2017-04-01", Some("2018-04-01"))]).await?;
    // The return: a first day after the end makes another period, and the post of the former service ended with it.
    assert_eq!(record(a, "Staff", vec![told("2019-07-01", None)]).await?.updated, 1);
    assert_eq!(spans(a).await?, [span("2017-04-01", Some("2018-04-01")), span("2019-07-01", None)]);
    let posts = "{ postings(filter: { staffNumbers: [\"S9\"] }) { nodes { externalId validTo revision } } }";
    let one = json!({ "externalId": "one", "validTo": "2018-04-01", "revision": 2 });
    assert_eq!(nodes(a, posts, "postings", json!({})).await?, [one]);
    // A source that still sends it open does not take it into the new service.
    assert_eq!(record(a, "Postings", vec![posting("one", "S9", ("A", "A1"), "2017-04-01")]).await?.unchanged, 1);
    let early = shift("9", "S9", "2019-07-02", ("18:00", "20:00"));
    assert_eq!(send(a, "Shifts", input(vec![early.clone()])).await?.refused(), [(0, "CONFLICT", "date")], "no post yet");
    record(a, "Postings", vec![posting("two", "S9", ("A", "A2"), "2019-07-01")]).await?;
    record(a, "Shifts", vec![early]).await?;
    record(a, "Staff", vec![told("2019-07-01", Some("2019-12-01"))]).await?;
    // The third stay is a machine's, under its own key; the two before it are the staff row's former ones.
    assert_eq!(record(a, "Employments", vec![stay("third", "2020-02-01", None)]).await?.created, 1);
    record(a, "Postings", vec![posting("three", "S9", ("A", "A1"), "2020-02-01")]).await?;
    record(a, "Shifts", vec![shift("10", "S9", "2020-02-03", ("18:00", "21:00"))]).await?;
    let three = [span("2017-04-01", Some("2018-04-01")), span("2019-07-01", Some("2019-12-01")), span("2020-02-01", None)];
    assert_eq!(spans(a).await?, three);
    let now = nodes(a, "{ staff(filter: { staffNumbers: [\"S9\"] }) { nodes { hiredOn separatedOn employments { validFrom } holdings { validFrom validTo } } } }", "staff", json!({})).await?;
    assert_eq!((&now[0]["hiredOn"], &now[0]["separatedOn"]), (&json!("2020-02-01"), &Value::Null), "the staff row shows the latest");
    let held: Vec<_> = now[0]["holdings"].as_array().into_iter().flatten().map(|row| row["validTo"].clone()).collect();
    assert_eq!(held[0], Value::Null, "{held:?}");
    // Figures: in post in each stay, and not between.
    let months =
        "{ personMonths(month: \"$m\", filter: { staffNumbers: [\"S9\"] }) { nodes { unit { code } overtimeMinutes daysInPost } } }";
    for (month, expected) in [
        ("2018-03", vec![json!({ "unit": { "code": "A1" }, "overtimeMinutes": 0, "daysInPost": 31 })]),
        ("2018-04", vec![]),
        ("2019-07", vec![json!({ "unit": { "code": "A2" }, "overtimeMinutes": 120, "daysInPost": 31 })]),
        ("2020-01", vec![]),
        ("2020-02", vec![json!({ "unit": { "code": "A1" }, "overtimeMinutes": 180, "daysInPost": 29 })]),
    ] {
        done(&office, json!(month), month).await?;
        assert_eq!(nodes(a, &months.replace("$m", month), "personMonths", json!({})).await?, expected, "{month}");
    }
    for (day, employed) in [("2017-06-01", 1), ("2018-06-01", 0), ("2019-08-01", 1), ("2020-01-01", 0), ("2020-04-01", 1)] {
        let on = format!("{{ staff(filter: {{ staffNumbers: [\"S9\"], on: \"{day}\" }}) {{ totalCount }} }}");
        assert_eq!(a.query(&on, json!({})).await?["staff"]["totalCount"], employed, "{day}");
    }
    // No day without employment takes a record.
    let between = shift("11", "S9", "2020-01-15", ("18:00", "20:00"));
    assert_eq!(send(a, "Shifts", input(vec![between])).await?.refused(), [(0, "CONFLICT", "date")]);
    // Nor may a period go that a record rests on.
    let shorter = stay("third", "2020-02-10", None);
    assert_eq!(send(a, "Employments", input(vec![shorter])).await?.refused(), [(0, "CONFLICT", "validFrom")]);
    let void = with(stay("third", "2020-02-01", None), json!({ "void": true, "voidReason": "x" }));
    assert_eq!(send(a, "Employments", input(vec![void])).await?.refused(), [(0, "CONFLICT", "validFrom")]);
    Ok(())
});

both!(periods_of_a_person_never_overlap, async |backend| {
    let office = Office::open(backend).await?;
    let a = &office.a;
    record(a, "Staff", vec![told("2018-04-01", None)]).await?;
    let unkeyed = nodes(a, PERIODS, "employments", json!({})).await?;
    assert_eq!((unkeyed.len(), &unkeyed[0]["client"]), (1, &json!("a")));
    // A machine's own record of it takes its place, and the former stays before it.
    let receipt = record(a, "Employments", vec![stay("2", "2018-04-01", None), stay("1", "2015-04-01", Some("2017-04-01"))]).await?;
    assert_eq!(receipt.created, 2);
    assert_eq!(spans(a).await?, [span("2015-04-01", Some("2017-04-01")), span("2018-04-01", None)]);
    for (wrong, field) in [
        (stay("3", "2016-04-01", Some("2016-05-01")), "validFrom"),
        (stay("3", "2019-04-01", None), "validFrom"),
        (with(stay("3", "2014-04-01", Some("2014-05-01")), json!({ "separationReason": null })), "separationReason"),
        (with(stay("3", "2014-04-01", Some("2014-05-01")), json!({ "origin": "DIRECT" })), "secondedFrom"),
        (stay("3", "2014-05-01", Some("2014-05-01")), "validTo"),
        (with(stay("2", "2018-04-01", None), json!({ "staffNumber": "S1" })), "externalId"),
    ] {
        let refused = send(a, "Employments", input(vec![wrong.clone()])).await?;
        assert_eq!(refused.refused()[0].2, field, "{wrong}");
    }
    assert_eq!(send(a, "Staff", input(vec![told("2016-04-01", None)])).await?.refused(), [(0, "CONFLICT", "hiredOn")]);
    // Whoever does not hold the person learns nothing, and a return is the last holder's to record.
    let post = with(posting("p", "S9", ("A", "A1"), "2018-04-01"), json!({ "validTo": "2020-01-01" }));
    record(a, "Postings", vec![post]).await?;
    record(a, "Staff", vec![told("2018-04-01", Some("2020-01-01"))]).await?;
    assert_eq!(
        send(&office.b, "Employments", input(vec![stay("x", "2020-04-01", None)])).await?.refused(),
        [(0, "NOT_FOUND", "staffNumber")]
    );
    assert_eq!(nodes(&office.b, PERIODS, "employments", json!({})).await?, [] as [Value; 0]);
    assert_eq!(record(&office.secretariat, "Employments", vec![stay("back", "2020-04-01", None)]).await?.created, 1);
    assert_eq!(record(a, "Staff", vec![told("2020-04-01", Some("2020-05-01"))]).await?.updated, 1, "the holder has not changed");
    Ok(())
});

both!(the_secretariat_names_a_holder_where_posts_leave_it_open, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    record(&office.a, "Staff", vec![staff("S9")]).await?;
    let beside = |key: &str, place| with(posting(key, "S9", place, "2020-01-01"), json!({ "kind": "CONCURRENT", "resident": false }));
    record(&office.secretariat, "Postings", vec![beside("a", ("A", "A1"))]).await?;
    record(&office.secretariat, "Postings", vec![beside("b", ("B", "B1"))]).await?;
    let holds = async |client: &Client| {
        let told = nodes(client, "{ staff(filter: { staffNumbers: [\"S9\"] }) { nodes { sex } } }", "staff", json!({})).await?;
        anyhow::Ok(told.iter().any(|person| !person["sex"].is_null()))
    };
    assert_eq!((holds(&office.a).await?, holds(&office.b).await?), (true, false), "who became holder first");
    let name = "mutation ($input: SetHolderInput!) { setHolder(input: $input) { staff { id } } }";
    let naming = |bureau: &str, from: &str| json!({ "input": { "staffNumber": "S9", "bureau": bureau, "from": from, "reason": "agreed" } });
    for client in [&office.b, &server.officer(&["B"])?, &server.admin()?] {
        assert_eq!(client.error(name, naming("B", "2020-04-01")).await?.code, "FORBIDDEN");
    }
    for (bureau, from, field) in
        [("Z", "2020-04-01", "bureau"), ("B", "1999-01-01", "from"), ("B", "2019-12-31", "bureau"), ("B", "2021-01-01", "from")]
    {
        assert_eq!(office.secretariat.error(name, naming(bureau, from)).await?.field.as_deref(), Some(field), "{bureau} {from}");
    }
    office.secretariat.query(name, naming("B", "2020-04-01")).await?;
    assert_eq!((holds(&office.a).await?, holds(&office.b).await?), (false, true));
    // Both bureaus read it in their trail.
    let entries = "{ auditEntries(first: 10, filter: { verb: \"SET_HOLDER\" }) { nodes { noun reason } } }";
    for bureau in ["A", "B"] {
        let told = nodes(&server.officer(&[bureau])?, entries, "auditEntries", json!({})).await?;
        assert_eq!(told, [json!({ "noun": "staff", "reason": "agreed" })], "{bureau}");
    }
    // A resident post that is changed moves nobody back, and a main post decides whatever was named.
    record(&office.secretariat, "Postings", vec![with(beside("a", ("A", "A1")), json!({ "validFrom": "2019-12-01" }))]).await?;
    assert!(holds(&office.b).await?);
    record(&office.secretariat, "Postings", vec![posting("main", "S9", ("A", "A1"), "2020-04-10")]).await?;
    assert!(holds(&office.a).await?);
    assert_eq!(office.secretariat.error(name, naming("B", "2020-04-12")).await?.field.as_deref(), Some("from"));
    Ok(())
});

both!(a_record_that_left_with_its_person_may_be_voided_by_its_client, async |backend| {
    let office = Office::open(backend).await?;
    let worked = shift("mine", "S1", "2020-03-10", ("18:00", "20:00"));
    record(&office.a, "Shifts", vec![worked.clone()]).await?;
    // The transfer arrives late: the shift is B's from now on.
    record(&office.secretariat, "Postings", vec![posting("late", "S1", ("B", "B1"), "2020-03-01")]).await?;
    let told = send(&office.a, "Shifts", input(vec![worked.clone()])).await?;
    assert_eq!(told.refused(), [(0, "DEPARTED", "externalId")]);
    let changed = shift("mine", "S1", "2020-03-10", ("18:00", "21:00"));
    assert_eq!(send(&office.a, "Shifts", input(vec![changed])).await?.refused(), [(0, "DEPARTED", "externalId")]);
    // Another client's key tells nothing of it.
    let theirs = send(&office.b, "Shifts", input(vec![with(worked.clone(), json!({ "void": true, "voidReason": "x" }))])).await?;
    assert_eq!(theirs.refused(), [(0, "NOT_FOUND", "externalId")]);
    // B's own record of the hour meets it, and says so.
    let own = shift("own", "S1", "2020-03-10", ("19:00", "21:00"));
    let met = send(&office.b, "Shifts", input(vec![own.clone()])).await?;
    assert_eq!(met.rejections[0].code, "CONFLICT");
    assert!(met.rejections[0].message.contains("Another client's record"), "{:?}", met.rejections[0]);
    let void = with(worked, json!({ "void": true, "voidReason": "sent twice" }));
    assert_eq!(record(&office.a, "Shifts", vec![void]).await?.voided, 1);
    assert_eq!(record(&office.b, "Shifts", vec![own.clone()]).await?.created, 1);
    // The officer of the bureau that holds the person may void either.
    let officer = office.server.officer(&["B"])?;
    let void = with(input(vec![with(own, json!({ "void": true, "voidReason": "x" }))]), json!({ "client": "b" }));
    assert_eq!(send(&officer, "Shifts", void).await?.voided, 1);
    Ok(())
});

both!(what_an_administrator_took_from_a_clients_reach_is_none_of_its_concern, async |backend| {
    let office = Office::open(backend).await?;
    let (admin, both) = (office.server.admin()?, office.server.system("both", &["A", "B"]).await?);
    let worked = shift("theirs", "S3", "2020-03-10", ("18:00", "20:00"));
    record(&both, "Shifts", vec![worked.clone()]).await?;
    let register = "mutation($input: RegisterApiClientInput!) { registerApiClient(input: $input) { apiClient { code } } }";
    admin.query(register, json!({ "input": { "code": "both", "name": "both", "bureaus": ["A"], "writes": ["TIME"] } })).await?;
    let void = with(worked.clone(), json!({ "void": true, "voidReason": "x" }));
    for record in [worked, void] {
        assert_eq!(send(&both, "Shifts", input(vec![record])).await?.refused(), [(0, "NOT_FOUND", "externalId")]);
    }
    Ok(())
});

both!(a_release_ends_with_the_service_in_which_it_was_given, async |backend| {
    let office = Office::open(backend).await?;
    let a = &office.a;
    record(a, "Staff", vec![told("2017-04-01", None)]).await?;
    let released = json!({ "validTo": "2018-04-01", "releasedOn": "2018-04-01", "releasedTo": "B" });
    record(a, "Postings", vec![with(posting("one", "S9", ("A", "A1"), "2017-04-01"), released)]).await?;
    record(a, "Staff", vec![told("2017-04-01", Some("2018-04-01"))]).await?;
    record(a, "Staff", vec![told("2020-02-01", None)]).await?;
    let takes = posting("takes", "S9", ("B", "B1"), "2020-03-01");
    assert_eq!(send(&office.b, "Postings", input(vec![takes])).await?.refused(), [(0, "NOT_FOUND", "staffNumber")]);
    assert_eq!(record(a, "Postings", vec![posting("two", "S9", ("A", "A1"), "2020-02-01")]).await?.created, 1);
    Ok(())
});

both!(what_there_was_before_periods_becomes_one_each, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.secretariat, "Postings", vec![posting("later", "S1", ("B", "B1"), "2020-05-01")]).await?;
    let db = office.server.connect().await?;
    let held = async || {
        anyhow::Ok(
            entity::holding::Entity::find()
                .all(&db)
                .await?
                .into_iter()
                .map(|row| (row.staff_id, row.valid_from, row.valid_to, row.bureau_id, row.unit_id, row.posting_id))
                .collect::<std::collections::BTreeSet<_>>(),
        )
    };
    let before = held().await?;
    let periods = entity::employment::Entity::find().all(&db).await?.len();
    let steps = migration::Migrator::migrations().into_iter().filter(|each| each.name() > "m20261130_000036").count();
    migration::Migrator::down(&db, Some(u32::try_from(steps)?)).await?;
    assert!(db.execute_unprepared("SELECT 1 FROM employment").await.is_err());
    migration::Migrator::up(&db, None).await?;
    assert_eq!(held().await?, before, "nobody's holder changes");
    let rows = entity::employment::Entity::find().all(&db).await?;
    assert_eq!(rows.len(), periods);
    assert!(rows.iter().all(|row| row.external_id == row.id.to_string() && row.revision == 1));
    Ok(())
});

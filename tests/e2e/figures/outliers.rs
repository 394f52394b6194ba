//! Overtime outliers as people meet them: who sees which, how they are reviewed, what those learn who see no persons. The flags are written
//! past the job, which has tests of its own.

use std::collections::BTreeSet;

use anyhow::Context;
use api::authn::TokenRequest;
use api::authz::Role;
use chrono::{NaiveDate, TimeDelta};
use entity::ids::{JobRunId, OvertimeOutlierId};
use entity::overtime_outlier::{Model, OutlierCategory, OutlierKind, PeerLevel, ReviewState, ScoreMethod, Severity};
use entity::work_regime::Regime;
use entity::{bureau, outlier_event, stale_mark, unit};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{self, Office, nodes, record, with};
use torikumi_tests::server::{Server, codes};
use torikumi_tests::socket::Socket;

use crate::authz::office::compute;

const LIST: &str =
    "query ($filter: OvertimeOutlierFilter! = {}, $by: OvertimeOutlierOrder! = MONTH) { overtimeOutliers(filter: $filter, orderBy: $by) {
    nodes { id staffNumber kind } totalCount } }";

/// Raises a flag of a month's cap, 104 h 30 min in externally driven work, of one person in bureau and unit; `change` makes another of it.
pub async fn raise(server: &Server, number: &str, place: (&str, &str), change: impl FnOnce(Model) -> Model) -> anyhow::Result<Model> {
    let db = server.connect().await?;
    let person =
        entity::staff::Entity::find().filter(entity::staff::Column::StaffNumber.eq(number)).one(&db).await?.context("no person")?;
    let bureau = bureau::Entity::find().filter(bureau::Column::Code.eq(place.0)).one(&db).await?.context("no bureau")?;
    let unit = unit::Entity::find().filter(unit::Column::Code.eq(place.1)).one(&db).await?.context("no unit")?;
    let (now, run) = (server.app.clock.now(), JobRunId::new());
    let day = |days| now.date_naive() + TimeDelta::days(days);
    let flag = change(Model {
        id: OvertimeOutlierId::new(),
        month: "2020-02".parse()?,
        staff_id: person.id,
        bureau_id: bureau.id,
        unit_id: unit.id,
        regime: Regime::ExternallyDriven,
        kind: OutlierKind::MonthCap,
        category: OutlierCategory::Breach,
        severity: Severity::Critical,
        minutes: 6_270,
        total_minutes: None,
        months: None,
        limit_minutes: Some(6_000),
        limit_months: None,
        projected_month: None,
        median_doubled: None,
        scale_numerator: None,
        scale_denominator: None,
        peers: None,
        peer_level: None,
        method: None,
        rule_version: 2,
        input_run_id: run,
        run_id: run,
        raised_at: now,
        numbered_at: Some(now),
        changed_at: now,
        acknowledge_by: day(14),
        review_by: day(60),
        review: ReviewState::Open,
        reviewed_at: None,
        interview_held_on: None,
        withdrawn_at: None,
        returned_from: None,
    });
    let flag = flag.into_active_model().reset_all().insert(&db).await?;
    let event = outlier_event::Model {
        flag_id: flag.id,
        sequence: 1,
        at: now,
        kind: outlier_event::OutlierEventKind::Raised,
        actor: "system".to_owned(),
        comment: None,
        run_id: Some(run),
    };
    event.into_active_model().reset_all().insert(&db).await?;
    db.close().await?;
    Ok(flag)
}

/// The numbers of the people in a list, in its order.
async fn listed(client: &Client, variables: Value) -> anyhow::Result<String> {
    let rows = nodes(client, LIST, "overtimeOutliers", variables).await?;
    Ok(rows.iter().filter_map(|row| row["staffNumber"].as_str()).collect::<Vec<_>>().join(" "))
}

/// The id of the first flag of a person that a caller sees.
pub async fn id_of(client: &Client, number: &str) -> anyhow::Result<Value> {
    let filter = json!({ "filter": { "staffNumbers": [number] } });
    Ok(nodes(client, LIST, "overtimeOutliers", filter).await?.first().context("no outlier")?["id"].clone())
}

both!(each_sees_the_flags_that_they_may_by_every_way, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let staff = |number: &str| TokenRequest { staff_number: Some(number.to_owned()), ..server.request(Role::Staff) };
    let manager = TokenRequest { units: ["B1".to_owned()].into(), ..server.request(Role::Manager) };
    let callers = [
        ("S1", "S1", server.client(&staff("S1"))?),
        ("S2", "", server.client(&staff("S2"))?),
        ("the manager of B1", "S3", server.client(&manager)?),
        ("the officer of A", "S1", server.officer(&["A"])?),
        ("the officer of both", "S1 S3", server.officer(&["A", "B"])?),
        ("the promotion officer", "S1 S3", server.client(&server.request(Role::PromotionOfficer))?),
        ("the secretariat", "S1 S3", office.secretariat.clone()),
        ("an inquiry's auditor", "S1 S3", server.client(&server.request(Role::Auditor))?),
    ];
    let mut sockets = Vec::new();
    for (_, _, client) in &callers {
        let mut socket = Socket::start(client.url(), client.token()).await?;
        socket.subscribe("1", "subscription { overtimeOutliers { cursor outliers { staffNumber } } }", json!({})).await?;
        assert_eq!(socket.next("1").await?["data"]["overtimeOutliers"]["outliers"], json!([]));
        sockets.push(socket);
    }
    raise(server, "S1", ("A", "A1"), |flag| flag).await?;
    raise(server, "S3", ("B", "B1"), |flag| flag).await?;
    // Any run that ends has followers look.
    let trigger = "mutation ($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
    let seal = json!({ "job": "SEAL_AUDIT", "reason": "a test", "idempotencyKey": "1" });
    server.admin()?.query(trigger, json!({ "input": seal })).await?;
    assert_eq!(server.run_jobs().await?, 1);
    for ((name, sees, client), mut socket) in callers.iter().zip(sockets) {
        assert_eq!(&listed(client, json!({})).await?, sees, "the list of {name}");
        for number in ["S1", "S3"] {
            let id = id_of(&office.secretariat, number).await?;
            let one =
                "query ($id: ID!) { overtimeOutlier(id: $id) { staffNumber } node(id: $id) { ... on OvertimeOutlier { staffNumber } } }";
            let wanted = if sees.contains(number) { json!({ "staffNumber": number }) } else { Value::Null };
            assert_eq!(client.query(one, json!({ "id": id })).await?, json!({ "overtimeOutlier": wanted, "node": wanted }), "{name}");
        }
        if !sees.is_empty() {
            let told = socket.next("1").await?;
            let told = told["data"]["overtimeOutliers"]["outliers"].as_array().cloned().unwrap_or_default();
            let told: Vec<_> = told.iter().filter_map(|flag| flag["staffNumber"].as_str()).collect();
            assert_eq!(told.join(" "), *sees, "what {name} was told");
        }
    }
    // Machines, front ends and administrators read no flag; reading all persons leaves a trace, reading one's own none.
    for client in [office.a.clone(), server.client(&server.request(Role::Viewer))?, server.admin()?] {
        assert_eq!(client.error(LIST, json!({})).await?.code, "FORBIDDEN");
    }
    let trail = "{ auditEntries(filter: { noun: \"overtime_outlier\", verb: \"READ\" }, first: 500) { nodes { actor } } }";
    let trail = nodes(&office.secretariat, trail, "auditEntries", json!({})).await?;
    let readers: BTreeSet<_> = trail.iter().filter_map(|entry| entry["actor"].as_str()).collect();
    assert_eq!(readers, ["promotion_officer", "secretariat"].into());
    Ok(())
});

both!(what_a_subscription_tells_is_traced_message_by_message, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let promotion = server.client(&server.request(Role::PromotionOfficer))?;
    let mut socket = Socket::start(promotion.url(), promotion.token()).await?;
    socket.subscribe("1", "subscription { overtimeOutliers { cursor outliers { staffNumber } } }", json!({})).await?;
    socket.next("1").await?;
    let trail = "{ auditEntries(filter: { noun: \"overtime_outlier\", verb: \"READ\" }, orderBy: AT) {
        nodes { counts concerned { bureau { code } concerned } } } }";
    assert_eq!(nodes(&office.secretariat, trail, "auditEntries", json!({})).await?, [] as [Value; 0], "nothing was told yet");
    for (key, number, place) in [("1", "S1", ("A", "A1")), ("2", "S3", ("B", "B1"))] {
        raise(server, number, place, |flag| flag).await?;
        let trigger = "mutation ($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
        let seal = json!({ "job": "SEAL_AUDIT", "reason": "a test", "idempotencyKey": key });
        server.admin()?.query(trigger, json!({ "input": seal })).await?;
        server.run_jobs().await?;
        assert_eq!(socket.next("1").await?["data"]["overtimeOutliers"]["outliers"], json!([{ "staffNumber": number }]));
        let told = nodes(&office.secretariat, trail, "auditEntries", json!({})).await?;
        let last = told.last().cloned().unwrap_or_default();
        assert_eq!(
            (last["counts"]["rows"].clone(), last["concerned"][0]["bureau"]["code"].clone()),
            (json!(1), json!(place.0)),
            "{told:?}"
        );
    }
    Ok(())
});

both!(a_flag_shows_its_evidence_and_says_it_in_words, async |backend| {
    let office = Office::open(backend).await?;
    let former = raise(&office.server, "S1", ("A", "A1"), |flag| Model { withdrawn_at: Some(flag.raised_at), ..flag }).await?;
    raise(&office.server, "S1", ("A", "A1"), |flag| Model { returned_from: Some(former.id), ..flag }).await?;
    raise(&office.server, "S1", ("A", "A1"), |flag| Model {
        kind: OutlierKind::AbovePeers,
        category: OutlierCategory::Statistical,
        median_doubled: Some(2_461),
        scale_numerator: Some(961),
        scale_denominator: Some(4),
        peers: Some(12),
        peer_level: Some(PeerLevel::Bureau),
        method: Some(ScoreMethod::MedianDeviation),
        minutes: 3_720,
        limit_minutes: None,
        ..flag
    })
    .await?;
    let document = "query ($kind: OutlierKind!) { overtimeOutliers(filter: { kinds: [$kind] }) { nodes { minutes limitMinutes medianMinutes
        scaleMinutes scaleNumerator scaleDenominator score peers peerLevel method ja: sentence(language: JA) sentence
        history { sequence kind actor } returnedFrom { withdrawnAt } } } }";
    let officer = office.server.officer(&["A"])?;
    let cap = nodes(&officer, document, "overtimeOutliers", json!({ "kind": "MONTH_CAP" })).await?.remove(0);
    assert_eq!(
        cap["sentence"],
        "Overtime in 2020-02 was 104 h 30 min, which has passed the month's cap for externally driven work (under 100 h)."
    );
    assert!(cap["returnedFrom"]["withdrawnAt"].is_string(), "{cap}");
    assert_eq!(cap["history"], json!([{ "sequence": 1, "kind": "RAISED", "actor": "system" }]));
    let peers = nodes(&officer, document, "overtimeOutliers", json!({ "kind": "ABOVE_PEERS" })).await?.remove(0);
    // 0.6745 · (3720 − 1230.5) ÷ 240.25 = 6.9891…
    let evidence = ["medianMinutes", "scaleMinutes", "scaleNumerator", "scaleDenominator", "score", "peers", "peerLevel", "method"];
    let wanted = json!(["1230.5", "240.3", 961, 4, "6.99", 12, "BUREAU", "MEDIAN_DEVIATION"]);
    assert_eq!(json!(evidence.map(|field| &peers[field])), wanted);
    assert!(peers["ja"].as_str().is_some_and(|text| text.contains("違反を意味しません")), "{peers}");
    Ok(())
});

both!(flags_are_filtered_and_ordered, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let long_ago = NaiveDate::from_ymd_opt(2020, 3, 1).context("a date")?;
    raise(server, "S1", ("A", "A1"), |flag| Model { acknowledge_by: long_ago, ..flag }).await?;
    let early = "2019-12".parse()?;
    raise(server, "S2", ("A", "A1"), |flag| Model { month: early, kind: OutlierKind::Pace, severity: Severity::Notice, ..flag }).await?;
    raise(server, "S3", ("B", "B1"), |flag| Model { withdrawn_at: Some(flag.raised_at), ..flag }).await?;
    for (filter, wanted) in [
        (json!({}), "S2 S1"),
        (json!({ "month": "2020-02" }), "S1"),
        (json!({ "from": "2019-12", "to": "2020-01" }), "S2"),
        (json!({ "bureaus": ["A"], "units": ["A1"], "staffNumbers": ["S1", "S3"] }), "S1"),
        (json!({ "kinds": ["PACE"] }), "S2"),
        (json!({ "categories": ["STATISTICAL"] }), ""),
        (json!({ "severities": ["CRITICAL"] }), "S1"),
        (json!({ "reviews": ["OPEN"] }), "S2 S1"),
        (json!({ "withdrawn": true }), "S3"),
        (json!({ "overdue": true }), "S1"),
        (json!({ "overdue": false }), "S2"),
        (json!({ "raisedAfter": "2020-04-14T00:00:00Z" }), "S2 S1"),
        (json!({ "raisedAfter": "2020-04-15T00:00:00Z" }), ""),
    ] {
        assert_eq!(listed(&office.secretariat, json!({ "filter": filter })).await?, wanted, "{filter}");
    }
    for (by, wanted) in [("MONTH_DESCENDING", "S1 S2"), ("RAISED_AT", "S1 S2"), ("RAISED_AT_DESCENDING", "S2 S1"), ("REVIEW_BY", "S1 S2")] {
        assert_eq!(listed(&office.secretariat, json!({ "by": by })).await?, wanted, "{by}");
    }
    Ok(())
});

const EXPLAIN: &str = "mutation ($input: ExplainOutlierInput!) { explainOutlier(input: $input) { outlier { review reviewedAt history { kind comment actor } } } }";
/// Acknowledges a flag.
pub const ACKNOWLEDGE: &str =
    "mutation ($input: AcknowledgeOutlierInput!) { acknowledgeOutlier(input: $input) { outlier { review reviewedAt history { kind } } } }";
const ACT: &str = "mutation ($input: RecordOutlierActionInput!) { recordOutlierAction(input: $input) { outlier { review interviewHeldOn reviewedAt history { kind } } } }";
const DISMISS: &str = "mutation ($input: DismissOutlierInput!) { dismissOutlier(input: $input) { outlier { review } } }";

both!(a_review_goes_on_and_never_back, async |backend| {
    let office = Office::open(backend).await?;
    let (server, officer) = (&office.server, office.server.officer(&["A"])?);
    let flag =
        raise(server, "S1", ("A", "A1"), |flag| Model { kind: OutlierKind::Interview, category: OutlierCategory::Duty, ..flag }).await?;
    let id = id_of(&officer, "S1").await?;
    let with_id = |members: Value| json!({ "input": with(json!({ "id": id }), members) });
    let seen = officer.query(ACKNOWLEDGE, with_id(json!({}))).await?["acknowledgeOutlier"]["outlier"].take();
    let events = json!([{ "kind": "RAISED" }, { "kind": "ACKNOWLEDGED" }]);
    assert_eq!(seen, json!({ "review": "ACKNOWLEDGED", "reviewedAt": null, "history": events }));
    assert_eq!(officer.query(ACKNOWLEDGE, with_id(json!({}))).await?["acknowledgeOutlier"]["outlier"], seen, "sent twice, done once");
    let explained = officer.query(EXPLAIN, with_id(json!({ "comment": "国会対応 S1" }))).await?["explainOutlier"]["outlier"].take();
    assert_eq!(explained["history"].as_array().map(Vec::len), Some(3));
    assert_eq!(explained["history"][2], json!({ "kind": "EXPLAINED", "comment": "国会対応 S1", "actor": "bureau_officer" }));
    assert_eq!(officer.query(EXPLAIN, with_id(json!({ "comment": "国会対応 S1" }))).await?["explainOutlier"]["outlier"], explained);
    assert_eq!(officer.error(ACKNOWLEDGE, with_id(json!({}))).await?.code, "CONFLICT");
    // Another end keeps the instant of the first.
    server.set_now(server.app.clock.now() + TimeDelta::days(1));
    let held = json!({ "comment": "面接指導", "interviewHeldOn": "2020-04-15" });
    let acted = officer.query(ACT, with_id(held)).await?["recordOutlierAction"]["outlier"].take();
    assert_eq!((&acted["review"], &acted["interviewHeldOn"]), (&json!("ACTION_TAKEN"), &json!("2020-04-15")));
    assert_eq!(acted["reviewedAt"], explained["reviewedAt"]);
    for (members, field) in [
        (json!({ "comment": "" }), "comment"),
        (json!({ "comment": "x", "interviewHeldOn": "2020-04-17" }), "interviewHeldOn"),
        (json!({ "comment": "x", "interviewHeldOn": "2020-01-31" }), "interviewHeldOn"),
    ] {
        let error = officer.error(ACT, with_id(members.clone())).await?;
        assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some(field)), "{members}");
    }

    // The trail has the steps and not what was said; the person's month is computed anew.
    let trail = "{ auditEntries(filter: { noun: \"overtime_outlier\" }, orderBy: AT) { nodes { verb counts reason } } }";
    let trail = nodes(&officer, trail, "auditEntries", json!({})).await?;
    assert_eq!(trail.iter().map(|entry| &entry["verb"]).collect::<Vec<_>>(), ["ACKNOWLEDGE", "EXPLAIN", "RECORD_ACTION"]);
    assert!(!Value::from(trail).to_string().contains("国会"));
    let db = server.connect().await?;
    let marks = stale_mark::Entity::find().filter(stale_mark::Column::Month.eq(flag.month)).all(&db).await?;
    assert!(marks.iter().filter(|mark| mark.staff_id == Some(flag.staff_id) && mark.bureau_id == flag.bureau_id).count() >= 3, "{marks:?}");
    Ok(())
});

both!(only_the_bureaus_officer_reviews_what_stands, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    raise(server, "S1", ("A", "A1"), |flag| flag).await?;
    let gone = raise(server, "S2", ("A", "A1"), |flag| Model { withdrawn_at: Some(flag.raised_at), ..flag }).await?;
    let dismissal = |id: Value| json!({ "input": { "id": id, "comment": "x" } });
    let id = id_of(&office.secretariat, "S1").await?;
    let both = TokenRequest {
        roles: [Role::Secretariat, Role::BureauOfficer].into(),
        bureaus: codes(&["B"]),
        ..server.request(Role::Secretariat)
    };
    for (client, code) in [
        (server.officer(&["B"])?, "NOT_FOUND"),
        (server.client(&both)?, "FORBIDDEN"),
        (office.secretariat.clone(), "FORBIDDEN"),
        (server.client(&TokenRequest { staff_number: Some("S1".to_owned()), ..server.request(Role::Staff) })?, "FORBIDDEN"),
    ] {
        assert_eq!(client.error(DISMISS, dismissal(id.clone())).await?.code, code);
    }
    let officer = server.officer(&["A"])?;
    let withdrawn = nodes(&officer, LIST, "overtimeOutliers", json!({ "filter": { "withdrawn": true } })).await?.remove(0);
    assert_eq!(officer.error(DISMISS, dismissal(withdrawn["id"].clone())).await?.code, "CONFLICT", "{gone:?}");
    let act = json!({ "input": { "id": id, "comment": "x", "interviewHeldOn": "2020-04-01" } });
    assert_eq!(officer.error(ACT, act).await?.field.as_deref(), Some("interviewHeldOn"), "a cap has no interview");
    assert_eq!(officer.query(DISMISS, dismissal(id)).await?["dismissOutlier"]["outlier"]["review"], "DISMISSED");
    Ok(())
});

/// The counts of a kind that a caller gets, as `A 3` or `A x`.
async fn counts(client: &Client) -> anyhow::Result<String> {
    let answer = client.query("{ overtimeOutlierCounts(month: \"2020-02\") { bureau kind people withheld } }", json!({})).await?;
    let mut shown: Vec<_> = answer["overtimeOutlierCounts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|count| count["kind"] == "MONTH_CAP")
        .map(|count| {
            assert_eq!(count["people"].is_null(), count["withheld"] == true, "{count}");
            format!(
                "{} {}",
                count["bureau"].as_str().unwrap_or_default(),
                count["people"].as_i64().map_or_else(|| "x".to_owned(), |n| n.to_string())
            )
        })
        .collect();
    shown.sort_unstable();
    Ok(shown.join(", "))
}

both!(who_sees_no_persons_gets_no_count_of_few, async |backend| {
    let server = Server::start(backend).await?;
    let secretariat = server.secretariat()?;
    let hidden = |code: &str| if code == "H" { "OFFICE_TOTAL_ONLY" } else { "INTERNAL" };
    let sizes = [("A", 2), ("B", 6), ("C", 7), ("D", 9), ("E", 10), ("H", 5)];
    let bureaus = sizes.map(|(code, _)| with(fixtures::bureau(code), json!({ "visibility": hidden(code) })));
    record(&secretariat, "Bureaus", bureaus.to_vec()).await?;
    record(&secretariat, "Units", sizes.map(|(code, _)| fixtures::unit(&format!("{code}1"), code)).to_vec()).await?;
    // Each is above the month's cap: eight evenings of six hours.
    let (mut people, mut posts, mut shifts) = (Vec::new(), Vec::new(), Vec::new());
    for (code, size) in sizes {
        for number in 0..size {
            let number = format!("{code}{number}");
            people.push(fixtures::staff(&number));
            posts.push(fixtures::posting(&number, &number, (code, &format!("{code}1")), "2018-01-01"));
            let evening = |day: i32| fixtures::shift(&format!("{number}-{day}"), &number, &format!("2020-02-{day:02}"), ("17:45", "23:45"));
            shifts.extend([3, 4, 5, 6, 7, 10, 12, 13].map(evening));
        }
    }
    record(&secretariat, "Staff", people).await?;
    record(&secretariat, "Postings", posts).await?;
    record(&secretariat, "Shifts", shifts).await?;
    compute(&server, "2020-02").await?;
    let all = "A 2, B 6, C 7, D 9, E 10, H 5, TOTAL 39";
    assert_eq!(counts(&secretariat).await?, all);
    let viewer = server.client(&server.request(Role::Viewer))?;
    // A is small and H appears in the total alone: without the two largest, too few would be left of them and B.
    for client in [viewer, server.system("s", &["A", "B", "C", "D", "E", "H"]).await?] {
        assert_eq!(counts(&client).await?, "A x, B x, C x, D 9, E 10, TOTAL 39");
    }
    assert_eq!(counts(&server.officer(&["A"])?).await?, "A 2, B x, C x, D 9, E 10, TOTAL 39");
    assert_eq!(counts(&server.officer(&["H"])?).await?, "A x, B x, C x, D 9, E 10, H 5, TOTAL 39");
    assert_eq!(server.admin()?.error("{ overtimeOutlierCounts(month: \"2020-02\") { people } }", json!({})).await?.code, "FORBIDDEN");
    Ok(())
});

both!(who_comes_back_is_told_what_was_raised_meanwhile, async |backend| {
    let office = Office::open(backend).await?;
    let (server, officer) = (&office.server, office.server.officer(&["A"])?);
    let document = "subscription ($after: String) { overtimeOutliers(after: $after) { cursor outliers { staffNumber } } }";
    raise(server, "S1", ("A", "A1"), |flag| flag).await?;
    let mut socket = Socket::start(officer.url(), officer.token()).await?;
    socket.subscribe("1", document, json!({})).await?;
    let first = socket.next("1").await?["data"]["overtimeOutliers"].take();
    assert_eq!(first["outliers"], json!([]), "what there is, is listed");
    drop(socket);
    server.set_now(server.app.clock.now() + TimeDelta::hours(1));
    raise(server, "S2", ("A", "A1"), |flag| flag).await?;
    raise(server, "S3", ("B", "B1"), |flag| flag).await?;
    let mut socket = Socket::start(officer.url(), officer.token()).await?;
    socket.subscribe("1", document, json!({ "after": first["cursor"] })).await?;
    assert_eq!(socket.next("1").await?["data"]["overtimeOutliers"]["outliers"], json!([]));
    let told = socket.next("1").await?["data"]["overtimeOutliers"].take();
    assert_eq!(told["outliers"], json!([{ "staffNumber": "S2" }]));
    let mut socket = Socket::start(officer.url(), officer.token()).await?;
    socket.subscribe("1", document, json!({ "after": "nonsense" })).await?;
    assert_eq!(socket.message().await?["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
    Ok(())
});

/// Rules in force from a month on, the shipped ones but for `members`.
pub fn rule(valid_from: &str, members: Value) -> Value {
    let shipped = json!({ "validFrom": valid_from, "countedFrom": "2019-04", "defaultRegime": "SELF_PACED", "firstMonth": 4,
        "selfPacedMonthMinutes": 2700, "selfPacedYearMinutes": 21600, "drivenMonthMinutes": 6000, "drivenYearMinutes": 43200,
        "drivenMeanMinutes": 4800, "meanMonths": 6, "longMonthMinutes": 2700, "drivenLongMonths": 6, "interviewMonthMinutes": 6000,
        "interviewMeanMinutes": 4800, "scoreThousandths": 3500, "leastPeers": 10, "leastOwnMonths": 6, "floorMinutes": 1800,
        "floorAboveMedianMinutes": 600, "unconfirmedMinutes": 1800, "paceMonths": 3, "acknowledgeDays": 14, "reviewDays": 60,
        "reason": "a test" });
    with(shipped, members)
}

both!(rules_are_set_by_the_administrator_and_each_change_is_a_version, async |backend| {
    let server = Server::start(backend).await?;
    let admin = server.admin()?;
    let set = "mutation ($input: SetOvertimeRuleInput!) { setOvertimeRule(input: $input) { rule { validFrom version selfPacedMonthMinutes changedBy reason } } }";
    let list = "{ overtimeRules { nodes { validFrom version selfPacedMonthMinutes } } }";
    let rules = async || nodes(&admin, list, "overtimeRules", json!({})).await;
    let line = |from: &str, version: i32, cap: Value| json!({ "validFrom": from, "version": version, "selfPacedMonthMinutes": cap });
    let shipped = [line("2015-02", 1, Value::Null), line("2019-04", 2, json!(2_700))];
    assert_eq!(rules().await?, shipped);
    // The numbers that are there are no change.
    admin.query(set, json!({ "input": rule("2019-04", json!({})) })).await?;
    assert_eq!(rules().await?, shipped);
    let lower = json!({ "input": rule("2019-04", json!({ "selfPacedMonthMinutes": 2_400 })) });
    admin.query(set, lower.clone()).await?;
    admin.query(set, lower).await?;
    admin.query(set, json!({ "input": rule("2020-04", json!({ "selfPacedMonthMinutes": null })) })).await?;
    let wanted = [line("2015-02", 1, Value::Null), line("2019-04", 3, json!(2_400)), line("2020-04", 4, Value::Null)];
    assert_eq!(rules().await?, wanted);
    let trail = nodes(
        &admin,
        "{ auditEntries(filter: { noun: \"overtime_rule\" }, orderBy: AT) { nodes { verb counts reason } } }",
        "auditEntries",
        json!({}),
    )
    .await?;
    let entry =
        |from: &str, version: i32| json!({ "verb": "SET", "counts": { "validFrom": from, "version": version }, "reason": "a test" });
    assert_eq!(trail, [entry("2019-04", 3), entry("2020-04", 4)]);
    for (members, field) in [
        (json!({ "reason": "" }), "reason"),
        (json!({ "validFrom": "0999-04" }), "validFrom"),
        (json!({ "firstMonth": 13 }), "firstMonth"),
        (json!({ "selfPacedMonthMinutes": -1 }), "selfPacedMonthMinutes"),
        (json!({ "meanMonths": 7 }), "meanMonths"),
        (json!({ "leastPeers": 4 }), "leastPeers"),
        (json!({ "reviewDays": 13 }), "reviewDays"),
    ] {
        let error = admin.error(set, json!({ "input": rule("2020-05", members.clone()) })).await?;
        assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some(field)), "{members}");
    }
    assert_eq!(rules().await?, wanted);
    let error = server.secretariat()?.error(set, json!({ "input": rule("2020-05", json!({})) })).await?;
    assert_eq!(error.code, "FORBIDDEN");
    Ok(())
});

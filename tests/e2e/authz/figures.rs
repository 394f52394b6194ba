//! Protected figures: whoever may not read a bureau's persons gets nothing that rests on 1 to 4 people, in no vintage and by no way.

use std::collections::BTreeSet;

use anyhow::Context;
use api::authn::TokenRequest;
use api::authz::Role;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{bureau, nodes, posting, record, shift, staff, unit, with};
use torikumi_tests::server::{Server, codes};

use super::cases;
use super::office::{MONTH, compute};

/// Bureau, women and men in it; H appears in the office's total alone, W has three women.
const BUREAUS: [(&str, usize, usize); 4] = [("H", 10, 10), ("P", 6, 6), ("R", 7, 9), ("W", 3, 17)];

/// An office of these bureaus whose February is computed; each person has a shift of one hour of overtime.
pub async fn office(backend: Backend) -> anyhow::Result<Server> {
    let server = Server::start(backend).await?;
    let secretariat = server.secretariat()?;
    let hidden = |code: &str| if code == "H" { "OFFICE_TOTAL_ONLY" } else { "INTERNAL" };
    let bureaus = BUREAUS.map(|(code, ..)| with(bureau(code), json!({ "visibility": hidden(code) })));
    record(&secretariat, "Bureaus", bureaus.to_vec()).await?;
    record(&secretariat, "Units", BUREAUS.map(|(code, ..)| unit(&format!("{code}1"), code)).to_vec()).await?;
    for (code, women, men) in BUREAUS {
        add(&secretariat, code, 0, women, "FEMALE").await?;
        add(&secretariat, code, women, men, "MALE").await?;
    }
    compute(&server, MONTH).await?;
    Ok(server)
}

/// People of one sex in a bureau, each with a shift.
pub async fn add(client: &Client, code: &str, from: usize, count: usize, sex: &str) -> anyhow::Result<()> {
    let numbers: Vec<_> = (from..from + count).map(|index| format!("{code}{index}")).collect();
    let people: Vec<_> = numbers.iter().map(|number| with(staff(number), json!({ "sex": sex }))).collect();
    let place = format!("{code}1");
    let posts: Vec<_> = numbers.iter().map(|number| posting(number, number, (code, &place), "2018-01-01")).collect();
    let shifts: Vec<_> = numbers.iter().map(|number| shift(number, number, "2020-02-03", ("18:00", "19:00"))).collect();
    record(client, "Staff", people).await?;
    record(client, "Postings", posts).await?;
    record(client, "Shifts", shifts).await?;
    Ok(())
}

fn values(vintage: Option<&str>) -> String {
    let vintage = vintage.map_or(String::new(), |at| format!(", vintage: \"{at}\""));
    let fields = cases::figures().collect::<Vec<_>>().join(" ");
    format!(
        "{{ indicatorValues(first: 500, filter: {{ codes: [\"MEAN_OVERTIME_HOURS\", \"WOMEN_STAFF\"], from: \"{MONTH}\", to: \"{MONTH}\"{vintage} }})
        {{ nodes {{ id code bureau sex band span status computedAt {fields} personMonths(first: 1) {{ pageInfo {{ hasNextPage }} }} }} }} }}"
    )
}

/// A withheld value shows none of its figures; a shown one shows its people.
fn check(value: &Value) {
    for field in cases::figures() {
        assert!(value["status"] != "WITHHELD" || value[field].is_null(), "{field} of a withheld value: {value}");
    }
    assert_eq!(value["status"] == "WITHHELD", value["people"].is_null(), "{value}");
}

/// The monthly mean of overtime that is withheld from a caller: bureau and whether by sex.
async fn withheld(client: &Client, vintage: Option<&str>) -> anyhow::Result<BTreeSet<String>> {
    let all = nodes(client, &values(vintage), "indicatorValues", Value::Null).await?;
    anyhow::ensure!(all.len() > 30, "{} values", all.len());
    all.iter().for_each(check);
    let crossed = all.iter().filter(|value| value["sex"] != "TOTAL" && value["band"] != "TOTAL" && value["status"] != "WITHHELD");
    let whole: BTreeSet<_> = crossed.map(|value| value["bureau"].as_str().unwrap_or_default()).collect();
    assert!(whole.iter().all(|bureau| *bureau == "P"), "crossed by sex and band: {whole:?}");
    let mean = all.iter().filter(|value| value["code"] == "MEAN_OVERTIME_HOURS" && value["span"] == "MONTH" && value["band"] == "TOTAL");
    let name = |value: &Value| {
        let split = if value["sex"] == "TOTAL" { "" } else { " by sex" };
        format!("{}{split}", value["bureau"].as_str().unwrap_or_default())
    };
    Ok(mean.filter(|value| value["status"] == "WITHHELD").map(name).collect())
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

both!(small_splits_and_hidden_bureaus_are_withheld_by_every_way, async |backend| {
    let server = office(backend).await?;
    let viewer = server.client(&server.request(Role::Viewer))?;
    let officer = server.officer(&["P"])?;
    // H goes, and the two smallest others with it, so that none follows for who knows all of another; of W the split with its three women.
    let from_viewer = names(&["H", "H by sex", "P", "P by sex", "R", "R by sex", "W by sex"]);
    assert_eq!(withheld(&viewer, None).await?, from_viewer);
    // Who reads P's persons sees P whole, and of the others what everybody sees.
    assert_eq!(withheld(&officer, None).await?, names(&["H", "H by sex", "R", "R by sex", "W by sex"]));
    for caller in [
        server.client(&TokenRequest { staff_number: Some("W0".to_owned()), ..server.request(Role::Staff) })?,
        server.client(&TokenRequest { units: ["W1".to_owned()].into(), ..server.request(Role::Manager) })?,
        server.client(&TokenRequest { body: Some("council".to_owned()), ..server.request(Role::Committee) })?,
    ] {
        assert_eq!(withheld(&caller, None).await?, from_viewer);
    }
    let reading_all = [Role::PromotionOfficer, Role::Auditor].map(|role| server.client(&server.request(role)));
    for caller in std::iter::once(server.secretariat()).chain(reading_all) {
        let caller = caller?;
        let all = nodes(&caller, &values(None), "indicatorValues", Value::Null).await?;
        assert!(all.iter().all(|value| value["status"] != "WITHHELD" && !value["people"].is_null()));
    }

    // One by one through `node`, and in a series, they are what they are in the list.
    let list = nodes(&viewer, &values(None), "indicatorValues", Value::Null).await?;
    let fields = cases::figures().collect::<Vec<_>>().join(" ");
    for value in list.iter().filter(|value| value["code"] == "MEAN_OVERTIME_HOURS") {
        let node = format!("query($id: ID!) {{ node(id: $id) {{ ... on IndicatorValue {{ id status {fields} }} }} }}");
        let node = viewer.query(&node, json!({ "id": value["id"] })).await?;
        assert_eq!((&node["node"]["status"], &node["node"]["people"]), (&value["status"], &value["people"]), "{value}");
        assert!(value["personMonths"].is_null(), "{value}");
    }
    let series = format!(
        "{{ indicatorSeries(codes: [\"MEAN_OVERTIME_HOURS\"], by: [BUREAU, SEX], from: \"{MONTH}\", to: \"{MONTH}\")
        {{ bureau sex values {{ id status {fields} }} }} }}"
    );
    let series = viewer.query(&series, Value::Null).await?;
    let shown = series["indicatorSeries"].as_array().into_iter().flatten();
    let shown: Vec<_> = shown.flat_map(|series| series["values"].as_array().into_iter().flatten()).collect();
    assert!(shown.len() >= 10, "{}", shown.len());
    for value in shown {
        check(value);
        let same = list.iter().find(|listed| listed["id"] == value["id"]);
        assert_eq!(same.map(|same| &same["status"]), Some(&value["status"]));
    }
    Ok(())
});

both!(whom_a_figure_leaves_out_is_no_difference_of_two, async |backend| {
    let server = office(backend).await?;
    let secretariat = server.secretariat()?;
    // Of R two people are in a unit without a target: their leave would be that of all less that of those with one.
    record(&secretariat, "Units", vec![unit("R2", "R")]).await?;
    record(&secretariat, "Staff", vec![staff("X1"), staff("X2")]).await?;
    let post = |number: &str| posting(number, number, ("R", "R2"), "2018-01-01");
    record(&secretariat, "Postings", vec![post("X1"), post("X2")]).await?;
    let people = BUREAUS.iter().flat_map(|(code, women, men)| (0..women + men).map(move |index| format!("{code}{index}")));
    let leave =
        |number: String| json!({ "externalId": number, "staffNumber": number, "date": "2020-02-04", "kind": "ANNUAL", "minutes": 465 });
    let leave: Vec<_> = people.chain(["X1".to_owned(), "X2".to_owned()]).map(leave).collect();
    record(&secretariat, "LeaveEntries", leave).await?;
    let targets = ["H", "P", "R"]
        .map(|code| json!({ "externalId": code, "bureau": code, "unit": format!("{code}1"), "calendarYear": 2020, "days": 10 }));
    record(&secretariat, "LeaveTargets", targets.to_vec()).await?;
    compute(&server, MONTH).await?;
    let shown = async |client: &Client, code: &str| {
        let document = format!(
            "{{ indicatorValues(filter: {{ codes: [{code}], spans: [MONTH], from: \"{MONTH}\", to: \"{MONTH}\", sexes: [\"TOTAL\"],
                bands: [\"TOTAL\"] }}) {{ nodes {{ bureau status }} }} }}"
        );
        let all = nodes(client, &document, "indicatorValues", Value::Null).await?;
        let shown = all.iter().filter(|value| value["status"] != "WITHHELD").filter_map(|value| value["bureau"].as_str());
        anyhow::Ok(names(&shown.collect::<Vec<_>>()))
    };
    let viewer = server.client(&server.request(Role::Viewer))?;
    assert_eq!(shown(&viewer, "ANNUAL_LEAVE_DAYS").await?, names(&["TOTAL", "W"]));
    assert_eq!(shown(&viewer, "LEAVE_TARGET_ATTAINMENT").await?, names(&["TOTAL"]));
    // Who reads R's persons sees both.
    assert!(shown(&server.officer(&["R"])?, "LEAVE_TARGET_ATTAINMENT").await?.contains("R"));
    assert_eq!(shown(&secretariat, "LEAVE_TARGET_ATTAINMENT").await?, names(&["H", "P", "R", "TOTAL"]));
    Ok(())
});

both!(a_past_vintage_is_for_who_sees_the_persons, async |backend| {
    let server = office(backend).await?;
    let viewer = server.client(&server.request(Role::Viewer))?;
    let (secretariat, officer) = (server.secretariat()?, server.officer(&["W"])?);
    let then = server.app.clock.now();
    let former = nodes(&viewer, &values(None), "indicatorValues", Value::Null).await?;
    server.set_now(then + TimeDelta::days(1));
    add(&server.secretariat()?, "W", 20, 4, "FEMALE").await?;
    compute(&server, MONTH).await?;

    // Seven women now; three in the figures of that day, and two vintages would tell of the four: W keeps its former value, and so does the office,
    // from which the new one would follow.
    let of_others = ["H", "H by sex", "P", "P by sex", "R", "R by sex"];
    assert_eq!(withheld(&viewer, None).await?, names(&[&of_others[..], &["W by sex"]].concat()));
    let met = async |client: &Client, bureau: &str| {
        let document = format!(
            "{{ indicatorSeries(codes: [\"MEAN_OVERTIME_HOURS\"], by: [BUREAU], from: \"{MONTH}\", to: \"{MONTH}\", bureaus: [\"{bureau}\"])
            {{ values {{ people isHeldBack isInternal }} }} }}"
        );
        anyhow::Ok(client.query(&document, Value::Null).await?["indicatorSeries"][0]["values"][0].take())
    };
    for (bureau, before, now) in [("W", 20, 24), ("TOTAL", 68, 72)] {
        assert_eq!(met(&viewer, bureau).await?, json!({ "people": before, "isHeldBack": true, "isInternal": false }));
        assert_eq!(met(&secretariat, bureau).await?, json!({ "people": now, "isHeldBack": false, "isInternal": true }));
    }
    assert_eq!(met(&officer, "W").await?, json!({ "people": 24, "isHeldBack": false, "isInternal": true }));
    // Six have come in all: readers meet W as it is, its split too, and the office.
    add(&server.secretariat()?, "W", 24, 2, "FEMALE").await?;
    compute(&server, MONTH).await?;
    assert_eq!(withheld(&viewer, None).await?, names(&of_others));
    for (bureau, now) in [("W", 26), ("TOTAL", 74)] {
        assert_eq!(met(&viewer, bureau).await?, json!({ "people": now, "isHeldBack": false, "isInternal": false }));
    }
    let at = (then + TimeDelta::hours(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let series = |bureaus: &str| {
        format!(
            "{{ indicatorSeries(codes: [\"WOMEN_STAFF\"], by: [BUREAU], from: \"{MONTH}\", to: \"{MONTH}\", vintage: \"{at}\"{bureaus})
            {{ bureau values {{ people status }} }} }}"
        )
    };
    let of_w = ", bureaus: [\"W\"]";
    for (client, document) in [
        (&viewer, values(Some(&at))),
        (&viewer, series("")),
        (&viewer, series(of_w)),
        (&officer, series("")),
        (&officer, series(", bureaus: [\"W\", \"TOTAL\"]")),
    ] {
        let refusal = client.error(&document, Value::Null).await?;
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("FORBIDDEN", Some("vintage")), "{document}");
    }
    let own = officer.query(&series(of_w), Value::Null).await?;
    assert_eq!(own["indicatorSeries"][0]["values"][0], json!({ "people": 20, "status": "PROVISIONAL" }));
    let of_that_day = nodes(&secretariat, &values(Some(&at)), "indicatorValues", Value::Null).await?;
    assert!(of_that_day.len() > 30 && of_that_day.iter().all(|value| value["status"] != "WITHHELD"));

    // One by one through `node` they are there no more, whether they were shown or not; a bureau's own are.
    let mut gone = 0;
    for value in former.iter().filter(|value| value["code"] == "WOMEN_STAFF") {
        let node = "query($id: ID!) { node(id: $id) { ... on IndicatorValue { status supersededAt people } } }";
        let of = async |client: &Client| anyhow::Ok(client.query(node, json!({ "id": value["id"] })).await?["node"].take());
        let whole = of(&secretariat).await?;
        if whole["supersededAt"].is_null() {
            continue;
        }
        gone += 1;
        assert_eq!(of(&viewer).await?, Value::Null, "{value}");
        assert_eq!(of(&officer).await?, if value["bureau"] == "W" { whole } else { Value::Null }, "{value}");
    }
    assert!(gone >= 4, "{gone}");
    Ok(())
});

both!(targets_and_gaps_tell_nothing_of_a_withheld_figure, async |backend| {
    let server = Server::start(backend).await?;
    let secretariat = server.secretariat()?;
    record(&secretariat, "Bureaus", vec![bureau("P")]).await?;
    record(&secretariat, "Units", vec![unit("P1", "P")]).await?;
    add(&secretariat, "P", 0, 2, "FEMALE").await?;
    add(&secretariat, "P", 2, 10, "MALE").await?;
    let target = json!({ "externalId": "1", "indicator": "WOMEN_STAFF", "clause": "V-2", "population": "OFFICE", "decider": "PLAN",
        "qualifier": "AT_LEAST", "valueNumerator": 30, "validFrom": "2015-02-01" });
    record(&server.admin()?, "Targets", vec![target]).await?;
    // The Act has it published whatever its size, until the office says otherwise.
    let set = "mutation($input: SetCountingRuleInput!) { setCountingRule(input: $input) { rule { published } } }";
    let rule =
        json!({ "coveragePercent": 80, "careers": ["MAIN"], "work": ["MAIN", "CONCURRENT_RESIDENT"], "published": [], "reason": "a test" });
    let unknown = with(rule.clone(), json!({ "published": ["MEAN_OVERTIME_HOURS"] }));
    let refusal = server.admin()?.error(set, json!({ "input": unknown })).await?;
    assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("BAD_USER_INPUT", Some("published")));
    server.admin()?.query(set, json!({ "input": rule })).await?;
    compute(&server, MONTH).await?;
    let document = format!(
        "{{ indicatorValues(filter: {{ codes: [\"WOMEN_STAFF\"], spans: [MONTH], bureaus: [\"TOTAL\"], bands: [\"TOTAL\"], from: \"{MONTH}\" }})
        {{ nodes {{ status value numerator denominator people attained gapInPeople target {{ valueNumerator }} }} }} }}"
    );
    let of = async |client: &Client| anyhow::Ok(nodes(client, &document, "indicatorValues", Value::Null).await?.remove(0));
    let shown = of(&secretariat).await?;
    assert_eq!((&shown["attained"], &shown["gapInPeople"], &shown["value"]), (&json!(false), &json!(2), &json!("16.7")));
    let hidden = of(&server.client(&TokenRequest { bureaus: codes(&["Q"]), ..server.request(Role::BureauOfficer) })?).await?;
    check(&hidden);
    assert_eq!((&hidden["status"], &hidden["target"]["valueNumerator"]), (&json!("WITHHELD"), &json!(30)));
    Ok(())
});

both!(a_month_that_is_not_decided_shows_nothing, async |backend| {
    let server = office(backend).await?;
    let (viewer, secretariat) = (server.client(&server.request(Role::Viewer))?, server.secretariat()?);
    // As an upgrade finds them: computed, and without a decision.
    let db = server.connect().await?;
    db.execute_unprepared("DELETE FROM protection").await?;
    db.execute_unprepared("DELETE FROM protected_month").await?;
    db.close().await?;
    let all = nodes(&viewer, &values(None), "indicatorValues", Value::Null).await?;
    assert!(all.len() > 30 && all.iter().all(|value| value["status"] == "WITHHELD"), "{all:?}");
    let all = nodes(&secretariat, &values(None), "indicatorValues", Value::Null).await?;
    assert!(all.iter().all(|value| value["status"] != "WITHHELD"));
    // A run of all that is stale decides what it does not compute.
    let run = async || {
        let trigger = "mutation($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
        let key = uuid::Uuid::now_v7().to_string();
        let input = json!({ "job": "MONTHLY_INDICATORS", "reason": "a test", "idempotencyKey": key });
        server.admin()?.query(trigger, json!({ "input": input })).await?;
        anyhow::ensure!(server.run_jobs().await? > 0, "no run");
        anyhow::Ok(())
    };
    run().await?;
    let before = names(&["H", "H by sex", "P", "P by sex", "R", "R by sex", "W by sex"]);
    assert_eq!(withheld(&viewer, None).await?, before);
    // Who appears in the total alone from now on is out of sight at once, and stays so.
    let of_w = with(bureau("W"), json!({ "visibility": "OFFICE_TOTAL_ONLY" }));
    record(&secretariat, "Bureaus", vec![of_w]).await?;
    let after: BTreeSet<_> = before.into_iter().chain(["W".to_owned()]).collect();
    assert_eq!(withheld(&viewer, None).await?, after);
    run().await?;
    assert_eq!(withheld(&viewer, None).await?, after);
    let decided = "SELECT total_only FROM protected_month WHERE span = 'MONTH' AND month = 202002";
    let db = server.connect().await?;
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), decided)).await?.context("a decision")?;
    assert_eq!(row.try_get_by_index::<Value>(0)?, json!(["H", "W"]));
    db.close().await?;
    Ok(())
});

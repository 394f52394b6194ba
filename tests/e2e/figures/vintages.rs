//! Wrong vintages: withdrawn by an administrator, out of every list, and still on record.

use anyhow::Context;
use api::authz::Role;
use chrono::{DateTime, TimeZone, Utc};
use entity::ids::SnapshotId;
use entity::period::FiscalYear;
use entity::{indicator_value, snapshot, withdrawn_value};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, input, nodes, record, send, shift, with};

use super::indicators::office;
use crate::authz::{MONTH, compute, figures};
use crate::jobs::done;

const WITHDRAW: &str = "mutation ($input: WithdrawVintageInput!) { withdrawVintage(input: $input) { run { id }
    withdrawal { month indicators valueCount withdrawnAt withdrawnBy reason } } }";
const VALUES: &str = "query ($filter: IndicatorValueFilter!) { indicatorValues(first: 9, filter: $filter, orderBy: MONTH_DESCENDING)
    { nodes { id run month value status supersededAt } totalCount } }";

/// The office's mean overtime, of which nobody else knows a later one.
fn of_april(more: Value) -> Value {
    let filter =
        json!({ "codes": ["MEAN_OVERTIME_HOURS"], "spans": ["MONTH"], "bureaus": ["TOTAL"], "sexes": ["TOTAL"], "bands": ["TOTAL"] });
    json!({ "filter": with(filter, more) })
}

async fn values(client: &Client, more: Value) -> anyhow::Result<Vec<Value>> {
    nodes(client, VALUES, "indicatorValues", of_april(more)).await
}

/// The one value that is shown as of an instant, or now.
async fn shown(client: &Client, at: Option<DateTime<Utc>>) -> anyhow::Result<String> {
    let more = json!({ "from": "2020-04", "to": "2020-04", "vintage": at });
    let found = values(client, more).await?;
    anyhow::ensure!(found.len() == 1, "{found:?}");
    Ok(found[0]["value"].as_str().context("a value")?.to_owned())
}

async fn withdraw(client: &Client, run: &Value, more: Value) -> anyhow::Result<Value> {
    let input = with(json!({ "run": run, "reason": "the gate's log was wrong" }), more);
    Ok(client.query(WITHDRAW, json!({ "input": input })).await?["withdrawVintage"].take())
}

async fn refused(client: &Client, run: &Value, more: Value) -> anyhow::Result<(String, Option<String>, bool)> {
    let input = with(json!({ "run": run, "reason": "the gate's log was wrong" }), more);
    let failure = client.error(WITHDRAW, json!({ "input": input })).await?;
    Ok((failure.code, failure.field, failure.retryable))
}

fn at(month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2020, month, day, 0, 0, 0).single().unwrap()
}

/// Records what S1 worked on 1 April, computes it on a day of May, and tells the run.
async fn corrected(office: &Office, day: u32, until: &str) -> anyhow::Result<Value> {
    office.server.set_now(at(5, day));
    let date = "2020-04-14";
    let late = with(shift("late", "S1", date, ("18:00", until)), json!({ "sourceVersion": day }));
    assert_eq!(send(&office.a, "Shifts", input(vec![late])).await?.rejected, 0);
    Ok(done(office, Value::Null, &format!("{day}")).await?["id"].take())
}

both!(the_value_before_is_the_latest_again, async |backend| {
    let office = office(backend).await?;
    let admin = office.server.admin()?;
    let reader = office.secretariat.clone();
    office.server.set_now(at(5, 1));
    done(&office, json!("2020-04"), "first").await?;
    let first = shown(&reader, None).await?;
    let second_run = corrected(&office, 3, "20:00").await?;
    let second = shown(&reader, None).await?;
    let third_run = corrected(&office, 5, "23:00").await?;
    let third = shown(&reader, None).await?;
    assert!(first != second && second != third && first != third, "{first} {second} {third}");
    office.server.set_now(at(5, 7));

    // Who may not, and what is no vintage.
    assert_eq!(refused(&reader, &third_run, json!({})).await?.0, "FORBIDDEN");
    assert_eq!(refused(&admin, &third_run, json!({ "reason": " " })).await?.1.as_deref(), Some("reason"));
    let none = ("CONFLICT".to_owned(), Some("run".to_owned()), false);
    assert_eq!(refused(&admin, &third_run, json!({ "month": "2019-01" })).await?, none);
    // The value names its run.
    let latest = values(&reader, json!({ "from": "2020-04", "to": "2020-04" })).await?.remove(0);
    assert_eq!(latest["run"], third_run);

    // While figures are computed, it waits.
    let db = office.server.connect().await?;
    let state = async |state: &str| {
        db.execute_unprepared(&format!(
            "UPDATE job_run SET state = '{state}' WHERE state <> 'QUEUED' AND as_of =
        (SELECT MAX(as_of) FROM job_run WHERE job = 'MONTHLY_INDICATORS') AND job = 'MONTHLY_INDICATORS' AND trigger = 'MANUAL'"
        ))
        .await
    };
    state("RUNNING").await?;
    assert_eq!(refused(&admin, &third_run, json!({})).await?, ("CONFLICT".to_owned(), Some("run".to_owned()), true));
    state("SUCCEEDED").await?;

    // One in the middle goes first: the first stands until the third.
    let middle = withdraw(&admin, &second_run, json!({ "indicators": ["MEAN_OVERTIME_HOURS"] })).await?;
    assert_eq!(middle["withdrawal"]["indicators"], json!(["MEAN_OVERTIME_HOURS"]));
    assert_eq!(shown(&reader, None).await?, third);
    assert_eq!(shown(&reader, Some(at(5, 4))).await?, first, "what was known then is what was right then");
    assert_eq!(shown(&reader, Some(at(5, 6))).await?, third);
    // Then the latest.
    let count = indicator_value::Entity::find().count(&db).await?;
    let done_once = withdraw(&admin, &third_run, json!({ "month": "2020-04" })).await?;
    assert_eq!((&done_once["run"]["id"], &done_once["withdrawal"]["withdrawnBy"]), (&third_run, &json!("admin")));
    for instant in [None, Some(at(5, 2)), Some(at(5, 4)), Some(at(5, 6))] {
        assert_eq!(shown(&reader, instant).await?, first, "{instant:?}");
    }
    let node = "query ($id: ID!) { node(id: $id) { id } }";
    assert_eq!(reader.query(node, json!({ "id": latest["id"] })).await?["node"], Value::Null, "it is in no list");
    let series =
        "{ indicatorSeries(codes: [\"MEAN_OVERTIME_HOURS\"], from: \"2020-04\", to: \"2020-04\") { values { value supersededAt } } }";
    let series = reader.query(series, Value::Null).await?;
    assert_eq!(series["indicatorSeries"][0]["values"], json!([{ "value": first, "supersededAt": null }]));

    // It is kept apart, with who, when and why; a call that is sent twice is done once.
    let kept = withdrawn_value::Entity::find().count(&db).await?;
    let withdrawn = done_once["withdrawal"]["valueCount"].as_u64().context("a count")?;
    assert_eq!(indicator_value::Entity::find().count(&db).await? + withdrawn, count);
    assert_eq!(kept, withdrawn + middle["withdrawal"]["valueCount"].as_u64().context("a count")?);
    assert_eq!(withdraw(&admin, &third_run, json!({ "month": "2020-04" })).await?, done_once);
    assert_eq!(refused(&admin, &third_run, json!({ "month": "2020-04", "reason": "another one" })).await?, none);
    let asked = "query ($id: ID!) { jobRun(id: $id) { withdrawals { month indicators valueCount withdrawnAt withdrawnBy reason } } }";
    let told = reader.query(asked, json!({ "id": third_run })).await?;
    assert_eq!(told["jobRun"]["withdrawals"], json!([done_once["withdrawal"]]));
    assert_eq!(done_once["withdrawal"]["reason"], "the gate's log was wrong");
    let trail = "{ auditEntries(first: 9, filter: { verb: \"WITHDRAW\" }) { nodes { actor noun reason counts } } }";
    let trail = nodes(&admin, trail, "auditEntries", Value::Null).await?;
    assert_eq!(trail.len(), 2, "{trail:?}");
    assert!(trail.iter().all(|entry| entry["noun"] == "indicator_value" && entry["reason"] == "the gate's log was wrong"), "{trail:?}");

    // What is right is computed anew, as a vintage of its own.
    office.server.set_now(at(5, 9));
    done(&office, json!("2020-04"), "anew").await?;
    assert_eq!(shown(&reader, None).await?, third);
    assert_eq!(shown(&reader, Some(at(5, 8))).await?, first);
    Ok(())
});

both!(what_a_snapshot_rests_on_stays, async |backend| {
    let office = office(backend).await?;
    let admin = office.server.admin()?;
    office.server.set_now(at(5, 1));
    let run = done(&office, json!("2020-04"), "first").await?["id"].take();
    let measure = jobs::indicators::find("MEAN_OVERTIME_HOURS").context("the indicator")?.numerator.measure;
    let db = office.server.connect().await?;
    let part = json!({ "kind": "PERSON_MONTHS", "dateFrom": "2020-04-01", "dateTo": "2021-03-31", "columns": [measure.to_string()],
        "rows": 0, "sha256": "" });
    let row = snapshot::Model {
        id: SnapshotId::new(),
        plan: "P".to_owned(),
        fiscal_year: FiscalYear::try_from(2020)?,
        version: "1.0.0".to_owned(),
        sha256: Some("0".repeat(64)),
        manifest: Some(json!({ "parts": [part] }).to_string()),
        answers: None,
        as_of: at(5, 2),
        created_at: at(5, 2),
    };
    row.into_active_model().reset_all().insert(&db).await?;
    let input = |more: Value| json!({ "input": with(json!({ "run": run, "reason": "x" }), more) });
    let failure = admin.error(WITHDRAW, input(json!({}))).await?;
    assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("CONFLICT", Some("run")));
    assert!(failure.message.contains("P FY2020 1.0.0"), "{failure:?}");
    assert!(admin.clone().in_japanese().error(WITHDRAW, input(json!({}))).await?.message.contains("スナップショット"));
    // What it does not hold is not bound by it.
    admin.query(WITHDRAW, input(json!({ "indicators": ["WOMEN_STAFF"] }))).await?;
    Ok(())
});

both!(figures_of_2062_go, async |backend| {
    let office = Office::open(backend).await?;
    let reader = office.secretariat.clone();
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-03-10", ("18:00", "20:00"))]).await?;
    compute(&office.server, "2020-03").await?;
    // As a program did that took any date: it is another day.
    office.server.set_now(Utc.with_ymd_and_hms(2062, 2, 1, 0, 0, 0).single().context("a date")?);
    let wrong = shift("2062", "S1", "2062-01-10", ("18:00", "20:00"));
    record(&office.server.secretariat()?, "Shifts", vec![wrong.clone()]).await?;
    compute(&office.server, "2062-01").await?;
    office.server.set_now(at(4, 15));
    let newest = async || -> anyhow::Result<Value> { Ok(values(&reader, json!({})).await?[0]["month"].clone()) };
    assert_eq!(newest().await?, "2062-01");

    // The shift is voided, and nothing computes the month any more.
    let void = with(wrong.clone(), json!({ "void": true, "voidReason": "a slip of the year" }));
    assert_eq!(record(&reader, "Shifts", vec![void]).await?.voided, 1);
    done(&office, Value::Null, "night").await?;
    assert_eq!(newest().await?, "2062-01", "it stays for ever");
    assert_eq!(send(&reader, "Shifts", input(vec![wrong])).await?.refused(), [(0, "BAD_USER_INPUT", "date")], "and does not come back");

    // The run asked for the months of its years before it, which go as it does.
    let admin = office.server.admin()?;
    let mut gone = 0;
    while let Some(mut value) = values(&reader, json!({ "from": "2061-01" })).await?.into_iter().next() {
        let withdrawn = withdraw(&admin, &value["run"].take(), json!({})).await?;
        assert!(withdrawn["withdrawal"]["valueCount"].as_i64() > Some(0), "{withdrawn}");
        gone += 1;
    }
    assert_eq!(gone, 10, "January 2062, and April to December before it");
    assert_eq!(newest().await?, "2020-04");
    let db = office.server.connect().await?;
    for table in ["indicator_value", "person_month", "measure_cell", "stale_mark"] {
        let count = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table} WHERE month > 202004");
        let row = db.query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), count)).await?.context("a row")?;
        assert_eq!(row.try_get_by_index::<i64>(0)?, 0, "{table}");
    }
    Ok(())
});

/// The mean overtime of a bureau in the month of `authz`: people and whether a later value is held back, or its status where it shows none; nothing
/// where there is no value.
async fn met(client: &Client, bureau: &str) -> anyhow::Result<Option<Value>> {
    let of = "query($filter: IndicatorValueFilter!) { indicatorValues(filter: $filter) { nodes { people isHeldBack status } } }";
    let filter =
        json!({ "codes": ["MEAN_OVERTIME_HOURS"], "spans": ["MONTH"], "sexes": ["TOTAL"], "bands": ["TOTAL"], "from": MONTH, "to": MONTH });
    let filter = with(filter, json!({ "bureaus": [bureau] }));
    let found = nodes(client, of, "indicatorValues", json!({ "filter": filter })).await?;
    anyhow::ensure!(found.len() < 2, "{found:?}");
    let shown =
        |value: &Value| if value["people"].is_null() { value["status"].clone() } else { json!([value["people"], value["isHeldBack"]]) };
    Ok(found.first().map(shown))
}

both!(a_withdrawal_tells_nothing_of_a_value_that_is_held_back, async |backend| {
    let server = figures::office(backend).await?;
    let (admin, secretariat) = (server.admin()?, server.secretariat()?);
    let viewer = server.client(&server.request(Role::Viewer))?;
    let run = async || -> anyhow::Result<Value> {
        let filter = json!({ "codes": ["MEAN_OVERTIME_HOURS"], "spans": ["MONTH"], "bureaus": ["W"], "sexes": ["TOTAL"], "bands": ["TOTAL"],
            "from": MONTH, "to": MONTH });
        Ok(nodes(&secretariat, VALUES, "indicatorValues", json!({ "filter": filter })).await?.remove(0)["run"].take())
    };
    let of = json!({ "indicators": ["MEAN_OVERTIME_HOURS"], "month": MONTH });
    let first = run().await?;
    figures::add(&secretariat, "W", 20, 4, "FEMALE").await?;
    compute(&server, MONTH).await?;
    let second = run().await?;
    for (bureau, people) in [("W", 20), ("TOTAL", 68)] {
        assert_eq!(met(&viewer, bureau).await?, Some(json!([people, true])), "four are too few");
    }

    // The value that is held back goes: readers keep the one that they have, which is the latest again.
    withdraw(&admin, &second, of.clone()).await?;
    for client in [&viewer, &secretariat] {
        assert_eq!(met(client, "W").await?, Some(json!([20, false])));
    }
    compute(&server, MONTH).await?;
    assert_eq!(met(&secretariat, "W").await?, Some(json!([24, false])));
    for (bureau, people) in [("W", 20), ("TOTAL", 68)] {
        assert_eq!(met(&viewer, bureau).await?, Some(json!([people, true])), "the same four");
    }

    // The one that they meet goes: the later one does not take its place, for the four would follow from both.
    withdraw(&admin, &first, of).await?;
    for (bureau, people) in [("W", 24), ("TOTAL", 72)] {
        assert_eq!(met(&viewer, bureau).await?, None);
        assert_eq!(met(&secretariat, bureau).await?, Some(json!([people, false])));
    }
    compute(&server, MONTH).await?;
    for bureau in ["W", "TOTAL"] {
        assert_eq!(met(&viewer, bureau).await?, Some(json!("WITHHELD")));
    }
    // Nobody's records changed in P, whose figure is as it was.
    assert_eq!(met(&viewer, "P").await?, Some(json!("WITHHELD")));
    assert_eq!(met(&server.officer(&["P"])?, "P").await?, Some(json!([12, false])));
    figures::add(&secretariat, "W", 24, 2, "FEMALE").await?;
    compute(&server, MONTH).await?;
    for (bureau, people) in [("W", 26), ("TOTAL", 74)] {
        assert_eq!(met(&viewer, bureau).await?, Some(json!([people, false])), "six in all");
    }
    Ok(())
});

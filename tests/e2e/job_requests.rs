//! What may be asked of a job, and what may not.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::{Client, Failure};
use torikumi_tests::fixtures::{Office, nodes, record, shift, with};

const TRIGGER: &str = "mutation ($input: TriggerJobInput!) { triggerJob(input: $input) { run { id job period dryRun } } }";

fn asking(members: Value) -> Value {
    json!({ "input": with(json!({ "job": "MONTHLY_INDICATORS", "reason": "a test", "idempotencyKey": "k" }), members) })
}

async fn trigger(client: &Client, members: Value) -> anyhow::Result<Value> {
    Ok(client.query(TRIGGER, asking(members)).await?["triggerJob"]["run"].take())
}

fn place(failure: &Failure) -> (&str, Option<&str>) {
    (failure.code.as_str(), failure.field.as_deref())
}

both!(a_dry_run_is_asked_for_and_says_so, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-03-10", ("18:00", "20:00"))]).await?;
    let dry = json!({ "period": "2020-03", "dryRun": true });
    let run = trigger(&office.secretariat, dry.clone()).await?;
    assert_eq!((&run["period"], &run["dryRun"]), (&json!("2020-03"), &json!(true)));
    assert_eq!(trigger(&office.secretariat, dry).await?["id"], run["id"]);
    let wet = office.secretariat.error(TRIGGER, asking(json!({ "period": "2020-03" }))).await?;
    assert_eq!(place(&wet), ("CONFLICT", Some("idempotencyKey")), "the key asked for a dry run");
    for job in ["DISPOSE", "SEAL_AUDIT", "ON_TIME_DAY_NOTICE"] {
        trigger(&office.secretariat, json!({ "job": job, "dryRun": true, "idempotencyKey": job })).await?;
    }
    assert_eq!(office.server.run_jobs().await?, 4);
    let list = "{ jobRuns(first: 9, orderBy: QUEUED_AT) { nodes { job state dryRun statistics } } }";
    let runs = nodes(&office.secretariat, list, "jobRuns", Value::Null).await?;
    assert!(runs.len() == 4 && runs.iter().all(|run| run["state"] == "SUCCEEDED" && run["dryRun"] == true), "{runs:?}");
    let forecast = &runs[0]["statistics"];
    assert_eq!((&forecast["months"], &forecast["personMonthsToWrite"], &forecast["cellsWritten"]), (&json!(1), &json!(3), &Value::Null));
    let written = "{ indicatorValues(first: 1) { totalCount } personMonths(month: \"2020-03\") { totalCount } }";
    let written = office.secretariat.query(written, Value::Null).await?;
    assert_eq!((&written["indicatorValues"]["totalCount"], &written["personMonths"]["totalCount"]), (&json!(0), &json!(0)));
    let admin = office.server.admin()?;
    let trail = "{ auditEntries(first: 9, filter: { noun: \"job_run\" }, orderBy: AT) { nodes { verb counts } } }";
    let trail = nodes(&admin, trail, "auditEntries", Value::Null).await?;
    assert_eq!(trail[0], json!({ "verb": "TRIGGER", "counts": { "period": "2020-03", "dryRun": true } }));
    // It has computed nothing: the month is still missing.
    let plan = "mutation ($input: PlanBackfillInput!) { planBackfill(input: $input) { backfill { periods } } }";
    let range = json!({ "job": "MONTHLY_INDICATORS", "from": "2020-03", "to": "2020-03", "scope": "MISSING", "reason": "a test" });
    let planned = admin.query(plan, json!({ "input": range })).await?;
    assert_eq!(planned["planBackfill"]["backfill"]["periods"], json!(["2020-03"]));
    Ok(())
});

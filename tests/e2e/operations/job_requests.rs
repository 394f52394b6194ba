//! What may be asked of a job, and what may not.

use sea_orm::ConnectionTrait;
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

const PLAN: &str = "mutation ($input: PlanBackfillInput!) { planBackfill(input: $input) { backfill { periods } } }";

fn plan(members: Value) -> Value {
    let range = json!({ "job": "MONTHLY_INDICATORS", "from": "2020-03", "to": "2020-03", "scope": "MISSING", "reason": "a test" });
    json!({ "input": with(range, members) })
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
    for job in ["DISPOSE", "SEAL_AUDIT", "ON_TIME_DAY_NOTICE", "OUTLIER_DIGEST", "FOLLOW_UP_REMINDER"] {
        trigger(&office.secretariat, json!({ "job": job, "dryRun": true, "idempotencyKey": job })).await?;
    }
    assert_eq!(office.server.run_jobs().await?, 6);
    let list = "{ jobRuns(first: 9, orderBy: QUEUED_AT) { nodes { job state dryRun statistics } } }";
    let runs = nodes(&office.secretariat, list, "jobRuns", Value::Null).await?;
    assert!(runs.len() == 6 && runs.iter().all(|run| run["state"] == "SUCCEEDED" && run["dryRun"] == true), "{runs:?}");
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
    let planned = admin.query(PLAN, plan(json!({}))).await?;
    assert_eq!(planned["planBackfill"]["backfill"]["periods"], json!(["2020-03"]));
    Ok(())
});

both!(a_month_of_which_records_are_gone_is_not_computed_anew, async |backend| {
    let office = Office::open(backend).await?;
    let (secretariat, admin) = (&office.secretariat, office.server.admin()?);
    let january = |key: &str| json!({ "period": "2020-01", "idempotencyKey": key });
    let early = trigger(secretariat, january("early")).await?;
    for (noun, day) in [("LEAVE_ENTRY", "2020-02-01"), ("APPOINTMENT", "2020-03-01")] {
        let gone = format!("UPDATE retention SET disposed_before = '{day}' WHERE noun = '{noun}'");
        office.server.app.db.writer().execute_unprepared(&gone).await?;
    }

    let refused = secretariat.error(TRIGGER, asking(january("late"))).await?;
    assert_eq!(place(&refused), ("BAD_USER_INPUT", Some("period")));
    assert_eq!(refused.message, "Records from before 2020-02 have been disposed of; such a month is not computed anew.");
    let japanese = secretariat.clone().in_japanese().error(TRIGGER, asking(january("late"))).await?;
    assert!(japanese.message.starts_with("2020-02より前の月は"), "{}", japanese.message);
    assert_eq!(trigger(secretariat, january("early")).await?["id"], early["id"], "what was asked for before stands");
    trigger(secretariat, json!({ "period": "2020-02", "idempotencyKey": "february" })).await?;
    let runs = nodes(&admin, "{ jobRuns(first: 9, orderBy: QUEUED_AT) { nodes { period } } }", "jobRuns", Value::Null).await?;
    assert_eq!(runs, [json!({ "period": "2020-01" }), json!({ "period": "2020-02" })]);

    for scope in ["ALL", "MISSING"] {
        let refused = admin.error(PLAN, plan(json!({ "from": "2020-01", "scope": scope }))).await?;
        assert_eq!(place(&refused), ("BAD_USER_INPUT", Some("from")), "{scope}");
    }
    let planned = admin.query(PLAN, plan(json!({ "from": "2020-02", "scope": "ALL" }))).await?;
    assert_eq!(planned["planBackfill"]["backfill"]["periods"], json!(["2020-02", "2020-03"]));
    let periods = nodes(&admin, "{ retentions(first: 50) { nodes { noun disposedBefore } } }", "retentions", Value::Null).await?;
    let gone: Vec<_> = periods.iter().filter(|period| !period["disposedBefore"].is_null()).collect();
    let of = |noun: &str, day: &str| json!({ "noun": noun, "disposedBefore": day });
    assert_eq!(gone, [&of("APPOINTMENT", "2020-03-01"), &of("LEAVE_ENTRY", "2020-02-01")]);
    Ok(())
});

both!(a_job_without_a_month_takes_none, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    for job in ["DISPOSE", "SEAL_AUDIT", "ON_TIME_DAY_NOTICE", "FOLLOW_UP_REMINDER"] {
        let refused = admin.error(TRIGGER, asking(json!({ "job": job, "period": "2020-03" }))).await?;
        assert_eq!(place(&refused), ("BAD_USER_INPUT", Some("period")), "{job}");
        assert_eq!(refused.message, "Runs of this job are not about one month.");
        let refused = admin.clone().in_japanese().error(PLAN, plan(json!({ "job": job }))).await?;
        assert_eq!(place(&refused), ("BAD_USER_INPUT", Some("job")), "{job}");
        assert_eq!(refused.message, "このジョブに対象月はありません。");
    }
    let run = office.server.program()?.args(["run", "dispose", "--period", "2020-03"]).output()?;
    assert!(!run.status.success());
    assert!(String::from_utf8_lossy(&run.stderr).contains("dispose is not about one month"), "{run:?}");
    let runs = nodes(&admin, "{ jobRuns(first: 9) { nodes { id } } }", "jobRuns", Value::Null).await?;
    assert_eq!(runs, Vec::<Value>::new());
    Ok(())
});

both!(statistics_about_people_are_for_those_who_may_read_them, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-03-10", ("08:00", "20:00"))]).await?;
    trigger(&office.secretariat, json!({ "period": "2020-03" })).await?;
    trigger(&office.secretariat, json!({ "job": "OVERTIME_OUTLIERS", "period": "2020-03", "idempotencyKey": "o" })).await?;
    assert_eq!(office.server.run_jobs().await?, 2);
    let list = "{ jobRuns(first: 2, orderBy: QUEUED_AT) { nodes { statistics } } }";
    let shown = nodes(&office.secretariat, list, "jobRuns", Value::Null).await?;
    assert_eq!(shown[0]["statistics"]["largestOvertimeMinutes"], json!(720));
    assert!(shown[1]["statistics"]["breaches"].is_number(), "{shown:?}");
    // An administrator watches runs, and learns of no person how much they worked, nor how few were flagged.
    let admin = nodes(&office.server.admin()?, list, "jobRuns", Value::Null).await?;
    let names = |run: usize| admin[run]["statistics"].as_object().map(|names| names.keys().map(String::as_str).collect::<Vec<_>>());
    let monthly = ["cellsWritten", "marksCleared", "months", "monthsDisposed", "personMonths", "valuesUnchanged", "valuesWritten"];
    assert_eq!(names(0), Some(monthly.to_vec()));
    assert_eq!(names(1), Some(vec!["months", "monthsDisposed", "persons"]));
    Ok(())
});

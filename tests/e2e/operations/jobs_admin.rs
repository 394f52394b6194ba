//! What administrators do to jobs: runs retried and cancelled, schedules changed, backfills; and what they see of them from outside.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use entity::job_run::WarningCode;
use jobs::job::{JobError, Output};
use jobs::ledger::{Fence, LedgerError};
use jobs::runner::Runner;
use jobs::schedule::{self, enqueue_due};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use torikumi_tests::both;
use torikumi_tests::client::{Client, Failure};
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{nodes, with};
use torikumi_tests::server::Server;

const RUN: &str = "id state period trigger requestedBy reason asOf retryOf backfill hasCheckpoint attempt maxAttempts losses priority
    concurrencyKey availableAt epoch leaseOwner leaseUntil deadline cancelRequestedAt cancelRequestedBy codeVersion definitionVersion
    progress { done total phase } events { sequence kind }";
const SCHEDULE: &str = "id job cron zone enabled misfire catchUpSeconds overlap expectedWithinMinutes version changedBy
    nextSlots(count: 2) history { version cron enabled reason changedBy expectedWithinMinutes }";
const BACKFILL: &str = "id state periods atOnce startedAt finishedAt counts { state runs } runs(first: 100) { nodes { id period state } }";

/// A platform with its administrator.
struct Platform {
    server: Server,
    admin: Client,
}

fn document(mutation: &str) -> (String, &'static str) {
    let (input, object, fields) = match mutation {
        "triggerJob" => ("TriggerJobInput", "run", RUN),
        "retryJobRun" => ("RetryJobRunInput", "run", RUN),
        "cancelJobRun" => ("CancelJobRunInput", "run", RUN),
        "updateSchedule" => ("UpdateScheduleInput", "schedule", SCHEDULE),
        "pauseSchedule" => ("PauseScheduleInput", "schedule", SCHEDULE),
        "resumeSchedule" => ("ResumeScheduleInput", "schedule", SCHEDULE),
        "planBackfill" => ("PlanBackfillInput", "backfill", BACKFILL),
        _ => ("BackfillInput", "backfill", BACKFILL),
    };
    (format!("mutation ($input: {input}!) {{ {mutation}(input: $input) {{ {object} {{ {fields} }} }} }}"), object)
}

/// An input that has a reason, and names the job where the mutation is about one.
fn reasoned(mutation: &str, members: Value) -> Value {
    let base = match mutation {
        "retryJobRun" | "cancelJobRun" | "startBackfill" | "cancelBackfill" => json!({ "reason": "a test" }),
        _ => json!({ "reason": "a test", "job": "MONTHLY_INDICATORS" }),
    };
    json!({ "input": with(base, members) })
}

/// What a mutation answers.
async fn act(client: &Client, mutation: &str, members: Value) -> anyhow::Result<Value> {
    let (document, object) = document(mutation);
    Ok(client.query(&document, reasoned(mutation, members)).await?[mutation][object].take())
}

/// Why a mutation is refused: code and field.
async fn refused(client: &Client, mutation: &str, members: Value) -> anyhow::Result<Failure> {
    client.error(&document(mutation).0, reasoned(mutation, members)).await
}

fn place(failure: &Failure) -> (&str, Option<&str>) {
    (failure.code.as_str(), failure.field.as_deref())
}

impl Platform {
    async fn open(backend: Backend) -> anyhow::Result<Self> {
        let server = Server::start(backend).await?;
        server.schedule_alone("MONTHLY_INDICATORS").await?;
        Ok(Self { admin: server.admin()?, server })
    }

    fn runner(&self) -> Runner {
        Runner::new(self.server.app.ledger.clone())
    }

    /// A runner whose runs do nothing, and succeed.
    fn idle(&self) -> Runner {
        self.runner().with_body(|_| Box::pin(async { Ok(Output::new(&json!({}), "0".repeat(64))) }))
    }

    /// A runner whose runs write a checkpoint, and fail.
    fn failing(&self) -> Runner {
        self.runner().with_body(|fence| Box::pin(stumble(fence)))
    }

    async fn trigger(&self, month: &str) -> anyhow::Result<Value> {
        let key = uuid::Uuid::now_v7().to_string();
        act(&self.admin, "triggerJob", json!({ "period": month, "idempotencyKey": key })).await
    }

    async fn run(&self, id: &Value) -> anyhow::Result<Value> {
        let document = format!("query ($id: ID!) {{ jobRun(id: $id) {{ {RUN} }} }}");
        Ok(self.admin.query(&document, json!({ "id": id })).await?["jobRun"].take())
    }

    async fn schedule(&self) -> anyhow::Result<Value> {
        let document = format!("{{ jobSchedule(job: MONTHLY_INDICATORS) {{ {SCHEDULE} }} }}");
        Ok(self.admin.query(&document, Value::Null).await?["jobSchedule"].take())
    }

    async fn backfill(&self, id: &Value) -> anyhow::Result<Value> {
        let document = format!("query ($id: ID!) {{ jobBackfill(id: $id) {{ {BACKFILL} }} }}");
        Ok(self.admin.query(&document, json!({ "id": id })).await?["jobBackfill"].take())
    }

    /// The ids of the runs that match a filter, the first asked for first.
    async fn runs(&self, filter: Value) -> anyhow::Result<Vec<Value>> {
        let list = "query ($filter: JobRunFilter!) { jobRuns(first: 500, filter: $filter, orderBy: QUEUED_AT) { nodes { id slot } } }";
        nodes(&self.admin, list, "jobRuns", json!({ "filter": filter })).await
    }

    /// The entries of the audit trail about a table: verb, record, run and reason, the oldest first.
    async fn trail(&self, noun: &str) -> anyhow::Result<Vec<Value>> {
        let list = "query ($noun: String!) { auditEntries(first: 500, filter: { noun: $noun }, orderBy: AT) {
            nodes { actor verb record run reason counts } } }";
        nodes(&self.admin, list, "auditEntries", json!({ "noun": noun })).await
    }

    async fn verbs(&self, noun: &str) -> anyhow::Result<Vec<String>> {
        Ok(self.trail(noun).await?.iter().map(|entry| entry["verb"].as_str().unwrap_or_default().to_owned()).collect())
    }

    async fn get(&self, path: &str) -> anyhow::Result<(u16, String)> {
        let answer = reqwest::get(format!("{}{path}", self.server.url)).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}

async fn stumble(fence: &Fence) -> Result<Output, JobError> {
    let tx = fence.write().await.map_err(JobError::Fail)?;
    fence.checkpoint(tx, &json!({ "month": 1 })).await.map_err(JobError::Fail)?;
    Err(JobError::Fail(LedgerError::NoSuchRun))
}

fn at(day: u32, hour: u32, minute: u32) -> anyhow::Result<DateTime<Utc>> {
    Utc.with_ymd_and_hms(2020, 4, day, hour, minute, 0).single().context("a date")
}

both!(a_run_that_did_not_succeed_is_retried, async |backend| {
    let platform = Platform::open(backend).await?;
    let admin = &platform.admin;
    let failed = platform.trigger("2020-03").await?;
    let retry = |id: &Value, from: &str, key: &str| json!({ "id": id, "from": from, "idempotencyKey": key });
    let too_early = refused(admin, "retryJobRun", retry(&failed["id"], "FRESH", "0")).await?;
    assert_eq!(place(&too_early), ("CONFLICT", Some("id")));
    assert_eq!(platform.failing().run_queued().await?, 1);
    let failed = platform.run(&failed["id"]).await?;
    assert_eq!((&failed["state"], &failed["hasCheckpoint"], &failed["attempt"]), (&json!("FAILED"), &json!(true), &json!(1)));
    let kinds: Vec<_> = failed["events"].as_array().context("events")?.iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["ENQUEUED", "CLAIMED", "CHECKPOINT", "FAILED"]);
    let later = "query ($id: ID!) { jobRun(id: $id) { events(afterSequence: 2, first: 1) { sequence kind data } } }";
    let later = admin.query(later, json!({ "id": failed["id"] })).await?;
    assert_eq!(later["jobRun"]["events"], json!([{ "sequence": 3, "kind": "CHECKPOINT", "data": { "done": 0, "total": 0 } }]));

    // A day later: the new run is of the same month, at the same "now".
    platform.server.set_now(at(16, 0, 0)?);
    let fresh = act(admin, "retryJobRun", retry(&failed["id"], "FRESH", "1")).await?;
    assert_eq!((&fresh["state"], &fresh["trigger"], &fresh["retryOf"]), (&json!("QUEUED"), &json!("RETRY"), &failed["id"]));
    assert_eq!((&fresh["period"], &fresh["asOf"], &fresh["hasCheckpoint"]), (&json!("2020-03"), &failed["asOf"], &json!(false)));
    assert_eq!(act(admin, "retryJobRun", retry(&failed["id"], "FRESH", "1")).await?["id"], fresh["id"]);
    let going_on = act(admin, "retryJobRun", retry(&failed["id"], "CHECKPOINT", "2")).await?;
    assert_eq!((&going_on["hasCheckpoint"], &going_on["asOf"]), (&json!(true), &failed["asOf"]));
    assert_eq!(platform.runs(json!({ "retryOf": failed["id"], "triggers": ["RETRY"] })).await?.len(), 2);
    // Each names the run that made it, and that one both.
    let made =
        "query ($id: ID!, $first: Int!) { jobRun(id: $id) { causedBy { id } caused(first: $first) { id causedBy { id caused { id } } } } }";
    let former = admin.query(made, json!({ "id": failed["id"], "first": 1 })).await?["jobRun"].take();
    let both = json!([{ "id": fresh["id"] }, { "id": going_on["id"] }]);
    assert_eq!(former["causedBy"], Value::Null);
    assert_eq!(former["caused"], json!([{ "id": fresh["id"], "causedBy": { "id": failed["id"], "caused": both } }]));
    let none = admin.error(made, json!({ "id": failed["id"], "first": 0 })).await?;
    assert_eq!(place(&none), ("BAD_USER_INPUT", Some("first")));

    assert_eq!(platform.server.run_jobs().await?, 2);
    assert_eq!(platform.run(&fresh["id"]).await?["state"], "SUCCEEDED");
    let succeeded = refused(admin, "retryJobRun", retry(&fresh["id"], "FRESH", "3")).await?;
    assert_eq!(place(&succeeded), ("CONFLICT", Some("id")));

    let other = platform.trigger("2020-02").await?;
    act(admin, "cancelJobRun", json!({ "id": other["id"] })).await?;
    let taken = refused(admin, "retryJobRun", retry(&other["id"], "FRESH", "1")).await?;
    assert_eq!(place(&taken), ("CONFLICT", Some("idempotencyKey")));
    let nowhere = refused(admin, "retryJobRun", retry(&other["id"], "CHECKPOINT", "4")).await?;
    assert_eq!(place(&nowhere), ("CONFLICT", Some("from")));
    let bad = [json!({ "reason": " " }), json!({ "idempotencyKey": "" }), json!({ "id": "x" })];
    for (members, field) in bad.into_iter().zip(["reason", "idempotencyKey", "id"]) {
        let failure = refused(admin, "retryJobRun", with(retry(&failed["id"], "FRESH", "5"), members)).await?;
        assert_eq!(place(&failure), ("BAD_USER_INPUT", Some(field)));
    }
    let secretariat = platform.server.secretariat()?;
    assert_eq!(refused(&secretariat, "retryJobRun", retry(&failed["id"], "FRESH", "1")).await?.code, "FORBIDDEN");

    let trail = platform.trail("job_run").await?;
    let retries: Vec<_> = trail.iter().filter(|entry| entry["verb"] == "RETRY").collect();
    assert_eq!(retries.iter().map(|entry| entry["run"].clone()).collect::<Vec<_>>(), [fresh["id"].clone(), going_on["id"].clone()]);
    assert!(retries.iter().all(|entry| entry["reason"] == "a test" && entry["actor"] == "admin"), "{retries:?}");
    Ok(())
});

both!(a_run_is_cancelled_whether_it_waits_or_goes_on, async |backend| {
    let platform = Platform::open(backend).await?;
    let waiting = platform.trigger("2020-03").await?;
    let cancelled = act(&platform.admin, "cancelJobRun", json!({ "id": waiting["id"] })).await?;
    assert_eq!((&cancelled["state"], &cancelled["cancelRequestedBy"]), (&json!("CANCELLED"), &json!("admin")));
    assert_eq!(act(&platform.admin, "cancelJobRun", json!({ "id": waiting["id"] })).await?, cancelled);
    assert_eq!(platform.server.run_jobs().await?, 0);

    // One that goes on sees it before its next write.
    let running = platform.trigger("2020-02").await?;
    let (admin, id) = (platform.admin.clone(), running["id"].clone());
    let runner = platform.runner().with_body(move |fence| {
        let (admin, id) = (admin.clone(), id.clone());
        Box::pin(async move {
            let asked = act(&admin, "cancelJobRun", json!({ "id": id })).await;
            assert!(asked.is_ok_and(|run| run["state"] == "CANCELLING" && run["leaseOwner"].is_string()));
            fence.write().await.map_err(JobError::Fail)?;
            Ok(Output::new(&json!({}), String::new()))
        })
    });
    assert_eq!(runner.run_queued().await?, 1);
    assert_eq!(platform.run(&running["id"]).await?["state"], "CANCELLED");

    let done = platform.trigger("2020-01").await?;
    assert_eq!(platform.idle().run_queued().await?, 1);
    assert_eq!(place(&refused(&platform.admin, "cancelJobRun", json!({ "id": done["id"] })).await?), ("CONFLICT", Some("id")));
    let secretariat = platform.server.secretariat()?;
    assert_eq!(refused(&secretariat, "cancelJobRun", json!({ "id": done["id"] })).await?.code, "FORBIDDEN");
    assert_eq!(platform.verbs("job_run").await?, ["TRIGGER", "CANCEL", "TRIGGER", "CANCEL", "TRIGGER"]);

    let ids = async |filter: Value| anyhow::Ok(platform.runs(filter).await?.into_iter().map(|run| run["id"].clone()).collect::<Vec<_>>());
    assert_eq!(ids(json!({ "states": ["CANCELLED"], "periodFrom": "2020-02", "periodTo": "2020-02" })).await?, [running["id"].clone()]);
    assert_eq!(ids(json!({ "queuedFrom": "2020-04-15T00:00:00Z", "queuedTo": "2020-04-15T00:00:00Z" })).await?.len(), 0);
    assert_eq!(ids(json!({ "changedAfter": "2020-04-14T23:59:59Z" })).await?.len(), 3);
    let going = platform.trigger("2020-01").await?;
    // What ended at the instant that was seen may come again; what goes on comes always.
    assert_eq!(ids(json!({ "changedAfter": "2020-04-15T00:00:01Z" })).await?, [going["id"].clone()]);
    Ok(())
});

both!(a_schedule_is_changed_from_now_on_and_keeps_its_history, async |backend| {
    let platform = Platform::open(backend).await?;
    let (admin, ledger) = (&platform.admin, &platform.server.app.ledger);
    let before = platform.schedule().await?;
    assert_eq!((&before["version"], &before["changedBy"]), (&json!(1), &json!("system")));
    assert_eq!(before["nextSlots"], json!(["2020-04-15T17:30:00+00:00", "2020-04-16T17:30:00+00:00"]));
    // Nine in the morning in Tokyo: eight is over, and is not made up for.
    let change = json!({ "cron": "0 0 8 * * *", "overlap": "SKIP", "expectedVersion": 1 });
    let after = act(admin, "updateSchedule", change.clone()).await?;
    assert_eq!((&after["version"], &after["cron"], &after["overlap"]), (&json!(2), &json!("0 0 8 * * *"), &json!("SKIP")));
    assert_eq!((&after["zone"], &after["misfire"]), (&before["zone"], &before["misfire"]));
    assert_eq!(enqueue_due(ledger).await?, 0);
    platform.server.set_now(at(15, 23, 0)?);
    assert_eq!(enqueue_due(ledger).await?, 1);
    assert_eq!(platform.runs(json!({ "triggers": ["SCHEDULE"] })).await?[0]["slot"], "2020-04-15T23:00:00+00:00");
    // While that waits, the next one is skipped, as the schedule now says.
    platform.server.set_now(at(16, 23, 0)?);
    assert_eq!(enqueue_due(ledger).await?, 1);
    assert_eq!(platform.runs(json!({ "states": ["SKIPPED"] })).await?[0]["slot"], "2020-04-16T23:00:00+00:00");

    // Sent again, it is made already; another one upon the old version is refused.
    assert_eq!(act(admin, "updateSchedule", change).await?["version"], 2);
    let stale = refused(admin, "updateSchedule", json!({ "cron": "0 0 9 * * *", "expectedVersion": 1 })).await?;
    assert_eq!(place(&stale), ("CONFLICT", Some("expectedVersion")));
    let history = json!([
        { "version": 2, "cron": "0 0 8 * * *", "enabled": true, "reason": "a test", "changedBy": "admin", "expectedWithinMinutes": 360 },
        { "version": 1, "cron": "0 30 2 * * *", "enabled": true, "reason": null, "changedBy": "system", "expectedWithinMinutes": 360 },
    ]);
    assert_eq!(platform.schedule().await?["history"], history);
    let trail = platform.trail("job_schedule").await?;
    let entry = json!({ "actor": "admin", "verb": "UPDATE", "record": after["id"], "run": null, "reason": "a test",
        "counts": { "job": "MONTHLY_INDICATORS", "version": 2 } });
    assert_eq!(trail, [entry]);
    let listed = "{ jobSchedules(filter: { enabled: true, jobs: [MONTHLY_INDICATORS] }) { nodes { version } totalCount } }";
    assert_eq!(admin.query(listed, Value::Null).await?["jobSchedules"], json!({ "nodes": [{ "version": 2 }], "totalCount": 1 }));
    Ok(())
});

both!(a_schedule_that_is_none_is_refused_at_its_field, async |backend| {
    let platform = Platform::open(backend).await?;
    let japanese = platform.admin.clone().in_japanese();
    let lines = [
        (json!({ "cron": "0 0 8 1 * MON" }), "cron", "The day of the month and the day of the week are both restricted", "日と曜日の両方"),
        (json!({ "cron": "0 8 * * *" }), "cron", "A cron has six fields", "6項目"),
        (json!({ "cron": "0 0 25 * * *" }), "cron", "The cron cannot be read", "読み取れません"),
        (json!({ "cron": "0 0 8 30 2 *" }), "cron", "The cron matches no day", "当てはまる日はありません"),
        (json!({ "cron": " " }), "cron", "Write 1 to 200 characters", "200文字以内"),
        (json!({ "zone": "Asia/Edo" }), "zone", "There is no time zone", "該当する時間帯がありません"),
        (json!({ "catchUpSeconds": -1 }), "catchUpSeconds", "The catch-up window is", "0秒から"),
        (json!({ "expectedWithinMinutes": 0 }), "expectedWithinMinutes", "A run is expected within", "1分から"),
        (json!({ "expectedWithinMinutes": 44641 }), "expectedWithinMinutes", "A run is expected within", "1分から"),
        (json!({ "reason": "" }), "reason", "Write 1 to 1000 characters", "1000文字以内"),
    ];
    for (members, field, en, ja) in lines {
        let members = with(json!({ "expectedVersion": 1 }), members);
        let failure = refused(&platform.admin, "updateSchedule", members.clone()).await?;
        assert_eq!(place(&failure), ("BAD_USER_INPUT", Some(field)), "{members}");
        assert!(failure.message.starts_with(en), "{}", failure.message);
        let failure = refused(&japanese, "updateSchedule", members).await?;
        assert!(failure.message.contains(ja), "{}", failure.message);
    }
    for mutation in ["updateSchedule", "pauseSchedule", "resumeSchedule"] {
        let members = match mutation {
            "updateSchedule" => json!({ "misfire": "ALL", "expectedVersion": 1 }),
            "pauseSchedule" => json!({}),
            _ => json!({ "missed": "ALL" }),
        };
        assert_eq!(refused(&platform.server.secretariat()?, mutation, members).await?.code, "FORBIDDEN");
    }
    let preview = "query ($cron: String!, $zone: String!, $count: Int!, $from: DateTime) {
        previewSchedule(cron: $cron, zone: $zone, count: $count, from: $from) }";
    let ask = |zone: &str, count: i32, from: &str| json!({ "cron": "0 30 1 * * *", "zone": zone, "count": count, "from": from });
    // An hour that summer time skips is made up for at its end.
    let slots = platform.admin.query(preview, ask("Europe/London", 2, "2020-03-28T02:00:00Z")).await?;
    assert_eq!(slots["previewSchedule"], json!(["2020-03-29T01:00:00+00:00", "2020-03-30T00:30:00+00:00"]));
    for (zone, count, from, field) in [
        ("Asia/Edo", 2, "2020-03-28T02:00:00Z", "zone"),
        ("UTC", 0, "2020-03-28T02:00:00Z", "count"),
        ("UTC", 101, "2020-03-28T02:00:00Z", "count"),
        ("UTC", 2, "+262000-01-01T00:00:00Z", "from"),
    ] {
        assert_eq!(place(&platform.admin.error(preview, ask(zone, count, from)).await?), ("BAD_USER_INPUT", Some(field)), "{from}");
    }
    assert_eq!(platform.schedule().await?["version"], 1);
    assert_eq!(platform.verbs("job_schedule").await?, Vec::<String>::new());
    Ok(())
});

both!(a_resumed_schedule_does_with_missed_slots_what_it_is_told, async |backend| {
    let platform = Platform::open(backend).await?;
    let (admin, ledger) = (&platform.admin, &platform.server.app.ledger);
    assert_eq!(enqueue_due(ledger).await?, 1);
    let slots = async || -> anyhow::Result<Vec<String>> {
        let runs = platform.runs(json!({ "triggers": ["SCHEDULE"] })).await?;
        Ok(runs.iter().map(|run| run["slot"].as_str().unwrap_or_default()[5..16].to_owned()).collect())
    };
    assert_eq!(slots().await?, ["04-14T17:30"]);

    let paused = act(admin, "pauseSchedule", json!({})).await?;
    assert_eq!((&paused["enabled"], &paused["nextSlots"], &paused["version"]), (&json!(false), &json!([]), &json!(2)));
    assert_eq!(act(admin, "pauseSchedule", json!({})).await?["version"], 2);
    platform.server.set_now(at(18, 0, 0)?);
    assert_eq!(enqueue_due(ledger).await?, 0);
    let resumed = act(admin, "resumeSchedule", json!({ "missed": "SKIP" })).await?;
    assert_eq!((&resumed["enabled"], &resumed["version"]), (&json!(true), &json!(3)));
    assert_eq!(act(admin, "resumeSchedule", json!({ "missed": "ALL" })).await?["version"], 3, "it is not paused");
    assert_eq!(enqueue_due(ledger).await?, 0);
    assert_eq!(slots().await?.len(), 1);

    act(admin, "pauseSchedule", json!({})).await?;
    platform.server.set_now(at(21, 0, 0)?);
    act(admin, "resumeSchedule", json!({ "missed": "LATEST" })).await?;
    assert_eq!(enqueue_due(ledger).await?, 0);
    assert_eq!(slots().await?, ["04-14T17:30", "04-20T17:30"]);

    act(admin, "pauseSchedule", json!({})).await?;
    platform.server.set_now(at(24, 0, 0)?);
    act(admin, "resumeSchedule", json!({ "missed": "ALL" })).await?;
    assert_eq!(slots().await?, ["04-14T17:30", "04-20T17:30", "04-21T17:30", "04-22T17:30", "04-23T17:30"]);
    platform.server.set_now(at(24, 17, 30)?);
    assert_eq!(enqueue_due(ledger).await?, 1);

    // As many as a statement holds, and too many.
    act(admin, "pauseSchedule", json!({})).await?;
    let version = platform.schedule().await?["version"].clone();
    act(admin, "updateSchedule", json!({ "cron": "0 * * * * *", "expectedVersion": version })).await?;
    platform.server.set_now(at(24, 17, 30)? + TimeDelta::minutes(1_200));
    let many = refused(admin, "resumeSchedule", json!({ "missed": "ALL" })).await?;
    assert_eq!(place(&many), ("LIMIT_EXCEEDED", Some("missed")));
    platform.server.set_now(at(24, 17, 30)? + TimeDelta::minutes(999));
    act(admin, "resumeSchedule", json!({ "missed": "ALL" })).await?;
    let total = admin.query("{ jobRuns(filter: { triggers: [SCHEDULE] }) { totalCount } }", Value::Null).await?;
    assert_eq!(total["jobRuns"]["totalCount"], 6 + 999);
    let verbs = platform.verbs("job_schedule").await?;
    let expected = ["PAUSE", "RESUME", "PAUSE", "RESUME", "PAUSE", "RESUME", "PAUSE", "UPDATE", "RESUME"];
    assert_eq!(verbs, expected);
    Ok(())
});

both!(a_backfill_takes_the_months_of_its_scope, async |backend| {
    let platform = Platform::open(backend).await?;
    let admin = &platform.admin;
    platform.trigger("2020-01").await?;
    platform.idle().run_queued().await?;
    for month in ["2020-01", "2020-02"] {
        platform.trigger(month).await?;
    }
    platform.failing().run_queued().await?;
    let range = json!({ "from": "2020-01", "to": "2020-03", "scope": "ALL" });
    let scopes = [
        ("MISSING", json!(["2020-02", "2020-03"])),
        ("FAILED", json!(["2020-01", "2020-02"])),
        ("ALL", json!(["2020-01", "2020-02", "2020-03"])),
    ];
    for (scope, months) in scopes {
        let planned = act(admin, "planBackfill", with(range.clone(), json!({ "scope": scope }))).await?;
        assert_eq!((&planned["state"], &planned["periods"], &planned["counts"]), (&json!("PLANNED"), &months, &json!([])), "{scope}");
    }
    assert_eq!(platform.server.run_jobs().await?, 0, "a plan runs nothing");
    // A month that was tried again and succeeded has not failed.
    platform.trigger("2020-02").await?;
    platform.idle().run_queued().await?;
    let failed = act(admin, "planBackfill", with(range.clone(), json!({ "scope": "FAILED" }))).await?;
    assert_eq!(failed["periods"], json!(["2020-01"]));
    let listed = "{ jobBackfills(filter: { job: MONTHLY_INDICATORS, states: [PLANNED] }, first: 2) { nodes { scope } totalCount } }";
    let listed = admin.query(listed, Value::Null).await?;
    assert_eq!(listed["jobBackfills"], json!({ "nodes": [{ "scope": "FAILED" }, { "scope": "ALL" }], "totalCount": 4 }));

    for (members, field) in [
        (json!({ "from": "2020-04" }), "to"),
        (json!({ "to": "2020-05" }), "to"),
        (json!({ "from": "2000-01" }), "from"),
        (json!({ "atOnce": 0 }), "atOnce"),
        (json!({ "atOnce": 17 }), "atOnce"),
        (json!({ "reason": "" }), "reason"),
    ] {
        let failure = refused(admin, "planBackfill", with(range.clone(), members)).await?;
        assert_eq!(place(&failure), ("BAD_USER_INPUT", Some(field)));
    }
    assert_eq!(refused(&platform.server.secretariat()?, "planBackfill", range).await?.code, "FORBIDDEN");
    // One without months is over when it starts.
    let none = act(admin, "planBackfill", json!({ "from": "2020-02", "to": "2020-02", "scope": "MISSING" })).await?;
    let over = act(admin, "startBackfill", json!({ "id": none["id"] })).await?;
    assert_eq!((&over["state"], &over["runs"]["nodes"]), (&json!("FINISHED"), &json!([])));
    Ok(())
});

both!(a_backfill_runs_so_many_at_once_and_no_more, async |backend| {
    let platform = Platform::open(backend).await?;
    let (admin, ledger) = (&platform.admin, &platform.server.app.ledger);
    for at_once in [1, 2] {
        let plan = json!({ "from": "2019-12", "to": "2020-03", "scope": "ALL", "atOnce": at_once });
        let planned = act(admin, "planBackfill", plan).await?;
        let started = act(admin, "startBackfill", json!({ "id": planned["id"] })).await?;
        assert_eq!((&started["state"], &started["counts"]), (&json!("RUNNING"), &json!([{ "state": "QUEUED", "runs": at_once }])));
        assert_eq!(act(admin, "startBackfill", json!({ "id": planned["id"] })).await?, started);
        // Nothing is behind until one is over.
        assert_eq!(ledger.advance_backfills().await?, 0);
        let runner = if at_once == 1 { platform.idle() } else { platform.failing() };
        let mut begun = Vec::new();
        for done in 1..=4 {
            let queued = nodes_of(&platform.backfill(&planned["id"]).await?, "QUEUED");
            let first = queued.first().context("no run waits")?;
            begun.push(first["period"].clone());
            runner.run(key(&first["id"])?.into()).await?;
            assert_eq!(ledger.advance_backfills().await?, usize::from(done + at_once <= 4 || done == 4), "after {done}");
            let waiting = nodes_of(&platform.backfill(&planned["id"]).await?, "QUEUED").len();
            assert_eq!(waiting, usize::try_from(at_once.min(4 - done))?, "after {done}");
        }
        assert_eq!(begun, ["2019-12", "2020-01", "2020-02", "2020-03"]);
        let over = platform.backfill(&planned["id"]).await?;
        let ended = if at_once == 1 { "SUCCEEDED" } else { "FAILED" };
        assert_eq!((&over["state"], &over["counts"]), (&json!("FINISHED"), &json!([{ "state": ended, "runs": 4 }])));
        assert!(over["finishedAt"].is_string());
        assert_eq!(act(admin, "startBackfill", json!({ "id": planned["id"] })).await?, over);
        assert_eq!(place(&refused(admin, "cancelBackfill", json!({ "id": planned["id"] })).await?), ("CONFLICT", Some("id")));
    }
    // A worker's looks bring it to its end by themselves.
    let planned = act(admin, "planBackfill", json!({ "from": "2020-01", "to": "2020-03", "scope": "ALL" })).await?;
    act(admin, "startBackfill", json!({ "id": planned["id"] })).await?;
    assert_eq!(platform.idle().run_queued().await?, 3);
    assert_eq!(platform.backfill(&planned["id"]).await?["state"], "FINISHED");
    assert_eq!(platform.runs(json!({ "backfill": planned["id"] })).await?.len(), 3);
    Ok(())
});

both!(a_backfill_is_cancelled_in_the_middle, async |backend| {
    let platform = Platform::open(backend).await?;
    let (admin, ledger) = (&platform.admin, &platform.server.app.ledger);
    let plan = json!({ "from": "2019-11", "to": "2020-03", "scope": "ALL", "atOnce": 2 });
    let planned = act(admin, "planBackfill", plan.clone()).await?;
    act(admin, "startBackfill", json!({ "id": planned["id"] })).await?;
    let queued = nodes_of(&platform.backfill(&planned["id"]).await?, "QUEUED");
    platform.idle().run(key(&queued[0]["id"])?.into()).await?;
    ledger.advance_backfills().await?;
    // One is done, one goes on and asks for the end of all, one waits, two never began.
    let (client, id) = (admin.clone(), planned["id"].clone());
    let runner = platform.runner().with_body(move |fence| {
        let (client, id) = (client.clone(), id.clone());
        Box::pin(async move {
            let asked = act(&client, "cancelBackfill", json!({ "id": id })).await;
            assert!(asked.is_ok_and(|backfill| backfill["state"] == "CANCELLED"));
            fence.write().await.map_err(JobError::Fail)?;
            Ok(Output::new(&json!({}), String::new()))
        })
    });
    assert_eq!(runner.run_queued().await?, 1);
    let over = platform.backfill(&planned["id"]).await?;
    let counts = json!([{ "state": "CANCELLED", "runs": 2 }, { "state": "SUCCEEDED", "runs": 1 }]);
    assert_eq!((&over["state"], &over["counts"]), (&json!("CANCELLED"), &counts));
    assert_eq!((ledger.advance_backfills().await?, platform.server.run_jobs().await?), (0, 0));
    assert_eq!(act(admin, "cancelBackfill", json!({ "id": planned["id"] })).await?, over);
    assert_eq!(place(&refused(admin, "startBackfill", json!({ "id": planned["id"] })).await?), ("CONFLICT", Some("id")));
    // One that has not begun is cancelled too.
    let idle = act(admin, "planBackfill", plan).await?;
    assert_eq!(act(admin, "cancelBackfill", json!({ "id": idle["id"] })).await?["state"], "CANCELLED");
    for mutation in ["startBackfill", "cancelBackfill"] {
        assert_eq!(place(&refused(admin, mutation, json!({ "id": "x" })).await?), ("BAD_USER_INPUT", Some("id")));
        assert_eq!(refused(&platform.server.secretariat()?, mutation, json!({ "id": idle["id"] })).await?.code, "FORBIDDEN");
    }
    let trail = platform.trail("job_backfill").await?;
    let named: Vec<_> = trail.iter().map(|entry| (entry["verb"].as_str().unwrap_or_default(), entry["record"].clone())).collect();
    let (first, second) = (planned["id"].clone(), idle["id"].clone());
    let expected = [("PLAN", first.clone()), ("START", first.clone()), ("CANCEL", first), ("PLAN", second.clone()), ("CANCEL", second)];
    assert_eq!(named, expected);
    Ok(())
});

/// The runs of a backfill in one state, the oldest month first.
fn nodes_of(backfill: &Value, state: &str) -> Vec<Value> {
    let mut runs: Vec<_> =
        backfill["runs"]["nodes"].as_array().into_iter().flatten().filter(|run| run["state"] == state).cloned().collect();
    runs.sort_by_key(|run| run["period"].to_string());
    runs
}

/// The key in a global id.
fn key(id: &Value) -> anyhow::Result<uuid::Uuid> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id.as_str().context("an id")?)?)?;
    Ok(text.split_once(':').context("no table")?.1.parse()?)
}

both!(a_process_whose_loop_has_stopped_is_not_ready, async |backend| {
    let platform = Platform::open(backend).await?;
    assert_eq!(platform.get("/readyz").await?, (200, "ready\n".to_owned()), "a process without jobs misses none");
    let stop = CancellationToken::new();
    let (runner, stopping) = (platform.idle(), stop.clone());
    let worker = tokio::spawn(async move { runner.work(1, stopping).await });
    let schedule = schedule::start(platform.server.app.ledger.clone()).await?;
    assert_eq!(platform.get("/readyz").await?.0, 200);
    schedule.stop().await?;
    assert_eq!(platform.get("/readyz").await?, (503, "scheduler\n".to_owned()));
    let schedule = schedule::start(platform.server.app.ledger.clone()).await?;
    assert_eq!(platform.get("/readyz").await?.0, 200);
    stop.cancel();
    worker.await??;
    assert_eq!(platform.get("/readyz").await?, (503, "worker\n".to_owned()));
    schedule.stop().await?;
    Ok(())
});

both!(the_queue_is_counted, async |backend| {
    let platform = Platform::open(backend).await?;
    enqueue_due(&platform.server.app.ledger).await?;
    platform.trigger("2020-03").await?;
    platform.server.set_now(at(15, 0, 1)?);
    let queue = platform.server.app.ledger.queue().await?;
    assert_eq!((queue.queued, queue.running, queue.ready, queue.oldest_ready), (2, 0, 2, Some(at(15, 0, 0)?)));
    assert_eq!(platform.idle().run_queued().await?, 2);
    let queue = platform.server.app.ledger.queue().await?;
    assert_eq!((queue.queued, queue.ready, queue.oldest_ready), (0, 0, None));
    let (_, text) = platform.get("/metrics").await?;
    for line in [
        "job_queue_depth ",
        "job_queue_oldest_age_seconds ",
        "job_runs{state=\"queued\"} ",
        "job_run_duration_seconds_bucket{job=\"monthly-indicators\",outcome=\"succeeded\",le=\"60\"}",
        "job_slot_lateness_seconds_count{job=\"monthly-indicators\"}",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    Ok(())
});

both!(alarms_are_shown_and_schedules_say_when_they_are_late, async |backend| {
    let platform = Platform::open(backend).await?;
    let look = async || -> anyhow::Result<Value> {
        let key = uuid::Uuid::now_v7().to_string();
        let run = act(&platform.admin, "triggerJob", json!({ "job": "ALARMS", "idempotencyKey": key })).await?;
        assert_eq!(platform.server.run_jobs().await?, 1);
        let told = "query ($id: ID!) { jobRun(id: $id) { statistics } }";
        let told = platform.admin.query(told, json!({ "id": run["id"] })).await?["jobRun"]["statistics"]["found"].take();
        Ok(told["RUN_LATE"].clone())
    };
    let within = async |version: i32, minutes: i32| {
        let change = json!({ "expectedWithinMinutes": minutes, "expectedVersion": version });
        act(&platform.admin, "updateSchedule", change).await
    };
    let changed = within(1, 30).await?;
    assert_eq!((&changed["expectedWithinMinutes"], &changed["history"][1]["expectedWithinMinutes"]), (&json!(30), &json!(360)));
    // The night's slot, at 02:30 in Tokyo, was not done by 03:01.
    platform.server.set_now(at(15, 18, 1)?);
    assert_eq!(look().await?, 1);
    let (_, text) = platform.get("/metrics").await?;
    for line in ["alarms{kind=\"run_late\"} ", "alarms{kind=\"seal_broken\"} ", "alarms_age_seconds "] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    // A change counts from now on: the slot is older than that.
    within(2, 60).await?;
    assert_eq!(look().await?, Value::Null);
    Ok(())
});

both!(a_run_that_lost_its_worker_is_counted, async |backend| {
    let platform = Platform::open(backend).await?;
    let lost = async || -> anyhow::Result<u32> {
        let (_, text) = platform.get("/metrics").await?;
        let line = text.lines().find_map(|line| line.strip_prefix("job_leases_lost_total{job=\"monthly-indicators\"} "));
        Ok(line.map(str::parse).transpose()?.unwrap_or_default())
    };
    platform.trigger("2020-03").await?;
    assert_eq!(platform.idle().run_queued().await?, 1);
    let before = lost().await?;
    let run = platform.trigger("2020-02").await?;
    let vanish =
        "UPDATE job_run SET state = 'RUNNING', epoch = 1, attempt = 1, lease_owner = 'gone', lease_until = '2020-04-14T23:59:00+00:00'
        WHERE state = 'QUEUED'";
    for statement in [vanish, "UPDATE job_fence SET epoch = 1 WHERE run_id IN (SELECT id FROM job_run WHERE lease_owner = 'gone')"] {
        platform.server.app.db.writer().execute_unprepared(statement).await?;
    }
    assert_eq!(platform.idle().run_queued().await?, 1);
    let run = platform.run(&run["id"]).await?;
    assert_eq!((&run["state"], &run["losses"], &run["attempt"]), (&json!("SUCCEEDED"), &json!(1), &json!(1)));
    assert_eq!(lost().await?, before + 1, "and one that came to its end is not");
    Ok(())
});

both!(a_run_that_left_something_out_is_found_by_it, async |backend| {
    let platform = Platform::open(backend).await?;
    let [clean, warned, failed] =
        [platform.trigger("2020-01").await?, platform.trigger("2020-02").await?, platform.trigger("2020-03").await?];
    let told = "query ($id: ID!) { jobRun(id: $id) { outcome warnings { code count } } }";
    let told = async |run: &Value| anyhow::Ok(platform.admin.query(told, json!({ "id": run["id"] })).await?["jobRun"].take());
    assert_eq!(told(&warned).await?, json!({ "outcome": null, "warnings": [] }), "it is not over");
    let run = platform.runner().with_body(|fence| {
        let output = Output::new(&json!({}), "0".repeat(64));
        let month = fence.run().period.map(|month| month.to_string()).unwrap_or_default();
        Box::pin(async move {
            match month.as_str() {
                "2020-01" => Ok(output.warning(WarningCode::MailsFailed, 0)),
                "2020-02" => Ok(output.warning(WarningCode::WithoutAddress, 3).warning(WarningCode::NothingSent, 3)),
                _ => Err(JobError::Fail(LedgerError::NoSuchRun)),
            }
        })
    });
    assert_eq!(run.run_queued().await?, 3);
    assert_eq!(told(&clean).await?, json!({ "outcome": "CLEAN", "warnings": [] }));
    let warnings = json!([{ "code": "WITHOUT_ADDRESS", "count": 3 }, { "code": "NOTHING_SENT", "count": 3 }]);
    assert_eq!(told(&warned).await?, json!({ "outcome": "WITH_WARNINGS", "warnings": warnings }));
    assert_eq!(told(&failed).await?, json!({ "outcome": null, "warnings": [] }), "its state says it");
    let found = async |outcome: &str| {
        let runs = platform.runs(json!({ "outcome": outcome })).await?;
        anyhow::Ok(runs.into_iter().map(|run| run["id"].clone()).collect::<Vec<_>>())
    };
    assert_eq!((found("WITH_WARNINGS").await?, found("CLEAN").await?), (vec![warned["id"].clone()], vec![clean["id"].clone()]));
    Ok(())
});

/// The program itself, which `tests/run` builds.
fn program(server: &Server) -> anyhow::Result<Command> {
    let executable = std::env::current_exe()?;
    let program: PathBuf = executable.parent().and_then(Path::parent).context("no target folder")?.join("torikumi");
    ensure!(program.is_file(), "{} is missing: run tests/run, or cargo build --workspace", program.display());
    let mut command = Command::new(program);
    command.env("DATABASE_URL", &server.database.url).env("TORIKUMI_KEY", server.key_file()).env("TORIKUMI_CONNECTIONS", "4");
    command.env("TORIKUMI_SECURITY_LOG", "off");
    Ok(command)
}

both!(the_terminal_shows_schedules_and_runs, async |backend| {
    let platform = Platform::open(backend).await?;
    platform.trigger("2020-03").await?;
    platform.failing().run_queued().await?;
    platform.trigger("2020-02").await?;
    let output = program(&platform.server)?.args(["jobs", "--json", "--runs", "1"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown: Value = serde_json::from_slice(&output.stdout)?;
    let runs = shown["runs"].as_array().context("runs")?;
    assert_eq!((runs.len(), &runs[0]["state"], &runs[0]["period"]), (1, &json!("QUEUED"), &json!("2020-02")));
    let schedules = shown["schedules"].as_array().context("schedules")?;
    let schedule = schedules.iter().find(|schedule| schedule["job"] == "monthly-indicators").context("no schedule")?;
    assert_eq!(schedule["nextSlots"].as_array().map(Vec::len), Some(3));

    let output = program(&platform.server)?.arg("jobs").output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find(|line| line.starts_with("FAILED")).with_context(|| text.clone())?;
    let cells: Vec<_> = line.split_whitespace().collect();
    assert_eq!(cells, ["FAILED", "monthly-indicators", "2020-03", "MANUAL", "1/5", "2020-04-15", "09:00:00", "0", "s"]);
    assert!(!text.contains("admin") && !text.contains("a test"), "who asked and why is nobody's business here: {text}");
    Ok(())
});

both!(a_worker_answers_how_it_is_and_nothing_else, async |backend| {
    let platform = Platform::open(backend).await?;
    let mut worker = program(&platform.server)?.args(["worker", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn()?;
    let lines: Vec<String> = {
        let reader = BufReader::new(worker.stdout.take().context("stdout")?);
        reader.lines().take(2).collect::<Result<_, _>>()?
    };
    let url = lines.get(1).and_then(|line| line.strip_prefix("Torikumi listens on ")).with_context(|| format!("{lines:?}"))?;
    let ask = async |path: &str| -> anyhow::Result<(u16, String)> {
        let answer = reqwest::get(format!("{url}{path}")).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    };
    let asked = async {
        assert_eq!(ask("/healthz").await?, (200, "ok\n".to_owned()));
        assert_eq!(ask("/readyz").await?, (200, "ready\n".to_owned()));
        assert!(ask("/metrics").await?.1.contains("job_queue_depth "));
        assert_eq!(ask("/graphql").await?.0, 404);
        anyhow::Ok(())
    }
    .await;
    ensure!(Command::new("kill").args(["-TERM", &worker.id().to_string()]).status()?.success());
    let ended = worker.wait()?;
    asked?;
    assert!(ended.success());
    Ok(())
});

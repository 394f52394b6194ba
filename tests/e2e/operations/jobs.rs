//! Runs of jobs: asked for, scheduled, watched, and what goes on beside them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{TimeZone, Utc};
use entity::period::YearMonth;
use entity::stale_mark;
use jobs::runner::{Phase, Runner};
use jobs::schedule::enqueue_due;
use sea_orm::{ColumnTrait, ConnectOptions, ConnectionTrait, Database, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, input, interval, nodes, record, send, shift, with};

const TRIGGER: &str = "mutation ($input: TriggerJobInput!) { triggerJob(input: $input) { run {
    id job period trigger requestedBy reason slot state startedAt finishedAt statistics outputDigest error } } }";
const RUN: &str = "query ($id: ID!) { jobRun(id: $id) { id state period trigger statistics outputDigest startedAt finishedAt error } }";

fn asking(period: &Value, key: &str) -> Value {
    json!({ "input": { "job": "MONTHLY_INDICATORS", "period": period, "reason": "a test", "idempotencyKey": key } })
}

/// Asks for a run of the month, or of what is stale for null.
async fn trigger(client: &Client, period: Value, key: &str) -> anyhow::Result<Value> {
    Ok(client.query(TRIGGER, asking(&period, key)).await?["triggerJob"]["run"].take())
}

/// Does a run of the month, or of what is stale for null, and shows it.
pub async fn done(office: &Office, period: Value, key: &str) -> anyhow::Result<Value> {
    let asked = trigger(&office.secretariat, period, key).await?;
    office.server.run_jobs().await?;
    let run = office.secretariat.query(RUN, json!({ "id": asked["id"] })).await?["jobRun"].take();
    anyhow::ensure!(run["state"] == "SUCCEEDED", "{run}");
    Ok(run)
}

both!(one_key_asks_for_one_run, async |backend| {
    let office = Office::open(backend).await?;
    let first = trigger(&office.secretariat, json!("2020-03"), "k").await?;
    assert_eq!((&first["state"], &first["period"], &first["trigger"]), (&json!("QUEUED"), &json!("2020-03"), &json!("MANUAL")));
    assert_eq!((&first["requestedBy"], &first["reason"], &first["slot"]), (&json!("secretariat"), &json!("a test"), &Value::Null));
    assert_eq!(trigger(&office.secretariat, json!("2020-03"), "k").await?, first);
    for other in [json!("2020-04"), Value::Null] {
        let error = office.secretariat.error(TRIGGER, asking(&other, "k")).await?;
        assert_eq!((error.code.as_str(), error.field.as_deref()), ("CONFLICT", Some("idempotencyKey")), "{other}");
    }
    // Keys belong to who asks.
    let admin = office.server.admin()?;
    assert_ne!(trigger(&admin, json!("2020-03"), "k").await?["id"], first["id"]);

    assert_eq!(office.server.run_jobs().await?, 2);
    assert_eq!(office.server.run_jobs().await?, 0);
    // Asked for again, a run that is done is shown, not done again.
    let again = trigger(&office.secretariat, json!("2020-03"), "k").await?;
    assert_eq!((&again["id"], &again["state"]), (&first["id"], &json!("SUCCEEDED")));
    assert_eq!(again["statistics"]["personMonths"], 3);
    assert_eq!(again["outputDigest"].as_str().map(str::len), Some(64));
    assert_eq!(office.server.run_jobs().await?, 0);

    let bad = |members: Value| json!({ "input": with(asking(&json!("2020-03"), "l")["input"].take(), members) });
    for (members, field) in [(json!({ "reason": " " }), "reason"), (json!({ "idempotencyKey": "" }), "idempotencyKey")] {
        let error = office.secretariat.error(TRIGGER, bad(members)).await?;
        assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some(field)));
    }
    for client in [&office.a, &office.server.officer(&["A"])?] {
        assert_eq!(client.error(TRIGGER, asking(&json!("2020-03"), "m")).await?.code, "FORBIDDEN");
        assert_eq!(client.error(RUN, json!({ "id": first["id"] })).await?.code, "FORBIDDEN");
    }
    Ok(())
});

both!(runs_and_their_askers_are_listed, async |backend| {
    let office = Office::open(backend).await?;
    let march = done(&office, json!("2020-03"), "1").await?;
    office.server.set_now(Utc.with_ymd_and_hms(2020, 4, 16, 0, 0, 0).single().context("a date")?);
    let waiting = trigger(&office.server.admin()?, json!("2020-04"), "2").await?;
    let list = "query ($filter: JobRunFilter!) { jobRuns(first: 10, filter: $filter) { totalCount nodes { id state } } }";
    let listed = async |filter: Value| nodes(&office.secretariat, list, "jobRuns", json!({ "filter": filter })).await;
    let (march, waiting) = (json!({ "id": march["id"], "state": "SUCCEEDED" }), json!({ "id": waiting["id"], "state": "QUEUED" }));
    assert_eq!(listed(json!({ "triggers": ["MANUAL"] })).await?, [waiting.clone(), march.clone()]);
    let followers = listed(json!({ "triggers": ["RUN"], "job": "OVERTIME_OUTLIERS", "period": "2020-03" })).await?;
    assert_eq!(followers.len(), 1, "and the outliers that followed");
    let made = "query ($id: ID!) { jobRun(id: $id) { caused { id causedBy { job } } } }";
    let made = office.secretariat.query(made, json!({ "id": march["id"] })).await?["jobRun"]["caused"].take();
    assert_eq!(made, json!([{ "id": followers[0]["id"], "causedBy": { "job": "MONTHLY_INDICATORS" } }]));
    assert_eq!(listed(json!({ "states": ["QUEUED", "RUNNING"] })).await?, std::slice::from_ref(&waiting));
    assert_eq!(listed(json!({ "job": "MONTHLY_INDICATORS", "period": "2020-03" })).await?, std::slice::from_ref(&march));

    let trail = "{ auditEntries(first: 10, filter: { noun: \"job_run\" }, orderBy: AT) { nodes { actor verb reason counts run } } }";
    let trail = nodes(&office.secretariat, trail, "auditEntries", json!({})).await?;
    let entry = |actor: &str, month: &str, run: &Value| json!({ "actor": actor, "verb": "TRIGGER", "reason": "a test", "counts": { "period": month }, "run": run["id"] });
    assert_eq!(trail, [entry("secretariat", "2020-03", &march), entry("admin", "2020-04", &waiting)]);
    Ok(())
});

both!(a_due_slot_is_one_run_whoever_looks, async |backend| {
    let office = Office::open(backend).await?;
    office.server.schedule_alone("MONTHLY_INDICATORS").await?;
    let (ledger, other) = (office.server.app.ledger.clone(), office.server.app.ledger.clone());
    let at = |day, hour, minute| Utc.with_ymd_and_hms(2020, 4, day, hour, minute, 0).single().context("a date");
    // 02:29 in Tokyo: the night's slot is not due, that of the night before is.
    office.server.set_now(at(14, 17, 29)?);
    let (one, two) = tokio::try_join!(enqueue_due(&ledger), enqueue_due(&other))?;
    assert_eq!(one + two, 1, "of two processes that look at once one enqueues");
    assert_eq!(enqueue_due(&ledger).await?, 0);
    office.server.set_now(at(14, 17, 30)?);
    assert_eq!(enqueue_due(&ledger).await?, 1);
    office.server.set_now(at(15, 17, 29)?);
    assert_eq!(enqueue_due(&ledger).await?, 0);

    assert_eq!(office.server.run_jobs().await?, 2);
    let list = "{ jobRuns(first: 10, filter: { job: MONTHLY_INDICATORS }) { nodes { trigger requestedBy period slot state } } }";
    let run = |slot: &str| json!({ "trigger": "SCHEDULE", "requestedBy": "system", "period": null, "slot": slot, "state": "SUCCEEDED" });
    let runs = nodes(&office.secretariat, list, "jobRuns", json!({})).await?;
    assert_eq!(runs, [run("2020-04-14T17:30:00+00:00"), run("2020-04-13T17:30:00+00:00")]);
    Ok(())
});

/// The office's overtime minutes of March, as the latest value says.
async fn overtime_of_march(office: &Office) -> anyhow::Result<Value> {
    let document = "{ indicatorSeries(codes: [\"MEAN_OVERTIME_HOURS\"], from: \"2020-03\", to: \"2020-03\") { values { numerator } } }";
    Ok(office.secretariat.query(document, json!({})).await?["indicatorSeries"][0]["values"][0]["numerator"].take())
}

both!(a_mark_left_while_a_job_computes_outlives_it, async |backend| {
    let office = Office::open(backend).await?;
    let hour = |key: &str, date: &str| vec![shift(key, "S1", date, ("18:00", "19:00"))];
    record(&office.a, "Shifts", hour("1", "2020-03-10")).await?;
    trigger(&office.secretariat, json!("2020-03"), "1").await?;

    // The run is held after it has read the month's records, and before it has done with them.
    let (reached, mut halfway) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, waiting) = mpsc::channel::<()>();
    let waiting = Mutex::new(waiting);
    let runner = Runner::new(office.server.app.ledger.clone()).with_progress(move |progress| {
        if matches!(progress.phase, Phase::PersonMonths(_)) && reached.send(()).is_ok() {
            // An error says that the test is over.
            let _ = tokio::task::block_in_place(|| waiting.lock().unwrap_or_else(PoisonError::into_inner).recv());
        }
    });
    let run = tokio::spawn(async move { runner.run_queued().await });
    halfway.recv().await.context("the run ended without a step")?;
    record(&office.a, "Shifts", hour("2", "2020-03-11")).await?;
    drop(go_on);
    assert_eq!(run.await??, 2, "the run, and the outliers of what it computed");

    let marks = Database::connect(&office.server.database.url).await?;
    let march: YearMonth = "2020-03".parse()?;
    let left = stale_mark::Entity::find().filter(stale_mark::Column::Month.eq(march)).count(&marks).await?;
    assert_eq!((left, overtime_of_march(&office).await?), (1, json!(60)), "what was written meanwhile is not computed, and not forgotten");
    done(&office, Value::Null, "2").await?;
    let left = stale_mark::Entity::find().count(&marks).await?;
    assert_eq!((left, overtime_of_march(&office).await?), (0, json!(120)));
    Ok(())
});

/// Staff of the large month, beside the office's three.
const STAFF: u32 = 30_000;
/// Shifts of each of them.
const DAYS: u32 = 20;
/// Callers who write at a time.
const WRITERS: usize = 2;
/// Mutations that must meet the run.
const MUTATIONS: usize = 200;

/// Copies S1, the posting `p1` and S1's shift `model` for everybody, past the API: the rows are what it would have written.
async fn fill(office: &Office) -> anyhow::Result<()> {
    let model = with(
        shift("model", "S1", "2020-03-02", ("09:30", "20:15")),
        json!({ "scheduled": interval("2020-03-02", ("09:30", "18:15")), "breaks": [interval("2020-03-02", ("12:00", "13:00"))] }),
    );
    record(&office.a, "Shifts", vec![model]).await?;
    let mut options = ConnectOptions::new(&office.server.database.url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await?;
    let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {STAFF})");
    let id = |kind: u8, number: &str| format!("unhex(printf('01700000000070008{kind}%014x', {number}))");
    let staff = format!(
        "INSERT INTO staff (id, staff_number, staff_number_folded, sex, employment, origin, hired_on, revision, receipt_id, created_at, updated_at)
         {numbers} SELECT {}, printf('L%05d', i), printf('l%05d', i), CASE i % 3 WHEN 0 THEN 'FEMALE' ELSE 'MALE' END, employment, origin, hired_on, revision,
             receipt_id, created_at, updated_at
         FROM n JOIN staff ON staff_number = 'S1'",
        id(0, "i")
    );
    let postings = format!(
        "INSERT INTO posting (id, client, external_id, staff_id, bureau_id, unit_id, kind, resident, band, subject_to_overtime, valid_from,
             revision, receipt_id, created_at, updated_at)
         {numbers} SELECT {}, client, printf('L%05d', i), {}, bureau_id, unit_id, kind, resident,
             CASE i % 10 WHEN 0 THEN 'DIRECTOR' WHEN 1 THEN 'CHIEF' ELSE band END, subject_to_overtime, valid_from,
             revision, receipt_id, created_at, updated_at
         FROM n JOIN posting ON external_id = 'p1'",
        id(1, "i"),
        id(0, "i"),
    );
    let employments = format!(
        "INSERT INTO employment (id, client, external_id, staff_id, kind, origin, valid_from, revision, receipt_id, created_at, updated_at)
         {numbers} SELECT {}, 'OFFICE', printf('L%05d', i), {}, employment, origin, hired_on, 1, receipt_id, created_at, updated_at
         FROM n JOIN staff ON staff_number = 'S1'",
        id(3, "i"),
        id(0, "i"),
    );
    let holdings = format!(
        "INSERT INTO holding (id, staff_id, valid_from, bureau_id, unit_id, posting_id)
         {numbers} SELECT {}, {}, valid_from, bureau_id, unit_id, {} FROM n JOIN posting ON external_id = 'p1'",
        id(4, "i"),
        id(0, "i"),
        id(1, "i"),
    );
    let shifts = format!(
        "INSERT INTO shift (id, client, external_id, staff_id, posting_id, bureau_id, unit_id, date, day_kind, pattern, scheduled_start,
             scheduled_end, presence_start, presence_end, breaks, occupied_start, occupied_end, worked_minutes, ordinary_minutes,
             overtime_minutes, basis, presence_overtime_minutes, late_night_minutes, day_off_minutes, revision, receipt_id, created_at,
             updated_at)
         {numbers}, d (j, day) AS (SELECT 1, '2020-03-01' UNION ALL SELECT j + 1, date(day, '+1 day') FROM d WHERE j < {DAYS})
         SELECT {}, client, printf('L%05d/%d', i, j), {}, {}, bureau_id, unit_id, day, day_kind, pattern,
             day || substr(scheduled_start, 11), day || substr(scheduled_end, 11), day || substr(presence_start, 11),
             day || substr(presence_end, 11), breaks, day || substr(occupied_start, 11), day || substr(occupied_end, 11), worked_minutes,
             ordinary_minutes, overtime_minutes, basis, presence_overtime_minutes, late_night_minutes, day_off_minutes, revision, receipt_id,
             created_at, updated_at
         FROM n JOIN d JOIN shift ON external_id = 'model'",
        id(2, "i * 100 + j"),
        id(0, "i"),
        id(1, "i"),
    );
    for sql in ["PRAGMA synchronous = OFF", "PRAGMA foreign_keys = OFF", &staff, &employments, &postings, &holdings, &shifts] {
        db.execute_unprepared(sql).await?;
    }
    Ok(db.close().await?)
}

/// Ten evenings of one person's March.
fn evenings(person: usize) -> Value {
    let shifts = (1..=10).map(|day| {
        let number = format!("L{person:05}");
        shift(&format!("{number}/evening/{day}"), &number, &format!("2020-03-{day:02}"), ("21:00", "22:00"))
    });
    input(shifts.collect::<Vec<_>>())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: tests/run --whole"]
async fn mutations_go_on_while_a_large_month_is_computed() -> anyhow::Result<()> {
    let office = Office::open(Backend::Sqlite).await?;
    let started = Instant::now();
    fill(&office).await?;
    let filled = started.elapsed();
    let runner = Runner::new(office.server.app.ledger.clone());
    let (over, met) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let run = tokio::spawn({
        let (secretariat, over, met) = (office.secretariat.clone(), Arc::clone(&over), Arc::clone(&met));
        async move {
            // On a slow machine one run does not meet enough of them.
            let mut runs = 0;
            while met.load(Ordering::SeqCst) < MUTATIONS {
                runs += 1;
                trigger(&secretariat, json!("2020-03"), &runs.to_string()).await?;
                runner.run_queued().await?;
            }
            over.store(true, Ordering::SeqCst);
            anyhow::Ok(runs)
        }
    });
    let next = Arc::new(AtomicUsize::new(1));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (client, over, met, next) = (office.a.clone(), Arc::clone(&over), Arc::clone(&met), Arc::clone(&next));
            tokio::spawn(async move {
                let mut times = Vec::new();
                while !over.load(Ordering::SeqCst) {
                    let call = evenings(next.fetch_add(1, Ordering::SeqCst));
                    let sent = Instant::now();
                    let receipt = send(&client, "Shifts", call).await?;
                    times.push(sent.elapsed());
                    met.fetch_add(1, Ordering::SeqCst);
                    anyhow::ensure!(receipt.created == 10, "{receipt:?}");
                }
                anyhow::Ok(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for writer in writers {
        times.extend(writer.await??);
    }
    let runs = run.await??;
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    eprintln!(
        "{} mutations beside {runs} runs over {} shifts (filled in {filled:.1?}, in all {:.1?}): p50 {:.0?}, p99 {:.0?}, max {:.0?}",
        times.len(),
        STAFF * DAYS,
        started.elapsed(),
        at(50),
        at(99),
        at(100),
    );
    assert!(at(99) < Duration::from_secs(1), "p99 {:?}", at(99));

    let runs = nodes(
        &office.secretariat,
        "{ jobRuns(first: 1, filter: { job: MONTHLY_INDICATORS }) { nodes { state statistics } } }",
        "jobRuns",
        json!({}),
    )
    .await?;
    assert_eq!((&runs[0]["state"], &runs[0]["statistics"]["personMonths"]), (&json!("SUCCEEDED"), &json!(STAFF + 3)));
    // Every acknowledged record is there.
    let count = "{ shifts(first: 1) { totalCount } }";
    let stored = office.a.query(count, json!({})).await?["shifts"]["totalCount"].as_u64().context("a count")?;
    assert_eq!(stored, u64::from(STAFF * DAYS) + 1 + 10 * u64::try_from(times.len())?);
    Ok(())
}

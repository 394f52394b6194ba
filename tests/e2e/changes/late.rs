//! What takes its time early and commits late, of what is followed by other positions than those of `changes`: each is followed as its
//! description says, and what came late is seen.

use chrono::{DateTime, TimeDelta, Utc};
use entity::job_run::{JobName, Trigger};
use jobs::transaction::NewRun;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, nodes, record, shift};

use crate::outliers::raise;
use crate::races::Referee;

const RUNS: &str = "query($at: DateTime) { jobRuns(first: 50, filter: { changedAfter: $at }) { nodes { id job state finishedAt } } }";
const FLAGS: &str =
    "query($at: DateTime) { overtimeOutliers(first: 50, filter: { raisedAfter: $at }) { nodes { id staffNumber raisedAt } } }";
const SEALED: &str = "query($after: String, $upTo: String, $page: String) {
    auditEntries(first: 3, after: $page, orderBy: AT, filter: { sealedAfter: $after, sealedUpTo: $upTo }) {
        nodes { id verb noun } pageInfo { hasNextPage endCursor } } }";

/// The greatest of a field, as a reader keeps it.
fn greatest(rows: &[Value], field: &str) -> Value {
    rows.iter().filter_map(|row| row[field].as_str()).max().into()
}

/// Two runs that wait, for which nobody works.
async fn waiting(office: &Office) -> anyhow::Result<[Value; 2]> {
    let admin = office.server.admin()?;
    let trigger = "mutation($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
    let mut ids = [Value::Null, Value::Null];
    for (id, key) in ids.iter_mut().zip(["1", "2"]) {
        let input = json!({ "job": "MONTHLY_INDICATORS", "period": "2020-03", "reason": "a test", "idempotencyKey": key });
        *id = admin.query(trigger, json!({ "input": input })).await?["triggerJob"]["run"]["id"].take();
    }
    Ok(ids)
}

async fn cancel(admin: Client, id: Value) -> anyhow::Result<Value> {
    let cancel = "mutation($input: CancelJobRunInput!) { cancelJobRun(input: $input) { run { finishedAt } } }";
    Ok(admin.query(cancel, json!({ "input": { "id": id, "reason": "a test" } })).await?["cancelJobRun"]["run"]["finishedAt"].take())
}

/// After a run whose end was told at `at`, the reader is shown the one that ended before and was committed after it.
async fn is_shown(reader: &Client, at: &Value, late: &Value) -> anyhow::Result<()> {
    let after = nodes(reader, RUNS, "jobRuns", json!({ "at": at })).await?;
    let found = after.iter().find(|run| run["id"] == *late);
    assert!(found.is_some_and(|run| run["state"] == "CANCELLED" && run["finishedAt"].as_str() < at.as_str()), "{at}: {after:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_end_commits_late_is_shown_after_others() -> anyhow::Result<()> {
    let office = Office::open(Backend::Postgres).await?;
    let (admin, [slow, quick]) = (office.server.admin()?, waiting(&office).await?);
    // The audit entry of the end is held up, which comes after the end has its time.
    let referee = Referee::hold(&office, "LOCK TABLE audit_entry IN SHARE MODE").await?;
    let held = tokio::spawn(cancel(admin.clone(), slow.clone()));
    referee.until_waiting(1).await?;
    office.server.set_now(office.server.app.clock.now() + TimeDelta::hours(1));
    let (ledger, now) = (office.server.app.ledger.clone(), office.server.app.clock.now());
    // Another end, which leaves no entry, overtakes it: as a worker's.
    let runner = jobs::runner::Runner::new(ledger).with_body(|_| Box::pin(async { Ok(jobs::job::Output::new(&json!({}), String::new())) }));
    assert_eq!(runner.run_queued().await?, 1);
    let seen = nodes(&admin, RUNS, "jobRuns", json!({})).await?;
    let position = greatest(&seen, "finishedAt");
    assert_eq!(position.as_str().map(str::parse::<DateTime<Utc>>).transpose()?, Some(now));
    assert!(seen.iter().any(|run| run["id"] == quick && run["state"] == "SUCCEEDED"), "{seen:?}");
    referee.let_go().await?;
    held.await??;
    is_shown(&admin, &position, &slow).await
}

// Times go back where the clocks of two processes differ, on either engine.
both!(a_run_that_ends_by_a_slower_clock_is_shown_after_others, async |backend| {
    let office = Office::open(backend).await?;
    let (admin, [slow, quick]) = (office.server.admin()?, waiting(&office).await?);
    let begun = office.server.app.clock.now();
    office.server.set_now(begun + TimeDelta::hours(1));
    let position = cancel(admin.clone(), quick.clone()).await?;
    office.server.set_now(begun);
    cancel(admin.clone(), slow.clone()).await?;
    is_shown(&admin, &position, &slow).await?;
    // What was seen last comes no second time once another instant was seen; nothing is left out and nothing stays for ever.
    let numbered = entity::job_run::Entity::find().all(&office.server.connect().await?).await?;
    let last = numbered.iter().filter_map(|run| run.numbered_at).max();
    assert!(numbered.iter().all(|run| run.numbered_at >= run.finished_at && run.numbered_at.is_some()), "{numbered:?}");
    let behind = nodes(&admin, RUNS, "jobRuns", json!({ "at": last })).await?;
    assert_eq!(behind, Vec::<Value>::new());
    Ok(())
});

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_that_commits_late_is_raised_after_others() -> anyhow::Result<()> {
    let office = Office::open(Backend::Postgres).await?;
    let server = &office.server;
    // S1 has done more than the caps allow; a flag of S2 has no ground, and will be withdrawn with it.
    let days = |day: u32| {
        let date = format!("2020-03-{day:02}");
        shift(&format!("{day}"), "S1", &date, ("08:30", "23:50"))
    };
    record(&office.a, "Shifts", (2..=27).map(days).collect::<Vec<_>>()).await?;
    let march = |flag| entity::overtime_outlier::Model { month: "2020-03".parse().expect("a month"), ..flag };
    let old = raise(server, "S2", ("A", "A1"), march).await?;
    for job in [JobName::MonthlyIndicators, JobName::OvertimeOutliers] {
        let period = Some("2020-03".parse()?);
        let key = uuid::Uuid::now_v7().to_string();
        let run = NewRun { period, ..NewRun::new(job, Trigger::Command, key, "test".to_owned()) };
        server.app.ledger.enqueue(run).await?;
    }
    let referee = Referee::hold(&office, &format!("SELECT 1 FROM overtime_outlier WHERE id = '{}' FOR UPDATE", old.id.0)).await?;
    let runner = jobs::runner::Runner::new(server.app.ledger.clone());
    let judging = tokio::spawn(async move { runner.run_queued().await });
    referee.until_waiting(1).await?;
    server.set_now(server.app.clock.now() + TimeDelta::hours(1));
    raise(server, "S3", ("B", "B1"), march).await?;
    let seen = nodes(&office.secretariat, FLAGS, "overtimeOutliers", json!({})).await?;
    let position = greatest(&seen, "raisedAt");
    assert!(seen.iter().all(|flag| flag["staffNumber"] != "S1"), "{seen:?}");
    referee.let_go().await?;
    judging.await??;
    let later = nodes(&office.secretariat, FLAGS, "overtimeOutliers", json!({ "at": position })).await?;
    assert!(later.iter().any(|flag| flag["staffNumber"] == "S1" && flag["raisedAt"].as_str() < position.as_str()), "{position}: {later:?}");
    Ok(())
}

/// A reader of the trail: what it has, by id, and its position.
#[derive(Default)]
struct Trail {
    position: Value,
    entries: Vec<Value>,
}

impl Trail {
    /// All that was sealed since, page by page, as the schema says.
    async fn follow(&mut self, reader: &Client) -> anyhow::Result<usize> {
        let (before, end) = (self.entries.len(), reader.query("{ auditPosition }", json!({})).await?["auditPosition"].take());
        let mut page = Value::Null;
        loop {
            let variables = json!({ "after": self.position, "upTo": end, "page": page });
            let mut data = reader.query(SEALED, variables).await?["auditEntries"].take();
            self.entries.extend(data["nodes"].as_array().into_iter().flatten().map(|entry| entry["id"].clone()));
            if data["pageInfo"]["hasNextPage"] == false {
                break;
            }
            page = data["pageInfo"]["endCursor"].take();
        }
        self.position = end;
        Ok(self.entries.len() - before)
    }

    /// Nothing is missing of what a reader may see, and nothing came twice.
    async fn check(&self, reader: &Client) -> anyhow::Result<()> {
        let all = nodes(reader, "{ auditEntries(first: 500) { nodes { id } } }", "auditEntries", json!({})).await?;
        let sorted = |ids: Vec<&Value>| {
            let mut ids: Vec<_> = ids.into_iter().filter_map(Value::as_str).collect();
            ids.sort_unstable();
            ids.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(sorted(self.entries.iter().collect()), sorted(all.iter().map(|entry| &entry["id"]).collect()));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_commits_late_is_read_after_the_next_seal() -> anyhow::Result<()> {
    let office = Office::open(Backend::Postgres).await?;
    let (admin, mut trail) = (office.server.admin()?, Trail::default());
    let referee = Referee::hold(&office, "SELECT 1 FROM staff WHERE staff_number = 'S1' FOR UPDATE").await?;
    let a = office.a.clone();
    let slow = tokio::spawn(async move { record(&a, "Shifts", vec![shift("slow", "S1", "2020-04-10", ("08:30", "18:00"))]).await });
    referee.until_waiting(1).await?;
    office.server.set_now(office.server.app.clock.now() + TimeDelta::hours(1));
    record(&office.a, "Shifts", vec![shift("quick", "S2", "2020-04-10", ("08:30", "18:00"))]).await?;
    crate::operations::seals::seal(&office.server).await?;
    assert!(trail.follow(&admin).await? > 3);
    trail.check(&admin).await?;
    referee.let_go().await?;
    slow.await??;
    assert_eq!(trail.follow(&admin).await?, 0, "it is not sealed");
    crate::operations::seals::seal(&office.server).await?;
    assert_eq!(trail.follow(&admin).await?, 1);
    trail.check(&admin).await
}

both!(the_trail_is_followed_by_seals_whatever_times_its_entries_have, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    let officer = office.server.officer(&["B"])?;
    let (mut trail, mut own) = (Trail::default(), Trail::default());
    assert_eq!(trail.follow(&admin).await?, 0, "nothing is sealed");
    let begun = office.server.app.clock.now();
    for (hours, key) in [(3, "1"), (1, "2"), (2, "3")] {
        office.server.set_now(begun + TimeDelta::hours(hours));
        record(&office.a, "Shifts", vec![shift(key, "S1", &format!("2020-04-0{key}"), ("08:30", "18:00"))]).await?;
        record(&office.b, "Shifts", vec![shift(key, "S3", &format!("2020-04-0{key}"), ("08:30", "18:00"))]).await?;
        crate::operations::seals::seal(&office.server).await?;
        assert!(trail.follow(&admin).await? >= 2);
        assert!(own.follow(&officer).await? >= 1);
        assert_eq!(trail.follow(&admin).await?, 0, "nothing comes twice");
    }
    trail.check(&admin).await?;
    own.check(&officer).await?;
    // What is sealed while a reader turns its pages is for the next time.
    let end = admin.query("{ auditPosition }", json!({})).await?["auditPosition"].take();
    let number = "query($upTo: String) { auditEntries(filter: { sealedUpTo: $upTo }) { totalCount } }";
    let up_to = json!({ "upTo": end });
    assert_eq!(admin.query(number, up_to.clone()).await?["auditEntries"]["totalCount"], trail.entries.len());
    office.server.set_now(begun + TimeDelta::minutes(1));
    record(&office.a, "Shifts", vec![shift("4", "S1", "2020-04-04", ("08:30", "18:00"))]).await?;
    crate::operations::seals::seal(&office.server).await?;
    assert_eq!(admin.query(number, up_to).await?["auditEntries"]["totalCount"], trail.entries.len(), "though its time is earlier");
    assert!(trail.follow(&admin).await? >= 1);
    trail.check(&admin).await?;
    for (wrong, field) in [("x", "sealedAfter"), ("", "sealedAfter"), ("e30", "sealedUpTo")] {
        let document = format!("{{ auditEntries(filter: {{ {field}: \"{wrong}\" }}) {{ nodes {{ id }} }} }}");
        let failure = admin.error(&document, json!({})).await?;
        assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("BAD_USER_INPUT", Some(field)), "{failure:?}");
    }
    Ok(())
});

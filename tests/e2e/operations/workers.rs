//! `torikumi worker` as a process of its own: several on PostgreSQL, one on SQLite.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::time::timeout;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::Office;
use torikumi_tests::socket::over;
use torikumi_tests::worker::Worker;

const TRIGGER: &str = "mutation ($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
/// Far below the poll of 30 s: who is so fast was woken.
const WOKEN: Duration = Duration::from_secs(20);
/// Seconds of a lease, as in production.
const LEASE: u16 = 60;
const LOG: &str = "warn";

async fn trigger(client: &Client, month: &str) -> anyhow::Result<Value> {
    let input = json!({ "input": { "job": "MONTHLY_INDICATORS", "period": month, "reason": "a test", "idempotencyKey": month } });
    Ok(client.query(TRIGGER, input).await?["triggerJob"]["run"]["id"].take())
}

/// Waits for other processes to do a run.
async fn succeeded(client: &Client, id: &Value) -> anyhow::Result<()> {
    let run = timeout(WOKEN, over(client, id)).await.context("nobody did it")??;
    ensure!(run["state"] == "SUCCEEDED", "{run}");
    Ok(())
}

both!(workers_share_one_postgresql_and_sqlite_has_one, async |backend| {
    let office = Office::open(backend).await?;
    let waiting = trigger(&office.secretariat, "2020-03").await?;
    let mut first = Worker::start(&office.server.database.url, LEASE, LOG)?;
    assert_eq!(first.first_line()?, "Torikumi runs jobs\n");
    succeeded(&office.secretariat, &waiting).await?;

    let mut second = Worker::start(&office.server.database.url, LEASE, LOG)?;
    let line = second.first_line()?;
    if backend == Backend::Sqlite {
        assert_eq!(line, "");
        let (status, error) = second.ended()?;
        assert!(!status.success());
        assert!(error.contains("another process runs jobs on this SQLite database"), "{error}");
    } else {
        assert_eq!(line, "Torikumi runs jobs\n");
        // They are idle now; what another process enqueues wakes them.
        for month in ["2020-04", "2020-02", "2020-01"] {
            let asked = trigger(&office.secretariat, month).await?;
            succeeded(&office.secretariat, &asked).await?;
        }
        second.stop()?;
    }
    first.stop()?;
    Ok(())
});

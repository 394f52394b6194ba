//! Who meets whom on PostgreSQL: two connections wait for the same row, and one of them is second.

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::Office;

use super::{Room, because, mutation, seen};
use crate::races::Referee;

/// Sends an act beside the test, and tells the code of its error, or `ok`.
fn sending(client: &Client, act: &'static str, input: Value) -> JoinHandle<anyhow::Result<String>> {
    let client = client.clone();
    tokio::spawn(async move {
        let call = json!({ "query": mutation(act), "variables": { "input": input } });
        let answer: Value = client.post().json(&call).send().await?.json().await?;
        Ok(answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("ok").to_owned())
    })
}

/// Two acts that both wait for what `sql` holds; sorted.
async fn meet(office: &Office, sql: &str, act: &'static str, inputs: [Value; 2]) -> anyhow::Result<[String; 2]> {
    let referee = Referee::hold(office, sql).await?;
    let [one, other] = inputs.map(|input| sending(&office.secretariat, act, input));
    referee.until_waiting(2).await?;
    referee.let_go().await?;
    let mut outcomes = [one.await??, other.await??];
    outcomes.sort_unstable();
    Ok(outcomes)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_open_a_year_one_does() -> anyhow::Result<()> {
    let room = Room::open(Backend::Postgres).await?;
    let open = |reason: &str| json!({ "plan": "F", "fiscalYear": 2018, "dueOn": "2020-05-29", "reason": reason });
    let outcomes = meet(&room.office, "SELECT 1 FROM plan FOR UPDATE", "openFollowUp", [open("一"), open("二")]).await?;
    assert_eq!(outcomes, ["CONFLICT", "ok"]);
    let calls = "{ followUps(filter: { fiscalYears: [2018] }) { totalCount nodes { dataCalls { totalCount } } } }";
    let found = room.secretariat.query(calls, Value::Null).await?;
    assert_eq!(found["followUps"], json!({ "totalCount": 1, "nodes": [{ "dataCalls": { "totalCount": 2 } }] }));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_publish_one_does() -> anyhow::Result<()> {
    let room = Room::open(Backend::Postgres).await?;
    room.compiled().await?;
    room.reported().await?;
    let outcomes = meet(&room.office, "SELECT 1 FROM follow_up FOR UPDATE", "publishFollowUp", [because("一"), because("二")]).await?;
    assert_eq!(outcomes, ["CONFLICT", "ok"]);
    let events = seen(&room.secretariat, "events(first: 100) { nodes { act } }").await?;
    let published = events["events"]["nodes"].as_array().unwrap().iter().filter(|event| event["act"] == "PUBLISHED").count();
    assert_eq!(published, 1);
    Ok(())
}

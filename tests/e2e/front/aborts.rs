//! Callers who go away at any moment leave nothing behind: no transaction, no lock, no turn, and no connection that fails who comes next.

use std::time::Duration;

use anyhow::Context;
use futures_util::future::try_join_all;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, input, mutation, record, send, shift};
use torikumi_tests::server::Server;
use torikumi_tests::socket::Socket;

/// As few as there may be: a connection that was left in a transaction is soon met again.
const CONNECTIONS: u32 = 3;
/// Within so long after it was sent, a request is aborted.
const LONGEST: u64 = 12_000;
/// Ours that have been idle inside a transaction for longer than a second.
const IDLE: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - INTERVAL '1 second'";

/// Microseconds that look random and are the same each time.
fn pause(number: usize) -> Duration {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 17;
    Duration::from_micros(mixed % LONGEST)
}

/// A request as bytes on the wire.
fn posted(client: &Client, document: &str, variables: &Value) -> String {
    let body = json!({ "query": document, "variables": variables }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\naccept: application/json\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        client.token().unwrap_or_default(),
        body.len()
    )
}

/// One caller who goes away: with a mutation, a query that leaves a trace, or a subscription.
async fn abort(office: &Office, number: usize) -> anyhow::Result<()> {
    let address = office.server.url.trim_start_matches("http://");
    if number % 8 == 7 {
        let mut socket = Socket::start(&office.server.url, office.secretariat.token()).await?;
        let query = "subscription { jobRuns { cursor } }";
        socket.send(json!({ "id": "1", "type": "subscribe", "payload": { "query": query } })).await?;
        let day = format!("2020-03-{:02}", number % 28 + 1);
        let payload =
            json!({ "query": mutation("Shifts"), "variables": { "input": input(vec![shift("s", "S1", &day, ("09:00", "18:00"))]) } });
        socket.send(json!({ "id": "2", "type": "subscribe", "payload": payload })).await?;
        tokio::time::sleep(pause(number)).await;
        return Ok(());
    }
    let request = if number.is_multiple_of(3) {
        posted(&office.secretariat, "{ shifts(first: 50) { nodes { id date staff { staffNumber } } } }", &json!({}))
    } else {
        let day = format!("2020-02-{:02}", number % 28 + 1);
        let records = vec![shift(&format!("s{}", number % 40), "S1", &day, ("09:00", "18:00"))];
        posted(&office.a, &mutation("Shifts"), &json!({ "input": input(records) }))
    };
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    tokio::time::sleep(pause(number)).await;
    Ok(())
}

/// A statement that fails, on each of the platform's pools: what stands in a transaction is broken by it, and breaks who comes next.
async fn fail(server: &Server) {
    use jobs::database::Share;
    for share in [Share::Public, Share::Readers, Share::Writers, Share::Jobs] {
        for pool in [server.app.db.of(share).reader(), server.app.db.of(share).writer()] {
            assert!(pool.execute_unprepared("SELECT no_column FROM no_table").await.is_err());
        }
    }
}

/// So many callers go away; then all is as if they had never come.
async fn all_is_well_after(aborts: usize, backend: Backend) -> anyhow::Result<()> {
    let office = Office::on(Server::with_connections(backend, CONNECTIONS).await?).await?;
    record(&office.a, "Shifts", vec![shift("first", "S2", "2020-02-03", ("09:00", "18:00"))]).await?;
    let watching = office.server.connect().await?;
    for part in (0..aborts).collect::<Vec<_>>().chunks(8) {
        try_join_all(part.iter().map(|&number| abort(&office, number))).await?;
        if part[0] % 64 == 0 {
            fail(&office.server).await;
        }
    }
    // What was sent is decided, and then nobody is inside a transaction any more.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    if backend == Backend::Postgres {
        let row = watching.query_one_raw(Statement::from_string(DbBackend::Postgres, IDLE)).await?.context("a count")?;
        assert_eq!(row.try_get_by_index::<i64>(0)?, 0, "connections left in a transaction");
    }
    fail(&office.server).await;
    for _ in 0..10 {
        // Together they take every connection.
        let reads = (0..20).map(|number| {
            let client = [&office.a, &office.b, &office.secretariat][number % 3];
            client.query("{ shifts(first: 5) { nodes { id date } } }", json!({}))
        });
        try_join_all(reads).await?;
    }
    for day in 1..=20 {
        let records = vec![shift(&format!("last{day}"), "S2", &format!("2020-01-{day:02}"), ("09:00", "18:00"))];
        let written = tokio::time::timeout(Duration::from_secs(5), send(&office.a, "Shifts", input(records))).await;
        written.context("a write that waits for a lock or turn that nobody gives back")??;
    }
    Ok(())
}

both!(callers_who_go_away_leave_nothing_behind, async |backend| all_is_well_after(240, backend).await);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "long: tests/run --whole"]
async fn two_thousand_callers_who_go_away_leave_nothing_behind_on_sqlite() {
    all_is_well_after(2_000, Backend::Sqlite).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "long: tests/run --whole"]
async fn two_thousand_callers_who_go_away_leave_nothing_behind_on_postgres() {
    all_is_well_after(2_000, Backend::Postgres).await.unwrap();
}

/// Viewers whose statements never end take the connections of viewers, and nobody else's; each is told after its ten seconds.
#[tokio::test(flavor = "multi_thread")]
async fn who_reads_too_much_keeps_nobody_else_from_the_database() {
    let office = Office::open(Backend::Postgres).await.unwrap();
    let viewer = office.server.client(&office.server.request(api::authz::Role::Viewer)).unwrap();
    let other = office.server.connect().await.unwrap();
    let holding = sea_orm::TransactionTrait::begin(&other).await.unwrap();
    holding.execute_unprepared("LOCK TABLE target IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let began = std::time::Instant::now();
    let reading: Vec<_> = (0..12)
        .map(|_| {
            let viewer = viewer.clone();
            tokio::spawn(async move { viewer.error("{ targets(first: 1) { nodes { direction } } }", json!({})).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    for number in 0..10 {
        let asked = std::time::Instant::now();
        office.a.query("{ shifts(first: 5) { nodes { id } } }", json!({})).await.unwrap();
        office.server.anonymous().query("{ plans(first: 1) { nodes { code } } }", json!({})).await.unwrap();
        record(&office.a, "Shifts", vec![shift(&format!("s{number}"), "S1", &format!("2020-02-{:02}", number + 1), ("09:00", "18:00"))])
            .await
            .unwrap();
        let ready = reqwest::get(format!("{}/readyz", office.server.url)).await.unwrap();
        assert_eq!(ready.status(), 200);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
    for read in reading {
        let failure = read.await.unwrap().unwrap();
        assert_eq!(failure.code, "LIMIT_EXCEEDED", "{failure:?}");
    }
    assert!((9..29).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    holding.rollback().await.unwrap();
    viewer.query("{ targets(first: 1) { nodes { direction } } }", json!({})).await.unwrap();
}

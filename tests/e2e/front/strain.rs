//! The program itself under attack, as a process of its own: what it holds in memory, and who is answered meanwhile.

use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::json;
use torikumi_tests::bomb::{bombs, drips, get, never_read, throw, volley};
use torikumi_tests::both;
use torikumi_tests::process::Process;
use torikumi_tests::server::Server;

/// A token of a role for the process, which lives by the clock on the wall.
fn token(server: &Server, role: &str) -> anyhow::Result<String> {
    let output = server.program()?.args(["token", "--role", role, "--subject", role, "--ttl", "1h"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Megabytes that the process may have while it is bombed.
const MOST: u64 = 400;

both!(
    #[ignore = "long: tests/run --whole"]
    bombs_take_no_more_memory_than_there_is_for_them,
    async |backend| {
        let server = Server::start(backend).await?;
        let process = Process::serve(server.program()?)?;
        let (viewer, secretariat) = (token(&server, "viewer")?, token(&server, "secretariat")?);
        let callers = [None, Some(viewer), Some(secretariat.clone()), Some(secretariat)];
        let harmless = json!({ "query": "{ __typename }" }).to_string();
        for caller in &callers {
            ensure!(throw(&process.address, caller.as_deref(), harmless.as_bytes()).await? == 200);
        }
        let before = process.memory()?;
        for (name, status) in volley(&process.address, &callers, &bombs(), 256).await? {
            ensure!([200, 400, 413, 429, 503].contains(&status), "{name}: {status}");
        }
        let peak = process.peak()?;
        assert!(peak < MOST, "{before} MB became {peak}");
        ensure!(get(&process.address, "/readyz").await?.0 == 200);
        let (since, mut after) = (Instant::now(), process.memory()?);
        while 2 * after > 3 * before && since.elapsed() < Duration::from_secs(30) {
            tokio::time::sleep(Duration::from_millis(200)).await;
            after = process.memory()?;
        }
        eprintln!("{before} MB, at most {peak}, {after} after {:?}", since.elapsed());
        assert!(2 * after <= 3 * before, "{before} MB became {after} for good");
        Ok(())
    }
);

both!(bodies_that_never_come_hold_nobody_up, async |backend| {
    let server = Server::start(backend).await?;
    let process = Process::serve(server.program()?)?;
    let officer = token(&server, "secretariat")?;
    let query = json!({ "query": "{ bureaus { nodes { code } } }" }).to_string();
    let (address, officer) = (&process.address, Some(officer.as_str()));
    ensure!(throw(address, officer, query.as_bytes()).await? == 200);
    let mut open = drips(address, None, 256).await?;
    open.extend(drips(address, officer, 256).await?);
    open.extend(drips(address, None, 1_500).await?);
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        for path in ["/healthz", "/readyz", "/metrics"] {
            let (status, took) = get(address, path).await?;
            ensure!(status == 200, "{path}: {status}");
            slowest = slowest.max(took);
        }
        let started = Instant::now();
        ensure!(throw(address, officer, query.as_bytes()).await? == 200);
        slowest = slowest.max(started.elapsed());
    }
    eprintln!("at most {slowest:?} beside {} bodies that never came", open.len());
    // Far below what any of them waits for; `tests/bench/run attack` measures.
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    Ok(())
});

/// Answers that are sent and never read.
const UNREAD: u64 = 200;

/// How many requests to the API were answered or refused, as the process counts them.
async fn answered(address: &str) -> anyhow::Result<u64> {
    let text = reqwest::get(format!("http://{address}/metrics")).await?.text().await?;
    let counts = text.lines().filter(|line| line.starts_with("http_requests_total{") && line.contains("route=\"/graphql\""));
    Ok(counts.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum())
}

both!(
    #[ignore = "long: tests/run --whole"]
    answers_that_nobody_reads_hold_nobody_up,
    async |backend| {
        let server = Server::start(backend).await?;
        let process = Process::serve(server.program()?)?;
        let introspection = r"{ __schema { types { name description fields { name description args { name description } } } } }";
        let body = json!(vec![json!({ "query": introspection }); 5]).to_string();
        let before = process.memory()?;
        let mut open = Vec::new();
        for _ in 0..UNREAD {
            open.push(never_read(&process.address, None, &body).await?);
        }
        let (officer, harmless) = (token(&server, "secretariat")?, json!({ "query": "{ __typename }" }).to_string());
        ensure!(throw(&process.address, Some(&officer), harmless.as_bytes()).await? == 200, "writers have room of their own");
        // Until each is answered or refused, which takes an unoptimised build most of a minute.
        let since = Instant::now();
        while answered(&process.address).await? < UNREAD {
            ensure!(since.elapsed() < Duration::from_mins(3), "not all were answered");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        ensure!(get(&process.address, "/readyz").await?.0 == 200);
        let peak = process.peak()?;
        eprintln!("{before} MB became {peak}");
        assert!(peak < MOST, "{before} MB became {peak}");
        Ok(())
    }
);

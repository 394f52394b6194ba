//! `attack`: what somebody who knows the code does to the service by itself, and what the others notice of it. On the demo's data in PostgreSQL.

mod documents;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use torikumi_tests::bomb::{bombs, drips, get, throw, volley};
use torikumi_tests::database::Scratch;

use crate::platform::{Platform, migrate, torikumi};
use crate::server::Server;
use crate::wire::{Wire, post};

const BOMBS: usize = 256;
const DRIPS: usize = 256;
const VIEWERS: usize = 60;
const ABORTS: usize = 2_000;
const GUESSES: usize = 1_999;
const ROUNDS: usize = 25;
/// How long the viewers go on.
const SIEGE: Duration = Duration::from_secs(30);
/// After so long the memory is looked at again.
const REST: Duration = Duration::from_secs(30);
const IDLE: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - INTERVAL '1 second'";

/// Runs the attacks, one after another, each on a process of its own.
pub async fn run(server: &Server) -> anyhow::Result<()> {
    let url = server.database("attacked")?;
    migrate(&url)?;
    let folder = Scratch::new()?;
    let output = torikumi(&url).current_dir(folder.path()).args(["demo", "--no-serve"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    println!("\nattack: the demo's data on PostgreSQL");
    memory(&url).await?;
    silence(&url).await?;
    siege(&url).await?;
    aborts(server, &url).await?;
    guesses(&url).await
}

async fn memory(url: &str) -> anyhow::Result<()> {
    let platform = Platform::serve(url)?;
    let address = &platform.process.address;
    let callers =
        [None, Some(platform.token("viewer", &[])?), Some(platform.token("secretariat", &[])?), Some(platform.token("admin", &[])?)];
    let harmless = json!({ "query": "{ __typename }" }).to_string();
    for caller in &callers {
        ensure!(throw(address, caller.as_deref(), harmless.as_bytes()).await? == 200);
    }
    let before = platform.process.memory();
    volley(address, &callers, &bombs(), BOMBS).await?;
    let peak = platform.process.peak_memory();
    tokio::time::sleep(REST).await;
    let after = platform.process.memory();
    let times = f64::from(u32::try_from(after)?) / f64::from(u32::try_from(before)?);
    println!(
        "  {BOMBS} bombs at once: {before} MB, at most {peak} MB (below 400), {after} MB after {REST:?} ({times:.2} times, at most 1.5)"
    );
    Ok(())
}

async fn silence(url: &str) -> anyhow::Result<()> {
    let platform = Platform::serve(url)?;
    let address = &platform.process.address;
    let officer = platform.token("bureau_officer", &["--bureau", "all"])?;
    let query = post(address, &officer, "{ bureaus(first: 5) { nodes { code } } }", &json!({}));
    let mut line = Wire::open(address).await?;
    line.ask(&query).await?;
    let _open = (drips(address, None, DRIPS).await?, drips(address, Some(&officer), DRIPS).await?);
    let (mut probe, mut asked) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..50 {
        for path in ["/healthz", "/readyz"] {
            let (status, took) = get(address, path).await?;
            ensure!(status == 200, "{path}: {status}");
            probe = probe.max(took);
        }
        let began = Instant::now();
        line.ask(&query).await?;
        asked = asked.max(began.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("  {} bodies that never come: slowest probe {probe:.1?} (at most 100 ms), an officer's slowest query {asked:.1?}", 2 * DRIPS);
    Ok(())
}

/// Viewers send their worst documents as fast as they are answered; an officer asks beside them.
async fn siege(url: &str) -> anyhow::Result<()> {
    let platform = Platform::serve(url)?;
    let address: Arc<str> = platform.process.address.as_str().into();
    let officer = platform.token("bureau_officer", &["--bureau", "all"])?;
    let documents: Arc<Vec<String>> =
        Arc::new(documents::documents().iter().map(|(_, text)| json!({ "query": text }).to_string()).collect());
    let over = Arc::new(AtomicBool::new(false));
    let [answered, refused] = [0, 0].map(|_| Arc::new(AtomicU64::new(0)));
    let mut viewers = Vec::new();
    for viewer in 0..VIEWERS {
        let token = platform.token("viewer", &["--subject", &format!("viewer-{viewer}")])?;
        let (address, documents, over) = (Arc::clone(&address), Arc::clone(&documents), Arc::clone(&over));
        let (answered, refused) = (Arc::clone(&answered), Arc::clone(&refused));
        viewers.push(tokio::spawn(async move {
            for turn in viewer.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                match throw(&address, Some(&token), documents[turn % documents.len()].as_bytes()).await? {
                    200 => answered.fetch_add(1, Ordering::Relaxed),
                    _ => refused.fetch_add(1, Ordering::Relaxed),
                };
            }
            anyhow::Ok(())
        }));
    }
    let query = post(&address, &officer, "{ shifts(first: 50) { nodes { date staff { staffNumber } } } }", &json!({}));
    let mut line = Wire::open(&address).await?;
    let (mut times, mut probe, began) = (Vec::new(), Duration::ZERO, Instant::now());
    while began.elapsed() < SIEGE {
        let asked = Instant::now();
        line.ask(&query).await.context("the officer's query")?;
        times.push(asked.elapsed());
        probe = probe.max(get(&address, "/readyz").await?.1);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    over.store(true, Ordering::Relaxed);
    for viewer in viewers {
        viewer.await??;
    }
    times.sort();
    let p99 = times[times.len() * 99 / 100];
    println!(
        "  {VIEWERS} viewers' worst documents ({} answered, {} refused): an officer's p99 {p99:.1?} (at most 1 s) of {} queries, slowest /readyz {probe:.1?}",
        answered.load(Ordering::Relaxed),
        refused.load(Ordering::Relaxed),
        times.len()
    );
    Ok(())
}

/// Callers who go away at any moment, and what they leave in the database.
async fn aborts(server: &Server, url: &str) -> anyhow::Result<()> {
    let platform = Platform::serve(url)?;
    let address = &platform.process.address;
    let secretariat = platform.token("secretariat", &[])?;
    let read = post(address, &secretariat, "{ shifts(first: 50) { nodes { date staff { staffNumber } } } }", &json!({}));
    let bureau = json!({ "input": { "idempotencyKey": "attack", "records": [
        { "code": "ATTACK", "nameJa": "試験", "nameEn": "Attack", "validFrom": "2000-01-01" }
    ] } });
    let text = "mutation ($input: RecordBureausInput!) { recordBureaus(input: $input) { receipt { created } } }";
    let write = post(address, &secretariat, text, &bureau);
    for number in 0..ABORTS {
        let mut line = TcpStream::connect(address).await?;
        line.write_all(if number % 3 == 0 { &read } else { &write }).await?;
        // Anything from at once to 12 ms later, the same in each run.
        tokio::time::sleep(Duration::from_micros(number as u64 * 7_919 % 12_000)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let left = server.value(url, IDLE)?;
    let mut line = Wire::open(address).await?;
    for _ in 0..200 {
        line.ask(&read).await?;
    }
    println!("  {ABORTS} aborted requests: {left} connections left in a transaction (0), and 200 of 200 reads answered after them");
    Ok(())
}

/// The numbers of those who have a post in one of these bureaus.
async fn numbers(line: &mut Wire, address: &str, token: &str, bureaus: &[&str]) -> anyhow::Result<Vec<String>> {
    let text = "query ($bureaus: [String!], $after: String) { staff(first: 500, after: $after, filter: { bureaus: $bureaus }) {
        nodes { staffNumber } pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after) = (Vec::new(), json!(null));
    loop {
        let page = line.data(&post(address, token, text, &json!({ "bureaus": bureaus, "after": after }))).await?["staff"].take();
        found.extend(page["nodes"].as_array().into_iter().flatten().filter_map(|person| person["staffNumber"].as_str().map(str::to_owned)));
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(found);
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// A bureau's officer guesses numbers, which the answer's time must not tell apart: those that other bureaus' people have, and those that
/// nobody has.
async fn guesses(url: &str) -> anyhow::Result<()> {
    let platform = Platform::serve(url)?;
    let address = &platform.process.address;
    let mut line = Wire::open(address).await?;
    let secretariat = platform.token("secretariat", &[])?;
    let bureaus = line.data(&post(address, &secretariat, "{ bureaus(first: 50) { nodes { code } } }", &json!({}))).await?;
    let codes: Vec<_> = bureaus["bureaus"]["nodes"].as_array().into_iter().flatten().filter_map(|bureau| bureau["code"].as_str()).collect();
    let (own, others) = codes.split_first().context("the demo has bureaus")?;
    let near = numbers(&mut line, address, &secretariat, &[own]).await?;
    let mut held = numbers(&mut line, address, &secretariat, others).await?;
    held.retain(|number| !near.contains(number));
    held.truncate(GUESSES);
    let units = json!({ "bureau": own });
    let text = "query ($bureau: String!) { units(first: 1, filter: { bureaus: [$bureau] }) { nodes { code } } }";
    let unit = line.data(&post(address, &secretariat, text, &units)).await?["units"]["nodes"][0]["code"].take();
    let officer = platform.token("bureau_officer", &["--bureau", own])?;
    let call = |number: &dyn Fn(usize) -> String| {
        let record = |at| json!({ "externalId": format!("guess-{at}"), "staffNumber": number(at), "bureau": own, "unit": unit, "band": "STAFF", "validFrom": "2020-04-01" });
        let records: Vec<_> = (0..held.len()).map(record).collect();
        let input = json!({ "input": { "idempotencyKey": "guess", "mode": "ACCEPT_VALID", "dryRun": true, "records": records } });
        post(
            address,
            &officer,
            "mutation ($input: RecordPostingsInput!) { recordPostings(input: $input) { receipt { rejected } } }",
            &input,
        )
    };
    let calls = [call(&|at| format!("{}?", held[at])), call(&|at| held[at].clone())];
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..2 * ROUNDS {
        // They take turns in going first.
        let turn = (round + round / 2) % 2;
        let began = Instant::now();
        let told = line.data(&calls[turn]).await?;
        times[turn].push(began.elapsed());
        ensure!(told["recordPostings"]["receipt"]["rejected"] == held.len(), "{told}");
    }
    let [unknown, held_by_others] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e3
    });
    println!(
        "  {} guessed numbers: {unknown:.1} ms where nobody has them, {held_by_others:.1} ms where others do ({:.3} times, at most 1.1)",
        held.len(),
        held_by_others / unknown
    );
    Ok(())
}

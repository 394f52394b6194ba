//! `reads`: 50 people with their bureau and their month's figures, asked for over 16 connections: of the platform, of a bare endpoint of the
//! same shape, and by pgbench of the server itself.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use torikumi_tests::database::Scratch;

use crate::platform::{Platform, Process};
use crate::server::Server;
use crate::wire::{Wire, load, post};

const CONNECTIONS: usize = 16;
const WARM_UP: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(6);
const ROUNDS: usize = 3;
const FIGURES: &str = "workedMinutes overtimeMinutes lateNightMinutes teleworkDays annualLeaveMinutes";

/// What is asked of the platform, and how much of it: each part adds something to the one before.
fn stages() -> [(&'static str, String); 5] {
    let of = "month: \"2018-04\", filter: { employment: REGULAR, subjectToOvertime: true }";
    let page = |first: u32, fields: &str| format!("{{ personMonths({of}, first: {first}) {{ nodes {{ {fields} }} }} }}");
    [
        ("no data (HTTP, token, guard)", "{ __typename }".to_owned()),
        ("one row of one field", page(1, "workedMinutes")),
        ("50 rows of five figures", page(50, FIGURES)),
        ("with their bureaus", page(50, &format!("bureau {{ code nameJa }} {FIGURES}"))),
        ("with their numbers: the whole page", page(50, &format!("staffNumber bureau {{ code nameJa }} {FIGURES}"))),
    ]
}

/// Measures all three in turn, prints the ratios and where the time goes.
pub async fn run(server: &Server, sql: &Path, url: &str) -> anyhow::Result<()> {
    println!("\nreads: 50 people with bureau and month's figures, {CONNECTIONS} connections, PostgreSQL");
    // What autovacuum does within a minute of a job, so that the server plans by the table that is there.
    server.psql(url, &["-c", "VACUUM ANALYZE"])?;
    let platform = Platform::serve(url)?;
    // An officer reads the persons of the own bureaus, which leaves no trace; what the trace costs is shown apart.
    let tokens = tokens_of(&platform, "bureau_officer", &["--bureau", "all"])?;
    let statement = sql.join("reads.sql").display().to_string();
    let folder = Scratch::new()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bare", url, &statement]);
    let bare = Process::start(command, folder.path())?;

    let stages = stages();
    let (_, whole) = stages.last().context("no query")?;
    let ours = (platform.process.address.as_str(), posts(&platform, &tokens, whole));
    let shape = format!("{{ personMonths {{ nodes {{ staffNumber bureau {{ code nameJa }} {FIGURES} }} }} }}");
    let theirs = (bare.address.as_str(), vec![post(&bare.address, "", &shape, &json!({})); CONNECTIONS]);
    let ours_say = Wire::open(ours.0).await?.data(&ours.1[0]).await?["personMonths"]["nodes"].take();
    let theirs_say = Wire::open(theirs.0).await?.data(&theirs.1[0]).await?["personMonths"]["nodes"].take();
    ensure!(
        ours_say == theirs_say && ours_say.as_array().is_some_and(|rows| rows.len() == 50),
        "they answer differently: {} and {}",
        ours_say[0],
        theirs_say[0]
    );

    let (mut figures, mut last_cpu) = (Vec::new(), 0.0);
    for _ in 0..ROUNDS {
        load(ours.0, &ours.1, WARM_UP).await?;
        let before = platform.process.cpu();
        let our_rate = load(ours.0, &ours.1, MEASURED).await?;
        last_cpu = (platform.process.cpu() - before) / (our_rate * MEASURED.as_secs_f64());
        load(theirs.0, &theirs.1, WARM_UP).await?;
        let bare_rate = load(theirs.0, &theirs.1, MEASURED).await?;
        figures.push((our_rate, bare_rate, pgbench(server, url, &statement)?));
    }
    let median = |of: fn(&(f64, f64, f64)) -> f64| {
        let mut all: Vec<f64> = figures.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let (rate, bare_rate, pgbench_rate) = (median(|x| x.0), median(|x| x.1), median(|x| x.2));
    println!("  platform {rate:.0}, bare endpoint {bare_rate:.0}, pgbench {pgbench_rate:.0} a second (medians of {ROUNDS})");
    println!("  {:.2} of the bare endpoint (at least 0.9), {:.3} of pgbench (at least 0.12)", rate / bare_rate, rate / pgbench_rate);
    println!(
        "  processor time of the platform's process: {:.0} µs a request; peak memory {} MB",
        last_cpu * 1e6,
        platform.process.peak_memory()
    );
    where_time_goes(&platform, &tokens, &stages).await
}

/// One for each connection, each of a subject of its own, as front ends have them: a caller's budget of a minute is far below such a load.
fn tokens_of(platform: &Platform, role: &str, more: &[&str]) -> anyhow::Result<Vec<String>> {
    let token = |number: usize| platform.token(role, &[more, &["--subject", &format!("bench-{number}")]].concat());
    (0..CONNECTIONS).map(token).collect()
}

/// A query as each of the callers sends it.
fn posts(platform: &Platform, tokens: &[String], query: &str) -> Vec<Vec<u8>> {
    tokens.iter().map(|token| post(&platform.process.address, token, query, &Value::Null)).collect()
}

async fn where_time_goes(platform: &Platform, tokens: &[String], stages: &[(&str, String)]) -> anyhow::Result<()> {
    println!("  where the time goes (the machine's time for one request, at {CONNECTIONS} connections):");
    let address = platform.process.address.as_str();
    let mut former = 0.0;
    for (name, query) in stages {
        let time = 1e6 / load(address, &posts(platform, tokens, query), MEASURED / 2).await?;
        println!("    {time:5.0} µs  {:+6.0} µs  {name}", time - former);
        former = time;
    }
    let (_, whole) = stages.last().context("no query")?;
    let all = tokens_of(platform, "secretariat", &[])?;
    let time = 1e6 / load(address, &posts(platform, &all, whole), MEASURED / 2).await?;
    println!("    {time:5.0} µs  {:+6.0} µs  by a reader of everything: the audit entry, written durably", time - former);
    Ok(())
}

/// Transactions a second, as pgbench counts them.
fn pgbench(server: &Server, url: &str, statement: &str) -> anyhow::Result<f64> {
    let seconds = MEASURED.as_secs().to_string();
    let said = server.output("pgbench", &["-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", &seconds, "-f", statement, url])?;
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")).and_then(|rest| rest.split(' ').next());
    Ok(tps.with_context(|| said.clone())?.parse()?)
}

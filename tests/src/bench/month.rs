//! `month`: `monthly-indicators` of 30,000 people and 600,000 shifts against one hand-written INSERT … SELECT of the person-months alone.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::platform::{peak_memory, torikumi};
use crate::server::Server;

/// What a run of the job took.
pub struct Run {
    /// From the start of the process to its end.
    pub time: Duration,
    /// Its steps, each with the time since the one before.
    pub steps: Vec<(String, Duration)>,
    /// The largest resident memory of the process, in MB.
    pub memory: u64,
}

/// Runs a monthly job with the program.
pub fn compute(url: &str, job: &str, month: &str) -> anyhow::Result<Run> {
    run_job(url, &[job, "--period", month])
}

/// Runs a job with the program.
pub fn run_job(url: &str, arguments: &[&str]) -> anyhow::Result<Run> {
    let started = Instant::now();
    let mut command = torikumi(url);
    command.arg("run").args(arguments).env("TORIKUMI_LOG", "jobs=debug");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context("cannot run torikumi")?;
    let log = BufReader::new(child.stderr.take().context("no standard error")?);
    let (mut steps, mut last, mut memory, mut said) = (Vec::new(), started, 0, Vec::new());
    for line in log.lines() {
        let line = line?;
        memory = peak_memory(child.id()).unwrap_or(memory);
        let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(phase) = event["fields"]["phase"].as_str() {
            steps.push((phase.to_owned(), last.elapsed()));
            last = Instant::now();
        }
        said.push(line);
    }
    ensure!(child.wait()?.success(), "{}", said.join("\n"));
    Ok(Run { time: started.elapsed(), steps, memory })
}

/// Computes the month both ways, in turn, and prints the ratio.
pub fn run(server: &Server, sql: &Path, url: &str) -> anyhow::Result<()> {
    println!("\nmonth: monthly-indicators, 30,000 people and 600,000 shifts, PostgreSQL");
    let file = |name: &str| sql.join(name).display().to_string();
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for round in 1..=3 {
        forget(server, url)?;
        server.psql(url, &["-c", "CHECKPOINT"])?;
        let run = compute(url, "monthly-indicators", "2018-04")?;
        let steps: Vec<_> = run.steps.iter().map(|(phase, time)| format!("{phase} {:.2} s", time.as_secs_f64())).collect();
        println!("  round {round}: the job {:.2} s ({}), peak memory {} MB", run.time.as_secs_f64(), steps.join(", "), run.memory);
        server.psql(url, &["-f", &file("twin.sql"), "-c", "CHECKPOINT"])?;
        let took = server.psql(url, &["-f", &file("month.sql")])?;
        println!("  round {round}: month.sql {:.2} s", took.as_secs_f64());
        ours.push(run.time);
        plain.push(took);
    }
    let same = "SELECT count(*) FROM (SELECT * FROM person_month UNION SELECT * FROM person_month_twin) x";
    ensure!((server.value(url, same)? - 30_000.0).abs() < 0.5, "the job and month.sql disagree");
    let (ours, plain) = (median(&mut ours), median(&mut plain));
    println!("  medians: {ours:.2} s against {plain:.2} s: {:.2} times (at most 2.5)", ours / plain);
    Ok(())
}

/// Takes back what a run wrote, so that each round writes a first time.
fn forget(server: &Server, url: &str) -> anyhow::Result<()> {
    let forget = [
        "TRUNCATE person_month, measure_cell, indicator_value, protection, protected_month, changed_person, job_run_event, job_fence",
        "DELETE FROM job_run",
    ];
    server.psql(url, &["-c", forget[0], "-c", forget[1]])?;
    Ok(())
}

/// The middle one, in seconds.
pub fn median(times: &mut [Duration]) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

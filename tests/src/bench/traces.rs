//! `traces`: 60 readers for a minute on `SQLite` while a bureau's system writes in bulk, and what is left of their traces when the process is
//! killed then. Officers' reading is counted by the day, the secretariat's leaves an entry each, written before the answer is shown.
//!
//! Deliberately absent: a time to compare with. Two versions of the program are measured in turn, each beside a copy of this one.

use std::path::Path;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use std::time::{Duration, Instant};

use anyhow::ensure;
use sea_orm::sqlx::{self, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use serde_json::Value;
use tokio::task::JoinHandle;
use torikumi_tests::database::Scratch;

use crate::bulk::{CALL, ROOM, calls, office};
use crate::platform::{Platform, migrate};
use crate::wire::{Wire, post};

const OFFICERS: usize = 45;
const SECRETARIAT: usize = 15;
/// More than are written in the minute.
const MONTHS: [&str; 5] = ["2018-04", "2018-05", "2018-06", "2018-07", "2018-08"];
const MINUTE: Duration = Duration::from_mins(1);
/// How long a reader looks at an answer.
const LOOK: Duration = Duration::from_millis(500);
const PAGE: &str = "{ shifts(first: 50) { nodes { date overtimeMinutes staff { staffNumber } } } }";

/// Measures, kills, counts.
pub async fn run() -> anyhow::Result<()> {
    println!("\ntraces: {OFFICERS} officers and {SECRETARIAT} of the secretariat read a page every {LOOK:?} beside bulk, SQLite");
    let folder = Scratch::new()?;
    let file = folder.path().join("traces.sqlite");
    let url = format!("sqlite:{}", file.display());
    migrate(&url)?;
    let platform = Platform::serve_with(&url, &ROOM)?;
    let system = office(&platform).await?;
    // All calls are made before the clock starts: the first ten fill the pages that are read.
    let mut calls: Vec<_> = MONTHS.iter().flat_map(|month| calls(&platform, &system, month)).collect();
    let rest = calls.split_off(10);
    let mut wire = Wire::open(&platform.process.address).await?;
    for call in calls {
        wire.ask(&call).await?;
    }
    let over = Arc::new(AtomicBool::new(false));
    let readers = |role: &'static str, more: &'static [&'static str], count: usize| {
        let reader = |number: usize| {
            let token = platform.token(role, &[more, &["--subject", &format!("{role}-{number}")]].concat())?;
            Ok(read(&platform, &token, Arc::clone(&over)))
        };
        (0..count).map(reader).collect::<anyhow::Result<Vec<_>>>()
    };
    let officers = readers("bureau_officer", &["--bureau", "B1"], OFFICERS)?;
    let secretariat = readers("secretariat", &[], SECRETARIAT)?;
    let began = Instant::now();
    let mut written = 0;
    for call in rest {
        if began.elapsed() > MINUTE {
            break;
        }
        wire.ask(&call).await?;
        written += CALL;
    }
    println!("  {written} shifts were written in {:.0} s", began.elapsed().as_secs_f64());
    over.store(true, Ordering::Relaxed);
    drop(platform);
    let officers = tell("officers", officers).await?;
    let shown = tell("secretariat", secretariat).await?;
    left(&file, shown, officers).await
}

/// Reads until the process is killed, and gives how long each answer took.
fn read(platform: &Platform, token: &str, over: Arc<AtomicBool>) -> JoinHandle<anyhow::Result<Vec<Duration>>> {
    let (address, request) = (platform.process.address.clone(), post(&platform.process.address, token, PAGE, &Value::Null));
    tokio::spawn(async move {
        let (mut wire, mut took) = (Wire::open(&address).await?, Vec::new());
        loop {
            let asked = Instant::now();
            match wire.ask(&request).await {
                Ok(_) => took.push(asked.elapsed()),
                Err(_) if over.load(Ordering::Relaxed) => return Ok(took),
                Err(error) => return Err(error),
            }
            tokio::time::sleep(LOOK).await;
        }
    })
}

/// How long their answers took; gives how many there were.
async fn tell(who: &str, readers: Vec<JoinHandle<anyhow::Result<Vec<Duration>>>>) -> anyhow::Result<usize> {
    let mut took = Vec::new();
    for reader in readers {
        took.extend(reader.await??);
    }
    took.sort();
    let [half, p99] = [50, 99].map(|part| took[(took.len() - 1) * part / 100].as_secs_f64() * 1e3);
    println!("  {who}: {} answers, p50 {half:.1} ms, p99 {p99:.1} ms", took.len());
    Ok(took.len())
}

/// What of the traces a killed process left.
async fn left(file: &Path, shown: usize, officers: usize) -> anyhow::Result<()> {
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await?;
    let entries: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM audit_entry WHERE verb = 'READ' AND actor LIKE 'secretariat-%' AND noun = 'shift'")
            .fetch_one(&mut db)
            .await?;
    println!("  after kill -9: {entries} entries of {shown} answers");
    ensure!(usize::try_from(entries)? >= shown, "a trace is missing");
    let exists: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = 'reading_day'").fetch_one(&mut db).await?;
    if exists == 1 {
        let (subjects, reads): (i64, i64) =
            sqlx::query_as("SELECT COUNT(DISTINCT subject), SUM(reads) FROM reading_day WHERE noun = 'shift'").fetch_one(&mut db).await?;
        println!("  {subjects} officers are counted, with {reads} of {officers} answers (those of the last seconds may be lost)");
        ensure!(usize::try_from(subjects)? == OFFICERS, "an officer is missing");
    }
    Ok(())
}

//! `bulk`: 200,000 shifts through `recordShifts`, 5,000 a call, against what the engine takes without rules: `psql \copy` on `PostgreSQL`,
//! chunked inserts in one transaction on `SQLite`. Each goes into the same table with all its indexes, truncated before.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use sea_orm::sqlx::{
    self, Column, Connection, Row, SqliteConnection, TypeInfo, ValueRef,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use torikumi_tests::database::Scratch;
use torikumi_tests::fixtures::{bureau, mutation, posting, staff, unit};
use uuid::Uuid;

use crate::platform::{Platform, migrate};
use crate::server::Server;
use crate::wire::{Wire, post};

const PEOPLE: usize = 10_000;
const DAYS: usize = 20;
pub const CALL: usize = 5_000;
const CALLERS: [usize; 3] = [1, 2, 4];
const ROWS: f64 = 200_000.0;
const MONTH: &str = "2018-04";
/// By default the requests in progress may hold 256 MiB together, and the fourth of such calls at once is told to come again (503).
pub const ROOM: [&str; 2] = ["--request-memory", "1024"];

/// Measures both engines.
pub async fn run(server: &Server) -> anyhow::Result<()> {
    postgres(server).await?;
    sqlite().await
}

async fn postgres(server: &Server) -> anyhow::Result<()> {
    println!("\nbulk: 200,000 shifts, {CALL} a call, PostgreSQL");
    let url = server.database("bulk")?;
    migrate(&url)?;
    let platform = Platform::serve_with(&url, &ROOM)?;
    let token = office(&platform).await?;
    let rows = platform.file("shift.copy").display().to_string();
    let clear = || server.psql(&url, &["-c", "TRUNCATE shift, stale_mark", "-c", "VACUUM ANALYZE", "-c", "CHECKPOINT"]);
    let (mut ours, mut copies) = (Vec::new(), Vec::new());
    for callers in CALLERS {
        clear()?;
        let (time, slowest) = record(&platform, &token, callers).await?;
        ours.push((callers, time, slowest));
        ensure!((server.value(&url, "SELECT count(*) FROM shift")? - ROWS).abs() < 0.5, "not all rows arrived");
        server.psql(&url, &["-c", &format!("\\copy shift TO '{rows}'")])?;
        clear()?;
        copies.push(server.psql(&url, &["-c", &format!("\\copy shift FROM '{rows}'")])?);
        round(callers, time, copies.last());
    }
    copies.sort();
    let copy = ROWS / copies[copies.len() / 2].as_secs_f64();
    println!("  \\copy {copy:.0} rows/s (median of {})", copies.len());
    print(&ours, copy, 0.35);
    println!("  peak memory of the platform's process: {} MB", platform.process.peak_memory());
    Ok(())
}

async fn sqlite() -> anyhow::Result<()> {
    println!("\nbulk: 200,000 shifts, {CALL} a call, SQLite");
    let folder = Scratch::new()?;
    let file = folder.path().join("bulk.sqlite");
    let url = format!("sqlite:{}", file.display());
    migrate(&url)?;
    let platform = Platform::serve_with(&url, &ROOM)?;
    let token = office(&platform).await?;
    let options = SqliteConnectOptions::new().filename(&file).foreign_keys(true).journal_mode(SqliteJournalMode::Wal);
    let options = options.synchronous(SqliteSynchronous::Full).busy_timeout(Duration::from_secs(10)).pragma("cache_size", "-32768");
    let mut db = SqliteConnection::connect_with(&options).await?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for callers in CALLERS {
        sqlx::raw_sql("DELETE FROM shift; DELETE FROM stale_mark; PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut db).await?;
        let (time, slowest) = record(&platform, &token, callers).await?;
        ours.push((callers, time, slowest));
        let rows = sqlx::query("SELECT * FROM shift ORDER BY rowid").fetch_all(&mut db).await?;
        ensure!(rows.len() == PEOPLE * DAYS, "not all rows arrived");
        let rows: Vec<_> = rows.iter().map(cells).collect::<Result<_, _>>()?;
        sqlx::raw_sql("DELETE FROM shift; PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut db).await?;
        plain.push(insert(&mut db, &rows).await?);
        round(callers, time, plain.last());
    }
    plain.sort();
    let inserts = ROWS / plain[plain.len() / 2].as_secs_f64();
    println!("  chunked inserts {inserts:.0} rows/s (median of {})", plain.len());
    print(&ours, inserts, 0.25);
    println!("  peak memory of the platform's process: {} MB", platform.process.peak_memory());
    Ok(())
}

fn round(callers: usize, ours: Duration, other: Option<&Duration>) {
    let other = other.map_or(0.0, Duration::as_secs_f64);
    println!("  round of {callers} callers: {:.1} s against {other:.1} s", ours.as_secs_f64());
}

fn print(ours: &[(usize, Duration, Duration)], other: f64, target: f64) {
    for (callers, time, slowest) in ours {
        let rate = ROWS / time.as_secs_f64();
        let (ratio, slowest) = (rate / other, slowest.as_secs_f64());
        println!("  recordShifts, {callers} callers: {rate:.0} rows/s, {ratio:.2} of it (at least {target}), slowest call {slowest:.2} s");
    }
}

/// Writes an office through the mutations and gives the token of its bureaus' system.
pub async fn office(platform: &Platform) -> anyhow::Result<String> {
    let admin = platform.token("admin", &[])?;
    let secretariat = platform.token("secretariat", &[])?;
    let system = platform.token("bureau_system", &["--bureau", "all", "--client", "bench"])?;
    let mut wire = Wire::open(&platform.process.address).await?;
    let register = "mutation { registerApiClient(input: { code: \"bench\", name: \"bench\" }) { apiClient { code } } }";
    wire.data(&post(&platform.process.address, &admin, register, &Value::Null)).await?;
    let parts: [(&str, &str, Vec<Value>); 4] = [
        (&secretariat, "Bureaus", (0..20).map(|i| bureau(&format!("B{i}"))).collect()),
        (&system, "Units", (0..200).map(|i| unit(&format!("U{i}"), &format!("B{}", i % 20))).collect()),
        (&system, "Staff", (0..PEOPLE).map(|i| staff(&number(i))).collect()),
        (&system, "Postings", (0..PEOPLE).map(post_of).collect()),
    ];
    for (token, noun, records) in parts {
        for part in records.chunks(CALL) {
            let input = json!({ "input": { "idempotencyKey": Uuid::now_v7().to_string(), "records": part } });
            let answer = wire.data(&post(&platform.process.address, token, &mutation(noun), &input)).await?;
            ensure!(answer.to_string().contains(&format!("\"created\":{}", part.len())), "{noun}: {answer}");
        }
    }
    Ok(system)
}

fn number(person: usize) -> String {
    format!("N{person:05}")
}

fn post_of(person: usize) -> Value {
    posting(&format!("p{person}"), &number(person), (&format!("B{}", person % 200 % 20), &format!("U{}", person % 200)), "2016-04-01")
}

/// All calls of a month, made before the clock starts: each holds the month of 250 people.
pub fn calls(platform: &Platform, token: &str, month: &str) -> Vec<Vec<u8>> {
    let call = |first: usize| {
        let records: Vec<_> =
            (first..first + CALL / DAYS).flat_map(|person| (1..=DAYS).map(move |day| shift(person, (month, day)))).collect();
        let input = json!({ "input": { "idempotencyKey": Uuid::now_v7().to_string(), "records": records } });
        post(&platform.process.address, token, &mutation("Shifts"), &input)
    };
    (0..PEOPLE).step_by(CALL / DAYS).map(call).collect()
}

/// A regular day with an hour's break, and 0 to 3 ½ ordered hours beyond.
fn shift(person: usize, (month, day): (&str, usize)) -> Value {
    let at = |minutes: usize| format!("{month}-{day:02}T{:02}:{:02}:00+09:00", minutes / 60, minutes % 60);
    let end = 1_035 + (person * 7 + day * 13) % 8 * 30;
    let ordered = if end > 1_035 { json!([{ "start": at(1_035), "end": at(end) }]) } else { json!([]) };
    json!({
        "externalId": format!("{person}-{month}-{day}"), "staffNumber": number(person), "date": format!("{month}-{day:02}"), "dayKind": "WORKDAY",
        "scheduled": { "start": at(510), "end": at(1_035) }, "presence": { "start": at(510), "end": at(end) },
        "breaks": [{ "start": at(720), "end": at(780) }], "ordered": ordered, "sourceVersion": 1,
    })
}

/// Sends all calls from some callers; gives the whole time and that of the slowest call.
async fn record(platform: &Platform, token: &str, callers: usize) -> anyhow::Result<(Duration, Duration)> {
    let calls = Arc::new(Mutex::new(calls(platform, token, MONTH)));
    let mut wires = Vec::new();
    for _ in 0..callers {
        wires.push(Wire::open(&platform.process.address).await?);
    }
    let started = Instant::now();
    let one = |mut wire: Wire| {
        let calls = Arc::clone(&calls);
        tokio::spawn(async move {
            let mut slowest = Duration::ZERO;
            loop {
                let Some(call) = calls.lock().await.pop() else { return anyhow::Ok(slowest) };
                let sent = Instant::now();
                let answer = wire.ask(&call).await?;
                slowest = slowest.max(sent.elapsed());
                let answer = String::from_utf8(answer)?;
                ensure!(answer.contains(&format!("\"created\":{CALL},")), "{answer}");
            }
        })
    };
    let running: Vec<_> = wires.into_iter().map(one).collect();
    let mut slowest = Duration::ZERO;
    for caller in running {
        slowest = slowest.max(caller.await??);
    }
    Ok((started.elapsed(), slowest))
}

/// A value as SQLite stores it.
enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

fn cells(row: &SqliteRow) -> anyhow::Result<Vec<Cell>> {
    let cell = |index: usize| {
        let value = row.try_get_raw(index)?;
        Ok(match (value.is_null(), value.type_info().name()) {
            (true, _) => Cell::Null,
            (_, "INTEGER") => Cell::Integer(row.try_get_unchecked(index)?),
            (_, "BLOB") => Cell::Blob(row.try_get_unchecked(index)?),
            (_, "TEXT") => Cell::Text(row.try_get_unchecked(index)?),
            (_, other) => anyhow::bail!("{} is stored as {other}", row.column(index).name()),
        })
    };
    (0..row.len()).map(cell).collect()
}

/// Inserts the rows again in one transaction, as many in a statement as its parameters allow.
async fn insert(db: &mut SqliteConnection, rows: &[Vec<Cell>]) -> anyhow::Result<Duration> {
    let width = rows.first().context("no rows")?.len();
    let started = Instant::now();
    let mut tx = db.begin().await?;
    for chunk in rows.chunks(32_766 / width) {
        let one = format!("({})", vec!["?"; width].join(", "));
        let statement = format!("INSERT INTO shift VALUES {}", vec![one; chunk.len()].join(", "));
        let mut query = sqlx::query(sqlx::AssertSqlSafe(statement));
        for cell in chunk.iter().flatten() {
            query = match cell {
                Cell::Null => query.bind(None::<i64>),
                Cell::Integer(number) => query.bind(number),
                Cell::Text(text) => query.bind(text),
                Cell::Blob(bytes) => query.bind(bytes),
            };
        }
        query.execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(started.elapsed())
}

//! `corrections`: one late correction of a computed month of 30,000 people, against the whole month, on both engines; and `overtime-outliers`
//! of 30,000 people on SQLite, against PostgreSQL.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use sea_orm::sqlx::{self, Connection, Row};
use torikumi_tests::database::Scratch;

use crate::copy::{open, to_sqlite};
use crate::month::{Run, compute, median, run_job};
use crate::outliers;
use crate::server::Server;

/// The month of the office.
const MONTH: &str = "2018-04";

/// One person's shift is another, and marked as the store marks it.
const CORRECT: [&str; 2] = [
    "UPDATE shift SET overtime_minutes = overtime_minutes + 1, worked_minutes = worked_minutes + 1
        WHERE external_id = (SELECT MIN(external_id) FROM shift)",
    "INSERT INTO stale_mark (id, bureau_id, month, staff_id, receipt_id, created_at)
        SELECT receipt_id, bureau_id, 201804, staff_id, receipt_id, created_at FROM shift
        WHERE external_id = (SELECT MIN(external_id) FROM shift)",
];

/// Measures both engines, on an office of 30,000 people that is written already.
pub async fn run(server: &Server, sql: &Path, url: &str) -> anyhow::Result<()> {
    let folder = Scratch::new()?;
    println!("\ncorrections: one late correction of a month of 30,000 people and 600,000 shifts");
    let correct = || server.psql(url, &["-c", CORRECT[0], "-c", CORRECT[1]]).map(|_| ());
    let (mut whole, mut late) = (Vec::new(), Vec::new());
    // What no run has computed yet, the current months among it, is no part of a correction.
    compute(url, "monthly-indicators", MONTH)?;
    run_job(url, &["monthly-indicators"])?;
    for _ in 0..3 {
        correct()?;
        whole.push(told("the month", &compute(url, "monthly-indicators", MONTH)?));
        correct()?;
        late.push(told("a correction", &run_job(url, &["monthly-indicators"])?));
    }
    ensure!(server.value(url, "SELECT COUNT(*) FROM stale_mark")? < 0.5, "marks are left");
    print("PostgreSQL", &mut whole, &mut late);

    let file = folder.path().join("office.sqlite");
    let on_sqlite = to_sqlite(url, &file).await?;
    let (mut whole, mut late) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        correct_sqlite(&file).await?;
        whole.push(told("the month", &compute(&on_sqlite, "monthly-indicators", MONTH)?));
        correct_sqlite(&file).await?;
        late.push(told("a correction", &run_job(&on_sqlite, &["monthly-indicators"])?));
    }
    print("SQLite", &mut whole, &mut late);
    outliers_on_both(server, sql, folder.path()).await
}

/// What a run took, and where its time went.
fn told(what: &str, run: &Run) -> Duration {
    let steps: Vec<_> = run.steps.iter().map(|(phase, time)| format!("{phase} {:.2} s", time.as_secs_f64())).collect();
    println!("  {what}: {:.2} s ({})", run.time.as_secs_f64(), steps.join(", "));
    run.time
}

async fn correct_sqlite(file: &Path) -> anyhow::Result<()> {
    let mut db = open(file).await?;
    for step in CORRECT {
        sqlx::query(step).execute(&mut db).await?;
    }
    Ok(db.close().await?)
}

fn print(engine: &str, whole: &mut [Duration], late: &mut [Duration]) {
    let (whole, late) = (median(whole), median(late));
    println!("  {engine}, medians: {late:.2} s against {whole:.2} s for the month: {:.1} % (at most 10)", late / whole * 100.0);
}

/// A month of 30,000 people that has no flag yet, judged on both engines.
async fn outliers_on_both(server: &Server, sql: &Path, folder: &Path) -> anyhow::Result<()> {
    let url = outliers::office(server, sql, "outliers_on_both", 30_000)?;
    let file = folder.join("outliers.sqlite");
    let on_sqlite = to_sqlite(&url, &file).await?;
    let (mut postgres, mut sqlite) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        server.psql(&url, &["-c", outliers::FORGET, "-c", "CHECKPOINT"])?;
        postgres.push(compute(&url, "overtime-outliers", outliers::MONTH)?.time);
        let mut db = open(&file).await?;
        sqlx::raw_sql("DELETE FROM outlier_event; DELETE FROM overtime_outlier; DELETE FROM stale_mark").execute(&mut db).await?;
        db.close().await?;
        sqlite.push(compute(&on_sqlite, "overtime-outliers", outliers::MONTH)?.time);
    }
    let count = "SELECT COUNT(*) FROM overtime_outlier";
    let flags = server.value(&url, count)?;
    let mut db = open(&file).await?;
    let found: i64 = sqlx::query(count).fetch_one(&mut db).await?.try_get(0)?;
    #[expect(clippy::cast_precision_loss, reason = "thousands of flags")]
    let same = (flags - found as f64).abs() < 0.5;
    ensure!(same && flags > 0.5, "the engines disagree: {flags} flags and {found}");
    let (postgres, sqlite) = (median(&mut postgres), median(&mut sqlite));
    println!(
        "  outliers, {flags} flags: SQLite {sqlite:.2} s against PostgreSQL {postgres:.2} s: {:.2} times (at most 3)",
        sqlite / postgres
    );
    Ok(())
}

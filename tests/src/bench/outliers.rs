//! `outliers`: `overtime-outliers` of one month against one hand-written statement of the medians and deviations of the same rows.
//!
//! The job's time is that of a first run, flags, events and marks written; the statement writes none. Peak memory is the program's, which is to
//! stay flat while people grow tenfold.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;

use crate::month::{Run, compute, median};
use crate::platform::{migrate, torikumi};
use crate::server::Server;

/// The month that is judged.
pub const MONTH: &str = "2020-01";

/// Flags whose figures are not those of `outliers.sql`, with one more where there is none at all.
const DIFFERENT: &str = "SELECT COUNT(*) FILTER (WHERE f.peers IS DISTINCT FROM t.n OR f.median_doubled IS DISTINCT FROM 2 * t.median
        OR f.scale_numerator::float8 / f.scale_denominator IS DISTINCT FROM CASE f.method WHEN 'MEDIAN_DEVIATION' THEN t.mad ELSE t.deviations / t.n END)
        + CASE COUNT(*) WHEN 0 THEN 1 ELSE 0 END
    FROM overtime_outlier f
    LEFT JOIN (
        SELECT staff_id, 'BUREAU' AS level, n, median, mad, deviations FROM outlier_twin
        UNION ALL SELECT staff_id, 'OFFICE', office_n, office_median, office_mad, office_deviations FROM outlier_twin
        UNION ALL SELECT staff_id, 'OWN', own_n, own_median, own_mad, own_deviations FROM outlier_twin
    ) t ON t.staff_id = f.staff_id AND t.level = f.peer_level
    WHERE f.category = 'STATISTICAL'";

/// Takes back what a run wrote.
pub const FORGET: &str = "TRUNCATE outlier_event, overtime_outlier, stale_mark";

/// Judges the month of a few and of all, and prints the ratio.
pub fn run(server: &Server, sql: &Path) -> anyhow::Result<()> {
    println!("\noutliers: overtime-outliers of a month with twelve months before it, PostgreSQL");
    judge(server, sql, 30_000, 1)?;
    let (mut ours, mut plain) = judge(server, sql, 300_000, 3)?;
    let (ours, plain) = (median(&mut ours), median(&mut plain));
    println!("  medians: {ours:.2} s against {plain:.2} s: {:.2} times (at most 1.5)", ours / plain);
    Ok(())
}

/// A database with thirteen months of so many people, and the rules.
pub fn office(server: &Server, sql: &Path, name: &str, people: u32) -> anyhow::Result<String> {
    let url = server.database(name)?;
    migrate(&url)?;
    // Nothing to judge yet, but the rules that an installation starts with, and a run for the rows to name.
    let first = torikumi(&url).args(["run", "overtime-outliers"]).output()?;
    ensure!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let file = sql.join("outliers_office.sql").display().to_string();
    server.psql(&url, &["-v", &format!("people={people}"), "-f", &file])?;
    Ok(url)
}

/// Judges an office of so many both ways, in turn.
fn judge(server: &Server, sql: &Path, people: u32, rounds: u32) -> anyhow::Result<(Vec<Duration>, Vec<Duration>)> {
    let url = office(server, sql, &format!("outliers_{people}"), people)?;
    let file = |name: &str| sql.join(name).display().to_string();
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        server.psql(&url, &["-c", FORGET, "-c", "CHECKPOINT"])?;
        let run = compute(&url, "overtime-outliers", MONTH)?;
        print(people, round, "the job", &run);
        let took = server.psql(&url, &["-f", &file("outliers.sql")])?;
        println!("  {people} people, round {round}: outliers.sql {:.2} s", took.as_secs_f64());
        ours.push(run.time);
        plain.push(took);
    }
    ensure!(server.value(&url, DIFFERENT)? < 0.5, "the job and outliers.sql disagree");
    let flags = server.value(&url, "SELECT COUNT(*) FROM overtime_outlier")?;
    print(people, rounds, &format!("once more, {flags} flags standing,"), &compute(&url, "overtime-outliers", MONTH)?);
    Ok((ours, plain))
}

fn print(people: u32, round: u32, what: &str, run: &Run) {
    println!("  {people} people, round {round}: {what} {:.2} s, peak memory {} MB", run.time.as_secs_f64(), run.memory);
}

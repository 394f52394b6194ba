//! `follow-up`: the snapshot and the draft of a fiscal year against one SQL file that aggregates the same person-months to the same tables.
//!
//! The job's time is that of a first run: a row for each person frozen under a pseudonym, read back and added up, figures protected, and all
//! files of the release made and kept. The SQL file keeps nothing of that. Peak memory is the program's, which is to stay flat while people
//! grow tenfold.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;

use crate::month::{Run, median, run_job};
use crate::platform::{migrate, torikumi};
use crate::server::Server;

/// Figures of the draft that are not those of `follow_up.sql`, with one more where there is none at all. Withheld ones are not compared.
const DIFFERENT: &str =
    "SELECT COUNT(*) FILTER (WHERE o.numerator IS DISTINCT FROM t.numerator OR o.denominator IS DISTINCT FROM t.denominator)
        + CASE COUNT(*) WHEN 0 THEN 1 ELSE 0 END
    FROM release_observation o
    LEFT JOIN follow_up_twin t ON (t.indicator, t.bureau, t.sex, t.band) = (o.indicator, o.bureau, o.sex, o.band)
    WHERE o.status IN ('FINAL', 'PROVISIONAL') AND o.bureau NOT LIKE 'GROUP%'";
const FORGET: &str = "TRUNCATE release_observation, release_file, release, snapshot_part, snapshot, finding, follow_up_event";

/// Follows up a few and all, and prints the ratio.
pub fn run(server: &Server, sql: &Path) -> anyhow::Result<()> {
    println!("\nfollow-up: snapshot and draft of a fiscal year, PostgreSQL");
    follow_up(server, sql, 30_000, 1)?;
    let (mut ours, mut plain) = follow_up(server, sql, 300_000, 3)?;
    let (ours, plain) = (median(&mut ours), median(&mut plain));
    println!("  medians: {ours:.2} s against {plain:.2} s: {:.2} times (at most 2)", ours / plain);
    Ok(())
}

/// Follows an office of so many up both ways, in turn.
fn follow_up(server: &Server, sql: &Path, people: u32, rounds: u32) -> anyhow::Result<(Vec<Duration>, Vec<Duration>)> {
    let url = server.database(&format!("follow_up_{people}"))?;
    migrate(&url)?;
    // Nothing to draft yet, but a run for the rows to name.
    let first = torikumi(&url).args(["run", "follow-up-dataset"]).output()?;
    ensure!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let file = |name: &str| sql.join(name).display().to_string();
    server.psql(&url, &["-v", &format!("people={people}"), "-f", &file("follow_up_office.sql")])?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        server.psql(&url, &["-c", FORGET, "-c", "UPDATE follow_up SET stage = 'FROZEN'", "-c", "CHECKPOINT"])?;
        let run = run_job(&url, &["follow-up-dataset"])?;
        print(people, round, "the job", &run);
        let took = server.psql(&url, &["-f", &file("follow_up.sql")])?;
        println!("  {people} people, round {round}: follow_up.sql {:.2} s", took.as_secs_f64());
        ours.push(run.time);
        plain.push(took);
    }
    ensure!(server.value(&url, DIFFERENT)? < 0.5, "the job and follow_up.sql disagree");
    let figures = server.value(&url, "SELECT COUNT(*) FROM release_observation")?;
    let withheld = server.value(&url, "SELECT COUNT(*) FROM release_observation WHERE status = 'WITHHELD'")?;
    println!("  {people} people: {figures} figures, {withheld} of them withheld");
    print(people, rounds, "once more", &run_job(&url, &["follow-up-dataset"])?);
    Ok((ours, plain))
}

fn print(people: u32, round: u32, what: &str, run: &Run) {
    let steps: Vec<_> = run.steps.iter().map(|(phase, time)| format!("{phase} {:.2} s", time.as_secs_f64())).collect();
    let (time, memory) = (run.time.as_secs_f64(), run.memory);
    println!("  {people} people, round {round}: {what} {time:.2} s ({}), peak memory {memory} MB", steps.join(", "));
}

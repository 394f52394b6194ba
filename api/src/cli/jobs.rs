//! `torikumi jobs`: the schedules with their next slots, and the latest runs.

use anyhow::Result;
use api::app::App;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::Args;
use entity::{
    job_run::{self, RunOutcome},
    job_schedule,
};
use jobs::schedule::slots::Plan;
use serde_json::{Value, json};
use std::fmt::Write;

/// How many slots are shown of each schedule.
const SLOTS: usize = 3;
/// The zone in which runs are shown.
const ZONE: Tz = chrono_tz::Asia::Tokyo;

/// What to show.
#[derive(Args)]
pub struct Jobs {
    /// How many of the latest runs, at most 1,000.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    runs: u64,
    /// As JSON, with instants in UTC.
    #[arg(long)]
    json: bool,
}

impl Jobs {
    /// Shows schedules and runs.
    pub async fn execute(self, app: &App) -> Result<()> {
        let (schedules, runs) = (app.ledger.schedules().await?, app.ledger.latest_runs(self.runs).await?);
        let now = app.clock.now();
        if self.json {
            let schedules: Vec<_> = schedules.iter().map(|schedule| schedule_json(schedule, now)).collect();
            let runs: Vec<_> = runs.iter().map(|run| run_json(run, now)).collect();
            println!("{}", serde_json::to_string_pretty(&json!({ "schedules": schedules, "runs": runs }))?);
        } else {
            print!("{}\n{}", schedule_table(&schedules, now), run_table(&runs, now));
        }
        Ok(())
    }
}

/// The next slots of a schedule that is not paused.
fn next_slots(schedule: &job_schedule::Model, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let plan = Plan::parse(&schedule.cron, &schedule.zone).ok().filter(|_| schedule.enabled);
    plan.map(|plan| plan.preview(SLOTS, now)).unwrap_or_default()
}

fn schedule_json(schedule: &job_schedule::Model, now: DateTime<Utc>) -> Value {
    json!({
        "job": schedule.job.as_kebab(), "cron": schedule.cron, "zone": schedule.zone, "enabled": schedule.enabled,
        "misfire": schedule.misfire, "overlap": schedule.overlap, "expectedWithinMinutes": schedule.expected_within_minutes,
        "version": schedule.version, "nextSlots": next_slots(schedule, now),
    })
}

fn run_json(run: &job_run::Model, now: DateTime<Utc>) -> Value {
    json!({
        "id": run.id, "job": run.job.as_kebab(), "period": run.period, "trigger": run.trigger, "slot": run.slot, "state": run.state,
        "dryRun": run.dry_run, "attempt": run.attempt, "maxAttempts": run.max_attempts, "queuedAt": run.queued_at, "startedAt": run.started_at,
        "finishedAt": run.finished_at, "seconds": duration(run, now).map(|span| span.num_seconds()), "progress": run.progress,
        "error": run.error, "cause": run.cause_id, "outcome": run.outcome, "warnings": run.warnings(),
    })
}

fn schedule_table(schedules: &[job_schedule::Model], now: DateTime<Utc>) -> String {
    let line = |schedule: &job_schedule::Model| {
        let zone: Tz = schedule.zone.parse().unwrap_or(ZONE);
        let slots: Vec<_> = next_slots(schedule, now).iter().map(|&slot| shown(slot, zone)).collect();
        let next = if schedule.enabled { slots.join(", ") } else { "paused".to_owned() };
        [schedule.job.as_kebab(), schedule.cron.clone(), schedule.zone.clone(), next]
    };
    let head = ["SCHEDULE", "CRON", "ZONE", "NEXT"].map(str::to_owned);
    table(&std::iter::once(head).chain(schedules.iter().map(line)).collect::<Vec<_>>())
}

fn run_table(runs: &[job_run::Model], now: DateTime<Utc>) -> String {
    let line = |run: &job_run::Model| {
        [
            run.state.as_text() + if run.outcome == Some(RunOutcome::WithWarnings) { " (warnings)" } else { "" },
            run.job.as_kebab() + if run.dry_run { " (dry)" } else { "" },
            run.period.map_or_else(|| "stale".to_owned(), |month| month.to_string()),
            run.trigger.as_text(),
            format!("{}/{}", run.attempt, run.max_attempts),
            shown(run.queued_at, ZONE),
            duration(run, now).map(length).unwrap_or_default(),
            progress(run),
        ]
    };
    let head = ["STATE", "JOB", "PERIOD", "TRIGGER", "ATTEMPT", "QUEUED", "DURATION", "PROGRESS"].map(str::to_owned);
    table(&std::iter::once(head).chain(runs.iter().map(line)).collect::<Vec<_>>())
}

fn shown(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// From its first claim to its end, or to now.
fn duration(run: &job_run::Model, now: DateTime<Utc>) -> Option<TimeDelta> {
    Some(run.finished_at.unwrap_or(now) - run.started_at?)
}

/// Hours, minutes and seconds, as far as there are any.
fn length(span: TimeDelta) -> String {
    let (hours, minutes, seconds) = (span.num_hours(), span.num_minutes() % 60, span.num_seconds() % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds:02} s"),
        _ => format!("{hours} h {minutes:02} min"),
    }
}

fn progress(run: &job_run::Model) -> String {
    let Some(progress) = &run.progress else { return String::new() };
    let number = |name: &str| progress[name].as_u64().unwrap_or_default();
    format!("{}/{} {}", number("done"), number("total"), progress["phase"].as_str().unwrap_or_default())
}

/// Columns as wide as their widest cell.
/// Columns below each other.
pub(super) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default());
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_and_times_are_short() {
        let rows = [["A", "LONGER"], ["LONGEST", "B"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(&rows), "A        LONGER\nLONGEST  B\n");
        assert_eq!([59, 61, 3_600].map(|seconds| length(TimeDelta::seconds(seconds))), ["59 s", "1 min 01 s", "1 h 00 min"]);
    }
}

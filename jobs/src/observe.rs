//! What is counted of runs as they happen, for `/metrics`; what stands in the ledger is asked of it ([`crate::ledger::Ledger::queue`]).

use chrono::{DateTime, TimeDelta, Utc};
use entity::job_run::{JobName, RunState};

/// Histogram, in seconds, by job and outcome: from a run's first claim to its end, all attempts and waits included.
pub const RUN_DURATION: &str = "job_run_duration_seconds";
/// Histogram, in seconds, by job: from a slot to the first claim of its run.
pub const SLOT_LATENESS: &str = "job_slot_lateness_seconds";
/// Counter, by job: runs whose worker vanished.
const LEASES_LOST: &str = "job_leases_lost_total";
/// Counter: schedules and runs that a clock had left ahead.
const SET_BACK: &str = "job_clock_set_back_total";

/// A run is over; one that was never claimed took no time.
pub(crate) fn ended(job: JobName, outcome: RunState, started: Option<DateTime<Utc>>, at: DateTime<Utc>) {
    if let Some(started) = started {
        let labels = [("job", job.as_kebab()), ("outcome", outcome.as_text().to_ascii_lowercase())];
        metrics::histogram!(RUN_DURATION, &labels).record(seconds(at - started));
    }
}

/// The run of a slot was claimed for the first time.
pub(crate) fn slot_started(job: JobName, slot: DateTime<Utc>, at: DateTime<Utc>) {
    metrics::histogram!(SLOT_LATENESS, "job" => job.as_kebab()).record(seconds(at - slot));
}

/// A run lost its worker.
pub(crate) fn lease_lost(job: JobName) {
    metrics::counter!(LEASES_LOST, "job" => job.as_kebab()).increment(1);
}

/// Something that a clock left ahead was set back: a `schedule`, or a `run`.
pub(crate) fn set_back(what: &'static str) {
    metrics::counter!(SET_BACK, "what" => what).increment(1);
}

fn seconds(span: TimeDelta) -> f64 {
    span.to_std().unwrap_or_default().as_secs_f64()
}

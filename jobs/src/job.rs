//! The jobs that there are: from a name to a body and to what is agreed about its runs. Both come from the list in `entity::job_run`.
//!
//! A body takes the run's [`Fence`], is idempotent, and answers with a typed result. Its author chooses what an error means.

use crate::{
    jobs,
    ledger::{Fence, LedgerError},
};
use chrono::TimeDelta;
pub use entity::job_run::JobName;
use entity::job_run::{RunOutcome, Warning, WarningCode};
use entity::job_schedule::{Misfire, Overlap};

/// What a successful run leaves in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// What was done, counted: an object in camelCase.
    pub statistics: serde_json::Value,
    /// SHA-256 of natural keys and values, in hexadecimal: equal output has an equal digest on every engine, in every run.
    pub digest: String,
    /// What was left out; a run without any is clean.
    pub warnings: Vec<Warning>,
}

impl Output {
    /// The output of a job, whose statistics are a type of its own, with nothing left out.
    #[must_use]
    pub fn new(statistics: &impl serde::Serialize, digest: String) -> Self {
        Self { statistics: serde_json::to_value(statistics).unwrap_or_default(), digest, warnings: Vec::new() }
    }

    /// The output, with what was left out, of how many; of none it is no warning.
    #[must_use]
    pub fn warning(mut self, code: WarningCode, count: i64) -> Self {
        if count > 0 {
            self.warnings.push(Warning { code, count });
        }
        self
    }

    /// How well the run did.
    #[must_use]
    pub fn outcome(&self) -> RunOutcome {
        if self.warnings.is_empty() { RunOutcome::Clean } else { RunOutcome::WithWarnings }
    }
}

/// Why a run did not succeed; the job's author decides which.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The cause may pass: another attempt is worth it.
    #[error("the run may be tried again")]
    Retry(#[source] LedgerError),
    /// Another attempt would end alike.
    #[error("the run failed")]
    Fail(#[source] LedgerError),
    /// The job panicked: a defect.
    #[error("the job panicked")]
    Panicked,
}

impl JobError {
    /// The usual choice: what may pass by itself ([`LedgerError::may_pass`]) is tried again; anything else would end alike.
    #[must_use]
    pub fn usual(error: LedgerError) -> Self {
        if error.may_pass() { Self::Retry(error) } else { Self::Fail(error) }
    }

    /// The word that stands in the run's row before the error's id.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Retry(LedgerError::Deadline) | Self::Fail(LedgerError::Deadline) => "DEADLINE",
            Self::Retry(LedgerError::NotConfigured(_)) | Self::Fail(LedgerError::NotConfigured(_)) => "NOT_CONFIGURED",
            Self::Retry(LedgerError::Clock(_)) | Self::Fail(LedgerError::Clock(_)) => "CLOCK",
            Self::Retry(_) => "RETRY",
            Self::Fail(_) => "FAIL",
            Self::Panicked => "PANIC",
        }
    }
}

/// What is agreed about all runs of a job. Its author says what differs from [`Policy::DEFAULT`].
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The version of the job's definition; a checkpoint of another one is not gone on from.
    pub version: i32,
    /// Whether at most one run goes on at a time.
    pub alone: bool,
    /// Whether a run may be about one month; others have no period, and no backfills.
    pub monthly: bool,
    /// How many attempts a run may take.
    pub max_attempts: i32,
    /// How long to wait after the first failed attempt; each further wait is twice as long, up to an hour.
    pub first_delay: TimeDelta,
    /// How long a run may take from its first claim, all attempts and waits included.
    pub time_limit: TimeDelta,
    /// The schedule that an installation starts with.
    pub schedule: Option<DefaultSchedule>,
    /// The statistics that are figures about people: for who may read anybody's months, not for all who watch runs.
    pub figures: &'static [&'static str],
}

impl Policy {
    /// One at a time, five attempts, six hours, no month, no schedule, no figures about people.
    pub const DEFAULT: Self = Self {
        version: 1,
        alone: true,
        monthly: false,
        max_attempts: 5,
        first_delay: TimeDelta::seconds(30),
        time_limit: TimeDelta::hours(6),
        schedule: None,
        figures: &[],
    };
}

/// When a job is due until an administrator says otherwise; in Asia/Tokyo.
#[derive(Debug, Clone, Copy)]
pub struct DefaultSchedule {
    /// Six fields, seconds first.
    pub cron: &'static str,
    /// What becomes of missed slots.
    pub misfire: Misfire,
    /// How long a missed slot is made up for.
    pub catch_up: TimeDelta,
    /// What becomes of a slot while an earlier run goes on.
    pub overlap: Overlap,
    /// How long after a slot its run is expected to be over; what takes longer is an alarm.
    pub expected_within: TimeDelta,
}

macro_rules! dispatch {
    ($($(#[$doc:meta])* $name:ident = $file:ident;)+) => {
        /// Runs a job's body.
        pub(crate) async fn run(name: JobName, fence: &Fence) -> Result<Output, JobError> {
            match name { $(JobName::$name => jobs::$file::run(fence).await),+ }
        }

        /// What is agreed about a job's runs.
        #[must_use]
        pub fn policy(name: JobName) -> &'static Policy {
            match name { $(JobName::$name => &jobs::$file::POLICY),+ }
        }
    };
}
entity::each_job!(dispatch);

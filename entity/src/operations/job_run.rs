//! The run ledger: each run of a job is a row.

use crate::{
    ids::{JobBackfillId, JobRunId},
    period::YearMonth,
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// The list of jobs, a line each: the name, and the file `jobs/src/jobs/<file>.rs` with its body. A macro is handed the list wherever
/// something is made of it (the enum here, the modules and the match in `jobs`, GraphQL's enum in `api`), so that a new job is one line.
#[macro_export]
macro_rules! each_job {
    ($make:ident) => {
        $make! {
            /// Person-months, measures and indicators of a month, or of what is stale.
            MonthlyIndicators = monthly_indicators;
            /// Cap breaches, duties, warnings and statistical flags of overtime, of a month and those that rest on it, or of all.
            OvertimeOutliers = overtime_outliers;
            /// Erases what has been kept for as long as its retention says.
            Dispose = dispose;
            /// Numbers, chains and signs the new entries of the audit trail.
            SealAudit = seal_audit;
            /// Tells bureaus in the morning that it is an on-time day (定時退庁日).
            OnTimeDayNotice = on_time_day_notice;
            /// Tells each bureau's officer once a month how many people were flagged, and what waits for them.
            OutlierDigest = outlier_digest;
            /// The snapshot and the draft of each follow-up cycle that is frozen.
            FollowUpDataset = follow_up_dataset;
            /// Reminds bureaus' officers of the follow-up's data call.
            FollowUpReminder = follow_up_reminder;
            /// Tells bureaus' officers each quarter how many units lag behind their targets of annual leave.
            LeaveTargetReminder = leave_target_reminder;
            /// Looks each quarter of an hour whether something is amiss with the platform itself, and tells the administrators.
            Alarms = alarms;
        }
    };
}

macro_rules! job_names {
    ($($(#[$doc:meta])* $name:ident = $file:ident;)+) => {
        text_enum! {
            /// The jobs that there are.
            JobName { $($(#[$doc])* $name),+ }
        }
    };
}
each_job!(job_names);

impl JobName {
    /// As the command line and the keys of slots write it, such as `monthly-indicators`.
    #[must_use]
    pub fn as_kebab(self) -> String {
        self.as_text().to_ascii_lowercase().replace('_', "-")
    }
}

text_enum! {
    /// What started a run; runs that somebody waits for come before slots, and backfills come last.
    Trigger {
        /// A slot of the job's schedule; `system` asked for it.
        Schedule,
        /// A person's mutation: `triggerJob`, or an act that needs the job, such as the freeze of a follow-up.
        Manual,
        /// The command line of the installation (`torikumi run`).
        Command,
        /// An administrator, who asked for a former run again.
        Retry,
        /// A backfill, which asks for one run a month.
        Backfill,
        /// Another run, which changed what this one works on.
        Run,
    }
}
text_enum! {
    /// Where a run stands; cancelled, succeeded, failed and skipped ones are over for good.
    RunState {
        /// Waits for a worker that claims it.
        Queued,
        /// A worker has claimed it and is doing it.
        Running,
        /// An attempt failed with a cause that may pass; the next one begins at `availableAt`.
        RetryWait,
        /// Is being done, and was asked to stop.
        Cancelling,
        /// Stopped, as somebody asked.
        Cancelled,
        /// Is done; it cannot be retried, only asked for anew.
        Succeeded,
        /// Ended with an error, and no attempt follows by itself; `retryJobRun` repeats it.
        Failed,
        /// Was never begun, for the reason that `error` names, such as `OVERLAP`.
        Skipped,
    }
}

text_enum! {
    /// How well a run that succeeded did.
    RunOutcome {
        /// All that there was to do is done.
        Clean,
        /// It is done, and its warnings name what was left out.
        WithWarnings,
    }
}
text_enum! {
    /// What a run that succeeded left out, or could not make sure of; the count is of what the member names.
    WarningCode {
        /// Bureaus that had something to be told, and no address at which they take such mails: an entry of the bureau is missing.
        WithoutAddress,
        /// Mails that the server refused for good, or that waited too long to be sent.
        MailsFailed,
        /// Mails of which nobody knows whether the server took them; they are not sent again.
        MailsUncertain,
        /// Bureaus that had something to be told, of which not one was told.
        NothingSent,
        /// Mails that the server was not there for; the job's next run sends them while they are of use.
        MailsWaiting,
        /// Kinds of alarms that nobody was told of, because no addresses of administrators are configured.
        AlarmsUntold,
        /// On-time days (定時退庁日) of the coming seven days that fall on a weekend, a holiday or the new year: they lapse or move, as the rules say.
        OnTimeDaysOff,
        /// Months with changed records that were left alone, because records of them have been disposed of by now: their figures stay as they
        /// were computed in time.
        MonthsDisposed,
        /// Follow-up cycles that went on while they were being frozen; what they went on to has a run of its own.
        CyclesGoneOn,
        /// Kinds of records that are kept beyond their retention period, because a fiscal year before its end is open: a month of it was
        /// never closed.
        KeptBeyondPeriod,
    }
}

/// What a run that succeeded left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Warning {
    /// What it is.
    pub code: WarningCode,
    /// Of how many.
    pub count: i64,
}

impl RunState {
    /// Whether the run has ended, in whatever way.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Queued | Self::Running | Self::RetryWait | Self::Cancelling => false,
            Self::Cancelled | Self::Succeeded | Self::Failed | Self::Skipped => true,
        }
    }
}

/// One run. Period and as-of stand in the row, so that a run never reads "now".
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_run")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobRunId,
    /// The job.
    pub job: JobName,
    /// The month; null for all that is stale.
    pub period: Option<YearMonth>,
    /// What started it.
    pub trigger: Trigger,
    /// Unique: a slot, or a caller's idempotency key, makes one run.
    #[sea_orm(unique, column_type = "Text")]
    pub dedupe_key: String,
    /// Who asked, `system` for the schedule.
    #[sea_orm(column_type = "Text")]
    pub requested_by: String,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    /// The scheduled instant of a slot.
    pub slot: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: RunState,
    /// The epoch of the latest claim, as in `job_fence`; a write under an older one changes nothing.
    pub epoch: i64,
    /// The run's own "now".
    pub as_of: DateTime<Utc>,
    /// When it was asked for.
    pub queued_at: DateTime<Utc>,
    /// When a worker first claimed it.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Typed counts of what was done.
    pub statistics: Option<Json>,
    /// SHA-256 of the output's natural keys and values.
    #[sea_orm(column_type = "Text")]
    pub output_digest: Option<String>,
    /// The failure's id and kind, without personal data.
    #[sea_orm(column_type = "Text")]
    pub error: Option<String>,
    /// At most one run of a key goes on at a time; null for any number.
    #[sea_orm(column_type = "Text")]
    pub concurrency_key: Option<String>,
    /// The lower goes first.
    pub priority: i32,
    /// Not before this instant.
    pub available_at: DateTime<Utc>,
    /// How many attempts began; one that was handed back or lost does not count.
    pub attempt: i32,
    /// How many there may be.
    pub max_attempts: i32,
    /// How many times its worker vanished.
    pub losses: i32,
    /// Who holds it while it runs.
    #[sea_orm(column_type = "Text")]
    pub lease_owner: Option<String>,
    /// Until when, unless the holder renews it.
    pub lease_until: Option<DateTime<Utc>>,
    /// When it fails, if it still goes on.
    pub deadline: Option<DateTime<Utc>>,
    /// When somebody asked it to stop.
    pub cancel_requested_at: Option<DateTime<Utc>>,
    /// Who did.
    #[sea_orm(column_type = "Text")]
    pub cancel_requested_by: Option<String>,
    /// How far it has come: `done`, `total` and `phase`.
    pub progress: Option<Json>,
    /// What the job wrote down to go on from; its own.
    pub checkpoint: Option<Json>,
    /// Whether it decides everything and writes nothing.
    pub dry_run: bool,
    /// The version of the program that claimed it last.
    #[sea_orm(column_type = "Text")]
    pub code_version: Option<String>,
    /// The version of the job's definition that made its checkpoint and output.
    pub definition_version: Option<i32>,
    /// The run that it repeats.
    pub retry_of: Option<JobRunId>,
    /// The backfill that it is part of.
    pub backfill_id: Option<JobBackfillId>,
    /// The run that made it: the one whose output it follows from, or that it repeats.
    pub cause_id: Option<JobRunId>,
    /// How well it did; null where it has not succeeded, or did before this was kept.
    pub outcome: Option<RunOutcome>,
    /// What it left out, a list of [`Warning`].
    pub warnings: Option<Json>,
    /// Its place among the ends of runs, in the order in which these were committed: later than its end. Null until it is over and numbered.
    pub numbered_at: Option<DateTime<Utc>>,
}

impl Model {
    /// What it left out; nothing where it has not succeeded.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        self.warnings.clone().and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default()
    }
}

impl ActiveModelBehavior for ActiveModel {}

//! Tests of the jobs on real databases: SQLite always, PostgreSQL where its address is given.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types)]

mod absent;
mod alarms;
mod backup;
mod broken_off;
mod bureau_sets;
mod classification;
mod coverage;
mod dispose;
mod disturbed;
mod dropped;
mod dry_run;
mod example;
mod follow_up;
mod follow_up_reminder;
mod gone;
mod inputs;
mod leave_target_reminder;
mod notice;
pub(crate) mod office;
mod outlier_digest;
mod outliers;
mod planted;
mod queue;
mod runs;
mod seal;
mod stale;
mod standing;
mod takeover;
mod to_come;
mod years;

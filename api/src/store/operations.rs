//! The work of the platform.

pub mod client;
pub mod job;
pub mod job_backfill;
pub mod job_schedule;
pub mod retention;
pub mod run_feed;
pub mod token_revocation;

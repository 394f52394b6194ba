//! The work of the platform.

pub mod job;
pub mod job_backfill;
pub mod job_schedule;
pub mod job_subscription;
pub mod mail;
pub mod retention;

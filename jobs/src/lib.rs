//! The run ledger, the jobs, and what they compute: person-months, measures, indicators.
//!
//! The way of a job: a tick, a mutation or the command line enqueues a run (a row) → the runner claims it and makes a [`ledger::Fence`] →
//! the job reads set-based under a snapshot, computes into TEMP tables, and copies what differs in chunks under its fence → the row is
//! finished with typed statistics and a digest of the output. SQL text is the same on both engines but for the words of `dialect`.
//!
//! # How to add a job
//! 1. `entity/src/job_run.rs`: a name in `JobName`; its word in the check of a new migration.
//! 2. `src/jobs/<name>.rs`: its body, `async fn run(&Fence) -> Result<Output, JobError>`, idempotent, with its typed statistics.
//! 3. `src/job.rs`: one line in the match and one in `Statistics`; the compiler asks for the first.
//!
//! # How to add an indicator
//! 1. `src/indicators.rs`: one line in the codes.
//! 2. `src/indicators/<family>.rs`: its definition, over the measures that there are; a test asks for it.
//!
//! # How to add a measure
//! One line in `src/measures.rs`, over the columns of `person_month`; a new column is a migration, a line in `entity`, and a line in
//! `src/person_month/places.rs` or beside it.

pub mod clock;
pub mod database;
mod dialect;
pub mod indicators;
pub mod inside;
pub mod job;
pub mod jobs;
pub mod ledger;
pub mod measures;
mod person_month;
pub mod runner;
pub mod schedule;

#[cfg(test)]
mod tests;

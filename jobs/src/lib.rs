//! The run ledger, the jobs, and what they compute: person-months, measures, indicators.
//!
//! The way of a job: a tick, a mutation or the command line enqueues a run (a row) → a worker claims it and makes a [`ledger::Fence`] →
//! the job reads set-based under a snapshot, computes into TEMP tables, and copies what differs in chunks under its fence, with a checkpoint
//! where it could go on → the row is settled with typed statistics and a digest of the output. SQL text is the same on both engines but for
//! the words of `dialect`.
//!
//! # How to add a job
//! 1. `entity/src/job_run.rs`: its line in the list of jobs.
//! 2. `src/jobs/<name>.rs`: `pub const POLICY: Policy`, its typed statistics, and its body
//!    `pub(crate) async fn run(&Fence) -> Result<Output, JobError>`: idempotent from its last checkpoint ([`ledger::Fence::resume`]).
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
pub mod editions;
pub mod follow_up;
pub mod holder;
pub mod indicators;
pub mod job;
pub mod jobs;
pub mod ledger;
pub mod measures;
pub mod observe;
pub mod outbox;
mod person_month;
pub mod private;
pub mod runner;
pub mod schedule;
pub mod seal;
pub mod settings;
pub mod transaction;

#[cfg(test)]
mod tests;

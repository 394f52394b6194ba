#![doc = include_str!("../README.md")]

pub mod backup;
pub mod clock;
pub mod database;
mod dialect;
pub mod disk;
pub mod editions;
pub mod fault;
pub mod follow_up;
pub mod indicators;
pub mod job;
pub mod jobs;
pub mod ledger;
pub mod measures;
pub mod observe;
mod on_time;
pub mod outbox;
mod person_month;
pub mod private;
pub mod protection;
mod reported;
pub mod runner;
pub mod schedule;
pub mod seal;
pub mod settings;
pub mod standing;
pub mod transaction;

#[cfg(test)]
mod tests;

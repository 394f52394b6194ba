//! The run ledger, the jobs, and what they compute: person-months, measures, indicators.

pub mod clock;
pub mod database;
pub mod inside;

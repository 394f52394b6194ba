//! What the end-to-end tests stand on: databases and whole platforms that exist for one test, callers, and records to write.
//!
//! Deliberately absent: skipping. A test that needs `PostgreSQL` fails where there is none.

pub mod bomb;
pub mod client;
pub mod database;
pub mod fixtures;
pub mod process;
pub mod server;
pub mod socket;
pub mod worker;

//! What the end-to-end tests stand on: databases that exist for one test.
//!
//! Deliberately absent: skipping. A test that needs `PostgreSQL` fails where there is none.

pub mod database;

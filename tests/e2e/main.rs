//! The platform from outside: real HTTP, real databases. One module for each noun or concern.

mod audit;
mod authz;
mod bad_input;
mod database;
mod holidays;
mod migrations;
mod postings;
mod real_input;
mod record;
mod schema;
mod shift;

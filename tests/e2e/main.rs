//! The platform from outside: real HTTP, real databases. One module for each noun or concern.

mod audit;
mod database;
mod holidays;
mod indicators;
mod jobs;
mod migrations;
mod month_close;
mod postings;
mod races;
mod real_input;
mod record;
mod shift;

//! The platform from outside: real HTTP, real databases. One module for each noun or concern.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::format_collect, clippy::format_push_string, reason = "a test may fail loudly")]

mod authz;
mod changes;
mod crash;
mod database;
mod demo;
mod figures;
mod folded_keys;
mod follow_up;
mod front;
mod horizons;
mod japanese;
mod migrations;
mod nouns;
mod operations;
mod organisation;
mod people;
mod plan;
mod races;
mod record;
mod structure;
mod time;
mod warnings;

use figures::{indicators, outliers, real_input};
use follow_up::releases;
use front::schema;
use operations::jobs;
use time::month_close;

//! The platform from outside: real HTTP, real databases. One module for each noun or concern.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::format_collect, clippy::format_push_string, reason = "a test may fail loudly")]

mod audit;
mod authz;
mod bad_input;
mod crash;
mod database;
mod demo;
mod disclosure;
mod exceptional_work;
mod follow_up;
mod golden;
mod holidays;
mod hostile;
mod indicators;
mod installation;
mod job_requests;
mod jobs;
mod jobs_admin;
mod migrations;
mod month_close;
mod notices;
mod opening_balance;
mod outliers;
mod person_months;
mod plan;
mod postings;
mod races;
mod real_input;
mod real_outliers;
mod record;
mod releases;
mod schema;
mod seals;
mod shift;
mod subscriptions;
mod workers;

//! Tables, domain enums and newtypes, and the rules about one row.
//!
//! One file is one table, named as in SQL and GraphQL. Everything here is pure: there is no IO, no GraphQL and no axum, and a rule
//! that needs more than one row lives where the rows are loaded (`api::store`) or summed (`jobs`).

pub mod ids;
pub mod noun;
pub mod overtime;
pub mod period;
pub mod quotient;
pub mod record;
pub mod text;
mod text_enum;
pub mod work_time;

// organisation
pub mod bureau;
pub mod exceptional_work;
pub mod holiday;
pub mod on_time_day;
pub mod start_stage;
pub mod unit;
pub mod work_regime;
// people
pub mod posting;
pub mod staff;
// time
pub mod leave_entry;
pub mod opening_balance;
pub mod overtime_request;
pub mod shift;
pub mod telework_day;
// careers
pub mod appointment;
pub mod hire;
// plan
pub mod clause;
pub mod plan;
pub mod plan_measure;
pub mod submission_item;
pub mod target;
// follow-up
pub mod data_call;
pub mod finding;
pub mod follow_up;
pub mod follow_up_event;
pub mod follow_up_report;
pub mod release;
pub mod release_file;
pub mod release_observation;
pub mod snapshot;
pub mod snapshot_part;
pub mod submission;
// platform
pub mod api_client;
pub mod audit_entry;
pub mod audit_seal;
pub mod audit_seal_item;
pub mod indicator_value;
pub mod job_backfill;
pub mod job_fence;
pub mod job_run;
pub mod job_run_event;
pub mod job_schedule;
pub mod job_schedule_version;
pub mod mail_outbox;
pub mod measure_cell;
pub mod month_close;
pub mod outlier_event;
pub mod outlier_flag;
pub mod overtime_rule;
pub mod person_month;
pub mod receipt;
pub mod record_revision;
pub mod retention;
pub mod stale_mark;

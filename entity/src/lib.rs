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

// The nouns, by family; each is named without it.
pub mod figures;
pub mod follow_up;
pub mod operations;
pub mod organisation;
pub mod people;
pub mod plan;
pub mod time;

pub use figures::{indicator_value, measure_cell, outlier_event, overtime_outlier, overtime_rule, person_month, stale_mark};
pub use follow_up::{
    data_call, finding, follow_up_event, follow_up_report, release, release_file, release_observation, snapshot, snapshot_part, submission,
};
pub use operations::{
    api_client, audit_entry, audit_seal, audit_seal_item, job_backfill, job_fence, job_run, job_run_event, job_schedule,
    job_schedule_version, mail, receipt, record_revision, retention,
};
pub use organisation::{bureau, holiday, on_time_day, start_stage, unit, work_regime};
pub use people::{appointment, hire, posting, staff};
pub use plan::{clause, initiative, submission_item, target};
pub use time::{exceptional_work, leave_entry, month_close, opening_balance, overtime_request, shift, telework_day};

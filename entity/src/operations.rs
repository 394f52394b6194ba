//! The work of the platform: clients, receipts, jobs and their runs, the audit trail, mails, retention.

pub mod api_client;
pub mod audit_entry;
pub mod audit_seal;
pub mod audit_seal_item;
pub mod bureau_set;
pub mod change;
pub mod database_identity;
pub mod four_eyes;
pub mod job_backfill;
pub mod job_fence;
pub mod job_run;
pub mod job_run_event;
pub mod job_schedule;
pub mod job_schedule_version;
pub mod mail;
pub mod pending_change;
pub mod pending_change_input;
pub mod reading_day;
pub mod receipt;
pub mod receipt_warning;
pub mod record_revision;
pub mod retention;
pub mod sight_day;
pub mod token_revocation;

//! The work of the platform.

pub mod api_client;
pub mod audit_entry;
pub mod job;
pub mod job_backfill;
pub mod job_schedule;
pub mod job_subscription;
pub mod mail;
pub mod record_warning;
pub mod retention;
pub mod token_revocation;
pub mod vintage;

/// Its queries.
#[derive(Default, async_graphql::MergedObject)]
pub struct OperationQueries(
    audit_entry::AuditEntryQuery,
    api_client::ApiClientQuery,
    token_revocation::TokenRevocationQuery,
    job::JobQuery,
    job_schedule::JobScheduleQuery,
    job_backfill::JobBackfillQuery,
    retention::RetentionQuery,
    record_warning::RecordWarningQuery,
    mail::MailQuery,
    super::four_eyes::FourEyesQuery,
);

/// Its mutations.
#[derive(Default, async_graphql::MergedObject)]
pub struct OperationMutations(
    api_client::ApiClientMutation,
    token_revocation::TokenRevocationMutation,
    job::JobMutation,
    vintage::VintageMutation,
    job_schedule::JobScheduleMutation,
    job_backfill::JobBackfillMutation,
    retention::RetentionMutation,
    super::four_eyes::FourEyesMutation,
);

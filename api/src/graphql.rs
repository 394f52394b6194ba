//! The GraphQL face: one file is one noun, with its object, filter, order, queries and mutations; subscriptions stand apart.
//!
//! Resolvers parse and present; every select and every rule is the store's. Deliberately absent: guards (interfaces go around them),
//! limits (the HTTP front measures a document before it is executed), and any row's table type as a GraphQL type.

pub mod connection;
pub mod figures;
pub mod follow_up;
pub mod loaders;
pub mod node;
pub mod operations;
pub mod organisation;
pub mod people;
pub mod plan;
pub mod platform;
pub mod projection;
pub mod record;
pub mod time;

pub use self::time::{exceptional_work, leave_entry, month_close, opening_balance, overtime_request, shift, telework_day};

pub use self::plan::{clause, target};

pub use self::people::{appointment, hire, posting, staff};

pub use self::organisation::{bureau, holiday, on_time_day, start_stage, unit, work_regime};

pub use self::operations::{job, job_backfill, job_schedule, job_subscription, mail, retention};

pub use self::follow_up::{data_call, finding, plan_review, release, submission};

pub use self::figures::{indicator, outlier_subscription, overtime_outlier, overtime_rule, person_month};

use async_graphql::{MergedObject, MergedSubscription, Schema};

// Roots are merged by kinds: each member of a merged object is a call deeper than the one before it, and one long row of them needs more
// stack than a thread of the server has.

/// Queries.
#[derive(Default, MergedObject)]
pub struct Query(PlatformQueries, FigureQueries, FollowUpQueries, OrganisationQueries, TimeQueries, CareerQueries);

#[derive(Default, MergedObject)]
struct PlatformQueries(
    platform::PlatformQuery,
    month_close::MonthQuery,
    job::JobQuery,
    job_schedule::JobScheduleQuery,
    job_backfill::JobBackfillQuery,
    retention::RetentionQuery,
    mail::MailQuery,
);

#[derive(Default, MergedObject)]
struct FigureQueries(
    indicator::IndicatorQuery,
    person_month::PersonMonthQuery,
    overtime_rule::OvertimeRuleQuery,
    overtime_outlier::OutlierFlagQuery,
);

#[derive(Default, MergedObject)]
struct FollowUpQueries(
    plan::PlanQuery,
    clause::ClauseQuery,
    target::TargetQuery,
    follow_up::FollowUpQuery,
    submission::SubmissionQuery,
    release::ReleaseQuery,
    plan_review::PlanReviewQuery,
);

#[derive(Default, MergedObject)]
struct OrganisationQueries(
    bureau::BureauQuery,
    unit::UnitQuery,
    work_regime::WorkRegimeQuery,
    holiday::HolidayQuery,
    on_time_day::OnTimeDayQuery,
    start_stage::StartStageQuery,
);

#[derive(Default, MergedObject)]
struct TimeQueries(
    shift::Query,
    overtime_request::Query,
    telework_day::Query,
    leave_entry::Query,
    exceptional_work::Query,
    opening_balance::Query,
);

#[derive(Default, MergedObject)]
struct CareerQueries(staff::StaffQuery, posting::PostingQuery, hire::Query, appointment::Query);

/// Mutations.
#[derive(Default, MergedObject)]
pub struct Mutation(PlatformMutations, FollowUpMutations, OrganisationMutations, TimeMutations, CareerMutations);

#[derive(Default, MergedObject)]
struct PlatformMutations(
    platform::PlatformMutation,
    month_close::MonthMutation,
    job::JobMutation,
    job_schedule::JobScheduleMutation,
    job_backfill::JobBackfillMutation,
    retention::RetentionMutation,
    overtime_rule::OvertimeRuleMutation,
    overtime_outlier::OutlierFlagMutation,
);

#[derive(Default, MergedObject)]
struct FollowUpMutations(
    plan::PlanMutation,
    target::TargetMutation,
    follow_up::acts::FollowUpMutation,
    submission::SubmissionMutation,
    finding::FindingMutation,
);

#[derive(Default, MergedObject)]
struct OrganisationMutations(
    bureau::BureauMutation,
    unit::UnitMutation,
    work_regime::WorkRegimeMutation,
    holiday::HolidayMutation,
    on_time_day::OnTimeDayMutation,
    start_stage::StartStageMutation,
);

#[derive(Default, MergedObject)]
struct TimeMutations(
    shift::Mutation,
    overtime_request::Mutation,
    telework_day::Mutation,
    leave_entry::Mutation,
    exceptional_work::Mutation,
    opening_balance::Mutation,
);

#[derive(Default, MergedObject)]
struct CareerMutations(staff::StaffMutation, posting::PostingMutation, hire::Mutation, appointment::Mutation);

/// Subscriptions.
#[derive(Default, MergedSubscription)]
pub struct Subscription(job_subscription::JobSubscription, outlier_subscription::OutlierSubscription);

/// The schema, complete but for the data of a request.
pub type Api = Schema<Query, Mutation, Subscription>;

/// Builds the schema.
#[must_use]
pub fn schema() -> Api {
    Schema::build(Query::default(), Mutation::default(), Subscription::default()).finish()
}

#[cfg(test)]
mod tests {
    use super::schema;
    use entity::noun::{Noun, Recording};

    /// What the register says is recorded has an input that a mutation takes, and an object that a list shows.
    #[test]
    fn every_noun_is_listed_and_recorded() {
        let sdl = schema().sdl();
        let recorded = Noun::ALL.iter().filter(|noun| noun.recording() != Recording::Nobody);
        for noun in recorded {
            assert!(sdl.contains(&format!("input {noun:?}Input {{")), "no mutation takes a {noun:?}");
            assert!(sdl.contains(&format!("type {noun:?}Connection {{")), "no list shows a {noun:?}");
        }
    }
}

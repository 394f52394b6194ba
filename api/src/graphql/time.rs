//! Hours, leave and telework, by date.

pub mod completeness;
pub mod exceptional_work;
pub mod leave_entry;
pub mod leave_target;
pub mod month_close;
pub mod opening_balance;
pub mod overtime_request;
pub mod shift;
pub mod telework_day;

/// Its queries.
#[derive(Default, async_graphql::MergedObject)]
pub struct TimeQueries(
    month_close::MonthQuery,
    shift::Query,
    overtime_request::Query,
    telework_day::Query,
    leave_entry::Query,
    leave_target::Query,
    exceptional_work::Query,
    opening_balance::Query,
);

/// Its mutations.
#[derive(Default, async_graphql::MergedObject)]
pub struct TimeMutations(
    month_close::MonthMutation,
    shift::Mutation,
    overtime_request::Mutation,
    telework_day::Mutation,
    leave_entry::Mutation,
    leave_target::Mutation,
    exceptional_work::Mutation,
    opening_balance::Mutation,
);

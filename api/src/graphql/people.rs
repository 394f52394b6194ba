//! People, their posts and careers.

pub mod appointment;
pub mod employment;
pub mod hire;
pub mod holding;
pub mod person_file;
pub mod posting;
pub mod staff;

/// Its queries.
#[derive(Default, async_graphql::MergedObject)]
pub struct PeopleQueries(
    staff::StaffQuery,
    employment::EmploymentQuery,
    posting::PostingQuery,
    hire::Query,
    appointment::Query,
    person_file::PersonFileQuery,
);

/// Its mutations.
#[derive(Default, async_graphql::MergedObject)]
pub struct PeopleMutations(
    staff::StaffMutation,
    employment::EmploymentMutation,
    holding::HoldingMutation,
    posting::PostingMutation,
    hire::Mutation,
    appointment::Mutation,
);

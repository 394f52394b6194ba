//! People, their posts and careers.

pub mod appointment;
pub mod hire;
pub mod person_file;
pub mod posting;
pub mod staff;

/// Its queries.
#[derive(Default, async_graphql::MergedObject)]
pub struct PeopleQueries(staff::StaffQuery, posting::PostingQuery, hire::Query, appointment::Query, person_file::PersonFileQuery);

/// Its mutations.
#[derive(Default, async_graphql::MergedObject)]
pub struct PeopleMutations(staff::StaffMutation, posting::PostingMutation, hire::Mutation, appointment::Mutation);

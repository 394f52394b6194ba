//! The GraphQL face: one file is one noun, with its object, filter, order, queries and mutations.
//!
//! Resolvers parse and present; every select and every rule is the store's. Deliberately absent: guards (interfaces go around them),
//! limits (the HTTP front measures a document before it is executed), and any row's table type as a GraphQL type.

pub mod bureau;
pub mod connection;
pub mod loaders;
pub mod node;
pub mod posting;
pub mod record;
pub mod shift;
pub mod staff;
pub mod unit;

use async_graphql::{EmptySubscription, MergedObject, Schema};

/// Queries.
#[derive(Default, MergedObject)]
pub struct Query(bureau::BureauQuery, unit::UnitQuery, staff::StaffQuery, posting::PostingQuery, shift::ShiftQuery);

/// Mutations.
#[derive(Default, MergedObject)]
pub struct Mutation(bureau::BureauMutation, unit::UnitMutation, staff::StaffMutation, posting::PostingMutation, shift::ShiftMutation);

/// The schema, complete but for the data of a request.
pub type Api = Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema.
#[must_use]
pub fn schema() -> Api {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription).finish()
}

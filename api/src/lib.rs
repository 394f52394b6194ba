//! The API of Torikumi: scoped data access, GraphQL over HTTP, authentication and authorization, and the command line.

pub mod app;
pub mod authn;
pub mod authz;
pub mod error;
pub mod graphql;
pub mod http;
pub mod outlier_text;
pub mod protect;
pub mod releases;
pub mod store;
pub mod words;

#![doc = include_str!("../README.md")]

pub mod app;
pub mod authn;
pub mod authz;
pub mod error;
pub mod graphql;
pub mod http;
pub mod labels;
pub mod outlier_text;
pub mod person_file;
pub mod releases;
pub mod security;
pub mod store;
pub mod words;

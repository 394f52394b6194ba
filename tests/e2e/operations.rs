//! The work of the platform.

pub mod audit;
pub mod backup;
pub mod four_eyes;
pub mod job_requests;
pub mod jobs;
pub mod jobs_admin;
pub mod keys;
pub mod notices;
pub mod revocations;
pub mod seals;
pub mod security;
pub mod subscriptions;
pub mod workers;

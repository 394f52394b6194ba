//! People and who holds them.

pub mod employments;
pub mod histories;
pub mod holder;
pub mod person_file;
pub mod postings;

//! People and who holds them.

pub mod holder;
pub mod postings;

//! Careers.

pub(super) mod careers;

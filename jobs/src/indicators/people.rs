//! Careers, and how many people the figures leave out.

pub(super) mod careers;
pub(super) mod left_out;

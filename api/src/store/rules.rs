//! What rules of several nouns share.

pub(in crate::store) mod bureaus;
pub(in crate::store) mod conflicts;
pub(in crate::store) mod day_capacity;
pub(in crate::store) mod doubts;
pub mod holder;
pub(in crate::store) mod people;
pub(in crate::store) mod places;
pub(in crate::store) mod sight;
pub(in crate::store) mod stale_months;

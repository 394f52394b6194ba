//! Reading: pages, codes, what is joined to a row, and the trace of it.

pub mod changes;
pub mod codes;
pub mod joined;
pub mod page;
pub mod reading_days;
pub mod sealed;
pub mod told;
pub(in crate::store) mod trace;
pub mod trail;

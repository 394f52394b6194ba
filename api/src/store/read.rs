//! Reading: pages, codes, what is joined to a row, and the trace of it.

pub mod codes;
pub mod joined;
pub mod page;
pub(in crate::store) mod read_audit;

//! The organisation.

pub mod holidays;

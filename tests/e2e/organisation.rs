//! The organisation.

pub mod holidays;
pub mod on_time_days;

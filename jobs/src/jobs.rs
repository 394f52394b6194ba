//! The bodies of the jobs, one file each.

pub mod monthly_indicators;

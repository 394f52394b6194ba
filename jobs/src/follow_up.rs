//! The follow-up of each fiscal year: what a release is computed from, and what of it may be published.

pub mod disclosure;

//! Figures and flags.

pub mod coverage;
pub mod indicators;
pub mod outliers;
pub mod person_months;
pub mod real_input;
pub mod real_outliers;
pub mod vintages;

//! Figures and what is judged by them.

pub mod indicator;
pub mod outlier_subscription;
pub mod overtime_outlier;
pub mod overtime_rule;
pub mod person_month;

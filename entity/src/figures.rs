//! What is computed of persons and of bureaus, and what is judged by it.

pub mod changed_person;
pub mod counting_rule;
pub mod indicator_value;
pub mod measure_cell;
pub mod outlier_event;
pub mod overtime_outlier;
pub mod overtime_rule;
pub mod person_month;
pub mod protected_month;
pub mod protection;
pub mod stale_mark;
pub mod vintage_withdrawal;
pub mod withdrawn_value;

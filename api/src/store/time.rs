//! Hours, leave and telework, by date.

pub mod completeness;
pub mod exceptional_work;
pub mod leave_entry;
pub mod leave_target;
pub mod month_close;
pub mod opening_balance;
pub mod overtime_request;
pub mod shift;
pub mod telework_day;

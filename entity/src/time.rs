//! Hours, leave and telework, by date, and the months that are closed.

pub mod exceptional_work;
pub mod leave_entry;
pub mod leave_target;
pub mod month_close;
pub mod month_source;
pub mod opening_balance;
pub mod overtime_request;
pub mod reported_source;
pub mod shift;
pub mod telework_day;

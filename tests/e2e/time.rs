//! Hours, leave and months.

pub mod exceptional_work;
pub mod leave_target;
pub mod month_close;
pub mod opening_balance;
pub mod shift;

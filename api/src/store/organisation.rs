//! The organisation: bureaus, their units, and the days and rules that hold for them.

pub mod bureau;
pub mod holiday;
pub mod on_time_day;
pub mod start_stage;
pub mod unit;
pub mod work_regime;

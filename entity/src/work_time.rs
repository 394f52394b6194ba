//! placeholder
use crate::text_enum::text_enum;
use chrono::{DateTime, Utc};
text_enum! {
    /// d
    DayKind {
        /// d
        Workday,
        /// d
        WeeklyDayOff,
        /// d
        Holiday,
        /// d
        Swapped,
    }
}
text_enum! {
    /// d
    Pattern {
        /// d
        Standard,
        /// d
        Staggered,
        /// d
        Flextime,
        /// d
        ShortTime,
    }
}
text_enum! {
    /// d
    Basis {
        /// d
        Ordered,
        /// d
        Presence,
    }
}
/// d
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// d
    pub start: DateTime<Utc>,
    /// d
    pub end: DateTime<Utc>,
}

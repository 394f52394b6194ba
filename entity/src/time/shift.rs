//! 勤務: one duty period, owned by the civil date on which it starts.

use crate::{
    ids::ShiftId,
    record::record,
    work_time::{Basis, DayKind, Interval, Pattern},
};
use chrono::{DateTime, Utc};

/// Breaks or ordered overtime of one shift, in order of time.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, sea_orm::FromJsonQueryResult)]
#[serde(transparent)]
pub struct Intervals(pub Vec<Interval>);

record! {
    /// One shift; the minutes are derived from its intervals by [`crate::work_time::work_minutes`].
    dated "shift", ShiftId, {
        /// Kind of day for this person.
        pub day_kind: DayKind,
        /// Pattern of work; a staggered start is proven by it, not by the start time.
        pub pattern: Pattern,
        /// Start of the scheduled interval.
        pub scheduled_start: Option<DateTime<Utc>>,
        /// End of the scheduled interval.
        pub scheduled_end: Option<DateTime<Utc>>,
        /// Start of presence; null where the source sends ordered intervals only.
        pub presence_start: Option<DateTime<Utc>>,
        /// End of presence.
        pub presence_end: Option<DateTime<Utc>>,
        /// Breaks within presence.
        pub breaks: Intervals,
        /// Ordered overtime, where the source has it.
        pub ordered: Option<Intervals>,
        /// Start of the time the shift occupies; no two shifts of a person overlap.
        pub occupied_start: DateTime<Utc>,
        /// End of the time the shift occupies.
        pub occupied_end: DateTime<Utc>,
        /// Worked minutes.
        pub worked_minutes: i32,
        /// Worked minutes that are no overtime.
        pub ordinary_minutes: i32,
        /// Overtime minutes, by `basis`.
        pub overtime_minutes: i32,
        /// Whether overtime was ordered or follows from presence.
        pub basis: Basis,
        /// Overtime minutes by presence, whatever was ordered.
        pub presence_overtime_minutes: i32,
        /// Ordered overtime minutes; null where the source has none.
        pub ordered_overtime_minutes: Option<i32>,
        /// Worked minutes between 22:00 and 05:00.
        pub late_night_minutes: i32,
        /// Worked minutes on a day off or holiday.
        pub day_off_minutes: i32,
    }
}

//! 年次休暇取得目標日数 (clause IV-1-(2)-②-ウ-a): how many days of annual leave a unit means each of its people to take in a calendar year.

use crate::{ids::LeaveTargetId, record::record};

record! {
    /// One unit's target for one calendar year; it has at most one.
    of_bureau "leave_target", LeaveTargetId, {
        /// The calendar year, in which annual leave is counted.
        pub calendar_year: i32,
        /// Days of annual leave a person.
        pub days: i32,
    }
}

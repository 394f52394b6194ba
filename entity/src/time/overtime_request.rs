//! 超過勤務の事前確認: a request to work overtime, and what was decided of it.

use crate::{ids::OvertimeRequestId, record::record, text_enum::text_enum};
use chrono::{DateTime, Utc};

text_enum! {
    /// What became of an overtime request (超過勤務の事前確認).
    Decision {
        /// Not decided yet; it confirms nothing.
        Pending,
        /// Confirmed; it counts as confirmed beforehand only if it was decided by the planned start.
        Approved,
        /// Refused; it confirms nothing, and another request may overlap it.
        Refused,
    }
}

record! {
    /// One request; overtime counts as confirmed beforehand where it was approved before the planned start.
    dated "overtime_request", OvertimeRequestId, {
        /// Planned start.
        pub planned_start: DateTime<Utc>,
        /// Planned end.
        pub planned_end: DateTime<Utc>,
        /// Length of the planned interval.
        pub planned_minutes: i32,
        /// Why the overtime is needed.
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        /// When it was asked for.
        pub requested_at: DateTime<Utc>,
        /// What was decided.
        pub decision: Decision,
        /// When it was decided; set unless pending.
        pub decided_at: Option<DateTime<Utc>>,
        /// Staff number of who decided; set unless pending.
        #[sea_orm(column_type = "Text")]
        pub approver: Option<String>,
    }
}

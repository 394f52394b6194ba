//! 超過勤務の事前確認: a request to work overtime, and what was decided of it.

use crate::{
    ids::{BureauId, OvertimeRequestId, PostingId, StaffId, UnitId},
    record::record,
    text_enum::text_enum,
};
use chrono::{DateTime, NaiveDate, Utc};

text_enum! {
    /// What became of a request.
    Decision {
        /// Not decided yet.
        Pending,
        /// Confirmed.
        Approved,
        /// Refused.
        Refused,
    }
}

record! {
    /// One request; overtime counts as confirmed beforehand where it was approved before the planned start.
    "overtime_request", OvertimeRequestId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The person.
        pub staff_id: StaffId,
        /// The posting that the person held on the date.
        pub posting_id: PostingId,
        /// That posting's bureau: the row scope.
        pub bureau_id: BureauId,
        /// That posting's unit.
        pub unit_id: UnitId,
        /// The civil date (Asia/Tokyo).
        pub date: NaiveDate,
        /// Why a closed month was corrected: the record is marked late. Null in an open month.
        #[sea_orm(column_type = "Text")]
        pub correction_reason: Option<String>,
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

//! 休暇: leave taken on one day. Kinds outside the plan enter as OTHER, without a reason.

use crate::{
    ids::{BureauId, LeaveEntryId, PostingId, StaffId, UnitId},
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// The kinds that the plan asks about.
    LeaveKind {
        /// 年次休暇.
        Annual,
        /// 配偶者出産休暇.
        SpouseBirth,
        /// 育児参加のための休暇.
        ChildcareParticipation,
        /// Any other kind; its reason is not held.
        Other,
    }
}

/// A standard day of 7 h 45 min: one day of leave.
pub const DAY_MINUTES: i32 = 465;

record! {
    /// Leave of one kind on one day; all leave and telework of a day fit into it.
    "leave_entry", LeaveEntryId, {
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
        /// Kind of leave.
        pub kind: LeaveKind,
        /// Minutes of leave, 1 to 465.
        pub minutes: i32,
    }
}

//! 休暇: leave taken on one day. Kinds outside the plan enter as OTHER, without a reason.

use crate::{ids::LeaveEntryId, record::record, text_enum::text_enum};

text_enum! {
    /// Kind of leave; kinds outside the plan are OTHER.
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
    dated "leave_entry", LeaveEntryId, {
        /// Kind of leave.
        pub kind: LeaveKind,
        /// Minutes of leave, 1 to 465.
        pub minutes: i32,
    }
}

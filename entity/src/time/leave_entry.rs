//! 休暇: leave taken on one day. Kinds outside the plan enter as OTHER, without a reason.

use crate::{ids::LeaveEntryId, record::record, text_enum::text_enum};

text_enum! {
    /// Kind of leave; kinds outside the plan are OTHER.
    LeaveKind {
        /// Annual leave (年次休暇), which is followed by calendar year.
        Annual,
        /// Leave for the birth of a spouse's child (配偶者出産休暇), of 2 days.
        SpouseBirth,
        /// Leave to take part in childcare (育児参加のための休暇), of 5 days.
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

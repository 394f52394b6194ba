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

impl LeaveKind {
    /// The most days of it that the law gives in a calendar year; null where the platform knows of no bound. More than that is worth a second
    /// look and no more, for two children may be born in a year.
    #[must_use]
    pub const fn most_days_in_year(self) -> Option<i32> {
        match self {
            // 20 days each year, and at most 20 carried over from the year before: Working Hours Act (勤務時間法) art. 17, rule 15-14 art. 19.
            Self::Annual => Some(20 + 20),
            // Rule 15-14 art. 22 (1) (ix), at the birth of the wife's child.
            Self::SpouseBirth => Some(2),
            // Rule 15-14 art. 22 (1) (x), around the birth of the wife's child.
            Self::ChildcareParticipation => Some(5),
            Self::Other => None,
        }
    }

    /// Whether the law gives it to men alone: both are leave at the birth of the wife's child (妻の出産).
    #[must_use]
    pub const fn is_for_men_alone(self) -> bool {
        matches!(self, Self::SpouseBirth | Self::ChildcareParticipation)
    }
}

record! {
    /// Leave of one kind on one day; all leave and telework of a day fit into it.
    dated "leave_entry", LeaveEntryId, {
        /// Kind of leave.
        pub kind: LeaveKind,
        /// Minutes of leave, 1 to 465.
        pub minutes: i32,
    }
}

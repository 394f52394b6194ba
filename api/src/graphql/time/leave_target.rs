//! Units' targets of annual leave (年次休暇取得目標日数).

use crate::{
    graphql::record::{record_object, record_roots},
    store::leave_target::LeaveTargetDraft,
};
use entity::leave_target::Column;
use sea_orm::ColumnTrait;

record_object! { of_bureau
    /// A unit's target of annual leave (年次休暇取得目標日数): how many days each of its people is meant to take in a calendar year.
    LeaveTarget = leave_target {
        /// The calendar year, from 1 January to 31 December, in which the leave is to be taken.
        calendar_year: i32 = |row| row.calendar_year;
        /// Days of annual leave that each person is meant to take in the year, 1 to 40.
        days: i32 = |row| row.days;
    }
}

record_roots! { of_bureau
    LeaveTarget = leave_target, LeaveTargetDraft;
    "Which targets of annual leave: all given conditions must hold, an empty list finds nothing, and void ones need `includeVoid`." {
        /// For this calendar year alone; a unit has at most one target for it.
        calendar_year: i32 = |year| Column::CalendarYear.eq(year);
    }
    /// Units' targets of annual leave (年次休暇取得目標日数) for each calendar year; every caller with a token sees them.
    leave_targets
    /// Writes units' targets of annual leave in bulk.
    record_leave_targets
}

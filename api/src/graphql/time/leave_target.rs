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
        /// The calendar year.
        calendar_year: i32 = |row| row.calendar_year;
        /// Days of annual leave a person.
        days: i32 = |row| row.days;
    }
}

record_roots! { of_bureau
    LeaveTarget = leave_target, LeaveTargetDraft;
    "Which targets of annual leave." {
        /// For this calendar year.
        calendar_year: i32 = |year| Column::CalendarYear.eq(year);
    }
    /// Units' targets of annual leave.
    leave_targets
    /// Writes units' targets of annual leave in bulk.
    record_leave_targets
}

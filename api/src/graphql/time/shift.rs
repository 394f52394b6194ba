//! Shifts (勤務).

use crate::graphql::record::{record_object, record_roots};
use crate::{
    store::shift::ShiftDraft,
    words::{Basis, DayKind, Pattern},
};
use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use entity::{shift::Column, work_time};
use sea_orm::ColumnTrait;

/// A half-open interval.
#[derive(SimpleObject)]
pub struct Interval {
    /// Start.
    pub start: DateTime<Utc>,
    /// End.
    pub end: DateTime<Utc>,
}

impl From<&work_time::Interval> for Interval {
    fn from(interval: &work_time::Interval) -> Self {
        Self { start: interval.start(), end: interval.end() }
    }
}

impl Interval {
    fn of(start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> Option<Self> {
        start.zip(end).map(|(start, end)| Self { start, end })
    }
}

record_object! { dated
    /// One duty period of a person, owned by the civil date on which it starts.
    Shift = shift {
        /// Kind of day for this person.
        day_kind: DayKind = |row| row.day_kind;
        /// Pattern of work.
        pattern: Pattern = |row| row.pattern;
        /// Regular hours.
        scheduled: Option<Interval> = |row| Interval::of(row.scheduled_start, row.scheduled_end);
        /// From arrival to leaving.
        presence: Option<Interval> = |row| Interval::of(row.presence_start, row.presence_end);
        /// Breaks, in order of time.
        breaks: Vec<Interval> = |row| row.breaks.0.iter().map(Interval::from).collect();
        /// Ordered overtime; null where the source has none.
        ordered: Option<Vec<Interval>> = |row| row.ordered.as_ref().map(|ordered| ordered.0.iter().map(Interval::from).collect());
        /// Worked minutes: presence less breaks.
        worked_minutes: i32 = |row| row.worked_minutes;
        /// Worked minutes that are no overtime by the clock.
        ordinary_minutes: i32 = |row| row.ordinary_minutes;
        /// Overtime minutes, by the basis.
        overtime_minutes: i32 = |row| row.overtime_minutes;
        /// What overtime was counted from.
        basis: Basis = |row| row.basis;
        /// Overtime minutes by presence, whatever was ordered.
        presence_overtime_minutes: i32 = |row| row.presence_overtime_minutes;
        /// Ordered overtime minutes; null where the source has none.
        ordered_overtime_minutes: Option<i32> = |row| row.ordered_overtime_minutes;
        /// Worked minutes between 22:00 and 05:00.
        late_night_minutes: i32 = |row| row.late_night_minutes;
        /// Worked minutes on a day off or holiday.
        day_off_minutes: i32 = |row| row.day_off_minutes;
    }
}

record_roots! { dated
    Shift = shift, ShiftDraft;
    "Which shifts." {
        /// With this pattern.
        pattern: Pattern = |pattern| Column::Pattern.eq(pattern);
        /// On this kind of day.
        day_kind: DayKind = |day_kind| Column::DayKind.eq(day_kind);
    }
    /// Shifts that you may see.
    shifts
    /// Writes shifts in bulk.
    record_shifts
}

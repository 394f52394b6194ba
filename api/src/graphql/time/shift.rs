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

/// A half-open interval on whole minutes: the minute at its start is in it, that at its end is not.
#[derive(SimpleObject)]
pub struct Interval {
    /// Start, as an instant; its civil date is Tokyo's.
    pub start: DateTime<Utc>,
    /// End, as an instant: the first minute that is no longer in it.
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
        /// Kind of day that the date is for this person, which decides what of the worked time is overtime.
        day_kind: DayKind = |row| row.day_kind;
        /// Pattern of work, which alone proves a staggered start.
        pattern: Pattern = |row| row.pattern;
        /// Regular hours; null where there are none, so that all worked time is overtime.
        scheduled: Option<Interval> = |row| Interval::of(row.scheduled_start, row.scheduled_end);
        /// From arrival to leaving, at most 36 hours; null where the source does not send it.
        presence: Option<Interval> = |row| Interval::of(row.presence_start, row.presence_end);
        /// Breaks, in order of time; a minute that lies in several counts once.
        breaks: Vec<Interval> = |row| row.breaks.0.iter().map(Interval::from).collect();
        /// Ordered overtime; null where the source has none.
        ordered: Option<Vec<Interval>> = |row| row.ordered.as_ref().map(|ordered| ordered.0.iter().map(Interval::from).collect());
        /// Worked minutes: presence less breaks.
        worked_minutes: i32 = |row| row.worked_minutes;
        /// Worked minutes that are no overtime by the clock.
        ordinary_minutes: i32 = |row| row.ordinary_minutes;
        /// Overtime minutes that count: the ordered ones where the source sends orders, else those by presence.
        overtime_minutes: i32 = |row| row.overtime_minutes;
        /// What overtime was counted from.
        basis: Basis = |row| row.basis;
        /// Worked minutes outside the day's regular hours, whatever was ordered.
        presence_overtime_minutes: i32 = |row| row.presence_overtime_minutes;
        /// Ordered overtime minutes; null where the source has none.
        ordered_overtime_minutes: Option<i32> = |row| row.ordered_overtime_minutes;
        /// Worked minutes between 22:00 and 05:00 in Tokyo, a part of all worked ones.
        late_night_minutes: i32 = |row| row.late_night_minutes;
        /// Worked minutes where the shift starts on a day off or a holiday: all of them, else 0.
        day_off_minutes: i32 = |row| row.day_off_minutes;
    }
}

record_roots! { dated
    Shift = shift, ShiftDraft;
    "Which shifts: all given conditions must hold, an empty list finds nothing, and void ones need `includeVoid`." {
        /// Of this pattern of work alone.
        pattern: Pattern = |pattern| Column::Pattern.eq(pattern);
        /// That start on this kind of day.
        day_kind: DayKind = |day_kind| Column::DayKind.eq(day_kind);
    }
    /// Shifts that you may see.
    shifts
    /// Writes shifts in bulk, of people posted in the caller's bureaus; a machine client needs `TIME`.
    record_shifts
}

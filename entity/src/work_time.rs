//! The one function that turns a shift into minutes, and the checks that a shift's times pass before it.
//!
//! All sums are exact. An [`Interval`] is half-open and lies on whole minutes (seconds are refused, never rounded), so a minute is either
//! in a set or not: cutting a shift in two changes no sum, and `worked = ordinary + presence_overtime` holds without a remainder.
//! Deliberately absent: caps and averages, which need months of people; rounding, which belongs to output; the rule that no two shifts of
//! a person overlap, which needs their other rows and uses [`occupied`] and [`overlaps`].

mod error;
mod interval;
#[cfg(test)]
mod tests;

use chrono::{NaiveDate, Timelike};
use serde::{Deserialize, Serialize};

pub use error::{Field, Problem, WorkTimeError};
pub use interval::{Interval, overlaps};

use crate::{
    period::{JST, civil_date},
    text_enum::text_enum,
};
use interval::Minutes;

/// The longest a presence, ordered or break interval may be, in hours: a night duty with the day after it.
const LONGEST_STAY: i64 = 36;
/// The longest a scheduled interval may be, in hours.
const LONGEST_SCHEDULE: i64 = 24;
/// The longest span of all that belongs to a shift, in hours: it starts on the shift's date and a stay may follow.
const LONGEST_SHIFT: i64 = 24 + LONGEST_STAY;

text_enum! {
    /// What kind of day a shift starts on, which decides what of its worked time is overtime.
    DayKind {
        /// A day with regular hours (勤務日): worked time outside the scheduled interval is overtime.
        Workday,
        /// A weekly day off (週休日, Working Hours Act art. 6): all worked time is overtime.
        WeeklyDayOff,
        /// A holiday (休日, Working Hours Act art. 14): worked time inside the scheduled interval is holiday duty (休日給, Remuneration Act
        /// art. 17) and counts as ordinary, the rest is overtime.
        Holiday,
        /// A day taken off in exchange (週休日の振替, 代休日; Working Hours Act arts. 8 and 15): it has no regular hours left, so it counts like a
        /// weekly day off and all worked time is overtime. The day worked in exchange is an ordinary WORKDAY.
        Swapped,
    }
}

text_enum! {
    /// The working pattern of a shift. It proves a staggered start; the start time itself proves nothing.
    Pattern {
        /// The office's regular hours.
        Standard,
        /// A staggered start (早出遅出): the same length of day, not before 07:00 and not after 22:00.
        Staggered,
        /// Flexible hours (フレックスタイム).
        Flextime,
        /// Shortened hours (育児短時間勤務 and the like).
        ShortTime,
    }
}

text_enum! {
    /// What overtime was counted from.
    Basis {
        /// The ordered intervals (超過勤務命令), which the caps bind.
        Ordered,
        /// Presence, where the source sends no orders.
        Presence,
    }
}

/// The times of one shift, as far as its source sends them.
#[derive(Clone, Copy, Debug)]
pub struct ShiftTimes<'a> {
    /// The kind of the day on which it starts.
    pub day_kind: DayKind,
    /// The regular hours, or `None` where there are none: then all worked time is overtime.
    pub scheduled: Option<Interval>,
    /// From arrival to leaving, or `None` where the source sends ordered intervals only.
    pub presence: Option<Interval>,
    /// The breaks, in any order; a minute that lies in several counts once, and what lies outside the time they interrupt does not count.
    pub breaks: &'a [Interval],
    /// The ordered overtime, in any order, or `None` where the source does not send orders. An empty list says that none was ordered.
    pub ordered: Option<&'a [Interval]>,
}

/// What a shift amounts to, in minutes. `worked = ordinary + presence_overtime` always holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WorkMinutes {
    /// Presence less breaks; without presence, ordered time less breaks.
    pub worked: i32,
    /// Worked time that is no overtime by the clock: regular hours, and holiday duty on a holiday.
    pub ordinary: i32,
    /// The overtime that counts: ordered where orders are sent, else by presence. On the basis ORDERED it may exceed `worked`.
    pub overtime: i32,
    /// What `overtime` was counted from.
    pub basis: Basis,
    /// Worked time outside the regular hours of the day, whatever was ordered.
    pub presence_overtime: i32,
    /// Ordered time less breaks, or `None` where the source does not send orders.
    pub ordered_overtime: Option<i32>,
    /// Worked time between 22:00 and 05:00 in Tokyo, a part of `worked` (Remuneration Act art. 16).
    pub late_night: i32,
    /// Worked time of a shift on a day off or holiday, a part of `worked`: all of it or nothing.
    pub day_off: i32,
}

/// Counts the minutes of a shift.
///
/// Overtime is time worked outside regular hours (Working Hours Act art. 13), and caps bind what was *ordered*: where orders are sent they
/// count, and need not lie within presence, because what was ordered and what the gate recorded are two sources that an indicator
/// compares. A holiday's regular hours are holiday duty and no overtime; a weekly day off has none.
///
/// # Errors
/// With the field it was found in: [`Problem::Empty`], [`Problem::TooLong`] (presence, break and ordered interval 36 hours, schedule 24,
/// the whole 60), [`Problem::OverlapsOrdered`], [`Problem::BreakOutsidePresence`].
pub fn work_minutes(times: &ShiftTimes<'_>) -> Result<WorkMinutes, WorkTimeError> {
    check(times)?;
    let breaks = Minutes::of(times.breaks.iter().copied());
    let ordered = times.ordered.map(|ordered| Minutes::of(ordered.iter().copied()).without(&breaks));
    let ordered_overtime = ordered.as_ref().map(Minutes::count);
    let present = match times.presence {
        Some(presence) => Minutes::of([presence]).without(&breaks),
        None => ordered.unwrap_or_default(),
    };

    let worked = present.count();
    let in_schedule = times.scheduled.map_or(0, |scheduled| present.count_in(scheduled));
    let (ordinary, day_off) = match times.day_kind {
        DayKind::Workday => (in_schedule, 0),
        DayKind::Holiday => (in_schedule, worked),
        DayKind::WeeklyDayOff | DayKind::Swapped => (0, worked),
    };
    let presence_overtime = worked - ordinary;
    Ok(WorkMinutes {
        worked,
        ordinary,
        overtime: ordered_overtime.unwrap_or(presence_overtime),
        basis: if ordered_overtime.is_some() { Basis::Ordered } else { Basis::Presence },
        presence_overtime,
        ordered_overtime,
        late_night: present.count_late_night(),
        day_off,
    })
}

/// The civil date in Tokyo that owns a shift: the one on which its presence starts, without presence the earliest of its ordered and
/// scheduled intervals. An overnight shift belongs to the date of its start. `None` for a shift without any interval.
#[must_use]
pub fn civil_start_date(times: &ShiftTimes<'_>) -> Option<NaiveDate> {
    times
        .presence
        .or_else(|| ordered_hull(times).into_iter().chain(times.scheduled).min_by_key(|interval| interval.start()))
        .map(|interval| civil_date(interval.start()))
}

/// Checks that a shift is filed under the date that owns it.
///
/// # Errors
/// [`Problem::WrongDate`] with the right date, [`Problem::Empty`] for a shift without any interval.
pub fn check_date(times: &ShiftTimes<'_>, date: NaiveDate) -> Result<(), WorkTimeError> {
    match civil_start_date(times) {
        None => Err(Problem::Empty.at(Field::Shift)),
        Some(starts_on) if starts_on != date => Err(Problem::WrongDate { starts_on }.at(Field::Date)),
        Some(_) => Ok(()),
    }
}

/// Checks that a schedule fits its pattern: a staggered one starts at 07:00 or later and ends by 22:00 of the same day in Tokyo.
/// The other patterns set no bounds here.
///
/// # Errors
/// [`Problem::ScheduleMissing`] and [`Problem::OutsideStaggeredHours`].
pub fn check_pattern(pattern: Pattern, scheduled: Option<Interval>) -> Result<(), WorkTimeError> {
    if pattern != Pattern::Staggered {
        return Ok(());
    }
    let scheduled = scheduled.ok_or(Problem::ScheduleMissing.at(Field::Scheduled))?;
    let (start, end) = (scheduled.start().with_timezone(&JST), scheduled.end().with_timezone(&JST));
    let within = start.date_naive() == end.date_naive() && start.hour() >= 7 && (end.hour(), end.minute()) <= (22, 0);
    if within { Ok(()) } else { Err(Problem::OutsideStaggeredHours.at(Field::Scheduled)) }
}

/// The interval in which no other shift of the person may lie: from the first to the last minute of presence and ordered time, or the
/// schedule where there is neither. `None` for a shift without any interval.
#[must_use]
pub fn occupied(times: &ShiftTimes<'_>) -> Option<Interval> {
    times.presence.into_iter().chain(ordered_hull(times)).reduce(Interval::hull).or(times.scheduled)
}

fn ordered_hull(times: &ShiftTimes<'_>) -> Option<Interval> {
    times.ordered.unwrap_or_default().iter().copied().reduce(Interval::hull)
}

/// The checks that need no more than the shift itself. Each interval has been checked by [`Interval::new`].
fn check(times: &ShiftTimes<'_>) -> Result<(), WorkTimeError> {
    let ordered = times.ordered.unwrap_or_default();
    let stays = times.presence.map(|presence| (Field::Presence, presence)).into_iter();
    let stays = stays.chain(times.breaks.iter().enumerate().map(|(index, interval)| (Field::Breaks(index), *interval)));
    let stays = stays.chain(ordered.iter().enumerate().map(|(index, interval)| (Field::Ordered(index), *interval)));
    for (field, interval) in stays {
        check_length(interval, LONGEST_STAY, field)?;
    }
    if let Some(scheduled) = times.scheduled {
        check_length(scheduled, LONGEST_SCHEDULE, Field::Scheduled)?;
    }
    let whole = occupied(times).into_iter().chain(times.scheduled).reduce(Interval::hull);
    check_length(whole.ok_or(Problem::Empty.at(Field::Shift))?, LONGEST_SHIFT, Field::Shift)?;
    check_ordered(ordered)?;
    check_breaks(times)
}

fn check_length(interval: Interval, hours: i64, field: Field) -> Result<(), WorkTimeError> {
    if interval.minutes() > hours * 60 { Err(Problem::TooLong { hours }.at(field)) } else { Ok(()) }
}

/// Two orders for the same minute are a mistake of the source, not one order.
fn check_ordered(ordered: &[Interval]) -> Result<(), WorkTimeError> {
    let mut by_start: Vec<_> = ordered.iter().copied().enumerate().collect();
    by_start.sort_unstable_by_key(|(index, interval)| (interval.start(), *index));
    match by_start.windows(2).find(|pair| overlaps(pair[0].1, pair[1].1)) {
        Some(pair) => Err(Problem::OverlapsOrdered.at(Field::Ordered(pair[0].0.max(pair[1].0)))),
        None => Ok(()),
    }
}

/// A break interrupts presence or ordered time. A standard break that a part-day cuts off is kept, one that touches neither is a mistake.
fn check_breaks(times: &ShiftTimes<'_>) -> Result<(), WorkTimeError> {
    let interrupted = Minutes::of(times.presence.into_iter().chain(times.ordered.unwrap_or_default().iter().copied()));
    match times.breaks.iter().position(|interval| interrupted.count_in(*interval) == 0) {
        Some(index) => Err(Problem::BreakOutsidePresence.at(Field::Breaks(index))),
        None => Ok(()),
    }
}

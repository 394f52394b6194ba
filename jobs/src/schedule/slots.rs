//! Slots: the instants at which a schedule is due. Pure.
//!
//! The cron is matched against the civil time that the zone's clock shows. An hour that is skipped in spring is made up for at its end: what
//! was due in it is due once, at the first instant after it. In the hour that autumn shows twice, a schedule that names its hours is due the
//! first time only, and one that runs every so often goes on through both. Deliberately absent: "now", and the database.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, SubsecRound, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use croner::{
    Cron, JobType,
    parser::{CronParser, Seconds, Year},
};
use entity::job_schedule::Misfire;

/// A slot that is found so late is still on time: the wake-up comes each minute, and a restart takes less.
pub const ON_TIME: TimeDelta = TimeDelta::minutes(5);
/// The most slots that are dealt with at once; the rest follow at the next look.
pub const MOST_SLOTS: usize = 1_000;
/// No zone's clock is put forward or back by more.
const LARGEST_SHIFT: TimeDelta = TimeDelta::hours(3);
/// A schedule that is not due for so long is due never; a leap day may be eight years away.
const NEVER: TimeDelta = TimeDelta::days(9 * 366);

/// Why a cron and a zone are no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Both the day of the month and the day of the week are restricted; crons disagree on what that means.
    #[error("the day of the month and the day of the week are both restricted; leave one of them *")]
    BothDays,
    /// There are not six fields.
    #[error("a cron has six fields: second, minute, hour, day of the month, month, day of the week")]
    Fields,
    /// A field cannot be read.
    #[error("the cron cannot be read: {0}")]
    Cron(String),
    /// No instant matches, such as 30 February.
    #[error("the cron matches no day")]
    Never,
    /// There is no such zone.
    #[error("there is no time zone {0:?}")]
    Zone(String),
}

/// A cron in a zone, checked.
#[derive(Debug, Clone)]
pub struct Plan {
    cron: Cron,
    zone: Tz,
    every: bool,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Due {
    /// The slots to run, in order of time.
    pub slots: Vec<DateTime<Utc>>,
    /// Up to here everything was dealt with; `None` where the cursor stays.
    pub cursor: Option<DateTime<Utc>>,
}

impl Plan {
    /// Reads a cron of six fields, seconds first, and the IANA name of a zone.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, PlanError> {
        let zone: Tz = zone.parse().map_err(|_| PlanError::Zone(zone.to_owned()))?;
        let fields: Vec<_> = cron.split_whitespace().collect();
        let &[_, _, hour, day, _, weekday] = fields.as_slice() else { return Err(PlanError::Fields) };
        let any = |field| matches!(field, "*" | "?");
        if !any(day) && !any(weekday) {
            return Err(PlanError::BothDays);
        }
        let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).build();
        let parsed = parser.parse(cron).map_err(|error| PlanError::Cron(error.to_string()))?;
        let every = parsed.determine_job_type() == JobType::IntervalWildcard && (any(hour) || hour.starts_with("*/"));
        let plan = Self { cron: parsed, zone, every };
        let start = DateTime::UNIX_EPOCH.naive_utc();
        let first = plan.next_civil(start, true).filter(|&first| first - start < NEVER);
        first.map(|_| plan.clone()).ok_or(PlanError::Never)
    }

    /// The first `count` slots after `from`, at most [`MOST_SLOTS`].
    #[must_use]
    pub fn preview(&self, count: usize, from: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let count = count.min(MOST_SLOTS);
        self.between(from, from + NEVER * 2, count)
    }

    /// What is due at `now`, by the slots after `cursor`: those that are on time, and of the missed ones no older than `catch_up` what the
    /// policy takes. A clock that was put back makes nothing due twice, for the cursor does not follow it.
    #[must_use]
    pub fn due(&self, cursor: Option<DateTime<Utc>>, now: DateTime<Utc>, misfire: Misfire, catch_up: TimeDelta) -> Due {
        let oldest = match misfire {
            Misfire::Skip => now - ON_TIME,
            Misfire::Latest | Misfire::All => now - catch_up.max(ON_TIME),
        };
        let start = cursor.map_or(oldest, |cursor| cursor.max(oldest));
        if start >= now {
            return Due::default();
        }
        let mut slots = match misfire {
            Misfire::All => self.between(start, now, MOST_SLOTS),
            Misfire::Skip | Misfire::Latest => self.between(start.max(now - ON_TIME), now, MOST_SLOTS),
        };
        if slots.is_empty() && misfire == Misfire::Latest {
            slots.extend(self.latest(start, now));
        }
        let cursor = slots.last().copied();
        Due { slots, cursor }
    }

    /// The latest slot in `(from, to]`, looked for backwards.
    #[must_use]
    pub fn latest(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (mut end, mut width) = (to, ON_TIME);
        while end > from {
            let start = (end - width).max(from);
            let mut last = None;
            let mut after = start;
            loop {
                let found = self.between(after, end, MOST_SLOTS);
                let Some(&slot) = found.last() else { break };
                last = Some(slot);
                after = slot;
            }
            if last.is_some() {
                return last;
            }
            (end, width) = (start, width * 2);
        }
        None
    }

    /// The first `most` slots in `(from, to]`, in order of time.
    fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>, most: usize) -> Vec<DateTime<Utc>> {
        // The clock may have been put back just before or after, so that a later instant shows an earlier time.
        let offset = |at: DateTime<Utc>| self.zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
        let earlier = offset(from).min(offset(from + LARGEST_SHIFT));
        // A cron has whole seconds; croner would carry a fraction of the first instant over to what it finds.
        let mut civil = from.naive_utc().trunc_subsecs(0) + TimeDelta::seconds(i64::from(earlier)) - TimeDelta::seconds(1);
        let mut slots: Vec<DateTime<Utc>> = Vec::new();
        // Civil times out of order lie within one shift of each other.
        let mut enough = None;
        while let Some(next) = self.next_civil(civil, false) {
            civil = next;
            let found: Vec<_> = self.instants(civil).into_iter().flatten().collect();
            let earliest = found.iter().min().copied();
            slots.extend(found.into_iter().filter(|&slot| slot > from && slot <= to));
            if slots.len() >= most && enough.is_none() {
                enough = Some(civil + if self.every { LARGEST_SHIFT } else { TimeDelta::zero() });
            }
            if earliest.is_some_and(|slot| slot > to + LARGEST_SHIFT) || enough.is_some_and(|enough| civil >= enough) {
                break;
            }
        }
        slots.sort_unstable();
        slots.dedup();
        slots.truncate(most);
        slots
    }

    /// The instants at which the zone's clock shows a civil time, as far as they are slots.
    fn instants(&self, civil: NaiveDateTime) -> [Option<DateTime<Utc>>; 2] {
        match self.zone.from_local_datetime(&civil) {
            LocalResult::Single(at) => [Some(at.to_utc()), None],
            LocalResult::Ambiguous(first, second) => [Some(first.to_utc()), self.every.then(|| second.to_utc())],
            LocalResult::None => [self.after_gap(civil), None],
        }
    }

    /// The first instant after the gap that a civil time lies in: zones change on a whole minute.
    fn after_gap(&self, civil: NaiveDateTime) -> Option<DateTime<Utc>> {
        let minute = civil - TimeDelta::seconds(civil.and_utc().timestamp().rem_euclid(60));
        (1..=LARGEST_SHIFT.num_minutes())
            .find_map(|minutes| self.zone.from_local_datetime(&(minute + TimeDelta::minutes(minutes))).earliest())
            .map(|at| at.to_utc())
    }

    /// The next civil time that the cron matches; a civil time has no zone, so croner is asked as if it were UTC.
    fn next_civil(&self, after: NaiveDateTime, inclusive: bool) -> Option<NaiveDateTime> {
        self.cron.find_next_occurrence(&after.and_utc(), inclusive).ok().map(|at| at.naive_utc())
    }
}

#[cfg(test)]
mod tests;

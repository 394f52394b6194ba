use std::ops::Range;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

use super::error::Problem;
use crate::period::YEARS;

/// A half-open span of time, `start` inclusive and `end` exclusive, both on whole minutes and `end` after `start`.
///
/// Whole minutes are what makes every sum exact: a second has no place to be rounded to, so a source that sends one is refused here and
/// rounds by its own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Ends", into = "Ends")]
pub struct Interval {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// An interval as it is written, before its ends are checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ends {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Interval {
    /// The span from `start` to `end`.
    ///
    /// # Errors
    /// [`Problem::NotWholeMinute`], [`Problem::OutOfRange`] for a year that is not of four digits, and [`Problem::EndNotAfterStart`].
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, Problem> {
        for instant in [start, end] {
            if !YEARS.contains(&instant.year()) {
                return Err(Problem::OutOfRange);
            }
            if instant.timestamp() % 60 != 0 || instant.timestamp_subsec_nanos() != 0 {
                return Err(Problem::NotWholeMinute);
            }
        }
        if end <= start { Err(Problem::EndNotAfterStart) } else { Ok(Self { start, end }) }
    }

    /// The first instant in it.
    #[must_use]
    pub fn start(self) -> DateTime<Utc> {
        self.start
    }

    /// The first instant after it.
    #[must_use]
    pub fn end(self) -> DateTime<Utc> {
        self.end
    }

    /// Its length in minutes.
    #[must_use]
    pub fn minutes(self) -> i64 {
        self.span().end - self.span().start
    }

    /// The minutes in it, counted from the epoch; exact, because both ends are whole minutes.
    fn span(self) -> Range<i64> {
        self.start.timestamp() / 60..self.end.timestamp() / 60
    }

    /// The smallest interval that contains both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl TryFrom<Ends> for Interval {
    type Error = Problem;

    fn try_from(Ends { start, end }: Ends) -> Result<Self, Problem> {
        Self::new(start, end)
    }
}

impl From<Interval> for Ends {
    fn from(Interval { start, end }: Interval) -> Self {
        Self { start, end }
    }
}

/// Whether two half-open intervals share a minute; intervals that only touch do not.
#[must_use]
pub fn overlaps(a: Interval, b: Interval) -> bool {
    a.start < b.end && b.start < a.end
}

/// A set of minutes as spans that are sorted and share no minute.
#[derive(Clone, Debug, Default)]
pub(super) struct Minutes(Vec<Range<i64>>);

impl Minutes {
    /// The union: a minute in several intervals is in it once.
    pub(super) fn of(intervals: impl IntoIterator<Item = Interval>) -> Self {
        let mut spans: Vec<_> = intervals.into_iter().map(Interval::span).collect();
        spans.sort_unstable_by_key(|span| span.start);
        spans.dedup_by(|next, last| {
            let joined = next.start <= last.end;
            if joined {
                last.end = last.end.max(next.end);
            }
            joined
        });
        Self(spans)
    }

    /// These minutes less `others`.
    pub(super) fn without(&self, others: &Self) -> Self {
        let mut rest = Vec::with_capacity(self.0.len() + others.0.len());
        for span in &self.0 {
            let mut start = span.start;
            for hole in others.touching(span) {
                if start < hole.start {
                    rest.push(start..hole.start);
                }
                start = hole.end;
            }
            if start < span.end {
                rest.push(start..span.end);
            }
        }
        Self(rest)
    }

    /// How many there are.
    pub(super) fn count(&self) -> i32 {
        total(self.0.iter().map(|span| span.end - span.start))
    }

    /// How many of them lie in `window`.
    pub(super) fn count_in(&self, window: Interval) -> i32 {
        let window = window.span();
        total(self.touching(&window).map(|span| span.end.min(window.end) - span.start.max(window.start)))
    }

    /// How many of them lie between 22:00 and 05:00 in Tokyo.
    pub(super) fn count_late_night(&self) -> i32 {
        total(self.0.iter().map(|span| late_night_before(span.end) - late_night_before(span.start)))
    }

    /// The spans that share a minute with `window`, found by halving: a hostile record may hold thousands.
    fn touching(&self, window: &Range<i64>) -> impl Iterator<Item = &Range<i64>> {
        let first = self.0.partition_point(|span| span.end <= window.start);
        self.0[first..].iter().take_while(move |span| span.start < window.end)
    }
}

/// The late-night minutes before `minute`, from a fixed origin: only differences mean something.
fn late_night_before(minute: i64) -> i64 {
    const DAY: i64 = 24 * 60;
    const LATE_NIGHT: i64 = 7 * 60;
    // Tokyo is nine hours ahead of UTC; two more make 22:00 the start of a day, and late night its first seven hours.
    let minute = minute + (9 + 2) * 60;
    minute.div_euclid(DAY) * LATE_NIGHT + minute.rem_euclid(DAY).min(LATE_NIGHT)
}

/// A sum of minutes as it is stored. The intervals of a checked shift lie within 60 hours, so it always fits.
fn total(minutes: impl Iterator<Item = i64>) -> i32 {
    i32::try_from(minutes.sum::<i64>()).unwrap_or(i32::MAX)
}

use std::fmt;

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
        Span::from(self).minutes()
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

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.start.format("%FT%RZ"), self.end.format("%FT%RZ"))
    }
}

/// Whether two half-open intervals share a minute; intervals that only touch do not.
#[must_use]
pub fn overlaps(a: Interval, b: Interval) -> bool {
    a.start < b.end && b.start < a.end
}

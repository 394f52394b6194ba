//! The one source of "now", injected so that tests decide what time it is.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

/// Tells the time in UTC, in microseconds, as both engines store it.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// Microseconds by which the database's clock is ahead; a clock that a test turns follows nobody.
    ahead: Option<Arc<AtomicI64>>,
    /// An instant by this clock and by one that only goes forward, to tell a leap by; a clock that a test turns leaps as it likes.
    since: Option<(DateTime<Utc>, Duration)>,
    steady: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// The machine's clock, corrected to the database's where the ledger measures it.
    #[must_use]
    pub fn system() -> Self {
        let began = Instant::now();
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        Self::following(Utc::now, move || began.elapsed())
    }

    /// A clock that is corrected to the database's, told by a machine's two clocks: of the day, and one that only goes forward.
    #[must_use]
    pub fn following(
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
        steady: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        let since = Some((now(), steady()));
        Self { now: Arc::new(now), ahead: Some(Arc::default()), since, steady: Arc::new(steady) }
    }

    /// A clock that a test turns.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), ahead: None, since: None, steady: Arc::new(|| Duration::ZERO) }
    }

    /// The instant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let ahead = self.ahead.as_ref().map_or(0, |ahead| ahead.load(Ordering::Relaxed));
        ((self.now)() + TimeDelta::microseconds(ahead)).trunc_subsecs(6)
    }

    /// By how much the database's clock is ahead of the machine's, as last measured.
    pub(crate) fn ahead(&self) -> TimeDelta {
        TimeDelta::microseconds(self.ahead.as_ref().map_or(0, |ahead| ahead.load(Ordering::Relaxed)))
    }

    /// By how much the machine's clock has leapt in all since the process began; time that goes by is no leap. It stays until the clock comes
    /// back or the process is started anew, for a clock that is wrong tonight is wrong tomorrow.
    pub(crate) fn leap(&self) -> TimeDelta {
        let Some((then, then_steady)) = self.since else { return TimeDelta::zero() };
        let went_by = TimeDelta::from_std((self.steady)().saturating_sub(then_steady)).unwrap_or(TimeDelta::MAX);
        (self.now)() - then - went_by
    }

    /// Whether it is corrected to the database's.
    pub(crate) fn follows(&self) -> bool {
        self.ahead.is_some()
    }

    /// Corrects the clock: the database said `theirs` at some instant between `before` and `after` of this one.
    pub(crate) fn correct(&self, before: DateTime<Utc>, theirs: DateTime<Utc>, after: DateTime<Utc>) {
        let error = theirs - (before + (after - before) / 2);
        if let (Some(ahead), Some(error)) = (&self.ahead, error.num_microseconds()) {
            ahead.fetch_add(error, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

    use super::*;

    #[test]
    fn the_machines_clock_follows_the_database_and_a_tests_does_not() {
        let clock = Clock::system();
        let before = clock.now();
        clock.correct(before, before + TimeDelta::hours(3) + TimeDelta::seconds(1), before + TimeDelta::seconds(2));
        assert!((clock.now() - Utc::now() - TimeDelta::hours(3)).abs() < TimeDelta::seconds(60));
        let clock = Clock::from_fn(|| DateTime::UNIX_EPOCH);
        clock.correct(DateTime::UNIX_EPOCH, before, DateTime::UNIX_EPOCH);
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH);
    }

    #[test]
    fn a_leap_is_told_from_time_that_goes_by() {
        let (wall, steady) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let (shown, counted) = (wall.clone(), steady.clone());
        let clock = Clock::following(
            move || DateTime::UNIX_EPOCH + TimeDelta::seconds(shown.load(Ordering::Relaxed)),
            move || Duration::from_secs(counted.load(Ordering::Relaxed).unsigned_abs()),
        );
        let go = |wall_by: i64, steady_by: i64| {
            wall.fetch_add(wall_by, Ordering::Relaxed);
            steady.fetch_add(steady_by, Ordering::Relaxed);
            clock.leap().num_seconds()
        };
        assert_eq!([go(3_600, 3_600), go(0, 0), go(7_210, 10), go(100, 100), go(-7_200, 0)], [0, 0, 7_200, 7_200, 0]);
    }
}

//! The one source of "now", injected so that tests decide what time it is.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Tells the time in UTC, in microseconds, as both engines store it.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// Microseconds by which the database's clock is ahead; a clock that a test turns follows nobody.
    ahead: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The machine's clock, corrected to the database's where the ledger measures it.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        Self { now: Arc::new(Utc::now), ahead: Some(Arc::default()) }
    }

    /// A clock that a test turns.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), ahead: None }
    }

    /// The instant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let ahead = self.ahead.as_ref().map_or(0, |ahead| ahead.load(Ordering::Relaxed));
        ((self.now)() + TimeDelta::microseconds(ahead)).trunc_subsecs(6)
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
}

//! Whether the loops of this process that make and do runs go on, for its readiness.
//!
//! A loop says by when it will be heard of again; one that ended, or that is not heard of in time, has stopped. A process that has none of
//! them is not missed.

use super::Ledger;
use chrono::{DateTime, Utc};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A loop that looks each half minute or minute, and whose statements are cut off after half a minute, is heard of well within this time.
pub(crate) const SOON: Duration = Duration::from_mins(3);

/// The loops.
#[derive(Default)]
pub(crate) struct Liveness {
    scheduler: Mutex<Beat>,
    worker: Mutex<Beat>,
    /// Until when the process says that the clock was ahead.
    ahead_until: Mutex<Option<Instant>>,
    /// When this process last found that the clock had been ahead, by the clock as it was then.
    ahead_at: Mutex<Option<DateTime<Utc>>>,
}

/// Which loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Makes slots runs.
    Scheduler,
    /// Does runs.
    Worker,
}

/// The latest sign of a loop.
#[derive(Default, Clone, Copy)]
enum Beat {
    /// There is none in this process.
    #[default]
    Off,
    /// It goes on, and is heard of again by then; `None` where it waits for runs, which take as long as they take.
    Goes(Option<Instant>),
    /// It has ended.
    Ended,
}

/// Held while a loop goes on; dropped, the loop has ended, in whatever way.
pub(crate) struct Going {
    ledger: Ledger,
    part: Part,
}

impl Going {
    /// Says that the loop goes on, and within which time it is heard of again.
    pub(crate) fn beat(&self, within: Option<Duration>) {
        let until = within.and_then(|within| Instant::now().checked_add(within));
        self.ledger.liveness.set(self.part, Beat::Goes(until));
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        self.ledger.liveness.set(self.part, Beat::Ended);
    }
}

impl Liveness {
    fn part(&self, part: Part) -> &Mutex<Beat> {
        match part {
            Part::Scheduler => &self.scheduler,
            Part::Worker => &self.worker,
        }
    }

    fn set(&self, part: Part, beat: Beat) {
        *self.part(part).lock().unwrap_or_else(PoisonError::into_inner) = beat;
    }

    /// Notes whether the latest look found what a clock that was ahead has left.
    pub(super) fn saw_ahead(&self, was_ahead: bool, now: DateTime<Utc>) {
        if was_ahead {
            *self.ahead_until.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(SOON);
            *self.ahead_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        }
    }

    /// Whether this process found since then what a clock that was ahead has left.
    pub(super) fn was_ahead_since(&self, since: DateTime<Utc>) -> bool {
        self.ahead_at.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at > since)
    }

    fn has_stopped(&self, part: Part, now: Instant) -> bool {
        match *self.part(part).lock().unwrap_or_else(PoisonError::into_inner) {
            Beat::Off | Beat::Goes(None) => false,
            Beat::Goes(Some(until)) => until < now,
            Beat::Ended => true,
        }
    }
}

impl Ledger {
    /// A loop that begins.
    pub(crate) fn going(&self, part: Part) -> Going {
        let going = Going { ledger: self.clone(), part };
        going.beat(Some(SOON));
        going
    }

    /// Which loop of this process has stopped, in a word: `scheduler` or `worker`; `clock` for some minutes after schedules or runs were set
    /// back that a clock had left ahead; `None` where all that were begun go on.
    #[must_use]
    pub fn stopped(&self) -> Option<&'static str> {
        let now = Instant::now();
        if self.liveness.ahead_until.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| now < until) {
            return Some("clock");
        }
        let stopped = |part| self.liveness.has_stopped(part, now);
        if stopped(Part::Scheduler) {
            return Some("scheduler");
        }
        stopped(Part::Worker).then_some("worker")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_is_not_heard_of_in_time_has_stopped() {
        let liveness = Liveness::default();
        let (now, later) = (Instant::now(), Instant::now() + SOON * 2);
        assert!(!liveness.has_stopped(Part::Worker, later), "there is none");
        liveness.set(Part::Worker, Beat::Goes(Some(now + SOON)));
        assert!(!liveness.has_stopped(Part::Worker, now) && liveness.has_stopped(Part::Worker, later));
        assert!(!liveness.has_stopped(Part::Scheduler, later), "each for itself");
        liveness.set(Part::Worker, Beat::Goes(None));
        assert!(!liveness.has_stopped(Part::Worker, later), "a run takes as long as it takes");
        liveness.set(Part::Worker, Beat::Ended);
        assert!(liveness.has_stopped(Part::Worker, now));
    }
}

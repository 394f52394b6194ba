//! What each caller may ask for in a minute and at a time, in this process: a budget of cost for each subject and client, and turns for what is heavy.
//!
//! A caller is a slot of a fixed number of them, by a keyed hash, so that no number of callers makes it grow and nobody chooses whose slot they
//! share. Over its budget a request is told when to come back (429). Headers are those of draft-ietf-httpapi-ratelimit-headers-10. Deliberately
//! absent: budgets that processes share.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::{Value, value};
use axum::http::{HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    admission::{Kind, Who},
    pool::Pool,
    problem::Problem,
};

/// Cost of what was refused before it could be measured: of reading, decoding and parsing it.
pub(super) const REFUSED: u64 = 200;
/// What costs more waits for its turn, so that it never holds up what is light.
const HEAVY: u64 = 25_000;
/// Requests of a kind that wait for a turn at a time, and of one caller.
const WAITING: usize = 24;
const WAITING_OF_CALLER: usize = 6;
/// Longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the budget of a minute takes to fill up.
const MINUTE: Duration = Duration::from_mins(1);

/// What one caller of a kind may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Cost in a minute.
    pub cost: u32,
    /// Requests at a time.
    pub at_once: u32,
}

/// What callers may ask for, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowances {
    /// Callers without a token, by address.
    pub public: Allowance,
    /// Those who read.
    pub reader: Allowance,
    /// Those who write.
    pub writer: Allowance,
}

impl Default for Allowances {
    /// A unit of cost is about a microsecond of one core, so that a reader gets half a core, and only while no heavy query of others waits. A bureau
    /// system's bulk calls cost next to nothing here, for the database's own queue holds them back.
    fn default() -> Self {
        Self {
            public: Allowance { cost: 20_000_000, at_once: 64 },
            reader: Allowance { cost: 30_000_000, at_once: 64 },
            writer: Allowance { cost: 100_000_000, at_once: 64 },
        }
    }
}

type Limiter = RateLimiter<u16, DefaultKeyedStateStore<u16>, DefaultClock, StateInformationMiddleware>;

/// The budgets of one kind.
struct Budget {
    allowance: Allowance,
    limiter: Limiter,
    at_once: Arc<Mutex<HashMap<u16, u32>>>,
    heavy: Arc<Semaphore>,
    waiting: Arc<Pool<u16>>,
}

/// The budgets of all callers.
pub(super) struct Budgets {
    kinds: [Budget; 3],
    hasher: RandomState,
}

/// What is left of a caller's budget after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "what is left of it is what the struct is named for")]
pub(super) struct Left {
    /// What the request cost.
    pub(super) requested: u64,
    /// What one request may cost.
    pub(super) limit: u64,
    /// The caller's cost in a minute.
    quota: u32,
    /// What is left of it.
    left: u32,
}

/// One of the requests that a caller may have at a time.
pub(super) struct Place {
    slot: u16,
    at_once: Arc<Mutex<HashMap<u16, u32>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut at_once = self.at_once.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = at_once.get_mut(&self.slot) {
            *count -= 1;
            if *count == 0 {
                at_once.remove(&self.slot);
            }
        }
    }
}

impl Budget {
    fn new(allowance: Allowance) -> Self {
        let quota = NonZeroU32::new(allowance.cost).unwrap_or(NonZeroU32::MIN);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            allowance,
            limiter: RateLimiter::keyed(Quota::per_minute(quota)).with_middleware(),
            at_once: Arc::default(),
            heavy: Arc::new(Semaphore::new((cores / 2).max(1))),
            waiting: Pool::new(WAITING, WAITING_OF_CALLER),
        }
    }

    fn quota(&self) -> u32 {
        self.allowance.cost.max(1)
    }
}

impl Budgets {
    pub(super) fn new(allowances: Allowances) -> Self {
        let kinds = [allowances.public, allowances.reader, allowances.writer].map(Budget::new);
        Self { kinds, hasher: RandomState::new() }
    }

    fn of(&self, kind: Kind) -> &Budget {
        &self.kinds[match kind {
            Kind::Public => 0,
            Kind::Reader => 1,
            Kind::Writer => 2,
        }]
    }

    /// Which slot a caller is; of two callers one in 65,536 shares the other's.
    fn slot(&self, who: &Who) -> u16 {
        u16::try_from(self.hasher.hash_one(&who.key) >> 48).unwrap_or_default()
    }

    /// Begins one of the requests that the caller may have at a time.
    pub(super) fn enter(&self, who: &Who) -> Result<Place, Problem> {
        let (budget, slot) = (self.of(who.kind), self.slot(who));
        let mut at_once = budget.at_once.lock().unwrap_or_else(PoisonError::into_inner);
        let count = at_once.entry(slot).or_default();
        if *count >= budget.allowance.at_once.max(1) {
            return Err(Problem::too_many_at_once(budget.allowance.at_once));
        }
        *count += 1;
        Ok(Place { slot, at_once: budget.at_once.clone() })
    }

    /// Takes the cost of a request from the caller's budget.
    pub(super) fn spend(&self, who: &Who, cost: u64, limit: u64) -> Result<Left, Problem> {
        let (budget, slot) = (self.of(who.kind), self.slot(who));
        let quota = budget.quota();
        let cells = u32::try_from(cost).unwrap_or(u32::MAX).clamp(1, quota);
        let taken = budget.limiter.check_key_n(&slot, NonZeroU32::new(cells).unwrap_or(NonZeroU32::MIN));
        match taken {
            Ok(Ok(state)) => Ok(Left { requested: cost, limit, quota, left: state.remaining_burst_capacity() }),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(budget.limiter.clock().now());
                Err(Problem::over_budget(seconds(wait), &Left { requested: cost, limit, quota, left: 0 }.headers()))
            }
            // Held to the quota above, so that this cannot be.
            Err(_) => Err(Problem::over_budget(MINUTE.as_secs(), &[])),
        }
    }

    /// Waits for the turn of what is heavy; what is light goes at once. Few wait at a time, and of one caller fewer, for who waits holds a slot.
    pub(super) async fn turn(&self, who: &Who, cost: u64) -> Result<Option<OwnedSemaphorePermit>, Problem> {
        if cost <= HEAVY {
            return Ok(None);
        }
        let budget = self.of(who.kind);
        if let Ok(permit) = budget.heavy.clone().try_acquire_owned() {
            return Ok(Some(permit));
        }
        let _waits = budget.waiting.take(&self.slot(who), 1).ok_or_else(Problem::no_turn)?;
        match timeout(PATIENCE, budget.heavy.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            Ok(Err(_)) | Err(_) => Err(Problem::no_turn()),
        }
    }
}

impl Left {
    /// Seconds until the budget is full again.
    fn resets(&self) -> u64 {
        let missing = u64::from(self.quota - self.left.min(self.quota));
        (missing * MINUTE.as_secs()).div_ceil(u64::from(self.quota))
    }

    /// `RateLimit-Policy` and `RateLimit`.
    pub(super) fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let policy = format!("\"cost\";q={};w={}", self.quota, MINUTE.as_secs());
        let state = format!("\"cost\";r={};t={}", self.left, self.resets());
        [("ratelimit-policy", policy), ("ratelimit", state)]
            .into_iter()
            .filter_map(|(name, text)| Some((HeaderName::from_static(name), HeaderValue::try_from(text).ok()?)))
            .collect()
    }

    /// What the answer says of it, as `extensions.cost`. What is left stands in the headers: two answers to one question differ in nothing.
    pub(super) fn said(&self) -> Value {
        value!({ "requested": self.requested, "limit": self.limit })
    }

    /// The same where there are no headers.
    pub(super) fn said_with_rest(&self) -> Value {
        value!({ "requested": self.requested, "limit": self.limit, "budget": self.quota, "left": self.left, "resetsIn": self.resets() })
    }
}

/// Whole seconds, rounded up, at least one.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0).max(u64::from(wait.as_secs() == 0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::{error::Code, http::Language};

    fn who(kind: Kind, key: &str) -> Who {
        Who { kind, key: key.into() }
    }

    fn budgets(cost: u32, at_once: u32) -> Budgets {
        let reader = Allowance { cost, at_once };
        Budgets::new(Allowances { reader, ..Allowances::default() })
    }

    #[test]
    fn a_budget_is_one_callers_and_tells_when_to_come_back() {
        let budgets = budgets(6_000, 2);
        let (a, b) = (who(Kind::Reader, "a"), who(Kind::Reader, "b"));
        let left = budgets.spend(&a, 4_000, 9_000).unwrap();
        assert_eq!((left.requested, left.limit, left.quota), (4_000, 9_000, 6_000));
        assert!((1_990..=2_010).contains(&left.left) && left.resets() == 40, "{left:?}");
        let problem = budgets.spend(&a, 3_000, 9_000).unwrap_err();
        let headers: Vec<_> = problem.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap().to_owned())).collect();
        assert!(headers.contains(&("ratelimit-policy", "\"cost\";q=6000;w=60".to_owned())), "{headers:?}");
        assert!(headers.contains(&("retry-after", "10".to_owned())), "{headers:?}");
        assert_eq!((problem.code, problem.status.unwrap().as_u16()), (Code::LimitExceeded, 429));
        assert_eq!(problem.into_error(Language::En).extensions.unwrap().get("retryable"), Some(&Value::from(true)));
        // What fits still goes, and others have budgets of their own.
        assert!(budgets.spend(&a, 1_900, 9_000).is_ok() && budgets.spend(&b, 6_000, 9_000).is_ok());
        assert!(budgets.spend(&who(Kind::Writer, "a"), 6_000, 9_000).is_ok());
        // What costs more than the budget of a minute takes all of it.
        assert!(budgets.spend(&who(Kind::Reader, "c"), u64::MAX, 9_000).is_ok());
    }

    #[test]
    fn a_caller_has_so_many_requests_at_a_time() {
        let budgets = budgets(6_000, 2);
        let a = who(Kind::Reader, "a");
        let held = [budgets.enter(&a).unwrap(), budgets.enter(&a).unwrap()];
        assert_eq!(budgets.enter(&a).err().unwrap().status.unwrap().as_u16(), 429);
        assert!(budgets.enter(&who(Kind::Reader, "b")).is_ok());
        drop(held);
        assert!(budgets.enter(&a).is_ok());
        assert!(budgets.of(Kind::Reader).at_once.lock().unwrap().is_empty());
    }

    #[test]
    fn callers_are_no_more_than_slots() {
        let budgets = budgets(6_000, 2);
        for number in 0..200_000 {
            budgets.spend(&who(Kind::Public, &number.to_string()), 1, 1).unwrap();
        }
        assert!(budgets.of(Kind::Public).limiter.len() <= 1 << 16);
    }

    #[tokio::test]
    async fn what_is_heavy_waits_and_what_is_light_does_not() {
        let budgets = budgets(6_000, 2);
        let (reader, writer) = (who(Kind::Reader, "a"), who(Kind::Writer, "a"));
        let turn = |cost| budgets.turn(&reader, cost);
        let mut held = Vec::new();
        while let Ok(permit) = budgets.of(Kind::Reader).heavy.try_acquire() {
            held.push(permit);
        }
        assert!(turn(HEAVY).await.unwrap().is_none());
        assert!(timeout(Duration::from_millis(20), turn(HEAVY + 1)).await.is_err(), "it waits");
        assert!(budgets.turn(&writer, HEAVY + 1).await.unwrap().is_some(), "each kind has turns of its own");
        let waiting: Vec<_> =
            (0..WAITING_OF_CALLER).map(|_| budgets.of(Kind::Reader).waiting.take(&budgets.slot(&reader), 1).unwrap()).collect();
        assert!(turn(HEAVY + 1).await.is_err(), "six of one caller wait already");
        drop(waiting);
        held.pop();
        assert!(turn(HEAVY + 1).await.unwrap().is_some());
    }
}

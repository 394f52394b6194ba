//! Verified tokens, so that a signature is checked once and not at every request.
//!
//! Keyed by the token's SHA-256, so that the memory of the process holds no usable token. Only verified tokens get in, so a stranger
//! cannot fill it. A change of the key set empties it. Time is checked at each use.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{AuthnError, Principal};

/// What a good signature vouches for; whether it is in force is asked anew each time.
pub(super) struct Verified {
    pub(super) principal: Principal,
    pub(super) not_before: Option<DateTime<Utc>>,
}

impl Verified {
    /// The principal, where the token is in force at `now`.
    pub(super) fn at(&self, now: DateTime<Utc>, leeway: TimeDelta) -> Result<Principal, AuthnError> {
        if now - leeway >= self.principal.expires_at {
            return Err(AuthnError::Expired);
        }
        if self.not_before.is_some_and(|not_before| now + leeway < not_before) {
            return Err(AuthnError::NotYetValid);
        }
        Ok(self.principal.clone())
    }
}

type Entries = HashMap<[u8; 32], Arc<Verified>>;

/// Two halves: a full young half becomes the old one, and what nobody used since then (expired tokens among it) is dropped with the former
/// old half. So both look-up and insertion are constant and nothing has to be swept.
pub(super) struct Cache {
    half: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    generation: u64,
    young: Entries,
    old: Entries,
}

impl Cache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { half: capacity / 2, state: Mutex::default() }
    }

    /// The entry for `digest`, if it was verified under this generation of the key set.
    pub(super) fn get(&self, digest: &[u8; 32], generation: u64) -> Option<Arc<Verified>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.admits(generation) {
            return None;
        }
        if let Some(verified) = state.young.get(digest) {
            return Some(Arc::clone(verified));
        }
        let verified = state.old.remove(digest)?;
        state.put(*digest, Arc::clone(&verified), self.half);
        Some(verified)
    }

    /// Remembers what was verified under this generation; does nothing if the key set has changed since.
    pub(super) fn insert(&self, digest: [u8; 32], verified: Arc<Verified>, generation: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.admits(generation) {
            state.put(digest, verified, self.half);
        }
    }
}

impl State {
    /// Empties the cache for a newer key set; false for an older one, which a request may still be holding.
    fn admits(&mut self, generation: u64) -> bool {
        if generation > self.generation {
            *self = Self { generation, ..Self::default() };
        }
        generation == self.generation
    }

    fn put(&mut self, digest: [u8; 32], verified: Arc<Verified>, half: usize) {
        if self.young.len() >= half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest, verified);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified() -> Arc<Verified> {
        Arc::new(Verified { principal: Principal::public(), not_before: None })
    }

    #[test]
    fn the_number_of_entries_is_bounded_and_the_used_ones_stay() {
        let cache = Cache::new(8);
        cache.insert([255; 32], verified(), 1);
        for n in 0..100 {
            cache.insert([n; 32], verified(), 1);
            assert!(cache.get(&[255; 32], 1).is_some(), "dropped a used entry after {n}");
            let state = cache.state.lock().unwrap_or_else(PoisonError::into_inner);
            assert!(state.young.len() + state.old.len() <= 8);
        }
        assert!(cache.get(&[0; 32], 1).is_none());
    }

    #[test]
    fn a_new_key_set_empties_it_and_an_old_one_cannot_fill_it() {
        let cache = Cache::new(8);
        cache.insert([1; 32], verified(), 1);
        assert!(cache.get(&[1; 32], 2).is_none());
        cache.insert([2; 32], verified(), 1);
        assert!(cache.get(&[2; 32], 1).is_none());
        assert!(cache.get(&[2; 32], 2).is_none());
    }
}

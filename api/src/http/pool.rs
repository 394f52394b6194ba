//! What there is only so much of: shared out by kind of caller, so that no kind can take what is another's, and among callers of a kind by
//! key, so that none takes all.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::admission::Kind;

/// One thing for each kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares<T> {
    /// Callers without a token.
    pub public: T,
    /// Callers who only read.
    pub reader: T,
    /// Callers who write.
    pub writer: T,
}

impl<T> Shares<T> {
    /// That of a kind.
    pub(super) fn of(&self, kind: Kind) -> &T {
        match kind {
            Kind::Public => &self.public,
            Kind::Reader => &self.reader,
            Kind::Writer => &self.writer,
        }
    }
}

/// So many units, and how many of them one key may hold.
#[derive(Debug)]
pub(super) struct Pool<K: Hash + Eq> {
    whole: usize,
    each: usize,
    taken: Mutex<Taken<K>>,
}

#[derive(Debug)]
struct Taken<K> {
    all: usize,
    by: HashMap<K, usize>,
}

impl<K: Hash + Eq + Clone> Pool<K> {
    /// `whole` units, at most `each` of them to a key.
    pub(super) fn new(whole: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { whole, each, taken: Mutex::new(Taken { all: 0, by: HashMap::new() }) })
    }

    /// Takes some units at once; `None` where they are not there. They are given back when the part is dropped.
    pub(super) fn take(self: &Arc<Self>, key: &K, units: usize) -> Option<Part<K>> {
        let mut part = self.nothing(key);
        part.grow(units).then_some(part)
    }

    /// No units yet.
    pub(super) fn nothing(self: &Arc<Self>, key: &K) -> Part<K> {
        Part { pool: Arc::clone(self), key: key.clone(), units: 0 }
    }

    /// Whether nobody can take anything now.
    pub(super) fn is_exhausted(&self) -> bool {
        self.lock().all >= self.whole
    }

    /// Whether three quarters are taken.
    pub(super) fn is_crowded(&self) -> bool {
        self.lock().all >= self.whole / 4 * 3
    }

    /// The most that one key may hold.
    pub(super) fn most(&self) -> usize {
        self.each.min(self.whole)
    }

    fn lock(&self) -> MutexGuard<'_, Taken<K>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Units that somebody holds.
#[derive(Debug)]
pub(super) struct Part<K: Hash + Eq + Clone> {
    pool: Arc<Pool<K>>,
    key: K,
    units: usize,
}

impl<K: Hash + Eq + Clone> Part<K> {
    /// Takes some more; false, and nothing more taken, where they are not there.
    pub(super) fn grow(&mut self, units: usize) -> bool {
        self.change(units, Some(self.pool.each))
    }

    /// The same where the key then holds no more than half of what it may.
    pub(super) fn grow_within_half(&mut self, units: usize) -> bool {
        self.change(units, Some(self.pool.each / 2))
    }

    /// Takes some more whether they are there or not: others are refused until they are given back.
    pub(super) fn overdraw(&mut self, units: usize) {
        self.change(units, None);
    }

    /// Gives back what is above so many units.
    pub(super) fn shrink_to(&mut self, units: usize) {
        let spare = self.units.saturating_sub(units);
        self.units -= spare;
        give_back(&mut self.pool.lock(), &self.key, spare);
    }

    /// Whether no caller of this kind could ever hold so many units more.
    pub(super) fn is_hopeless(&self, units: usize) -> bool {
        self.units.saturating_add(units) > self.pool.most()
    }

    /// Another part of the same pool and key, with no units yet.
    pub(super) fn beside(&self) -> Self {
        self.pool.nothing(&self.key)
    }

    /// `most` is what the key may hold then; `None` asks nothing.
    fn change(&mut self, units: usize, most: Option<usize>) -> bool {
        let mut guard = self.pool.lock();
        let taken = &mut *guard;
        let mine = taken.by.get(&self.key).copied().unwrap_or_default();
        let fits = |held: usize, most: usize| held.checked_add(units).is_some_and(|sum| sum <= most);
        if most.is_some_and(|most| !(fits(taken.all, self.pool.whole) && fits(mine, most))) {
            return false;
        }
        if units > 0 {
            taken.all = taken.all.saturating_add(units);
            taken.by.insert(self.key.clone(), mine.saturating_add(units));
            self.units = self.units.saturating_add(units);
        }
        true
    }
}

impl<K: Hash + Eq + Clone> Drop for Part<K> {
    fn drop(&mut self) {
        give_back(&mut self.pool.lock(), &self.key, self.units);
    }
}

/// A key that holds nothing is forgotten, so that the table is no larger than what is held.
fn give_back<K: Hash + Eq + Borrow<K>>(taken: &mut Taken<K>, key: &K, units: usize) {
    taken.all = taken.all.saturating_sub(units);
    if let Some(held) = taken.by.get_mut(key) {
        *held = held.saturating_sub(units);
        if *held == 0 {
            taken.by.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_pool_is_held_to_its_size_and_a_key_to_its_share() {
        let pool = Pool::new(10, 6);
        let mut one = pool.take(&"one", 4).unwrap();
        assert!(one.grow(2) && !one.grow(1), "six of ten are one's share");
        let two = pool.take(&"two", 4).unwrap();
        assert!(pool.is_exhausted() && pool.take(&"three", 1).is_none());
        drop(two);
        assert!(pool.take(&"one", 1).is_none() && pool.take(&"two", 4).is_some());
        one.shrink_to(1);
        assert!(one.beside().grow(5) && !one.beside().grow(6));
        drop(one);
        let taken = pool.lock();
        assert!(taken.all == 0 && taken.by.is_empty());
    }

    #[test]
    fn what_is_overdrawn_keeps_others_out_until_it_is_given_back() {
        let pool = Pool::new(10, 10);
        let mut part = pool.take(&(), 8).unwrap();
        part.overdraw(7);
        assert!(pool.take(&(), 1).is_none());
        part.shrink_to(9);
        assert!(pool.take(&(), 1).is_some() && part.is_hopeless(2) && !part.is_hopeless(1));
        drop(part);
        assert!(pool.take(&(), 10).is_some());
    }

    #[test]
    fn a_sum_that_wraps_fits_nowhere() {
        let pool = Pool::new(usize::MAX, usize::MAX);
        let mut part = pool.take(&(), usize::MAX).unwrap();
        assert!(!part.grow(1));
        part.overdraw(1);
        part.shrink_to(0);
        assert!(part.grow(usize::MAX));
    }
}

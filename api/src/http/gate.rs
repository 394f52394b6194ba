//! What a request takes of the process, shared out by kind of caller: a slot while it is executed, and memory from its first byte to the last
//! one of its answer. All of it is taken before it is used, and given back by being dropped.

use std::sync::Arc;

use axum::body::Bytes;

use super::{
    Limits, Shares,
    admission::Who,
    budget::Budgets,
    pool::{Part, Pool},
    problem::Problem,
};

type Keyed = Arc<Pool<Arc<str>>>;

/// How much memory is asked for at a time, so that small things cost no lock each. Small enough that a caller who sends one byte holds next to nothing.
const STEP: usize = 4 << 10;

/// The pools of a process, and its callers' budgets: one for all addresses at which it serves.
#[derive(Clone)]
pub struct Gate {
    slots: Shares<Keyed>,
    memory: Shares<Keyed>,
    budgets: Arc<Budgets>,
}

/// A request that is being executed.
#[derive(Debug)]
pub(crate) struct Slot {
    _held: Part<Arc<str>>,
}

impl Gate {
    /// Of readers none takes more than half of their share, and of writers' slots none more than a quarter; of their memory the largest request may need
    /// all. The public is one caller, for behind a proxy it has one address.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let pools = |shares: &Shares<usize>, of_writer: fn(usize) -> usize| Shares {
            public: Pool::new(shares.public, shares.public),
            reader: Pool::new(shares.reader, shares.reader.div_ceil(2)),
            writer: Pool::new(shares.writer, of_writer(shares.writer)),
        };
        let part = limits.memory / 32;
        let memory = Shares { public: 3 * part, reader: 5 * part, writer: 24 * part };
        Self {
            slots: pools(&limits.in_flight, |slots| slots.div_ceil(4)),
            memory: pools(&memory, |bytes| bytes),
            budgets: Arc::new(Budgets::new(limits.allowances)),
        }
    }

    /// What callers may ask for in a minute and at a time.
    pub(super) fn budgets(&self) -> &Budgets {
        &self.budgets
    }

    /// A slot of the caller's kind.
    ///
    /// # Errors
    /// All are taken.
    pub(crate) fn slot(&self, who: &Who) -> Result<Slot, Problem> {
        let held = self.slots.of(who.kind).take(&who.key, 1).ok_or_else(Problem::busy)?;
        Ok(Slot { _held: held })
    }

    /// Memory of the caller's kind, nothing of it taken yet.
    pub(crate) fn memory(&self, who: &Who) -> Memory {
        Memory { held: self.memory.of(who.kind).nothing(&who.key), taken: 0, used: 0 }
    }
}

/// What one request may hold in memory.
#[derive(Debug)]
pub(crate) struct Memory {
    held: Part<Arc<str>>,
    taken: usize,
    used: usize,
}

impl Memory {
    /// Asks for so many bytes more.
    ///
    /// # Errors
    /// They are not there now, or could never be.
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<(), Problem> {
        self.take(bytes, Part::grow)
    }

    /// The same for a body that is still coming: those of one caller take no more than half of what it may have, so that who sends slowly, or not to
    /// the end, leaves room for the others.
    ///
    /// # Errors
    /// As [`Self::reserve`].
    pub(crate) fn reserve_for_body(&mut self, bytes: usize) -> Result<(), Problem> {
        self.take(bytes, Part::grow_within_half)
    }

    fn take(&mut self, bytes: usize, grow: fn(&mut Part<Arc<str>>, usize) -> bool) -> Result<(), Problem> {
        let used = self.used.saturating_add(bytes);
        if used > self.taken {
            let short = (used - self.taken).div_ceil(STEP).saturating_mul(STEP);
            if !grow(&mut self.held, short) {
                return Err(if self.held.is_hopeless(short) { Problem::needs_too_much() } else { Problem::no_memory() });
            }
            self.taken += short;
        }
        self.used = used;
        Ok(())
    }

    /// Keeps memory for an answer of so many bytes and no other. An answer that must not be lost is counted even where there is no room.
    ///
    /// # Errors
    /// There is no room.
    pub(crate) fn settle(&mut self, bytes: usize, anyway: bool) -> Result<(), Problem> {
        if bytes > self.used && !anyway {
            self.reserve(bytes - self.used)?;
        } else if bytes > self.taken {
            self.held.overdraw(bytes - self.taken);
            self.taken = bytes;
        }
        self.held.shrink_to(bytes);
        (self.taken, self.used) = (bytes, bytes);
        Ok(())
    }

    /// The bytes of an answer, with the memory that they are in: given back when the last of them is on the line, or the line is gone.
    pub(crate) fn keep(self, bytes: impl AsRef<[u8]> + Send + 'static) -> Bytes {
        struct Kept<T> {
            bytes: T,
            _memory: Memory,
        }
        impl<T: AsRef<[u8]>> AsRef<[u8]> for Kept<T> {
            fn as_ref(&self) -> &[u8] {
                self.bytes.as_ref()
            }
        }
        Bytes::from_owner(Kept { bytes, _memory: self })
    }

    /// What was asked for so far.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Gives back what was asked for and is no longer used.
    pub(crate) fn release(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
        self.taken = self.used.div_ceil(STEP).saturating_mul(STEP).min(self.taken);
        self.held.shrink_to(self.taken);
    }

    /// Memory for something else of the same caller, which may outlive the request. What must not be lost is counted even where there is no room.
    ///
    /// # Errors
    /// There is no room.
    pub(crate) fn beside(&self, bytes: usize, anyway: bool) -> Result<Self, Problem> {
        let mut held = self.held.beside();
        if anyway {
            held.overdraw(bytes);
        } else if !held.grow(bytes) {
            return Err(Problem::no_memory());
        }
        Ok(Self { held, taken: bytes, used: bytes })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{error::Code, http::Kind};

    fn who(kind: Kind, key: &str) -> Who {
        Who { kind, key: key.into() }
    }

    #[test]
    fn no_kind_takes_the_slots_of_another_and_no_reader_all_of_them() {
        let gate = Gate::new(&Limits { in_flight: Shares { public: 2, reader: 4, writer: 2 }, ..Limits::default() });
        let (public, one, two, writer) = (who(Kind::Public, ""), who(Kind::Reader, "1"), who(Kind::Reader, "2"), who(Kind::Writer, "1"));
        let held: Vec<_> = [&public, &public, &one, &one].map(|who| gate.slot(who).unwrap()).into();
        assert!(gate.slot(&public).is_err() && gate.slot(&one).is_err());
        assert!(gate.slot(&two).is_ok() && gate.slot(&writer).is_ok());
        drop(held);
        assert!(gate.slot(&public).is_ok());
    }

    #[test]
    fn memory_is_taken_before_it_is_used_and_kept_with_the_answer() {
        let gate = Gate::new(&Limits { memory: 32 << 20, ..Limits::default() });
        let public = who(Kind::Public, "");
        let mut first = gate.memory(&public);
        first.reserve(1).unwrap();
        first.reserve((3 << 20) - 1).unwrap();
        let mut second = gate.memory(&public);
        let refused = second.reserve(1).unwrap_err();
        assert_eq!(refused.code, Code::LimitExceeded);
        assert!(gate.memory(&who(Kind::Writer, "w")).reserve(20 << 20).is_ok());
        first.settle(10, false).unwrap();
        let answer = first.keep(vec![7; 10]);
        second.reserve((3 << 20) - STEP).unwrap();
        assert!(second.reserve(1).is_err());
        assert_eq!(&answer[..2], [7, 7]);
        drop(answer);
        second.reserve(1).unwrap();
        second.release(2 << 20);
        assert!(gate.memory(&public).reserve(2 << 20).is_ok());
    }

    #[test]
    fn an_answer_that_must_not_be_lost_is_not() {
        let gate = Gate::new(&Limits { memory: 32 << 20, ..Limits::default() });
        let public = who(Kind::Public, "");
        let mut memory = gate.memory(&public);
        assert!(memory.settle(4 << 20, false).is_err() && memory.beside(4 << 20, false).is_err());
        memory.settle(4 << 20, true).unwrap();
        assert!(gate.memory(&public).reserve(1).is_err() && memory.beside(1, true).is_ok());
        drop(memory);
        assert!(gate.memory(&public).reserve(3 << 20).is_ok());
    }
}

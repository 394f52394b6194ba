//! What must be withheld, whatever else is: small counts, small remainders, what earlier releases withheld, and what follows.

use super::Search;
use crate::follow_up::disclosure::Earlier;
use std::collections::BTreeSet;

impl Search<'_> {
    /// Withholds what must be.
    pub(super) fn close(&mut self) {
        loop {
            let more: Vec<usize> =
                (0..self.withheld.len()).filter(|class| !self.withheld[*class] && !self.fixed[*class] && self.must(*class)).collect();
            if more.is_empty() {
                return;
            }
            for class in more {
                self.withheld[class] = true;
            }
        }
    }

    /// Whether a class must be withheld, given what is.
    pub(super) fn must(&self, class: usize) -> bool {
        self.must_by_itself(class) || self.follows(class).is_some()
    }

    fn must_by_itself(&self, index: usize) -> bool {
        let class = &self.model.classes[index];
        let is_few = |persons: i64| (1..class.threshold).contains(&persons);
        match class.earlier {
            Some(Earlier::Shown) => false,
            Some(Earlier::Withheld) => true,
            None if is_few(class.value) => true,
            // The rest of a shown denominator is a group too.
            None => class.whole.is_some_and(|whole| !self.withheld[whole] && is_few(self.model.classes[whole].value - class.value)),
        }
    }

    /// The withheld class that this one follows.
    fn follows(&self, index: usize) -> Option<usize> {
        let class = &self.model.classes[index];
        let leader = class.follows.iter().copied().find(|leader| self.withheld[*leader])?;
        let free = class.earlier == Some(Earlier::Shown) || (class.value == 0 && self.is_nil(index));
        (!free).then_some(leader)
    }

    /// Whether each cell of a class is nil because a shown sum is, one that is public or follows nothing
    /// withheld, of its table or a denominator.
    fn is_nil(&self, index: usize) -> bool {
        let mut left: BTreeSet<usize> = self.model.classes[index].cells.iter().copied().collect();
        let mut table = Some(self.model.classes[index].table);
        while let Some(here) = table {
            for index in self.model.of_table[here].iter().filter(|other| !self.withheld[**other]) {
                let other = &self.model.classes[*index];
                let stays = self.fixed[*index] || !other.follows.iter().any(|leader| self.withheld[*leader]);
                if other.value == 0 && stays {
                    left.retain(|cell| !other.cells.contains(cell));
                }
            }
            table = self.model.tables[here].parent;
        }
        left.is_empty()
    }

    /// Which class must not be withheld since nothing would protect the given one then; `None` where all this must be.
    pub(super) fn culprit(&self, class: usize) -> Option<usize> {
        if !self.must(class) {
            return Some(class);
        }
        if self.must_by_itself(class) {
            return None;
        }
        let mut leader = self.follows(class)?;
        // At most as many steps as there are classes, should numbers follow one another in a circle.
        for _ in 0..self.withheld.len() {
            if self.must_by_itself(leader) {
                return None;
            }
            match self.follows(leader) {
                Some(next) => leader = next,
                None => return Some(leader),
            }
        }
        None
    }
}

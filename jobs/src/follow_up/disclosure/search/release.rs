//! The clean-up: secondary numbers are shown again where all others stay safe without them.

use super::{Search, Witness, spans};
use crate::follow_up::disclosure::{
    DisclosureError,
    program::{Goal, WIDE, farthest},
};

/// For how many other numbers new witnesses are sought before a number stays withheld.
const SEARCHES: usize = 4;

impl Search<'_> {
    /// Shows again what is superfluous, the dearest first.
    pub(super) fn release(&mut self) -> Result<(), DisclosureError> {
        // Also what must be now, for it may only follow another.
        let mut candidates: Vec<usize> = (0..self.withheld.len()).filter(|class| self.withheld[*class]).collect();
        let weight = |class: &usize| self.model.classes[*class].weight;
        candidates.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.cmp(b)));
        for class in candidates {
            if self.must(class) {
                continue;
            }
            self.withheld[class] = false;
            if !self.is_superfluous(class)? {
                self.withheld[class] = true;
            }
        }
        Ok(())
    }

    /// Whether all is safe with the class shown; then only the witnesses stay that fit that.
    fn is_superfluous(&mut self, class: usize) -> Result<bool, DisclosureError> {
        if (0..self.withheld.len()).any(|other| !self.withheld[other] && !self.fixed[other] && self.must(other)) {
            return Ok(false);
        }
        let fits = |witness: &Witness| !witness.values.contains_key(&class);
        let all = std::mem::take(&mut self.witnesses);
        let (kept, dropped): (Vec<_>, Vec<_>) = all.into_iter().partition(fits);
        self.spans = spans(self.model, &kept);
        let number = kept.len();
        self.witnesses = kept;
        let tables: Vec<usize> = (0..self.model.tables.len()).collect();
        if self.narrow_of(&tables).len() <= SEARCHES {
            for other in self.narrow_of(&tables) {
                self.seek(other)?;
            }
        }
        if self.narrow_of(&tables).is_empty() {
            return Ok(true);
        }
        self.witnesses.truncate(number);
        self.witnesses.extend(dropped);
        self.spans = spans(self.model, &self.witnesses);
        Ok(false)
    }

    /// Looks for witnesses of one class.
    fn seek(&mut self, class: usize) -> Result<(), DisclosureError> {
        let Some(way) = self.ways(self.model.classes[class].table).into_iter().next() else { return Ok(()) };
        for rise in [true, false] {
            if self.spans[class].max - self.spans[class].min < WIDE {
                let found = farthest(self.setting(&way), Goal { class, rise })?;
                if let Some(found) = found {
                    self.keep(found.world);
                }
            }
        }
        Ok(())
    }
}

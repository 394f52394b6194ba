//! Time: what was shown stays shown, what was withheld stays withheld, and a value changes for readers who see no persons only where nobody's
//! records or those of at least five persons changed since they last could see it. Pure.
//!
//! The difference of two values is a figure too. So a bureau's value is renewed once the changed persons of each of its cells are none or enough
//! of them, and the whole office's once those of the bureaus that are withheld or not renewed are, whichever of these bureaus a reader knows.
//! Until then readers meet the former value.

use super::rule::{FEWEST, SPLITS};
use std::collections::{BTreeMap, BTreeSet};

/// A place: a bureau by its number, or the whole office.
pub(crate) type Place = Option<usize>;

/// Persons whose records of one month changed and who are not told of yet, by bureau and member of each split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    by: [BTreeMap<(usize, usize), i64>; SPLITS],
}

impl Changed {
    /// Adds the distinct persons of a cell.
    pub fn put(&mut self, split: usize, bureau: usize, member: usize, persons: i64) {
        *self.by[split].entry((bureau, member)).or_default() += persons;
    }

    fn of(&self, split: usize, bureau: usize) -> impl Iterator<Item = i64> {
        self.by[split].range((bureau, 0)..=(bureau, usize::MAX)).map(|(_, persons)| *persons)
    }

    /// Whether a bureau's figures of a split may be met as they are now.
    pub fn is_free(&self, split: usize, bureau: usize) -> bool {
        self.of(0, bureau).chain(self.of(split, bureau)).all(tells_nobody)
    }

    /// Whether at least five persons of each cell that changed did.
    pub fn is_other(&self, split: usize, bureau: usize) -> bool {
        self.is_free(split, bureau) && self.of(split, bureau).sum::<i64>() >= FEWEST
    }

    /// Whether the office's figures of a split may be met as they are now, where these bureaus' are not.
    pub fn is_office_free(&self, split: usize, unknown: &BTreeSet<usize>) -> bool {
        let mut members: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
        for ((_, member), persons) in self.by[split].iter().filter(|((bureau, _), _)| unknown.contains(bureau)) {
            members.entry(*member).or_default().push(*persons);
        }
        members.values().all(|persons| {
            let sum: i64 = persons.iter().sum();
            tells_nobody(sum) && persons.iter().all(|known| tells_nobody(sum - known))
        })
    }

    /// Whether at least five persons of the office changed.
    pub fn is_other_office(&self) -> bool {
        self.by[0].values().sum::<i64>() >= FEWEST
    }

    /// The bureaus in which anybody changed.
    pub fn bureaus(&self) -> BTreeSet<usize> {
        self.by.iter().flat_map(|by| by.keys().map(|(bureau, _)| *bureau)).collect()
    }
}

fn tells_nobody(persons: i64) -> bool {
    persons == 0 || persons >= FEWEST
}

/// How the values of one figure, split and place stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Latest values that readers do not meet yet.
    pub held: Vec<uuid::Uuid>,
    /// Former values that they meet in place of these.
    pub kept: Vec<uuid::Uuid>,
    /// Whether they meet one that is the latest.
    pub is_met: bool,
}

impl Standing {
    /// Whether all that readers meet is as it stands now.
    pub fn is_known(&self) -> bool {
        self.is_met && self.held.is_empty() && self.kept.is_empty()
    }

    /// Whether readers have met anything.
    pub fn was_met(&self) -> bool {
        self.is_met || !self.kept.is_empty()
    }
}

/// What of a figure's split is withheld, and whose values are renewed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    pub withheld: BTreeSet<Place>,
    pub renewed: BTreeSet<Place>,
}

/// One figure's split before it is settled.
pub(crate) struct Case<'a> {
    pub split: usize,
    /// What the rule withholds now.
    pub hidden: &'a BTreeSet<usize>,
    pub is_office_hidden: bool,
    /// Bureaus of which nothing is shown.
    pub whole: &'a BTreeSet<usize>,
    /// What was withheld; none where nothing was decided.
    pub former: Option<&'a BTreeSet<Place>>,
    pub standings: &'a BTreeMap<Place, Standing>,
    /// Of each month of the span.
    pub changed: &'a [&'a Changed],
}

impl Case<'_> {
    /// A place that was shown stays so: readers keep the value that they have met, and meet no new one while the rule withholds it.
    pub fn settle(&self) -> Settled {
        let was_shown = |place: &Place| {
            let is_met = self.standings.get(place).is_some_and(Standing::was_met);
            self.former.is_some_and(|former| !former.contains(place)) && is_met
        };
        let mut settled = Settled::default();
        let mut unknown = BTreeSet::new();
        for bureau in self.hidden {
            let place = Some(*bureau);
            unknown.insert(*bureau);
            if self.whole.contains(bureau) || !was_shown(&place) {
                settled.withheld.insert(place);
            }
        }
        let is_free = |bureau: usize| self.changed.iter().all(|changed| changed.is_free(self.split, bureau));
        for place in self.standings.keys() {
            let Some(bureau) = place else { continue };
            let is_renewed = self.former.is_none() || !self.hidden.contains(bureau) && is_free(*bureau);
            if is_renewed || settled.withheld.contains(place) {
                settled.renewed.insert(*place);
            } else {
                unknown.insert(*bureau);
            }
        }
        // Who is withheld has no standing here where nobody has a value, and may have changed all the same.
        unknown.extend(self.changed.iter().flat_map(|changed| changed.bureaus()).filter(|bureau| !is_free(*bureau)));
        if self.is_office_hidden && !was_shown(&None) {
            settled.withheld.insert(None);
            settled.renewed.insert(None);
        } else if self.former.is_none()
            || !self.is_office_hidden && self.changed.iter().all(|changed| changed.is_office_free(self.split, &unknown))
        {
            settled.renewed.insert(None);
        }
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(persons: &[(usize, i64)]) -> Changed {
        let mut changed = Changed::default();
        for (bureau, persons) in persons {
            changed.put(0, *bureau, 0, *persons);
        }
        changed
    }

    fn met() -> Standing {
        Standing { held: vec![uuid::Uuid::from_u128(2)], kept: vec![uuid::Uuid::from_u128(1)], is_met: false }
    }

    fn settle(hidden: &[usize], former: Option<&[usize]>, persons: &[(usize, i64)]) -> (Vec<Place>, Vec<Place>) {
        let standings = (0..4).map(Some).chain([None]).map(|place| (place, met())).collect();
        let hidden = hidden.iter().copied().collect();
        let former = former.map(|former| former.iter().map(|bureau| Some(*bureau)).collect());
        let changed = changed(persons);
        let case = Case {
            split: 0,
            hidden: &hidden,
            is_office_hidden: false,
            whole: &BTreeSet::new(),
            former: former.as_ref(),
            standings: &standings,
            changed: &[&changed],
        };
        let settled = case.settle();
        (settled.withheld.into_iter().collect(), settled.renewed.into_iter().collect())
    }

    #[test]
    fn a_value_changes_for_nobody_or_for_five() {
        let all = vec![None, Some(0), Some(1), Some(2), Some(3)];
        assert_eq!(settle(&[], Some(&[]), &[]), (vec![], all.clone()), "a rule changed, and nobody's records");
        assert_eq!(settle(&[], Some(&[]), &[(1, 5)]), (vec![], all));
        // One bureau's few keep its value, and the office's, from which it would follow.
        assert_eq!(settle(&[], Some(&[]), &[(1, 4), (2, 9)]).1, [Some(0), Some(2), Some(3)]);
        // The few of two bureaus are enough of the office, but for who knows one of them.
        assert_eq!(settle(&[], Some(&[]), &[(1, 4), (2, 4)]).1, [Some(0), Some(3)]);
        assert_eq!(settle(&[], Some(&[]), &[(1, 4), (2, 4), (3, 3)]).1, [None, Some(0)]);
    }

    #[test]
    fn who_is_withheld_counts_among_those_whose_change_is_not_told() {
        assert_eq!(settle(&[1, 2, 3], Some(&[1, 2, 3]), &[(1, 1)]).1, [Some(0), Some(1), Some(2), Some(3)], "not the office's");
        assert!(settle(&[1, 2, 3], Some(&[1, 2, 3]), &[(1, 6)]).1.contains(&None));
    }

    #[test]
    fn what_was_shown_stays_shown() {
        // It keeps its value, and is not renewed.
        assert_eq!(settle(&[1], Some(&[]), &[(1, 9)]), (vec![], vec![None, Some(0), Some(2), Some(3)]));
        assert_eq!(settle(&[1], Some(&[1]), &[(1, 9)]).0, [Some(1)]);
        assert_eq!(settle(&[1], None, &[]).0, [Some(1)], "nothing was decided, and nothing met");
    }

    #[test]
    fn a_split_waits_for_each_of_its_cells() {
        let mut changed = changed(&[(0, 9)]);
        changed.put(1, 0, 0, 3);
        changed.put(1, 0, 1, 6);
        assert!(changed.is_free(0, 0) && changed.is_other(0, 0));
        assert!(!changed.is_free(1, 0) && !changed.is_other(1, 0));
        assert!(changed.is_free(1, 1) && !changed.is_other(1, 1));
    }
}

//! Time: what was shown stays shown, what was withheld stays withheld, and a value changes for readers who see no persons only where nobody's
//! records or those of at least five persons changed since they last could see it. Pure.
//!
//! The difference of two values is a figure too. So a bureau's value is renewed once the changed persons of each of its cells are none or enough
//! of them, and the whole office's once those of the bureaus that are withheld or not renewed are, whichever of these bureaus a reader knows.
//! Until then readers meet the former value.

use super::rule::{FEWEST, SPLITS};
use entity::period::YearMonth;
use std::collections::{BTreeMap, BTreeSet};

/// A place: a bureau by its number, or the whole office.
pub(crate) type Place = Option<usize>;

/// Persons of a cell whose records changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Persons {
    /// Those of whom the bureau's figures do not tell.
    pub bureau: i64,
    /// Those of them of whom the office's do not either.
    pub office: i64,
}

/// What of a bureau's changed persons may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// Nothing yet.
    Nothing,
    /// The office's figures tell of them, in which they are among others.
    Office,
    /// The bureau's do, and so may the office's.
    All,
}

/// Persons whose records of one month changed and who are not told of yet, by bureau and member of each split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    by: [BTreeMap<(usize, usize), Persons>; SPLITS],
    /// By how many the bureaus' persons are more than the office's, for some are of several bureaus.
    twice: [BTreeMap<usize, i64>; SPLITS],
}

impl Changed {
    /// Adds the distinct persons of a cell: a split, a bureau and a member.
    pub fn put(&mut self, (split, bureau, member): (usize, usize, usize), persons: Persons) {
        let cell = self.by[split].entry((bureau, member)).or_default();
        cell.bureau += persons.bureau;
        cell.office += persons.office;
    }

    /// Says how often persons of the office were put more than once.
    pub fn put_twice(&mut self, split: usize, member: usize, persons: i64) {
        *self.twice[split].entry(member).or_default() += persons;
    }

    fn of(&self, split: usize, bureau: usize) -> impl Iterator<Item = Persons> {
        self.by[split].range((bureau, 0)..=(bureau, usize::MAX)).map(|(_, persons)| *persons)
    }

    /// Whether a bureau's figures of a split may be met as they are now. Those of whom the office does not tell are enough as well, or the sum of
    /// all bureaus would tell of the others.
    pub fn is_free(&self, split: usize, bureau: usize) -> bool {
        self.of(0, bureau).chain(self.of(split, bureau)).all(|persons| tells_nobody(persons.bureau) && tells_nobody(persons.office))
    }

    /// The persons of a bureau.
    fn persons(&self, split: usize, bureau: usize) -> i64 {
        self.of(split, bureau).map(|persons| persons.bureau).sum()
    }

    /// The distinct persons of the office, or fewer.
    fn office_persons(&self) -> i64 {
        self.by[0].values().map(|persons| persons.office).sum::<i64>() - self.twice[0].values().sum::<i64>()
    }

    /// Whether the office's figures of a split may be met as they are now. The bureaus that may be met themselves change by enough persons each;
    /// the others' persons are enough together, whichever of these bureaus a reader knows, and among those of bureaus of which no figure is shown,
    /// the company. It is the same whatever the figure: where more bureaus are withheld, more persons are behind what changes.
    pub fn is_office_free(&self, split: usize, company: &BTreeSet<usize>) -> bool {
        [0, split].into_iter().all(|of| {
            let mut members: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
            for ((bureau, member), persons) in &self.by[of] {
                if company.contains(bureau) || !self.is_free(of, *bureau) {
                    members.entry(*member).or_default().push(persons.office);
                }
            }
            members.iter().all(|(member, persons)| {
                let (sum, twice) = (persons.iter().sum::<i64>(), self.twice[of].get(member).copied().unwrap_or(0));
                let tells_nobody = |persons: i64| persons == 0 || persons - twice >= FEWEST;
                tells_nobody(sum) && persons.iter().all(|known| tells_nobody(sum - known))
            })
        })
    }

    /// What of each bureau may be told, by split.
    pub fn closed(&self, company: &BTreeSet<usize>) -> BTreeMap<usize, [Close; SPLITS]> {
        let office: [bool; SPLITS] = std::array::from_fn(|split| self.is_office_free(split, company));
        let close = |split: usize, bureau: usize| match (self.is_free(split, bureau), office[split]) {
            (true, _) => Close::All,
            (false, true) => Close::Office,
            (false, false) => Close::Nothing,
        };
        self.bureaus().into_iter().map(|bureau| (bureau, std::array::from_fn(|split| close(split, bureau)))).collect()
    }

    /// The bureaus in which anybody changed.
    pub fn bureaus(&self) -> BTreeSet<usize> {
        self.by.iter().flat_map(|by| by.keys().map(|(bureau, _)| *bureau)).collect()
    }
}

/// What changed in the months of a span.
///
/// A span may be met as it is now where each of its months may. Its months' persons are not put together: three of one month and three of another
/// are six of the span, but their own months keep their values, and go on counting them; once the span had told of the six, a seventh person
/// would be told of alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Those that nobody has met, of each month that has any.
    pub months: BTreeMap<YearMonth, Changed>,
    /// Those that were told, or are about to be, in this attempt.
    pub told: BTreeMap<YearMonth, Changed>,
}

impl Changes {
    /// Whether a bureau's figures of a split may be met as they are now.
    pub fn is_free(&self, split: usize, bureau: usize) -> bool {
        self.months.values().all(|changed| changed.is_free(split, bureau))
    }

    /// The bureaus in which anybody changed.
    pub fn bureaus(&self) -> BTreeSet<usize> {
        self.months.values().flat_map(Changed::bureaus).collect()
    }

    /// Whether what was withheld of a bureau may be shown: where all that changed may be met, and in a month at least five persons did. A person of
    /// several months is counted in none of them twice.
    pub fn is_other(&self, split: usize, bureau: usize) -> bool {
        let mut all = self.months.values().chain(self.told.values());
        self.is_free(split, bureau) && all.any(|changed| changed.persons(split, bureau) >= FEWEST)
    }

    /// Whether the office's figures of a split may be met as they are now.
    pub fn is_office_free(&self, split: usize, company: &BTreeSet<usize>) -> bool {
        self.months.values().all(|changed| changed.is_office_free(split, company))
    }

    /// The same of the office's: of all its months, and at least five persons of one.
    pub fn is_other_office(&self, split: usize) -> bool {
        let mut all = self.months.values().chain(self.told.values());
        self.is_office_free(split, &BTreeSet::new()) && all.any(|changed| changed.office_persons() >= FEWEST)
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
    /// Those of them of which nothing is shown in any span of the month either.
    pub company: &'a BTreeSet<usize>,
    /// What was withheld; none where nothing was decided.
    pub former: Option<&'a BTreeSet<Place>>,
    pub standings: &'a BTreeMap<Place, Standing>,
    pub changed: &'a Changes,
    /// The law has the office's figure published.
    pub is_published: bool,
    /// Its months add up to it: it less its other months is the value of one.
    pub adds_up: bool,
}

impl Case<'_> {
    /// A place that was shown stays so: readers keep the value that they have met, and meet no new one while the rule withholds it. One that was not
    /// has no value that they could keep: it is withheld until all that changed may be met, though the rule would show it. So is a year to date
    /// whose months add up, where it ends with a new month and holds an old one whose value is kept.
    pub fn settle(&self) -> Settled {
        let was_shown = |place: &Place| {
            let is_met = self.standings.get(place).is_some_and(Standing::was_met);
            self.former.is_some_and(|former| !former.contains(place)) && is_met
        };
        let mut settled = Settled::default();
        for bureau in self.hidden {
            let place = Some(*bureau);
            if self.whole.contains(bureau) || !was_shown(&place) {
                settled.withheld.insert(place);
            }
        }
        let has_to_wait = |place: &Place, is_free: bool| {
            let has_value = self.standings.contains_key(place);
            let has_to = self.former.map_or(self.adds_up, |former| has_value || former.contains(place));
            !is_free && has_to && !was_shown(place)
        };
        let changed = self.changed.bureaus().into_iter().map(Some).filter(|_| self.former.is_none());
        let places: BTreeSet<Place> = self.standings.keys().chain(self.former.into_iter().flatten()).copied().chain(changed).collect();
        for place in &places {
            let Some(bureau) = place else { continue };
            let is_free = self.changed.is_free(self.split, *bureau);
            if has_to_wait(place, is_free) {
                settled.withheld.insert(*place);
            }
            let is_shown = (is_free || self.former.is_none()) && !self.hidden.contains(bureau);
            if settled.withheld.contains(place) || is_shown {
                settled.renewed.insert(*place);
            }
        }
        let is_free = self.changed.is_office_free(self.split, self.company);
        let must_be_shown = self.is_published && !was_shown(&None);
        if !must_be_shown && (self.is_office_hidden && !was_shown(&None) || has_to_wait(&None, is_free)) {
            settled.withheld.insert(None);
            settled.renewed.insert(None);
        } else if must_be_shown || !self.is_office_hidden && (is_free || self.former.is_none()) {
            settled.renewed.insert(None);
        }
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(persons: i64) -> Persons {
        Persons { bureau: persons, office: persons }
    }

    fn changed(persons: &[(usize, i64)]) -> Changed {
        let mut changed = Changed::default();
        for (bureau, persons) in persons {
            changed.put((0, *bureau, 0), all(*persons));
        }
        changed
    }

    fn span(months: &[&[(usize, i64)]]) -> Changes {
        let names = YearMonth::range("2020-04".parse().unwrap(), "2021-03".parse().unwrap());
        Changes { months: names.zip(months.iter().map(|persons| changed(persons))).collect(), ..Changes::default() }
    }

    fn met() -> Standing {
        Standing { held: vec![uuid::Uuid::from_u128(2)], kept: vec![uuid::Uuid::from_u128(1)], is_met: false }
    }

    fn settle(hidden: &[usize], former: Option<&[usize]>, persons: &[(usize, i64)]) -> (Vec<Place>, Vec<Place>) {
        let standings = (0..4).map(Some).chain([None]).map(|place| (place, met())).collect();
        let hidden = hidden.iter().copied().collect();
        let former = former.map(|former| former.iter().map(|bureau| Some(*bureau)).collect());
        let case = Case {
            split: 0,
            hidden: &hidden,
            is_office_hidden: false,
            whole: &BTreeSet::new(),
            company: &BTreeSet::new(),
            former: former.as_ref(),
            standings: &standings,
            changed: &span(&[persons]),
            is_published: false,
            adds_up: false,
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
        let mut month = changed(&[(0, 9)]);
        month.put((1, 0, 0), all(3));
        month.put((1, 0, 1), all(6));
        let changed = Changes { months: [("2020-04".parse().unwrap(), month)].into(), ..Changes::default() };
        assert!(changed.is_free(0, 0) && changed.is_other(0, 0));
        assert!(!changed.is_free(1, 0) && !changed.is_other(1, 0));
        assert!(changed.is_free(1, 1) && !changed.is_other(1, 1));
    }

    #[test]
    fn a_span_waits_for_each_of_its_months() {
        // Six persons of two months are six of the span, but their months go on counting them.
        assert!(!span(&[&[(0, 3)], &[(0, 3)]]).is_free(0, 0) && !span(&[&[(0, 3)], &[(0, 3)]]).is_other(0, 0));
        assert!(!span(&[&[(0, 3)], &[(1, 3)], &[(2, 3)]]).is_office_free(0, &BTreeSet::new()));
        assert!(!span(&[&[(0, 3)], &[(1, 3)], &[(2, 3)]]).is_other_office(0));
        // Five of one month alone do not end what is withheld while another month's are few.
        assert!(!span(&[&[(0, 6)], &[(0, 1)]]).is_other(0, 0) && !span(&[&[(0, 6)], &[(1, 1)]]).is_other_office(0));
        assert!(span(&[&[(0, 6)], &[(1, 1)]]).is_other(0, 0), "another bureau's");
        assert!(span(&[&[(0, 6)], &[]]).is_other(0, 0) && span(&[&[(0, 6)], &[]]).is_other_office(0));
        assert!(span(&[&[(0, 5)], &[(0, 5)]]).is_other(0, 0));
        assert!(!span(&[&[], &[]]).is_other(0, 0) && !span(&[&[], &[]]).is_other_office(0), "nobody changed");
    }

    #[test]
    fn what_was_told_in_this_attempt_ends_what_was_withheld_and_frees_nothing() {
        let month: YearMonth = "2020-04".parse().unwrap();
        let told = |persons: i64, left: &[(usize, i64)]| Changes { told: [(month, changed(&[(0, persons)]))].into(), ..span(&[left]) };
        assert!(told(5, &[]).is_other(0, 0) && told(5, &[]).is_other_office(0));
        assert!(!told(4, &[]).is_other(0, 0));
        // Five that were told and one that was not are no six.
        assert!(
            !told(5, &[(0, 1)]).is_free(0, 0)
                && !told(5, &[(0, 1)]).is_other(0, 0)
                && !told(5, &[(0, 1)]).is_office_free(0, &BTreeSet::new())
        );
    }

    #[test]
    fn who_has_nothing_to_keep_is_withheld_until_all_may_be_met() {
        let standings = (0..4).map(Some).chain([None]).map(|place| (place, Standing { kept: Vec::new(), ..met() })).collect();
        let settle = |former: Option<&BTreeSet<Place>>, months: &[&[(usize, i64)]], is_published: bool, adds_up: bool| {
            let case = Case {
                split: 0,
                hidden: &BTreeSet::new(),
                is_office_hidden: false,
                whole: &BTreeSet::new(),
                company: &BTreeSet::new(),
                former,
                standings: &standings,
                changed: &span(months),
                is_published,
                adds_up,
            };
            let settled = case.settle();
            assert_eq!(settled.renewed.len(), 5, "what is withheld is as it stands now");
            settled.withheld.into_iter().collect::<Vec<_>>()
        };
        // A year to date that is decided for the first time, while a month in it keeps its value.
        assert_eq!(settle(None, &[&[], &[(1, 3)]], false, true), [None, Some(1)]);
        assert_eq!(settle(None, &[&[], &[(1, 3)]], true, true), [Some(1)], "the law publishes it");
        assert_eq!(settle(None, &[&[], &[(1, 3)]], false, false), [], "of distinct persons nothing follows");
        assert_eq!(settle(None, &[&[(2, 6)], &[]], false, true), [], "enough of them");
        // What was withheld and may not be met yet stays withheld, though the rule shows it.
        let former = [None, Some(1), Some(2)].into();
        assert_eq!(settle(Some(&former), &[&[(1, 6)], &[(1, 1)]], false, false), [None, Some(1)]);
    }

    #[test]
    fn the_office_tells_of_nobody_twice() {
        let mut month = changed(&[(1, 3), (2, 3), (3, 3)]);
        assert_eq!(month.closed(&BTreeSet::new()).into_values().map(|closed| closed[0]).collect::<Vec<_>>(), [Close::Office; 3]);
        // It has told of these nine; one more is not ten.
        let left = |told: i64, more: i64| Persons { bureau: told + more, office: more };
        let mut next = Changed::default();
        (1..4).for_each(|bureau| next.put((0, bureau, 0), left(3, 0)));
        assert!(next.is_office_free(0, &BTreeSet::new()));
        next.put((0, 1, 0), all(1));
        assert!(
            !next.is_office_free(0, &BTreeSet::new())
                && next.closed(&BTreeSet::new()).into_values().all(|closed| closed[0] == Close::Nothing)
        );
        // Nor may the bureau be met once it has five: the sum of all would tell of the two that the office does not.
        next.put((0, 1, 0), all(1));
        assert!(!next.is_free(0, 1));
        next.put((0, 1, 0), all(3));
        assert!(next.is_free(0, 1) && next.is_office_free(0, &BTreeSet::new()));
        // Who moves from bureau to bureau is one person of the office.
        month.put_twice(0, 0, 4);
        assert!(!month.is_office_free(0, &BTreeSet::new()));
    }

    #[test]
    fn a_bureau_of_few_is_told_of_among_others_that_are_out_of_sight() {
        let month = changed(&[(0, 3), (1, 9), (2, 9)]);
        let free = |company: &[usize]| month.is_office_free(0, &company.iter().copied().collect());
        assert!(!free(&[]) && !free(&[0]), "its three alone");
        assert!(!free(&[0, 1]), "who knows the other bureau knows them");
        assert!(free(&[0, 1, 2]));
    }

    #[test]
    fn the_office_by_sex_waits_for_its_total() {
        let mut month = changed(&[(0, 3)]);
        (0..3).for_each(|bureau| month.put((1, bureau, 0), all(3)));
        assert!(!month.is_office_free(1, &BTreeSet::new()));
        (1..3).for_each(|bureau| month.put((0, bureau, 0), all(3)));
        assert!(month.is_office_free(1, &BTreeSet::new()));
    }
}

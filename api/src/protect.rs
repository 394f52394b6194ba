//! Protected figures: what those may see of a bureau's figures who may not see its persons. Pure.
//!
//! The unit of protection is a *split*: the figures of one bureau (or of the office) as a total, by sex, or by rank band. Where any cell of
//! a split rests on 1 to 4 people, the whole split is withheld; so is everything of a bureau that appears in the office's total alone, or has
//! 1 to 4 people. A bureau that is withheld by itself would follow from the office's figure by subtraction, so a second one goes with it: one
//! for the month and for all its indicators ([`Base`]), for two indicators with different ones would tell both. A sum or count over months is
//! withheld with each month in it, or the month would follow from two of them. What is withheld together is never so little that it tells of
//! 1 to 4 people. Source: `DOMAIN.md`'s disclosure rules, n = 5, applied at reading; the release has a method of its own. Deliberately absent:
//! rounding, which is the figures', relations between indicators other than their common people, and the crossing of sex and band, which is
//! never shown.

use std::collections::{BTreeMap, BTreeSet};

/// A figure that rests on fewer people than this, but on one, is withheld.
const FEWEST: i64 = 5;

/// How the figures of a bureau are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Not at all.
    Total,
    /// By sex.
    BySex,
    /// By rank band.
    ByBand,
}

impl Split {
    /// All of them, what the others add up to first.
    const ALL: [Self; 3] = [Self::Total, Self::BySex, Self::ByBand];
}

/// One cell, and on how many people it rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The bureau's code; `None` for the office.
    pub bureau: Option<String>,
    /// The split that it belongs to.
    pub split: Split,
    /// Which of the split's cells it is.
    pub member: String,
    /// Distinct people behind the numerator.
    pub numerator: i64,
    /// Distinct people behind the denominator.
    pub denominator: i64,
}

/// What is withheld: a bureau's code (`None` for the office) and the split.
pub type Withheld = BTreeSet<(Option<String>, Split)>;

/// How many people a bureau has in a month: in the census, and subject to overtime.
pub type Size = [i64; 2];

/// What is withheld of all figures of a month, and who goes next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base {
    /// Bureaus of which nothing is shown.
    pub hidden: BTreeSet<String>,
    /// The others that have anybody and whose persons the actor may not see, the smallest first.
    order: Vec<String>,
    /// Whether there were not enough of them, so that the office's figures go.
    is_alone: bool,
}

impl Base {
    /// Those that appear in the office's total alone, or are small, with as many others as it takes that none follows from the rest.
    ///
    /// `sizes` holds every bureau that has anybody or appears in the total alone; `reads` says whose persons the actor may see.
    #[must_use]
    pub fn of(sizes: &BTreeMap<String, Size>, reads: impl Fn(&str) -> bool, hidden: impl Fn(&str) -> bool) -> Self {
        let unread = || sizes.iter().filter(|(bureau, _)| !reads(bureau));
        let hides = |bureau: &str, size: &Size| hidden(bureau) || size.iter().any(|people| is_few(*people));
        let whole = unread().filter(|(bureau, size)| hides(bureau, size)).map(|(bureau, _)| bureau.clone()).collect();
        let mut base = Self { hidden: whole, ..Self::default() };
        let mut others: Vec<_> = unread().filter(|(bureau, size)| size[0] > 0 && !base.hidden.contains(*bureau)).collect();
        others.sort_by_key(|(bureau, size)| (size[0], *bureau));
        base.order = others.into_iter().map(|(bureau, _)| bureau.clone()).collect();
        // Before anything was computed there is nothing to tell.
        let any = sizes.values().any(|size| size[0] > 0);
        while any && !base.hidden.is_empty() && !base.is_alone && base.tells(sizes) {
            if base.order.is_empty() {
                base.is_alone = true;
            } else {
                base.hidden.insert(base.order.remove(0));
            }
        }
        base
    }

    /// Whether the people of the hidden bureaus together tell of one of them.
    fn tells(&self, sizes: &BTreeMap<String, Size>) -> bool {
        let of =
            |population: usize| self.hidden.iter().filter_map(move |bureau| Some(sizes.get(bureau)?[population])).filter(|size| *size > 0);
        let bureaus = i64::try_from(of(0).count()).unwrap_or(i64::MAX);
        bureaus < 2 || of(0).sum::<i64>() < bureaus + FEWEST - 1 || is_few(of(1).sum())
    }

    /// Of several months together.
    #[must_use]
    pub fn joined(months: &[&Self]) -> Self {
        let hidden: BTreeSet<String> = months.iter().flat_map(|base| base.hidden.iter().cloned()).collect();
        let order = months.last().into_iter().flat_map(|base| &base.order).filter(|bureau| !hidden.contains(*bureau)).cloned().collect();
        Self { hidden, order, is_alone: months.iter().any(|base| base.is_alone) }
    }
}

/// What of one indicator, span and month is withheld from an actor.
///
/// `base` is what is withheld of the month whatever the indicator, `months` what is withheld of the span's months, and `published` whether the
/// office's own figure is published whatever its size, as the Act has it for hires.
pub fn withheld(cells: &[Cell], base: &Base, months: &Withheld, reads: impl Fn(&str) -> bool, published: bool) -> Withheld {
    let is_public = |split| published && split == Split::Total;
    let mut small: BTreeMap<Split, BTreeSet<&str>> = BTreeMap::new();
    let mut office: BTreeSet<Split> = BTreeSet::new();
    for cell in cells.iter().filter(|cell| is_small(cell)) {
        // Who does not see the total does not see its parts, which add up to it.
        let parts = Split::ALL.into_iter().filter(|split| *split == cell.split || cell.split == Split::Total);
        match &cell.bureau {
            None => office.extend(parts.filter(|split| !is_public(*split))),
            Some(bureau) if !reads(bureau) => parts.for_each(|split| _ = small.entry(split).or_default().insert(bureau)),
            Some(_) => {}
        }
    }
    let mut found = months.clone();
    let mut of_total = BTreeSet::new();
    for split in Split::ALL {
        let own = small.remove(&split).unwrap_or_default();
        let before = months.iter().filter(|(_, of)| *of == split).filter_map(|(bureau, _)| bureau.as_deref());
        let mut hidden: BTreeSet<&str> = base.hidden.iter().map(String::as_str).chain(before).chain(own.iter().copied()).collect();
        hidden.extend(&of_total);
        let mut gone = office.contains(&split) || months.contains(&(None, split));
        if !hidden.is_empty() && !gone {
            gone = base.is_alone;
            // The first that is not small itself: with each that is small the same one is withheld, whatever the indicator.
            if base.hidden.is_empty() && !own.is_empty() {
                match base.order.iter().find(|bureau| !own.contains(bureau.as_str())) {
                    Some(second) => _ = hidden.insert(second),
                    None => gone = true,
                }
            }
            while !gone && tells(cells, split, &hidden, !base.hidden.is_empty()) {
                let next = base.order.iter().find(|bureau| !hidden.contains(bureau.as_str()));
                match next {
                    Some(next) => _ = hidden.insert(next),
                    None => gone = true,
                }
            }
        }
        found.extend(hidden.iter().map(|bureau| (Some((*bureau).to_owned()), split)));
        if gone && !is_public(split) {
            found.extend(Split::ALL.into_iter().filter(|of| *of == split || split == Split::Total).map(|of| (None, of)));
        }
        if split == Split::Total {
            of_total = hidden;
        }
    }
    found
}

/// Whether what is left of the office's figures for the hidden bureaus together tells of 1 to 4 people, or that they have none.
fn tells(cells: &[Cell], split: Split, hidden: &BTreeSet<&str>, always: bool) -> bool {
    let mut office = false;
    let mut left: BTreeMap<&str, (i64, i64, usize)> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.split == split) {
        match &cell.bureau {
            None => office |= cell.denominator > 0,
            Some(bureau) if hidden.contains(bureau.as_str()) => {
                let sum = left.entry(&cell.member).or_default();
                let is_there = cell.numerator > 0 || cell.denominator > 0;
                *sum = (sum.0 + cell.numerator, sum.1 + cell.denominator, sum.2 + usize::from(is_there));
            }
            Some(_) => {}
        }
    }
    let nobody = split == Split::Total && always && office && left.values().all(|(_, people, _)| *people == 0);
    // A bureau without people has no row, which everybody sees: what one alone has is the rest.
    let alone = |there: usize| always && there == 1;
    let few = |(numerator, denominator, there): &(i64, i64, usize)| {
        alone(*there) || is_few(*numerator) || is_few(*denominator) || is_few(denominator - numerator)
    };
    nobody || left.values().any(few)
}

/// Whose counts of people are withheld (`None`: the office's), of counts by bureau that add up to the office's.
///
/// A count of 1 to 4 goes, and so does every bureau of which nothing is shown. What is withheld follows from the office's count by subtraction
/// as a sum: so others go with it, the smallest first, until at least two bureaus are withheld and each of them might hold 5 or more of that
/// sum; where there are no others, the office's count goes.
pub fn withheld_counts(people: &BTreeMap<&str, i64>, base: &Base, reads: impl Fn(Option<&str>) -> bool) -> BTreeSet<Option<String>> {
    let unread = || people.iter().filter(|(bureau, _)| !reads(Some(bureau)));
    let goes = |bureau: &str, people: i64| is_few(people) || base.hidden.contains(bureau);
    let mut found: BTreeSet<&str> = unread().filter(|(bureau, people)| goes(bureau, **people)).map(|(bureau, _)| *bureau).collect();
    let mut all = BTreeSet::new();
    if !reads(None) {
        if is_few(people.values().sum()) {
            all.insert(None);
        }
        while !found.is_empty() && !all.contains(&None) {
            let bureaus = i64::try_from(found.len()).unwrap_or(i64::MAX);
            let sum: i64 = found.iter().filter_map(|bureau| people.get(bureau)).sum();
            if bureaus > 1 && sum >= bureaus + FEWEST - 1 {
                break;
            }
            let others = unread().filter(|(bureau, people)| **people > 0 && !found.contains(*bureau));
            match others.min_by_key(|(bureau, people)| (**people, **bureau)) {
                Some((bureau, _)) => _ = found.insert(bureau),
                None => _ = all.insert(None),
            }
        }
    }
    all.extend(found.into_iter().map(|bureau| Some(bureau.to_owned())));
    all
}

fn is_few(people: i64) -> bool {
    (1..FEWEST).contains(&people)
}

/// A group of 1 to 4 on either side of the quotient, or left over between them; 0 % and 100 % of a large group disclose no single person.
fn is_small(cell: &Cell) -> bool {
    [cell.numerator, cell.denominator, cell.denominator - cell.numerator].into_iter().any(is_few)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    const CODES: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];

    fn cell(bureau: &str, split: Split, numerator: i64, denominator: i64) -> Cell {
        let bureau = (bureau != "TOTAL").then(|| bureau.to_owned());
        Cell { bureau, split, member: String::new(), numerator, denominator }
    }

    fn of(cell: Cell, member: &str) -> Cell {
        Cell { member: member.to_owned(), ..cell }
    }

    fn base(sizes: &[(&str, i64)], reads: &str, hidden: &str) -> Base {
        let sizes = sizes.iter().map(|(code, people)| ((*code).to_owned(), [*people; 2])).collect();
        Base::of(&sizes, |code| reads.contains(code), |code| hidden.contains(code))
    }

    fn names(found: &Withheld) -> Vec<String> {
        found.iter().map(|(bureau, split)| format!("{} {split:?}", bureau.as_deref().unwrap_or("TOTAL"))).collect()
    }

    fn shown(cells: &[Cell], base: &Base, reads: &str) -> Vec<String> {
        names(&withheld(cells, base, &Withheld::new(), |code| reads.contains(code), false))
    }

    #[test]
    fn a_small_bureau_takes_a_second_one_with_it() {
        let cells = [
            cell("TOTAL", Split::Total, 30, 103),
            cell("A", Split::Total, 1, 3),
            cell("B", Split::Total, 10, 40),
            cell("C", Split::Total, 19, 60),
        ];
        let sizes = [("A", 3), ("B", 40), ("C", 60)];
        assert_eq!(shown(&cells, &base(&sizes, "", ""), ""), ["A Total", "A BySex", "A ByBand", "B Total", "B BySex", "B ByBand"]);
        // Who reads B's persons could subtract B, so C goes instead.
        assert_eq!(shown(&cells, &base(&sizes, "B", ""), "B"), ["A Total", "A BySex", "A ByBand", "C Total", "C BySex", "C ByBand"]);
        assert!(shown(&cells, &base(&sizes, "ABC", ""), "ABC").is_empty());
    }

    #[test]
    fn one_small_cell_hides_its_whole_split_and_no_more() {
        let cells = [
            cell("A", Split::Total, 20, 60),
            of(cell("A", Split::BySex, 4, 10), "F"),
            of(cell("A", Split::BySex, 16, 50), "M"),
            cell("B", Split::Total, 20, 50),
            of(cell("B", Split::BySex, 10, 20), "F"),
            of(cell("B", Split::BySex, 10, 30), "M"),
        ];
        assert_eq!(shown(&cells, &base(&[("A", 60), ("B", 50), ("C", 90)], "", ""), ""), ["A BySex", "B BySex"]);
    }

    #[test]
    fn a_bureau_of_the_total_alone_never_shows_and_is_not_left_over() {
        let cells = [cell("TOTAL", Split::Total, 50, 160), cell("A", Split::Total, 20, 60), cell("B", Split::Total, 30, 100)];
        let found = shown(&cells, &base(&[("A", 60), ("B", 100)], "", "A"), "");
        assert!(
            found.contains(&"A Total".to_owned()) && found.contains(&"B Total".to_owned()) && !found.contains(&"TOTAL Total".to_owned())
        );
        let only = [cell("TOTAL", Split::Total, 20, 60), cell("A", Split::Total, 20, 60)];
        assert!(shown(&only, &base(&[("A", 60)], "", "A"), "").contains(&"TOTAL Total".to_owned()));
        // Who reads it needs no second one, and two that have people are enough, unless one of them is empty.
        assert_eq!(base(&[("A", 60), ("B", 100)], "A", "A").hidden.len(), 0);
        assert_eq!(base(&[("A", 60), ("B", 100), ("C", 9)], "", "AB").hidden, ["A", "B"].map(str::to_owned).into());
        assert_eq!(base(&[("A", 60), ("B", 0), ("C", 9)], "", "AB").hidden, ["A", "B", "C"].map(str::to_owned).into());
        assert_eq!(base(&[("A", 2), ("B", 2), ("C", 9)], "", "").hidden, ["A", "B", "C"].map(str::to_owned).into());
    }

    #[test]
    fn the_second_one_is_the_same_for_every_indicator() {
        let base = base(&[("H", 20), ("P", 12), ("Q", 15), ("R", 30)], "", "H");
        assert_eq!(base.hidden, ["H", "P"].map(str::to_owned).into());
        // P has none of these, and goes all the same.
        let few = [
            cell("TOTAL", Split::Total, 30, 37),
            cell("H", Split::Total, 7, 7),
            cell("Q", Split::Total, 9, 15),
            cell("R", Split::Total, 14, 15),
        ];
        assert!(shown(&few, &base, "").contains(&"P Total".to_owned()));
        // With R, of which a numerator is small, P goes as everywhere.
        let other = [
            cell("TOTAL", Split::Total, 20, 77),
            cell("H", Split::Total, 0, 20),
            cell("P", Split::Total, 6, 12),
            cell("Q", Split::Total, 6, 15),
            cell("R", Split::Total, 2, 30),
        ];
        let found = shown(&other, &base, "");
        assert!(
            ["H Total", "P Total", "R Total"].iter().all(|name| found.contains(&(*name).to_owned()))
                && !found.contains(&"Q Total".to_owned())
        );
    }

    #[test]
    fn what_is_left_tells_of_nobody() {
        let base = base(&[("H", 20), ("P", 12), ("Q", 15), ("R", 30)], "", "H");
        // Of H and P together two, so that a third one goes with them.
        let cells = [
            cell("TOTAL", Split::Total, 20, 47),
            cell("H", Split::Total, 2, 2),
            cell("Q", Split::Total, 6, 15),
            cell("R", Split::Total, 12, 30),
        ];
        let found = shown(&cells, &base, "");
        assert!(
            found.contains(&"Q Total".to_owned()) && !found.contains(&"R Total".to_owned()) && !found.contains(&"TOTAL Total".to_owned())
        );
        // That H has none is not told either.
        let none = [cell("TOTAL", Split::Total, 18, 45), cell("Q", Split::Total, 6, 15), cell("R", Split::Total, 12, 30)];
        assert!(shown(&none, &base, "").contains(&"Q Total".to_owned()));
    }

    #[test]
    fn a_sum_is_withheld_with_its_months() {
        let base = base(&[("P", 12), ("Q", 15), ("R", 30)], "", "");
        let cells = [
            cell("TOTAL", Split::Total, 30, 57),
            cell("P", Split::Total, 6, 12),
            cell("Q", Split::Total, 7, 15),
            cell("R", Split::Total, 14, 30),
        ];
        let months = Withheld::from([(Some("Q".to_owned()), Split::Total), (None, Split::ByBand)]);
        let found = withheld(&cells, &base, &months, |_| false, false);
        assert!(found.is_superset(&months) && !found.contains(&(None, Split::Total)));
        assert!(withheld(&cells, &base, &Withheld::new(), |_| false, false).is_empty());
    }

    fn counts(people: &[(&'static str, i64)], reads: &[&str], hidden: &str) -> Vec<String> {
        let people: BTreeMap<&str, i64> = people.iter().copied().collect();
        let base = Base {
            hidden: people.keys().filter(|code| hidden.contains(**code)).map(|code| (*code).to_owned()).collect(),
            ..Base::default()
        };
        let found = withheld_counts(&people, &base, |bureau| bureau.is_some_and(|bureau| reads.contains(&bureau)));
        found.into_iter().map(|bureau| bureau.unwrap_or_else(|| "TOTAL".to_owned())).collect()
    }

    #[test]
    fn few_flagged_people_are_withheld_with_a_second_bureau() {
        assert_eq!(counts(&[("A", 2), ("B", 7), ("C", 9)], &[], ""), ["A", "B"]);
        assert_eq!(counts(&[("A", 2), ("B", 7), ("C", 9)], &["B"], ""), ["A", "C"], "who reads B could subtract it");
        assert_eq!(counts(&[("A", 2), ("B", 7), ("C", 9)], &["A"], ""), [""; 0]);
        assert_eq!(counts(&[("A", 1), ("B", 1), ("C", 9)], &[], ""), ["A", "B", "C"], "two that add up to 2 are one each");
        assert_eq!(counts(&[("A", 3)], &[], ""), ["TOTAL", "A"]);
        assert_eq!(counts(&[("A", 3), ("B", 9)], &["B"], ""), ["TOTAL", "A"]);
        assert_eq!(counts(&[("A", 8), ("H", 0)], &[], "H"), ["A", "H"], "not even that it has none");
        assert_eq!(counts(&[("A", 8), ("H", 0), ("P", 9)], &[], "HP"), ["H", "P"], "the second bureau of the month goes");
        assert_eq!(counts(&[("A", 8), ("B", 9)], &[], "H"), [""; 0]);
    }

    #[test]
    fn the_acts_figure_of_the_office_is_published() {
        let cells = [cell("TOTAL", Split::Total, 4, 7), cell("A", Split::Total, 4, 7)];
        let base = base(&[("A", 20), ("B", 30)], "", "");
        let of = |published| names(&withheld(&cells, &base, &Withheld::new(), |_| false, published));
        assert!(!of(true).contains(&"TOTAL Total".to_owned()) && of(true).contains(&"A Total".to_owned()));
        assert!(of(false).contains(&"TOTAL Total".to_owned()));
    }

    proptest! {
        /// Of no withheld bureau does anybody who knows the rest learn that it has fewer than five.
        #[test]
        fn no_count_follows_from_the_others(sizes in prop::collection::vec(0..12i64, 1..8)) {
            let people: BTreeMap<&str, i64> = CODES.into_iter().zip(sizes).filter(|(_, people)| *people > 0).collect();
            let found = withheld_counts(&people, &Base::default(), |_| false);
            let gone: Vec<i64> = people.iter().filter(|(code, _)| found.contains(&Some((**code).to_owned()))).map(|(_, size)| *size).collect();
            prop_assert!(people.iter().all(|(code, size)| *size >= FEWEST || found.contains(&Some((*code).to_owned()))));
            // The others have one at least.
            let most = gone.iter().sum::<i64>() - (i64::try_from(gone.len()).unwrap() - 1);
            prop_assert!(gone.is_empty() || found.contains(&None) || gone.len() > 1 && most >= FEWEST);
        }

        /// No bureau that is withheld can be had by taking the others from the office's figure, in one indicator or in several that have their
        /// people in common: with each there is one that is withheld wherever it is.
        #[test]
        fn nothing_is_left_over(
            denominators in prop::collection::vec(0..14i64, 2..8), numerators in prop::collection::vec(prop::collection::vec(0..14i64, 8), 1..4),
            hidden in prop::sample::select(vec!["", "A", "AB", "C"])
        ) {
            let sizes: Vec<_> = CODES.into_iter().zip(denominators.iter().copied()).collect();
            let base = base(&sizes, "", hidden);
            let mut common: Option<Vec<BTreeSet<Option<String>>>> = None;
            for numerators in numerators {
                let sides = || sizes.iter().zip(&numerators).map(|((code, people), numerator)| (*code, *numerator.min(people), *people));
                let mut cells: Vec<Cell> = sides().filter(|side| side.2 > 0).map(|(code, numerator, people)| cell(code, Split::Total, numerator, people)).collect();
                cells.push(cell("TOTAL", Split::Total, sides().map(|side| side.1).sum(), sides().map(|side| side.2).sum()));
                let found = withheld(&cells, &base, &Withheld::new(), |_| false, false);
                for cell in cells.iter().filter(|cell| is_small(cell)) {
                    prop_assert!(found.contains(&(cell.bureau.clone(), Split::Total)));
                }
                let gone: BTreeSet<Option<String>> = found.into_iter().filter(|(_, split)| *split == Split::Total).map(|(bureau, _)| bureau).collect();
                common.get_or_insert_default().push(gone);
            }
            // A bureau that is small by its people is withheld in each; so is another one, or the office's figure, in the same ones.
            for (code, people) in sizes.iter().filter(|(code, people)| is_few(*people) || hidden.contains(*code) && *people > 0) {
                let all: Vec<_> = common.iter().flatten().collect();
                prop_assert!(all.iter().all(|gone| gone.contains(&Some((*code).to_owned()))), "{code} {people}");
                let with = |other: &Option<String>| all.iter().all(|gone| gone.contains(other));
                let others = sizes.iter().filter(|other| other.0 != *code && other.1 > 0).map(|other| Some(other.0.to_owned()));
                prop_assert!(others.chain([None]).any(|other| with(&other)), "{code}");
            }
        }
    }
}

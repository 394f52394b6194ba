//! Protected figures: what those may see of a bureau's figures who may not see its persons. Pure.
//!
//! The unit of protection is a *split*: the figures of one bureau (or of the office) as a total, by sex, or by rank band. Where any cell of
//! a split rests on 1 to 4 people, the whole split is withheld; so is everything of a bureau that appears in the office's total alone. A
//! single withheld bureau would follow from the office's figure by subtraction, so a second one goes with it. A sum over months is withheld
//! with each month in it, or the month would follow from two sums. Source: `DOMAIN.md`'s disclosure rules, n = 5, applied at reading; the
//! release has a method of its own. Deliberately absent: rounding, and the crossing of sex and band, which is never shown.

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

/// One cell, and on how many people it rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The bureau's code; `None` for the office.
    pub bureau: Option<String>,
    /// The split that it belongs to.
    pub split: Split,
    /// Distinct people behind the numerator.
    pub numerator: i64,
    /// Distinct people behind the denominator.
    pub denominator: i64,
}

/// What is withheld: a bureau's code (`None` for the office) and the split.
pub type Withheld = BTreeSet<(Option<String>, Split)>;

/// What of one indicator, span and month is withheld from an actor.
///
/// `reads` says whose persons the actor may see (`None`: the office's), `hidden` which bureaus appear in the office's total alone, and
/// `published` whether the office's own figure is published whatever its size, as the Act has it for hires.
pub fn withheld(cells: &[Cell], reads: impl Fn(Option<&str>) -> bool, hidden: impl Fn(&str) -> bool, published: bool) -> Withheld {
    let mut found = Withheld::new();
    let mut sizes: BTreeMap<&str, i64> = BTreeMap::new();
    for cell in cells {
        let office = cell.bureau.is_none();
        if let (Some(bureau), Split::Total) = (&cell.bureau, cell.split) {
            sizes.insert(bureau, cell.denominator);
        }
        if reads(cell.bureau.as_deref()) || (office && published && cell.split == Split::Total) {
            continue;
        }
        if is_small(cell) || cell.bureau.as_deref().is_some_and(&hidden) {
            found.insert((cell.bureau.clone(), cell.split));
        }
    }
    // Who does not see the total does not see its parts, which add up to it.
    let totals: Vec<_> = found.iter().filter(|(_, split)| *split == Split::Total).map(|(bureau, _)| bureau.clone()).collect();
    for bureau in totals {
        found.extend([(bureau.clone(), Split::BySex), (bureau, Split::ByBand)]);
    }
    if reads(None) {
        return found;
    }
    for split in [Split::Total, Split::BySex, Split::ByBand] {
        hide_a_second(&mut found, split, &sizes, &reads);
    }
    found
}

/// Where one bureau alone is withheld, the smallest of the others that have anybody goes with it; where there is none, the office's figure.
fn hide_a_second(found: &mut Withheld, split: Split, sizes: &BTreeMap<&str, i64>, reads: &impl Fn(Option<&str>) -> bool) {
    let withheld = found.iter().filter(|(bureau, of)| bureau.is_some() && *of == split).count();
    if withheld != 1 || found.contains(&(None, split)) {
        return;
    }
    let others =
        sizes.iter().filter(|(bureau, size)| **size > 0 && !reads(Some(bureau)) && !found.contains(&(Some((**bureau).to_owned()), split)));
    let second = others.min_by_key(|(bureau, size)| (**size, **bureau)).map(|(bureau, _)| (*bureau).to_owned());
    match (second, split) {
        (Some(bureau), Split::Total) => {
            found.extend([Split::Total, Split::BySex, Split::ByBand].map(|split| (Some(bureau.clone()), split)));
        }
        (bureau, split) => {
            found.insert((bureau, split));
        }
    }
}

/// Whose counts of people are withheld (`None`: the office's), of counts by bureau that add up to the office's.
///
/// A count of 1 to 4 goes, and so does every bureau that appears in the office's total alone. What is withheld follows from the office's count
/// by subtraction as a sum: so others go with it, the smallest first, until at least two bureaus are withheld and each of them might hold 5 or
/// more of that sum; where there are no others, the office's count goes.
pub fn withheld_counts(
    people: &BTreeMap<&str, i64>,
    reads: impl Fn(Option<&str>) -> bool,
    hidden: impl Fn(&str) -> bool,
) -> BTreeSet<Option<String>> {
    let is_few = |people: i64| (1..FEWEST).contains(&people);
    let unread = || people.iter().filter(|(bureau, _)| !reads(Some(bureau)));
    let mut found: BTreeSet<&str> =
        unread().filter(|(bureau, people)| is_few(**people) || hidden(bureau)).map(|(bureau, _)| *bureau).collect();
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

/// A group of 1 to 4 on either side of the quotient, or left over between them; 0 % and 100 % of a large group disclose no single person.
fn is_small(cell: &Cell) -> bool {
    let rest = cell.denominator - cell.numerator;
    [cell.numerator, cell.denominator, rest].iter().any(|people| (1..FEWEST).contains(people))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    fn cell(bureau: &str, split: Split, numerator: i64, denominator: i64) -> Cell {
        let bureau = (bureau != "TOTAL").then(|| bureau.to_owned());
        Cell { bureau, split, numerator, denominator }
    }

    fn names(found: &Withheld) -> Vec<String> {
        found.iter().map(|(bureau, split)| format!("{} {split:?}", bureau.as_deref().unwrap_or("TOTAL"))).collect()
    }

    #[test]
    fn a_small_bureau_takes_a_second_one_with_it() {
        let cells = [
            cell("TOTAL", Split::Total, 30, 103),
            cell("A", Split::Total, 1, 3),
            cell("B", Split::Total, 10, 40),
            cell("C", Split::Total, 19, 60),
        ];
        let found = withheld(&cells, |_| false, |_| false, false);
        assert_eq!(names(&found), ["A Total", "A BySex", "A ByBand", "B Total", "B BySex", "B ByBand"]);
        // Who reads B's persons could subtract B, so C goes instead.
        let found = withheld(&cells, |bureau| bureau == Some("B"), |_| false, false);
        assert_eq!(names(&found), ["A Total", "A BySex", "A ByBand", "C Total", "C BySex", "C ByBand"]);
        assert!(withheld(&cells, |_| true, |_| false, false).is_empty());
    }

    #[test]
    fn one_small_cell_hides_its_whole_split_and_no_more() {
        let cells = [
            cell("A", Split::Total, 20, 60),
            cell("A", Split::BySex, 4, 10),
            cell("A", Split::BySex, 16, 50),
            cell("B", Split::Total, 20, 50),
            cell("B", Split::BySex, 10, 20),
        ];
        let found = withheld(&cells, |_| false, |_| false, false);
        assert_eq!(names(&found), ["A BySex", "B BySex"]);
    }

    #[test]
    fn a_bureau_of_the_total_alone_never_shows_and_is_not_left_over() {
        let cells = [cell("TOTAL", Split::Total, 50, 160), cell("A", Split::Total, 20, 60), cell("B", Split::Total, 30, 100)];
        let found = withheld(&cells, |_| false, |bureau| bureau == "A", false);
        assert!(found.contains(&(Some("A".into()), Split::Total)) && found.contains(&(Some("B".into()), Split::Total)));
        let only = [cell("TOTAL", Split::Total, 20, 60), cell("A", Split::Total, 20, 60)];
        assert!(withheld(&only, |_| false, |_| true, false).contains(&(None, Split::Total)));
    }

    fn counts(people: &[(&'static str, i64)], reads: &[&str], hidden: &str) -> Vec<String> {
        let people = people.iter().copied().collect();
        let found = withheld_counts(&people, |bureau| bureau.is_some_and(|bureau| reads.contains(&bureau)), |bureau| bureau == hidden);
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
        assert_eq!(counts(&[("A", 8), ("B", 9)], &[], "H"), [""; 0]);
    }

    #[test]
    fn the_acts_figure_of_the_office_is_published() {
        let cells = [cell("TOTAL", Split::Total, 4, 7)];
        assert!(withheld(&cells, |_| false, |_| false, true).is_empty());
        assert_eq!(withheld(&cells, |_| false, |_| false, false).len(), 3);
    }

    proptest! {
        /// Of no withheld bureau does anybody who knows the rest learn that it has fewer than five.
        #[test]
        fn no_count_follows_from_the_others(sizes in prop::collection::vec(0..12i64, 1..8)) {
            const CODES: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];
            let people: BTreeMap<&str, i64> = CODES.into_iter().zip(sizes).filter(|(_, people)| *people > 0).collect();
            let found = withheld_counts(&people, |_| false, |_| false);
            let gone: Vec<i64> = people.iter().filter(|(code, _)| found.contains(&Some((**code).to_owned()))).map(|(_, size)| *size).collect();
            prop_assert!(people.iter().all(|(code, size)| *size >= FEWEST || found.contains(&Some((*code).to_owned()))));
            // The others have one at least.
            let most = gone.iter().sum::<i64>() - (i64::try_from(gone.len()).unwrap() - 1);
            prop_assert!(gone.is_empty() || found.contains(&None) || gone.len() > 1 && most >= FEWEST);
        }

        /// No bureau that is withheld can be had by taking the others from the office's figure.
        #[test]
        fn nothing_is_left_over(sizes in prop::collection::vec((0..12i64, 0..12i64), 2..8)) {
            let mut cells: Vec<Cell> = sizes.iter().enumerate()
                .map(|(index, (numerator, rest))| cell(&format!("B{index}"), Split::Total, *numerator, numerator + rest)).collect();
            cells.push(cell("TOTAL", Split::Total, sizes.iter().map(|s| s.0).sum(), sizes.iter().map(|s| s.0 + s.1).sum()));
            let found = withheld(&cells, |_| false, |_| false, false);
            let bureaus = found.iter().filter(|(bureau, split)| bureau.is_some() && *split == Split::Total).count();
            prop_assert!(bureaus != 1 || found.contains(&(None, Split::Total)));
            for cell in cells.iter().filter(|cell| is_small(cell)) {
                prop_assert!(found.contains(&(cell.bureau.clone(), Split::Total)));
            }
        }
    }
}

//! The rule against an attacker who knows no rule: the linear programs of the release's method, which share nothing with this one, with all persons
//! of any one bureau known besides.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::needless_for_each)]

use super::rule::{Grid, Hidden, Month, Rule, Table, decide};
use crate::follow_up::disclosure::{self, Cell, Members, Number};
use proptest::prelude::*;
use std::{collections::BTreeSet, time::Instant};

const SEXES: usize = 2;
const BANDS: usize = 3;
const ALL: Members = Members::ALL;

/// People of a bureau by sex and band, and those of them whom a numerator counts.
type Bureau = [[(i64, i64); BANDS]; SEXES];

fn month(bureaus: &[Bureau], closed: &[usize]) -> Month {
    let table = |of: &dyn Fn((i64, i64)) -> i64, wholes: Vec<usize>| {
        let mut grids = [1, SEXES, BANDS].map(|members| Grid::new(bureaus.len(), members));
        for (place, bureau) in bureaus.iter().enumerate() {
            for (sex, bands) in bureau.iter().enumerate() {
                for (band, people) in bands.iter().enumerate() {
                    for (split, member) in [0, sex, band].into_iter().enumerate() {
                        let grid = &mut grids[split];
                        grid.people[place * grid.members + member] += of(*people);
                        grid.office[member] += of(*people);
                    }
                }
            }
        }
        Table { grids: grids.map(Some), wholes, counts: true, ..Table::default() }
    };
    let tables = vec![table(&|people| people.0, vec![]), table(&|people| people.1, vec![0])];
    let sizes = bureaus.iter().map(|bureau| bureau.iter().flatten().map(|people| people.0).sum()).collect();
    Month { sizes, closed: closed.iter().copied().collect(), known: BTreeSet::new(), tables }
}

/// The numbers that readers meet, each with whether it is withheld and whose it is.
fn numbers(month: &Month, hidden: &[Hidden]) -> Vec<(Number, bool, Option<usize>)> {
    let mut numbers = Vec::new();
    let member = |split: usize, member: usize| match split {
        1 => (Members::one(u16::try_from(member).unwrap()), ALL),
        2 => (ALL, Members::one(u16::try_from(member).unwrap())),
        _ => (ALL, ALL),
    };
    for (table, hidden) in hidden.iter().enumerate() {
        // A figure shows both its sides or neither.
        let is_gone = |split: usize, bureau: Option<usize>| match bureau {
            Some(bureau) => hidden.bureaus[split].contains(&bureau),
            None => hidden.office[split],
        };
        for (split, members) in [1, SEXES, BANDS].into_iter().enumerate() {
            for at in 0..members {
                for bureau in (0..month.sizes.len()).map(Some).chain([None]) {
                    let bureaus = bureau.map_or(ALL, |bureau| Members::one(u16::try_from(bureau).unwrap()));
                    let (sexes, bands) = member(split, at);
                    let number = Number { table, bureaus, sexes, bands, threshold: 0, earlier: None, follows: None };
                    numbers.push((number, is_gone(split, bureau), bureau));
                }
            }
        }
    }
    numbers
}

/// What an attacker finds who knows all persons of a bureau, or nobody's: small counts that they know too closely, and withheld ones that they
/// know but that are no nil.
fn found(bureaus: &[Bureau], month: &Month, hidden: &[Hidden], known: Option<usize>) -> Vec<String> {
    let tables: Vec<disclosure::Table> = (0..2)
        .map(|table| {
            let mut cells = Vec::new();
            for (bureau, sexes) in bureaus.iter().enumerate() {
                for (sex, bands) in sexes.iter().enumerate() {
                    for (band, people) in bands.iter().enumerate() {
                        let persons = if table == 0 { people.0 } else { people.1 };
                        let [bureau, sex, band] = [bureau, sex, band].map(|member| u8::try_from(member).unwrap());
                        cells.push(Cell { bureau: bureau.into(), sex, band, persons });
                    }
                }
            }
            disclosure::Table { name: format!("table {table}"), within: (table == 1).then_some(0), cells }
        })
        .collect();
    let mut asked = numbers(month, hidden);
    for (_, is_withheld, bureau) in &mut asked {
        *is_withheld &= known.is_none() || *bureau != known;
    }
    let withheld: Vec<bool> = asked.iter().map(|(_, withheld, _)| *withheld).collect();
    let all: Vec<Number> = asked.iter().map(|(number, _, _)| number.clone()).collect();
    let intervals = disclosure::audit(&tables, &all, &withheld).unwrap();
    let mut found = Vec::new();
    for (place, interval) in intervals.iter().enumerate() {
        let (Some(interval), (number, true, bureau)) = (interval, &asked[place]) else { continue };
        let value: i64 = tables[number.table]
            .cells
            .iter()
            .filter(|cell| {
                number.bureaus.contains(cell.bureau) && number.sexes.contains(cell.sex.into()) && number.bands.contains(cell.band.into())
            })
            .map(|cell| cell.persons)
            .sum();
        // Where nobody else is behind what is withheld, it tells of nobody else.
        let is_there = |cell: &&Cell| number.sexes.contains(cell.sex.into()) && number.bands.contains(cell.band.into());
        let split = if number.sexes == ALL { usize::from(number.bands != ALL) * 2 } else { 1 };
        let gone = &hidden[number.table].bureaus[split];
        let others = tables[number.table].cells.iter().filter(is_there).filter(|cell| known != Some(usize::from(cell.bureau)));
        let unknown: i64 = others.filter(|cell| gone.contains(&usize::from(cell.bureau))).map(|cell| cell.persons).sum();
        if bureau.is_none() && unknown == 0 {
            continue;
        }
        let width = interval.max - interval.min;
        // What the whole office has of many, who knows one of few bureaus may put together from the totals of the others.
        let is_put_together = known.is_some() && bureau.is_none();
        if (1..5).contains(&value) && width < 5.0 - 1e-4 || value > 0 && width < 1e-4 && !is_put_together {
            found.push(format!("table {} {bureau:?} is {value}: {interval:?}, {known:?} known", number.table));
        }
    }
    found
}

fn people() -> impl Strategy<Value = (i64, i64)> {
    let persons = prop_oneof![2 => Just(0), 2 => 1..5i64, 3 => 5..40i64];
    (persons, 0..=4i64).prop_map(|(persons, quarters)| (persons, persons * quarters / 4))
}

fn office() -> impl Strategy<Value = Vec<Bureau>> {
    let bureau = prop::collection::vec(people(), SEXES * BANDS);
    prop::collection::vec(bureau, 3..8).prop_map(|bureaus| {
        bureaus.into_iter().map(|cells| std::array::from_fn(|sex| std::array::from_fn(|band| cells[sex * BANDS + band]))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn nobody_of_a_few_is_found_by_who_knows_any_one_bureau(office in office(), closed in prop::option::of(0usize..3)) {
        let closed: Vec<usize> = closed.into_iter().collect();
        let month = month(&office, &closed);
        let (_, hidden) = decide(Rule::default(), &month);
        for known in std::iter::once(None).chain((0..office.len()).map(Some)) {
            let found = found(&office, &month, &hidden, known);
            prop_assert!(found.is_empty(), "{found:#?}\n{hidden:#?}");
        }
    }

    #[test]
    fn a_small_cell_is_withheld_with_its_split_and_at_least_three_bureaus(office in office()) {
        let month = month(&office, &[]);
        let (_, hidden) = decide(Rule::default(), &month);
        for (place, table) in month.tables.iter().enumerate() {
            for (split, grid) in table.grids.iter().enumerate() {
                let grid = grid.as_ref().unwrap();
                for bureau in 0..office.len() {
                    let small = (0..grid.members).any(|member| (1..5).contains(&grid.at(bureau, member)));
                    prop_assert!(!small || hidden[place].bureaus[split].contains(&bureau));
                }
                let there = hidden[place].bureaus[split].iter().filter(|bureau| month.sizes[**bureau] > 0).count();
                prop_assert!(there == 0 || there >= 3 || hidden[place].office[split], "{there} in {split}");
            }
        }
    }
}

fn even(people: i64, counted: i64) -> Bureau {
    [[(people, counted); BANDS]; SEXES]
}

#[test]
fn a_rule_for_who_knows_no_bureau_is_found_by_who_knows_one() {
    // Small numerators in the first two, and nobody counted anywhere else but in the third.
    let mut office = vec![even(8, 6); 6];
    office[0][0] = [(8, 3), (8, 0), (8, 0)];
    office[0][1] = [(8, 0); BANDS];
    let month = month(&office, &[]);
    let known = |rule: Rule| {
        let (_, hidden) = decide(rule, &month);
        let knowing = std::iter::once(None).chain((0..office.len()).map(Some));
        knowing.flat_map(|bureau| found(&office, &month, &hidden, bureau)).collect::<Vec<_>>()
    };
    assert_eq!(known(Rule::default()), [""; 0]);
    assert!(!known(Rule { bureaus: 1, ..Rule::default() }).is_empty(), "two bureaus go");
}

#[test]
fn nothing_is_withheld_where_everything_is_large() {
    let office = vec![even(20, 10); 5];
    let (whole, hidden) = decide(Rule::default(), &month(&office, &[]));
    assert!(whole.is_empty() && hidden.iter().all(|hidden| *hidden == Hidden::default()));
}

#[test]
fn a_closed_bureau_takes_the_two_smallest_with_it() {
    let mut office = vec![even(20, 10); 5];
    office[3] = even(10, 5);
    office[4] = even(8, 4);
    let (whole, hidden) = decide(Rule::default(), &month(&office, &[0]));
    assert_eq!(whole, [0, 3, 4].into());
    assert!(hidden.iter().all(|hidden| hidden.bureaus.iter().all(|bureaus| *bureaus == whole) && hidden.office == [false; 3]));
}

#[test]
fn who_is_printed_by_a_release_hides_nobody() {
    let mut office = vec![even(20, 10); 6];
    office[3] = even(10, 5);
    office[4] = even(8, 4);
    let mut month = month(&office, &[0]);
    for table in &mut month.tables {
        table.fixed.iter_mut().for_each(|fixed| fixed.printed = [4].into());
    }
    let (whole, hidden) = decide(Rule::default(), &month);
    assert_eq!(whole, [0, 3, 4].into());
    assert!(hidden.iter().all(|hidden| hidden.bureaus.iter().all(|bureaus| *bureaus == [0, 1, 3, 4].into())), "{hidden:?}");
}

#[test]
fn what_the_law_publishes_is_shown_whatever_it_costs() {
    let mut office = vec![even(0, 0); 3];
    office[0][0][0] = (3, 2);
    office[1][1][0] = (20, 10);
    office[2][1][0] = (30, 10);
    let mut month = month(&office, &[]);
    for table in &mut month.tables {
        table.fixed.iter_mut().for_each(|fixed| fixed.published = true);
    }
    let (_, hidden) = decide(Rule::default(), &month);
    assert!(hidden.iter().all(|hidden| hidden.office == [false; 3]));
    assert!(hidden.iter().all(|hidden| hidden.bureaus[0] == [0, 1, 2].into()));
}

/// A thousand bureaus: the time grows in line with them.
#[test]
fn a_thousand_bureaus_are_decided_in_line() {
    let took = |count: usize| {
        let office: Vec<Bureau> = (0..count)
            .map(|bureau| {
                let size = 1 + i64::try_from(bureau * 7 % 41).unwrap();
                [[(size, size / 3), (size * 2, size / 2), (size / 4, size / 9)], [(size, size / 2), (size, 0), (0, 0)]]
            })
            .collect();
        let month = month(&office, &[0]);
        let began = Instant::now();
        let (_, hidden) = decide(Rule::default(), &month);
        assert_eq!(hidden.len(), 2);
        began.elapsed()
    };
    took(250);
    let (few, many) = (took(250), took(1_000));
    assert!(many < few * 12 + std::time::Duration::from_millis(50), "250 bureaus took {few:?} and 1,000 {many:?}");
}

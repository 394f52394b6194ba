//! A run at the size of an office: how long it takes, and how much it withholds.

use crate::follow_up::disclosure::{Cell, Earlier, Members, Number, Table, group_bureaus, narrow, protect};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::time::{Duration, Instant};

/// An office of so many bureaus over a year: a census, and numerators of these shares within it.
fn office(rng: &mut StdRng, bureaus: u16, year: u16, shares: &[f64]) -> Vec<Table> {
    let mut census = Vec::new();
    for bureau in 0..bureaus {
        for _ in 0..rng.random_range(40..65) {
            let sex = u8::from(rng.random_bool(0.78));
            let at: f64 = rng.random();
            let band = [0.2, 0.5, 0.8, 0.96].iter().filter(|limit| at >= **limit).count();
            census.push(Cell { bureau, sex, band: u8::try_from(band).unwrap(), persons: 1 });
        }
    }
    let mut tables = vec![Table { name: format!("{year} CENSUS"), within: None, cells: census.clone() }];
    for (index, share) in shares.iter().enumerate() {
        let cells = census.iter().filter(|_| rng.random_bool(*share)).copied().collect();
        tables.push(Table { name: format!("{year} PART {index}"), within: Some(0), cells });
    }
    tables
}

/// The numbers of the published tables: bureau × sex, sex × band, and groups of bureaus × band.
fn numbers(tables: &[Table], bureaus: u16, least: i64) -> Vec<Number> {
    let sizes: Vec<(u16, i64)> = (0..bureaus)
        .map(|bureau| (bureau, tables[0].cells.iter().filter(|cell| cell.bureau == bureau).map(|cell| cell.persons).sum()))
        .collect();
    let mut places = Vec::new();
    let all = Members::ALL;
    let bureau: Vec<Members> = (0..bureaus).map(Members::one).chain([all]).collect();
    let sex: Vec<Members> = (0..3u16).map(Members::one).chain([all]).collect();
    let band: Vec<Members> = (0..5u16).map(Members::one).chain([all]).collect();
    let groups = group_bureaus(&sizes, least).into_iter().map(Members::of);
    bureau.iter().for_each(|bureau| places.extend(sex.iter().map(|sex| (*bureau, *sex, all))));
    sex.iter().for_each(|sex| places.extend(band.iter().map(|band| (all, *sex, *band))));
    groups.for_each(|group| places.extend(band.iter().map(|band| (group, all, *band))));
    let number = |table: usize, (bureaus, sexes, bands): (Members, Members, Members), follows: Option<usize>| Number {
        table,
        bureaus,
        sexes,
        bands,
        threshold: 5,
        earlier: None,
        follows,
    };
    let size = places.len();
    (0..tables.len() * size).map(|index| number(index / size, places[index % size], (index >= size).then_some(index % size))).collect()
}

/// Protects, and tells how long it took and which share is withheld.
fn timed(what: &str, tables: &[Table], numbers: &[Number]) -> (Vec<bool>, f64, Duration) {
    let start = Instant::now();
    let withheld = protect(tables, numbers).unwrap();
    let took = start.elapsed();
    let count = withheld.iter().filter(|withheld| **withheld).count();
    let few = |number: &&Number| (1..5).contains(&super::attacker::value(tables, number));
    let (all, small) = (numbers.len(), numbers.iter().filter(few).count());
    let share = 100.0 * count as f64 / all as f64;
    println!("{what}: {count} of {all} withheld ({share:.1} %), {small} of 1 to 4 persons, {took:?}");
    (withheld, share, took)
}

#[test]
fn groups_of_bureaus_leave_most_of_a_census_shown() {
    let tables = office(&mut StdRng::seed_from_u64(7), 23, 2025, &[]);
    for (least, most) in [(1, 25.0), (100, 15.0), (200, 10.0), (300, 10.0)] {
        let numbers = numbers(&tables, 23, least);
        let (withheld, share, _) = timed(&format!("bands by bureaus of at least {least}"), &tables, &numbers);
        assert!(share <= most, "{share}");
        assert!(narrow(&tables, &numbers, &withheld).unwrap().is_empty());
    }
}

#[test]
fn fifteen_numerators_take_seconds() {
    let tables = office(&mut StdRng::seed_from_u64(7), 23, 2025, &[0.5; 15]);
    let numbers = numbers(&tables, 23, 200);
    let (_, share, took) = timed("15 numerators", &tables, &numbers);
    assert!(share < 30.0, "{share}");
    // Some seconds on an idle machine.
    assert!(took < Duration::from_mins(1), "{took:?}");
}

#[test]
fn three_releases_agree_with_one_another() {
    let mut rng = StdRng::seed_from_u64(11);
    let mut tables: Vec<Table> = Vec::new();
    let mut before: Vec<bool> = Vec::new();
    for year in 2025..2028 {
        let first = tables.len();
        let of_year = office(&mut rng, 25, year, &[0.6, 0.8, 0.3]);
        tables.extend(of_year.into_iter().map(|table| Table { within: table.within.map(|whole| whole + first), ..table }));
        // Each release repeats the years before it.
        let mut numbers: Vec<Number> = Vec::new();
        for index in (0..tables.len()).step_by(4) {
            let start = numbers.len();
            let of_year = self::numbers(&tables[index..index + 4], 25, 200).into_iter();
            let moved =
                |number: Number| Number { table: number.table + index, follows: number.follows.map(|other| other + start), ..number };
            numbers.extend(of_year.map(moved));
        }
        for (number, withheld) in numbers.iter_mut().zip(&before) {
            number.earlier = Some(if *withheld { Earlier::Withheld } else { Earlier::Shown });
        }
        let (withheld, share, took) = timed(&format!("release of {year}"), &tables, &numbers);
        assert!(share < 30.0 && took < Duration::from_mins(1), "{share} {took:?}");
        assert_eq!(withheld[..before.len()], before[..]);
        assert!(narrow(&tables, &numbers, &withheld).unwrap().is_empty());
        before = withheld;
    }
}

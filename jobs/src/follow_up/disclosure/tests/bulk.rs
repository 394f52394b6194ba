//! A run at the size of an office: how long it takes, and how much it withholds.

use crate::follow_up::disclosure::{Cell, Members, Number, Table, group_bureaus, narrow, protect};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::time::Instant;

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
    let sizes: Vec<(u16, i64)> =
        (0..bureaus).map(|bureau| (bureau, tables[0].cells.iter().filter(|cell| cell.bureau == bureau).count() as i64)).collect();
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

#[test]
fn an_office_takes_seconds() {
    for (least, shares) in [(1, &[][..]), (100, &[]), (200, &[]), (300, &[]), (200, &[0.6, 0.2, 0.05, 0.98]), (200, &[0.5; 15])] {
        let mut rng = StdRng::seed_from_u64(7);
        let tables = office(&mut rng, 23, 2025, shares);
        let numbers = numbers(&tables, 23, least);
        let start = Instant::now();
        let withheld = protect(&tables, &numbers).unwrap();
        let took = start.elapsed();
        let count = withheld.iter().filter(|withheld| **withheld).count();
        let nils = numbers.iter().count();
        let start = Instant::now();
        println!("least {least} {shares:?}: {count} of {nils} withheld, {:.1} %, {took:?}", 100.0 * count as f64 / nils as f64);
        for (index, table) in tables.iter().enumerate() {
            let of: Vec<_> = numbers.iter().zip(&withheld).filter(|(number, _)| number.table == index).collect();
            let two = of.iter().filter(|(n, w)| **w && n.bands == Members::ALL).count();
            let ss = of.iter().filter(|(n, w)| **w && n.bureaus == Members::ALL).count();
            println!("   {}: {} of {} ({two} b×s, {ss} s×k)", table.name, of.iter().filter(|(_, w)| **w).count(), of.len());
        }
        assert!(narrow(&tables, &numbers, &withheld).unwrap().is_empty());
        println!("   checked in {:?}", start.elapsed());
    }
}

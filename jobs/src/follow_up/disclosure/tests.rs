#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss, clippy::needless_for_each)]

mod any;
mod attacker;
mod bulk;
mod by_hand;
mod insiders;

use super::{Cell, Members, Number, Table};

/// The sets of a number: bureaus, sexes, bands.
type Place = (Members, Members, Members);

const ALL: Members = Members::ALL;

/// A table of bureau × sex in one band, the rows as bureaus.
fn table(name: &str, within: Option<usize>, rows: &[&[i64]]) -> Table {
    let cells = rows
        .iter()
        .zip(0..)
        .flat_map(|(row, bureau)| row.iter().zip(0..).map(move |(persons, sex)| Cell { bureau, sex, band: 0, persons: *persons }));
    Table { name: name.to_owned(), within, cells: cells.collect() }
}

fn number(table: usize, (bureaus, sexes, bands): Place) -> Number {
    Number { table, bureaus, sexes, bands, threshold: 5, earlier: None, follows: None }
}

/// A table's bureaus, or their groups, × sexes with totals.
fn bureaus_by_sex(bureaus: u16, sexes: u16) -> Vec<Place> {
    let each = |count: u16| (0..count).map(Members::one).chain([ALL]).collect::<Vec<_>>();
    each(bureaus).into_iter().flat_map(|bureau| each(sexes).into_iter().map(move |sex| (bureau, sex, ALL))).collect()
}

/// The same places of every table; those of a table within another follow that one's.
fn numbers(tables: &[Table], places: &[Place]) -> Vec<Number> {
    let of_table = |(index, table): (usize, &Table)| -> Vec<Number> {
        let follows = |place: usize| table.within.map(|whole| whole * places.len() + place);
        places.iter().enumerate().map(|(at, place)| Number { follows: follows(at), ..number(index, *place) }).collect()
    };
    tables.iter().enumerate().flat_map(of_table).collect()
}

//! The attacker, written anew from the definition: absolute cells, every table at once, nothing of the protecting code.

use crate::follow_up::disclosure::{Number, Table};
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};
use std::collections::BTreeMap;

type Place = (usize, u16, u8, u8);

/// The width of what a number may be, with these members in the three dimensions.
pub fn width(tables: &[Table], numbers: &[Number], withheld: &[bool], target: usize, size: (u16, u8, u8)) -> f64 {
    let end = |direction| {
        let mut problem = Problem::new(direction);
        let cells = places(tables, size);
        let target: Vec<Place> = cells.iter().copied().filter(|place| covers(&numbers[target], *place)).collect();
        let variable = |place: &Place| {
            let factor = if target.contains(place) { 1.0 } else { 0.0 };
            // No optimum of these small tables lies beyond.
            (*place, problem.add_var(factor, (0.0, 1_000.0)))
        };
        let variables: BTreeMap<Place, Variable> = cells.iter().map(variable).collect();
        for (number, withheld) in numbers.iter().zip(withheld) {
            if !withheld {
                let sum: LinearExpr = variables.iter().filter(|(place, _)| covers(number, **place)).map(|(_, x)| (*x, 1.0)).collect();
                problem.add_constraint(sum, ComparisonOp::Eq, value(tables, number) as f64);
            }
        }
        for (place, part) in &variables {
            if let Some(whole) = tables[place.0].within {
                let whole = variables[&(whole, place.1, place.2, place.3)];
                problem.add_constraint([(*part, 1.0), (whole, -1.0)], ComparisonOp::Le, 0.0);
            }
        }
        problem.solve().unwrap().into_solution().unwrap().objective()
    };
    end(OptimizationDirection::Maximize) - end(OptimizationDirection::Minimize)
}

fn places(tables: &[Table], (bureaus, sexes, bands): (u16, u8, u8)) -> Vec<Place> {
    let mut places = Vec::new();
    for table in 0..tables.len() {
        for bureau in 0..bureaus {
            for sex in 0..sexes {
                places.extend((0..bands).map(|band| (table, bureau, sex, band)));
            }
        }
    }
    places
}

fn covers(number: &Number, (table, bureau, sex, band): Place) -> bool {
    number.table == table && number.bureaus.contains(bureau) && number.sexes.contains(sex.into()) && number.bands.contains(band.into())
}

/// What a number is.
pub fn value(tables: &[Table], number: &Number) -> i64 {
    let cells = tables[number.table].cells.iter();
    cells.filter(|cell| covers(number, (number.table, cell.bureau, cell.sex, cell.band))).map(|cell| cell.persons).sum()
}

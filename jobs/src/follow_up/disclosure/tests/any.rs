//! Any small tables: nothing that is withheld is known too closely, nothing that must be withheld is shown, and order has no say.

use super::{ALL, Place, attacker, numbers};
use crate::follow_up::disclosure::{Cell, DisclosureError, Earlier, Members, Number, Table, narrow, protect};
use proptest::prelude::*;
use std::fmt;

/// Tables with their numbers, and the sizes of the dimensions.
#[derive(Clone)]
struct Case {
    tables: Vec<Table>,
    numbers: Vec<Number>,
    size: (u16, u8, u8),
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let earlier = |(index, number): (usize, &Number)| number.earlier.map(|earlier| (index, earlier));
        writeln!(f, "{:?}, {:?}", self.size, self.numbers.iter().enumerate().filter_map(earlier).collect::<Vec<_>>())?;
        for (index, table) in self.tables.iter().enumerate() {
            let threshold = self.numbers.iter().find(|number| number.table == index).map(|number| number.threshold);
            let persons: Vec<i64> = table.cells.iter().map(|cell| cell.persons).collect();
            writeln!(f, "{} within {:?}, threshold {threshold:?}: {persons:?}", table.name, table.within)?;
        }
        Ok(())
    }
}

/// Places of the published tables: bureau × sex, sex × band, bureau × band, with totals.
fn places((bureaus, sexes, bands): (u16, u8, u8)) -> Vec<Place> {
    let each = |count: u16| (0..count).map(Members::one).chain([ALL]).collect::<Vec<_>>();
    let (bureaus, sexes, bands) = (each(bureaus), each(sexes.into()), each(bands.into()));
    let mut places = Vec::new();
    bureaus.iter().for_each(|bureau| places.extend(sexes.iter().map(|sex| (*bureau, *sex, ALL))));
    sexes.iter().for_each(|sex| places.extend(bands.iter().map(|band| (ALL, *sex, *band))));
    bureaus.iter().for_each(|bureau| places.extend(bands.iter().map(|band| (*bureau, ALL, *band))));
    places
}

fn persons() -> impl Strategy<Value = i64> {
    prop_oneof![2 => Just(0), 3 => 1..6i64, 2 => 5..30i64]
}

fn earlier() -> impl Strategy<Value = Option<Earlier>> {
    prop_oneof![30 => Just(None), 1 => Just(Some(Earlier::Withheld)), 2 => Just(Some(Earlier::Shown))]
}

fn case() -> impl Strategy<Value = Case> {
    let size = (1..4u16, 1..4u8, 1..4u8);
    let withins =
        prop_oneof![Just(vec![None]), Just(vec![None, Some(0)]), Just(vec![None, Some(0), Some(1)]), Just(vec![None, Some(0), Some(0)])];
    (size, withins, any::<bool>(), any::<bool>()).prop_flat_map(|(size, withins, with_earlier, exempt)| {
        let cells = usize::from(size.0) * usize::from(size.1) * usize::from(size.2);
        let counts = prop::collection::vec((persons(), prop::collection::vec(0..=4i64, withins.len())), cells);
        let count = places(size).len() * withins.len();
        let history = prop::collection::vec(earlier(), if with_earlier { count } else { 0 });
        (counts, history).prop_map(move |(counts, history)| build(size, &withins, &counts, &history, exempt))
    })
}

fn build(size: (u16, u8, u8), withins: &[Option<usize>], counts: &[(i64, Vec<i64>)], history: &[Option<Earlier>], exempt: bool) -> Case {
    let mut tables: Vec<Table> = Vec::new();
    for (index, within) in withins.iter().enumerate() {
        let mut cells = Vec::new();
        for (at, (persons, quarters)) in counts.iter().enumerate() {
            let persons = within.map_or(*persons, |whole| tables[whole].cells[at].persons * quarters[index] / 4);
            let (sexes, bands) = (usize::from(size.1), usize::from(size.2));
            let place = [at / bands / sexes, at / bands % sexes, at % bands].map(|member| u8::try_from(member).unwrap());
            cells.push(Cell { bureau: place[0].into(), sex: place[1], band: place[2], persons });
        }
        tables.push(Table { name: format!("table {index}"), within: *within, cells });
    }
    let mut numbers = numbers(&tables, &places(size));
    numbers.iter_mut().zip(history).for_each(|(number, earlier)| number.earlier = *earlier);
    if exempt {
        numbers.iter_mut().filter(|number| number.table + 1 == withins.len()).for_each(|number| number.threshold = 0);
    }
    Case { tables, numbers, size }
}

/// Checks a decision against the rules as they are written, not as they are programmed.
fn obeys(Case { tables, numbers, .. }: &Case, withheld: &[bool]) -> Result<(), TestCaseError> {
    let public = |index: usize| {
        let same = |other: &Number| {
            let of = |number: &Number| tables[number.table].cells.iter().map(|cell| covers(number, cell)).collect::<Vec<_>>();
            other.table == numbers[index].table && of(other) == of(&numbers[index])
        };
        numbers.iter().any(|other| other.earlier == Some(Earlier::Shown) && same(other))
    };
    for (index, number) in numbers.iter().enumerate() {
        let value = attacker::value(tables, number);
        if number.earlier == Some(Earlier::Shown) {
            prop_assert!(!withheld[index], "{index} was shown");
        } else if !public(index) {
            prop_assert!(withheld[index] || !(1..number.threshold).contains(&value), "{index} is {value}");
            prop_assert!(withheld[index] || number.earlier.is_none(), "{index} was withheld");
            if let Some(whole) = number.follows {
                let rest = attacker::value(tables, &numbers[whole]) - value;
                prop_assert!(withheld[index] || withheld[whole] || !(1..number.threshold).contains(&rest), "{index} leaves {rest}");
                prop_assert!(withheld[index] || !withheld[whole] || value == 0, "{index} does not follow");
            }
        }
    }
    Ok(())
}

fn covers(number: &Number, cell: &Cell) -> bool {
    number.bureaus.contains(cell.bureau) && number.sexes.contains(cell.sex.into()) && number.bands.contains(cell.band.into())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_withheld_is_known_too_closely(case in case()) {
        let Case { tables, numbers, size } = &case;
        match protect(tables, numbers) {
            Ok(withheld) => {
                obeys(&case, &withheld)?;
                for target in (0..numbers.len()).filter(|number| withheld[*number]) {
                    let width = attacker::width(tables, numbers, &withheld, target, *size);
                    prop_assert!(width > 5.0 - 1e-4, "{target} within {width} by {withheld:?}");
                }
                prop_assert_eq!(narrow(tables, numbers, &withheld).unwrap(), Vec::<usize>::new());
            }
            Err(DisclosureError::TooMuchShown { number, .. }) => {
                let most: Vec<bool> = numbers.iter().map(|number| number.earlier != Some(Earlier::Shown)).collect();
                // It, or one that would follow it.
                let mut tight = (number..numbers.len()).filter(|other| *other == number || numbers[*other].follows.is_some());
                let is_tight = |other: usize| most[other] && attacker::width(tables, numbers, &most, other, *size) < 5.0;
                prop_assert!(tight.any(is_tight), "{number} could be protected");
            }
            Err(error) => prop_assert!(false, "{error}"),
        }
    }

    #[test]
    fn the_order_of_the_input_has_no_say(case in case(), keys in prop::collection::vec(any::<u32>(), 256)) {
        let Case { tables, numbers, .. } = &case;
        let shuffled = |count: usize, from: usize| {
            let mut order: Vec<usize> = (0..count).collect();
            order.sort_by_key(|index| keys[(index + from) % keys.len()]);
            order
        };
        let (order, places) = (shuffled(tables.len(), 0), shuffled(numbers.len(), 7));
        let place = |order: &[usize], index: usize| order.iter().position(|other| *other == index).unwrap();
        let other_tables: Vec<Table> = order.iter().map(|index| {
            let mut table = tables[*index].clone();
            table.within = table.within.map(|whole| place(&order, whole));
            table.cells.reverse();
            table
        }).collect();
        let other_numbers: Vec<Number> = places.iter().map(|index| {
            let number = &numbers[*index];
            Number { table: place(&order, number.table), follows: number.follows.map(|other| place(&places, other)), ..number.clone() }
        }).collect();
        if let (Ok(one), Ok(other)) = (protect(tables, numbers), protect(&other_tables, &other_numbers)) {
            prop_assert!(places.iter().zip(other).all(|(index, withheld)| one[*index] == withheld));
        } else {
            prop_assert!(protect(tables, numbers).is_err() && protect(&other_tables, &other_numbers).is_err());
        }
    }
}

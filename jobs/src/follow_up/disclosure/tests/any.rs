//! Any small tables: nothing that is withheld is known too closely, nothing that must be withheld is shown, and order has no say.

use super::{ALL, Place, attacker, numbers};
use crate::follow_up::disclosure::{Cell, DisclosureError, Earlier, Members, Number, Table, narrow, protect};
use proptest::prelude::*;
use std::fmt;

/// Tables with their numbers, and the sizes of the dimensions.
#[derive(Clone)]
pub struct Case {
    pub tables: Vec<Table>,
    pub numbers: Vec<Number>,
    pub size: (u16, u8, u8),
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

pub fn case() -> impl Strategy<Value = Case> {
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
fn obeys(case: &Case, withheld: &[bool]) -> Result<(), TestCaseError> {
    let Case { tables, numbers, .. } = case;
    for (index, number) in numbers.iter().enumerate() {
        let value = attacker::value(tables, number);
        if number.earlier == Some(Earlier::Shown) {
            prop_assert!(!withheld[index], "{index} was shown");
        } else if !is_public(case, index) {
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

/// The most that can be withheld, from the rules as they are written: nothing public, nothing that is known too closely even so, and nothing
/// whose follower cannot go with it, for a number that is shown beside a withheld denominator says that it was protected. Each step takes
/// what no choice can withhold, so that no choice withholds more.
fn most(case: &Case) -> Vec<bool> {
    let Case { tables, numbers, size } = case;
    let count = 0..numbers.len();
    let mut most: Vec<bool> = count.clone().map(|index| !is_public(case, index)).collect();
    loop {
        let narrow = |index: &usize| most[*index] && attacker::width(tables, numbers, &most, *index, *size) < 5.0 - 1e-4;
        let alone = |index: &usize| {
            let goes = |other: &Number, stays: bool| stays && other.follows.is_some_and(|whole| is_same(case, whole, &numbers[*index]));
            let binds = |other: usize| goes(&numbers[other], !most[other]) && !is_public(case, other) && !is_nil(case, other, &most);
            most[*index] && count.clone().any(binds)
        };
        let gone: Vec<usize> = count.clone().filter(|index| narrow(index) || alone(index)).collect();
        if gone.is_empty() {
            return most;
        }
        gone.into_iter().for_each(|index| most[index] = false);
    }
}

/// Whether a nil follows from nils that nothing can hide, of its table or a denominator's.
fn is_nil(case: &Case, index: usize, most: &[bool]) -> bool {
    let Case { tables, numbers, .. } = case;
    let own = &numbers[index];
    let around: Vec<usize> = std::iter::successors(Some(own.table), |table| tables[*table].within).collect();
    let larger = |other: usize| {
        !is_same(case, index, &numbers[other])
            && around.contains(&numbers[other].table)
            && !most[other]
            && (is_public(case, other) || numbers[other].follows.is_none_or(|whole| !most[whole]))
            && attacker::value(tables, &numbers[other]) == 0
    };
    let covering = |cell: &Cell| (0..numbers.len()).any(|other| covers(&numbers[other], cell) && larger(other));
    attacker::value(tables, own) == 0 && tables[own.table].cells.iter().filter(|cell| covers(own, cell)).all(covering)
}

/// Whether a denominator that cannot be withheld leaves so few that a numerator must be, and cannot.
fn leaves_few(case: &Case, most: &[bool]) -> bool {
    let Case { tables, numbers, .. } = case;
    let few = |(index, number): (usize, &Number)| {
        let rest = |whole: usize| attacker::value(tables, &numbers[whole]) - attacker::value(tables, number);
        !most[index]
            && !is_public(case, index)
            && number.follows.is_some_and(|whole| !most[whole] && (1..number.threshold).contains(&rest(whole)))
    };
    numbers.iter().enumerate().any(few)
}

/// Whether an earlier release showed the very sum.
pub fn is_public(case: &Case, index: usize) -> bool {
    case.numbers.iter().any(|other| other.earlier == Some(Earlier::Shown) && is_same(case, index, other))
}

fn is_same(Case { tables, numbers, .. }: &Case, index: usize, other: &Number) -> bool {
    let of = |number: &Number| tables[number.table].cells.iter().map(|cell| covers(number, cell)).collect::<Vec<_>>();
    other.table == numbers[index].table && of(other) == of(&numbers[index])
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
                let most = most(&case);
                let kept_back = |number: usize| (1..numbers[number].threshold).contains(&attacker::value(tables, &numbers[number]));
                let must = |other: usize| kept_back(other) || numbers[other].earlier == Some(Earlier::Withheld);
                let lost = (0..numbers.len()).any(|other| must(other) && !most[other] && !is_public(&case, other));
                prop_assert!(lost || leaves_few(&case, &most), "{number} could be protected");
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

//! Who knows all persons of one bureau learns nothing of another's.

use super::{ALL, any, attacker, bureaus_by_sex, numbers, table};
use crate::follow_up::disclosure::{Earlier, Members, Number, Table, protect, protect_from_insiders};
use proptest::prelude::*;

/// What is withheld, by value: from who knows no bureau, and from who knows any one.
fn values(tables: &[Table], numbers: &[Number]) -> [Vec<i64>; 2] {
    let first = protect(tables, numbers).unwrap();
    let second = protect_from_insiders(tables, numbers, first.clone(), &vec![false; numbers.len()]).unwrap();
    [first, second].map(|withheld| {
        let values = numbers.iter().zip(withheld).filter(|(_, withheld)| *withheld).map(|(number, _)| attacker::value(tables, number));
        let mut values: Vec<i64> = values.collect();
        values.sort_unstable();
        values
    })
}

fn bureaus(count: u16) -> Vec<(Members, Members, Members)> {
    (0..count).map(Members::one).chain([ALL]).map(|bureau| (bureau, ALL, ALL)).collect()
}

#[test]
fn a_small_bureau_takes_two_others_with_it() {
    let tables = [table("census", None, &[&[3], &[80], &[9], &[70]])];
    assert_eq!(values(&tables, &numbers(&tables, &bureaus(4))), [vec![3, 9], vec![3, 9, 70]], "who knows the 9 would know the 3");
}

#[test]
fn a_group_does_not_tell_its_one_other_bureau() {
    let tables = [table("census", None, &[&[3], &[80], &[9], &[70], &[60]])];
    let mut places = bureaus(5);
    places.push((Members::of([0, 2]), ALL, ALL));
    let [_, second] = values(&tables, &numbers(&tables, &places));
    assert!(second.contains(&12), "{second:?}: who knows the 9 knows the 3 by the two together");
}

#[test]
fn what_is_large_everywhere_is_shown() {
    let tables = [table("census", None, &[&[20, 30], &[30, 40], &[50, 60]])];
    assert_eq!(values(&tables, &numbers(&tables, &bureaus_by_sex(3, 2))), [Vec::<i64>::new(), Vec::new()]);
}

#[test]
fn what_is_public_tells_what_it_tells() {
    let tables = [table("census", None, &[&[3], &[80], &[9]])];
    let mut all = numbers(&tables, &bureaus(3));
    for public in [1, 3] {
        all[public].earlier = Some(Earlier::Shown);
    }
    assert_eq!(values(&tables, &all), [vec![3, 9], vec![3, 9]], "nothing is left that could go");
}

#[test]
fn what_insiders_see_needs_no_protection_from_them() {
    let tables = [table("census", None, &[&[30], &[80], &[9], &[70]])];
    let mut all = numbers(&tables, &bureaus(4));
    (0..2).for_each(|place| all[2 * place].earlier = Some(Earlier::Withheld));
    let first = protect(&tables, &all).unwrap();
    assert_eq!(first, [true, false, true, false, false]);
    let with = |seen: [bool; 5]| protect_from_insiders(&tables, &all, first.clone(), &seen).unwrap();
    assert_eq!(with([false; 5]).iter().filter(|withheld| **withheld).count(), 3);
    assert_eq!(with([true, false, true, false, false]), first, "both are seen in the office");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_withheld_follows_for_who_knows_a_bureau(case in any::case()) {
        let any::Case { tables, numbers, size } = &case;
        let Ok(first) = protect(tables, numbers) else { return Ok(()) };
        let withheld = protect_from_insiders(tables, numbers, first.clone(), &vec![false; numbers.len()]).unwrap();
        prop_assert!(first.iter().zip(&withheld).all(|(first, withheld)| *withheld || !first), "nothing is shown again");
        let most: Vec<bool> = (0..numbers.len()).map(|index| !any::is_public(&case, index)).collect();
        prop_assert!(withheld.iter().zip(&most).all(|(withheld, most)| *most || !withheld), "what is public stays so");
        for known in 0..size.0 {
            let rest = |set: Members| Members::of((0..size.0).filter(|bureau| *bureau != known && set.contains(*bureau)));
            let left: Vec<Number> = numbers.iter().map(|number| Number { bureaus: rest(number.bureaus), ..number.clone() }).collect();
            for target in (0..numbers.len()).filter(|index| withheld[*index] && left[*index].bureaus != Members::of([])) {
                let width = |withheld: &[bool]| attacker::width(tables, &left, withheld, target, *size);
                let found = width(&withheld);
                prop_assert!(found > 5.0 - 1e-4 || width(&most) < 5.0 - 1e-4, "{target} within {found} for who knows {known}: {withheld:?}");
            }
        }
    }
}

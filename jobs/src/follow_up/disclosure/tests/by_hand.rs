//! Small tables whose answers can be seen.

use super::{ALL, bureaus_by_sex, number, numbers, table};
use crate::follow_up::disclosure::{Cell, DisclosureError, Earlier, Members, Number, Table, audit, group_bureaus, narrow, protect};

/// What is withheld, by value.
fn values(tables: &[Table], numbers: &[Number]) -> Vec<i64> {
    let withheld = protect(tables, numbers).unwrap();
    assert_eq!(narrow(tables, numbers, &withheld).unwrap(), [0; 0]);
    let mut values: Vec<i64> =
        numbers.iter().zip(withheld).filter(|(_, withheld)| *withheld).map(|(number, _)| super::attacker::value(tables, number)).collect();
    values.sort_unstable();
    values
}

#[test]
fn large_counts_and_nils_are_shown() {
    let tables = [table("census", None, &[&[20, 30], &[0, 40]])];
    assert_eq!(values(&tables, &numbers(&tables, &bureaus_by_sex(2, 2))), [0; 0]);
}

#[test]
fn one_small_cell_of_two_by_two_takes_all_four() {
    let tables = [table("census", None, &[&[3, 30], &[20, 40]])];
    assert_eq!(values(&tables, &numbers(&tables, &bureaus_by_sex(2, 2))), [3, 20, 30, 40]);
}

#[test]
fn a_small_cell_of_a_row_takes_the_smallest_that_hides_it() {
    let tables = [table("census", None, &[&[3], &[80], &[9], &[70]])];
    let places: Vec<_> = (0..4u16).map(Members::one).chain([ALL]).map(|bureau| (bureau, ALL, ALL)).collect();
    assert_eq!(values(&tables, &numbers(&tables, &places)), [3, 9]);
}

#[test]
fn two_small_cells_that_add_up_to_too_little_take_a_third() {
    let row = |first| [table("census", None, &[&[first], &[1], &[9], &[70]])];
    let places: Vec<_> = (0..4u16).map(Members::one).chain([ALL]).map(|bureau| (bureau, ALL, ALL)).collect();
    assert_eq!(values(&row(4), &numbers(&row(4), &places)), [1, 4], "0 to 5 each");
    assert_eq!(values(&row(3), &numbers(&row(3), &places)), [1, 3, 9], "0 to 4 each is too close");
}

#[test]
fn of_two_sexes_the_other_goes_or_the_total() {
    let tables = [table("census", None, &[&[3, 30]])];
    let places = [Members::one(0u16), Members::one(1u16), ALL].map(|sex| (ALL, sex, ALL));
    assert_eq!(values(&tables, &numbers(&tables, &places)), [3, 30]);
    // Where the other is public, it is the total.
    let mut fixed = numbers(&tables, &places);
    fixed[1].earlier = Some(Earlier::Shown);
    assert_eq!(values(&tables, &fixed), [3, 33]);
    fixed[2].earlier = Some(Earlier::Shown);
    let error = protect(&tables, &fixed).unwrap_err();
    assert_eq!(error, DisclosureError::TooMuchShown { number: 0, table: "census".to_owned() });
}

#[test]
fn a_small_office_is_withheld_whole() {
    let tables = [table("flags", None, &[&[1, 2], &[0, 0]])];
    let all = numbers(&tables, &bureaus_by_sex(2, 2));
    let withheld = protect(&tables, &all).unwrap();
    let few = |number: &Number| (1..5).contains(&super::attacker::value(&tables, number));
    assert!(all.iter().zip(&withheld).all(|(number, withheld)| *withheld || !few(number)), "{withheld:?}");
    assert_eq!(narrow(&tables, &all, &withheld).unwrap(), [0; 0]);
}

#[test]
fn hires_that_the_law_publishes_are_shown() {
    let tables = [table("hires", None, &[&[4, 3]])];
    let mut all = numbers(&tables, &bureaus_by_sex(1, 2));
    all.iter_mut().for_each(|number| number.threshold = 0);
    assert_eq!(values(&tables, &all), [0; 0]);
}

#[test]
fn a_small_rest_of_the_denominator_is_withheld() {
    let tables = [table("census", None, &[&[20, 30], &[40, 50]]), table("telework", Some(0), &[&[18, 10], &[11, 12]])];
    assert_eq!(values(&tables, &numbers(&tables, &bureaus_by_sex(2, 2))), [10, 11, 12, 18]);
}

#[test]
fn numerators_follow_their_denominators() {
    let tables = [table("census", None, &[&[3, 30], &[20, 40]]), table("telework", Some(0), &[&[3, 15], &[8, 20]])];
    assert_eq!(values(&tables, &numbers(&tables, &bureaus_by_sex(2, 2))), [3, 3, 8, 15, 20, 20, 30, 40]);
    // A nil of a large bureau says that of each of its groups.
    let tables = [table("census", None, &[&[3, 30], &[20, 40]]), table("telework", Some(0), &[&[0, 0], &[8, 20]])];
    assert_eq!(values(&tables, &numbers(&tables, &bureaus_by_sex(2, 2))), [3, 8, 8, 20, 20, 20, 30, 40]);
}

#[test]
fn what_was_withheld_stays_so_and_what_was_shown_too() {
    let tables = [table("census", None, &[&[30, 30], &[20, 40], &[25, 26]])];
    let mut all = numbers(&tables, &bureaus_by_sex(3, 2));
    all[0].earlier = Some(Earlier::Withheld);
    let withheld = protect(&tables, &all).unwrap();
    assert!(withheld[0] && withheld.iter().filter(|withheld| **withheld).count() == 4, "{withheld:?}");
    let tables = [table("census", None, &[&[3, 30], &[20, 40], &[25, 26]])];
    all[0].earlier = Some(Earlier::Shown);
    assert_eq!(values(&tables, &all), [0; 0]);
}

#[test]
fn the_same_sum_is_one_number() {
    let tables = [table("census", None, &[&[3, 0], &[20, 0], &[30, 0]])];
    let women = (Members::one(0u16), Members::one(0u16), ALL);
    let both = (Members::one(0u16), Members::of([0, 1]), ALL);
    let everyone = (Members::one(0u16), ALL, ALL);
    let all = [women, both, everyone].map(|place| number(0, place));
    let withheld = protect(&tables, &all).unwrap();
    assert_eq!(withheld, [true, true, true]);
}

#[test]
fn the_audit_tells_the_interval() {
    let tables = [table("census", None, &[&[4, 6], &[20, 40]])];
    let all = numbers(&tables, &bureaus_by_sex(2, 2));
    let mut withheld = protect(&tables, &all).unwrap();
    let interval = audit(&tables, &all, &withheld).unwrap()[0].unwrap();
    assert!(interval.min.abs() < 1e-6 && (interval.max - 10.0).abs() < 1e-6, "{interval:?}");
    withheld[1] = false;
    assert_eq!(narrow(&tables, &all, &withheld).unwrap(), [0, 3, 4]);
    assert!(!audit(&tables, &all, &withheld).unwrap()[0].unwrap().is_wide());
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let census = table("census", None, &[&[3]]);
    let refused = |tables: &[Table], numbers: &[Number]| matches!(protect(tables, numbers), Err(DisclosureError::Input(_)));
    assert!(refused(&[census.clone(), census.clone()], &[]));
    assert!(refused(&[census.clone(), table("more", Some(0), &[&[4]])], &[]));
    assert!(refused(&[table("itself", Some(0), &[&[4]])], &[]));
    assert!(refused(&[table("lost", Some(1), &[&[4]])], &[]));
    assert!(refused(&[table("negative", None, &[&[-1]])], &[]));
    assert!(refused(&[Table { cells: vec![Cell { bureau: 128, sex: 0, band: 0, persons: 1 }], ..census.clone() }], &[]));
    assert!(refused(std::slice::from_ref(&census), &[number(1, (ALL, ALL, ALL))]));
    assert!(refused(std::slice::from_ref(&census), &[Number { follows: Some(1), ..number(0, (ALL, ALL, ALL)) }]));
    assert!(audit(&[census], &[], &[true]).is_err());
}

#[test]
fn bureaus_are_grouped_in_their_order() {
    let sizes = [(4, 30), (1, 80), (7, 120), (2, 10)];
    assert_eq!(group_bureaus(&sizes, 100), [vec![4, 1], vec![7, 2]]);
    assert_eq!(group_bureaus(&sizes, 1_000), [vec![4, 1, 7, 2]]);
    assert_eq!(group_bureaus(&[], 5), Vec::<Vec<u16>>::new());
}

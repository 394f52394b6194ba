//! What records may not be together, as pure functions over the final state of a call: each returns the places of all records that
//! contradict another, so that the result never depends on their order.

use std::collections::BTreeMap;

/// Those that overlap another one of the same key, each with one that it overlaps. A span is `(key, start, end)`, half-open; without an end it never ends.
pub fn overlapping<K: Ord, T: Ord>(spans: &[(K, T, Option<T>)]) -> BTreeMap<usize, usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by(|&a, &b| (&spans[a].0, &spans[a].1).cmp(&(&spans[b].0, &spans[b].1)));
    let mut found = BTreeMap::new();
    // The span that reaches furthest so far meets every later one that overlaps any of them.
    let mut furthest: Option<usize> = None;
    for index in order {
        let (key, start, end) = &spans[index];
        match furthest.filter(|&last| spans[last].0 == *key) {
            Some(last) => {
                let reach = &spans[last].2;
                if reach.as_ref().is_none_or(|reach| start < reach) {
                    found.entry(last).or_insert(index);
                    found.insert(index, last);
                }
                if reach.as_ref().is_some_and(|reach| end.as_ref().is_none_or(|end| end > reach)) {
                    furthest = Some(index);
                }
            }
            None => furthest = Some(index),
        }
    }
    found
}

/// Those whose key another one has too, each with one that has it.
pub fn repeated<K: Ord>(keys: impl IntoIterator<Item = K>) -> BTreeMap<usize, usize> {
    let mut places: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (index, key) in keys.into_iter().enumerate() {
        places.entry(key).or_default().push(index);
    }
    let several = places.into_values().filter(|places| places.len() > 1);
    several.flat_map(|places| places.iter().map(|&index| (index, places[usize::from(index == places[0])])).collect::<Vec<_>>()).collect()
}

/// What the tests of the nouns share.
#[cfg(test)]
pub(in crate::store) mod fixture {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use crate::store::{
        record::{Recordable, Writing},
        scope::{Extent, RowScope},
    };
    use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
    use entity::{
        ids::{BureauId, PostingId, ReceiptId, StaffId, UnitId},
        record::{DatedHead, Meta},
    };
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    /// The same rows twice, the second time in another order.
    pub fn shuffled<T: Clone + std::fmt::Debug>(rows: impl Strategy<Value = Vec<T>>) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
        rows.prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    }

    /// Which rows contradict each other, with the field that says so, whatever their order.
    pub fn refused<M: Recordable>(rows: &[M], world: &M::World) -> BTreeSet<(Uuid, Option<String>)> {
        let conflicts = M::conflicts(&rows.iter().collect::<Vec<_>>(), world);
        conflicts.into_iter().map(|(index, error)| (rows[index].key(), error.field)).collect()
    }

    /// The rows that a rule, asked of every pair, refuses in `field`.
    pub fn by_pairs<M: Recordable>(rows: &[M], field: &str, contradict: impl Fn(&M, &M) -> bool) -> BTreeSet<(Uuid, Option<String>)> {
        let meets = |row: &&M| rows.iter().any(|other| other.key() != row.key() && contradict(row, other));
        rows.iter().filter(meets).map(|row| (row.key(), Some(field.to_owned()))).collect()
    }

    /// The row that a draft becomes for a writer of everything.
    pub fn row<M: Recordable>(draft: &M::Draft, world: &M::World) -> Result<M, crate::error::Error> {
        let scope = RowScope { bureaus: Extent::All, ..RowScope::default() };
        M::build(draft, meta(), world, &Writing { scope: &scope, client: "office", corrects: false, now: DateTime::UNIX_EPOCH })
    }

    /// What every row carries.
    pub fn meta() -> Meta {
        let (created_at, updated_at) = (DateTime::<Utc>::UNIX_EPOCH, DateTime::<Utc>::UNIX_EPOCH);
        Meta { source_version: None, void_reason: None, revision: 1, receipt_id: ReceiptId::new(), created_at, updated_at }
    }

    /// That of a record about a person on the `n`th day.
    pub fn head(person: u128, n: i64) -> DatedHead<'static> {
        DatedHead {
            client: "office",
            external_id: "1",
            staff_id: StaffId(Uuid::from_u128(person)),
            posting_id: PostingId::new(),
            bureau_id: bureau(),
            unit_id: UnitId::new(),
            date: day(n),
            correction_reason: None,
        }
    }

    /// The bureau that all of them are of.
    pub fn bureau() -> BureauId {
        BureauId(Uuid::from_u128(9))
    }

    /// The `n`th day of fiscal year 2019.
    pub fn day(n: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2019, 4, 1).unwrap() + TimeDelta::days(n)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn spans_that_touch_do_not_overlap() {
        assert!(overlapping(&[("a", 1, Some(3)), ("a", 3, None), ("b", 1, Some(9))]).is_empty());
        assert_eq!(overlapping(&[("a", 1, Some(4)), ("a", 3, None)]), BTreeMap::from([(0, 1), (1, 0)]));
        assert_eq!(overlapping(&[("a", 1, None), ("a", 8, Some(9)), ("b", 1, None)]), BTreeMap::from([(0, 1), (1, 0)]));
    }

    proptest! {
        /// The sweep finds what comparing every pair finds.
        #[test]
        fn every_overlap_is_found(spans in prop::collection::vec((0..3u8, 0..30i32, prop::option::weighted(0.8, 1..12i32)), 0..20)) {
            let spans: Vec<_> = spans.into_iter().map(|(key, start, length)| (key, start, length.map(|length| start + length))).collect();
            let meet = |a: &(u8, i32, Option<i32>), b: &(u8, i32, Option<i32>)| {
                a.0 == b.0 && b.2.is_none_or(|end| a.1 < end) && a.2.is_none_or(|end| b.1 < end)
            };
            let wanted: BTreeSet<usize> =
                (0..spans.len()).filter(|&a| (0..spans.len()).any(|b| a != b && meet(&spans[a], &spans[b]))).collect();
            prop_assert_eq!(overlapping(&spans).into_keys().collect::<BTreeSet<_>>(), wanted);
        }

        #[test]
        fn every_repetition_is_found(keys in prop::collection::vec(0..10u8, 0..12)) {
            let wanted: BTreeSet<usize> =
                (0..keys.len()).filter(|&a| keys.iter().enumerate().any(|(b, key)| a != b && *key == keys[a])).collect();
            prop_assert_eq!(repeated(&keys).into_keys().collect::<BTreeSet<_>>(), wanted);
        }
    }
}

//! What records may not be together, as pure functions over the final state of a call: each returns the places of all records that
//! contradict another, so that the result never depends on their order.

use std::collections::{BTreeMap, BTreeSet};

/// Those that overlap another one of the same key. A span is `(key, start, end)`, half-open; without an end it never ends.
pub fn overlapping<K: Ord, T: Ord>(spans: &[(K, T, Option<T>)]) -> BTreeSet<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by(|&a, &b| (&spans[a].0, &spans[a].1).cmp(&(&spans[b].0, &spans[b].1)));
    let mut found = BTreeSet::new();
    // The span that reaches furthest so far meets every later one that overlaps any of them.
    let mut furthest: Option<usize> = None;
    for index in order {
        let (key, start, end) = &spans[index];
        match furthest.filter(|&last| spans[last].0 == *key) {
            Some(last) => {
                let reach = &spans[last].2;
                if reach.as_ref().is_none_or(|reach| start < reach) {
                    found.extend([last, index]);
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

/// Those whose key another one has too.
pub fn repeated<K: Ord>(keys: impl IntoIterator<Item = K>) -> BTreeSet<usize> {
    let mut places: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (index, key) in keys.into_iter().enumerate() {
        places.entry(key).or_default().push(index);
    }
    places.into_values().filter(|places| places.len() > 1).flatten().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_that_touch_do_not_overlap() {
        assert!(overlapping(&[("a", 1, Some(3)), ("a", 3, None), ("b", 1, Some(9))]).is_empty());
        assert_eq!(overlapping(&[("a", 1, Some(4)), ("a", 3, None)]), BTreeSet::from([0, 1]));
        assert_eq!(overlapping(&[("a", 1, None), ("a", 8, Some(9)), ("b", 1, None)]), BTreeSet::from([0, 1]));
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
            prop_assert_eq!(overlapping(&spans), wanted);
        }

        #[test]
        fn every_repetition_is_found(keys in prop::collection::vec(0..10u8, 0..12)) {
            let wanted: BTreeSet<usize> =
                (0..keys.len()).filter(|&a| keys.iter().filter(|key| **key == keys[a]).count() > 1).collect();
            prop_assert_eq!(repeated(&keys), wanted);
        }
    }
}

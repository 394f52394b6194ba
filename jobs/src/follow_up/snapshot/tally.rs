//! The lines of a snapshot's parts, added up.

use super::{Days, Manifest, PartKind, SnapshotError, WITH_STANDINGS, sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What a measure says of one bureau, sex and band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Minutes, days or persons.
    pub value: i64,
    /// The persons that it rests on.
    pub persons: i64,
}

/// A place: bureau, sex and band, by their places in the manifest's lists.
pub type Place = (u16, u8, u8);

/// A place and a standing, by its place in the manifest's list; 0 where lines have none.
type Spot = (Place, u8);

/// What is summed over which dates.
type Summed = (Days, String);

/// The sums of all parts, by dates and measure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    sums: BTreeMap<Summed, BTreeMap<Spot, Sum>>,
    /// Those of person-months: where nobody stayed, somebody was.
    of_months: BTreeSet<Summed>,
}

impl Tally {
    /// Adds the `index`th part of the manifest. Parts are read one by one, so that memory holds one of them.
    ///
    /// # Errors
    /// [`SnapshotError::Content`], [`SnapshotError::Line`].
    pub fn add(&mut self, manifest: &Manifest, index: usize, content: &str) -> Result<(), SnapshotError> {
        let part =
            manifest.parts.get(index).filter(|part| part.sha256 == sha256(content.as_bytes())).ok_or(SnapshotError::Content(index))?;
        let stand = manifest.format >= WITH_STANDINGS;
        let mut columns: Vec<BTreeMap<Spot, Sum>> = vec![BTreeMap::new(); part.columns.len()];
        for (number, line) in content.lines().enumerate() {
            let read = match part.kind {
                PartKind::Persons | PartKind::Hires => person(line, stand, &mut columns),
                PartKind::PersonMonths => person_months(line, stand, &mut columns),
                PartKind::Cells => cell(line, stand, &mut columns),
            };
            read.ok_or(SnapshotError::Line { part: index, line: number + 1 })?;
        }
        if part.kind == PartKind::PersonMonths && !stand {
            // Earlier formats are told part by part.
            columns.iter_mut().flat_map(BTreeMap::values_mut).for_each(somebody);
        }
        for (name, found) in part.columns.iter().zip(columns) {
            let summed = ((part.date_from, part.date_to), name.clone());
            if part.kind == PartKind::PersonMonths && stand {
                self.of_months.insert(summed.clone());
            }
            let sums = self.sums.entry(summed).or_default();
            for (spot, sum) in found {
                let entry = sums.entry(spot).or_default();
                entry.value += sum.value;
                entry.persons += sum.persons;
            }
        }
        Ok(())
    }

    /// The sums of each measure and dates, of all whom any of the manifest's definitions counts in it.
    pub fn sums(&self, manifest: &Manifest) -> impl Iterator<Item = BTreeMap<Place, Sum>> {
        let parts = || manifest.definitions.iter().flat_map(|definition| [&definition.numerator, &definition.denominator]);
        self.sums.keys().map(move |summed| {
            let of = parts().filter(|part| part.measure == summed.1).flat_map(|part| part.standings.iter().copied());
            self.merged(summed, &of.collect::<Vec<_>>())
        })
    }

    /// The sums of a measure over dates, of these standings, or of everybody where none is named; none where no part has it.
    #[must_use]
    pub fn of(&self, days: Days, measure: &str, standings: &[u8]) -> Option<BTreeMap<Place, Sum>> {
        let summed = (days, measure.to_owned());
        self.sums.contains_key(&summed).then(|| self.merged(&summed, standings))
    }

    fn merged(&self, summed: &Summed, standings: &[u8]) -> BTreeMap<Place, Sum> {
        let mut merged: BTreeMap<Place, Sum> = BTreeMap::new();
        let spots = self.sums.get(summed).into_iter().flatten();
        for ((place, _), sum) in spots.filter(|((_, standing), _)| standings.is_empty() || standings.contains(standing)) {
            let entry = merged.entry(*place).or_default();
            entry.value += sum.value;
            entry.persons += sum.persons;
        }
        if self.of_months.contains(summed) {
            merged.values_mut().for_each(somebody);
        }
        merged
    }
}

/// Where nobody stayed, somebody was.
fn somebody(sum: &mut Sum) {
    sum.persons = sum.persons.max(1);
}

fn person(line: &str, stand: bool, columns: &mut [BTreeMap<Spot, Sum>]) -> Option<()> {
    let mut fields = line.split(',');
    fields.next().filter(|pseudonym| !pseudonym.is_empty())?;
    let place = spot(&mut fields, stand)?;
    for column in columns {
        let value: i64 = fields.next()?.parse().ok()?;
        if value != 0 {
            let sum = column.entry(place).or_default();
            sum.value += value;
            sum.persons += 1;
        }
    }
    fields.next().is_none().then_some(())
}

/// Who moved counts as a person in the latest place alone, so that the persons of places add up and none of them is two.
fn person_months(line: &str, stand: bool, columns: &mut [BTreeMap<Spot, Sum>]) -> Option<()> {
    let mut fields = line.split(',');
    fields.next().filter(|pseudonym| !pseudonym.is_empty())?;
    let place = spot(&mut fields, stand)?;
    let latest: i64 = fields.next()?.parse().ok().filter(|latest| (0..=1).contains(latest))?;
    for column in columns {
        let value: i64 = fields.next()?.parse().ok()?;
        if value != 0 {
            let sum = column.entry(place).or_default();
            sum.value += value;
            sum.persons += latest;
        }
    }
    fields.next().is_none().then_some(())
}

fn cell(line: &str, stand: bool, columns: &mut [BTreeMap<Spot, Sum>]) -> Option<()> {
    let mut fields = line.split(',');
    let place = spot(&mut fields, stand)?;
    let column: usize = fields.next()?.parse().ok()?;
    let sum = columns.get_mut(column)?.entry(place).or_default();
    sum.value += fields.next()?.parse::<i64>().ok()?;
    sum.persons += fields.next()?.parse::<i64>().ok()?;
    fields.next().is_none().then_some(())
}

fn spot<'a>(fields: &mut impl Iterator<Item = &'a str>, stand: bool) -> Option<Spot> {
    let place = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((place, if stand { fields.next()?.parse().ok()? } else { 0 }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn lines_add_up_by_place() {
        let mut columns = vec![BTreeMap::new(), BTreeMap::new()];
        for line in ["a,0,0,1,465,1", "b,0,0,1,0,1", "c,1,0,1,10,0"] {
            person(line, false, &mut columns).unwrap();
        }
        let spot = |bureau| ((bureau, 0, 1), 0);
        assert_eq!(columns[0][&spot(0)], Sum { value: 465, persons: 1 });
        assert_eq!(columns[1][&spot(0)], Sum { value: 2, persons: 2 });
        assert_eq!(columns[1].get(&spot(1)), None, "nothing is no sum");
        cell("1,0,1,1,30,4", false, &mut columns).unwrap();
        assert_eq!(columns[1][&spot(1)], Sum { value: 30, persons: 4 });
        person_months("a,2,0,1,1,30,0", false, &mut columns).unwrap();
        person_months("a,3,0,1,0,60,0", false, &mut columns).unwrap();
        assert_eq!((columns[0][&spot(2)], columns[0][&spot(3)]), (Sum { value: 30, persons: 1 }, Sum { value: 60, persons: 0 }));
        for line in ["a,0,0,1,1,1", "a,0,0,1,2,1,1", ",0,0,1,1,1,1"] {
            assert_eq!(person_months(line, false, &mut columns), None, "{line}");
        }
        for line in ["", "a,0,0,1,1", "a,0,0,1,1,1,1", ",0,0,1,1,1", "a,0,0,300,1,1", "a,0,0,1,1,x"] {
            assert_eq!(person(line, false, &mut columns), None, "{line}");
        }
        for line in ["0,0,0,2,1,1", "0,0,0,0,1", "0,0,0,0,1,1,1"] {
            assert_eq!(cell(line, false, &mut columns), None, "{line}");
        }
    }

    #[test]
    fn lines_add_up_by_standing() {
        let mut columns = vec![BTreeMap::new()];
        person("a,0,0,1,0,1", true, &mut columns).unwrap();
        person("b,0,0,1,2,1", true, &mut columns).unwrap();
        cell("0,0,1,1,0,7,3", true, &mut columns).unwrap();
        person_months("c,0,0,1,2,1,5", true, &mut columns).unwrap();
        assert_eq!(person("a,0,0,1,1", true, &mut columns), None, "a line without a standing");
        let sums = |persons, value| Sum { value, persons };
        let place = (0, 0, 1);
        assert_eq!(columns[0], [((place, 0), sums(1, 1)), ((place, 1), sums(3, 7)), ((place, 2), sums(2, 6))].into());
        let summed = (Days::default(), "M".to_owned());
        let tally = Tally { sums: [(summed.clone(), columns[0].clone())].into(), of_months: BTreeSet::new() };
        assert_eq!(tally.of(summed.0, "M", &[0, 1]), Some([(place, sums(4, 8))].into()));
        assert_eq!(tally.of(summed.0, "M", &[]), Some([(place, sums(6, 14))].into()));
        assert_eq!(tally.of(summed.0, "OTHER", &[]), None);
    }
}

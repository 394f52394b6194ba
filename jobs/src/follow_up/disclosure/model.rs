//! The tables and numbers in one canonical order: dense cells, and one class for all numbers that are the same sum.

use super::{DisclosureError, Earlier, Members, Number, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that the search needs to know; tables are in the order of their names, denominators' own place among them.
pub(super) struct Model {
    pub tables: Vec<Counts>,
    /// In the order of tables and cells.
    pub classes: Vec<Class>,
    /// Of each number.
    pub class_of: Vec<usize>,
    /// The classes of each table.
    pub of_table: Vec<Vec<usize>>,
    /// Of each number, for messages.
    names: Vec<String>,
}

/// A table's cells.
pub(super) struct Counts {
    pub name: String,
    pub cells: Vec<i64>,
    pub parent: Option<usize>,
    pub children: Vec<usize>,
}

/// Numbers that are the same sum of the same table.
pub(super) struct Class {
    pub table: usize,
    pub cells: Vec<usize>,
    pub value: i64,
    pub threshold: i64,
    pub earlier: Option<Earlier>,
    pub follows: BTreeSet<usize>,
    /// The same sum of the table's denominator.
    pub whole: Option<usize>,
    /// What it costs to let it deviate by one person.
    pub weight: f64,
    /// The parity by which neighbours are sent in opposite directions.
    pub rank: usize,
    /// The first of its numbers.
    pub number: usize,
}

type Key = (usize, Vec<usize>);

impl Model {
    pub fn new(tables: &[Table], numbers: &[Number]) -> Result<Self, DisclosureError> {
        let space = Space::of(tables, numbers)?;
        let order = order(tables)?;
        let place: BTreeMap<usize, usize> = order.iter().enumerate().map(|(place, table)| (*table, place)).collect();
        let mut counts = Vec::new();
        for index in &order {
            let table = &tables[*index];
            let parent = match table.within {
                None => None,
                Some(parent) => Some(*place.get(&parent).ok_or_else(|| wrong(format!("{} is within no table", table.name)))?),
            };
            counts.push(Counts { name: table.name.clone(), cells: space.cells(table)?, parent, children: Vec::new() });
        }
        link(&mut counts)?;
        let keys = numbers.iter().map(|number| match place.get(&number.table) {
            Some(table) => Ok((*table, space.members(number))),
            None => Err(wrong(format!("a number of table {}", number.table))),
        });
        let keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
        let known: BTreeMap<&Key, usize> = keys.iter().collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
        let class_of: Vec<usize> = keys.iter().map(|key| known[key]).collect();
        let mut classes: Vec<Class> = known.keys().map(|key| space.class(key, &counts, &known)).collect();
        for (index, number) in numbers.iter().enumerate() {
            let class = &mut classes[class_of[index]];
            class.number = class.number.min(index);
            class.threshold = class.threshold.max(number.threshold);
            // What is shown anywhere is public.
            class.earlier = class.earlier.max(number.earlier);
            if let Some(other) = number.follows {
                class.follows.insert(*class_of.get(other).ok_or_else(|| wrong(format!("number {index} follows none")))?);
            }
        }
        let mut of_table = vec![Vec::new(); counts.len()];
        for (index, class) in classes.iter().enumerate() {
            of_table[class.table].push(index);
        }
        let names = numbers.iter().map(|number| tables[number.table].name.clone()).collect();
        Ok(Self { tables: counts, classes, class_of, of_table, names })
    }

    /// What is withheld by class, of what is withheld by number.
    pub fn pattern(&self, withheld: &[bool]) -> Result<Vec<bool>, DisclosureError> {
        if withheld.len() != self.class_of.len() {
            return Err(wrong(format!("{} decisions for {} numbers", withheld.len(), self.class_of.len())));
        }
        // A number that is shown once is shown.
        let mut pattern = vec![true; self.classes.len()];
        for (class, withheld) in self.class_of.iter().zip(withheld) {
            pattern[*class] &= *withheld;
        }
        Ok(pattern)
    }

    pub fn too_much_shown(&self, class: usize) -> DisclosureError {
        let number = self.classes[class].number;
        DisclosureError::TooMuchShown { number, table: self.names[number].clone() }
    }

    /// Denominators before their numerators.
    pub fn top_down(&self) -> Vec<usize> {
        let mut tables: Vec<usize> = (0..self.tables.len()).filter(|table| self.tables[*table].parent.is_none()).collect();
        let mut next = 0;
        while let Some(table) = tables.get(next) {
            tables.extend(&self.tables[*table].children);
            next += 1;
        }
        tables
    }

    /// The table and all within it.
    pub fn family(&self, table: usize) -> Vec<usize> {
        let mut family = vec![table];
        let mut next = 0;
        while let Some(table) = family.get(next) {
            family.extend(&self.tables[*table].children);
            next += 1;
        }
        family
    }

    /// All tables that hang together with this one.
    pub fn component(&self, table: usize) -> Vec<usize> {
        let mut top = table;
        while let Some(parent) = self.tables[top].parent {
            top = parent;
        }
        self.family(top)
    }
}

fn wrong(what: String) -> DisclosureError {
    DisclosureError::Input(what)
}

/// The tables by name.
fn order(tables: &[Table]) -> Result<Vec<usize>, DisclosureError> {
    let by_name: BTreeMap<&str, usize> = tables.iter().enumerate().map(|(index, table)| (table.name.as_str(), index)).collect();
    if by_name.len() < tables.len() {
        return Err(wrong("two tables have one name".to_owned()));
    }
    Ok(by_name.into_values().collect())
}

/// Checks that each table lies within its denominator, and tells denominators their numerators.
fn link(counts: &mut [Counts]) -> Result<(), DisclosureError> {
    for table in 0..counts.len() {
        let mut above = counts[table].parent;
        for _ in 0..counts.len() {
            above = above.and_then(|parent| counts[parent].parent);
        }
        if above.is_some() {
            return Err(wrong(format!("{} is within itself", counts[table].name)));
        }
        let Some(parent) = counts[table].parent else { continue };
        if counts[table].cells.iter().zip(&counts[parent].cells).any(|(part, whole)| part > whole) {
            return Err(wrong(format!("{} has more persons in a cell than {}", counts[table].name, counts[parent].name)));
        }
        counts[parent].children.push(table);
    }
    Ok(())
}

/// The members of the three dimensions that occur.
struct Space {
    bureaus: Vec<u16>,
    sexes: Vec<u16>,
    bands: Vec<u16>,
}

impl Space {
    fn of(tables: &[Table], numbers: &[Number]) -> Result<Self, DisclosureError> {
        let mut sets = [(); 3].map(|()| BTreeSet::new());
        for cell in tables.iter().flat_map(|table| &table.cells) {
            for (set, member) in sets.iter_mut().zip([cell.bureau, cell.sex.into(), cell.band.into()]) {
                if member >= Members::LIMIT {
                    return Err(wrong(format!("member {member} is not below {}", Members::LIMIT)));
                }
                set.insert(member);
            }
        }
        // A member that only a number names holds nobody, but might.
        for number in numbers {
            for (set, members) in sets.iter_mut().zip([number.bureaus, number.sexes, number.bands]) {
                if members != Members::ALL {
                    set.extend((0..Members::LIMIT).filter(|member| members.contains(*member)));
                }
            }
        }
        let [bureaus, sexes, bands] = sets.map(|set| set.into_iter().collect());
        Ok(Self { bureaus, sexes, bands })
    }

    fn index(&self, bureau: usize, sex: usize, band: usize) -> usize {
        (bureau * self.sexes.len() + sex) * self.bands.len() + band
    }

    fn cells(&self, table: &Table) -> Result<Vec<i64>, DisclosureError> {
        let mut cells = vec![0; self.bureaus.len() * self.sexes.len() * self.bands.len()];
        for cell in &table.cells {
            let place = (
                self.bureaus.binary_search(&cell.bureau),
                self.sexes.binary_search(&cell.sex.into()),
                self.bands.binary_search(&cell.band.into()),
            );
            let (Ok(bureau), Ok(sex), Ok(band)) = place else { continue };
            if cell.persons < 0 {
                return Err(wrong(format!("{} has {} persons in a cell", table.name, cell.persons)));
            }
            cells[self.index(bureau, sex, band)] += cell.persons;
        }
        Ok(cells)
    }

    /// The cells that a number is the sum of.
    fn members(&self, number: &Number) -> Vec<usize> {
        let within = |members: &[u16], set: Members| -> Vec<usize> {
            (0..members.len()).filter(|index| set == Members::ALL || set.contains(members[*index])).collect()
        };
        let (sexes, bands) = (within(&self.sexes, number.sexes), within(&self.bands, number.bands));
        let mut found = Vec::new();
        for bureau in within(&self.bureaus, number.bureaus) {
            for sex in &sexes {
                found.extend(bands.iter().map(|band| self.index(bureau, *sex, *band)));
            }
        }
        found
    }

    fn class(&self, key: &Key, counts: &[Counts], known: &BTreeMap<&Key, usize>) -> Class {
        let (table, cells) = key;
        let value: i64 = cells.iter().map(|cell| counts[*table].cells[*cell]).sum();
        let (sexes, bands) = (self.sexes.len(), self.bands.len());
        let spans = |of: &dyn Fn(usize) -> usize| cells.iter().map(|cell| of(*cell)).collect::<BTreeSet<_>>();
        let spans = [spans(&|cell| cell / bands / sexes), spans(&|cell| cell / bands % sexes), spans(&|cell| cell % bands)];
        let whole_dimensions = [self.bureaus.len(), sexes, bands].iter().zip(&spans).filter(|(all, span)| **all == span.len()).count();
        // The office's own total last, then those of a bureau, a sex or a band.
        let dear = match whole_dimensions {
            3 => 10_000.0,
            2 => 30.0,
            _ => 1.0,
        };
        let whole = counts[*table].parent.and_then(|parent| known.get(&(parent, cells.clone())).copied());
        let rank = spans.iter().filter_map(BTreeSet::first).sum();
        Class {
            table: *table,
            cells: cells.clone(),
            value,
            threshold: 0,
            earlier: None,
            follows: BTreeSet::new(),
            whole,
            weight: dear * (1.0 + small(value) / 8.0),
            rank,
            number: usize::MAX,
        }
    }
}

/// A count as the programs take it; counts of persons are far below the limit.
pub(super) fn small(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}

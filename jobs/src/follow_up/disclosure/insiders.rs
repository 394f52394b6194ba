//! Readers who know all persons of one bureau, as its officer does: what is withheld must not follow for any of them either.
//!
//! To such a reader the bureau's cells are known, and each number is as good as the rest of it: the tables without the bureau are searched like
//! those of everybody, and what must be is withheld for everybody. Nothing is shown again in turn, so that the proofs for one reader hold when more
//! is withheld for another, and the readers are asked until none needs more.
//!
//! Most proofs are found for many readers at once. Bureaus are numbered, and for each digit of their numbers those that have it are held to be known
//! together: a world in which all of these stay proves a number to whoever knows any one of them.

use super::{Cell, DisclosureError, Earlier, Members, Number, Table, model::Model, search::Search};
use std::collections::BTreeSet;

/// Withholds more than is withheld, until nothing of it follows for who knows any one bureau, or none. What is seen by whoever knows a bureau needs no
/// protection from them.
///
/// # Errors
/// Where the input does not fit together, and where the solver fails.
pub fn protect_from_insiders(
    tables: &[Table],
    numbers: &[Number],
    withheld: Vec<bool>,
    seen: &[bool],
) -> Result<Vec<bool>, DisclosureError> {
    let mut bureaus: BTreeSet<u16> = tables.iter().flat_map(|table| &table.cells).map(|cell| cell.bureau).collect();
    let named =
        |number: &Number| (0..Members::LIMIT).filter(|bureau| number.bureaus != Members::ALL && number.bureaus.contains(*bureau)).collect();
    bureaus.extend(numbers.iter().flat_map::<Vec<u16>, _>(named));
    let everybody = vec![false; numbers.len()];
    let known = seen.iter().map(|seen| if *seen { bureaus.clone() } else { BTreeSet::new() }).collect();
    let mut readers = Readers { tables, numbers, bureaus, withheld, known, everybody };
    loop {
        let before = readers.withheld.clone();
        readers.prove_many()?;
        for bureau in readers.bureaus.clone() {
            readers.secure(Some(bureau))?;
        }
        readers.secure(None)?;
        if readers.withheld == before {
            return Ok(readers.withheld);
        }
    }
}

struct Readers<'a> {
    tables: &'a [Table],
    numbers: &'a [Number],
    bureaus: BTreeSet<u16>,
    withheld: Vec<bool>,
    /// Of each number, the bureaus to whose readers it is proved safe.
    known: Vec<BTreeSet<u16>>,
    /// Whether it is to a reader who knows none.
    everybody: Vec<bool>,
}

/// What is left where some bureaus are known.
struct View {
    tables: Vec<Table>,
    numbers: Vec<Number>,
    /// Which of all numbers these are.
    of: Vec<usize>,
}

impl Readers<'_> {
    /// The tables and numbers without these bureaus. What is withheld stays so.
    fn view(&self, known: &BTreeSet<u16>) -> View {
        let is_left = |cell: &&Cell| !known.contains(&cell.bureau);
        let tables =
            self.tables.iter().map(|table| Table { cells: table.cells.iter().filter(is_left).copied().collect(), ..table.clone() });
        let rest = |number: &Number| {
            Members::of(self.bureaus.iter().copied().filter(|bureau| number.bureaus.contains(*bureau) && !known.contains(bureau)))
        };
        let mut places = vec![None; self.numbers.len()];
        let (mut numbers, mut of) = (Vec::new(), Vec::new());
        for (index, number) in self.numbers.iter().enumerate() {
            let bureaus = rest(number);
            if bureaus != Members::of([]) {
                places[index] = Some(numbers.len());
                let withheld = self.withheld[index].then_some(Earlier::Withheld);
                let earlier = number.earlier.filter(|earlier| *earlier == Earlier::Shown).or(withheld);
                // What is few is withheld by now; the rest of a larger number is printed nowhere.
                numbers.push(Number { bureaus, threshold: 0, earlier, ..number.clone() });
                of.push(index);
            }
        }
        for number in &mut numbers {
            number.follows = number.follows.and_then(|leader| places[leader]);
        }
        View { tables: tables.collect(), numbers, of }
    }

    fn is_proved(&self, number: usize, reader: Option<u16>) -> bool {
        reader.map_or(self.everybody[number], |bureau| self.known[number].contains(&bureau))
    }

    /// Withholds more until nothing follows for this reader.
    fn secure(&mut self, reader: Option<u16>) -> Result<(), DisclosureError> {
        let view = self.view(&reader.into_iter().collect());
        if view.of.iter().all(|index| !self.withheld[*index] || self.is_proved(*index, reader)) {
            return Ok(());
        }
        let model = Model::new(&view.tables, &view.numbers)?;
        let withheld: Vec<bool> = view.of.iter().map(|index| self.withheld[*index]).collect();
        let mut search = Search::new(&model, model.pattern(&withheld)?);
        for (class, index) in model.class_of.iter().zip(&view.of) {
            search.excused[*class] |= self.is_proved(*index, reader);
        }
        search.extend()?;
        for (class, index) in model.class_of.iter().zip(&view.of) {
            self.withheld[*index] |= search.withheld[*class];
            match reader {
                _ if !self.withheld[*index] => {}
                Some(bureau) => _ = self.known[*index].insert(bureau),
                None => self.everybody[*index] = true,
            }
        }
        Ok(())
    }

    /// Looks for proofs for many readers at once, and withholds nothing.
    fn prove_many(&mut self) -> Result<(), DisclosureError> {
        let digits = usize::BITS - self.bureaus.len().saturating_sub(1).leading_zeros();
        for digit in 0..digits {
            for value in [0, 1] {
                let numbered = self.bureaus.iter().copied().enumerate();
                let known: BTreeSet<u16> = numbered.filter(|(place, _)| place >> digit & 1 == value).map(|(_, bureau)| bureau).collect();
                self.prove(&known)?;
            }
        }
        Ok(())
    }

    fn prove(&mut self, known: &BTreeSet<u16>) -> Result<(), DisclosureError> {
        let view = self.view(known);
        let is_open = |index: &usize| self.withheld[*index] && !known.is_subset(&self.known[*index]);
        if !view.of.iter().any(is_open) {
            return Ok(());
        }
        let model = Model::new(&view.tables, &view.numbers)?;
        let withheld: Vec<bool> = view.of.iter().map(|index| self.withheld[*index]).collect();
        let mut search = Search::new(&model, model.pattern(&withheld)?);
        for (class, index) in model.class_of.iter().zip(&view.of) {
            search.excused[*class] |= !is_open(index);
        }
        search.look_around()?;
        for (class, index) in model.class_of.iter().zip(&view.of) {
            if search.withheld[*class] && search.is_wide(*class) {
                self.known[*index].extend(known);
            }
        }
        Ok(())
    }
}

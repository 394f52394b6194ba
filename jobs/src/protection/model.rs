//! From figures to tables of people: each numerator and denominator of the catalogue is a table, and what several figures share is one, so that
//! no figure tells what another withholds. Pure.
//!
//! A denominator is the whole of its numerators; where a figure is about some of the people of another (`Definition::among`), the other's are
//! the whole of its own. A figure about some of the bands of another is that one's split by band. Minutes and days leave nobody over.

use super::rule::{Grid, Month, SPLITS, Table};
use crate::indicators::{Counted, Definition, IndicatorUnit, Part, Population, catalogue, find};
use entity::{measure_cell::Span, posting::RankBand, protection::Split, staff::Sex};
use sea_orm::Iterable;

/// The figure whose denominator is who is subject to overtime.
const SUBJECT: &str = "SHARE_ABOVE_45H";
/// The figures whose denominators are those whom figures of careers and of work count.
const COUNTED: [&str; 2] = ["TELEWORK_PERSONS", "WOMEN_STAFF"];

/// The splits in the order of the rule.
pub(crate) const ALL_SPLITS: [Split; SPLITS] = [Split::Total, Split::BySex, Split::ByBand];

/// The people of one cell of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The figure, by its place in [`Model::figures`].
    pub figure: usize,
    /// The bureau; none for the whole office.
    pub bureau: Option<usize>,
    /// The split.
    pub split: usize,
    /// Its member.
    pub member: usize,
    /// Distinct people behind the numerator.
    pub numerator: i64,
    /// Distinct people behind the denominator.
    pub denominator: i64,
}

/// A figure and its two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figure {
    /// What it is.
    pub definition: &'static Definition,
    /// The numerator's table.
    pub numerator: usize,
    /// The denominator's table.
    pub denominator: usize,
}

/// What a table is made of: its part, whatever its factor, and whom it counts.
type Key = (Part, Option<Counted>);

/// The tables of the figures that are decided together.
#[derive(Debug)]
pub(crate) struct Model {
    /// The figures, each once.
    pub figures: Vec<Figure>,
    /// Wholes before their parts.
    pub month: Month,
}

/// Whether a figure's months make its spans, so that a span shows what its months show and no more.
pub(crate) fn adds_up(definition: &Definition) -> bool {
    definition.numerator.measure.months_add_up() && definition.denominator.measure.months_add_up()
}

/// The figure of months whose sums a figure is: itself, or one that differs in its factors alone.
pub(crate) fn by_month(definition: &'static Definition) -> &'static Definition {
    let bare = |part: Part| Part { scale: 1, ..part };
    let of = |one: &Definition| (bare(one.numerator), bare(one.denominator), one.counts, one.dimensions);
    catalogue().iter().find(|one| one.has_span(Span::Month) && of(one) == of(definition)).unwrap_or(definition)
}

/// Whether a figure of a year to date is that of its last month: the census.
pub(crate) fn is_of_last_month(definition: &Definition) -> bool {
    definition.numerator.measure.is_census() && definition.denominator.measure.is_census()
}

/// The figure whose split by band a figure is about some of.
pub(crate) fn base(definition: &Definition) -> Option<&'static Definition> {
    let is_of_some = !RankBand::iter().all(|band| definition.denominator.bands.contains(&band));
    catalogue().iter().find(|base| is_of_some && base.dimensions.band && base.is_over(definition))
}

/// Whether its numerator counts people, of whom it leaves some: else minutes or days of the denominator's people.
fn counts_people(definition: &Definition) -> bool {
    !definition.numerator.measure.is_minutes()
        && definition.denominator.scale == 1
        && definition.unit == IndicatorUnit::Percent
        && definition.population != Population::Events
        || definition.published_by_law
}

/// The figures whose cells of a span are looked at: others follow from months or from their base.
pub(crate) fn looked_at(span: Span) -> impl Iterator<Item = &'static Definition> {
    catalogue().iter().filter(move |definition| {
        let follows = span != Span::Month && (adds_up(definition) || is_of_last_month(definition));
        definition.has_span(span) && !follows && base(definition).is_none()
    })
}

/// The place of a value among the splits and their members; none for what is crossed by both.
pub(crate) fn place(sex: &str, band: &str) -> Option<(usize, usize)> {
    let total = entity::indicator_value::TOTAL;
    match (sex == total, band == total) {
        (true, true) => Some((0, 0)),
        (false, true) => Some((1, Sex::iter().position(|of| of.as_text() == sex)?)),
        (true, false) => Some((2, RankBand::iter().position(|of| of.as_text() == band)?)),
        (false, false) => None,
    }
}

/// How many members a split has.
fn members(split: usize) -> usize {
    [1, Sex::iter().count(), RankBand::iter().count()][split]
}

fn numerator(definition: &Definition) -> Key {
    key(definition.numerator, Some(definition.counts))
}

fn denominator(definition: &Definition) -> Key {
    // Those of whom others leave out are everybody, whoever leaves them out.
    let left_out = matches!(definition.counts, Counted::LeftOutOfCareers | Counted::LeftOutOfWork);
    key(definition.denominator, (!left_out).then_some(definition.counts))
}

fn key(part: Part, counted: Option<Counted>) -> Key {
    (Part { scale: 1, ..part }, counted)
}

/// Tables while they are put in order.
#[derive(Default)]
struct Draft {
    keys: Vec<Key>,
    wholes: Vec<Vec<usize>>,
    parts: Vec<Vec<usize>>,
    counts: Vec<bool>,
    splits: Vec<[bool; SPLITS]>,
}

impl Draft {
    fn table(&mut self, key: Key, counts: bool, definition: &Definition) -> usize {
        let place = self.keys.iter().position(|other| *other == key).unwrap_or_else(|| {
            self.keys.push(key);
            self.wholes.push(Vec::new());
            self.parts.push(Vec::new());
            self.counts.push(false);
            self.splits.push([false; SPLITS]);
            self.keys.len() - 1
        });
        self.counts[place] |= counts;
        let own = [true, definition.dimensions.sex, definition.dimensions.band];
        self.splits[place].iter_mut().zip(own).for_each(|(split, own)| *split |= own);
        place
    }

    fn put_within(&mut self, part: usize, whole: usize) {
        if part != whole && !self.wholes[part].contains(&whole) {
            self.wholes[part].push(whole);
        }
    }

    /// The tables in an order in which wholes come first.
    fn order(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut waiting: Vec<usize> = (0..self.keys.len()).collect();
        while !waiting.is_empty() {
            let before = order.len();
            waiting.retain(|table| {
                let ready = self.wholes[*table].iter().chain(&self.parts[*table]).all(|before| order.contains(before));
                if ready {
                    order.push(*table);
                }
                !ready
            });
            if order.len() == before {
                // A catalogue whose parts go round in a circle, which a test rules out: each is looked at all the same.
                order.append(&mut waiting);
            }
        }
        order
    }
}

impl Model {
    /// The tables of these figures, which are all empty yet.
    pub fn of(definitions: impl Iterator<Item = &'static Definition>, bureaus: usize) -> Self {
        let definitions: Vec<_> = definitions.collect();
        let mut draft = Draft::default();
        let mut figures = Vec::new();
        for definition in &definitions {
            let below = draft.table(denominator(definition), true, definition);
            let above = draft.table(numerator(definition), counts_people(definition), definition);
            draft.put_within(above, below);
            figures.push(Figure { definition, numerator: above, denominator: below });
        }
        for figure in &figures {
            let Some(all) = figure.definition.among.and_then(find) else { continue };
            let Some(all) = figures.iter().find(|other| other.definition.code == all.code) else { continue };
            if matches!(figure.definition.counts, Counted::LeftOutOfCareers | Counted::LeftOutOfWork) {
                // Of whom both leave out, some are left out by one alone.
                draft.put_within(all.numerator, figure.numerator);
            } else {
                draft.put_within(figure.denominator, all.denominator);
            }
        }
        // Who is subject to overtime is under the caps of one regime or of the other: the one follows from the other.
        let subject = figures.iter().find(|figure| figure.definition.code == SUBJECT).map(|figure| figure.denominator);
        let of_caps = |figure: &&Figure| {
            figure.definition.population == Population::Overtime && figure.definition.denominator.measure.code.starts_with("UNDER_")
        };
        for figure in figures.iter().filter(of_caps) {
            if let Some(subject) = subject {
                draft.put_within(figure.denominator, subject);
            }
        }
        // Everybody less those whom others count are those whom these leave out.
        let left_out = |figure: &&Figure| matches!(figure.definition.counts, Counted::LeftOutOfCareers | Counted::LeftOutOfWork);
        for figure in figures.iter().filter(left_out) {
            for counted in figures.iter().filter(|other| COUNTED.contains(&other.definition.code)) {
                if !draft.parts[figure.denominator].contains(&counted.denominator) {
                    draft.parts[figure.denominator].push(counted.denominator);
                }
            }
        }
        let order = draft.order();
        let at = |table: usize| order.iter().position(|other| *other == table).unwrap_or(0);
        let tables = order.iter().map(|table| {
            let grid = |split: usize| draft.splits[*table][split].then(|| Grid::new(bureaus, members(split)));
            Table {
                grids: [grid(0), grid(1), grid(2)],
                wholes: draft.wholes[*table].iter().map(|whole| at(*whole)).collect(),
                parts: draft.parts[*table].iter().map(|part| at(*part)).collect(),
                counts: draft.counts[*table],
                ..Table::default()
            }
        });
        let tables = tables.collect();
        for figure in &mut figures {
            (figure.numerator, figure.denominator) = (at(figure.numerator), at(figure.denominator));
        }
        Self { figures, month: Month { sizes: vec![0; bureaus], tables, ..Month::default() } }
    }

    /// The place of a figure.
    pub fn figure(&self, code: &str) -> Option<usize> {
        self.figures.iter().position(|figure| figure.definition.code == code)
    }

    /// Puts a cell's people into both tables. A bureau is as large as the largest table of it.
    pub fn put(&mut self, cell: Cell) {
        let figure = self.figures[cell.figure];
        for (table, people) in [(figure.denominator, cell.denominator), (figure.numerator, cell.numerator)] {
            let Some(grid) = &mut self.month.tables[table].grids[cell.split] else { continue };
            match cell.bureau {
                Some(bureau) => grid.people[bureau * grid.members + cell.member] = people,
                None => grid.office[cell.member] = people,
            }
        }
        if let Some(bureau) = cell.bureau.filter(|_| cell.split == 0) {
            self.grow(bureau, cell.denominator);
        }
    }

    /// Says that a bureau has at least so many people.
    pub fn grow(&mut self, bureau: usize, people: i64) {
        self.month.sizes[bureau] = self.month.sizes[bureau].max(people);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_table_comes_after_its_wholes() {
        for span in [Span::Month, Span::FiscalYearToDate, Span::CalendarYearToDate] {
            let model = Model::of(looked_at(span), 3);
            assert!(!model.figures.is_empty());
            for (place, table) in model.month.tables.iter().enumerate() {
                assert!(table.wholes.iter().chain(&table.parts).all(|before| *before < place), "{span:?}: table {place}");
            }
            for figure in &model.figures {
                let numerator = &model.month.tables[figure.numerator];
                assert!(numerator.wholes.contains(&figure.denominator), "{}", figure.definition.code);
            }
        }
    }

    #[test]
    fn figures_that_share_a_part_share_a_table() {
        let model = Model::of(looked_at(Span::CalendarYearToDate), 3);
        let of = |code| model.figures[model.figure(code).unwrap()];
        assert_eq!(of("SUBJECT_THROUGHOUT").numerator, of("ANNUAL_OVERTIME_HOURS").denominator);
        let model = Model::of(looked_at(Span::Month), 3);
        let of = |code| model.figures[model.figure(code).unwrap()];
        assert_eq!(of("LEFT_OUT_OF_CAREERS").denominator, of("LEFT_OUT_OF_WORK").denominator);
        assert_ne!(of("LEFT_OUT_OF_CAREERS").numerator, of("LEFT_OUT_OF_WORK").numerator);
        assert!(model.month.tables[of("WOMEN_STAFF").denominator].wholes.contains(&of("TELEWORK_PERSONS").denominator));
        assert!(model.month.tables[of("LEFT_OUT_OF_WORK").numerator].wholes.contains(&of("LEFT_OUT_OF_CAREERS").numerator));
    }

    #[test]
    fn a_band_is_its_base_by_band() {
        let bases: Vec<_> = catalogue().iter().filter_map(|one| Some((one.code, base(one)?.code))).collect();
        assert_eq!(bases.len(), 6);
        assert!(bases.iter().all(|(_, base)| *base == "WOMEN_STAFF"), "{bases:?}");
    }

    #[test]
    fn whatever_months_add_up_to_is_a_figure_of_months() {
        let of_years = catalogue().iter().filter(|one| adds_up(one));
        assert!(of_years.clone().all(|one| by_month(one).has_span(Span::Month)));
        let annualised = find("ANNUALISED_OVERTIME_HOURS").unwrap();
        assert_eq!(by_month(annualised).code, "MEAN_OVERTIME_HOURS");
    }

    #[test]
    fn what_follows_from_months_is_not_decided_apart() {
        let of_years: Vec<_> = looked_at(Span::FiscalYearToDate).map(|definition| definition.code).collect();
        assert!(of_years.contains(&"SHARE_ABOVE_45H") && of_years.contains(&"TELEWORK_PERSONS"));
        for code in ["MEAN_OVERTIME_HOURS", "TELEWORK_DAYS_A_HEAD", "WOMEN_STAFF", "LEFT_OUT_OF_WORK", "ON_TIME_DEPARTURE"] {
            assert!(!of_years.contains(&code), "{code}");
        }
    }
}

//! What protection looks at: the people behind every bureau's cells of an indicator, span and month, read once a request.

use super::{
    BTreeMap, BTreeSet, Column, Condition, Definition, Error, Ground, HashMap, Known, Model, Shared, Span, Store, TOTAL, YearMonth,
    catalogue, find, first_month, unscoped,
};
use crate::protect::{self, Base, Cell, Split, Withheld};
use entity::{indicator_value, posting::RankBand};
use jobs::indicators::{Counted, IndicatorUnit, Population};
use sea_orm::{ColumnTrait, FromQueryResult, Iterable, QueryFilter, QuerySelect};

/// The indicators whose denominators are the people of a bureau whom the figures of work count: those of the census, and those subject to
/// overtime. Of whom other figures count, the difference is looked at ([`among`]).
const SIZES: [Code; 2] = ["TELEWORK_PERSONS", "MEAN_OVERTIME_HOURS"];

/// The code of a definition.
type Code = &'static str;

/// One indicator, span and last month.
type Key = (Code, Span, YearMonth);

/// Whether the parts by sex and band are looked at too.
type Deep = bool;

/// What a request knows of the figures that it shows.
#[derive(Debug, Default)]
pub(super) struct Protection {
    cells: HashMap<(Key, Deep), Vec<Cell>>,
    bases: HashMap<YearMonth, Base>,
    withheld: HashMap<(Key, Deep), Withheld>,
}

impl Protection {
    /// Whether a value that the actor may see protected alone is withheld.
    pub(super) fn withholds(&self, row: &Model) -> bool {
        let (Some(key), split) = (key(row), split(&row.sex, &row.band)) else { return true };
        let found = self.withheld.get(&(key, split != Split::Total));
        let place = ((row.bureau != TOTAL).then(|| row.bureau.clone()), split);
        (row.sex != TOTAL && row.band != TOTAL) || found.is_none_or(|withheld| withheld.contains(&place))
    }

    fn settle(&mut self, ground: &Ground, (key, deep): (Key, Deep)) {
        let (code, span, month) = key;
        if self.withheld.contains_key(&(key, deep)) {
            return;
        }
        let months: Vec<YearMonth> = YearMonth::range(first_month(span, month), month).collect();
        let mut before = Withheld::new();
        if span != Span::Month {
            for month in &months {
                let each = (code, Span::Month, *month);
                self.settle(ground, (each, deep));
                before.extend(self.withheld.get(&(each, deep)).into_iter().flatten().cloned());
            }
        }
        // Of a bureau only: what the whole office has is published by bands apart.
        for part in parts(code) {
            self.settle(ground, ((part, span, month), deep));
            let of_part = self.withheld.get(&((part, span, month), deep)).into_iter().flatten();
            before.extend(of_part.filter(|(bureau, _)| bureau.is_some()).cloned());
        }
        for month in &months {
            if !self.bases.contains_key(month) {
                self.bases.insert(*month, self.base(ground, |code| ground.reads(code), *month));
            }
        }
        let base = Base::joined(&months.iter().filter_map(|month| self.bases.get(month)).collect::<Vec<_>>());
        let cells = self.cells.get(&(key, deep)).map_or(&[][..], Vec::as_slice);
        let published = find(code).is_some_and(|definition| definition.published_by_law);
        let mut found = protect::withheld(cells, &base, &before, |code| ground.reads(code), published);
        if let Some((some, all)) = find(code).zip(among(code, span, month, deep)) {
            let cells = self.among_all(some, all, cells);
            found = protect::withheld(&cells, &base, &found, |code| ground.reads(code), published);
        }
        self.withheld.insert((key, deep), found);
    }

    /// The people whom an indicator is about beside those whom it leaves out: what these have follows from an indicator of all. Of whom others
    /// leave out, it is those left out by both beside those left out by one.
    fn among_all(&self, definition: &Definition, all: (Key, Deep), cells: &[Cell]) -> Vec<Cell> {
        let all = self.cells.get(&all).map_or(&[][..], Vec::as_slice);
        let all = if is_of_some_bands(definition) { in_bands(all, definition.denominator.bands) } else { all.to_vec() };
        let is_split = |split: Split| split == Split::Total || cells.iter().any(|some| some.split == split);
        let is_left_out = matches!(definition.counts, Counted::LeftOutOfCareers | Counted::LeftOutOfWork);
        let people = |cell: &Cell| if is_left_out { cell.numerator } else { cell.denominator };
        let among = |all: Cell| {
            let same = |some: &&Cell| (&some.bureau, some.split, &some.member) == (&all.bureau, all.split, &all.member);
            let (counted, whole) = (cells.iter().find(same).map_or(0, people), people(&all));
            Cell { numerator: counted.min(whole), denominator: counted.max(whole), ..all }
        };
        all.into_iter().filter(|all| is_split(all.split)).map(among).collect()
    }

    fn base(&self, ground: &Ground, reads: impl Fn(&str) -> bool, month: YearMonth) -> Base {
        let mut sizes: BTreeMap<String, protect::Size> = ground.hidden.iter().map(|code| (code.clone(), [0; 2])).collect();
        for (population, code) in SIZES.into_iter().enumerate() {
            let cells = self.cells.get(&((code, Span::Month, month), false)).into_iter().flatten();
            for cell in cells {
                if let Some(bureau) = &cell.bureau {
                    sizes.entry(bureau.clone()).or_default()[population] = cell.denominator;
                }
            }
        }
        Base::of(&sizes, reads, |code| ground.hides(code))
    }
}

impl Store {
    /// Finds out what of these rows is withheld from an actor who may see them protected alone.
    pub(super) async fn protect(&self, known: &mut Known, ground: &Ground, rows: &[&Model]) -> Result<(), Error> {
        let mut asked: BTreeSet<(Key, Deep)> = BTreeSet::new();
        for row in rows {
            let Some((code, span, month)) = key(row) else { continue };
            let deep = split(&row.sex, &row.band) != Split::Total;
            asked.extend(std::iter::once(code).chain(parts(code)).map(|code| ((code, span, month), deep)));
        }
        asked.retain(|one| !known.protection.withheld.contains_key(one));
        let mut needed = asked.clone();
        for ((code, span, month), deep) in &asked {
            needed.extend(among(code, *span, *month, *deep));
            for month in YearMonth::range(first_month(*span, *month), *month) {
                needed.insert(((*code, Span::Month, month), *deep));
                needed.extend(among(code, Span::Month, month, *deep));
                needed.extend(SIZES.map(|code| ((code, Span::Month, month), false)));
            }
        }
        for deep in [false, true] {
            let missing = needed.iter().filter(|one| one.1 == deep && !known.protection.cells.contains_key(*one));
            let missing: BTreeSet<Key> = missing.map(|(key, _)| *key).collect();
            self.load_cells(&mut known.protection, &missing, deep).await?;
        }
        for one in asked {
            known.protection.settle(ground, one);
        }
        Ok(())
    }

    /// What is withheld of all figures of a month from an actor who may see the persons of these bureaus, by code.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub(in crate::store) async fn base(&self, month: YearMonth, reads: impl Fn(&str) -> bool) -> Result<Base, Error> {
        let shared = Shared::default();
        let ground = self.ground(&shared).await?;
        let protection = &mut shared.0.lock().await.protection;
        self.load_cells(protection, &SIZES.map(|code| (code, Span::Month, month)).into(), false).await?;
        Ok(protection.base(&ground, reads, month))
    }

    /// Loads the cells of these indicators, spans and months, in one statement.
    async fn load_cells(&self, protection: &mut Protection, keys: &BTreeSet<Key>, deep: Deep) -> Result<(), Error> {
        #[derive(FromQueryResult)]
        struct Row {
            indicator: String,
            span: Span,
            month: YearMonth,
            bureau: String,
            sex: String,
            band: String,
            numerator_persons: i64,
            denominator_persons: i64,
            expected: Option<i64>,
        }
        if keys.is_empty() {
            return Ok(());
        }
        let mut any = Condition::any();
        for span in keys.iter().map(|key| key.1).collect::<BTreeSet<_>>() {
            let of: Vec<&Key> = keys.iter().filter(|key| key.1 == span).collect();
            let codes: BTreeSet<&str> = of.iter().map(|key| key.0).collect();
            let (first, last) = (of.iter().map(|key| key.2).min(), of.iter().map(|key| key.2).max());
            let months = Condition::all()
                .add_option(first.map(|first| Column::Month.gte(first)))
                .add_option(last.map(|last| Column::Month.lte(last)));
            any = any.add(months.add(Column::Span.eq(span)).add(Column::Indicator.is_in(codes)));
        }
        let total = |column: Column| column.eq(TOTAL);
        let splits = if deep { Condition::any() } else { Condition::all() }.add(total(Column::Sex)).add(total(Column::Band));
        let rows = unscoped::<indicator_value::Entity>()
            .select_only()
            .columns([Column::Indicator, Column::Span, Column::Month, Column::Bureau, Column::Sex, Column::Band])
            .columns([Column::NumeratorPersons, Column::DenominatorPersons, Column::Expected])
            .filter(Column::SupersededBy.is_null())
            .filter(any)
            .filter(splits);
        let mut cells: HashMap<Key, Vec<Cell>> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for row in rows.into_model::<Row>().all(self.reader()).await? {
            let Some(definition) = find(&row.indicator) else { continue };
            let split = split(&row.sex, &row.band);
            // A bureau that has reported no telework has people all the same.
            let census = row.expected.filter(|_| definition.code == SIZES[0] && row.span == Span::Month);
            let cell = Cell {
                bureau: (row.bureau != TOTAL).then_some(row.bureau),
                split,
                member: if split == Split::BySex { row.sex } else { row.band },
                numerator: row.numerator_persons,
                denominator: census.unwrap_or(row.denominator_persons),
            };
            // The statement may give more months than were asked for; only those that are whole are kept.
            if let Some(cells) = cells.get_mut(&(definition.code, row.span, row.month)) {
                cells.push(people(definition, cell));
            }
        }
        protection.cells.extend(cells.into_iter().map(|(key, cells)| ((key, deep), cells)));
        Ok(())
    }
}

fn key(row: &Model) -> Option<Key> {
    Some((find(&row.indicator)?.code, row.span, row.month))
}

fn split(sex: &str, band: &str) -> Split {
    match (sex == TOTAL, band == TOTAL) {
        (true, true) => Split::Total,
        (false, _) => Split::BySex,
        (true, false) => Split::ByBand,
    }
}

/// The bands by themselves that an indicator of several bands is the sum of: who does not see one of them does not see the sum.
fn parts(code: Code) -> impl Iterator<Item = Code> {
    let whole = find(code).filter(|whole| whole.numerator.bands.len() > 1);
    let is_part = move |part: &&Definition| {
        let of_whole = |whole: &Definition| whole.is_over(part) && whole.numerator.bands.contains(&part.numerator.bands[0]);
        part.numerator.bands.len() == 1 && whole.is_some_and(of_whole)
    };
    catalogue().iter().filter(is_part).map(|part| part.code)
}

/// The figures of all, where an indicator is about some of them: of the same span, or of its last month where they have no such span.
fn among(code: Code, span: Span, month: YearMonth, deep: Deep) -> Option<(Key, Deep)> {
    let some = find(code)?;
    let all = find(some.among?)?;
    Some(((all.code, if all.has_span(span) { span } else { Span::Month }, month), deep || is_of_some_bands(some)))
}

/// Whether an indicator is about some of the bands.
fn is_of_some_bands(definition: &Definition) -> bool {
    !RankBand::iter().all(|band| definition.denominator.bands.contains(&band))
}

/// The cells of these bands together, for each bureau and the office.
fn in_bands(cells: &[Cell], bands: &[RankBand]) -> Vec<Cell> {
    let bands: Vec<_> = bands.iter().map(|band| band.as_text()).collect();
    let mut sums: BTreeMap<Option<String>, Cell> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.split == Split::ByBand && bands.contains(&cell.member)) {
        let nobody = || Cell { split: Split::Total, member: TOTAL.to_owned(), numerator: 0, denominator: 0, ..cell.clone() };
        let sum = sums.entry(cell.bureau.clone()).or_insert_with(nobody);
        (sum.numerator, sum.denominator) = (sum.numerator + cell.numerator, sum.denominator + cell.denominator);
    }
    sums.into_values().collect()
}

/// Where the numerator counts no people of its own (minutes, days), only the denominator's people are at stake.
fn people(definition: &Definition, cell: Cell) -> Cell {
    let counts_people = !definition.numerator.measure.is_minutes()
        && definition.denominator.scale == 1
        && definition.unit == IndicatorUnit::Percent
        && definition.population != Population::Events
        || definition.published_by_law;
    if counts_people || (1..5).contains(&cell.numerator) {
        return cell;
    }
    Cell { numerator: cell.denominator, ..cell }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn the_sizes_are_those_of_indicators() {
        assert!(SIZES.iter().all(|code| find(code).is_some()));
    }

    #[test]
    fn minutes_of_some_people_are_looked_at_among_all() {
        let all = [SIZES[0], SIZES[1]].map(|code| find(code).map(|all| all.denominator.measure));
        let of_some = catalogue().iter().filter(|one| {
            one.population != Population::Events && one.numerator.measure.is_minutes() && !all.contains(&Some(one.denominator.measure))
        });
        let names: Vec<_> = of_some.clone().map(|one| one.code).collect();
        assert_eq!(names, ["ANNUAL_OVERTIME_HOURS", "LEAVE_TARGET_ATTAINMENT", "ANNUAL_LEAVE_DAYS"]);
        assert!(of_some.clone().all(|one| one.among.is_some()), "say among whom they are");
    }

    #[test]
    fn the_difference_between_two_figures_is_people_too() {
        let month: YearMonth = "2020-04".parse().unwrap();
        let cell = |split, member: &str, numerator, denominator| Cell {
            bureau: Some("A".to_owned()),
            split,
            member: member.to_owned(),
            numerator,
            denominator,
        };
        let looked_at = |code: Code, all: Vec<Cell>, own: Cell| {
            let (key, deep) = among(code, Span::Month, month, false).unwrap();
            let known = Protection { cells: [((key, deep), all)].into(), ..Protection::default() };
            let cells = known.among_all(find(code).unwrap(), (key, deep), &[own]);
            cells.iter().map(|cell| (cell.numerator, cell.denominator)).collect::<Vec<_>>()
        };
        // 12 work here, of whom 10 have main posts.
        let all = vec![cell(Split::Total, TOTAL, 4, 12), cell(Split::ByBand, "CHIEF", 2, 6), cell(Split::ByBand, "STAFF", 2, 6)];
        assert_eq!(looked_at("WOMEN_STAFF", all.clone(), cell(Split::Total, TOTAL, 5, 10)), [(10, 12)]);
        assert_eq!(looked_at("WOMEN_CHIEF", all, cell(Split::Total, TOTAL, 2, 5)), [(5, 6)], "of chiefs alone");
        // Of 20, 5 are left out of both and 2 of one.
        assert_eq!(looked_at("LEFT_OUT_OF_CAREERS", vec![cell(Split::Total, TOTAL, 5, 20)], cell(Split::Total, TOTAL, 7, 20)), [(5, 7)]);
    }

    #[test]
    fn a_band_and_above_is_the_sum_of_its_bands() {
        let of = |code| parts(code).collect::<Vec<_>>();
        assert_eq!(of("WOMEN_DIRECTOR_AND_ABOVE"), ["WOMEN_DIRECTOR", "WOMEN_DESIGNATED"]);
        assert_eq!(of("WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE"), ["WOMEN_ASSISTANT_DIRECTOR", "WOMEN_DIRECTOR", "WOMEN_DESIGNATED"]);
        assert_eq!(of("WOMEN_DIRECTOR"), [""; 0]);
        assert_eq!(of("MEAN_OVERTIME_HOURS"), [""; 0], "all bands are no sum of some");
    }
}

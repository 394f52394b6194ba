//! The figures of a release as disclosure control takes them: their counts as numbers over hidden cells, with what earlier releases of the
//! year have already told.
//!
//! A release is remembered by what its figures counted, not by what its members were called: groups and visibility may have changed since.
//! What one showed and that still counts the same is public; what one withheld must not follow from this one either, whether or not it is
//! printed again. A withdrawn release was public too. Only what it should never have shown is not shown again. Nothing is remembered of a figure
//! that the plan no longer has, or that is defined otherwise by now.
//!
//! Who reads releases alone is one reader, and who sees no persons but reads live figures of the same days is another: what these showed when the
//! snapshot was frozen is known to the other one, and what they withheld must not follow from both. What is withheld from either is withheld.
//!
//! Figures that count the same of more and of fewer people, by their standings to the office, tell of the difference: the table of the fewer
//! lies within that of the more, and a number of it is looked at beside theirs of the same place, whether or not that is printed.

use super::{
    DraftError,
    figures::{Asked, Side, Wanted},
    members::Member,
};
use crate::follow_up::{
    disclosure::{self, Cell, DisclosureError, Earlier, Members, Number},
    release::{Observation, Status},
    snapshot::{FormerMember, LiveFigure, LiveLine, Manifest, Place, Sum},
};
use entity::{bureau::Visibility, indicator_value::TOTAL};
use std::collections::{BTreeMap, BTreeSet};

/// Which of the asked cells are withheld, in their order: first from whoever reads releases alone, and then from whoever reads live figures too.
pub(super) fn protect(manifest: &Manifest, asked: &[Asked<'_>]) -> Result<Vec<bool>, DraftError> {
    let mut alone = Numbers::of(manifest, asked, &[]);
    let withheld = alone.hide()?;
    let hidden = alone.asked_hidden(&withheld);
    if !manifest.is_whole() {
        return Ok(hidden);
    }
    let mut beside = Numbers::of(manifest, asked, &manifest.live);
    beside.keep(&alone, &withheld);
    let more = beside.hide_beside()?;
    Ok(hidden.into_iter().zip(beside.asked_hidden(&more)).map(|(hidden, more)| hidden || more).collect())
}

/// Whether an observation counts what the figure counts now.
pub(super) fn is_of(figure: &Asked<'_>, observation: &Observation) -> bool {
    (observation.indicator.as_str(), observation.definition_version, observation.date_from, observation.date_to)
        == (figure.figure.indicator.as_str(), figure.version, figure.days.0, figure.days.1)
}

/// Whether live figures count what the figure counts now.
pub(super) fn is_met(figure: &Asked<'_>, live: &LiveFigure) -> bool {
    (live.indicator.as_str(), live.definition_version, live.date_from, live.date_to)
        == (figure.figure.indicator.as_str(), figure.version, figure.days.0, figure.days.1)
}

/// Whether the release would print more of a figure than live figures show: else the two tell what these tell.
fn tells_more(figure: &Asked<'_>, live: &LiveFigure) -> bool {
    let is_shown = |wanted: &Wanted| live.lines.iter().any(|line| line.numerator.is_some() && is_at(line, wanted));
    figure.cells.iter().any(|wanted| wanted.printed && !is_shown(wanted))
}

fn bureaus_of(line: &LiveLine) -> Members {
    line.bureau.map_or(Members::ALL, Members::one)
}

/// Whether a line is of this place.
pub(super) fn is_at(line: &LiveLine, wanted: &Wanted) -> bool {
    (bureaus_of(line), line.sex, line.band) == (wanted.bureau.bureaus, wanted.sex, wanted.band)
}

/// What a former observation was about, in the places of this snapshot; a bureau that there is no longer has nobody.
fn place_of(manifest: &Manifest, members: &[FormerMember], observation: &Observation) -> Option<Wanted> {
    let place = |of: &str, list: &[String]| -> Option<Option<u8>> {
        if of == TOTAL { Some(None) } else { Some(Some(u8::try_from(list.iter().position(|member| member == of)?).ok()?)) }
    };
    let bureaus = if observation.bureau == TOTAL {
        Members::ALL
    } else {
        let codes = &members.iter().find(|member| member.code == observation.bureau)?.bureaus;
        let there = codes.iter().filter_map(|code| manifest.bureaus.iter().position(|bureau| bureau.code == *code));
        Members::of(there.filter_map(|place| u16::try_from(place).ok()))
    };
    if bureaus == Members::of([]) {
        return None;
    }
    Some(Wanted {
        bureau: Member { code: observation.bureau.clone(), bureaus },
        sex: place(&observation.sex, &manifest.sexes)?,
        band: place(&observation.band, &manifest.bands)?,
        hidden: false,
        printed: false,
    })
}

/// The tables of a figure: the denominator's and the numerator's.
type Pair = (usize, usize);

/// The numbers of all figures over their tables, as they come together.
struct Numbers<'a> {
    threshold: i64,
    tables: Vec<disclosure::Table>,
    sides: Vec<&'a Side>,
    places: BTreeMap<String, usize>,
    all: Vec<Number>,
    /// Figures of this release, or withheld ones of a former one: the denominator's number and the numerator's.
    cells: Vec<Pair>,
    /// Of each asked cell, its place among these; none where it counts nobody.
    asked: Vec<Option<usize>>,
    /// Whether the law has some number published whatever its size: then others may follow that few are behind.
    is_published: bool,
    /// Numbers that follow so.
    conceded: BTreeSet<usize>,
    /// The bureaus that appear inside the office alone.
    internal: Members,
}

impl<'a> Numbers<'a> {
    /// The numbers of what is asked, of former releases and of these live figures.
    fn of(manifest: &Manifest, asked: &'a [Asked<'_>], live: &[LiveFigure]) -> Self {
        let is_internal = |place: &u16| manifest.bureaus.get(usize::from(*place)).is_some_and(|of| of.visibility == Visibility::Internal);
        let mut numbers = Self {
            threshold: manifest.settings.threshold,
            tables: Vec::new(),
            sides: Vec::new(),
            places: BTreeMap::new(),
            all: Vec::new(),
            cells: Vec::new(),
            asked: Vec::new(),
            is_published: false,
            conceded: BTreeSet::new(),
            internal: Members::of((0..Members::LIMIT).filter(is_internal)),
        };
        for figure in asked {
            let is_counted = figure.protected && figure.numerator.cells().is_some() && figure.denominator.cells().is_some();
            if !is_counted {
                numbers.asked.extend(figure.cells.iter().map(|_| None));
                continue;
            }
            let tables = numbers.tables_of(figure);
            for wanted in &figure.cells {
                let cell = numbers.ask(figure, tables, wanted);
                numbers.asked.push(Some(cell));
            }
            for former in &manifest.former {
                for observation in former.observations.iter().filter(|observation| is_of(figure, observation)) {
                    if let Some(place) = place_of(manifest, &former.bureaus, observation) {
                        numbers.remember(figure, tables, (former.withdrawn, observation, &place));
                    }
                }
            }
            for live in live.iter().filter(|live| is_met(figure, live) && tells_more(figure, live)) {
                live.lines.iter().for_each(|line| numbers.meet(figure, tables, (live, line)));
            }
        }
        numbers.relate();
        numbers.keep_rests();
        numbers
    }

    fn tables_of(&mut self, figure: &'a Asked<'_>) -> Pair {
        let denominator = self.table(&figure.denominator, None);
        let numerator = figure.counted.as_ref().unwrap_or(&figure.numerator);
        (denominator, self.table(numerator, figure.within.then_some(denominator)))
    }

    fn table(&mut self, side: &'a Side, within: Option<usize>) -> usize {
        let next = self.tables.len();
        let place = *self.places.entry(side.table()).or_insert(next);
        if place == next {
            self.tables.push(disclosure::Table { name: side.table(), within, cells: cells(side) });
            self.sides.push(side);
        }
        place
    }

    fn number(&self, figure: &Asked<'_>, (table, side): (usize, &Side), wanted: &Wanted) -> Number {
        Number {
            table,
            bureaus: wanted.bureau.bureaus,
            sexes: wanted.sex.map_or(side.sexes, Members::one),
            bands: wanted.band.map_or(side.bands, Members::one),
            threshold: figure.figure.threshold.unwrap_or(self.threshold),
            earlier: None,
            follows: None,
        }
    }

    fn pair(&self, figure: &Asked<'_>, tables: Pair, wanted: &Wanted) -> [Number; 2] {
        [(tables.0, &figure.denominator), (tables.1, &figure.numerator)].map(|of| self.number(figure, of, wanted))
    }

    /// Adds both numbers of a cell, the numerator as one that follows; returns the cell.
    fn push(&mut self, [denominator, numerator]: [Number; 2]) -> usize {
        let first = self.all.len();
        self.all.extend([denominator, Number { follows: Some(first), ..numerator }]);
        self.cells.push((first, first + 1));
        self.cells.len() - 1
    }

    /// A figure of this release. That the whole office has nobody tells the same of all its parts, and nothing hides that.
    fn ask(&mut self, figure: &Asked<'_>, tables: Pair, wanted: &Wanted) -> usize {
        let mut pair = self.pair(figure, tables, wanted);
        for number in &mut pair {
            let office = Number { bureaus: Members::ALL, ..number.clone() };
            number.earlier = (wanted.hidden && self.persons(&office) > 0).then_some(Earlier::Withheld);
            if figure.published && wanted.is_office_total() {
                number.earlier = Some(Earlier::Shown);
            }
        }
        self.is_published |= figure.published;
        self.push(pair)
    }

    /// A figure of a former release. Of one that it withheld the numerator stays so, for the denominator may have been another figure's.
    fn remember(&mut self, figure: &Asked<'_>, tables: Pair, (withdrawn, observation, place): (bool, &Observation, &Wanted)) {
        let [denominator, numerator] = self.pair(figure, tables, place);
        if observation.status == Status::Withheld {
            self.push([denominator, Number { earlier: Some(Earlier::Withheld), ..numerator }]);
            return;
        }
        let sides = [(denominator, &figure.denominator, observation.denominator), (numerator, &figure.numerator, observation.numerator)];
        let sides = sides.map(|(number, side, before)| (number, before.is_some_and(|before| side.stands(before, place))));
        let leaves_few = figure.within && sides.iter().all(|(_, stands)| *stands) && self.leaves_few(&sides[0].0, &sides[1].0);
        for (number, stands) in sides {
            let is_mistaken = withdrawn && (leaves_few || is_few(number.threshold, self.persons(&number)));
            if stands && !is_mistaken {
                self.all.push(Number { earlier: Some(Earlier::Shown), ..number });
            }
        }
    }

    /// A live figure of the same days. What it shows is public. What it withholds must not follow from both together, unless the release prints
    /// the number itself by its own rule; a bureau's figure to which months add up it does not print then, for a month of it would follow.
    fn meet(&mut self, figure: &Asked<'_>, tables: Pair, (met, line): (&LiveFigure, &LiveLine)) {
        let bureau = Member { code: String::new(), bureaus: bureaus_of(line) };
        let place = Wanted { bureau, sex: line.sex, band: line.band, hidden: false, printed: false };
        let [denominator, numerator] = self.pair(figure, tables, &place);
        for (number, side, shown) in
            [(&denominator, &figure.denominator, line.denominator), (&numerator, &figure.numerator, line.numerator)]
        {
            if shown.is_some_and(|shown| side.stands(shown, &place)) {
                self.all.push(Number { earlier: Some(Earlier::Shown), ..number.clone() });
            }
        }
        let is_printed = figure.cells.iter().any(|wanted| wanted.printed && is_at(line, wanted));
        if line.numerator.is_none() && (!is_printed || met.adds_up && line.bureau.is_some()) {
            self.push([denominator, Number { earlier: Some(Earlier::Withheld), ..numerator }]);
        }
    }

    /// Puts each table within the smallest of those that sum the same of more people, and asks for the numbers of these beside its own: of the
    /// places, whatever their sexes, of which there is a number of the same or of a wider table.
    fn relate(&mut self) {
        let holds = |wide: usize, narrow: usize| self.sides[wide].holds(self.sides[narrow]);
        let size = |table: &usize| (self.sides[*table].standings(), *table);
        let all = 0..self.tables.len();
        let wider: Vec<Vec<usize>> = all.clone().map(|table| all.clone().filter(|wide| holds(*wide, table)).collect()).collect();
        let next: Vec<Option<usize>> = wider.iter().map(|wider| wider.iter().copied().min_by_key(size)).collect();
        let asked: BTreeSet<_> = self.all.iter().map(|number| (number.table, number.bureaus, number.bands)).collect();
        let mut beside: Vec<Number> = Vec::new();
        for number in &self.all {
            let is_asked = |wide: &usize| asked.contains(&(*wide, number.bureaus, number.bands));
            let widest = wider[number.table].iter().copied().filter(is_asked).max_by_key(size);
            let mut table = number.table;
            while let Some(wide) = next[table].filter(|_| widest.is_some_and(|widest| widest != table)) {
                beside.push(Number { table: wide, earlier: None, follows: None, ..number.clone() });
                table = wide;
            }
        }
        self.all.extend(beside);
        for (table, wide) in next.into_iter().enumerate() {
            // A numerator of another measure stays within its own denominator.
            let is_related = |within: usize| wider[table].contains(&within);
            if self.tables[table].within.is_none_or(is_related) && wide.is_some() {
                self.tables[table].within = wide;
            }
        }
    }

    /// Whether a numerator leaves so few of its denominator that they are a small group of their own.
    fn leaves_few(&self, denominator: &Number, numerator: &Number) -> bool {
        is_few(numerator.threshold, self.persons(denominator) - self.persons(numerator))
    }

    /// Where a numerator is public and cannot be withheld, a new denominator is that would tell how few are left of it.
    fn keep_rests(&mut self) {
        let public: BTreeSet<_> = self.all.iter().filter(|number| number.earlier == Some(Earlier::Shown)).map(key).collect();
        for (denominator, numerator) in self.cells.clone() {
            let (whole, part) = (&self.all[denominator], &self.all[numerator]);
            let within = self.tables[part.table].within == Some(whole.table);
            if within && public.contains(&key(part)) && !public.contains(&key(whole)) && self.leaves_few(whole, part) {
                self.all[denominator].earlier = Some(Earlier::Withheld);
            }
        }
    }

    /// Which numbers are withheld from whoever reads releases alone. A withheld figure prints neither of its numbers: one that no other figure prints
    /// is withheld in its own right, and must not follow from what is printed.
    fn hide(&mut self) -> Result<Vec<bool>, DraftError> {
        loop {
            let withheld = match disclosure::protect(&self.tables, &self.all) {
                // What is public fixes a nil already: nothing hides it, and nobody is behind it.
                Err(DisclosureError::TooMuchShown { number, .. }) if self.is_bare_nil(number) => {
                    self.all[number].earlier = Some(Earlier::Shown);
                    continue;
                }
                // What is public by law fixes it; it is printed nowhere all the same.
                Err(DisclosureError::TooMuchShown { number, .. })
                    if self.is_published && self.all[number].earlier != Some(Earlier::Shown) =>
                {
                    self.all[number].earlier = Some(Earlier::Shown);
                    self.conceded.insert(number);
                    continue;
                }
                withheld => withheld?,
            };
            let more = self.unprinted(&withheld);
            if more.is_empty() {
                return Ok(withheld);
            }
            for index in more {
                self.all[index].earlier = Some(Earlier::Withheld);
            }
        }
    }

    /// Lets what is withheld for others stay so.
    fn keep(&mut self, others: &Self, withheld: &[bool]) {
        for (own, theirs) in self.asked.iter().zip(&others.asked) {
            let Some((own, theirs)) = own.zip(*theirs) else { continue };
            let ((denominator, numerator), theirs) = (self.cells[own], others.cells[theirs]);
            for (own, theirs) in [(denominator, theirs.0), (numerator, theirs.1)] {
                if withheld[theirs] {
                    self.all[own].earlier = self.all[own].earlier.max(Some(Earlier::Withheld));
                }
            }
        }
    }

    /// Which numbers are withheld from whoever reads live figures too. These may tell a number whatever is withheld, and are taken to.
    fn hide_beside(&mut self) -> Result<Vec<bool>, DraftError> {
        loop {
            let withheld = disclosure::protect_beside(&self.tables, &self.all)?;
            let more = self.unprinted(&withheld);
            if more.is_empty() {
                return self.hide_from_insiders(withheld);
            }
            for index in more {
                self.all[index].earlier = Some(Earlier::Withheld);
            }
        }
    }

    /// Withholds more, until nothing follows for who knows any one bureau either.
    fn hide_from_insiders(&mut self, mut withheld: Vec<bool>) -> Result<Vec<bool>, DraftError> {
        // Who knows a bureau is of the office, and sees what is for its inside.
        let seen: Vec<bool> = self.all.iter().map(|number| self.is_internal(number)).collect();
        loop {
            withheld = disclosure::protect_from_insiders(&self.tables, &self.all, withheld, &seen)?;
            let more = self.unprinted(&withheld);
            if more.is_empty() {
                return Ok(withheld);
            }
            for index in more {
                withheld[index] = true;
            }
        }
    }

    /// Whether a number is of bureaus that appear inside the office alone, and is withheld for that alone.
    fn is_internal(&self, number: &Number) -> bool {
        number.bureaus.are_within(self.internal) && !is_few(number.threshold, self.persons(number))
    }

    /// Which cells are withheld where these numbers are.
    fn hidden(&self, withheld: &[bool]) -> Vec<bool> {
        let is_hidden = |number: usize| withheld[number] || self.conceded.contains(&number);
        self.cells.iter().map(|cell| is_hidden(cell.0) || is_hidden(cell.1)).collect()
    }

    /// Which of the asked cells are withheld, in their order.
    fn asked_hidden(&self, withheld: &[bool]) -> Vec<bool> {
        let hidden = self.hidden(withheld);
        self.asked.iter().map(|cell| cell.is_some_and(|cell| hidden[cell])).collect()
    }

    /// The numbers of withheld cells that are neither withheld nor printed.
    fn unprinted(&self, withheld: &[bool]) -> Vec<usize> {
        let hidden = self.hidden(withheld);
        let sides = |hides: bool| {
            let cells = self.cells.iter().zip(&hidden).filter(move |(_, hidden)| **hidden == hides);
            cells.flat_map(|(cell, _)| [cell.0, cell.1])
        };
        let public = self.all.iter().filter(|number| number.earlier == Some(Earlier::Shown)).map(key);
        let printed: BTreeSet<_> = sides(false).map(|index| key(&self.all[index])).chain(public).collect();
        let is_unprinted = |index: &usize| {
            let number = &self.all[*index];
            !withheld[*index] && number.earlier.is_none() && !printed.contains(&key(number)) && self.persons(number) > 0
        };
        sides(true).filter(is_unprinted).collect()
    }

    fn is_bare_nil(&self, number: usize) -> bool {
        let number = &self.all[number];
        number.earlier != Some(Earlier::Shown) && self.persons(number) == 0
    }

    /// How many persons a number counts.
    fn persons(&self, number: &Number) -> i64 {
        let inside = |cell: &&Cell| {
            number.bureaus.contains(cell.bureau) && number.sexes.contains(cell.sex.into()) && number.bands.contains(cell.band.into())
        };
        self.tables[number.table].cells.iter().filter(inside).map(|cell| cell.persons).sum()
    }
}

/// What a number is the sum of.
fn key(number: &Number) -> (usize, Members, Members, Members) {
    (number.table, number.bureaus, number.sexes, number.bands)
}

pub(super) fn is_few(threshold: i64, persons: i64) -> bool {
    (1..threshold).contains(&persons)
}

fn cells(side: &Side) -> Vec<Cell> {
    let cell = |(&(bureau, sex, band), sum): (&Place, &Sum)| Cell { bureau, sex, band, persons: sum.persons };
    side.cells().into_iter().flatten().map(cell).collect()
}

//! The figures of a release: each indicator in the tables that the plan publishes, with what few people stand behind withheld.
//!
//! A figure is asked for by bureau, sex and band, at most two of them; the three-way table exists only as the hidden cells of disclosure
//! control. Numerators and denominators are counts of persons there, also where minutes or days are shown: a sum of few people's minutes is
//! theirs.

use super::{
    DraftError,
    members::{Bureaus, Member},
};
use crate::follow_up::{
    disclosure::{self, Cell, Earlier, Members, Number},
    release::{Observation, Status},
    settings::{Figure, Table},
    snapshot::{Days, FrozenDefinition, FrozenItem, FrozenPart, Manifest, Place, Sum, Tally},
};
use entity::{
    indicator_value::TOTAL,
    period::{FiscalYear, YearMonth, civil_date},
};
use std::collections::{BTreeMap, BTreeSet};

/// One side of a quotient: a table of sums, and which of its sexes and bands count.
struct Side<'a> {
    table: String,
    sums: Option<&'a BTreeMap<Place, Sum>>,
    own: Option<BTreeMap<Place, Sum>>,
    sexes: Members,
    bands: Members,
    scale: i64,
}

impl<'a> Side<'a> {
    fn of(part: &FrozenPart, days: Days, tally: &'a Tally) -> Self {
        let members = |places: &[u8]| Members::of(places.iter().map(|place| u16::from(*place)));
        Self {
            table: format!("{} {} {}", days.0, days.1, part.measure),
            sums: tally.of(days, &part.measure),
            own: None,
            sexes: members(&part.sexes),
            bands: members(&part.bands),
            scale: part.scale,
        }
    }

    fn cells(&self) -> Option<&BTreeMap<Place, Sum>> {
        self.own.as_ref().or(self.sums)
    }
}

/// A figure that is asked for.
struct Asked<'a> {
    figure: &'a Figure,
    version: i32,
    days: Days,
    numerator: Side<'a>,
    denominator: Side<'a>,
    /// Whether the numerator's persons are some of the denominator's.
    within: bool,
    /// Whether persons stand behind it.
    protected: bool,
    cells: Vec<Wanted>,
}

/// One cell of it.
struct Wanted {
    bureau: Member,
    sex: Option<u8>,
    band: Option<u8>,
}

pub(super) fn observations(manifest: &Manifest, tally: &Tally, bureaus: &Bureaus) -> Result<Vec<Observation>, DraftError> {
    let asked = manifest.settings.figures.iter().map(|figure| asked(manifest, tally, bureaus, figure)).collect::<Result<Vec<_>, _>>()?;
    let withheld = protect(manifest, &asked)?;
    let mut at = withheld.into_iter();
    let mut all = Vec::new();
    for figure in &asked {
        for wanted in &figure.cells {
            let hidden = at.next().unwrap_or(true);
            all.extend(observed(manifest, figure, wanted, hidden));
        }
    }
    Ok(all)
}

fn asked<'a>(manifest: &'a Manifest, tally: &'a Tally, bureaus: &Bureaus, figure: &'a Figure) -> Result<Asked<'a>, DraftError> {
    let year = FiscalYear::try_from(manifest.fiscal_year).map_err(|_| DraftError::Date(figure.indicator.clone()))?;
    let days = figure.date.days(year).ok_or_else(|| DraftError::Date(figure.indicator.clone()))?;
    if let Some(definition) = manifest.definitions.iter().find(|definition| definition.line.indicator == figure.indicator) {
        return Ok(of_catalogue(manifest, tally, bureaus, (figure, definition, days)));
    }
    let item = manifest.items.iter().find(|item| item.line.indicator == figure.indicator);
    let item = item.ok_or_else(|| DraftError::Undefined(figure.indicator.clone()))?;
    Ok(of_item(manifest, bureaus, (figure, item, days)))
}

fn of_catalogue<'a>(
    manifest: &'a Manifest,
    tally: &'a Tally,
    bureaus: &Bureaus,
    (figure, definition, days): (&'a Figure, &'a FrozenDefinition, Days),
) -> Asked<'a> {
    let (numerator, denominator) = (Side::of(&definition.numerator, days, tally), Side::of(&definition.denominator, days, tally));
    let is_known = numerator.cells().is_some() && denominator.cells().is_some();
    Asked {
        figure,
        version: definition.line.version,
        days,
        within: is_within(&numerator, &denominator),
        numerator,
        denominator,
        protected: true,
        cells: if is_known { tables(manifest, bureaus, figure, Some(definition)) } else { vec![office(bureaus)] },
    }
}

/// Submitted figures have one cell a bureau; the office's is their sum.
fn of_item<'a>(manifest: &'a Manifest, bureaus: &Bureaus, (figure, item, days): (&'a Figure, &'a FrozenItem, Days)) -> Asked<'a> {
    let mut sums = [BTreeMap::new(), BTreeMap::new()];
    for submission in &manifest.submissions {
        let place = manifest.bureaus.iter().position(|bureau| bureau.code == submission.bureau).and_then(|place| u16::try_from(place).ok());
        let figures = submission.content.figures.iter().filter(|submitted| submitted.item == figure.indicator);
        for (place, submitted) in figures.filter_map(|submitted| Some((place?, submitted))) {
            for (sums, value) in sums.iter_mut().zip([submitted.numerator, submitted.denominator]) {
                sums.insert((place, 0, 0), Sum { value, persons: if item.counts_persons { value } else { 0 } });
            }
        }
    }
    let is_known = !sums[0].is_empty();
    let [numerator, denominator] = sums;
    let side = |name: &str, sums: BTreeMap<Place, Sum>| Side {
        table: format!("{} {} {} {name}", days.0, days.1, figure.indicator),
        sums: None,
        own: is_known.then_some(sums),
        sexes: Members::ALL,
        bands: Members::ALL,
        scale: 1,
    };
    let (numerator, denominator) = (side("numerator", numerator), side("denominator", denominator));
    let by_bureau = is_known && item.by_bureau;
    Asked {
        figure,
        version: item.line.version,
        days,
        within: !item.line.may_exceed_hundred && is_within(&numerator, &denominator),
        numerator,
        denominator,
        protected: item.counts_persons,
        cells: if by_bureau { tables(manifest, bureaus, figure, None) } else { vec![office(bureaus)] },
    }
}

/// Whether the numerator counts some of the denominator's persons. Where it sums minutes or days, who has none of them is not shown.
fn is_within(numerator: &Side<'_>, denominator: &Side<'_>) -> bool {
    let (Some(of), Some(whole)) = (numerator.cells(), denominator.cells()) else { return false };
    let inside =
        |(place, sum): (&Place, &Sum)| sum.value == sum.persons && sum.persons <= whole.get(place).map_or(0, |whole| whole.persons);
    numerator.table != denominator.table && of.iter().all(inside)
}

fn office(bureaus: &Bureaus) -> Wanted {
    Wanted { bureau: bureaus.office.clone(), sex: None, band: None }
}

/// The cells of the figure's tables, TOTAL first; none twice.
fn tables(manifest: &Manifest, bureaus: &Bureaus, figure: &Figure, definition: Option<&FrozenDefinition>) -> Vec<Wanted> {
    let places = |there: bool, list: &[String]| -> Vec<Option<u8>> {
        let all = (0..list.len()).filter(|_| there).filter_map(|place| u8::try_from(place).ok()).map(Some);
        std::iter::once(None).chain(all).collect()
    };
    let by_sex = definition.is_some_and(|definition| definition.by_sex);
    let by_band = definition.is_some_and(|definition| definition.by_band);
    let (sexes, bands) = (places(by_sex, &manifest.sexes), places(by_band, &manifest.bands));
    let mut cells: BTreeMap<(usize, Option<u8>, Option<u8>), Wanted> = BTreeMap::new();
    let mut add = |(place, bureau): (usize, &Member), sex: Option<u8>, band: Option<u8>| {
        cells.entry((place, sex, band)).or_insert_with(|| Wanted { bureau: bureau.clone(), sex, band });
    };
    let office = (0, &bureaus.office);
    let after = 1 + bureaus.single.len();
    // What is in no bureau or group follows from the office's figure by subtraction, and so is a line of its own.
    let other = || bureaus.other.iter().map(|other| (after + bureaus.groups.len(), other));
    let single = || std::iter::once(office).chain((1..).zip(&bureaus.single)).chain(other());
    let groups = || std::iter::once(office).chain((after..).zip(&bureaus.groups)).chain(other());
    add(office, None, None);
    for table in &figure.tables {
        match table {
            Table::Bureau => single().for_each(|bureau| add(bureau, None, None)),
            Table::BureauSex => single().for_each(|bureau| sexes.iter().for_each(|sex| add(bureau, *sex, None))),
            Table::GroupSex => groups().for_each(|bureau| sexes.iter().for_each(|sex| add(bureau, *sex, None))),
            Table::SexBand => sexes.iter().for_each(|sex| bands.iter().for_each(|band| add(office, *sex, *band))),
            Table::BureauBand => groups().for_each(|bureau| bands.iter().for_each(|band| add(bureau, None, *band))),
        }
    }
    cells.into_values().collect()
}

/// Which of the asked cells are withheld, in their order.
fn protect(manifest: &Manifest, asked: &[Asked<'_>]) -> Result<Vec<bool>, DraftError> {
    let mut tables: Vec<disclosure::Table> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbers: Vec<Number> = Vec::new();
    let mut of_cell: Vec<Option<usize>> = Vec::new();
    let mut before: Vec<Before> = Vec::new();
    let former = former(manifest);
    for figure in asked {
        let sides = [&figure.denominator, &figure.numerator];
        let protected = figure.protected && sides.iter().all(|side| side.cells().is_some());
        if !protected {
            of_cell.extend(figure.cells.iter().map(|_| None));
            continue;
        }
        let mut within = None;
        let [denominator, numerator] = sides.map(|side| {
            let known = places.get(&side.table).copied();
            let place = known.unwrap_or_else(|| {
                places.insert(side.table.clone(), tables.len());
                tables.push(disclosure::Table { name: side.table.clone(), within: within.filter(|_| figure.within), cells: cells(side) });
                tables.len() - 1
            });
            within = Some(place);
            place
        });
        for wanted in &figure.cells {
            let number = |table: usize, side: &Side<'_>, follows: Option<usize>| Number {
                table,
                bureaus: wanted.bureau.bureaus,
                sexes: wanted.sex.map_or(side.sexes, Members::one),
                bands: wanted.band.map_or(side.bands, Members::one),
                threshold: figure.figure.threshold.unwrap_or(manifest.settings.threshold),
                earlier: wanted.bureau.hidden.then_some(Earlier::Withheld),
                follows,
            };
            let first = numbers.len();
            numbers.push(number(denominator, &figure.denominator, None));
            numbers.push(number(numerator, &figure.numerator, Some(first)));
            before.push(before_of(manifest, figure, wanted, &former));
            of_cell.push(Some(first));
        }
    }
    remember(&mut numbers, &before);
    let hidden = hide(&tables, &mut numbers)?;
    Ok(of_cell.into_iter().map(|first| first.is_some_and(|first| hidden[first / 2])).collect())
}

/// Which figures are withheld; each has its denominator and its numerator in `numbers`. A withheld figure prints neither of them: one that no
/// other figure prints is withheld in its own right, and must not follow from what is printed.
fn hide(tables: &[disclosure::Table], numbers: &mut [Number]) -> Result<Vec<bool>, DraftError> {
    let key = |number: &Number| (number.table, number.bureaus, number.sexes, number.bands);
    loop {
        let withheld = disclosure::protect(tables, numbers)?;
        let hidden: Vec<bool> = withheld.chunks(2).map(|sides| sides.contains(&true)).collect();
        let printed: BTreeSet<_> =
            numbers.iter().enumerate().filter(|(index, _)| !hidden[index / 2]).map(|(_, number)| key(number)).collect();
        let is_unprinted = |index: &usize| {
            let number = &numbers[*index];
            hidden[index / 2]
                && !withheld[*index]
                && number.earlier.is_none()
                && !printed.contains(&key(number))
                && persons(tables, number) > 0
        };
        let more: Vec<usize> = (0..numbers.len()).filter(is_unprinted).collect();
        if more.is_empty() {
            return Ok(hidden);
        }
        for index in more {
            numbers[index].earlier = Some(Earlier::Withheld);
        }
    }
}

/// How many persons a number counts.
fn persons(tables: &[disclosure::Table], number: &Number) -> i64 {
    let inside = |cell: &&Cell| {
        number.bureaus.contains(cell.bureau) && number.sexes.contains(cell.sex.into()) && number.bands.contains(cell.band.into())
    };
    tables[number.table].cells.iter().filter(inside).map(|cell| cell.persons).sum()
}

/// What the former release did with a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// It showed it, as it is now.
    Shown,
    /// It withheld it.
    Withheld,
    /// It had none, or another value.
    Nothing,
}

fn before_of(manifest: &Manifest, figure: &Asked<'_>, wanted: &Wanted, former: &Former<'_>) -> Before {
    let (sex, band) = names(manifest, wanted);
    match former.get(&(figure.figure.indicator.as_str(), wanted.bureau.code.as_str(), sex, band)) {
        Some(before) if before.status == Status::Withheld => Before::Withheld,
        Some(before) if before.quotient() == quotient(figure, wanted) => Before::Shown,
        Some(_) | None => Before::Nothing,
    }
}

/// A number that some figure of the former release showed is known. Of a figure that it withheld the numerator stays withheld, unless it is
/// known from elsewhere: the denominator may have been another figure's.
fn remember(numbers: &mut [Number], before: &[Before]) {
    let key = |number: &Number| (number.table, number.bureaus, number.sexes, number.bands);
    let shown: BTreeSet<_> =
        before.iter().enumerate().filter(|(_, before)| **before == Before::Shown).flat_map(|(cell, _)| [2 * cell, 2 * cell + 1]).collect();
    let known: BTreeSet<_> = shown.iter().map(|number| key(&numbers[*number])).collect();
    for (index, number) in numbers.iter_mut().enumerate() {
        if known.contains(&key(number)) {
            number.earlier = Some(Earlier::Shown);
        } else if index % 2 == 1 && before[index / 2] == Before::Withheld {
            number.earlier = Some(Earlier::Withheld);
        }
    }
}

fn cells(side: &Side<'_>) -> Vec<Cell> {
    let cell = |(&(bureau, sex, band), sum): (&Place, &Sum)| Cell { bureau, sex, band, persons: sum.persons };
    side.cells().into_iter().flatten().map(cell).collect()
}

/// The former release's figures by what names them.
type Former<'a> = BTreeMap<(&'a str, &'a str, &'a str, &'a str), &'a Observation>;

fn former(manifest: &Manifest) -> Former<'_> {
    let all = manifest.former.iter().flat_map(|former| &former.observations);
    all.map(|o| ((o.indicator.as_str(), o.bureau.as_str(), o.sex.as_str(), o.band.as_str()), o)).collect()
}

/// Numerator and denominator, each in its own count.
fn quotient(figure: &Asked<'_>, wanted: &Wanted) -> Option<(i64, i64)> {
    let total = |side: &Side<'_>| {
        let sexes = wanted.sex.map_or(side.sexes, Members::one);
        let bands = wanted.band.map_or(side.bands, Members::one);
        let inside = |&(bureau, sex, band): &Place| {
            wanted.bureau.bureaus.contains(bureau) && sexes.contains(sex.into()) && bands.contains(band.into())
        };
        let own = side.cells()?.iter().filter(|(place, _)| inside(place)).map(|(_, sum)| sum.value);
        let (count, sum) = own.fold((0, 0), |(count, sum), value| (count + 1, sum + value));
        // Records that are not there are nobody's; a bureau that has not submitted is not known.
        (count > 0 || side.own.is_none()).then_some(sum * side.scale)
    };
    Some((total(&figure.numerator)?, total(&figure.denominator)?))
}

fn names<'a>(manifest: &'a Manifest, wanted: &Wanted) -> (&'a str, &'a str) {
    let name = |place: Option<u8>, list: &'a [String]| place.and_then(|place| list.get(usize::from(place))).map_or(TOTAL, String::as_str);
    (name(wanted.sex, &manifest.sexes), name(wanted.band, &manifest.bands))
}

/// The observation of a cell; none for a split of nobody whose sex was not recorded.
fn observed(manifest: &Manifest, figure: &Asked<'_>, wanted: &Wanted, withheld: bool) -> Option<Observation> {
    let (sex, band) = names(manifest, wanted);
    let not_yet = figure.days.1 > civil_date(manifest.as_of);
    let quotient = quotient(figure, wanted).filter(|_| !not_yet);
    let (numerator, denominator, status) = match quotient {
        None if wanted.bureau.code != TOTAL || wanted.sex.is_some() || wanted.band.is_some() => return None,
        None => (None, None, Status::Unknown),
        Some(_) if withheld => (None, None, Status::Withheld),
        Some((_, 0)) if sex == "NOT_RECORDED" => return None,
        Some((_, 0)) => (Some(0), Some(0), Status::NoSubjects),
        Some((numerator, denominator)) => (Some(numerator), Some(denominator), Status::Final),
    };
    let mut observation = Observation {
        fiscal_year: manifest.fiscal_year,
        indicator: figure.figure.indicator.clone(),
        definition_version: figure.version,
        date_from: figure.days.0,
        date_to: figure.days.1,
        bureau: wanted.bureau.code.clone(),
        sex: sex.to_owned(),
        band: band.to_owned(),
        numerator,
        denominator,
        status,
    };
    if status == Status::Final {
        observation.status = standing(manifest, &observation);
    }
    Some(observation)
}

/// Whether records may still come, or an earlier release said something else.
fn standing(manifest: &Manifest, observation: &Observation) -> Status {
    let (first, last) = (YearMonth::of(observation.date_from), YearMonth::of(observation.date_to));
    let open = |month: &String| month.parse().is_ok_and(|month: YearMonth| first <= month && month <= last);
    let is_item = manifest.items.iter().any(|item| item.line.indicator == observation.indicator);
    let same = |former: &&Observation| super::key(former) == super::key(observation);
    let former = manifest.former.as_ref().and_then(|former| former.observations.iter().find(same));
    match former.and_then(Observation::quotient) {
        Some(quotient) if Some(quotient) != observation.quotient() => Status::Revised,
        // A census rests on postings, not on months.
        _ if observation.date_from != observation.date_to && manifest.state.open_months.iter().any(open) => Status::Provisional,
        // A sum of what bureaus submit may still grow where some of them have not.
        _ if is_item && !manifest.state.missing.is_empty() => Status::Provisional,
        _ => Status::Final,
    }
}

//! The figures of a release: each indicator in the tables that the plan publishes, with what few people stand behind withheld.
//!
//! A figure is asked for by bureau, sex and band, at most two of them; the three-way table exists only as the hidden cells of disclosure
//! control. Numerators and denominators are counts of persons there, also where minutes or days are shown: a sum of few people's minutes is
//! theirs.

use super::{
    DraftError,
    members::{Bureaus, Member, Unnamed},
    months, parts,
};
use crate::follow_up::{
    disclosure::Members,
    release::{Observation, Status},
    settings::{Figure, Table},
    snapshot::{Days, FrozenDefinition, FrozenItem, FrozenPart, Manifest, Place, Sum, Tally},
};
use crate::protection::rounded;
use entity::{
    indicator_value::TOTAL,
    period::{FiscalYear, YearMonth, civil_date},
};
use std::collections::{BTreeMap, BTreeSet};

/// One side of a quotient: a table of sums, and which of its sexes and bands count.
pub(super) struct Side {
    /// What is summed.
    summed: String,
    /// Of whom, by their standings to the office; nobody is named where everybody counts.
    standings: BTreeSet<u8>,
    sums: Option<BTreeMap<Place, Sum>>,
    /// Whether bureaus have submitted it.
    submitted: bool,
    pub sexes: Members,
    pub bands: Members,
    scale: i64,
    /// Whether it is minutes, which are shown rounded.
    rounds: bool,
}

impl Side {
    fn of(manifest: &Manifest, part: &FrozenPart, days: Days, tally: &Tally) -> Self {
        let members = |places: &[u8]| Members::of(places.iter().map(|place| u16::from(*place)));
        Self {
            summed: format!("{} {} {}", days.0, days.1, part.measure),
            standings: part.standings.iter().copied().collect(),
            sums: tally.of(days, &part.measure, &part.standings),
            submitted: false,
            sexes: members(&part.sexes),
            bands: members(&part.bands),
            scale: part.scale,
            rounds: manifest.rounds_minutes() && part.measure.ends_with("_MINUTES"),
        }
    }

    /// The name of its table.
    pub(super) fn table(&self) -> String {
        self.standings.iter().fold(self.summed.clone(), |name, standing| format!("{name} {standing}"))
    }

    /// Whether it sums the same of more people.
    pub(super) fn holds(&self, other: &Self) -> bool {
        self.summed == other.summed && self.standings.len() > other.standings.len() && self.standings.is_superset(&other.standings)
    }

    /// How many persons it counts of the whole office.
    pub(super) fn persons(&self) -> i64 {
        let counts = |(_, sex, band): &Place| self.sexes.contains((*sex).into()) && self.bands.contains((*band).into());
        self.cells().into_iter().flatten().filter(|(place, _)| counts(place)).map(|(_, sum)| sum.persons).sum()
    }

    /// How many standings it counts.
    pub(super) fn standings(&self) -> usize {
        self.standings.len()
    }

    pub(super) fn cells(&self) -> Option<&BTreeMap<Place, Sum>> {
        self.sums.as_ref()
    }

    /// Whether a bureau has people, or anything submitted, in it.
    fn has(&self, bureau: u16) -> bool {
        let mut of_bureau = self.cells().into_iter().flatten().filter(|((place, ..), _)| *place == bureau);
        of_bureau.any(|(_, sum)| sum.persons > 0 || sum.value != 0)
    }

    /// The sum over a place's cells in its own count.
    pub(super) fn total(&self, wanted: &Wanted) -> Option<i64> {
        let sexes = wanted.sex.map_or(self.sexes, Members::one);
        let bands = wanted.band.map_or(self.bands, Members::one);
        let inside = |&(bureau, sex, band): &Place| {
            wanted.bureau.bureaus.contains(bureau) && sexes.contains(sex.into()) && bands.contains(band.into())
        };
        let own = self.cells()?.iter().filter(|(place, _)| inside(place)).map(|(_, sum)| sum.value);
        let (count, sum) = own.fold((0, 0), |(count, sum), value| (count + 1, sum + value));
        // Records that are not there are nobody's; a bureau that has not submitted is not known.
        (count > 0 || !self.submitted).then(|| self.rounded(sum) * self.scale)
    }

    fn rounded(&self, sum: i64) -> i64 {
        if self.rounds { rounded(sum) } else { sum }
    }

    /// Whether a number that was shown before, rounded or not, is the one that is shown now.
    pub(super) fn stands(&self, before: i64, wanted: &Wanted) -> bool {
        self.total(wanted) == Some(self.rounded(before / self.scale) * self.scale)
    }
}

/// A figure that is asked for.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Asked<'a> {
    pub figure: &'a Figure,
    pub version: i32,
    pub days: Days,
    pub numerator: Side,
    pub denominator: Side,
    /// Where the numerator counts the same of some standings: of all others. Together with the denominator the one tells the other, and that is
    /// whom other figures count.
    pub counted: Option<Side>,
    /// Whether the numerator's persons are some of the denominator's.
    pub within: bool,
    /// Whether persons stand behind it.
    pub protected: bool,
    /// Whether the office's own figure is published whatever its size.
    pub published: bool,
    /// Whether a month of the year of which it speaks was not computed, so that there is no year to speak of.
    unfinished: bool,
    pub cells: Vec<Wanted>,
}

/// One cell of it.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub bureau: Member,
    pub sex: Option<u8>,
    pub band: Option<u8>,
    /// Whether it must be withheld, whatever its size.
    pub hidden: bool,
    /// Whether it is a line of the release; what is none follows from the others by subtraction.
    pub printed: bool,
}

impl Wanted {
    /// Whether it is the whole office's, of everybody.
    pub(super) fn is_office_total(&self) -> bool {
        self.bureau.bureaus == Members::ALL && self.sex.is_none() && self.band.is_none()
    }
}

/// What a release shows.
pub(super) struct Shown {
    /// The figures in their tables.
    pub observations: Vec<Observation>,
    /// The office's figures of months.
    pub months: Vec<Observation>,
}

pub(super) fn shown(manifest: &Manifest, tally: &Tally, bureaus: &Bureaus) -> Result<Shown, DraftError> {
    let figures = || manifest.settings.figures.iter();
    let mut of_years = figures().map(|figure| asked(manifest, tally, bureaus, figure)).collect::<Result<Vec<_>, _>>()?;
    let of_months: Vec<_> = figures().flat_map(|figure| by_month(manifest, tally, bureaus, figure)).collect();
    let withheld = months::protect(manifest, &mut of_years, &of_months, parts::protect)?;
    let observe = |asked: &[Asked<'_>], withheld: Vec<bool>| {
        let cells = asked.iter().flat_map(|figure| figure.cells.iter().map(move |wanted| (figure, wanted)));
        let hidden = withheld.into_iter().chain(std::iter::repeat(true));
        let shown = cells
            .zip(hidden)
            .filter_map(|((figure, wanted), hidden)| observed((manifest, bureaus), figure, wanted, hidden).filter(|_| wanted.printed));
        shown.collect::<Vec<_>>()
    };
    Ok(Shown { observations: observe(&of_years, withheld.of_years), months: observe(&of_months, withheld.of_months) })
}

/// The office's figure of each month of its year.
fn by_month<'a>(manifest: &Manifest, tally: &Tally, bureaus: &Bureaus, figure: &'a Figure) -> Vec<Asked<'a>> {
    let definition = manifest.definitions.iter().find(|definition| definition.line.indicator == figure.indicator);
    let days = FiscalYear::try_from(manifest.fiscal_year).ok().and_then(|year| figure.date.days(year));
    let Some((definition, days)) = definition.zip(days).filter(|_| manifest.is_whole()) else { return Vec::new() };
    let of_month = |month: Days| Asked {
        unfinished: is_unfinished(manifest, month),
        cells: vec![office(bureaus)],
        ..of_catalogue(manifest, tally, bureaus, (figure, definition, month))
    };
    figure.months(days).map(of_month).collect()
}

fn asked<'a>(manifest: &Manifest, tally: &Tally, bureaus: &Bureaus, figure: &'a Figure) -> Result<Asked<'a>, DraftError> {
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
    manifest: &Manifest,
    tally: &Tally,
    bureaus: &Bureaus,
    (figure, definition, days): (&'a Figure, &FrozenDefinition, Days),
) -> Asked<'a> {
    let (numerator, denominator) =
        (Side::of(manifest, &definition.numerator, days, tally), Side::of(manifest, &definition.denominator, days, tally));
    let is_known = numerator.cells().is_some() && denominator.cells().is_some();
    let unnamed = bureaus.unnamed(|place| [&numerator, &denominator].into_iter().any(|side| side.has(place)));
    let cells = if is_known { tables(manifest, bureaus, (figure, Some(definition)), &unnamed) } else { vec![office(bureaus)] };
    Asked {
        figure,
        version: definition.line.version,
        days,
        within: is_within(&numerator, &denominator),
        counted: denominator.holds(&numerator).then(|| {
            let others = |standing: &u8| !numerator.standings.contains(standing);
            let standings = denominator.standings.iter().copied().filter(others).collect();
            Side::of(manifest, &FrozenPart { standings, ..definition.numerator.clone() }, days, tally)
        }),
        numerator,
        denominator,
        protected: true,
        published: definition.published,
        unfinished: definition.of_whole_years && is_unfinished(manifest, days),
        cells,
    }
}

/// Submitted figures have one cell a bureau; the office's is their sum.
fn of_item<'a>(manifest: &Manifest, bureaus: &Bureaus, (figure, item, days): (&'a Figure, &FrozenItem, Days)) -> Asked<'a> {
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
        summed: format!("{} {} {} {name}", days.0, days.1, figure.indicator),
        standings: BTreeSet::new(),
        sums: is_known.then_some(sums),
        submitted: is_known,
        sexes: Members::ALL,
        bands: Members::ALL,
        scale: 1,
        rounds: false,
    };
    let (numerator, denominator) = (side("numerator", numerator), side("denominator", denominator));
    // Who has not answered yet may still: what is shown before must not leave them alone afterwards.
    let waiting =
        |place: u16| manifest.bureaus.get(usize::from(place)).is_some_and(|bureau| manifest.waits_for(&bureau.code, &figure.indicator));
    let unnamed = bureaus.unnamed(|place| waiting(place) || [&numerator, &denominator].into_iter().any(|side| side.has(place)));
    // Where nobody is counted, nothing is withheld: then a line that must not appear has no table to appear in.
    let is_safe = item.counts_persons || unnamed.iter().all(|unnamed| !unnamed.hidden);
    let by_bureau = is_known && item.by_bureau && is_safe;
    let cells = if by_bureau { tables(manifest, bureaus, (figure, None), &unnamed) } else { vec![office(bureaus)] };
    Asked {
        figure,
        version: item.line.version,
        days,
        within: !item.line.may_exceed_hundred && is_within(&numerator, &denominator),
        counted: None,
        numerator,
        denominator,
        protected: item.counts_persons,
        published: false,
        unfinished: false,
        cells,
    }
}

/// Whether nothing was computed of a month of these days.
fn is_unfinished(manifest: &Manifest, (from, to): Days) -> bool {
    let within = |month: &YearMonth| month.last_day() >= from && month.first_day() <= to;
    manifest.state.uncomputed_months.iter().filter_map(|month| month.parse().ok()).any(|month| within(&month))
}

/// Whether the numerator counts some of the denominator's persons. Where it sums minutes or days, who has none of them is not shown.
fn is_within(numerator: &Side, denominator: &Side) -> bool {
    let (Some(of), Some(whole)) = (numerator.cells(), denominator.cells()) else { return false };
    let inside =
        |(place, sum): (&Place, &Sum)| sum.value == sum.persons && sum.persons <= whole.get(place).map_or(0, |whole| whole.persons);
    numerator.table() != denominator.table() && of.iter().all(inside)
}

fn office(bureaus: &Bureaus) -> Wanted {
    Wanted { bureau: bureaus.office.clone(), sex: None, band: None, hidden: false, printed: true }
}

/// The cells of the figure's tables, TOTAL first; none twice.
fn tables(
    manifest: &Manifest,
    bureaus: &Bureaus,
    (figure, definition): (&Figure, Option<&FrozenDefinition>),
    unnamed: &[Unnamed<'_>],
) -> Vec<Wanted> {
    let places = |there: bool, list: &[String]| -> Vec<Option<u8>> {
        let all = (0..list.len()).filter(|_| there).filter_map(|place| u8::try_from(place).ok()).map(Some);
        std::iter::once(None).chain(all).collect()
    };
    let by_sex = definition.is_some_and(|definition| definition.by_sex);
    let by_band = definition.is_some_and(|definition| definition.by_band);
    let (sexes, bands) = (places(by_sex, &manifest.sexes), places(by_band, &manifest.bands));
    let mut cells: BTreeMap<(usize, Option<u8>, Option<u8>), Wanted> = BTreeMap::new();
    let mut add = |(place, of): (usize, Unnamed<'_>), sex: Option<u8>, band: Option<u8>| {
        let Unnamed { member, hidden, printed } = of;
        cells.entry((place, sex, band)).or_insert_with(|| Wanted { bureau: member.clone(), sex, band, hidden, printed });
    };
    let named = |(place, member)| (place, Unnamed { member, hidden: false, printed: true });
    let office = named((0, &bureaus.office));
    let after = 1 + bureaus.single.len();
    // What is in no bureau or group follows from the office's figure by subtraction, and so is a number of its own.
    let others = || (after + bureaus.groups.len()..).zip(unnamed.iter().cloned());
    let single = || std::iter::once(office.clone()).chain((1..).zip(&bureaus.single).map(named)).chain(others());
    let groups = || std::iter::once(office.clone()).chain((after..).zip(&bureaus.groups).map(named)).chain(others());
    add(office.clone(), None, None);
    for table in &figure.tables {
        match table {
            Table::Bureau => single().for_each(|bureau| add(bureau, None, None)),
            Table::BureauSex => single().for_each(|bureau| sexes.iter().for_each(|sex| add(bureau.clone(), *sex, None))),
            Table::GroupSex => groups().for_each(|bureau| sexes.iter().for_each(|sex| add(bureau.clone(), *sex, None))),
            Table::SexBand => sexes.iter().for_each(|sex| bands.iter().for_each(|band| add(office.clone(), *sex, *band))),
            Table::BureauBand => groups().for_each(|bureau| bands.iter().for_each(|band| add(bureau.clone(), None, *band))),
        }
    }
    cells.into_values().collect()
}

/// Numerator and denominator, each in its own count.
fn quotient(figure: &Asked<'_>, wanted: &Wanted) -> Option<(i64, i64)> {
    Some((figure.numerator.total(wanted)?, figure.denominator.total(wanted)?))
}

fn names<'a>(manifest: &'a Manifest, wanted: &Wanted) -> (&'a str, &'a str) {
    let name = |place: Option<u8>, list: &'a [String]| place.and_then(|place| list.get(usize::from(place))).map_or(TOTAL, String::as_str);
    (name(wanted.sex, &manifest.sexes), name(wanted.band, &manifest.bands))
}

/// The observation of a cell; none for a split of nobody whose sex was not recorded.
fn observed((manifest, bureaus): (&Manifest, &Bureaus), figure: &Asked<'_>, wanted: &Wanted, withheld: bool) -> Option<Observation> {
    let (sex, band) = names(manifest, wanted);
    let not_yet = figure.unfinished || figure.days.1 > civil_date(manifest.as_of);
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
        observation.status = standing(manifest, bureaus, &observation);
    }
    Some(observation)
}

/// Whether records may still come, or an earlier release said something else.
fn standing(manifest: &Manifest, bureaus: &Bureaus, observation: &Observation) -> Status {
    let (first, last) = (YearMonth::of(observation.date_from), YearMonth::of(observation.date_to));
    let open = |month: &String| month.parse().is_ok_and(|month: YearMonth| first <= month && month <= last);
    let item = manifest.items.iter().find(|item| item.line.indicator == observation.indicator);
    let same = |former: &&Observation| super::key(former) == super::key(observation);
    let former = manifest.replaced().filter(|former| bureaus.are_still(former, &observation.bureau));
    let former = former.and_then(|former| former.observations.iter().find(same));
    match former.and_then(Observation::quotient) {
        Some(quotient) if Some(quotient) != observation.quotient() => Status::Revised,
        // A census rests on postings, not on months.
        _ if observation.date_from != observation.date_to && manifest.state.open_months.iter().any(open) => Status::Provisional,
        // A sum of what bureaus submit may still grow where some of them have not, or not this.
        _ if item.is_some_and(|item| item.by_bureau && is_partial(manifest, &observation.indicator)) => Status::Provisional,
        _ => Status::Final,
    }
}

/// Whether some bureau has not said what each is asked for.
fn is_partial(manifest: &Manifest, item: &str) -> bool {
    manifest.bureaus.iter().any(|bureau| manifest.waits_for(&bureau.code, item))
}

//! Which months of a figure are withheld: each is a sum of its own, and together they are the year's.
//!
//! A month in which few people are counted is withheld, and with it as many others as it takes that none follows from the year's figure, which
//! is their sum. Disclosure control knows bureaus, sexes and bands; here a month stands in a bureau's place, by itself, so that no table of
//! people gets members that nobody has. Where even all months withheld would not hide one beside the year's figure, the year's is withheld.
//! What former releases showed of months stays known, and what one withheld stays withheld. Live figures of the same months are read beside them.

use super::{
    DraftError,
    figures::{Asked, Side, Wanted},
    protection::{is_at, is_few, is_met, is_of},
};
use crate::follow_up::{
    disclosure::{self, Cell, DisclosureError, Earlier, Members, Number, Table},
    release::{Observation, Status},
    snapshot::Manifest,
};

/// Which cells are withheld, in the order of the figures.
pub(super) struct Withheld {
    pub of_years: Vec<bool>,
    pub of_months: Vec<bool>,
}

/// Decides of the years' figures by `decide`, and of the months beside them. A year's figure that would tell a month is asked to be hidden.
pub(super) fn protect(
    manifest: &Manifest,
    of_years: &mut [Asked<'_>],
    of_months: &[Asked<'_>],
    decide: impl Fn(&Manifest, &[Asked<'_>]) -> Result<Vec<bool>, DraftError>,
) -> Result<Withheld, DraftError> {
    loop {
        let hidden = decide(manifest, of_years)?;
        let mut withheld = Vec::new();
        let mut telling = None;
        for months in of_months.chunk_by(|a, b| a.figure.indicator == b.figure.indicator) {
            let indicator = months[0].figure.indicator.as_str();
            let year = office(of_years, indicator);
            let is_shown = year.is_some_and(|(_, cell)| hidden.get(cell) == Some(&false));
            match decided(manifest, months, is_shown) {
                Ok(of) => withheld.extend(of),
                // It cannot be helped where the year's figure is public already.
                Err(DisclosureError::TooMuchShown { .. }) => {
                    telling = telling.or(year.map(|(figure, _)| figure).filter(|_| is_shown));
                    withheld.extend(months.iter().map(|_| true));
                }
                Err(error) => return Err(error.into()),
            }
        }
        match telling.and_then(|figure| of_years[figure].cells.iter_mut().find(|wanted| wanted.is_office_total())) {
            Some(wanted) if !wanted.hidden => wanted.hidden = true,
            _ => return Ok(Withheld { of_years: hidden, of_months: withheld }),
        }
    }
}

/// The place of the year's figure of an indicator, and of its office's cell among all cells.
pub(super) fn office(of_years: &[Asked<'_>], indicator: &str) -> Option<(usize, usize)> {
    let figure = of_years.iter().position(|figure| figure.figure.indicator == indicator)?;
    let before: usize = of_years[..figure].iter().map(|figure| figure.cells.len()).sum();
    let cell = of_years[figure].cells.iter().position(Wanted::is_office_total)?;
    Some((figure, before + cell))
}

/// Which of these months are withheld, where the year's figure is shown or not: from whoever reads releases alone, and from whoever reads live
/// figures of the same months too.
fn decided(manifest: &Manifest, months: &[Asked<'_>], is_shown: bool) -> Result<Vec<bool>, DisclosureError> {
    let threshold = threshold(manifest, &months[0]);
    let former: Vec<_> = months.iter().map(|month| earlier(manifest, month, threshold)).collect();
    let live: Vec<_> = months.iter().map(|month| met(manifest, month)).collect();
    let hidden = former.iter().zip(&live).map(|(former, live)| (*former).max(live.filter(|live| *live == Earlier::Withheld)));
    let withheld = beside(months, (threshold, &hidden.collect::<Vec<_>>()), is_shown)?;
    if live.iter().all(Option::is_none) {
        return Ok(withheld);
    }
    let known = former
        .iter()
        .zip(&live)
        .zip(&withheld)
        .map(|((former, live), withheld)| (*former).max(*live).max(withheld.then_some(Earlier::Withheld)));
    let more = beside(months, (threshold, &known.collect::<Vec<_>>()), is_shown)?;
    Ok(withheld.into_iter().zip(more).map(|(withheld, more)| withheld || more).collect())
}

/// What live figures do with the office's figure of a month.
fn met(manifest: &Manifest, month: &Asked<'_>) -> Option<Earlier> {
    let office = month.cells.iter().find(|wanted| wanted.is_office_total())?;
    let figure = manifest.live.iter().find(|live| is_met(month, live))?;
    let line = figure.lines.iter().find(|line| is_at(line, office))?;
    let stands = |(side, shown): (&Side, Option<i64>)| shown.is_some_and(|shown| side.stands(shown, office));
    let is_known = sides(month).into_iter().zip([line.denominator, line.numerator]).all(stands);
    if is_known { Some(Earlier::Shown) } else { line.numerator.is_none().then_some(Earlier::Withheld) }
}

/// Which of these months are withheld beside what is known of them.
fn beside(months: &[Asked<'_>], (threshold, known): (i64, &[Option<Earlier>]), is_shown: bool) -> Result<Vec<bool>, DisclosureError> {
    let cell = |(bureau, month): (u16, &Asked<'_>), table: usize| Cell { bureau, sex: 0, band: 0, persons: sides(month)[table].persons() };
    let tables = [0, 1].map(|table| Table {
        name: ["denominator", "numerator"][table].to_owned(),
        within: None,
        cells: (0..).zip(months).map(|month| cell(month, table)).collect(),
    });
    let number = |table: usize, bureaus: Members| {
        let all = Members::ALL;
        Number { table, bureaus, sexes: all, bands: all, threshold, earlier: None, follows: None }
    };
    let mut numbers: Vec<Number> = Vec::new();
    for (place, earlier) in (0_u16..).zip(known) {
        let [denominator, numerator] = [0, 1].map(|table| Number { earlier: *earlier, ..number(table, Members::one(place)) });
        let first = numbers.len();
        numbers.extend([denominator, Number { follows: Some(first), ..numerator }]);
    }
    let sum = if is_shown { Earlier::Shown } else { Earlier::Withheld };
    numbers.extend([0, 1].map(|table| Number { earlier: Some(sum), ..number(table, Members::ALL) }));
    // What nobody is counted in tells of nobody, and is not looked at.
    let is_somebodys = |number: &Number| tables[number.table].cells.iter().any(|cell| cell.persons > 0);
    if !numbers.iter().any(is_somebodys) {
        return Ok(vec![false; months.len()]);
    }
    let hidden = disclosure::protect(&tables, &numbers)?;
    Ok(hidden.chunks(2).take(months.len()).map(|sides| sides.contains(&true)).collect())
}

/// A shown count rests on no fewer people.
pub(super) fn threshold(manifest: &Manifest, figure: &Asked<'_>) -> i64 {
    figure.figure.threshold.unwrap_or(manifest.settings.threshold)
}

/// The denominator and the numerator.
fn sides<'a>(month: &'a Asked<'_>) -> [&'a Side; 2] {
    [&month.denominator, &month.numerator]
}

/// What former releases of the year did with the office's figure. Of a withdrawn one only what it should have shown is public.
pub(super) fn earlier(manifest: &Manifest, month: &Asked<'_>, threshold: i64) -> Option<Earlier> {
    let office = month.cells.iter().find(|wanted| wanted.is_office_total())?;
    let stands = |observation: &Observation| {
        let before = [observation.denominator, observation.numerator];
        sides(month).iter().zip(before).all(|(side, before)| before.is_some_and(|before| side.stands(before, office)))
    };
    let few = sides(month).iter().any(|side| is_few(threshold, side.persons()));
    let said = manifest.former.iter().flat_map(|former| former.observations.iter().map(|observation| (former.withdrawn, observation)));
    let said = said.filter(|(_, observation)| observation.is_office_total() && is_of(month, observation));
    said.filter_map(|(withdrawn, observation)| match observation.status {
        Status::Withheld => Some(Earlier::Withheld),
        _ if stands(observation) && !(withdrawn && few) => Some(Earlier::Shown),
        _ => None,
    })
    .max()
}

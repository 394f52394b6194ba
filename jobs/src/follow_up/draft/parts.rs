//! Figures that are parts of one whole, such as leaves by their length: their numerators add up to the denominator that they share.
//!
//! Each is looked at by itself first (`protection`). A single withheld part would follow from the others and the whole, so that more of them
//! are withheld until none does.

use super::{
    DraftError,
    figures::Asked,
    months::{earlier, office, threshold},
    protection,
};
use crate::follow_up::{
    disclosure::{self, Cell, DisclosureError, Earlier, Members, Number, Table},
    snapshot::Manifest,
};
use std::collections::BTreeMap;

/// Which of the asked cells are withheld, in their order.
pub(super) fn protect(manifest: &Manifest, asked: &[Asked<'_>]) -> Result<Vec<bool>, DraftError> {
    let mut hidden = protection::protect(manifest, asked)?;
    let mut wholes: BTreeMap<&str, Vec<(&Asked<'_>, usize)>> = BTreeMap::new();
    for figure in asked.iter().filter(|figure| figure.protected && figure.numerator.cells().is_some()) {
        if let Some((whole, (_, cell))) = figure.figure.part_of.as_deref().zip(office(asked, &figure.figure.indicator)) {
            wholes.entry(whole).or_default().push((figure, cell));
        }
    }
    for parts in wholes.values() {
        let is_hidden: Vec<bool> = parts.iter().map(|(_, cell)| hidden.get(*cell).copied().unwrap_or(true)).collect();
        let more = match decided(manifest, parts, &is_hidden) {
            Ok(more) => more,
            // What is public already cannot be taken back; nothing is added to it.
            Err(DisclosureError::TooMuchShown { .. }) => vec![true; parts.len()],
            Err(error) => return Err(error.into()),
        };
        for ((_, cell), more) in parts.iter().zip(more) {
            if let Some(hidden) = hidden.get_mut(*cell) {
                *hidden |= more;
            }
        }
    }
    Ok(hidden)
}

/// Which parts are withheld, where these are in their own right.
fn decided(manifest: &Manifest, parts: &[(&Asked<'_>, usize)], is_hidden: &[bool]) -> Result<Vec<bool>, DisclosureError> {
    if !is_hidden.contains(&true) {
        return Ok(is_hidden.to_vec());
    }
    let cells = (0..).zip(parts).map(|(bureau, (part, _))| Cell { bureau, sex: 0, band: 0, persons: part.numerator.persons() });
    let table = Table { name: "parts".to_owned(), within: None, cells: cells.collect() };
    let all = Members::ALL;
    let number = |bureaus: Members, threshold: i64, earlier: Option<Earlier>| Number {
        table: 0,
        bureaus,
        sexes: all,
        bands: all,
        threshold,
        earlier,
        follows: None,
    };
    let of_part = |((place, (part, _)), hidden): ((u16, &(&Asked<'_>, usize)), &bool)| {
        let threshold = threshold(manifest, part);
        let withheld = hidden.then_some(Earlier::Withheld);
        number(Members::one(place), threshold, earlier(manifest, part, threshold).max(withheld))
    };
    let mut numbers: Vec<Number> = (0..).zip(parts).zip(is_hidden).map(of_part).collect();
    // The whole is each part's denominator.
    let whole = if is_hidden.contains(&false) { Earlier::Shown } else { Earlier::Withheld };
    numbers.push(number(all, 0, Some(whole)));
    let mut withheld = disclosure::protect(&[table], &numbers)?;
    withheld.truncate(parts.len());
    Ok(withheld)
}

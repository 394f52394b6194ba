//! What is looked into before a cycle is compiled. A finding names no figure that is withheld, for it may become public.

use super::{Found, said::Said};
use crate::follow_up::{
    release::{IndicatorUnit, Observation, Status, TargetLine},
    snapshot::Manifest,
};
use entity::quotient;
use entity::{bureau::Visibility, finding::FindingCheck, indicator_value::TOTAL};
use std::collections::{BTreeMap, BTreeSet};

/// A share that moves by more points than this within a year is asked about.
const POINTS: i128 = 10;
/// Other values, by more than so many hundredths.
const HUNDREDTHS: i128 = 25;

pub(super) fn findings(manifest: &Manifest, observations: &[Observation], targets: &[TargetLine]) -> Vec<Found> {
    let mut found = state(manifest);
    found.extend(observations.iter().filter_map(|observation| out_of_range(manifest, observation)));
    found.extend(bands(manifest, observations));
    for observation in observations.iter().filter(|observation| observation.is_office_total()) {
        found.extend(unknown(manifest, observation, targets));
        found.extend(jump(manifest, observation));
    }
    found.extend(no_target(manifest, targets));
    found.sort_by(|a, b| (a.check, &a.subject).cmp(&(b.check, &b.subject)));
    found.dedup_by(|a, b| (a.check, &a.subject) == (b.check, &b.subject));
    found
}

/// Of the records themselves.
fn state(manifest: &Manifest) -> Vec<Found> {
    let state = &manifest.state;
    let missing =
        state.missing.iter().map(|code| Found::of(manifest, FindingCheck::MissingSubmission, code, &Said::MissingSubmission(code)));
    let open = state.open_months.iter().map(|month| Found::of(manifest, FindingCheck::OpenMonth, month, &Said::OpenMonth(month)));
    // What was never computed is the graver of the two.
    let outdated = state
        .stale_months
        .iter()
        .filter(|month| !state.uncomputed_months.contains(month))
        .map(|month| Found::of(manifest, FindingCheck::StaleFigures, month, &Said::Outdated(month)));
    let uncomputed =
        state.uncomputed_months.iter().map(|month| Found::of(manifest, FindingCheck::StaleFigures, month, &Said::Uncomputed(month)));
    missing.chain(left_out(manifest)).chain(reported(manifest)).chain(open).chain(outdated).chain(uncomputed).collect()
}

/// What bureaus have not reported, by figure. Those that do not appear by name in a release are named by no finding that becomes public.
fn reported(manifest: &Manifest) -> impl Iterator<Item = Found> {
    let is_open = |code: &String| manifest.bureaus.iter().any(|bureau| bureau.code == *code && bureau.visibility == Visibility::Open);
    manifest.state.coverage.iter().flat_map(move |line| {
        let indicator = &line.indicator;
        let (open, others): (Vec<_>, Vec<_>) = line.not_reported.iter().map(String::as_str).partition(|code| is_open(&(*code).to_owned()));
        let silent = (!line.not_reported.is_empty())
            .then(|| Found::of(manifest, FindingCheck::NotReported, indicator, &Said::NotReported(indicator, &open, !others.is_empty())));
        let partial = line.is_partial.then(|| Found::of(manifest, FindingCheck::PartlyReported, indicator, &Said::Partial(indicator)));
        silent.into_iter().chain(partial)
    })
}

/// What submissions that were taken do not say, though each bureau is asked for it.
fn left_out(manifest: &Manifest) -> impl Iterator<Item = Found> {
    manifest.submissions.iter().filter_map(|submission| {
        let items: Vec<&str> = submission.leaves_out(manifest).collect();
        let code = &submission.bureau;
        (!items.is_empty()).then(|| Found::of(manifest, FindingCheck::MissingFigure, code, &Said::MissingFigures(code, &items)))
    })
}

fn unit_and_range(manifest: &Manifest, indicator: &str) -> Option<(IndicatorUnit, bool)> {
    let lines = manifest.definitions.iter().map(|definition| &definition.line).chain(manifest.items.iter().map(|item| &item.line));
    lines.into_iter().find(|line| line.indicator == indicator).map(|line| (line.unit, line.may_exceed_hundred))
}

/// A numerator above its denominator is right for some indicators alone: women's published uptake of fiscal year 2021 is 105.2 %.
fn out_of_range(manifest: &Manifest, observation: &Observation) -> Option<Found> {
    let (unit, may_exceed) = unit_and_range(manifest, &observation.indicator)?;
    let (numerator, denominator) = observation.quotient()?;
    let wrong = numerator < 0 || denominator < 0 || (unit == IndicatorUnit::Percent && !may_exceed && numerator > denominator);
    let indicator = &observation.indicator;
    wrong.then(|| Found::of(manifest, FindingCheck::ShareOutOfRange, indicator, &Said::OutOfRange(indicator)))
}

/// Where every band of the office is shown, they add up to its total.
fn bands(manifest: &Manifest, observations: &[Observation]) -> Vec<Found> {
    let mut sums: BTreeMap<&str, (Option<i64>, i64, usize)> = BTreeMap::new();
    for observation in observations.iter().filter(|o| o.bureau == TOTAL && o.sex == TOTAL) {
        let entry = sums.entry(&observation.indicator).or_default();
        match (observation.band == TOTAL, observation.denominator) {
            (true, denominator) => entry.0 = denominator,
            (false, Some(denominator)) => *entry = (entry.0, entry.1 + denominator, entry.2 + 1),
            (false, None) => {}
        }
    }
    let wrong =
        sums.into_iter().filter(|(_, (total, sum, bands))| *bands == manifest.bands.len() && total.is_some_and(|total| total != *sum));
    wrong.map(|(indicator, _)| Found::of(manifest, FindingCheck::BandsDoNotAddUp, indicator, &Said::Bands(indicator))).collect()
}

/// A figure that is not there, and a target that waits for it.
fn unknown(manifest: &Manifest, observation: &Observation, targets: &[TargetLine]) -> Vec<Found> {
    if observation.status != Status::Unknown {
        return Vec::new();
    }
    let (indicator, day) = (&observation.indicator, observation.date_to);
    let mut found = vec![Found::of(manifest, FindingCheck::NoFigure, indicator, &Said::NoFigure(indicator, day))];
    if targets.iter().chain(&manifest.targets).any(|target| target.indicator == *indicator) {
        found.push(Found::of(manifest, FindingCheck::TargetWithoutFigure, indicator, &Said::NoFigureForTarget(indicator)));
    }
    found
}

/// The office's figure against that of the year before, both as shown.
fn jump(manifest: &Manifest, observation: &Observation) -> Option<Found> {
    let before = manifest.earlier.iter().rfind(|earlier| {
        earlier.indicator == observation.indicator && earlier.fiscal_year == observation.fiscal_year - 1 && earlier.is_office_total()
    })?;
    let ((n, d), (bn, bd)) = (observation.quotient()?, before.quotient()?);
    if d <= 0 || bd <= 0 {
        return None;
    }
    let (unit, _) = unit_and_range(manifest, &observation.indicator)?;
    let (n, d, bn, bd) = (i128::from(n), i128::from(d), i128::from(bn), i128::from(bd));
    // n/d against bn/bd, over the common denominator d·bd.
    let difference = (n * bd - bn * d).abs();
    let large =
        if unit == IndicatorUnit::Percent { difference * 100 > POINTS * d * bd } else { difference * 100 > HUNDREDTHS * (bn * d).abs() };
    let shown = |quotient: Option<(i64, i64)>| {
        quotient.and_then(|(n, d)| quotient::quotient(n, d, unit == IndicatorUnit::Percent)).unwrap_or_default()
    };
    let (indicator, was, is) = (&observation.indicator, shown(before.quotient()), shown(observation.quotient()));
    large.then(|| Found::of(manifest, FindingCheck::Jump, indicator, &Said::Jump(indicator, &was, &is)))
}

/// What once had a target and has none for its date: after the third plan's, the office sets its own next one (V-2).
fn no_target(manifest: &Manifest, targets: &[TargetLine]) -> Vec<Found> {
    let in_force: BTreeSet<&str> = targets.iter().map(|target| target.indicator.as_str()).collect();
    let published: BTreeSet<&str> = manifest.settings.figures.iter().map(|figure| figure.indicator.as_str()).collect();
    let ever: BTreeSet<&str> = manifest.targets.iter().map(|target| target.indicator.as_str()).collect();
    let without = ever.into_iter().filter(|indicator| published.contains(indicator) && !in_force.contains(indicator));
    without.map(|indicator| Found::of(manifest, FindingCheck::NoTargetInForce, indicator, &Said::NoTarget(indicator))).collect()
}

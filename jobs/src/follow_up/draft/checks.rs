//! What is looked into before a cycle is compiled. A finding names no figure that is withheld, for it may become public.

use super::Found;
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
    let missing = state.missing.iter().map(|code| Found {
        check: FindingCheck::MissingSubmission,
        subject: code.clone(),
        ja: format!("部局 {code} の提出が受理されていません。"),
        en: format!("No submission of bureau {code} has been accepted."),
        public: false,
    });
    let open = state.open_months.iter().map(|month| Found {
        check: FindingCheck::OpenMonth,
        subject: month.clone(),
        ja: format!("{month} を締めていない部局があります。数値は暫定です。"),
        en: format!("Some bureau has not closed {month}; its figures are provisional."),
        public: true,
    });
    // What was never computed is the graver of the two.
    let outdated = state.stale_months.iter().filter(|month| !state.uncomputed_months.contains(month)).map(|month| Found {
        check: FindingCheck::StaleFigures,
        subject: month.clone(),
        ja: format!("{month} の記録が、月次指標の計算後に変わっています。"),
        en: format!("Records of {month} have changed since its figures were computed."),
        public: false,
    });
    let uncomputed = state.uncomputed_months.iter().map(|month| Found {
        check: FindingCheck::StaleFigures,
        subject: month.clone(),
        ja: format!("{month} の月次指標が計算されていません。"),
        en: format!("The figures of {month} have not been computed."),
        public: false,
    });
    missing.chain(left_out(manifest)).chain(reported(manifest)).chain(open).chain(outdated).chain(uncomputed).collect()
}

/// What bureaus have not reported, by figure. Those that do not appear by name in a release are named by no finding that becomes public.
fn reported(manifest: &Manifest) -> impl Iterator<Item = Found> {
    let is_open = |code: &String| manifest.bureaus.iter().any(|bureau| bureau.code == *code && bureau.visibility == Visibility::Open);
    manifest.state.coverage.iter().flat_map(move |line| {
        let indicator = &line.indicator;
        let (open, others): (Vec<_>, Vec<_>) = line.not_reported.iter().map(String::as_str).partition(|code| is_open(&(*code).to_owned()));
        let named = |between: &str, rest: &'static str| {
            open.iter().copied().chain((!others.is_empty()).then_some(rest)).collect::<Vec<_>>().join(between)
        };
        let silent = (!line.not_reported.is_empty()).then(|| Found {
            check: FindingCheck::NotReported,
            subject: indicator.clone(),
            ja: format!("{indicator} は、記録を報告していない月のある部局({})のその月を含みません。", named("、", "個別に公表しない部局")),
            en: format!(
                "{indicator} leaves out months of which these bureaus have reported nothing: {}.",
                named(", ", "bureaus that do not appear by name")
            ),
            public: true,
        });
        let partial = line.is_partial.then(|| Found {
            check: FindingCheck::PartlyReported,
            subject: indicator.clone(),
            ja: format!("{indicator} は、記録のある職員の割合が基準を下回るため、目標の達成状況を示しません。"),
            en: format!("{indicator} covers too few of its people for a target to be held against it."),
            public: true,
        });
        silent.into_iter().chain(partial)
    })
}

/// What submissions that were taken do not say, though each bureau is asked for it.
fn left_out(manifest: &Manifest) -> impl Iterator<Item = Found> {
    manifest.submissions.iter().filter_map(|submission| {
        let items: Vec<&str> = submission.leaves_out(manifest).collect();
        let (code, items) = (&submission.bureau, (!items.is_empty()).then(|| items.join(", "))?);
        Some(Found {
            check: FindingCheck::MissingFigure,
            subject: code.clone(),
            ja: format!("部局 {code} の提出に次の数値がありません: {items}"),
            en: format!("What bureau {code} submitted leaves out: {items}."),
            public: false,
        })
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
    wrong.then(|| Found {
        check: FindingCheck::ShareOutOfRange,
        subject: indicator.clone(),
        ja: format!("{indicator} に0～100％の外の値があります。"),
        en: format!("{indicator} has a value outside 0 to 100 %."),
        public: true,
    })
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
    wrong
        .map(|(indicator, _)| Found {
            check: FindingCheck::BandsDoNotAddUp,
            subject: indicator.to_owned(),
            ja: format!("{indicator} の役職段階別の合計が、全体と一致しません。"),
            en: format!("The bands of {indicator} do not add up to its total."),
            public: true,
        })
        .collect()
}

/// A figure that is not there, and a target that waits for it.
fn unknown(manifest: &Manifest, observation: &Observation, targets: &[TargetLine]) -> Vec<Found> {
    if observation.status != Status::Unknown {
        return Vec::new();
    }
    let (indicator, day) = (&observation.indicator, observation.date_to);
    let mut found = vec![Found {
        check: FindingCheck::NoFigure,
        subject: indicator.clone(),
        ja: format!("{indicator} の {day} 現在の値がありません。"),
        en: format!("There is no value of {indicator} for {day}."),
        public: true,
    }];
    if targets.iter().chain(&manifest.targets).any(|target| target.indicator == *indicator) {
        found.push(Found {
            check: FindingCheck::TargetWithoutFigure,
            subject: indicator.clone(),
            ja: format!("目標のある {indicator} の値が不明です。"),
            en: format!("{indicator} has a target, and its value is not known."),
            public: true,
        });
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
    large.then(|| Found {
        check: FindingCheck::Jump,
        subject: indicator.clone(),
        ja: format!("{indicator} が前年度の {was} から {is} へ大きく動いています。"),
        en: format!("{indicator} moved from {was} in the year before to {is}."),
        public: true,
    })
}

/// What once had a target and has none for its date: after the third plan's, the office sets its own next one (V-2).
fn no_target(manifest: &Manifest, targets: &[TargetLine]) -> Vec<Found> {
    let in_force: BTreeSet<&str> = targets.iter().map(|target| target.indicator.as_str()).collect();
    let published: BTreeSet<&str> = manifest.settings.figures.iter().map(|figure| figure.indicator.as_str()).collect();
    let ever: BTreeSet<&str> = manifest.targets.iter().map(|target| target.indicator.as_str()).collect();
    let without = ever.into_iter().filter(|indicator| published.contains(indicator) && !in_force.contains(indicator));
    without
        .map(|indicator| Found {
            check: FindingCheck::NoTargetInForce,
            subject: indicator.to_owned(),
            ja: format!("{indicator} には、この時点で有効な目標がありません。"),
            en: format!("No target of {indicator} is in force for its date."),
            public: true,
        })
        .collect()
}

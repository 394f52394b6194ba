#![allow(clippy::unwrap_used, clippy::expect_used)]
//! Versions of a year one after the other, of figures that bureaus submit: what one has shown binds the next.

mod live;
mod months;
mod parts;
mod standings;

use super::{draft, members};
use crate::follow_up::{
    release::{Observation, Release, Status, TargetLine},
    settings::{Figure, GovernmentFigure, Group, Table},
    snapshot::{CoverageLine, FORMAT, FormerRelease, FrozenBureau, FrozenSubmission, Manifest, RecordsState, Tally},
};
use chrono::NaiveDate;
use entity::{
    bureau::Visibility,
    finding::FindingCheck,
    submission::{SubmissionContent, SubmittedFigure},
    target::TargetPopulation,
};

/// Men with a birth, and those of them who took leave: a bureau's visibility, and its numbers where it has submitted.
type Line = (&'static str, Visibility, Option<(i64, i64)>);

const ITEM: &str = "SPOUSE_BIRTH_LEAVE";
const SNAPSHOT: &str = include_str!("../../../../tests/golden/follow_up.jsonl");

fn manifest(bureaus: &[Line]) -> Manifest {
    let first: serde_json::Value = serde_json::from_str(SNAPSHOT.lines().next().unwrap()).unwrap();
    let mut manifest = Manifest::parse(first["text"].as_str().unwrap()).unwrap();
    manifest.settings.figures.retain(|figure| figure.indicator == ITEM);
    manifest.settings.figures =
        manifest.settings.figures.into_iter().map(|figure| Figure { tables: vec![Table::Bureau], threshold: None, ..figure }).collect();
    let frozen = |(code, visibility, _): &Line| {
        let name = manifest.plan.name.clone();
        FrozenBureau { code: (*code).to_owned(), name, visibility: *visibility, in_being: true, position: None }
    };
    manifest.bureaus = bureaus.iter().map(frozen).collect();
    let submitted = |(code, _, numbers): &Line| {
        let (numerator, denominator) = (*numbers)?;
        let figures = vec![SubmittedFigure { item: ITEM.to_owned(), numerator, denominator, note: None }];
        Some(FrozenSubmission { bureau: (*code).to_owned(), content: SubmissionContent { figures, ..SubmissionContent::default() } })
    };
    manifest.submissions = bureaus.iter().filter_map(submitted).collect();
    let missing = bureaus.iter().filter(|(.., numbers)| numbers.is_none()).map(|(code, ..)| (*code).to_owned()).collect();
    manifest.state = RecordsState { missing, ..RecordsState::default() };
    (manifest.parts, manifest.former, manifest.earlier) = (vec![], vec![], vec![]);
    manifest
}

/// The releases of these states of the same year, each after those before it.
fn releases(states: &[&[Line]]) -> Vec<Release> {
    releases_with(states, |_| {})
}

/// The same under other settings.
fn releases_with(states: &[&[Line]], change: impl Fn(&mut Manifest)) -> Vec<Release> {
    let mut former: Vec<FormerRelease> = Vec::new();
    let mut made = Vec::new();
    for bureaus in states {
        let mut manifest = manifest(bureaus);
        manifest.version.patch = u32::try_from(made.len()).unwrap();
        manifest.former.clone_from(&former);
        change(&mut manifest);
        let (release, _) = draft(&manifest, "", &Tally::default()).unwrap();
        let bureaus = members(&release, Some(&manifest));
        former.push(FormerRelease { version: release.version, withdrawn: false, bureaus, observations: release.observations.clone() });
        made.push(release);
    }
    made
}

fn of<'a>(release: &'a Release, bureau: &str) -> &'a Observation {
    release.observations.iter().find(|observation| observation.bureau == bureau).unwrap()
}

#[test]
fn what_is_not_reported_is_said_and_no_target_is_held_against_it() {
    let bureaus = [("A", OPEN, Some((40, 60))), ("B", INTERNAL, Some((40, 60))), ("C", OPEN, Some((40, 60)))];
    let made = |coverage: Vec<CoverageLine>| {
        let mut manifest = manifest(&bureaus);
        let own = |target: TargetLine| TargetLine { indicator: ITEM.to_owned(), population: TargetPopulation::Office, ..target };
        manifest.targets = manifest.targets.into_iter().take(1).map(own).collect();
        manifest.targets.iter_mut().for_each(|target| (target.valid_from, target.last_day) = (NaiveDate::MIN, None));
        manifest.state.coverage = coverage;
        draft(&manifest, "", &Tally::default()).unwrap().0
    };
    let line = |is_partial, not_reported: &[&str]| CoverageLine {
        indicator: ITEM.to_owned(),
        is_partial,
        not_reported: not_reported.iter().map(|&code| code.to_owned()).collect(),
    };
    let attained = |release: &Release| release.targets.iter().map(|target| target.attained).collect::<Vec<_>>();
    let whole = made(vec![]);
    assert!(matches!(attained(&whole)[..], [Some(_)]), "{:?}", whole.targets);
    assert_eq!(attained(&made(vec![line(false, &["C"])])), attained(&whole), "enough of the people are covered");
    let partial = made(vec![line(true, &["B", "C"])]);
    assert_eq!(attained(&partial), [None]);
    let said: Vec<_> =
        partial.findings.iter().filter(|found| found.subject == ITEM).map(|found| (found.check.as_str(), found.text.en.as_str())).collect();
    let silent = "leaves out months of which these bureaus have reported nothing: C, bureaus that do not appear by name.";
    assert!(said.iter().any(|(check, text)| **check == FindingCheck::NotReported.as_text() && text.ends_with(silent)), "{said:?}");
    assert!(said.iter().any(|(check, _)| **check == FindingCheck::PartlyReported.as_text()), "{said:?}");
}

/// Beside a target stands the government's latest figure that is not after the office's.
#[test]
fn the_governments_figure_is_of_no_later_day() {
    let mut manifest = manifest(&[("A", OPEN, Some((40, 60)))]);
    let own = |target: TargetLine| TargetLine { indicator: ITEM.to_owned(), valid_from: NaiveDate::MIN, last_day: None, ..target };
    manifest.targets = manifest.targets.into_iter().take(1).map(own).collect();
    let last = manifest.settings.figures[0].date.days(manifest.fiscal_year.try_into().unwrap()).unwrap().1;
    let figure = |days: i64, numerator| GovernmentFigure {
        indicator: ITEM.to_owned(),
        numerator,
        denominator: 1_000,
        date_from: last - chrono::TimeDelta::days(400),
        date_to: last + chrono::TimeDelta::days(days),
        source: manifest.plan.name.clone(),
    };
    manifest.settings.government = vec![figure(-365, 1), figure(0, 2), figure(1, 3)];
    let told = |format| draft(&Manifest { format, ..manifest.clone() }, "", &Tally::default()).unwrap().0.government;
    assert_eq!(told(FORMAT).iter().map(|figure| figure.numerator).collect::<Vec<_>>(), [2]);
    assert_eq!(told(5), [], "not told before");
}

const OPEN: Visibility = Visibility::Open;
const INTERNAL: Visibility = Visibility::Internal;

#[test]
fn a_new_denominator_does_not_tell_how_few_are_left_of_it() {
    let first: [Line; 3] = [("A", OPEN, Some((10, 10))), ("B", OPEN, Some((12, 12))), ("C", OPEN, Some((8, 8)))];
    let second: [Line; 3] = [("A", OPEN, Some((10, 12))), first[1], first[2]];
    let made = releases(&[&first, &second]);
    assert_eq!(of(&made[0], "TOTAL").quotient(), Some((30, 30)));
    for bureau in ["A", "TOTAL"] {
        assert_eq!(of(&made[1], bureau).status, Status::Withheld, "two men of {bureau} took none");
    }
}

#[test]
fn a_nil_that_is_public_already_holds_no_version_up() {
    let open: [Line; 3] = [("A", OPEN, Some((10, 20))), ("B", OPEN, Some((12, 30))), ("C", OPEN, Some((8, 25)))];
    let with = |x: Line, y: Line| [open[0], open[1], open[2], x, y];
    let before = with(("X", INTERNAL, Some((0, 6))), ("Y", INTERNAL, Some((0, 7))));
    let after = with(before[3], ("Y", OPEN, Some((0, 7))));
    let sealed = with(before[3], ("Y", Visibility::OfficeTotalOnly, Some((0, 7))));
    assert_eq!(of(&releases(&[&before])[0], "OTHER").quotient(), Some((0, 13)));
    for later in [after, sealed] {
        assert_eq!(releases(&[&before, &later]).len(), 2, "it was drafted");
    }
    // A bureau that is late, and has nobody to tell of.
    let late = |numbers| [open[0], open[1], open[2], ("D", OPEN, numbers)];
    let made = releases(&[&late(None), &late(Some((0, 3)))]);
    assert_eq!(of(&made[0], "TOTAL").status, Status::Provisional, "D may still answer");
    assert_eq!(of(&made[1], "D").status, Status::Withheld);
    // And one that is no more: it was an error.
    let mut without = before.to_vec();
    without.remove(3);
    assert_eq!(releases(&[&before, &without]).len(), 2);
}

#[test]
fn a_late_bureau_that_does_not_appear_is_expected_from_the_first_version_on() {
    let state = |numbers| -> [Line; 3] { [("A", OPEN, Some((10, 20))), ("B", OPEN, Some((12, 30))), ("X", INTERNAL, numbers)] };
    let made = releases(&[&state(None), &state(Some((5, 12)))]);
    let shown = |bureau: &str| made.iter().any(|release| of(release, bureau).status != Status::Withheld);
    assert!(!["TOTAL", "A", "B"].into_iter().all(shown), "X would follow from both versions");
}

#[test]
fn a_line_that_stands_for_other_bureaus_is_no_correction() {
    let state = |visibility| -> [Line; 5] {
        let [a, b] = [("A", OPEN, Some((10, 20))), ("B", OPEN, Some((12, 30)))];
        [a, b, ("X", INTERNAL, Some((9, 18))), ("Y", INTERNAL, Some((9, 18))), ("Z", visibility, Some((30, 60)))]
    };
    let made = releases(&[&state(OPEN), &state(INTERNAL)]);
    let other = of(&made[1], "OTHER");
    assert!([Status::Final, Status::Withheld].contains(&other.status), "{other:?}");
    let changes = made[1].changes.as_ref().unwrap();
    assert!(changes.observations.iter().all(|change| change.before.is_none() || change.after.is_none()), "{changes:#?}");
}

#[test]
fn a_group_that_lost_a_bureau_to_the_offices_total_is_no_correction() {
    let of_b = |visibility| -> [Line; 4] {
        let [a, b] = [("A", OPEN, Some((10, 20))), ("B", visibility, Some((12, 30)))];
        [a, b, ("C", OPEN, Some((9, 18))), ("D", OPEN, Some((30, 60)))]
    };
    let grouped = |manifest: &mut Manifest| {
        let (code, name) = ("AB".to_owned(), manifest.plan.name.clone());
        manifest.settings.groups = vec![Group { code, name, members: vec!["A".to_owned(), "B".to_owned()] }];
        manifest.settings.figures[0].tables = vec![Table::GroupSex];
    };
    let made = releases_with(&[&of_b(OPEN), &of_b(Visibility::OfficeTotalOnly)], grouped);
    assert_eq!(of(&made[0], "AB").quotient(), Some((22, 50)));
    assert_ne!(of(&made[1], "AB").status, Status::Revised);
    let changes = made[1].changes.as_ref().unwrap();
    assert!(changes.observations.iter().all(|change| change.before.is_none() || change.after.is_none()), "{changes:#?}");
    let both = [&made[0], &made[1]].map(|release| of(release, "AB").quotient());
    assert!(both[0].is_none() || both[1].is_none(), "B would follow from both");
}

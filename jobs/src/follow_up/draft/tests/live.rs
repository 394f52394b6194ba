//! A release beside live figures of the same days.

use super::{OPEN, manifest};
use crate::follow_up::{
    draft::draft,
    release::{Observation, Release, Status},
    settings::{Figure, FigureDate, Table},
    snapshot::{FrozenPart, LiveFigure, LiveLine, Manifest, PartKind, PartLine, Tally, sha256},
};
use entity::bureau::Visibility;
use std::{collections::BTreeSet, fmt::Write};

const TELEWORK: &str = "TELEWORK_PERSONS";

/// A bureau, its visibility, and its people; half of them telework.
type Line = (&'static str, Visibility, i64);

const OFFICE: [Line; 6] =
    [("A", OPEN, 90), ("B", OPEN, 80), ("C", OPEN, 40), ("D", OPEN, 50), ("E", OPEN, 60), ("X", Visibility::OfficeTotalOnly, 24)];

/// The release of this office, while live figures show the whole office and all bureaus but those named.
fn release(office: &[Line], withheld: &[&str], change: impl Fn(&mut Manifest)) -> Release {
    let lines: Vec<_> = office.iter().map(|(code, visibility, _)| (*code, *visibility, None)).collect();
    let mut manifest = manifest(&lines);
    let mut definition = manifest.definitions.iter().find(|definition| definition.line.indicator == TELEWORK).unwrap().clone();
    let part = |measure: &str| FrozenPart { measure: measure.to_owned(), standings: vec![0], scale: 1, ..definition.denominator.clone() };
    (definition.numerator, definition.denominator) = (part(TELEWORK), part("TELEWORK_KNOWN_PERSONS"));
    manifest.format = 6;
    manifest.standings = vec!["MAIN".to_owned()];
    let date = FigureDate::FiscalYear { offset: 0 };
    let (date_from, date_to) = date.days(entity::period::FiscalYear::try_from(manifest.fiscal_year).unwrap()).unwrap();
    let indicator = TELEWORK.to_owned();
    manifest.settings.figures = vec![Figure {
        indicator: indicator.clone(),
        clause: None,
        date,
        tables: vec![Table::Bureau],
        threshold: None,
        statutory: false,
        by_month: false,
        part_of: None,
    }];
    let mut text = String::new();
    for (place, (.., people)) in office.iter().enumerate() {
        for person in 0..*people {
            let _ = writeln!(text, "{place}-{person},{place},{},0,0,1,{}", person % 2, person / 2 % 2);
        }
    }
    let columns = ["TELEWORK_KNOWN_PERSONS", TELEWORK].map(str::to_owned).to_vec();
    let rows = text.lines().count() as u64;
    manifest.parts = vec![PartLine { kind: PartKind::Persons, date_from, date_to, columns, rows, sha256: sha256(text.as_bytes()) }];
    let sides = |people: i64| (people / 4 * 2 + (people % 4 - 2).max(0), people);
    let line = |bureau: Option<u16>, code: &str, (numerator, people): (i64, i64)| {
        let is_shown = !withheld.contains(&code);
        LiveLine { bureau, sex: None, band: None, numerator: is_shown.then_some(numerator), denominator: is_shown.then_some(people) }
    };
    let of_bureaus = office.iter().zip(0..).map(|((code, _, people), place)| line(Some(place), code, sides(*people)));
    let all = office.iter().map(|(.., people)| sides(*people)).fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    let lines = of_bureaus.chain([line(None, "TOTAL", all)]).collect();
    let definition_version = definition.line.version;
    manifest.definitions = vec![definition];
    manifest.live = vec![LiveFigure { indicator, definition_version, date_from, date_to, adds_up: false, lines }];
    change(&mut manifest);
    let mut tally = Tally::default();
    tally.add(&manifest, 0, &text).unwrap();
    draft(&manifest, "", &tally).unwrap().0
}

/// The bureaus of which the release prints nothing.
fn withheld(release: &Release) -> BTreeSet<&str> {
    let printed = |observation: &&Observation| observation.status == Status::Withheld;
    release.observations.iter().filter(printed).map(|observation| observation.bureau.as_str()).collect()
}

fn unknown<'a>(release: &'a Release, live: &[&'a str]) -> BTreeSet<&'a str> {
    withheld(release).into_iter().filter(|bureau| live.contains(bureau)).chain(["X"]).collect()
}

#[test]
fn a_bureau_of_the_total_alone_does_not_follow_from_both_together() {
    // The release by itself withholds the smallest beside it; live figures show that one.
    let alone = release(&OFFICE, &["X"], |manifest| manifest.live.clear());
    assert_eq!(withheld(&alone).len(), 2, "X and two others, for who knows one of these");
    let live = ["D", "E", "X"];
    assert!(unknown(&alone, &live).len() < 3, "{:?}", withheld(&alone));
    let both = release(&OFFICE, &live, |_| ());
    assert_eq!(unknown(&both, &live), ["D", "E", "X"].into());
}

#[test]
fn what_live_figures_withhold_is_printed_by_the_releases_own_rule() {
    let office = OFFICE.map(|(code, _, people)| (code, OPEN, people));
    let live = ["A", "B", "C"];
    assert_eq!(withheld(&release(&office, &live, |_| ())), BTreeSet::new(), "all of them are many");
    // A year that is the sum of its months is printed where each month is shown: a withheld month would follow.
    let adds_up = release(&office, &live, |manifest| manifest.live[0].adds_up = true);
    assert_eq!(withheld(&adds_up), live.into());
}

#[test]
fn a_former_value_is_no_number_of_this_release() {
    let former = release(&OFFICE, &["D", "E", "X"], |manifest| {
        for line in &mut manifest.live[0].lines {
            (line.numerator, line.denominator) = (line.numerator.map(|of| of + 1), line.denominator.map(|of| of + 7));
        }
    });
    assert_eq!(withheld(&former), withheld(&release(&OFFICE, &["X"], |manifest| manifest.live.clear())));
}

#[test]
fn what_live_figures_show_inside_is_not_public() {
    // Whoever reads live figures knows X; the others would, from the whole and all other bureaus.
    let office = OFFICE.map(|(code, _, people)| (code, if code == "X" { Visibility::Internal } else { OPEN }, people));
    let both = release(&office, &[], |_| ());
    assert!(!withheld(&both).is_empty());
    assert!(both.observations.iter().all(|observation| observation.bureau != "X"));
}

//! Figures of one day that count more and fewer people of the same office: what lies between them is told by both.

use super::{OPEN, manifest, of};
use crate::follow_up::{
    draft::draft,
    release::{Release, Status},
    settings::{Figure, FigureDate, Table},
    snapshot::{FrozenDefinition, FrozenPart, Manifest, PartKind, PartLine, Tally, sha256},
};
use std::fmt::Write;

/// People of a bureau in main posts, in concurrent ones here, and in concurrent ones elsewhere.
type People = [usize; 3];

const WOMEN: &str = "WOMEN_STAFF";
const TELEWORK: &str = "TELEWORK_PERSONS";
const NO_CAREERS: &str = "LEFT_OUT_OF_CAREERS";
const NO_WORK: &str = "LEFT_OUT_OF_WORK";

/// An indicator and what it divides: sexes and standings of the numerator, and standings of the denominator.
type Sides = (&'static str, &'static [u8], &'static [u8], &'static [u8]);

const SIDES: [Sides; 4] = [
    (WOMEN, &[0], &[0], &[0]),
    (TELEWORK, &[0, 1, 2], &[0, 1], &[0, 1]),
    (NO_CAREERS, &[0, 1, 2], &[1, 2], &[0, 1, 2]),
    (NO_WORK, &[0, 1, 2], &[2], &[0, 1, 2]),
];

fn defined(like: &FrozenDefinition, (code, sexes, above, below): Sides) -> FrozenDefinition {
    let part = |measure: &str, sexes: &[u8], standings: &[u8]| FrozenPart {
        measure: measure.to_owned(),
        sexes: sexes.to_vec(),
        standings: standings.to_vec(),
        scale: 1,
        ..like.denominator.clone()
    };
    let measure = if code == TELEWORK { TELEWORK } else { "CENSUS_PERSONS" };
    let mut definition =
        FrozenDefinition { numerator: part(measure, sexes, above), denominator: part("CENSUS_PERSONS", &[0, 1, 2], below), ..like.clone() };
    definition.line.indicator = code.to_owned();
    definition
}

/// Half of the people are women, and half telework.
fn content(bureaus: &[People]) -> String {
    let mut text = String::new();
    for (bureau, people) in bureaus.iter().enumerate() {
        for (standing, number) in people.iter().enumerate() {
            for person in 0..*number {
                let _ = writeln!(text, "{bureau}-{standing}-{person},{bureau},{},0,{standing},1,{}", person % 2, person / 2 % 2);
            }
        }
    }
    text
}

fn release(bureaus: &[People]) -> Release {
    let names = ["A", "B", "C", "D"];
    let lines: Vec<_> = names.iter().take(bureaus.len()).map(|name| (*name, OPEN, None)).collect();
    let mut manifest: Manifest = manifest(&lines);
    let like = manifest.definitions.iter().find(|definition| definition.line.indicator == TELEWORK).unwrap().clone();
    manifest.format = 3;
    manifest.standings = ["MAIN", "CONCURRENT_RESIDENT", "CONCURRENT_AWAY"].map(str::to_owned).to_vec();
    manifest.definitions = SIDES.map(|side| defined(&like, side)).to_vec();
    let date = FigureDate::FiscalYear { offset: 0 };
    let figure = |indicator: &str| Figure {
        indicator: indicator.to_owned(),
        clause: None,
        date,
        tables: vec![Table::Bureau],
        threshold: None,
        statutory: false,
        by_month: false,
        part_of: None,
    };
    manifest.settings.figures = SIDES.map(|(code, ..)| figure(code)).to_vec();
    let (date_from, date_to) = date.days(entity::period::FiscalYear::try_from(manifest.fiscal_year).unwrap()).unwrap();
    let text = content(bureaus);
    let columns = ["CENSUS_PERSONS", TELEWORK].map(str::to_owned).to_vec();
    let rows = text.lines().count() as u64;
    manifest.parts = vec![PartLine { kind: PartKind::Persons, date_from, date_to, columns, rows, sha256: sha256(text.as_bytes()) }];
    let mut tally = Tally::default();
    tally.add(&manifest, 0, &text).unwrap();
    draft(&manifest, "", &tally).unwrap().0
}

fn find<'a>(release: &'a Release, indicator: &str, bureau: &str) -> &'a crate::follow_up::release::Observation {
    let own =
        Release { observations: release.observations.iter().filter(|o| o.indicator == indicator).cloned().collect(), ..release.clone() };
    let place = of(&own, bureau).clone();
    release.observations.iter().find(|o| **o == place).unwrap()
}

fn is_shown(release: &Release, indicator: &str, bureau: &str) -> bool {
    find(release, indicator, bureau).status != Status::Withheld
}

/// Whether a bureau's line follows from the others' and the office's.
fn follows(release: &Release, indicator: &str, bureau: &str) -> bool {
    let mut others = ["A", "B", "C", "D", "TOTAL"].into_iter().filter(|other| *other != bureau);
    others.all(|other| is_shown(release, indicator, other))
}

fn is_known(release: &Release, indicator: &str, bureau: &str) -> bool {
    is_shown(release, indicator, bureau) || follows(release, indicator, bureau)
}

#[test]
fn figures_count_whom_they_name() {
    let release = release(&[[30, 10, 20], [40, 20, 10], [30, 10, 10], [20, 20, 20]]);
    assert!(release.observations.iter().all(|observation| observation.status != Status::Withheld), "{:?}", release.observations);
    let quotient = |indicator, bureau| find(&release, indicator, bureau).quotient();
    assert_eq!(quotient(WOMEN, "A"), Some((15, 30)));
    assert_eq!(quotient(WOMEN, "TOTAL"), Some((60, 120)));
    assert_eq!(quotient(TELEWORK, "A"), Some((18, 40)), "14 of the 30 and 4 of the 10");
    assert_eq!(quotient(NO_CAREERS, "A"), Some((30, 60)));
    assert_eq!(quotient(NO_WORK, "TOTAL"), Some((60, 240)));
}

#[test]
fn the_few_between_two_figures_do_not_follow_from_both() {
    let others = [[40, 20, 10], [30, 12, 10], [36, 20, 20]];
    let with = |people: People| release(&[people, others[0], others[1], others[2]]);
    // Two work here in concurrent posts.
    let made = with([30, 2, 10]);
    assert!(!(is_known(&made, WOMEN, "A") && is_known(&made, TELEWORK, "A")), "{:?}", made.observations);
    assert!(!(is_known(&made, NO_CAREERS, "A") && is_known(&made, NO_WORK, "A")), "those left out by one alone");
    // Two are elsewhere.
    let made = with([30, 10, 2]);
    assert!(!is_known(&made, NO_WORK, "A"));
    assert!(!(is_known(&made, NO_CAREERS, "A") && is_known(&made, TELEWORK, "A")), "{:?}", made.observations);
    // Two have a main post.
    let made = with([2, 20, 20]);
    assert!(!is_known(&made, WOMEN, "A") && !is_known(&made, NO_CAREERS, "A"));
}

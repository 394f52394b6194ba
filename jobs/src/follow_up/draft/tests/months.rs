//! Months beside their year: each is the office's own figure, and together they tell the year's.

use super::{OPEN, manifest};
use crate::follow_up::{
    draft::{draft, members},
    release::{Observation, Release, Status},
    settings::{Figure, FigureDate},
    snapshot::{Days, FormerRelease, FrozenDefinition, FrozenPart, LiveFigure, LiveLine, Manifest, PartKind, PartLine, Tally, sha256},
};
use entity::period::{FiscalYear, YearMonth};
use std::fmt::Write;

/// How many people are counted in each month; none where the month is not computed.
type Months = [Option<usize>; 12];

const HOURS: &str = "MEAN_OVERTIME_HOURS";
const DATE: FigureDate = FigureDate::FiscalYear { offset: 0 };
const COLUMNS: [&str; 2] = ["OVERTIME_PERSON_MONTHS", "OVERTIME_POPULATION_MINUTES"];

fn of_months(mut manifest: Manifest) -> Manifest {
    let part = |measure: &str, scale| FrozenPart {
        measure: measure.to_owned(),
        sexes: vec![0, 1, 2],
        bands: vec![0, 1, 2, 3, 4],
        standings: vec![0],
        scale,
    };
    let like = manifest.definitions[0].clone();
    let mut definition = FrozenDefinition { numerator: part(COLUMNS[1], 1), denominator: part(COLUMNS[0], 60), ..like };
    definition.of_whole_years = false;
    definition.published = false;
    definition.line.indicator = HOURS.to_owned();
    manifest.definitions = vec![definition];
    manifest.format = crate::follow_up::snapshot::FORMAT;
    manifest.standings = vec!["MAIN".to_owned()];
    manifest.settings.figures = vec![Figure {
        indicator: HOURS.to_owned(),
        clause: None,
        date: DATE,
        tables: vec![],
        threshold: None,
        statutory: true,
        by_month: true,
        part_of: None,
    }];
    manifest
}

/// A part of one bureau, men of the lowest band.
fn add(manifest: &mut Manifest, tally: &mut Tally, (kind, days): (PartKind, Days), text: &str) {
    let line = PartLine {
        kind,
        date_from: days.0,
        date_to: days.1,
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows: text.lines().count() as u64,
        sha256: sha256(text.as_bytes()),
    };
    manifest.parts.push(line);
    let index = manifest.parts.len() - 1;
    tally.add(manifest, index, text).unwrap();
}

/// Each works 20 hours a month; the first people of the year are there all of it.
fn made(months: &Months, former: Vec<FormerRelease>) -> (Manifest, Release) {
    made_beside(months, former, None)
}

/// Live figures show all months but these, or no month.
fn made_beside(months: &Months, former: Vec<FormerRelease>, live: Option<&[usize]>) -> (Manifest, Release) {
    let mut manifest = of_months(manifest(&[("A", OPEN, None)]));
    manifest.former = former;
    manifest.version.patch = u32::try_from(manifest.former.len()).unwrap();
    let mut tally = Tally::default();
    let days = DATE.days(FiscalYear::try_from(manifest.fiscal_year).unwrap()).unwrap();
    let all: Vec<_> = YearMonth::range(YearMonth::of(days.0), YearMonth::of(days.1)).collect();
    if months.iter().all(Option::is_some) {
        let mut text = String::new();
        for person in 0..months.iter().flatten().max().copied().unwrap_or(0) {
            let there = months.iter().flatten().filter(|people| person < **people).count();
            let _ = writeln!(text, "p{person},0,1,0,0,1,{there},{}", there * 1_200);
        }
        add(&mut manifest, &mut tally, (PartKind::PersonMonths, days), &text);
    }
    for (month, people) in all.iter().zip(months) {
        match people {
            Some(people) => {
                let text = format!("0,1,0,0,0,{people},{people}\n0,1,0,0,1,{},{people}\n", people * 1_200);
                add(&mut manifest, &mut tally, (PartKind::Cells, (month.first_day(), month.last_day())), &text);
            }
            None => manifest.state.uncomputed_months.push(month.to_string()),
        }
    }
    if let Some(withheld) = live {
        let months = all.iter().zip(months).enumerate();
        manifest.live = months.map(|(place, (month, people))| met(*month, people.filter(|_| !withheld.contains(&place)))).collect();
    }
    let release = draft(&manifest, "", &tally).unwrap().0;
    (manifest, release)
}

/// The office's live figure of a month, of these people or withheld.
fn met(month: YearMonth, people: Option<usize>) -> LiveFigure {
    let people = people.map(|people| i64::try_from(people).unwrap());
    let (numerator, denominator) = (people.map(|people| people * 1_200), people.map(|people| people * 60));
    LiveFigure {
        indicator: HOURS.to_owned(),
        definition_version: 1,
        date_from: month.first_day(),
        date_to: month.last_day(),
        adds_up: true,
        lines: vec![LiveLine { bureau: None, sex: None, band: None, numerator, denominator }],
    }
}

/// As it is remembered once it was published.
fn published((manifest, release): &(Manifest, Release)) -> FormerRelease {
    let observations = release.observations.iter().chain(&release.months).cloned().collect();
    FormerRelease { version: release.version, withdrawn: false, bureaus: members(release, Some(manifest)), observations }
}

fn withheld(release: &Release) -> Vec<usize> {
    assert_eq!(release.months.len(), 12);
    (0..12).filter(|month| release.months[*month].status == Status::Withheld).collect()
}

fn year(release: &Release) -> Status {
    release.observations.iter().find(|observation| observation.is_office_total()).unwrap().status
}

#[test]
fn a_year_has_its_months_beside_it() {
    let (_, release) = made(&[Some(50); 12], vec![]);
    assert_eq!((withheld(&release), year(&release)), (vec![], Status::Final));
    let months: Vec<_> = release.months.iter().filter_map(Observation::quotient).collect();
    assert_eq!(months, [(60_000, 3_000); 12]);
    assert_eq!((release.months[0].date_from.to_string(), release.months[11].date_to.to_string()), {
        let first = release.fiscal_year;
        (format!("{first}-04-01"), format!("{}-03-31", first + 1))
    });
    // Snapshots of the formats before know no months, whatever their plan says.
    let mut older = of_months(manifest(&[("A", OPEN, None)]));
    older.format = 5;
    assert!(draft(&older, "", &Tally::default()).unwrap().0.months.is_empty());
}

#[test]
fn a_month_of_few_does_not_follow_from_the_year() {
    let mut months = [Some(50); 12];
    months[7] = Some(3);
    let (_, release) = made(&months, vec![]);
    let hidden = withheld(&release);
    assert!(hidden.contains(&7) && hidden.len() == 2, "one month beside it: {hidden:?}");
    assert_eq!(year(&release), Status::Final);
    // Nobody is behind a nil.
    months[7] = Some(0);
    let (_, release) = made(&months, vec![]);
    assert_eq!((withheld(&release), release.months[7].status), (vec![], Status::NoSubjects));
}

#[test]
fn what_a_former_version_withheld_of_months_stays_withheld() {
    let mut months = [Some(50); 12];
    months[7] = Some(3);
    let first = made(&months, vec![]);
    let before = withheld(&first.1);
    months[7] = Some(30);
    let (_, second) = made(&months, vec![published(&first)]);
    assert!(before.iter().all(|month| withheld(&second).contains(month)), "{:?}", withheld(&second));
    let changes = second.changes.unwrap();
    assert!(changes.observations.iter().all(|change| change.before.is_some() && change.after.is_some()), "{changes:?}");
}

/// Eleven months are public already, and of the last few are known: the year's figure would tell them.
#[test]
fn a_year_is_withheld_where_it_would_tell_a_month() {
    let mut months = [Some(50); 12];
    months[11] = None;
    let first = made(&months, vec![]);
    assert_eq!((withheld(&first.1), year(&first.1), first.1.months[11].status), (vec![], Status::Unknown, Status::Unknown));
    months[11] = Some(3);
    let (_, second) = made(&months, vec![published(&first)]);
    assert_eq!((withheld(&second), year(&second)), (vec![11], Status::Withheld));
}

#[test]
fn a_month_that_live_figures_withhold_does_not_follow_from_the_year() {
    let months = [Some(50); 12];
    let (manifest, open) = made_beside(&months, vec![], Some(&[]));
    assert_eq!(manifest.live[0].definition_version, manifest.definitions[0].line.version);
    assert_eq!((withheld(&open), year(&open)), (vec![], Status::Final));
    let (_, one) = made_beside(&months, vec![], Some(&[4]));
    assert_eq!((withheld(&one), year(&one)), (vec![4], Status::Withheld), "eleven months are seen");
    let (_, two) = made_beside(&months, vec![], Some(&[4, 9]));
    assert_eq!((withheld(&two), year(&two)), (vec![4, 9], Status::Final));
}

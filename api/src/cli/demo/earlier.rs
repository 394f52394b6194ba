//! Snapshots of the demo's earlier fiscal years, made from the seed: rows that another system would have, under pseudonyms of their own.
//!
//! The share of women rises and overtime falls a little from year to year, so that trends have something to show. All have main posts. No real
//! person.

use super::organisation::BUREAUS;
use anyhow::Result;
use jobs::{
    editions::write_snapshot,
    follow_up::snapshot::{Manifest, PartKind, PartLine},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::fmt::Write;

/// Of a hundred posts, those of each band, and of a hundred of their holders the women, in fiscal year 2017.
const PYRAMID: [(u32, u32); 5] = [(18, 34), (27, 25), (34, 11), (17, 5), (4, 2)];

/// Somebody of the year, by places in the manifest's lists.
struct Somebody {
    bureau: usize,
    sex: usize,
    band: usize,
    minutes: i64,
    telework: i64,
    leave: i64,
    staggered: i64,
}

/// The file of the year's snapshot.
pub(super) fn snapshot(manifest: Manifest, seed: u64, staff: u32) -> Result<Vec<u8>> {
    let mut rng = StdRng::seed_from_u64(seed ^ u64::try_from(manifest.fiscal_year).unwrap_or_default());
    let people = people(&mut rng, &manifest, staff);
    let parts: Vec<String> = manifest.parts.iter().map(|part| lines(&mut rng, part, &people, &manifest)).collect();
    let mut file = Vec::new();
    write_snapshot(manifest, &parts, &mut file)?;
    Ok(file)
}

fn people(rng: &mut StdRng, manifest: &Manifest, staff: u32) -> Vec<Somebody> {
    let year = u32::try_from(manifest.fiscal_year - 2017).unwrap_or_default();
    let in_being = |code: &str| manifest.bureaus.iter().position(|bureau| bureau.code == code && bureau.in_being);
    let places: Vec<(usize, usize)> = BUREAUS.iter().filter_map(|bureau| Some((in_being(bureau.code)?, bureau.weight))).collect();
    let weight: usize = places.iter().map(|(_, weight)| weight).sum();
    let place = |name: &str| manifest.sexes.iter().position(|sex| sex == name).unwrap_or_default();
    let (female, male) = (place("FEMALE"), place("MALE"));
    let mut people = Vec::new();
    for (bureau, of) in places {
        for _ in 0..(staff as usize * of).div_ceil(weight.max(1)) {
            let mut at = rng.random_range(0..100);
            let band = PYRAMID
                .iter()
                .position(|(share, _)| {
                    at < *share || {
                        at -= share;
                        false
                    }
                })
                .unwrap_or_default();
            let sex = if rng.random_ratio(PYRAMID[band].1 + year, 100) { female } else { male };
            people.push(Somebody {
                bureau,
                sex,
                band,
                minutes: i64::from(rng.random_range(0..36_000_u32) * (104 - 4 * year) / 100),
                telework: if rng.random_ratio(12 + 4 * year, 100) { rng.random_range(1..20) } else { 0 },
                leave: rng.random_range(8..19) * 465,
                staggered: if rng.random_ratio(15 + 2 * year, 100) { rng.random_range(1..90) } else { 0 },
            });
        }
    }
    people
}

/// The lines of a part.
fn lines(rng: &mut StdRng, part: &PartLine, people: &[Somebody], manifest: &Manifest) -> String {
    match part.kind {
        // Each was in one place all the year.
        PartKind::Persons | PartKind::PersonMonths => persons(rng, part, people),
        PartKind::Hires => hires(rng, part, manifest),
        PartKind::Cells => cells(part, people),
    }
}

fn persons(rng: &mut StdRng, part: &PartLine, people: &[Somebody]) -> String {
    let mut text = String::new();
    for somebody in people {
        let subject = i64::from(somebody.band < 3);
        let value = |column: &String| match column.as_str() {
            "OVERTIME_PERSONS" | "OVERTIME_WHOLE_YEAR_PERSONS" => subject,
            "OVERTIME_PERSON_MONTHS" => 12 * subject,
            "CENSUS_PERSON_MONTHS" => 12,
            "OVERTIME_POPULATION_MINUTES" | "OVERTIME_WHOLE_YEAR_MINUTES" => subject * somebody.minutes,
            "PERSONS_ABOVE_45H" => subject * i64::from(somebody.minutes > 21_000),
            "TELEWORK_PERSONS" => i64::from(somebody.telework > 0),
            "TELEWORK_DAYS" => somebody.telework,
            "LEAVE_THROUGHOUT_MINUTES" => somebody.leave,
            "STAGGERED_PERSONS" => i64::from(somebody.staggered > 0),
            _ => 1,
        };
        // Writing to a String does not fail.
        let _ = write!(text, "{:032x},{},{},{},0", rng.random::<u128>(), somebody.bureau, somebody.sex, somebody.band);
        if part.kind == PartKind::PersonMonths {
            text.push_str(",1");
        }
        for column in &part.columns {
            let _ = write!(text, ",{}", value(column));
        }
        text.push('\n');
    }
    text
}

/// Seven by exam, of whom the plan tells that four are women; five in mid-career.
fn hires(rng: &mut StdRng, part: &PartLine, manifest: &Manifest) -> String {
    let place = |name: &str| manifest.sexes.iter().position(|sex| sex == name).unwrap_or_default();
    let (female, male) = (place("FEMALE"), place("MALE"));
    let of = |column: &str| if column == "HIRES_EXAM" { 7 } else { 5 };
    let mut text = String::new();
    for (index, column) in part.columns.iter().enumerate() {
        for number in 0..of(column) {
            let sex = if number % 2 == 0 { female } else { male };
            let _ = write!(text, "{:032x},0,{sex},0,0", rng.random::<u128>());
            (0..part.columns.len()).for_each(|other| _ = write!(text, ",{}", i32::from(other == index)));
            text.push('\n');
        }
    }
    text
}

/// Sums of records, as a share of the people's: by bureau, sex and band.
fn cells(part: &PartLine, people: &[Somebody]) -> String {
    let mut sums = std::collections::BTreeMap::new();
    for somebody in people.iter().filter(|somebody| somebody.band < 3) {
        for (index, column) in part.columns.iter().enumerate() {
            let value = match column.as_str() {
                "OVERTIME_MINUTES" | "PRESENCE_COMPARED_MINUTES" => somebody.minutes,
                "OVERTIME_CONFIRMED_MINUTES" => somebody.minutes * 7 / 10,
                "PRESENCE_BEYOND_MINUTES" => somebody.minutes / 12,
                "ON_TIME_SHIFTS" => 70,
                "ON_TIME_DEPARTURES" => 70 - somebody.minutes / 700,
                // Caps bind from fiscal year 2019 on.
                _ => 0,
            };
            let sum: &mut (i64, i64) = sums.entry((somebody.bureau, somebody.sex, somebody.band, index)).or_default();
            *sum = (sum.0 + value, sum.1 + i64::from(value != 0));
        }
    }
    let line = |((bureau, sex, band, index), (value, persons)): ((usize, usize, usize, usize), (i64, i64))| {
        (value != 0).then(|| format!("{bureau},{sex},{band},0,{index},{value},{persons}\n"))
    };
    sums.into_iter().filter_map(line).collect()
}

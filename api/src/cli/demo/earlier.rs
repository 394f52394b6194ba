//! Snapshots of the fiscal years of which the demo has no records, made from the seed: rows that another system would have, one for each of as
//! many people as the office has, under pseudonyms of their own. Nothing is taken from fewer records and made to look like more.
//!
//! The share of women rises and overtime falls a little from year to year, so that trends have something to show. As in the year of records, a
//! third are in concurrent posts alone, and a few of these are not resident. No real person.

use super::organisation::BUREAUS;
use anyhow::Result;
use chrono::Datelike;
use jobs::{
    editions::write_snapshot,
    follow_up::snapshot::{Manifest, PartKind, PartLine},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{collections::BTreeMap, fmt::Write};

/// Of a hundred posts, those of each band, and of a hundred of their holders the women, in fiscal year 2017.
const PYRAMID: [(u32, u32); 5] = [(18, 34), (27, 25), (34, 11), (17, 5), (4, 2)];

/// Of a hundred minutes of a fiscal year's overtime, those of each month from April on.
const SEASONS: [i64; 12] = [10, 8, 8, 7, 6, 7, 8, 8, 9, 9, 10, 10];

/// Somebody of the year, by places in the manifest's lists.
struct Somebody {
    bureau: usize,
    sex: usize,
    band: usize,
    standing: usize,
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
    let standings = ["MAIN", "CONCURRENT_RESIDENT", "CONCURRENT_AWAY"];
    let standings = standings.map(|name| manifest.standings.iter().position(|standing| standing == name).unwrap_or_default());
    let mut posts = StdRng::seed_from_u64(rng.random::<u64>());
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
                standing: match posts.random_range(0..100) {
                    0..68 => standings[0],
                    68..95 => standings[1],
                    _ => standings[2],
                },
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
        PartKind::Cells => cells(part, people, manifest),
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
        let _ = write!(text, "{:032x},{},{},{},{}", rng.random::<u128>(), somebody.bureau, somebody.sex, somebody.band, somebody.standing);
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

/// Bureau, sex, band, standing and column.
type Group = (usize, usize, usize, usize, usize);

/// Sums of records, as a share of the people's: by bureau, sex, band and standing.
fn cells(part: &PartLine, people: &[Somebody], manifest: &Manifest) -> String {
    let mut sums: BTreeMap<Group, (i64, i64)> = BTreeMap::new();
    let month = (part.date_from.month0() as usize + 9) % 12;
    // Caps bind from fiscal year 2019 on.
    let caps = manifest.fiscal_year >= 2019;
    let driven: Vec<bool> =
        manifest.bureaus.iter().map(|bureau| BUREAUS.iter().any(|own| own.code == bureau.code && own.external)).collect();
    for somebody in people.iter().filter(|somebody| somebody.band < 3) {
        for (index, column) in part.columns.iter().enumerate() {
            let value = match column.as_str() {
                // Of a month: the year's rows hold what the months come to.
                "OVERTIME_PERSON_MONTHS" => 1,
                "OVERTIME_POPULATION_MINUTES" => of_month(somebody.minutes, month),
                "OVERTIME_MINUTES" | "PRESENCE_COMPARED_MINUTES" => somebody.minutes,
                "OVERTIME_CONFIRMED_MINUTES" => somebody.minutes * 7 / 10,
                "PRESENCE_BEYOND_MINUTES" => somebody.minutes / 12,
                "ON_TIME_SHIFTS" => 70,
                "ON_TIME_DEPARTURES" => 70 - somebody.minutes / 700,
                cap if caps => of_cap(cap, driven[somebody.bureau], somebody.minutes),
                _ => 0,
            };
            let sum = sums.entry((somebody.bureau, somebody.sex, somebody.band, somebody.standing, index)).or_default();
            *sum = (sum.0 + value, sum.1 + i64::from(value != 0));
        }
    }
    let line = |((bureau, sex, band, standing, index), (value, persons)): (Group, (i64, i64))| {
        (value != 0).then(|| format!("{bureau},{sex},{band},{standing},{index},{value},{persons}\n"))
    };
    sums.into_iter().filter_map(line).collect()
}

/// The minutes of a month of a year, counted from April; the last one has what is left.
fn of_month(minutes: i64, month: usize) -> i64 {
    let share = |month: usize| minutes * SEASONS[month] / 100;
    if month == 11 { minutes - (0..11).map(share).sum::<i64>() } else { share(month) }
}

/// Whether somebody with so many minutes in the year counts in a measure of caps: bound by those of their bureau's work, or above one. Of flags
/// each who is above one has two, of which two of three people's were reviewed in time.
fn of_cap(measure: &str, driven: bool, minutes: i64) -> i64 {
    let above = minutes > if driven { 30_000 } else { 21_000 };
    let holds = match measure {
        "UNDER_ANY_CAP" => true,
        "DRIVEN_AT_END" => driven,
        "OUTLIER_FLAGS" => return 2 * i64::from(above),
        "OUTLIER_FLAGS_REVIEWED_IN_TIME" => return 2 * i64::from(above && minutes % 3 != 0),
        "ABOVE_SELF_PACED_YEAR_CAP" => !driven && minutes > 21_600,
        "ABOVE_SELF_PACED_MONTH_CAP" | "ABOVE_ANY_SELF_PACED_CAP" => !driven && above,
        "ABOVE_DRIVEN_MONTH_CAP" => driven && minutes > 33_000,
        "ABOVE_DRIVEN_MEAN_CAP" => driven && minutes > 32_000,
        "ABOVE_DRIVEN_LONG_MONTHS" | "ABOVE_ANY_DRIVEN_CAP" => driven && above,
        other if other.starts_with("UNDER_SELF_PACED") || other == "UNDER_ANY_SELF_PACED_CAP" => !driven,
        other if other.starts_with("UNDER_DRIVEN") || other == "UNDER_ANY_DRIVEN_CAP" => driven,
        // No year is so long, and no work was exceptional.
        _ => false,
    };
    i64::from(holds)
}

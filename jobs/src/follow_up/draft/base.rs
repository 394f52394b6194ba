//! What the denominator of a figure counts: persons, persons of each month, days worked, or hours.

use crate::follow_up::{
    release::{Base, Counts},
    snapshot::{Manifest, PartKind, PartLine},
};

/// Minutes in an hour.
const HOUR: i64 = 60;

/// Of an indicator or item; nothing where its numbers count nothing, and in formats whose releases do not tell it.
pub(super) fn of(manifest: &Manifest, indicator: &str) -> Option<Base> {
    if !manifest.tells_bases() {
        return None;
    }
    if let Some(item) = manifest.items.iter().find(|item| item.line.indicator == indicator) {
        return item.counts_persons.then_some(Base { of: Counts::Persons, each: 1 });
    }
    let part = &manifest.definitions.iter().find(|definition| definition.line.indicator == indicator)?.denominator;
    // Sums of its months may stand beside a year of person-months.
    let by_month = |line: &PartLine| line.kind == PartKind::PersonMonths && line.columns.contains(&part.measure);
    let (of, each) = match part.measure.rsplit('_').next() {
        Some("MINUTES") => (Counts::Hours, HOUR),
        Some("SHIFTS") => (Counts::Shifts, 1),
        Some("FLAGS") => return None,
        _ if manifest.parts.iter().any(by_month) => (Counts::PersonMonths, 1),
        _ => (Counts::Persons, 1),
    };
    Some(Base { of, each: each * part.scale })
}

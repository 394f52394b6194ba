//! What the denominator of a figure counts: persons, persons of each month, days worked, or hours.

use crate::follow_up::{
    release::{Base, Counts},
    snapshot::{Manifest, PartKind},
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
    let kind = manifest.parts.iter().find(|line| line.columns.contains(&part.measure)).map(|line| line.kind);
    let (of, each) = match part.measure.rsplit('_').next() {
        Some("MINUTES") => (Counts::Hours, HOUR),
        Some("SHIFTS") => (Counts::Shifts, 1),
        Some("FLAGS") => return None,
        _ if kind == Some(PartKind::PersonMonths) => (Counts::PersonMonths, 1),
        _ => (Counts::Persons, 1),
    };
    Some(Base { of, each: each * part.scale })
}

//! What of live figures is withheld from readers who see no persons: one decision for a month, for all its figures, spans, vintages and readers.
//!
//! A viewer, a committee, and an officer looking at other bureaus all meet the same. It is decided when a month has been computed, kept in
//! `protection`, and safe for a reader who also knows all persons of any one bureau. Whoever may see a bureau's persons sees its figures whole.
//! Steps are files: which tables of people the figures are made of (`model`), what of each is withheld (`rule`), what stays as it was (`time`),
//! and the statements that read and write it (`decision`, `changes`, `writing`). The first three are pure.
//!
//! Months come before the spans that they make: where a span's figure is the sum of its months', it is shown where each month is, and so tells
//! nothing that they do not; a census of a year to date is that of its last month.
//!
//! A release has a method of its own, for tables that are printed once (`follow_up::disclosure`), and takes what live figures show then as known; a
//! span that is decided after it takes what it prints as known (`released`). Deliberately absent: differences between one reader and another.

mod bureaus;
mod changes;
mod counts;
mod decision;
mod model;
mod released;
pub mod rule;
#[cfg(test)]
mod tests;
mod time;
mod writing;

pub(crate) use changes::Told;
pub(crate) use counts::{decide_counts, withhold_counts};
pub(crate) use decision::{decide, undecided};
pub(crate) use model::adds_up;

/// Minutes of people who may not be seen are shown as multiples of this: ten hours, more than anybody's day.
pub const MINUTES: i64 = 600;

/// Rounds minutes as they are shown to who sees no persons.
#[must_use]
pub fn rounded(minutes: i64) -> i64 {
    (minutes + MINUTES / 2).div_euclid(MINUTES) * MINUTES
}

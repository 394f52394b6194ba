//! The tables of the package, each made from the release: what stands in every row of every CSV.
//!
//! Deliberately absent: how CSV is written (`table`), and the Excel form of the observations (`excel`).

mod measured;
mod plan;

use crate::follow_up::package::{content::Content, table::Table};

pub(super) use plan::target_rows;

/// Every table, the observations first.
pub(super) fn all(content: &Content<'_>) -> Vec<Table> {
    vec![
        measured::observations(content),
        measured::definitions(content),
        measured::codes(content),
        plan::targets(content),
        plan::actions(content),
    ]
}

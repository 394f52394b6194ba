//! The tables of the package, each made from the release: what stands in every row of every CSV.
//!
//! Deliberately absent: how CSV is written (`table`), and the Excel form of the observations (`excel`).

mod measured;
mod plan;
mod site;

use super::{content::Content, table::Table};

pub(super) use measured::observations;
pub(super) use plan::{target_rows, targets};
pub(super) use site::tables as of_site;

/// Every table, the observations first.
pub(super) fn all(content: &Content<'_>) -> Vec<Table> {
    let mut all =
        vec![observations(content), measured::definitions(content), measured::codes(content), targets(content), plan::actions(content)];
    if content.release.is_whole() {
        all.push(plan::next_steps(content));
    }
    all.extend(of_site(content));
    all
}

//! What is handed in to the government's site of the Act (女性活躍推進法「見える化」サイト): its list of targets by section (ア–オ), and its list
//! of published information by item (ア–ス).
//!
//! Which clause of the plan belongs to which section, and which figure to which item, is data: the site and the ordinance behind it (内閣府令
//! 61/2015, art. 6) have changed before. Headings are those of the site's form, in Japanese alone. Deliberately absent: what stands in a row,
//! which the package makes of the release.

use serde::{Deserialize, Serialize};

/// The lists of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Site {
    /// The sections of the list of targets, in its order.
    pub sections: Vec<SiteSection>,
    /// The items of the list of published information, in its order.
    pub items: Vec<SiteItem>,
}

/// A section of the list of targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteSection {
    /// Its mark, such as ア.
    pub code: String,
    /// Its heading.
    pub name: String,
    /// The clauses that belong to it, with all below them that no section names.
    pub clauses: Vec<String>,
}

/// An item of the list of published information.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteItem {
    /// Its mark, such as ア.
    pub code: String,
    /// Its heading.
    pub name: String,
    /// Its columns; an item without any is not published, and its note says why.
    #[serde(default)]
    pub cells: Vec<SiteCell>,
    /// What its remarks begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A column of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteCell {
    /// Its heading, such as 常勤 or 男性.
    pub name: String,
    /// The figure that it shows: of the whole office.
    pub indicator: String,
    /// What of the figure.
    #[serde(default, skip_serializing_if = "Shows::is_value")]
    pub shows: Shows,
    /// Whether its remarks say how it grew since the year before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub growth: bool,
    /// What its remarks say beside its date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a column shows of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Shows {
    /// Its value.
    #[default]
    Value,
    /// Its value of each month: as many columns.
    Months,
    /// Of women among others, how many they are.
    Women,
    /// Of women among others, how many the others are.
    Men,
}

impl Shows {
    /// Whether it is a number of persons.
    #[must_use]
    pub const fn is_count(self) -> bool {
        matches!(self, Self::Women | Self::Men)
    }

    /// Whether it is the value.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    const fn is_value(&self) -> bool {
        matches!(self, Self::Value)
    }
}

impl Site {
    /// The section of a clause: the one that names it or, of the clauses above it, the nearest. `parent` tells which is above a clause.
    #[must_use]
    pub fn section_of<'a>(&self, clause: &'a str, parent: impl Fn(&'a str) -> Option<&'a str>) -> Option<&SiteSection> {
        let above = std::iter::successors(Some(clause), |clause| parent(clause));
        // No plan is so deep; a clause that is above itself is in no section.
        above.take(100).find_map(|clause| self.sections.iter().find(|section| section.clauses.iter().any(|named| named == clause)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_clause_is_in_the_section_of_the_nearest_above() {
        let section = |code: &str, clauses: &[&str]| SiteSection {
            code: code.to_owned(),
            name: code.to_owned(),
            clauses: clauses.iter().map(|&clause| clause.to_owned()).collect(),
        };
        let site = Site { sections: vec![section("ア", &["V-1"]), section("オ", &["V", "IV-1"])], items: vec![] };
        let parent = |clause: &'static str| clause.rsplit_once('-').map(|(above, _)| above);
        let of = |clause: &'static str| site.section_of(clause, parent).map(|section| section.code.as_str());
        assert_eq!(["V-1", "V-1-(2)", "V-2", "V", "IV-1-(2)"].map(of), [Some("ア"), Some("ア"), Some("オ"), Some("オ"), Some("オ")]);
        assert_eq!([of("IV"), of("VI")], [None, None]);
        assert!(site.section_of("V-9", |_| Some("V-9")).is_none(), "a clause that is above itself");
    }
}

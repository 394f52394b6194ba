//! A snapshot: all that a release is computed from, self-contained. A manifest says what there is and names its parts by their content;
//! the parts hold rows under keyed pseudonyms, a line each.
//!
//! Both are text that a later version, or another program, can read: nothing in them refers to a database. Members of bureau, sex and band
//! are numbers, places in the manifest's lists, and so are standings to the office, of which each definition counts some. Lines of PERSONS and
//! HIRES are `pseudonym,bureau,sex,band,standing,value…`, a value for each of the part's columns; lines of `PERSON_MONTHS` have `latest` (1 or 0)
//! before the values; lines of CELLS are `bureau,sex,band,standing,column,value,persons`. Before format 3 no line has a standing, and every
//! definition counts everybody. Before format 4 sums of minutes are shown as they are. Deliberately absent: names, staff numbers, units, and the key of the pseudonyms, which is outside the database.

mod live;
mod tally;

pub use live::{LiveFigure, LiveLine, NoLine};
pub use tally::{Place, Sum, Tally};

use super::{
    release::{Bilingual, ClauseLine, DefinitionLine, FIRST_WHOLE, LAST_FORMER, Observation, PlanLine, ReleaseKind, TargetLine, Version},
    settings::FollowUpSettings,
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{bureau::Visibility, submission::SubmissionContent};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of this format.
pub const FORMAT: u32 = 6;
/// Lines tell standings from this version on.
const WITH_STANDINGS: u32 = 3;
/// Minutes are shown rounded from this version on.
const WITH_ROUNDED_MINUTES: u32 = 4;
/// Releases tell what denominators count from this version on.
const WITH_BASES: u32 = 5;

/// What a snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The plan.
    pub plan: PlanLine,
    /// The fiscal year that is followed up.
    pub fiscal_year: i32,
    /// The version that is made of it.
    pub version: Version,
    /// Why.
    pub kind: ReleaseKind,
    /// What is corrected, added or changed.
    pub reason: Option<Bilingual>,
    /// The instant at which it was frozen.
    pub as_of: DateTime<Utc>,
    /// The version of the program that froze it.
    pub code_version: String,
    /// Which dates, tables, thresholds and terms.
    pub settings: FollowUpSettings,
    /// Definitions of the catalogue, as they were.
    pub definitions: Vec<FrozenDefinition>,
    /// Items that bureaus submit.
    pub items: Vec<FrozenItem>,
    /// Every bureau that there was, in the order of establishment, then by code (before format 5 by code alone); rows name their places here.
    pub bureaus: Vec<FrozenBureau>,
    /// Sexes, by place.
    pub sexes: Vec<String>,
    /// Rank bands, by place.
    pub bands: Vec<String>,
    /// Standings to the office, by place; none before format 3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standings: Vec<String>,
    /// Clauses, without what was done.
    pub clauses: Vec<ClauseLine>,
    /// The plan's initiatives: the categories of what was done. Snapshots of the format's first version call them measures.
    #[serde(rename = "measures")]
    pub initiatives: Vec<FrozenInitiative>,
    /// Targets, without the office's figure.
    pub targets: Vec<TargetLine>,
    /// What bureaus submitted and the secretariat took, by bureau.
    pub submissions: Vec<FrozenSubmission>,
    /// The office's figures of earlier years, as they were last published.
    pub earlier: Vec<Observation>,
    /// The releases of the same year that have been published, the withdrawn ones too, by version.
    pub former: Vec<FormerRelease>,
    /// What live figures showed of the same days; none before format 6.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<LiveFigure>,
    /// What the database could tell of the state of its records.
    pub state: RecordsState,
    /// The parts, in order.
    pub parts: Vec<PartLine>,
}

/// A definition of the catalogue with what it divides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FrozenDefinition {
    /// What is shown of it.
    pub line: DefinitionLine,
    /// Whether it is split by sex.
    pub by_sex: bool,
    /// Whether it is split by band.
    pub by_band: bool,
    /// Whether it speaks of whole years alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_whole_years: bool,
    /// Whether the office's own figure is published whatever its size.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub published: bool,
    /// The numerator.
    pub numerator: FrozenPart,
    /// The denominator.
    pub denominator: FrozenPart,
}

/// A numerator or denominator: a measure over some of the staff, times a factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrozenPart {
    /// The measure's code: a column of the parts.
    pub measure: String,
    /// Whose, as places in the manifest's list.
    pub sexes: Vec<u8>,
    /// In which bands, as places in the manifest's list.
    pub bands: Vec<u8>,
    /// Of which standings, as places in the manifest's list; before format 3 there are none, and everybody counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standings: Vec<u8>,
    /// Brings the quotient to its unit.
    pub scale: i64,
}

/// An item that bureaus submit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrozenItem {
    /// What is shown of it.
    pub line: DefinitionLine,
    /// Whether its numbers count persons.
    pub counts_persons: bool,
    /// Whether each bureau submits its part.
    pub by_bureau: bool,
}

/// A bureau.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrozenBureau {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// Where its figures may appear.
    pub visibility: Visibility,
    /// Whether it was in being on a day of the fiscal year.
    pub in_being: bool,
    /// Its place in the order of establishment; none before format 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i32>,
}

/// An initiative of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrozenInitiative {
    /// Its code.
    pub code: String,
    /// Its clause.
    pub clause: String,
    /// Its name.
    pub name: Bilingual,
}

/// What a bureau submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrozenSubmission {
    /// Its code.
    pub bureau: String,
    /// What it says.
    pub content: SubmissionContent,
}

impl FrozenSubmission {
    /// Codes of the published items that each bureau is asked for and that it does not hold.
    pub fn leaves_out<'a>(&'a self, manifest: &'a Manifest) -> impl Iterator<Item = &'a str> {
        let published = |code: &str| manifest.settings.figures.iter().any(|figure| figure.indicator == code);
        let asked = manifest.items.iter().filter(|item| item.by_bureau).map(|item| item.line.indicator.as_str());
        asked.filter(move |code| published(code) && !self.content.figures.iter().any(|figure| figure.item == *code))
    }
}

/// A release of the same year that came before. What was once public stays known, and what was withheld then must not follow from more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FormerRelease {
    /// Its version.
    pub version: Version,
    /// Whether it was withdrawn: then it is no longer what this one is compared with.
    pub withdrawn: bool,
    /// What its members of the dimension bureau stood for, by their codes; TOTAL is not among them.
    pub bureaus: Vec<FormerMember>,
    /// Its figures.
    pub observations: Vec<Observation>,
}

/// A bureau, a group, or the others, of a former release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FormerMember {
    /// The member's code.
    pub code: String,
    /// Codes of its bureaus.
    pub bureaus: Vec<String>,
}

/// What the database could tell of the state of its records when it was frozen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordsState {
    /// Codes of the bureaus that were called and of which nothing was taken.
    pub missing: Vec<String>,
    /// Months of the figures' dates that some bureau had not closed.
    pub open_months: Vec<String>,
    /// Of those months, the ones whose records had changed since they were computed.
    pub stale_months: Vec<String>,
    /// Of those months, the ones of which nothing was computed.
    pub uncomputed_months: Vec<String>,
    /// Figures of months whose records did not cover all their people; none before this was counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coverage: Vec<CoverageLine>,
}

/// How much of the people that a figure is about its records covered. It says no number: of a few people it would tell who.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CoverageLine {
    /// Code of the indicator.
    pub indicator: String,
    /// Whether that was less than the rules ask for, so that no target is held against it.
    pub is_partial: bool,
    /// Codes of the bureaus that had reported nothing in a month of its dates, as far as they appear by name.
    pub not_reported: Vec<String>,
}

/// What a part's lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PartKind {
    /// A person of the dates each, in the place of the latest of them.
    Persons,
    /// A person and a place each, in which they were in a month of the dates, of those whom the figures count; one of a person's lines is of the
    /// latest month.
    PersonMonths,
    /// A person hired within the dates each, in the place of that day.
    Hires,
    /// Sums of records over the dates.
    Cells,
}

impl PartKind {
    /// The word that stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Persons => "PERSONS",
            Self::PersonMonths => "PERSON_MONTHS",
            Self::Hires => "HIRES",
            Self::Cells => "CELLS",
        }
    }
}

/// A part, as the manifest names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartLine {
    /// What its lines are.
    pub kind: PartKind,
    /// The first day that it is about.
    pub date_from: NaiveDate,
    /// The last one.
    pub date_to: NaiveDate,
    /// The measures that its lines have values of.
    pub columns: Vec<String>,
    /// How many lines it has.
    pub rows: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// Why a snapshot cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The manifest is no JSON of ours.
    #[error("the manifest cannot be read: {0}")]
    Manifest(#[from] serde_json::Error),
    /// It was made by a later program.
    #[error("the snapshot has format {0}; this program reads up to {FORMAT}")]
    Format(u32),
    /// A part is not the one that the manifest names.
    #[error("part {0} is not the one that the manifest names")]
    Content(usize),
    /// There are more or fewer parts than the manifest names.
    #[error("there are {found} parts, and the manifest names {named}")]
    Parts {
        /// How many there are.
        found: usize,
        /// How many there should be.
        named: usize,
    },
    /// A line says something else than its part's columns.
    #[error("part {part}, line {line} cannot be read")]
    Line {
        /// The part's place, from 0.
        part: usize,
        /// The line, from 1.
        line: usize,
    },
}

impl Manifest {
    /// Whether sums of minutes are shown rounded, as live figures are.
    #[must_use]
    pub fn rounds_minutes(&self) -> bool {
        self.format >= WITH_ROUNDED_MINUTES
    }

    /// Whether findings and groups are called as they were before format 5.
    #[must_use]
    pub fn has_former_words(&self) -> bool {
        self.format <= LAST_FORMER
    }

    /// What an indicator or an item of bureaus is.
    #[must_use]
    pub fn line(&self, code: &str) -> Option<&DefinitionLine> {
        let items = self.items.iter().map(|item| &item.line);
        self.definitions.iter().map(|definition| &definition.line).chain(items).find(|line| line.indicator == code)
    }

    /// Whether its release tells what denominators count.
    #[must_use]
    pub fn tells_bases(&self) -> bool {
        self.format >= WITH_BASES
    }

    /// Whether its release tells months, what is handed in to the government's site, and which figures are shares of women; and what is withheld in it
    /// must not follow from live figures of the same days, nor for who knows all persons of any one bureau.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.format >= FIRST_WHOLE
    }

    /// The release that this one takes the place of: the latest that has not been withdrawn.
    #[must_use]
    pub fn replaced(&self) -> Option<&FormerRelease> {
        self.former.iter().filter(|former| !former.withdrawn).max_by_key(|former| former.version)
    }

    /// Whether a bureau has not said yet what each is asked for.
    #[must_use]
    pub fn waits_for(&self, bureau: &str, item: &str) -> bool {
        let mut taken = self.submissions.iter().filter(|submission| submission.bureau == bureau);
        self.state.missing.iter().any(|code| code == bureau) || taken.any(|submission| submission.leaves_out(self).any(|code| code == item))
    }

    /// The bytes that are kept, hashed and exported.
    ///
    /// # Errors
    /// None that a manifest can cause.
    pub fn to_text(&self) -> Result<String, SnapshotError> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`SnapshotError::Manifest`], [`SnapshotError::Format`].
    pub fn parse(text: &str) -> Result<Self, SnapshotError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let Head { format } = serde_json::from_str(text)?;
        if format > FORMAT {
            return Err(SnapshotError::Format(format));
        }
        Ok(serde_json::from_str(text)?)
    }
}

/// SHA-256, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    crate::seal::hex(&Sha256::digest(bytes))
}

/// The dates that figures are about.
pub type Days = (NaiveDate, NaiveDate);

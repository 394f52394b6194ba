//! What a release says: observations that are already protected, targets, clauses with what was done, and where all of it comes from.
//!
//! Everything is owned, ordered and free of ids, hosts, engines and run times: the same snapshot makes the same release, and the same
//! release the same files (`package`). Deliberately absent: the day of publication and the two reports, which come after the bytes are made.

use super::settings::Site;
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    finding::FindingCheck,
    indicator_value::TOTAL,
    target::{Decider, Qualifier, TargetPopulation},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The number of a release: a changed definition raises the first, new data the second, a correction the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// Raised where what is counted changes.
    pub major: u32,
    /// Raised where data were added.
    pub minor: u32,
    /// Raised where an error was corrected.
    pub patch: u32,
}

/// Text that is no version such as 1.0.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no version such as 1.0.0")]
pub struct NoVersion;

pub use entity::{
    follow_up::ReleaseKind,
    quotient::{Direction, IndicatorUnit},
    release_observation::ObservationStatus as Status,
    text::Bilingual,
};

impl Version {
    /// The first of each year.
    pub const FIRST: Self = Self { major: 1, minor: 0, patch: 0 };

    /// The version that follows this one.
    #[must_use]
    pub fn next(self, kind: ReleaseKind) -> Self {
        match kind {
            ReleaseKind::Initial => Self::FIRST,
            ReleaseKind::Correction => Self { patch: self.patch + 1, ..self },
            ReleaseKind::NewData => Self { minor: self.minor + 1, patch: 0, ..self },
            ReleaseKind::Definition => Self { major: self.major + 1, minor: 0, patch: 0 },
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = NoVersion;

    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let mut numbers = text.split('.').map(|part| part.parse().ok().filter(|number: &u32| number.to_string() == part));
        match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => Ok(Self { major, minor, patch }),
            _ => Err(NoVersion),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = NoVersion;

    fn try_from(text: String) -> Result<Self, NoVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

/// One yearly release of one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The format of its snapshot, which says in which words it is told; [`LAST_FORMER`] where it is that one or older.
    #[serde(default = "former", skip_serializing_if = "is_former")]
    pub format: u32,
    /// The plan that is followed up.
    pub plan: PlanLine,
    /// The fiscal year that is followed up, by the western year in which it begins.
    pub fiscal_year: i32,
    /// Its number.
    pub version: Version,
    /// Why there is one.
    pub kind: ReleaseKind,
    /// What was corrected, added or changed; none for the first.
    pub reason: Option<Bilingual>,
    /// The instant whose state it shows.
    pub as_of: DateTime<Utc>,
    /// Who publishes it, on what terms.
    pub publisher: Publisher,
    /// What is measured, in the catalogue's order; then what bureaus submitted.
    pub definitions: Vec<DefinitionLine>,
    /// Bureaus, then groups of bureaus, that observations name.
    pub bureaus: Vec<BureauLine>,
    /// Figures of the year, by indicator, then bureau, sex and band, TOTAL first.
    pub observations: Vec<Observation>,
    /// The office's figures of earlier years, as they were last published, by indicator and year.
    pub earlier: Vec<Observation>,
    /// The office's figures of the year's months, by indicator and month; none before format 6.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<Observation>,
    /// Targets that were in force in the year, or for the figure's date.
    pub targets: Vec<TargetLine>,
    /// The whole government's figures beside the targets, the latest that is not after the office's; none before format 6.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub government: Vec<GovernmentLine>,
    /// The plan's clauses in its own order.
    pub clauses: Vec<ClauseLine>,
    /// The plan's initiatives, the categories of what was done; none before format 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub initiatives: Vec<InitiativeLine>,
    /// What is handed in to the government's site; none before format 6, and where the office hands in nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    /// What was looked into before it was compiled.
    pub findings: Vec<FindingLine>,
    /// What changed against the former release of the year; none for the first.
    pub changes: Option<Changes>,
    /// What it was made from.
    pub provenance: Provenance,
}

/// The last format whose releases do not tell it.
pub const LAST_FORMER: u32 = 4;
/// The first format whose releases hold published answers, next steps, months, what is handed in to the government's site, and cross tables.
pub const FIRST_WHOLE: u32 = 6;

const fn former() -> u32 {
    LAST_FORMER
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_former(format: &u32) -> bool {
    *format <= LAST_FORMER
}

impl Release {
    /// Whether it is told as releases were up to format 4.
    #[must_use]
    pub const fn is_former(&self) -> bool {
        is_former(&self.format)
    }

    /// Whether it holds what is answered to its findings, what is to be done next, and the files that are handed in elsewhere.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.format >= FIRST_WHOLE
    }

    /// Puts the answers that are published beside their findings, in the place of those that were there.
    pub fn answer(&mut self, answers: &[AnswerLine]) {
        let is_whole = self.is_whole();
        for finding in &mut self.findings {
            let of = |answer: &&AnswerLine| is_whole && answer.check == finding.check && answer.subject == finding.subject;
            finding.answer = answers.iter().find(of).map(|answer| answer.answer.clone());
        }
    }

    /// The published answer that says why an indicator's figure moved.
    #[must_use]
    pub fn why_moved(&self, indicator: &str) -> Option<&str> {
        let jump = FindingCheck::Jump.as_text();
        let of = self.findings.iter().find(|finding| finding.check == jump && finding.subject == indicator);
        of?.answer.as_deref()
    }
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLine {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// The day on which it was decided.
    pub decided_on: NaiveDate,
    /// Its first day.
    pub valid_from: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
}

/// Who publishes, on what terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    /// Who publishes.
    pub name: Bilingual,
    /// The office of it that publishes, such as a division in charge; none where the settings do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<Bilingual>,
    /// Whom to ask: an office's address, nobody's own.
    pub contact: String,
    /// The office's telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The licence's identifier, such as `CC-BY-4.0`.
    pub licence: String,
    /// The licence's title.
    pub licence_title: Bilingual,
    /// Where its text stands.
    pub licence_url: String,
}

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Source {
    /// The platform's records.
    Records,
    /// Bureaus' submissions.
    Submission,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionLine {
    /// Its code.
    pub indicator: String,
    /// The version of its definition.
    pub version: i32,
    /// Its name.
    pub name: Bilingual,
    /// What is divided by what, over whom.
    pub description: Bilingual,
    /// What the numerator counts: persons, minutes or days, and how the value's unit follows.
    pub unit: IndicatorUnit,
    /// Which way is better.
    pub direction: Direction,
    /// The plan's clause.
    pub clause: String,
    /// Where it comes from.
    pub source: Source,
    /// Whether a right percentage can pass 100.
    pub may_exceed_hundred: bool,
    /// Whether the Act on women's participation has it published (女性活躍推進法).
    pub statutory: bool,
    /// What its denominator counts; none where it is not said, as before format 5, and where it counts nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// Whether it is the share of women: its numerator counts those of its denominator. Not told before format 6.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_women: bool,
}

/// What the denominator of a figure counts, so that the number of them can stand beside the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// What they are.
    pub of: Counts,
    /// So many of the denominator are one of them: it is brought to the value's unit, such as 60 a person where hours are shown.
    pub each: i64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Counts {
    /// Persons.
    Persons,
    /// Persons of each month, added up.
    PersonMonths,
    /// Days on which people worked.
    Shifts,
    /// Hours.
    Hours,
}

/// A bureau, or a group of bureaus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BureauLine {
    /// The member of the dimension.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// The bureaus of a group; empty for a bureau.
    pub members: Vec<String>,
}

/// One figure with all its dimensions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The fiscal year that is followed up by it.
    pub fiscal_year: i32,
    /// The indicator's code.
    pub indicator: String,
    /// The version of its definition.
    pub definition_version: i32,
    /// The first day of which it speaks; the day itself for a census.
    pub date_from: NaiveDate,
    /// The last day of which it speaks.
    pub date_to: NaiveDate,
    /// Code of the bureau or group, or TOTAL.
    pub bureau: String,
    /// FEMALE, MALE, `NOT_RECORDED` or TOTAL.
    pub sex: String,
    /// Code of the rank band, or TOTAL.
    pub band: String,
    /// Numerator, in the indicator's own count; none where it is not shown or not known.
    pub numerator: Option<i64>,
    /// Denominator, brought to the value's unit; none where it is not shown or not known.
    pub denominator: Option<i64>,
    /// Where it stands.
    pub status: Status,
}

impl Observation {
    /// Whether it is the whole office's.
    #[must_use]
    pub fn is_office_total(&self) -> bool {
        [&self.bureau, &self.sex, &self.band].into_iter().all(|member| member == TOTAL)
    }

    /// Numerator and denominator, where both are shown.
    #[must_use]
    pub fn quotient(&self) -> Option<(i64, i64)> {
        Some((self.numerator?, self.denominator?))
    }
}

/// A target, with the office's figure beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetLine {
    /// The indicator's code.
    pub indicator: String,
    /// The plan's clause.
    pub clause: String,
    /// Whose figure it binds; a government's target is a reference, without attainment and gap.
    pub population: TargetPopulation,
    /// Who set it.
    pub decider: Decider,
    /// How the value is meant.
    pub qualifier: Qualifier,
    /// Numerator and denominator of the value.
    pub value: (i64, i64),
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; none while it lasts.
    pub last_day: Option<NaiveDate>,
    /// The value when the target was set.
    pub baseline: Option<Point>,
    /// The latest value, where it is shown.
    pub latest: Option<Point>,
    /// Whether it is met.
    pub attained: Option<bool>,
    /// How many more people would have met it, or how many fewer where less is better.
    pub gap_in_people: Option<i64>,
    /// A word about it.
    pub note: Option<Bilingual>,
}

/// A figure and its date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Numerator.
    pub numerator: i64,
    /// Denominator.
    pub denominator: i64,
    /// The first day of which it speaks.
    pub date_from: NaiveDate,
    /// The last one.
    pub date_to: NaiveDate,
}

/// A figure of the whole government, as it was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GovernmentLine {
    /// The figure of the office beside which it stands.
    pub indicator: String,
    /// Numerator.
    pub numerator: i64,
    /// Denominator.
    pub denominator: i64,
    /// The first day of which it speaks.
    pub date_from: NaiveDate,
    /// The last one.
    pub date_to: NaiveDate,
    /// Who published it, and where.
    pub source: Bilingual,
}

/// A clause of the plan, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseLine {
    /// Its code, such as `IV-1-(2)-②-ア`.
    pub code: String,
    /// The clause above.
    pub parent: Option<String>,
    /// Its title.
    pub title: Bilingual,
    /// Its indicators.
    pub indicators: Vec<String>,
    /// What bureaus did: at most two for each bureau and category.
    pub actions: Vec<ActionLine>,
    /// What bureaus are to do next: at most one text for each bureau and category; none before format 6.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next_steps: Vec<ActionLine>,
}

impl ClauseLine {
    /// Codes of the bureaus that did something, or are to do it.
    pub fn bureaus(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|action| action.bureau.as_str()).chain(self.next_steps.iter().map(|step| step.bureau.as_str()))
    }
}

/// An initiative of the plan: a category of what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiativeLine {
    /// Its code, by which actions name it.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
}

/// What a bureau did, or is to do next, as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionLine {
    /// Code of the bureau; TOTAL for the office, or where the bureau does not appear by name.
    pub bureau: String,
    /// The plan's category.
    pub category: String,
    /// At most 100 characters, of what is to be done next 200, in the language in which it was submitted.
    pub text: String,
}

/// What a check found, and what was answered. It says no number that is withheld.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingLine {
    /// Which check, such as `MISSING_BUREAU`.
    pub check: String,
    /// The indicator's code, or a bureau's; empty where it is about the whole.
    pub subject: String,
    /// What was found.
    pub text: Bilingual,
    /// What was answered, in the language in which it was, where the bureau agreed to its publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// An answer that is published with its finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerLine {
    /// Which check, as the finding says it.
    pub check: String,
    /// What the finding is about.
    pub subject: String,
    /// At most 400 characters, in the language in which it was answered.
    pub answer: String,
}

/// What changed against the former release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The former release.
    pub against: Version,
    /// Figures that are not as they were, in the order of the observations.
    pub observations: Vec<Change>,
    /// Other things that changed, in words.
    pub notes: Vec<Bilingual>,
}

/// One figure that is not as it was; a side is none where there was, or is, no such figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// As it was.
    pub before: Option<Observation>,
    /// As it is.
    pub after: Option<Observation>,
}

impl Change {
    /// The same without the numbers of before, where they are withheld now: they are not told again, though an earlier release showed them.
    #[must_use]
    pub fn told(mut self) -> Self {
        if let (Some(before), Some(Status::Withheld)) = (&mut self.before, self.after.as_ref().map(|after| after.status)) {
            (before.numerator, before.denominator, before.status) = (None, None, Status::Withheld);
        }
        self
    }
}

/// What a release was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// SHA-256 of the snapshot's manifest, in hexadecimal.
    pub snapshot_sha256: String,
    /// The version of the program that froze it.
    pub code_version: String,
    /// How figures that rest on few people are withheld, with its source.
    pub disclosure_method: Bilingual,
    /// The least number of people a shown count rests on.
    pub disclosure_threshold: i64,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn versions_follow_each_other_by_what_changed() {
        let version: Version = "1.2.3".parse().unwrap();
        assert_eq!(version.next(ReleaseKind::Correction).to_string(), "1.2.4");
        assert_eq!(version.next(ReleaseKind::NewData).to_string(), "1.3.0");
        assert_eq!(version.next(ReleaseKind::Definition).to_string(), "2.0.0");
        for text in ["", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.-1", "+1.0.0", "v1.0.0"] {
            assert_eq!(text.parse::<Version>(), Err(NoVersion), "{text}");
        }
    }
}

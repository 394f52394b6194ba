//! The JSON files beside the descriptor: the whole release with its values, what changed, and where it comes from.
//!
//! Keys stand in the order of the structs, for the order of a map would depend on how the JSON library was built. Numbers that the release
//! withholds now are not told again under "before", though an earlier release showed them. Deliberately absent: host, engine, run times.

use super::{
    PackageError,
    content::{Content, Line},
};
use crate::follow_up::{
    release::{
        Bilingual, BureauLine, Change, ClauseLine, DefinitionLine, FindingLine, GovernmentLine, IndicatorUnit, InitiativeLine, Observation,
        PlanLine, Point, Provenance, Publisher, Release, ReleaseKind, Status, TargetLine, Version,
    },
    settings::Site,
};
use chrono::{DateTime, Utc};
use entity::quotient;
use serde::Serialize;

/// The whole release.
pub(super) const OBSERVATIONS: &str = "observations.json";
/// What changed.
pub(super) const CHANGES: &str = "changes.json";
/// Where it comes from.
pub(super) const PROVENANCE: &str = "provenance.json";

/// The release, field by field, with values beside numerators and denominators. It reads back as a [`Release`].
#[derive(Serialize)]
struct Document<'a> {
    /// None of the formats before 5, whose releases do not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<u32>,
    plan: &'a PlanLine,
    fiscal_year: i32,
    version: Version,
    kind: ReleaseKind,
    reason: Option<&'a Bilingual>,
    as_of: DateTime<Utc>,
    publisher: &'a Publisher,
    definitions: &'a [DefinitionLine],
    bureaus: &'a [BureauLine],
    observations: Vec<Figure<'a>>,
    earlier: Vec<Figure<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    months: Vec<Figure<'a>>,
    targets: Vec<TargetShown<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    government: Vec<GovernmentShown<'a>>,
    clauses: &'a [ClauseLine],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    initiatives: &'a [InitiativeLine],
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a Site>,
    findings: &'a [FindingLine],
    changes: Option<ChangesShown<'a>>,
    provenance: &'a Provenance,
}

#[derive(Serialize)]
struct Figure<'a> {
    #[serde(flatten)]
    observation: &'a Observation,
    value: Option<f64>,
    unit: IndicatorUnit,
    symbol: &'static str,
}

#[derive(Serialize)]
struct TargetShown<'a> {
    #[serde(flatten)]
    line: &'a TargetLine,
    target_value: Option<f64>,
    latest_value: Option<f64>,
    latest_status: Status,
    baseline_value: Option<f64>,
    unit: Option<IndicatorUnit>,
}

#[derive(Serialize)]
struct GovernmentShown<'a> {
    #[serde(flatten)]
    figure: &'a GovernmentLine,
    value: Option<f64>,
}

#[derive(Serialize)]
struct ChangesShown<'a> {
    against: Version,
    observations: Vec<Change>,
    notes: &'a [Bilingual],
}

/// The document that says what changed, for the first release too.
#[derive(Serialize)]
struct ChangesDocument<'a> {
    plan: &'a str,
    fiscal_year: i32,
    version: Version,
    kind: ReleaseKind,
    against: Option<Version>,
    reason: Option<&'a Bilingual>,
    summary: Bilingual,
    observations: Vec<Change>,
    notes: &'a [Bilingual],
}

#[derive(Serialize)]
struct ProvenanceDocument<'a> {
    plan: &'a str,
    fiscal_year: i32,
    version: Version,
    as_of: DateTime<Utc>,
    #[serde(flatten)]
    provenance: &'a Provenance,
    definitions: Vec<DefinitionVersion<'a>>,
}

#[derive(Serialize)]
struct DefinitionVersion<'a> {
    indicator: &'a str,
    version: i32,
}

/// A printed value as a JSON number; its shortest text is the printed one.
fn number(printed: Option<&str>) -> Option<f64> {
    printed.and_then(|text| text.parse().ok())
}

fn figures<'a>(lines: &[Line<'a>]) -> Vec<Figure<'a>> {
    lines
        .iter()
        .map(|line| Figure {
            observation: line.observation,
            value: number(line.value.as_deref()),
            unit: line.definition.unit,
            symbol: line.observation.status.symbol(),
        })
        .collect()
}

/// What changed, without numbers that are withheld now.
pub(super) fn changes(release: &Release) -> Vec<Change> {
    release.changes.iter().flat_map(|changes| &changes.observations).cloned().map(Change::told).collect()
}

/// The bytes of `observations.json`.
///
/// # Errors
/// When JSON cannot be written.
pub(super) fn observations(content: &Content<'_>) -> Result<Vec<u8>, PackageError> {
    let release = content.release;
    line(&Document {
        format: Some(release.format).filter(|_| !release.is_former()),
        plan: &release.plan,
        fiscal_year: release.fiscal_year,
        version: release.version,
        kind: release.kind,
        reason: release.reason.as_ref(),
        as_of: release.as_of,
        publisher: &release.publisher,
        definitions: &release.definitions,
        bureaus: &release.bureaus,
        observations: figures(content.this_year()),
        earlier: figures(content.earlier()),
        months: figures(content.months()),
        targets: release.targets.iter().map(|target| shown(content, target)).collect(),
        government: release.government.iter().map(|figure| of_government(content, figure)).collect(),
        clauses: &release.clauses,
        initiatives: &release.initiatives,
        site: release.site.as_ref(),
        findings: &release.findings,
        changes: release.changes.as_ref().map(|them| ChangesShown {
            against: them.against,
            observations: changes(release),
            notes: &them.notes,
        }),
        provenance: &release.provenance,
    })
}

fn shown<'a>(content: &Content<'_>, target: &'a TargetLine) -> TargetShown<'a> {
    let unit = content.definition(&target.indicator, None).map(|definition| definition.unit);
    let value =
        |numerator, denominator| number(quotient::quotient(numerator, denominator, unit == Some(IndicatorUnit::Percent)).as_deref());
    let point = |point: &Option<Point>| point.as_ref().and_then(|point| value(point.numerator, point.denominator));
    TargetShown {
        line: target,
        target_value: value(target.value.0, target.value.1),
        latest_value: point(&target.latest),
        latest_status: content.latest_status(target),
        baseline_value: point(&target.baseline),
        unit,
    }
}

fn of_government<'a>(content: &Content<'_>, figure: &'a GovernmentLine) -> GovernmentShown<'a> {
    GovernmentShown { figure, value: number(content.government_value(figure).as_deref()) }
}

/// The bytes of `changes.json`.
///
/// # Errors
/// When JSON cannot be written.
pub(super) fn changes_document(release: &Release) -> Result<Vec<u8>, PackageError> {
    let changes = changes(release);
    let summary = match &release.changes {
        None => Bilingual {
            ja: "対象年度の初回の公表であり、前回からの変更はない。".to_owned(),
            en: "This is the first release of its year: there is no former one to differ from.".to_owned(),
        },
        Some(former) => Bilingual {
            ja: format!("第{}版から{}件の値が変わった。", former.against, changes.len()),
            en: format!("Against {}, figures that changed: {}.", former.against, changes.len()),
        },
    };
    pretty(&ChangesDocument {
        plan: &release.plan.code,
        fiscal_year: release.fiscal_year,
        version: release.version,
        kind: release.kind,
        against: release.changes.as_ref().map(|changes| changes.against),
        reason: release.reason.as_ref(),
        summary,
        observations: changes,
        notes: release.changes.as_ref().map_or(&[], |changes| &changes.notes),
    })
}

/// The bytes of `provenance.json`.
///
/// # Errors
/// When JSON cannot be written.
pub(super) fn provenance(release: &Release) -> Result<Vec<u8>, PackageError> {
    pretty(&ProvenanceDocument {
        plan: &release.plan.code,
        fiscal_year: release.fiscal_year,
        version: release.version,
        as_of: release.as_of,
        provenance: &release.provenance,
        definitions: release.definitions.iter().map(|it| DefinitionVersion { indicator: &it.indicator, version: it.version }).collect(),
    })
}

/// JSON for readers, with a line break at its end.
///
/// # Errors
/// When JSON cannot be written.
pub(super) fn pretty(document: &impl Serialize) -> Result<Vec<u8>, PackageError> {
    let mut bytes = serde_json::to_vec_pretty(document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn line(document: &impl Serialize) -> Result<Vec<u8>, PackageError> {
    let mut bytes = serde_json::to_vec(document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

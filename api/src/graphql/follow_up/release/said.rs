//! What a release says, as its document has it.

use super::ObservationStatus;
use crate::graphql::nullable::{Nullable, maybe};
use crate::graphql::{connection::loaders, indicator::Decimal};
use crate::words::FiscalYear;
use crate::words::{Date, Decider, Long, Qualifier, TargetPopulation};
use async_graphql::{Context, Enum, Object, SimpleObject};
use entity::{
    ids::ReleaseId,
    period,
    quotient::{Direction, IndicatorUnit, quotient},
    release_observation::Model,
};
use jobs::follow_up::release::{
    self as document, ActionLine, Bilingual, BureauLine, Changes, ClauseLine, DefinitionLine, FindingLine, Observation, PlanLine, Point,
    Provenance, TargetLine,
};
use std::sync::Arc;

/// A text in both languages.
pub struct Words(pub(super) Bilingual);

/// A text of a release, in both languages of the platform.
#[Object(name = "ReleaseText")]
impl Words {
    /// In Japanese.
    async fn ja(&self) -> &str {
        &self.0.ja
    }

    /// In English.
    async fn en(&self) -> &str {
        &self.0.en
    }
}

/// The plan, as it was when the release was made.
pub struct ReleasePlan(pub(super) PlanLine);

/// The plan (取組計画) as it stood when the release was made; later loads of its file do not change it.
#[Object]
impl ReleasePlan {
    /// Its code, such as `CAS-2015`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name in Japanese.
    async fn name_ja(&self) -> &str {
        &self.0.name.ja
    }

    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name.en
    }

    /// The day on which it was decided.
    async fn decided_on(&self) -> Date {
        Date(self.0.decided_on)
    }

    /// Its first day.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Its last day, itself included.
    async fn last_day(&self) -> Date {
        Date(self.0.last_day)
    }
}

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "jobs::follow_up::release::Source")]
pub enum ReleaseSource {
    /// The platform's own records, by an indicator of the catalogue.
    Records,
    /// What bureaus submitted to the data call, by an item of the plan.
    Submission,
}

/// What is measured.
pub struct ReleaseDefinition(pub(super) DefinitionLine);

/// What a release measures, as it was defined when the release was made.
#[Object]
impl ReleaseDefinition {
    /// Code of the indicator, or of the item that bureaus submit.
    async fn indicator(&self) -> &str {
        &self.0.indicator
    }

    /// The version of the definition, raised with every change of what is counted.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Name in Japanese.
    async fn name_ja(&self) -> &str {
        &self.0.name.ja
    }

    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name.en
    }

    /// What is divided by what, over whom.
    async fn description(&self) -> Words {
        Words(self.0.description.clone())
    }

    /// What its values are expressed in.
    async fn unit(&self) -> IndicatorUnit {
        self.0.unit
    }

    /// Which way the plan wants it to go.
    async fn direction(&self) -> Direction {
        self.0.direction
    }

    /// Number of the plan's clause that it belongs to, such as `V-1`.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// Where its figures come from.
    async fn source(&self) -> ReleaseSource {
        self.0.source.into()
    }

    /// Whether a right value can pass 100 %.
    async fn may_exceed_hundred(&self) -> bool {
        self.0.may_exceed_hundred
    }

    /// Whether the Act on women's participation has it published (女性活躍推進法).
    async fn statutory(&self) -> bool {
        self.0.statutory
    }
}

/// A bureau, or a group of bureaus.
pub struct ReleaseBureau(pub(super) BureauLine);

/// A bureau, or a group of bureaus, that a release's figures name.
#[Object]
impl ReleaseBureau {
    /// Its code, as figures name it; `OTHER` and `GROUP-…` stand for several bureaus.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name in Japanese.
    async fn name_ja(&self) -> &str {
        &self.0.name.ja
    }

    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name.en
    }

    /// The bureaus of a group, by code; empty for a bureau.
    async fn members(&self) -> &[String] {
        &self.0.members
    }
}

/// A figure, exact and as a value, with the days of which it speaks.
#[derive(SimpleObject)]
pub struct ReleasePoint {
    /// What is divided, exact.
    numerator: Long,
    /// By what it is divided, exact; 0 where there was nobody to count.
    denominator: Long,
    /// The value in the unit of its indicator; null over a denominator of 0.
    value: Option<Decimal>,
    /// The first day of which it speaks.
    date_from: Date,
    /// The last day of which it speaks; the same day for a census.
    date_to: Date,
}

impl ReleasePoint {
    fn of(point: &Point, percent: Option<bool>) -> Self {
        let value = percent.and_then(|percent| quotient(point.numerator, point.denominator, percent)).map(Decimal);
        let (numerator, denominator) = (Long(point.numerator), Long(point.denominator));
        Self { numerator, denominator, value, date_from: Date(point.date_from), date_to: Date(point.date_to) }
    }
}

/// A target with the office's figure beside it.
#[derive(SimpleObject)]
pub struct ReleaseTarget {
    /// Code of the indicator, or of the item that bureaus submit.
    indicator: String,
    /// Number of the plan's clause, such as `V-1`.
    clause: String,
    /// Whose figure it binds; a government's target is a reference, without attainment and gap.
    population: TargetPopulation,
    /// Who set it: the office's own plan or the government's.
    decider: Decider,
    /// How the value is meant.
    qualifier: Qualifier,
    /// The target in the unit of its indicator; null where the release does not define it.
    value: Option<Decimal>,
    /// Numerator of the target: 30 for 30 %, exact.
    value_numerator: Long,
    /// Denominator of the target: 100 for percentages, exact.
    value_denominator: Long,
    /// First day in force.
    valid_from: Date,
    /// The last day in force, itself included; null while it lasts.
    last_day: Option<Date>,
    /// The figure when the target was set.
    baseline: Option<ReleasePoint>,
    /// The latest figure, where it is shown.
    latest: Option<ReleasePoint>,
    /// Whether the latest figure meets it; null for another's target, and where that cannot be told.
    attained: Option<bool>,
    /// How many more people would have met it: arithmetic about the past, and no instruction whom to hire.
    gap_in_people: Option<Long>,
    /// A word about it in both languages; null where none was given.
    note: Option<Words>,
}

impl ReleaseTarget {
    pub(super) fn of(line: &TargetLine, said: &document::Release) -> Self {
        let percent = percent(said, &line.indicator, None);
        let point = |point: &Option<Point>| point.as_ref().map(|point| ReleasePoint::of(point, percent));
        Self {
            indicator: line.indicator.clone(),
            clause: line.clause.clone(),
            population: line.population,
            decider: line.decider,
            qualifier: line.qualifier,
            value: percent.and_then(|percent| quotient(line.value.0, line.value.1, percent)).map(Decimal),
            value_numerator: Long(line.value.0),
            value_denominator: Long(line.value.1),
            valid_from: Date(line.valid_from),
            last_day: line.last_day.map(Date),
            baseline: point(&line.baseline),
            latest: point(&line.latest),
            attained: line.attained,
            gap_in_people: line.gap_in_people.map(Long),
            note: line.note.clone().map(Words),
        }
    }
}

/// Whether an indicator's values are percentages, by the definition of that version; none where the release does not define it.
pub(in crate::graphql) fn percent(said: &document::Release, indicator: &str, version: Option<i32>) -> Option<bool> {
    let mut definitions = said.definitions.iter().filter(|definition| definition.indicator == indicator);
    let found = definitions.find(|definition| version.is_none_or(|version| definition.version == version))?;
    Some(found.unit == IndicatorUnit::Percent)
}

/// A clause of the plan.
pub struct ReleaseClause(pub(super) ClauseLine);

/// A clause of the plan, with what belongs to it.
#[Object]
impl ReleaseClause {
    /// Its code, such as `IV-1-(2)-②-ア`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Number of the clause above; null for the uppermost.
    async fn parent(&self) -> Option<&str> {
        self.0.parent.as_deref()
    }

    /// Title in Japanese.
    async fn title_ja(&self) -> &str {
        &self.0.title.ja
    }

    /// Title in English.
    async fn title_en(&self) -> &str {
        &self.0.title.en
    }

    /// Codes of the indicators and items that belong to it.
    async fn indicators(&self) -> &[String] {
        &self.0.indicators
    }

    /// What bureaus did: at most two for each bureau and category.
    async fn actions(&self) -> Vec<ReleaseAction> {
        self.0.actions.iter().cloned().map(ReleaseAction::from).collect()
    }

    /// What bureaus are to do next (今後の取組), at most one text for each bureau and category; none in releases before format 6.
    async fn next_steps(&self) -> Vec<ReleaseAction> {
        self.0.next_steps.iter().cloned().map(ReleaseAction::from).collect()
    }
}

/// What a bureau did, as it is printed.
#[derive(SimpleObject)]
pub struct ReleaseAction {
    /// Code of the bureau; TOTAL for the office, or where the bureau does not appear by name.
    bureau: String,
    /// Code of the plan's initiative (取組) under which it was reported.
    category: String,
    /// At most 100 characters, in the language in which it was submitted.
    text: String,
}

impl From<ActionLine> for ReleaseAction {
    fn from(line: ActionLine) -> Self {
        Self { bureau: line.bureau, category: line.category, text: line.text }
    }
}

/// What changed against the former release.
#[derive(SimpleObject)]
pub struct ReleaseChanges {
    /// The version of the release of the same year that came before.
    against: String,
    /// Figures that are not as they were, in the order of the observations.
    observations: Vec<ReleaseChange>,
    /// Other things that changed, in words.
    notes: Vec<Words>,
}

/// One figure that is not as it was; a side is null where there was, or is, no such figure.
#[derive(SimpleObject)]
pub struct ReleaseChange {
    /// The figure as the former release showed it; null where it had none.
    before: Option<ReleaseObservation>,
    /// The figure as this release shows it; null where it has none.
    after: Option<ReleaseObservation>,
}

impl ReleaseChanges {
    pub(super) fn of(changes: Changes, said: &Arc<document::Release>) -> Self {
        let side = |side: Option<Observation>| side.map(|figure| ReleaseObservation { figure, of: Of::Said(said.clone()) });
        let observations = changes.observations.into_iter();
        Self {
            against: changes.against.to_string(),
            observations: observations.map(|change| ReleaseChange { before: side(change.before), after: side(change.after) }).collect(),
            notes: changes.notes.into_iter().map(Words).collect(),
        }
    }
}

/// What was looked into.
pub struct ReleaseFinding(pub(super) FindingLine);

/// What was looked into before the release was compiled.
#[Object]
impl ReleaseFinding {
    /// Which check of the program of that time, such as `MISSING_BUREAU`.
    async fn check(&self) -> &str {
        &self.0.check
    }

    /// Code of the indicator or of the bureau; empty where it is about the whole.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// What was found, without any figure that is withheld.
    async fn text(&self) -> Words {
        Words(self.0.text.clone())
    }

    /// What was answered, where the bureau agreed to its publication, in the language in which it was; null elsewhere.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }
}

/// What a release was made from.
pub struct ReleaseProvenance(pub(super) Provenance);

/// What a release was made from.
#[Object]
impl ReleaseProvenance {
    /// SHA-256 of the snapshot's manifest, in hexadecimal.
    async fn snapshot_sha256(&self) -> &str {
        &self.0.snapshot_sha256
    }

    /// The version of the program that froze the snapshot.
    async fn code_version(&self) -> &str {
        &self.0.code_version
    }

    /// How figures that rest on few people are withheld, with its source.
    async fn disclosure_method(&self) -> Words {
        Words(self.0.disclosure_method.clone())
    }

    /// The least number of people that a shown count rests on.
    async fn disclosure_threshold(&self) -> Long {
        Long(self.0.disclosure_threshold)
    }
}

/// A figure of a release.
pub struct ReleaseObservation {
    figure: Observation,
    of: Of,
}

/// Whose figure it is.
enum Of {
    /// A release's, which says so itself.
    Said(Arc<document::Release>),
    /// A release's, by key.
    Release(ReleaseId),
}

impl ReleaseObservation {
    /// A stored figure.
    pub(super) fn of_row(row: Model) -> Self {
        let figure = Observation {
            fiscal_year: row.fiscal_year.as_i32(),
            indicator: row.indicator,
            definition_version: row.definition_version,
            date_from: row.date_from,
            date_to: row.date_to,
            bureau: row.bureau,
            sex: row.sex,
            band: row.band,
            numerator: row.numerator,
            denominator: row.denominator,
            status: row.status,
        };
        Self { figure, of: Of::Release(row.release_id) }
    }
}

/// A figure of a release with all its dimensions, as it is shown; TOTAL is the member that stands for all.
#[Object]
impl ReleaseObservation {
    /// The fiscal year that is followed up by it; its dates may lie in another.
    async fn fiscal_year(&self) -> Option<FiscalYear> {
        period::FiscalYear::try_from(self.figure.fiscal_year).ok().map(FiscalYear)
    }

    /// Code of the indicator, or of the item that bureaus submit.
    async fn indicator(&self) -> &str {
        &self.figure.indicator
    }

    /// The version of the definition by which it was made.
    async fn definition_version(&self) -> i32 {
        self.figure.definition_version
    }

    /// The first day of which it speaks; the day itself for a census.
    async fn date_from(&self) -> Date {
        Date(self.figure.date_from)
    }

    /// The last day of which it speaks.
    async fn date_to(&self) -> Date {
        Date(self.figure.date_to)
    }

    /// Code of the bureau or group, or TOTAL.
    async fn bureau(&self) -> &str {
        &self.figure.bureau
    }

    /// A member of `Sex`, or TOTAL for all.
    async fn sex(&self) -> &str {
        &self.figure.sex
    }

    /// A member of `RankBand`, or TOTAL for all.
    async fn band(&self) -> &str {
        &self.figure.band
    }

    /// What is divided; null where it is not shown or not known.
    async fn numerator(&self) -> Option<Long> {
        self.figure.numerator.map(Long)
    }

    /// By what it is divided; null where it is not shown or not known.
    async fn denominator(&self) -> Option<Long> {
        self.figure.denominator.map(Long)
    }

    /// The value in the indicator's unit; null where there is none to show.
    async fn value(&self, ctx: &Context<'_>) -> Nullable<Decimal> {
        maybe(async {
            let Some((numerator, denominator)) = self.figure.quotient() else { return Ok(None) };
            let said = match &self.of {
                Of::Said(said) => Some(said.clone()),
                Of::Release(id) => loaders(ctx).said(*id).await?,
            };
            let percent = said.and_then(|said| percent(&said, &self.figure.indicator, Some(self.figure.definition_version)));
            Ok(percent.and_then(|percent| quotient(numerator, denominator, percent)).map(Decimal))
        })
        .await
    }

    /// Where it stands, which `symbol` prints.
    async fn status(&self) -> ObservationStatus {
        self.figure.status.into()
    }

    /// The symbol that Japanese tables show beside, or in place of, the value; empty for what stands.
    async fn symbol(&self) -> &str {
        self.figure.status.symbol()
    }
}

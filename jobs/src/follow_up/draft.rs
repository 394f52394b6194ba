//! From a snapshot to what its release says: figures by date, table and place, protected; targets, clauses, findings and changes.
//!
//! Pure and deterministic: the manifest and the sums of its parts are all that it rests on. Deliberately absent: files, which `package`
//! makes, and any knowledge of the present catalogue: definitions are the snapshot's own.

mod base;
mod checks;
mod figures;
mod former;
mod members;
mod months;
mod parts;
mod protection;
mod said;
#[cfg(test)]
mod tests;

use super::{
    disclosure::DisclosureError,
    release::{
        ActionLine, BureauLine, Change, Changes, ClauseLine, DefinitionLine, FindingLine, GovernmentLine, InitiativeLine, LAST_FORMER,
        Observation, Point, Provenance, Release, Status, TargetLine,
    },
    settings::GovernmentFigure,
    snapshot::{FormerMember, FrozenDefinition, Manifest, Tally},
};
use entity::quotient::Aim;
use entity::submission::{SubmissionContent, SubmittedAction};
use entity::{bureau::Visibility, finding::FindingCheck, indicator_value::TOTAL, staff::Sex, target::TargetPopulation};
use members::Bureaus;
use said::Said;
use sea_orm::ActiveEnum;
use std::collections::{BTreeMap, BTreeSet};

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which check.
    pub check: FindingCheck,
    /// Code of the indicator, bureau or month, or TOTAL.
    pub subject: String,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl Found {
    fn of(manifest: &Manifest, check: FindingCheck, subject: &str, said: &Said<'_>) -> Self {
        let super::release::Bilingual { ja, en } = said::words(manifest, said);
        Self { check, subject: subject.to_owned(), ja, en }
    }
}

/// Why no release can be made of a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// A figure names an indicator or item that the snapshot does not define.
    #[error("nothing is defined for the figure {0}")]
    Undefined(String),
    /// A figure's date does not exist.
    #[error("the date of the figure {0} does not exist")]
    Date(String),
    /// Disclosure control numbers no more bureaus than that.
    #[error("{0} bureaus are more than a release can have")]
    Bureaus(usize),
    /// What is to be withheld could not be decided.
    #[error("disclosure control: {0}")]
    Disclosure(#[from] DisclosureError),
}

/// What the release of a snapshot says, and what its checks found. `sha256` is that of the manifest.
///
/// # Errors
/// As [`DraftError`] says; a plan that was loaded and a snapshot that was frozen cause none.
pub fn draft(manifest: &Manifest, sha256: &str, tally: &Tally) -> Result<(Release, Vec<Found>), DraftError> {
    if manifest.bureaus.len() > usize::from(super::disclosure::Members::LIMIT) {
        return Err(DraftError::Bureaus(manifest.bureaus.len()));
    }
    let bureaus = Bureaus::of(manifest, tally);
    let figures::Shown { observations, months } = figures::shown(manifest, tally, &bureaus)?;
    let targets = targets(manifest, &observations);
    let government = government(manifest, &observations, &targets);
    let found = checks::findings(manifest, &observations, &targets);
    let clauses = clauses(manifest, &bureaus);
    let changes = changes(manifest, &bureaus, || observations.iter().chain(&months));
    let used: BTreeSet<&str> = observations.iter().map(|observation| observation.bureau.as_str()).collect();
    let named: BTreeSet<&str> = clauses.iter().flat_map(ClauseLine::bureaus).collect();
    let lines: Vec<BureauLine> =
        bureaus.lines().into_iter().filter(|line| used.contains(line.code.as_str()) || named.contains(line.code.as_str())).collect();
    let findings = found.iter().filter(|found| found.check.is_published()).map(line).collect();
    let release = Release {
        format: manifest.format.max(LAST_FORMER),
        plan: manifest.plan.clone(),
        fiscal_year: manifest.fiscal_year,
        version: manifest.version,
        kind: manifest.kind,
        reason: manifest.reason.clone(),
        as_of: manifest.as_of,
        publisher: manifest.settings.publisher.clone(),
        definitions: definitions(manifest),
        bureaus: lines,
        observations,
        earlier: manifest.earlier.clone(),
        months,
        government,
        targets,
        clauses,
        initiatives: initiatives(manifest),
        site: manifest.settings.site.clone().filter(|_| manifest.is_whole()),
        findings,
        changes,
        provenance: Provenance {
            snapshot_sha256: sha256.to_owned(),
            code_version: manifest.code_version.clone(),
            disclosure_method: method(manifest),
            disclosure_threshold: manifest.settings.threshold,
        },
    };
    Ok((release, found))
}

/// How figures are protected, as the release of such a snapshot does it.
fn method(manifest: &Manifest) -> super::release::Bilingual {
    let super::release::Bilingual { mut ja, mut en } = said::method(manifest);
    if manifest.rounds_minutes() {
        ja.push_str("時間の合計は10時間単位に丸めた値であり、率及び平均はこれから算出している。");
        en.push_str(" Sums of time are rounded to multiples of ten hours, and rates and means are made of these.");
    }
    super::release::Bilingual { ja, en }
}

fn line(found: &Found) -> FindingLine {
    let text = super::release::Bilingual { ja: found.ja.clone(), en: found.en.clone() };
    FindingLine { check: found.check.as_text(), subject: found.subject.clone(), text, answer: None }
}

/// The definitions of the release's figures, in its order.
fn definitions(manifest: &Manifest) -> Vec<DefinitionLine> {
    let of = |code: &str| {
        let catalogue = manifest.definitions.iter().map(|definition| &definition.line);
        let mut all = catalogue.chain(manifest.items.iter().map(|item| &item.line));
        all.find(|line| line.indicator == code).cloned()
    };
    let statutory = |line: DefinitionLine, figure: &super::settings::Figure| DefinitionLine {
        statutory: line.statutory || figure.statutory,
        base: base::of(manifest, &line.indicator),
        of_women: is_of_women(manifest, &line.indicator),
        ..line
    };
    manifest.settings.figures.iter().filter_map(|figure| Some(statutory(of(&figure.indicator)?, figure))).collect()
}

/// Whether an indicator is the share of women: of one measure, women among others.
fn is_of_women(manifest: &Manifest, indicator: &str) -> bool {
    let female = manifest.sexes.iter().position(|sex| *sex == Sex::Female.to_value()).and_then(|place| u8::try_from(place).ok());
    let definition = manifest.definitions.iter().find(|definition| definition.line.indicator == indicator);
    definition.filter(|_| manifest.is_whole()).is_some_and(|FrozenDefinition { numerator, denominator, .. }| {
        numerator.measure == denominator.measure
            && numerator.bands == denominator.bands
            && numerator.sexes.iter().copied().eq(female)
            && denominator.sexes.len() > 1
    })
}

/// Targets that were in force on a day of their figure's dates, with the office's figure beside them.
fn targets(manifest: &Manifest, observations: &[Observation]) -> Vec<TargetLine> {
    let totals: BTreeMap<&str, &Observation> =
        observations.iter().filter(|o| o.is_office_total()).map(|observation| (observation.indicator.as_str(), observation)).collect();
    let in_force = |target: &&TargetLine| {
        totals.get(target.indicator.as_str()).is_some_and(|observation| {
            target.valid_from <= observation.date_to && target.last_day.is_none_or(|last| last >= observation.date_from)
        })
    };
    let line_of = |code: &str| {
        let catalogue = manifest.definitions.iter().map(|definition| &definition.line);
        catalogue.chain(manifest.items.iter().map(|item| &item.line)).find(|line| line.indicator == code)
    };
    let in_force = manifest.targets.iter().filter(in_force);
    let is_partial = |code: &str| manifest.state.coverage.iter().any(|line| line.is_partial && line.indicator == code);
    // What is not reported may be what would have missed a target.
    let held = |code: &str| line_of(code).filter(|_| !is_partial(code));
    let measured = |target: &TargetLine| measured(target, held(&target.indicator), totals.get(target.indicator.as_str()).copied());
    let mut lines: Vec<TargetLine> = in_force.map(measured).collect();
    // Before format 5 they stood by the indicators' codes.
    if manifest.format > LAST_FORMER {
        let place = |code: &str| manifest.settings.figures.iter().position(|figure| figure.indicator == code);
        lines.sort_by_key(|target| place(&target.indicator));
    }
    lines
}

/// The government's figures of what has a target: of each the latest that is not after the office's.
fn government(manifest: &Manifest, observations: &[Observation], targets: &[TargetLine]) -> Vec<GovernmentLine> {
    let latest = |office: &Observation| {
        let of = |figure: &&GovernmentFigure| figure.indicator == office.indicator && figure.date_to <= office.date_to;
        manifest.settings.government.iter().filter(of).max_by_key(|figure| figure.date_to)
    };
    let line = |figure: &GovernmentFigure| {
        let GovernmentFigure { indicator, numerator, denominator, date_from, date_to, source } = figure.clone();
        GovernmentLine { indicator, numerator, denominator, date_from, date_to, source }
    };
    let has_target = |office: &&Observation| targets.iter().any(|target| target.indicator == office.indicator);
    let offices = observations.iter().filter(|observation| observation.is_office_total()).filter(has_target);
    offices.filter(|_| manifest.is_whole()).filter_map(latest).map(line).collect()
}

/// A target with its figure; only the office's own target is held against it, where the definition is given.
fn measured(target: &TargetLine, definition: Option<&DefinitionLine>, observation: Option<&Observation>) -> TargetLine {
    let mut line = target.clone();
    let Some(observation) = observation else { return line };
    let Some(quotient) = observation.quotient().filter(|(_, denominator)| *denominator > 0) else { return line };
    let (date_from, date_to) = (observation.date_from, observation.date_to);
    line.latest = Some(Point { numerator: quotient.0, denominator: quotient.1, date_from, date_to });
    if let Some(definition) = definition.filter(|_| target.population == TargetPopulation::Office) {
        let DefinitionLine { direction, unit, .. } = *definition;
        let aim = Aim { value: target.value, qualifier: target.qualifier, direction, unit };
        (line.attained, line.gap_in_people) = (aim.attained(quotient), aim.gap_in_people(quotient));
    }
    line
}

/// The clauses with their indicators and with what bureaus did. A bureau that does not appear by name speaks for the office.
fn clauses(manifest: &Manifest, bureaus: &Bureaus) -> Vec<ClauseLine> {
    let clause_of: BTreeMap<&str, &str> =
        manifest.initiatives.iter().map(|initiative| (initiative.code.as_str(), initiative.clause.as_str())).collect();
    // By clause, of what each submission says of the one kind or the other.
    let told = |of: fn(&SubmissionContent) -> &[SubmittedAction]| {
        let mut told: BTreeMap<&str, Vec<ActionLine>> = BTreeMap::new();
        for submission in &manifest.submissions {
            let bureau = if bureaus.is_open(&submission.bureau) { &submission.bureau } else { TOTAL };
            for action in of(&submission.content) {
                if let Some(clause) = clause_of.get(action.initiative.as_str()) {
                    let line = ActionLine { bureau: bureau.to_owned(), category: action.initiative.clone(), text: action.text.clone() };
                    told.entry(clause).or_default().push(line);
                }
            }
        }
        told
    };
    let (mut actions, mut next_steps) = (told(|content| &content.actions), told(|content| &content.next_steps));
    let mut indicators: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for definition in definitions(manifest) {
        indicators.entry(definition.clause).or_default().push(definition.indicator);
    }
    let place = |category: &str| manifest.initiatives.iter().position(|initiative| initiative.code == category);
    // By code before format 5, whose manifests list bureaus by code.
    let order: BTreeMap<&str, usize> = manifest.bureaus.iter().zip(0..).map(|(bureau, place)| (bureau.code.as_str(), place)).collect();
    let whole = |clause: &ClauseLine| {
        let [actions, next_steps] = [&mut actions, &mut next_steps].map(|told| {
            let mut lines = told.remove(clause.code.as_str()).unwrap_or_default();
            lines.sort_by_key(|line| {
                (place(&line.category), line.bureau != TOTAL, order.get(line.bureau.as_str()).copied(), line.bureau.clone())
            });
            lines
        });
        ClauseLine { indicators: indicators.remove(&clause.code).unwrap_or_default(), actions, next_steps, ..clause.clone() }
    };
    manifest.clauses.iter().map(whole).collect()
}

/// The plan's initiatives in its own order; none in formats whose releases call them by their codes.
fn initiatives(manifest: &Manifest) -> Vec<InitiativeLine> {
    let all = manifest.initiatives.iter().filter(|_| manifest.format > LAST_FORMER);
    all.map(|initiative| InitiativeLine { code: initiative.code.clone(), name: initiative.name.clone() }).collect()
}

/// The dimensions that name a figure.
type Key<'a> = (&'a str, chrono::NaiveDate, chrono::NaiveDate, &'a str, &'a str, &'a str);

fn key(observation: &Observation) -> Key<'_> {
    (&observation.indicator, observation.date_from, observation.date_to, &observation.bureau, &observation.sex, &observation.band)
}

/// What is not as it was in the former release. That a figure is now called revised is no change of its own. What was said of a bureau that no
/// longer appears by name is not said again.
fn changes<'a, I: Iterator<Item = &'a Observation>>(
    manifest: &Manifest,
    bureaus: &Bureaus,
    observations: impl Fn() -> I,
) -> Option<Changes> {
    let former = manifest.replaced()?;
    // A group or OTHER that stands for other bureaus by now is another line, not a corrected one.
    let alike = |observation: &&Observation| bureaus.are_still(former, &observation.bureau);
    let before: BTreeMap<Key<'_>, &Observation> =
        former.observations.iter().filter(alike).map(|observation| (key(observation), observation)).collect();
    let after: BTreeSet<Key<'_>> = observations().map(key).collect();
    let same = |a: &Observation, b: &Observation| {
        let stands = |status: Status| if status == Status::Revised { Status::Final } else { status };
        (a.definition_version, a.numerator, a.denominator, stands(a.status))
            == (b.definition_version, b.numerator, b.denominator, stands(b.status))
    };
    let mut changed: Vec<Change> = Vec::new();
    for observation in observations() {
        match before.get(&key(observation)) {
            Some(former) if same(former, observation) => {}
            former => changed.push(Change { before: former.map(|former| (*former).clone()), after: Some(observation.clone()) }),
        }
    }
    let may_appear = |member: &str| {
        let named = former.bureaus.iter().find(|former| former.code == member && member != members::OTHER);
        named.is_none_or(|named| named.bureaus.iter().all(|bureau| bureaus.is_open(bureau)))
    };
    let gone = former.observations.iter().filter(|o| !(after.contains(&key(o)) && alike(o)) && may_appear(&o.bureau));
    changed.extend(gone.map(|observation| Change { before: Some(observation.clone()), after: None }));
    let changed = changed.into_iter().map(Change::told).collect();
    Some(Changes { against: former.version, observations: changed, notes: manifest.reason.iter().cloned().collect() })
}

/// What a release's members of the dimension bureau stand for, by its own lines; those of OTHER by its snapshot, for it does not say them.
#[must_use]
pub fn members(release: &Release, manifest: Option<&Manifest>) -> Vec<FormerMember> {
    let internal = || {
        let bureaus = manifest.iter().flat_map(|manifest| &manifest.bureaus);
        bureaus.filter(|bureau| bureau.visibility == Visibility::Internal).map(|bureau| bureau.code.clone()).collect()
    };
    let stands_for = |line: &BureauLine| match line {
        BureauLine { code, .. } if code == members::OTHER => internal(),
        BureauLine { code, members, .. } if members.is_empty() => vec![code.clone()],
        BureauLine { members, .. } => members.clone(),
    };
    release.bureaus.iter().map(|line| FormerMember { code: line.code.clone(), bureaus: stands_for(line) }).collect()
}

impl Bureaus {
    fn is_open(&self, code: &str) -> bool {
        self.visibility(code) == Some(Visibility::Open)
    }
}

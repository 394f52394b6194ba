//! A release made ready for its files: figures with value, unit and names beside them, and the refusal of what no file may say.
//!
//! Deliberately absent: protection of small figures, which came before. What is refused here is a release that contradicts itself, above
//! all one that shows by another way what it withholds.

use super::{
    PackageError,
    words::{BANDS, Language, SEXES, Word, instead, text, with_unit},
};
use crate::follow_up::release::{
    BureauLine, ClauseLine, DefinitionLine, GovernmentLine, IndicatorUnit, Observation, Point, Release, Status, TargetLine,
};
use entity::quotient;
use entity::{indicator_value::TOTAL, period::FiscalYear, target::Qualifier};
use std::collections::{BTreeMap, BTreeSet};

/// A figure with what it means.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// The figure.
    pub(super) observation: &'a Observation,
    /// Its definition.
    pub(super) definition: &'a DefinitionLine,
    /// Numerator ÷ denominator, rounded; none where it is not shown or there is none.
    pub(super) value: Option<String>,
}

impl Line<'_> {
    /// The value with unit and symbol, or what stands in its place.
    pub(super) fn printed(&self, lang: Language) -> String {
        match &self.value {
            Some(value) => {
                let shown = with_unit(value, self.definition.unit, lang);
                match self.observation.status.symbol() {
                    "" => shown,
                    symbol => format!("{shown} {symbol}"),
                }
            }
            None => instead(self.observation, lang).to_owned(),
        }
    }

    /// The printed value in tenths: all that a drawing may know of it.
    pub(super) fn tenths(&self) -> Option<i64> {
        tenths(self.value.as_deref()?)
    }
}

/// A printed value such as `57.1` in tenths.
pub(super) fn tenths(printed: &str) -> Option<i64> {
    printed.replace('.', "").parse().ok()
}

/// The release with its look-ups.
#[derive(Debug)]
pub(super) struct Content<'a> {
    /// The release.
    pub(super) release: &'a Release,
    /// Its year.
    pub(super) year: FiscalYear,
    /// Its figures, then those of earlier years, then those of the year's months.
    pub(super) lines: Vec<Line<'a>>,
    bureaus: BTreeMap<&'a str, &'a BureauLine>,
}

impl<'a> Content<'a> {
    /// Whether a target asks for less of something.
    pub(super) fn asks_for_less(&self) -> bool {
        self.release.targets.iter().any(|target| target.qualifier == Qualifier::AtMost)
    }

    /// Looks through the release.
    ///
    /// # Errors
    /// When it contradicts itself: a code without a definition or name, numbers beside a status that has none, a figure that stands twice,
    /// or a target that shows what is withheld.
    pub(super) fn of(release: &'a Release) -> Result<Self, PackageError> {
        let year = FiscalYear::try_from(release.fiscal_year)?;
        let bureaus = release.bureaus.iter().map(|bureau| (bureau.code.as_str(), bureau)).collect();
        let mut content = Self { release, year, lines: Vec::new(), bureaus };
        let mut seen = BTreeSet::new();
        for observation in release.observations.iter().chain(&release.earlier).chain(&release.months) {
            let line = content.line(observation)?;
            if !seen.insert(key(observation)) {
                return Err(PackageError::Twice { figure: key(observation).join(" ") });
            }
            content.lines.push(line);
        }
        for target in &release.targets {
            content.check_target(target)?;
        }
        for bureau in release.clauses.iter().flat_map(ClauseLine::bureaus) {
            content.check_bureau(bureau)?;
        }
        Ok(content)
    }

    /// The figures of the year itself.
    pub(super) fn this_year(&self) -> &[Line<'a>] {
        &self.lines[..self.release.observations.len().min(self.lines.len())]
    }

    /// The figures of earlier years.
    pub(super) fn earlier(&self) -> &[Line<'a>] {
        self.part(self.release.observations.len(), self.release.earlier.len())
    }

    /// The office's figures of the year's months.
    pub(super) fn months(&self) -> &[Line<'a>] {
        self.part(self.release.observations.len() + self.release.earlier.len(), self.release.months.len())
    }

    /// So many lines from a place on; none where the release was not looked through to its end.
    fn part(&self, from: usize, length: usize) -> &[Line<'a>] {
        self.lines.get(from..from + length).unwrap_or_default()
    }

    /// The whole office's figure of the year.
    pub(super) fn office_line(&self, indicator: &str) -> Option<&Line<'a>> {
        self.this_year().iter().find(|line| line.observation.indicator == indicator && line.observation.is_office_total())
    }

    /// The office's figure of the year before, as it was last published.
    pub(super) fn year_before(&self, indicator: &str) -> Option<&Line<'a>> {
        let year = self.release.fiscal_year - 1;
        self.earlier().iter().find(|line| {
            let it = line.observation;
            it.indicator == indicator && it.fiscal_year == year && it.is_office_total()
        })
    }

    /// The printed value of a figure of the whole government.
    pub(super) fn government_value(&self, figure: &GovernmentLine) -> Option<String> {
        let unit = self.definition(&figure.indicator, None)?.unit;
        quotient::quotient(figure.numerator, figure.denominator, unit == IndicatorUnit::Percent)
    }

    /// The definition of an indicator: of that version, or, for a figure of a version that is no longer told, the newest that is.
    pub(super) fn definition(&self, indicator: &str, version: Option<i32>) -> Option<&'a DefinitionLine> {
        let of_code = || self.release.definitions.iter().filter(|definition| definition.indicator == indicator);
        of_code().find(|definition| Some(definition.version) == version).or_else(|| of_code().max_by_key(|definition| definition.version))
    }

    /// The line of a bureau or group.
    pub(super) fn bureau(&self, code: &str) -> Option<&'a BureauLine> {
        self.bureaus.get(code).copied()
    }

    /// The name of a bureau or group.
    pub(super) fn bureau_name<'b>(&'b self, code: &'b str, lang: Language) -> &'b str {
        match self.bureaus.get(code) {
            Some(bureau) => lang.of(&bureau.name),
            None if code == TOTAL => lang.say(text("全体", "Whole office")),
            None => code,
        }
    }

    /// The name of a category of what was done.
    pub(super) fn category_name<'b>(&'b self, code: &'b str, lang: Language) -> &'b str {
        let initiative = self.release.initiatives.iter().find(|initiative| initiative.code == code);
        initiative.map_or(code, |initiative| lang.of(&initiative.name))
    }

    /// The status under which a target's latest value stands.
    pub(super) fn latest_status(&self, target: &TargetLine) -> Status {
        match (self.office_line(&target.indicator), &target.latest) {
            (Some(line), _) if line.value.is_some() == target.latest.is_some() => line.observation.status,
            (_, Some(_)) => Status::Final,
            (Some(line), None) if line.value.is_none() => line.observation.status,
            (_, None) => Status::Unknown,
        }
    }

    fn line(&self, observation: &'a Observation) -> Result<Line<'a>, PackageError> {
        let definition = self
            .definition(&observation.indicator, Some(observation.definition_version))
            .ok_or_else(|| PackageError::NoDefinition { indicator: observation.indicator.clone() })?;
        self.check_bureau(&observation.bureau)?;
        check_member("sex", &SEXES, &observation.sex)?;
        check_member("band", &BANDS, &observation.band)?;
        if !consistent(observation.status, observation.numerator, observation.denominator) {
            return Err(PackageError::Contradiction { figure: key(observation).join(" ") });
        }
        Ok(Line { observation, definition, value: value(observation, definition.unit) })
    }

    fn check_bureau(&self, code: &str) -> Result<(), PackageError> {
        if code == TOTAL || self.bureaus.contains_key(code) {
            return Ok(());
        }
        Err(PackageError::NoMember { dimension: "bureau", code: code.to_owned() })
    }

    /// A target shows no value of a day or span for which the office's figure is withheld.
    fn check_target(&self, target: &TargetLine) -> Result<(), PackageError> {
        let indicator = &target.indicator;
        if self.definition(indicator, None).is_none() {
            return Err(PackageError::NoDefinition { indicator: indicator.clone() });
        }
        let withheld = |point: &Point| {
            self.lines.iter().map(|line| line.observation).any(|observation| {
                observation.status == Status::Withheld
                    && observation.is_office_total()
                    && &observation.indicator == indicator
                    && (observation.date_from, observation.date_to) == (point.date_from, point.date_to)
            })
        };
        if target.latest.iter().chain(&target.baseline).any(withheld) {
            return Err(PackageError::Discloses { indicator: indicator.clone() });
        }
        Ok(())
    }
}

fn check_member(dimension: &'static str, words: &[Word], code: &str) -> Result<(), PackageError> {
    if words.iter().any(|word| word.code == code) {
        return Ok(());
    }
    Err(PackageError::NoMember { dimension, code: code.to_owned() })
}

/// What tells a figure from every other.
pub(super) fn key(observation: &Observation) -> [String; 8] {
    [
        observation.fiscal_year.to_string(),
        observation.indicator.clone(),
        observation.definition_version.to_string(),
        observation.date_from.to_string(),
        observation.date_to.to_string(),
        observation.bureau.clone(),
        observation.sex.clone(),
        observation.band.clone(),
    ]
}

/// The printed value of a figure.
pub(super) fn value(observation: &Observation, unit: IndicatorUnit) -> Option<String> {
    let (numerator, denominator) = observation.quotient()?;
    quotient::quotient(numerator, denominator, unit == IndicatorUnit::Percent)
}

/// Whether numbers and status say the same: a figure that stands has both numbers, one that is withheld or not known has neither, and where
/// there is nobody to count the denominator is zero, if it is told at all.
pub(super) fn consistent(status: Status, numerator: Option<i64>, denominator: Option<i64>) -> bool {
    match status {
        Status::Final | Status::Provisional | Status::Revised => numerator.is_some() && denominator.is_some_and(|number| number > 0),
        Status::Withheld | Status::Unknown => numerator.is_none() && denominator.is_none(),
        Status::NoSubjects => matches!((numerator, denominator), (None, None) | (Some(_), Some(0))),
    }
}

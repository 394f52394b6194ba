//! The catalogue: an indicator is a definition over measures, a numerator and a denominator that share one population.
//!
//! A family of definitions is a file; adding an indicator is one definition in its family's file.
//! Every indicator counts regular staff only (常勤), for regular and non-regular staff never share a rate, and says so. Deliberately
//! absent: targets (data), formatting, and any SQL, which is the same for all of them (`values`).

mod people;
mod standings;
mod time;
pub(crate) mod values;
mod words;

pub(crate) use standings::rule;
pub use standings::{Counted, Standings};
pub use words::{Covered, Words};

use crate::measures::{Measure, coverage};
use entity::{measure_cell::Span, posting::RankBand, staff::Sex};
pub use entity::{
    month_source::RecordSource,
    period::YearKind,
    quotient::{Direction, IndicatorUnit},
    text::Text,
};
use std::sync::LazyLock;

/// Whom numerator and denominator count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Population {
    /// In post and subject to overtime on a day of the span's months, placed by the last posting held in the span, or month by month where the
    /// months' persons add up.
    Overtime,
    /// In post on the last day of the span.
    Census,
    /// In post and subject to overtime in each month of the year, placed by the last posting held.
    WholeYear,
    /// Records by their own date, in the place of that date.
    Events,
}

/// By what a value is split, beside the bureau, by which all are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dimensions {
    /// By sex.
    pub sex: bool,
    /// By rank band.
    pub band: bool,
}

impl Dimensions {
    /// By bureau alone.
    pub const BUREAU: Self = Self { sex: false, band: false };
    /// By bureau and band.
    pub const BAND: Self = Self { sex: false, band: true };
    /// By bureau, sex and band.
    pub const ALL: Self = Self { sex: true, band: true };
}

/// A numerator or denominator: a measure over some of the staff, times a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What is summed.
    pub measure: Measure,
    /// Whose.
    pub sexes: &'static [Sex],
    /// In which bands.
    pub bands: &'static [RankBand],
    /// Brings the quotient to its unit: 60 minutes an hour, 465 minutes a day of leave, else 1.
    pub scale: i64,
}

/// Both sexes and whoever's is not recorded.
const EVERYONE: &[Sex] = &[Sex::Female, Sex::Male, Sex::NotRecorded];
/// Those whose sex is recorded.
const RECORDED: &[Sex] = &[Sex::Female, Sex::Male];
/// Women.
const WOMEN: &[Sex] = &[Sex::Female];
/// All bands.
const ALL_BANDS: &[RankBand] = &[RankBand::Staff, RankBand::Chief, RankBand::AssistantDirector, RankBand::Director, RankBand::Designated];

impl Part {
    /// The measure over everyone.
    const fn of(measure: Measure) -> Self {
        Self { measure, sexes: EVERYONE, bands: ALL_BANDS, scale: 1 }
    }

    /// Times a factor.
    const fn times(self, scale: i64) -> Self {
        Self { scale, ..self }
    }

    /// Of these sexes alone.
    const fn sexes(self, sexes: &'static [Sex]) -> Self {
        Self { sexes, ..self }
    }

    /// In these bands alone.
    const fn bands(self, bands: &'static [RankBand]) -> Self {
        Self { bands, ..self }
    }
}

/// One indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its code: the word that stands in the database and in GraphQL.
    pub code: &'static str,
    /// Raised with every change of what is counted; each value names the one it was computed by.
    pub version: i32,
    /// Its name.
    pub name: Text,
    /// What is divided by what, over whom.
    pub description: Text,
    /// What the year-to-date value is, in words.
    pub year_to_date: Text,
    /// Whom it counts.
    pub population: Population,
    /// Of these, people in which posts.
    pub counts: Counted,
    /// The records it is made of, of which a bureau may have reported nothing; `None` where it rests on who is in post alone.
    pub source: Option<RecordSource>,
    /// The unit of the value.
    pub unit: IndicatorUnit,
    /// The kind of year of its year to date: fiscal or calendar.
    pub year: YearKind,
    /// Whether it speaks of whole years alone: no month and no unfinished year has a value.
    pub of_whole_years: bool,
    /// By what it is split.
    pub dimensions: Dimensions,
    /// Which way is better.
    pub direction: Direction,
    /// Whether a right value can pass 100 %; only of a percentage.
    pub may_exceed_hundred: bool,
    /// Whether the Act has it published whatever the number, as the plan does ("4 of 7").
    pub published_by_law: bool,
    /// Where it counts some of those whom others count: the indicator whose denominator is all of them, so that what the others have, the
    /// difference, is looked at when a value is shown to who may see no persons. Of whom others leave out: the indicator whose numerator is
    /// some of its own.
    pub among: Option<&'static str>,
    /// The numerator.
    pub numerator: Part,
    /// The denominator.
    pub denominator: Part,
}

impl Definition {
    /// The spans for which it has values: the month, and its own kind of year to date. Of whole years alone, that to the year's last month.
    #[must_use]
    pub fn has_span(&self, span: Span) -> bool {
        match span {
            Span::Month => !self.of_whole_years,
            Span::FiscalYearToDate => self.year == YearKind::Fiscal,
            Span::CalendarYearToDate => self.year == YearKind::Calendar,
        }
    }

    /// Whether it says of its bands what `other` says of others.
    #[must_use]
    pub fn is_over(&self, other: &Self) -> bool {
        let apart_from_bands = |part: Part| Part { bands: &[], ..part };
        (self.population, self.counts) == (other.population, other.counts)
            && apart_from_bands(self.numerator) == apart_from_bands(other.numerator)
            && apart_from_bands(self.denominator) == apart_from_bands(other.denominator)
    }

    /// Of whom its records are known, and whom it is about, where it rests on records.
    #[must_use]
    pub fn coverage(&self) -> Option<[Part; 2]> {
        let part = |of: Part, measure| Part { measure, scale: 1, ..of };
        self.source.map(|source| coverage::of(source).map(|measure| part(self.denominator, measure)))
    }

    /// The span of its year to date.
    #[must_use]
    pub fn year_to_date_span(&self) -> Span {
        if self.year == YearKind::Calendar { Span::CalendarYearToDate } else { Span::FiscalYearToDate }
    }
}

static CATALOGUE: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let families: [&[Definition]; 7] = [
        time::overtime::DEFINITIONS,
        time::caps::DEFINITIONS,
        time::telework::DEFINITIONS,
        time::leave::DEFINITIONS,
        time::work_style::DEFINITIONS,
        people::careers::DEFINITIONS,
        people::left_out::DEFINITIONS,
    ];
    families.concat()
});

/// All definitions, family by family.
#[must_use]
pub fn catalogue() -> &'static [Definition] {
    &CATALOGUE
}

/// The definition of the indicator with this code.
#[must_use]
pub fn find(code: &str) -> Option<&'static Definition> {
    catalogue().iter().find(|definition| definition.code == code)
}

static MEASURES: LazyLock<Vec<Measure>> = LazyLock::new(|| {
    let mut measures: Vec<Measure> = Vec::new();
    let sides = |definition: &Definition| {
        [definition.denominator, definition.numerator].into_iter().chain(definition.coverage().into_iter().flatten())
    };
    for part in catalogue().iter().flat_map(sides) {
        if !measures.contains(&part.measure) {
            measures.push(part.measure);
        }
    }
    measures
});

/// The measures that the definitions are made of, each once.
#[must_use]
pub fn measures() -> &'static [Measure] {
    &MEASURES
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::person_month::EVENT_COLUMNS;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_one_definition() {
        for definition in catalogue() {
            assert_eq!(catalogue().iter().filter(|other| other.code == definition.code).count(), 1, "{}", definition.code);
        }
        assert_eq!(find("mean_overtime_hours"), None);
    }

    #[test]
    fn a_code_is_one_measure_and_a_word_of_its_own() {
        let codes: BTreeSet<_> = measures().iter().map(|measure| measure.code).collect();
        assert_eq!(codes.len(), measures().len(), "two measures share a code");
        assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')));
    }

    #[test]
    fn what_people_did_is_summed_by_its_columns() {
        let columns: BTreeSet<_> = measures().iter().filter_map(|measure| measure.event_column()).collect();
        assert_eq!(columns, EVENT_COLUMNS.into(), "a column that nothing sums, or a sum of no column");
    }

    #[test]
    fn numerator_and_denominator_share_one_population() {
        for definition in catalogue() {
            let events = definition.population == Population::Events;
            assert_eq!(definition.numerator.measure.is_event(), events, "{}", definition.code);
            assert_eq!(definition.denominator.measure.is_event(), events, "{}", definition.code);
            // Their distinct persons are counted by bureau and sex, and by the band of each, never by sex and band together.
            assert!(!events || !definition.dimensions.sex, "{}", definition.code);
            assert!(
                !events || (definition.numerator.bands == ALL_BANDS && definition.denominator.bands == ALL_BANDS),
                "{}",
                definition.code
            );
        }
    }

    #[test]
    fn definitions_explain_themselves_in_both_languages() {
        for definition in catalogue() {
            for text in [definition.name, definition.description, definition.year_to_date] {
                assert!(!text.ja.is_empty() && !text.en.is_empty() && text.en.is_ascii(), "{}", definition.code);
            }
            assert!(definition.description.ja.contains("常勤"), "{}", definition.code);
            assert!(definition.description.en.contains("egular staff"), "{}", definition.code);
            assert!(definition.version >= 1);
            assert!(matches!(definition.year, YearKind::Fiscal | YearKind::Calendar));
            assert!(definition.has_span(definition.year_to_date_span()));
        }
    }

    #[test]
    fn all_whom_some_are_among_are_counted_by_an_indicator() {
        for definition in catalogue() {
            let Some(all) = definition.among.map(|code| find(code).unwrap()) else { continue };
            assert!(all.population != Population::Events && all.denominator.scale == 1, "{}", definition.code);
            assert!(all.dimensions == Dimensions::ALL || definition.dimensions == Dimensions::BUREAU, "{}", definition.code);
        }
    }

    #[test]
    fn only_a_percentage_may_pass_a_hundred() {
        assert!(catalogue().iter().all(|definition| !definition.may_exceed_hundred || definition.unit == IndicatorUnit::Percent));
    }
}

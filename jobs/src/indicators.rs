//! The catalogue: an indicator is a definition over measures, a numerator and a denominator that share one population.
//!
//! A family of definitions is a file; adding an indicator is one line in [`IndicatorCode`] and one definition in its family's file.
//! Every indicator counts regular staff only (常勤), for regular and non-regular staff never share a rate, and says so. Deliberately
//! absent: targets (data), formatting, and any SQL, which is the same for all of them (`values`).

mod caps;
mod careers;
mod leave;
mod overtime;
mod telework;
pub(crate) mod values;
mod work_style;

use crate::measures::Measure;
pub use entity::period::YearKind;
use entity::{measure_cell::Span, posting::RankBand, staff::Sex};
use std::{fmt, str::FromStr, sync::LazyLock};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal),+ $(,)?) => {
        /// The indicators' codes, in the order of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum IndicatorCode { $($(#[$doc])* $variant),+ }

        impl IndicatorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that stands in the database and in GraphQL.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
    };
}

codes! {
    /// Mean overtime hours.
    MeanOvertimeHours = "MEAN_OVERTIME_HOURS",
    /// Share of people above 45 hours.
    ShareAbove45h = "SHARE_ABOVE_45H",
    /// Overtime confirmed beforehand ÷ overtime.
    OvertimeConfirmedBeforehand = "OVERTIME_CONFIRMED_BEFOREHAND",
    /// Presence beyond ordered overtime.
    PresenceBeyondOrdered = "PRESENCE_BEYOND_ORDERED",
    /// Above the month's cap ÷ under it, self-paced work.
    AboveSelfPacedMonthCap = "ABOVE_SELF_PACED_MONTH_CAP",
    /// Above the year's cap ÷ under it, self-paced work.
    AboveSelfPacedYearCap = "ABOVE_SELF_PACED_YEAR_CAP",
    /// Above the month's cap ÷ under it, externally driven work.
    AboveDrivenMonthCap = "ABOVE_DRIVEN_MONTH_CAP",
    /// Above the year's cap ÷ under it, externally driven work.
    AboveDrivenYearCap = "ABOVE_DRIVEN_YEAR_CAP",
    /// Above the cap on means ÷ under it, externally driven work.
    AboveDrivenMeanCap = "ABOVE_DRIVEN_MEAN_CAP",
    /// More long months than the cap ÷ under it, externally driven work.
    AboveDrivenLongMonths = "ABOVE_DRIVEN_LONG_MONTHS",
    /// Overtime flags reviewed in time ÷ flags.
    OutliersReviewedInTime = "OUTLIERS_REVIEWED_IN_TIME",
    /// Persons teleworking ÷ staff.
    TeleworkPersons = "TELEWORK_PERSONS",
    /// Telework days a head.
    TeleworkDaysAHead = "TELEWORK_DAYS_A_HEAD",
    /// Mean days of annual leave.
    AnnualLeaveDays = "ANNUAL_LEAVE_DAYS",
    /// Out on time ÷ present on on-time days.
    OnTimeDeparture = "ON_TIME_DEPARTURE",
    /// Persons with a staggered shift ÷ staff.
    StaggeredShare = "STAGGERED_SHARE",
    /// Women ÷ staff.
    WomenStaff = "WOMEN_STAFF",
    /// Women at director and above.
    WomenDirectorAndAbove = "WOMEN_DIRECTOR_AND_ABOVE",
    /// Women at assistant director and above.
    WomenAssistantDirectorAndAbove = "WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE",
    /// Women at chief rank alone.
    WomenChief = "WOMEN_CHIEF",
    /// Women at assistant director rank alone.
    WomenAssistantDirector = "WOMEN_ASSISTANT_DIRECTOR",
    /// Women at director rank alone.
    WomenDirector = "WOMEN_DIRECTOR",
    /// Women at designated rank alone.
    WomenDesignated = "WOMEN_DESIGNATED",
    /// Women ÷ hires by exam.
    WomenHiresExam = "WOMEN_HIRES_EXAM",
    /// Women ÷ mid-career hires.
    WomenHiresMidCareer = "WOMEN_HIRES_MID_CAREER",
}

impl fmt::Display for IndicatorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The catalogue has no indicator of that code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no indicator has this code")]
pub struct UnknownIndicator;

impl FromStr for IndicatorCode {
    type Err = UnknownIndicator;

    fn from_str(text: &str) -> Result<Self, UnknownIndicator> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(UnknownIndicator)
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// Japanese.
    pub ja: &'static str,
    /// English.
    pub en: &'static str,
}

/// Whom numerator and denominator count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Population {
    /// In post and subject to overtime on a day of the span's months, placed by the last posting held.
    Overtime,
    /// In post on the last day of the span.
    Census,
    /// Records by their own date, in the place of that date.
    Events,
}

/// What the value, numerator ÷ denominator, is expressed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Hours a person.
    Hours,
    /// Days a person.
    Days,
    /// Percent: the quotient times 100.
    Percent,
}

/// Which way the plan wants the value to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Higher is better.
    HigherIsBetter,
    /// Lower is better.
    LowerIsBetter,
    /// Neither.
    Neutral,
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
    /// Its code.
    pub code: IndicatorCode,
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
    /// The unit of the value.
    pub unit: Unit,
    /// The kind of year of its year to date: fiscal or calendar.
    pub year: YearKind,
    /// By what it is split.
    pub dimensions: Dimensions,
    /// Which way is better.
    pub direction: Direction,
    /// The plan's clause, in its own numbering, such as `IV-1-(2)-②-ア`.
    pub clause: &'static str,
    /// Whether a right value can pass 100 %; only of a percentage.
    pub may_exceed_hundred: bool,
    /// The numerator.
    pub numerator: Part,
    /// The denominator.
    pub denominator: Part,
}

impl Definition {
    /// The spans for which it has values: the month, and its own kind of year to date.
    #[must_use]
    pub fn has_span(&self, span: Span) -> bool {
        match span {
            Span::Month => true,
            Span::FiscalYearToDate => self.year == YearKind::Fiscal,
            Span::CalendarYearToDate => self.year == YearKind::Calendar,
        }
    }

    /// The span of its year to date.
    #[must_use]
    pub fn year_to_date_span(&self) -> Span {
        if self.year == YearKind::Calendar { Span::CalendarYearToDate } else { Span::FiscalYearToDate }
    }
}

static CATALOGUE: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let families: [&[Definition]; 6] = [
        overtime::DEFINITIONS,
        caps::DEFINITIONS,
        telework::DEFINITIONS,
        leave::DEFINITIONS,
        work_style::DEFINITIONS,
        careers::DEFINITIONS,
    ];
    let mut all = families.concat();
    all.sort_by_key(|definition| definition.code);
    all
});

/// All definitions, in the order of [`IndicatorCode::ALL`].
#[must_use]
pub fn catalogue() -> &'static [Definition] {
    &CATALOGUE
}

/// The definition of an indicator.
#[must_use]
pub fn definition(code: IndicatorCode) -> &'static Definition {
    // The catalogue holds each code once, in the order of the enum; a test says so.
    &CATALOGUE[code as usize]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn every_code_has_one_definition() {
        let codes: Vec<_> = catalogue().iter().map(|definition| definition.code).collect();
        assert_eq!(codes, IndicatorCode::ALL);
        for &code in IndicatorCode::ALL {
            assert_eq!(definition(code).code, code);
            assert_eq!(code.as_str().parse(), Ok(code));
        }
        assert_eq!("mean_overtime_hours".parse::<IndicatorCode>(), Err(UnknownIndicator));
    }

    #[test]
    fn numerator_and_denominator_share_one_population() {
        for definition in catalogue() {
            let events = definition.population == Population::Events;
            assert_eq!(definition.numerator.measure.is_event(), events, "{}", definition.code);
            assert_eq!(definition.denominator.measure.is_event(), events, "{}", definition.code);
            // Distinct persons of events are counted by bureau and sex; a split by band would need them by band.
            assert!(!events || definition.dimensions == Dimensions::BUREAU, "{}", definition.code);
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
            assert!(definition.version >= 1 && !definition.clause.is_empty());
            assert!(matches!(definition.year, YearKind::Fiscal | YearKind::Calendar));
            assert!(definition.has_span(definition.year_to_date_span()));
        }
    }

    #[test]
    fn these_may_pass_a_hundred_percent() {
        let may: Vec<_> = catalogue().iter().filter(|definition| definition.may_exceed_hundred).map(|d| d.code).collect();
        assert_eq!(may, [], "none of the present indicators counts beyond its denominator");
        assert!(catalogue().iter().all(|d| !d.may_exceed_hundred || d.unit == Unit::Percent));
    }
}

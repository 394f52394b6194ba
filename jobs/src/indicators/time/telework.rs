//! Telework: how many do it, and how often.

use crate::indicators::{Counted, Definition, Dimensions, Direction, IndicatorUnit, Part, Population, RecordSource, Text, YearKind};
use crate::measures::Measure;

/// Persons of the census of whose telework the bureau has reported.
const TELEWORK_KNOWN_PERSONS: Measure = Measure::of_persons("TELEWORK_KNOWN_PERSONS", "in_census * telework_known");
/// Of these, the persons with a telework day in the span.
const TELEWORK_PERSONS: Measure =
    Measure::of_persons("TELEWORK_PERSONS", "CASE WHEN telework_days > 0 THEN in_census * telework_known ELSE 0 END");
/// Persons of each month's census of whose telework the bureau has reported.
const TELEWORK_KNOWN_PERSON_MONTHS: Measure = Measure::of_person_months("TELEWORK_KNOWN_PERSON_MONTHS", "in_census * telework_known");
/// Telework days of these persons.
const TELEWORK_DAYS: Measure = Measure::of_person_months("TELEWORK_DAYS", "in_census * telework_known * telework_days");

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[
    Definition {
        code: "TELEWORK_PERSONS",
        version: 2,
        name: Text { ja: "テレワーク実施者の割合", en: "Persons teleworking" },
        description: Text {
            ja: "月末に在職する常勤職員のうち、その月にテレワークを1日以上行った者の割合。",
            en: "Of regular staff in post on the last day of the month, the share with a telework day in the month.",
        },
        year_to_date: Text {
            ja: "その月の末日に在職する常勤職員のうち、4月からその月までにテレワークを行った者の割合。",
            en: "Of those in post on the last day of the month, the share with a telework day from April to the month.",
        },
        population: Population::Census,
        counts: Counted::Work,
        source: Some(RecordSource::Telework),
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::ALL,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(TELEWORK_PERSONS),
        denominator: Part::of(TELEWORK_KNOWN_PERSONS),
    },
    Definition {
        code: "TELEWORK_DAYS_A_HEAD",
        version: 3,
        name: Text { ja: "職員1人1月当たりテレワーク日数", en: "Telework days a head and month" },
        description: Text {
            ja: "月末に在職する常勤職員のその月のテレワーク日数 ÷ 当該職員数。",
            en: "Telework days in the month of regular staff in post on its last day, divided by their number.",
        },
        year_to_date: Text {
            ja: "4月からその月までの各月のテレワーク日数の合計 ÷ 各月末の在職者数の合計（延べ人月）。各月の配属先に計上する。",
            en: "Telework days from April to the month, divided by the sum of the persons in post at the end of each month: days a person and \
                 month, each month in its own place.",
        },
        population: Population::Census,
        counts: Counted::Work,
        source: Some(RecordSource::Telework),
        unit: IndicatorUnit::Days,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::ALL,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(TELEWORK_DAYS),
        denominator: Part::of(TELEWORK_KNOWN_PERSON_MONTHS),
    },
];

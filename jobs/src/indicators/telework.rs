//! Telework: how many do it, and how often.

use super::{Definition, Dimensions, Direction, IndicatorCode, Part, Population, Text, Unit, YearKind};
use crate::measures::Measure;

pub(super) const DEFINITIONS: &[Definition] = &[
    Definition {
        code: IndicatorCode::TeleworkPersons,
        version: 1,
        name: Text { ja: "テレワーク実施者の割合", en: "Persons teleworking" },
        description: Text {
            ja: "月末に在職する常勤職員のうち、その月にテレワークを1日以上行った者の割合。",
            en: "Of regular staff in post on the last day of the month, the share with a telework day in the month.",
        },
        year_to_date: Text {
            ja: "その月の末日に在職する者のうち、4月からその月までにテレワークを行った者の割合。",
            en: "Of those in post on the last day of the month, the share with a telework day from April to the month.",
        },
        population: Population::Census,
        unit: Unit::Percent,
        year: YearKind::Fiscal,
        dimensions: Dimensions::ALL,
        direction: Direction::HigherIsBetter,
        clause: "IV-1-(3)-①",
        may_exceed_hundred: false,
        numerator: Part::of(Measure::TeleworkPersons),
        denominator: Part::of(Measure::CensusPersons),
    },
    Definition {
        code: IndicatorCode::TeleworkDaysAHead,
        version: 1,
        name: Text { ja: "職員1人当たりテレワーク日数", en: "Telework days a head" },
        description: Text {
            ja: "月末に在職する常勤職員のその月のテレワーク日数 ÷ 当該職員数。",
            en: "Telework days in the month of regular staff in post on its last day, divided by their number.",
        },
        year_to_date: Text {
            ja: "その月の末日に在職する者の、4月からその月までのテレワーク日数 ÷ 当該職員数。",
            en: "Telework days from April to the month of those in post on its last day, divided by their number.",
        },
        population: Population::Census,
        unit: Unit::Days,
        year: YearKind::Fiscal,
        dimensions: Dimensions::ALL,
        direction: Direction::HigherIsBetter,
        clause: "IV-1-(3)-①-キ",
        may_exceed_hundred: false,
        numerator: Part::of(Measure::TeleworkDays),
        denominator: Part::of(Measure::CensusPersons),
    },
];

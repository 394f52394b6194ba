//! How many people the figures leave out: those of the office who are in post on a day, and by their posts no subjects of a figure.

use crate::indicators::{Counted, Definition, Dimensions, Direction, IndicatorUnit, Part, Population, Text, YearKind};
use crate::measures::persons::CENSUS_PERSONS;

/// One group's indicator.
const fn left_out(code: &'static str, name: Text, description: Text, counts: Counted, among: Option<&'static str>) -> Definition {
    Definition {
        code,
        version: 1,
        name,
        description,
        year_to_date: Text {
            ja: "期間の末日に在職する者による。年度の累計ではない。",
            en: "The census of the span's last day; a census does not add up over a year.",
        },
        population: Population::Census,
        counts,
        source: None,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BUREAU,
        direction: Direction::LowerIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among,
        numerator: Part::of(CENSUS_PERSONS),
        denominator: Part::of(CENSUS_PERSONS),
    }
}

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[
    left_out(
        "LEFT_OUT_OF_CAREERS",
        Text { ja: "採用・登用等の指標の対象としない職員の割合", en: "Staff whom the figures of careers leave out" },
        Text {
            ja: "月末に在職する常勤職員のうち、採用、登用等の指標の対象としない者の割合。",
            en: "Of regular staff in post on the last day of the month, the share whom the figures of ranks, hires and other matters of careers \
                 leave out.",
        },
        Counted::LeftOutOfCareers,
        // Who works here beside those in main posts are left out of the one and not of the other.
        Some("LEFT_OUT_OF_WORK"),
    ),
    left_out(
        "LEFT_OUT_OF_WORK",
        Text {
            ja: "勤務時間・休暇等の指標の対象としない職員の割合", en: "Staff whom the figures of work leave out"
        },
        Text {
            ja: "月末に在職する常勤職員のうち、超過勤務、テレワーク、休暇、定時退庁及び早出遅出の指標の対象としない者の割合。",
            en: "Of regular staff in post on the last day of the month, the share whom the figures of overtime, telework, leave, leaving on time \
                 and staggered hours leave out.",
        },
        Counted::LeftOutOfWork,
        None,
    ),
];

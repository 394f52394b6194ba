//! Ways of working: leaving on time on on-time days, and staggered hours.

use crate::indicators::{Definition, Dimensions, Direction, IndicatorUnit, Part, Population, Text, YearKind};
use crate::measures::{Measure, persons::CENSUS_PERSONS};

/// Of the census, the persons with a staggered shift in the span.
const STAGGERED_PERSONS: Measure = Measure::of_persons("STAGGERED_PERSONS", "CASE WHEN staggered_shifts > 0 THEN in_census ELSE 0 END");
/// Shifts on workdays that are on-time days, with presence and schedule.
const ON_TIME_SHIFTS: Measure = Measure::of_events("ON_TIME_SHIFTS", "on_time_shifts");
/// Of these, the shifts whose presence ended at or before the scheduled end.
const ON_TIME_DEPARTURES: Measure = Measure::of_events("ON_TIME_DEPARTURES", "on_time_departures");

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[
    Definition {
        code: "ON_TIME_DEPARTURE",
        version: 1,
        name: Text { ja: "定時退庁日の定時退庁率", en: "Out on time on on-time days" },
        description: Text {
            ja: "定時退庁日(全省庁一斉、部局独自、完全定時退庁日)の常勤職員の勤務のうち、勤務時間の終わりまでに退庁した勤務の割合。",
            en: "Of the shifts of regular staff on on-time days, the office's or the bureau's own, the share whose presence ended \
                 at or before the scheduled end.",
        },
        year_to_date: Text {
            ja: "4月からその月までの勤務の合計による。", en: "The shifts from April to the month, added up."
        },
        population: Population::Events,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BUREAU,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(ON_TIME_DEPARTURES),
        denominator: Part::of(ON_TIME_SHIFTS),
    },
    Definition {
        code: "STAGGERED_SHARE",
        version: 1,
        name: Text { ja: "早出遅出勤務の利用者の割合", en: "Persons with staggered hours" },
        description: Text {
            ja: "月末に在職する常勤職員のうち、その月に早出遅出勤務を1回以上行った者の割合。",
            en: "Of regular staff in post on the last day of the month, the share with a staggered shift in the month.",
        },
        year_to_date: Text {
            ja: "その月の末日に在職する者のうち、4月からその月までに早出遅出勤務を行った者の割合。",
            en: "Of those in post on the last day of the month, the share with a staggered shift from April to the month.",
        },
        population: Population::Census,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::ALL,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(STAGGERED_PERSONS),
        denominator: Part::of(CENSUS_PERSONS),
    },
];

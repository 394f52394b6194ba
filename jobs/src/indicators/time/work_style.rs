//! Ways of working: leaving on time on on-time days, and staggered hours.

use crate::indicators::{Counted, Definition, Dimensions, Direction, IndicatorUnit, Part, Population, RecordSource, Text, YearKind};
use crate::measures::Measure;

/// Persons of the census of whom it is known when they were there.
const PRESENCE_KNOWN_PERSONS: Measure = Measure::of_persons("PRESENCE_KNOWN_PERSONS", "in_census * presence_known");
/// Of these, the persons with a staggered shift in the span.
const STAGGERED_PERSONS: Measure =
    Measure::of_persons("STAGGERED_PERSONS", "CASE WHEN staggered_shifts > 0 THEN in_census * presence_known ELSE 0 END");
/// Shifts on workdays on which on-time days are held, with presence and schedule; but for those left early on leave to the scheduled end.
const ON_TIME_SHIFTS: Measure = Measure::of_events("ON_TIME_SHIFTS", "on_time_shifts");
/// Of these, the shifts whose presence ended by the scheduled end and the minutes of grace.
const ON_TIME_DEPARTURES: Measure = Measure::of_events("ON_TIME_DEPARTURES", "on_time_departures");

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[
    Definition {
        code: "ON_TIME_DEPARTURE",
        version: 3,
        name: Text { ja: "定時退庁日の定時退庁率", en: "Out on time on on-time days" },
        description: Text {
            ja: "定時退庁日（全省庁一斉定時退庁日、部局独自の定時退庁日及び完全定時退庁日。休日に当たるものは規則の定めによる）の常勤職員の勤務のうち、勤務時間の終わりから規則で定める猶予時間（15分）以内に退庁した勤務の割合。勤務時間の終わりまで休暇を取得して退庁した勤務は、分母にも分子にも含まない。",
            en: "Of the shifts of regular staff on the days on which on-time days are held, the office's or the bureau's own, the share whose \
                 presence ended by the scheduled end and the rules' minutes of grace (15). Shifts that were left early on leave to the \
                 scheduled end count on neither side.",
        },
        year_to_date: Text {
            ja: "4月からその月までの勤務の合計による。", en: "The shifts from April to the month, added up."
        },
        population: Population::Events,
        counts: Counted::Work,
        source: Some(RecordSource::Presence),
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BAND,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(ON_TIME_DEPARTURES),
        denominator: Part::of(ON_TIME_SHIFTS),
    },
    Definition {
        code: "STAGGERED_SHARE",
        version: 2,
        name: Text { ja: "早出遅出勤務の利用者の割合", en: "Persons with staggered hours" },
        description: Text {
            ja: "月末に在職する常勤職員のうち、その月に早出遅出勤務を1回以上行った者の割合。",
            en: "Of regular staff in post on the last day of the month, the share with a staggered shift in the month.",
        },
        year_to_date: Text {
            ja: "その月の末日に在職する常勤職員のうち、4月からその月までに早出遅出勤務を行った者の割合。",
            en: "Of those in post on the last day of the month, the share with a staggered shift from April to the month.",
        },
        population: Population::Census,
        counts: Counted::Work,
        source: Some(RecordSource::Presence),
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::ALL,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(STAGGERED_PERSONS),
        denominator: Part::of(PRESENCE_KNOWN_PERSONS),
    },
];

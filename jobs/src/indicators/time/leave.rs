//! Leave: annual leave taken.

use crate::indicators::{Definition, Dimensions, Direction, IndicatorUnit, Part, Population, Text, YearKind};
use crate::measures::{Measure, persons::CENSUS_PERSONS};
use entity::leave_entry::DAY_MINUTES;

/// Minutes of annual leave of the persons of the census.
const ANNUAL_LEAVE_MINUTES: Measure = Measure::of_persons("ANNUAL_LEAVE_MINUTES", "in_census * annual_leave_minutes");

/// What the units' targets (年次休暇取得目標日数) have the persons of the census take in the calendar year, in minutes.
const LEAVE_TARGET_MINUTES: Measure = Measure::of_persons("LEAVE_TARGET_MINUTES", "in_census * leave_target_minutes");
/// Minutes of annual leave of these persons whose unit has a target.
const TARGETED_LEAVE_MINUTES: Measure =
    Measure::of_persons("TARGETED_LEAVE_MINUTES", "CASE WHEN leave_target_minutes > 0 THEN in_census * annual_leave_minutes ELSE 0 END");

const LEAVE_TARGET_ATTAINMENT: Definition = Definition {
    code: "LEAVE_TARGET_ATTAINMENT",
    version: 1,
    name: Text { ja: "年次休暇の取得目標に対する取得率", en: "Annual leave taken against the units' targets" },
    description: Text {
        ja: "月末に在職する常勤職員(所属する課が年間の取得目標日数を設定している者)がその月に取得した年次休暇 ÷ 当該職員の年間の取得目標日数の合計。",
        en: "Annual leave taken in the month by regular staff in post on its last day whose unit has set a target of days for the year, \
             divided by the days that the targets have these persons take in the whole year.",
    },
    year_to_date: Text {
        ja: "1月からその月までに取得した年次休暇 ÷ 年間の取得目標日数の合計。月末に在職する者を、直近の配属先の目標による。",
        en: "Annual leave taken from January to the month, divided by the days of the whole year's targets; of persons in post at its end, by \
             the target of their latest unit.",
    },
    population: Population::Census,
    unit: IndicatorUnit::Percent,
    year: YearKind::Calendar,
    dimensions: Dimensions::BUREAU,
    direction: Direction::HigherIsBetter,
    may_exceed_hundred: true,
    published_by_law: false,
    numerator: Part::of(TARGETED_LEAVE_MINUTES),
    denominator: Part::of(LEAVE_TARGET_MINUTES),
};

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[LEAVE_TARGET_ATTAINMENT, ANNUAL_LEAVE_DAYS_TAKEN];

const ANNUAL_LEAVE_DAYS_TAKEN: Definition = Definition {
    code: "ANNUAL_LEAVE_DAYS",
    version: 1,
    name: Text { ja: "年次休暇の平均取得日数", en: "Mean days of annual leave" },
    description: Text {
        ja: "月末に在職する常勤職員がその月に取得した年次休暇の日数(7時間45分を1日とする) ÷ 当該職員数。",
        en: "Annual leave taken in the month by regular staff in post on its last day, in days of 7 h 45 min, divided by their number.",
    },
    year_to_date: Text {
        ja: "その月の末日に在職する者が1月からその月までに取得した日数 ÷ 当該職員数(年次休暇は暦年による)。",
        en: "Days taken from January to the month by those in post on its last day, divided by their number; annual leave goes by calendar year.",
    },
    population: Population::Census,
    unit: IndicatorUnit::Days,
    year: YearKind::Calendar,
    dimensions: Dimensions::ALL,
    direction: Direction::HigherIsBetter,
    may_exceed_hundred: false,
    published_by_law: false,
    numerator: Part::of(ANNUAL_LEAVE_MINUTES),
    denominator: Part::of(CENSUS_PERSONS).times(DAY_MINUTES as i64),
};

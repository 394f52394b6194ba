//! Leave: annual leave taken.

use crate::indicators::{Definition, Dimensions, Direction, IndicatorUnit, Part, Population, Text, YearKind};
use crate::measures::{Measure, persons::CENSUS_PERSONS};
use entity::leave_entry::DAY_MINUTES;

/// Minutes of annual leave of the persons of the census.
const ANNUAL_LEAVE_MINUTES: Measure = Measure::of_persons("ANNUAL_LEAVE_MINUTES", "in_census * annual_leave_minutes");

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[Definition {
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
}];

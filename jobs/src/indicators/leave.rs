//! Leave: annual leave taken.

use super::{Definition, Dimensions, Direction, IndicatorCode, Part, Population, Text, Unit, YearKind};
use crate::measures::Measure;
use entity::leave_entry::DAY_MINUTES;

pub(super) const DEFINITIONS: &[Definition] = &[Definition {
    code: IndicatorCode::AnnualLeaveDays,
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
    unit: Unit::Days,
    year: YearKind::Calendar,
    dimensions: Dimensions::ALL,
    direction: Direction::HigherIsBetter,
    clause: "IV-1-(2)-②-ウ",
    may_exceed_hundred: false,
    numerator: Part::of(Measure::AnnualLeaveMinutes),
    denominator: Part::of(Measure::CensusPersons).times(DAY_MINUTES as i64),
}];

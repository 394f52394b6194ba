//! Leave: annual leave taken.

use crate::indicators::{Counted, Definition, Dimensions, Direction, IndicatorUnit, Part, Population, RecordSource, Text, YearKind};
use crate::measures::Measure;
use entity::leave_entry::DAY_MINUTES;

/// Persons in post on a day of the span.
const IN_POST_PERSONS: Measure = Measure::of_persons("IN_POST_PERSONS", "1");
/// Of these, the persons in post on each day of it.
const IN_POST_THROUGHOUT_PERSONS: Measure = Measure::of_persons("IN_POST_THROUGHOUT_PERSONS", "in_post_throughout");
/// Of these, the persons of whose leave their bureaus have reported in each month of it.
const LEAVE_KNOWN_THROUGHOUT_PERSONS: Measure =
    Measure::of_persons("LEAVE_KNOWN_THROUGHOUT_PERSONS", "in_post_throughout * leave_known_throughout");
/// Minutes of annual leave of these persons.
const LEAVE_THROUGHOUT_MINUTES: Measure =
    Measure::of_persons("LEAVE_THROUGHOUT_MINUTES", "in_post_throughout * leave_known_throughout * annual_leave_minutes");

/// What the units' targets (年次休暇取得目標日数) have the persons of the census take in the calendar year, in minutes; of those of whose leave
/// their bureaus have reported.
const LEAVE_TARGET_MINUTES: Measure =
    Measure::of_persons("LEAVE_TARGET_MINUTES", "in_census * leave_known_throughout * leave_target_minutes");
/// Minutes of annual leave of these persons whose unit has a target.
const TARGETED_LEAVE_MINUTES: Measure = Measure::of_persons(
    "TARGETED_LEAVE_MINUTES",
    "CASE WHEN leave_target_minutes > 0 THEN in_census * leave_known_throughout * annual_leave_minutes ELSE 0 END",
);

const LEAVE_TARGET_ATTAINMENT: Definition = Definition {
    code: "LEAVE_TARGET_ATTAINMENT",
    version: 2,
    name: Text { ja: "年次休暇の取得目標に対する取得率", en: "Annual leave taken against the units' targets" },
    description: Text {
        ja: "月末に在職する常勤職員（所属する課が年間の取得目標日数を設定している者）がその月に取得した年次休暇 ÷ 当該職員の年間の取得目標日数の合計。",
        en: "Annual leave taken in the month by regular staff in post on its last day whose unit has set a target of days for the year, \
             divided by the days that the targets have these persons take in the whole year.",
    },
    year_to_date: Text {
        ja: "1月からその月までに取得した年次休暇 ÷ 年間の取得目標日数の合計。月末に在職する者を、直近の配属先の目標による。",
        en: "Annual leave taken from January to the month, divided by the days of the whole year's targets; of persons in post at its end, by \
             the target of their latest unit.",
    },
    population: Population::Census,
    counts: Counted::Work,
    source: Some(RecordSource::Leave),
    unit: IndicatorUnit::Percent,
    year: YearKind::Calendar,
    of_whole_years: false,
    dimensions: Dimensions::BUREAU,
    direction: Direction::HigherIsBetter,
    may_exceed_hundred: true,
    published_by_law: false,
    among: Some("TELEWORK_PERSONS"),
    numerator: Part::of(TARGETED_LEAVE_MINUTES),
    denominator: Part::of(LEAVE_TARGET_MINUTES),
};

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[LEAVE_TARGET_ATTAINMENT, ANNUAL_LEAVE_DAYS_TAKEN, IN_POST_THROUGHOUT];

/// How many of all the mean of annual leave counts.
const IN_POST_THROUGHOUT: Definition = Definition {
    code: "IN_POST_THROUGHOUT",
    version: 2,
    name: Text { ja: "期間を通じて在職した職員の割合", en: "Persons in post throughout" },
    description: Text {
        ja: "その月に1日以上在職した常勤職員のうち、月を通じて在職した者の割合。",
        en: "Of regular staff in post on a day of the month, the share in post on each of its days.",
    },
    year_to_date: Text {
        ja: "1月1日からその月の末日までに1日以上在職した者のうち、引き続き在職した者の割合。年次休暇の平均取得日数の対象となる者を示す。",
        en: "Of those in post on a day from January to the month, the share in post on each of these days: whom the mean of annual leave counts.",
    },
    population: Population::Census,
    counts: Counted::Work,
    source: None,
    unit: IndicatorUnit::Percent,
    year: YearKind::Calendar,
    of_whole_years: false,
    dimensions: Dimensions::ALL,
    direction: Direction::HigherIsBetter,
    may_exceed_hundred: false,
    published_by_law: false,
    among: None,
    numerator: Part::of(IN_POST_THROUGHOUT_PERSONS),
    denominator: Part::of(IN_POST_PERSONS),
};

const ANNUAL_LEAVE_DAYS_TAKEN: Definition = Definition {
    code: "ANNUAL_LEAVE_DAYS",
    version: 3,
    name: Text { ja: "年次休暇の平均取得日数", en: "Mean days of annual leave" },
    description: Text {
        ja: "その月を通じて在職した常勤職員が取得した年次休暇の日数（7時間45分を1日とする） ÷ 当該職員数。月の途中で着任又は離任した者は含まない。",
        en: "Annual leave taken in the month by regular staff in post on each of its days, in days of 7 h 45 min, divided by their number. Who \
             came or left within it is not counted.",
    },
    year_to_date: Text {
        ja: "1月1日からその月の末日まで引き続き在職した者が取得した日数 ÷ 当該職員数（年次休暇は暦年による）。期間の途中で着任又は離任した者は含まない。",
        en: "Days taken from January to the month by those in post on each day of it, divided by their number; annual leave goes by calendar year. \
             Who came or left within it is not counted.",
    },
    population: Population::Census,
    counts: Counted::Work,
    source: Some(RecordSource::Leave),
    unit: IndicatorUnit::Days,
    year: YearKind::Calendar,
    of_whole_years: false,
    dimensions: Dimensions::ALL,
    direction: Direction::HigherIsBetter,
    may_exceed_hundred: false,
    published_by_law: false,
    among: Some("IN_POST_THROUGHOUT"),
    numerator: Part::of(LEAVE_THROUGHOUT_MINUTES),
    denominator: Part::of(LEAVE_KNOWN_THROUGHOUT_PERSONS).times(DAY_MINUTES as i64),
};

//! Overtime: how much, for how many above the line of 45 hours, confirmed beforehand or not, and present beyond what was ordered.

use crate::indicators::{Counted, Definition, Dimensions, Direction, IndicatorUnit, Part, Population, RecordSource, Text, YearKind};
use crate::measures::{
    Measure,
    person_months::{OVERTIME_PERSON_MONTHS, OVERTIME_POPULATION_MINUTES},
    persons::OVERTIME_PERSONS,
};

/// Persons who were subject to overtime in each month of the span.
const OVERTIME_WHOLE_YEAR_PERSONS: Measure = Measure::of_persons("OVERTIME_WHOLE_YEAR_PERSONS", "subject_throughout");
/// Overtime minutes of these persons.
const OVERTIME_WHOLE_YEAR_MINUTES: Measure = Measure::of_persons("OVERTIME_WHOLE_YEAR_MINUTES", "subject_throughout * overtime_minutes");
/// Of the persons of the span, those with a month above 45 hours.
const PERSONS_ABOVE_45H: Measure = Measure::of_persons("PERSONS_ABOVE_45H", "above_45h");
/// Overtime minutes, in the place of each shift.
const OVERTIME_MINUTES: Measure = Measure::of_events("OVERTIME_MINUTES", "overtime_minutes");
/// Overtime minutes that were confirmed beforehand: of a person's date, at most what was approved before it began.
const OVERTIME_CONFIRMED_MINUTES: Measure = Measure::of_events("OVERTIME_CONFIRMED_MINUTES", "overtime_confirmed_minutes");
/// Overtime minutes by presence, on shifts with both presence and ordered overtime.
const PRESENCE_COMPARED_MINUTES: Measure = Measure::of_events("PRESENCE_COMPARED_MINUTES", "presence_compared_minutes");
/// Of these, the minutes beyond what was ordered.
const PRESENCE_BEYOND_MINUTES: Measure = Measure::of_events("PRESENCE_BEYOND_MINUTES", "presence_beyond_minutes");

/// What the means of hours have in common.
const HOURS: Definition = Definition {
    code: "",
    version: 2,
    name: Text { ja: "", en: "" },
    description: Text { ja: "", en: "" },
    year_to_date: Text { ja: "", en: "" },
    population: Population::Overtime,
    counts: Counted::Work,
    source: Some(RecordSource::Overtime),
    unit: IndicatorUnit::Hours,
    year: YearKind::Fiscal,
    of_whole_years: false,
    dimensions: Dimensions::ALL,
    direction: Direction::LowerIsBetter,
    may_exceed_hundred: false,
    published_by_law: false,
    among: None,
    numerator: Part::of(OVERTIME_POPULATION_MINUTES),
    denominator: Part::of(OVERTIME_PERSON_MONTHS).times(60),
};

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[
    Definition {
        code: "MEAN_OVERTIME_HOURS",
        version: 3,
        name: Text { ja: "月平均超過勤務時間", en: "Mean overtime hours a month" },
        description: Text {
            ja: "超過勤務手当の対象となる常勤職員の超過勤務時間数 ÷ 当該職員数。その月に在職した者を、月内最後の配属先に計上する。",
            en: "Overtime hours of regular staff who are in post and subject to overtime on a day of the month, divided by their number. \
                 Each is placed by the last posting held in the month.",
        },
        year_to_date: Text {
            ja: "4月からその月までの超過勤務時間数 ÷ 各月の対象職員数の合計（延べ人月）。1人1月当たりの時間で、各月の配属先に計上する。",
            en: "Overtime hours from April to the month, divided by the sum of the months' persons, each once a month: hours a person and \
                 month, each month in its own place.",
        },
        numerator: Part::of(OVERTIME_POPULATION_MINUTES),
        denominator: Part::of(OVERTIME_PERSON_MONTHS).times(60),
        ..HOURS
    },
    Definition {
        code: "ANNUALISED_OVERTIME_HOURS",
        name: Text { ja: "超過勤務時間（年換算）", en: "Overtime hours, annualised" },
        description: Text {
            ja: "超過勤務手当の対象となる常勤職員の1人1月当たりの超過勤務時間を12倍したもの。年度を通じた値のみ。",
            en: "Twelve times the overtime hours a person and month of regular staff who are subject to overtime; of whole fiscal years alone.",
        },
        year_to_date: Text {
            ja: "年度の超過勤務時間数 ÷ 各月の対象職員数の合計（延べ人月） × 12。年度途中の値はない。",
            en: "Overtime hours of the fiscal year, divided by the sum of the months' persons, times twelve. An unfinished year has no value.",
        },
        of_whole_years: true,
        numerator: Part::of(OVERTIME_POPULATION_MINUTES).times(12),
        denominator: Part::of(OVERTIME_PERSON_MONTHS).times(60),
        ..HOURS
    },
    Definition {
        code: "ANNUAL_OVERTIME_HOURS",
        name: Text { ja: "年間超過勤務時間（通年対象者）", en: "Overtime hours a year, of those subject to it throughout" },
        description: Text {
            ja: "暦年の12か月すべてで超過勤務手当の対象であった常勤職員の超過勤務時間数 ÷ 当該職員数（人事院の年間平均超過勤務時間数の対象）。12月の配属先に計上する。",
            en: "Overtime hours of regular staff who were subject to overtime in all twelve months of the calendar year, divided by their number, \
                 as the National Personnel Authority counts; each in the place of December.",
        },
        year_to_date: Text {
            ja: "暦年の12か月すべてで対象であった者による。年途中の値はない。",
            en: "Of those subject to overtime in all twelve months. An unfinished year has no value.",
        },
        population: Population::WholeYear,
        year: YearKind::Calendar,
        of_whole_years: true,
        among: Some("SUBJECT_THROUGHOUT"),
        numerator: Part::of(OVERTIME_WHOLE_YEAR_MINUTES),
        denominator: Part::of(OVERTIME_WHOLE_YEAR_PERSONS).times(60),
        ..HOURS
    },
    Definition {
        code: "SUBJECT_THROUGHOUT",
        name: Text { ja: "通年で超過勤務手当の対象であった職員の割合", en: "Persons subject to overtime throughout" },
        description: Text {
            ja: "暦年中に超過勤務手当の対象であった常勤職員のうち、12か月すべてで対象であった者の割合。年間超過勤務時間（通年対象者）の対象となる者を示す。",
            en: "Of regular staff subject to overtime in a month of the calendar year, the share subject to it in all twelve: whom the overtime \
                 hours a year count.",
        },
        year_to_date: Text {
            ja: "暦年の12か月による。年途中の値はない。", en: "Of all twelve months. An unfinished year has no value."
        },
        population: Population::WholeYear,
        unit: IndicatorUnit::Percent,
        year: YearKind::Calendar,
        of_whole_years: true,
        direction: Direction::HigherIsBetter,
        numerator: Part::of(OVERTIME_WHOLE_YEAR_PERSONS),
        denominator: Part::of(OVERTIME_PERSONS),
        ..HOURS
    },
    Definition {
        code: "SHARE_ABOVE_45H",
        version: 2,
        name: Text { ja: "月45時間を超えた職員の割合", en: "Share of people above 45 hours" },
        description: Text {
            ja: "超過勤務手当の対象となる常勤職員のうち、その月の超過勤務が45時間を超えた者の割合。45時間ちょうどは含まない。",
            en: "Of regular staff in post and subject to overtime in the month, the share whose overtime is above 45 hours; 45:00 is not.",
        },
        year_to_date: Text {
            ja: "超過勤務手当の対象となる常勤職員のうち、4月からその月までに超過勤務が45時間を超えた月のある者の割合。1人を1回だけ数える。45時間ちょうどは含まない。",
            en: "Of regular staff subject to overtime, the share with at least one month above 45 hours from April to the month; a person counts once, and 45:00 is not above.",
        },
        population: Population::Overtime,
        counts: Counted::Work,
        source: Some(RecordSource::Overtime),
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::ALL,
        direction: Direction::LowerIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(PERSONS_ABOVE_45H),
        denominator: Part::of(OVERTIME_PERSONS),
    },
    Definition {
        code: "OVERTIME_CONFIRMED_BEFOREHAND",
        version: 2,
        name: Text { ja: "事前確認された超過勤務の割合", en: "Overtime confirmed beforehand" },
        description: Text {
            ja: "常勤職員の超過勤務時間のうち、開始予定時刻までに承認された申請の範囲内の時間の割合。人・日ごとに、承認された時間を上限とする。",
            en: "Of the overtime of regular staff, the share within requests approved before their planned start; \
                 for each person and date at most the minutes approved.",
        },
        year_to_date: Text {
            ja: "4月からその月までの時間の合計による。", en: "The minutes from April to the month, added up."
        },
        population: Population::Events,
        counts: Counted::Work,
        source: Some(RecordSource::Overtime),
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BUREAU,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(OVERTIME_CONFIRMED_MINUTES),
        denominator: Part::of(OVERTIME_MINUTES),
    },
    Definition {
        code: "PRESENCE_BEYOND_ORDERED",
        version: 2,
        name: Text { ja: "命令を超える在庁時間の割合", en: "Presence beyond ordered overtime" },
        description: Text {
            ja: "在庁時間と超過勤務命令の両方が記録された常勤職員の勤務について、勤務時間外の在庁時間のうち、命令された時間を超える部分の割合。",
            en: "On shifts of regular staff whose source has both presence and ordered overtime: of the overtime by presence, \
                 the share beyond what was ordered.",
        },
        year_to_date: Text {
            ja: "4月からその月までの時間の合計による。", en: "The minutes from April to the month, added up."
        },
        population: Population::Events,
        counts: Counted::Work,
        source: Some(RecordSource::Presence),
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BUREAU,
        direction: Direction::LowerIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(PRESENCE_BEYOND_MINUTES),
        denominator: Part::of(PRESENCE_COMPARED_MINUTES),
    },
];

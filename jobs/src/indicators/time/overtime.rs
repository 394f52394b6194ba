//! Overtime: how much, for how many above the line of 45 hours, confirmed beforehand or not, and present beyond what was ordered.

use crate::indicators::{Definition, Dimensions, Direction, IndicatorUnit, Part, Population, Text, YearKind};
use crate::measures::{Measure, persons::OVERTIME_PERSONS};

/// Overtime minutes of these persons, in the months in which they were subject to it.
const OVERTIME_POPULATION_MINUTES: Measure = Measure::of_persons("OVERTIME_POPULATION_MINUTES", "overtime_minutes");
/// Of these persons, those with a month above 45 hours.
const PERSONS_ABOVE_45H: Measure = Measure::of_persons("PERSONS_ABOVE_45H", "above_45h");
/// Overtime minutes, in the place of each shift.
const OVERTIME_MINUTES: Measure = Measure::of_events("OVERTIME_MINUTES", "overtime_minutes");
/// Overtime minutes that were confirmed beforehand: of a person's date, at most what was approved before it began.
const OVERTIME_CONFIRMED_MINUTES: Measure = Measure::of_events("OVERTIME_CONFIRMED_MINUTES", "overtime_confirmed_minutes");
/// Overtime minutes by presence, on shifts with both presence and ordered overtime.
const PRESENCE_COMPARED_MINUTES: Measure = Measure::of_events("PRESENCE_COMPARED_MINUTES", "presence_compared_minutes");
/// Of these, the minutes beyond what was ordered.
const PRESENCE_BEYOND_MINUTES: Measure = Measure::of_events("PRESENCE_BEYOND_MINUTES", "presence_beyond_minutes");

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[
    Definition {
        code: "MEAN_OVERTIME_HOURS",
        version: 1,
        name: Text { ja: "平均超過勤務時間", en: "Mean overtime hours" },
        description: Text {
            ja: "超過勤務手当の対象となる常勤職員の超過勤務時間数 ÷ 当該職員数。その月に在職した者を、月内最後の配属先に計上する。",
            en: "Overtime hours of regular staff who are in post and subject to overtime on a day of the month, divided by their number. \
                 Each is placed by the last posting held in the month.",
        },
        year_to_date: Text {
            ja: "4月からその月までの超過勤務時間数 ÷ 期間中に対象となった職員の実人数(1人を1回、直近の配属先に計上)。",
            en: "Overtime hours from April to the month, divided by the persons who were subject to overtime in any of these months; \
                 a person counts once, in the place of their latest month.",
        },
        population: Population::Overtime,
        unit: IndicatorUnit::Hours,
        year: YearKind::Fiscal,
        dimensions: Dimensions::ALL,
        direction: Direction::LowerIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        numerator: Part::of(OVERTIME_POPULATION_MINUTES),
        denominator: Part::of(OVERTIME_PERSONS).times(60),
    },
    Definition {
        code: "SHARE_ABOVE_45H",
        version: 1,
        name: Text { ja: "月45時間を超えた職員の割合", en: "Share of people above 45 hours" },
        description: Text {
            ja: "超過勤務手当の対象となる常勤職員のうち、その月の超過勤務が45時間を超えた者の割合。45時間ちょうどは含まない。",
            en: "Of regular staff in post and subject to overtime in the month, the share whose overtime is above 45 hours; 45:00 is not.",
        },
        year_to_date: Text {
            ja: "4月からその月までに45時間を超えた月のある者の割合。1人を1回だけ数える。",
            en: "The share with at least one month above 45 hours from April to the month; a person counts once.",
        },
        population: Population::Overtime,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        dimensions: Dimensions::ALL,
        direction: Direction::LowerIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        numerator: Part::of(PERSONS_ABOVE_45H),
        denominator: Part::of(OVERTIME_PERSONS),
    },
    Definition {
        code: "OVERTIME_CONFIRMED_BEFOREHAND",
        version: 1,
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
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        dimensions: Dimensions::BUREAU,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        numerator: Part::of(OVERTIME_CONFIRMED_MINUTES),
        denominator: Part::of(OVERTIME_MINUTES),
    },
    Definition {
        code: "PRESENCE_BEYOND_ORDERED",
        version: 1,
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
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        dimensions: Dimensions::BUREAU,
        direction: Direction::LowerIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        numerator: Part::of(PRESENCE_BEYOND_MINUTES),
        denominator: Part::of(PRESENCE_COMPARED_MINUTES),
    },
];

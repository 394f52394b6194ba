//! Overtime: how much, for how many above the line of 45 hours, confirmed beforehand or not, and present beyond what was ordered.

use super::{Definition, Dimensions, Direction, IndicatorCode, Part, Population, Text, Unit, YearKind};
use crate::measures::Measure;

pub(super) const DEFINITIONS: &[Definition] = &[
    Definition {
        code: IndicatorCode::MeanOvertimeHours,
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
        unit: Unit::Hours,
        year: YearKind::Fiscal,
        dimensions: Dimensions::ALL,
        direction: Direction::LowerIsBetter,
        clause: "IV-1-(2)-②-ア",
        may_exceed_hundred: false,
        numerator: Part::of(Measure::OvertimePopulationMinutes),
        denominator: Part::of(Measure::OvertimePersons).times(60),
    },
    Definition {
        code: IndicatorCode::ShareAbove45h,
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
        unit: Unit::Percent,
        year: YearKind::Fiscal,
        dimensions: Dimensions::ALL,
        direction: Direction::LowerIsBetter,
        clause: "IV-1-(2)-②-ア",
        may_exceed_hundred: false,
        numerator: Part::of(Measure::PersonsAbove45h),
        denominator: Part::of(Measure::OvertimePersons),
    },
    Definition {
        code: IndicatorCode::OvertimeConfirmedBeforehand,
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
        unit: Unit::Percent,
        year: YearKind::Fiscal,
        dimensions: Dimensions::BUREAU,
        direction: Direction::HigherIsBetter,
        clause: "IV-1-(2)-②-イ",
        may_exceed_hundred: false,
        numerator: Part::of(Measure::OvertimeConfirmedMinutes),
        denominator: Part::of(Measure::OvertimeMinutes),
    },
    Definition {
        code: IndicatorCode::PresenceBeyondOrdered,
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
        unit: Unit::Percent,
        year: YearKind::Fiscal,
        dimensions: Dimensions::BUREAU,
        direction: Direction::LowerIsBetter,
        clause: "IV-1-(2)-②",
        may_exceed_hundred: false,
        numerator: Part::of(Measure::PresenceBeyondMinutes),
        denominator: Part::of(Measure::PresenceComparedMinutes),
    },
];

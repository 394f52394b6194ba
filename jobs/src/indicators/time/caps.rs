//! Caps on overtime (人事院規則15-14, since 2019-04): who is above each, of those whom it binds; and whether flags are reviewed in time.

use crate::indicators::{Definition, Dimensions, Direction, IndicatorUnit, Part, Population, Text, YearKind};
use crate::measures::{
    Measure,
    caps::{
        ABOVE_DRIVEN_LONG_MONTHS, ABOVE_DRIVEN_MEAN_CAP, ABOVE_DRIVEN_MONTH_CAP, ABOVE_DRIVEN_YEAR_CAP, ABOVE_SELF_PACED_MONTH_CAP,
        ABOVE_SELF_PACED_YEAR_CAP, OUTLIER_FLAGS, OUTLIER_FLAGS_REVIEWED_IN_TIME, UNDER_DRIVEN_LONG_MONTHS, UNDER_DRIVEN_MEAN_CAP,
        UNDER_DRIVEN_MONTH_CAP, UNDER_DRIVEN_YEAR_CAP, UNDER_SELF_PACED_MONTH_CAP, UNDER_SELF_PACED_YEAR_CAP,
    },
};

/// One cap's indicator: they differ in what is counted and in what they are called.
const fn cap(code: &'static str, name: Text, description: Text, [above, under]: [Measure; 2]) -> Definition {
    Definition {
        code,
        version: 1,
        name,
        description,
        year_to_date: Text {
            ja: "4月からその月までに上限を超えた月のある者 ÷ 期間中に上限が適用された者。1人を1回だけ数え、直近の配属先に計上する。規則は期間の最後の月のもの。",
            en: "Persons above the cap in a month from April to the month, of those whom it bound in one; a person counts once, in the place of \
                 their latest month. The rules are those of the last month.",
        },
        population: Population::Overtime,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::ALL,
        direction: Direction::LowerIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(above),
        denominator: Part::of(under),
    }
}

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[
    cap(
        "ABOVE_SELF_PACED_MONTH_CAP",
        Text { ja: "月の上限を超えた職員の割合(自律的業務)", en: "Share above the month's cap, self-paced work" },
        Text {
            ja: "自律的業務の部署で超過勤務手当の対象となる常勤職員のうち、月の上限(45時間)を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of self-paced work, the share above the month's cap (45 hours), \
                 exceptional work included.",
        },
        [ABOVE_SELF_PACED_MONTH_CAP, UNDER_SELF_PACED_MONTH_CAP],
    ),
    cap(
        "ABOVE_SELF_PACED_YEAR_CAP",
        Text { ja: "年の上限を超えた職員の割合(自律的業務)", en: "Share above the year's cap, self-paced work" },
        Text {
            ja: "自律的業務の部署で超過勤務手当の対象となる常勤職員のうち、その月までの年度の合計が年の上限(360時間。年度の途中で他律的業務から移った者は720時間)を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of self-paced work, the share whose hours of the year are above its cap \
                 (360 hours; 720 for who moved from externally driven work within the year), exceptional work included.",
        },
        [ABOVE_SELF_PACED_YEAR_CAP, UNDER_SELF_PACED_YEAR_CAP],
    ),
    cap(
        "ABOVE_DRIVEN_MONTH_CAP",
        Text {
            ja: "月の上限に達した職員の割合(他律的業務)", en: "Share at or above the month's cap, externally driven work"
        },
        Text {
            ja: "他律的業務の部署で超過勤務手当の対象となる常勤職員のうち、月の上限(100時間未満)を守れなかった者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of externally driven work, the share not below the month's cap (100 hours), \
                 exceptional work included.",
        },
        [ABOVE_DRIVEN_MONTH_CAP, UNDER_DRIVEN_MONTH_CAP],
    ),
    cap(
        "ABOVE_DRIVEN_YEAR_CAP",
        Text { ja: "年の上限を超えた職員の割合(他律的業務)", en: "Share above the year's cap, externally driven work" },
        Text {
            ja: "他律的業務の部署で超過勤務手当の対象となる常勤職員のうち、その月までの年度の合計が年の上限(720時間)を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of externally driven work, the share whose hours of the year are above its cap \
                 (720 hours), exceptional work included.",
        },
        [ABOVE_DRIVEN_YEAR_CAP, UNDER_DRIVEN_YEAR_CAP],
    ),
    cap(
        "ABOVE_DRIVEN_MEAN_CAP",
        Text {
            ja: "2~6か月平均の上限を超えた職員の割合(他律的業務)", en: "Share above the cap on means, externally driven work"
        },
        Text {
            ja: "他律的業務の部署で超過勤務手当の対象となる常勤職員のうち、その月までの2か月から6か月のいずれかの平均が上限(80時間)を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of externally driven work, the share whose mean of any 2 to 6 months up to the \
                 month is above the cap (80 hours), exceptional work included.",
        },
        [ABOVE_DRIVEN_MEAN_CAP, UNDER_DRIVEN_MEAN_CAP],
    ),
    cap(
        "ABOVE_DRIVEN_LONG_MONTHS",
        Text {
            ja: "45時間を超える月の回数の上限を超えた職員の割合(他律的業務)",
            en: "Share with too many long months, externally driven work",
        },
        Text {
            ja: "他律的業務の部署で超過勤務手当の対象となる常勤職員のうち、45時間を超えた月が年度内に上限(6回)を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of externally driven work, the share with more months above 45 hours in the \
                 year than the cap (6), exceptional work included.",
        },
        [ABOVE_DRIVEN_LONG_MONTHS, UNDER_DRIVEN_LONG_MONTHS],
    ),
    Definition {
        code: "OUTLIERS_REVIEWED_IN_TIME",
        version: 1,
        name: Text { ja: "期限内に確認が終わった超過勤務フラグの割合", en: "Overtime flags reviewed in time" },
        description: Text {
            ja: "常勤職員のその月の超過勤務フラグ(取り下げられたものを除く)のうち、期限までに確認(説明・対応・却下)が終わったものの割合。期限前で未了のものは、終わるまで分子に入らない。",
            en: "Of the overtime flags that stand of regular staff in the month, the share whose review (explained, acted on or dismissed) ended \
                 by its day. One whose day is yet to come enters the numerator when its review ends.",
        },
        year_to_date: Text {
            ja: "4月からその月までのフラグの件数の合計による。",
            en: "The flags of the months from April to the month, added up.",
        },
        population: Population::Overtime,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BUREAU,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: None,
        numerator: Part::of(OUTLIER_FLAGS_REVIEWED_IN_TIME),
        denominator: Part::of(OUTLIER_FLAGS),
    },
];

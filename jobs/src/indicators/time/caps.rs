//! Caps on overtime (人事院規則15-14, since 2019-04): who is above each, of those whom it binds; and whether flags are reviewed in time.

use crate::indicators::{Counted, Definition, Dimensions, Direction, IndicatorUnit, Part, Population, RecordSource, Text, YearKind};
use crate::measures::{
    Measure,
    caps::{
        ABOVE_ANY_DRIVEN_CAP, ABOVE_ANY_SELF_PACED_CAP, ABOVE_DRIVEN_LONG_MONTHS, ABOVE_DRIVEN_MEAN_CAP, ABOVE_DRIVEN_MONTH_CAP,
        ABOVE_DRIVEN_YEAR_CAP, ABOVE_EXCEPTIONAL, ABOVE_FOR_DISASTER, ABOVE_FOR_LEGISLATION, ABOVE_FOR_NEGOTIATION, ABOVE_FOR_OTHER_WORK,
        ABOVE_SELF_PACED_MONTH_CAP, ABOVE_SELF_PACED_YEAR_CAP, DRIVEN_AT_END, OUTLIER_FLAGS, OUTLIER_FLAGS_REVIEWED_IN_TIME, UNDER_ANY_CAP,
        UNDER_ANY_DRIVEN_CAP, UNDER_ANY_SELF_PACED_CAP, UNDER_DRIVEN_LONG_MONTHS, UNDER_DRIVEN_MEAN_CAP, UNDER_DRIVEN_MONTH_CAP,
        UNDER_DRIVEN_YEAR_CAP, UNDER_SELF_PACED_MONTH_CAP, UNDER_SELF_PACED_YEAR_CAP,
    },
};

/// One cap's indicator: they differ in what is counted and in what they are called.
const fn cap(code: &'static str, name: Text, description: Text, [above, under]: [Measure; 2]) -> Definition {
    Definition {
        code,
        version: 2,
        name,
        description,
        year_to_date: Text {
            ja: "4月からその月までに上限を超え、又は（「未満」とされる上限に）達した月のある者を、期間中に上限が適用された者で除した値による。1人を1回だけ数え、直近の配属先に計上する。規則は期間の最後の月のもの。",
            en: "Persons above the cap, or at one to stay under, in a month from April to the month, of those whom it bound in one; a person counts once, in the place of \
                 their latest month. The rules are those of the last month.",
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
        numerator: Part::of(above),
        denominator: Part::of(under),
    }
}

/// Those above a cap by one kind of exceptional work, of all whom a cap binds; few, and so by bureau alone.
const fn exceptional(code: &'static str, name: Text, description: Text, above: Measure) -> Definition {
    Definition { dimensions: Dimensions::BUREAU, ..cap(code, name, description, [above, UNDER_ANY_CAP]) }
}

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[
    cap(
        "ABOVE_ANY_DRIVEN_CAP",
        Text {
            ja: "超過勤務の上限のいずれかを超えた職員の割合（他律部署）",
            en: "Share above any of the four caps, externally driven work",
        },
        Text {
            ja: "他律部署で超過勤務手当の対象となる常勤職員のうち、四つの上限（1か月100時間未満、1年720時間以下、2〜6か月平均80時間以下、45時間を超える月は年6回以下）のいずれかを超え、又は1か月100時間に達した者の割合。特例業務による者を含む。1人を1回だけ数える。",
            en: "Of regular staff subject to overtime in units of externally driven work, the share above any of the four caps (under 100 hours a \
                 month, at most 720 a year, at most 80 as the mean of 2 to 6 months, at most 6 months above 45 hours), exceptional work \
                 included. A month of exactly 100 hours has reached its cap and counts; a person counts once.",
        },
        [ABOVE_ANY_DRIVEN_CAP, UNDER_ANY_DRIVEN_CAP],
    ),
    cap(
        "ABOVE_ANY_SELF_PACED_CAP",
        Text {
            ja: "超過勤務の上限のいずれかを超えた職員の割合（自律部署）", en: "Share above either cap, self-paced work"
        },
        Text {
            ja: "自律部署で超過勤務手当の対象となる常勤職員のうち、上限（1か月45時間以下、1年360時間以下。年度の途中で他律部署から移った者は1年720時間以下）のいずれかを超えた者の割合。特例業務による者を含む。1人を1回だけ数える。",
            en: "Of regular staff subject to overtime in units of self-paced work, the share above either cap (at most 45 hours a month, at most \
                 360 a year, or 720 for who moved from externally driven work within the year), exceptional work included; a person counts once.",
        },
        [ABOVE_ANY_SELF_PACED_CAP, UNDER_ANY_SELF_PACED_CAP],
    ),
    Definition {
        of_whole_years: true,
        population: Population::Census,
        // Who was above a cap may have left before the year's end.
        may_exceed_hundred: true,
        year_to_date: Text {
            ja: "年度の12か月すべてによる。年度途中の値はない。",
            en: "Of all twelve months. An unfinished year has no value.",
        },
        ..cap(
            "ABOVE_ANY_DRIVEN_CAP_OF_YEAR_END",
            Text {
                ja: "超過勤務の上限のいずれかを超えた職員の年度末の在職者に対する割合（他律部署）",
                en: "People above any of the four caps by staff at the year's end, externally driven work",
            },
            Text {
                ja: "年度中に他律部署の四つの上限のいずれかを超え、又は達した常勤職員数 ÷ 年度末に他律部署に在職する常勤職員数（年度末定員に相当し、超過勤務手当の対象でない者を含む）。年度中に離れた者を分子に含むため、100%を超え得る。",
                en: "Regular staff above any of the four caps of externally driven work within the fiscal year, divided by the regular staff in \
                     post in such units at its end, subject to overtime or not (standing for the authorised number). Who has left counts above: \
                     it can pass 100 %.",
            },
            [ABOVE_ANY_DRIVEN_CAP, DRIVEN_AT_END],
        )
    },
    exceptional(
        "ABOVE_CAP_EXCEPTIONAL",
        Text { ja: "特例業務により上限を超えた職員の割合", en: "Share above a cap by exceptional work" },
        Text {
            ja: "超過勤務の上限が適用される常勤職員のうち、特例業務により上限のいずれかを超えた者の割合。業務の種類を問わない。1人を1回だけ数える。",
            en: "Of regular staff whom a cap on overtime binds, the share above one of them by exceptional work of any kind; a person counts once.",
        },
        ABOVE_EXCEPTIONAL,
    ),
    exceptional(
        "ABOVE_CAP_FOR_DISASTER",
        Text {
            ja: "大規模災害への対処により上限を超えた職員の割合", en: "Share above a cap by work on a large disaster"
        },
        Text {
            ja: "超過勤務の上限が適用される常勤職員のうち、特例業務（大規模災害への対処）により上限のいずれかを超えた者の割合。",
            en: "Of regular staff whom a cap on overtime binds, the share above one by exceptional work on a large disaster.",
        },
        ABOVE_FOR_DISASTER,
    ),
    exceptional(
        "ABOVE_CAP_FOR_LEGISLATION",
        Text {
            ja: "重要な政策に関する法律の立案により上限を超えた職員の割合", en: "Share above a cap by drafting laws"
        },
        Text {
            ja: "超過勤務の上限が適用される常勤職員のうち、特例業務（重要な政策に関する法律の立案）により上限のいずれかを超えた者の割合。",
            en: "Of regular staff whom a cap on overtime binds, the share above one by the exceptional work of drafting laws.",
        },
        ABOVE_FOR_LEGISLATION,
    ),
    exceptional(
        "ABOVE_CAP_FOR_NEGOTIATION",
        Text {
            ja: "他国又は国際機関との重要な交渉により上限を超えた職員の割合", en: "Share above a cap by international negotiations"
        },
        Text {
            ja: "超過勤務の上限が適用される常勤職員のうち、特例業務（他国又は国際機関との重要な交渉）により上限のいずれかを超えた者の割合。",
            en: "Of regular staff whom a cap on overtime binds, the share above one by the exceptional work of international negotiations.",
        },
        ABOVE_FOR_NEGOTIATION,
    ),
    exceptional(
        "ABOVE_CAP_FOR_OTHER_WORK",
        Text {
            ja: "その他の特例業務により上限を超えた職員の割合", en: "Share above a cap by other exceptional work"
        },
        Text {
            ja: "超過勤務の上限が適用される常勤職員のうち、特例業務（その他の重要な業務で特に緊急に処理することを要するもの）により上限のいずれかを超えた者の割合。",
            en: "Of regular staff whom a cap on overtime binds, the share above one by other exceptional work.",
        },
        ABOVE_FOR_OTHER_WORK,
    ),
    cap(
        "ABOVE_SELF_PACED_MONTH_CAP",
        Text { ja: "月の上限を超えた職員の割合（自律部署）", en: "Share above the month's cap, self-paced work" },
        Text {
            ja: "自律部署で超過勤務手当の対象となる常勤職員のうち、月の上限（45時間）を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of self-paced work, the share above the month's cap (45 hours), \
                 exceptional work included.",
        },
        [ABOVE_SELF_PACED_MONTH_CAP, UNDER_SELF_PACED_MONTH_CAP],
    ),
    cap(
        "ABOVE_SELF_PACED_YEAR_CAP",
        Text { ja: "年の上限を超えた職員の割合（自律部署）", en: "Share above the year's cap, self-paced work" },
        Text {
            ja: "自律部署で超過勤務手当の対象となる常勤職員のうち、その月までの年度の合計が年の上限（360時間。年度の途中で他律的業務から移った者は720時間）を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of self-paced work, the share whose hours of the year are above its cap \
                 (360 hours; 720 for who moved from externally driven work within the year), exceptional work included.",
        },
        [ABOVE_SELF_PACED_YEAR_CAP, UNDER_SELF_PACED_YEAR_CAP],
    ),
    cap(
        "ABOVE_DRIVEN_MONTH_CAP",
        Text {
            ja: "1か月100時間以上の超過勤務を命ぜられた職員の割合（他律部署）",
            en: "Share at or above the month's cap, externally driven work",
        },
        Text {
            ja: "他律部署で超過勤務手当の対象となる常勤職員のうち、月の上限（100時間未満）に達した者（100時間以上の者）の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of externally driven work, the share whose overtime has reached the month's cap \
                 (under 100 hours): 100:00 counts. Exceptional work is included.",
        },
        [ABOVE_DRIVEN_MONTH_CAP, UNDER_DRIVEN_MONTH_CAP],
    ),
    cap(
        "ABOVE_DRIVEN_YEAR_CAP",
        Text { ja: "年の上限を超えた職員の割合（他律部署）", en: "Share above the year's cap, externally driven work" },
        Text {
            ja: "他律部署で超過勤務手当の対象となる常勤職員のうち、その月までの年度の合計が年の上限（720時間）を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of externally driven work, the share whose hours of the year are above its cap \
                 (720 hours), exceptional work included.",
        },
        [ABOVE_DRIVEN_YEAR_CAP, UNDER_DRIVEN_YEAR_CAP],
    ),
    cap(
        "ABOVE_DRIVEN_MEAN_CAP",
        Text {
            ja: "2〜6か月平均の上限を超えた職員の割合（他律部署）", en: "Share above the cap on means, externally driven work"
        },
        Text {
            ja: "他律部署で超過勤務手当の対象となる常勤職員のうち、その月までの2か月から6か月のいずれかの平均が上限（80時間）を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of externally driven work, the share whose mean of any 2 to 6 months up to the \
                 month is above the cap (80 hours), exceptional work included.",
        },
        [ABOVE_DRIVEN_MEAN_CAP, UNDER_DRIVEN_MEAN_CAP],
    ),
    cap(
        "ABOVE_DRIVEN_LONG_MONTHS",
        Text {
            ja: "45時間を超える月の回数の上限を超えた職員の割合（他律部署）",
            en: "Share with too many long months, externally driven work",
        },
        Text {
            ja: "他律部署で超過勤務手当の対象となる常勤職員のうち、45時間を超えた月が年度内に上限（6回）を超えた者の割合。特例業務による者を含む。",
            en: "Of regular staff subject to overtime in units of externally driven work, the share with more months above 45 hours in the \
                 year than the cap (6), exceptional work included.",
        },
        [ABOVE_DRIVEN_LONG_MONTHS, UNDER_DRIVEN_LONG_MONTHS],
    ),
    Definition {
        code: "OUTLIERS_REVIEWED_IN_TIME",
        version: 2,
        name: Text { ja: "期限内に確認が終わった超過勤務の注意情報の割合", en: "Overtime flags reviewed in time" },
        description: Text {
            ja: "常勤職員のその月の超過勤務の注意情報（取り下げられたものを除く）のうち、期限までに確認（説明・対応・対象外と判断）が終わったものの割合。期限前で未了のものは、終わるまで分子に入らない。",
            en: "Of the overtime flags that stand of regular staff in the month, the share whose review (explained, acted on or dismissed) ended \
                 by its day. One whose day is yet to come enters the numerator when its review ends.",
        },
        year_to_date: Text {
            ja: "4月からその月までの注意情報の件数の合計による。",
            en: "The flags of the months from April to the month, added up.",
        },
        population: Population::Overtime,
        counts: Counted::Work,
        source: None,
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

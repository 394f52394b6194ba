//! Careers: women among staff, among the upper bands together (the third basic plan's way to count) and each by itself (the fourth's), and
//! among those hired. Only persons whose sex is recorded count.

use crate::indicators::{
    Counted, Definition, Dimensions, Direction, IndicatorUnit, Part, Population, RECORDED, RecordSource, Text, WOMEN, YearKind,
};
use crate::measures::{Measure, Source, persons::CENSUS_PERSONS};
use crate::person_month::{EXAM_HIRE, MID_CAREER_HIRE};
use entity::posting::RankBand;

/// Hires by the exams for graduates, by the day of joining.
const HIRES_EXAM: Measure = Measure { code: "HIRES_EXAM", source: Source::Hires { column: "exam_hires", which: EXAM_HIRE } };
/// Mid-career hires, by selection or by the exam for people with work experience, by the day of joining.
const HIRES_MID_CAREER: Measure =
    Measure { code: "HIRES_MID_CAREER", source: Source::Hires { column: "mid_career_hires", which: MID_CAREER_HIRE } };

/// 課室長相当 (参事官) and above.
const DIRECTOR_AND_ABOVE: &[RankBand] = &[RankBand::Director, RankBand::Designated];
/// 課長補佐相当 and above.
const ASSISTANT_DIRECTOR_AND_ABOVE: &[RankBand] = &[RankBand::AssistantDirector, RankBand::Director, RankBand::Designated];
/// What a census is in the year to date.
const CENSUS_TO_DATE: Text = Text {
    ja: "期間の末日に在職する者による。年度の累計ではない。",
    en: "The census of the span's last day; a census does not add up over a year.",
};
/// What hires are in the year to date.
const HIRES_TO_DATE: Text =
    Text { ja: "4月からその月までの採用者の合計による。", en: "The hires from April to the month, added up." };
/// The figure of all who work here, of whom those in main posts are some: the others would follow from both.
const WORKING: &str = "TELEWORK_PERSONS";
const WOMEN_IN_CENSUS: Part = Part::of(CENSUS_PERSONS).sexes(WOMEN);
const RECORDED_IN_CENSUS: Part = Part::of(CENSUS_PERSONS).sexes(RECORDED);

/// One band's indicator: they differ in the band and in what it is called.
const fn in_band(code: &'static str, name: Text, description: Text, bands: &'static [RankBand]) -> Definition {
    Definition {
        code,
        version: 2,
        name,
        description,
        year_to_date: CENSUS_TO_DATE,
        population: Population::Census,
        counts: Counted::Careers,
        source: None,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BUREAU,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: Some(WORKING),
        numerator: WOMEN_IN_CENSUS.bands(bands),
        denominator: RECORDED_IN_CENSUS.bands(bands),
    }
}

pub(in crate::indicators) const DEFINITIONS: &[Definition] = &[
    Definition {
        code: "WOMEN_STAFF",
        version: 2,
        name: Text { ja: "職員に占める女性の割合", en: "Women among staff" },
        description: Text {
            ja: "月末に在職する常勤職員（性別の記録がある者）に占める女性の割合。",
            en: "Of regular staff in post on the last day of the month whose sex is recorded, the share of women.",
        },
        year_to_date: CENSUS_TO_DATE,
        population: Population::Census,
        counts: Counted::Careers,
        source: None,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions { sex: false, band: true },
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: Some(WORKING),
        numerator: WOMEN_IN_CENSUS,
        denominator: RECORDED_IN_CENSUS,
    },
    Definition {
        code: "WOMEN_DIRECTOR_AND_ABOVE",
        version: 2,
        name: Text { ja: "本省課室長相当職以上に占める女性の割合", en: "Women at director and above" },
        description: Text {
            ja: "月末に在職する本省課室長相当職（参事官）以上の常勤職員（性別の記録がある者）に占める女性の割合。指定職相当を含む累積の割合。",
            en: "Of regular staff at director or designated rank, cumulative, in post on the last day of the month whose sex is recorded, \
                 the share of women.",
        },
        year_to_date: CENSUS_TO_DATE,
        population: Population::Census,
        counts: Counted::Careers,
        source: None,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BUREAU,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: Some(WORKING),
        numerator: WOMEN_IN_CENSUS.bands(DIRECTOR_AND_ABOVE),
        denominator: RECORDED_IN_CENSUS.bands(DIRECTOR_AND_ABOVE),
    },
    Definition {
        code: "WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE",
        version: 2,
        name: Text {
            ja: "国の地方機関課長・本省課長補佐相当職以上に占める女性の割合", en: "Women at assistant director and above"
        },
        description: Text {
            ja: "月末に在職する国の地方機関課長・本省課長補佐相当職以上の常勤職員（性別の記録がある者）に占める女性の割合。上位の役職段階を含む累積の割合。",
            en: "Of regular staff at assistant director rank or above, cumulative, in post on the last day of the month whose sex is \
                 recorded, the share of women.",
        },
        year_to_date: CENSUS_TO_DATE,
        population: Population::Census,
        counts: Counted::Careers,
        source: None,
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BUREAU,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: false,
        among: Some(WORKING),
        numerator: WOMEN_IN_CENSUS.bands(ASSISTANT_DIRECTOR_AND_ABOVE),
        denominator: RECORDED_IN_CENSUS.bands(ASSISTANT_DIRECTOR_AND_ABOVE),
    },
    in_band(
        "WOMEN_CHIEF",
        Text { ja: "係長相当職（本省）に占める女性の割合", en: "Women at chief rank" },
        Text {
            ja: "月末に在職する係長相当職（本省）の常勤職員（性別の記録がある者）に占める女性の割合。この役職段階のみ。",
            en: "Of regular staff at chief rank, this band alone, in post on the last day of the month whose sex is recorded, the share of \
                 women.",
        },
        &[RankBand::Chief],
    ),
    in_band(
        "WOMEN_ASSISTANT_DIRECTOR",
        Text {
            ja: "国の地方機関課長・本省課長補佐相当職に占める女性の割合", en: "Women at assistant director rank"
        },
        Text {
            ja: "月末に在職する国の地方機関課長・本省課長補佐相当職の常勤職員（性別の記録がある者）に占める女性の割合。この役職段階のみ。",
            en: "Of regular staff at assistant director rank, this band alone, in post on the last day of the month whose sex is recorded, \
                 the share of women.",
        },
        &[RankBand::AssistantDirector],
    ),
    in_band(
        "WOMEN_DIRECTOR",
        Text { ja: "本省課室長相当職に占める女性の割合", en: "Women at director rank" },
        Text {
            ja: "月末に在職する本省課室長相当職（参事官）の常勤職員（性別の記録がある者）に占める女性の割合。この役職段階のみ。",
            en: "Of regular staff at director rank, this band alone, in post on the last day of the month whose sex is recorded, the share \
                 of women.",
        },
        &[RankBand::Director],
    ),
    in_band(
        "WOMEN_DESIGNATED",
        Text { ja: "指定職相当に占める女性の割合", en: "Women at designated rank" },
        Text {
            ja: "月末に在職する指定職相当の常勤職員（性別の記録がある者）に占める女性の割合。",
            en: "Of regular staff at designated rank in post on the last day of the month whose sex is recorded, the share of women.",
        },
        &[RankBand::Designated],
    ),
    Definition {
        code: "WOMEN_HIRES_EXAM",
        version: 3,
        name: Text {
            ja: "国家公務員採用試験からの採用者（経験者採用試験を除く）に占める女性の割合",
            en: "Women among hires by exam (the exam for experienced people excepted)",
        },
        description: Text {
            ja: "その月に国家公務員採用試験（総合職、一般職及び専門職。経験者採用試験を除く）により採用された常勤職員（性別の記録がある者）に占める女性の割合。採用日による。出向による受入れは含まない。",
            en: "Of regular staff hired by the exams for comprehensive, general and specialist service whose day of joining is in the month and \
                 whose sex is recorded, the share of women. The exam for people with work experience is a mid-career one. An arriving \
                 secondee is no hire.",
        },
        year_to_date: HIRES_TO_DATE,
        population: Population::Events,
        counts: Counted::Careers,
        source: Some(RecordSource::Hires),
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BUREAU,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: true,
        among: None,
        numerator: Part::of(HIRES_EXAM).sexes(WOMEN),
        denominator: Part::of(HIRES_EXAM).sexes(RECORDED),
    },
    Definition {
        code: "WOMEN_HIRES_MID_CAREER",
        version: 3,
        name: Text { ja: "中途採用者に占める女性の割合", en: "Women among mid-career hires" },
        description: Text {
            ja: "その月に選考又は経験者採用試験により中途採用された常勤職員（性別の記録がある者）に占める女性の割合。採用日による。役職段階は採用日の配属のもの。",
            en: "Of regular staff hired in mid-career, by selection or by the exam for people with work experience, whose day of joining is in \
                 the month and whose sex is recorded, the share of women; in the band of the posting of that day.",
        },
        year_to_date: HIRES_TO_DATE,
        population: Population::Events,
        counts: Counted::Careers,
        source: Some(RecordSource::Hires),
        unit: IndicatorUnit::Percent,
        year: YearKind::Fiscal,
        of_whole_years: false,
        dimensions: Dimensions::BAND,
        direction: Direction::HigherIsBetter,
        may_exceed_hundred: false,
        published_by_law: true,
        among: None,
        numerator: Part::of(HIRES_MID_CAREER).sexes(WOMEN),
        denominator: Part::of(HIRES_MID_CAREER).sexes(RECORDED),
    },
];

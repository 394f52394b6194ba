//! A release as a year may bring it, for tests: figures, names and sizes are made up, save those that were published.

use crate::follow_up::{
    release::{
        ActionLine, Base, Bilingual, BureauLine, Change, Changes, ClauseLine, Counts, DefinitionLine, Direction, FindingLine,
        GovernmentLine, IndicatorUnit, InitiativeLine, Observation, PlanLine, Point, Provenance, Publisher, Release, ReleaseKind, Source,
        Status, TargetLine, Version,
    },
    settings::Site,
};
use chrono::NaiveDate;
use entity::indicator_value::TOTAL;
use entity::target::{Decider, Qualifier, TargetPopulation};
use serde::Deserialize;

/// A text in both languages.
pub(crate) fn both(ja: &str, en: &str) -> Bilingual {
    Bilingual { ja: ja.to_owned(), en: en.to_owned() }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The lines of a fixture's text: one a line, cells between bars.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| line.split('|').map(str::trim).collect())
}

fn code<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap()
}

const BUREAUS: &str = "
NAIKAN_SOMU | 内閣総務官室 | Cabinet Secretariat General Affairs
KOKUAN | 国家安全保障局 | National Security Secretariat
FUKUCHO_NAISEI | 内閣官房副長官補(内政担当)付 | Office of the Assistant Chief Cabinet Secretary for Domestic Affairs
FUKUCHO_GAISEI | 内閣官房副長官補(外政担当)付 | Office of the Assistant Chief Cabinet Secretary for Foreign Affairs
FUKUCHO_JITAI | 内閣官房副長官補(事態対処・危機管理担当)付 | Office of the Assistant Chief Cabinet Secretary for Crisis Management
KOHO | 内閣広報室 | Public Relations Office
JINJI | 内閣人事局 | Bureau of Personnel Affairs
IT | 情報通信技術(IT)総合戦略室 | IT Strategy Office
CYBER | 内閣サイバーセキュリティセンター | Center for Cybersecurity
CHITEKI | 知的財産戦略推進事務局 | Intellectual Property Strategy Office
TPP | TPP等政府対策本部 | TPP Headquarters
CHIIKI | まち・ひと・しごと創生本部事務局 | Regional Revitalization Office
ORIPARA | 東京オリンピック・パラリンピック推進本部事務局 | Tokyo Games Promotion Office
KENKO | 健康・医療戦略室 | Health and Medical Strategy Office
RYODO | 領土・主権対策企画調整室 | Office on Territory and Sovereignty
KAIYO | 総合海洋政策推進事務局 | Ocean Policy Office
UCHU | 宇宙開発戦略推進事務局 | Space Policy Office
KYOJIN | 国土強靱化推進室 | National Resilience Office
AINU | アイヌ総合政策室 | Ainu Policy Office
GYOKAKU | 行政改革推進本部事務局 | Administrative Reform Office
SAIHEN | 社会保障改革担当室 | Social Security Reform Office
ZENSEDAI | 全世代型社会保障検討室 | All-Generation Social Security Office
CORONA | 新型コロナウイルス感染症対策推進室 | COVID-19 Office
";

const DEFINITIONS: &str = "
MEAN_OVERTIME_HOURS | 平均超過勤務時間(年) | Mean overtime hours a year | 超過勤務の時間数÷超過勤務の対象となる常勤職員の数。 | Overtime hours ÷ regular staff subject to overtime. | HOURS | LOWER_IS_BETTER | IV-1(2)②ア | RECORDS | | S
SHARE_ABOVE_45H | 月45時間を超えた職員の割合 | Share of people above 45 hours | 超過勤務が月45時間を超えた職員の延べ人数÷対象職員の延べ人数。 | Person-months above 45 hours ÷ person-months. | PERCENT | LOWER_IS_BETTER | IV-1(2)②ア | RECORDS | |
OVERTIME_CONFIRMED_BEFOREHAND | 事前に確認された超過勤務の割合 | Overtime confirmed beforehand | 事前に確認された超過勤務÷超過勤務。 | Overtime confirmed beforehand ÷ overtime. | PERCENT | HIGHER_IS_BETTER | IV-1(2)②イ | RECORDS | |
TELEWORK_PERSONS | テレワークをした職員の割合 | Persons teleworking | テレワークをした職員÷常勤職員。 | Persons who teleworked ÷ regular staff. | PERCENT | HIGHER_IS_BETTER | IV-1(3)① | RECORDS | |
TELEWORK_DAYS_A_HEAD | 1人当たりのテレワーク日数 | Telework days a head | テレワークの延べ日数÷常勤職員。 | Telework days ÷ regular staff. | DAYS | HIGHER_IS_BETTER | IV-1(3)①キ | RECORDS | |
ANNUAL_LEAVE_DAYS | 年次休暇の平均取得日数 | Mean days of annual leave | 年次休暇の取得日数÷常勤職員。暦年による。 | Days of annual leave ÷ regular staff, by calendar year. | DAYS | HIGHER_IS_BETTER | IV-1(2)②ウ | RECORDS | | S
ON_TIME_DEPARTURE | 定時退庁日の定時退庁の割合 | Out on time on on-time days | 定時に退庁した職員÷出勤した職員。 | Out on time ÷ present on on-time days. | PERCENT | HIGHER_IS_BETTER | IV-1(2)②イ | RECORDS | |
STAGGERED_SHARE | 早出遅出勤務をした職員の割合 | Persons with a staggered shift | 早出遅出勤務をした職員÷常勤職員。 | Persons with a staggered shift ÷ regular staff. | PERCENT | NEUTRAL | IV-1(3)② | RECORDS | |
WOMEN_STAFF | 職員に占める女性の割合 | Women among staff | 常勤職員に占める女性の割合。 | Women ÷ regular staff. | PERCENT | HIGHER_IS_BETTER | V-2 | RECORDS | | S
WOMEN_DIRECTOR_AND_ABOVE | 課室長相当職以上に占める女性の割合 | Women at director and above | 課室長相当職以上の常勤職員に占める女性の割合。 | Women ÷ regular staff at director rank or above. | PERCENT | HIGHER_IS_BETTER | V-2 | RECORDS | | S
WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE | 課長補佐相当職以上に占める女性の割合 | Women at assistant director and above | 課長補佐相当職以上の常勤職員に占める女性の割合。 | Women ÷ regular staff at assistant director rank or above. | PERCENT | HIGHER_IS_BETTER | V-2 | RECORDS | | S
WOMEN_HIRES_EXAM | 採用試験による採用者に占める女性の割合 | Women among hires by examination | 翌年度4月1日の採用者に占める女性の割合。 | Women ÷ hires by examination. | PERCENT | HIGHER_IS_BETTER | V-1 | RECORDS | | S
WOMEN_HIRES_MID_CAREER | 中途採用者に占める女性の割合 | Women among mid-career hires | 選考による中途採用者に占める女性の割合。 | Women ÷ mid-career hires. | PERCENT | HIGHER_IS_BETTER | V-1 | RECORDS | | S
MEN_BOTH_LEAVES_5_DAYS | 配偶者出産休暇と育児参加休暇を合計5日以上取得した男性職員の割合 | Men with five days or more of both leaves | 合計5日以上取得した男性職員÷子が生まれた男性職員。 | Men whose two leaves total five days ÷ men with a birth. | PERCENT | HIGHER_IS_BETTER | IV-2-(1) | SUBMISSION | |
MEN_CHILDCARE_LEAVE | 男性職員の育児休業取得率 | Men taking childcare leave | 新たに育児休業を取得した男性職員÷新たに取得可能となった男性職員。 | Men who newly took leave ÷ men who newly became eligible. | PERCENT | HIGHER_IS_BETTER | IV-2-(1) | SUBMISSION | 100 | S
WOMEN_CHILDCARE_LEAVE | 女性職員の育児休業取得率 | Women taking childcare leave | 新たに育児休業を取得した女性職員÷新たに取得可能となった女性職員。 | Women who newly took leave ÷ women who newly became eligible. | PERCENT | HIGHER_IS_BETTER | IV-2-(2) | SUBMISSION | 100 | S
";

/// Indicator, first and last day (of the year that is followed up, 2019), the office's numerator and denominator of 2017, 2018, 2019.
const OFFICE: &str = "
MEAN_OVERTIME_HOURS | 2019-04-01 | 2020-03-31 | 362000 1000 | 355100 1000 | 348300 1000
SHARE_ABOVE_45H | 2019-04-01 | 2020-03-31 | 2410 9800 | 2290 9900 | 2107 10040
OVERTIME_CONFIRMED_BEFOREHAND | 2019-04-01 | 2020-03-31 | 5100 10000 | 6020 10000 | 7090 10000
TELEWORK_PERSONS | 2019-04-01 | 2020-03-31 | 98 1002 | 143 1018 | 287 1040
TELEWORK_DAYS_A_HEAD | 2019-04-01 | 2020-03-31 | 410 1002 | 702 1018 | 1512 1040
ANNUAL_LEAVE_DAYS | 2019-01-01 | 2019-12-31 | 12700 1000 | 13100 1000 | 13400 1000
ON_TIME_DEPARTURE | 2019-04-01 | 2020-03-31 | 31000 70000 | 35000 71000 | 39800 72000
STAGGERED_SHARE | 2019-04-01 | 2020-03-31 | 120 1002 | 161 1018 | 204 1040
WOMEN_STAFF | 2020-07-01 | 2020-07-01 | 190 1002 | 205 1018 | 221 1040
WOMEN_DIRECTOR_AND_ABOVE | 2020-07-01 | 2020-07-01 | 9 180 | 11 190 | 13 204
WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE | 2020-07-01 | 2020-07-01 | 55 590 | 63 601 | 75 612
WOMEN_HIRES_EXAM | 2020-04-01 | 2020-04-01 | 3 5 | 2 6 | 4 7
WOMEN_HIRES_MID_CAREER | 2020-04-01 | 2020-04-01 | 5 21 | 8 24 | 10 17
MEN_BOTH_LEAVES_5_DAYS | 2019-04-01 | 2020-03-31 | 21 60 | 38 58 | 51 62
MEN_CHILDCARE_LEAVE | 2019-04-01 | 2020-03-31 | 6 60 | 11 58 | 19 62
WOMEN_CHILDCARE_LEAVE | 2019-04-01 | 2020-03-31 | 98 97 | 100 101 | 1052 1000
";

const TARGETS: &str = "
WOMEN_HIRES_EXAM | V-1 | OFFICE | PLAN | AT_LEAST | 30 100 | 2015-04-01 | 2021-03-31
WOMEN_HIRES_EXAM | V-1 | GOVERNMENT | BASIC_PLAN | AT_LEAST | 35 100 | 2020-04-01 |
WOMEN_DIRECTOR_AND_ABOVE | V-2 | OFFICE | PLAN | ABOUT | 10 100 | 2015-04-01 | 2021-03-31
WOMEN_DIRECTOR_AND_ABOVE | V-2 | GOVERNMENT | BASIC_PLAN | ABOUT | 7 100 | 2016-04-01 | 2021-03-31
WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE | V-2 | GOVERNMENT | BASIC_PLAN | ABOUT | 12 100 | 2016-04-01 | 2021-03-31
MEN_BOTH_LEAVES_5_DAYS | IV-2-(1) | OFFICE | PLAN | ALL | 100 100 | 2015-02-01 | 2021-03-31
MEN_CHILDCARE_LEAVE | IV-2-(1) | OFFICE | PLAN | AT_LEAST | 13 100 | 2015-04-01 | 2021-03-31
ANNUAL_LEAVE_DAYS | IV-1(2)②ウ | OFFICE | PLAN | AT_LEAST | 16 1 | 2015-01-01 | 2020-12-31
";

const CLAUSES: &str = "
IV | | 働き方改革、両立のための改革 | Reform of how we work |
IV-1(2)② | IV | 超過勤務の縮減及び休暇の取得促進 | Less overtime, more leave | SHARE_ABOVE_45H
IV-1(2)②ア | IV-1(2)② | 超過勤務の縮減 | Less overtime | MEAN_OVERTIME_HOURS SHARE_ABOVE_45H
IV-1(2)②イ | IV-1(2)② | 事前確認及び定時退庁日 | Confirmation beforehand, on-time days | OVERTIME_CONFIRMED_BEFOREHAND ON_TIME_DEPARTURE
IV-1(2)②ウ | IV-1(2)② | 年次休暇の取得促進 | Annual leave | ANNUAL_LEAVE_DAYS
IV-1(3)① | IV | テレワークの推進 | Telework | TELEWORK_PERSONS TELEWORK_DAYS_A_HEAD
IV-1(3)② | IV | 早出遅出勤務の多段階化 | Staggered hours | STAGGERED_SHARE
IV-2-(1) | IV | 男性の家庭生活への関わりの促進 | Men's part in family life | MEN_BOTH_LEAVES_5_DAYS MEN_CHILDCARE_LEAVE
IV-2-(2) | IV | 子育てや介護をしながら活躍できる職場へ | A workplace for those who care | WOMEN_CHILDCARE_LEAVE
V | | 女性の活躍推進のための改革 | Women's participation |
V-1 | V | 女性の採用の拡大 | More women among hires | WOMEN_HIRES_EXAM WOMEN_HIRES_MID_CAREER
V-2 | V | 女性の登用目標達成に向けた計画的育成 | Women in higher posts | WOMEN_STAFF WOMEN_DIRECTOR_AND_ABOVE WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE
";

const BANDS: [&str; 5] = ["STAFF", "CHIEF", "ASSISTANT_DIRECTOR", "DIRECTOR", "DESIGNATED"];

fn observation(
    indicator: &str,
    (from, to): (NaiveDate, NaiveDate),
    members: [&str; 3],
    numbers: Option<(i64, i64)>,
    status: Status,
) -> Observation {
    let [bureau, sex, band] = members.map(str::to_owned);
    let (numerator, denominator) = numbers.unzip();
    Observation {
        fiscal_year: 2019,
        indicator: indicator.to_owned(),
        definition_version: 1,
        date_from: from,
        date_to: to,
        bureau,
        sex,
        band,
        numerator,
        denominator,
        status,
    }
}

fn pair(text: &str) -> (i64, i64) {
    let (numerator, denominator) = text.split_once(' ').unwrap();
    (numerator.parse().unwrap(), denominator.parse().unwrap())
}

/// The office's total, then bureaus, sexes and bands; hires and submissions have the total and few bureaus.
fn of_indicator(row: &[&str], place: i64, bureaus: &[BureauLine]) -> Vec<Observation> {
    let (indicator, span, (numerator, denominator)) = (row[0], (day(row[1]), day(row[2])), pair(row[5]));
    let status = match indicator {
        "WOMEN_HIRES_EXAM" => Status::Revised,
        "MEN_BOTH_LEAVES_5_DAYS" => Status::Provisional,
        _ => Status::Final,
    };
    let mut all = vec![observation(indicator, span, ["TOTAL"; 3], Some((numerator, denominator)), status)];
    for (bureau, nth) in bureaus.iter().zip(1_i64..) {
        let members = [bureau.code.as_str(), "TOTAL", "TOTAL"];
        all.push(match (nth * 7 + place * 5) % 11 {
            0 | 4 => observation(indicator, span, members, None, Status::Withheld),
            6 if indicator.contains("HIRES") || place > 12 => observation(indicator, span, members, Some((0, 0)), Status::NoSubjects),
            9 if place > 12 => observation(indicator, span, members, None, Status::Unknown),
            other => {
                let people = 1_000 * (20 + nth);
                observation(
                    indicator,
                    span,
                    members,
                    Some((people * numerator / denominator * (80 + other * 4) / 100, people)),
                    Status::Final,
                )
            }
        });
    }
    if indicator == "WOMEN_STAFF" {
        for (band, shown) in BANDS.into_iter().zip([Some((90, 228)), Some((56, 200)), Some((62, 408)), Some((12, 180)), None]) {
            let status = if shown.is_some() { Status::Final } else { Status::Withheld };
            all.push(observation(indicator, span, ["TOTAL", "TOTAL", band], shown, status));
        }
    }
    if indicator == "MEAN_OVERTIME_HOURS" {
        for (sex, numbers) in [("FEMALE", (64_900, 221)), ("MALE", (283_400, 819))] {
            all.push(observation(indicator, span, ["TOTAL", sex, "TOTAL"], Some(numbers), Status::Final));
            for (bureau, nth) in bureaus.iter().zip(1_i64..) {
                let shown = (nth % 4 != 1).then_some((numbers.0 / 20 + nth, numbers.1 / 20));
                let status = if shown.is_some() { Status::Final } else { Status::Withheld };
                all.push(observation(indicator, span, [&bureau.code, sex, "TOTAL"], shown, status));
            }
        }
        for (band, numbers) in [("STAFF", Some((9_000, 30))), ("CHIEF", None), ("DIRECTOR", Some((0, 0)))] {
            let status = match numbers {
                None => Status::Withheld,
                Some((_, 0)) => Status::NoSubjects,
                Some(_) => Status::Provisional,
            };
            all.push(observation(indicator, span, ["GROUP_SMALL", "TOTAL", band], numbers, status));
        }
    }
    all
}

/// The office's mean hours of each month; that of the last but one is withheld, and with it another.
fn months() -> Vec<Observation> {
    let of = |(number, first): (i64, NaiveDate)| {
        let last = first.checked_add_months(chrono::Months::new(1)).and_then(|next| next.pred_opt()).unwrap();
        let shown = (![3, 10].contains(&number)).then_some((28_000 + 137 * number, 990 + number));
        let status = if shown.is_some() { Status::Final } else { Status::Withheld };
        observation("MEAN_OVERTIME_HOURS", (first, last), ["TOTAL"; 3], shown, status)
    };
    let first = day("2019-04-01");
    (0..12).map(|number| (i64::from(number), first.checked_add_months(chrono::Months::new(number)).unwrap())).map(of).collect()
}

/// What is handed in, of the fixture's figures.
fn site() -> Site {
    serde_json::from_value(serde_json::json!({
        "sections": [
            { "code": "ア", "name": "採用関係", "clauses": ["V-1"] },
            { "code": "イ", "name": "継続就業及び仕事と家庭の両立関係", "clauses": ["IV-2-(1)", "IV-2-(2)"] },
            { "code": "ウ", "name": "長時間勤務関係", "clauses": ["IV-1(2)②"] },
            { "code": "エ", "name": "配置・育成・教育訓練及び評価・登用関係", "clauses": ["V-2"] },
            { "code": "オ", "name": "その他", "clauses": ["IV", "V"] }
        ],
        "items": [
            { "code": "ア", "name": "女性職員の採用割合", "cells": [{ "name": "常勤", "indicator": "WOMEN_HIRES_EXAM", "growth": true }], "note": "非常勤職員は集計していない。" },
            { "code": "カ", "name": "男女別の育児休業取得率", "cells": [
                { "name": "男性", "indicator": "MEN_CHILDCARE_LEAVE", "growth": true }, { "name": "女性", "indicator": "WOMEN_CHILDCARE_LEAVE" }] },
            { "code": "ク", "name": "超過勤務の状況（月平均時間）", "cells": [
                { "name": "年度の月平均", "indicator": "MEAN_OVERTIME_HOURS" }, { "name": "各月", "indicator": "MEAN_OVERTIME_HOURS", "shows": "MONTHS" }] },
            { "code": "ケ", "name": "超過勤務の状況（職員の区分別の月平均時間）", "note": "職員の区分別には集計していない。" },
            { "code": "コ", "name": "年次休暇等の取得状況", "cells": [{ "name": "年次休暇の平均取得日数", "indicator": "ANNUAL_LEAVE_DAYS" }] },
            { "code": "ス", "name": "中途採用の男女別実績", "cells": [
                { "name": "男性", "indicator": "WOMEN_HIRES_MID_CAREER", "shows": "MEN" },
                { "name": "女性", "indicator": "WOMEN_HIRES_MID_CAREER", "shows": "WOMEN" }] }
        ]
    }))
    .unwrap()
}

/// The office's figure of a year before, at its own date.
fn earlier(row: &[&str], years_before: i32) -> Observation {
    let shifted = |text: &str| day(text).checked_sub_months(chrono::Months::new(12 * years_before.unsigned_abs())).unwrap();
    let column = usize::try_from(5 - years_before).unwrap();
    let figure = observation(row[0], (shifted(row[1]), shifted(row[2])), ["TOTAL"; 3], Some(pair(row[column])), Status::Final);
    Observation { fiscal_year: 2019 - years_before, ..figure }
}

fn target(row: &[&str], observations: &[Observation], earlier: &[Observation]) -> TargetLine {
    let point = |it: &Observation| {
        let (numerator, denominator) = it.quotient()?;
        Some(Point { numerator, denominator, date_from: it.date_from, date_to: it.date_to })
    };
    let latest = observations.iter().find(|it| it.indicator == row[0] && it.is_office_total()).and_then(point);
    let value = pair(row[5]);
    let qualifier: Qualifier = code(row[4]);
    let population: TargetPopulation = code(row[2]);
    let bound = latest.as_ref().filter(|_| population == TargetPopulation::Office).map(|it| (it.numerator, it.denominator));
    let of = rows(DEFINITIONS).find(|line| line[0] == row[0]).map(|line| (code(line[5]), code(line[6])));
    let (unit, direction) = of.unwrap_or((IndicatorUnit::Percent, Direction::HigherIsBetter));
    let aim = entity::quotient::Aim { value, qualifier, direction, unit };
    TargetLine {
        indicator: row[0].to_owned(),
        clause: row[1].to_owned(),
        population,
        decider: code::<Decider>(row[3]),
        qualifier,
        value,
        valid_from: day(row[6]),
        last_day: row[7].parse().ok(),
        baseline: earlier.iter().find(|it| it.indicator == row[0]).and_then(point),
        attained: bound.and_then(|figure| aim.attained(figure)),
        gap_in_people: bound.and_then(|figure| aim.gap_in_people(figure)),
        latest,
        note: (row[0] == "WOMEN_HIRES_EXAM")
            .then(|| both("2020年4月1日付けの採用者7人のうち女性4人。", "Of 7 hires of 1 April 2020, 4 are women.")),
    }
}

fn clause(row: &[&str], bureaus: &[BureauLine]) -> ClauseLine {
    let action = |bureau: &str, category: &str, text: &str| ActionLine {
        bureau: bureau.to_owned(),
        category: category.to_owned(),
        text: text.to_owned(),
    };
    let mut actions = Vec::new();
    if !row[4].is_empty() {
        actions.push(action("TOTAL", "意識の改革", "幹部職員から職員に対し、ワークライフバランスの推進に関するメッセージを発出した。"));
        for bureau in bureaus.iter().step_by(row[0].len()) {
            actions.push(action(
                &bureau.code,
                "仕事の改革",
                "業務の見直しを行い、会議資料の電子化及び事前の確認を徹底したことにより、退庁時刻を早めた。",
            ));
            actions.push(action(&bureau.code, "仕事の改革", "=1+1 管理職員が率先して休暇を取得し、\"計画表\"を共有した <全課室>。"));
        }
    }
    ClauseLine {
        code: row[0].to_owned(),
        parent: Some(row[1].to_owned()).filter(|parent| !parent.is_empty()),
        title: both(row[2], row[3]),
        indicators: row[4].split_whitespace().map(str::to_owned).collect(),
        next_steps: if row[4].is_empty() { Vec::new() } else { vec![next_step(&bureaus[0].code), next_step(TOTAL), next_step(TOTAL)] },
        actions,
    }
}

fn next_step(bureau: &str) -> ActionLine {
    let text = "引き続き、業務の見直しと、管理職員による休暇計画の共有を進める。".to_owned();
    ActionLine { bureau: bureau.to_owned(), category: "仕事の改革".to_owned(), text }
}

fn definition(row: &[&str]) -> DefinitionLine {
    DefinitionLine {
        indicator: row[0].to_owned(),
        version: 1,
        name: both(row[1], row[2]),
        description: both(row[3], row[4]),
        unit: code::<IndicatorUnit>(row[5]),
        direction: code::<Direction>(row[6]),
        clause: row[7].to_owned(),
        source: code::<Source>(row[8]),
        may_exceed_hundred: row[9] == "100",
        statutory: row[10] == "S",
        base: base(row[0], row[5]),
        of_women: ["WOMEN_STAFF", "WOMEN_HIRES_EXAM", "WOMEN_HIRES_MID_CAREER"].contains(&row[0]),
    }
}

/// What its denominator counts; in the fixture hours and days are a person's, brought to no unit.
fn base(indicator: &str, unit: &str) -> Option<Base> {
    let of = match indicator {
        "SHARE_ABOVE_45H" => Counts::PersonMonths,
        "OVERTIME_CONFIRMED_BEFOREHAND" => Counts::Hours,
        "ON_TIME_DEPARTURE" => Counts::Shifts,
        _ => Counts::Persons,
    };
    (!unit.is_empty()).then_some(Base { of, each: 1 })
}

fn publisher() -> Publisher {
    Publisher {
        name: both("内閣官房内閣人事局", "Cabinet Secretariat, Bureau of Personnel Affairs"),
        office: Some(both("内閣人事局 女性活躍促進・ダイバーシティ担当", "Office for women's participation and diversity")),
        contact: "wlb@example.go.jp".to_owned(),
        phone: Some("03-5253-2111".to_owned()),
        licence: "CC-BY-4.0".to_owned(),
        licence_title: both("クリエイティブ・コモンズ 表示 4.0 国際", "Creative Commons Attribution 4.0 International"),
        licence_url: "https://creativecommons.org/licenses/by/4.0/".to_owned(),
    }
}

fn findings() -> Vec<FindingLine> {
    let finding = |check: &str, subject: &str, ja: &str, en: &str| FindingLine {
        check: check.to_owned(),
        subject: subject.to_owned(),
        text: both(ja, en),
        answer: None,
    };
    let answered = "制度の説明会を全部局で開き、取得計画を早い段階から作成したことによる。";
    vec![
        FindingLine {
            answer: Some(answered.to_owned()),
            ..finding(
                "JUMP",
                "MEN_CHILDCARE_LEAVE",
                "「男性職員の育児休業取得率」は前年度12.4％から28.0％となった（＋15.6ポイント）。",
                "“Men who took childcare leave” moved from 12.4 in the year before to 28.0.",
            )
        },
        finding(
            "MISSING_BUREAU",
            "CORONA",
            "報告の期限後に設置された部局であり、報告を求めていない。",
            "The bureau was set up after the call for data; none was asked of it.",
        ),
        finding(
            "ABOVE_HUNDRED",
            "WOMEN_CHILDCARE_LEAVE",
            "過年度に対象となった者の取得を含むため100%を超える。",
            "It passes 100 %, for it holds people who became eligible in earlier years.",
        ),
    ]
}

/// The first release of the year 2019.
pub(crate) fn release() -> Release {
    let mut bureaus: Vec<BureauLine> =
        rows(BUREAUS).map(|row| BureauLine { code: row[0].to_owned(), name: both(row[1], row[2]), members: Vec::new() }).collect();
    let office: Vec<_> = rows(OFFICE).collect();
    let observations: Vec<_> = office.iter().zip(0..).flat_map(|(row, place)| of_indicator(row, place, &bureaus)).collect();
    let earlier: Vec<_> = office.iter().flat_map(|row| [earlier(row, 2), earlier(row, 1)]).collect();
    let clauses = rows(CLAUSES).map(|row| clause(&row, &bureaus)).collect();
    bureaus.push(BureauLine {
        code: "GROUP_SMALL".to_owned(),
        name: both("少人数の部局の計", "Small bureaus together"),
        members: vec!["AINU".to_owned(), "RYODO".to_owned()],
    });
    Release {
        format: crate::follow_up::snapshot::FORMAT,
        plan: PlanLine {
            code: "TORIKUMI-2015".to_owned(),
            name: both(
                "内閣官房における女性職員活躍とワークライフバランス推進のための取組計画",
                "Plan for women's participation and work-life balance in the Cabinet Secretariat",
            ),
            decided_on: day("2015-01-30"),
            valid_from: day("2015-02-01"),
            last_day: day("2021-03-31"),
        },
        fiscal_year: 2019,
        version: Version::FIRST,
        kind: ReleaseKind::Initial,
        reason: None,
        as_of: "2020-12-10T15:00:00Z".parse().unwrap(),
        publisher: publisher(),
        definitions: rows(DEFINITIONS).map(|row| definition(&row)).collect(),
        targets: rows(TARGETS).map(|row| target(&row, &observations, &earlier)).collect(),
        bureaus,
        observations,
        earlier,
        months: months(),
        clauses,
        initiatives: vec![
            InitiativeLine { code: "意識の改革".to_owned(), name: both("意識の改革", "How people think") },
            InitiativeLine { code: "仕事の改革".to_owned(), name: both("仕事の改革", "How work is done") },
        ],
        government: vec![GovernmentLine {
            indicator: "WOMEN_DIRECTOR_AND_ABOVE".to_owned(),
            numerator: 59,
            denominator: 1_000,
            date_from: day("2020-07-01"),
            date_to: day("2020-07-01"),
            source: both("内閣人事局公表", "Published by the Bureau of Personnel Affairs"),
        }],
        site: Some(site()),
        findings: findings(),
        changes: None,
        provenance: Provenance {
            snapshot_sha256: "3b".repeat(32),
            code_version: "0.1.0".to_owned(),
            disclosure_method: both(
                "1人以上5人未満に関わる値を秘匿し、合計等から算出できないよう他の値も秘匿する(二次秘匿)。一次秘匿と二次秘匿は区別しない。採用者数は女性活躍推進法に基づき公表する。",
                "Figures that rest on 1 to 4 people are withheld, and others with them so that none can be computed from totals; both look alike. Counts of hires are published by law.",
            ),
            disclosure_threshold: 5,
        },
    }
}

/// Its correction: one figure changed, one is withheld now, and why.
pub(crate) fn correction() -> Release {
    let mut release = release();
    let before = release.observations.clone();
    let place = |indicator: &str, bureau: &str| {
        before.iter().position(|it| it.indicator == indicator && it.bureau == bureau && it.band == "TOTAL").unwrap()
    };
    let (changed, withheld) = (place("TELEWORK_PERSONS", "TOTAL"), place("STAGGERED_SHARE", "NAIKAN_SOMU"));
    let it = &mut release.observations[changed];
    (it.numerator, it.status) = (Some(291), Status::Revised);
    let it = &mut release.observations[withheld];
    (it.numerator, it.denominator, it.status) = (None, None, Status::Withheld);
    release.version = Version::FIRST.next(ReleaseKind::Correction);
    release.kind = ReleaseKind::Correction;
    release.reason = Some(both("テレワークの実績に4人分の入力漏れがあった。", "Telework of four people had not been entered."));
    release.changes = Some(Changes {
        against: Version::FIRST,
        observations: [changed, withheld]
            .map(|at| Change { before: Some(before[at].clone()), after: Some(release.observations[at].clone()) })
            .to_vec(),
        notes: vec![both("秘匿の対象を見直した。", "What is withheld was looked through anew.")],
    });
    release
}

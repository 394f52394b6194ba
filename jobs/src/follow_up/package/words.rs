//! The words of a package in both languages: every code that a file may hold, and how a figure, a day or a span is printed.
//!
//! Deliberately absent: names of indicators, bureaus and clauses, which are the release's own, and the machine's locale.

use crate::follow_up::release::{Direction, IndicatorUnit, Observation, ReleaseKind, Source, Status};
use chrono::{Datelike, NaiveDate};
pub(super) use entity::text::{Language, Text, text};
use entity::{
    period::{FiscalYear, fiscal_year_ja},
    target::{Decider, Qualifier, TargetPopulation},
};

/// A code with its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// What stands in the files.
    pub(super) code: &'static str,
    /// What it means.
    pub(super) name: Text,
}

const fn word(code: &'static str, ja: &'static str, en: &'static str) -> Word {
    Word { code, name: text(ja, en) }
}

/// The members of the dimension sex.
pub(super) const SEXES: [Word; 4] = [
    word("TOTAL", "合計", "Total"),
    word("FEMALE", "女性", "Women"),
    word("MALE", "男性", "Men"),
    word("NOT_RECORDED", "記録なし", "Not recorded"),
];

/// The members of the dimension band, lowest first.
pub(super) const BANDS: [Word; 6] = [
    word("TOTAL", "合計", "Total"),
    word("STAFF", "係員", "Staff"),
    word("CHIEF", "係長相当職（本省）", "Chief"),
    word("ASSISTANT_DIRECTOR", "国の地方機関課長・本省課長補佐相当職", "Assistant director"),
    word("DIRECTOR", "本省課室長相当職", "Director"),
    word("DESIGNATED", "指定職相当", "Designated"),
];

/// Every status.
pub(super) const STATUSES: [Status; 6] =
    [Status::Final, Status::Provisional, Status::Revised, Status::Withheld, Status::NoSubjects, Status::Unknown];

/// What a status is called.
pub(super) const fn status(status: Status) -> Word {
    match status {
        Status::Final => word("FINAL", "確定", "Final"),
        Status::Provisional => word("PROVISIONAL", "速報", "Provisional"),
        Status::Revised => word("REVISED", "改定", "Revised"),
        Status::Withheld => word("WITHHELD", "秘匿", "Withheld"),
        Status::NoSubjects => word("NO_SUBJECTS", "該当者なし", "Nobody to count"),
        Status::Unknown => word("UNKNOWN", "不明", "Not known"),
    }
}

/// What each status means, as notes say it.
pub(super) const fn status_note(status: Status) -> Text {
    match status {
        Status::Final => text("確定値。記号は付さない。", "The figure stands; it bears no symbol."),
        Status::Provisional => {
            text("速報値。今後の記録により変わることがある。", "Provisional: records may still come, and the figure may change.")
        }
        Status::Revised => text("前回の公表から改定した値。", "Revised: it differs from what an earlier release showed."),
        Status::Withheld => text(
            "秘匿。その値、又はその値から算出できる他の値が少人数に関わるため表示しない。",
            "Withheld: it, or another figure that would follow from it, rests on few people.",
        ),
        Status::NoSubjects => {
            text("該当者なし（採用に係る指標では採用者なし）。0%とは異なる。", "Nobody to count (for hires: no hires). This is not 0 %.")
        }
        Status::Unknown => text("不明。報告又は記録がない。", "Not known: nothing was reported or recorded."),
    }
}

/// Every unit.
pub(super) const UNITS: [IndicatorUnit; 3] = [IndicatorUnit::Percent, IndicatorUnit::Hours, IndicatorUnit::Days];

/// What a unit is called.
pub(super) const fn unit(unit: IndicatorUnit) -> Word {
    match unit {
        IndicatorUnit::Percent => word("PERCENT", "%", "percent"),
        IndicatorUnit::Hours => word("HOURS", "時間", "hours a person"),
        IndicatorUnit::Days => word("DAYS", "日", "days a person"),
    }
}

/// Every direction.
pub(super) const DIRECTIONS: [Direction; 3] = [Direction::HigherIsBetter, Direction::LowerIsBetter, Direction::Neutral];

/// What a direction is called.
pub(super) const fn direction(direction: Direction) -> Word {
    match direction {
        Direction::HigherIsBetter => word("HIGHER_IS_BETTER", "高い方が望ましい", "Higher is better"),
        Direction::LowerIsBetter => word("LOWER_IS_BETTER", "低い方が望ましい", "Lower is better"),
        Direction::Neutral => word("NEUTRAL", "どちらでもない", "Neither"),
    }
}

/// Every source.
pub(super) const SOURCES: [Source; 2] = [Source::Records, Source::Submission];

/// What a source is called.
pub(super) const fn source(source: Source) -> Word {
    match source {
        Source::Records => word("RECORDS", "勤務等の記録", "Records"),
        Source::Submission => word("SUBMISSION", "部局の報告", "Bureaus' submissions"),
    }
}

/// Every population of a target of a release; bureaus' and units' own are in none.
pub(super) const POPULATIONS: [TargetPopulation; 2] = [TargetPopulation::Office, TargetPopulation::Government];

/// What a target's population is called.
pub(super) const fn population(population: TargetPopulation) -> Word {
    match population {
        TargetPopulation::Office => word("OFFICE", "組織全体", "The whole office"),
        TargetPopulation::Government => word("GOVERNMENT", "政府全体（参考）", "The whole government (reference)"),
        TargetPopulation::Bureau => word("BUREAU", "部局", "A bureau"),
        TargetPopulation::Unit => word("UNIT", "課・担当", "A unit"),
    }
}

/// Every decider.
pub(super) const DECIDERS: [Decider; 2] = [Decider::Plan, Decider::BasicPlan];

/// What a decider is called.
pub(super) const fn decider(decider: Decider) -> Word {
    match decider {
        Decider::Plan => word("PLAN", "取組計画", "The office's plan"),
        Decider::BasicPlan => word("BASIC_PLAN", "男女共同参画基本計画", "The Basic Plan for Gender Equality"),
    }
}

/// Every qualifier of a release; that of what should be low is told where a target has it, so that releases from before there was one stay as
/// they were published.
pub(super) fn qualifiers(asks_for_less: bool) -> Vec<Word> {
    let all = [Qualifier::AtLeast, Qualifier::AtMost, Qualifier::About, Qualifier::All];
    all.into_iter().filter(|one| asks_for_less || *one != Qualifier::AtMost).map(qualifier).collect()
}

/// What a qualifier is called; it follows the value in Japanese and goes before it in English.
pub(super) const fn qualifier(qualifier: Qualifier) -> Word {
    match qualifier {
        Qualifier::AtLeast => word("AT_LEAST", "以上", "at least"),
        Qualifier::AtMost => word("AT_MOST", "以下", "at most"),
        Qualifier::About => word("ABOUT", "程度", "about"),
        Qualifier::All => word("ALL", "（全員）", "all:"),
    }
}

/// What a kind of release is called.
pub(super) const fn kind(kind: ReleaseKind) -> Word {
    match kind {
        ReleaseKind::Initial => word("INITIAL", "初回公表", "First release of the year"),
        ReleaseKind::Correction => word("CORRECTION", "訂正", "Correction"),
        ReleaseKind::NewData => word("NEW_DATA", "データの追加", "New data"),
        ReleaseKind::Definition => word("DEFINITION", "定義の変更", "Changed definition"),
    }
}

/// The name of a member of a dimension, or its code where there is none.
/// What releases call a member of a closed set, by the names that the API gives both; none of a set that they do not print.
#[must_use]
pub fn label(of: &str, member: &str) -> Option<Text> {
    let kinds = [ReleaseKind::Initial, ReleaseKind::Correction, ReleaseKind::NewData, ReleaseKind::Definition];
    let populations = [TargetPopulation::Office, TargetPopulation::Government, TargetPopulation::Bureau, TargetPopulation::Unit];
    let words = match of {
        "Sex" => SEXES.to_vec(),
        "RankBand" => BANDS.to_vec(),
        "ObservationStatus" => STATUSES.map(status).to_vec(),
        "IndicatorUnit" => UNITS.map(unit).to_vec(),
        "Direction" => DIRECTIONS.map(direction).to_vec(),
        "ReleaseSource" => SOURCES.map(source).to_vec(),
        "TargetPopulation" => populations.map(population).to_vec(),
        "Decider" => DECIDERS.map(decider).to_vec(),
        "Qualifier" => qualifiers(true),
        "ReleaseKind" => kinds.map(kind).to_vec(),
        _ => return None,
    };
    words.iter().find(|word| word.code == member).map(|word| word.name)
}

pub(super) fn member<'a>(words: &[Word], code: &'a str, lang: Language) -> &'a str {
    words.iter().find(|word| word.code == code).map_or(code, |word| lang.say(word.name))
}

/// A value with its unit.
pub(super) fn with_unit(value: &str, unit: IndicatorUnit, lang: Language) -> String {
    match (lang, unit) {
        (Language::Ja, IndicatorUnit::Percent) => format!("{value}%"),
        (Language::En, IndicatorUnit::Percent) => format!("{value} %"),
        (Language::Ja, IndicatorUnit::Hours) => format!("{value}時間"),
        (Language::En, IndicatorUnit::Hours) => format!("{value} h"),
        (Language::Ja, IndicatorUnit::Days) => format!("{value}日"),
        (Language::En, IndicatorUnit::Days) => format!("{value} days"),
    }
}

/// What stands in the place of a value that is not there.
pub(super) fn instead(observation: &Observation, lang: Language) -> &'static str {
    match observation.status {
        Status::NoSubjects if observation.indicator.contains("HIRES") => lang.say(text("採用者なし", "no hires")),
        // Directors and above draw no overtime pay, and the caps are not theirs.
        Status::NoSubjects if is_overtime(&observation.indicator) && matches!(observation.band.as_str(), "DIRECTOR" | "DESIGNATED") => {
            lang.say(text("対象外（超過勤務手当の対象でない）", "does not apply (no overtime pay)"))
        }
        Status::NoSubjects => lang.say(text("該当者なし", "nobody to count")),
        other => other.symbol(),
    }
}

/// Whether an indicator counts those who draw overtime pay: hours, what is above a number of them, and the caps.
fn is_overtime(indicator: &str) -> bool {
    let above = ["ABOVE_", "SHARE_ABOVE_"].iter().any(|begin| indicator.starts_with(begin));
    above || indicator.ends_with("OVERTIME_HOURS") || indicator == "SUBJECT_THROUGHOUT"
}

/// The fiscal year, western and with its era. The era changed within 2019, which has both names.
pub(super) fn fiscal_year(year: FiscalYear, lang: Language) -> String {
    match (lang, year.as_i32()) {
        (Language::Ja, 2019) => "2019年度（平成31年度・令和元年度）".to_owned(),
        (Language::Ja, western) => match fiscal_year_ja(year).split_once('（') {
            Some((era, _)) => format!("{western}年度（{era}）"),
            None => format!("{western}年度"),
        },
        (Language::En, 2019) => "Fiscal year 2019 (Heisei 31 and Reiwa 1)".to_owned(),
        (Language::En, western) if western > 2019 => format!("Fiscal year {western} (Reiwa {})", western - 2018),
        (Language::En, western) if western > 1988 => format!("Fiscal year {western} (Heisei {})", western - 1988),
        (Language::En, western) => format!("Fiscal year {western}"),
    }
}

/// A text in the brackets of the language.
pub(super) fn bracketed(inner: &str, lang: Language) -> String {
    match lang {
        Language::Ja => format!("（{inner}）"),
        Language::En => format!(" ({inner})"),
    }
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A day.
pub(super) fn day(day: NaiveDate, lang: Language) -> String {
    match lang {
        Language::Ja => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Language::En => format!("{} {} {}", day.day(), MONTHS[day.month0() as usize % 12], day.year()),
    }
}

/// The month of a day.
pub(super) fn month(day: NaiveDate, lang: Language) -> String {
    match lang {
        Language::Ja => format!("{}年{}月", day.year(), day.month()),
        Language::En => format!("{} {}", MONTHS[day.month0() as usize % 12], day.year()),
    }
}

/// A span by its first and last day, as whole years where it is whole years.
pub(super) fn span(from: NaiveDate, to: Option<NaiveDate>, lang: Language) -> String {
    let begins = |month| from.month() == month && from.day() == 1;
    let Some(to) = to else {
        return match (lang, begins(4)) {
            (Language::Ja, true) => format!("{}年度〜", from.year()),
            (Language::Ja, false) => format!("{}〜", day(from, lang)),
            (Language::En, true) => format!("from FY{}", from.year()),
            (Language::En, false) => format!("from {}", day(from, lang)),
        };
    };
    let years = |last: i32| match (from.year() == last, lang) {
        (true, _) => last.to_string(),
        (false, Language::Ja) => format!("{}〜{last}", from.year()),
        (false, Language::En) => format!("{}–{last}", from.year()),
    };
    if from == to {
        return day(from, lang);
    }
    if begins(4) && (to.month(), to.day()) == (3, 31) {
        let years = years(to.year() - 1);
        return lang_format(lang, &format!("{years}年度"), &format!("FY{years}"));
    }
    if begins(1) && (to.month(), to.day()) == (12, 31) {
        let years = years(to.year());
        return lang_format(lang, &format!("{years}年（暦年）"), &format!("calendar {years}"));
    }
    lang_format(lang, &format!("{}〜{}", day(from, lang), day(to, lang)), &format!("{} – {}", day(from, lang), day(to, lang)))
}

fn lang_format(lang: Language, ja: &str, en: &str) -> String {
    match lang {
        Language::Ja => ja,
        Language::En => en,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use sea_orm::Iterable;

    fn code(value: impl serde::Serialize) -> String {
        serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn codes_are_those_of_the_release() {
        assert!(STATUSES.iter().all(|one| status(*one).code == code(one)));
        assert!(UNITS.iter().all(|one| unit(*one).code == code(one)));
        assert!(DIRECTIONS.iter().all(|one| direction(*one).code == code(one)));
        assert!(SOURCES.iter().all(|one| source(*one).code == code(one)));
        assert!(POPULATIONS.iter().all(|one| population(*one).code == one.as_text()));
        assert!(DECIDERS.iter().all(|one| decider(*one).code == one.as_text()));
        assert!(Qualifier::iter().all(|one| qualifier(one).code == one.as_text()));
        let codes = |asks_for_less| qualifiers(asks_for_less).iter().map(|word| word.code).collect::<Vec<_>>();
        assert_eq!((codes(false), codes(true).len()), (vec!["AT_LEAST", "ABOUT", "ALL"], Qualifier::iter().count()));
    }

    #[test]
    fn caps_and_hours_do_not_apply_to_who_draws_no_overtime_pay() {
        for indicator in ["MEAN_OVERTIME_HOURS", "SHARE_ABOVE_45H", "ABOVE_ANY_DRIVEN_CAP", "ABOVE_SELF_PACED_MONTH_CAP"] {
            assert!(is_overtime(indicator), "{indicator}");
        }
        for indicator in ["WOMEN_DIRECTOR_AND_ABOVE", "OVERTIME_CONFIRMED_BEFOREHAND", "TELEWORK_PERSONS"] {
            assert!(!is_overtime(indicator), "{indicator}");
        }
    }

    #[test]
    fn spans_are_named_by_whole_years() {
        let ja = |from: &str, to: &str| span(from.parse().unwrap(), to.parse().ok(), Language::Ja);
        assert_eq!(ja("2020-07-01", "2020-07-01"), "2020年7月1日");
        assert_eq!(ja("2019-04-01", "2020-03-31"), "2019年度");
        assert_eq!(ja("2016-04-01", "2021-03-31"), "2016〜2020年度");
        assert_eq!(ja("2019-01-01", "2019-12-31"), "2019年（暦年）");
        assert_eq!(ja("2015-02-01", "2021-03-31"), "2015年2月1日〜2021年3月31日");
        assert_eq!(ja("2015-04-01", ""), "2015年度〜");
        let year = |year| fiscal_year(FiscalYear::try_from(year).unwrap(), Language::Ja);
        assert_eq!(
            [year(2018), year(2019), year(2020)].join(" "),
            "2018年度（平成30年度） 2019年度（平成31年度・令和元年度） 2020年度（令和2年度）"
        );
    }
}

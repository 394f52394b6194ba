//! What the digest says, in Japanese with English below, and which figures it tells.
//!
//! 1 to 4 people are told as such. Who waits for a review was flagged, and could give away how many they are where the other flags are known:
//! where a line of the month tells 1 to 4 people, those who wait are told as 5 or more.

use chrono::{Datelike, NaiveDate};
use entity::period::YearMonth;
use std::fmt::Write;

/// The fewest people that are told exactly.
const LEAST: i64 = 5;

/// One line of the digest: a number of people.
pub(super) struct Line {
    /// The statement's column.
    pub column: &'static str,
    about: About,
    ja: &'static str,
    en: &'static str,
}

/// What a line is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// The flags of the month.
    Month,
    /// Flags that wait for their review, of this month or an earlier one.
    Waiting,
    /// Exceptional work.
    Analyses,
}

const fn line(column: &'static str, about: About, ja: &'static str, en: &'static str) -> Line {
    Line { column, about, ja, en }
}

/// The lines in their order.
pub(super) const LINES: [Line; 9] = [
    line("breaches", About::Month, "超過勤務の上限を超え、又は達した職員", "Above a cap on overtime"),
    line("above_cap_exceptional", About::Month, "特例業務により上限を超え、又は達した職員", "Above a cap for exceptional work"),
    line("duties", About::Month, "医師による面接指導の対象となる職員", "Doctor's interview due"),
    line(
        "statistical",
        About::Month,
        "統計的に超過勤務が著しく多い職員",
        "Statistically far above others, or above their own earlier months",
    ),
    line(
        "warnings",
        About::Month,
        "注意を要する職員（年間の上限に達する見込み、事前確認なし）",
        "Warnings (the year's cap in sight, or overtime not confirmed beforehand)",
    ),
    line("open", About::Waiting, "まだ確認されていない職員", "Not acknowledged yet"),
    line("overdue", About::Waiting, "確認又は対応の期限を過ぎた職員", "Acknowledgement or review overdue"),
    line("analyses_due", About::Analyses, "整理・分析・検証を行うべき職員", "Analysis due"),
    line("analyses_overdue", About::Analyses, "整理・分析・検証の期限を過ぎた職員", "Analysis overdue"),
];

/// A number of people as a mail tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nobody.
    None,
    /// 1 to 4.
    Few,
    /// 5 or more, and no more than that is said.
    Many,
    /// So many, at least 5.
    Exactly(i64),
}

impl Told {
    fn ja(self) -> String {
        match self {
            Self::None => "なし".to_owned(),
            Self::Few => "1〜4人".to_owned(),
            Self::Many => "5人以上".to_owned(),
            Self::Exactly(people) => format!("{people}人"),
        }
    }

    /// In English, such as `1–4 people`.
    pub fn en(self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Few => "1–4 people".to_owned(),
            Self::Many => "5 or more people".to_owned(),
            Self::Exactly(people) => format!("{people} people"),
        }
    }
}

/// The counts of [`LINES`] as they are told.
pub(super) fn told(counts: &[i64; LINES.len()]) -> [Told; LINES.len()] {
    let few = |people: i64| (1..LEAST).contains(&people);
    let hides = LINES.iter().zip(counts).any(|(line, &people)| line.about == About::Month && few(people));
    let mut told = [Told::None; LINES.len()];
    for ((told, line), &people) in told.iter_mut().zip(&LINES).zip(counts) {
        *told = match people {
            ..=0 => Told::None,
            _ if few(people) => Told::Few,
            _ if hides && line.about == About::Waiting => Told::Many,
            _ => Told::Exactly(people),
        };
    }
    told
}

/// The digests of a month, as things stand on a day.
pub(super) struct Digest {
    month: YearMonth,
    today: NaiveDate,
}

impl Digest {
    pub const fn new(month: YearMonth, today: NaiveDate) -> Self {
        Self { month, today }
    }

    /// The subject, which has no figure.
    pub fn subject(&self) -> String {
        let (year, month) = (self.month.year(), self.month.month());
        format!("超過勤務の状況のお知らせ {year}年{month}月分 / Overtime digest, {}", self.english_month())
    }

    /// The text to the officer of a bureau of these names, Japanese and English.
    pub fn body(&self, (name_ja, name_en): (&str, &str), told: &[Told; LINES.len()]) -> String {
        let (year, month, today) = (self.month.year(), self.month.month(), self.today);
        let today_ja = format!("{}年{}月{}日", today.year(), today.month(), today.day());
        let mut ja = Vec::new();
        let mut en = Vec::new();
        for (about, heading_ja, heading_en) in [
            (About::Month, format!("{year}年{month}月分"), self.english_month()),
            (
                About::Waiting,
                format!("確認待ち（{year}年{month}月分まで）"),
                format!("Waiting for a review, up to {}", self.english_month()),
            ),
            (About::Analyses, "特例業務（前年度まで）".to_owned(), "Exceptional work of former fiscal years".to_owned()),
        ] {
            ja.push(section(&format!("【{heading_ja}】"), about, told, |line, told| format!("・{}：{}", line.ja, told.ja())));
            en.push(section(&format!("[{heading_en}]"), about, told, |line, told| format!("- {}: {}", line.en, told.en())));
        }
        format!(
            "{name_ja} 女性活躍・ワークライフバランス推進担当 御中\n\n\
             {year}年{month}月分の超過勤務について、{today_ja}現在の状況をお知らせします。\n\
             個人に関する情報は記載せず、5人未満の人数は「1〜4人」、それにより推測されうる人数は「5人以上」と表示しています。\n\n{}\n\
             詳細はシステムで確認してください。\n\n----\n\n\
             To the officer of {name_en}\n\n\
             This is how overtime of {} stands on {}.\n\
             Nobody is named; fewer than 5 people are told as 1–4, and what could give them away as 5 or more.\n\n{}\n\
             Please see the system for details.\n\n\
             このメールは自動的に送信されています。 / This mail was sent automatically.\n",
            ja.join("\n"),
            self.english_month(),
            today.format("%-d %B %Y"),
            en.join("\n"),
        )
    }

    fn english_month(&self) -> String {
        self.month.first_day().format("%B %Y").to_string()
    }
}

/// A heading, and a line for each number below it.
fn section(heading: &str, about: About, told: &[Told; LINES.len()], written: impl Fn(&Line, Told) -> String) -> String {
    let mut text = format!("{heading}\n");
    for (line, &told) in LINES.iter().zip(told).filter(|(line, _)| line.about == about) {
        let _ = writeln!(text, "{}", written(line, told));
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn few_people_are_not_told_apart_nor_given_away() {
        let tell = |counts: [i64; 9]| told(&counts).map(Told::en).join(", ");
        assert_eq!(
            tell([5, 0, 12, 0, 300, 9, 4, 1, 5]),
            "5 people, none, 12 people, none, 300 people, 9 people, 1–4 people, 1–4 people, 5 people"
        );
        for few in 1..=4 {
            let told = tell([6, 0, 0, few, 0, 10, 5, 0, 7]);
            assert_eq!(told, "6 people, none, none, 1–4 people, none, 5 or more people, 5 or more people, none, 7 people");
        }
    }

    #[test]
    fn a_digest_names_its_month_and_day_in_both_languages() {
        let digest = Digest::new("2019-05".parse().unwrap(), "2019-06-10".parse().unwrap());
        assert_eq!(digest.subject(), "超過勤務の状況のお知らせ 2019年5月分 / Overtime digest, May 2019");
        let body = digest.body(("内政局", "Interior Bureau"), &told(&[6, 0, 0, 2, 0, 8, 0, 0, 5]));
        let ja = "内政局 女性活躍・ワークライフバランス推進担当 御中\n\n2019年5月分の超過勤務について、2019年6月10日現在の状況";
        assert!(body.starts_with(ja), "{body}");
        for line in [
            "【2019年5月分】\n・超過勤務の上限を超え、又は達した職員：6人\n・特例業務により上限を超え、又は達した職員：なし\n",
            "・統計的に超過勤務が著しく多い職員：1〜4人\n",
            "【確認待ち（2019年5月分まで）】\n・まだ確認されていない職員：5人以上\n・確認又は対応の期限を過ぎた職員：なし\n",
            "・整理・分析・検証の期限を過ぎた職員：5人\n",
            "To the officer of Interior Bureau\n\nThis is how overtime of May 2019 stands on 10 June 2019.\n",
            "[May 2019]\n- Above a cap on overtime: 6 people\n",
            "[Waiting for a review, up to May 2019]\n- Not acknowledged yet: 5 or more people\n- Acknowledgement or review overdue: none\n",
            "[Exceptional work of former fiscal years]\n- Analysis due: none\n- Analysis overdue: 5 people\n",
        ] {
            assert!(body.contains(line), "{line}{body}");
        }
    }
}

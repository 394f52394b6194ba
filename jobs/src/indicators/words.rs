//! Names and descriptions that follow what a figure covers: a month, the year to date, a whole year or a day.
//!
//! A definition says what its month's value is and what its year to date is, and to both is added whom it counts (`standings`). Beside a value
//! stands what that value is.

use super::{Definition, Population, Standings, YearKind};
use entity::{measure_cell::Span, period::YearMonth};

/// What a figure covers, as its words tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covered {
    /// A month.
    Month,
    /// The months of a year from its first one on.
    ToDate,
    /// All twelve months of a year.
    Year,
    /// One day: a census.
    Day,
}

/// Words in both languages, made for one figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// What stands for another word, in order.
type Changes = [(&'static str, &'static str)];

/// How the text of a year to date says a span that is not over, and what stands there for a whole year.
const WHOLE_YEAR: [(&str, &str); 9] = [
    ("1月1日からその月の末日まで", "1月1日から12月31日まで"),
    ("4月からその月まで", "4月から翌年3月まで"),
    ("1月からその月まで", "1月から12月まで"),
    ("その月の末日に在職", "年度の末日に在職"),
    ("月末に在職する者を", "年末に在職する者を"),
    ("at its end", "at the year's end"),
    ("on the last day of the month", "on the last day of the year"),
    ("from April to the month", "from April to March"),
    ("from January to the month", "from January to December"),
];
/// How the text of a month says it, and what stands there for a longer span.
const IN_A_SPAN: [(&str, &str); 8] = [
    ("その月までの年度の合計", "年度の合計"),
    ("その月までの2か月", "期間中の2か月"),
    ("その月に", "期間中に"),
    ("その月の", "期間中の"),
    ("月末に在職", "期間の末日に在職"),
    ("on the last day of the month", "on the last day of the span"),
    ("in the month", "in the span"),
    ("up to the month", "up to its end"),
];
/// How it says the day of a census or of what happened, and what stands there beside a date.
const ON_A_DAY: [(&str, &str); 5] = [
    ("月末に在職", "その日に在職"),
    ("その月に", "その日に"),
    ("on the last day of the month", "on that day"),
    ("is in the month", "is that day"),
    ("in the month", "on that day"),
];

fn changed(text: &str, changes: &Changes) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

impl Definition {
    /// Whether it counts the persons of one day, and nothing that they did in a span.
    #[must_use]
    pub fn is_of_a_day(&self) -> bool {
        self.population == Population::Census && self.numerator.measure == self.denominator.measure
    }

    /// What a value of a span that ends with `month` covers.
    #[must_use]
    pub fn covered(&self, span: Span, month: YearMonth) -> Covered {
        let last = if self.year == YearKind::Calendar { 12 } else { 3 };
        match span {
            _ if self.is_of_a_day() => Covered::Day,
            Span::Month => Covered::Month,
            Span::FiscalYearToDate | Span::CalendarYearToDate if month.month() == last => Covered::Year,
            Span::FiscalYearToDate | Span::CalendarYearToDate => Covered::ToDate,
        }
    }

    /// What is divided by what, of what is covered, and whom it counts by these standings.
    #[must_use]
    pub fn description_of(&self, covered: Covered, standings: &Standings) -> Words {
        let month = |changes: &Changes| [changed(self.description.ja, changes), changed(self.description.en, changes)];
        let of_year = |changes: &Changes| {
            let [ja, en] = [changed(self.year_to_date.ja, changes), changed(self.year_to_date.en, changes)];
            if self.tells_all_of_a_year() {
                return [ja, en];
            }
            let [of_ja, of_en] = month(&IN_A_SPAN);
            [of_ja + &ja, format!("{of_en} {en}")]
        };
        let [ja, en] = match covered {
            Covered::Month => month(&[]),
            Covered::Day => month(&ON_A_DAY),
            Covered::ToDate => of_year(&[]),
            Covered::Year => of_year(&WHOLE_YEAR),
        };
        let whom = standings.words(self.counts);
        Words { ja: ja + &whom.ja, en: format!("{en} {}", whom.en) }
    }

    /// Whether the text of a year to date tells what is divided by what. Any other tells only what differs from the month's, and stands behind it.
    fn tells_all_of_a_year(&self) -> bool {
        ["÷", "割合"].iter().any(|rate| self.year_to_date.ja.contains(rate))
    }

    /// The name of a value of a span that ends with `month`, with what it covers, such as `職員に占める女性の割合（2019年4月30日現在）`.
    #[must_use]
    pub fn name_of(&self, span: Span, month: YearMonth) -> Words {
        let (year, number) = (month.year(), month.month());
        let day = month.last_day();
        let of_year = if self.year != YearKind::Calendar && number < 4 { year - 1 } else { year };
        let (word_ja, word_en, first_ja, first_en) = match self.year {
            YearKind::Calendar => ("年", "", "1月", "January"),
            _ => ("年度", "fiscal year ", "4月", "April"),
        };
        let name = |date: chrono::NaiveDate| date.format("%B").to_string();
        let (ja, en) = match self.covered(span, month) {
            Covered::Month => (format!("{year}年{number}月"), format!("{} {year}", name(day))),
            Covered::Day => (format!("{}現在", day.format("%Y年%-m月%-d日")), day.format("on %-d %B %Y").to_string()),
            Covered::Year => (format!("{of_year}{word_ja}"), format!("{word_en}{of_year}")),
            Covered::ToDate if month == month_of(of_year, self.year) => {
                (format!("{of_year}{word_ja}{first_ja}"), format!("{word_en}{of_year}, {first_en}"))
            }
            Covered::ToDate => {
                (format!("{of_year}{word_ja}{first_ja}から{number}月まで"), format!("{word_en}{of_year}, {first_en} to {}", name(day)))
            }
        };
        Words { ja: format!("{}（{ja}）", self.name.ja), en: format!("{} ({en})", self.name.en) }
    }
}

/// The first month of a year.
fn month_of(year: i32, kind: YearKind) -> YearMonth {
    let first =
        if kind == YearKind::Fiscal { chrono::NaiveDate::from_ymd_opt(year, 4, 1) } else { chrono::NaiveDate::from_ymd_opt(year, 1, 1) };
    YearMonth::of(first.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{catalogue, find};
    use super::*;

    fn named(code: &str, span: Span, month: &str) -> [String; 2] {
        let Words { ja, en } = find(code).unwrap().name_of(span, month.parse().unwrap());
        [ja, en]
    }

    #[test]
    fn a_name_says_what_its_value_covers() {
        let hours = |span, month| named("MEAN_OVERTIME_HOURS", span, month);
        assert_eq!(hours(Span::Month, "2019-04"), ["月平均超過勤務時間（2019年4月）", "Mean overtime hours a month (April 2019)"]);
        let to_date = |month| hours(Span::FiscalYearToDate, month);
        assert_eq!(to_date("2019-04")[0], "月平均超過勤務時間（2019年度4月）");
        assert_eq!(
            to_date("2020-01"),
            ["月平均超過勤務時間（2019年度4月から1月まで）", "Mean overtime hours a month (fiscal year 2019, April to January)"]
        );
        assert_eq!(to_date("2020-03"), ["月平均超過勤務時間（2019年度）", "Mean overtime hours a month (fiscal year 2019)"]);
        let leave = |month| named("ANNUAL_LEAVE_DAYS", Span::CalendarYearToDate, month);
        assert!(leave("2019-12")[0].ends_with("（2019年）") && leave("2019-12")[1].ends_with("(2019)"));
        assert!(leave("2019-09")[0].ends_with("（2019年1月から9月まで）"));
        let census = [Span::Month, Span::FiscalYearToDate].map(|span| named("WOMEN_STAFF", span, "2020-02"));
        assert!(census.iter().all(|name| name[0].ends_with("（2020年2月29日現在）") && name[1].ends_with("(on 29 February 2020)")));
    }

    #[test]
    fn no_description_speaks_of_another_span() {
        let standings = Standings::default();
        for definition in catalogue() {
            let code = definition.code;
            for covered in [Covered::Month, Covered::ToDate, Covered::Year, Covered::Day] {
                let Words { ja, en } = definition.description_of(covered, &standings);
                assert!(["割合", "÷", "倍"].iter().any(|rate| ja.contains(rate)), "{code} {covered:?} tells no rate: {ja}");
                assert!(ja.ends_with(&standings.words(definition.counts).ja), "{code} {covered:?} does not tell whom it counts: {ja}");
                let plain = ja.replace("各月末", "").replace("全月", "");
                let english = en.replace("the month's cap", "").replace("the months", "");
                let is_of_month = ["その月", "月末"].iter().any(|word| plain.contains(word)) || english.contains("the month");
                // A release dates ranks and hires by a day, and nothing else.
                let is_of_day = covered == Covered::Day && (definition.is_of_a_day() || code.contains("HIRES"));
                if covered == Covered::Year || is_of_day {
                    assert!(!is_of_month, "{code} {covered:?}: {ja} / {en}");
                }
            }
        }
    }

    #[test]
    fn a_year_of_sums_says_what_is_summed() {
        let year = |code| find(code).unwrap().description_of(Covered::Year, &Standings::default()).ja;
        assert!(
            year("OVERTIME_CONFIRMED_BEFOREHAND").starts_with("常勤職員の超過勤務時間のうち、"),
            "{}",
            year("OVERTIME_CONFIRMED_BEFOREHAND")
        );
        assert!(year("OVERTIME_CONFIRMED_BEFOREHAND").contains("4月から翌年3月までの時間の合計による。"));
        assert!(
            year("SHARE_ABOVE_45H")
                .starts_with("超過勤務手当の対象となる常勤職員のうち、4月から翌年3月までに超過勤務が45時間を超えた月のある者の割合。")
        );
    }
}

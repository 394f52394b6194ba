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

/// How the texts of the catalogue say a span that is not over, and what stands there for a whole year.
const WHOLE_YEAR: [(&str, &str); 4] = [
    ("4月からその月まで", "4月から翌年3月まで"),
    ("1月からその月まで", "1月から12月まで"),
    ("from April to the month", "from April to March"),
    ("from January to the month", "from January to December"),
];
/// How they say the day of a census, and what stands there beside a date.
const ON_A_DAY: [(&str, &str); 2] = [("月末に在職", "その日に在職"), ("on the last day of the month", "on that day")];

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
        let (text, changes): (_, &[(&str, &str)]) = match covered {
            Covered::Month => (self.description, &[]),
            Covered::Day => (self.description, &ON_A_DAY),
            Covered::ToDate => (self.year_to_date, &[]),
            Covered::Year => (self.year_to_date, &WHOLE_YEAR),
        };
        let told = |text: &str| changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let whom = standings.words(self.counts);
        Words { ja: told(text.ja) + &whom.ja, en: format!("{} {}", told(text.en), whom.en) }
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
        for definition in catalogue() {
            let standings = Standings::default();
            let year = definition.description_of(Covered::Year, &standings);
            assert!(!year.ja.contains("その月まで") && !year.en.contains("to the month"), "{}: {year:?}", definition.code);
            let day = definition.description_of(Covered::Day, &standings);
            if definition.is_of_a_day() {
                assert!(!day.ja.contains("月末") && !day.en.contains("of the month"), "{}: {day:?}", definition.code);
            }
            let whom = standings.words(definition.counts);
            let month = definition.description_of(Covered::Month, &standings);
            assert!(month.ja.starts_with(definition.description.ja) && month.ja.ends_with(&whom.ja), "{month:?}");
            let to_date = definition.description_of(Covered::ToDate, &standings);
            assert!(to_date.en.starts_with(definition.year_to_date.en) && to_date.en.ends_with(&whom.en), "{to_date:?}");
        }
    }
}

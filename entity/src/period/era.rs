//! Japanese eras: read at import, printed beside the western year.
//!
//! An era year is the western year less a base. Plans written before the next era was known count on: the plan of 2015 ends on
//! 平成33年3月31日, which is 2021-03-31, so Heisei is read up to H33. Eras before Heisei are absent: no record is that old.

use chrono::{Datelike, NaiveDate};

use super::{Expected, FiscalYear, PeriodError, YEARS, number, shown};

struct Era {
    letter: char,
    kanji: &'static str,
    /// The western year before the era's first.
    base: i32,
    /// The first day as year, month, day (元号を改める政令 of January 1989 and of April 2019).
    first_day: (i32, u32, u32),
    /// The last year that is read, later than the era's real end where plans count on.
    last_year: i32,
}

/// Newest first.
static ERAS: [Era; 2] = [
    Era { letter: 'R', kanji: "令和", base: 2018, first_day: (2019, 5, 1), last_year: 99 },
    Era { letter: 'H', kanji: "平成", base: 1988, first_day: (1989, 1, 8), last_year: 33 },
];

impl Era {
    fn contains(&self, day: (i32, u32, u32)) -> bool {
        day >= self.first_day && day.0 <= self.base + self.last_year
    }
}

/// Reads a date, western or with an era, for imports.
///
/// Accepts `2019-05-01`, `2019/5/1`, `2019.5.1`, `2019年5月1日`, and the same with an era year: `H31.4.30`, `R元.5.1`, `令和元年5月1日`.
/// Full-width characters count as their ASCII ones; blanks around the text are left out. Heisei begins on 1989-01-08 and is read up to
/// H33, Reiwa begins on 2019-05-01.
///
/// # Errors
/// [`PeriodError::Malformed`] for another form, [`PeriodError::NoSuchDay`] for a day the calendar lacks, [`PeriodError::NotInEra`] for a
/// day outside the era it names. Each names the text.
pub fn parse_era_date(text: &str) -> Result<NaiveDate, PeriodError> {
    let plain = half_width(text);
    let (era, rest) = split_era(plain.trim());
    let malformed = || PeriodError::Malformed { text: shown(text), expected: Expected::Date };
    let (year, month, day) = split_date(rest).ok_or_else(malformed)?;
    let year = western_year(era, year).ok_or_else(malformed)?;
    let (month, day) = number(month, 1..=2).zip(number(day, 1..=2)).ok_or_else(malformed)?;
    if era.is_some_and(|era| !era.contains((year, month, day))) {
        return Err(PeriodError::NotInEra { text: shown(text) });
    }
    NaiveDate::from_ymd_opt(year, month, day).filter(|_| YEARS.contains(&year)).ok_or_else(|| PeriodError::NoSuchDay { text: shown(text) })
}

/// Reads a fiscal year, western or with an era, for imports: `2019`, `2019年度`, `H31年度`, `R1年度`, `令和元年度`.
///
/// The fiscal year 2019 began in Heisei and ended in Reiwa, so `H31年度` and `R1年度` are both 2019.
///
/// # Errors
/// [`PeriodError::Malformed`] for another form, [`PeriodError::NotInEra`] for a year the era does not have. Each names the text.
pub fn parse_era_fiscal_year(text: &str) -> Result<FiscalYear, PeriodError> {
    let plain = half_width(text);
    let plain = plain.trim();
    let (era, digits) = split_era(plain.strip_suffix("年度").unwrap_or(plain));
    let year = western_year(era, digits)
        .filter(|year| YEARS.contains(year))
        .ok_or_else(|| PeriodError::Malformed { text: shown(text), expected: Expected::FiscalYear })?;
    if era.is_some_and(|era| !era.contains((year, 12, 31))) {
        return Err(PeriodError::NotInEra { text: shown(text) });
    }
    FiscalYear::try_from(year)
}

/// The fiscal year for Japanese readers, era first and western year beside it: `令和元年度（2019年度）`.
///
/// The fiscal year 2019 is printed as Reiwa throughout; a year before Heisei is printed without an era.
#[must_use]
pub fn fiscal_year_ja(year: FiscalYear) -> String {
    let western = year.as_i32();
    ERAS.iter().find(|era| western > era.base).map_or_else(
        || format!("{western}年度"),
        |era| match western - era.base {
            1 => format!("{}元年度（{western}年度）", era.kanji),
            nth => format!("{}{nth}年度（{western}年度）", era.kanji),
        },
    )
}

/// A date with its era and day of the week, as mails of a ministry say it: `令和元年6月1日（土）`. A day before Heisei has its western year.
#[must_use]
pub fn date_ja(date: NaiveDate) -> String {
    let first = |era: &&Era| (date.year(), date.month(), date.day()) >= era.first_day;
    let year = ERAS.iter().find(first).map_or_else(
        || date.year().to_string(),
        |era| match date.year() - era.base {
            1 => format!("{}元", era.kanji),
            nth => format!("{}{nth}", era.kanji),
        },
    );
    let weekday = ["月", "火", "水", "木", "金", "土", "日"][date.weekday().num_days_from_monday() as usize % 7];
    format!("{year}年{}月{}日（{weekday}）", date.month(), date.day())
}

/// Full-width ASCII (！ to ～) as ASCII; everything else as it is.
fn half_width(text: &str) -> String {
    const FROM_FULL_WIDTH: u32 = 'Ａ' as u32 - 'A' as u32;
    text.chars()
        .map(|c| match c {
            '！'..='～' => char::from_u32(u32::from(c) - FROM_FULL_WIDTH).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// The era a text begins with, if any, and what follows it.
fn split_era(text: &str) -> (Option<&'static Era>, &str) {
    ERAS.iter()
        .find_map(|era| Some((Some(era), text.strip_prefix(era.kanji).or_else(|| text.strip_prefix(era.letter))?)))
        .unwrap_or((None, text))
}

/// Year, month and day as they are written, between one kind of separator.
fn split_date(text: &str) -> Option<(&str, &str, &str)> {
    if let Some(text) = text.strip_suffix('日') {
        let (year, rest) = text.split_once('年')?;
        let (month, day) = rest.split_once('月')?;
        return Some((year, month, day));
    }
    let separator = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let (year, rest) = text.split_once(separator)?;
    let (month, day) = rest.split_once(separator)?;
    Some((year, month, day))
}

/// The western year of four digits, or of 元 or one or two digits in an era.
fn western_year(era: Option<&Era>, digits: &str) -> Option<i32> {
    match era {
        None => number(digits, 4..=4).map(u32::cast_signed),
        Some(era) if digits == "元" => Some(era.base + 1),
        Some(era) => number(digits, 1..=2).map(|nth| era.base + nth.cast_signed()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    fn year(number: i32) -> FiscalYear {
        FiscalYear::try_from(number).unwrap()
    }

    #[test]
    fn dates_are_read_in_every_form() {
        let cases = [
            ("2019-05-01", "2019-05-01"),
            ("2019/5/1", "2019-05-01"),
            ("2019年5月1日", "2019-05-01"),
            ("H1-01-08", "1989-01-08"),
            ("H31.4.30", "2019-04-30"),
            ("H31-05-01", "2019-05-01"),
            ("H33-03-31", "2021-03-31"),
            ("H33/3/31", "2021-03-31"),
            ("R1-05-01", "2019-05-01"),
            ("R01.05.01", "2019-05-01"),
            ("R元.5.1", "2019-05-01"),
            ("R2.2.29", "2020-02-29"),
            ("平成31年4月30日", "2019-04-30"),
            ("平成３３年３月３１日", "2021-03-31"),
            ("令和元年5月1日", "2019-05-01"),
            ("Ｒ元．５．１", "2019-05-01"),
            ("２０１９／５／１", "2019-05-01"),
            ("\u{3000}令和元年５月１日 ", "2019-05-01"),
        ];
        for (text, date) in cases {
            assert_eq!(parse_era_date(text), Ok(date.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_date_outside_its_era_is_refused() {
        for text in ["R1-04-30", "令和元年4月30日", "R0-05-01", "H34-01-01", "H1-01-07", "H0.1.1"] {
            assert_eq!(parse_era_date(text), Err(PeriodError::NotInEra { text: text.to_owned() }));
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused_by_name() {
        for text in ["2019-02-30", "2019-02-29", "2019-13-01", "2019-00-01", "2019-04-31", "0000-01-01", "平成31年2月30日"] {
            assert_eq!(parse_era_date(text), Err(PeriodError::NoSuchDay { text: text.to_owned() }));
        }
        assert_eq!(parse_era_date("2019-02-30").unwrap_err().to_string(), "there is no such day as “2019-02-30”");
    }

    #[test]
    fn any_other_form_is_refused() {
        let cases = [
            "",
            "2019",
            "19-05-01",
            "2019-5/1",
            "2019-05-01T00:00",
            "20190501",
            "S64.1.7",
            "h31.4.30",
            "元-5-1",
            "元年5月1日",
            "R1.元.1",
            "令和元年5月",
            "R1-05-001",
            "R1-+5-01",
            "R-5-1",
            "H031-04-30",
            "2019--05-01",
            "-1-1",
            "2019 -05-01",
        ];
        for text in cases {
            assert_eq!(parse_era_date(text), Err(PeriodError::Malformed { text: text.to_owned(), expected: Expected::Date }));
        }
    }

    #[test]
    fn fiscal_years_are_read_in_every_form() {
        for text in ["H31年度", "R1年度", "R元年度", "2019年度", "2019", "平成31年度", "令和元年度", "令和１年度", "２０１９年度"]
        {
            assert_eq!(parse_era_fiscal_year(text), Ok(year(2019)), "{text}");
        }
        assert_eq!(parse_era_fiscal_year("H33年度"), Ok(year(2021)));
        for text in ["H34年度", "R0年度", "H0"] {
            assert_eq!(parse_era_fiscal_year(text), Err(PeriodError::NotInEra { text: text.to_owned() }));
        }
        for text in ["", "年度", "19年度", "0000", "元年度", "2019年", "2019年度末", "S63年度", "令和年度"] {
            assert_eq!(parse_era_fiscal_year(text), Err(PeriodError::Malformed { text: text.to_owned(), expected: Expected::FiscalYear }));
        }
    }

    #[test]
    fn fiscal_years_are_printed_in_the_newer_era() {
        assert_eq!(fiscal_year_ja(year(2019)), "令和元年度（2019年度）");
        assert_eq!(fiscal_year_ja(year(2020)), "令和2年度（2020年度）");
        assert_eq!(fiscal_year_ja(year(2018)), "平成30年度（2018年度）");
        assert_eq!(fiscal_year_ja(year(1989)), "平成元年度（1989年度）");
        assert_eq!(fiscal_year_ja(year(1988)), "1988年度");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), like in "[HR平令元成和0-9０-９年月日度./-]{0,14}") {
            for text in [text, like] {
                let _ = parse_era_date(&text);
                let _ = parse_era_fiscal_year(&text);
            }
        }

        #[test]
        fn what_is_printed_is_read_back(number in 1i32..=2117) {
            let printed = fiscal_year_ja(year(number));
            let (era, western) = printed.split_once('（').map_or((None, printed.as_str()), |(era, rest)| (Some(era), rest.trim_end_matches('）')));
            if number >= 1000 {
                prop_assert_eq!(parse_era_fiscal_year(western), Ok(year(number)));
            }
            if let Some(era) = era {
                prop_assert_eq!(parse_era_fiscal_year(era), Ok(year(number)));
            }
        }
    }
}

//! What live figures showed when a snapshot was frozen: its release is read beside them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A figure of the release as live figures have it over the same days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveFigure {
    /// Code of the indicator.
    pub indicator: String,
    /// The version of its definition.
    pub definition_version: i32,
    /// The first day of which it speaks.
    pub date_from: NaiveDate,
    /// The last one.
    pub date_to: NaiveDate,
    /// Whether its months, which are live figures too, add up to it.
    pub adds_up: bool,
    /// Its values, by place.
    pub lines: Vec<LiveLine>,
}

/// What readers who see no persons meet at a place, by sex or by band at most. As text it is `bureau,sex,band,numerator,denominator`, with nothing for
/// a side that no figure shows; members are places in the manifest's lists, and `-` is all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LiveLine {
    /// The bureau.
    pub bureau: Option<u16>,
    /// The sex.
    pub sex: Option<u8>,
    /// The band.
    pub band: Option<u8>,
    /// The numerator in its own count, minutes before they are rounded; none where the value is withheld.
    pub numerator: Option<i64>,
    /// The denominator likewise; where the value is withheld, another figure of the same people may show it.
    pub denominator: Option<i64>,
}

/// Text that is no such line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no line such as 3,0,-,12,40 or 3,0,-,,")]
pub struct NoLine;

impl fmt::Display for LiveLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let member = |place: Option<u16>| place.map_or_else(|| "-".to_owned(), |place| place.to_string());
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let place = [self.bureau, self.sex.map(u16::from), self.band.map(u16::from)].map(member);
        write!(f, "{},{},{}", place.join(","), number(self.numerator), number(self.denominator))
    }
}

impl FromStr for LiveLine {
    type Err = NoLine;

    fn from_str(text: &str) -> Result<Self, NoLine> {
        fn member<T: FromStr>(word: &str) -> Result<Option<T>, NoLine> {
            if word == "-" { Ok(None) } else { word.parse().map(Some).map_err(|_| NoLine) }
        }
        let number = |word: &str| if word.is_empty() { Ok(None) } else { word.parse().map(Some).map_err(|_| NoLine) };
        let words: Vec<&str> = text.split(',').collect();
        let [bureau, sex, band, numerator, denominator] = words.as_slice() else { return Err(NoLine) };
        let (bureau, sex, band) = (member(bureau)?, member(sex)?, member(band)?);
        Ok(Self { bureau, sex, band, numerator: number(numerator)?, denominator: number(denominator)? })
    }
}

impl TryFrom<String> for LiveLine {
    type Error = NoLine;

    fn try_from(text: String) -> Result<Self, NoLine> {
        text.parse()
    }
}

impl From<LiveLine> for String {
    fn from(line: LiveLine) -> Self {
        line.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_is_what_its_text_says() {
        for text in ["-,-,-,600,40", "3,0,-,12,40", "127,-,4,,", "3,0,-,,40", "0,-,-,0,0"] {
            assert_eq!(text.parse::<LiveLine>().unwrap().to_string(), text);
        }
        for text in ["", "3,0,-", "3,0,-,12", "3,0,-,12,40,1", "x,0,-,,", "3,300,-,,", "3,0,-,x,1"] {
            assert_eq!(text.parse::<LiveLine>(), Err(NoLine), "{text}");
        }
    }
}

//! What a plan says of its follow-up: which date or year each figure takes, in which tables it is published, and on what terms.
//!
//! It is part of the plan's file and frozen with each snapshot. Deliberately absent: what an indicator is, which is the catalogue's.

mod site;

pub use site::{Shows, Site, SiteCell, SiteItem, SiteSection};

use super::release::{Bilingual, Publisher};
use crate::{
    indicators::{Definition, Part},
    measures::Source,
};
use chrono::{Datelike, NaiveDate};
use entity::{
    period::{FiscalYear, YearMonth},
    posting::RankBand,
    staff::Sex,
};
use sea_orm::Iterable;
use serde::{Deserialize, Serialize};

/// A plan's settings of its follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FollowUpSettings {
    /// Who publishes, on what terms.
    pub publisher: Publisher,
    /// A shown count rests on no fewer people than this, unless a figure has its own number.
    pub threshold: i64,
    /// Bureaus are put together, in the order of the snapshot, until each group has so many people; for tables by bureau and band.
    pub group_least: i64,
    /// Groups that are named instead; a bureau that is in none is put together by number.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// What is handed in to the government's site of the Act (女性活躍推進法「見える化」サイト); none where the office hands in nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    /// The whole government's own figures, which stand beside the office's for reference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub government: Vec<GovernmentFigure>,
    /// The figures of a release, in its order. What is not here is not published.
    pub figures: Vec<Figure>,
}

/// A group of bureaus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    /// Its code; none of a bureau's.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// The codes of its bureaus.
    pub members: Vec<String>,
}

/// A figure of the whole government, as it was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GovernmentFigure {
    /// The figure of the office beside which it stands.
    pub indicator: String,
    /// Numerator; 59 of 1,000 where 5.9 % is all that was published.
    pub numerator: i64,
    /// Denominator.
    pub denominator: i64,
    /// The first day of which it speaks.
    pub date_from: NaiveDate,
    /// The last one.
    pub date_to: NaiveDate,
    /// Who published it, and where.
    pub source: Bilingual,
}

/// One figure of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Figure {
    /// Code of an indicator of the catalogue, or of an item that bureaus submit.
    pub indicator: String,
    /// The clause that an indicator of the catalogue belongs to, in the plan's own numbering; an item has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The date or year that belongs to the fiscal year that is followed up.
    pub date: FigureDate,
    /// Beside the office's figure.
    #[serde(default)]
    pub tables: Vec<Table>,
    /// Its own least number of people; 0 where the law itself publishes few (hires).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<i64>,
    /// Whether the Act on women's participation has it published.
    #[serde(default)]
    pub statutory: bool,
    /// Whether the office's figure of each month stands beside that of the year.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_month: bool,
    /// The whole of which it is a part, by a word that its parts share: figures of submission whose numerators add up to the denominator that they
    /// share, such as leaves by their length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
}

impl Figure {
    /// Whether figures of this definition can stand by month: of records by the month, of which the year is the sum.
    #[must_use]
    pub fn has_months(definition: &Definition) -> bool {
        let of_months = |part: &Part| matches!(part.measure.source, Source::PersonMonths(_));
        !definition.of_whole_years && [definition.numerator, definition.denominator].iter().all(of_months)
    }

    /// The months of these days, where it stands by month.
    pub fn months(&self, (from, to): (NaiveDate, NaiveDate)) -> impl Iterator<Item = (NaiveDate, NaiveDate)> {
        let months = YearMonth::range(YearMonth::of(from), YearMonth::of(to));
        months.filter(move |_| self.by_month && from < to).map(|month| (month.first_day(), month.last_day()))
    }
}

/// A table with totals. The three-way one does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Table {
    /// Bureau.
    Bureau,
    /// Bureau by sex.
    BureauSex,
    /// Groups of bureaus by sex.
    GroupSex,
    /// Sex by band, of the whole office.
    SexBand,
    /// Groups of bureaus by band.
    BureauBand,
}

impl Table {
    /// Whether figures of this definition stand in it. A numerator or denominator of some sexes or bands alone has used that dimension up:
    /// women's share by bureau is bureau by sex, and by bureau and band it would be the three-way table.
    #[must_use]
    pub fn suits(self, definition: &Definition) -> bool {
        let parts = [definition.numerator, definition.denominator];
        let of_some_sexes = parts.iter().any(|part: &Part| !Sex::iter().all(|sex| part.sexes.contains(&sex)));
        let of_some_bands = parts.iter().any(|part| !RankBand::iter().all(|band| part.bands.contains(&band)));
        match self {
            Self::Bureau => !of_some_bands,
            Self::BureauSex | Self::GroupSex => !of_some_bands && (definition.dimensions.sex || of_some_sexes),
            Self::SexBand => definition.dimensions.band && (definition.dimensions.sex || of_some_sexes),
            Self::BureauBand => definition.dimensions.band && !of_some_sexes,
        }
    }
}

/// Which date or year a figure takes in the follow-up of fiscal year N.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum FigureDate {
    /// April of N + `offset` to March.
    FiscalYear {
        /// Years after N.
        offset: i32,
    },
    /// January of N + `offset` to December.
    CalendarYear {
        /// Years after N.
        offset: i32,
    },
    /// One day of the calendar year N + `offset`, such as 1 July N+1 for ranks and 1 April N+1 for hires.
    Day {
        /// Years after N.
        offset: i32,
        /// Its month.
        month: u32,
        /// Its day.
        day: u32,
    },
}

impl FigureDate {
    /// The first and the last day of which the figure speaks; none where there is no such day.
    #[must_use]
    pub fn days(self, year: FiscalYear) -> Option<(NaiveDate, NaiveDate)> {
        let number = year.as_i32();
        match self {
            Self::FiscalYear { offset } => {
                let year = FiscalYear::try_from(number + offset).ok()?;
                Some((year.first_day(), year.last_month().last_day()))
            }
            Self::CalendarYear { offset } => {
                Some((NaiveDate::from_ymd_opt(number + offset, 1, 1)?, NaiveDate::from_ymd_opt(number + offset, 12, 31)?))
            }
            Self::Day { offset, month, day } => {
                let day = NaiveDate::from_ymd_opt(number + offset, month, day).filter(|day| (1..=9999).contains(&day.year()))?;
                Some((day, day))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    /// The government's follow-up of 2016-12-20 paired childcare of fiscal year 2015 with ranks of July 2016.
    #[test]
    fn each_figure_has_its_own_date() {
        let year = FiscalYear::try_from(2015).unwrap();
        let days = |json: &str| {
            let date: FigureDate = serde_json::from_str(json).unwrap();
            let (from, to) = date.days(year).unwrap();
            format!("{from} {to}")
        };
        assert_eq!(days(r#"{"kind":"FISCAL_YEAR","offset":0}"#), "2015-04-01 2016-03-31");
        assert_eq!(days(r#"{"kind":"CALENDAR_YEAR","offset":0}"#), "2015-01-01 2015-12-31");
        assert_eq!(days(r#"{"kind":"DAY","offset":1,"month":7,"day":1}"#), "2016-07-01 2016-07-01");
        assert_eq!(FigureDate::Day { offset: 0, month: 2, day: 30 }.days(year), None);
    }
}

//! How figures count, as an administrator says it: since when, whose posts, and from which share of the people a value is partial.
//!
//! Every change is a row of its own, and the latest is in force: for all months, as a definition is. Who counts where is a reading of the
//! official statistics that was not verified (people with concurrent posts are on their ministry's books), and so it is data.

use crate::{ids::CountingRuleId, period::YearMonth, person_month::Standing};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use std::collections::BTreeSet;

/// Whose person-months a figure counts, by how the person stands to the office.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Standings(pub BTreeSet<Standing>);

/// Codes of indicators.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Codes(pub BTreeSet<String>);

/// What the Act's ordinance has each office publish: ranks, hires and mid-career hires.
pub const PUBLISHED_BY_LAW: [&str; 9] = [
    "WOMEN_ASSISTANT_DIRECTOR",
    "WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE",
    "WOMEN_CHIEF",
    "WOMEN_DESIGNATED",
    "WOMEN_DIRECTOR",
    "WOMEN_DIRECTOR_AND_ABOVE",
    "WOMEN_HIRES_EXAM",
    "WOMEN_HIRES_MID_CAREER",
    "WOMEN_STAFF",
];

/// One version of the rules.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, DeriveEntityModel)]
#[serde(rename_all = "camelCase")]
#[sea_orm(table_name = "counting_rule")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CountingRuleId,
    /// Counts the changes, from 1; the latest is in force.
    #[sea_orm(unique)]
    pub version: i32,
    /// The first month of which figures speak; null for the first with records.
    pub first_month: Option<YearMonth>,
    /// A value that covers a smaller share of its people than so many percent is partial.
    pub coverage_percent: i32,
    /// Whom figures of careers count: ranks, hires, separation, service, pay, childcare leave.
    pub careers: Standings,
    /// Whom figures of work count: overtime, telework, leave, leaving on time, staggered hours.
    pub work: Standings,
    /// Figures of the whole office that are published whatever their size, by code: the Act's ordinance has each office publish women by rank and
    /// hires by sex (内閣府令61/2015, art. 6).
    pub published: Codes,
    /// When it was said.
    pub changed_at: DateTime<Utc>,
    /// Who said it, `system` for the shipped rules.
    #[sea_orm(column_type = "Text")]
    pub changed_by: String,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whether records that tell of so many of the people that a value is about tell of too few.
    #[must_use]
    pub fn is_partial(&self, covered: i64, expected: i64) -> bool {
        i128::from(covered) * 100 < i128::from(expected) * i128::from(self.coverage_percent)
    }

    /// The rules that an installation starts with.
    #[must_use]
    pub fn shipped(at: DateTime<Utc>) -> Self {
        Self {
            id: CountingRuleId::new(),
            version: 1,
            first_month: None,
            coverage_percent: 80,
            careers: Standings([Standing::Main].into()),
            work: Standings([Standing::Main, Standing::ConcurrentResident].into()),
            published: Codes(PUBLISHED_BY_LAW.map(str::to_owned).into()),
            changed_at: at,
            changed_by: "system".into(),
            reason: None,
        }
    }
}

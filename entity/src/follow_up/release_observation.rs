//! A figure of a release, as it is shown: withheld ones have no numbers.

use crate::{
    ids::{ReleaseId, ReleaseObservationId},
    period::FiscalYear,
    text_enum::text_enum,
};
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;

text_enum! {
    /// Where a published figure stands.
    ObservationStatus {
        /// It stands.
        Final,
        /// `p`: records may still come.
        Provisional,
        /// `r`: it differs from what an earlier release showed.
        Revised,
        /// `x`: it is not shown.
        Withheld,
        /// `-`: there is nobody to count.
        NoSubjects,
        /// `…`: it is not known.
        Unknown,
    }
}

impl ObservationStatus {
    /// The symbol that Japanese tables show beside, or in place of, the value; empty for what stands.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Final => "",
            Self::Provisional => "p",
            Self::Revised => "r",
            Self::Withheld => "x",
            Self::NoSubjects => "-",
            Self::Unknown => "…",
        }
    }
}

/// One figure with all its dimensions; its place is unique in its release.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release_observation")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReleaseObservationId,
    /// The release.
    pub release_id: ReleaseId,
    /// Its place in the release, from 1.
    pub position: i32,
    /// The fiscal year that is followed up by it.
    pub fiscal_year: FiscalYear,
    /// The indicator's code.
    #[sea_orm(column_type = "Text")]
    pub indicator: String,
    /// The version of its definition.
    pub definition_version: i32,
    /// The first day of which it speaks.
    pub date_from: NaiveDate,
    /// The last one.
    pub date_to: NaiveDate,
    /// Code of the bureau or group, or TOTAL.
    #[sea_orm(column_type = "Text")]
    pub bureau: String,
    /// Code of the sex, or TOTAL.
    #[sea_orm(column_type = "Text")]
    pub sex: String,
    /// Code of the rank band, or TOTAL.
    #[sea_orm(column_type = "Text")]
    pub band: String,
    /// Numerator, where it is shown.
    pub numerator: Option<i64>,
    /// Denominator, where it is shown.
    pub denominator: Option<i64>,
    /// Where it stands.
    pub status: ObservationStatus,
}

impl ActiveModelBehavior for ActiveModel {}

//! 他律的業務 / 自律的業務: the effective-dated designation of a unit that decides which overtime cap applies (rule 15-14).

use crate::{
    ids::{UnitId, WorkRegimeId},
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// The designation of a unit, which decides the overtime cap of its staff (rule 15-14); hours are those of the shipped rules.
    Regime {
        /// Self-paced work (自律的業務): at most 45 h of overtime in a month and 360 h in a year.
        SelfPaced,
        /// Externally driven work (他律的業務): below 100 h in a month, at most 720 h in a year, 80 h as a mean and 6 months above 45 h.
        ExternallyDriven,
    }
}

record! {
    /// One designation; designations of a unit never overlap.
    "work_regime", WorkRegimeId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The designated unit.
        pub unit_id: UnitId,
        /// The designation.
        pub regime: Regime,
        /// First day in force.
        pub valid_from: NaiveDate,
        /// First day no longer in force; null while it lasts.
        pub valid_to: Option<NaiveDate>,
    }
}

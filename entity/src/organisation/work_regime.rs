//! 他律的業務 / 自律的業務: the effective-dated designation of a unit that decides which overtime cap applies (rule 15-14).

use crate::{
    ids::{UnitId, WorkRegimeId},
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// Which overtime cap applies to a unit's staff.
    Regime {
        /// 自律的業務.
        SelfPaced,
        /// 他律的業務.
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

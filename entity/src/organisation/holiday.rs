//! 国民の祝日・休日, and the days off of the New Year that the official list lacks. They change late, so they are versioned data.

use crate::{ids::HolidayId, record::record};
use chrono::NaiveDate;

record! {
    /// One public holiday; a date is a holiday once.
    "holiday", HolidayId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The civil date.
        pub date: NaiveDate,
        /// Name in Japanese, such as 元日.
        #[sea_orm(column_type = "Text")]
        pub name_ja: String,
    }
}

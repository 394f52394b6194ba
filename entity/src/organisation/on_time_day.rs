//! 定時退庁日: a day on which staff leave at their scheduled end.

use crate::{
    ids::{BureauId, OnTimeDayId},
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// The three kinds of on-time day (定時退庁日), on which staff leave at their scheduled end.
    OnTimeDayKind {
        /// The day of all ministries (全省庁一斉定時退庁日): every Wednesday.
        AllMinistries,
        /// The weekly day that a bureau sets for itself.
        OwnWeekly,
        /// The complete on-time day (完全定時退庁日): twice a month.
        Complete,
    }
}

record! {
    /// One on-time day of a bureau, or of the whole office where the bureau is null.
    "on_time_day", OnTimeDayId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The bureau it holds for; null for the whole office.
        pub bureau_id: Option<BureauId>,
        /// The civil date.
        pub date: NaiveDate,
        /// Its kind.
        pub kind: OnTimeDayKind,
    }
}

//! テレワーク: one day, or part of one, worked away from the office.

use crate::{
    ids::{BureauId, PostingId, StaffId, TeleworkDayId, UnitId},
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// Where the person worked.
    TeleworkPlace {
        /// At home.
        Home,
        /// In a satellite office.
        Satellite,
        /// On the way.
        Mobile,
    }
}

record! {
    /// One telework day of a person; a person has at most one a day.
    "telework_day", TeleworkDayId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The person.
        pub staff_id: StaffId,
        /// The posting that the person held on the date.
        pub posting_id: PostingId,
        /// That posting's bureau: the row scope.
        pub bureau_id: BureauId,
        /// That posting's unit.
        pub unit_id: UnitId,
        /// The civil date (Asia/Tokyo).
        pub date: NaiveDate,
        /// Why a closed month was corrected: the record is marked late. Null in an open month.
        #[sea_orm(column_type = "Text")]
        pub correction_reason: Option<String>,
        /// Where.
        pub place: TeleworkPlace,
        /// Minutes away from the office, 465 for a whole standard day.
        pub minutes: i32,
    }
}

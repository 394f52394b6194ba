//! 登用: a person's move from one rank band to another.

use crate::{
    ids::{AppointmentId, BureauId, PostingId, StaffId, UnitId},
    posting::RankBand,
    record::record,
};
use chrono::NaiveDate;

record! {
    /// One appointment, effective on `date`.
    "appointment", AppointmentId, {
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
        /// The band left; null for a first appointment.
        pub from_band: Option<RankBand>,
        /// The band entered.
        pub to_band: RankBand,
    }
}

//! Overtime of a secondee in the months before the secondment: hours follow the person, and count in yearly sums and means.

use crate::{
    ids::{BureauId, OpeningBalanceId, PostingId, StaffId, UnitId},
    period::YearMonth,
    record::record,
    work_regime::Regime,
};
use chrono::NaiveDate;

record! {
    /// One month's overtime elsewhere. It counts where the person has no person-month here.
    "opening_balance", OpeningBalanceId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The person.
        pub staff_id: StaffId,
        /// The posting held on the date, to which the person came.
        pub posting_id: PostingId,
        /// That posting's bureau: the row scope.
        pub bureau_id: BureauId,
        /// That posting's unit.
        pub unit_id: UnitId,
        /// The day of arrival (Asia/Tokyo).
        pub date: NaiveDate,
        /// Why a closed month was corrected. Null in an open month.
        #[sea_orm(column_type = "Text")]
        pub correction_reason: Option<String>,
        /// The month of the overtime, before the day of arrival or the same.
        pub month: YearMonth,
        /// The regime there, where it is known.
        pub regime: Option<Regime>,
        /// Overtime minutes.
        pub minutes: i32,
    }
}

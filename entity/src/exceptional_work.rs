//! 特例業務: exceptional work of one person, for which the caps may be exceeded (rule 15-14, 第16条の2の2第2項). It must be analysed and verified
//! (整理、分析及び検証) within six months of the end of its year.

use crate::{
    ids::{BureauId, ExceptionalWorkId, PostingId, StaffId, UnitId},
    period::{FiscalYear, YearMonth},
    record::record,
};
use chrono::NaiveDate;

record! {
    /// One piece of exceptional work.
    "exceptional_work", ExceptionalWorkId, {
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
        /// The day on which it began (Asia/Tokyo); the months from its own to the last one are exempt.
        pub date: NaiveDate,
        /// Why a closed month was corrected. Null in an open month.
        #[sea_orm(column_type = "Text")]
        pub correction_reason: Option<String>,
        /// The last month, of the same fiscal year.
        pub last_month: YearMonth,
        /// Which work: a large disaster, a bill, an international negotiation …
        #[sea_orm(column_type = "Text")]
        pub work: String,
        /// The office or post that approved it, never a person's name.
        #[sea_orm(column_type = "Text")]
        pub approver: String,
        /// The day on which it was analysed and verified.
        pub analysed_on: Option<NaiveDate>,
    }
}

impl Model {
    /// The last day for the analysis: six months after the end of the fiscal year.
    #[must_use]
    pub fn analysis_due(&self) -> NaiveDate {
        FiscalYear::of(self.date).last_month().add_months(6).last_day()
    }
}

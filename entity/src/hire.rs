//! 採用: a person who joined. An arriving secondee is no hire.

use crate::{
    ids::{BureauId, HireId, PostingId, StaffId, UnitId},
    period::FiscalYear,
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// How the person came in.
    HireRoute {
        /// 採用試験.
        Exam,
        /// 中途採用: mid-career, apart from the exams for graduates.
        MidCareer,
        /// Any other route.
        Other,
    }
}
text_enum! {
    /// Which exam.
    Exam {
        /// 総合職試験.
        Comprehensive,
        /// 一般職試験.
        General,
        /// 専門職試験.
        Specialist,
        /// 経験者採用試験.
        Experienced,
    }
}

record! {
    /// One hire; `date` is the day of joining and decides the fiscal year.
    "hire", HireId, {
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
        /// Fiscal year of the day of joining.
        pub fiscal_year: FiscalYear,
        /// Route.
        pub route: HireRoute,
        /// The exam, where the route is one.
        pub exam: Option<Exam>,
        /// The year of the exam, apart from that of joining.
        pub exam_year: Option<i32>,
    }
}

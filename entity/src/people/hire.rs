//! 採用: a person who joined. An arriving secondee is no hire.

use crate::{ids::HireId, period::FiscalYear, record::record, text_enum::text_enum};

text_enum! {
    /// How a person was hired.
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
    /// Recruitment exam.
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
    dated "hire", HireId, {
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

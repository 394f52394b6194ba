//! 採用: a person who joined. An arriving secondee is no hire.

use crate::{ids::HireId, period::FiscalYear, record::record, text_enum::text_enum};

text_enum! {
    /// By which route a person was hired.
    HireRoute {
        /// By a recruitment exam (採用試験), which the hire's `exam` names; that for people with work experience counts as mid-career.
        Exam,
        /// 中途採用: mid-career, by selection (選考採用), apart from all exams.
        MidCareer,
        /// Any other route; it counts neither as a hire by exam nor as a mid-career one.
        Other,
    }
}
text_enum! {
    /// The national recruitment exam (採用試験) by which a person was hired.
    Exam {
        /// The exam for comprehensive service (総合職試験).
        Comprehensive,
        /// The exam for general service (一般職試験).
        General,
        /// The exam for specialists (専門職試験).
        Specialist,
        /// The exam for people with work experience (経験者採用試験): a mid-career hire.
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

//! Hires (採用).

use crate::graphql::record::{limited, record_object, record_roots};
use crate::{
    store::hire::HireDraft,
    words::{Exam, FiscalYear, HireRoute},
};
use entity::hire::Column;
use sea_orm::ColumnTrait;

record_object! { dated
    /// One hire (採用); its date is the day of joining. An arriving secondee is no hire.
    Hire = hire {
        /// Fiscal year of the day of joining.
        fiscal_year: FiscalYear = |row| FiscalYear(row.fiscal_year);
        /// How the person came in.
        route: HireRoute = |row| row.route;
        /// The exam; null where the route is not EXAM.
        exam: Option<Exam> = |row| row.exam;
        /// The year of the exam, apart from that of joining.
        exam_year: Option<i32> = |row| row.exam_year;
    }
}

record_roots! { dated
    Hire = hire, HireDraft;
    "Which hires." {
        /// By this route.
        route: HireRoute = |route| Column::Route.eq(route);
        /// By this exam.
        exam: Exam = |exam| Column::Exam.eq(exam);
        /// Joined in one of these fiscal years.
        fiscal_years: Vec<FiscalYear> = |years| {
            limited(&years, "fiscalYears").map(|years| Column::FiscalYear.is_in(years.iter().map(|year| year.0)))
        };
    }
    /// Hires that you may see.
    hires
    /// Writes hires in bulk.
    record_hires
}

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
        /// Fiscal year of the day of joining, by the year in which it begins.
        fiscal_year: FiscalYear = |row| FiscalYear(row.fiscal_year);
        /// How the person came in.
        route: HireRoute = |row| row.route;
        /// The exam; null where the route is not EXAM.
        exam: Option<Exam> = |row| row.exam;
        /// The year of the exam, which may be before that of joining; null where it is not known, or the route is not EXAM.
        exam_year: Option<i32> = |row| row.exam_year;
    }
}

record_roots! { dated
    Hire = hire, HireDraft;
    "Which hires: all given conditions must hold, an empty list finds nothing, and void ones need `includeVoid`." {
        /// That came in by this route.
        route: HireRoute = |route| Column::Route.eq(route);
        /// By this recruitment exam; hires of other routes have none.
        exam: Exam = |exam| Column::Exam.eq(exam);
        /// Whose day of joining lies in any of these fiscal years, at most 500.
        fiscal_years: Vec<FiscalYear> = |years| {
            limited(&years, "fiscalYears").map(|years| Column::FiscalYear.is_in(years.iter().map(|year| year.0)))
        };
    }
    /// Hires that you may see.
    hires
    /// Writes hires in bulk, of people whom the caller's bureaus hold; a machine client needs `PERSONNEL`.
    record_hires
}

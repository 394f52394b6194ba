//! Exceptional work (特例業務).

use crate::graphql::record::{record_object, record_roots};
use crate::{
    store::exceptional_work::ExceptionalWorkDraft,
    words::{Date, ExceptionalWorkKind, Month},
};
use entity::exceptional_work::{self, Column};
use sea_orm::{ColumnTrait, Condition};

record_object! { dated
    /// One piece of exceptional work of a person (特例業務), for which the caps on overtime may be exceeded; its date is the day it began. It must be
    /// analysed within six months of the end of its fiscal year (rule 15-14, 第16条の2の2).
    ExceptionalWork = exceptional_work {
        /// The last month that is exempt from the caps, of the same fiscal year as the date.
        last_month: Month = |row| Month(row.last_month);
        /// The kind of work, by which people above a cap are counted.
        kind: ExceptionalWorkKind = |row| row.kind;
        /// Which work it was, in 1 to 1,000 characters: a large disaster, a bill, an international negotiation.
        work: &str = |row| &row.work;
        /// The office or post that approved it.
        approver: &str = |row| &row.approver;
        /// The day on which it was analysed and verified (整理、分析及び検証); null until then.
        analysed_on: Option<Date> = |row| row.analysed_on.map(Date);
        /// The last day for the analysis: six months after the end of the fiscal year.
        analysis_due: Date = |row| Date(row.analysis_due());
        /// Whether that day has passed without an analysis. Void work owes none.
        analysis_overdue(today): bool = |row| row.analysis_overdue(today);
    }
}

record_roots! { dated
    ExceptionalWork = exceptional_work, ExceptionalWorkDraft;
    "Which exceptional work: all given conditions must hold, an empty list finds nothing, and void work needs `includeVoid`." {
        /// Those whose analysis is overdue today (true), or all others (false).
        analysis_overdue(today): bool = |overdue| {
            let late = Condition::all()
                .add(Column::Date.lt(exceptional_work::overdue_before(today)))
                .add(Column::AnalysedOn.is_null())
                .add(Column::VoidReason.is_null());
            if overdue { late } else { late.not() }
        };
    }
    /// Exceptional work that you may see.
    exceptional_works
    /// Writes exceptional work in bulk, of people in the caller's bureaus; a machine client needs `TIME`.
    record_exceptional_works
}

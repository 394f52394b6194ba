//! Overtime requests (超過勤務の事前確認).

use crate::graphql::{
    record::{record_object, record_roots},
    shift::Interval,
};
use crate::{store::overtime_request::OvertimeRequestDraft, words::Decision};
use chrono::{DateTime, Utc};
use entity::overtime_request::Column;
use sea_orm::ColumnTrait;

record_object! { dated
    /// One request to work overtime; it counts as confirmed beforehand where it was approved before the planned start.
    OvertimeRequest = overtime_request {
        /// From when until when overtime is planned: at most 24 hours, starting on the date or before 12:00 of the next day in Tokyo.
        planned: Interval = |row| Interval { start: row.planned_start, end: row.planned_end };
        /// Length of the plan, in minutes.
        planned_minutes: i32 = |row| row.planned_minutes;
        /// Why the overtime is needed, in 1 to 500 characters.
        reason: &str = |row| &row.reason;
        /// When it was asked for, as the source says.
        requested_at: DateTime<Utc> = |row| row.requested_at;
        /// What was decided of it, or that nothing was yet.
        decision: Decision = |row| row.decision;
        /// When it was decided; null while pending.
        decided_at: Option<DateTime<Utc>> = |row| row.decided_at;
        /// Staff number of who decided; null while pending.
        approver: Option<&str> = |row| row.approver.as_deref();
    }
}

record_roots! { dated
    OvertimeRequest = overtime_request, OvertimeRequestDraft;
    "Which overtime requests: all given conditions must hold, an empty list finds nothing, and void ones need `includeVoid`." {
        /// Of which this was decided.
        decision: Decision = |decision| Column::Decision.eq(decision);
    }
    /// Overtime requests that you may see.
    overtime_requests
    /// Writes overtime requests in bulk: bureaus and managers those of their own people; a machine client needs `TIME`.
    record_overtime_requests
}

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
        /// What is planned.
        planned: Interval = |row| Interval { start: row.planned_start, end: row.planned_end };
        /// Length of the plan, in minutes.
        planned_minutes: i32 = |row| row.planned_minutes;
        /// Why the overtime is needed.
        reason: &str = |row| &row.reason;
        /// When it was asked for.
        requested_at: DateTime<Utc> = |row| row.requested_at;
        /// What was decided.
        decision: Decision = |row| row.decision;
        /// When it was decided; null while pending.
        decided_at: Option<DateTime<Utc>> = |row| row.decided_at;
        /// Staff number of who decided; null while pending.
        approver: Option<&str> = |row| row.approver.as_deref();
    }
}

record_roots! { dated
    OvertimeRequest = overtime_request, OvertimeRequestDraft;
    "Which overtime requests." {
        /// With this decision.
        decision: Decision = |decision| Column::Decision.eq(decision);
    }
    /// Overtime requests that you may see.
    overtime_requests
    /// Writes overtime requests in bulk.
    record_overtime_requests
}

//! Key newtypes: UUID version 7, so that ids made later sort later and an id of one table cannot be passed for another's.

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, later in order than every id made before it in this process.
            #[must_use]
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// Key of an `api_client`.
    ApiClientId,
    /// Key of an appointment.
    AppointmentId,
    /// Key of an `audit_entry`.
    AuditEntryId,
    /// Key of a bureau.
    BureauId,
    /// Key of a clause.
    ClauseId,
    /// Key of a `data_call`.
    DataCallId,
    /// Key of an `exceptional_work`.
    ExceptionalWorkId,
    /// Key of a finding.
    FindingId,
    /// Key of a `follow_up_event`.
    FollowUpEventId,
    /// Key of a `follow_up`.
    FollowUpId,
    /// Key of a `follow_up_report`.
    FollowUpReportId,
    /// Key of a hire.
    HireId,
    /// Key of a holiday.
    HolidayId,
    /// Key of an `indicator_value`.
    IndicatorValueId,
    /// Key of a `job_backfill`.
    JobBackfillId,
    /// Key of a `job_run`.
    JobRunId,
    /// Key of a `job_schedule`.
    JobScheduleId,
    /// Key of a `leave_entry`.
    LeaveEntryId,
    /// Key of a `mail_outbox` row.
    MailOutboxId,
    /// Key of a `month_close`.
    MonthCloseId,
    /// Key of an `on_time_day`.
    OnTimeDayId,
    /// Key of an `opening_balance`.
    OpeningBalanceId,
    /// Key of an `outlier_flag`.
    OutlierFlagId,
    /// Key of an `overtime_request`.
    OvertimeRequestId,
    /// Key of an `overtime_rule`.
    OvertimeRuleId,
    /// Key of a plan.
    PlanId,
    /// Key of a `plan_measure`.
    PlanMeasureId,
    /// Key of a posting.
    PostingId,
    /// Key of a receipt.
    ReceiptId,
    /// Key of a `record_revision`.
    RecordRevisionId,
    /// Key of a release.
    ReleaseId,
    /// Key of a `release_observation`.
    ReleaseObservationId,
    /// Key of a `retention` row.
    RetentionId,
    /// Key of a shift.
    ShiftId,
    /// Key of a snapshot.
    SnapshotId,
    /// Key of a staff member.
    StaffId,
    /// Key of a `stale_mark`.
    StaleMarkId,
    /// Key of a `start_stage`.
    StartStageId,
    /// Key of a submission.
    SubmissionId,
    /// Key of a `submission_item`.
    SubmissionItemId,
    /// Key of a target.
    TargetId,
    /// Key of a `telework_day`.
    TeleworkDayId,
    /// Key of a unit.
    UnitId,
    /// Key of a `work_regime`.
    WorkRegimeId,
}

//! Who may do what: the roles, the acts, and the policy, which is one match without a wildcard arm and one snapshot of its whole grid.
//!
//! [`reach`] says how far a role reaches; `RowScope` is what that means for one actor and is put into every select by `store`.
//! Roles add up. Deliberately absent: a policy language, guards on GraphQL fields (interfaces go around them), and any rule about one row.

use entity::api_client::ClientWrites;
use serde::{Deserialize, Serialize};

/// A role that a token may carry. An actor may hold several; rights add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// No token: published releases, the plan, the catalogue.
    Public,
    /// A front end: protected indicator tables, no person.
    Viewer,
    /// A staff member: their own records.
    Staff,
    /// A manager: their own units.
    Manager,
    /// A bureau's system: writes and reads the records of its own bureaus.
    BureauSystem,
    /// A bureau's officer (女性活躍・WLB担当).
    BureauOfficer,
    /// The promotion officer (推進担当官).
    PromotionOfficer,
    /// A member of a committee; the token names its body.
    Committee,
    /// The secretariat (内閣総務官室).
    Secretariat,
    /// The platform's administrator: clients, schedules, calendars, rules; no personal record.
    Admin,
}

impl Role {
    /// Every role, in the order of the policy grid.
    pub const ALL: [Self; 10] = [
        Self::Public,
        Self::Viewer,
        Self::Staff,
        Self::Manager,
        Self::BureauSystem,
        Self::BureauOfficer,
        Self::PromotionOfficer,
        Self::Committee,
        Self::Secretariat,
        Self::Admin,
    ];

    /// The word that tokens and the audit trail carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Viewer => "viewer",
            Self::Staff => "staff",
            Self::Manager => "manager",
            Self::BureauSystem => "bureau_system",
            Self::BureauOfficer => "bureau_officer",
            Self::PromotionOfficer => "promotion_officer",
            Self::Committee => "committee",
            Self::Secretariat => "secretariat",
            Self::Admin => "admin",
        }
    }

    /// The kind of a caller with this role alone; it follows from the policy.
    #[must_use]
    pub fn kind(self) -> Kind {
        let mut bulk = Noun::ALL.into_iter().map(Act::Record).chain([Act::LoadPlan]);
        if self == Self::Public {
            Kind::Public
        } else if bulk.any(|act| reach(self, act) > Reach::Nothing) {
            Kind::Writer
        } else {
            Kind::Reader
        }
    }
}

/// The body that compiles a follow-up (幹事会), as tokens of its members name it.
pub const EXECUTIVE_COMMITTEE: &str = "executive_committee";
/// The bodies of the plan's clause VI (推進委員会, 幹事会, 協議会) whose members may hold the role `committee`.
pub const BODIES: [&str; 3] = ["promotion_committee", EXECUTIVE_COMMITTEE, "council"];

/// The kinds of callers among whom scarce things are shared out, so that one kind never takes what another needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// No token.
    Public,
    /// A token that changes no records.
    Reader,
    /// A token that may record in bulk or load a plan.
    Writer,
}

impl Kind {
    /// The kind of a caller with these roles.
    pub fn of<'a>(roles: impl IntoIterator<Item = &'a Role>) -> Self {
        roles.into_iter().map(|role| role.kind()).max().unwrap_or(Self::Public)
    }
}

/// A table, as the policy knows it; the same word in SQL, Rust and GraphQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the table of that name")]
pub enum Noun {
    Bureau,
    Unit,
    WorkRegime,
    Holiday,
    OnTimeDay,
    StartStage,
    Staff,
    Posting,
    Shift,
    OvertimeRequest,
    TeleworkDay,
    LeaveEntry,
    Hire,
    Appointment,
    ExceptionalWork,
    OpeningBalance,
    Target,
    PersonMonth,
    IndicatorValue,
    MonthClose,
    JobRun,
    JobSchedule,
    JobBackfill,
    AuditEntry,
    ApiClient,
    Retention,
    MailOutbox,
    OvertimeRule,
    OutlierFlag,
    Plan,
    Clause,
    PlanMeasure,
    SubmissionItem,
    FollowUp,
    FollowUpEvent,
    DataCall,
    Submission,
    FollowUpReport,
    Finding,
    Release,
    ReleaseObservation,
}

impl Noun {
    /// Every noun, in the order of the policy grid.
    pub const ALL: [Self; 41] = [
        Self::Bureau,
        Self::Unit,
        Self::WorkRegime,
        Self::Holiday,
        Self::OnTimeDay,
        Self::StartStage,
        Self::Staff,
        Self::Posting,
        Self::Shift,
        Self::OvertimeRequest,
        Self::TeleworkDay,
        Self::LeaveEntry,
        Self::Hire,
        Self::Appointment,
        Self::ExceptionalWork,
        Self::OpeningBalance,
        Self::Target,
        Self::PersonMonth,
        Self::IndicatorValue,
        Self::MonthClose,
        Self::JobRun,
        Self::JobSchedule,
        Self::JobBackfill,
        Self::AuditEntry,
        Self::ApiClient,
        Self::Retention,
        Self::MailOutbox,
        Self::OvertimeRule,
        Self::OutlierFlag,
        Self::Plan,
        Self::Clause,
        Self::PlanMeasure,
        Self::SubmissionItem,
        Self::FollowUp,
        Self::FollowUpEvent,
        Self::DataCall,
        Self::Submission,
        Self::FollowUpReport,
        Self::Finding,
        Self::Release,
        Self::ReleaseObservation,
    ];

    /// Whether its rows are about persons, so that reading them outside one's own bureau leaves an entry in the audit trail.
    #[must_use]
    pub fn is_about_persons(self) -> bool {
        match self {
            Self::Staff
            | Self::Posting
            | Self::Shift
            | Self::OvertimeRequest
            | Self::TeleworkDay
            | Self::LeaveEntry
            | Self::Hire
            | Self::Appointment
            | Self::ExceptionalWork
            | Self::OpeningBalance
            | Self::PersonMonth
            | Self::OutlierFlag => true,
            Self::Bureau
            | Self::Unit
            | Self::WorkRegime
            | Self::Holiday
            | Self::OnTimeDay
            | Self::StartStage
            | Self::Target
            | Self::IndicatorValue
            | Self::MonthClose
            | Self::JobRun
            | Self::JobSchedule
            | Self::JobBackfill
            | Self::AuditEntry
            | Self::ApiClient
            | Self::Retention
            | Self::MailOutbox
            | Self::OvertimeRule
            | Self::Plan
            | Self::Clause
            | Self::PlanMeasure
            | Self::SubmissionItem
            | Self::FollowUp
            | Self::FollowUpEvent
            | Self::DataCall
            | Self::Submission
            | Self::FollowUpReport
            | Self::Finding
            | Self::Release
            | Self::ReleaseObservation => false,
        }
    }

    /// Whether a client whose row says that it writes these records writes the table; tables of neither kind are no matter of the row's.
    #[must_use]
    pub fn is_written_by(self, writes: ClientWrites) -> bool {
        match self {
            Self::Staff | Self::Posting | Self::Hire | Self::Appointment => writes != ClientWrites::Time,
            Self::Shift | Self::OvertimeRequest | Self::TeleworkDay | Self::LeaveEntry | Self::ExceptionalWork | Self::OpeningBalance => {
                writes != ClientWrites::Personnel
            }
            Self::Bureau
            | Self::Unit
            | Self::WorkRegime
            | Self::Holiday
            | Self::OnTimeDay
            | Self::StartStage
            | Self::Target
            | Self::PersonMonth
            | Self::IndicatorValue
            | Self::MonthClose
            | Self::JobRun
            | Self::JobSchedule
            | Self::JobBackfill
            | Self::AuditEntry
            | Self::ApiClient
            | Self::Retention
            | Self::MailOutbox
            | Self::OvertimeRule
            | Self::OutlierFlag
            | Self::Plan
            | Self::Clause
            | Self::PlanMeasure
            | Self::SubmissionItem
            | Self::FollowUp
            | Self::FollowUpEvent
            | Self::DataCall
            | Self::Submission
            | Self::FollowUpReport
            | Self::Finding
            | Self::Release
            | Self::ReleaseObservation => true,
        }
    }

    /// The table's name.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Self::Bureau => "bureau",
            Self::Unit => "unit",
            Self::WorkRegime => "work_regime",
            Self::Holiday => "holiday",
            Self::OnTimeDay => "on_time_day",
            Self::StartStage => "start_stage",
            Self::Staff => "staff",
            Self::Posting => "posting",
            Self::Shift => "shift",
            Self::OvertimeRequest => "overtime_request",
            Self::TeleworkDay => "telework_day",
            Self::LeaveEntry => "leave_entry",
            Self::Hire => "hire",
            Self::Appointment => "appointment",
            Self::ExceptionalWork => "exceptional_work",
            Self::OpeningBalance => "opening_balance",
            Self::Target => "target",
            Self::PersonMonth => "person_month",
            Self::IndicatorValue => "indicator_value",
            Self::MonthClose => "month_close",
            Self::JobRun => "job_run",
            Self::JobSchedule => "job_schedule",
            Self::JobBackfill => "job_backfill",
            Self::AuditEntry => "audit_entry",
            Self::ApiClient => "api_client",
            Self::Retention => "retention",
            Self::MailOutbox => "mail_outbox",
            Self::OvertimeRule => "overtime_rule",
            Self::OutlierFlag => "outlier_flag",
            Self::Plan => "plan",
            Self::Clause => "clause",
            Self::PlanMeasure => "plan_measure",
            Self::SubmissionItem => "submission_item",
            Self::FollowUp => "follow_up",
            Self::FollowUpEvent => "follow_up_event",
            Self::DataCall => "data_call",
            Self::Submission => "submission",
            Self::FollowUpReport => "follow_up_report",
            Self::Finding => "finding",
            Self::Release => "release",
            Self::ReleaseObservation => "release_observation",
        }
    }
}

/// Something an actor may want to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Read rows of a table.
    Read(Noun),
    /// Write records in bulk.
    Record(Noun),
    /// Write into a closed month, with a reason.
    CorrectClosedMonth,
    /// Say that a bureau's month is complete.
    SubmitMonth,
    /// Close a bureau's month.
    CloseMonth,
    /// Start a job.
    TriggerJob,
    /// Retry and cancel runs, plan, start and cancel backfills.
    ManageRuns,
    /// Change, pause and resume schedules.
    ManageSchedules,
    /// Register or revoke a machine client.
    ManageClients,
    /// Say how long a noun is kept.
    ManageRetention,
    /// Change the rules of overtime.
    ManageRules,
    /// Acknowledge, explain, act on or dismiss an overtime outlier.
    ReviewOutlier,
    /// Load a plan.
    LoadPlan,
    /// Answer a bureau's data call.
    SubmitFollowUp,
    /// Open a cycle, take or return submissions, freeze it, answer its findings, record its reports, publish, correct and withdraw it.
    ManageFollowUp,
    /// Compile a cycle, as the Executive Committee (幹事会).
    CompileFollowUp,
}

/// How far a role reaches, narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// Rows that have been published.
    Published,
    /// Rows about the actor.
    Own,
    /// Rows of the actor's units.
    Units,
    /// Rows of the actor's bureaus and of those they succeeded.
    Bureaus,
    /// All rows; for figures, those of bureaus whose persons may not be read are protected.
    Everything,
}

/// The policy: how far `role` reaches in `act`.
#[must_use]
pub fn reach(role: Role, act: Act) -> Reach {
    match act {
        Act::Read(noun) => reach_of_reading(role, noun),
        Act::Record(noun) => reach_of_recording(role, noun),
        Act::CorrectClosedMonth => match role {
            Role::BureauOfficer => Reach::Bureaus,
            Role::Secretariat => Reach::Everything,
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Admin => Reach::Nothing,
        },
        Act::SubmitMonth | Act::ReviewOutlier | Act::SubmitFollowUp => match role {
            Role::BureauOfficer => Reach::Bureaus,
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Secretariat
            | Role::Admin => Reach::Nothing,
        },
        Act::CloseMonth | Act::ManageFollowUp => match role {
            Role::Secretariat => Reach::Everything,
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Admin => Reach::Nothing,
        },
        Act::CompileFollowUp => match role {
            Role::Committee => Reach::Everything,
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Secretariat
            | Role::Admin => Reach::Nothing,
        },
        Act::TriggerJob => match role {
            Role::Secretariat | Role::Admin => Reach::Everything,
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Committee => Reach::Nothing,
        },
        Act::ManageRuns | Act::ManageSchedules | Act::ManageClients | Act::ManageRetention | Act::ManageRules | Act::LoadPlan => match role
        {
            Role::Admin => Reach::Everything,
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Secretariat => Reach::Nothing,
        },
    }
}

#[expect(clippy::too_many_lines, reason = "the policy is one match")]
fn reach_of_reading(role: Role, noun: Noun) -> Reach {
    match noun {
        // The plan is public.
        Noun::Target | Noun::Plan | Noun::Clause | Noun::PlanMeasure | Noun::SubmissionItem => match role {
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Secretariat
            | Role::Admin => Reach::Everything,
        },
        Noun::Bureau | Noun::Unit | Noun::WorkRegime | Noun::Holiday | Noun::OnTimeDay | Noun::StartStage | Noun::OvertimeRule => {
            match role {
                Role::Public => Reach::Nothing,
                Role::Viewer
                | Role::Staff
                | Role::Manager
                | Role::BureauSystem
                | Role::BureauOfficer
                | Role::PromotionOfficer
                | Role::Committee
                | Role::Secretariat
                | Role::Admin => Reach::Everything,
            }
        }
        Noun::Staff
        | Noun::Posting
        | Noun::Shift
        | Noun::OvertimeRequest
        | Noun::TeleworkDay
        | Noun::LeaveEntry
        | Noun::Hire
        | Noun::Appointment
        | Noun::ExceptionalWork
        | Noun::OpeningBalance
        | Noun::PersonMonth => match role {
            Role::Public | Role::Viewer | Role::Committee | Role::Admin => Reach::Nothing,
            Role::Staff => Reach::Own,
            Role::Manager => Reach::Units,
            Role::BureauSystem | Role::BureauOfficer => Reach::Bureaus,
            Role::PromotionOfficer | Role::Secretariat => Reach::Everything,
        },
        // A flag is made for people; the machines that deliver records need none.
        Noun::OutlierFlag => match role {
            Role::Public | Role::Viewer | Role::BureauSystem | Role::Committee | Role::Admin => Reach::Nothing,
            Role::Staff => Reach::Own,
            Role::Manager => Reach::Units,
            Role::BureauOfficer => Reach::Bureaus,
            Role::PromotionOfficer | Role::Secretariat => Reach::Everything,
        },
        // Whoever may not read a bureau's persons gets its figures protected.
        Noun::IndicatorValue => match role {
            Role::Public | Role::Admin => Reach::Nothing,
            Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Secretariat => Reach::Everything,
        },
        // As those below; an officer sees the cycle that is to be answered, too.
        Noun::FollowUp => match role {
            Role::Public | Role::Viewer | Role::Staff | Role::Manager | Role::BureauSystem | Role::Admin => Reach::Published,
            Role::BureauOfficer | Role::PromotionOfficer | Role::Committee | Role::Secretariat => Reach::Everything,
        },
        // Once published they are everybody's; the drafts are for those who make, compile and promote them.
        Noun::FollowUpReport | Noun::Release | Noun::ReleaseObservation => match role {
            Role::Public | Role::Viewer | Role::Staff | Role::Manager | Role::BureauSystem | Role::BureauOfficer | Role::Admin => {
                Reach::Published
            }
            Role::PromotionOfficer | Role::Committee | Role::Secretariat => Reach::Everything,
        },
        Noun::DataCall | Noun::Submission => match role {
            Role::Public | Role::Viewer | Role::Staff | Role::Manager | Role::BureauSystem | Role::Admin => Reach::Nothing,
            Role::BureauOfficer => Reach::Bureaus,
            Role::PromotionOfficer | Role::Committee | Role::Secretariat => Reach::Everything,
        },
        Noun::FollowUpEvent | Noun::Finding => match role {
            Role::Public | Role::Viewer | Role::Staff | Role::Manager | Role::BureauSystem | Role::BureauOfficer | Role::Admin => {
                Reach::Nothing
            }
            Role::PromotionOfficer | Role::Committee | Role::Secretariat => Reach::Everything,
        },
        Noun::MonthClose => match role {
            Role::Public | Role::Viewer | Role::Staff | Role::Manager | Role::Committee => Reach::Nothing,
            Role::BureauSystem | Role::BureauOfficer => Reach::Bureaus,
            Role::PromotionOfficer | Role::Secretariat | Role::Admin => Reach::Everything,
        },
        Noun::JobRun | Noun::JobSchedule | Noun::JobBackfill | Noun::Retention => match role {
            Role::Public | Role::Viewer | Role::Staff | Role::Manager | Role::BureauSystem | Role::BureauOfficer | Role::Committee => {
                Reach::Nothing
            }
            Role::PromotionOfficer | Role::Secretariat | Role::Admin => Reach::Everything,
        },
        Noun::AuditEntry => match role {
            Role::Public | Role::Viewer | Role::Staff | Role::Manager | Role::BureauSystem | Role::Committee => Reach::Nothing,
            Role::BureauOfficer => Reach::Bureaus,
            Role::PromotionOfficer | Role::Secretariat | Role::Admin => Reach::Everything,
        },
        Noun::ApiClient | Noun::MailOutbox => match role {
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Secretariat => Reach::Nothing,
            Role::Admin => Reach::Everything,
        },
    }
}

fn reach_of_recording(role: Role, noun: Noun) -> Reach {
    match noun {
        Noun::Unit
        | Noun::Staff
        | Noun::Posting
        | Noun::Shift
        | Noun::TeleworkDay
        | Noun::LeaveEntry
        | Noun::Hire
        | Noun::Appointment
        | Noun::ExceptionalWork
        | Noun::OpeningBalance => match role {
            Role::BureauSystem | Role::BureauOfficer => Reach::Bureaus,
            Role::Secretariat => Reach::Everything,
            Role::Public | Role::Viewer | Role::Staff | Role::Manager | Role::PromotionOfficer | Role::Committee | Role::Admin => {
                Reach::Nothing
            }
        },
        // A manager confirms overtime in the own units.
        Noun::OvertimeRequest => match role {
            Role::Manager => Reach::Units,
            Role::BureauSystem | Role::BureauOfficer => Reach::Bureaus,
            Role::Secretariat => Reach::Everything,
            Role::Public | Role::Viewer | Role::Staff | Role::PromotionOfficer | Role::Committee | Role::Admin => Reach::Nothing,
        },
        Noun::Bureau | Noun::WorkRegime => match role {
            Role::Secretariat => Reach::Everything,
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Admin => Reach::Nothing,
        },
        Noun::Holiday | Noun::OnTimeDay | Noun::StartStage | Noun::Target => match role {
            Role::Admin => Reach::Everything,
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Secretariat => Reach::Nothing,
        },
        // Computed, kept by the platform, or changed by acts of their own.
        Noun::PersonMonth
        | Noun::IndicatorValue
        | Noun::MonthClose
        | Noun::JobRun
        | Noun::JobSchedule
        | Noun::JobBackfill
        | Noun::AuditEntry
        | Noun::ApiClient
        | Noun::Retention
        | Noun::MailOutbox
        | Noun::OvertimeRule
        | Noun::OutlierFlag
        | Noun::Plan
        | Noun::Clause
        | Noun::PlanMeasure
        | Noun::SubmissionItem
        | Noun::FollowUp
        | Noun::FollowUpEvent
        | Noun::DataCall
        | Noun::Submission
        | Noun::FollowUpReport
        | Noun::Finding
        | Noun::Release
        | Noun::ReleaseObservation => match role {
            Role::Public
            | Role::Viewer
            | Role::Staff
            | Role::Manager
            | Role::BureauSystem
            | Role::BureauOfficer
            | Role::PromotionOfficer
            | Role::Committee
            | Role::Secretariat
            | Role::Admin => Reach::Nothing,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn who_records_in_bulk_is_a_writer() {
        for role in Role::ALL {
            let kind = match role {
                Role::Public => Kind::Public,
                Role::Viewer | Role::Staff | Role::PromotionOfficer | Role::Committee => Kind::Reader,
                Role::Manager | Role::BureauSystem | Role::BureauOfficer | Role::Secretariat | Role::Admin => Kind::Writer,
            };
            assert_eq!(role.kind(), kind, "{role:?}");
        }
        assert_eq!(Kind::of(&[Role::Viewer, Role::Secretariat]), Kind::Writer);
    }

    /// The whole grid: a changed right shows as a changed line.
    #[test]
    fn the_whole_grid() {
        let mut grid = String::new();
        let acts = Noun::ALL.into_iter().map(Act::Read).chain(Noun::ALL.into_iter().map(Act::Record)).chain([
            Act::CorrectClosedMonth,
            Act::SubmitMonth,
            Act::CloseMonth,
            Act::TriggerJob,
            Act::ManageRuns,
            Act::ManageSchedules,
            Act::ManageClients,
            Act::ManageRetention,
            Act::ManageRules,
            Act::ReviewOutlier,
            Act::LoadPlan,
            Act::SubmitFollowUp,
            Act::ManageFollowUp,
            Act::CompileFollowUp,
        ]);
        for act in acts {
            let name = match act {
                Act::Read(noun) => format!("read {}", noun.table()),
                Act::Record(noun) => format!("record {}", noun.table()),
                other => format!("{other:?}"),
            };
            let _ = write!(grid, "{name:26}");
            for role in Role::ALL {
                let _ = write!(grid, " {}={:?}", role.as_str(), reach(role, act));
            }
            grid.push('\n');
        }
        insta::assert_snapshot!(grid);
    }
}

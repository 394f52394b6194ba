//! Any row by its global id: every noun that has an object of its own is a node.

use super::{
    api_client::ApiClient,
    appointment::Appointment,
    audit_entry::AuditEntry,
    bureau::Bureau,
    clause::Clause,
    connection::{loaders, store},
    counting_rule::CountingRule,
    employment::EmploymentPeriod,
    exceptional_work::ExceptionalWork,
    follow_up::FollowUp,
    four_eyes::PendingChange,
    hire::Hire,
    holiday::Holiday,
    indicator::IndicatorValue,
    job::JobRun,
    job_backfill::JobBackfill,
    job_schedule::JobSchedule,
    leave_entry::LeaveEntry,
    leave_target::LeaveTarget,
    mail::Mail,
    month_close::MonthClose,
    node::parse,
    on_time_day::OnTimeDay,
    opening_balance::OpeningBalance,
    overtime_outlier::OvertimeOutlier,
    overtime_request::OvertimeRequest,
    overtime_rule::OvertimeRule,
    plan::Plan,
    posting::Posting,
    release::Release,
    retention::Retention,
    shift::Shift,
    staff::Staff,
    start_stage::StartStage,
    submission::Submission,
    target::Target,
    telework_day::TeleworkDay,
    token_revocation::TokenRevocation,
    unit::Unit,
    work_regime::WorkRegime,
};
use crate::error::Error;
use crate::graphql::nullable::{Nullable, maybe};
use async_graphql::{Context, ID, Interface, Object, Result};
use entity::noun::Noun;

/// A row with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id: opaque, and unique over all types."))]
pub enum Node {
    /// A bureau.
    Bureau(Bureau),
    /// A unit.
    Unit(Unit),
    /// A work regime.
    WorkRegime(WorkRegime),
    /// A holiday.
    Holiday(Holiday),
    /// An on-time day.
    OnTimeDay(OnTimeDay),
    /// A start stage.
    StartStage(StartStage),
    /// A staff member.
    Staff(Staff),
    /// A period of employment.
    EmploymentPeriod(EmploymentPeriod),
    /// A posting.
    Posting(Posting),
    /// A shift.
    Shift(Shift),
    /// An overtime request.
    OvertimeRequest(OvertimeRequest),
    /// A telework day.
    TeleworkDay(TeleworkDay),
    /// A leave entry.
    LeaveEntry(LeaveEntry),
    /// A target of annual leave.
    LeaveTarget(LeaveTarget),
    /// A hire.
    Hire(Hire),
    /// An appointment.
    Appointment(Appointment),
    /// Exceptional work.
    ExceptionalWork(ExceptionalWork),
    /// Overtime before a secondment.
    OpeningBalance(OpeningBalance),
    /// A target.
    Target(Target),
    /// A plan.
    Plan(Plan),
    /// A clause of a plan.
    Clause(Clause),
    /// An indicator's value.
    IndicatorValue(IndicatorValue),
    /// A bureau's month.
    MonthClose(MonthClose),
    /// A run of a job.
    JobRun(JobRun),
    /// The schedule of a job.
    JobSchedule(JobSchedule),
    /// A backfill.
    JobBackfill(JobBackfill),
    /// An entry of the audit trail.
    AuditEntry(AuditEntry),
    /// A machine client.
    ApiClient(ApiClient),
    /// A revocation of tokens.
    TokenRevocation(TokenRevocation),
    /// A change that waits for a second person, or waited.
    PendingChange(PendingChange),
    /// How long a noun is kept.
    Retention(Retention),
    /// A mail.
    Mail(Mail),
    /// A set of rules of overtime.
    OvertimeRule(OvertimeRule),
    /// How figures count.
    CountingRule(CountingRule),
    /// An overtime outlier.
    OvertimeOutlier(OvertimeOutlier),
    /// A cycle of the follow-up.
    FollowUp(FollowUp),
    /// A submission to it.
    Submission(Submission),
    /// A release of a year's figures.
    Release(Release),
}

/// Any row.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Any row by its global id; null where there is none that you may see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The global id, as any object's `id` gives it.")] id: ID) -> Nullable<Node> {
        maybe(found(ctx, &id)).await
    }
}

/// The row of a global id.
async fn found(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let Some((table, key)) = parse(id) else {
        return Err(Error::input("id", "IDの形式が正しくありません。", "This is no global id.").into());
    };
    let store = store(ctx);
    let Some(noun) = Noun::of_table(&table) else { return Ok(None) };
    macro_rules! one {
            ($($noun:ident $table:ident => $node:ident),+; $($other:pat => $found:expr),+ $(,)?) => {
                match noun {
                    $(Noun::$noun => store.one::<entity::$table::Entity>(key).await?.map(|row| Node::$node(row.into())),)+
                    $($other => $found,)+
                }
            };
        }
    Ok(one! {
        Bureau bureau => Bureau, Unit unit => Unit, WorkRegime work_regime => WorkRegime, Holiday holiday => Holiday,
        OnTimeDay on_time_day => OnTimeDay, StartStage start_stage => StartStage, Staff staff => Staff,
        Employment employment => EmploymentPeriod,
        Posting posting => Posting,
        Shift shift => Shift, OvertimeRequest overtime_request => OvertimeRequest, TeleworkDay telework_day => TeleworkDay,
        LeaveEntry leave_entry => LeaveEntry, LeaveTarget leave_target => LeaveTarget, Hire hire => Hire, Appointment appointment => Appointment,
        ExceptionalWork exceptional_work => ExceptionalWork, OpeningBalance opening_balance => OpeningBalance, Target target => Target,
        Plan plan => Plan, Clause clause => Clause, MonthClose month_close => MonthClose, JobRun job_run => JobRun,
        JobSchedule job_schedule => JobSchedule, JobBackfill job_backfill => JobBackfill, AuditEntry audit_entry => AuditEntry,
        TokenRevocation token_revocation => TokenRevocation, ApiClient api_client => ApiClient, Retention retention => Retention, Mail mail => Mail,
        CountingRule counting_rule => CountingRule, OvertimeRule overtime_rule => OvertimeRule, OvertimeOutlier overtime_outlier => OvertimeOutlier, FollowUp follow_up => FollowUp,
        Submission submission => Submission, Release release => Release, PendingChange pending_change => PendingChange;
        Noun::IndicatorValue => store.figure(loaders(ctx).figures(), key).await?.map(|(row, around)| Node::IndicatorValue(IndicatorValue::of(row, around))),
        // Shown within others, without an id of their own.
        Noun::PersonMonth | Noun::Initiative | Noun::SubmissionItem | Noun::FollowUpEvent | Noun::DataCall | Noun::FollowUpReport
        | Noun::Finding | Noun::ReleaseObservation | Noun::FourEyes | Noun::Holding | Noun::NamedHolder => None,
    })
}

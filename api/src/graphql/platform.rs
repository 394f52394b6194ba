//! The platform's own: who you are, any node by its id, the audit trail, machine clients.

use super::{
    appointment::Appointment,
    bureau::Bureau,
    clause::Clause,
    connection::{Connection, list, loaders, store},
    exceptional_work::ExceptionalWork,
    follow_up::FollowUp,
    hire::Hire,
    holiday::Holiday,
    indicator::IndicatorValue,
    job::JobRun,
    job_backfill::JobBackfill,
    job_schedule::JobSchedule,
    leave_entry::LeaveEntry,
    mail::Mail,
    month_close::MonthClose,
    node::{global_id, parse},
    on_time_day::OnTimeDay,
    opening_balance::OpeningBalance,
    overtime_outlier::OvertimeOutlier,
    overtime_request::OvertimeRequest,
    overtime_rule::OvertimeRule,
    plan::Plan,
    posting::Posting,
    record::noun,
    release::Release,
    retention::Retention,
    shift::Shift,
    staff::Staff,
    start_stage::StartStage,
    submission::Submission,
    target::Target,
    telework_day::TeleworkDay,
    unit::Unit,
    work_regime::WorkRegime,
};
use crate::{
    authn::BureauClaim,
    error::Error,
    store::page::{Ordering, PageArgs},
    words::Instant,
};
use async_graphql::{Context, Enum, ID, InputObject, Interface, Json, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    api_client::ClientWrites,
    audit_entry::{self, Column},
    noun::Noun,
};
use sea_orm::{ColumnTrait, Condition};

/// A row with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id."))]
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
    /// How long a noun is kept.
    Retention(Retention),
    /// A mail.
    Mail(Mail),
    /// A set of rules of overtime.
    OvertimeRule(OvertimeRule),
    /// An overtime outlier.
    OvertimeOutlier(OvertimeOutlier),
    /// A cycle of the follow-up.
    FollowUp(FollowUp),
    /// A submission to it.
    Submission(Submission),
    /// A release of a year's figures.
    Release(Release),
}

/// Who you are to the API.
#[derive(SimpleObject)]
pub struct Viewer {
    /// The token's subject; null without a token.
    subject: Option<String>,
    /// Your roles.
    roles: Vec<Role>,
    /// Whether your bureaus are all there are.
    all_bureaus: bool,
    /// Codes of the bureaus that the token names.
    bureaus: Vec<String>,
    /// Codes of the units that the token names.
    units: Vec<String>,
    /// The staff number that the token names.
    staff_number: Option<String>,
    /// The machine client that the token names.
    client: Option<String>,
    /// The body of a committee member.
    body: Option<String>,
    /// When the token ends; null without a token.
    expires_at: Option<DateTime<Utc>>,
}

/// A role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::authz::Role")]
pub enum Role {
    /// No token.
    Public,
    /// A front end.
    Viewer,
    /// A staff member.
    Staff,
    /// A manager.
    Manager,
    /// A bureau's system.
    BureauSystem,
    /// A bureau's officer.
    BureauOfficer,
    /// The promotion officer.
    PromotionOfficer,
    /// A member of a committee.
    Committee,
    /// The secretariat.
    Secretariat,
    /// The platform's administrator.
    Admin,
}

/// One act in the audit trail.
pub struct AuditEntry(audit_entry::Model);

noun!(AuditEntry, audit_entry);

/// One act in the audit trail: actor, verb, counts, ids and receipt, never content.
#[Object]
impl AuditEntry {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("audit_entry", self.0.id.0)
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The token's subject, or `system`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// The roles it acted in, separated by spaces.
    async fn roles(&self) -> &str {
        &self.0.roles
    }

    /// What was done.
    async fn verb(&self) -> &str {
        &self.0.verb
    }

    /// To which table.
    async fn noun(&self) -> &str {
        &self.0.noun
    }

    /// To which record, where it was one.
    async fn record(&self) -> Option<ID> {
        self.0.record_id.map(|id| global_id(&self.0.noun, id))
    }

    /// Counts by outcome.
    async fn counts(&self) -> Json<serde_json::Value> {
        Json(self.0.counts.clone())
    }

    /// The call's receipt.
    async fn receipt(&self) -> Option<ID> {
        self.0.receipt_id.map(|id| global_id("receipt", id.0))
    }

    /// The run asked for.
    async fn run(&self) -> Option<ID> {
        self.0.run_id.map(|id| global_id("job_run", id.0))
    }

    /// The reason given.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// Which records a client writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ClientWrites")]
pub enum Writes {
    /// Staff, postings, hires and appointments.
    Personnel,
    /// Shifts, overtime requests, telework days, leave, exceptional work and opening balances.
    Time,
}

/// Which machine clients.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ApiClientFilter {
    /// Those of which an administrator has said what they write, or has not.
    writes_stated: Option<bool>,
}

/// A machine client.
pub struct ApiClient(entity::api_client::Model);

noun!(ApiClient, api_client);

/// A machine client: what its tokens may do is intersected with this row.
#[Object]
impl ApiClient {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("api_client", self.0.id.0)
    }

    /// The code that tokens and records carry.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it is.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Codes of the bureaus it serves; null for all of them.
    async fn bureaus(&self) -> Option<&[String]> {
        self.0.bureaus.0.as_deref()
    }

    /// Which records it writes.
    async fn writes(&self) -> Vec<Writes> {
        match self.0.writes {
            Some(ClientWrites::Personnel) => vec![Writes::Personnel],
            Some(ClientWrites::Time) => vec![Writes::Time],
            Some(ClientWrites::Both) | None => vec![Writes::Personnel, Writes::Time],
        }
    }

    /// Whether an administrator has said what it writes. A client from before that was asked writes all until somebody does.
    async fn writes_stated(&self) -> bool {
        self.0.writes.is_some()
    }

    /// When it was revoked.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }

    /// When it was registered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// Which entries of the audit trail.
#[derive(Debug, Clone, Default, InputObject)]
pub struct AuditEntryFilter {
    /// By this actor.
    actor: Option<String>,
    /// With this verb.
    verb: Option<String>,
    /// About this table.
    noun: Option<String>,
    /// At or after this instant.
    from: Option<Instant>,
    /// Before this instant.
    to: Option<Instant>,
}

/// In which order entries are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AuditEntryOrder {
    /// The latest first.
    AtDescending,
    /// The oldest first.
    At,
}

/// Queries of the platform's own.
#[derive(Default)]
pub struct PlatformQuery;

#[Object]
impl PlatformQuery {
    /// Who you are to the API.
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        let principal = &store(ctx).actor().principal;
        let token = !principal.subject.is_empty();
        let bureaus = match &principal.bureaus {
            BureauClaim::All => Vec::new(),
            BureauClaim::Codes(codes) => codes.iter().cloned().collect(),
        };
        Viewer {
            subject: token.then(|| principal.subject.clone()),
            roles: principal.roles.iter().copied().map(Role::from).collect(),
            all_bureaus: principal.bureaus == BureauClaim::All,
            bureaus,
            units: principal.units.iter().cloned().collect(),
            staff_number: principal.staff_number.clone(),
            client: principal.client.clone(),
            body: principal.body.clone(),
            expires_at: token.then_some(principal.expires_at),
        }
    }

    /// Any row by its global id; null where there is none that you may see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Result<Option<Node>> {
        let Some((table, key)) = parse(&id) else {
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
            OnTimeDay on_time_day => OnTimeDay, StartStage start_stage => StartStage, Staff staff => Staff, Posting posting => Posting,
            Shift shift => Shift, OvertimeRequest overtime_request => OvertimeRequest, TeleworkDay telework_day => TeleworkDay,
            LeaveEntry leave_entry => LeaveEntry, Hire hire => Hire, Appointment appointment => Appointment,
            ExceptionalWork exceptional_work => ExceptionalWork, OpeningBalance opening_balance => OpeningBalance, Target target => Target,
            Plan plan => Plan, Clause clause => Clause, MonthClose month_close => MonthClose, JobRun job_run => JobRun,
            JobSchedule job_schedule => JobSchedule, JobBackfill job_backfill => JobBackfill, AuditEntry audit_entry => AuditEntry,
            ApiClient api_client => ApiClient, Retention retention => Retention, Mail mail => Mail,
            OvertimeRule overtime_rule => OvertimeRule, OvertimeOutlier overtime_outlier => OvertimeOutlier, FollowUp follow_up => FollowUp,
            Submission submission => Submission, Release release => Release;
            Noun::IndicatorValue => store.figure(loaders(ctx).figures(), key).await?.map(|(row, around)| Node::IndicatorValue(IndicatorValue::of(row, around))),
            // Shown within others, without an id of their own.
            Noun::PersonMonth | Noun::Initiative | Noun::SubmissionItem | Noun::FollowUpEvent | Noun::DataCall | Noun::FollowUpReport
            | Noun::Finding | Noun::ReleaseObservation => None,
        })
    }

    /// The audit trail.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.", default)] filter: AuditEntryFilter,
        #[graphql(desc = "In which order.", default_with = "AuditEntryOrder::AtDescending")] order_by: AuditEntryOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<AuditEntry>> {
        let mut condition = Condition::all();
        for (column, text) in [(Column::Actor, &filter.actor), (Column::Verb, &filter.verb), (Column::Noun, &filter.noun)] {
            if let Some(text) = text {
                condition = condition.add(column.eq(text));
            }
        }
        if let Some(from) = filter.from {
            condition = condition.add(Column::At.gte(from.0));
        }
        if let Some(to) = filter.to {
            condition = condition.add(Column::At.lt(to.0));
        }
        let order = Ordering { by: Column::At, descending: order_by == AuditEntryOrder::AtDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }

    /// Machine clients, by code.
    async fn api_clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which clients.", default)] filter: ApiClientFilter,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ApiClient>> {
        use entity::api_client::Column;
        let order = Ordering { by: Column::Code, descending: false };
        let stated = filter.writes_stated.map(|stated| if stated { Column::Writes.is_not_null() } else { Column::Writes.is_null() });
        list(ctx, Condition::all().add_option(stated), order, &PageArgs { first, after, last, before }).await
    }
}

/// A machine client to be registered, or changed.
#[derive(InputObject)]
pub struct RegisterApiClientInput {
    /// Its code.
    code: String,
    /// What it is.
    name: String,
    /// Codes of the bureaus it serves; null for all of them.
    bureaus: Option<Vec<String>>,
    /// Which records it writes; a client that only keeps time needs no authority over people.
    #[graphql(default_with = "vec![Writes::Personnel, Writes::Time]")]
    writes: Vec<Writes>,
}

/// A machine client to be revoked.
#[derive(InputObject)]
pub struct RevokeApiClientInput {
    /// Its code.
    code: String,
    /// Why, for the audit trail.
    reason: String,
}

/// The client as it stands now.
#[derive(SimpleObject)]
pub struct ApiClientPayload {
    /// The client.
    api_client: ApiClient,
}

/// Mutations of the platform's own.
#[derive(Default)]
pub struct PlatformMutation;

#[Object]
impl PlatformMutation {
    /// Registers a machine client, or changes what one is, serves and writes.
    async fn register_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The client.")] input: RegisterApiClientInput,
    ) -> Result<ApiClientPayload> {
        let writes = match (input.writes.contains(&Writes::Personnel), input.writes.contains(&Writes::Time)) {
            (true, true) => ClientWrites::Both,
            (true, false) => ClientWrites::Personnel,
            (false, true) => ClientWrites::Time,
            (false, false) => {
                let (ja, en) = ("書き込む記録の種類を指定してください。", "Say which records the client writes.");
                return Err(Error::input("writes", ja, en).into());
            }
        };
        Ok(ApiClientPayload { api_client: store(ctx).register_client(&input.code, &input.name, input.bureaus, writes).await?.into() })
    }

    /// Revokes a machine client: none of its tokens is accepted any more.
    async fn revoke_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The client.")] input: RevokeApiClientInput,
    ) -> Result<ApiClientPayload> {
        Ok(ApiClientPayload { api_client: store(ctx).revoke_client(&input.code, &input.reason).await?.into() })
    }
}

//! Who you are, as your token says, and what you may do.

use super::{
    connection::store,
    nullable::{Nullable, attempt},
};
use crate::authn::BureauClaim;
use crate::authz::Action;
use crate::error::Error;
use async_graphql::{ComplexObject, Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::noun::Noun;

/// What the caller's token is worth to the API; codes stand as the token has them.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Viewer {
    /// The token's subject; null without a token.
    subject: Option<String>,
    /// The roles that the token carries, which add up; `PUBLIC` alone without a token.
    roles: Vec<Role>,
    /// Whether the token is for all bureaus, those to come too; `bureaus` is empty then.
    all_bureaus: bool,
    /// Codes of the bureaus that the token names.
    bureaus: Vec<String>,
    /// Codes of the units that the token names.
    units: Vec<String>,
    /// The staff number that the token names, whose own records it reads; null where it names none.
    staff_number: Option<String>,
    /// The machine client that the token names.
    client: Option<String>,
    /// The committee of a member: `promotion_committee`, `executive_committee` or `council`; null for other tokens.
    body: Option<String>,
    /// When the token ends; null without a token.
    expires_at: Option<DateTime<Utc>>,
}

/// A role that a token may carry; an actor may hold several, and rights add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::authz::Role")]
pub enum Role {
    /// Who calls without a token: reads the plan, the catalogue of indicators, and what is published.
    Public,
    /// A front end without persons: reads master data and protected figures.
    Viewer,
    /// A staff member: reads, besides, their own records and flags.
    Staff,
    /// A manager: reads the records and flags of their own units, and records overtime requests there.
    Manager,
    /// A bureau's machine: reads and records what belongs to its bureaus, without flags.
    BureauSystem,
    /// A bureau's officer (女性活躍・WLB担当): as the machine, and submits months, corrects closed ones, reviews flags, answers data calls.
    BureauOfficer,
    /// The promotion officer (推進担当官): reads all persons, runs, the audit trail and drafts, and changes nothing.
    PromotionOfficer,
    /// A member of a committee: reads drafts, findings and data calls; the Executive Committee (幹事会) compiles.
    Committee,
    /// The secretariat (内閣総務官室): reads all persons, records for all bureaus, closes months, triggers jobs, runs the follow-up.
    Secretariat,
    /// The platform's administrator: clients, jobs, schedules, retention, rules, calendars, targets and plans; no person, no figure.
    Admin,
    /// An auditor of an inquiry (監査担当): reads all persons and the audit trail, and changes nothing; alone in its token. What it read is shown
    /// to the promotion officer alone.
    Auditor,
}

/// Something that a caller may want to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Act {
    /// Read rows of a table.
    Read,
    /// Write records in bulk.
    Record,
    /// Write into a closed month, with a reason.
    CorrectClosedMonth,
    /// Say that a bureau's month is complete.
    SubmitMonth,
    /// Close a bureau's month.
    CloseMonth,
    /// Send a bureau's submitted month back.
    ReturnMonth,
    /// Read all that is held about one person, as the office must disclose it (開示).
    ReadPersonFile,
    /// See in the trail, and among the readers of a person, what auditors of an inquiry read: it may be about any other who reads the trail.
    SeeInquiries,
    /// Name the bureau that holds a person, where posts beside a main one leave it open: what reaches the whole office does.
    SetHolder,
    /// Start a job.
    TriggerJob,
    /// Retry and cancel runs, plan, start and cancel backfills.
    ManageRuns,
    /// Change, pause and resume schedules.
    ManageSchedules,
    /// Register or revoke a machine client, revoke tokens.
    ManageClients,
    /// Ask which client's records were warned of.
    CountWarnings,
    /// Say how long a noun is kept.
    ManageRetention,
    /// Change the rules of overtime.
    ManageRules,
    /// Say which changes need a second person.
    ManageFourEyes,
    /// Approve or decline another person's change.
    DecideChange,
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

impl Act {
    /// The act of the policy; reading and recording are of a noun, and the others of none.
    fn of(self, noun: Option<Noun>) -> Result<Action, Error> {
        let action = match (self, noun) {
            (Self::Read, Some(noun)) => Action::Read(noun),
            (Self::Record, Some(noun)) => Action::Record(noun),
            (Self::CorrectClosedMonth, None) => Action::CorrectClosedMonth,
            (Self::SubmitMonth, None) => Action::SubmitMonth,
            (Self::CloseMonth, None) => Action::CloseMonth,
            (Self::ReturnMonth, None) => Action::ReturnMonth,
            (Self::ReadPersonFile, None) => Action::ReadPersonFile,
            (Self::SeeInquiries, None) => Action::SeeInquiries,
            (Self::SetHolder, None) => Action::SetHolder,
            (Self::TriggerJob, None) => Action::TriggerJob,
            (Self::ManageRuns, None) => Action::ManageRuns,
            (Self::ManageSchedules, None) => Action::ManageSchedules,
            (Self::ManageClients, None) => Action::ManageClients,
            (Self::CountWarnings, None) => Action::CountWarnings,
            (Self::ManageRetention, None) => Action::ManageRetention,
            (Self::ManageRules, None) => Action::ManageRules,
            (Self::ManageFourEyes, None) => Action::ManageFourEyes,
            (Self::DecideChange, None) => Action::DecideChange,
            (Self::ReviewOutlier, None) => Action::ReviewOutlier,
            (Self::LoadPlan, None) => Action::LoadPlan,
            (Self::SubmitFollowUp, None) => Action::SubmitFollowUp,
            (Self::ManageFollowUp, None) => Action::ManageFollowUp,
            (Self::CompileFollowUp, None) => Action::CompileFollowUp,
            (Self::Read | Self::Record, None) => {
                return Err(Error::input("noun", "閲覧と記録では、対象を指定してください。", "Reading and recording are of a noun."));
            }
            (_, Some(_)) => {
                return Err(Error::input(
                    "noun",
                    "対象を指定できるのは、閲覧と記録だけです。",
                    "Only reading and recording are of a noun.",
                ));
            }
        };
        Ok(action)
    }
}

#[ComplexObject]
impl Viewer {
    /// Whether the caller may do this of anything at all, by the policy that every request goes through: by roles, committee and what its client
    /// writes. Of a single row, the bureau, the month and the state of the row decide besides.
    async fn may(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the caller would do.")] act: Act,
        #[graphql(desc = "Of what, where the act is READ or RECORD; of no noun otherwise.")] noun: Option<Noun>,
    ) -> Nullable<bool> {
        attempt(async { Ok(store(ctx).allow(act.of(noun)?).is_ok()) }).await
    }
}

/// Who you are.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// What the caller's token is worth: roles, bureaus, person, client and end; answers without a token too.
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
}

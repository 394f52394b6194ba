//! Who you are, as your token says.

use super::connection::store;
use crate::authn::BureauClaim;
use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};

/// What the caller's token is worth to the API; codes stand as the token has them.
#[derive(SimpleObject)]
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

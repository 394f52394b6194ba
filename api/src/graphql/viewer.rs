//! Who you are, as your token says.

use super::connection::store;
use crate::authn::BureauClaim;
use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};

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

/// Who you are.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
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
}

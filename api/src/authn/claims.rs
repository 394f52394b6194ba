//! From verified claims to a principal: names, shapes, and what each role needs.
//!
//! Deliberately absent: any check that a bureau, unit, person or client exists; the store knows.

use std::{collections::BTreeSet, fmt};

use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Serialize, Serializer,
    de::value::{Error, StrDeserializer},
};
use serde_json::{Map, Value};

use super::{AuthnError, cache::Verified};
use crate::{
    authz::{BODIES, Kind, Role},
    http::Who,
};

/// Under which names the claims of an identity provider stand. By default each has the name of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// Roles: a list, or names separated by spaces. Names that we do not know are ignored.
    pub roles: String,
    /// Codes of bureaus: a list, or codes separated by spaces, or `"all"` or `"*"`.
    pub bureaus: String,
    /// Codes of units: a list, or codes separated by spaces.
    pub units: String,
    /// The bearer's own staff number: a string.
    pub staff_number: String,
    /// The code of a machine client: a string (often `azp` or `client_id`).
    pub client: String,
    /// The body that a committee's member sits on: one of [`BODIES`].
    pub body: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            roles: "roles".to_owned(),
            bureaus: "bureaus".to_owned(),
            units: "units".to_owned(),
            staff_number: "staff_number".to_owned(),
            client: "client".to_owned(),
            body: "body".to_owned(),
        }
    }
}

/// The bureaus that a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BureauClaim {
    /// Every bureau, those yet to come included.
    All,
    /// These codes; possibly none.
    Codes(BTreeSet<String>),
}

impl BureauClaim {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Codes(codes) if codes.is_empty())
    }
}

impl Default for BureauClaim {
    fn default() -> Self {
        Self::Codes(BTreeSet::new())
    }
}

impl Serialize for BureauClaim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Codes(codes) => codes.serialize(serializer),
        }
    }
}

/// Who is asking, as a verified token says or, without a token, the public.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    /// `sub`; empty for the public.
    pub subject: String,
    /// At least one role; [`Role::Public`] alone for the public, never from a token.
    pub roles: BTreeSet<Role>,
    /// The bureaus that the bearer speaks for.
    pub bureaus: BureauClaim,
    /// The codes of the bearer's units.
    pub units: BTreeSet<String>,
    /// The bearer's own staff number.
    pub staff_number: Option<String>,
    /// The code of the machine client.
    pub client: Option<String>,
    /// The body that a committee's member sits on.
    pub body: Option<String>,
    /// `exp`, without leeway; the end of time for the public. A long-lived connection must not outlive it.
    pub expires_at: DateTime<Utc>,
    /// `iat`, of a token that says it.
    pub issued_at: Option<DateTime<Utc>>,
    /// `jti`, of a token that has one.
    pub token: Option<String>,
}

/// Roles only: the rest is about a person and must not reach a log.
impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("roles", &self.roles).finish_non_exhaustive()
    }
}

impl Principal {
    /// Whoever sends no token.
    #[must_use]
    pub fn public() -> Self {
        Self {
            subject: String::new(),
            roles: BTreeSet::from([Role::Public]),
            bureaus: BureauClaim::default(),
            units: BTreeSet::new(),
            staff_number: None,
            client: None,
            body: None,
            expires_at: DateTime::<Utc>::MAX_UTC,
            issued_at: None,
            token: None,
        }
    }

    /// Among whom scarce things are shared out: the kind by the policy, and the token's subject under its client.
    #[must_use]
    pub fn who(&self) -> Who {
        let client = self.client.as_deref().unwrap_or_default();
        // Quoted, so that no client and subject run into another's key.
        let key = if self.subject.is_empty() { String::new() } else { format!("{client:?} {:?}", self.subject) };
        Who { kind: Kind::of(&self.roles), key: key.into() }
    }

    /// Refuses a token whose role would have nothing to stand on: its scope would be empty, and nobody would know why. An auditor's stands
    /// alone, so that an entry of the trail is of an inquiry or it is not.
    fn check_needs(&self) -> Result<(), AuthnError> {
        let need = |met: bool, claim| if met { Ok(()) } else { Err(AuthnError::MissingClaim(claim)) };
        for role in &self.roles {
            match role {
                Role::Staff => need(self.staff_number.is_some(), "staff_number")?,
                Role::Manager => need(!self.units.is_empty(), "units")?,
                Role::BureauSystem => {
                    need(!self.bureaus.is_empty(), "bureaus")?;
                    need(self.client.is_some(), "client")?;
                }
                Role::BureauOfficer => need(!self.bureaus.is_empty(), "bureaus")?,
                Role::Committee => {
                    need(self.body.is_some(), "body")?;
                    if !self.body.as_deref().is_some_and(|body| BODIES.contains(&body)) {
                        return Err(AuthnError::InvalidClaim("body"));
                    }
                }
                // Nobody hides daily work as an inquiry, and no machine makes one.
                Role::Auditor if self.roles.len() > 1 => return Err(AuthnError::InvalidClaim("roles")),
                Role::Auditor if self.client.is_some() => return Err(AuthnError::InvalidClaim("client")),
                Role::Public | Role::Viewer | Role::PromotionOfficer | Role::Secretariat | Role::Admin | Role::Auditor => {}
            }
        }
        Ok(())
    }
}

impl Verified {
    /// Reads the claims of a token whose signature, issuer and audience are good.
    pub(super) fn from_claims(claims: &Map<String, Value>, names: &ClaimNames) -> Result<Self, AuthnError> {
        let bureaus = match claims.get(&names.bureaus).and_then(Value::as_str) {
            Some("all" | "*") => BureauClaim::All,
            _ => BureauClaim::Codes(list(claims.get(&names.bureaus), "bureaus")?),
        };
        let roles: BTreeSet<Role> = list(claims.get(&names.roles), "roles")?
            .iter()
            .filter_map(|name| Role::deserialize(StrDeserializer::<Error>::new(name)).ok())
            .filter(|role| *role != Role::Public)
            .collect();
        if roles.is_empty() {
            return Err(AuthnError::MissingClaim("roles"));
        }
        let principal = Principal {
            subject: text(claims.get("sub"), "sub")?.ok_or(AuthnError::MissingClaim("sub"))?,
            roles,
            bureaus,
            units: list(claims.get(&names.units), "units")?,
            staff_number: text(claims.get(&names.staff_number), "staff_number")?,
            client: text(claims.get(&names.client), "client")?,
            body: text(claims.get(&names.body), "body")?,
            expires_at: instant(claims.get("exp"), "exp")?.ok_or(AuthnError::MissingClaim("exp"))?,
            issued_at: instant(claims.get("iat"), "iat")?,
            token: text(claims.get("jti"), "jti")?,
        };
        principal.check_needs()?;
        Ok(Self { principal, not_before: instant(claims.get("nbf"), "nbf")? })
    }
}

/// A list of strings, or one string of words: identity providers send either, and a plain string where there is one value.
fn list(value: Option<&Value>, claim: &'static str) -> Result<BTreeSet<String>, AuthnError> {
    let wrong = AuthnError::InvalidClaim(claim);
    match value {
        None | Some(Value::Null) => Ok(BTreeSet::new()),
        Some(Value::String(words)) => Ok(words.split_ascii_whitespace().map(str::to_owned).collect()),
        Some(Value::Array(items)) => {
            items.iter().filter(|item| item.as_str() != Some("")).map(|item| item.as_str().map(str::to_owned).ok_or(wrong)).collect()
        }
        Some(_) => Err(wrong),
    }
}

/// A string; an empty one counts as absent. A number is refused: it would have lost its leading zeros.
fn text(value: Option<&Value>, claim: &'static str) -> Result<Option<String>, AuthnError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(AuthnError::InvalidClaim(claim)),
    }
}

/// A `NumericDate` (RFC 7519, 2): seconds since 1970, possibly with a fraction, which is cut off.
fn instant(value: Option<&Value>, claim: &'static str) -> Result<Option<DateTime<Utc>>, AuthnError> {
    let wrong = AuthnError::InvalidClaim(claim);
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and a date that far is refused below")]
    let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64)).ok_or(wrong)?;
    DateTime::from_timestamp(seconds, 0).map(Some).ok_or(wrong)
}

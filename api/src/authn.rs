//! Who is asking: turns an `Authorization` header into a [`Principal`], or refuses it.
//!
//! No header means the public; a header that is not one good bearer token is refused, never silently public. Tokens are JWTs signed with
//! `EdDSA`, ES256 or RS256 under a key of the configured set ([`JwksSource`]), and time is the caller's `now` alone. Deliberately absent: what a
//! role may do (`authz`), whether a machine client is known and not revoked (the store, which has its row), sessions, and any log line
//! that holds a token or a claim.

mod cache;
mod claims;
mod keys;
mod local;
#[cfg(test)]
mod tests;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use jobs::clock::Clock;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use self::{
    cache::{Cache, Verified},
    keys::{Keys, Miss},
};
pub use self::{
    claims::{BureauClaim, ClaimNames, Principal},
    local::{LONGEST_LIFE, LocalKey, LocalKeyError, TokenClaims, TokenRequest},
};

/// The longest token looked at, in bytes.
const MAX_TOKEN: usize = 8 * 1024;
/// How many verified tokens are remembered.
const CACHED_TOKENS: usize = 10_000;

/// Where the public keys come from that tokens are verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwksSource {
    /// A file that holds a JWK set; read anew within a second of a change.
    File(PathBuf),
    /// An https address that serves a JWK set (http is accepted from this machine alone); fetched at the start, then as
    /// [`AuthnConfig::max_age`] says.
    Url(String),
    /// The private key file of [`LocalKey`], made on first use.
    Local(PathBuf),
}

/// What makes a token acceptable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnConfig {
    /// The one accepted `iss`.
    pub issuer: String,
    /// The name that `aud` must be or contain.
    pub audience: String,
    /// Where the keys come from.
    pub jwks: JwksSource,
    /// Under which names the claims stand.
    pub claims: ClaimNames,
    /// The accepted values of a token's `typ`, so that what the issuer signed for another purpose (an ID token's logout, a proof of possession) is no
    /// access token. A header without `typ` counts as `JWT`. Default: `JWT` and `at+jwt` (RFC 9068).
    pub types: Vec<String>,
    /// Where the last key set that a URL gave is kept, so that the service starts while the issuer is down. Default: nowhere.
    pub last_keys: Option<PathBuf>,
    /// How far the issuer's clock may differ from ours, applied to `exp` and `nbf`. Default: 30 seconds.
    pub leeway: TimeDelta,
    /// After how long a key set from a URL is fetched anew. Default: 5 minutes; a key that was withdrawn is accepted for that long.
    pub max_age: TimeDelta,
}

impl AuthnConfig {
    /// A configuration with default claim names, leeway and age.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, jwks: JwksSource) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            jwks,
            claims: ClaimNames::default(),
            types: ["JWT", "at+jwt"].map(str::to_owned).into(),
            last_keys: None,
            leeway: TimeDelta::seconds(30),
            max_age: TimeDelta::minutes(5),
        }
    }
}

/// Why the service cannot start with this configuration (or, later, why a key set could not be renewed).
#[derive(Debug, thiserror::Error)]
pub enum AuthnConfigError {
    /// Without issuer or audience any token of a shared identity provider would do.
    #[error("the issuer and the audience of tokens must be configured")]
    NoIssuerOrAudience,
    /// The key set file cannot be read.
    #[error("cannot read the key set {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not a URL, or one that anybody between us and the server could answer.
    #[error("the address of the key set must be https (http only on this machine): {0}")]
    BadUrl(String),
    /// The server of the key set did not answer, or not within five seconds.
    #[error("cannot fetch the key set from {url}")]
    Fetch {
        /// The address.
        url: String,
        /// What went wrong.
        source: reqwest::Error,
    },
    /// The server answered something other than 200.
    #[error("cannot fetch the key set from {url}: the server answered {status}")]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// More than 256 KiB.
    #[error("the key set is larger than 256 KiB")]
    TooLarge,
    /// Not JSON, or without `keys`.
    #[error("the key set is not a JSON object with a list `keys`")]
    NotAKeySet(#[source] serde_json::Error),
    /// Every key was dropped; the log says why.
    #[error("the key set has no key usable for EdDSA, ES256 or RS256 (2048 to 4096 bits)")]
    NoUsableKey,
    /// The local key cannot be opened or made.
    #[error(transparent)]
    LocalKey(#[from] LocalKeyError),
}

/// Why a request is not authenticated. It tells a stranger nothing about keys: only the bearer of a token with a good signature, issuer
/// and audience learns more than [`Self::Malformed`] or [`Self::Invalid`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(false))]
pub enum AuthnError {
    /// The header is not `Bearer` and one token of at most 8 KiB.
    Malformed,
    /// `exp` has passed.
    Expired,
    /// `nbf` is yet to come.
    NotYetValid,
    /// Anything else about signature, key, algorithm, issuer or audience.
    Invalid,
    /// A claim that every token or this token's role needs is absent or empty.
    MissingClaim(&'static str),
    /// A claim has the wrong type, or a value outside its closed list.
    InvalidClaim(&'static str),
}

impl AuthnError {
    /// The message for the caller, in Japanese or English.
    #[must_use]
    pub fn message(&self, ja: bool) -> String {
        match (self, ja) {
            (Self::Malformed, false) => "The Authorization header must read `Bearer <token>`, with one token of at most 8 KiB.".to_owned(),
            (Self::Malformed, true) => {
                "Authorization ヘッダーは「Bearer <トークン>」の形で、8 KiB 以下のトークンを一つ指定してください。".to_owned()
            }
            (Self::Expired, false) => "The token has expired; get a new one.".to_owned(),
            (Self::Expired, true) => "トークンの有効期限が切れています。新しいトークンを取得してください。".to_owned(),
            (Self::NotYetValid, false) => "The token is not valid yet.".to_owned(),
            (Self::NotYetValid, true) => "トークンはまだ有効期間に入っていません。".to_owned(),
            (Self::Invalid, false) => "The token is not valid.".to_owned(),
            (Self::Invalid, true) => "トークンが正しくありません。".to_owned(),
            (Self::MissingClaim(claim), false) => format!("The token lacks the claim `{claim}`, or it holds no usable value."),
            (Self::MissingClaim(claim), true) => format!("トークンに必要なクレーム「{claim}」がないか、有効な値がありません。"),
            (Self::InvalidClaim(claim), false) => format!("The claim `{claim}` of the token has a type or value that is none of its own."),
            (Self::InvalidClaim(claim), true) => format!("トークンのクレーム「{claim}」の型又は値が正しくありません。"),
        }
    }
}

/// Verifies bearer tokens. One for the process, shared by all requests.
pub struct Authenticator {
    config: AuthnConfig,
    validation: Validation,
    keys: Arc<Keys>,
    cache: Cache,
    verifications: AtomicU64,
}

impl Authenticator {
    /// Reads, fetches or makes the keys.
    ///
    /// # Errors
    /// Any [`AuthnConfigError`]: the service must not start without keys.
    pub async fn load(config: AuthnConfig) -> Result<Self, AuthnConfigError> {
        Self::load_at(config, Clock::system().now()).await
    }

    async fn load_at(config: AuthnConfig, now: DateTime<Utc>) -> Result<Self, AuthnConfigError> {
        if config.issuer.is_empty() || config.audience.is_empty() {
            return Err(AuthnConfigError::NoIssuerOrAudience);
        }
        let mut validation = Validation::default();
        validation.set_issuer(&[&config.issuer]);
        validation.set_audience(&[&config.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        // The library would ask the system's clock; `Verified::at` asks the caller's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let keys = Arc::new(Keys::load(&config, now).await?);
        Ok(Self { config, validation, keys, cache: Cache::new(CACHED_TOKENS), verifications: AtomicU64::new(0) })
    }

    /// Who sent this `Authorization` header, at the instant `now`; the public where there is none.
    ///
    /// # Errors
    /// Any [`AuthnError`]; the request must then be refused, not served as public.
    pub async fn authenticate(&self, authorization: Option<&str>, now: DateTime<Utc>) -> Result<Principal, AuthnError> {
        let Some(authorization) = authorization else { return Ok(Principal::public()) };
        let token = bearer(authorization)?;
        let digest: [u8; 32] = Sha256::digest(token).into();
        let mut keys = self.keys.current(now).await;
        if let Some(verified) = self.cache.get(&digest, keys.generation()) {
            return verified.at(now, self.config.leeway);
        }

        let header = decode_header(token).map_err(|_| AuthnError::Invalid)?;
        // `crit` names extensions that we must understand (RFC 7515, 4.1.11); we understand none.
        if !matches!(header.alg, Algorithm::EdDSA | Algorithm::ES256 | Algorithm::RS256) || header.crit.is_some() {
            return Err(AuthnError::Invalid);
        }
        if !is_of_type(header.typ.as_deref(), &self.config.types) {
            return Err(AuthnError::Invalid);
        }
        let kid = header.kid.as_deref();
        if matches!(keys.find(kid, header.alg), Err(Miss::UnknownKid)) {
            keys = self.keys.renewed(now).await;
        }
        let key = keys.find(kid, header.alg).map_err(|_| AuthnError::Invalid)?;

        self.verifications.fetch_add(1, Ordering::Relaxed);
        let mut validation = self.validation.clone();
        validation.algorithms = vec![header.alg];
        let claims = decode::<Map<String, Value>>(token, key, &validation).map_err(|_| AuthnError::Invalid)?.claims;
        // The library takes a list that holds the issuer, too.
        if !claims.get("iss").is_some_and(Value::is_string) {
            return Err(AuthnError::Invalid);
        }
        let verified = Arc::new(Verified::from_claims(&claims, &self.config.claims)?);
        let principal = verified.at(now, self.config.leeway)?;
        self.cache.insert(digest, verified, keys.generation());
        Ok(principal)
    }

    /// How long a token that expires at an instant (of its [`Principal`]) is still accepted; zero when it no longer is.
    #[must_use]
    pub fn left(&self, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
        (expires_at - now + self.config.leeway).to_std().unwrap_or_default()
    }

    /// How many signatures have been checked since the start; a token that is still remembered adds nothing.
    #[must_use]
    pub fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::Relaxed)
    }
}

/// Whether a header's `typ` is an accepted one; case does not matter, and `application/` may be left out (RFC 7515, 4.1.9).
fn is_of_type(typ: Option<&str>, accepted: &[String]) -> bool {
    const PREFIX: &str = "application/";
    let bare = |text: &str| match text.get(..PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => text[PREFIX.len()..].to_ascii_lowercase(),
        _ => text.to_ascii_lowercase(),
    };
    let typ = bare(typ.unwrap_or("JWT"));
    accepted.iter().any(|accepted| bare(accepted) == typ)
}

/// The token of a `Bearer` header (RFC 6750, 2.1; the scheme's case does not matter).
fn bearer(authorization: &str) -> Result<&str, AuthnError> {
    let (scheme, token) = authorization.split_once(' ').ok_or(AuthnError::Malformed)?;
    let token = token.trim_matches(' ');
    let plain = token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > MAX_TOKEN || !plain {
        return Err(AuthnError::Malformed);
    }
    Ok(token)
}

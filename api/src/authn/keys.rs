//! The public keys that tokens are verified with, and their rotation.
//!
//! Keys are renewed on demand: a request that finds the set too old, or meets a key id that it lacks, renews it, one at a time, paced so that
//! forged key ids cannot make us hammer anybody. A renewal that fails keeps the set we have and says so in the log. Deliberately absent: a
//! background task, and keys that a token brings along (`jwk`, `jku`, `x5c`).

use std::{
    fs::File,
    io::Read,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jobs::private;
use jsonwebtoken::{
    Algorithm, DecodingKey, crypto,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use reqwest::{Client, Url, redirect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{AuthnConfig, AuthnConfigError, JwksSource, LocalKey};

/// The largest key set that is read, in bytes.
const MAX_SET: usize = 256 * 1024;
/// How long the server of a key set may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// A URL that did not answer is asked again after this, where nothing but the age of the set asks for it.
const FETCH_PACE: TimeDelta = TimeDelta::seconds(30);
/// A URL is asked at most this often, whatever the reason: a rotated key is found this soon, however many forged key ids come meanwhile.
const UNKNOWN_PACE: TimeDelta = TimeDelta::seconds(4);
/// How old the key set on disk may be for a start without the issuer: for so long a key that was withdrawn may be accepted.
const OLDEST_LAST: TimeDelta = TimeDelta::days(7);
/// A file is looked at this often without reason.
const LOOK_PACE: TimeDelta = TimeDelta::seconds(1);

/// A set of usable keys as it stood at one time.
pub(super) struct KeySet {
    generation: u64,
    keys: Vec<Key>,
    /// As it was read, to tell a change from a mere renewal.
    raw: Vec<Value>,
}

struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    material: DecodingKey,
}

/// Why a token's header leads to no key.
pub(super) enum Miss {
    /// No key of this id: a newer set may have it.
    UnknownKid,
    /// No renewal would help: the key is of another type, or the header names none and the set has several.
    Refused,
}

impl KeySet {
    /// Grows whenever the set changes.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// The one key for this header; its type, not the token, decides the algorithm.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&DecodingKey, Miss> {
        let fits = |key: &&Key| key.algorithm == algorithm;
        let Some(kid) = kid else {
            let only = if let [only] = self.keys.as_slice() { Some(only) } else { None };
            return only.filter(fits).map(|key| &key.material).ok_or(Miss::Refused);
        };
        let mut named = self.keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).peekable();
        if named.peek().is_none() {
            return Err(Miss::UnknownKid);
        }
        named.find(fits).map(|key| &key.material).ok_or(Miss::Refused)
    }

    fn new(generation: u64, raw: Vec<Value>) -> Result<Self, AuthnConfigError> {
        let keys: Vec<Key> = raw.iter().filter_map(usable_or_log).collect();
        if keys.is_empty() { Err(AuthnConfigError::NoUsableKey) } else { Ok(Self { generation, keys, raw }) }
    }
}

fn usable_or_log(raw: &Value) -> Option<Key> {
    let dropped = match Jwk::deserialize(raw) {
        Ok(jwk) => match usable(jwk) {
            Ok(key) => return Some(key),
            Err(reason) => reason,
        },
        Err(_) => "it is not a JWK",
    };
    let kid = raw.get("kid").and_then(|kid| kid.as_str());
    tracing::warn!(kid, reason = dropped, "a key of the key set is not used");
    None
}

/// The key with the one algorithm that its type allows, or why it must not be used.
fn usable(jwk: Jwk) -> Result<Key, &'static str> {
    let common = &jwk.common;
    if !matches!(common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return Err("its use is not sig");
    }
    if common.key_operations.as_ref().is_some_and(|operations| !operations.contains(&KeyOperations::Verify)) {
        return Err("its operations do not include verify");
    }
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| "its numbers are not base64url");
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(parameters) => {
            // Below is weak, above the cryptographic library refuses.
            if !(2048..=4096).contains(&bits(&bytes(&parameters.n)?)) {
                return Err("an RSA key must have 2048 to 4096 bits");
            }
            Algorithm::RS256
        }
        AlgorithmParameters::EllipticCurve(parameters) if parameters.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(parameters) if parameters.curve == EllipticCurve::Ed25519 => {
            // The library would panic on a shorter one and cut a longer one.
            if bytes(&parameters.x)?.len() != 32 {
                return Err("an Ed25519 key must have 32 bytes");
            }
            Algorithm::EdDSA
        }
        _ => return Err("its type is not Ed25519, P-256 or RSA"),
    };
    if common.key_algorithm.is_some_and(|named| named != algorithm.into()) {
        return Err("its alg is not the accepted one for its type");
    }
    let material = DecodingKey::from_jwk(&jwk).map_err(|_| "its numbers are not base64url")?;
    // A trial on an empty signature: false for a good key, an error for a point that is not on the curve.
    crypto::verify("", &[], &material, algorithm).map_err(|_| "it is no point on its curve")?;
    Ok(Key { kid: jwk.common.key_id, algorithm, material })
}

/// The length of a big-endian number.
fn bits(number: &[u8]) -> usize {
    let significant = number.iter().skip_while(|byte| **byte == 0).collect::<Vec<_>>();
    significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize)
}

/// Where the set comes from, ready to be asked again.
enum Source {
    Local(PathBuf),
    File(PathBuf),
    Url { client: Client, url: Url, max_age: TimeDelta, last: Option<PathBuf> },
}

/// The last key set that a URL gave, as it is kept on disk.
#[derive(Serialize, Deserialize)]
struct Last {
    url: String,
    fetched_at: DateTime<Utc>,
    keys: Vec<Value>,
}

/// What tells a changed file from an unchanged one.
type Stamp = (SystemTime, u64);

struct Freshness {
    tried_at: DateTime<Utc>,
    renewed_at: DateTime<Utc>,
    /// Of the file as it was last read; none after a failure, so that it is tried again.
    stamp: Option<Stamp>,
}

/// The current key set and the way to the next.
pub(super) struct Keys {
    source: Source,
    current: RwLock<Arc<KeySet>>,
    /// Whoever holds it renews; nobody else does meanwhile.
    freshness: Arc<Mutex<Freshness>>,
}

impl Keys {
    pub(super) async fn load(config: &AuthnConfig, now: DateTime<Utc>) -> Result<Self, AuthnConfigError> {
        let (mut stamp, mut renewed_at) = (None, now);
        let (source, set) = match &config.jwks {
            JwksSource::Local(path) => {
                LocalKey::open_or_create(path)?;
                (Source::Local(path.clone()), KeySet::new(1, LocalKey::verifying(path, now)?)?)
            }
            JwksSource::File(path) => {
                stamp = look(path);
                (Source::File(path.clone()), KeySet::new(1, read(path)?)?)
            }
            JwksSource::Url(address) => {
                let (client, url) = client(address)?;
                let last = config.last_keys.clone();
                let set = match fetch(&client, &url).await.and_then(|raw| KeySet::new(1, raw)) {
                    Ok(set) => {
                        keep(last.as_deref(), &url, &set, now).await;
                        set
                    }
                    Err(error) => {
                        let Some((set, fetched_at)) = last.as_deref().and_then(|last| kept(last, &url, now)) else { return Err(error) };
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, %fetched_at, "the issuer's key set cannot be had; the last one on disk is used");
                        renewed_at = fetched_at;
                        set
                    }
                };
                (Source::Url { client, url, max_age: config.max_age, last }, set)
            }
        };
        let current = RwLock::new(Arc::new(set));
        Ok(Self { source, current, freshness: Arc::new(Mutex::new(Freshness { tried_at: now, renewed_at, stamp })) })
    }

    /// The set to verify with; renewed first if it is due and nobody else is at it.
    pub(super) async fn current(self: &Arc<Self>, now: DateTime<Utc>) -> Arc<KeySet> {
        if let Ok(freshness) = Arc::clone(&self.freshness).try_lock_owned() {
            let due = match &self.source {
                Source::Local(_) | Source::File(_) => apart(now, freshness.tried_at, LOOK_PACE),
                Source::Url { max_age, .. } => apart(now, freshness.renewed_at, *max_age) && apart(now, freshness.tried_at, FETCH_PACE),
            };
            if due {
                self.renew(freshness, now).await;
            }
        }
        self.set()
    }

    /// The set after a key id was met that it lacks: renewed as far as the pace allows, or by whoever is just doing so.
    pub(super) async fn renewed(self: &Arc<Self>, now: DateTime<Utc>) -> Arc<KeySet> {
        let freshness = Arc::clone(&self.freshness).lock_owned().await;
        let allowed = match &self.source {
            Source::Local(_) => apart(now, freshness.tried_at, LOOK_PACE),
            Source::File(_) => freshness.stamp.is_some() || apart(now, freshness.tried_at, LOOK_PACE),
            Source::Url { .. } => apart(now, freshness.tried_at, UNKNOWN_PACE),
        };
        if allowed {
            self.renew(freshness, now).await;
        }
        self.set()
    }

    async fn renew(self: &Arc<Self>, mut freshness: OwnedMutexGuard<Freshness>, now: DateTime<Utc>) {
        freshness.tried_at = now;
        match &self.source {
            // Two small files, and read each time: a former key ends by the time that passes.
            Source::Local(path) => _ = self.install(LocalKey::verifying(path, now).map_err(AuthnConfigError::from)),
            Source::File(path) => {
                // Blocks for microseconds; a look before the read, so that a change in between is seen next time.
                let stamp = look(path);
                if stamp.is_none() || stamp != freshness.stamp {
                    let installed = self.install(read(path));
                    freshness.stamp = stamp.filter(|_| installed);
                }
            }
            Source::Url { client, url, last, .. } => {
                let (keys, client, url, last) = (Arc::clone(self), client.clone(), url.clone(), last.clone());
                // In a task of its own: a caller that goes away must not end a fetch that used up the pace.
                let fetching = tokio::spawn(async move {
                    if keys.install(fetch(&client, &url).await) {
                        freshness.renewed_at = now;
                        drop(freshness);
                        keep(last.as_deref(), &url, &keys.set(), now).await;
                    }
                });
                if fetching.await.is_err() {
                    tracing::error!("the renewal of the key set broke off; the former one stays in use");
                }
            }
        }
    }

    /// Puts a newly read set in use; false, with a log line, if there is none to use.
    fn install(&self, raw: Result<Vec<Value>, AuthnConfigError>) -> bool {
        let former = self.set();
        let next = match raw {
            Ok(raw) if raw == former.raw => return true,
            raw => raw.and_then(|raw| KeySet::new(former.generation + 1, raw)),
        };
        match next {
            Ok(next) => {
                tracing::info!(keys = next.keys.len(), "the key set has changed");
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
                true
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot renew the key set; the former one stays in use");
                false
            }
        }
    }

    fn set(&self) -> Arc<KeySet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether two instants are at least `pace` apart, in either direction: a clock that was set back must not stop renewals.
fn apart(one: DateTime<Utc>, other: DateTime<Utc>, pace: TimeDelta) -> bool {
    (one - other).abs() >= pace
}

fn parse(text: &[u8]) -> Result<Vec<Value>, AuthnConfigError> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    if text.len() > MAX_SET {
        return Err(AuthnConfigError::TooLarge);
    }
    serde_json::from_slice::<Set>(text).map(|set| set.keys).map_err(AuthnConfigError::NotAKeySet)
}

fn look(path: &Path) -> Option<Stamp> {
    let metadata = path.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn read(path: &Path) -> Result<Vec<Value>, AuthnConfigError> {
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_SET as u64 + 1).read_to_end(&mut text))
        .map_err(|source| AuthnConfigError::Read { path: path.to_owned(), source })?;
    parse(&text)
}

/// Keeps a key set for a start without the issuer; what goes wrong is logged.
async fn keep(last: Option<&Path>, url: &Url, set: &KeySet, now: DateTime<Utc>) {
    let Some(last) = last.map(Path::to_owned) else { return };
    let kept = Last { url: url.to_string(), fetched_at: now, keys: set.raw.clone() };
    let written = tokio::task::spawn_blocking(move || private::replace(&last, serde_json::to_string(&kept)?.as_bytes())).await;
    if let Err(error) = written.unwrap_or_else(|error| Err(error.into())) {
        tracing::warn!(%error, "the key set cannot be kept for a start without the issuer");
    }
}

/// The key set that was kept, where it is this address's, usable, and not too old.
fn kept(last: &Path, url: &Url, now: DateTime<Utc>) -> Option<(KeySet, DateTime<Utc>)> {
    let file = File::open(last).ok()?;
    let last: Last = serde_json::from_reader(file.take(2 * MAX_SET as u64)).ok()?;
    let fresh = last.url == url.as_str() && !apart(now, last.fetched_at, OLDEST_LAST);
    Some((KeySet::new(1, last.keys).ok().filter(|_| fresh)?, last.fetched_at))
}

/// A client for the address, without redirects (they could lead from https to http) and, on this machine, without proxy.
fn client(address: &str) -> Result<(Client, Url), AuthnConfigError> {
    let bad = || AuthnConfigError::BadUrl(address.to_owned());
    let url = Url::parse(address).map_err(|_| bad())?;
    let host = url.host_str().ok_or_else(bad)?.trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    if !(url.scheme() == "https" || url.scheme() == "http" && here) {
        return Err(bad());
    }
    let builder = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none());
    let builder = if here { builder.no_proxy() } else { builder };
    let client = builder.build().map_err(|source| AuthnConfigError::Fetch { url: address.to_owned(), source })?;
    Ok((client, url))
}

async fn fetch(client: &Client, url: &Url) -> Result<Vec<Value>, AuthnConfigError> {
    let failed = |source: reqwest::Error| AuthnConfigError::Fetch { url: url.to_string(), source: source.without_url() };
    let mut response = client.get(url.clone()).send().await.map_err(failed)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(AuthnConfigError::Status { url: url.to_string(), status: response.status().as_u16() });
    }
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        text.extend_from_slice(&chunk);
        if text.len() > MAX_SET {
            return Err(AuthnConfigError::TooLarge);
        }
    }
    parse(&text)
}

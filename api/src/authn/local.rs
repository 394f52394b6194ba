//! A signing key of our own, for installations without an identity provider, for `torikumi token` and for the demo.
//!
//! One Ed25519 key in a PKCS#8 PEM file that its owner alone may read. When it is replaced, tokens of the former key are good to their end, for
//! a week at most, unless it was exposed. Deliberately absent: a passphrase; an installation that needs one has an identity provider.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::{DateTime, TimeDelta, Utc};
use jobs::{private, seal::former};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header, encode,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use rand::{TryRngCore, rngs::OsRng};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{AuthnConfig, AuthnError, BureauClaim, cache::Verified};
use crate::authz::Role;

/// `PrivateKeyInfo` of an Ed25519 key up to its 32 bytes (RFC 8410, 7): it has no variable part.
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// The longest life of a token of our own, and so of a former key's.
pub const LONGEST_LIFE: TimeDelta = TimeDelta::days(7);
/// A key file is about 120 bytes; more than this is something else.
const MAX_KEY_FILE: u64 = 16 * 1024;

/// Why the local key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LocalKeyError {
    /// The file cannot be read or made.
    #[error("cannot open or make the key file {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else than the owner has rights on the file.
    #[error("the key file {} has mode {mode:03o}, so others may read or change it; run chmod 600 on it, or delete it if it was exposed", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("the key file {} is not an Ed25519 private key in PKCS#8 PEM", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The token could not be encoded.
    #[error("cannot sign the token")]
    Sign(#[source] jsonwebtoken::errors::Error),
}

/// The installation's own Ed25519 key.
pub struct LocalKey {
    key: EncodingKey,
    jwk: Jwk,
}

impl LocalKey {
    /// Opens the key file, or makes it (mode 0600, folders too) if there is none. Processes that start together agree on one key.
    ///
    /// # Errors
    /// When the file cannot be read or made, has rights for group or others, or is no such key.
    pub fn open_or_create(path: &Path) -> Result<Self, LocalKeyError> {
        let io_error = |source| LocalKeyError::Io { path: path.to_owned(), source };
        private::folder_of(path).map_err(io_error)?;
        match Self::open(path) {
            Err(LocalKeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                private::create(path, new_pem().map_err(io_error)?.as_bytes()).map_err(io_error)?;
                Self::open(path)
            }
            opened => opened,
        }
    }

    /// Opens the key file.
    ///
    /// # Errors
    /// When there is none, it has rights for group or others, or is no such key.
    pub fn open(path: &Path) -> Result<Self, LocalKeyError> {
        let io_error = |source| LocalKeyError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io_error)?;
        let mode = mode(&file).map_err(io_error)?;
        if mode & 0o077 != 0 {
            return Err(LocalKeyError::TooOpen { path: path.to_owned(), mode });
        }
        let mut pem = String::new();
        file.take(MAX_KEY_FILE).read_to_string(&mut pem).map_err(io_error)?;
        Self::from_pem(&pem).map_err(|_| LocalKeyError::NotAKey { path: path.to_owned() })
    }

    fn from_pem(pem: &str) -> Result<Self, jsonwebtoken::errors::Error> {
        let key = EncodingKey::from_ed_pem(pem.as_bytes())?;
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA)?;
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256)?);
        Ok(Self { key, jwk })
    }

    /// Signs the claims; the token's `kid` is the key's thumbprint (RFC 7638).
    ///
    /// # Errors
    /// When the claims cannot be encoded.
    pub fn sign(&self, claims: &TokenClaims) -> Result<String, LocalKeyError> {
        let header = Header { kid: self.jwk.common.key_id.clone(), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &self.key).map_err(LocalKeyError::Sign)
    }

    /// The public half, as others may fetch it.
    #[must_use]
    pub fn jwk_set(&self) -> JwkSet {
        JwkSet { keys: vec![self.jwk.clone()] }
    }

    /// Replaces the key by a new one. Tokens of the former are good to their end. Where a key was `exposed`, no token that was signed before is
    /// good any more: it may have been the present key or one that it replaced.
    ///
    /// # Errors
    /// As [`Self::open`]; the present key then stays.
    pub fn rotate(path: &Path, at: DateTime<Utc>, exposed: bool) -> Result<(), LocalKeyError> {
        let io_error = |source| LocalKeyError::Io { path: path.to_owned(), source };
        // What is no key, or open to others, is said as such before anything is changed; one that was exposed may be open.
        if !exposed {
            Self::open(path)?;
        }
        let present = || {
            let key = (!exposed).then(|| Self::open(path)).transpose().map_err(io::Error::other)?;
            key.map(|key| Ok(serde_json::to_string(&key.jwk)?)).transpose()
        };
        new_pem().and_then(|pem| former::replace(path, at, pem.as_bytes(), present)).map_err(io_error)
    }

    /// The public keys that verify tokens: the present one's, and those of former keys whose last token may still be good.
    ///
    /// # Errors
    /// As [`Self::open`], and where the file of the former keys cannot be read.
    pub fn verifying(path: &Path, now: DateTime<Utc>) -> Result<Vec<Value>, LocalKeyError> {
        let io_error = |source| LocalKeyError::Io { path: former::file(path), source };
        let present = serde_json::to_value(&Self::open(path)?.jwk).map_err(|error| io_error(error.into()))?;
        let mut keys = vec![present];
        for former in former::read(path).map_err(io_error)? {
            if former.replaced_at + LONGEST_LIFE > now {
                let key = serde_json::from_str(&former.key).map_err(|error| io_error(error.into()))?;
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        Ok(keys)
    }

    /// The key's id, which its tokens carry.
    #[must_use]
    pub fn id(&self) -> &str {
        self.jwk.common.key_id.as_deref().unwrap_or_default()
    }
}

/// A new key as a PEM file.
fn new_pem() -> io::Result<String> {
    let mut secret = [0; 32];
    OsRng.try_fill_bytes(&mut secret).map_err(io::Error::other)?;
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(pkcs8(&secret))))
}

pub(super) fn pkcs8(secret: &[u8; 32]) -> Vec<u8> {
    [PKCS8_PREFIX.as_slice(), secret].concat()
}

/// The permission bits of an open file; where there are none, the folder's access list must do.
fn mode(file: &File) -> io::Result<u32> {
    let permissions = file.metadata()?.permissions();
    #[cfg(unix)]
    return Ok(std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o777);
    #[cfg(not(unix))]
    return Ok(if permissions.readonly() { 0o400 } else { 0o600 });
}

/// What a token of our own shall say.
#[derive(Clone)]
pub struct TokenRequest {
    /// `sub`.
    pub subject: String,
    /// At least one role other than [`Role::Public`].
    pub roles: BTreeSet<Role>,
    /// Needed by the roles `bureau_system` and `bureau_officer`.
    pub bureaus: BureauClaim,
    /// Needed by the role `manager`.
    pub units: BTreeSet<String>,
    /// Needed by the role `staff`.
    pub staff_number: Option<String>,
    /// Needed by the role `bureau_system`.
    pub client: Option<String>,
    /// Needed by the role `committee`.
    pub body: Option<String>,
    /// How long the token is valid from now on.
    pub ttl: TimeDelta,
}

/// Claims ready to be signed: `iss`, `aud`, `sub`, `iat`, `nbf`, `exp`, `jti`, and ours under their configured names.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct TokenClaims(Map<String, Value>);

impl TokenRequest {
    /// The claims of a token that an [`Authenticator`](super::Authenticator) with this configuration accepts from `now` on.
    ///
    /// # Errors
    /// What that would answer to the token: a claim that its role needs is missing.
    pub fn claims(&self, config: &AuthnConfig, now: DateTime<Utc>) -> Result<TokenClaims, AuthnError> {
        let names = &config.claims;
        let expires_at = now.checked_add_signed(self.ttl).ok_or(AuthnError::InvalidClaim("exp"))?;
        let own = [
            (names.roles.as_str(), json!(self.roles)),
            (&names.bureaus, json!(self.bureaus)),
            (&names.units, json!(self.units)),
            (&names.staff_number, json!(self.staff_number)),
            (&names.client, json!(self.client)),
            (&names.body, json!(self.body)),
        ];
        let registered = [
            ("iss", json!(config.issuer)),
            ("aud", json!(config.audience)),
            ("sub", json!(self.subject)),
            ("iat", json!(now.timestamp())),
            ("nbf", json!(now.timestamp())),
            ("exp", json!(expires_at.timestamp())),
            ("jti", json!(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))),
        ];
        let empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let claims: Map<String, Value> =
            own.into_iter().filter(|(_, value)| !empty(value)).chain(registered).map(|(name, value)| (name.to_owned(), value)).collect();
        Verified::from_claims(&claims, names)?;
        Ok(TokenClaims(claims))
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    /// A folder of the test's own, removed with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            Self(std::env::temp_dir().join(format!("torikumi-key-{:016x}", rand::random::<u64>())))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let folder = Folder::new();
        let path = folder.0.join("deep/token.pem");
        let first = LocalKey::open_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(first.id(), LocalKey::open_or_create(&path).unwrap().id());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "the draft stayed behind");
    }

    #[test]
    fn processes_that_start_together_agree() {
        let folder = Folder::new();
        let path = folder.0.join("token.pem");
        let sets: Vec<_> = std::thread::scope(|scope| {
            let openers: Vec<_> = (0..8).map(|_| scope.spawn(|| LocalKey::open_or_create(&path).unwrap().id().to_owned())).collect();
            openers.into_iter().map(|opener| opener.join().unwrap()).collect()
        });
        assert!(sets.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = Folder::new();
        let path = folder.0.join("token.pem");
        LocalKey::open_or_create(&path).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(LocalKey::open_or_create(&path), Err(LocalKeyError::TooOpen { mode: found, .. }) if found == mode));
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_and_left_alone() {
        let folder = Folder::new();
        let path = folder.0.join("token.pem");
        private::create(&path, b"something of the operator's").unwrap();
        assert!(matches!(LocalKey::open_or_create(&path), Err(LocalKeyError::NotAKey { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"something of the operator's");
    }
    #[test]
    fn a_former_key_verifies_for_a_week_unless_it_was_exposed() {
        let folder = Folder::new();
        let path = folder.0.join("token.pem");
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let made = || LocalKey::open(&path).unwrap().id().to_owned();
        let good = |at| {
            let keys = LocalKey::verifying(&path, at).unwrap();
            keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert!(LocalKey::rotate(&path, now, false).is_err() && !path.exists(), "there is nothing to replace");
        LocalKey::open_or_create(&path).unwrap();
        let first = made();
        LocalKey::rotate(&path, now, false).unwrap();
        let second = made();
        assert_eq!(good(now), [&*second, &*first]);
        assert_eq!(good(now + TimeDelta::days(7)), std::slice::from_ref(&second));
        LocalKey::rotate(&path, now, true).unwrap();
        assert_eq!(good(now), [made()], "neither the exposed one nor one that it replaced verifies anything more");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(LocalKey::rotate(&path, now, false), Err(LocalKeyError::TooOpen { .. })));
        LocalKey::rotate(&path, now, true).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

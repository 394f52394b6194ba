//! The key that signs seals: 32 secret bytes in hexadecimal, in a file that its owner alone may read.
//!
//! A file is a key for one purpose: seals, releases, or the pseudonyms of snapshots. Deliberately absent: when it is replaced, which is an
//! administrator's decision (`torikumi keys rotate`).

use super::{Head, SealError, former, from_hex, hex};
use crate::private;
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use rand::{TryRngCore, rngs::OsRng};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// A key file has 65 bytes; more than this is something else.
const LONGEST: u64 = 1_024;

/// The key.
pub struct SealKey(SigningKey);

impl SealKey {
    /// Opens the key's file.
    ///
    /// # Errors
    /// When there is none, it has rights for group or others, or is no key.
    pub fn open(path: &Path) -> Result<Self, SealError> {
        let file = File::open(path).map_err(|source| SealError::Io { path: path.to_owned(), source })?;
        Self::read(path, file)
    }

    /// Opens the key's file, or makes it (mode 0600, folders too) where there is none. Processes that start together agree on one key.
    ///
    /// # Errors
    /// As [`Self::open`], and when it cannot be made.
    pub fn open_or_create(path: &Path) -> Result<Self, SealError> {
        let io_error = |source| SealError::Io { path: path.to_owned(), source };
        private::folder_of(path).map_err(io_error)?;
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                new_text().and_then(|text| private::create(path, text.as_bytes())).map_err(io_error)?;
                File::open(path)
            }
            opened => opened,
        };
        Self::read(path, file.map_err(io_error)?)
    }

    /// Replaces the key by a new one. The public half of the former stays known, so that what it signed can be verified.
    ///
    /// # Errors
    /// As [`Self::open`]; the present key then stays.
    pub fn rotate(path: &Path, at: DateTime<Utc>) -> Result<(), SealError> {
        Self::replace(path, at, Self::public_text)
    }

    /// Replaces a key that has no public half: the former one is kept whole.
    ///
    /// # Errors
    /// As [`Self::open`]; the present key then stays.
    pub fn rotate_secret(path: &Path, at: DateTime<Utc>) -> Result<(), SealError> {
        Self::replace(path, at, |key| hex(&key.secret()))
    }

    fn replace(path: &Path, at: DateTime<Utc>, kept: impl FnOnce(&Self) -> String) -> Result<(), SealError> {
        let io_error = |source| SealError::Io { path: path.to_owned(), source };
        // What is no key, or open to others, is said as such before anything is changed.
        Self::open(path)?;
        let present = || Self::open(path).map(|key| Some(kept(&key))).map_err(io::Error::other);
        new_text().and_then(|text| former::replace(path, at, text.as_bytes(), present)).map_err(io_error)
    }

    /// The secret itself, for another use than signatures: each file is a key for one purpose.
    pub(crate) fn secret(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The key as a signer.
    #[must_use]
    pub fn signer(&self) -> &SigningKey {
        &self.0
    }

    fn read(path: &Path, file: File) -> Result<Self, SealError> {
        let io_error = |source| SealError::Io { path: path.to_owned(), source };
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().map_err(io_error)?.permissions()) & 0o777;
            if mode & 0o077 != 0 {
                return Err(SealError::TooOpen { path: path.to_owned(), mode });
            }
        }
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).map_err(io_error)?;
        let secret = from_hex::<32>(text.trim_end()).ok_or_else(|| SealError::NotAKey { path: path.to_owned() })?;
        Ok(Self(SigningKey::from_bytes(&secret)))
    }

    /// The public half as the file of heads writes it.
    #[must_use]
    pub fn public_text(&self) -> String {
        hex(self.public().as_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> VerifyingKey {
        self.0.verifying_key()
    }

    /// Signs a seal's head.
    #[must_use]
    pub fn sign(&self, seal: i64, (first, last): (i64, i64), head: String) -> Head {
        let signature = self.0.sign(Head::message(seal, (first, last), &head).as_bytes());
        Head { seal, first, last, head, key: self.public_text(), signature: hex(&signature.to_bytes()) }
    }
}

/// A new key as its file holds it.
fn new_text() -> io::Result<String> {
    let mut secret = [0; 32];
    OsRng.try_fill_bytes(&mut secret).map_err(io::Error::other)?;
    Ok(format!("{}\n", hex(&secret)))
}

//! The key that signs seals: 32 secret bytes in hexadecimal, in a file that its owner alone may read.
//!
//! Deliberately absent: rotation by the program. Who moves the file away gets a new key at the next seal, and names the old public key, which
//! stands in the file of heads, when verifying.

use super::{Head, SealError, from_hex, hex};
use crate::private;
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
                let mut secret = [0; 32];
                OsRng.try_fill_bytes(&mut secret).map_err(|error| io_error(io::Error::other(error)))?;
                private::create(path, format!("{}\n", hex(&secret)).as_bytes()).map_err(io_error)?;
                File::open(path)
            }
            opened => opened,
        };
        Self::read(path, file.map_err(io_error)?)
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

    /// The public half.
    #[must_use]
    pub fn public(&self) -> VerifyingKey {
        self.0.verifying_key()
    }

    /// Signs a seal's head.
    #[must_use]
    pub fn sign(&self, seal: i64, (first, last): (i64, i64), head: String) -> Head {
        let signature = self.0.sign(Head::message(seal, (first, last), &head).as_bytes());
        Head { seal, first, last, head, key: hex(self.public().as_bytes()), signature: hex(&signature.to_bytes()) }
    }
}

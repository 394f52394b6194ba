//! Who can open a backup: whoever has the passphrase, or one of the identities (private keys) of its recipients. The format is age's, so that
//! a file can be opened without this program as well.

use super::BackupError;
use age::{DecryptError, Decryptor, Encryptor, scrypt, secrecy::SecretString, stream::StreamReader, stream::StreamWriter, x25519};
use std::io::{BufRead, Write};

/// The least that a passphrase has.
const SHORTEST: usize = 12;
/// Work to try one passphrase: 2 to this power, a second and 256 MiB.
const WORK: u8 = 18;
/// The most work that a file may ask for.
const MOST_WORK: u8 = 20;

/// Who can open the file.
pub enum Lock {
    /// Whoever knows the passphrase.
    Passphrase(SecretString),
    /// Whoever has one of their identities.
    Recipients(Vec<x25519::Recipient>),
}

impl Lock {
    /// That of a passphrase.
    ///
    /// # Errors
    /// [`BackupError::Secret`] where it is short.
    pub fn passphrase(text: &str) -> Result<Self, BackupError> {
        passphrase(text).map(Self::Passphrase)
    }

    /// That of recipients, as `age-keygen` tells them: `age1…`.
    ///
    /// # Errors
    /// [`BackupError::Secret`] where one is none.
    pub fn recipients(texts: &[String]) -> Result<Self, BackupError> {
        let recipients: Result<Vec<_>, _> = texts.iter().map(|text| text.trim().parse()).collect();
        let recipients = recipients.map_err(|_| BackupError::Secret("a recipient is a public key of age: age1…"))?;
        if recipients.is_empty() {
            return Err(BackupError::Secret("there is no recipient"));
        }
        Ok(Self::Recipients(recipients))
    }

    /// Encrypts what is written, until it is finished.
    pub(super) fn wrap<W: Write>(&self, to: W) -> Result<StreamWriter<W>, BackupError> {
        let encryptor = match self {
            Self::Passphrase(passphrase) => {
                let mut recipient = scrypt::Recipient::new(passphrase.clone());
                recipient.set_work_factor(WORK);
                Encryptor::with_recipients(std::iter::once(&recipient as _))
            }
            Self::Recipients(recipients) => Encryptor::with_recipients(recipients.iter().map(|recipient| recipient as _)),
        };
        let locked = encryptor.map_err(|_| BackupError::Secret("the file cannot be encrypted to these recipients"))?.wrap_output(to);
        locked.map_err(BackupError::copying(std::path::Path::new("the backup")))
    }
}

/// What opens a file.
pub enum Key {
    /// A passphrase.
    Passphrase(SecretString),
    /// Private keys.
    Identities(Vec<x25519::Identity>),
}

impl Key {
    /// A passphrase.
    ///
    /// # Errors
    /// [`BackupError::Secret`] where it is short.
    pub fn passphrase(text: &str) -> Result<Self, BackupError> {
        passphrase(text).map(Self::Passphrase)
    }

    /// The identities of a file as `age-keygen` writes it: one on a line, and comments.
    ///
    /// # Errors
    /// [`BackupError::Secret`] where a line is none, or there is no identity.
    pub fn identities(text: &str) -> Result<Self, BackupError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let identities: Result<Vec<_>, _> = lines.map(str::parse).collect();
        match identities {
            Ok(identities) if !identities.is_empty() => Ok(Self::Identities(identities)),
            _ => Err(BackupError::Secret("the file of identities holds something else than AGE-SECRET-KEY-1…")),
        }
    }

    /// Decrypts what is read.
    pub(super) fn open<R: BufRead>(&self, from: R) -> Result<StreamReader<R>, BackupError> {
        let decryptor = Decryptor::new_buffered(from).map_err(refused)?;
        let opened = match self {
            Self::Passphrase(passphrase) => {
                let mut identity = scrypt::Identity::new(passphrase.clone());
                identity.set_max_work_factor(MOST_WORK);
                decryptor.decrypt(std::iter::once(&identity as _))
            }
            Self::Identities(identities) => decryptor.decrypt(identities.iter().map(|identity| identity as _)),
        };
        opened.map_err(refused)
    }
}

fn refused(error: DecryptError) -> BackupError {
    match error {
        DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => BackupError::WrongKey,
        DecryptError::Io(error) => BackupError::copying(std::path::Path::new("the backup"))(error),
        _ => BackupError::Damaged,
    }
}

/// The text without the end of its line.
fn passphrase(text: &str) -> Result<SecretString, BackupError> {
    let text = text.trim_end_matches(['\r', '\n']);
    if text.chars().count() < SHORTEST {
        return Err(BackupError::Secret("a passphrase has 12 characters or more"));
    }
    Ok(SecretString::from(text.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_passphrase_opens_what_it_locked_and_another_one_does_not() {
        let mut file = Lock::passphrase("correct horse\n").unwrap().wrap(Vec::new()).unwrap();
        file.write_all(b"content").unwrap();
        let file = file.finish().unwrap();
        assert_eq!(std::io::read_to_string(Key::passphrase("correct horse").unwrap().open(&file[..]).unwrap()).unwrap(), "content");
        assert!(matches!(Key::passphrase("correct house").unwrap().open(&file[..]), Err(BackupError::WrongKey)));
        let identity = x25519::Identity::generate();
        let text = format!("# made today\n\n{}\n", age::secrecy::ExposeSecret::expose_secret(&identity.to_string()));
        assert!(matches!(Key::identities(&text).unwrap().open(&file[..]), Err(BackupError::WrongKey)));
        assert!(matches!(Key::passphrase("short"), Err(BackupError::Secret(_))));
        assert!(matches!(Key::identities("age1notasecret"), Err(BackupError::Secret(_))));
        assert!(matches!(Lock::recipients(&["age1nobody".to_owned()]), Err(BackupError::Secret(_))));
        assert!(matches!(Key::passphrase("correct horse").unwrap().open(&b"SQLite format 3"[..]), Err(BackupError::Damaged)));
    }
}

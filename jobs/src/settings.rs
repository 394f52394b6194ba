//! What jobs need to know beside the database: files and servers outside it, as flags or the environment name them.

use crate::{
    outbox::smtp::{MAIL_FROM, NoPost, Post, SMTP_URL, is_address},
    seal::{self, SealError, key::SealKey},
};
use std::{fmt, io, path::PathBuf};

/// The setting that says where administrators are told of alarms.
const ALARM_ADDRESSES: &str = "TORIKUMI_ALARM_ADDRESSES";
/// The setting that says where the promotion officer is told of changes that nobody else approved, and of targets.
const PROMOTION_ADDRESSES: &str = "TORIKUMI_PROMOTION_ADDRESSES";

/// The settings of one process that runs jobs.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// The Ed25519 key that signs the seals of the audit trail; made on first use, mode 0600.
    pub seal_key: PathBuf,
    /// The file to which each seal's head is appended, a line each.
    pub seal_heads: PathBuf,
    /// The key of the pseudonyms in snapshots; made on first use, mode 0600.
    pub pseudonym_key: PathBuf,
    /// The Ed25519 key that signs releases; made on first use, mode 0600.
    pub release_key: PathBuf,
    /// The mail server, `smtp://[user:password@]host[:port][?tls=required]` or `smtps://…`; without it no notice is sent.
    pub smtp_url: Option<String>,
    /// From whom notices come, such as `Torikumi <torikumi@example.go.jp>`.
    pub mail_from: Option<String>,
    /// Where administrators are told of alarms; none for nobody.
    pub alarm_addresses: Vec<String>,
    /// Where the promotion officer is told of changes that their proposer approved alone, and of missed or missing targets; none for nobody.
    pub promotion_addresses: Vec<String>,
    /// The public keys, in hexadecimal, of seal keys that were used before this one.
    pub seal_former_keys: Vec<String>,
}

/// A setting with which the program does not start, lest its jobs fail at night.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// It cannot be read.
    #[error("{0} is none: {1}")]
    Bad(&'static str, &'static str),
    /// It is of no use without another one.
    #[error("{0} needs {1}")]
    Lacks(&'static str, &'static str),
    /// A key's file that is there cannot be used.
    #[error("{0}: {1}")]
    Key(&'static str, #[source] SealError),
}

impl Settings {
    /// Checks what can be checked without a server: addresses, and the key files that are there already.
    ///
    /// # Errors
    /// The first setting that is wrong, by its name; never its value, which may hold a password.
    pub fn check(&self) -> Result<(), SettingError> {
        match (&self.smtp_url, &self.mail_from) {
            (None, None) => {}
            (Some(_), None) => return Err(SettingError::Lacks(SMTP_URL, MAIL_FROM)),
            (None, Some(_)) => return Err(SettingError::Lacks(MAIL_FROM, SMTP_URL)),
            (Some(_), Some(_)) => {
                Post::open(self.smtp_url.as_deref(), self.mail_from.as_deref()).map_err(|error| match error {
                    NoPost::Bad(MAIL_FROM) => SettingError::Bad(MAIL_FROM, "write Torikumi <torikumi@example.go.jp>"),
                    _ => SettingError::Bad(
                        SMTP_URL,
                        "write smtp://HOST[:PORT], smtp://USER:PASSWORD@HOST?tls=required or smtps://USER:PASSWORD@HOST",
                    ),
                })?;
            }
        }
        for (name, addresses) in [(ALARM_ADDRESSES, &self.alarm_addresses), (PROMOTION_ADDRESSES, &self.promotion_addresses)] {
            if !addresses.iter().all(|address| is_address(address)) {
                return Err(SettingError::Bad(name, "write somebody@example.go.jp,other@example.go.jp"));
            }
            if !addresses.is_empty() && self.smtp_url.is_none() {
                return Err(SettingError::Lacks(name, SMTP_URL));
            }
        }
        if !self.seal_former_keys.iter().all(|text| seal::public_key(text).is_some()) {
            return Err(SettingError::Bad(
                "TORIKUMI_SEAL_FORMER_KEYS",
                "write public keys of 64 hexadecimal digits, as they stand in the heads",
            ));
        }
        let keys = [
            ("TORIKUMI_SEAL_KEY", &self.seal_key),
            ("TORIKUMI_PSEUDONYM_KEY", &self.pseudonym_key),
            ("TORIKUMI_RELEASE_KEY", &self.release_key),
        ];
        for (name, path) in keys {
            match SealKey::open(path) {
                Err(SealError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(SettingError::Key(name, error)),
                Ok(_) => {}
            }
        }
        Ok(())
    }
}

impl Default for Settings {
    /// Files beside the local key, and no mail server.
    fn default() -> Self {
        Self {
            seal_key: ".torikumi/seal.key".into(),
            seal_heads: ".torikumi/seal-heads.jsonl".into(),
            pseudonym_key: ".torikumi/pseudonym.key".into(),
            release_key: ".torikumi/release.key".into(),
            smtp_url: None,
            mail_from: None,
            alarm_addresses: Vec::new(),
            promotion_addresses: Vec::new(),
            seal_former_keys: Vec::new(),
        }
    }
}

/// Without the mail server's address, which may hold a password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Settings");
        shown.field("seal_key", &self.seal_key).field("seal_heads", &self.seal_heads).field("mail_from", &self.mail_from);
        shown.field("pseudonym_key", &self.pseudonym_key).field("release_key", &self.release_key);
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_bad_setting_is_named_and_its_value_is_not() {
        let folder = std::env::temp_dir().join(format!("torikumi-settings-{:016x}", rand::random::<u64>()));
        let [seal_key, pseudonym_key, release_key] = ["seal", "pseudonym", "release"].map(|name| folder.join(name));
        let fresh = Settings { seal_key, pseudonym_key, release_key, ..Settings::default() };
        let with = |url: Option<&str>, from: Option<&str>| Settings {
            smtp_url: url.map(str::to_owned),
            mail_from: from.map(str::to_owned),
            ..fresh.clone()
        };
        let (url, from) = ("smtps://user:secret@mail.example.jp", "Torikumi <torikumi@example.go.jp>");
        assert!(with(None, None).check().is_ok() && with(Some(url), Some(from)).check().is_ok());
        for (settings, named) in [
            (with(Some("mail.example.jp"), Some(from)), SMTP_URL),
            (with(Some("smtp://user:secret@mail.example.jp"), Some(from)), SMTP_URL),
            (with(Some(""), Some(from)), SMTP_URL),
            (with(Some(url), Some("nobody")), MAIL_FROM),
            (with(Some(url), None), MAIL_FROM),
            (with(None, Some(from)), SMTP_URL),
        ] {
            let said = settings.check().unwrap_err().to_string();
            assert!(said.contains(named) && !said.contains("secret"), "{said}");
        }
        let addresses = |text: &str| text.split(',').map(str::to_owned).collect();
        let told = |text| Settings { alarm_addresses: addresses(text), ..with(Some(url), Some(from)) };
        assert!(told("admin@example.go.jp,other@example.go.jp").check().is_ok());
        let nowhere = Settings { alarm_addresses: addresses("admin@example.go.jp"), ..fresh.clone() };
        for wrong in [told("admin@example.go.jp,secret"), told(""), nowhere] {
            let said = wrong.check().unwrap_err().to_string();
            assert!(said.contains("TORIKUMI_ALARM_ADDRESSES") && !said.contains("secret"), "{said}");
        }
        let promotion =
            Settings { promotion_addresses: addresses("secret"), ..with(Some(url), Some(from)) }.check().unwrap_err().to_string();
        assert!(promotion.contains("TORIKUMI_PROMOTION_ADDRESSES") && !promotion.contains("secret"), "{promotion}");
        let former = Settings { seal_former_keys: vec!["secret".into()], ..fresh.clone() }.check().unwrap_err().to_string();
        assert!(former.contains("TORIKUMI_SEAL_FORMER_KEYS") && !former.contains("secret"), "{former}");
        crate::private::create(&fresh.seal_key, b"no key\n").unwrap();
        assert!(fresh.check().unwrap_err().to_string().contains("TORIKUMI_SEAL_KEY"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}

//! What jobs need to know beside the database: files and servers outside it, as flags or the environment name them.

use std::{fmt, path::PathBuf};

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

//! `torikumi backup`: one state of the database in an encrypted file.

use super::Settings;
use anyhow::{Context, Result, bail};
use clap::Args;
use jobs::{
    backup::{Key, Lock, Order, Places, With},
    clock::Clock,
    database::Database,
    ledger::Ledger,
};
use std::{fs, path::PathBuf};
use tokio_util::sync::CancellationToken;

/// Which backup is made.
#[derive(Args)]
pub struct Backup {
    /// The file. It is encrypted in the age format: `age --decrypt` opens it as well.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
    /// Who can open the file: a public key `age1…` as `age-keygen` makes it; again for each further one.
    #[arg(long = "recipient", env = "TORIKUMI_BACKUP_RECIPIENTS", value_delimiter = ',', conflicts_with = "passphrase_file")]
    recipients: Vec<String>,
    #[command(flatten)]
    with: Beside,
    /// Replace a file that is there.
    #[arg(long)]
    replace: bool,
}

/// What goes with the database.
#[derive(Args, Clone, Copy)]
pub struct Beside {
    /// With the file of the signed heads.
    #[arg(long)]
    with_heads: bool,
    /// With the four local keys (tokens, seals, pseudonyms, releases), and those that they replaced, as far as they are there.
    #[arg(long)]
    with_keys: bool,
}

impl Beside {
    /// As the mechanism takes it.
    pub fn with(self) -> With {
        With { heads: self.with_heads, keys: self.with_keys }
    }
}

/// A passphrase, which stands in a file: on a command line others would read it.
#[derive(Args)]
pub struct Passphrase {
    /// A file whose text is the passphrase, of 12 characters or more.
    #[arg(long, env = "TORIKUMI_BACKUP_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// The file's text; `None` where there is no file named.
    pub fn read(&self) -> Result<Option<String>> {
        let read = |path: &PathBuf| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
        self.passphrase_file.as_ref().map(read).transpose()
    }

    /// What opens a file.
    pub fn key(&self) -> Result<Option<Key>> {
        Ok(self.read()?.map(|text| Key::passphrase(&text)).transpose()?)
    }
}

impl Settings {
    /// Where heads and keys lie.
    pub(super) fn places(&self) -> Places {
        Places::new(self.key.clone(), self.jobs())
    }

    /// The ledger of a database that is there, whatever its schema is, and without the keys of tokens.
    pub(super) async fn ledger(&self) -> Result<Ledger> {
        if let Some(file) = jobs::database::sqlite_file(self.database_url()).filter(|file| !file.exists()) {
            bail!("there is no database at {}", file.display());
        }
        let db = Database::connect(self.database_url(), 2).await?;
        Ok(Ledger::new(db, Clock::system()).with_settings(self.jobs()))
    }
}

impl Backup {
    /// Makes the backup, and prints what it is of.
    pub async fn execute(self, settings: &Settings, stop: CancellationToken) -> Result<()> {
        let lock = match self.passphrase.read()? {
            Some(text) => Lock::passphrase(&text)?,
            None if self.recipients.is_empty() => {
                bail!("a backup is encrypted: name a --recipient age1…, or a --passphrase-file (TORIKUMI_BACKUP_PASSPHRASE_FILE)")
            }
            None => Lock::recipients(&self.recipients)?,
        };
        let order = Order { out: self.out.clone(), replace: self.replace, lock, with: self.with.with(), places: settings.places() };
        let made = settings.ledger().await?.back_up(order, stop).await?;
        let bytes = fs::metadata(&self.out)?.len();
        let (out, engine) = (self.out.display(), made.engine);
        println!("{out}: {bytes} bytes, database {} ({engine}) as of {}", made.database, made.made_at.to_rfc3339());
        let beside: Vec<_> = made.parts.iter().filter_map(|part| part.beside()).collect();
        println!("with it: {}", if beside.is_empty() { "neither heads nor keys".to_owned() } else { beside.join(", ") });
        Ok(())
    }
}

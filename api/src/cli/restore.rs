//! `torikumi restore`: a backup in an empty database, or a database that was brought back by other means.

use super::{
    Settings,
    backup::{Beside, Passphrase},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use jobs::{
    backup::{Backup, Key, Target, identity::Renewed, restore},
    clock::Clock,
};
use migration::{Migrator, MigratorTrait};
use std::{fs, path::PathBuf};
use tokio_util::sync::CancellationToken;

/// What is restored.
#[derive(Args)]
pub struct Restore {
    /// The backup's file.
    #[arg(required_unless_present = "renew")]
    file: Option<PathBuf>,
    #[command(flatten)]
    passphrase: Passphrase,
    /// A file of identities `AGE-SECRET-KEY-1…` as `age-keygen` writes it.
    #[arg(long, conflicts_with = "passphrase_file")]
    identity: Option<PathBuf>,
    #[command(flatten)]
    with: Beside,
    /// Restore nothing: the database was brought back by other means, such as the server's recovery to an instant, and is another one now.
    #[arg(long, conflicts_with_all = ["file", "with_heads", "with_keys"])]
    renew: bool,
}

impl Restore {
    /// Restores, and says what is to be done next.
    pub async fn execute(self, settings: &Settings, stop: CancellationToken) -> Result<()> {
        let Some(file) = self.file.clone().filter(|_| !self.renew) else {
            let renewed = settings.ledger().await?.renew().await?;
            print(&renewed);
            return Ok(());
        };
        let key = self.key()?;
        let opened = tokio::task::spawn_blocking(move || Backup::open(file, key)).await??;
        let manifest = opened.manifest().clone();
        if Migrator::migrations().iter().all(|migration| migration.name() != manifest.migration) {
            bail!(
                "the backup's schema has had {}, which this program does not know; use the release that made it, or a later one",
                manifest.migration
            );
        }
        let target = Target { url: settings.database_url().to_owned(), places: settings.places(), with: self.with.with() };
        let restored = restore(opened, target, Clock::system(), stop).await?;
        println!("restored: database {} as of {}", restored.former, manifest.made_at.to_rfc3339());
        print(&restored.renewed);
        for file in &restored.files {
            println!("restored beside it: {}", file.display());
        }
        println!(
            "What was written after {} is not in it: have bureaus send it again, and revoke tokens again.",
            manifest.made_at.to_rfc3339()
        );
        println!("Next: torikumi migrate, torikumi verify audit, torikumi run dispose");
        Ok(())
    }

    fn key(&self) -> Result<Key> {
        if let Some(path) = &self.identity {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(Key::identities(&text)?);
        }
        match self.passphrase.key()? {
            Some(key) => Ok(key),
            None => bail!("name what opens the file: an --identity file, or a --passphrase-file (TORIKUMI_BACKUP_PASSPHRASE_FILE)"),
        }
    }
}

fn print(renewed: &Renewed) {
    println!(
        "It is another database from now on: {}. Readers with a position of the former one are told to start anew.",
        renewed.identity.id
    );
    println!("{} runs that were going on are taken up again", renewed.runs);
    println!("{} mails that were on their way are UNCERTAIN: they may have been sent, and are not sent again", renewed.mails);
}

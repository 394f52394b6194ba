//! `torikumi verify`: the audit trail against its signed heads.

use super::Settings;
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use jobs::{
    ledger::Verdict,
    seal::{public_key, public_keys},
};
use std::path::PathBuf;

/// What to verify.
#[derive(Subcommand)]
pub enum Verify {
    /// The sealed range of the audit trail: what was changed, removed, inserted or cut off, and what is not sealed yet.
    Audit {
        /// The file of signed heads, or a copy of it that was kept elsewhere [default: that of `TORIKUMI_SEAL_HEADS`]
        #[arg(long)]
        heads: Option<PathBuf>,
        /// A public key that may have signed, in hexadecimal, as it stands in the heads; several where the key was changed
        /// [default: that of `TORIKUMI_SEAL_KEY`, those that it replaced, and `TORIKUMI_SEAL_FORMER_KEYS`]
        #[arg(long)]
        public_key: Vec<String>,
    },
}

impl Verify {
    /// Verifies, prints what was found, and fails where something is wrong.
    pub async fn execute(self, settings: &Settings) -> Result<()> {
        let Self::Audit { heads, public_key: named } = self;
        let heads = heads.unwrap_or_else(|| settings.seal_heads.clone());
        let mut keys = Vec::new();
        for text in &named {
            keys.push(public_key(text).with_context(|| format!("{text} is no public key: 64 hexadecimal digits"))?);
        }
        if keys.is_empty() {
            keys = public_keys(&settings.seal_key).context("name a --public-key, or the seal key by TORIKUMI_SEAL_KEY")?;
            keys.extend(settings.seal_former_keys.iter().filter_map(|text| public_key(text)));
        }
        let verdict = settings.open().await?.ledger.verify_seals(&heads, &keys).await?;
        print(&verdict);
        if !verdict.damages.is_empty() {
            bail!("the audit trail is damaged in {} places", verdict.damages.len());
        }
        Ok(())
    }
}

fn print(verdict: &Verdict) {
    println!("{} entries under {} signed heads", verdict.entries, verdict.seals);
    if verdict.not_in_file > 0 {
        println!("{} seals are not in the file yet; the next run of seal-audit writes them", verdict.not_in_file);
    }
    if verdict.torn {
        println!("the file's last line is torn; the next run of seal-audit writes it anew");
    }
    for damage in &verdict.damages {
        println!("{damage}");
    }
    match (verdict.tail.from, verdict.tail.to) {
        (Some(from), Some(to)) => println!("unsealed tail: {} entries from {from} to {to}", verdict.tail.entries),
        _ => println!("unsealed tail: none"),
    }
}

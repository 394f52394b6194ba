//! `torikumi keys`: the four keys that an installation makes for itself, with their age, and how each is replaced.
//!
//! What a replacement leaves good is told where it is made. Deliberately absent: the keys of an identity provider, which are its own, and a
//! schedule: how old a key may grow is the installation's rule.

use super::{Settings, jobs::table};
use anyhow::{Context, Result, bail};
use api::authn::{LONGEST_LIFE, LocalKey};
use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};
use jobs::{
    clock::Clock,
    seal::{
        former::{self, Former},
        key::SealKey,
    },
};
use std::{io, path::Path};

/// What to do with keys.
#[derive(Subcommand)]
pub enum Keys {
    /// Replace a key by a new one. What the former one did stays good, as the output says.
    Rotate {
        /// Which.
        #[arg(value_enum)]
        which: Kind,
        /// Somebody may have the key of the tokens, or one that it replaced: all tokens that were signed before end at once.
        #[arg(long)]
        exposed: bool,
    },
}

/// What a key is for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Signs tokens of installations without an identity provider.
    Tokens,
    /// Signs the seals of the audit trail.
    Seal,
    /// Makes the pseudonyms of snapshots.
    Pseudonyms,
    /// Signs releases.
    Release,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Seal => "seal",
            Self::Pseudonyms => "pseudonyms",
            Self::Release => "release",
        }
    }

    /// The key's file.
    pub fn file(self, settings: &Settings) -> &Path {
        match self {
            Self::Tokens => &settings.key,
            Self::Seal => &settings.seal_key,
            Self::Pseudonyms => &settings.pseudonym_key,
            Self::Release => &settings.release_key,
        }
    }

    /// What names the key without telling it: a key's id or public half. Pseudonyms have neither.
    fn shown(self, path: &Path) -> Result<String> {
        Ok(match self {
            Self::Tokens => LocalKey::open(path)?.id().to_owned(),
            Self::Seal | Self::Release => SealKey::open(path)?.public_text(),
            Self::Pseudonyms => SealKey::open(path).map(|_| "secret".to_owned())?,
        })
    }

    fn shown_former(self, former: &Former) -> String {
        match self {
            Self::Tokens => {
                let key: Option<serde_json::Value> = serde_json::from_str(&former.key).ok();
                key.and_then(|key| Some(key.get("kid")?.as_str()?.to_owned())).unwrap_or_default()
            }
            Self::Seal | Self::Release => former.key.clone(),
            Self::Pseudonyms => "secret".to_owned(),
        }
    }

    /// What a former key is still good for.
    fn good_for(self, former: &Former, now: DateTime<Utc>) -> String {
        match self {
            Self::Tokens if former.replaced_at + LONGEST_LIFE > now => format!("tokens until {}", day(former.replaced_at + LONGEST_LIFE)),
            Self::Tokens => "nothing any more".to_owned(),
            Self::Seal => "seals that it signed".to_owned(),
            Self::Pseudonyms => "snapshots that it named".to_owned(),
            Self::Release => "releases that it signed".to_owned(),
        }
    }
}

/// Shows the keys, or replaces one.
pub fn execute(what: Option<&Keys>, settings: &Settings) -> Result<()> {
    let now = Clock::system().now();
    match what {
        None => print!("{}", list(settings, now)?),
        Some(&Keys::Rotate { which, exposed }) => {
            rotate(which, which.file(settings), exposed, now)?;
            println!("{}", said(which, exposed));
        }
    }
    Ok(())
}

fn rotate(kind: Kind, path: &Path, exposed: bool, now: DateTime<Utc>) -> Result<()> {
    if exposed && kind != Kind::Tokens {
        bail!("--exposed is for the key of the tokens: what another key did must stay verifiable, or findable, after it");
    }
    match kind {
        Kind::Tokens => LocalKey::rotate(path, now, exposed).context("the key of the tokens")?,
        Kind::Seal => SealKey::rotate(path, now).context("the key of the seals")?,
        Kind::Pseudonyms => SealKey::rotate_secret(path, now).context("the key of the pseudonyms")?,
        Kind::Release => SealKey::rotate(path, now).context("the key of the releases")?,
    }
    Ok(())
}

fn said(kind: Kind, exposed: bool) -> &'static str {
    match kind {
        Kind::Tokens if exposed => "A new key signs tokens; all that were signed before are refused from the next second on.",
        Kind::Tokens => "A new key signs tokens; those of the former one are good to their end, for 7 days at most.",
        Kind::Seal => "A new key signs the next seal; the public half of the former one is kept, and its seals are verified by it.",
        Kind::Pseudonyms => "The next snapshot has new pseudonyms; those that are frozen keep theirs, and the former key is kept for them.",
        Kind::Release => "A new key signs the next release. Publish its public half (`torikumi keys`) where the former one is published.",
    }
}

/// The keys, the present ones first of each kind.
fn list(settings: &Settings, now: DateTime<Utc>) -> Result<String> {
    let mut rows = vec![["KEY", "MADE", "AGE", "STATE", "FILE", "ID"].map(str::to_owned)];
    for kind in Kind::value_variants() {
        let path = kind.file(settings);
        let file = path.display().to_string();
        let made = match former::made_at(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                rows.push([kind.name().into(), "-".into(), "-".into(), "made on first use".into(), file.clone(), String::new()]);
                None
            }
            made => Some(made.with_context(|| file.clone())?),
        };
        let mut present = String::new();
        if let Some(made) = made {
            present = kind.shown(path)?;
            rows.push([kind.name().into(), day(made), age(made, now), "in use".into(), file, present.clone()]);
        }
        let path_of_former = former::file(path).display().to_string();
        let known = former::read(path).with_context(|| path_of_former.clone())?;
        for line in known.into_iter().rev().filter(|line| *kind == Kind::Pseudonyms || kind.shown_former(line) != present) {
            let state = format!("replaced {}, good for {}", day(line.replaced_at), kind.good_for(&line, now));
            let id = kind.shown_former(&line);
            rows.push([kind.name().into(), day(line.made_at), age(line.made_at, now), state, path_of_former.clone(), id]);
        }
    }
    Ok(table(&rows))
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%F").to_string()
}

fn age(made: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{} d", (now - made).num_days().max(0))
}

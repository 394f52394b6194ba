//! `torikumi snapshot`, `torikumi export` and `torikumi verify DIR`: releases as folders, and the snapshots that they are made from as files.

use super::Settings;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use entity::{period::FiscalYear, release};
use jobs::{
    editions::{Edition, EditionError, rebuild_from},
    follow_up::package,
    seal::{public_key, public_keys},
};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
};

/// Which snapshot or release.
#[derive(Args)]
pub struct Which {
    /// The fiscal year, by the western year in which it begins.
    #[arg(long, value_parser = fiscal_year)]
    fiscal_year: FiscalYear,
    /// The version [default: the latest]
    #[arg(long)]
    release: Option<String>,
    /// The plan's code [default: the only one]
    #[arg(long)]
    plan: Option<String>,
}

impl Which {
    fn edition(self) -> Edition {
        Edition { plan: self.plan, fiscal_year: self.fiscal_year, version: self.release }
    }
}

fn fiscal_year(text: &str) -> Result<FiscalYear, String> {
    let number: i32 = text.parse().map_err(|_| "a fiscal year is a western year such as 2018".to_owned())?;
    FiscalYear::try_from(number).map_err(|error| error.to_string())
}

/// What to do with snapshots.
#[derive(Subcommand)]
pub enum Snapshot {
    /// Write one to a file. It is about persons, under keyed pseudonyms: keep it as you keep the database.
    Export {
        #[command(flatten)]
        which: Which,
        /// The file; it must not be there yet.
        #[arg(long)]
        out: PathBuf,
    },
    /// Keep one from a file; the follow-up of its year is then made from it.
    Import {
        /// The file.
        file: PathBuf,
    },
}

impl Snapshot {
    /// Moves a snapshot.
    pub async fn execute(self, settings: &Settings) -> Result<()> {
        let ledger = settings.open().await?.ledger;
        match self {
            Self::Export { which, out } => {
                let file = private(&out).with_context(|| format!("cannot make {}", out.display()))?;
                let sha256 = ledger.export_snapshot(&which.edition(), &mut BufWriter::new(file)).await.inspect_err(|_| {
                    // What is cut off is no snapshot.
                    let _ = fs::remove_file(&out);
                })?;
                println!("{} {sha256}", out.display());
            }
            Self::Import { file } => {
                let opened = File::open(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let (row, new) = ledger.import_snapshot(&mut BufReader::new(opened)).await?;
                let state = if new { "kept" } else { "is here already" };
                println!("{} FY{} {} {} {state}", row.plan, row.fiscal_year, row.version, row.sha256.unwrap_or_default());
            }
        }
        Ok(())
    }
}

/// Makes a file that its owner alone may read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What to export.
#[derive(Subcommand)]
pub enum Export {
    /// The files of a year's release, as they are kept and served.
    FollowUp {
        #[command(flatten)]
        which: Which,
        /// The folder; made if missing, and empty.
        #[arg(long)]
        out: PathBuf,
    },
}

impl Export {
    /// Writes the files.
    pub async fn execute(self, settings: &Settings) -> Result<()> {
        let Self::FollowUp { which, out } = self;
        let (release, files) = settings.open().await?.ledger.release_files(&which.edition()).await?;
        fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
        // A file that is left of another release would be taken for one of this.
        if fs::read_dir(&out).with_context(|| format!("cannot read {}", out.display()))?.next().is_some() {
            bail!("{} is not empty", out.display());
        }
        for file in &files {
            let path = out.join(&file.path);
            fs::write(&path, &file.content).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let release::Model { plan, fiscal_year, version, state, .. } = release;
        println!("{plan} FY{fiscal_year} {version} {}: {}, {} files", state.as_text(), out.display(), files.len());
        Ok(())
    }
}

/// A release in a folder.
#[derive(Args)]
pub struct VerifyRelease {
    /// The folder of a release, which is made once more from its snapshot and compared.
    dir: Option<PathBuf>,
    /// Check what anyone can, without a database: sums, signature, schema, and that figures agree with each other.
    #[arg(long)]
    public: bool,
    /// The key that must have signed it, in hexadecimal; without it, one of the installation's own, where the release is made once more from its
    /// database, and otherwise the one that the release names.
    #[arg(long)]
    public_key: Option<String>,
    /// Make it from this snapshot's file instead of the database.
    #[arg(long)]
    snapshot: Option<PathBuf>,
    /// It was made under another Cargo.lock: compare XLSX and Parquet by what they hold.
    #[arg(long)]
    other_lock: bool,
}

impl VerifyRelease {
    /// Verifies the folder, prints what was found, and fails where something is wrong.
    pub async fn execute(self, settings: &Settings) -> Result<()> {
        let Some(dir) = self.dir.clone() else { bail!("name the folder of a release, or `audit`") };
        let published = read(&dir)?;
        let trusted = match &self.public_key {
            Some(text) => vec![public_key(text).with_context(|| format!("{text} is no public key"))?],
            None if self.public || self.snapshot.is_some() || !settings.release_key.exists() => Vec::new(),
            None => public_keys(&settings.release_key).context("the key of the releases")?,
        };
        let problems = package::verify_public(&published, &trusted);
        for problem in &problems {
            println!("{problem}");
        }
        let mut wrong = problems.len();
        if !self.public {
            let differences = package::compare(&self.rebuilt(&published, settings).await?, &published, !self.other_lock);
            for difference in &differences {
                println!("{difference}");
            }
            wrong += differences.len();
        }
        if wrong > 0 {
            bail!("{wrong} things are wrong with {}", dir.display());
        }
        let how = if self.public { "agrees with itself" } else { "is what follows from its snapshot" };
        println!("{}: {} files; it {how}", dir.display(), published.len());
        Ok(())
    }

    async fn rebuilt(&self, published: &BTreeMap<String, Vec<u8>>, settings: &Settings) -> Result<Vec<package::File>> {
        if let Some(path) = &self.snapshot {
            let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(rebuild_from(&mut BufReader::new(file))?);
        }
        let provenance = published.get("provenance.json").context("the folder has no provenance.json")?;
        let provenance: serde_json::Value = serde_json::from_slice(provenance).context("provenance.json")?;
        let found = provenance["snapshot_sha256"].as_str().context("provenance.json names no snapshot")?;
        match settings.open().await?.ledger.rebuild(found).await {
            Err(EditionError::Unknown) => bail!("the database has no snapshot {found}; name its file with --snapshot"),
            files => Ok(files?),
        }
    }
}

/// The files of a folder, by name.
fn read(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(files)
}

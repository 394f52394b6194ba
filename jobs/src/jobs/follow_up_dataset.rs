//! `follow-up-dataset`: the snapshot and the draft of each follow-up cycle that is frozen (clause VI).
//!
//! It takes no input: every cycle that is FROZEN gets its snapshot (`freeze`), unless one was imported for its version, and its draft; every
//! DRAFT is made once more from its snapshot and compared. What a release says follows from the snapshot (`follow_up::draft`) and from
//! the answers to its findings that are published (`answers`), so that a repetition writes nothing and ends with the same digest, and a run that
//! is taken over goes on with what is missing. Findings keep the answers they have. Deliberately absent: publication, which is an act of the secretariat and changes no byte.

mod answers;
mod cycles;
mod freeze;
mod live;
mod parts;
mod state;
mod write;

pub(crate) use answers::of_snapshot as answers_of;

use crate::{
    fault::Fault,
    follow_up::{
        draft::{self, DraftError},
        package::{self, PackageError},
        release::Release,
        snapshot::{Manifest, SnapshotError, Tally},
    },
    job::{JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    runner::Phase,
};
use chrono::{DateTime, Utc};
use cycles::Cycle;
use entity::{ids::FollowUpId, job_run::WarningCode};
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

/// What a run did. Serialised in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Cycles that were frozen or are drafts.
    pub cycles: i64,
    /// Snapshots frozen.
    pub snapshots: i64,
    /// Drafts written, or in a dry run to be written.
    pub drafts: i64,
    /// Drafts that were already there, as they are.
    pub unchanged: i64,
    /// Figures of the drafts.
    pub observations: i64,
    /// Of these, the withheld ones.
    pub withheld: i64,
    /// Findings.
    pub findings: i64,
}

/// One at a time; freezing and correcting a cycle ask for it.
pub const POLICY: Policy = Policy { figures: &["withheld"], ..Policy::DEFAULT };

/// Why a cycle has no draft.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The snapshot.
    #[error("the snapshot: {0}")]
    Snapshot(#[from] SnapshotError),
    /// The draft.
    #[error("the draft: {0}")]
    Draft(#[from] DraftError),
    /// The files.
    #[error("the files: {0}")]
    Package(#[from] PackageError),
    /// The plan's settings are not those of a follow-up.
    #[error("the plan's settings: {0}")]
    Settings(serde_json::Error),
    /// The key of the pseudonyms.
    #[error("the key of the pseudonyms: {0}")]
    Key(#[from] crate::seal::SealError),
    /// The cycle was reopened, or went on otherwise, while it was being frozen.
    #[error("the cycle went on while it was being frozen")]
    GoneOn,
    /// A task was cut off.
    #[error("a task was cut off")]
    CutOff,
    /// Some cycles have no draft; the others have.
    #[error("{0}")]
    Cycles(String),
}

impl Fault for DatasetError {}

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    make(fence).await.map_err(JobError::usual)
}

async fn make(fence: &Fence) -> Result<Output, LedgerError> {
    let tx = fence.snapshot().await?;
    let cycles = cycles::waiting(&tx).await?;
    tx.commit().await?;
    fence.expect_steps(cycles.len() as u64 * 2);
    let mut statistics = Statistics::default();
    let mut digest = Sha256::new();
    let (mut failed, mut gone_on) = (Vec::new(), 0);
    for cycle in &cycles {
        statistics.cycles += 1;
        match one(fence, cycle, &mut statistics).await {
            Ok(said) => digest.update(said.unwrap_or_default()),
            // Whatever it went on to has a run of its own.
            Err(error) => match error.fault() {
                Some(DatasetError::GoneOn) => gone_on += 1,
                Some(fault) => failed.push(format!("{} FY{} {}: {fault}", cycle.plan, cycle.fiscal_year, cycle.version)),
                None => return Err(error),
            },
        }
    }
    if !failed.is_empty() {
        return Err(DatasetError::Cycles(failed.join("; ")).into());
    }
    Ok(Output::new(&statistics, crate::seal::hex(&digest.finalize())).warning(WarningCode::CyclesGoneOn, gone_on))
}

/// Freezes and drafts one cycle; what the draft says, as the digest takes it, or none where there is none to be made.
async fn one(fence: &Fence, cycle: &Cycle, statistics: &mut Statistics) -> Result<Option<String>, LedgerError> {
    let (manifest, sha256) = manifest(fence, cycle, statistics).await?;
    fence.step(Phase::Snapshot(cycle.fiscal_year));
    let Some((manifest, sha256)) = manifest.zip(sha256) else { return Ok(None) };
    let tally = tally(fence, cycle, &manifest).await?;
    let tx = fence.snapshot().await?;
    let answers = answers::of_version(&tx, cycle.id, &cycle.version).await?;
    tx.commit().await?;
    let drafted = tokio::task::spawn_blocking(move || {
        let (mut release, found) = draft::draft(&manifest, &sha256, &tally)?;
        release.answer(&answers);
        let files = package::build(&release)?;
        Ok::<_, DatasetError>(write::Drafted { release, found, files })
    });
    let drafted = drafted.await.map_err(|_| DatasetError::CutOff)??;
    write::draft(fence, cycle, &drafted, statistics).await?;
    fence.step(Phase::Draft(cycle.fiscal_year));
    Ok(Some(said(&drafted.release)?))
}

/// All that a release says but when it was frozen and by which program: `as_of` and the snapshot's sum, which follows from it, differ in each
/// run over equal records. The files follow from this and these.
fn said(release: &Release) -> Result<String, DatasetError> {
    let mut said = serde_json::to_value(release).map_err(SnapshotError::from)?;
    if let Some(said) = said.as_object_mut() {
        said.remove("as_of");
    }
    if let Some(provenance) = said["provenance"].as_object_mut() {
        provenance.retain(|name, _| !["snapshot_sha256", "code_version"].contains(&name.as_str()));
    }
    Ok(said.to_string())
}

/// The manifest that the cycle's snapshot would have by now, its parts named without their rows: for years whose rows come from elsewhere.
///
/// # Errors
/// The database's; [`DatasetError::Settings`].
pub(crate) async fn outline<C: ConnectionTrait>(db: &C, cycle: FollowUpId, as_of: DateTime<Utc>) -> Result<Option<Manifest>, LedgerError> {
    let Some(cycle) = cycles::one(db, cycle).await? else { return Ok(None) };
    let (mut manifest, wanted) = freeze::read(db, &cycle, as_of).await?;
    manifest.parts = wanted.iter().map(parts::Wanted::line).collect();
    Ok(Some(manifest))
}

/// Whether the earlier years that a release cites still stand as it cites them: one may have been withdrawn or corrected since it was frozen.
///
/// # Errors
/// The database's, and a document that cannot be read.
pub async fn cites_what_stands<C: ConnectionTrait>(tx: &C, release: &entity::release::Model) -> Result<bool, LedgerError> {
    let earlier = freeze::earlier(tx, &release.plan, release.fiscal_year).await?;
    Ok(freeze::document(release)?.earlier == earlier)
}

/// Whether a draft can hold published answers: of a snapshot that an earlier program froze it cannot.
///
/// # Errors
/// A document that cannot be read.
pub fn takes_answers(release: &entity::release::Model) -> Result<bool, LedgerError> {
    Ok(freeze::document(release)?.is_whole())
}

/// Whether a draft says the answers to its findings that are to be published, and no others: they may have been given since it was made.
///
/// # Errors
/// The database's, and a document that cannot be read.
pub async fn says_its_answers<C: ConnectionTrait>(tx: &C, release: &entity::release::Model) -> Result<bool, LedgerError> {
    let answers = answers::of_version(tx, release.follow_up_id, &release.version).await?;
    let told = freeze::document(release)?;
    let mut anew = told.clone();
    anew.answer(&answers);
    Ok(anew.findings == told.findings)
}

/// The cycle's manifest and its SHA-256, frozen now where there is none; none in a dry run, which freezes nothing.
async fn manifest(fence: &Fence, cycle: &Cycle, statistics: &mut Statistics) -> Result<(Option<Manifest>, Option<String>), LedgerError> {
    let tx = fence.snapshot().await?;
    let stored = parts::manifest(&tx, cycle).await?;
    tx.commit().await?;
    let text = match stored {
        Some(text) => text,
        None if fence.run().dry_run => {
            statistics.snapshots += 1;
            return Ok((None, None));
        }
        None => {
            statistics.snapshots += 1;
            freeze::freeze(fence, cycle).await?
        }
    };
    let sha256 = crate::follow_up::snapshot::sha256(text.as_bytes());
    Ok((Some(Manifest::parse(&text).map_err(DatasetError::from)?), Some(sha256)))
}

/// Adds the snapshot's parts up, one after the other.
async fn tally(fence: &Fence, cycle: &Cycle, manifest: &Manifest) -> Result<Tally, LedgerError> {
    let mut tally = Tally::default();
    for index in 0..manifest.parts.len() {
        let tx = fence.snapshot().await?;
        let content = parts::content(&tx, cycle, index).await?;
        tx.commit().await?;
        tally.add(manifest, index, &content).map_err(DatasetError::from)?;
    }
    Ok(tally)
}

//! Snapshots and releases in the operator's hands: a snapshot moves as one file, a release as a folder that can be rebuilt.
//!
//! A snapshot's file is JSON lines: the manifest, then each part, so that memory holds one of them; then, where its release publishes answers
//! to findings, these, for they are given after it is frozen. It is about persons, under keyed
//! pseudonyms: both ways leave an entry in the audit trail.

#![expect(clippy::disallowed_methods, reason = "this is the command line's door to snapshots")]

use crate::{
    dialect,
    follow_up::{
        draft,
        package::{self, File},
        release::AnswerLine,
        snapshot::{Manifest, SnapshotError, Tally, sha256},
    },
    jobs::follow_up_dataset::{self, DatasetError, answers_of},
    ledger::{Ledger, LedgerError},
    transaction::{self, AuditAct},
};
use chrono::{DateTime, Utc};
use entity::{
    ids::{FollowUpId, SnapshotId},
    period::FiscalYear,
    release::{self, ReleaseState},
    release_file, snapshot, snapshot_part,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::io::{self, BufRead, Write};

/// Which snapshot or release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Code of the plan; the only one there is without it.
    pub plan: Option<String>,
    /// The fiscal year.
    pub fiscal_year: FiscalYear,
    /// The version; the latest without it.
    pub version: Option<String>,
}

/// Why a snapshot or release cannot be moved.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// There is none.
    #[error("there is no such snapshot or release")]
    Unknown,
    /// Another snapshot of that plan, year and version is here.
    #[error("another snapshot of {plan}, FY{year} {version} is here already")]
    Taken {
        /// The plan.
        plan: String,
        /// The fiscal year.
        year: i32,
        /// The version.
        version: String,
    },
    /// The file.
    #[error("the file: {0}")]
    Io(#[from] io::Error),
    /// A line is not what it should be.
    #[error("line {0} cannot be read")]
    Line(usize),
    /// What it holds.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The database.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<DbErr> for EditionError {
    fn from(error: DbErr) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<SnapshotError> for EditionError {
    fn from(error: SnapshotError) -> Self {
        Self::Dataset(error.into())
    }
}

impl From<crate::database::DatabaseError> for EditionError {
    fn from(error: crate::database::DatabaseError) -> Self {
        Self::Ledger(error.into())
    }
}

/// A line of a snapshot's file.
#[derive(Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "camelCase", deny_unknown_fields)]
enum Line {
    /// The first.
    Manifest { text: String },
    /// The others.
    Part { kind: String, content: String },
    /// The last, where answers to findings are published in the release that was made of it.
    Answers { answers: Vec<AnswerLine> },
}

impl Ledger {
    /// Writes a snapshot as a file and returns its SHA-256.
    ///
    /// # Errors
    /// [`EditionError`].
    pub async fn export_snapshot(&self, edition: &Edition, to: &mut (impl Write + Send)) -> Result<String, EditionError> {
        let row = self.snapshot_of(edition).await?;
        let (Some(manifest), Some(sha256)) = (row.manifest.clone(), row.sha256.clone()) else { return Err(EditionError::Unknown) };
        write_line(to, &Line::Manifest { text: manifest.clone() })?;
        for position in 0..Manifest::parse(&manifest)?.parts.len() {
            let part = self.part(row.id, position).await?;
            write_line(to, &Line::Part { kind: part.kind, content: part.content })?;
        }
        let answers = self.answers(&row, &sha256).await?;
        if !answers.is_empty() {
            write_line(to, &Line::Answers { answers })?;
        }
        to.flush()?;
        self.tell_of(&row, "EXPORT").await?;
        Ok(sha256)
    }

    /// What the cycle's snapshot would hold as of an instant, its parts named without their rows: for a year whose rows come from elsewhere,
    /// and whose snapshot is then imported.
    ///
    /// # Errors
    /// [`EditionError`].
    pub async fn outline_snapshot(&self, cycle: FollowUpId, as_of: DateTime<Utc>) -> Result<Manifest, EditionError> {
        follow_up_dataset::outline(self.db.reader(), cycle, as_of).await?.ok_or(EditionError::Unknown)
    }

    /// Reads a snapshot's file and keeps it; `false` where it is here already. Nothing is kept of a file with a fault. The answers
    /// in it are of the release that was made elsewhere, and are kept to rebuild that one; where its year is followed up here, findings are
    /// answered anew.
    ///
    /// # Errors
    /// [`EditionError`].
    pub async fn import_snapshot(&self, from: &mut (impl BufRead + Send)) -> Result<(snapshot::Model, bool), EditionError> {
        let mut lines = from.lines();
        let Some(Line::Manifest { text }) = read_line(lines.next(), 0)? else { return Err(EditionError::Line(1)) };
        let manifest = Manifest::parse(&text)?;
        let (plan, version) = (manifest.plan.code.clone(), manifest.version.to_string());
        let fiscal_year = FiscalYear::try_from(manifest.fiscal_year).map_err(|_| EditionError::Line(1))?;
        let now = self.clock().now();
        let row = snapshot::Model {
            id: SnapshotId::new(),
            plan,
            fiscal_year,
            version,
            sha256: Some(sha256(text.as_bytes())),
            manifest: Some(text),
            answers: None,
            as_of: manifest.as_of,
            created_at: now,
        };
        let edition = Edition { plan: Some(row.plan.clone()), fiscal_year, version: Some(row.version.clone()) };
        match self.snapshot_of(&edition).await {
            Ok(stored) if stored.sha256 == row.sha256 => return Ok((stored, false)),
            Ok(_) => return Err(EditionError::Taken { plan: row.plan, year: manifest.fiscal_year, version: row.version }),
            Err(EditionError::Unknown) => {}
            Err(error) => return Err(error),
        }
        let tx = self.db.begin().await?;
        snapshot::Entity::insert(row.clone().into_active_model()).exec_without_returning(&*tx).await?;
        let mut tally = Tally::default();
        let mut position = 0;
        while let Some(line) = read_line(lines.next(), position + 1)? {
            let (kind, content) = match line {
                Line::Part { kind, content } => (kind, content),
                Line::Answers { answers } => {
                    ended(&mut lines, position)?;
                    let answers = serde_json::to_string(&answers).map_err(io::Error::from)?;
                    let kept = snapshot::ActiveModel { answers: Set(Some(answers)), ..row.clone().into_active_model() };
                    snapshot::Entity::update(kept).exec(&*tx).await?;
                    break;
                }
                Line::Manifest { .. } => return Err(EditionError::Line(position + 2)),
            };
            tally.add(&manifest, position, &content)?;
            let part = snapshot_part::Model {
                snapshot_id: row.id,
                position: i32::try_from(position).unwrap_or(i32::MAX),
                kind,
                sha256: sha256(content.as_bytes()),
                content,
            };
            snapshot_part::Entity::insert(part.into_active_model()).exec_without_returning(&*tx).await?;
            position += 1;
        }
        if position != manifest.parts.len() {
            return Err(SnapshotError::Parts { found: position, named: manifest.parts.len() }.into());
        }
        transaction::audit(&*tx, now, act(&row, "IMPORT")).await?;
        tx.commit().await?;
        Ok((row, true))
    }

    /// A release with its kept files, by path.
    ///
    /// # Errors
    /// [`EditionError`].
    pub async fn release_files(&self, edition: &Edition) -> Result<(release::Model, Vec<release_file::Model>), EditionError> {
        use release::{Column, Entity};
        let mut query = Entity::find().filter(Column::FiscalYear.eq(edition.fiscal_year));
        if let Some(plan) = &edition.plan {
            query = query.filter(Column::Plan.eq(plan));
        }
        // A draft, or what was withdrawn, is named by its version.
        query = match &edition.version {
            Some(version) => query.filter(Column::Version.eq(version)),
            None => query.filter(Column::State.eq(ReleaseState::Published)),
        };
        let rows = query.order_by_desc(Column::Id).all(self.db.reader()).await?;
        let release = rows.into_iter().next().ok_or(EditionError::Unknown)?;
        let of_release = release_file::Entity::find().filter(release_file::Column::ReleaseId.eq(release.id));
        let files = of_release.order_by_asc(release_file::Column::Path).all(self.db.reader()).await?;
        Ok((release, files))
    }

    /// Makes the files of the release whose snapshot has this SHA-256 once more, from the snapshot and the answers that are published with it.
    ///
    /// # Errors
    /// [`EditionError`].
    pub async fn rebuild(&self, sha256: &str) -> Result<Vec<File>, EditionError> {
        let row = snapshot::Entity::find().filter(snapshot::Column::Sha256.eq(sha256)).one(self.db.reader()).await?;
        let row = row.ok_or(EditionError::Unknown)?;
        let text = row.manifest.clone().ok_or(EditionError::Unknown)?;
        let manifest = Manifest::parse(&text)?;
        let mut tally = Tally::default();
        for position in 0..manifest.parts.len() {
            tally.add(&manifest, position, &self.part(row.id, position).await?.content)?;
        }
        files(&manifest, &text, &tally, &self.answers(&row, sha256).await?)
    }

    /// The answers that are published with the release of a snapshot: of the one that was made here, or else those that it was brought with.
    async fn answers(&self, row: &snapshot::Model, sha256: &str) -> Result<Vec<AnswerLine>, EditionError> {
        let released = release::Entity::find().filter(release::Column::SnapshotSha256.eq(sha256)).one(self.db.reader()).await?;
        match (&row.answers, released) {
            (Some(brought), None) => Ok(serde_json::from_str(brought).map_err(SnapshotError::from)?),
            _ => Ok(answers_of(self.db.reader(), sha256).await?),
        }
    }

    async fn part(&self, snapshot: SnapshotId, position: usize) -> Result<snapshot_part::Model, EditionError> {
        let key = (snapshot, i32::try_from(position).unwrap_or(i32::MAX));
        let part = snapshot_part::Entity::find_by_id(key).one(self.db.reader()).await?;
        Ok(part.ok_or(SnapshotError::Content(position))?)
    }

    async fn snapshot_of(&self, edition: &Edition) -> Result<snapshot::Model, EditionError> {
        use snapshot::{Column, Entity};
        let mut query = Entity::find().filter(Column::FiscalYear.eq(edition.fiscal_year)).filter(Column::Sha256.is_not_null());
        if let Some(plan) = &edition.plan {
            query = query.filter(Column::Plan.eq(plan));
        }
        if let Some(version) = &edition.version {
            query = query.filter(Column::Version.eq(version));
        }
        query.order_by_desc(Column::Id).one(self.db.reader()).await?.ok_or(EditionError::Unknown)
    }

    async fn tell_of(&self, row: &snapshot::Model, verb: &str) -> Result<(), EditionError> {
        let tx = self.db.begin().await?;
        dialect::flush_later(&*tx).await?;
        transaction::audit(&*tx, self.clock().now(), act(row, verb)).await?;
        Ok(tx.commit().await?)
    }
}

/// Writes a snapshot's file of a manifest and the contents of its parts, whose sums it fills in.
///
/// # Errors
/// [`EditionError`].
pub fn write_snapshot(mut manifest: Manifest, parts: &[String], to: &mut impl Write) -> Result<(), EditionError> {
    for (line, content) in manifest.parts.iter_mut().zip(parts) {
        (line.rows, line.sha256) = (content.lines().count() as u64, sha256(content.as_bytes()));
    }
    write_line(to, &Line::Manifest { text: manifest.to_text()? })?;
    for (line, content) in manifest.parts.iter().zip(parts) {
        write_line(to, &Line::Part { kind: line.kind.as_str().to_owned(), content: content.clone() })?;
    }
    Ok(to.flush()?)
}

/// Makes the files of a release from a snapshot's file, without any database.
///
/// # Errors
/// [`EditionError`].
pub fn rebuild_from(from: &mut impl BufRead) -> Result<Vec<File>, EditionError> {
    let mut lines = from.lines();
    let Some(Line::Manifest { text }) = read_line(lines.next(), 0)? else { return Err(EditionError::Line(1)) };
    let manifest = Manifest::parse(&text)?;
    let mut tally = Tally::default();
    let (mut position, mut told) = (0, Vec::new());
    while let Some(line) = read_line(lines.next(), position + 1)? {
        match line {
            Line::Part { content, .. } => tally.add(&manifest, position, &content)?,
            Line::Answers { answers } => {
                told = answers;
                ended(&mut lines, position)?;
                break;
            }
            Line::Manifest { .. } => return Err(EditionError::Line(position + 2)),
        }
        position += 1;
    }
    if position != manifest.parts.len() {
        return Err(SnapshotError::Parts { found: position, named: manifest.parts.len() }.into());
    }
    files(&manifest, &text, &tally, &told)
}

/// Nothing stands behind the last line, whose place among the parts is given.
fn ended(lines: &mut impl Iterator<Item = io::Result<String>>, position: usize) -> Result<(), EditionError> {
    lines.next().transpose()?.map_or(Ok(()), |_| Err(EditionError::Line(position + 3)))
}

fn files(manifest: &Manifest, text: &str, tally: &Tally, answers: &[AnswerLine]) -> Result<Vec<File>, EditionError> {
    let (mut release, _) = draft::draft(manifest, &sha256(text.as_bytes()), tally).map_err(DatasetError::from)?;
    release.answer(answers);
    Ok(package::build(&release).map_err(DatasetError::from)?)
}

fn act(row: &snapshot::Model, verb: &str) -> AuditAct {
    AuditAct {
        actor: "command line".to_owned(),
        roles: String::new(),
        verb: verb.to_owned(),
        noun: "snapshot".to_owned(),
        record_id: Some(row.id.0),
        counts: json!({ "fiscalYear": row.fiscal_year.as_i32(), "version": row.version }),
        ..AuditAct::default()
    }
}

fn write_line(to: &mut impl Write, line: &Line) -> Result<(), EditionError> {
    serde_json::to_writer(&mut *to, line).map_err(io::Error::from)?;
    Ok(to.write_all(b"\n")?)
}

fn read_line(line: Option<io::Result<String>>, number: usize) -> Result<Option<Line>, EditionError> {
    let Some(line) = line.transpose()? else { return Ok(None) };
    serde_json::from_str(&line).map(Some).map_err(|_| EditionError::Line(number + 1))
}

//! The files of a release: a data package that needs this platform no more, in the forms that its readers open.
//!
//! Tidy CSV, a CSV and a workbook for Excel, JSON and Parquet hold the same figures; a report reads without any of them; a dictionary, a
//! descriptor and sums say what is what. Everything follows from the [`Release`] alone: the same release makes the same bytes, whatever
//! zone, locale or machine. Deliberately absent: any clock, path or connection, the secret key's place, and the protection of small
//! figures, which comes before.

mod columnar;
mod compare;
mod content;
mod descriptor;
mod dictionary;
mod excel;
#[cfg(test)]
pub(crate) mod fixture;
mod former;
mod json;
mod report;
mod sums;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod told;
mod verify;
mod words;
mod workbook;

use super::release::Release;
use content::Content;
use ed25519_dalek::SigningKey;
use entity::period::PeriodError;
use words::Language;

pub use compare::{Difference, DifferenceKind, compare};
pub use sums::SUMS;
pub use verify::{Problem, ProblemKind, verify_public};
pub use words::label;

/// A file of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path in the package.
    pub path: String,
    /// What it is, for who serves it.
    pub media_type: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A figure or target names an indicator that is not defined.
    #[error("the release has no definition of {indicator}")]
    NoDefinition {
        /// The indicator.
        indicator: String,
    },
    /// A figure or action names a member that its dimension has not.
    #[error("{dimension} has no member {code}")]
    NoMember {
        /// The dimension.
        dimension: &'static str,
        /// The member.
        code: String,
    },
    /// A figure's numbers are not what its status says.
    #[error("numbers and status contradict each other: {figure}")]
    Contradiction {
        /// The figure's key.
        figure: String,
    },
    /// A figure stands twice.
    #[error("a figure stands twice: {figure}")]
    Twice {
        /// The figure's key.
        figure: String,
    },
    /// A target shows the figure that the observations withhold.
    #[error("the target of {indicator} shows what is withheld")]
    Discloses {
        /// The indicator.
        indicator: String,
    },
    /// A date that a format cannot hold.
    #[error("a date is beyond what the format holds")]
    Day,
    /// The fiscal year is none.
    #[error(transparent)]
    Year(#[from] PeriodError),
    /// There is nothing to sign.
    #[error("there is no SHA256SUMS among the files")]
    NoSums,
    /// The public key cannot be written.
    #[error("the public key cannot be written as PEM")]
    Key,
    /// CSV could not be written.
    #[error("cannot write CSV")]
    Csv(#[from] csv::Error),
    /// JSON could not be written.
    #[error("cannot write JSON")]
    Json(#[from] serde_json::Error),
    /// The workbook could not be written.
    #[error("cannot write the workbook")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// Parquet could not be written or read.
    #[error("cannot write or read Parquet")]
    Parquet(#[from] parquet::errors::ParquetError),
}

/// The files of a release; the last one holds the sums of all others.
///
/// # Errors
/// When the release contradicts itself, or a format cannot hold it.
pub fn build(release: &Release) -> Result<Vec<File>, PackageError> {
    let content = Content::of(release)?;
    let tables = told::tables(&content);
    let mut files = Vec::new();
    let mut add = |path: &str, media_type, bytes| files.push(File { path: path.to_owned(), media_type, bytes });
    for table in &tables {
        add(table.path, "text/csv", table.csv()?);
    }
    add(excel::PATH, "text/csv", told::excel(&content)?);
    add(json::OBSERVATIONS, "application/json", json::observations(&content)?);
    add(columnar::PATH, "application/vnd.apache.parquet", columnar::parquet(&content)?);
    add(workbook::PATH, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", told::workbook(&content)?);
    add("dictionary.ja.md", "text/markdown", told::dictionary(&content, &tables, Language::Ja));
    add("dictionary.en.md", "text/markdown", told::dictionary(&content, &tables, Language::En));
    add(json::CHANGES, "application/json", json::changes_document(release)?);
    add(json::PROVENANCE, "application/json", json::provenance(release)?);
    for (path, report) in told::reports(&content) {
        add(path, "text/html", report.into_bytes());
    }
    files.push(descriptor::descriptor(&content, &tables, &files)?);
    files.push(sums::of(&files));
    Ok(files)
}

/// The signature of `SHA256SUMS` (detached, Ed25519, over the file's bytes) and the public key, as files beside the others.
///
/// # Errors
/// When the files have no sums.
pub fn sign(files: &[File], key: &SigningKey) -> Result<Vec<File>, PackageError> {
    sums::sign(files, key)
}

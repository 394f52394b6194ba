//! Whether a rebuilt package is the published one.
//!
//! Text files are compared byte for byte. XLSX and Parquet are too where both were built with the same lock file; else what they hold, for
//! another version of a library may compress otherwise, and then their sums are not compared either. Deliberately absent: the signature
//! and the key, which the publisher adds (`verify`).

use super::{File, columnar, sums, workbook};
use calamine::{Data, Reader, Xlsx};
use std::{collections::BTreeMap, fmt, io::Cursor};

/// In what way a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It was rebuilt, but not published.
    NotPublished,
    /// It was published, but not rebuilt.
    NotRebuilt,
    /// Its bytes differ.
    Bytes,
    /// What it holds differs.
    Content,
}

/// A file that is not as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub path: String,
    /// In what way.
    pub kind: DifferenceKind,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            DifferenceKind::NotPublished => "was rebuilt, but is not among the published files",
            DifferenceKind::NotRebuilt => "was published, but is not among the rebuilt files",
            DifferenceKind::Bytes => "has other bytes",
            DifferenceKind::Content => "holds something else",
        };
        write!(f, "{}: {what}", self.path)
    }
}

/// Compares the rebuilt files with the published ones; `same_lock` says that both were built with the same versions of all libraries.
#[must_use]
pub fn compare(rebuilt: &[File], published: &BTreeMap<String, Vec<u8>>, same_lock: bool) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |path: &str, kind| differences.push(Difference { path: path.to_owned(), kind });
    for file in rebuilt {
        match published.get(&file.path) {
            None => differ(&file.path, DifferenceKind::NotPublished),
            Some(bytes) if *bytes == file.bytes => {}
            Some(bytes) if !same_lock && by_content(&file.path) => {
                if !same_content(&file.path, &file.bytes, bytes) {
                    differ(&file.path, DifferenceKind::Content);
                }
            }
            Some(_) => differ(&file.path, DifferenceKind::Bytes),
        }
    }
    for path in published.keys() {
        let added = [sums::SIGNATURE, sums::PUBLIC_KEY].contains(&path.as_str());
        if !added && !rebuilt.iter().any(|file| file.path == *path) {
            differ(path, DifferenceKind::NotRebuilt);
        }
    }
    differences
}

/// The files whose bytes depend on a library, and the one that holds their sums.
fn by_content(path: &str) -> bool {
    depends(path) || path == sums::SUMS
}

fn depends(path: &str) -> bool {
    [workbook::PATH, columnar::PATH].contains(&path)
}

fn same_content(path: &str, one: &[u8], other: &[u8]) -> bool {
    fn same<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
        one.is_some() && one == other
    }
    match path {
        workbook::PATH => same(cells(one).as_ref(), cells(other).as_ref()),
        columnar::PATH => same(columnar::read(one).ok().as_ref(), columnar::read(other).ok().as_ref()),
        _ => same(independent_sums(one).as_ref(), independent_sums(other).as_ref()),
    }
}

/// The sums, without those of files whose bytes depend on a library.
fn independent_sums(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut sums = sums::parse(bytes)?;
    for (path, sum) in &mut sums {
        if depends(path) {
            sum.clear();
        }
    }
    Some(sums)
}

/// Each sheet with its cells.
pub(super) fn cells(bytes: &[u8]) -> Option<Vec<(String, Vec<Vec<Data>>)>> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).ok()?;
    workbook.worksheets().into_iter().map(|(name, range)| Some((name, range.rows().map(<[Data]>::to_vec).collect()))).collect()
}

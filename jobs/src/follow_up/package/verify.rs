//! What anyone can check of a package without a database or the secret key.
//!
//! Sums and signature; the descriptor, and every table against its schema; statuses against numbers, and values against numerator and
//! denominator; and that all forms of the observations say the same. Deliberately absent: whether the figures are right, which only the
//! snapshot tells.

mod agreement;
mod schema;

use super::sums::{self, PUBLIC_KEY, SIGNATURE, SUMS};
use ed25519_dalek::VerifyingKey;
use std::{collections::BTreeMap, fmt};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The package lacks a file.
    Missing,
    /// A file that the sums or the descriptor do not name.
    Unlisted,
    /// A file is not the one whose sum stands in the package.
    Sum,
    /// Nobody signed the sums.
    Unsigned,
    /// The signature is not the key's.
    Signature,
    /// The key is not the one that is trusted.
    Key,
    /// A file cannot be read as what it should be.
    Unreadable,
    /// Columns are not those of the schema.
    Columns,
    /// A cell is empty, or not of its type.
    Type,
    /// A cell has a value that is not allowed.
    Value,
    /// Two rows have the same key.
    Twice,
    /// Numbers or symbol are not what the status says.
    Status,
    /// The value is not numerator ÷ denominator.
    Quotient,
    /// Two files do not say the same.
    Disagreement,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// Its line, where there is one.
    pub line: Option<u64>,
    /// What is wrong.
    pub kind: ProblemKind,
    /// In words.
    pub detail: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.detail),
            None => write!(f, "{}: {}", self.path, self.detail),
        }
    }
}

/// Problems as they are found.
#[derive(Debug, Default)]
struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, kind: ProblemKind, path: &str, detail: impl Into<String>) {
        self.0.push(Problem { path: path.to_owned(), line: None, kind, detail: detail.into() });
    }

    fn at(&mut self, kind: ProblemKind, (path, line): (&str, u64), detail: impl Into<String>) {
        self.0.push(Problem { path: path.to_owned(), line: Some(line), kind, detail: detail.into() });
    }
}

/// Checks a published package, by path; none is wrong where the list is empty.
///
/// With trusted keys, the signature must be of one of them; without any, it must be that of the key in the package, which proves only that
/// nothing was damaged.
#[must_use]
pub fn verify_public(files: &BTreeMap<String, Vec<u8>>, trusted: &[VerifyingKey]) -> Vec<Problem> {
    let mut found = Found::default();
    check_sums(files, &mut found);
    check_signature(files, trusted, &mut found);
    schema::check(files, &mut found);
    agreement::check(files, &mut found);
    found.0
}

fn check_sums(files: &BTreeMap<String, Vec<u8>>, found: &mut Found) {
    let Some(bytes) = files.get(SUMS) else {
        return found.add(ProblemKind::Missing, SUMS, "the file is missing");
    };
    let Some(listed) = sums::parse(bytes) else {
        return found.add(ProblemKind::Unreadable, SUMS, "a line is no sum and path");
    };
    for (path, sum) in &listed {
        match files.get(path) {
            None => found.add(ProblemKind::Missing, path, "the file is missing"),
            Some(bytes) if sums::sha256(bytes) != *sum => {
                found.add(ProblemKind::Sum, path, "the file is not the one whose sum was published");
            }
            Some(_) => {}
        }
    }
    for path in files.keys() {
        if !listed.contains_key(path) && ![SUMS, SIGNATURE, PUBLIC_KEY].contains(&path.as_str()) {
            found.add(ProblemKind::Unlisted, path, "SHA256SUMS does not name the file");
        }
    }
}

fn check_signature(files: &BTreeMap<String, Vec<u8>>, trusted: &[VerifyingKey], found: &mut Found) {
    let (Some(signature), Some(pem)) = (files.get(SIGNATURE), files.get(PUBLIC_KEY)) else {
        return found.add(ProblemKind::Unsigned, SIGNATURE, "signature or key are missing");
    };
    let Some(key) = sums::public_key(pem) else {
        return found.add(ProblemKind::Unreadable, PUBLIC_KEY, "the file is no Ed25519 key");
    };
    if !trusted.is_empty() && !trusted.contains(&key) {
        found.add(ProblemKind::Key, PUBLIC_KEY, "the key is none that is trusted");
    }
    let signed = |key: &VerifyingKey| files.get(SUMS).is_some_and(|sums| sums::signed(sums, signature, key));
    if !(if trusted.is_empty() { signed(&key) } else { trusted.iter().any(signed) }) {
        found.add(ProblemKind::Signature, SIGNATURE, "the signature is not the key's, of these sums");
    }
}

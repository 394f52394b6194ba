//! A table of the package: its columns say once what CSV, schema and dictionary all tell.
//!
//! Deliberately absent: what stands in the rows (`tables`).

use super::{PackageError, words::Word};
use crate::indicators::Text;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words of people; neutralised, for spreadsheets open CSV files and would take `=…` for a formula.
    Text,
    /// A code or symbol.
    Code,
    /// A whole number.
    Integer,
    /// A number with one digit after the point.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A day.
    Date,
}

impl Kind {
    /// The type in Table Schema.
    pub(super) const fn schema_type(self) -> &'static str {
        match self {
            Self::Text | Self::Code => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }
}

/// A column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
    /// Whether each row has it.
    pub(super) required: bool,
    /// The values it may have; empty where it may have any.
    pub(super) allowed: Vec<String>,
    /// What it means.
    pub(super) says: Text,
}

impl Column {
    /// A column that may be empty.
    pub(super) fn new(name: &'static str, kind: Kind, says: Text) -> Self {
        Self { name, kind, required: false, allowed: Vec::new(), says }
    }

    /// Each row has it.
    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// It has these values only.
    pub(super) fn of(mut self, codes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.allowed = codes.into_iter().map(Into::into).collect();
        self
    }

    /// It has these words' codes only.
    pub(super) fn of_words(self, words: impl IntoIterator<Item = Word>) -> Self {
        self.of(words.into_iter().map(|word| word.code))
    }
}

/// A table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Its file.
    pub(super) path: &'static str,
    /// What it holds.
    pub(super) says: Text,
    /// The columns that tell a row from every other.
    pub(super) key: &'static [&'static str],
    /// Its columns.
    pub(super) columns: Vec<Column>,
    /// Its rows, as many cells as there are columns.
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// The canonical CSV: UTF-8 without a mark, LF, quoted only where it must be.
    ///
    /// # Errors
    /// When a row has another number of cells than the header.
    pub(super) fn csv(&self) -> Result<Vec<u8>, PackageError> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.name))?;
        for row in &self.rows {
            writer.write_record(self.columns.iter().zip(row).map(|(column, cell)| in_csv(column.kind, cell)))?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
    }
}

/// A cell as the canonical CSV writes it.
pub(super) fn in_csv(kind: Kind, cell: &str) -> String {
    if kind == Kind::Text { neutral(cell) } else { cell.to_owned() }
}

/// A text that no spreadsheet takes for a formula: an apostrophe goes before = + - @, their full-width forms, tab and line breaks.
pub(super) fn neutral(text: &str) -> String {
    let first = text.trim_start_matches([' ', '\u{3000}']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

/// A cell of what may be absent.
pub(super) fn cell(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

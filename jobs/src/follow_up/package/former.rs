//! Releases of the formats up to 4, told as they were when they were published: report, workbook, tables, dictionary and the words of all of
//! them.
//!
//! Whoever verifies such a release makes its files once more and compares them byte for byte, so nothing below this module is ever edited:
//! what a release says changes outside, under a newer format of the snapshot's manifest. It is a copy of what stood there, taken when format 5
//! changed the words; what is the same for all formats (how CSV, JSON, Parquet and the workbook are written, sums, the descriptor's form) is
//! shared. Deliberately absent: tests of what these files say, for the committed release (`tests/golden`) holds them to their bytes.

mod dictionary;
mod excel;
mod report;
mod sheets;
mod tables;
mod words;

use super::{PackageError, content::Content, table::Table, words::Language, workbook::Sheet};

/// Every table, the observations first.
pub(super) fn tables(content: &Content<'_>) -> Vec<Table> {
    tables::all(content)
}

/// The sheets of the workbook.
pub(super) fn sheets(content: &Content<'_>) -> Vec<Sheet> {
    sheets::all(content)
}

/// The observations for Excel.
///
/// # Errors
/// When the CSV cannot be written.
pub(super) fn excel(content: &Content<'_>) -> Result<Vec<u8>, PackageError> {
    excel::csv(content)
}

/// The dictionary in a language.
pub(super) fn dictionary(content: &Content<'_>, tables: &[Table], lang: Language) -> Vec<u8> {
    dictionary::dictionary(content, tables, lang)
}

/// The report, in both languages.
pub(super) fn report(content: &Content<'_>) -> String {
    report::html(content)
}

/// The title in a language.
pub(super) fn title(content: &Content<'_>, lang: Language) -> String {
    let (plan, year) = (lang.of(&content.release.plan.name), words::fiscal_year(content.year, lang));
    match lang {
        Language::Ja => format!("{plan} フォローアップ {year}"),
        Language::En => format!("{plan}: follow-up, {year}"),
    }
}

//! Which words a release is told in: those of its format, for releases of older ones stay as they were published.

use super::{
    PackageError, content::Content, descriptor, dictionary, excel, former, report, table::Table, tables, words::Language, workbook,
};

/// Every table, the observations first.
pub(super) fn tables(content: &Content<'_>) -> Vec<Table> {
    if content.release.is_former() { former::tables(content) } else { tables::all(content) }
}

/// The observations for Excel.
///
/// # Errors
/// When the CSV cannot be written.
pub(super) fn excel(content: &Content<'_>) -> Result<Vec<u8>, PackageError> {
    if content.release.is_former() { former::excel(content) } else { excel::csv(content) }
}

/// The workbook.
///
/// # Errors
/// When a date is beyond what Excel holds, or a text is too long for a cell.
pub(super) fn workbook(content: &Content<'_>) -> Result<Vec<u8>, PackageError> {
    let sheets = if content.release.is_former() { former::sheets(content) } else { workbook::sheets(content) };
    workbook::xlsx(content, &title(content, Language::Ja), &sheets)
}

/// The dictionary in a language.
pub(super) fn dictionary(content: &Content<'_>, tables: &[Table], lang: Language) -> Vec<u8> {
    let told = if content.release.is_former() { former::dictionary } else { dictionary::dictionary };
    told(content, tables, lang)
}

/// The reports by their paths.
pub(super) fn reports(content: &Content<'_>) -> Vec<(&'static str, String)> {
    if content.release.is_former() {
        return vec![("report.html", former::report(content))];
    }
    vec![(report::JAPANESE, report::html(content, Language::Ja)), (report::ENGLISH, report::html(content, Language::En))]
}

/// The title in a language.
pub(super) fn title(content: &Content<'_>, lang: Language) -> String {
    if content.release.is_former() { former::title(content, lang) } else { descriptor::title(content, lang) }
}

//! `tables.xlsx`: a cover, a sheet for each indicator, and sheets of targets, clauses, statutory items and changes.
//!
//! As the rules for machine-readable tables ask: one value a cell, numbers as numbers, no merged cells, unit and western year shown; a
//! missing value is an empty cell with its symbol in a column of its own. Deliberately absent: formulas, macros, links, and "now".

mod cross;
mod sheets;

use super::{PackageError, content::Content};
use chrono::NaiveDate;
use rust_xlsxwriter::{Color, DocProperties, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr;

/// The file's name.
pub(super) const PATH: &str = "tables.xlsx";
/// A4.
const PAPER: u8 = 9;
/// The height of a line in points.
const LINE: f64 = 15.0;
/// Excel's rows grow no higher than 409 points.
const MOST_LINES: u16 = 27;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// A text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A western year, which no separator divides.
    Year(i32),
    /// A printed value, with one digit.
    Value(String),
    /// A day.
    Day(NaiveDate),
    /// Nothing.
    Empty,
}

impl Cell {
    /// A text; nothing where it is empty.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// A whole number, where there is one.
    pub(super) fn whole(number: Option<i64>) -> Self {
        number.map_or(Self::Empty, Self::Whole)
    }

    /// A printed value, where there is one.
    pub(super) fn value(value: Option<&str>) -> Self {
        value.map_or(Self::Empty, |value| Self::Value(value.to_owned()))
    }
}

/// One sheet: a title, lines about it, and one table.
#[derive(Debug)]
pub(super) struct Sheet {
    /// What its tab says, before it is made to fit.
    pub(super) tab: String,
    /// What it is.
    pub(super) title: String,
    /// Lines above the table.
    pub(super) lines: Vec<String>,
    /// Each column's header and width in characters.
    pub(super) columns: Vec<(&'static str, f64)>,
    /// The rows.
    pub(super) rows: Vec<Vec<Cell>>,
}

struct Formats {
    title: Format,
    header: Format,
    text: Format,
    whole: Format,
    year: Format,
    value: Format,
    day: Format,
}

impl Formats {
    fn new() -> Self {
        let base = || Format::new().set_font_name("Yu Gothic").set_font_size(10);
        let cell = || base().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x00BF_BFBF)).set_align(FormatAlign::Top);
        Self {
            title: base().set_font_size(14).set_bold(),
            header: cell().set_bold().set_background_color(Color::RGB(0x00E8_EDF3)).set_text_wrap(),
            text: cell().set_text_wrap(),
            whole: cell().set_num_format("#,##0"),
            year: cell().set_num_format("0"),
            value: cell().set_num_format("#,##0.0"),
            day: cell().set_num_format("yyyy-mm-dd"),
        }
    }
}

/// The workbook's sheets.
pub(super) fn sheets(content: &Content<'_>) -> Vec<Sheet> {
    sheets::all(content)
}

/// The workbook's bytes.
///
/// # Errors
/// When a date is beyond what Excel holds, or a text is too long for a cell.
pub(super) fn xlsx(content: &Content<'_>, title: &str, sheets: &[Sheet]) -> Result<Vec<u8>, PackageError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(
        &DocProperties::new().set_title(title).set_author(&content.release.publisher.name.ja).set_creation_datetime(&content.release.as_of),
    );
    let formats = Formats::new();
    let mut tabs = BTreeSet::new();
    let names: Vec<String> = sheets.iter().map(|sheet| tab(&sheet.tab, &mut tabs)).collect();
    for (sheet, name) in sheets.iter().zip(&names) {
        write(workbook.add_worksheet().set_name(name)?, sheet, &formats)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn write(worksheet: &mut Worksheet, sheet: &Sheet, formats: &Formats) -> Result<(), XlsxError> {
    worksheet.set_paper_size(PAPER).set_landscape().set_print_fit_to_pages(1, 0).set_footer("&C&P / &N");
    worksheet.write_string_with_format(0, 0, &sheet.title, &formats.title)?;
    let mut row = 1;
    for line in &sheet.lines {
        worksheet.write_string(row, 0, line)?;
        row += 1;
    }
    row += 1;
    let header = row;
    for ((name, width), column) in sheet.columns.iter().zip(0..) {
        worksheet.set_column_width(column, *width)?;
        worksheet.write_string_with_format(header, column, *name, &formats.header)?;
    }
    for cells in &sheet.rows {
        row += 1;
        let lines = lines(cells, &sheet.columns);
        if lines > 1 {
            worksheet.set_row_height(row, LINE * f64::from(lines))?;
        }
        for (cell, column) in cells.iter().zip(0..) {
            match cell {
                Cell::Text(text) => worksheet.write_string_with_format(row, column, text, &formats.text)?,
                #[allow(clippy::cast_precision_loss)] // Excel knows no other number.
                Cell::Whole(number) => worksheet.write_number_with_format(row, column, *number as f64, &formats.whole)?,
                Cell::Year(year) => worksheet.write_number_with_format(row, column, *year, &formats.year)?,
                Cell::Value(value) => match value.parse::<f64>() {
                    Ok(number) => worksheet.write_number_with_format(row, column, number, &formats.value)?,
                    Err(_) => worksheet.write_string_with_format(row, column, value, &formats.text)?,
                },
                Cell::Day(day) => worksheet.write_datetime_with_format(row, column, day, &formats.day)?,
                Cell::Empty => worksheet.write_blank(row, column, &formats.text)?,
            };
        }
    }
    worksheet.set_freeze_panes(header + 1, 0)?.set_repeat_rows(header, header)?;
    if let Some(last) = u16::try_from(sheet.columns.len()).ok().and_then(|columns| columns.checked_sub(1)).filter(|_| row > header) {
        worksheet.autofilter(header, 0, row, last)?;
    }
    Ok(())
}

/// How many lines the texts of a row take, by the columns that their characters take in a terminal: no font is measured.
fn lines(cells: &[Cell], columns: &[(&str, f64)]) -> u16 {
    let lines = cells.iter().zip(columns).filter_map(|(cell, (_, width))| {
        let Cell::Text(text) = cell else { return None };
        // Letters of ten points are narrower than the digits of eleven that columns are measured in: room for words that are not broken.
        let taken = u16::try_from(text.width()).unwrap_or(u16::MAX);
        (1..=MOST_LINES).find(|lines| f64::from(*lines) * width >= f64::from(taken)).or(Some(MOST_LINES))
    });
    lines.max().unwrap_or(1)
}

/// A name that Excel takes for a tab: at most 31 units of UTF-16, none of its marks, no name twice whatever the case.
fn tab(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String = name.chars().map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { '_' } else { c }).collect();
    let mut number = 1;
    loop {
        let suffix = if number == 1 { String::new() } else { format!(" ({number})") };
        let mut room = 31 - suffix.len();
        let cut: String = plain
            .chars()
            .take_while(|c| {
                let fits = c.len_utf16() <= room;
                room = room.saturating_sub(c.len_utf16());
                fits
            })
            .collect();
        let tab = format!("{cut}{suffix}");
        if taken.insert(tab.to_lowercase()) {
            return tab;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn tabs_fit_and_differ() {
        let mut taken = BTreeSet::new();
        assert_eq!(tab("a/b:c", &mut taken), "a_b_c");
        let long = "課室長相当職以上に占める女性の割合(常勤職員に限り、非常勤職員を含まない。)";
        let (first, second) = (tab(long, &mut taken), tab(long, &mut taken));
        assert_ne!(first, second);
        assert!([&first, &second].iter().all(|tab| tab.encode_utf16().count() == 31), "{first} {second}");
    }
}

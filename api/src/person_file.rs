//! A person's file as a document that an official hands over: JSON with the columns' own names, or a workbook with Japanese ones.
//!
//! Both hold the same rows. As the rules for machine-readable tables ask, a cell of the workbook has one value, and none is merged. Deliberately
//! absent: formulas, macros, links, and the reason of the reading, which is in the audit trail.

mod words;

use crate::{
    error::{Code, Error},
    store::{
        Store,
        page::PageArgs,
        person_file::{HeldRow, MOST_EXPORTED, Part, PersonFile, Reading},
    },
};
use async_graphql::Enum;
use chrono::DateTime;
use entity::{period::JST, retention::RetentionUnit};
use rust_xlsxwriter::{Color, DocProperties, Format as Style, Workbook, Worksheet, XlsxError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Readings that a document holds at most; it says how many there are.
const MOST_READINGS: i32 = 500;
/// Characters of a cell: Excel takes 32,767.
const LONGEST: usize = 32_000;

/// As which kind of file a person's file is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "PersonFileFormat")]
pub enum Format {
    /// JSON in UTF-8, with the columns' own names: for a program.
    Json,
    /// A workbook with Japanese headings, a sheet for each table: for the person.
    Xlsx,
}

/// A document.
pub struct Document {
    /// Its name.
    pub name: String,
    /// What kind of file it is.
    pub media_type: &'static str,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a document is made of.
struct Content {
    file: Arc<PersonFile>,
    parts: Vec<(Part, Vec<HeldRow>)>,
    readings: Vec<Reading>,
    all_readings: u64,
}

/// The file as a document: these parts of it, and who read.
///
/// # Errors
/// `LIMIT_EXCEEDED` in `only` where they have more rows than a document holds.
pub async fn export(store: &Store, file: &Arc<PersonFile>, format: Format, parts: &[Part]) -> Result<Document, Error> {
    let rows: u64 = parts.iter().map(|part| file.count(part)).sum();
    if rows > MOST_EXPORTED {
        let ja = format!("1つの文書に収められるのは{MOST_EXPORTED}行までです（{rows}行ありました）。記録の種類を分けて指定してください。");
        let en = format!("A document holds at most {MOST_EXPORTED} rows, and there are {rows}: ask for some of the tables at a time.");
        return Err(Error { field: Some("only".to_owned()), ..Error::new(Code::LimitExceeded, ja, en) });
    }
    let mut held = Vec::with_capacity(parts.len());
    for part in parts {
        let page = store.held_rows(file, part, None).await?;
        held.push((*part, page.rows.into_iter().map(|(_, row)| row).collect()));
    }
    let latest = PageArgs { first: Some(MOST_READINGS), ..PageArgs::default() };
    let readings = store.file_readers(file, &latest).await?.rows.into_iter().map(|(_, reading)| reading).collect();
    let content = Content { file: Arc::clone(file), parts: held, readings, all_readings: store.count_file_readers(file).await? };
    let (media_type, ending) = match format {
        Format::Json => ("application/json", "json"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    // Thousands of rows take longer than other requests should wait for.
    let made = tokio::task::spawn_blocking(move || content.bytes(format)).await;
    let bytes = made.map_err(|error| Error::internal(&error))??;
    // The name holds no number: it goes through mails and logs of others.
    let name = format!("person-file-{}.{ending}", file.as_of.with_timezone(&JST).format("%Y%m%dT%H%M%S"));
    Ok(Document { name, media_type, sha256: format!("{:x}", Sha256::digest(&bytes)), bytes })
}

/// The cells of a row as one JSON object.
#[must_use]
pub fn values(cells: Vec<(&'static str, Value)>) -> Value {
    cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<serde_json::Map<_, _>>().into()
}

impl Content {
    fn bytes(self, format: Format) -> Result<Vec<u8>, Error> {
        match format {
            Format::Json => self.json().map_err(|error| Error::internal(&error)),
            Format::Xlsx => self.workbook().map_err(|error| Error::internal(&error)),
        }
    }

    fn json(self) -> serde_json::Result<Vec<u8>> {
        let file = self.file;
        let noun = |(part, rows): (Part, Vec<HeldRow>)| {
            let (length, unit) = file.kept(&part);
            let row = |row: HeldRow| json!({ "revision": row.revision, "values": values(row.cells) });
            json!({
                "noun": part.table, "nameJa": part.name.0, "nameEn": part.name.1.trim(), "purposeJa": part.purpose.0,
                "purposeEn": part.purpose.1, "keptLength": length, "keptUnit": unit, "rowCount": rows.len(),
                "rows": rows.into_iter().map(row).collect::<Vec<_>>(),
            })
        };
        let reader = |reading: Reading| {
            json!({
                "at": reading.entry.at, "actor": reading.is_named.then_some(reading.entry.actor), "roles": reading.entry.roles,
                "verb": reading.entry.verb, "noun": reading.entry.noun, "bureau": reading.bureau, "rowCount": reading.rows,
                "certain": reading.is_certain,
            })
        };
        serde_json::to_vec_pretty(&json!({
            "staffNumber": file.person.staff_number,
            "bureau": file.holder.and_then(|bureau| file.code(bureau.0)),
            "asOf": file.as_of,
            "nouns": self.parts.into_iter().map(noun).collect::<Vec<_>>(),
            "readerCount": self.all_readings,
            "readers": self.readings.into_iter().map(reader).collect::<Vec<_>>(),
        }))
    }

    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(&DocProperties::new().set_title("保有個人情報").set_creation_datetime(&self.file.as_of));
        self.cover(workbook.add_worksheet().set_name("概要")?)?;
        for (part, rows) in self.parts.iter().filter(|(_, rows)| !rows.is_empty()) {
            let columns = part.columns();
            let headings: Vec<&str> = columns.iter().map(|column| words::heading(column)).collect();
            let rows = rows.iter().map(|row| row.cells.iter().map(|(column, value)| words::said(column, value)).collect());
            table(workbook.add_worksheet().set_name(part.name.0)?, 0, &headings, rows)?;
        }
        let headings = ["日時", "読んだ者", "役割", "行為", "記録の種類", "部局", "件数", "本人の記録と確認できるか"];
        let readings = self.readings.iter().map(|reading| {
            let entry = &reading.entry;
            let certain = if reading.is_certain { "本人の記録" } else { "含まれた可能性がある" };
            let name = reading.is_named.then(|| entry.actor.clone());
            vec![
                words::instant(&entry.at.to_rfc3339()).into(),
                name.into(),
                entry.roles.clone().into(),
                entry.verb.clone().into(),
                words::table(&entry.noun).into(),
                reading.bureau.clone().into(),
                reading.rows.into(),
                certain.into(),
            ]
        });
        table(workbook.add_worksheet().set_name("部局外の閲覧")?, 0, &headings, readings)?;
        workbook.save_to_buffer()
    }

    /// Whose file it is, and what each table is held for.
    fn cover(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let file = &self.file;
        let bureau = file.holder.and_then(|bureau| file.code(bureau.0)).unwrap_or_default();
        let readings = format!("{}件（うち新しいもの{}件を収録）", self.all_readings, self.readings.len());
        let lines = [
            ("保有個人情報", String::new()),
            ("職員番号", file.person.staff_number.clone()),
            ("保有部局", bureau.to_owned()),
            ("作成日時", words::instant(&file.as_of.to_rfc3339())),
            ("部局外の閲覧", readings),
        ];
        for ((label, text), row) in lines.iter().zip(0..) {
            sheet.write_string(row, 0, *label)?;
            sheet.write_string(row, 1, text)?;
        }
        let headings = ["記録の種類", "利用目的", "保存期間", "件数"];
        let rows = self.parts.iter().map(|(part, rows)| {
            let (length, unit) = file.kept(part);
            let kept = match unit {
                RetentionUnit::FiscalYears => format!("{length}年度"),
                RetentionUnit::Days => format!("{length}日"),
            };
            vec![part.name.0.into(), part.purpose.0.into(), kept.into(), rows.len().into()]
        });
        table(sheet, 6, &headings, rows)
    }
}

/// A table from a row of the sheet on.
fn table(sheet: &mut Worksheet, first: u32, headings: &[&str], rows: impl Iterator<Item = Vec<Value>>) -> Result<(), XlsxError> {
    let style = Style::new().set_bold().set_background_color(Color::RGB(0x00E8_EDF3));
    for (heading, column) in headings.iter().zip(0..) {
        sheet.set_column_width(column, 18.0)?.write_string_with_format(first, column, *heading, &style)?;
    }
    for (cells, row) in rows.zip(first + 1..) {
        for (cell, column) in cells.iter().zip(0..) {
            match cell {
                Value::Null => continue,
                #[expect(clippy::cast_precision_loss, reason = "Excel knows no other number")]
                Value::Number(number) => sheet.write_number(row, column, number.as_i64().unwrap_or_default() as f64)?,
                Value::String(text) => sheet.write_string(row, column, cut(text))?,
                other => sheet.write_string(row, column, cut(&other.to_string()))?,
            };
        }
    }
    sheet.set_freeze_panes(first + 1, 0)?;
    Ok(())
}

/// What a cell of Excel holds of a text.
fn cut(text: &str) -> String {
    if text.len() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST / 4).chain(['…']).collect() }
}

/// An instant in Tokyo's time, as a table shows it.
fn in_tokyo(text: &str) -> Option<String> {
    let at = DateTime::parse_from_rfc3339(text).ok()?;
    Some(at.with_timezone(&JST).format("%Y-%m-%d %H:%M").to_string())
}

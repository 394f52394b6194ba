//! The observations as Excel in Japan opens them: a byte order mark, CRLF, Japanese headers, names beside codes, symbols where a value is
//! missing.
//!
//! Deliberately absent: everything that a program should read; that is `observations.csv`.

use super::{
    PackageError,
    content::Content,
    table::{cell, neutral},
    words::{self, BANDS, Language, SEXES},
};

/// The file's name.
pub(super) const PATH: &str = "observations-excel.csv";

const HEADER: [&str; 19] = [
    "年度（西暦）",
    "指標コード",
    "指標",
    "定義の版",
    "対象期間の初日",
    "対象期間の末日",
    "部局コード",
    "部局",
    "性別コード",
    "性別",
    "役職段階コード",
    "役職段階",
    "分子",
    "分母",
    "値",
    "単位",
    "状態コード",
    "状態",
    "記号",
];

/// The file's bytes.
///
/// # Errors
/// When the CSV cannot be written.
pub(super) fn csv(content: &Content<'_>) -> Result<Vec<u8>, PackageError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(HEADER)?;
    for line in &content.lines {
        let it = line.observation;
        let symbol = it.status.symbol();
        // Texts of others are neutralised; numbers and the symbols, which are ours, are not.
        let row: [String; 19] = [
            it.fiscal_year.to_string(),
            neutral(&it.indicator),
            neutral(&line.definition.name.ja),
            it.definition_version.to_string(),
            it.date_from.to_string(),
            it.date_to.to_string(),
            neutral(&it.bureau),
            neutral(content.bureau_name(&it.bureau, Language::Ja)),
            it.sex.clone(),
            words::member(&SEXES, &it.sex, Language::Ja).to_owned(),
            it.band.clone(),
            words::member(&BANDS, &it.band, Language::Ja).to_owned(),
            cell(it.numerator),
            cell(it.denominator),
            line.value.clone().unwrap_or_else(|| symbol.to_owned()),
            words::unit(line.definition.unit).name.ja.to_owned(),
            words::status(it.status).code.to_owned(),
            words::status(it.status).name.ja.to_owned(),
            symbol.to_owned(),
        ];
        writer.write_record(&row)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
}

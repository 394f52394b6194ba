//! `observations.parquet`: the observations with typed columns, for databases, data frames and R.
//!
//! Value is a decimal with one digit, dates are dates, absent numbers are null. Deliberately absent: Arrow, and codecs beside Snappy.

use super::{
    PackageError,
    content::{Content, Line},
    table::cell,
    words,
};
use chrono::{Days, NaiveDate};
use parquet::{
    basic::Compression,
    column::writer::ColumnWriter,
    data_type::ByteArray,
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        reader::{FileReader, SerializedFileReader},
        writer::SerializedFileWriter,
    },
    record::Field,
    schema::parser::parse_message_type,
};
use std::sync::Arc;

/// The file's name.
pub(super) const PATH: &str = "observations.parquet";

/// The columns of `observations.csv`, in its order.
const SCHEMA: &str = "message observations {
    required int32 fiscal_year;
    required binary indicator (string);
    required int32 definition_version;
    required int32 date_from (date);
    required int32 date_to (date);
    required binary bureau (string);
    required binary sex (string);
    required binary band (string);
    optional int64 numerator;
    optional int64 denominator;
    optional int64 value (decimal(18, 1));
    required binary unit (string);
    required binary status (string);
    optional binary symbol (string);
}";

const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(1970, 1, 1) {
    Some(day) => day,
    None => panic!("the epoch is a day"),
};

/// A column's cells.
enum Cells {
    Small(Vec<i32>),
    Whole(Vec<Option<i64>>),
    Text(Vec<Option<&'static str>>),
    Owned(Vec<String>),
}

/// The file's bytes.
///
/// # Errors
/// When Parquet cannot be written, or a date is beyond it.
pub(super) fn parquet(content: &Content<'_>) -> Result<Vec<u8>, PackageError> {
    let properties = WriterProperties::builder()
        .set_created_by("torikumi".to_owned())
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(None)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(parse_message_type(SCHEMA)?), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for cells in columns(content)? {
        let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("more columns than the schema has".to_owned()))?;
        write(column.untyped(), cells)?;
        column.close()?;
    }
    group.close()?;
    Ok(writer.into_inner()?)
}

fn columns(content: &Content<'_>) -> Result<Vec<Cells>, PackageError> {
    let of = || content.lines.iter().map(|line| line.observation);
    let days = |of: &mut dyn Iterator<Item = NaiveDate>| {
        of.map(|day| i32::try_from((day - EPOCH).num_days())).collect::<Result<_, _>>().map_err(|_| PackageError::Day)
    };
    Ok(vec![
        Cells::Small(of().map(|it| it.fiscal_year).collect()),
        Cells::Owned(of().map(|it| it.indicator.clone()).collect()),
        Cells::Small(of().map(|it| it.definition_version).collect()),
        Cells::Small(days(&mut of().map(|it| it.date_from))?),
        Cells::Small(days(&mut of().map(|it| it.date_to))?),
        Cells::Owned(of().map(|it| it.bureau.clone()).collect()),
        Cells::Owned(of().map(|it| it.sex.clone()).collect()),
        Cells::Owned(of().map(|it| it.band.clone()).collect()),
        Cells::Whole(of().map(|it| it.numerator).collect()),
        Cells::Whole(of().map(|it| it.denominator).collect()),
        Cells::Whole(content.lines.iter().map(Line::tenths).collect()),
        Cells::Owned(content.lines.iter().map(|line| words::unit(line.definition.unit).code.to_owned()).collect()),
        Cells::Owned(of().map(|it| words::status(it.status).code.to_owned()).collect()),
        Cells::Text(of().map(|it| Some(it.status.symbol()).filter(|symbol| !symbol.is_empty())).collect()),
    ])
}

fn write(column: &mut ColumnWriter<'_>, cells: Cells) -> Result<(), ParquetError> {
    fn levels<T>(cells: &[Option<T>]) -> Vec<i16> {
        cells.iter().map(|cell| i16::from(cell.is_some())).collect()
    }
    match (column, cells) {
        (ColumnWriter::Int32ColumnWriter(column), Cells::Small(cells)) => column.write_batch(&cells, None, None)?,
        (ColumnWriter::Int64ColumnWriter(column), Cells::Whole(cells)) => {
            column.write_batch(&cells.iter().flatten().copied().collect::<Vec<_>>(), Some(&levels(&cells)), None)?
        }
        (ColumnWriter::ByteArrayColumnWriter(column), Cells::Text(cells)) => {
            let texts: Vec<ByteArray> = cells.iter().flatten().map(|&text| ByteArray::from(text)).collect();
            column.write_batch(&texts, Some(&levels(&cells)), None)?
        }
        (ColumnWriter::ByteArrayColumnWriter(column), Cells::Owned(cells)) => {
            column.write_batch(&cells.iter().map(|text| ByteArray::from(text.as_str())).collect::<Vec<_>>(), None, None)?
        }
        _ => return Err(ParquetError::General("a column of another type than the schema's".to_owned())),
    };
    Ok(())
}

/// The rows of a Parquet file as `observations.csv` writes them, and the names of its columns.
///
/// # Errors
/// When it is no such file.
pub(super) fn read(bytes: &[u8]) -> Result<(Vec<String>, Vec<Vec<String>>), PackageError> {
    let reader = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes))?;
    let names = reader.metadata().file_metadata().schema_descr().columns().iter().map(|column| column.name().to_owned()).collect();
    let rows = reader.get_row_iter(None)?.map(|row| Ok(row?.get_column_iter().map(|(_, field)| text(field)).collect()));
    Ok((names, rows.collect::<Result<_, PackageError>>()?))
}

fn text(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Int(number) => number.to_string(),
        Field::Long(number) => number.to_string(),
        Field::Str(text) => text.clone(),
        Field::Date(days) => cell(u64::try_from(*days).ok().and_then(|days| EPOCH.checked_add_days(Days::new(days)))),
        Field::Decimal(decimal) => {
            // Big-endian two's complement of the tenths.
            let bytes = decimal.data();
            let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
            let tenths = bytes.iter().fold(if negative { -1_i128 } else { 0 }, |sum, byte| sum << 8 | i128::from(*byte));
            format!("{}{}.{}", if tenths < 0 { "-" } else { "" }, tenths.abs() / 10, tenths.abs() % 10)
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use crate::follow_up::package::content::tenths;

    #[test]
    fn tenths_are_the_printed_digits() {
        assert_eq!(["57.1", "0.0", "105.2", "-0.1"].map(|text| tenths(text).unwrap()), [571, 0, 1_052, -1]);
        assert_eq!(tenths("x"), None);
    }
}

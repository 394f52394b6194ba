//! `torikumi import holidays`: the official list of public holidays, in CP932 as it is published, or in UTF-8.

use anyhow::{Context, Result, bail};
use api::{
    app::App,
    authn::Principal,
    authz::Role,
    store::{
        holiday::HolidayDraft,
        record::{Call, Mode, Version},
    },
    words::Date,
};
use entity::{holiday, period::parse_era_date};
use std::{collections::BTreeSet, path::Path};

/// Reads the file and writes its holidays as the administrator.
pub async fn import(app: &App, file: &Path, dry_run: bool) -> Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let records = parse(&bytes)?;
    let count = records.len();
    let principal = Principal { subject: "command line".to_owned(), roles: BTreeSet::from([Role::Admin]), ..Principal::public() };
    let call = Call {
        idempotency_key: format!("import/{}", uuid::Uuid::now_v7()),
        mode: Mode::AllOrNothing,
        dry_run,
        correction_reason: None,
        client: None,
        records,
    };
    let outcome = app.store(principal).await?.record::<holiday::Model>(call).await?.outcome;
    for rejection in &outcome.rejections {
        eprintln!("line {}: {}: {}", rejection.index + 2, rejection.key, rejection.error);
    }
    if outcome.rejected > 0 {
        bail!("{} of {count} holidays were refused; nothing was written", outcome.rejected);
    }
    println!("{count} holidays: {} created, {} updated, {} unchanged", outcome.created, outcome.updated, outcome.unchanged);
    Ok(())
}

/// The holidays of the official file: a heading, then date and name.
fn parse(bytes: &[u8]) -> Result<Vec<HolidayDraft>> {
    let (text, _, malformed) = match std::str::from_utf8(bytes) {
        Ok(text) => (text.trim_start_matches('\u{feff}').into(), encoding_rs::UTF_8, false),
        Err(_) => encoding_rs::SHIFT_JIS.decode(bytes),
    };
    if malformed {
        bail!("the file is neither CP932 nor UTF-8");
    }
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    // A file whose heading was cut off would lose its first holiday without a word.
    if reader.headers().context("line 1")?.get(0).is_some_and(|first| parse_era_date(first.trim()).is_ok()) {
        bail!("line 1: a heading is needed above the first holiday");
    }
    let mut holidays = Vec::new();
    for (index, row) in reader.records().enumerate() {
        let row = row.with_context(|| format!("line {}", index + 2))?;
        let (Some(date), Some(name)) = (row.get(0), row.get(1)) else { bail!("line {}: a date and a name are needed", index + 2) };
        let date = parse_era_date(date.trim()).with_context(|| format!("line {}", index + 2))?;
        let (external_id, name_ja) = (date.to_string(), name.trim().to_owned());
        holidays.push(HolidayDraft { external_id, date: Date(date), name_ja, version: Version::default() });
    }
    if holidays.is_empty() {
        bail!("the file has no holidays");
    }
    Ok(holidays)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn problem(bytes: &[u8]) -> String {
        parse(bytes).map(|holidays| holidays.len()).unwrap_err().to_string()
    }

    #[test]
    fn a_file_that_is_not_the_list_is_refused() {
        assert_eq!(problem("2018/1/1,元日\n2018/1/8,成人の日\n".as_bytes()), "line 1: a heading is needed above the first holiday");
        assert_eq!(problem("平成30年1月1日,元日\n".as_bytes()), "line 1: a heading is needed above the first holiday");
        assert_eq!(problem(b""), "the file has no holidays");
        assert_eq!(problem("国民の祝日・休日月日,国民の祝日・休日名称\n".as_bytes()), "the file has no holidays");
        assert_eq!(problem("月日,名称\n2018/13/1,元日\n".as_bytes()), "line 2");
    }

    #[test]
    fn the_list_is_read_as_a_spreadsheet_saves_it() {
        let list = "\u{feff}月日,名称\n2018/1/1,元日\n";
        let wide: Vec<u8> = list.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [list.as_bytes(), &wide] {
            assert_eq!(parse(bytes).unwrap().len(), 1);
        }
    }
}

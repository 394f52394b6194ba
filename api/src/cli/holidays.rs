//! `torikumi import holidays`: the official list of public holidays, in CP932 as it is published, or in UTF-8. It is complete for the years that
//! it covers: what it no longer has becomes void, and is told, before by a dry run and after.

use anyhow::{Context, Result, bail};
use api::{app::App, authn::Principal, authz::Role, store::holiday::Listed};
use chrono::NaiveDate;
use entity::period::parse_era_date;
use std::{collections::BTreeSet, path::Path};

/// Reads the file and writes its holidays as the administrator.
pub async fn import(app: &App, file: &Path, dry_run: bool) -> Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let list = parse(&bytes)?;
    let principal = Principal { subject: "command line".to_owned(), roles: BTreeSet::from([Role::Admin]), ..Principal::public() };
    let listed = app.store(principal).await?.import_holidays(&list, dry_run).await?;
    for rejection in &listed.outcome.rejections {
        match usize::try_from(rejection.index) {
            Ok(place) if place < list.len() => eprintln!("line {}: {}: {}", place + 2, rejection.key, rejection.error),
            _ => eprintln!("no longer in the list: {}: {}", rejection.key, rejection.error),
        }
    }
    if listed.outcome.rejected > 0 {
        bail!("{} of {} holidays were refused; nothing was written", listed.outcome.rejected, list.len());
    }
    println!("{}", told(&listed, list.len(), dry_run));
    Ok(())
}

/// What a list did, or in a dry run would do: how many holidays, which are void from now on, and which months are to be computed anew.
fn told(listed: &Listed, count: usize, dry_run: bool) -> String {
    let outcome = &listed.outcome;
    let mut lines =
        vec![format!("{count} holidays: {} created, {} updated, {} unchanged", outcome.created, outcome.updated, outcome.unchanged)];
    if !listed.gone.is_empty() {
        let void = if dry_run { "would become void" } else { "became void" };
        lines.push(format!("{} that the list no longer has {void}:", listed.gone.len()));
        lines.extend(listed.gone.iter().map(|(date, name)| format!("  {date} {name}")));
    }
    if !outcome.stale_months.is_empty() {
        let months: Vec<_> = outcome.stale_months.iter().map(ToString::to_string).collect();
        lines.push(format!("months to be computed anew: {}", months.join(", ")));
    }
    lines.join("\n")
}

/// The holidays of the official file: a heading, then date and name.
fn parse(bytes: &[u8]) -> Result<Vec<(NaiveDate, String)>> {
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
        holidays.push((date, name.trim().to_owned()));
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

    #[test]
    fn what_the_list_no_longer_has_is_told_before_and_after() {
        let gone = vec![("2019-10-22".parse().unwrap(), "休日".to_owned())];
        let outcome =
            api::store::record::Outcome { unchanged: 2, voided: 1, stale_months: vec!["2019-10".parse().unwrap()], ..Default::default() };
        let listed = Listed { outcome, gone };
        let lines = |dry_run| told(&listed, 2, dry_run).lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            lines(true),
            [
                "2 holidays: 0 created, 0 updated, 2 unchanged",
                "1 that the list no longer has would become void:",
                "  2019-10-22 休日",
                "months to be computed anew: 2019-10"
            ]
        );
        assert_eq!(lines(false)[1], "1 that the list no longer has became void:");
        assert_eq!(told(&Listed::default(), 0, false), "0 holidays: 0 created, 0 updated, 0 unchanged");
    }
}

//! Real published tables attacked by linear programming, as they stand and as the platform would publish them.
//!
//! `tests/attack.py` is the attacker, in another language and without our code. Where the files are missing the test says so and passes, as
//! `real_input` does. The published cells are each rounded to 10; for the platform's rules they are taken as counts, the withheld ones as 3.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use jobs::follow_up::disclosure::{Cell, Members, Number, Table, protect};
use serde_json::json;

use crate::real_input::shared;

/// The members' names, and the count of each number: organisations × levels, both with a total.
struct Published {
    organisations: Vec<String>,
    levels: Vec<String>,
    table: Table,
    numbers: Vec<Number>,
}

#[test]
fn real_tables_withstand_the_attack_once_protected() -> anyhow::Result<()> {
    let Some(file) = shared("representation/organisation_by_responsibility_level.csv") else { return Ok(()) };
    let (holds, said) = attack(&["rounded".as_ref(), &file])?;
    assert!(!holds && said.contains("52 of 642 cells withheld"), "{said}");
    assert!(said.trim_end().ends_with("31 rows fall to subtraction"), "{said}");

    let published = read(&file)?;
    let withheld = protect(std::slice::from_ref(&published.table), &published.numbers)?;
    let folder = std::env::temp_dir().join(format!("torikumi-disclosure-{}", uuid::Uuid::now_v7()));
    fs::create_dir(&folder)?;
    let table = folder.join("table.csv");
    write_table(&published, &withheld, &table)?;
    let (holds, said) = attack(&["rounded".as_ref(), &table])?;
    assert!(holds && said.trim_end().ends_with(" 0 rows fall to subtraction"), "{said}");

    write_release(&published, &withheld, &folder)?;
    let (holds, said) = attack(&["release".as_ref(), &folder])?;
    println!("{}", said.trim_end());
    assert!(holds && said.trim_end().ends_with(" 0 found"), "{said}");
    // Shown alone, each of some withheld numbers gives another away.
    let first = withheld.iter().position(|withheld| *withheld).context("nothing is withheld")?;
    let shown: Vec<bool> = withheld.iter().enumerate().map(|(index, withheld)| *withheld && index != first).collect();
    write_release(&published, &shown, &folder)?;
    let (holds, said) = attack(&["release".as_ref(), &folder])?;
    assert!(!holds && said.contains("FOUND: numerator HEADCOUNT"), "{said}");
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Runs the attacker; whether the table holds, and what was said.
fn attack(arguments: &[&Path]) -> anyhow::Result<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("attack.py");
    let python = std::env::var("TORIKUMI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python).arg(script).args(arguments).output().context("python3")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let code = output.status.code().filter(|code| (0..2).contains(code));
    let code = code.with_context(|| format!("{said}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok((code == 0, said))
}

/// The table as counts, the row of all organisations and the column of all employees left out: they are sums.
fn read(file: &PathBuf) -> anyhow::Result<Published> {
    let mut reader = csv::Reader::from_path(file)?;
    let header = reader.headers()?.clone();
    let levels: Vec<String> = header.iter().skip(1).take(header.len() - 2).map(str::to_owned).collect();
    let mut organisations = Vec::new();
    let mut cells = Vec::new();
    for row in reader.records().skip(1) {
        let row = row?;
        for (band, count) in row.iter().skip(1).take(levels.len()).enumerate() {
            let persons = if count.is_empty() { 3 } else { count.parse()? };
            cells.push(Cell { bureau: u16::try_from(organisations.len())?, sex: 0, band: u8::try_from(band)?, persons });
        }
        organisations.push(row[0].to_owned());
    }
    let each = |count: usize| (0..count).filter_map(|member| u16::try_from(member).ok()).map(Members::one).chain([Members::ALL]);
    let number = |bureaus, bands| Number { table: 0, bureaus, sexes: Members::ALL, bands, threshold: 5, earlier: None, follows: None };
    let numbers = each(organisations.len()).flat_map(|bureaus| each(levels.len()).map(move |bands| number(bureaus, bands))).collect();
    Ok(Published { table: Table { name: "HEADCOUNT".to_owned(), within: None, cells }, organisations, levels, numbers })
}

impl Published {
    /// The rows, each with its name and its numbers by column; the last row and column are the totals.
    fn rows<'a>(&'a self, withheld: &'a [bool]) -> impl Iterator<Item = (&'a str, Vec<String>)> {
        let text = |(number, withheld): (&Number, &bool)| {
            let covers = |cell: &&Cell| number.bureaus.contains(cell.bureau) && number.bands.contains(cell.band.into());
            let persons: i64 = self.table.cells.iter().filter(covers).map(|cell| cell.persons).sum();
            if *withheld { String::new() } else { persons.to_string() }
        };
        let width = self.levels.len() + 1;
        let names = self.organisations.iter().map(String::as_str).chain(["TOTAL"]);
        let texts: Vec<String> = self.numbers.iter().zip(withheld).map(text).collect();
        names.zip(texts.chunks(width).map(<[String]>::to_vec).collect::<Vec<_>>())
    }
}

fn write_table(published: &Published, withheld: &[bool], file: &Path) -> anyhow::Result<()> {
    let mut file = csv::Writer::from_path(file)?;
    let levels = published.levels.iter().map(String::as_str);
    file.write_record(["Organisation"].into_iter().chain(levels).chain(["All employees"]))?;
    for (name, numbers) in published.rows(withheld) {
        file.write_record([name].into_iter().chain(numbers.iter().map(String::as_str)))?;
    }
    file.flush()?;
    Ok(())
}

/// The same as a release's observations, and what they are sums of.
fn write_release(published: &Published, withheld: &[bool], folder: &Path) -> anyhow::Result<()> {
    let mut file = csv::Writer::from_path(folder.join("observations.csv"))?;
    file.write_record(
        "fiscal_year,indicator,definition_version,date_from,date_to,bureau,sex,band,numerator,denominator,value,status".split(','),
    )?;
    let day = "2021-03-31";
    for (name, numbers) in published.rows(withheld) {
        for (band, count) in published.levels.iter().map(String::as_str).chain(["TOTAL"]).zip(&numbers) {
            let status = if count.is_empty() { "WITHHELD" } else { "" };
            file.write_record(["2020", "HEADCOUNT", "1", day, day, name, "TOTAL", band, count, "", count, status])?;
        }
    }
    file.flush()?;
    let headcount = json!({ "numerator": { "table": "HEADCOUNT" } });
    let model = json!({
        "sexes": ["ANY"], "bands": published.levels, "tables": { "HEADCOUNT": {} }, "indicators": { "HEADCOUNT": headcount },
    });
    fs::write(folder.join("model.json"), model.to_string())?;
    Ok(())
}

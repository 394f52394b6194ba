//! Snapshots that were committed with what their releases were: later versions of the program make the very same of them.
//!
//! They are one of the demo's, a correction with former and earlier years, submissions and every kind of part, thinned to a quarter of its
//! made-up people: as its first format had it, and as each later format has it whose releases say something else. Each `SHA256SUMS` is what was
//! made of it when it was committed. A change of what files say breaks published releases for those who verify them: it belongs to a new
//! format of the manifest, under which old snapshots are still told as they were. Spreadsheet and Parquet are left out: their bytes are those
//! of the libraries that write them.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use anyhow::Context;
use jobs::editions::rebuild_from;
use jobs::follow_up::package::SUMS;

const BY_CONTENT: [&str; 2] = ["observations.parquet", "tables.xlsx"];

#[test]
fn a_snapshot_of_an_earlier_version_makes_the_same_release() -> anyhow::Result<()> {
    makes_the_same("")
}

#[test]
fn a_snapshot_of_format_5_makes_the_same_release() -> anyhow::Result<()> {
    makes_the_same("format_5")
}

fn makes_the_same(of_format: &str) -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(of_format);
    let files = rebuild_from(&mut BufReader::new(File::open(folder.join("follow_up.jsonl"))?))?;
    // For who wants to see what differs.
    let made_in = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden").join(of_format);
    fs::create_dir_all(&made_in)?;
    for file in &files {
        fs::write(made_in.join(&file.path), &file.bytes)?;
    }
    let sums = files.iter().find(|file| file.path == SUMS).context("no sums")?;
    let by_bytes = |line: &&str| !BY_CONTENT.iter().any(|name| line.ends_with(name));
    let made: Vec<_> = std::str::from_utf8(&sums.bytes)?.lines().filter(by_bytes).collect();
    let committed = fs::read_to_string(folder.join(SUMS))?;
    assert_eq!(made, committed.lines().collect::<Vec<_>>());
    // It is worth something as a witness.
    let observations = files.iter().find(|file| file.path == "observations.csv").context("no observations")?;
    let observations = std::str::from_utf8(&observations.bytes)?;
    assert!(["WITHHELD", "REVISED", "NO_SUBJECTS", "UNKNOWN", "GROUP-1"].iter().all(|word| observations.contains(word)));
    Ok(())
}

//! What anyone finds who checks a package, and what a rebuilt one tells of a published one.

use super::*;
use crate::follow_up::package::fixture;
use ProblemKind as P;

type Files = BTreeMap<String, Vec<u8>>;

fn replace(files: &mut Files, path: &str, from: &str, to: &str) {
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from), "{path}: {from}");
    files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
}

/// Writes sums and descriptor anew, as somebody would who forges a package, and signs it by a key of their own.
fn forged(mut files: Files) -> Files {
    let mut descriptor: serde_json::Value = serde_json::from_slice(&files["datapackage.json"]).unwrap();
    for resource in descriptor["resources"].as_array_mut().unwrap() {
        let bytes = &files[resource["path"].as_str().unwrap()];
        resource["bytes"] = bytes.len().into();
        resource["hash"] = format!("sha256:{}", sums::sha256(bytes)).into();
    }
    files.insert("datapackage.json".to_owned(), serde_json::to_vec(&descriptor).unwrap());
    summed(files)
}

/// Writes the sums anew and signs them by another key.
fn summed(mut files: Files) -> Files {
    files.retain(|path, _| !path.starts_with("SHA256SUMS") && path != "public-key.pem");
    let plain: Vec<File> =
        files.iter().map(|(path, bytes)| File { path: path.clone(), media_type: "text/plain", bytes: bytes.clone() }).collect();
    let sums = sums::of(&plain);
    let other = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    files.extend(by_path(&sign(std::slice::from_ref(&sums), &other).unwrap()));
    files.insert(sums.path, sums.bytes);
    files
}

fn kinds(files: &Files) -> Vec<ProblemKind> {
    let mut kinds: Vec<_> = verify_public(files, &[key().verifying_key()]).into_iter().map(|problem| problem.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[test]
fn a_forger_has_not_the_key() {
    assert_eq!(kinds(&forged(signed())), [P::Signature, P::Key]);
}

/// What is found in a forged package by those who do not know the right key.
fn forged_kinds(change: impl Fn(&mut Files)) -> Vec<ProblemKind> {
    let mut files = signed();
    change(&mut files);
    let files = forged(files);
    let mut kinds: Vec<_> = verify_public(&files, &[]).into_iter().map(|problem| problem.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[test]
fn what_was_published_is_in_order() {
    assert_eq!(verify_public(&signed(), &[key().verifying_key()]), []);
    assert_eq!(verify_public(&signed(), &[]), []);
    let files = build(&fixture::correction()).unwrap();
    let problems = verify_public(&by_path(&files), &[]);
    assert_eq!(problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [P::Unsigned]);
}

/// A release of an older format is told in the words of its time, and anyone can still check it.
#[test]
fn what_was_published_in_an_older_format_stays_in_order() {
    let former = Release { format: 4, ..fixture::correction() };
    let mut files = build(&former).unwrap();
    assert!(!text(&files, "observations.json").contains("\"format\"") && text(&files, "report.html").contains("条項ごとの状況"));
    files.extend(sign(&files, &key()).unwrap());
    assert_eq!(verify_public(&by_path(&files), &[key().verifying_key()]), []);
}

#[test]
fn damage_is_found() {
    let with = |change: &dyn Fn(&mut Files)| {
        let mut files = signed();
        change(&mut files);
        kinds(&files)
    };
    assert_eq!(with(&|files| replace(files, "report.html", "57.1%", "67.1%")), [P::Sum]);
    assert_eq!(with(&|files| drop(files.remove("report.html"))), [P::Missing]);
    assert_eq!(with(&|files| drop(files.insert("more.csv".to_owned(), Vec::new()))), [P::Unlisted]);
    assert_eq!(with(&|files| files.get_mut("SHA256SUMS.sig").unwrap()[3] ^= 1), [P::Signature]);
    assert_eq!(with(&|files| drop(files.remove("SHA256SUMS.sig"))), [P::Unsigned]);
    assert_eq!(with(&|files| drop(files.insert("public-key.pem".to_owned(), b"?".to_vec()))), [P::Unreadable]);
    let swapped = with(&|files| {
        let (one, other) = (files["dictionary.ja.md"].clone(), files["dictionary.en.md"].clone());
        files.extend([("dictionary.ja.md".to_owned(), other), ("dictionary.en.md".to_owned(), one)]);
    });
    assert_eq!(swapped, [P::Sum]);
    assert!(verify_public(&Files::new(), &[]).iter().any(|problem| problem.kind == P::Missing));
}

#[test]
fn a_forged_number_contradicts_the_package() {
    let csv = "observations.csv";
    let row = "WOMEN_HIRES_EXAM,1,2020-04-01,2020-04-01,TOTAL,TOTAL,TOTAL,4,7,57.1,PERCENT,REVISED,r";
    let changed = |from: &'static str, to: &'static str| forged_kinds(|files| replace(files, csv, row, &row.replace(from, to)));
    assert_eq!(changed(",57.1,", ",67.1,"), [P::Quotient, P::Disagreement]);
    assert_eq!(changed(",4,7,", ",5,7,"), [P::Quotient, P::Disagreement]);
    assert_eq!(changed(",4,7,57.1,", ",5,7,71.4,"), [P::Disagreement]);
    assert_eq!(changed("REVISED", "GUESSED"), [P::Value, P::Status, P::Disagreement]);
    assert_eq!(changed("REVISED,r", "WITHHELD,x"), [P::Status, P::Disagreement]);
    assert_eq!(changed("REVISED,r", "REVISED,p"), [P::Status, P::Disagreement]);
    assert_eq!(changed(",57.1,", ",57.1%,"), [P::Type, P::Quotient, P::Disagreement]);
    assert_eq!(changed("TOTAL,TOTAL,TOTAL", "TOTAL,TOTAL,"), [P::Type, P::Disagreement]);
    assert_eq!(changed("TOTAL,TOTAL,TOTAL", "NOBODY,TOTAL,TOTAL"), [P::Value, P::Disagreement]);
    let withheld = "TOTAL,TOTAL,DESIGNATED,,,,PERCENT,WITHHELD,x";
    let shown = forged_kinds(|files| replace(files, csv, withheld, "TOTAL,TOTAL,DESIGNATED,1,24,4.2,PERCENT,WITHHELD,x"));
    assert_eq!(shown, [P::Status, P::Disagreement]);
}

#[test]
fn forged_rows_and_files_contradict_the_package() {
    let csv = "observations.csv";
    let line = "2019,WOMEN_HIRES_EXAM,1,2020-04-01,2020-04-01,TOTAL,TOTAL,TOTAL,4,7,57.1,PERCENT,REVISED,r\n";
    assert_eq!(forged_kinds(|files| replace(files, csv, line, "")), [P::Disagreement]);
    assert_eq!(forged_kinds(|files| replace(files, csv, line, &line.repeat(2))), [P::Twice, P::Disagreement]);
    assert_eq!(forged_kinds(|files| replace(files, csv, "date_from,date_to", "date_to,date_from")), [P::Columns, P::Disagreement]);
    assert_eq!(forged_kinds(|files| replace(files, "targets.csv", ",57.1,4,7,", ",67.1,4,7,")), [P::Disagreement]);
    assert_eq!(forged_kinds(|files| replace(files, "observations-excel.csv", ",4,7,57.1,", ",4,7,67.1,")), [P::Disagreement]);
    assert_eq!(forged_kinds(|files| replace(files, "observations.json", "\"value\":57.1", "\"value\":67.1")), [P::Disagreement]);
    assert_eq!(forged_kinds(|files| replace(files, "observations.json", "\"status\":\"REVISED\"", "\"status\":\"WITHHELD\"")), [P::Status]);
    assert_eq!(forged_kinds(|files| replace(files, "changes.json", "初回", "再度")), [P::Disagreement]);
    let other = by_path(&build(&fixture::correction()).unwrap());
    for path in ["observations.parquet", "tables.xlsx"] {
        assert_eq!(forged_kinds(|files| drop(files.insert(path.to_owned(), other[path].clone()))), [P::Disagreement], "{path}");
        assert_eq!(forged_kinds(|files| drop(files.insert(path.to_owned(), b"?".to_vec()))), [P::Unreadable], "{path}");
    }
}

#[test]
fn a_rebuilt_package_is_held_against_the_published_one() {
    let rebuilt = build(&fixture::release()).unwrap();
    let published = signed();
    assert_eq!(compare(&rebuilt, &published, true), []);
    let differ = |change: &dyn Fn(&mut Files), same_lock| {
        let mut files = published.clone();
        change(&mut files);
        compare(&rebuilt, &files, same_lock).into_iter().map(|it| (it.path, it.kind)).collect::<Vec<_>>()
    };
    let one = |path: &str, kind| vec![(path.to_owned(), kind)];
    assert_eq!(differ(&|files| replace(files, "report.html", "57.1", "67.1"), false), one("report.html", DifferenceKind::Bytes));
    assert_eq!(differ(&|files| drop(files.remove("codes.csv")), true), one("codes.csv", DifferenceKind::NotPublished));
    assert_eq!(differ(&|files| drop(files.insert("x".to_owned(), Vec::new())), true), one("x", DifferenceKind::NotRebuilt));
    let other = by_path(&build(&fixture::correction()).unwrap());
    for path in ["observations.parquet", "tables.xlsx"] {
        assert_eq!(differ(&|files| drop(files.insert(path.to_owned(), other[path].clone())), false), one(path, DifferenceKind::Content));
    }
}

#[test]
fn another_library_may_compress_otherwise() {
    let rebuilt = build(&fixture::release()).unwrap();
    let mut files = signed();
    // A comment at the end of a ZIP archive changes its bytes and nothing that it holds.
    let mut workbook = files["tables.xlsx"].clone();
    let end = workbook.len();
    workbook[end - 2..].copy_from_slice(&2_u16.to_le_bytes());
    workbook.extend(*b"ok");
    files.insert("tables.xlsx".to_owned(), workbook);
    let files = summed(files);
    let paths: Vec<_> = compare(&rebuilt, &files, true).into_iter().map(|difference| difference.path).collect();
    assert_eq!(paths, ["tables.xlsx", "SHA256SUMS"], "the descriptor is the same");
    assert_eq!(compare(&rebuilt, &files, false), []);
    let mut files = files;
    let sum = sums::sha256(&files["codes.csv"]);
    replace(&mut files, "SHA256SUMS", &sum, &"0".repeat(64));
    assert_eq!(compare(&rebuilt, &files, false).len(), 1);
}

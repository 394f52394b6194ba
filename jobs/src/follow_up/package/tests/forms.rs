//! Every form of the figures, read back.

use super::*;
use crate::follow_up::{
    package::{fixture, table::neutral},
    release::{Release, Status},
};

/// Rows of a CSV by column.
fn rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(bytes).deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_same_release_makes_the_same_bytes() {
    for release in [fixture::release(), fixture::correction()] {
        let read: Release = serde_json::from_slice(&serde_json::to_vec(&release).unwrap()).unwrap();
        let (first, second) = (build(&release).unwrap(), build(&read).unwrap());
        assert_eq!(first, second);
        assert!(compare(&second, &by_path(&first), true).is_empty());
        assert_eq!(first.last().unwrap().path, "SHA256SUMS");
    }
}

#[test]
fn the_workbook_was_made_at_the_releases_instant() {
    let bytes = |seconds| {
        let mut release = fixture::release();
        release.as_of += chrono::Duration::seconds(seconds);
        let files = build(&release).unwrap();
        files.into_iter().find(|file| file.path == "tables.xlsx").unwrap().bytes
    };
    assert_ne!(bytes(0), bytes(1), "it tells the instant to the second");
}

#[test]
fn files_name_no_place_and_no_run() {
    let release = fixture::release();
    let files = build(&release).unwrap();
    for file in files.iter().filter(|file| file.media_type.starts_with("text/") || file.media_type == "application/json") {
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        for foreign in ["/home/", "/root/", "localhost"] {
            assert!(!text.contains(foreign), "{}: {foreign}", file.path);
        }
    }
}

#[test]
fn canonical_csv_has_its_golden_lines() {
    let files = build(&fixture::release()).unwrap();
    let csv = text(&files, "observations.csv");
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "fiscal_year,indicator,definition_version,date_from,date_to,bureau,sex,band,numerator,denominator,value,unit,status,symbol"
    );
    for golden in [
        "2019,WOMEN_HIRES_EXAM,1,2020-04-01,2020-04-01,TOTAL,TOTAL,TOTAL,4,7,57.1,PERCENT,REVISED,r",
        "2019,WOMEN_CHILDCARE_LEAVE,1,2019-04-01,2020-03-31,TOTAL,TOTAL,TOTAL,1052,1000,105.2,PERCENT,FINAL,",
        "2019,WOMEN_STAFF,1,2020-07-01,2020-07-01,TOTAL,TOTAL,DESIGNATED,,,,PERCENT,WITHHELD,x",
        "2019,ANNUAL_LEAVE_DAYS,1,2019-01-01,2019-12-31,TOTAL,TOTAL,TOTAL,13400,1000,13.4,DAYS,FINAL,",
        "2017,WOMEN_HIRES_EXAM,1,2018-04-01,2018-04-01,TOTAL,TOTAL,TOTAL,3,5,60.0,PERCENT,FINAL,",
    ] {
        assert!(lines.contains(&golden), "{golden}");
    }
    assert!(csv.ends_with('\n') && !csv.contains('\r') && !csv.starts_with('\u{feff}'));
}

#[test]
fn canonical_csv_reads_back() {
    let release = fixture::release();
    let rows = rows(text(&build(&release).unwrap(), "observations.csv").as_bytes());
    let figures: Vec<_> = release.observations.iter().chain(&release.earlier).chain(&release.months).collect();
    assert_eq!(rows.len(), figures.len());
    for (row, it) in rows.iter().zip(figures) {
        assert_eq!((row["numerator"].parse().ok(), row["denominator"].parse().ok()), (it.numerator, it.denominator));
        assert_eq!([&row["bureau"], &row["sex"], &row["band"]], [&it.bureau, &it.sex, &it.band]);
        assert_eq!(row["value"].is_empty(), matches!(it.status, Status::Withheld | Status::NoSubjects | Status::Unknown));
    }
}

#[test]
fn excel_csv_is_what_excel_opens() {
    let mut release = fixture::release();
    release.definitions[0].name.ja = "=cmd|' /C calc'!A0".to_owned();
    release.bureaus[0].name.ja = "＋10".to_owned();
    let csv = text(&build(&release).unwrap(), "observations-excel.csv");
    assert!(csv.starts_with("\u{feff}年度（西暦）,指標コード,"));
    assert_eq!(csv.matches('\n').count(), csv.matches("\r\n").count());
    assert!(csv.contains(",'=cmd|' /C calc'!A0,") && csv.contains(",'＋10,"));
    let symbols = |symbol: &str, name: &str| {
        csv.lines().any(|line| line.contains(&format!(",{symbol},%,")) && line.ends_with(&format!(",{name},{symbol}")))
    };
    assert!(symbols("x", "秘匿") && symbols("-", "該当者なし") && symbols("…", "不明"));
    for cell in rows(csv.trim_start_matches('\u{feff}').as_bytes()).iter().flat_map(BTreeMap::values) {
        assert!(!cell.starts_with(['=', '+', '@', '\t', '\r']) && (cell == "-" || !cell.starts_with('-')), "{cell}");
    }
}

#[test]
fn formulas_are_neutralised_and_nothing_else() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "－1", "＠x", " =1"] {
        assert_eq!(neutral(text), format!("'{text}"));
    }
    for text in ["", "1-1", "a=b", "・取組", "'x", "内閣"] {
        assert_eq!(neutral(text), text);
    }
    let files = build(&fixture::release()).unwrap();
    assert!(text(&files, "actions.csv").contains(r#""'=1+1 管理職員が率先して休暇を取得し、""計画表""を共有した <全課室>。""#));
    assert!(text(&files, "observations.json").contains(r#""=1+1 管理職員"#), "JSON keeps the text");
}

#[test]
fn the_workbook_reads_back() {
    let release = fixture::release();
    let files = build(&release).unwrap();
    let bytes = &files.iter().find(|file| file.path == "tables.xlsx").unwrap().bytes;
    let sheets = compare::cells(bytes).unwrap();
    // Cover, targets, clauses, statutory items, changes; the lists of the site; and cross tables, of which `site` knows the cells.
    let crossed = sheets.iter().filter(|(name, _)| name.starts_with("部局×")).count();
    assert_eq!((sheets.len(), crossed > 2), (7 + crossed + release.definitions.len(), true));
    assert_eq!(sheets[0].0, "表紙");
    let cover: Vec<String> = sheets[0].1.iter().flatten().map(ToString::to_string).collect();
    for word in ["平成31年度・令和元年度", "2019年度", "CC-BY-4.0", "wlb@example.go.jp"] {
        assert!(cover.iter().any(|cell| cell.contains(word)), "{word}");
    }
    let (_, hires) = sheets.iter().find(|(name, _)| name.contains("採用試験") && !name.contains('×')).unwrap();
    assert!(hires.iter().any(|row| row[9] == calamine::Data::Float(4.0)
        && row[10] == calamine::Data::Float(7.0)
        && row[11] == calamine::Data::Float(57.1)));
    assert!(hires.iter().skip(7).all(|row| row[0].to_string().len() == 4), "years");
    let withheld = hires.iter().find(|row| row[13] == calamine::Data::String("x".to_owned())).unwrap();
    assert!(withheld[9..12].iter().all(|cell| *cell == calamine::Data::Empty));
}

#[test]
fn parquet_reads_back() {
    let files = build(&fixture::release()).unwrap();
    let (names, rows) = columnar::read(&files.iter().find(|file| file.path == "observations.parquet").unwrap().bytes).unwrap();
    let csv = text(&files, "observations.csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(names, reader.headers().unwrap().iter().collect::<Vec<_>>());
    assert_eq!(rows, reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect::<Vec<Vec<_>>>());
}

#[test]
fn json_holds_the_whole_release() {
    for release in [fixture::release(), fixture::correction()] {
        let json = text(&build(&release).unwrap(), "observations.json");
        let read: Release = serde_json::from_str(&json).unwrap();
        assert_eq!(Release { changes: None, ..read }, Release { changes: None, ..release });
        assert!(json.contains(r#""numerator":4,"denominator":7,"status":"REVISED","value":57.1,"unit":"PERCENT","symbol":"r""#));
    }
}

#[test]
fn targets_are_told_as_the_bureau_prints_them() {
    let files = build(&fixture::release()).unwrap();
    let rows = rows(text(&files, "targets.csv").as_bytes());
    let row = |population: &str| rows.iter().find(|row| row["indicator"] == "WOMEN_HIRES_EXAM" && row["population"] == population).unwrap();
    let own = row("OFFICE");
    let told =
        ["target_value", "target_period_ja", "latest_value", "latest_from", "latest_status", "baseline_value", "attained", "gap_in_people"]
            .map(|name| own[name].as_str());
    assert_eq!(told, ["30.0", "2015〜2020年度", "57.1", "2020-04-01", "REVISED", "60.0", "true", "0"]);
    assert_eq!([&row("GOVERNMENT")["attained"], &row("GOVERNMENT")["gap_in_people"]], ["", ""]);
}

#[test]
fn changes_tell_no_number_that_is_withheld_now() {
    let release = fixture::correction();
    let former = release.changes.as_ref().unwrap().observations[1].before.clone().unwrap();
    let files = build(&release).unwrap();
    let changes: serde_json::Value = serde_json::from_str(&text(&files, "changes.json")).unwrap();
    assert_eq!(changes["against"], "1.0.0");
    assert_eq!([&changes["observations"][0]["before"]["numerator"], &changes["observations"][0]["after"]["numerator"]], [287, 291]);
    assert_eq!(changes["observations"][1]["before"]["numerator"], serde_json::Value::Null);
    let whole = format!("\"numerator\":{},\"denominator\":{}", former.numerator.unwrap(), former.denominator.unwrap());
    assert!(!text(&files, "observations.json").contains(&format!("\"indicator\":\"{}\",\"definition_version\":1,\"date_from\":\"{}\",\"date_to\":\"{}\",\"bureau\":\"{}\",\"sex\":\"TOTAL\",\"band\":\"TOTAL\",{whole}", former.indicator, former.date_from, former.date_to, former.bureau)));
    let first: serde_json::Value = serde_json::from_str(&text(&build(&fixture::release()).unwrap(), "changes.json")).unwrap();
    assert!(first["summary"]["ja"].as_str().unwrap().contains("初回"));
}

#[test]
fn a_release_that_contradicts_itself_is_refused() {
    let broken = |change: &dyn Fn(&mut Release)| {
        let mut release = fixture::release();
        change(&mut release);
        build(&release).unwrap_err()
    };
    assert!(matches!(broken(&|it| it.observations[0].status = Status::Withheld), PackageError::Contradiction { .. }));
    assert!(matches!(broken(&|it| it.observations[0].denominator = Some(0)), PackageError::Contradiction { .. }));
    assert!(matches!(broken(&|it| it.observations[0].band = "KING".to_owned()), PackageError::NoMember { dimension: "band", .. }));
    assert!(matches!(broken(&|it| it.observations[1].bureau = "?".to_owned()), PackageError::NoMember { dimension: "bureau", .. }));
    assert!(matches!(broken(&|it| it.definitions.truncate(3)), PackageError::NoDefinition { .. }));
    assert!(matches!(broken(&|it| it.observations.push(it.observations[0].clone())), PackageError::Twice { .. }));
    let disclosed = broken(&|it| {
        let hires = it.observations.iter_mut().find(|it| it.indicator == "WOMEN_HIRES_EXAM").unwrap();
        (hires.numerator, hires.denominator, hires.status) = (None, None, Status::Withheld);
    });
    assert!(matches!(disclosed, PackageError::Discloses { indicator } if indicator == "WOMEN_HIRES_EXAM"));
}

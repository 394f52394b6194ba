//! The Japanese of the product, as it stands in the code: written as a ministry writes it.
//!
//! The texts are the string literals with kana or kanji of the crates that users meet, tests apart. Deliberately absent: the plan's own words,
//! which are data, and whether a sentence is true; that is tested where it is made.

use std::fs;
use std::path::{Path, PathBuf};

/// Words that stand for another that a ministry writes, and what that is.
const FORBIDDEN: [(&str, &str); 15] = [
    ("条項", "取組計画の項目"),
    ("外れ値", "超過勤務の注意情報"),
    ("超過勤務フラグ", "超過勤務の注意情報"),
    ("部局群", "部局グループ"),
    ("部局の集まり", "部局グループ"),
    ("この調子", "このまま推移した場合"),
    ("同じ勤務区分", "自律部署、他律部署"),
    ("お待ちしています", "御提出をお願いします"),
    ("締め切られて", "確定して"),
    ("締めていない", "確定していない"),
    ("計算されて", "集計されて"),
    ("初版", "初回公表"),
    ("基準日", "データ作成日"),
    ("人数の下限", "5人未満は秘匿"),
    ("両休暇", "配偶者出産休暇及び育児参加のための休暇"),
];
/// What is in no sentence of ours: former words, kept for releases that were published with them; the names of invented bureaus.
const APART: [&str; 5] = [
    "jobs/src/follow_up/draft/former",
    "jobs/src/follow_up/package/former",
    "jobs/src/follow_up/package/fixture.rs",
    "api/src/cli/demo",
    "demo.rs",
];
/// Codes in capitals that a Japanese text may name: those of the world, and reserved words that a caller wrote.
const NAMES: [&str; 17] = [
    "UTF",
    "JSON",
    "HTTP",
    "CSV",
    "GET",
    "POST",
    "TOTAL",
    "OTHER",
    "GROUP",
    "OFFICE",
    "SHA",
    "SHA256SUMS",
    "BOM",
    "CRLF",
    "XLSX",
    "H31",
    "URL",
];

fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '々' | '「' | '」' | '、' | '。')
}

/// Whether a text is Japanese, and no English that names a Japanese word.
fn is_sentence(text: &str) -> bool {
    let japanese = text.chars().filter(|c| is_japanese(*c)).count();
    japanese > 0 && japanese * 2 >= text.chars().filter(char::is_ascii_lowercase).count()
}

/// The Rust files of a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    all.filter(|path| path.extension().is_some_and(|e| e == "rs") && !path.to_string_lossy().contains("/src/tests")).collect()
}

/// The string literals of a file that have Japanese in them, its tests and comments apart, each without the English beside it.
fn japanese(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let text = lines.join("\n");
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some(begin) = rest.find('"') {
        if rest[..begin].ends_with('\'') {
            rest = &rest[begin + 1..];
            continue;
        }
        let inner = &rest[begin + 1..];
        let mut escaped = false;
        let end = inner.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(end) = end else { break };
        let sides = inner[..end].split(" / ").filter(|side| is_sentence(side));
        found.extend(sides.map(str::to_owned));
        rest = &inner[end + 1..];
    }
    found
}

/// What is wrong with a text.
fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (word, instead) in FORBIDDEN {
        if text.contains(word) {
            faults.push(format!("{word} (write {instead})"));
        }
    }
    let chars: Vec<char> = text.chars().collect();
    for (place, c) in chars.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| chars.get(before)).copied().unwrap_or(' ');
        let after = chars.get(place + 1).copied().unwrap_or(' ');
        match c {
            '(' | ')' if is_japanese(before) || is_japanese(after) => faults.push("a half-width bracket".to_owned()),
            ':' if is_japanese(before) => faults.push("a half-width colon".to_owned()),
            '～' => faults.push("U+FF5E in place of U+301C".to_owned()),
            '~' if before.is_ascii_digit() || is_japanese(before) => faults.push("~ in place of U+301C".to_owned()),
            _ => {}
        }
    }
    // A query that an operator is told to send names members of enums.
    let is_query = text.contains("filter:");
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for code in text.split(|c| !word(c)).filter(|code| !is_query && code.len() > 2) {
        let is_code = code.starts_with(|c: char| c.is_ascii_uppercase()) && !code.chars().any(|c| c.is_ascii_lowercase());
        let is_placeholder = text.contains(&format!("{{{code}}}"));
        if is_code && !is_placeholder && !NAMES.contains(&code) {
            faults.push(format!("the code {code}"));
        }
    }
    faults
}

#[test]
fn it_is_written_as_a_ministry_writes_it() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let (mut texts, mut wrong) = (0, Vec::new());
    for file in ["api/src", "jobs/src", "entity/src"].iter().flat_map(|root| files(&crates.join(root))) {
        let path = file.strip_prefix(&crates).unwrap().to_string_lossy().into_owned();
        if path.contains("tests") || APART.iter().any(|apart| path.contains(apart)) {
            continue;
        }
        for text in japanese(&fs::read_to_string(&file).unwrap()) {
            texts += 1;
            wrong.extend(faults(&text).into_iter().map(|fault| format!("{path}: {fault}: {text}")));
        }
    }
    assert!(texts > 700, "only {texts} texts were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_fault_is_found() {
    for (text, fault) in [
        ("条項ごとの状況", "条項"),
        ("合計(人)", "bracket"),
        ("識別番号: 1", "colon"),
        ("2015～2021年度", "U+FF5E"),
        ("2~6か月", "U+301C"),
        ("WOMEN_STAFF が動いています。", "the code WOMEN_STAFF"),
    ] {
        assert!(faults(text).iter().any(|found| found.contains(fault)), "{text}");
    }
    assert_eq!(faults("UTF-8 の JSON（{line} 行）を送ってください。"), Vec::<String>::new());
    assert_eq!(japanese("let a = (\"English\", \"日本語\\\"の / text\");\n// \"注\"\n"), ["日本語\\\"の"]);
}

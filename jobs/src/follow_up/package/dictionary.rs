//! `dictionary.ja.md` and `dictionary.en.md`: every file, every column, every symbol, and how figures come about.
//!
//! The columns are those of the tables, so that the dictionary cannot say what the files are not.

use super::{
    content::Content,
    descriptor::title,
    table::{Kind, Table},
    words::{self, Language, STATUSES, text},
};
use crate::{follow_up::release::DefinitionLine, indicators::Text};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The files that are no table, with what they hold.
const FILES: [(&str, Text); 13] = [
    (
        "observations-excel.csv",
        text(
            "observations.csvと同じ値のExcel用（BOM付きUTF-8、CRLF、日本語見出し）。値のない欄に記号を置く。",
            "The same figures for Excel in Japan: BOM, CRLF, Japanese headers, symbols where there is no value.",
        ),
    ),
    (
        "observations.json",
        text("公表内容の全て（値、目標、取組計画の項目、確認結果）。", "The whole release: figures, targets, clauses, findings."),
    ),
    (
        "observations.parquet",
        text(
            "observations.csvと同じ表。値は小数第1位の10進数、日付は日付型。",
            "The table of observations.csv with types: the value is a decimal with one digit, dates are dates.",
        ),
    ),
    ("tables.xlsx", text("指標ごとの表。結合セルはない。", "A sheet for each indicator; no merged cells.")),
    ("report.html", text("報告書（日本語）。", "The report in Japanese.")),
    ("report.en.html", text("報告書（英語）。", "The report in English.")),
    ("changes.json", text("前回の公表からの変更。", "What changed against the former release.")),
    ("provenance.json", text("作成の元となった記録の識別子と定義の版。", "What the release was made from, and versions of definitions.")),
    ("datapackage.json", text("パッケージの記述（Data Package v2）。", "Description of the package (Data Package v2).")),
    ("dictionary.ja.md / dictionary.en.md", text("この文書。", "This document.")),
    ("SHA256SUMS", text("他の全てのファイルのSHA-256。", "SHA-256 of all other files: `sha256sum --check SHA256SUMS`.")),
    (
        "SHA256SUMS.sig",
        text(
            "SHA256SUMSに対するEd25519署名（署名がある場合）。",
            "Ed25519 signature of SHA256SUMS, where it is signed: `openssl pkeyutl -verify -rawin -pubin -inkey public-key.pem -in SHA256SUMS -sigfile SHA256SUMS.sig`.",
        ),
    ),
    ("public-key.pem", text("署名を確かめる公開鍵。", "The public key; compare it with the one that the publisher tells elsewhere.")),
];

/// Where it is told whether a release still stands: its own bytes never change.
pub(super) const STANDING: Text = text(
    "公表日、及び訂正等により新しい版が公表されているか否かは、公表ページ及びlatest.jsonで確認できる。",
    "The page of the release and latest.json tell when it was published, and whether a newer version has taken its place.",
);

/// How figures come about.
pub(super) const RULES: [Text; 6] = [
    text(
        "値は分子÷分母を最後に一度だけ小数第1位に四捨五入したもの（割合は×100）。分子と分母は整数で、途中では丸めない。",
        "A value is numerator ÷ denominator (× 100 for percentages), rounded once, at the end, to one digit after the point, half up. Numerator and denominator are whole numbers.",
    ),
    text(
        "値は100%を超えることがある（過去の年度に対象となった者が取得した場合等）。100%に切り下げない。",
        "A percentage can pass 100, for its numerator may hold people who became eligible in earlier years. It is never cut to 100.",
    ),
    text(
        "フォローアップの対象年度と値の時点は異なることがある。年度Nには、年度Nの育児休業等、暦年Nの年次休暇、N+1年7月1日の役職段階、N+1年4月1日の採用が対応する。各値の時点はdate_from及びdate_toによる。",
        "The year that is followed up is not the day of each figure: year N takes leave of fiscal year N, annual leave of calendar year N, ranks at 1 July N+1 and hires at 1 April N+1. date_from and date_to say which day or span each figure speaks of.",
    ),
    text(
        "TOTALは独立に集計した合計である。表示された内訳の和とは限らない。",
        "TOTAL is counted on its own; it need not be the sum of the parts that are shown.",
    ),
    text(
        "表計算ソフトで式と解されないよう、CSVの文章が = + - @ 等で始まるときは先頭に ' を付した。JSONの文章は元のままである。",
        "In CSV, words that begin with = + - @ and the like have an apostrophe before them, so that no spreadsheet takes them for a formula. In JSON they are as they were.",
    ),
    text(
        "政府全体の目標は参考として示し、達成したか否か及び不足人数を示さない。",
        "A target of the whole government is shown as a reference, without attainment and gap.",
    ),
];

/// The dictionary in a language.
pub(super) fn dictionary(content: &Content<'_>, tables: &[Table], lang: Language) -> Vec<u8> {
    let release = content.release;
    let mut out = String::new();
    let heading = |ja, en| lang.say(text(ja, en));
    let colon = heading("：", ": ");
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# {}{colon}{}\n", heading("データ辞書", "Data dictionary"), line(&title(content, lang)));
    let _ = writeln!(out, "- {}{colon}{}", heading("版", "Version"), release.version);
    let _ = writeln!(out, "- {}{colon}{}", heading("公表者", "Publisher"), line(lang.of(&release.publisher.name)));
    if let Some(office) = &release.publisher.office {
        let _ = writeln!(out, "- {}{colon}{}", heading("担当部署", "Office"), line(lang.of(office)));
    }
    if let Some(phone) = &release.publisher.phone {
        let _ = writeln!(out, "- {}{colon}{}", heading("電話", "Telephone"), line(phone));
    }
    let _ = writeln!(out, "- {}{colon}{}", heading("問合せ先", "Contact"), line(&release.publisher.contact));
    let _ = writeln!(out, "- {}{colon}{}", heading("新しい版", "Newer version"), lang.say(STANDING));
    let _ = writeln!(
        out,
        "- {}{colon}{}{} {}",
        heading("利用条件", "Licence"),
        line(lang.of(&release.publisher.licence_title)),
        words::bracketed(&line(&release.publisher.licence), lang),
        line(&release.publisher.licence_url)
    );
    let _ = writeln!(out, "\n## {}\n", heading("ファイル", "Files"));
    for (path, says) in tables.iter().map(|table| (table.path, table.says)).chain(FILES) {
        let _ = writeln!(out, "- `{path}`{colon}{}", lang.say(says));
    }
    for table in tables {
        columns(&mut out, table, lang);
    }
    let _ = writeln!(out, "\n## {}\n", heading("状態と記号", "Statuses and symbols"));
    let _ =
        writeln!(out, "| {} | {} | {} |\n|---|---|---|", heading("状態", "Status"), heading("記号", "Symbol"), heading("意味", "Meaning"));
    for status in STATUSES {
        let _ = writeln!(out, "| `{}` | {} | {} |", words::status(status).code, status.symbol(), lang.say(words::status_note(status)));
    }
    let _ = writeln!(out, "\n## {}\n", heading("数値の扱い", "How figures come about"));
    for rule in RULES {
        let _ = writeln!(out, "- {}", lang.say(rule));
    }
    let _ = writeln!(out, "- {}", line(lang.of(&release.provenance.disclosure_method)));
    let least = release.provenance.disclosure_threshold;
    let _ = match lang {
        Language::Ja => writeln!(out, "- {least}人未満は秘匿とした。"),
        Language::En => writeln!(out, "- A count of fewer than {least} people is withheld."),
    };
    spans(&mut out, content, lang);
    out.into_bytes()
}

fn columns(out: &mut String, table: &Table, lang: Language) {
    let heading = |ja, en| lang.say(text(ja, en));
    let _ = writeln!(out, "\n## {}\n\n{}\n", table.path, lang.say(table.says));
    let _ = writeln!(out, "{}{}{}\n", heading("主キー", "Primary key"), heading("：", ": "), table.key.join(", "));
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} |\n|---|---|---|---|",
        heading("列", "Column"),
        heading("型", "Type"),
        heading("必須", "Required"),
        heading("意味", "Meaning")
    );
    for column in &table.columns {
        let required = if column.required { heading("はい", "yes") } else { "" };
        let kind = if column.kind == Kind::Text { heading("文章", "text") } else { column.kind.schema_type() };
        let _ = writeln!(out, "| {} | {kind} | {required} | {} |", column.name, lang.say(column.says));
    }
}

/// Which day or span each indicator's figures of the year speak of.
fn spans(out: &mut String, content: &Content<'_>, lang: Language) {
    let heading = |ja, en| lang.say(text(ja, en));
    let mut spans: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for it in content.this_year().iter().map(|line| line.observation) {
        let shown = words::span(it.date_from, Some(it.date_to), lang);
        let known = spans.entry(&it.indicator).or_default();
        if !known.contains(&shown) {
            known.push(shown);
        }
    }
    let _ = writeln!(out, "\n## {}\n", heading("指標と時点", "Indicators and their dates"));
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} |\n|---|---|---|---|",
        heading("指標", "Indicator"),
        heading("定義の版", "Version"),
        heading("時点", "Date"),
        heading("定義", "Definition")
    );
    for it in &content.release.definitions {
        let DefinitionLine { indicator, version, name, description, .. } = it;
        let dates = spans.get(indicator.as_str()).map(|spans| spans.join(", ")).unwrap_or_default();
        let _ = writeln!(out, "| `{}` {} | {version} | {dates} | {} |", line(indicator), line(lang.of(name)), line(lang.of(description)));
    }
}

/// A text of others on one line of Markdown, without its marks.
fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '|' | '<' | '>' | '`' | '*' | '[' | ']' | '\\' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

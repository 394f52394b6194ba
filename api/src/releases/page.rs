//! The pages of `/releases`, each in Japanese and English: HTML without scripts, for a browser of any width. Every text that is put in is escaped.

use super::address;
use crate::store::release::{FileHead, Head};
use chrono::{DateTime, Utc};
use entity::{
    follow_up::ReleaseKind,
    period::{civil_date, fiscal_year_ja},
    release::ReleaseState,
};
use jobs::follow_up::release::{Bilingual, Release};

const STYLE: &str = "body{font-family:sans-serif;line-height:1.7;margin:2rem auto;max-width:60rem;padding:0 1rem;overflow-wrap:anywhere}\
    ul{list-style:none;padding:0}li{border-bottom:1px solid #999;padding:.6rem 0}.lead{font-size:1.1rem}.small{color:#444;font-size:.9rem}\
    .old{border:2px solid #b00020;padding:.6rem 1rem}a{color:#0b57d0}";

/// A plan's releases with what is known of the plan.
pub(super) struct Shelf<'a> {
    /// Those that were published, the newest first.
    pub heads: Vec<&'a Head>,
    /// What the newest one says that was not withdrawn.
    pub said: Option<&'a Release>,
}

/// Everything that was published, by plan, each plan's newest first.
pub(super) fn shelf(plans: &[Shelf<'_>], files: &[FileHead]) -> String {
    let list = if plans.is_empty() {
        "<p>公表されたものはまだありません。<br><span lang=\"en\">Nothing has been published yet.</span></p>".to_owned()
    } else {
        plans.iter().map(|plan| plan_list(plan, files)).collect::<Vec<_>>().concat()
    };
    page("フォローアップの公表", "Releases of the follow-up", &list)
}

fn plan_list(plan: &Shelf<'_>, files: &[FileHead]) -> String {
    let name = match plan.said {
        Some(said) => {
            let publisher = text(&said.publisher.name);
            format!("<h2>{}</h2><p>{} {publisher}</p>", text(&said.plan.name), both("公表者：", "published by"))
        }
        None => plan.heads.first().map(|head| format!("<h2>{}</h2>", escape(&head.plan))).unwrap_or_default(),
    };
    let lines = plan.heads.iter().map(|head| line(head, newest_of_year(&plan.heads, head), files)).collect::<Vec<_>>().concat();
    format!("{name}\n<ul>\n{lines}</ul>\n")
}

/// The version of the same year that took a head's place, if one has.
fn newest_of_year<'a>(heads: &[&'a Head], head: &Head) -> Option<&'a Head> {
    let newest = heads.iter().find(|other| other.fiscal_year == head.fiscal_year && other.state == ReleaseState::Published);
    newest.copied().filter(|newest| newest.id != head.id)
}

fn line(head: &Head, newer: Option<&Head>, files: &[FileHead]) -> String {
    let (year, version) = (fiscal_year(head), escape(&head.version));
    if head.state == ReleaseState::Withdrawn {
        let fate = both("取下げ", "withdrawn");
        return format!("<li>{year} {}{}<br>{fate}{}</li>\n", name_of(&version), published(head), reason(head));
    }
    let of_head = || files.iter().filter(|file| file.release_id == head.id);
    let reports = of_head().filter(|file| is_report(&file.path)).map(|file| report_link(head, file)).collect::<Vec<_>>().join(" ");
    let folder = address(head.fiscal_year, &head.version, "");
    let all = format!("<a href=\"{}\">{}</a>", escape(&folder), both("全てのファイル", "all files"));
    let old = newer.map(|newer| format!("<p class=\"small\">{}</p>", replaced_by(newer))).unwrap_or_default();
    format!("<li>{year} {} {}{}<br><span class=\"lead\">{reports}</span> {all}{old}</li>\n", name_of(&version), kind(head), published(head))
}

fn name_of(version: &str) -> String {
    both(&format!("第{version}版"), &format!("version {version}"))
}

fn published(head: &Head) -> String {
    head.published_at
        .map(|at| format!("<br>{}", both(&format!("公表日：{}", day(at)), &format!("published on {}", day(at)))))
        .unwrap_or_default()
}

fn is_report(path: &str) -> bool {
    ["report.html", "report.en.html"].contains(&path)
}

fn report_link(head: &Head, file: &FileHead) -> String {
    let to = escape(&address(head.fiscal_year, &head.version, &file.path));
    let said = if file.path == "report.html" { "報告書" } else { "<span lang=\"en\">Report</span>" };
    format!("<a href=\"{to}\">{said}</a>")
}

fn replaced_by(newer: &Head) -> String {
    let (to, version) = (escape(&address(newer.fiscal_year, &newer.version, "")), escape(&newer.version));
    format!(
        "{} <a href=\"{to}\">{version}</a>",
        both(&format!("旧版。第{version}版に置き換えられた："), &format!("An old version, replaced by version {version}:"))
    )
}

/// The files of a version, why there is one, what took its place, and how it is cited.
pub(super) fn folder(head: &Head, newer: Option<&Head>, said: Option<&Release>, files: &[FileHead]) -> String {
    let (year, version) = (head.fiscal_year.as_i32(), escape(&head.version));
    let old = newer.map(|newer| format!("<p class=\"old\">{}</p>", replaced_by(newer))).unwrap_or_default();
    let draft = match head.state {
        ReleaseState::Draft => format!("<p>{}</p>", both("案（未公表）", "draft, not published")),
        _ => String::new(),
    };
    let why = said.and_then(|said| said.reason.as_ref()).map(|why| format!("<p>{}</p>", text(why))).unwrap_or_default();
    let whose = said.map(|said| format!("<p>{}<br>{}</p>", text(&said.plan.name), text(&said.publisher.name))).unwrap_or_default();
    let (reports, others): (Vec<_>, Vec<_>) = files.iter().partition(|file| is_report(&file.path));
    let lead = reports.iter().map(|file| report_link(head, file)).collect::<Vec<_>>().join(" ");
    let lines = reports.iter().chain(&others).map(|file| file_line(head, file)).collect::<Vec<_>>().concat();
    let cited = said.filter(|_| head.state == ReleaseState::Published).map(|said| cite(head, said)).unwrap_or_default();
    let all = format!("<p><a href=\"/releases\">{}</a></p>", both("すべての公表", "all releases"));
    page(
        &format!("{} 第{version}版", fiscal_year_ja(head.fiscal_year)),
        &format!("FY{year}, version {version}"),
        &format!(
            "{old}{whose}<p>{}{}</p>{draft}{why}<p class=\"lead\">{lead}</p>\n<h2>{}</h2>\n<ul>\n{lines}</ul>\n{cited}{all}",
            kind(head),
            published(head),
            both("ファイル", "Files")
        ),
    )
}

fn file_line(head: &Head, file: &FileHead) -> String {
    let to = escape(&address(head.fiscal_year, &head.version, &file.path));
    let (path, media, sum) = (escape(&file.path), escape(&file.media_type), escape(&file.sha256));
    let name = match words(&file.path) {
        Some((ja, en)) => both(ja, en),
        None => path.clone(),
    };
    format!(
        "<li><a href=\"{to}\">{name}</a><br><span class=\"small\">{path}, {}, {}</span>\
         <details class=\"small\"><summary>SHA-256</summary><code>{sum}</code> ({media})</details></li>\n",
        form(&file.path).map_or_else(|| media.clone(), str::to_owned),
        size(file.bytes)
    )
}

/// What the files of a release hold, as their readers call it.
fn words(path: &str) -> Option<(&'static str, &'static str)> {
    Some(match path {
        "report.html" => ("報告書（日本語）", "report, in Japanese"),
        "report.en.html" => ("報告書（英語）", "report, in English"),
        "observations.csv" => ("全ての値の表", "all figures"),
        "observations-excel.csv" => ("全ての値の表（Excel用）", "all figures, for Excel in Japan"),
        "observations.json" => ("公表内容の全て", "the whole release"),
        "observations.parquet" => ("全ての値の表（型付き）", "all figures, with types"),
        "tables.xlsx" => ("指標ごとの表", "a table for each indicator"),
        "definitions.csv" => ("指標の定義", "definitions"),
        "targets.csv" => ("数値目標", "targets"),
        "actions.csv" => ("取組計画の項目別の取組", "what was done"),
        "next-steps.csv" => ("取組計画の項目別の今後の取組", "what is to be done next"),
        "codes.csv" => ("コードの一覧", "codes with their names"),
        "dictionary.ja.md" => ("データ辞書（日本語）", "data dictionary, in Japanese"),
        "dictionary.en.md" => ("データ辞書（英語）", "data dictionary, in English"),
        "changes.json" => ("前回の公表からの変更", "what changed"),
        "provenance.json" => ("作成の元となった記録", "what it was made from"),
        "datapackage.json" => ("パッケージの記述", "description of the package"),
        "SHA256SUMS" => ("検査合計", "checksums"),
        "SHA256SUMS.sig" => ("署名", "signature"),
        "public-key.pem" => ("公開鍵", "public key"),
        "mieruka-targets.csv" => ("「見える化」サイト用の数値目標", "targets, for the government's site"),
        "mieruka-items.csv" => ("「見える化」サイト用の情報公表項目", "statutory items, for the government's site"),
        _ => return None,
    })
}

/// The form of a file by the end of its name.
fn form(path: &str) -> Option<&'static str> {
    let (_, end) = path.rsplit_once('.')?;
    Some(match end {
        "html" => "HTML",
        "csv" => "CSV",
        "xlsx" => "Excel (XLSX)",
        "json" => "JSON",
        "parquet" => "Parquet",
        "md" => "Markdown",
        _ => return None,
    })
}

/// A size with the unit that keeps it short.
fn size(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", (bytes + 500) / 1_000),
        _ => format!("{}.{} MB", (bytes + 50_000) / 1_000_000, (bytes + 50_000) % 1_000_000 / 100_000),
    }
}

/// How a version is cited, by what never changes.
fn cite(head: &Head, said: &Release) -> String {
    let (version, place) = (escape(&head.version), escape(&address(head.fiscal_year, &head.version, "")));
    let on = head.published_at.map(day).unwrap_or_default();
    let (publisher, plan) = (&said.publisher.name, &said.plan.name);
    format!(
        "<h2>{}</h2>\n<p>{}「{} フォローアップ {}」第{version}版（{on}公表） {place}</p>\n<p lang=\"en\">{}: {}, follow-up of fiscal year {}, \
         version {version}, published on {on}. {place}</p>\n",
        both("引用の仕方", "Cite this"),
        escape(&publisher.ja),
        escape(&plan.ja),
        fiscal_year_ja(head.fiscal_year),
        escape(&publisher.en),
        escape(&plan.en),
        head.fiscal_year.as_i32()
    )
}

/// That a version was withdrawn, and why.
pub(super) fn gone(head: &Head) -> String {
    let (year, version) = (head.fiscal_year.as_i32(), escape(&head.version));
    let about = format!("<p>FY{year} {version}: {}</p>{}", head.withdrawn_at.map(day).unwrap_or_default(), reason(head));
    let all = format!("<p><a href=\"/releases\">{}</a></p>", both("すべての公表", "all releases"));
    page("この公表は取り下げられました", "This release was withdrawn", &(about + &all))
}

/// That there is nothing at an address.
pub(super) fn unknown() -> String {
    page("このアドレスには何もありません", "There is nothing at this address", "")
}

fn reason(head: &Head) -> String {
    head.withdrawn_reason.as_ref().map(|reason| format!("<p>{}</p>", escape(reason))).unwrap_or_default()
}

fn fiscal_year(head: &Head) -> String {
    both(&fiscal_year_ja(head.fiscal_year), &format!("FY{}", head.fiscal_year.as_i32()))
}

fn kind(head: &Head) -> String {
    match head.kind {
        ReleaseKind::Initial => both("初回公表", "first"),
        ReleaseKind::Correction => both("訂正", "correction"),
        ReleaseKind::NewData => both("データの追加", "new data"),
        ReleaseKind::Definition => both("定義の変更", "changed definition"),
    }
}

/// The civil date in Tokyo.
fn day(at: DateTime<Utc>) -> String {
    civil_date(at).to_string()
}

/// HTML in both languages.
fn both(ja: &str, en: &str) -> String {
    format!("{ja} <span lang=\"en\">/ {en}</span>")
}

fn text(text: &Bilingual) -> String {
    both(&escape(&text.ja), &escape(&text.en))
}

fn page(ja: &str, en: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"ja\">\n<head><meta charset=\"utf-8\"><title>{ja} / {en}</title>\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head>\n\
        <body>\n<main>\n<h1>{}</h1>\n{body}\n</main>\n</body>\n</html>\n",
        both(ja, en)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_words() {
        assert_eq!([0, 999, 1_000, 12_345, 999_499].map(size), ["0 B", "999 B", "1 kB", "12 kB", "999 kB"]);
        assert_eq!([1_000_000, 12_345_678].map(size), ["1.0 MB", "12.3 MB"]);
    }
}

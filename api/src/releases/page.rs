//! The pages of `/releases`, each in Japanese and English: HTML without scripts. Every text that is put in is escaped.

use super::address;
use crate::store::release::{FileHead, Head};
use chrono::{DateTime, Utc};
use entity::{
    follow_up::ReleaseKind,
    period::{civil_date, fiscal_year_ja},
    release::ReleaseState,
};
use jobs::follow_up::release::Bilingual;

const STYLE: &str = "body{font-family:sans-serif;line-height:1.6;margin:2rem auto;max-width:60rem;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #999;padding:.4rem;text-align:left;vertical-align:top}\
    code{overflow-wrap:anywhere}.number{text-align:right}";

/// Everything that was published, the newest first.
pub(super) fn shelf(heads: &[Head]) -> String {
    let rows = heads.iter().map(line).collect::<Vec<_>>().concat();
    let list = if heads.is_empty() {
        "<p>公表されたものはまだありません。<br><span lang=\"en\">Nothing has been published yet.</span></p>".to_owned()
    } else {
        table(&[("年度", "Fiscal year"), ("版", "Version"), ("種類", "Kind"), ("公表日", "Published"), ("状態", "State")], &rows)
    };
    page("フォローアップの公表", "Releases of the follow-up", &list)
}

fn line(head: &Head) -> String {
    let (state, version) = match head.state {
        ReleaseState::Withdrawn => (both("取下げ", "withdrawn") + &reason(head), escape(&head.version)),
        ReleaseState::Draft | ReleaseState::Published => {
            (both("公表", "published"), link(&address(head.fiscal_year, &head.version, ""), head))
        }
    };
    let (year, plan) = (fiscal_year(head), escape(&head.plan));
    format!(
        "<tr><td>{year}<br>{plan}</td><td>{version}</td><td>{}</td><td>{}</td><td>{state}</td></tr>\n",
        kind(head),
        day(head.published_at)
    )
}

fn link(to: &str, head: &Head) -> String {
    format!("<a href=\"{}\">{}</a>", escape(to), escape(&head.version))
}

/// The files of a version, and why there is one.
pub(super) fn folder(head: &Head, why: Option<&Bilingual>, files: &[FileHead]) -> String {
    let rows = files.iter().map(|file| file_line(head, file)).collect::<Vec<_>>().concat();
    let files = table(&[("ファイル", "File"), ("バイト", "Bytes"), ("形式", "Media type"), ("SHA-256", "SHA-256")], &rows);
    let why = why.map(|why| format!("<p>{}</p>", both(&escape(&why.ja), &escape(&why.en)))).unwrap_or_default();
    let draft = if head.state == ReleaseState::Draft {
        format!("<p>{}</p>", both("案（未公表）", "draft, not published"))
    } else {
        String::new()
    };
    let about = format!("<p>{} {}</p><p>{}</p>{draft}{why}", escape(&head.plan), day(head.published_at), kind(head));
    let all = format!("<p><a href=\"/releases\">{}</a></p>", both("すべての公表", "all releases"));
    let (year, version) = (head.fiscal_year.as_i32(), escape(&head.version));
    page(
        &format!("{} 第{version}版", fiscal_year_ja(head.fiscal_year)),
        &format!("FY{year}, version {version}"),
        &format!("{about}{files}{all}"),
    )
}

fn file_line(head: &Head, file: &FileHead) -> String {
    let to = escape(&address(head.fiscal_year, &head.version, &file.path));
    let (path, media, sum) = (escape(&file.path), escape(&file.media_type), escape(&file.sha256));
    let bytes = file.bytes;
    format!("<tr><td><a href=\"{to}\">{path}</a></td><td class=\"number\">{bytes}</td><td>{media}</td><td><code>{sum}</code></td></tr>\n")
}

/// That a version was withdrawn, and why.
pub(super) fn gone(head: &Head) -> String {
    let (year, version) = (head.fiscal_year.as_i32(), escape(&head.version));
    let about = format!("<p>FY{year} {version}: {}</p>{}", day(head.withdrawn_at), reason(head));
    page("この公表は取り下げられました", "This release was withdrawn", &about)
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
fn day(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| civil_date(at).to_string()).unwrap_or_default()
}

/// HTML in both languages.
fn both(ja: &str, en: &str) -> String {
    format!("{ja} <span lang=\"en\">/ {en}</span>")
}

fn table(heads: &[(&str, &str)], rows: &str) -> String {
    let heads = heads.iter().map(|(ja, en)| format!("<th scope=\"col\">{}</th>", both(ja, en))).collect::<Vec<_>>().concat();
    format!("<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n")
}

fn page(ja: &str, en: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"ja\">\n<head><meta charset=\"utf-8\"><title>{ja} / {en}</title>\n\
        <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\n\
        <body>\n<h1>{}</h1>\n{body}\n</body>\n</html>\n",
        both(ja, en)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

//! What changed, what was looked into, how to read the figures, and what they mean.

use super::pane;
use crate::{
    follow_up::{
        package::{
            content::{Content, value},
            json,
            words::{self, BANDS, Language, SEXES, STATUSES, instead, text},
        },
        release::{Change, FindingLine, Observation},
    },
    indicators::Text,
};
use entity::finding::FindingCheck;
use maud::{Markup, html};
use sea_orm::Iterable;

/// What changed against the former release, and why; nothing for the first of a year.
pub(super) fn changes(content: &Content<'_>, lang: Language) -> Option<Markup> {
    let say = |ja, en| lang.say(text(ja, en));
    let release = content.release;
    let former = release.changes.as_ref()?;
    let shown = json::changes(release);
    Some(html! {
        p { (say("前回の版：", "Former release: ")) (former.against) }
        @if let Some(reason) = &release.reason { p { strong { (say("理由：", "Why: ")) } (lang.of(reason)) } }
        @for note in former.notes.iter().filter(|note| Some(*note) != release.reason.as_ref()) { p { (lang.of(note)) } }
        @if shown.is_empty() { p { (say("値の変更はない。", "No figure changed.")) } } @else { (change_table(content, &shown, lang)) }
    })
}

fn change_table(content: &Content<'_>, changes: &[Change], lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    let inner = html! {
        thead { tr {
            th scope="col" { (say("指標", "Indicator")) }
            th scope="col" { (say("部局", "Bureau")) }
            th scope="col" { (say("性別", "Sex")) }
            th scope="col" { (say("役職段階", "Rank band")) }
            th scope="col" { (say("時点", "Date")) }
            th scope="col" class="n" { (say("変更前", "Before")) }
            th scope="col" class="n" { (say("変更後", "After")) }
        } }
        tbody { @for change in changes { @if let Some(it) = change.after.as_ref().or(change.before.as_ref()) { tr {
            th scope="row" { (indicator_name(content, it, lang)) }
            td { (content.bureau_name(&it.bureau, lang)) }
            td { (words::member(&SEXES, &it.sex, lang)) }
            td { (words::member(&BANDS, &it.band, lang)) }
            td class="day" { (words::span(it.date_from, Some(it.date_to), lang)) }
            td class="n" { (side(content, change.before.as_ref(), lang)) }
            td class="n" { (side(content, change.after.as_ref(), lang)) }
        } } } }
    };
    pane(lang, "changes", say("変更した値", "Figures that changed"), true, &inner)
}

fn indicator_name<'a>(content: &Content<'a>, it: &'a Observation, lang: Language) -> &'a str {
    content.definition(&it.indicator, Some(it.definition_version)).map_or(&it.indicator, |definition| lang.of(&definition.name))
}

fn side(content: &Content<'_>, observation: Option<&Observation>, lang: Language) -> String {
    let Some(it) = observation else { return "–".to_owned() };
    let Some(definition) = content.definition(&it.indicator, Some(it.definition_version)) else { return "…".to_owned() };
    match value(it, definition.unit) {
        Some(value) => format!("{} {}", words::with_unit(&value, definition.unit, lang), it.status.symbol()).trim_end().to_owned(),
        None => instead(it, lang).to_owned(),
    }
}

/// What was looked into before the release was compiled, a row a check; nothing where nothing was found.
pub(super) fn findings(content: &Content<'_>, lang: Language) -> Option<Markup> {
    let say = |ja, en| lang.say(text(ja, en));
    let mut checks: Vec<(&str, Vec<&FindingLine>)> = Vec::new();
    for finding in &content.release.findings {
        match checks.iter_mut().find(|(check, _)| *check == finding.check) {
            Some((_, found)) => found.push(finding),
            None => checks.push((&finding.check, vec![finding])),
        }
    }
    let inner = html! {
        thead { tr {
            th scope="col" { (say("確認事項", "Check")) }
            th scope="col" { (say("内容", "What was found")) }
        } }
        tbody { @for (check, found) in &checks { tr {
            th scope="row" class="category" { (check_name(check, lang)) }
            td class="text" { ul class="plain" { @for finding in found { li {
                (lang.of(&finding.text))
                @if let Some(answer) = &finding.answer { div class="quiet" { (say("回答：", "Answer: ")) span lang="ja" { (answer) } } }
            } } } }
        } } }
    };
    (!checks.is_empty()).then(|| pane(lang, "findings", say("公表前に確認した事項", "What was found before publication"), false, &inner))
}

/// What a check is called.
fn check_name(code: &str, lang: Language) -> &'static str {
    let name: Text = match FindingCheck::iter().find(|check| check.as_text() == code) {
        Some(FindingCheck::MissingSubmission | FindingCheck::MissingFigure) => text("未提出", "Not submitted"),
        Some(FindingCheck::OpenMonth) => text("未確定月", "Month not closed"),
        Some(FindingCheck::StaleFigures) => text("集計後の変更", "Changed since"),
        Some(FindingCheck::NotReported | FindingCheck::PartlyReported) => text("未報告", "Not reported"),
        Some(FindingCheck::ShareOutOfRange) => text("範囲外の値", "Out of range"),
        Some(FindingCheck::BandsDoNotAddUp) => text("内訳の不一致", "Parts do not add up"),
        Some(FindingCheck::NoFigure | FindingCheck::TargetWithoutFigure) => text("値なし", "No value"),
        Some(FindingCheck::Jump) => text("大きな変動", "Large change"),
        Some(FindingCheck::NoTargetInForce) => text("目標なし", "No target"),
        None => text("その他", "Other"),
    };
    lang.say(name)
}

/// How values come about, as far as this page shows them; the dictionary tells the rest.
const RULES: [Text; 4] = [
    text(
        "値は、分子÷分母（割合は×100）を最後に一度だけ小数第1位に四捨五入したものである。",
        "A value is numerator ÷ denominator (× 100 for percentages), rounded once, at the end, to one digit after the point, half up.",
    ),
    text(
        "値は100%を超えることがある（過去の年度に対象となった者が取得した場合等）。100%に切り下げない。",
        "A percentage can pass 100, for its numerator may hold people who became eligible in earlier years. It is never cut to 100.",
    ),
    text(
        "フォローアップの対象年度と値の時点は異なることがある。各値の時点は表に示す。",
        "The year that is followed up is not the day of each figure; the tables tell each figure's date.",
    ),
    text(
        "全体の値は独立に集計したものであり、表示された内訳の和とは限らない。",
        "Totals are counted on their own; they need not be the sum of the parts that are shown.",
    ),
];

/// Symbols, rounding, withholding.
pub(super) fn notes(content: &Content<'_>, lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    let provenance = &content.release.provenance;
    let inner = html! {
        thead { tr {
            th scope="col" { (say("記号", "Symbol")) }
            th scope="col" { (say("状態", "Status")) }
            th scope="col" { (say("意味", "Meaning")) }
        } }
        tbody { @for status in STATUSES { tr {
            th scope="row" { @if status.symbol().is_empty() { (say("（なし）", "(none)")) } @else { (status.symbol()) } }
            td { (lang.say(words::status(status).name)) }
            td class="text" { (lang.say(words::status_note(status))) }
        } } }
    };
    html! {
        (pane(lang, "symbols", say("状態と記号", "Statuses and symbols"), false, &inner))
        ul {
            @for rule in RULES { li { (lang.say(rule)) } }
            li { (lang.of(&provenance.disclosure_method)) }
            @if provenance.disclosure_threshold > 1 { li {
                @match lang {
                    Language::Ja => { (provenance.disclosure_threshold) "人未満の人数は秘匿している。" }
                    Language::En => { "Counts of fewer than " (provenance.disclosure_threshold) " people are withheld." }
                }
            } }
            li { (say("集計の元となった記録（SHA-256）：", "Made from the snapshot (SHA-256): ")) code { (provenance.snapshot_sha256) } }
        }
    }
}

/// What each indicator means.
pub(super) fn definitions(content: &Content<'_>, lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    let inner = html! {
        thead { tr {
            th scope="col" { (say("指標", "Indicator")) }
            th scope="col" { (say("定義", "Definition")) }
            th scope="col" { (say("出所", "Source")) }
        } }
        tbody { @for it in &content.release.definitions { tr {
            th scope="row" { (lang.of(&it.name)) div class="quiet" { (say("単位：", "Unit: ")) (lang.say(words::unit(it.unit).name)) } }
            td class="text" { (lang.of(&it.description)) }
            td { (lang.say(words::source(it.source).name)) }
        } } }
    };
    pane(lang, "definitions", say("指標の定義", "Definitions of the indicators"), false, &inner)
}

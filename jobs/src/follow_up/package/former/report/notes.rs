//! What changed, what was looked into, how to read the figures, and what they mean.

use super::section;
use crate::follow_up::{
    package::{
        content::Content,
        former::{
            dictionary,
            words::{self, BANDS, Language, SEXES, STATUSES, bureau_name, instead, text},
        },
        json,
    },
    release::{Change, Observation},
};
use maud::{Markup, html};

/// What changed against the former release, and why.
pub(super) fn changes(content: &Content<'_>, lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    let release = content.release;
    let shown = json::changes(release);
    let inner = html! {
        @match &release.changes {
            None => { p { (say("対象年度の初回の公表であり、前回からの変更はない。", "This is the first release of its year: there is no former one to differ from.")) } }
            Some(former) => {
                p { (say("前回の版: ", "Former release: ")) (former.against) }
                @if let Some(reason) = &release.reason { p { strong { (say("理由: ", "Why: ")) } (lang.of(reason)) } }
                @for note in &former.notes { p { (lang.of(note)) } }
                @if !shown.is_empty() { (change_table(content, &shown, lang)) }
            }
        }
    };
    section(lang, "changes", text("前回の公表からの変更", "What changed"), &inner)
}

fn change_table(content: &Content<'_>, changes: &[Change], lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    html! {
        div class="wide" tabindex="0" { table {
            caption { (say("変わった値", "Figures that changed")) }
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
                td { (bureau_name(content, &it.bureau, lang)) }
                td { (words::member(&SEXES, &it.sex, lang)) }
                td { (words::member(&BANDS, &it.band, lang)) }
                td class="day" { (words::span(it.date_from, Some(it.date_to), lang)) }
                td class="n" { (side(content, change.before.as_ref(), lang)) }
                td class="n" { (side(content, change.after.as_ref(), lang)) }
            } } } }
        } }
    }
}

fn indicator_name<'a>(content: &Content<'a>, it: &'a Observation, lang: Language) -> &'a str {
    content.definition(&it.indicator, Some(it.definition_version)).map_or(&it.indicator, |definition| lang.of(&definition.name))
}

fn side(content: &Content<'_>, observation: Option<&Observation>, lang: Language) -> String {
    let Some(it) = observation else { return "–".to_owned() };
    let Some(definition) = content.definition(&it.indicator, Some(it.definition_version)) else { return "…".to_owned() };
    match crate::follow_up::package::content::value(it, definition.unit) {
        Some(value) => format!("{} {}", words::with_unit(&value, definition.unit, lang), it.status.symbol()).trim_end().to_owned(),
        None => instead(it, lang).to_owned(),
    }
}

/// What was looked into before the release was compiled.
pub(super) fn findings(content: &Content<'_>, lang: Language) -> Markup {
    let findings = &content.release.findings;
    let say = |ja, en| lang.say(text(ja, en));
    let subject = |code: &str| match content.definition(code, None) {
        Some(definition) => lang.of(&definition.name).to_owned(),
        None => bureau_name(content, code, lang).to_owned(),
    };
    let inner = html! {
        @if findings.is_empty() { p { (say("特記すべき事項はない。", "There is nothing to say.")) } } @else {
            div class="wide" tabindex="0" { table {
                caption { (say("確認した事項", "What was found")) }
                thead { tr {
                    th scope="col" { (say("確認", "Check")) }
                    th scope="col" { (say("対象", "Subject")) }
                    th scope="col" { (say("内容", "What was found")) }
                } }
                tbody { @for finding in findings { tr {
                    th scope="row" { code { (finding.check) } }
                    td { (subject(&finding.subject)) }
                    td class="text" { (lang.of(&finding.text)) }
                } } }
            } }
        }
    };
    section(lang, "findings", text("公表前の確認", "Checks before publication"), &inner)
}

/// Symbols, rounding, withholding.
pub(super) fn notes(content: &Content<'_>, lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    let provenance = &content.release.provenance;
    let inner = html! {
        div class="wide" tabindex="0" { table {
            caption { (say("状態と記号", "Statuses and symbols")) }
            thead { tr {
                th scope="col" { (say("記号", "Symbol")) }
                th scope="col" { (say("状態", "Status")) }
                th scope="col" { (say("意味", "Meaning")) }
            } }
            tbody { @for status in STATUSES { tr {
                th scope="row" { @if status.symbol().is_empty() { (say("(なし)", "(none)")) } @else { (status.symbol()) } }
                td { (lang.say(words::status(status).name)) }
                td class="text" { (lang.say(words::status_note(status))) }
            } } }
        } }
        ul {
            @for rule in dictionary::RULES { li { (lang.say(rule)) } }
            li { (lang.of(&provenance.disclosure_method)) }
            li { (say("表示する人数の下限: ", "The least number of people a shown count rests on: ")) (provenance.disclosure_threshold) }
            li { (say("集計の元となった記録(SHA-256): ", "Made from the snapshot (SHA-256): ")) code { (provenance.snapshot_sha256) } }
        }
    };
    section(lang, "notes", text("注", "Notes"), &inner)
}

/// What each indicator means.
pub(super) fn definitions(content: &Content<'_>, lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    let inner = html! {
        div class="wide" tabindex="0" { table {
            caption { (say("指標の定義", "Definitions of the indicators")) }
            thead { tr {
                th scope="col" { (say("指標", "Indicator")) }
                th scope="col" { (say("定義", "Definition")) }
                th scope="col" { (say("単位", "Unit")) }
                th scope="col" { (say("出所", "Source")) }
                th scope="col" class="n" { (say("版", "Version")) }
            } }
            tbody { @for it in &content.release.definitions { tr {
                th scope="row" { (lang.of(&it.name)) " " code { (it.indicator) } }
                td class="text" { (lang.of(&it.description)) }
                td { (lang.say(words::unit(it.unit).name)) }
                td { (lang.say(words::source(it.source).name)) }
                td class="n" { (it.version) }
            } } }
        } }
    };
    section(lang, "definitions", text("定義", "Definitions"), &inner)
}

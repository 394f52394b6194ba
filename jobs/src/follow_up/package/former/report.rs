//! `report.html`: the release as people read it, in one file: Japanese first, then English.
//!
//! Markup comes from a template library that escapes every text. The file is well-formed XML too, so that machines can check it.
//! Deliberately absent: scripts, fonts, images and styles from elsewhere, and any coordinate that says more than the printed value.

mod charts;
mod figures;
mod notes;
mod plan;
mod style;

use super::{
    title,
    words::{self, Language, text},
};
use crate::{
    follow_up::package::content::Content,
    follow_up::release::{DefinitionLine, IndicatorUnit, Release, TargetLine},
    indicators::Text,
};
use entity::quotient;
use entity::{
    period::civil_date,
    target::{Qualifier, TargetPopulation},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The whole file.
pub(super) fn html(content: &Content<'_>) -> String {
    let head = r#"<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>"#;
    let markup = html! {
        (DOCTYPE)
        html lang="ja" {
            head {
                (PreEscaped(head))
                title { (title(content, Language::Ja)) }
                style { (PreEscaped(style::CSS)) }
            }
            body {
                nav class="languages" aria-label="言語 / Language" {
                    a href="#ja" lang="ja" hreflang="ja" { "日本語" }
                    a href="#en" lang="en" hreflang="en" { "English" }
                }
                (edition(content, Language::Ja))
                (edition(content, Language::En))
            }
        }
    };
    markup.into_string() + "\n"
}

/// The report in a language.
fn edition(content: &Content<'_>, lang: Language) -> Markup {
    html! {
        article id=(lang.tag()) lang=(lang.tag()) {
            (front(content, lang))
            (figures::headline(content, lang))
            (charts::all(content, lang))
            (plan::clauses(content, lang))
            (plan::statutory(content, lang))
            (notes::changes(content, lang))
            (notes::findings(content, lang))
            (notes::notes(content, lang))
            (notes::definitions(content, lang))
        }
    }
}

fn front(content: &Content<'_>, lang: Language) -> Markup {
    let release = content.release;
    let publisher = &release.publisher;
    let say = |ja, en| lang.say(text(ja, en));
    // A link for what is one; any other text stays a text.
    let linked = ["https://", "http://"].iter().any(|scheme| publisher.licence_url.starts_with(scheme));
    html! {
        header class="front" {
            p class="kicker" { (lang.of(&publisher.name)) }
            h1 { (lang.of(&release.plan.name)) span class="sub" { (say("フォローアップ ", "Follow-up: ")) (words::fiscal_year(content.year, lang)) } }
            dl class="facts" {
                div { dt { (say("対象年度", "Year")) } dd { (words::fiscal_year(content.year, lang)) } }
                div { dt { (say("計画期間", "Span of the plan")) } dd { (words::span(release.plan.valid_from, Some(release.plan.last_day), lang)) } }
                div { dt { (say("決定日", "Decided on")) } dd { (words::day(release.plan.decided_on, lang)) } }
                div { dt { (say("基準日", "As of")) } dd { (words::day(civil_date(release.as_of), lang)) } }
                div { dt { (say("版", "Version")) } dd { (release.version) " (" (lang.say(words::kind(release.kind).name)) ")" } }
                div { dt { (say("公表者", "Publisher")) } dd { (lang.of(&publisher.name)) } }
                div { dt { (say("問合せ先", "Contact")) } dd { (publisher.contact) } }
                div { dt { (say("利用条件", "Licence")) } dd {
                    (lang.of(&publisher.licence_title)) " (" (publisher.licence) ") "
                    @if linked { a rel="license" href=(publisher.licence_url) { (publisher.licence_url) } } @else { (publisher.licence_url) }
                } }
            }
            (correction(release, lang))
        }
    }
}

/// A corrected release says so before all else.
fn correction(release: &Release, lang: Language) -> Markup {
    html! {
        @if let Some(reason) = &release.reason {
            p class="correction" {
                strong { (lang.say(words::kind(release.kind).name)) (lang.say(text("：", ": "))) }
                (lang.of(reason))
            }
        }
    }
}

/// A section under its heading.
fn section(lang: Language, id: &str, title: Text, inner: &Markup) -> Markup {
    let id = format!("{}-{id}", lang.tag());
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (lang.say(title)) }
            (inner)
        }
    }
}

/// A target's value with unit and qualifier, as in 30%以上.
fn target_value(target: &TargetLine, definition: &DefinitionLine, lang: Language) -> String {
    let Some(value) = quotient::quotient(target.value.0, target.value.1, definition.unit == IndicatorUnit::Percent) else {
        return String::new();
    };
    let value = words::with_unit(value.strip_suffix(".0").unwrap_or(&value), definition.unit, lang);
    let qualifier = lang.say(words::qualifier(target.qualifier).name);
    match (lang, target.qualifier) {
        (Language::Ja, _) => format!("{value}{qualifier}"),
        (Language::En, Qualifier::All) => format!("{value} (all)"),
        (Language::En, _) => format!("{qualifier} {value}"),
    }
}

/// Who is bound by a target, where it is not the office.
fn reference(target: &TargetLine, lang: Language) -> Option<&'static str> {
    (target.population == TargetPopulation::Government).then(|| lang.say(text("政府目標(参考)", "government's target, for reference")))
}

//! `report.html` and `report.en.html`: the release as people read it, one file a language, each leading to the other.
//!
//! Markup comes from a template library that escapes every text. The files are well-formed XML too, so that machines can check them.
//! Deliberately absent: scripts, fonts, images and styles from elsewhere, any coordinate that says more than the printed value, the day of
//! publication, which comes after the bytes are made, and whether a later version has taken this one's place: the page says where both stand.

mod charts;
mod counts;
mod figures;
mod front;
mod notes;
mod plan;
mod statutory;
mod style;
mod summary;

use super::{
    content::Content,
    descriptor,
    words::{self, Language, text},
};
use crate::{
    follow_up::release::{DefinitionLine, IndicatorUnit, TargetLine},
    indicators::Text,
};
use entity::quotient;
use entity::target::Qualifier;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The Japanese file.
pub(super) const JAPANESE: &str = "report.html";
/// The English file.
pub(super) const ENGLISH: &str = "report.en.html";

/// A part of the report under its heading.
struct Section {
    id: &'static str,
    title: Text,
    inner: Markup,
}

/// The whole file in a language.
pub(super) fn html(content: &Content<'_>, lang: Language) -> String {
    let head = r#"<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>"#;
    let sections = sections(content, lang);
    let say = |ja, en| lang.say(text(ja, en));
    let markup = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                (PreEscaped(head))
                title { (descriptor::title(content, lang)) }
                style { (PreEscaped(style::CSS)) }
            }
            body {
                nav class="languages" aria-label=(say("言語", "Language")) {
                    @match lang {
                        Language::Ja => { a href=(ENGLISH) lang="en" hreflang="en" { "English" } }
                        Language::En => { a href=(JAPANESE) lang="ja" hreflang="ja" { "日本語" } }
                    }
                }
                main {
                    (front::front(content, lang))
                    (summary::summary(content, lang))
                    nav class="contents" aria-labelledby="contents" {
                        h2 id="contents" { (say("目次", "Contents")) }
                        ol { @for section in &sections { li { a href={ "#" (section.id) } { (lang.say(section.title)) } } } }
                    }
                    @for section in &sections { (shown(section, lang)) }
                }
            }
        }
    };
    markup.into_string() + "\n"
}

/// What the report has something to say in.
fn sections(content: &Content<'_>, lang: Language) -> Vec<Section> {
    let section = |id, title, inner: Option<Markup>| inner.map(|inner| Section { id, title, inner });
    [
        section("targets", text("数値目標の達成状況", "Figures against targets"), figures::targets(content, lang)),
        section("trend", text("数値目標のある指標の推移", "Trend of indicators that have a target"), charts::trend(content, lang)),
        section("bands", text("役職段階別の女性の割合", "Women by rank band"), charts::bands(content, lang)),
        section("bureaus", text("部局別の状況", "Bureaus side by side"), charts::bureaus(content, lang)),
        section("clauses", text("取組計画の項目別の実施状況", "The plan item by item"), plan::clauses(content, lang)),
        section("statutory", text("女性活躍推進法に基づく公表項目", "Items that the Act has published"), statutory::items(content, lang)),
        section("changes", text("前回の公表からの変更", "What changed"), notes::changes(content, lang)),
        section("findings", text("公表前の確認", "Checks before publication"), notes::findings(content, lang)),
        section("notes", text("注", "Notes"), Some(notes::notes(content, lang))),
        section("definitions", text("指標の定義", "Definitions"), Some(notes::definitions(content, lang))),
        section("citation", text("出典の記載例", "How to cite"), Some(front::citation(content, lang))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn shown(section: &Section, lang: Language) -> Markup {
    html! {
        section aria-labelledby=(section.id) {
            h2 id=(section.id) { (lang.say(section.title)) }
            (section.inner)
        }
    }
}

/// A table under its caption, in its own pane: wide ones are moved sideways on a narrow screen, and say so.
fn pane(lang: Language, id: &str, caption: &str, is_wide: bool, table: &Markup) -> Markup {
    let caption = html! {
        caption id={ "caption-" (id) } {
            (caption)
            @if is_wide { " " span class="hint" { (lang.say(text("（横に動かして見る表）", "(move it sideways)"))) } }
        }
    };
    html! {
        @if is_wide {
            div class="wide" tabindex="0" role="region" aria-labelledby={ "caption-" (id) } { table class="many" { (caption) (table) } }
        } @else {
            div class="pane" { table { (caption) (table) } }
        }
    }
}

/// A target's value with unit and qualifier, as in 30%以上.
pub(super) fn target_value(target: &TargetLine, definition: &DefinitionLine, lang: Language) -> String {
    let Some(value) = quotient::quotient(target.value.0, target.value.1, definition.unit == IndicatorUnit::Percent) else {
        return String::new();
    };
    let value = words::with_unit(value.strip_suffix(".0").unwrap_or(&value), definition.unit, lang);
    let qualifier = lang.say(words::qualifier(target.qualifier).name);
    match (lang, target.qualifier) {
        (Language::Ja, Qualifier::All) => format!("{value}（全員）"),
        (Language::Ja, _) => format!("{value}{qualifier}"),
        (Language::En, Qualifier::All) => format!("{value} (all)"),
        (Language::En, _) => format!("{qualifier} {value}"),
    }
}

//! The plan item by item: what is measured of each, and what was done. Items of which there is neither have no heading.

use super::{counts, pane, target_value};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        tables::target_rows,
        words::{self, Language, text},
    },
    release::{ActionLine, ClauseLine},
};
use crate::indicators::Text;
use entity::target::TargetPopulation;
use maud::{Markup, html};

/// Each item with its figures and with what was done.
pub(super) fn clauses(content: &Content<'_>, lang: Language) -> Option<Markup> {
    let told: Vec<&ClauseLine> =
        content.release.clauses.iter().filter(|clause| has_figures(content, clause) || clause.bureaus().next().is_some()).collect();
    (!told.is_empty()).then(|| html! { @for (nth, clause) in told.iter().enumerate() { (block(content, clause, nth, lang)) } })
}

fn has_figures(content: &Content<'_>, clause: &ClauseLine) -> bool {
    clause.indicators.iter().any(|code| content.definition(code, None).is_some())
}

fn block(content: &Content<'_>, clause: &ClauseLine, nth: usize, lang: Language) -> Markup {
    let above = above(content, clause);
    html! {
        @if !above.is_empty() {
            p class="path quiet" { @for (nth, clause) in above.iter().enumerate() { @if nth > 0 { " › " } (clause.code) " " (lang.of(&clause.title)) } }
        }
        h3 { span class="code" { (clause.code) } (lang.of(&clause.title)) }
        @if has_figures(content, clause) { (figures(content, clause, nth, lang)) (movements(content, clause, lang)) }
        (texts(content, &clause.actions, (&DONE, nth), lang))
        (texts(content, &clause.next_steps, (&NEXT, nth), lang))
    }
}

/// The items above, the topmost first.
fn above<'a>(content: &Content<'a>, clause: &ClauseLine) -> Vec<&'a ClauseLine> {
    let mut above = Vec::new();
    let mut parent = clause.parent.as_deref();
    while let Some(found) = parent.and_then(|code| content.release.clauses.iter().find(|clause| clause.code == code)) {
        if above.len() > content.release.clauses.len() {
            break;
        }
        above.push(found);
        parent = found.parent.as_deref();
    }
    above.reverse();
    above
}

fn figures(content: &Content<'_>, clause: &ClauseLine, nth: usize, lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    let inner = html! {
        thead { tr {
            th scope="col" { (say("指標", "Indicator")) }
            th scope="col" class="n" { (say("値", "Value")) }
            th scope="col" { (say("時点", "Date")) }
            th scope="col" { (say("目標", "Target")) }
        } }
        tbody { @for code in &clause.indicators { @if content.definition(code, None).is_some() { (row(content, code, lang)) } } }
    };
    pane(lang, &format!("figures-{nth}"), say("指標", "Indicators"), false, &inner)
}

fn row(content: &Content<'_>, code: &str, lang: Language) -> Markup {
    let line = content.office_line(code);
    let targets = target_rows(content).filter(|(target, _)| target.indicator == code);
    html! {
        tr {
            th scope="row" { @if let Some(definition) = content.definition(code, None) { (lang.of(&definition.name)) } }
            td class="n" { @match line { Some(line) => { (value(line, lang)) } None => { "…" } } }
            td { @if let Some(line) = line { (words::span(line.observation.date_from, Some(line.observation.date_to), lang)) } }
            td { @for (target, definition) in targets { div {
                (target_value(target, definition, lang))
                @if target.population == TargetPopulation::Government {
                    span class="quiet" { (lang.say(text("（政府目標、参考）", " (government's, for reference)"))) }
                }
            } } }
        }
    }
}

/// A value with how many stand behind it.
fn value(line: &Line<'_>, lang: Language) -> Markup {
    html! { (line.printed(lang)) @if let Some(count) = counts::of_line(line, lang) { div class="quiet" { (count) } } }
}

/// Why figures moved, as far as it was answered for publication.
fn movements(content: &Content<'_>, clause: &ClauseLine, lang: Language) -> Markup {
    let told: Vec<_> =
        clause.indicators.iter().filter_map(|code| Some((content.definition(code, None)?, content.release.why_moved(code)?))).collect();
    html! {
        @if !told.is_empty() { ul { @for (definition, why) in told { li {
            (lang.say(text("「", "Why “"))) (lang.of(&definition.name)) (lang.say(text("」の変動の理由：", "” moved: ")))
            span lang="ja" { (why) }
        } } } }
    }
}

/// What a table of texts is called.
struct Told {
    id: &'static str,
    title: Text,
    of_text: Text,
}

const DONE: Told = Told { id: "actions", title: text("実施した取組", "What was done"), of_text: text("取組の内容", "Action") };
const NEXT: Told = Told { id: "next", title: text("今後の取組", "What is to be done next"), of_text: text("内容", "Step") };

/// Texts of bureaus, by category in the order in which categories first appear; nothing where there are none.
fn texts(content: &Content<'_>, lines: &[ActionLine], (told, nth): (&Told, usize), lang: Language) -> Markup {
    if lines.is_empty() {
        return html! {};
    }
    let mut categories: Vec<(&str, Vec<&ActionLine>)> = Vec::new();
    for line in lines {
        match categories.iter_mut().find(|(category, _)| *category == line.category) {
            Some((_, lines)) => lines.push(line),
            None => categories.push((&line.category, vec![line])),
        }
    }
    let say = |ja, en| lang.say(text(ja, en));
    let inner = html! {
        thead { tr {
            th scope="col" { (say("区分", "Category")) }
            th scope="col" { (say("部局", "Bureau")) }
            th scope="col" { (lang.say(told.of_text)) }
        } }
        tbody {
            @for (category, lines) in &categories { @for line in lines {
                tr {
                    th scope="row" class="category" { (content.category_name(category, lang)) }
                    td { (content.bureau_name(&line.bureau, lang)) }
                    td class="text" lang="ja" { (line.text) }
                }
            } }
        }
    };
    pane(lang, &format!("{}-{nth}", told.id), lang.say(told.title), false, &inner)
}

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
use entity::target::TargetPopulation;
use maud::{Markup, html};

/// Each item with its figures and with what was done.
pub(super) fn clauses(content: &Content<'_>, lang: Language) -> Option<Markup> {
    let told: Vec<&ClauseLine> =
        content.release.clauses.iter().filter(|clause| has_figures(content, clause) || !clause.actions.is_empty()).collect();
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
        @if has_figures(content, clause) { (figures(content, clause, nth, lang)) }
        @if !clause.actions.is_empty() { (actions(content, clause, nth, lang)) }
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

/// What was done, by category in the order in which categories first appear.
fn actions(content: &Content<'_>, clause: &ClauseLine, nth: usize, lang: Language) -> Markup {
    let mut categories: Vec<(&str, Vec<&ActionLine>)> = Vec::new();
    for action in &clause.actions {
        match categories.iter_mut().find(|(category, _)| *category == action.category) {
            Some((_, actions)) => actions.push(action),
            None => categories.push((&action.category, vec![action])),
        }
    }
    let say = |ja, en| lang.say(text(ja, en));
    let inner = html! {
        thead { tr {
            th scope="col" { (say("区分", "Category")) }
            th scope="col" { (say("部局", "Bureau")) }
            th scope="col" { (say("取組の内容", "Action")) }
        } }
        tbody {
            @for (category, actions) in &categories { @for action in actions {
                tr {
                    th scope="row" class="category" { (content.category_name(category, lang)) }
                    td { (content.bureau_name(&action.bureau, lang)) }
                    td class="text" lang="ja" { (action.text) }
                }
            } }
        }
    };
    pane(lang, &format!("actions-{nth}"), say("実施した取組", "What was done"), false, &inner)
}

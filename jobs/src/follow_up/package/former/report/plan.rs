//! The plan clause by clause, and the statutory items.

use super::{reference, section, target_value};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        former::tables::target_rows,
        former::words::{self, BANDS, Language, SEXES, bureau_name, printed, text},
    },
    release::{ActionLine, ClauseLine},
};
use entity::indicator_value::TOTAL;
use maud::{Markup, html};

/// Each clause with its figures and with what was done.
pub(super) fn clauses(content: &Content<'_>, lang: Language) -> Markup {
    let inner = html! { @for clause in &content.release.clauses { (clause_block(content, clause, lang)) } };
    section(lang, "clauses", text("条項ごとの状況", "Clause by clause"), &inner)
}

fn clause_block(content: &Content<'_>, clause: &ClauseLine, lang: Language) -> Markup {
    let defined = || clause.indicators.iter().filter(|code| content.definition(code, None).is_some());
    html! {
        h3 { span class="code" { (clause.code) } (lang.of(&clause.title)) }
        @if defined().next().is_some() {
            div class="wide" tabindex="0" { table {
                caption { (lang.say(text("指標", "Indicators"))) " " (clause.code) }
                thead { tr {
                    th scope="col" { (lang.say(text("指標", "Indicator"))) }
                    th scope="col" class="n" { (lang.say(text("値", "Value"))) }
                    th scope="col" { (lang.say(text("時点", "Date"))) }
                    th scope="col" { (lang.say(text("目標", "Target"))) }
                } }
                tbody { @for code in defined() { (indicator_row(content, code, lang)) } }
            } }
        }
        @if !clause.actions.is_empty() { (actions(content, clause, lang)) }
    }
}

fn indicator_row(content: &Content<'_>, code: &str, lang: Language) -> Markup {
    let line = content.office_line(code);
    let targets = target_rows(content).filter(|(target, _)| target.indicator == code);
    html! {
        tr {
            th scope="row" { @if let Some(definition) = content.definition(code, None) { (lang.of(&definition.name)) } }
            td class="n" { @match line { Some(line) => { (printed(line, lang)) } None => { "…" } } }
            td class="day" { @if let Some(line) = line { (date(line, lang)) } }
            td { @for (target, definition) in targets { div {
                (target_value(target, definition, lang))
                @if let Some(reference) = reference(target, lang) { " " span class="quiet" { (reference) } }
            } } }
        }
    }
}

fn date(line: &Line<'_>, lang: Language) -> String {
    words::span(line.observation.date_from, Some(line.observation.date_to), lang)
}

/// What was done, by category in the order in which categories first appear.
fn actions(content: &Content<'_>, clause: &ClauseLine, lang: Language) -> Markup {
    let mut categories: Vec<(&str, Vec<&ActionLine>)> = Vec::new();
    for action in &clause.actions {
        match categories.iter_mut().find(|(category, _)| *category == action.category) {
            Some((_, actions)) => actions.push(action),
            None => categories.push((&action.category, vec![action])),
        }
    }
    html! {
        div class="wide" tabindex="0" { table {
            caption { (lang.say(text("取組", "What was done"))) " " (clause.code) }
            thead { tr {
                th scope="col" { (lang.say(text("区分", "Category"))) }
                th scope="col" { (lang.say(text("部局", "Bureau"))) }
                th scope="col" { (lang.say(text("内容", "Action"))) }
            } }
            tbody {
                @for (category, actions) in &categories { @for action in actions {
                    tr {
                        th scope="row" class="category" lang="ja" { (category) }
                        td { (bureau_name(content, &action.bureau, lang)) }
                        td class="text" lang="ja" { (action.text) }
                    }
                } }
            }
        } }
    }
}

/// The items that the Act has published, for the whole office.
pub(super) fn statutory(content: &Content<'_>, lang: Language) -> Markup {
    let lines = || content.this_year().iter().filter(|line| line.definition.statutory && line.observation.bureau == TOTAL);
    let say = |ja, en| lang.say(text(ja, en));
    let inner = html! {
        @if lines().next().is_some() {
            div class="wide" tabindex="0" { table {
                caption { (say("女性活躍推進法に基づく公表項目(全体)", "Items that the Act on women's participation has published (whole office)")) }
                thead { tr {
                    th scope="col" { (say("項目", "Item")) }
                    th scope="col" { (say("性別", "Sex")) }
                    th scope="col" { (say("役職段階", "Rank band")) }
                    th scope="col" class="n" { (say("値", "Value")) }
                    th scope="col" { (say("時点", "Date")) }
                } }
                tbody { @for line in lines() { tr {
                    th scope="row" { (lang.of(&line.definition.name)) }
                    td { (words::member(&SEXES, &line.observation.sex, lang)) }
                    td { (words::member(&BANDS, &line.observation.band, lang)) }
                    td class="n" { (printed(line, lang)) }
                    td class="day" { (date(line, lang)) }
                } } }
            } }
        } @else { p { (say("該当する項目はない。", "There are none.")) } }
    };
    section(lang, "statutory", text("法定公表項目", "Statutory items"), &inner)
}

//! Bureaus side by side; a withheld figure is hatched over the whole width and marked x.

use super::{Scale, legend, target_name, target_tenths, targeted};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        former::words::{self, Language, bureau_name, printed, text},
    },
    release::{DefinitionLine, Status, TargetLine},
};
use entity::{indicator_value::TOTAL, target::TargetPopulation};
use maud::{Markup, html};
use std::collections::BTreeMap;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const LEFT: i64 = 272;
const WIDTH: i64 = 300;
const ROW: i64 = 22;
/// Columns of a terminal that fit before the bars; a full-width character takes two.
const NAME: usize = 42;

/// One chart for each indicator that is told by bureau, with its targets where it has some, then the table.
pub(super) fn charts(content: &Content<'_>, lang: Language) -> Markup {
    let mut targets: BTreeMap<&str, Vec<&TargetLine>> =
        targeted(content).into_iter().map(|(definition, targets)| (definition.indicator.as_str(), targets)).collect();
    let all: Vec<_> = content
        .release
        .definitions
        .iter()
        .map(|definition| (definition, targets.remove(definition.indicator.as_str()).unwrap_or_default(), lines(content, definition)))
        .filter(|(_, _, lines)| lines.iter().any(|line| line.observation.bureau != TOTAL))
        .collect();
    html! {
        @if all.is_empty() { p { (lang.say(text("部局別の値はない。", "No figure is told by bureau."))) } } @else {
            @for (nth, (definition, targets, lines)) in all.iter().enumerate() {
                (chart(content, definition, targets, lines, &format!("{}-bureaus-{nth}", lang.tag()), lang))
            }
            (table(content, &all, lang))
        }
    }
}

/// The office's line, then those of bureaus and groups in the release's order.
fn lines<'c, 'a>(content: &'c Content<'a>, definition: &DefinitionLine) -> Vec<&'c Line<'a>> {
    let of = |code: &str| {
        content.this_year().iter().find(|line| {
            let it = line.observation;
            it.indicator == definition.indicator && it.bureau == code && it.sex == TOTAL && it.band == TOTAL
        })
    };
    std::iter::once(TOTAL).chain(content.release.bureaus.iter().map(|bureau| bureau.code.as_str())).filter_map(of).collect()
}

fn chart(
    content: &Content<'_>,
    definition: &DefinitionLine,
    targets: &[&TargetLine],
    lines: &[&Line<'_>],
    id: &str,
    lang: Language,
) -> Markup {
    let name = lang.of(&definition.name);
    let own: Vec<&TargetLine> = targets.iter().copied().filter(|target| target.population == TargetPopulation::Office).collect();
    let largest =
        lines.iter().filter_map(|line| line.tenths()).chain(own.iter().filter_map(|target| target_tenths(target, definition))).max();
    let scale = Scale::over(largest.unwrap_or(1), WIDTH);
    let pattern = format!("{id}-hatch");
    let bottom = 8 + lines.iter().fold(0, |sum, _| sum + ROW);
    let words: Vec<String> =
        lines.iter().map(|line| format!("{}: {}", bureau_name(content, &line.observation.bureau, lang), printed(line, lang))).collect();
    let mut entries: Vec<_> = super::withheld(lines, &pattern, lang).into_iter().collect();
    entries.extend(own.iter().map(|target| {
        (
            html! { line class="target" x1="0" y1="6" x2="28" y2="6" {} },
            target_name(target, definition, lang) + lang.say(text(" (組織全体の目標)", " (of the whole office)")),
        )
    }));
    html! {
        figure class="long" {
            figcaption { (name) span class="quiet" { (lines.first().map(|line| words::span(line.observation.date_from, Some(line.observation.date_to), lang)).unwrap_or_default()) } }
            svg viewBox={ "0 0 680 " (bottom + 24) } role="img" aria-labelledby={ (id) "-title " (id) "-desc" } {
                title id={ (id) "-title" } { (name) }
                desc id={ (id) "-desc" } { (words.join(", ")) }
                (super::hatch(&pattern))
                @for mark in scale.marks() {
                    line class=(if mark == 0 { "axis" } else { "rule" }) x1=(LEFT + scale.at(mark)) x2=(LEFT + scale.at(mark)) y1="4" y2=(bottom) {}
                    text class="quiet middle" x=(LEFT + scale.at(mark)) y=(bottom + 16) { (super::trend::mark(mark, definition.unit, lang)) }
                }
                @for (line, nth) in lines.iter().zip(0_i64..) { (bar(content, line, 8 + nth * ROW, scale, &pattern, lang)) }
                @for x in own.iter().filter_map(|target| target_tenths(target, definition)).map(|tenths| LEFT + scale.at(tenths)) {
                    line class="under" x1=(x) x2=(x) y1="2" y2=(bottom) {}
                    line class="target" x1=(x) x2=(x) y1="2" y2=(bottom) {}
                }
                @for (line, nth) in lines.iter().zip(0_i64..) { (label(line, 8 + nth * ROW, lang)) }
            }
            (legend(&entries))
        }
    }
}

fn bar(content: &Content<'_>, line: &Line<'_>, y: i64, scale: Scale, pattern: &str, lang: Language) -> Markup {
    let (name, height) = (bureau_name(content, &line.observation.bureau, lang), ROW - 7);
    let total = line.observation.bureau == TOTAL;
    html! {
        text class=(if total { "end strong" } else { "end" }) x=(LEFT - 8) y=(y + 12) { title { (name) } (fitted(name)) }
        @match line.tenths() {
            Some(tenths) => { rect class=(if total { "bar total" } else { "bar" }) x=(LEFT) y=(y) width=(scale.at(tenths)) height=(height) {} }
            None => { (missing(line, (LEFT, y), (WIDTH, height), pattern)) }
        }
    }
}

/// The values stand in a column of their own, where no bar and no target crosses them.
fn label(line: &Line<'_>, y: i64, lang: Language) -> Markup {
    html! { text x=(LEFT + WIDTH + 10) y=(y + 12) { (printed(line, lang)) } }
}

/// The place of a value that is not there: hatched where it is withheld, empty where there is none.
pub(super) fn missing(line: &Line<'_>, (x, y): (i64, i64), (width, height): (i64, i64), pattern: &str) -> Markup {
    html! {
        @if line.observation.status == Status::Withheld {
            rect class="track" x=(x) y=(y) width=(width) height=(height) {}
            rect x=(x) y=(y) width=(width) height=(height) fill={ "url(#" (pattern) ")" } {}
        }
    }
}

/// A name that fits before the bars: its beginning and its end, for names often differ there alone.
fn fitted(name: &str) -> String {
    fn fit(characters: impl Iterator<Item = char>, mut room: usize) -> Vec<char> {
        characters
            .take_while(|c| {
                let width = c.width().unwrap_or(0);
                let fits = width <= room;
                room = room.saturating_sub(width);
                fits
            })
            .collect()
    }
    if name.width() <= NAME {
        return name.to_owned();
    }
    let head: String = fit(name.chars(), NAME / 2 - 2).into_iter().collect();
    let tail: String = fit(name.chars().rev(), NAME / 2).into_iter().rev().collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// Bureaus by indicators.
fn table(content: &Content<'_>, all: &[(&DefinitionLine, Vec<&TargetLine>, Vec<&Line<'_>>)], lang: Language) -> Markup {
    let bureaus: Vec<&str> = std::iter::once(TOTAL)
        .chain(content.release.bureaus.iter().map(|bureau| bureau.code.as_str()))
        .filter(|code| all.iter().any(|(_, _, lines)| lines.iter().any(|line| line.observation.bureau == *code)))
        .collect();
    html! {
        div class="wide" tabindex="0" { table {
            caption { (lang.say(text("部局別の値", "Figures by bureau"))) }
            thead { tr {
                th scope="col" { (lang.say(text("部局", "Bureau"))) }
                @for (definition, _, _) in all { th scope="col" class="name n" { (lang.of(&definition.name)) } }
            } }
            tbody { @for bureau in bureaus { tr {
                th scope="row" { (bureau_name(content, bureau, lang)) }
                @for (_, _, lines) in all {
                    td class="n" { @match lines.iter().find(|line| line.observation.bureau == bureau) { Some(line) => { (printed(line, lang)) } None => { "" } } }
                }
            } } }
        } }
    }
}

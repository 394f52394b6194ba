//! Rank bands by sex: the share of women in each band, and of men as the rest.

use super::{Scale, legend};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        former::words::{self, BANDS, Language, printed, text},
    },
    release::{DefinitionLine, IndicatorUnit},
};
use entity::indicator_value::TOTAL;
use maud::{Markup, html};

const LEFT: i64 = 132;
const WIDTH: i64 = 400;
const ROW: i64 = 30;

/// One chart for each indicator of women's share that is told by band.
pub(super) fn charts(content: &Content<'_>, lang: Language) -> Markup {
    let told: Vec<(&DefinitionLine, Vec<&Line<'_>>)> = content
        .release
        .definitions
        .iter()
        .map(|definition| (definition, lines(content, definition)))
        .filter(|(_, lines)| lines.iter().any(|line| line.observation.band != TOTAL))
        .collect();
    html! {
        @if told.is_empty() { p { (lang.say(text("役職段階別の値はない。", "No figure is told by band."))) } }
        @for (nth, (definition, lines)) in told.iter().enumerate() { (chart(definition, lines, &format!("{}-bands-{nth}", lang.tag()), lang)) }
    }
}

/// The office's lines by band, highest first, then the total.
fn lines<'c, 'a>(content: &'c Content<'a>, definition: &DefinitionLine) -> Vec<&'c Line<'a>> {
    if !(definition.indicator.contains("WOMEN") && definition.unit == IndicatorUnit::Percent) {
        return Vec::new();
    }
    let of_band = |code: &str| {
        content.this_year().iter().find(|line| {
            let it = line.observation;
            it.indicator == definition.indicator && it.bureau == TOTAL && it.sex == TOTAL && it.band == code
        })
    };
    BANDS.iter().rev().filter_map(|band| of_band(band.code)).collect()
}

fn chart(definition: &DefinitionLine, lines: &[&Line<'_>], id: &str, lang: Language) -> Markup {
    let name = lang.of(&definition.name);
    let scale = Scale { step: 200, top: 1_000, length: WIDTH };
    let pattern = format!("{id}-hatch");
    let count = lines.iter().fold(0, |count, _| count + 1);
    let bottom = 10 + count * ROW;
    let words: Vec<String> =
        lines.iter().map(|line| format!("{}: {}", words::member(&BANDS, &line.observation.band, lang), printed(line, lang))).collect();
    let dates: Vec<String> =
        lines.first().map(|line| words::span(line.observation.date_from, Some(line.observation.date_to), lang)).into_iter().collect();
    let mut entries = vec![
        (html! { rect class="bar" width="28" height="12" {} }, lang.say(text("女性", "women")).to_owned()),
        (html! { rect class="rest" width="28" height="12" {} }, lang.say(text("男性", "men")).to_owned()),
    ];
    entries.extend(super::withheld(lines, &pattern, lang));
    html! {
        figure class="long" {
            figcaption { (name) span class="quiet" { (dates.join("")) } }
            svg viewBox={ "0 0 620 " (bottom + 26) } role="img" aria-labelledby={ (id) "-title " (id) "-desc" } {
                title id={ (id) "-title" } { (name) }
                desc id={ (id) "-desc" } { (words.join(", ")) }
                (super::hatch(&pattern))
                @for mark in scale.marks() {
                    line class=(if mark == 0 { "axis" } else { "rule" }) x1=(LEFT + scale.at(mark)) x2=(LEFT + scale.at(mark)) y1="6" y2=(bottom) {}
                    text class="quiet middle" x=(LEFT + scale.at(mark)) y=(bottom + 16) { (super::trend::mark(mark, definition.unit, lang)) }
                }
                @for (line, nth) in lines.iter().zip(0_i64..) { (bar(line, 10 + nth * ROW, scale, &pattern, lang)) }
            }
            (legend(&entries))
        }
    }
}

fn bar(line: &Line<'_>, y: i64, scale: Scale, pattern: &str, lang: Language) -> Markup {
    let height = ROW - 10;
    html! {
        text class="end" x=(LEFT - 8) y=(y + 15) { (words::member(&BANDS, &line.observation.band, lang)) }
        @match line.tenths() {
            Some(tenths) => {
                rect class="rest" x=(LEFT) y=(y) width=(WIDTH) height=(height) {}
                rect class=(if line.observation.band == TOTAL { "bar total" } else { "bar" }) x=(LEFT) y=(y) width=(scale.at(tenths)) height=(height) {}
            }
            None => { (super::bureaus::missing(line, (LEFT, y), (WIDTH, height), pattern)) }
        }
        text x=(LEFT + WIDTH + 8) y=(y + 15) { (printed(line, lang)) }
    }
}

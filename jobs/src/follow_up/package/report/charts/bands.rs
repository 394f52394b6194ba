//! Rank bands by sex: the share of women in each band, and of men as the rest.

use super::{BAR, LEFT, LENGTH, ROW, Scale, WIDTH, axis, heading, label, legend, withheld_mark};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        words::{self, BANDS, Language, text},
    },
    release::{DefinitionLine, IndicatorUnit},
};
use entity::indicator_value::TOTAL;
use maud::{Markup, html};

/// One chart for each indicator of women's share that is told by band; nothing where there is none.
pub(in super::super) fn charts(content: &Content<'_>, lang: Language) -> Option<Markup> {
    let told: Vec<(&DefinitionLine, Vec<&Line<'_>>)> = content
        .release
        .definitions
        .iter()
        .map(|definition| (definition, lines(content, definition)))
        .filter(|(_, lines)| lines.iter().any(|line| line.observation.band != TOTAL))
        .collect();
    (!told.is_empty()).then(|| {
        html! { div class="charts" {
            @for (nth, (definition, lines)) in told.iter().enumerate() { (chart(definition, lines, &format!("{}-bands-{nth}", lang.tag()), lang)) }
        } }
    })
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
    let scale = Scale { step: 200, top: 1_000, length: LENGTH };
    let pattern = format!("{id}-hatch");
    let bottom = 4 + lines.iter().fold(0, |sum, _| sum + ROW);
    let words: Vec<String> =
        lines.iter().map(|line| format!("{}: {}", words::member(&BANDS, &line.observation.band, lang), line.printed(lang))).collect();
    let date = lines.first().map(|line| words::span(line.observation.date_from, Some(line.observation.date_to), lang));
    let mut entries = vec![
        (html! { rect class="bar" width="28" height="12" {} }, lang.say(text("女性", "women")).to_owned()),
        (html! { rect class="rest" width="28" height="12" {} }, lang.say(text("男性", "men")).to_owned()),
    ];
    entries.extend(super::withheld(lines, &pattern, lang));
    html! {
        figure {
            figcaption { (name) span class="quiet" { (date.unwrap_or_default()) } }
            svg viewBox={ "0 0 " (WIDTH) " " (bottom + 22) } role="img" aria-labelledby={ (id) "-title " (id) "-desc" } data-indicator=(definition.indicator) {
                title id={ (id) "-title" } { (name) }
                desc id={ (id) "-desc" } { (words.join(", ")) }
                (super::hatch(&pattern))
                (axis(scale, definition, (4, bottom), lang))
                @for (line, nth) in lines.iter().zip(0_i64..) { (row(line, 4 + nth * ROW, scale, &pattern, lang)) }
            }
            (legend(&entries))
        }
    }
}

fn row(line: &Line<'_>, y: i64, scale: Scale, pattern: &str, lang: Language) -> Markup {
    let total = line.observation.band == TOTAL;
    let at = y + 18;
    html! {
        g data-band=(line.observation.band) class=[total.then_some("strong")] {
            (heading(words::member(&BANDS, &line.observation.band, lang), line, y + 13, lang))
            @match line.tenths() {
                Some(tenths) => {
                    rect class="rest" x=(LEFT) y=(at) width=(LENGTH) height=(BAR) {}
                    rect class=(if total { "bar total" } else { "bar" }) x=(LEFT) y=(at) width=(scale.at(tenths)) height=(BAR) {}
                }
                None => { (withheld_mark(line, at, pattern)) }
            }
            (label(line, at, lang))
        }
    }
}

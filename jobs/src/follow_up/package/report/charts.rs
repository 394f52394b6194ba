//! Charts as SVG in the page, each with the table that says the same.
//!
//! Every coordinate is a whole number that follows from the printed value with its one digit, and from dates; what is withheld has a mark of
//! one size and no length. Drawings are as wide as a narrow screen, so that their words can be read there. Each row and point names its member
//! or year (`data-…`) for machines that read the page. Deliberately absent: font measuring, colour as the only sign, and scripts.

mod bands;
mod bureaus;
mod trend;

pub(super) use bands::charts as bands;
pub(super) use bureaus::charts as bureaus;
pub(super) use trend::charts as trend;

use super::{counts, target_value};
use crate::follow_up::{
    package::{
        content::{Content, Line, tenths},
        tables::target_rows,
        words::{self, Language, text},
    },
    release::{DefinitionLine, IndicatorUnit, Status, TargetLine},
};
use entity::{quotient, target::TargetPopulation};
use maud::{Markup, html};

/// How wide a drawing is.
const WIDTH: i64 = 400;
/// Where bars begin.
const LEFT: i64 = 6;
/// How long a whole bar is; values stand after it.
const LENGTH: i64 = 300;
/// The mark of what is withheld.
const MARK: i64 = 14;
/// How high a bar is.
const BAR: i64 = 12;
/// How high a row is: its words, then its bar.
const ROW: i64 = 36;
/// The largest value from which whole percentages end at 100.
const NEARLY_ALL: i64 = 800;

/// The indicators that have a target, each once, with all of its targets.
fn targeted<'a>(content: &Content<'a>) -> Vec<(&'a DefinitionLine, Vec<&'a TargetLine>)> {
    let mut all: Vec<(&DefinitionLine, Vec<&TargetLine>)> = Vec::new();
    for (target, definition) in target_rows(content) {
        match all.iter_mut().find(|(known, _)| known.indicator == definition.indicator) {
            Some((_, targets)) => targets.push(target),
            None => all.push((definition, vec![target])),
        }
    }
    all
}

/// A target's printed value in tenths.
fn target_tenths(target: &TargetLine, definition: &DefinitionLine) -> Option<i64> {
    tenths(&quotient::quotient(target.value.0, target.value.1, definition.unit == IndicatorUnit::Percent)?)
}

/// A target in words, for a legend.
fn target_name(target: &TargetLine, definition: &DefinitionLine, lang: Language) -> String {
    let value = target_value(target, definition, lang);
    match (target.population == TargetPopulation::Government, lang) {
        (true, Language::Ja) => format!("政府目標（参考）{value}"),
        (true, Language::En) => format!("government's target, for reference: {value}"),
        (false, Language::Ja) => format!("目標{value}"),
        (false, Language::En) => format!("target {value}"),
    }
}

/// A linear scale from zero to a round number, both in tenths, over whole units of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scale {
    /// The distance of marks.
    step: i64,
    /// The last mark.
    top: i64,
    /// What the last mark measures in the drawing.
    length: i64,
}

impl Scale {
    /// The smallest of at most five steps that holds the largest value; whole percentages end at 100 where they come near.
    fn over(largest: i64, length: i64) -> Self {
        let largest = largest.max(1);
        let mut step = 10;
        let mut factors = [2, 5, 10].iter().cycle();
        let mut base = 10;
        while step * 5 < largest {
            let factor = factors.next().copied().unwrap_or(10);
            step = base * factor;
            if factor == 10 {
                base = step;
            }
        }
        Self { step, top: (largest + step - 1) / step * step, length }
    }

    /// The scale of an indicator's values: percentages that come near 100 end there.
    fn of(unit: IndicatorUnit, largest: i64, length: i64) -> Self {
        let is_nearly_all = unit == IndicatorUnit::Percent && (NEARLY_ALL..=1_000).contains(&largest);
        Self::over(if is_nearly_all { 1_000 } else { largest }, length)
    }

    /// Where a value lies, from zero.
    fn at(self, tenths: i64) -> i64 {
        (tenths.clamp(0, self.top) * self.length + self.top / 2) / self.top
    }

    /// The marks, from zero.
    fn marks(self) -> impl Iterator<Item = i64> {
        (0..=self.top / self.step).map(move |nth| nth * self.step)
    }
}

/// A mark in words.
fn mark(tenths: i64, unit: IndicatorUnit, lang: Language) -> String {
    words::with_unit(&counts::grouped(tenths / 10), unit, lang)
}

/// The axis of bars, its unit at the last mark alone: its marks from the top to the bottom of the rows.
fn axis(scale: Scale, definition: &DefinitionLine, (top, bottom): (i64, i64), lang: Language) -> Markup {
    html! {
        @for tenths in scale.marks() {
            line class=(if tenths == 0 { "axis" } else { "rule" }) x1=(LEFT + scale.at(tenths)) x2=(LEFT + scale.at(tenths)) y1=(top) y2=(bottom) {}
            text class=(if tenths == 0 { "quiet mark" } else { "quiet mark middle" }) x=(if tenths == 0 { 0 } else { LEFT + scale.at(tenths) }) y=(bottom + 16)
                data-at=(LEFT + scale.at(tenths)) {
                @if tenths == scale.top { (mark(tenths, definition.unit, lang)) } @else { (counts::grouped(tenths / 10)) }
            }
        }
    }
}

/// A row's words: its name, and how many stand behind it.
fn heading(name: &str, line: &Line<'_>, y: i64, lang: Language) -> Markup {
    html! {
        text class="name" x=(LEFT) y=(y) { (name) }
        @if let Some(count) = counts::of_line(line, lang) { text class="quiet count end" x=(WIDTH - 2) y=(y) { (count) } }
    }
}

/// A row's value, in a column of its own that no bar and no target crosses.
fn label(line: &Line<'_>, y: i64, lang: Language) -> Markup {
    html! { text class="value" x=(LEFT + LENGTH + 10) y=(y + 11) { (line.printed(lang)) } }
}

/// The mark of a value that is withheld, of one size, where its bar would begin; nothing where there is no value.
fn withheld_mark(line: &Line<'_>, y: i64, pattern: &str) -> Markup {
    html! {
        @if line.observation.status == Status::Withheld {
            rect class="withheld" x=(LEFT) y=(y) width=(MARK) height=(BAR) fill={ "url(#" (pattern) ")" } {}
        }
    }
}

/// The legend's line for what is withheld, where something is.
fn withheld(lines: &[&Line<'_>], pattern: &str, lang: Language) -> Option<(Markup, String)> {
    lines.iter().any(|line| line.observation.status == Status::Withheld).then(|| {
        let sample = html! { rect class="withheld" x="7" width=(MARK) height=(BAR) fill={ "url(#" (pattern) ")" } {} };
        (sample, lang.say(text("x 秘匿（長さに意味はない）", "x withheld (its length means nothing)")).to_owned())
    })
}

/// The lines of a legend: a sample and its name each; nothing where there are none.
fn legend(entries: &[(Markup, String)]) -> Markup {
    html! {
        @if !entries.is_empty() { ul class="legend" { @for (sample, name) in entries { li {
            svg viewBox="0 0 28 12" aria-hidden="true" { (sample) }
            span { (name) }
        } } } }
    }
}

/// The hatching of what is withheld.
fn hatch(id: &str) -> Markup {
    html! {
        defs { pattern id=(id) width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
            line class="hatch" x1="0" y1="0" x2="0" y2="5" {}
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        let top = |largest| Scale::over(largest, 100).top;
        assert_eq!([300, 571, 924, 1_000, 1_052, 149, 49, 0].map(top), [300, 600, 1_000, 1_000, 1_500, 150, 50, 10]);
        assert_eq!(top(38_000), 40_000);
        assert!(Scale::over(1_052, 100).marks().count() <= 6);
        assert_eq!(Scale::of(IndicatorUnit::Percent, 810, 100).top, 1_000);
    }

    #[test]
    fn values_with_the_same_printed_digit_lie_at_the_same_place() {
        let scale = Scale::over(1_000, 400);
        assert_eq!([0, 500, 1_000, 2_000, -5].map(|tenths| scale.at(tenths)), [0, 200, 400, 400, 0]);
    }
}

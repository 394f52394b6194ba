//! Charts as SVG in the page, each with the table that says the same.
//!
//! Every coordinate is a whole number that follows from the printed value with its one digit; what is withheld has no coordinate of its own.
//! Deliberately absent: font measuring, colour as the only sign, and scripts.

mod bands;
mod bureaus;
mod trend;

use super::{reference, section, target_value};
use crate::follow_up::{
    package::{
        content::{Content, Line, tenths},
        former::tables::target_rows,
        former::words::{Language, text},
    },
    release::{DefinitionLine, IndicatorUnit, Status, TargetLine},
};
use entity::quotient;
use maud::{Markup, html};

/// All charts in their sections.
pub(super) fn all(content: &Content<'_>, lang: Language) -> Markup {
    html! {
        (section(lang, "trend", text("目標のある指標の推移", "Trend of indicators that have a target"), &trend::charts(content, lang)))
        (section(lang, "bands", text("役職段階別の女性の割合", "Women by rank band"), &bands::charts(content, lang)))
        (section(lang, "bureaus", text("部局別の状況", "Bureaus side by side"), &bureaus::charts(content, lang)))
    }
}

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
    let name = lang.say(text("目標", "target"));
    match reference(target, lang) {
        Some(reference) => format!("{name} {value} ({reference})"),
        None => format!("{name} {value}"),
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

    /// Where a value lies, from zero.
    fn at(self, tenths: i64) -> i64 {
        (tenths.clamp(0, self.top) * self.length + self.top / 2) / self.top
    }

    /// The marks, from zero.
    fn marks(self) -> impl Iterator<Item = i64> {
        (0..=self.top / self.step).map(move |nth| nth * self.step)
    }
}

/// The legend's line for what is withheld, where something is.
fn withheld(lines: &[&Line<'_>], pattern: &str, lang: Language) -> Option<(Markup, String)> {
    lines.iter().any(|line| line.observation.status == Status::Withheld).then(|| {
        let sample = html! { rect class="track" width="28" height="12" {} rect width="28" height="12" fill={ "url(#" (pattern) ")" } {} };
        (sample, lang.say(text("x 秘匿", "x withheld")).to_owned())
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
        defs { pattern id=(id) width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
            line class="hatch" x1="0" y1="0" x2="0" y2="7" {}
        } }
    }
}

//! The office's figure over time against its target: each point lies at the last day of which its figure speaks.

use super::{Scale, WIDTH, counts, legend, mark, target_name, target_tenths, targeted};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        report::pane,
        words::{self, Language, text},
    },
    release::{DefinitionLine, TargetLine},
};
use chrono::{Datelike, NaiveDate};
use entity::target::TargetPopulation;
use maud::{Markup, html};
use std::collections::BTreeMap;

const LEFT: i64 = 48;
const RIGHT: i64 = 394;
const TOP: i64 = 26;
const BOTTOM: i64 = 178;
/// A value's words are so high.
const WORDS: i64 = 13;

/// One chart for each indicator, then the table; nothing where there is no target.
pub(in super::super) fn charts(content: &Content<'_>, lang: Language) -> Option<Markup> {
    let all = targeted(content);
    let drawn: Vec<Drawn<'_, '_>> = all.iter().filter_map(|(definition, targets)| Drawn::of(content, definition, targets)).collect();
    (!drawn.is_empty()).then(|| {
        html! {
            p class="quiet" { (lang.say(text(
                "点は、各値の対象期間の末日又は時点に置いた。",
                "Each point lies at the day of its figure, or at the end of the span of which it speaks.",
            ))) }
            div class="charts" {
                @for (nth, drawn) in drawn.iter().enumerate() { (drawn.chart(&format!("{}-trend-{nth}", lang.tag()), lang)) }
            }
            (table(&drawn, lang))
        }
    })
}

/// An indicator with its office's figures by fiscal year, and how they are drawn.
struct Drawn<'c, 'a> {
    definition: &'a DefinitionLine,
    targets: &'c [&'a TargetLine],
    years: BTreeMap<i32, &'c Line<'a>>,
    scale: Scale,
    /// The days that the time axis spans, whole calendar years.
    days: (NaiveDate, NaiveDate),
}

impl<'c, 'a> Drawn<'c, 'a> {
    /// Nothing where the indicator has no figure at all.
    fn of(content: &'c Content<'a>, definition: &'a DefinitionLine, targets: &'c [&'a TargetLine]) -> Option<Self> {
        let mut years = BTreeMap::new();
        let of = content.this_year().iter().chain(content.earlier());
        for line in of.filter(|line| line.observation.indicator == definition.indicator && line.observation.is_office_total()) {
            years.entry(line.observation.fiscal_year).or_insert(line);
        }
        let dates = || years.values().map(|line| line.observation.date_to);
        let (first, last) = (dates().min()?, dates().max()?);
        let days = (NaiveDate::from_ymd_opt(first.year(), 1, 1)?, NaiveDate::from_ymd_opt(last.year() + 1, 1, 1)?);
        let values = years.values().filter_map(|line| line.tenths());
        let largest = values.chain(targets.iter().filter_map(|target| target_tenths(target, definition))).max().unwrap_or(1);
        let scale = Scale::of(definition.unit, largest, BOTTOM - TOP);
        Some(Self { definition, targets, years, scale, days })
    }

    /// Where a day lies.
    fn x(&self, day: NaiveDate) -> i64 {
        let (first, end) = self.days;
        let day = day.clamp(first, end);
        LEFT + (day - first).num_days() * (RIGHT - LEFT) / (end - first).num_days().max(1)
    }

    fn y(&self, tenths: i64) -> i64 {
        BOTTOM - self.scale.at(tenths)
    }

    fn chart(&self, id: &str, lang: Language) -> Markup {
        let name = lang.of(&self.definition.name);
        let said: Vec<String> = self.years.values().map(|line| format!("{}: {}", date(line, lang), line.printed(lang))).collect();
        let mut entries = vec![(
            html! { line class="series" x1="0" y1="6" x2="28" y2="6" {} circle class="dot" cx="14" cy="6" r="4" {} },
            office_name(lang),
        )];
        entries.extend(self.targets.iter().map(|target| {
            (html! { line class=(line_class(target)) x1="0" y1="6" x2="28" y2="6" {} }, target_name(target, self.definition, lang))
        }));
        html! {
            figure {
                figcaption { (name) }
                svg viewBox={ "0 0 " (WIDTH) " 206" } role="img" aria-labelledby={ (id) "-title " (id) "-desc" } data-indicator=(self.definition.indicator) {
                    title id={ (id) "-title" } { (name) }
                    desc id={ (id) "-desc" } { (said.join(", ")) }
                    @for tenths in self.scale.marks() {
                        line class=(if tenths == 0 { "axis" } else { "rule" }) x1=(LEFT) x2=(RIGHT) y1=(self.y(tenths)) y2=(self.y(tenths)) {}
                        text class="quiet mark end" x=(LEFT - 6) y=(self.y(tenths) + 4) data-at=(self.y(tenths)) { (mark(tenths, self.definition.unit, lang)) }
                    }
                    (self.calendar(lang))
                    @for target in self.targets { (self.target_line(target)) }
                    @for run in self.runs() { polyline class="series" points=(run) {} }
                    @for (year, line) in &self.years { (self.point(*year, line, lang)) }
                }
                (legend(&entries))
            }
        }
    }

    /// The calendar years of the time axis: a mark at each first of January, the year between two.
    fn calendar(&self, lang: Language) -> Markup {
        let years: Vec<i32> = (self.days.0.year()..self.days.1.year()).collect();
        let january = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1).map_or(RIGHT, |day| self.x(day));
        // Words of four digits need so much room.
        let every = if years.len() > 8 { 2 } else { 1 };
        html! {
            @for (nth, year) in years.iter().enumerate() {
                line class="axis" x1=(january(*year)) x2=(january(*year)) y1=(BOTTOM) y2=(BOTTOM + 5) {}
                @if nth % every == 0 {
                    text class="quiet calendar middle" x=(i64::midpoint(january(*year), january(*year + 1))) y=(BOTTOM + 19) {
                        (year) @if nth == 0 { (lang.say(text("年", ""))) }
                    }
                }
            }
            line class="axis" x1=(RIGHT) x2=(RIGHT) y1=(BOTTOM) y2=(BOTTOM + 5) {}
        }
    }

    /// A target over the days of the chart on which it was in force.
    fn target_line(&self, target: &TargetLine) -> Markup {
        let last = target.last_day.unwrap_or(self.days.1);
        let y = target_tenths(target, self.definition).map(|tenths| self.y(tenths));
        html! {
            @if let Some(y) = y { @if target.valid_from < self.days.1 && last > self.days.0 {
                line class=(line_class(target)) x1=(self.x(target.valid_from)) x2=(self.x(last)) y1=(y) y2=(y) {}
            } }
        }
    }

    /// Points of years that follow each other and have a value: a line is drawn through no gap.
    fn runs(&self) -> Vec<String> {
        let mut runs: Vec<Vec<(i32, String)>> = Vec::new();
        for (year, line, tenths) in self.years.iter().filter_map(|(year, line)| Some((*year, line, line.tenths()?))) {
            let point = (year, format!("{},{}", self.x(line.observation.date_to), self.y(tenths)));
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(|(before, _)| before + 1 == year) => run.push(point),
                _ => runs.push(vec![point]),
            }
        }
        runs.into_iter().map(|run| run.into_iter().map(|(_, point)| point).collect::<Vec<_>>().join(" ")).collect()
    }

    /// A point with its value, or what stands in its place, on the axis.
    fn point(&self, year: i32, line: &Line<'_>, lang: Language) -> Markup {
        let x = self.x(line.observation.date_to);
        let anchor = if x > RIGHT - 24 { "value halo end" } else { "value halo middle" };
        let at = if x > RIGHT - 24 { RIGHT + 4 } else { x };
        html! {
            @match line.tenths() {
                Some(tenths) => {
                    circle class="dot" cx=(x) cy=(self.y(tenths)) r="4.5" data-year=(year) {}
                    text class=(anchor) x=(at) y=(self.words_at(self.y(tenths))) data-year=(year) { (line.printed(lang)) }
                }
                None => { text class=(anchor) x=(at) y=(BOTTOM - 8) data-year=(year) { (line.printed(lang)) } }
            }
        }
    }

    /// Where the words of a point stand: above it, or below where a target's line would run through them.
    fn words_at(&self, y: i64) -> i64 {
        let crossed = |base: i64| {
            self.targets.iter().filter_map(|target| target_tenths(target, self.definition)).any(|tenths| {
                let line = self.y(tenths);
                line > base - WORDS && line < base + 3
            })
        };
        let (above, below) = (y - 9, y + 9 + WORDS);
        if crossed(above) && !crossed(below) && below < BOTTOM - 2 { below } else { above }
    }
}

fn date(line: &Line<'_>, lang: Language) -> String {
    words::span(line.observation.date_from, Some(line.observation.date_to), lang)
}

fn office_name(lang: Language) -> String {
    lang.say(text("組織全体", "whole office")).to_owned()
}

fn line_class(target: &TargetLine) -> &'static str {
    match target.population {
        TargetPopulation::Office | TargetPopulation::Bureau | TargetPopulation::Unit => "target",
        TargetPopulation::Government => "target reference",
    }
}

/// The values of all charts.
fn table(all: &[Drawn<'_, '_>], lang: Language) -> Markup {
    let mut years: Vec<i32> = all.iter().flat_map(|drawn| drawn.years.keys().copied()).collect();
    years.sort_unstable();
    years.dedup();
    let cell = |line: &Line<'_>| {
        html! {
            (line.printed(lang))
            @if let Some(count) = counts::of_line(line, lang) { div class="quiet" { (count) } }
            div class="quiet day" { (date(line, lang)) }
        }
    };
    let caption = text("組織全体の値の推移（フォローアップの対象年度別）", "The office's figures by the fiscal year that is followed up");
    let inner = html! {
        thead { tr {
            th scope="col" { (lang.say(text("指標", "Indicator"))) }
            @for year in &years { th scope="col" class="n" { (year) (lang.say(text("年度", ""))) } }
        } }
        tbody { @for drawn in all { tr {
            th scope="row" { (lang.of(&drawn.definition.name)) }
            @for year in &years { td class="n" { @match drawn.years.get(year) { Some(line) => { (cell(line)) } None => { "…" } } } }
        } } }
    };
    pane(lang, "trend", lang.say(caption), true, &inner)
}

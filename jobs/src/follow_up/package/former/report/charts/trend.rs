//! The office's figure over fiscal years against its target.

use super::{Scale, legend, target_name, target_tenths, targeted};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        former::words::{self, Language, printed, text, with_unit},
    },
    release::{DefinitionLine, IndicatorUnit, TargetLine},
};
use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};
use std::collections::BTreeMap;

const LEFT: i64 = 44;
const RIGHT: i64 = 396;
const TOP: i64 = 24;
const BOTTOM: i64 = 176;

/// One chart for each indicator, then the table.
pub(super) fn charts(content: &Content<'_>, lang: Language) -> Markup {
    let all = targeted(content);
    html! {
        div class="charts" {
            @for (nth, (definition, targets)) in all.iter().enumerate() {
                (chart(definition, targets, &office(content, definition), &format!("{}-trend-{nth}", lang.tag()), lang))
            }
        }
        (table(content, &all, lang))
    }
}

/// The office's figure by fiscal year.
fn office<'c, 'a>(content: &'c Content<'a>, definition: &DefinitionLine) -> BTreeMap<i32, &'c Line<'a>> {
    let of = content.this_year().iter().chain(content.earlier());
    let mut years = BTreeMap::new();
    for line in of.filter(|line| line.observation.indicator == definition.indicator && line.observation.is_office_total()) {
        years.entry(line.observation.fiscal_year).or_insert(line);
    }
    years
}

fn chart(definition: &DefinitionLine, targets: &[&TargetLine], years: &BTreeMap<i32, &Line<'_>>, id: &str, lang: Language) -> Markup {
    let name = lang.of(&definition.name);
    let (Some(first), Some(last)) = (years.keys().next().copied(), years.keys().next_back().copied()) else {
        return html! { figure { figcaption { (name) span class="quiet" { (lang.say(text("表示できる値はない。", "There is nothing to show."))) } } } };
    };
    let values = years.values().filter_map(|line| line.tenths());
    let largest = values.chain(targets.iter().filter_map(|target| target_tenths(target, definition))).max().unwrap_or(1);
    let scale = Scale::over(largest, BOTTOM - TOP);
    let count = i64::from(last - first);
    let x =
        |year: i32| if count == 0 { i64::midpoint(LEFT, RIGHT) } else { LEFT + 26 + i64::from(year - first) * (RIGHT - LEFT - 52) / count };
    let words: Vec<String> = years.iter().map(|(year, line)| format!("{year}: {}", printed(line, lang))).collect();
    let mut entries =
        vec![(html! { line class="series" x1="0" y1="6" x2="28" y2="6" {} circle class="dot" cx="14" cy="6" r="4" {} }, office_name(lang))];
    entries.extend(
        targets.iter().map(|target| {
            (html! { line class=(line_class(target)) x1="0" y1="6" x2="28" y2="6" {} }, target_name(target, definition, lang))
        }),
    );
    html! {
        figure {
            figcaption { (name) span class="quiet" { (unit(definition.unit, lang)) } }
            svg viewBox="0 0 400 204" role="img" aria-labelledby={ (id) "-title " (id) "-desc" } {
                title id={ (id) "-title" } { (name) }
                desc id={ (id) "-desc" } { (words.join(", ")) }
                @for mark in scale.marks() {
                    line class=(if mark == 0 { "axis" } else { "rule" }) x1=(LEFT) x2=(RIGHT) y1=(BOTTOM - scale.at(mark)) y2=(BOTTOM - scale.at(mark)) {}
                    text class="quiet end" x=(LEFT - 6) y=(BOTTOM - scale.at(mark) + 4) { (mark / 10) }
                }
                @for year in first..=last { text class="middle" x=(x(year)) y=(BOTTOM + 18) { (year) } }
                @for target in targets { (target_line(target, definition, scale, (first, last), &x)) }
                @for run in runs(years) { polyline class="series" points=(points(&run, scale, &x)) {} }
                @for (year, line) in years { (point(line, scale, x(*year), lang)) }
            }
            (legend(&entries))
        }
    }
}

fn office_name(lang: Language) -> String {
    lang.say(text("組織全体", "whole office")).to_owned()
}

/// The unit, in brackets.
fn unit(unit: IndicatorUnit, lang: Language) -> String {
    format!("{}: {}", lang.say(text("単位", "Unit")), lang.say(words::unit(unit).name))
}

fn line_class(target: &TargetLine) -> &'static str {
    match target.population {
        entity::target::TargetPopulation::Office | entity::target::TargetPopulation::Bureau | entity::target::TargetPopulation::Unit => {
            "target"
        }
        entity::target::TargetPopulation::Government => "target reference",
    }
}

/// A target over the fiscal years of the chart in which it was in force.
fn target_line(
    target: &TargetLine,
    definition: &DefinitionLine,
    scale: Scale,
    (first, last): (i32, i32),
    x: &impl Fn(i32) -> i64,
) -> Markup {
    let from = fiscal_year(target.valid_from).max(first);
    let to = target.last_day.map_or(last, fiscal_year).min(last);
    let y = target_tenths(target, definition).map(|tenths| BOTTOM - scale.at(tenths));
    html! {
        @if let Some(y) = y { @if from <= to { line class=(line_class(target)) x1=(x(from) - 22) x2=(x(to) + 22) y1=(y) y2=(y) {} } }
    }
}

fn fiscal_year(day: NaiveDate) -> i32 {
    if day.month() < 4 { day.year() - 1 } else { day.year() }
}

/// Years that follow each other and have a value: a line is drawn through no gap.
fn runs(years: &BTreeMap<i32, &Line<'_>>) -> Vec<Vec<(i32, i64)>> {
    let mut runs: Vec<Vec<(i32, i64)>> = Vec::new();
    for (year, tenths) in years.iter().filter_map(|(year, line)| Some((*year, line.tenths()?))) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(before, _)| before + 1 == year) => run.push((year, tenths)),
            _ => runs.push(vec![(year, tenths)]),
        }
    }
    runs
}

fn points(run: &[(i32, i64)], scale: Scale, x: &impl Fn(i32) -> i64) -> String {
    run.iter().map(|(year, tenths)| format!("{},{}", x(*year), BOTTOM - scale.at(*tenths))).collect::<Vec<_>>().join(" ")
}

/// A point with its value, or what stands in its place, on the axis.
fn point(line: &Line<'_>, scale: Scale, x: i64, lang: Language) -> Markup {
    html! {
        @match line.tenths() {
            Some(tenths) => {
                circle class="dot" cx=(x) cy=(BOTTOM - scale.at(tenths)) r="4.5" {}
                text class="middle halo" x=(x) y=(BOTTOM - scale.at(tenths) - 9) { (printed(line, lang)) }
            }
            None => { text class="middle quiet halo" x=(x) y=(BOTTOM - 8) { (printed(line, lang)) } }
        }
    }
}

/// The values of all charts.
fn table(content: &Content<'_>, all: &[(&DefinitionLine, Vec<&TargetLine>)], lang: Language) -> Markup {
    let series: Vec<_> = all.iter().map(|(definition, _)| (*definition, office(content, definition))).collect();
    let mut years: Vec<i32> = series.iter().flat_map(|(_, years)| years.keys().copied()).collect();
    years.sort_unstable();
    years.dedup();
    html! {
        div class="wide" tabindex="0" { table {
            caption { (lang.say(text("組織全体の値の推移(対象年度、西暦)", "The office's figures by the fiscal year that is followed up"))) }
            thead { tr {
                th scope="col" { (lang.say(text("指標", "Indicator"))) }
                @for year in &years { th scope="col" class="n" { (year) } }
            } }
            tbody { @for (definition, known) in &series { tr {
                th scope="row" { (lang.of(&definition.name)) }
                @for year in &years { td class="n" { @match known.get(year) { Some(line) => { (printed(line, lang)) } None => { "…" } } } }
            } } }
        } }
    }
}

/// A mark in words, for other charts.
pub(super) fn mark(tenths: i64, unit: IndicatorUnit, lang: Language) -> String {
    with_unit(&(tenths / 10).to_string(), unit, lang)
}

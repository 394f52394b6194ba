//! Figures against targets: one row a target of the office, with the year before, the value when it was set and the government's target.

use super::{counts, pane, target_value};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        tables::target_rows,
        words::{self, Language, text},
    },
    release::{DefinitionLine, GovernmentLine, IndicatorUnit, Point, TargetLine},
};
use entity::quotient;
use entity::target::TargetPopulation;
use maud::{Markup, html};

/// What a row of the table is about: a target of the office, or an indicator of which there is the government's alone.
struct Row<'a> {
    definition: &'a DefinitionLine,
    own: Option<&'a TargetLine>,
    government: Vec<&'a TargetLine>,
}

impl<'a> Row<'a> {
    /// Whichever target tells the latest value.
    fn any(&self) -> Option<&'a TargetLine> {
        self.own.or_else(|| self.government.first().copied())
    }
}

fn rows<'a>(content: &Content<'a>) -> Vec<Row<'a>> {
    let is_own = |target: &TargetLine| target.population == TargetPopulation::Office;
    let government = |code: &str| -> Vec<&'a TargetLine> {
        target_rows(content).map(|(target, _)| target).filter(|target| target.indicator == code && !is_own(target)).collect()
    };
    let mut rows: Vec<Row<'a>> = Vec::new();
    for (target, definition) in target_rows(content) {
        if is_own(target) {
            rows.push(Row { definition, own: Some(target), government: government(&target.indicator) });
        } else if !target_rows(content).any(|(other, _)| is_own(other) && other.indicator == target.indicator)
            && !rows.iter().any(|row| row.definition.indicator == target.indicator)
        {
            rows.push(Row { definition, own: None, government: government(&target.indicator) });
        }
    }
    rows
}

/// The table of all targets; nothing where none was in force.
pub(super) fn targets(content: &Content<'_>, lang: Language) -> Option<Markup> {
    let rows = rows(content);
    if rows.is_empty() {
        return None;
    }
    let say = |ja, en| lang.say(text(ja, en));
    let has_baseline = rows.iter().any(|row| row.any().is_some_and(|target| target.baseline.is_some()));
    let is_told = |row: &Row<'_>| figure_of(content, &row.definition.indicator).is_some();
    let has_figure = rows.iter().any(is_told);
    let has_government = has_figure || rows.iter().any(|row| !row.government.is_empty());
    let table = html! {
        thead { tr {
            th scope="col" { (say("項目", "Item")) }
            th scope="col" { (say("数値目標（期限又は期間）", "Target (date or span)")) }
            th scope="col" { (say("最新値（時点）", "Latest value (date)")) }
            th scope="col" { (say("前年度の値（時点）", "Value of the year before (date)")) }
            @if has_baseline { th scope="col" { (say("目標設定時の値（時点）", "Value when it was set (date)")) } }
            th scope="col" { (say("達成状況", "Met")) }
            th scope="col" class="n" { (say("不足人数", "Gap in people")) }
            @if has_figure { th scope="col" { (say("政府全体の目標及び値（参考）", "Government's target and figure (reference)")) } }
            @else if has_government { th scope="col" { (say("政府目標（参考）", "Government's target (reference)")) } }
        } }
        tbody { @for row in &rows { (cells(content, row, (has_baseline, has_government), lang)) } }
    };
    Some(html! {
        (pane(lang, "targets", say("数値目標に対する状況", "Targets, and how the office stands to them"), true, &table))
        p class="quiet" { @if content.asks_for_less() { (say(
            "不足人数は、目標の達成にあと何人必要であったか（低い方が望ましい指標では、目標を何人超えたか）という過去についての計算であり、採用等の指示ではない。政府目標は参考として示し、達成状況を示さない。",
            "The gap says how many more people would have met the target, or how many fewer where less is better: arithmetic about the past, and \
             no instruction whom to hire. \
             The government's targets are shown for reference, without attainment.",
        )) } @else { (say(
            "不足人数は、目標の達成にあと何人必要であったかという過去についての計算であり、採用等の指示ではない。政府目標は参考として示し、達成状況を示さない。",
            "The gap says how many more people would have met the target: arithmetic about the past, and no instruction whom to hire. \
             The government's targets are shown for reference, without attainment.",
        )) } }
    })
}

fn cells(content: &Content<'_>, row: &Row<'_>, (has_baseline, has_government): (bool, bool), lang: Language) -> Markup {
    let Row { definition, own, government } = row;
    let before = content.year_before(&definition.indicator);
    html! {
        tr {
            th scope="row" {
                (lang.of(&definition.name))
                @if let Some(note) = own.and_then(|target| target.note.as_ref()) {
                    div class="quiet" { (lang.say(text("※", "Note: "))) (lang.of(note)) }
                }
            }
            td { @match own { Some(target) => { (aim(target, definition, lang)) } None => { "–" } } }
            td { @if let Some(target) = row.any() { (now(content, target, definition, lang)) } }
            td { @match before { Some(line) => { (past(line, lang)) } None => { "–" } } }
            @if has_baseline { td {
                @match row.any().and_then(|target| target.baseline.as_ref()) {
                    Some(point) => { (point_cell(point, definition, lang)) }
                    None => { "–" }
                }
            } }
            td class="met" { (own.and_then(|target| met(target, lang)).unwrap_or("–")) }
            td class="n" { @match own.and_then(gap) { Some(gap) => { (counts::grouped(gap)) } None => { "–" } } }
            @if has_government { td {
                @let figure = figure_of(content, &definition.indicator);
                @if government.is_empty() && figure.is_none() { "–" }
                @for target in government { (aim(target, definition, lang)) }
                @if let Some(figure) = figure { (of_government(content, figure, definition, lang)) }
            } }
        }
    }
}

fn aim(target: &TargetLine, definition: &DefinitionLine, lang: Language) -> Markup {
    html! { (target_value(target, definition, lang)) div class="quiet" { (words::span(target.valid_from, target.last_day, lang)) } }
}

/// The whole government's figure.
fn figure_of<'a>(content: &Content<'a>, indicator: &str) -> Option<&'a GovernmentLine> {
    content.release.government.iter().find(|figure| figure.indicator == indicator)
}

fn of_government(content: &Content<'_>, figure: &GovernmentLine, definition: &DefinitionLine, lang: Language) -> Markup {
    let value = content.government_value(figure).map(|value| words::with_unit(&value, definition.unit, lang)).unwrap_or_default();
    html! {
        div { (lang.say(text("政府全体の値：", "Figure: "))) (value) }
        div class="quiet day" { (words::span(figure.date_from, Some(figure.date_to), lang)) }
        div class="quiet" { (lang.of(&figure.source)) }
    }
}

fn now(content: &Content<'_>, target: &TargetLine, definition: &DefinitionLine, lang: Language) -> Markup {
    let count = target.latest.as_ref().and_then(|point| counts::of_point(definition, point, lang));
    html! {
        (latest(content, target, definition, lang))
        @if let Some(count) = count { div class="quiet" { (count) } }
        div class="quiet day" { (latest_day(content, target, lang)) }
    }
}

fn past(line: &Line<'_>, lang: Language) -> Markup {
    html! {
        (line.printed(lang))
        @if let Some(count) = counts::of_line(line, lang) { div class="quiet" { (count) } }
        div class="quiet day" { (words::span(line.observation.date_from, Some(line.observation.date_to), lang)) }
    }
}

fn point_cell(point: &Point, definition: &DefinitionLine, lang: Language) -> Markup {
    html! {
        (value(point, definition, lang))
        @if let Some(count) = counts::of_point(definition, point, lang) { div class="quiet" { (count) } }
        div class="quiet day" { (day(point, lang)) }
    }
}

fn value(point: &Point, definition: &DefinitionLine, lang: Language) -> String {
    quotient::quotient(point.numerator, point.denominator, definition.unit == IndicatorUnit::Percent)
        .map_or_else(String::new, |value| words::with_unit(&value, definition.unit, lang))
}

fn day(point: &Point, lang: Language) -> String {
    words::span(point.date_from, Some(point.date_to), lang)
}

/// The latest value with its symbol, or what stands in its place.
pub(super) fn latest(content: &Content<'_>, target: &TargetLine, definition: &DefinitionLine, lang: Language) -> String {
    let status = content.latest_status(target);
    match (&target.latest, content.office_line(&target.indicator)) {
        (Some(point), _) => format!("{} {}", value(point, definition, lang), status.symbol()).trim_end().to_owned(),
        (None, Some(line)) if line.value.is_none() => line.printed(lang),
        (None, _) => status.symbol().to_owned(),
    }
}

pub(super) fn latest_day(content: &Content<'_>, target: &TargetLine, lang: Language) -> String {
    match (&target.latest, content.office_line(&target.indicator)) {
        (Some(point), _) => day(point, lang),
        (None, Some(line)) => words::span(line.observation.date_from, Some(line.observation.date_to), lang),
        (None, None) => String::new(),
    }
}

/// Whether the office's own target is met; none for others'.
pub(super) fn met(target: &TargetLine, lang: Language) -> Option<&'static str> {
    let met = target.attained.filter(|_| target.population == TargetPopulation::Office)?;
    Some(lang.say(if met { text("○ 達成", "○ met") } else { text("△ 未達成", "△ not met") }))
}

fn gap(target: &TargetLine) -> Option<i64> {
    target.gap_in_people.filter(|_| target.population == TargetPopulation::Office)
}

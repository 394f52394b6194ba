//! Headline figures against targets.

use super::{reference, section, target_value};
use crate::{
    follow_up::{
        package::{
            content::Content,
            former::tables::target_rows,
            former::words::{self, Language, printed, text},
        },
        release::{DefinitionLine, IndicatorUnit, Point, TargetLine},
    },
    indicators::Text,
};
use entity::quotient;
use entity::target::TargetPopulation;
use maud::{Markup, html};

const TITLE: Text = text("数値目標の達成状況", "Figures against targets");

/// Cards for the office's own targets, then the table of all.
pub(super) fn headline(content: &Content<'_>, lang: Language) -> Markup {
    let own = || target_rows(content).filter(|(target, _)| target.population == TargetPopulation::Office);
    let inner = html! {
        @if own().next().is_some() {
            ul class="cards" { @for (target, definition) in own() { (card(content, target, definition, lang)) } }
        }
        (table(content, lang))
    };
    section(lang, "targets", TITLE, &inner)
}

fn card(content: &Content<'_>, target: &TargetLine, definition: &DefinitionLine, lang: Language) -> Markup {
    html! {
        li {
            span class="name" { (lang.of(&definition.name)) }
            span class="number" { (latest(content, target, definition, lang)) }
            span class="aside" { (latest_day(content, target, lang)) }
            span class="aside" { (lang.say(text("目標 ", "Target: "))) (target_value(target, definition, lang)) }
            @if let Some(met) = met(target, lang) { span class="met" { (met) } }
        }
    }
}

fn table(content: &Content<'_>, lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    html! {
        div class="wide" tabindex="0" { table {
            caption { (say("数値目標、最新値及び目標設定時の値", "Targets, latest values and values when they were set")) }
            thead { tr {
                th scope="col" { (say("項目", "Item")) }
                th scope="col" { (say("数値目標(期限又は期間)", "Target (date or span)")) }
                th scope="col" { (say("最新値(時点)", "Latest value (date)")) }
                th scope="col" { (say("目標設定時の値(時点)", "Value when it was set (date)")) }
                th scope="col" { (say("達成状況", "Met")) }
                th scope="col" class="n" { (say("不足人数", "Gap in people")) }
            } }
            tbody { @for (target, definition) in target_rows(content) { (row(content, target, definition, lang)) } }
        } }
        p class="quiet" { @if content.asks_for_less() { (say(
            "不足人数は、目標の達成にあと何人必要であったか(低い方が望ましい指標では、目標を何人超えたか)という過去についての計算であり、採用等の指示ではない。政府目標は参考として示し、達成状況を示さない。",
            "The gap says how many more people would have met the target, or how many fewer where less is better: arithmetic about the past, and \
             no instruction whom to hire. \
             The government's targets are shown for reference, without attainment.",
        )) } @else { (say(
            "不足人数は、目標の達成にあと何人必要であったかという過去についての計算であり、採用等の指示ではない。政府目標は参考として示し、達成状況を示さない。",
            "The gap says how many more people would have met the target: arithmetic about the past, and no instruction whom to hire. \
             The government's targets are shown for reference, without attainment.",
        )) } }
    }
}

fn row(content: &Content<'_>, target: &TargetLine, definition: &DefinitionLine, lang: Language) -> Markup {
    html! {
        tr {
            th scope="row" {
                (lang.of(&definition.name))
                @if let Some(note) = &target.note { div class="quiet" { (lang.say(text("※ ", "Note: "))) (lang.of(note)) } }
            }
            td {
                (target_value(target, definition, lang))
                div class="quiet" { (words::span(target.valid_from, target.last_day, lang)) }
                @if let Some(reference) = reference(target, lang) { div class="quiet" { (reference) } }
            }
            td { (latest(content, target, definition, lang)) div class="quiet day" { (latest_day(content, target, lang)) } }
            td {
                @match &target.baseline {
                    Some(point) => { (value(point, definition, lang)) div class="quiet day" { (day(point, lang)) } }
                    None => { "–" }
                }
            }
            td class="met" { (met(target, lang).unwrap_or("–")) }
            td class="n" { @match gap(target) { Some(gap) => { (gap) } None => { "–" } } }
        }
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
        (None, Some(line)) if line.value.is_none() => printed(line, lang),
        (None, _) => status.symbol().to_owned(),
    }
}

fn latest_day(content: &Content<'_>, target: &TargetLine, lang: Language) -> String {
    match (&target.latest, content.office_line(&target.indicator)) {
        (Some(point), _) => day(point, lang),
        (None, Some(line)) => words::span(line.observation.date_from, Some(line.observation.date_to), lang),
        (None, None) => String::new(),
    }
}

/// Whether the office's own target is met; none for others'.
fn met(target: &TargetLine, lang: Language) -> Option<&'static str> {
    let met = target.attained.filter(|_| target.population == TargetPopulation::Office)?;
    Some(lang.say(if met { text("○ 達成", "○ met") } else { text("△ 未達成", "△ not met") }))
}

fn gap(target: &TargetLine) -> Option<i64> {
    target.gap_in_people.filter(|_| target.population == TargetPopulation::Office)
}

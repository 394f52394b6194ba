//! 概要: what the year was, in sentences that are made from the printed figures, then the office's own targets as cards.
//!
//! Deliberately absent: any number that is printed nowhere else, and a status in a number's place.

use super::{counts, figures, target_value};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        tables::target_rows,
        words::{self, Language, text},
    },
    release::{DefinitionLine, Direction, Status, TargetLine},
};
use entity::target::TargetPopulation;
use maud::{Markup, html};

type Row<'a> = (&'a TargetLine, &'a DefinitionLine);

pub(super) fn summary(content: &Content<'_>, lang: Language) -> Markup {
    let own: Vec<Row<'_>> = target_rows(content).filter(|(target, _)| target.population == TargetPopulation::Office).collect();
    html! {
        section class="summary" aria-labelledby="summary" {
            h2 id="summary" { (lang.say(text("概要", "Summary"))) }
            p { (attainment(&own, lang)) (lang.say(text("", " "))) (left(content, &own, lang)) (lang.say(text("", " "))) (movement(content, &own, lang)) }
            (attained(content, &own, lang))
            @if !own.is_empty() { ul class="cards" { @for (target, definition) in &own { (card(content, target, definition, lang)) } } }
        }
    }
}

/// How many targets were met.
fn attainment(own: &[Row<'_>], lang: Language) -> String {
    let of = |met: Option<bool>| own.iter().filter(|(target, _)| target.attained == met).count();
    let (met, missed, open) = (of(Some(true)), of(Some(false)), of(None));
    match lang {
        Language::Ja if own.is_empty() => "対象年度に適用される数値目標はない。".to_owned(),
        Language::Ja => {
            let open = match open {
                0 => "ある".to_owned(),
                open => format!("あり、{open}件は値を示せないため達成状況を示していない"),
            };
            format!("数値目標{}件のうち、{met}件を達成し、{missed}件は未達成で{open}。", own.len())
        }
        Language::En if own.is_empty() => "No target was in force.".to_owned(),
        Language::En => {
            let open = if open == 0 { String::new() } else { format!(", and of {open} nothing is told, for the figure cannot be shown") };
            format!("Of {} targets, {met} were met and {missed} were not{open}.", own.len())
        }
    }
}

/// Which of them were not met.
fn left(content: &Content<'_>, own: &[Row<'_>], lang: Language) -> String {
    let missed: Vec<String> =
        own.iter().filter(|(target, _)| target.attained == Some(false)).map(|row| against(content, *row, lang)).collect();
    match (missed.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Language::Ja) => format!("未達成の目標は、{}である。", missed.join("、")),
        (false, Language::En) => format!("Not met: {}.", missed.join("; ")),
    }
}

/// A figure against its target, in words.
fn against(content: &Content<'_>, (target, definition): Row<'_>, lang: Language) -> String {
    let (name, value) = (lang.of(&definition.name), figures::latest(content, target, definition, lang));
    let aim = target_value(target, definition, lang);
    match lang {
        Language::Ja => format!("「{name}」（{value}、目標{aim}）"),
        Language::En => format!("{name} ({value}; target {aim})"),
    }
}

/// Which way the figures with a target went since the year before, as they are printed.
fn movement(content: &Content<'_>, own: &[Row<'_>], lang: Language) -> String {
    let mut moved: Vec<(bool, i64, String)> = Vec::new();
    for (_, definition) in own {
        let pair = content.office_line(&definition.indicator).zip(content.year_before(&definition.indicator));
        let Some((now, before)) = pair else { continue };
        let (Some(is), Some(was)) = (now.tenths(), before.tenths()) else { continue };
        let better = match definition.direction {
            Direction::HigherIsBetter => is > was,
            Direction::LowerIsBetter => is < was,
            Direction::Neutral => continue,
        };
        if is != was && !moved.iter().any(|(.., told)| told.contains(lang.of(&definition.name))) {
            moved.push((better, (is - was).abs() * 1_000 / was.abs().max(1), change(definition, before, now, lang)));
        }
    }
    let best = moved.iter().filter(|(better, ..)| *better).max_by_key(|(_, share, _)| *share).map(|(.., told)| told.clone());
    let (better, worse) = (moved.iter().filter(|(better, ..)| *better).count(), moved.iter().filter(|(better, ..)| !*better).count());
    match (lang, best) {
        (_, None) if moved.is_empty() => String::new(),
        (Language::Ja, None) => format!("前年度の値と比べられる指標のうち、{worse}件が望ましくない方向に動いた。"),
        (Language::En, None) => format!("Of the figures with a target, {worse} went the wrong way since the year before."),
        (Language::Ja, Some(best)) if worse == 0 => {
            format!("前年度から値の動いた{better}件の指標は全て望ましい方向に動き、最も大きく改善したのは{best}である。")
        }
        (Language::En, Some(best)) if worse == 0 => {
            format!("Since the year before, all {better} figures that moved went the right way; the largest gain is {best}.")
        }
        (Language::Ja, Some(best)) => {
            format!("前年度と比べて、{better}件の指標が望ましい方向に、{worse}件が逆の方向に動き、最も大きく改善したのは{best}である。")
        }
        (Language::En, Some(best)) => {
            format!("Since the year before, {better} figures went the right way and {worse} the wrong one; the largest gain is {best}.")
        }
    }
}

fn change(definition: &DefinitionLine, before: &Line<'_>, now: &Line<'_>, lang: Language) -> String {
    let (name, was, is) = (lang.of(&definition.name), plain(before, lang), plain(now, lang));
    match lang {
        Language::Ja => format!("「{name}」（{was}から{is}）"),
        Language::En => format!("{name} ({was} to {is})"),
    }
}

/// A value without its symbol.
fn plain(line: &Line<'_>, lang: Language) -> String {
    line.value.as_ref().map(|value| words::with_unit(value, line.definition.unit, lang)).unwrap_or_default()
}

/// What was attained.
fn attained(content: &Content<'_>, own: &[Row<'_>], lang: Language) -> Markup {
    let met: Vec<&Row<'_>> = own.iter().filter(|(target, _)| target.attained == Some(true)).collect();
    html! {
        @if !met.is_empty() {
            p class="attained" { strong { (lang.say(text("達成した数値目標", "Targets that were met"))) } }
            ul { @for row in met { li { (against(content, *row, lang)) } } }
        }
    }
}

fn card(content: &Content<'_>, target: &TargetLine, definition: &DefinitionLine, lang: Language) -> Markup {
    let line = content.office_line(&target.indicator);
    let is_number = target.latest.is_some() || line.is_some_and(|line| line.value.is_some());
    html! {
        li {
            span class="name" { (lang.of(&definition.name)) }
            @if is_number {
                span class="number" { (figures::latest(content, target, definition, lang)) }
                @if let Some(count) = target.latest.as_ref().and_then(|point| counts::of_point(definition, point, lang)) {
                    span class="aside" { (count) }
                }
            } @else {
                span class="status" { (status(content, target, line, lang)) }
            }
            span class="aside" { (figures::latest_day(content, target, lang)) }
            span class="aside" { (lang.say(text("目標 ", "Target: "))) (target_value(target, definition, lang)) }
            @if let Some(met) = figures::met(target, lang) { span class="met" { (met) } }
        }
    }
}

/// Why there is no value, in words.
fn status(content: &Content<'_>, target: &TargetLine, line: Option<&Line<'_>>, lang: Language) -> String {
    match line {
        Some(line) if line.observation.status == Status::NoSubjects => words::instead(line.observation, lang).to_owned(),
        _ => lang.say(words::status(content.latest_status(target)).name).to_owned(),
    }
}

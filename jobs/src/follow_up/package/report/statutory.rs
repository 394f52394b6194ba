//! The items that the Act on women's participation has published, of the whole office: a row an item, by sex, then by band, then by month.

use super::{counts, pane};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        words::{self, BANDS, Language, SEXES, Word, text},
    },
    release::DefinitionLine,
};
use chrono::NaiveDate;
use entity::indicator_value::TOTAL;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Nothing where the Act has none of the release's figures published.
pub(super) fn items(content: &Content<'_>, lang: Language) -> Option<Markup> {
    let all: Vec<&DefinitionLine> = content.release.definitions.iter().filter(|definition| definition.statutory).collect();
    if !all.iter().any(|definition| find(content, definition, TOTAL, TOTAL).is_some()) {
        return None;
    }
    let by_band: Vec<&DefinitionLine> =
        all.iter().copied().filter(|definition| bands().any(|band| find(content, definition, TOTAL, band.code).is_some())).collect();
    Some(html! {
        (by_sex(content, &all, lang))
        @if !by_band.is_empty() { (of_bands(content, &by_band, lang)) }
        @if let Some(months) = of_months(content, &all, lang) { (months) }
    })
}

/// The bands, highest first.
fn bands() -> impl Iterator<Item = &'static Word> {
    BANDS.iter().rev().filter(|band| band.code != TOTAL)
}

/// The office's figure of a sex and band.
fn find<'c, 'a>(content: &'c Content<'a>, definition: &DefinitionLine, sex: &str, band: &str) -> Option<&'c Line<'a>> {
    content.this_year().iter().find(|line| {
        let it = line.observation;
        it.indicator == definition.indicator && it.bureau == TOTAL && it.sex == sex && it.band == band
    })
}

fn by_sex(content: &Content<'_>, all: &[&DefinitionLine], lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    let sexes: Vec<&Word> = SEXES
        .iter()
        .filter(|sex| sex.code != TOTAL && all.iter().any(|definition| find(content, definition, sex.code, TOTAL).is_some()))
        .collect();
    let inner = html! {
        thead { tr {
            th scope="col" { (say("項目", "Item")) }
            th scope="col" class="n" { (say("全体", "Whole office")) }
            @for sex in &sexes { th scope="col" class="n" { (lang.say(sex.name)) } }
            th scope="col" { (say("時点", "Date")) }
        } }
        tbody { @for definition in all { tr {
            th scope="row" { (lang.of(&definition.name)) }
            td class="n" { (cell(find(content, definition, TOTAL, TOTAL), lang)) }
            @for sex in &sexes { td class="n" { (cell(find(content, definition, sex.code, TOTAL), lang)) } }
            td { @if let Some(line) = find(content, definition, TOTAL, TOTAL) {
                (words::span(line.observation.date_from, Some(line.observation.date_to), lang))
            } }
        } } }
    };
    pane(lang, "statutory", say("項目別の値（組織全体）", "Item by item (whole office)"), sexes.len() > 1, &inner)
}

fn of_bands(content: &Content<'_>, by_band: &[&DefinitionLine], lang: Language) -> Markup {
    let inner = html! {
        thead { tr {
            th scope="col" { (lang.say(text("項目", "Item"))) }
            @for band in bands() { th scope="col" class="n" { (lang.say(band.name)) } }
        } }
        tbody { @for definition in by_band { tr {
            th scope="row" { (lang.of(&definition.name)) }
            @for band in bands() { td class="n" { (cell(find(content, definition, TOTAL, band.code), lang)) } }
        } } }
    };
    pane(lang, "statutory-bands", lang.say(text("役職段階別の値（組織全体）", "By rank band (whole office)")), true, &inner)
}

/// Items by month: a row a month, a column an item; nothing where there are none.
fn of_months(content: &Content<'_>, all: &[&DefinitionLine], lang: Language) -> Option<Markup> {
    let of = |definition: &DefinitionLine, from: Option<NaiveDate>| {
        let is_of = move |line: &&Line<'_>| from.is_none_or(|from| line.observation.date_from == from);
        content.months().iter().filter(|line| line.observation.indicator == definition.indicator).find(is_of)
    };
    let by_month: Vec<&&DefinitionLine> = all.iter().filter(|definition| of(definition, None).is_some()).collect();
    let months: BTreeSet<NaiveDate> = content.months().iter().map(|line| line.observation.date_from).collect();
    let inner = html! {
        thead { tr {
            th scope="col" { (lang.say(text("月", "Month"))) }
            @for definition in &by_month { th scope="col" class="n" { (lang.of(&definition.name)) } }
        } }
        tbody { @for month in &months { tr {
            th scope="row" { (words::month(*month, lang)) }
            @for definition in &by_month { td class="n" { (cell(of(definition, Some(*month)), lang)) } }
        } } }
    };
    let caption = lang.say(text("月別の値（組織全体）", "By month (whole office)"));
    (!by_month.is_empty()).then(|| pane(lang, "statutory-months", caption, by_month.len() > 2, &inner))
}

fn cell(line: Option<&Line<'_>>, lang: Language) -> Markup {
    html! {
        @match line {
            Some(line) => { (line.printed(lang)) @if let Some(count) = counts::of_line(line, lang) { div class="quiet" { (count) } } }
            None => { "–" }
        }
    }
}

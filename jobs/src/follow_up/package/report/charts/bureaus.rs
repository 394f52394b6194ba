//! Bureaus side by side, groups of bureaus apart from them; a withheld figure has a hatched mark without length, and an x.

use super::{
    BAR, LEFT, LENGTH, ROW, Scale, WIDTH, axis, counts, heading, label, legend, target_name, target_tenths, targeted, withheld_mark,
};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        report::pane,
        words::{self, Language, text},
    },
    release::{DefinitionLine, TargetLine},
};
use entity::{indicator_value::TOTAL, target::TargetPopulation};
use maud::{Markup, html};
use std::collections::BTreeMap;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of a terminal that fit before the counts; a full-width character takes two.
const NAME: usize = 42;
/// So many indicators stand side by side in a table.
const ABREAST: usize = 5;
/// The room before the groups, for their heading.
const APART: i64 = 26;

/// An indicator that is told by bureau: its targets, the office's line with those of bureaus, and those of groups.
struct Told<'c, 'a> {
    definition: &'a DefinitionLine,
    targets: Vec<&'a TargetLine>,
    bureaus: Vec<&'c Line<'a>>,
    groups: Vec<&'c Line<'a>>,
}

/// One chart for each indicator that is told by bureau, with its targets where it has some, then the tables; nothing where there is none.
pub(in super::super) fn charts(content: &Content<'_>, lang: Language) -> Option<Markup> {
    let mut targets: BTreeMap<&str, Vec<&TargetLine>> =
        targeted(content).into_iter().map(|(definition, targets)| (definition.indicator.as_str(), targets)).collect();
    let told = |definition| Told {
        definition,
        targets: targets.remove(definition.indicator.as_str()).unwrap_or_default(),
        bureaus: lines(content, definition, false),
        groups: lines(content, definition, true),
    };
    let all: Vec<Told<'_, '_>> =
        content.release.definitions.iter().map(told).filter(|told| told.bureaus.len() + told.groups.len() > 1).collect();
    (!all.is_empty()).then(|| {
        html! {
            div class="charts" { @for (nth, told) in all.iter().enumerate() { (chart(content, told, &format!("{}-bureaus-{nth}", lang.tag()), lang)) } }
            @for of_groups in [false, true] { (tables(content, &all, of_groups, lang)) }
        }
    })
}

/// The lines of bureaus, the office's before them, or of groups, in the release's order.
fn lines<'c, 'a>(content: &'c Content<'a>, definition: &DefinitionLine, of_groups: bool) -> Vec<&'c Line<'a>> {
    let of = |code: &str| {
        content.this_year().iter().find(|line| {
            let it = line.observation;
            it.indicator == definition.indicator && it.bureau == code && it.sex == TOTAL && it.band == TOTAL
        })
    };
    let office = (!of_groups).then_some(TOTAL).into_iter();
    let members = content.release.bureaus.iter().filter(|bureau| bureau.members.is_empty() != of_groups);
    office.chain(members.map(|bureau| bureau.code.as_str())).filter_map(of).collect()
}

fn chart(content: &Content<'_>, told: &Told<'_, '_>, id: &str, lang: Language) -> Markup {
    let Told { definition, targets, bureaus, groups } = told;
    let name = lang.of(&definition.name);
    let own: Vec<&TargetLine> = targets.iter().copied().filter(|target| target.population == TargetPopulation::Office).collect();
    let all = || bureaus.iter().chain(groups).copied();
    let aims: Vec<i64> = own.iter().filter_map(|target| target_tenths(target, definition)).collect();
    let scale = Scale::of(definition.unit, all().filter_map(Line::tenths).chain(aims.iter().copied()).max().unwrap_or(1), LENGTH);
    let pattern = format!("{id}-hatch");
    let below = 4 + bureaus.iter().fold(0, |sum, _| sum + ROW);
    let first_group = below + APART;
    let bottom = if groups.is_empty() { below } else { groups.iter().fold(first_group, |sum, _| sum + ROW) };
    let said = |line: &Line<'_>| format!("{}: {}", content.bureau_name(&line.observation.bureau, lang), line.printed(lang));
    let drawing = Drawing { content, scale, aims: &aims, pattern: &pattern, lang };
    let date = bureaus.first().map(|line| words::span(line.observation.date_from, Some(line.observation.date_to), lang));
    html! {
        figure {
            figcaption { (name) span class="quiet" { (date.unwrap_or_default()) } }
            svg viewBox={ "0 0 " (WIDTH) " " (bottom + 22) } role="img" aria-labelledby={ (id) "-title " (id) "-desc" } data-indicator=(definition.indicator) {
                title id={ (id) "-title" } { (name) }
                desc id={ (id) "-desc" } { (all().map(said).collect::<Vec<_>>().join(", ")) }
                (super::hatch(&pattern))
                (axis(scale, definition, (4, bottom), lang))
                @for (line, nth) in bureaus.iter().zip(0_i64..) { (drawing.row(line, 4 + nth * ROW)) }
                @if !groups.is_empty() {
                    line class="axis" x1="0" x2=(WIDTH) y1=(below + 7) y2=(below + 7) {}
                    text class="quiet heading" x=(LEFT) y=(below + 22) { (lang.say(text("部局グループ", "Groups of bureaus"))) }
                }
                @for (line, nth) in groups.iter().zip(0_i64..) { (drawing.row(line, first_group + nth * ROW)) }
            }
            (legend(&entries(&all().collect::<Vec<_>>(), &own, (definition, &pattern), lang)))
        }
    }
}

fn entries(
    lines: &[&Line<'_>],
    own: &[&TargetLine],
    (definition, pattern): (&DefinitionLine, &str),
    lang: Language,
) -> Vec<(Markup, String)> {
    let mut entries: Vec<_> = super::withheld(lines, pattern, lang).into_iter().collect();
    entries.extend(own.iter().map(|target| {
        (
            html! { line class="target" x1="0" y1="6" x2="28" y2="6" {} },
            target_name(target, definition, lang) + lang.say(text("（組織全体）", " (whole office)")),
        )
    }));
    entries
}

/// What all rows of a chart share.
struct Drawing<'d, 'a> {
    content: &'d Content<'a>,
    scale: Scale,
    /// The office's targets, in tenths.
    aims: &'d [i64],
    pattern: &'d str,
    lang: Language,
}

impl Drawing<'_, '_> {
    fn row(&self, line: &Line<'_>, y: i64) -> Markup {
        let name = self.content.bureau_name(&line.observation.bureau, self.lang);
        let total = line.observation.bureau == TOTAL;
        let at = y + 18;
        html! {
            g data-bureau=(line.observation.bureau) class=[total.then_some("strong")] {
                title { (name) }
                (heading(&fitted(name), line, y + 13, self.lang))
                @match line.tenths() {
                    Some(tenths) => { rect class=(if total { "bar total" } else { "bar" }) x=(LEFT) y=(at) width=(self.scale.at(tenths)) height=(BAR) {} }
                    None => { (withheld_mark(line, at, self.pattern)) }
                }
                // Beside the bar alone, so that it crosses no words.
                @for x in self.aims.iter().map(|tenths| LEFT + self.scale.at(*tenths)) {
                    line class="under" x1=(x) x2=(x) y1=(at - 2) y2=(at + BAR + 2) {}
                    line class="target" x1=(x) x2=(x) y1=(at - 2) y2=(at + BAR + 2) {}
                }
                (label(line, at, self.lang))
            }
        }
    }
}

/// A name that fits before the counts: its beginning and its end, for names often differ there alone.
fn fitted(name: &str) -> String {
    fn fit(characters: impl Iterator<Item = char>, mut room: usize) -> Vec<char> {
        characters
            .take_while(|c| {
                let width = c.width().unwrap_or(0);
                let fits = width <= room;
                room = room.saturating_sub(width);
                fits
            })
            .collect()
    }
    if name.width() <= NAME {
        return name.to_owned();
    }
    let head: String = fit(name.chars(), NAME / 2 - 2).into_iter().collect();
    let tail: String = fit(name.chars().rev(), NAME / 2).into_iter().rev().collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// Bureaus, or groups of them, by indicators, so many to a table as a page holds; nothing where none is told by these.
fn tables(content: &Content<'_>, all: &[Told<'_, '_>], of_groups: bool, lang: Language) -> Markup {
    let of = |told: &Told<'_, '_>| if of_groups { told.groups.len() } else { told.bureaus.len().saturating_sub(1) };
    let all: Vec<&Told<'_, '_>> = all.iter().filter(|told| of(told) > 0).collect();
    html! { @for (nth, some) in all.chunks(ABREAST).enumerate() { (table(content, some, (of_groups, nth + 1, all.len().div_ceil(ABREAST)), lang)) } }
}

fn table(content: &Content<'_>, all: &[&Told<'_, '_>], (of_groups, nth, count): (bool, usize, usize), lang: Language) -> Markup {
    let find = |told: &Told<'_, '_>, code: &str| {
        told.bureaus.iter().chain(&told.groups).find(|line| line.observation.bureau == code).map(|line| figure(line, lang))
    };
    let members = content.release.bureaus.iter().filter(|bureau| bureau.members.is_empty() != of_groups).map(|bureau| bureau.code.as_str());
    let members: Vec<&str> =
        std::iter::once(TOTAL).chain(members).filter(|code| all.iter().any(|told| find(told, code).is_some())).collect();
    let (id, caption, head) = if of_groups {
        ("groups", text("部局グループ別の値", "Figures by group of bureaus"), text("部局グループ", "Group"))
    } else {
        ("bureaus", text("部局別の値", "Figures by bureau"), text("部局", "Bureau"))
    };
    let inner = html! {
        thead { tr {
            th scope="col" { (lang.say(head)) }
            @for told in all { th scope="col" class="name n" { (lang.of(&told.definition.name)) } }
        } }
        tbody { @for member in members { tr {
            th scope="row" { (content.bureau_name(member, lang)) }
            @for told in all { td class="n" { (find(told, member).unwrap_or_default()) } }
        } } }
    };
    let caption = match (count, lang) {
        (1, _) => lang.say(caption).to_owned(),
        (_, Language::Ja) => format!("{}（{nth}／{count}）", lang.say(caption)),
        (_, Language::En) => format!("{} ({nth} of {count})", lang.say(caption)),
    };
    pane(lang, &format!("{id}-{nth}"), &caption, true, &inner)
}

/// A value with how many stand behind it.
fn figure(line: &Line<'_>, lang: Language) -> Markup {
    html! { (line.printed(lang)) @if let Some(count) = counts::of_line(line, lang) { div class="quiet" { (count) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_their_ends() {
        assert_eq!(fitted("内閣人事局"), "内閣人事局");
        let [domestic, foreign] =
            ["Domestic", "Foreign"].map(|whose| fitted(&format!("Office of the Assistant Chief Cabinet Secretary for {whose} Affairs")));
        assert_ne!(domestic, foreign);
        assert!([&domestic, &foreign, &fitted(&"部".repeat(60))].iter().all(|name| name.width() <= NAME));
    }
}

//! What is handed in to the government's site (女性活躍推進法「見える化」サイト), in the form and the words of its lists.
//!
//! Everything follows from the release: its figures, targets, clauses and what was done; what belongs where is its own data. The month of
//! publication is left to whoever hands the lists in, for the day comes after the bytes are made.

use crate::follow_up::{
    package::{
        content::{Content, Line},
        report::target_value,
        table::{Column, Kind, Table, cell},
        tables::target_rows,
        words::{self, Language, text},
    },
    release::{ActionLine, DefinitionLine, IndicatorUnit, Point, Status, TargetLine},
    settings::{Shows, Site, SiteCell, SiteItem, SiteSection},
};
use entity::{
    finding::FindingCheck,
    quotient::{growth, quotient},
    target::TargetPopulation,
};
use std::collections::BTreeSet;

/// The list of targets.
pub(in crate::follow_up::package) const TARGETS: &str = "mieruka-targets.csv";
/// The list of published information.
pub(in crate::follow_up::package) const ITEMS: &str = "mieruka-items.csv";
/// What was done is told by so many actions,
const ACTIONS: usize = 2;
/// of so many characters each.
const LENGTH: usize = 100;

/// Both lists; none where the office hands in nothing.
pub(in crate::follow_up::package) fn tables(content: &Content<'_>) -> Vec<Table> {
    content.release.site.iter().flat_map(|site| [targets(content, site), items(content, site)]).collect()
}

fn targets(content: &Content<'_>, site: &Site) -> Table {
    let note = |ja, en| text(ja, en);
    let date = note("その期限、期間又は時点", "Its date or span");
    Table {
        path: TARGETS,
        says: text(
            "「見える化」サイトの「取組の実施状況」の様式による数値目標と取組。組織自らの目標に限り、政府全体の目標は含まない。取組は、目標と同じ取組計画の項目、その下位の項目、同じ区分の他の項目の順に、先に記された異なる2件（各100字以内）。",
            "Targets and what was done, as the form of the government's site asks for them: the office's own targets, and none of the government. \
             What was done is told by two different actions of at most 100 characters: those of the target's own clause first, then of the \
             clauses below it, then of the others of its section, each in the order of actions.csv.",
        ),
        key: &["区分", "番号"],
        columns: vec![
            Column::new("区分", Kind::Text, note("サイトの区分", "The site's section")).required(),
            Column::new("番号", Kind::Integer, note("区分の中の番号", "Number in its section")).required(),
            Column::new(
                "目標項目",
                Kind::Text,
                note("項目。数値目標のない区分では空", "What is to be attained; empty in a section without a target"),
            ),
            Column::new("数値目標", Kind::Text, note("目標値", "The target")),
            Column::new("数値目標（時期）", Kind::Text, date),
            Column::new(
                "最新値",
                Kind::Text,
                note("最新の値。示せない場合はその旨を示し、理由を備考に記す", "The latest value, or why there is none in a word"),
            ),
            Column::new("最新値（時期）", Kind::Text, date),
            Column::new("目標設定時最新値", Kind::Text, note("目標を定めた時の値", "The value when the target was set")),
            Column::new("目標設定時最新値（時期）", Kind::Text, date),
            Column::new("取組1", Kind::Text, note("実施した取組（100字以内）", "What was done, in at most 100 characters")),
            Column::new("取組2", Kind::Text, note("実施した取組（100字以内）", "What was done, in at most 100 characters")),
            Column::new("備考", Kind::Text, note("値についての注記", "What is to be said of the value")),
            Column::new("実施状況の公表年月", Kind::Text, of_publication()),
        ],
        rows: site.sections.iter().flat_map(|section| section_rows(content, site, section)).collect(),
    }
}

/// The day of publication comes after the bytes are made, and may be of a later month than the data.
const fn of_publication() -> crate::indicators::Text {
    text(
        "公表した年月。この資料の作成後に決まるため空とし、提出の際に記入する",
        "Year and month of publication: empty, for it comes after this file is made; whoever hands the list in enters it",
    )
}

fn section_rows(content: &Content<'_>, site: &Site, section: &SiteSection) -> Vec<Vec<String>> {
    let is_of = |target: &TargetLine| section_of(content, site, &target.clause).is_some_and(|of| of.code == section.code);
    let own: Vec<_> = target_rows(content).filter(|(it, _)| it.population == TargetPopulation::Office && is_of(it)).collect();
    let row = |number: usize, target: [String; 7], done: Vec<String>, note: String| {
        let [item, values @ ..] = target;
        let mut row = vec![heading(&section.code, &section.name), number.to_string(), item];
        row.extend(values);
        row.extend((0..ACTIONS).map(|nth| done.get(nth).cloned().unwrap_or_default()));
        row.extend([note, String::new()]);
        row
    };
    if own.is_empty() {
        let done = done(content, site, section, None);
        return if done.is_empty() { Vec::new() } else { vec![row(1, std::array::from_fn(|_| String::new()), done, String::new())] };
    }
    let told = |(nth, (target, definition)): (usize, &(&TargetLine, &DefinitionLine))| {
        let done = done(content, site, section, Some(&target.clause));
        row(nth + 1, target_cells(content, target, definition), done, target_note(content, target))
    };
    own.iter().enumerate().map(told).collect()
}

fn heading(code: &str, name: &str) -> String {
    format!("{code} {name}")
}

fn target_cells(content: &Content<'_>, target: &TargetLine, definition: &DefinitionLine) -> [String; 7] {
    let value = |point: &Point| {
        let value = quotient(point.numerator, point.denominator, definition.unit == IndicatorUnit::Percent);
        value.map_or_else(String::new, |value| words::with_unit(&value, definition.unit, Language::Ja))
    };
    let line = content.office_line(&target.indicator);
    let latest = match (&target.latest, line) {
        (Some(point), _) => value(point),
        (None, Some(line)) => instead(line),
        (None, None) => String::new(),
    };
    let span = |point: &Point| words::span(point.date_from, Some(point.date_to), Language::Ja);
    let of_latest = target.latest.as_ref().map(span);
    let of_line = || line.map(|line| words::span(line.observation.date_from, Some(line.observation.date_to), Language::Ja));
    [
        definition.name.ja.clone(),
        target_value(target, definition, Language::Ja),
        words::span(target.valid_from, target.last_day, Language::Ja),
        latest,
        cell(of_latest.or_else(of_line)),
        cell(target.baseline.as_ref().map(value)),
        cell(target.baseline.as_ref().map(span)),
    ]
}

fn target_note(content: &Content<'_>, target: &TargetLine) -> String {
    let status = why(content.latest_status(target));
    let partial = is_partial(content, &target.indicator).then_some(PARTIAL);
    let own = target.note.as_ref().map(|note| note.ja.as_str());
    status.into_iter().chain(partial).chain(own).collect()
}

/// The section of a clause of the release.
fn section_of<'s>(content: &Content<'_>, site: &'s Site, clause: &str) -> Option<&'s SiteSection> {
    let clauses = &content.release.clauses;
    let parent = |code: &str| clauses.iter().find(|line| line.code == code).and_then(|line| line.parent.as_deref());
    let own = clauses.iter().find(|line| line.code == clause)?;
    site.section_of(&own.code, parent)
}

/// What was done of a section: of a clause first, then of those below it, then of the others; the same text once.
fn done(content: &Content<'_>, site: &Site, section: &SiteSection, clause: Option<&str>) -> Vec<String> {
    let clauses = &content.release.clauses;
    let of_section: Vec<_> =
        clauses.iter().filter(|line| section_of(content, site, &line.code).is_some_and(|of| of.code == section.code)).collect();
    let parent = |code: &str| clauses.iter().find(|line| line.code == code).and_then(|line| line.parent.as_deref());
    let is_below = |code: &str| {
        let above = std::iter::successors(parent(code), |code| parent(code)).take(clauses.len());
        clause.is_some_and(|clause| above.into_iter().any(|above| above == clause))
    };
    let near = |code: &str| match code {
        code if Some(code) == clause => 0,
        code if is_below(code) => 1,
        _ => 2,
    };
    let mut found: Vec<_> = of_section.into_iter().flat_map(|line| line.actions.iter().map(|action| (near(&line.code), action))).collect();
    found.sort_by_key(|(near, _)| *near);
    let mut seen = BTreeSet::new();
    found.into_iter().map(|(_, action)| shortened(action)).filter(|text| seen.insert(text.clone())).take(ACTIONS).collect()
}

fn shortened(action: &ActionLine) -> String {
    if action.text.chars().count() <= LENGTH {
        return action.text.clone();
    }
    action.text.chars().take(LENGTH - 1).chain(['…']).collect()
}

fn items(content: &Content<'_>, site: &Site) -> Table {
    Table {
        path: ITEMS,
        says: text(
            "「見える化」サイトの「情報公表項目」の様式による組織全体の値。公表しない項目は、数値を空とし、備考に理由を記す。",
            "The office's figures by the items of the government's site. An item that is not published has no value, and its remarks say why.",
        ),
        key: &["番号", "区分"],
        columns: vec![
            Column::new("番号", Kind::Text, text("項目の番号", "The item's mark")).required(),
            Column::new("情報公表項目", Kind::Text, text("項目", "The item")).required(),
            Column::new("区分", Kind::Text, text("項目の中の欄", "The item's column")).required(),
            Column::new("数値", Kind::Text, text("数値。示せない場合はその旨", "The value, or why there is none in a word")),
            Column::new("単位", Kind::Text, text("数値の単位", "Unit of the value")),
            Column::new("備考（数値の時点等）", Kind::Text, text("数値の時点及び注記", "Its date, and what is to be said of it")),
            Column::new("情報公表年月", Kind::Text, of_publication()),
        ],
        rows: site.items.iter().flat_map(|item| item_rows(content, item)).collect(),
    }
}

fn item_rows(content: &Content<'_>, item: &SiteItem) -> Vec<Vec<String>> {
    let row = |name: &str, value: String, unit: &str, note: String| {
        let [code, heading, name, unit] = [item.code.as_str(), item.name.as_str(), name, unit].map(str::to_owned);
        vec![code, heading, name, value, unit, note, String::new()]
    };
    let note = item.note.as_deref().unwrap_or_default();
    if item.cells.is_empty() {
        return vec![row("—", String::new(), "", note.to_owned())];
    }
    let of = |it: &SiteCell| {
        let lines: Vec<&Line<'_>> = match it.shows {
            Shows::Months => content.months().iter().filter(|line| line.observation.indicator == it.indicator).collect(),
            Shows::Value | Shows::Women | Shows::Men => content.office_line(&it.indicator).into_iter().collect(),
        };
        let told = |line: &Line<'_>| {
            let name = if it.shows == Shows::Months { words::month(line.observation.date_from, Language::Ja) } else { it.name.clone() };
            let unit = if it.shows.is_count() { "人" } else { words::unit(line.definition.unit).name.ja };
            row(&name, shown(it.shows, line), unit, [note, &item_note(content, it, line)].concat())
        };
        if lines.is_empty() && it.shows != Shows::Months {
            return vec![row(&it.name, String::new(), "", [note, it.note.as_deref().unwrap_or_default()].concat())];
        }
        lines.into_iter().map(told).collect::<Vec<_>>()
    };
    item.cells.iter().flat_map(of).collect()
}

fn shown(shows: Shows, line: &Line<'_>) -> String {
    let Some(value) = &line.value else { return instead(line) };
    let quotient = line.observation.quotient();
    match (shows, quotient) {
        (Shows::Women, Some((women, _))) => women.to_string(),
        (Shows::Men, Some((women, all))) => (all - women).to_string(),
        _ => value.clone(),
    }
}

/// What stands in a value's place, as the site takes it.
fn instead(line: &Line<'_>) -> String {
    match line.observation.status {
        Status::Withheld => "非公表".to_owned(),
        Status::Unknown => "不明".to_owned(),
        _ => words::instead(line.observation, Language::Ja).to_owned(),
    }
}

/// Records that tell of too few.
const PARTIAL: &str = "記録のある職員の割合が基準を下回る。";

/// What is to be said of a status, where it is not the usual one.
const fn why(status: Status) -> Option<&'static str> {
    match status {
        Status::Final | Status::NoSubjects => None,
        Status::Provisional => Some("速報値。"),
        Status::Revised => Some("改定値。"),
        Status::Withheld => Some("少人数に関わるため秘匿。"),
        Status::Unknown => Some("報告又は記録がないため不明。"),
    }
}

/// Whether its records cover too few of its people.
fn is_partial(content: &Content<'_>, indicator: &str) -> bool {
    let partial = FindingCheck::PartlyReported.as_text();
    content.release.findings.iter().any(|finding| finding.check == partial && finding.subject == indicator)
}

fn item_note(content: &Content<'_>, it: &SiteCell, line: &Line<'_>) -> String {
    let observation = line.observation;
    let day = words::span(observation.date_from, Some(observation.date_to), Language::Ja);
    let date = match it.shows {
        Shows::Months => String::new(),
        _ if observation.date_from == observation.date_to => format!("{day}現在。"),
        _ => format!("{day}。"),
    };
    let partial = if is_partial(content, &it.indicator) { PARTIAL } else { "" };
    let grown = if it.growth { grown(content, line) } else { None };
    let own = it.note.as_deref().unwrap_or_default();
    [date.as_str(), why(observation.status).unwrap_or_default(), partial, &grown.unwrap_or_default(), own].concat()
}

/// How the value grew since the year before, as it was published.
fn grown(content: &Content<'_>, line: &Line<'_>) -> Option<String> {
    let before = content.year_before(&line.observation.indicator)?;
    let percent = line.definition.unit == IndicatorUnit::Percent;
    let (difference, rate) = growth(before.observation.quotient()?, line.observation.quotient()?, percent)?;
    let was = words::with_unit(before.value.as_deref()?, line.definition.unit, Language::Ja);
    let signed = |number: &str| number.strip_prefix('-').map_or_else(|| format!("＋{number}"), |number| format!("－{number}"));
    let unit = if percent { "ポイント" } else { words::unit(line.definition.unit).name.ja };
    let rate = rate.map(|rate| format!("、伸び率{}%", signed(&rate))).unwrap_or_default();
    Some(format!("前年度{was}（{}{unit}{rate}）。", signed(&difference)))
}

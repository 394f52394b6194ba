//! Cross tables: bureaus by sex, and groups of bureaus by band, one value a cell; and the lists of the government's site, for who hands them
//! in from a spreadsheet. All of it stands in the observations as well.

use super::{Cell, Sheet};
use crate::follow_up::{
    package::{
        content::{Content, Line},
        table::Table,
        tables,
        words::{self, BANDS, Language, SEXES, Word},
    },
    release::{DefinitionLine, Observation, Status},
};
use entity::indicator_value::TOTAL;
use std::collections::BTreeSet;

/// The dimension beside the bureaus.
#[derive(Clone, Copy)]
struct Beside {
    name: &'static str,
    /// Its members in the order of the columns.
    members: &'static [Word],
    of: fn(&Observation) -> &str,
    other: fn(&Observation) -> &str,
    from_the_top: bool,
}

const SEX: Beside = Beside { name: "男女", members: &SEXES, of: |it| &it.sex, other: |it| &it.band, from_the_top: false };
const BAND: Beside = Beside { name: "役職段階", members: &BANDS, of: |it| &it.band, other: |it| &it.sex, from_the_top: true };

/// The width of a column of values in characters.
const VALUE: f64 = 13.0;

/// The sheets, by indicator in the release's order.
pub(super) fn all(content: &Content<'_>) -> Vec<Sheet> {
    let mut seen = BTreeSet::new();
    let definitions = content.release.definitions.iter().filter(|definition| seen.insert(definition.indicator.as_str()));
    let of = |definition: &DefinitionLine| {
        let women = definition.of_women.then(|| women(content, definition)).flatten();
        let crossed = [SEX, BAND].into_iter().filter_map(|beside| crossed(content, definition, beside));
        women.into_iter().chain(crossed).collect::<Vec<_>>()
    };
    definitions.flat_map(of).collect()
}

fn lines<'c, 'a>(content: &'c Content<'a>, definition: &DefinitionLine) -> Vec<&'c Line<'a>> {
    content.this_year().iter().filter(|line| line.observation.indicator == definition.indicator).collect()
}

/// Bureaus by the members of a dimension; none where no bureau is split by it.
fn crossed(content: &Content<'_>, definition: &DefinitionLine, beside: Beside) -> Option<Sheet> {
    let mut of_table = lines(content, definition);
    of_table.retain(|line| (beside.other)(line.observation) == TOTAL);
    let is_split = |line: &&Line<'_>| line.observation.bureau != TOTAL && (beside.of)(line.observation) != TOTAL;
    let split: BTreeSet<&str> = of_table.iter().copied().filter(is_split).map(|line| line.observation.bureau.as_str()).collect();
    if split.is_empty() {
        return None;
    }
    of_table.retain(|line| line.observation.bureau == TOTAL || split.contains(line.observation.bureau.as_str()));
    let there = |word: &&Word| of_table.iter().any(|line| (beside.of)(line.observation) == word.code);
    let mut members: Vec<&Word> = beside.members.iter().filter(there).collect();
    if beside.from_the_top {
        members.sort_by_key(|word| beside.members.iter().rev().position(|member| member.code == word.code && word.code != TOTAL));
    }
    let values = |bureau: &str| -> Vec<Cell> {
        let at = |word: &&Word| {
            let line = of_table.iter().find(|line| line.observation.bureau == bureau && (beside.of)(line.observation) == word.code);
            line.map_or(Cell::Empty, |line| value(line))
        };
        members.iter().map(at).collect()
    };
    let columns = members.iter().map(|word| (word.name.ja, VALUE)).collect();
    Some(sheet(content, (definition, &of_table), beside.name, (columns, &values)))
}

/// Women and men of each bureau, where the figure is the share of women by bureau.
fn women(content: &Content<'_>, definition: &DefinitionLine) -> Option<Sheet> {
    let mut of_table = lines(content, definition);
    of_table.retain(|line| line.observation.sex == TOTAL && line.observation.band == TOTAL);
    of_table.iter().find(|line| line.observation.bureau != TOTAL)?;
    let values = |bureau: &str| -> Vec<Cell> {
        let Some(line) = of_table.iter().find(|line| line.observation.bureau == bureau) else { return Vec::new() };
        let counts = match line.observation.quotient() {
            Some((women, all)) => [all, women, all - women].map(Cell::Whole),
            None => std::array::from_fn(|_| symbol(line)),
        };
        counts.into_iter().chain([value(line)]).collect()
    };
    let columns = ["合計（人）", "女性（人）", "男性（人）", "女性の割合（%）"].map(|name| (name, VALUE)).to_vec();
    Some(sheet(content, (definition, &of_table), SEX.name, (columns, &values)))
}

fn symbol(line: &Line<'_>) -> Cell {
    Cell::text(line.observation.status.symbol())
}

fn value(line: &Line<'_>) -> Cell {
    line.value.as_ref().map_or_else(|| symbol(line), |value| Cell::Value(value.clone()))
}

/// The headings of columns of values, and the cells of a bureau.
type Values<'v> = (Vec<(&'static str, f64)>, &'v dyn Fn(&str) -> Vec<Cell>);

fn sheet(content: &Content<'_>, (definition, lines): (&DefinitionLine, &[&Line<'_>]), beside: &str, (values, of): Values<'_>) -> Sheet {
    let mut bureaus: Vec<&str> = Vec::new();
    for line in lines {
        if !bureaus.contains(&line.observation.bureau.as_str()) {
            bureaus.push(&line.observation.bureau);
        }
    }
    let mut columns = vec![("部局コード", 14.0), ("部局", 36.0)];
    columns.extend(values);
    let row = |bureau: &&str| {
        let mut cells = vec![Cell::text(*bureau), Cell::text(content.bureau_name(bureau, Language::Ja))];
        cells.extend(of(bureau));
        cells
    };
    Sheet {
        tab: format!("部局×{beside} {}", definition.name.ja),
        title: format!("{}（部局×{beside}）", definition.name.ja),
        lines: notes(definition, lines),
        rows: bureaus.iter().map(row).collect(),
        columns,
    }
}

/// Unit, date, and what the symbols in the cells mean; a provisional or revised value bears none there.
fn notes(definition: &DefinitionLine, lines: &[&Line<'_>]) -> Vec<String> {
    let mut notes = vec![format!("単位：{}", words::unit(definition.unit).name.ja)];
    if let Some(it) = lines.first().map(|line| line.observation) {
        notes.push(format!("時点：{}", words::span(it.date_from, Some(it.date_to), Language::Ja)));
    }
    let has = |status: Status| lines.iter().any(|line| line.observation.status == status);
    for status in [Status::Withheld, Status::NoSubjects, Status::Unknown].into_iter().filter(|status| has(*status)) {
        notes.push(format!("{}：{}", status.symbol(), words::status_note(status).ja));
    }
    for status in [Status::Provisional, Status::Revised].into_iter().filter(|status| has(*status)) {
        notes.push(format!("{}を含む。指標の表の記号の欄に示す。", words::status(status).name.ja));
    }
    notes
}

/// The lists of the government's site, as its form has them.
pub(super) fn of_site(content: &Content<'_>) -> Vec<Sheet> {
    let tabs = ["見える化・数値目標", "見える化・情報公表項目"];
    let width = |name: &str| match name {
        "取組1" | "取組2" => 60.0,
        "番号" | "単位" | "数値" => 10.0,
        _ => 26.0,
    };
    let of = |(table, tab): (Table, &str)| Sheet {
        tab: tab.to_owned(),
        title: tab.to_owned(),
        lines: vec![table.says.ja.to_owned()],
        columns: table.columns.iter().map(|column| (column.name, width(column.name))).collect(),
        rows: table.rows.into_iter().map(|row| row.into_iter().map(Cell::text).collect()).collect(),
    };
    tables::of_site(content).into_iter().zip(tabs).map(of).collect()
}

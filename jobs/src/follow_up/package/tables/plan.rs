//! Targets and actions.

use crate::follow_up::{
    package::{
        content::Content,
        table::{Column, Kind, Table, cell},
        words::{self, Language, STATUSES, UNITS, text},
    },
    release::{ActionLine, ClauseLine, DefinitionLine, IndicatorUnit, Point, TargetLine},
};
use entity::quotient;
use entity::target::TargetPopulation;
use std::collections::BTreeMap;

/// Targets with their definitions, in the release's order.
pub(in crate::follow_up::package) fn target_rows<'a>(content: &Content<'a>) -> impl Iterator<Item = (&'a TargetLine, &'a DefinitionLine)> {
    content.release.targets.iter().filter_map(|target| Some((target, content.definition(&target.indicator, None)?)))
}

/// Targets in the form in which gender.go.jp prints them: item, target, latest value and value when it was set, each with its date.
pub(in crate::follow_up::package) fn targets(content: &Content<'_>) -> Table {
    Table {
        path: "targets.csv",
        says: text(
            "数値目標。項目、数値目標（期限又は期間）、最新値（時点）、目標設定時の値（時点）、達成状況。政府全体の目標は参考であり、達成状況を示さない。",
            "Targets: item, numeric target and its span, latest value and value when it was set, each with its date, and whether it is met. \
             A target of the whole government is a reference: attainment is not told.",
        ),
        key: &["indicator", "population", "decider", "target_from"],
        columns: target_columns(content.asks_for_less()),
        rows: target_rows(content).map(|(target, definition)| target_row(content, target, definition)).collect(),
    }
}

fn target_row(content: &Content<'_>, it: &TargetLine, definition: &DefinitionLine) -> Vec<String> {
    let percent = definition.unit == IndicatorUnit::Percent;
    let point = |point: &Option<Point>| match point {
        None => vec![String::new(); 5],
        Some(it) => vec![
            cell(quotient::quotient(it.numerator, it.denominator, percent)),
            it.numerator.to_string(),
            it.denominator.to_string(),
            it.date_from.to_string(),
            it.date_to.to_string(),
        ],
    };
    let bound = it.population == TargetPopulation::Office;
    let mut row = vec![
        it.indicator.clone(),
        definition.name.ja.clone(),
        definition.name.en.clone(),
        it.clause.clone(),
        words::population(it.population).code.to_owned(),
        words::decider(it.decider).code.to_owned(),
        words::qualifier(it.qualifier).code.to_owned(),
        cell(quotient::quotient(it.value.0, it.value.1, percent)),
        words::unit(definition.unit).code.to_owned(),
        it.valid_from.to_string(),
        cell(it.last_day),
        words::span(it.valid_from, it.last_day, Language::Ja),
    ];
    row.extend(point(&it.latest));
    row.push(words::status(content.latest_status(it)).code.to_owned());
    row.extend(point(&it.baseline));
    row.push(cell(it.attained.filter(|_| bound)));
    row.push(cell(it.gap_in_people.filter(|_| bound)));
    row.push(cell(it.note.as_ref().map(|note| &note.ja)));
    row.push(cell(it.note.as_ref().map(|note| &note.en)));
    row
}

fn target_columns(asks_for_less: bool) -> Vec<Column> {
    let of_qualifiers = if asks_for_less {
        "目標値の意味（以上、以下、程度、全員）"
    } else {
        "目標値の意味（以上、程度、全員）"
    };
    let of_gap = if asks_for_less {
        text(
            "目標までの人数。低い方が望ましい指標では、目標を超えた人数（過去についての計算であり、採用等の指示ではない）",
            "How many more people would have met it, or how many fewer where less is better: arithmetic about the past, no instruction whom to hire",
        )
    } else {
        text(
            "目標に足りなかった人数（過去についての計算であり、採用等の指示ではない）",
            "How many more people would have met it: arithmetic about the past, no instruction whom to hire",
        )
    };
    let mut columns = vec![
        Column::new("indicator", Kind::Code, text("指標のコード", "Code of the indicator")).required(),
        Column::new("item_ja", Kind::Text, text("項目（日本語）", "Item in Japanese")).required(),
        Column::new("item_en", Kind::Text, text("項目（英語）", "Item in English")).required(),
        Column::new("clause", Kind::Code, text("取組計画の項目", "The plan's clause")),
        Column::new("population", Kind::Code, text("目標の対象", "Whose figure it binds"))
            .required()
            .of_words(words::POPULATIONS.map(words::population)),
        Column::new("decider", Kind::Code, text("目標を定めたもの", "Who set it")).required().of_words(words::DECIDERS.map(words::decider)),
        Column::new("qualifier", Kind::Code, text(of_qualifiers, "How the value is meant"))
            .required()
            .of_words(words::qualifiers(asks_for_less)),
        Column::new("target_value", Kind::Number, text("数値目標", "The target")).required(),
        Column::new("unit", Kind::Code, text("単位", "Unit")).required().of_words(UNITS.map(words::unit)),
        Column::new("target_from", Kind::Date, text("目標の期間の初日", "First day in force")).required(),
        Column::new("target_to", Kind::Date, text("目標の期間の末日（定めのないときは空）", "Last day in force; empty while it lasts")),
        Column::new(
            "target_period_ja",
            Kind::Text,
            text("目標の期限又は期間（表記）", "The target's date or span, as Japanese tables print it"),
        )
        .required(),
    ];
    columns.extend(point_columns(
        ["latest_value", "latest_numerator", "latest_denominator", "latest_from", "latest_to"],
        text("最新値", "Latest value"),
    ));
    columns.push(
        Column::new("latest_status", Kind::Code, text("最新値の状態", "Status of the latest value"))
            .required()
            .of_words(STATUSES.map(words::status)),
    );
    columns.extend(point_columns(
        ["baseline_value", "baseline_numerator", "baseline_denominator", "baseline_from", "baseline_to"],
        text("目標設定時の値", "Value when the target was set"),
    ));
    columns.extend([
        Column::new(
            "attained",
            Kind::Boolean,
            text("達成したか（組織全体の目標に限る）", "Whether it is met; only for the office's own targets"),
        ),
        Column::new("gap_in_people", Kind::Integer, of_gap),
        Column::new("note_ja", Kind::Text, text("備考（日本語）", "Note in Japanese")),
        Column::new("note_en", Kind::Text, text("備考（英語）", "Note in English")),
    ]);
    columns
}

fn point_columns(names: [&'static str; 5], says: crate::indicators::Text) -> [Column; 5] {
    let [value, numerator, denominator, from, to] = names;
    [
        Column::new(value, Kind::Number, says),
        Column::new(numerator, Kind::Integer, text("その分子", "Its numerator")),
        Column::new(denominator, Kind::Integer, text("その分母", "Its denominator")),
        Column::new(from, Kind::Date, text("その対象期間の初日", "First day of which it speaks")),
        Column::new(to, Kind::Date, text("その対象期間の末日", "Last day of which it speaks")),
    ]
}

/// What bureaus did.
pub(super) fn actions(content: &Content<'_>) -> Table {
    Table {
        path: "actions.csv",
        says: text(
            "取組計画の項目別の取組。部局及び区分ごとに2件以内、各100字以内。",
            "What was done for each clause: at most two actions of 100 characters for each bureau and category.",
        ),
        key: &TEXT_KEY,
        columns: text_columns(text("取組の内容（報告された言語のまま）", "What was done, in the language in which it was submitted")),
        rows: content.release.clauses.iter().flat_map(|clause| text_rows(clause, &clause.actions)).collect(),
    }
}

/// What bureaus are to do next.
pub(super) fn next_steps(content: &Content<'_>) -> Table {
    Table {
        path: "next-steps.csv",
        says: text(
            "取組計画の項目別の今後の取組。部局及び区分ごとに1件。",
            "What is to be done next for each clause: one text for each bureau and category.",
        ),
        key: &TEXT_KEY,
        columns: text_columns(text(
            "今後の取組（報告された言語のまま）",
            "What is to be done next, in the language in which it was submitted",
        )),
        rows: content.release.clauses.iter().flat_map(|clause| text_rows(clause, &clause.next_steps)).collect(),
    }
}

const TEXT_KEY: [&str; 4] = ["clause", "bureau", "category", "number"];

fn text_columns(of_text: crate::indicators::Text) -> Vec<Column> {
    vec![
        Column::new("clause", Kind::Code, text("取組計画の項目", "The plan's clause")).required(),
        Column::new(
            "bureau",
            Kind::Code,
            text(
                "部局のコード。TOTALは全体、又は名称を示さない部局",
                "Code of the bureau; TOTAL for the office or a bureau that does not appear by name",
            ),
        )
        .required(),
        Column::new("category", Kind::Text, text("取組の区分", "The plan's category")).required(),
        Column::new("number", Kind::Integer, text("同じ項目、部局及び区分の中の番号", "Number within clause, bureau and category"))
            .required(),
        Column::new("text", Kind::Text, of_text).required(),
    ]
}

/// Rows of texts, each with its bureau and category, numbered within these: several bureaus that do not appear by name speak for the office.
fn text_rows(clause: &ClauseLine, lines: &[ActionLine]) -> Vec<Vec<String>> {
    let mut numbers: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut rows = Vec::new();
    for it in lines {
        let number = numbers.entry((&it.bureau, &it.category)).or_default();
        *number += 1;
        rows.push(vec![clause.code.clone(), it.bureau.clone(), it.category.clone(), number.to_string(), it.text.clone()]);
    }
    rows
}

//! What stands on each sheet. Japanese first, as its readers are; English names stand beside.

use super::{Cell, Sheet, cross};
use crate::{
    follow_up::{
        package::{
            content::{Content, Line},
            descriptor, dictionary, json, tables,
            words::{self, BANDS, Language, SEXES, STATUSES},
        },
        release::{Bilingual, DefinitionLine, IndicatorUnit, Observation, Point},
    },
    indicators::Text,
};
use entity::quotient;
use entity::{indicator_value::TOTAL, target::TargetPopulation};

/// All sheets in their order.
pub(super) fn all(content: &Content<'_>) -> Vec<Sheet> {
    let mut sheets = vec![cover(content), targets(content), actions(content), statutory(content), changes(content)];
    if content.release.is_whole() {
        sheets.extend(cross::of_site(content));
        sheets.extend(cross::all(content));
    }
    let mut seen: Vec<&str> = Vec::new();
    for definition in &content.release.definitions {
        if !seen.contains(&definition.indicator.as_str()) {
            seen.push(&definition.indicator);
            sheets.push(indicator(content, definition, seen.len()));
        }
    }
    sheets
}

fn both(text: Text) -> String {
    format!("{} / {}", text.ja, text.en)
}

fn cover(content: &Content<'_>) -> Sheet {
    let release = content.release;
    let publisher = &release.publisher;
    let both_of = |name: &str, text: &Bilingual| vec![Cell::text(name), Cell::text(&text.ja), Cell::text(&text.en), Cell::Empty];
    let said = |name: &str, text: Text| vec![Cell::text(name), Cell::text(text.ja), Cell::text(text.en), Cell::Empty];
    let same = |name: &str, text: &str| vec![Cell::text(name), Cell::text(text), Cell::text(text), Cell::Empty];
    let year = Bilingual { ja: words::fiscal_year(content.year, Language::Ja), en: words::fiscal_year(content.year, Language::En) };
    let mut rows = vec![
        both_of("計画 / Plan", &release.plan.name),
        both_of("対象年度 / Year", &year),
        same("版 / Version", &release.version.to_string()),
        said("公表の種類 / Kind", words::kind(release.kind).name),
        both_of("公表者 / Publisher", &publisher.name),
        same("問合せ先 / Contact", &publisher.contact),
        said("新しい版 / Newer version", dictionary::STANDING),
        both_of("利用条件 / Licence", &publisher.licence_title),
        same("利用条件 / Licence", &format!("{} {}", publisher.licence, publisher.licence_url)),
        both_of("秘匿 / Withholding", &release.provenance.disclosure_method),
    ];
    let office = publisher.office.as_ref().map(|office| both_of("担当部署 / Office", office));
    let phone = publisher.phone.as_ref().map(|phone| same("電話 / Telephone", phone));
    rows.splice(5..5, office.into_iter().chain(phone));
    let day = Cell::Day(entity::period::civil_date(release.as_of));
    rows.insert(2, vec![Cell::text("データ作成日 / Data of"), Cell::text("日本時間"), Cell::text("in Japan"), day]);
    for status in STATUSES {
        let (symbol, note) = (status.symbol(), words::status_note(status));
        let name = if symbol.is_empty() { "記号なし / No symbol".to_owned() } else { format!("記号 / Symbol {symbol}") };
        rows.push(said(&name, note));
    }
    rows.extend(dictionary::RULES.map(|rule| said("注 / Note", rule)));
    Sheet {
        tab: "表紙".to_owned(),
        title: descriptor::title(content, Language::Ja),
        lines: vec![descriptor::title(content, Language::En)],
        columns: vec![("項目 / Item", 22.0), ("日本語 / Japanese", 70.0), ("英語 / English", 70.0), ("日付 / Date", 13.0)],
        rows,
    }
}

/// The dimensions and numbers of a figure.
fn figure_cells(content: &Content<'_>, line: &Line<'_>) -> Vec<Cell> {
    let it = line.observation;
    vec![
        Cell::Year(it.fiscal_year),
        Cell::Day(it.date_from),
        Cell::Day(it.date_to),
        Cell::text(&it.bureau),
        Cell::text(content.bureau_name(&it.bureau, Language::Ja)),
        Cell::text(&it.sex),
        Cell::text(words::member(&SEXES, &it.sex, Language::Ja)),
        Cell::text(&it.band),
        Cell::text(words::member(&BANDS, &it.band, Language::Ja)),
        Cell::whole(it.numerator),
        Cell::whole(it.denominator),
        Cell::value(line.value.as_deref()),
        Cell::text(words::unit(line.definition.unit).name.ja),
        Cell::text(it.status.symbol()),
        Cell::text(words::status(it.status).name.ja),
    ]
}

const FIGURE_COLUMNS: [(&str, f64); 15] = [
    ("対象年度（西暦）", 10.0),
    ("期間の初日", 12.0),
    ("期間の末日", 12.0),
    ("部局コード", 14.0),
    ("部局", 36.0),
    ("性別コード", 14.0),
    ("性別", 10.0),
    ("役職段階コード", 20.0),
    ("役職段階", 14.0),
    ("分子", 11.0),
    ("分母", 11.0),
    ("値", 9.0),
    ("単位", 7.0),
    ("記号", 6.0),
    ("状態", 12.0),
];

fn indicator(content: &Content<'_>, definition: &DefinitionLine, number: usize) -> Sheet {
    let mut lines: Vec<&Line<'_>> = content.lines.iter().filter(|line| line.observation.indicator == definition.indicator).collect();
    from_the_top(&mut lines);
    Sheet {
        tab: format!("{number:02} {}", definition.name.ja),
        title: format!("{} / {}", definition.name.ja, definition.name.en),
        lines: vec![
            format!("{} （定義の版 {}） {}", definition.indicator, definition.version, definition.clause),
            definition.description.ja.clone(),
            definition.description.en.clone(),
            format!("単位 / Unit: {}", both(words::unit(definition.unit).name)),
        ],
        columns: FIGURE_COLUMNS.to_vec(),
        rows: lines.into_iter().map(|line| figure_cells(content, line)).collect(),
    }
}

/// Bands of the same year, bureau and sex: the total, then from the highest down.
fn from_the_top(lines: &mut [&Line<'_>]) {
    let same = |a: &&Line<'_>, b: &&Line<'_>| {
        let of = |line: &Line<'_>| (line.observation.fiscal_year, line.observation.indicator.clone());
        (of(a), &a.observation.bureau, &a.observation.sex) == (of(b), &b.observation.bureau, &b.observation.sex)
    };
    let place = |line: &&Line<'_>| BANDS.iter().position(|band| band.code == line.observation.band && band.code != TOTAL);
    for bands in lines.chunk_by_mut(same) {
        bands.sort_by_key(|line| place(line).map_or(0, |place| BANDS.len() - place));
    }
}

fn statutory(content: &Content<'_>) -> Sheet {
    let of_office = content.this_year().iter().chain(content.months());
    let statutory = of_office.filter(|line| line.definition.statutory && line.observation.bureau == TOTAL);
    let mut lines: Vec<&Line<'_>> = statutory.collect();
    from_the_top(&mut lines);
    let mut columns = vec![("指標コード", 34.0), ("指標", 40.0)];
    columns.extend(FIGURE_COLUMNS);
    Sheet {
        tab: "法定公表項目".to_owned(),
        title: "女性活躍推進法に基づく公表項目（全体） / Items that the Act on women's participation has published (whole office)"
            .to_owned(),
        lines: Vec::new(),
        columns,
        rows: lines
            .into_iter()
            .map(|line| {
                let mut cells = vec![Cell::text(&line.definition.indicator), Cell::text(&line.definition.name.ja)];
                cells.extend(figure_cells(content, line));
                cells
            })
            .collect(),
    }
}

fn targets(content: &Content<'_>) -> Sheet {
    let rows = tables::target_rows(content).map(|(it, definition)| {
        let percent = definition.unit == IndicatorUnit::Percent;
        let bound = it.population == TargetPopulation::Office;
        let point = |point: &Option<Point>| match point {
            None => vec![Cell::Empty, Cell::Empty],
            Some(it) => vec![
                Cell::value(quotient::quotient(it.numerator, it.denominator, percent).as_deref()),
                Cell::text(words::span(it.date_from, Some(it.date_to), Language::Ja)),
            ],
        };
        let mut cells = vec![
            Cell::text(&definition.name.ja),
            Cell::text(&definition.name.en),
            Cell::text(&it.clause),
            Cell::text(words::population(it.population).name.ja),
            Cell::text(words::decider(it.decider).name.ja),
            Cell::value(quotient::quotient(it.value.0, it.value.1, percent).as_deref()),
            Cell::text(words::qualifier(it.qualifier).name.ja),
            Cell::text(words::unit(definition.unit).name.ja),
            Cell::text(words::span(it.valid_from, it.last_day, Language::Ja)),
        ];
        cells.extend(point(&it.latest));
        cells.push(Cell::text(content.latest_status(it).symbol()));
        cells.extend(point(&it.baseline));
        cells.push(Cell::text(match it.attained.filter(|_| bound) {
            Some(true) => "達成",
            Some(false) => "未達成",
            None => "",
        }));
        cells.push(Cell::whole(it.gap_in_people.filter(|_| bound)));
        cells.push(Cell::text(it.note.as_ref().map_or("", |note| &note.ja)));
        cells
    });
    Sheet {
        tab: "数値目標".to_owned(),
        title: "数値目標 / Targets".to_owned(),
        lines: vec!["政府全体の目標は参考であり、達成状況を示さない。 / Targets of the whole government are references.".to_owned()],
        columns: vec![
            ("項目", 32.0),
            ("Item", 32.0),
            ("取組計画の項目", 14.0),
            ("対象", 16.0),
            ("決定", 20.0),
            ("数値目標", 10.0),
            ("意味", 8.0),
            ("単位", 7.0),
            ("目標の期限又は期間", 22.0),
            ("最新値", 9.0),
            ("最新値の時点", 20.0),
            ("記号", 6.0),
            ("目標設定時の値", 9.0),
            ("目標設定時の時点", 20.0),
            ("達成状況", 10.0),
            ("不足人数", 9.0),
            ("備考", 28.0),
        ],
        rows: rows.collect(),
    }
}

fn actions(content: &Content<'_>) -> Sheet {
    let mut rows = Vec::new();
    for clause in &content.release.clauses {
        let start = |bureau: &str, category: &str, text: &str| {
            vec![
                Cell::text(&clause.code),
                Cell::text(&clause.title.ja),
                Cell::text(clause.indicators.join(" ")),
                Cell::text(bureau),
                Cell::text(if bureau.is_empty() { "" } else { content.bureau_name(bureau, Language::Ja) }),
                Cell::text(category),
                Cell::text(text),
            ]
        };
        if clause.actions.is_empty() {
            rows.push(start("", "", ""));
        }
        rows.extend(clause.actions.iter().map(|action| start(&action.bureau, &action.category, &action.text)));
    }
    Sheet {
        tab: "取組計画の項目別の取組".to_owned(),
        title: "取組計画の項目別の取組 / Clauses and actions".to_owned(),
        lines: Vec::new(),
        columns: vec![
            ("取組計画の項目", 18.0),
            ("題名", 40.0),
            ("指標", 34.0),
            ("部局コード", 14.0),
            ("部局", 36.0),
            ("区分", 20.0),
            ("取組", 80.0),
        ],
        rows,
    }
}

fn changes(content: &Content<'_>) -> Sheet {
    let release = content.release;
    let side = |observation: Option<&Observation>| match observation {
        None => vec![Cell::Empty, Cell::Empty, Cell::Empty],
        Some(it) => {
            vec![Cell::whole(it.numerator), Cell::whole(it.denominator), Cell::text(words::status(it.status).name.ja)]
        }
    };
    let rows = json::changes(release).into_iter().filter_map(|change| {
        let it = change.after.as_ref().or(change.before.as_ref())?;
        let mut cells = vec![
            Cell::Year(it.fiscal_year),
            Cell::text(&it.indicator),
            Cell::text(content.bureau_name(&it.bureau, Language::Ja)),
            Cell::text(words::member(&SEXES, &it.sex, Language::Ja)),
            Cell::text(words::member(&BANDS, &it.band, Language::Ja)),
            Cell::Day(it.date_from),
            Cell::Day(it.date_to),
        ];
        cells.extend(side(change.before.as_ref()));
        cells.extend(side(change.after.as_ref()));
        Some(cells)
    });
    let mut lines = vec![match &release.changes {
        None => "対象年度の初回の公表であり、前回からの変更はない。 / The first release of its year.".to_owned(),
        Some(changes) => format!("第{}版からの変更 / Against {}", changes.against, changes.against),
    }];
    lines.extend(
        release.reason.iter().chain(release.changes.iter().flat_map(|changes| &changes.notes)).map(|it| format!("{} / {}", it.ja, it.en)),
    );
    Sheet {
        tab: "変更".to_owned(),
        title: "前回の公表からの変更 / Changes against the former release".to_owned(),
        lines,
        columns: vec![
            ("対象年度（西暦）", 10.0),
            ("指標コード", 34.0),
            ("部局", 36.0),
            ("性別", 10.0),
            ("役職段階", 14.0),
            ("期間の初日", 12.0),
            ("期間の末日", 12.0),
            ("前回の分子", 11.0),
            ("前回の分母", 11.0),
            ("前回の状態", 12.0),
            ("今回の分子", 11.0),
            ("今回の分母", 11.0),
            ("今回の状態", 12.0),
        ],
        rows: rows.collect(),
    }
}

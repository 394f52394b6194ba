//! Observations, definitions and codes.

use crate::follow_up::package::{
    content::Content,
    table::{Column, Kind, Table, cell},
    words::{self, BANDS, DIRECTIONS, SEXES, SOURCES, STATUSES, Text, UNITS, Word, text},
};
use entity::indicator_value::TOTAL;

/// What the figures are, by whether there are months among them.
const fn says(has_months: bool) -> Text {
    if has_months {
        text(
            "観測値（整然データ）。対象年度の全ての値、過去の年度の組織全体の値、及び対象年度の各月の組織全体の値。",
            "The figures as tidy data: all of the year, the office's of earlier years, and the office's of the year's months.",
        )
    } else {
        text(
            "観測値（整然データ）。対象年度の全ての値と、過去の年度の組織全体の値。",
            "The figures as tidy data: all of the year, and the office's of earlier years.",
        )
    }
}

/// One row a figure, those of the year first.
pub(in crate::follow_up::package) fn observations(content: &Content<'_>) -> Table {
    let rows = content.lines.iter().map(|line| {
        let it = line.observation;
        let [year, indicator, version, from, to, bureau, sex, band] = crate::follow_up::package::content::key(it);
        vec![
            year,
            indicator,
            version,
            from,
            to,
            bureau,
            sex,
            band,
            cell(it.numerator),
            cell(it.denominator),
            cell(line.value.as_ref()),
            words::unit(line.definition.unit).code.to_owned(),
            words::status(it.status).code.to_owned(),
            it.status.symbol().to_owned(),
        ]
    });
    Table {
        path: "observations.csv",
        says: says(!content.months().is_empty()),
        key: &["fiscal_year", "indicator", "definition_version", "date_from", "date_to", "bureau", "sex", "band"],
        columns: observation_columns(content),
        rows: rows.collect(),
    }
}

fn observation_columns(content: &Content<'_>) -> Vec<Column> {
    let bureaus = std::iter::once(TOTAL).chain(content.release.bureaus.iter().map(|bureau| bureau.code.as_str()));
    vec![
        Column::new(
            "fiscal_year",
            Kind::Integer,
            text("フォローアップの対象年度（西暦）", "Fiscal year followed up, by the western year in which it begins"),
        )
        .required(),
        Column::new("indicator", Kind::Code, text("指標のコード", "Code of the indicator")).required().of(indicators(content)),
        Column::new("definition_version", Kind::Integer, text("指標の定義の版", "Version of its definition")).required(),
        Column::new(
            "date_from",
            Kind::Date,
            text("値の対象期間の初日（時点の値では当該日）", "First day of which the figure speaks; the day itself for a census"),
        )
        .required(),
        Column::new("date_to", Kind::Date, text("値の対象期間の末日", "Last day of which the figure speaks")).required(),
        Column::new(
            "bureau",
            Kind::Code,
            text("部局又は部局グループのコード。TOTALは全体", "Code of the bureau or group of bureaus; TOTAL is the office"),
        )
        .required()
        .of(bureaus),
        Column::new("sex", Kind::Code, text("性別。TOTALは合計", "Sex; TOTAL is all")).required().of_words(SEXES),
        Column::new("band", Kind::Code, text("役職段階。TOTALは合計", "Rank band; TOTAL is all")).required().of_words(BANDS),
        Column::new("numerator", Kind::Integer, text("分子。表示しない値では空", "Numerator; empty where it is not shown")),
        Column::new(
            "denominator",
            Kind::Integer,
            text(
                "分母（値の単位にそろえたもの）。表示しない値では空",
                "Denominator, brought to the value's unit; empty where it is not shown",
            ),
        ),
        Column::new(
            "value",
            Kind::Number,
            text(
                "値。分子÷分母（割合では×100）を小数第1位に四捨五入",
                "Numerator ÷ denominator (× 100 for percent), one digit after the point, half up",
            ),
        ),
        Column::new("unit", Kind::Code, text("値の単位", "Unit of the value")).required().of_words(UNITS.map(words::unit)),
        Column::new("status", Kind::Code, text("値の状態", "Status of the figure")).required().of_words(STATUSES.map(words::status)),
        Column::new("symbol", Kind::Code, text("統計表の記号", "Symbol that Japanese tables use"))
            .of(STATUSES.iter().map(|status| status.symbol()).filter(|symbol| !symbol.is_empty())),
    ]
}

/// The codes of all indicators, each once.
fn indicators(content: &Content<'_>) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for definition in &content.release.definitions {
        if !codes.contains(&definition.indicator) {
            codes.push(definition.indicator.clone());
        }
    }
    codes
}

/// What is measured.
pub(super) fn definitions(content: &Content<'_>) -> Table {
    let rows = content.release.definitions.iter().map(|it| {
        vec![
            it.indicator.clone(),
            it.version.to_string(),
            it.name.ja.clone(),
            it.name.en.clone(),
            it.description.ja.clone(),
            it.description.en.clone(),
            words::unit(it.unit).code.to_owned(),
            words::direction(it.direction).code.to_owned(),
            it.clause.clone(),
            words::source(it.source).code.to_owned(),
            it.may_exceed_hundred.to_string(),
            it.statutory.to_string(),
        ]
    });
    Table {
        path: "definitions.csv",
        says: text("指標の定義。", "What is measured."),
        key: &["indicator", "version"],
        columns: vec![
            Column::new("indicator", Kind::Code, text("指標のコード", "Code of the indicator")).required(),
            Column::new("version", Kind::Integer, text("定義の版", "Version of the definition")).required(),
            Column::new("name_ja", Kind::Text, text("名称（日本語）", "Name in Japanese")).required(),
            Column::new("name_en", Kind::Text, text("名称（英語）", "Name in English")).required(),
            Column::new("description_ja", Kind::Text, text("定義（日本語）", "Definition in Japanese")),
            Column::new("description_en", Kind::Text, text("定義（英語）", "Definition in English")),
            Column::new("unit", Kind::Code, text("単位", "Unit")).required().of_words(UNITS.map(words::unit)),
            Column::new("direction", Kind::Code, text("望ましい方向", "Which way is better"))
                .required()
                .of_words(DIRECTIONS.map(words::direction)),
            Column::new("clause", Kind::Code, text("取組計画の項目", "The plan's clause")),
            Column::new("source", Kind::Code, text("値の出所", "Where it comes from")).required().of_words(SOURCES.map(words::source)),
            Column::new("may_exceed_hundred", Kind::Boolean, text("正しい値が100%を超え得るか", "Whether a right percentage can pass 100"))
                .required(),
            Column::new(
                "statutory",
                Kind::Boolean,
                text("女性活躍推進法に基づく公表項目か", "Whether the Act on women's participation has it published"),
            )
            .required(),
        ],
        rows: rows.collect(),
    }
}

/// Every code that the files hold.
pub(super) fn codes(content: &Content<'_>) -> Table {
    let fixed: [(&str, Vec<Word>); 9] = [
        ("sex", SEXES.to_vec()),
        ("band", BANDS.to_vec()),
        ("status", STATUSES.map(words::status).to_vec()),
        ("unit", UNITS.map(words::unit).to_vec()),
        ("direction", DIRECTIONS.map(words::direction).to_vec()),
        ("source", SOURCES.map(words::source).to_vec()),
        ("population", words::POPULATIONS.map(words::population).to_vec()),
        ("decider", words::DECIDERS.map(words::decider).to_vec()),
        ("qualifier", words::qualifiers(content.asks_for_less())),
    ];
    let row = |dimension: &str, code: &str, ja: &str, en: &str, members: String| {
        vec![dimension.to_owned(), code.to_owned(), ja.to_owned(), en.to_owned(), members]
    };
    let bureaus = content.release.bureaus.iter().map(|it| row("bureau", &it.code, &it.name.ja, &it.name.en, it.members.join(";")));
    let fixed = fixed
        .into_iter()
        .flat_map(|(dimension, words)| words.into_iter().map(move |it| row(dimension, it.code, it.name.ja, it.name.en, String::new())));
    Table {
        path: "codes.csv",
        says: text("コードの一覧。", "Every code that the files hold."),
        key: &["dimension", "code"],
        columns: vec![
            Column::new("dimension", Kind::Code, text("コードの種類", "What the code is of")).required(),
            Column::new("code", Kind::Code, text("コード", "The code")).required(),
            Column::new("name_ja", Kind::Text, text("名称（日本語）", "Name in Japanese")).required(),
            Column::new("name_en", Kind::Text, text("名称（英語）", "Name in English")).required(),
            Column::new(
                "members",
                Kind::Code,
                text("部局グループを構成する部局のコード（;区切り）", "Codes of the bureaus of a group, with ; between them"),
            ),
        ],
        rows: std::iter::once(row("bureau", TOTAL, "全体", "Whole office", String::new())).chain(bureaus).chain(fixed).collect(),
    }
}

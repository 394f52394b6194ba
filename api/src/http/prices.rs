//! What the database does for a field beyond the fields that it gives, in the unit of cost: about a microsecond, as a field takes.
//!
//! Whatever is not named here is priced by its kind: a root or a list is a statement, `totalCount` of a list counts all its rows, a filter may
//! look at all of them. So a new field is priced before anybody thinks of it, and a list that stays short is named as such.

use async_graphql::Value;
use entity::period::YearMonth;

/// A statement, and what it takes to begin one.
const STATEMENT: u64 = 100;

/// All rows of a list that may be long, looked at: to count them, or to find those that a filter means.
const ALL_ROWS: u64 = 10_000;

/// All records of one bureau's month, looked at. An office's month beside the one before it stays within one document.
const MONTH_OF_BUREAU: u64 = ALL_ROWS / 2;

/// Lists that stay short whatever is recorded: master data, the plan, and what happens once a year.
const SHORT: [&str; 25] = [
    "ApiClient",
    "Bureau",
    "Clause",
    "CountingRule",
    "DataCall",
    "Finding",
    "FollowUp",
    "FollowUpEvent",
    "Holiday",
    "JobBackfill",
    "JobSchedule",
    "MonthClose",
    "OnTimeDay",
    "OvertimeRule",
    "PendingChange",
    // Counted when the file is opened.
    "PersonFileRow",
    "Plan",
    "Release",
    "ReleaseObservation",
    "Retention",
    "StartStage",
    "Submission",
    "Target",
    "Unit",
    "WorkRegime",
];

/// Fields that do more, or less, than their kind tells.
const NAMED: [(&str, &str, Rule); 29] = [
    // These ask nothing of the database.
    ("Query", "viewer", Rule::Each(0)),
    // Words of the program: no statement, and a list that is long for a plain one.
    ("Query", "labels", Rule::Labels),
    ("Viewer", "may", Rule::Each(0)),
    ("Query", "indicators", Rule::Each(0)),
    ("Query", "indicator", Rule::Each(0)),
    ("Query", "previewSchedule", Rule::Each(0)),
    ("OvertimeOutlier", "sentence", Rule::Each(0)),
    // The cells that protection looks at: each figure's siblings of all bureaus, of its month, or of those of its year.
    ("Query", "indicatorValues", Rule::Entry(80)),
    ("Query", "indicatorSeries", Rule::Series),
    ("Query", "node", Rule::Each(600)),
    ("Query", "overtimeOutlierCounts", Rule::Each(5_000)),
    // A row for each call and code, summed.
    ("Query", "recordWarningCounts", Rule::Each(5_000)),
    // A statement for each noun, over what a bounded number of receipts wrote.
    ("Query", "changes", Rule::Each(5_000)),
    // Eight tables, each counted over a month.
    ("Query", "recordTotals", Rule::Each(2 * ALL_ROWS)),
    // The month's shifts, leave and posts of each bureau, looked at; and for a submission of the month before.
    ("Query", "monthCompleteness", Rule::Bureaus(MONTH_OF_BUREAU)),
    ("Mutation", "submitMonth", Rule::Each(2 * MONTH_OF_BUREAU)),
    // A whole document for each year.
    ("Query", "planReview", Rule::Years(3_000)),
    // Each table counted for one person, and an entry of the audit trail.
    ("Query", "personFile", Rule::Each(3_000)),
    ("PersonFile", "nouns", Rule::Named),
    // A row is one field, and all columns of a table.
    ("PersonFileNoun", "rows", Rule::Rows(CELLS)),
    ("PersonFile", "readers", Rule::Each(ALL_ROWS)),
    // All its rows, at most 10,000, in a document of their own.
    ("PersonFile", "export", Rule::Document { work: 100_000, fields: 200_000 }),
    // Parts of a release's document, which is read as a whole.
    ("Release", "definitions", Rule::Each(300)),
    ("Release", "bureaus", Rule::Each(300)),
    ("Release", "targets", Rule::Each(300)),
    ("Release", "clauses", Rule::Each(300)),
    ("Release", "findings", Rule::Each(300)),
    ("Release", "changes", Rule::Each(300)),
    ("Release", "provenance", Rule::Each(300)),
];

/// Fields of any type that are a statement for each row.
const EACH_ROW: [&str; 2] = ["revisions", "history"];

/// Columns that a table about persons has; on average they have fewer.
const CELLS: u64 = 27;
/// Tables in a person's file.
const TABLES: u64 = 17;

/// Bureaus that an office is taken to have, with its total.
const BUREAUS: u64 = 24;
/// Members of sex and of rank band, with their totals.
const SEXES: u64 = 4;
const BANDS: u64 = 6;
/// The longest span that figures are taken to be stored for, in months.
const MONTHS: u64 = 240;
/// The most values that a series query gives.
const SERIES_VALUES: u64 = 5_000;
/// Members of all enums, and of the largest of them, that have words.
const LABELS: u64 = 500;
const LABELS_OF_ONE: u64 = 60;
/// The most fiscal years of a review.
const YEARS: u64 = 30;

/// What a field's arguments make of its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// So much each time.
    Each(u64),
    /// So much each time, and more where a filter is given.
    Filtered(u64),
    /// A statement, a filter, and so much for each entry of the page.
    Entry(u64),
    /// So much for each year from `from` to `to`.
    Years(u64),
    /// So much for each bureau that `bureaus` names, or that there is.
    Bureaus(u64),
    /// Series of figures.
    Series,
    /// Nothing, for as many entries as `only` names.
    Named,
    /// Nothing, for as many entries as one enum has, or all of them.
    Labels,
    /// A statement, and for each entry of the page so many fields that the schema does not tell.
    Rows(u64),
    /// A document that stands in one field: what is done for it, and as how many fields it counts in memory.
    Document { work: u64, fields: u64 },
}

/// What the schema says of a field.
pub(super) struct Kind<'a> {
    pub(super) on: &'a str,
    pub(super) name: &'a str,
    /// The type that it leads to.
    pub(super) target: &'a str,
    pub(super) is_query_root: bool,
    pub(super) has_arguments: bool,
    pub(super) has_filter: bool,
}

/// The rule of a field.
pub(super) fn rule(kind: &Kind<'_>) -> Rule {
    if let Some((.., rule)) = NAMED.iter().find(|(on, name, _)| *on == kind.on && *name == kind.name) {
        return *rule;
    }
    let is_short = |connection: &str| connection.strip_suffix("Connection").is_some_and(|row| SHORT.contains(&row));
    if kind.name == "totalCount" && kind.on.ends_with("Connection") {
        return Rule::Each(if is_short(kind.on) { STATEMENT } else { ALL_ROWS });
    }
    if kind.has_filter && kind.target.ends_with("Connection") && !is_short(kind.target) {
        return Rule::Filtered(STATEMENT);
    }
    let asks = kind.is_query_root || kind.has_arguments || EACH_ROW.contains(&kind.name);
    Rule::Each(if asks && !kind.on.starts_with("__") && !kind.name.starts_with("__") { STATEMENT } else { 0 })
}

/// What a field costs beside its answer, and how many entries its list has where the rule knows better than the schema.
#[derive(Debug, Default)]
pub(super) struct Price {
    pub(super) work: u64,
    pub(super) entries: Option<u64>,
    /// Fields that the answer holds beside those that are asked for.
    pub(super) fields: u64,
}

impl Rule {
    /// The price of a field with these arguments and this page; `plain` is the length of a plain list.
    pub(super) fn price<'v>(self, argument: impl Fn(&str) -> Option<&'v Value>, page: u64, plain: u64) -> Price {
        let is_filtered = || argument("filter").is_some_and(|filter| !is_empty(filter));
        let filter = || if is_filtered() { ALL_ROWS } else { 0 };
        match self {
            Self::Each(work) => Price { work, ..Price::default() },
            Self::Filtered(work) => Price { work: work + filter(), ..Price::default() },
            Self::Entry(each) => {
                Price { work: STATEMENT.saturating_add(filter()).saturating_add(each.saturating_mul(page)), ..Price::default() }
            }
            Self::Years(each) => Price { work: STATEMENT + each * years(&argument), ..Price::default() },
            Self::Bureaus(each) => {
                let bureaus = length(argument("bureaus")).unwrap_or(BUREAUS);
                Price { work: STATEMENT.saturating_add(each.saturating_mul(bureaus)), ..Price::default() }
            }
            Self::Series => series(&argument, plain),
            Self::Named => Price { entries: length(argument("only")).or(Some(TABLES)), ..Price::default() },
            Self::Labels => {
                let entries = if length(argument("enum")).is_some() { LABELS_OF_ONE } else { LABELS };
                Price { entries: Some(entries), ..Price::default() }
            }
            Self::Rows(cells) => {
                let fields = cells.saturating_mul(page);
                Price { work: STATEMENT.saturating_add(fields), fields, ..Price::default() }
            }
            Self::Document { work, fields } => Price { work, fields, ..Price::default() },
        }
    }
}

fn years<'v>(argument: &impl Fn(&str) -> Option<&'v Value>) -> u64 {
    let year = |name| argument(name).and_then(|value| if let Value::Number(number) = value { number.as_i64() } else { None });
    let between = year("from").zip(year("to")).map(|(from, to)| u64::try_from(to.saturating_sub(from).saturating_add(1)).unwrap_or(0));
    between.unwrap_or(YEARS).min(YEARS)
}

/// How many an argument names; none where it is not given.
fn length(value: Option<&Value>) -> Option<u64> {
    match value {
        Some(Value::List(items)) => Some(items.len() as u64),
        Some(Value::Null) | None => None,
        Some(_) => Some(1),
    }
}

/// A series query reads its values, and for protection the cells of all bureaus of its months, and of the months of their years. Its list has so
/// many series that the plain lists of values in them come to all values.
fn series<'v>(argument: &impl Fn(&str) -> Option<&'v Value>, plain: u64) -> Price {
    let month = |name| match argument(name) {
        Some(Value::String(text)) => text.parse::<YearMonth>().ok(),
        _ => None,
    };
    let number = |month: YearMonth| i64::from(month.year()) * 12 + i64::from(month.month());
    let between = month("from").zip(month("to")).map(|(from, to)| u64::try_from(number(to) - number(from) + 1).unwrap_or(0));
    let months = between.unwrap_or(MONTHS).min(MONTHS);
    let codes = length(argument("codes")).unwrap_or(1);
    let by = |dimension: &str| match argument("by") {
        Some(Value::List(items)) => items.iter().any(|item| is_word(item, dimension)),
        Some(one) => is_word(one, dimension),
        None => false,
    };
    let is_month = argument("span").is_none_or(|span| is_word(span, "MONTH"));
    let bureaus = length(argument("bureaus")).map_or(if by("BUREAU") { BUREAUS } else { 1 }, |codes| codes.min(BUREAUS));
    let splits = if by("SEX") { SEXES } else { 1 } * if by("BAND") { BANDS } else { 1 };
    let cells = BUREAUS * if splits > 1 { SEXES + BANDS - 1 } else { 1 };
    let keys = codes.saturating_mul(if is_month { months } else { 2 * months + 11 });
    let values = codes.saturating_mul(months).saturating_mul(bureaus).saturating_mul(splits).min(SERIES_VALUES);
    // A cell is read and weighed in four microseconds, a value in five.
    let work = 3 * STATEMENT + keys.saturating_mul(4 * cells).saturating_add(5 * values);
    Price { work, entries: Some(values.div_ceil(plain.max(1))), fields: 0 }
}

fn is_word(value: &Value, word: &str) -> bool {
    match value {
        Value::Enum(name) => name == word,
        Value::String(text) => text == word,
        _ => false,
    }
}

/// Whether a filter asks for nothing.
fn is_empty(filter: &Value) -> bool {
    match filter {
        Value::Null => true,
        Value::Object(members) => members.values().all(|member| *member == Value::Null),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::format_collect)]
    use async_graphql::{
        Variables,
        parser::{
            parse_query, parse_schema,
            types::{DocumentOperations, TypeKind, TypeSystemDefinition},
        },
    };
    use serde_json::json;
    use std::collections::BTreeMap;

    use super::*;
    use crate::http::{Limits, Shape, cost, problem::Problem};

    fn priced(text: &str, variables: serde_json::Value) -> Result<u64, Problem> {
        let document = parse_query(text).unwrap();
        let DocumentOperations::Single(chosen) = &document.operations else { panic!("one operation") };
        let shape = Shape::from_sdl(&crate::graphql::schema().sdl()).unwrap();
        Ok(cost::measure(&document, chosen, &Variables::from_json(variables), &shape, &Limits::default())?.cost)
    }

    fn price(text: &str) -> u64 {
        priced(text, json!({})).unwrap()
    }

    #[test]
    fn what_is_named_is_there() {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for definition in parse_schema(crate::graphql::schema().sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(of) = definition else { continue };
            if let TypeKind::Object(object) = of.node.kind {
                let names = object.fields.iter().map(|field| field.node.name.node.to_string()).collect();
                fields.insert(of.node.name.node.to_string(), names);
            }
        }
        for (on, name, _) in NAMED {
            assert!(fields[on].iter().any(|field| field == name), "{on}.{name}");
        }
        for row in SHORT {
            assert!(fields.contains_key(&format!("{row}Connection")), "{row}");
        }
    }

    #[test]
    fn what_nobody_thought_of_is_priced_by_its_kind() {
        assert_eq!(price("{ bureaus(first: 1) { nodes { id } } }"), STATEMENT + 3);
        assert_eq!(price("{ bureaus(first: 1, filter: { codes: [\"A\"] }) { totalCount } }"), 2 * STATEMENT + 2);
        assert_eq!(price("{ shifts(first: 1) { totalCount } }"), STATEMENT + ALL_ROWS + 2);
        assert_eq!(price("{ shifts(first: 1, filter: {}) { nodes { id } } }"), STATEMENT + 3);
        assert_eq!(price("{ shifts(first: 1, filter: { from: null }) { nodes { id } } }"), STATEMENT + 3);
        assert_eq!(price("{ shifts(first: 1, filter: { pattern: STANDARD }) { nodes { id } } }"), STATEMENT + ALL_ROWS + 3);
        let variable = "query($filter: ShiftFilter!) { shifts(first: 1, filter: $filter) { nodes { id } } }";
        assert_eq!(priced(variable, json!({ "filter": { "from": "2020-01-01" } })).unwrap(), STATEMENT + ALL_ROWS + 3);
        assert_eq!(priced(variable, json!({ "filter": { "from": null } })).unwrap(), STATEMENT + 3);
        // A statement for each row.
        assert_eq!(price("{ staff(first: 10) { nodes { revisions { revision } } } }"), STATEMENT + 2 + 10 * (STATEMENT + 1 + 20));
        assert_eq!(
            price("{ followUps(first: 10) { nodes { dataCalls(first: 5) { totalCount } } } }"),
            STATEMENT + 2 + 10 * (2 * STATEMENT + 2)
        );
        assert_eq!(price("{ viewer { roles } }"), 2);
        assert_eq!(price("{ labels { words } }"), 1 + LABELS);
        assert_eq!(price("{ labels(enum: \"Sex\") { words } }"), 1 + LABELS_OF_ONE);
    }

    #[test]
    fn figures_are_priced_by_what_protection_reads() {
        let series = |arguments: &str| format!("indicatorSeries(codes: [\"WOMEN_STAFF\"], {arguments}) {{ values {{ value }} }}");
        let month = series("from: \"2019-04\", to: \"2019-04\"");
        // One value, its bureaus' cells, and the fields of one plain list.
        assert_eq!(price(&format!("{{ {month} }}")), 1 + 3 * STATEMENT + 4 * BUREAUS + 5 + 1 + 20);
        let year = |more: &str| price(&format!("{{ {} }}", series(&format!("from: \"2019-04\", to: \"2020-03\"{more}"))));
        assert!(year("") > price(&format!("{{ {month} }}")));
        assert!(year(", span: FISCAL_YEAR_TO_DATE") > 2 * year("") - 4 * STATEMENT);
        assert!(year(", by: [BUREAU, SEX, BAND]") > 10 * year(""));
        assert!(year(", by: [BUREAU], bureaus: [\"A\"]") < year(", by: [BUREAU]"));
        // What the arguments do not tell is taken to be much.
        let unknown =
            "query($from: YearMonth!) { indicatorSeries(codes: [\"WOMEN_STAFF\"], from: $from, to: \"2020-03\") { values { value } } }";
        assert!(priced(unknown, json!({})).unwrap() > 10 * year(""));
        assert!(priced(unknown, json!({ "from": "2020-03" })).unwrap() < year(""));
        assert_eq!(price("{ indicatorValues(first: 500) { nodes { id } } }"), STATEMENT + 80 * 500 + 2 + 500);
    }

    #[test]
    fn a_persons_file_is_priced_by_the_rows_it_may_hold() {
        let file = |selection: &str| format!("{{ personFile(staffNumber: \"1\", reason: \"x\") {{ {selection} }} }}");
        let rows = |only: &str| file(&format!("nouns{only} {{ rows(first: 500) {{ nodes {{ values }} }} }}"));
        let (all, one) = (price(&rows("")), price(&rows("(only: [\"shift\"])")));
        assert_eq!(one, 3_000 + 2 + (STATEMENT + CELLS * 500 + 1) + 1 + 500);
        assert_eq!(all - 3_002, TABLES * (one - 3_002));
        assert!(price(&file("export(format: JSON) { content }")) > 100_000);
        let thrice = (0..3).map(|alias| format!("a{alias}: export(format: JSON) {{ content }} ")).collect::<String>();
        assert!(priced(&file(&thrice), json!({})).is_err());
        assert_eq!(TABLES, crate::store::person_file::parts(None).unwrap().len() as u64);
    }

    #[test]
    fn many_costly_lists_in_one_document_are_refused() {
        let codes: Vec<_> = jobs::indicators::catalogue().iter().map(|definition| definition.code).collect();
        let of = |aliases: usize, arguments: &str| {
            let one = |alias| format!("a{alias}: indicatorSeries(codes: $codes, {arguments}) {{ values {{ value status }} }} ");
            let text = format!("query($codes: [IndicatorCode!]!) {{ {} }}", (0..aliases).map(one).collect::<String>());
            priced(&text, json!({ "codes": codes }))
        };
        let year = "by: [BUREAU], from: \"2019-04\", to: \"2020-03\"";
        assert!(of(1, year).is_ok() && of(3, year).is_ok());
        assert!(of(50, year).is_err() && of(50, &format!("{year}, span: FISCAL_YEAR_TO_DATE")).is_err());
        for one in [
            "shifts(first: 1, filter: { pattern: STANDARD }) { nodes { id } }",
            "recordTotals(month: \"2019-04\") { records }",
            "monthCompleteness(month: \"2019-04\") { people }",
        ] {
            let text = (0..50).map(|alias| format!("a{alias}: {one} ")).collect::<String>();
            assert!(priced(&format!("{{ {text} }}"), json!({})).is_err(), "{one}");
        }
    }

    #[test]
    fn an_offices_month_and_the_one_before_fit_one_document() {
        let of = |months: u32| {
            let one = |month| format!("a{month}: monthCompleteness(month: \"2019-0{month}\") {{ people percent }} ");
            priced(&format!("{{ {} }}", (1..=months).map(one).collect::<String>()), json!({}))
        };
        assert!(of(2).is_ok() && of(3).is_err());
    }
}

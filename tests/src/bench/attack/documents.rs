//! The worst documents that a viewer may send under the limit of cost, each found by looking for what takes longest for its price. They name
//! months of the demo's data.

use jobs::indicators::catalogue;

/// All indicators, as a list in a document.
fn codes() -> String {
    catalogue().iter().map(|definition| format!("\"{}\"", definition.code)).collect::<Vec<_>>().join(", ")
}

/// A document of so many aliases of a field; `one` makes the field from the alias's number.
fn aliases(count: usize, one: impl Fn(usize) -> String) -> String {
    format!("{{ {} }}", (0..count).map(|alias| format!("a{alias}: {}", one(alias))).collect::<Vec<_>>().join(" "))
}

/// Name and document of each.
#[must_use]
pub fn documents() -> Vec<(&'static str, String)> {
    let series = |alias: usize, more: &str, fields: &str| {
        // Another month each, so that nothing but what they truly have in common is loaded once.
        let from = 4 + alias % 6;
        format!("indicatorSeries(codes: [{}], from: \"2019-{from:02}\", to: \"2020-03\"{more}) {{ bureau values {{ {fields} }} }}", codes())
    };
    let values =
        |first: usize, filter: &str, fields: &str| format!("indicatorValues(first: {first}, filter: {{ {filter} }}) {{ {fields} }}");
    let all = "code bureau sex band month status value numerator denominator people attained gapInPeople";
    vec![
        ("series by bureau", aliases(3, |alias| series(alias, ", by: [BUREAU]", "status"))),
        (
            "series to date by bureau and sex",
            aliases(2, |alias| series(alias, ", by: [BUREAU, SEX], span: FISCAL_YEAR_TO_DATE", "status value")),
        ),
        ("series to date, each indicator in all", aliases(10, |alias| series(alias, ", span: FISCAL_YEAR_TO_DATE", "status"))),
        (
            "fifty short series",
            aliases(50, |alias| {
                let code = catalogue()[alias % catalogue().len()].code;
                format!(
                    "indicatorSeries(codes: [\"{code}\"], by: [BUREAU], from: \"2019-04\", to: \"2020-03\", span: FISCAL_YEAR_TO_DATE) {{ values {{ status }} }}"
                )
            }),
        ),
        (
            "pages of the office's values",
            aliases(7, |alias| values(500, &format!("bureaus: [\"TOTAL\"], from: \"2019-{:02}\"", 4 + alias), "nodes { status value }")),
        ),
        ("a wide page", aliases(5, |_| values(500, "spans: [FISCAL_YEAR_TO_DATE], sexes: [\"FEMALE\"]", &format!("nodes {{ {all} }}")))),
        ("values of no bureau", aliases(24, |alias| values(1, &format!("bureaus: [\"NOBODY{alias}\"]"), "nodes { id }"))),
        ("values counted", aliases(12, |alias| values(1, &format!("sexes: [\"FEMALE\", \"X{alias}\"]"), "totalCount"))),
        ("reviews of the plan", aliases(2, |_| "planReview(from: 1990, to: 2019) { targets { course { value } } }".to_owned())),
        (
            "releases as a whole",
            aliases(2, |_| "releases(first: 100) { nodes { definitions { nameJa } bureaus { code } findings { check } } }".to_owned()),
        ),
        ("observations of releases", "{ releases(first: 500) { nodes { observations(first: 100) { nodes { value } } } } }".to_owned()),
        (
            "counts of outliers",
            aliases(45, |alias| {
                format!("overtimeOutlierCounts(month: \"20{}-{:02}\") {{ people withheld }}", 17 + alias / 12, 1 + alias % 12)
            }),
        ),
        (
            "a plan over and over",
            aliases(20, |_| "plans(first: 5) { nodes { clauses { children { indicators { code } targets { id } } } } }".to_owned()),
        ),
        (
            "introspection",
            "{ __schema { types { name fields { name args { name type { name ofType { name } } } type { name fields { name } } } } } }"
                .to_owned(),
        ),
    ]
}

//! The rules on a small schema, and the variables of documents that keep them.
#![allow(clippy::unwrap_used, clippy::format_collect)]

use std::time::{Duration, Instant};

use async_graphql::{Variables, parser::parse_query};
use entity::text::Language;
use serde_json::{Value as Json, json};

use super::*;
use crate::http::{documents::Document, variables};

const SDL: &str = "
    type Query { shifts(filter: Filter! = {}, of: [Int!], in: [[Int]] = [[1]], first: Int = 5, day: Day): Shifts! node(id: ID!): Node me: Staff }
    type Mutation { recordShifts(input: RecordShiftsInput!): Int }
    type Subscription { changed(day: Day): Int! other: Int }
    input Filter { codes: [String!], void: Boolean! = false, kind: Kind, nested: Filter }
    input RecordShiftsInput { key: String!, records: [ShiftInput!]! }
    input ShiftInput { day: Day!, minutes: Int, kind: Kind }
    interface Node { id: ID! }
    type Shifts { nodes: [Shift!]! totalCount: Int! }
    type Shift implements Node { id: ID! day: Day! minutes: Int kind: Kind! staff(short: Boolean! = false): Staff }
    type Staff implements Node { id: ID! number(of: Int): String! sex: Kind bureau: Staff }
    enum Kind { A B }
    \"A day.\" scalar Day";

fn rules() -> Rules {
    Rules::from_sdl(SDL, |scalar, value| {
        let is_taken = scalar != "Day" || matches!(value, Value::String(text) if text.len() == 10);
        (!is_taken).then_some(["日", "a day"])
    })
    .unwrap()
}

fn errors(problem: Problem) -> Vec<(String, String)> {
    let place = |at: &Pos| format!("{}:{}", at.line, at.column);
    problem.into_errors(Language::En).into_iter().map(|e| (e.message, e.locations.first().map(place).unwrap_or_default())).collect()
}

/// What is said of a document, and where.
fn said(text: &str) -> Vec<(String, String)> {
    rules().check(text, &parse_query(text).unwrap()).map_or_else(errors, |_| Vec::new())
}

/// What is said of variables, by field.
fn of_variables(text: &str, sent: Json) -> Vec<(String, String)> {
    let (rules, parsed) = (rules(), parse_query(text).unwrap());
    let operations = rules.check(text, &parsed).unwrap();
    let document = Document { parsed, tokens: 1, introspects: false, operations };
    let Err(problem) = variables::check(document.declared(None), &Variables::from_json(sent), &rules) else { return Vec::new() };
    let field = |error: &async_graphql::ServerError| error.extensions.as_ref().unwrap().get("field").unwrap().to_string();
    problem.into_errors(Language::En).into_iter().map(|error| (field(&error), error.message)).collect()
}

#[test]
fn good_documents_pass() {
    for text in [
        "{ shifts { nodes { id } } }",
        "query ($f: Filter = {codes: [\"A\"]}, $n: Int) { shifts(filter: $f, first: $n) { totalCount } }",
        "query ($c: String!) { shifts(filter: { codes: [$c], nested: { void: true } }) { totalCount __typename } }",
        "query ($c: [String!], $v: Boolean) { shifts(filter: { codes: $c, void: $v }) { totalCount } }",
        "{ node(id: 5) { id ... on Shift { x: day } ... on Staff { x: sex } } }",
        "{ a: shifts(of: [1, 2]) { totalCount } b: shifts(of: 1) { totalCount } a: shifts(of: [1, 2]) { nodes { id } } }",
        "subscription ($d: Day) { changed(day: $d) }",
        "{ shifts(day: \"2018-04-01\") { ...F ...F } } fragment F on Shifts { nodes { id } }",
        "{ me { number(of: 1) } } # é\n",
    ] {
        let found = said(text);
        // One name for two types of different shape is refused, by the specification, whatever the types have in common.
        let expected = usize::from(text.contains("x: sex"));
        assert_eq!(found.len(), expected, "{text}: {found:?}");
    }
}

#[test]
fn what_loses_a_name_or_a_type_is_refused_where_it_stands() {
    for (text, words, at) in [
        ("{ shifts { nodes { x: id } nodes { x: day } } }", "conflict", "1:36"),
        (
            "{ shifts { nodes { staff { n: number(of: 1) } } ...F } } fragment F on Shifts { nodes { staff { n: number(of: 2) } } }",
            "conflict",
            "",
        ),
        ("{ a: shifts(of: [1]) { totalCount } a: shifts(of: [1, 2]) { totalCount } }", "conflict", "1:37"),
        ("{ a: shifts(in: [[1], [2]]) { totalCount } a: shifts(in: [[1], [2, 3]]) { totalCount } }", "conflict", "1:44"),
        ("{ me { __typename(x: 1) } }", "Unknown argument \"x\"", "1:19"),
        ("{ me { __typename @nothing } }", "Unknown directive \"@nothing\"", "1:19"),
        ("{ me { id @skip(if: true) @skip(if: false) } }", "can only be used once", "1:27"),
        ("{ shifts(filter: {kind: \"A\"}) { totalCount } }", "Kind cannot represent", "1:25"),
        ("{ shifts(filter: {void: true, void: false}) { totalCount } }", "only one input field named \"void\"", "1:37"),
        ("{ shifts(first: 2147483648) { totalCount } }", "Int cannot represent", "1:17"),
        ("{ shifts(day: \"soon\") { totalCount } }", "a day", "1:15"),
        ("query ($c: [String]) { shifts(filter: {codes: $c}) { totalCount } }", "of type \"[String]\" used in position", "1:47"),
        ("query ($c: String) { shifts(filter: {codes: [$c]}) { totalCount } }", "of type \"String\" used in position", "1:46"),
        ("query ($c: [String!]) { shifts(filter: {codes: [$c]}) { totalCount } }", "used in position", "1:49"),
        ("query ($i: ID = null) { node(id: $i) { id } }", "of type \"ID\" used in position", "1:34"),
        ("query ($b: Boolean) { me { id @include(if: $b) } }", "of type \"Boolean\" used in position", ""),
        ("query ($d: Day = 5) { shifts(day: $d) { totalCount } }", "a day", "1:18"),
        ("query ($n: Int) { me { id } }", "never used", "1:8"),
        ("query ($n: Int, $n: Int) { shifts(first: $n) { totalCount } }", "only one variable named", ""),
        ("{ me { nothing } }", "Cannot query field \"nothing\" on type \"Staff\".", "1:8"),
        ("{ me }", "must have a selection", ""),
        ("{ me { id { x } } }", "must not have a selection", ""),
        ("{ me { ... on Shift { id } } }", "can never be of type \"Shift\"", ""),
        ("{ me { id } } fragment F on Staff { id }", "never used", ""),
        ("{ me { ...G } }", "Unknown fragment", ""),
        ("{ me { id } } type Extra { a: Int }", "not executable", ""),
        ("subscription { changed other }", "only one top level field", ""),
    ] {
        let Ok(parsed) = parse_query(text) else {
            assert!(text.contains("type Extra"), "{text}");
            continue;
        };
        let found = rules().check(text, &parsed).map_or_else(errors, |_| Vec::new());
        assert!(found.iter().any(|(said, _)| said.contains(words)), "{text}: {found:?}");
        assert!(at.is_empty() || found.iter().any(|(_, place)| place == at), "{text}: {found:?}");
    }
}

#[test]
fn what_the_parsers_read_differently_is_refused() {
    let (read, executed) = ("{ me { number(of: 1) } }", "{ me { number(of: 2) } }");
    let refused = rules().check(read, &parse_query(executed).unwrap()).unwrap_err();
    assert_eq!(
        refused.into_errors(Language::En)[0].message,
        "The document can be read in two ways; write texts and numbers in it plainly, or send them as variables."
    );
    for executed in ["{ me { number } }", "{ me { n: number(of: 1) } }", "{ me { number(of: 1) id } }", "query Q { me { number(of: 1) } }"]
    {
        assert!(rules().check(read, &parse_query(executed).unwrap()).is_err(), "{executed}");
    }
}

#[test]
fn a_document_with_ten_thousand_faults_or_twins_is_checked_at_once() {
    let faults: String = (0..5_000).map(|n| format!("x{n} ")).collect();
    let twins = "staff { number } ".repeat(2_500);
    let lists: String = (0..1_500).map(|_| "a: shifts(of: [1, 2]) { totalCount } ").collect();
    let deep = (0..400).fold("id".to_owned(), |inner, _| if inner.len() < 30_000 { format!("{inner} bureau {{ id }}") } else { inner });
    for text in [
        format!("{{ me {{ {faults} }} }}"),
        format!("{{ shifts {{ nodes {{ {twins} }} }} }}"),
        format!("{{ {lists} }}"),
        format!("{{ me {{ {deep} }} }}"),
    ] {
        let begun = Instant::now();
        assert!(said(&text).len() <= MOST);
        assert!(begun.elapsed() < Duration::from_secs(5), "{} bytes took {:?}", text.len(), begun.elapsed());
    }
}

#[test]
fn variables_are_held_to_their_types_by_path() {
    let record = "mutation ($input: RecordShiftsInput!) { recordShifts(input: $input) }";
    let of = |record_: Json| json!({ "input": { "key": "k", "records": [{ "day": "2018-04-01" }, record_] } });
    assert_eq!(of_variables(record, of(json!({ "day": "2018-04-01", "minutes": 5, "kind": "A" }))), []);
    // The records of a bulk call are refused one by one for what a scalar of ours does not take.
    assert_eq!(of_variables(record, of(json!({ "day": "soon" }))), []);
    for (sent, field, words) in [
        (of(json!({ "day": "2018-04-01", "minutes": "5" })), "input.records[1].minutes", "such as 12"),
        (of(json!({ "day": "2018-04-01", "minutes": 2_147_483_648_i64 })), "input.records[1].minutes", "32 bits"),
        (of(json!({ "day": "2018-04-01", "kind": "C" })), "input.records[1].kind", "one of Kind: A, B"),
        (of(json!({ "day": null })), "input.records[1].day", "not be null"),
        (of(json!({ "minutes": 5 })), "input.records[1].day", "required"),
        (of(json!({ "day": "2018-04-01", "x": 5 })), "input.records[1].x", "no such field"),
        (json!({ "input": 5 }), "input", "an object"),
        (json!({}), "input", "required"),
    ] {
        let found = of_variables(record, sent);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, format!("\"{field}\""));
        assert!(found[0].1.contains(words), "{found:?}");
    }
    let list =
        "query ($d: Day, $of: [Int!], $in: [[Int]], $id: ID!) { shifts(day: $d, of: $of, in: $in) { totalCount } node(id: $id) { id } }";
    assert_eq!(of_variables(list, json!({ "d": null, "of": 5, "in": [1, [2, null]], "id": 7 })), []);
    let found = of_variables(list, json!({ "d": "soon", "of": [1, null], "in": [["x"]], "id": 1.5 }));
    let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["\"d\"", "\"of[1]\"", "\"in[0][0]\"", "\"id\""]);
}

#[test]
fn arguments_of_variables_that_were_left_out_go_and_others_stay() {
    let text = "query ($n: Int, $m: Int = 3, $f: Filter, $b: Boolean! = true) {
        shifts(first: $n, filter: $f, of: [$m]) { ...F @include(if: $b) } } fragment F on Shifts { nodes { staff(short: $s) { number(of: $n) } } }";
    let mut parsed = parse_query(text).unwrap();
    let declared =
        |name: &str, has_default| Declared { name: name.into(), ty: Node::new(apollo_compiler::ty!(Int)), has_default, at: Pos::default() };
    let all = [declared("n", false), declared("m", true), declared("f", false), declared("b", true)];
    variables::leave_out(&mut parsed, &all, &Variables::from_json(json!({ "f": null })), None);
    let left = format!("{parsed:?}");
    assert!(!left.contains("Variable(Name(\"n\"))"), "{left}");
    for kept in ["m", "f", "b", "s"] {
        assert!(left.contains(&format!("Variable(Name(\"{kept}\"))")), "{kept}: {left}");
    }
}

//! The guard after the parser: how deep, how wide and how costly a document is, before anything of it is validated or executed.
//!
//! Fragments are measured once each and all sums saturate, so that the work is linear in the text although 0.9 KB of it can mean 2²² selections;
//! the library's own limits walk them all. Cost is the number of fields that the answer may hold, and what the database does for them (`prices`): a
//! list counts its children once for each entry to expect, a connection by its `first` or `last`. `@skip` and `@include` are taken to let
//! everything through.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};

use super::{
    Limits,
    prices::Price,
    problem::Problem,
    shape::{DEFAULT_PAGE, FieldShape, PLAIN_LIST, Shape},
};

/// Page sizes above this are refused by every resolver, and below 0 as well.
const LARGEST_PAGE: u64 = 500;

/// Members of a list or object that an outline keeps; no argument that a price goes by takes more.
const LONGEST_OUTLINE: usize = 1_000;
/// Bytes of a word that an outline keeps.
const LONGEST_WORD: usize = 64;

/// What a document was found to weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measure {
    /// Fields that the answer of the chosen operation may hold, and what the database does for them.
    pub(super) cost: u64,
    /// Fields that the answer may hold.
    pub(super) fields: u64,
    /// Values of variables that the executor copies, one for each use.
    pub(super) copied: u64,
    /// Selections that were looked at to find out.
    pub(super) work: u64,
}

/// Measures a document and refuses it where it passes a limit. `chosen` is the operation that will be executed; the others and all fragments, used or
/// not, are walked by validation and held to the limits of size.
pub(super) fn measure(
    document: &ExecutableDocument,
    chosen: &Positioned<OperationDefinition>,
    variables: &Variables,
    shape: &Shape,
    limits: &Limits,
) -> Result<Measure, Problem> {
    let mut survey =
        Survey { document, chosen: &chosen.node, variables, shape, limits, fragments: HashMap::new(), sizes: HashMap::new(), work: 0 };
    let mut all = Weight::default();
    for (_, operation) in document.operations.iter() {
        all = all.join(survey.set(&operation.node.selection_set, shape.root(operation.node.ty), 1)?);
    }
    for (name, fragment) in &document.fragments {
        all = all.join(survey.fragment(name, fragment.pos, 1)?);
    }
    let own = survey.set(&chosen.node.selection_set, shape.root(chosen.node.ty), 1)?;
    let roots = match chosen.node.ty {
        OperationType::Query => limits.query_roots,
        OperationType::Mutation => limits.mutation_roots,
        OperationType::Subscription => 1,
    };
    let cost = own.cost.total(DEFAULT_PAGE);
    if all.selections > limits.selections {
        Err(Problem::too_many_selections(limits.selections, chosen.pos))
    } else if all.aliases > limits.aliases {
        Err(Problem::too_many_aliases(limits.aliases, chosen.pos))
    } else if all.copied > limits.copied {
        Err(Problem::too_many_copies(limits.copied, chosen.pos))
    } else if own.fields_here > roots {
        Err(Problem::too_many_roots(roots, chosen.pos))
    } else if cost > limits.cost {
        Err(Problem::too_costly(cost, limits.cost, chosen.pos))
    } else {
        Ok(Measure { cost, fields: own.fields.total(DEFAULT_PAGE), copied: all.copied, work: survey.work })
    }
}

/// What a selection set weighs, its fragments expanded.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    selections: u64,
    aliases: u64,
    /// Values copied for arguments.
    copied: u64,
    /// Fields of the set itself, those of its fragments included.
    fields_here: u64,
    /// Levels of selection sets below this one.
    depth: u32,
    cost: Sum,
    /// The fields of the answer, without what the database does for them.
    fields: Sum,
}

/// A sum over a selection set.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// Apart from the entries of a page.
    fixed: u64,
    /// For one entry of the page, in a selection on a connection. Kept apart, so that a fragment needs no knowledge of the page it is used on.
    per_entry: u64,
}

impl Sum {
    fn join(self, other: Self) -> Self {
        Self { fixed: self.fixed.saturating_add(other.fixed), per_entry: self.per_entry.saturating_add(other.per_entry) }
    }

    fn total(self, page: u64) -> u64 {
        self.fixed.saturating_add(self.per_entry.saturating_mul(page))
    }
}

impl Weight {
    fn join(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            copied: self.copied.saturating_add(other.copied),
            fields_here: self.fields_here.saturating_add(other.fields_here),
            depth: self.depth.max(other.depth),
            cost: self.cost.join(other.cost),
            fields: self.fields.join(other.fields),
        }
    }
}

/// A fragment that is being measured, or was.
enum Progress {
    Begun,
    Done(Weight),
}

struct Survey<'a> {
    document: &'a ExecutableDocument,
    chosen: &'a OperationDefinition,
    variables: &'a Variables,
    shape: &'a Shape,
    limits: &'a Limits,
    fragments: HashMap<&'a str, Progress>,
    /// How many values each variable holds.
    sizes: HashMap<Name, u64>,
    work: u64,
}

impl<'a> Survey<'a> {
    /// The weight of a selection set on a type, `level` sets deep. The limit of depth also bounds our own recursion.
    fn set(&mut self, set: &'a Positioned<SelectionSet>, on: &str, level: u32) -> Result<Weight, Problem> {
        self.check_depth(level, set.pos)?;
        let mut sum = Weight::default();
        for selection in &set.node.items {
            self.work += 1;
            let weight = match &selection.node {
                Selection::Field(field) => self.field(&field.node, on, level)?,
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(on, |condition| condition.node.on.node.as_str());
                    let inner = self.set(&inline.node.selection_set, on, level + 1)?;
                    Weight { depth: inner.depth + 1, selections: inner.selections.saturating_add(1), ..inner }
                }
                Selection::FragmentSpread(spread) => {
                    let inner = self.fragment(&spread.node.fragment_name.node, selection.pos, level + 1)?;
                    Weight { depth: inner.depth + 1, selections: inner.selections.saturating_add(1), ..inner }
                }
            };
            self.check_depth(level.saturating_add(weight.depth), selection.pos)?;
            sum = sum.join(weight);
            sum.copied = sum.copied.saturating_add(self.copied(&selection.node));
        }
        Ok(sum)
    }

    fn check_depth(&self, level: u32, at: Pos) -> Result<(), Problem> {
        if level > self.limits.depth { Err(Problem::too_deep(self.limits.depth as usize, at)) } else { Ok(()) }
    }

    /// A fragment's weight, measured at its first use. An unknown fragment weighs nothing; validation refuses it.
    fn fragment(&mut self, name: &str, at: Pos, level: u32) -> Result<Weight, Problem> {
        match self.fragments.get(name) {
            Some(Progress::Done(weight)) => return Ok(*weight),
            Some(Progress::Begun) => return Err(Problem::fragment_cycle(name, at)),
            None => {}
        }
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Weight::default());
        };
        self.fragments.insert(name, Progress::Begun);
        let weight = self.set(&fragment.node.selection_set, &fragment.node.type_condition.node.on.node, level)?;
        self.fragments.insert(name, Progress::Done(weight));
        Ok(weight)
    }

    fn field(&mut self, field: &'a Field, on: &str, level: u32) -> Result<Weight, Problem> {
        let leads = self.shape.field(on, &field.name.node);
        let children = if field.selection_set.node.items.is_empty() {
            Weight::default()
        } else {
            let inner = self.set(&field.selection_set, leads.map_or("", |leads| &leads.target), level + 1)?;
            Weight { depth: inner.depth + 1, ..inner }
        };
        let page = leads.and_then(|leads| self.page(field, leads));
        let Price { work, entries, fields } = leads.map_or_else(Price::default, |leads| self.price(field, leads, page));
        let list = leads.and_then(|leads| leads.list);
        let sum = |children: Sum, own: u64| {
            let each = children.total(page.unwrap_or(DEFAULT_PAGE));
            match list {
                Some(_) if self.shape.is_connection(on) => Sum { fixed: own, per_entry: each },
                Some(length) => {
                    let entries = entries.or(page).unwrap_or(length);
                    Sum { fixed: each.saturating_mul(entries).saturating_add(own), per_entry: 0 }
                }
                None => Sum { fixed: each.saturating_add(own), per_entry: 0 },
            }
        };
        Ok(Weight {
            selections: children.selections.saturating_add(1),
            aliases: children.aliases.saturating_add(u64::from(field.alias.is_some())),
            copied: children.copied,
            fields_here: 1,
            depth: children.depth,
            cost: sum(children.cost, work.saturating_add(1)),
            fields: sum(children.fields, fields.saturating_add(1)),
        })
    }

    fn price(&self, field: &Field, leads: &FieldShape, page: Option<u64>) -> Price {
        let outlined = |name: Name| Ok::<_, ()>(self.variable(&name).map_or(Value::Null, |value| outline(value, true)));
        let arguments = field.arguments.iter();
        let values: Vec<(&str, Value)> =
            arguments.filter_map(|(name, value)| Some((name.node.as_str(), value.node.clone().into_const_with(outlined).ok()?))).collect();
        let argument = |asked: &str| values.iter().find(|(name, _)| *name == asked).map(|(_, value)| value);
        leads.rule.price(argument, page.unwrap_or(DEFAULT_PAGE), PLAIN_LIST)
    }

    /// The page that a field asks for, held between 0 and [`LARGEST_PAGE`]; `None` where it has no paging argument.
    fn page(&self, field: &Field, leads: &FieldShape) -> Option<u64> {
        let usual = leads.page?;
        let asked = field.arguments.iter().filter(|(name, _)| matches!(name.node.as_str(), "first" | "last"));
        let number = |name: Name| self.variable(&name).filter(|value| matches!(value, Value::Number(_))).cloned().ok_or(());
        let asked = asked.filter_map(|(_, value)| match value.node.clone().into_const_with(number) {
            Ok(Value::Number(number)) => Some(number.as_u64().unwrap_or(if number.as_i64().is_some() { 0 } else { LARGEST_PAGE })),
            _ => None,
        });
        Some(asked.max().unwrap_or(usual).min(LARGEST_PAGE))
    }

    /// Values that the executor copies for the arguments of a selection: it clones a variable at each use, and one may be a whole body.
    fn copied(&mut self, selection: &Selection) -> u64 {
        let arguments = match selection {
            Selection::Field(field) => field.node.arguments.as_slice(),
            _ => &[],
        };
        let directives = selection.directives().iter().flat_map(|directive| &directive.node.arguments);
        let mut used = Vec::new();
        for (_, value) in arguments.iter().chain(directives) {
            let _ = value.node.clone().into_const_with(|name| {
                used.push(name);
                Ok::<_, ()>(Value::Null)
            });
        }
        used.iter().fold(0, |sum: u64, name| sum.saturating_add(self.size(name)))
    }

    fn size(&mut self, name: &Name) -> u64 {
        if let Some(size) = self.sizes.get(name) {
            return *size;
        }
        let size = self.variable(name).map_or(1, nodes);
        self.sizes.insert(name.clone(), size);
        size
    }

    fn variable(&self, name: &Name) -> Option<&'a Value> {
        self.variables.get(name).or_else(|| {
            let mut definitions = self.chosen.variable_definitions.iter();
            let definition = definitions.find(|definition| definition.node.name.node == *name)?;
            definition.node.default_value.as_ref().map(|value| &value.node)
        })
    }
}

/// As much of a variable as a price goes by: how long a list is and its words, whether a member is null. A variable may be a whole body.
fn outline(value: &Value, is_whole: bool) -> Value {
    match value {
        Value::List(items) if is_whole => Value::List(items.iter().take(LONGEST_OUTLINE).map(|item| outline(item, false)).collect()),
        Value::Object(members) if is_whole => {
            Value::Object(members.iter().take(LONGEST_OUTLINE).map(|(name, member)| (name.clone(), outline(member, false))).collect())
        }
        Value::String(text) if text.len() > LONGEST_WORD => Value::Boolean(true),
        Value::List(_) | Value::Object(_) | Value::Binary(_) => Value::Boolean(true),
        plain => plain.clone(),
    }
}

/// The values in a value, itself included. Its depth is bounded by that of the JSON it came in.
fn nodes(value: &Value) -> u64 {
    match value {
        Value::List(items) => items.iter().map(nodes).sum::<u64>() + 1,
        Value::Object(fields) => fields.values().map(nodes).sum::<u64>() + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::format_collect, clippy::format_push_string)]
    use async_graphql::parser::{parse_query, types::DocumentOperations};
    use serde_json::json;

    use super::*;
    use crate::error::Code;

    const SDL: &str = "
        type Query { staff(first: Int, last: Int): StaffConnection! me: Staff node: Node plain: [Staff!]! count(of: [Int!]): Int }
        type Mutation { record(n: Int): Int }
        interface Node { id: ID! }
        type StaffConnection { nodes: [Staff!]! edges: [Edge!]! pageInfo: PageInfo! totalCount: Int! }
        type Edge { node: Staff! } type PageInfo { hasNextPage: Boolean! }
        type Staff implements Node { id: ID! name: String bureau: Bureau postings(first: Int = 10): StaffConnection! }
        type Bureau { code: String staff(first: Int): StaffConnection! }";

    fn with(text: &str, variables: serde_json::Value) -> Result<Measure, Problem> {
        let document = parse_query(text).unwrap();
        let chosen = match &document.operations {
            DocumentOperations::Single(operation) => operation,
            DocumentOperations::Multiple(operations) => operations.values().next().unwrap(),
        };
        measure(&document, chosen, &Variables::from_json(variables), &Shape::from_sdl(SDL).unwrap(), &Limits::default())
    }

    fn cost(text: &str) -> u64 {
        with(text, json!({})).unwrap().cost
    }

    fn refusal(text: &str) -> (Code, String) {
        let problem = with(text, json!({})).unwrap_err();
        (problem.code, problem.into_error(entity::text::Language::En).message)
    }

    #[test]
    fn a_page_multiplies_what_is_in_it_and_nothing_beside_it() {
        // A list or a root is a statement, which costs as much as 100 fields; to count a list costs as much as 10,000.
        assert_eq!(cost("{ me { id name } }"), 100 + 3);
        assert_eq!(
            cost("{ staff(first: 10) { totalCount pageInfo { hasNextPage } nodes { id name } } }"),
            10_000 + 100 + 1 + 1 + 2 + 1 + 10 * 2
        );
        assert_eq!(cost("{ staff(last: 10) { edges { node { id } } } }"), 100 + 1 + 1 + 10 * 2);
        assert_eq!(cost("{ staff { nodes { id } } }"), 100 + 1 + 1 + 50);
        assert_eq!(cost("{ me { postings { nodes { id } } } }"), 200 + 1 + 1 + 1 + 10);
        assert_eq!(cost("{ plain { id } }"), 100 + 1 + 20);
        assert_eq!(cost("{ node { id ... on Staff { name } } }"), 600 + 3);
        let nested = "{ staff(first: 10) { nodes { bureau { staff(first: 5) { nodes { id } } } } } }";
        assert_eq!(cost(nested), 100 + 1 + 1 + 10 * (1 + 100 + 1 + 1 + 5));
    }

    #[test]
    fn a_fragment_costs_by_the_page_it_is_used_on() {
        let fragment = "fragment F on StaffConnection { nodes { id } }";
        assert_eq!(
            cost(&format!("{{ staff(first: 3) {{ ...F }} me {{ postings(first: 7) {{ ...F }} }} }} {fragment}")),
            (100 + 1 + 1 + 3) + (200 + 1 + 1 + 1 + 7)
        );
    }

    #[test]
    fn a_page_out_of_range_is_held_in_it() {
        assert_eq!(cost("{ staff(first: -2000) { nodes { id } } }"), 102);
        assert_eq!(cost("{ staff(first: 99999999999999999999) { nodes { id } } }"), 602);
        assert_eq!(cost("{ staff(first: 2000000000) { nodes { id } } }"), 602);
        let text = "query($n: Int = 7) { staff(first: $n) { nodes { id } } }";
        let of = |variables| with(text, variables).unwrap().cost;
        assert_eq!(
            (of(json!({})), of(json!({"n": 3})), of(json!({"n": -1})), of(json!({"n": null})), of(json!({"n": "x"}))),
            (109, 105, 102, 152, 152)
        );
    }

    #[test]
    fn what_may_fetch_too_much_is_refused() {
        let nested = "{ staff(first: 500) { nodes { bureau { staff(first: 500) { nodes { id } } } } } }";
        let text = "The query may cost 301602, more than the 250000 allowed; ask for smaller pages, fewer months or fewer lists.";
        assert_eq!(refusal(nested), (Code::LimitExceeded, text.to_owned()));
        let deeper =
            format!("{{ staff(first: 500) {{ {} id {} }} }}", "nodes { bureau { staff(first: 500) { ".repeat(8), "} } }".repeat(8));
        assert!(refusal(&deeper).1.starts_with("The query may cost"));
    }

    #[test]
    fn fragments_that_double_22_times_are_refused_by_work_linear_in_the_text() {
        for doublings in [22, 24] {
            let mut text = "{ me { ...F0 } }".to_owned();
            for level in 0..doublings {
                text += &format!("fragment F{level} on Staff {{ ...F{0} ...F{0} }}", level + 1);
            }
            text += &format!("fragment F{doublings} on Staff {{ id }}");
            assert!(text.len() < 1200);
            let document = parse_query(&text).unwrap();
            let DocumentOperations::Single(chosen) = &document.operations else { panic!("one operation") };
            let generous = Limits { selections: u64::MAX, cost: u64::MAX, ..Limits::default() };
            let measured = measure(&document, chosen, &Variables::default(), &Shape::from_sdl(SDL).unwrap(), &generous).unwrap();
            assert_eq!(measured.cost, (1 << doublings) + 101);
            assert!(measured.work < 100, "{measured:?}");
            assert_eq!(
                refusal(&text),
                (Code::LimitExceeded, "With its fragments expanded the query selects more than 10000 fields.".to_owned())
            );
        }
    }

    #[test]
    fn an_absurd_number_of_expansions_saturates() {
        let mut text = "{ me { ...F0 } }".to_owned();
        for level in 0..25 {
            text += &format!("fragment F{level} on Staff {{ {} }}", format!("...F{} ", level + 1).repeat(40));
        }
        text += "fragment F25 on Staff { id }";
        assert_eq!(refusal(&text).0, Code::LimitExceeded);
    }

    #[test]
    fn fragments_that_contain_themselves_are_refused_used_or_not() {
        let cycle = "fragment A on Staff { id ...B } fragment B on Staff { bureau { staff { nodes { ...A } } } }";
        for text in [
            format!("{{ me {{ ...A }} }} {cycle}"),
            format!("{{ me {{ id }} }} {cycle}"),
            "{ me { ...S } } fragment S on Staff { ...S }".to_owned(),
        ] {
            let (code, message) = refusal(&text);
            assert_eq!(code, Code::BadUserInput);
            assert!(message.ends_with("contains itself."), "{message}");
        }
    }

    #[test]
    fn depth_counts_through_fragments_however_they_were_reached_first() {
        let deep = |levels: usize| "bureau { staff(first: 1) { nodes { ".repeat(levels) + "id" + &"} } }".repeat(levels);
        assert!(with(&format!("{{ me {{ {} }} }}", deep(9)), json!({})).is_ok());
        assert_eq!(refusal(&format!("{{ me {{ {} }} }}", deep(10))).1, "The query is nested more than 30 levels deep.");
        let fragment = format!("fragment F on Staff {{ {} }}", deep(6));
        let text = format!(
            "{{ me {{ ...F }} other: me {{ {} ...F {} }} }} {fragment}",
            "bureau { staff(first: 1) { nodes { ".repeat(4),
            "} } }".repeat(4)
        );
        assert_eq!(refusal(&text).1, "The query is nested more than 30 levels deep.");
        let chain: String = (0..500).map(|n| format!("fragment F{n} on Staff {{ ...F{} }}", n + 1)).collect();
        assert_eq!(refusal(&format!("{{ me {{ ...F0 }} }} {chain} fragment F500 on Staff {{ id }}")).0, Code::LimitExceeded);
    }

    #[test]
    fn aliases_and_root_fields_are_counted_with_fragments_expanded() {
        let aliases = (0..101).map(|n| format!("a{n}: id ")).collect::<String>();
        assert_eq!(refusal(&format!("{{ me {{ {aliases} }} }}")).1, "The query has more than 100 aliases.");
        assert_eq!(refusal(&format!("{{ {} }}", "me { id } ".repeat(51))).1, "The operation has more than 50 root fields.");
        let mutation = "mutation { ...R ...R ...R } fragment R on Mutation { record record record record record record record }";
        assert_eq!(refusal(mutation).1, "The operation has more than 20 root fields.");
        assert!(
            with("mutation { ...R ...R } fragment R on Mutation { record record record record record record record }", json!({})).is_ok()
        );
    }

    #[test]
    fn a_large_variable_may_not_be_copied_over_and_over() {
        let large = json!({"v": vec![1; 50_000]});
        let text = |uses: usize| format!("query($v: [Int!]) {{ {} }}", "count(of: $v) ".repeat(uses));
        assert!(with(&text(2), large.clone()).is_ok());
        assert_eq!(with(&text(40), large).unwrap_err().code, Code::LimitExceeded);
        let included = format!("query($v: [Int!]) {{ {} }}", "me @include(if: $v) { id } ".repeat(40));
        assert_eq!(with(&included, json!({"v": vec![1; 50_000]})).unwrap_err().code, Code::LimitExceeded);
    }

    #[test]
    fn introspection_may_not_go_round_and_round() {
        let round =
            |times: usize| format!("{{ __schema {{ types {{ {} name {} }} }} }}", "fields { type { ".repeat(times), "} }".repeat(times));
        assert!(with(&round(2), json!({})).is_ok());
        assert_eq!(with(&round(3), json!({})).unwrap_err().code, Code::LimitExceeded);
    }
}

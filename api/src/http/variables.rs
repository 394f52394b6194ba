//! The values of variables, held to their types before anything is executed, and arguments whose variable was left out.
//!
//! The executor looks at a variable where it is used, field by field, so that a wrong value far down in 5,000 records would be told without its
//! place. Here it is told with its path. A scalar of ours inside the records of a bulk call is left alone: the record is refused by itself.

use std::fmt::Write;

use apollo_compiler::{ast::Type, schema::ExtendedType};
use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value as Written;

use super::{
    problem::{Fault, Problem},
    rules::{Declared, MOST, Rules, in_bulk},
};

/// Refuses values that do not fit the types of their variables.
pub(super) fn check(declared: &[Declared], variables: &Variables, rules: &Rules) -> Result<(), Problem> {
    let mut faults = Vec::new();
    for variable in declared {
        let mut path = Path { of: variable, steps: Vec::new(), rules, faults: &mut faults };
        match variables.get(&*variable.name) {
            Some(value) => path.value(value, &variable.ty, false),
            None if variable.ty.is_non_null() && !variable.has_default => path.wrong(["値が必要です。", "A value is required."]),
            None => {}
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Index(usize),
}

/// Where in a variable we are.
struct Path<'a> {
    of: &'a Declared,
    steps: Vec<Step<'a>>,
    rules: &'a Rules,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Path<'a> {
    /// The recursion is bounded by that of the JSON.
    fn value(&mut self, value: &'a Value, ty: &'a Type, bulk: bool) {
        match value {
            Value::Null if ty.is_non_null() => self.wrong(["null は指定できません。", "It may not be null."]),
            Value::Null => {}
            Value::List(items) if ty.is_list() => {
                for (index, item) in items.iter().enumerate() {
                    self.at(Step::Index(index), |path| path.value(item, ty.item_type(), bulk));
                    if self.faults.len() >= MOST {
                        return;
                    }
                }
            }
            // One value stands for a list of it.
            _ if ty.is_list() => self.value(value, ty.item_type(), bulk),
            _ => self.named(value, ty, bulk),
        }
    }

    fn named(&mut self, value: &'a Value, ty: &'a Type, bulk: bool) {
        let rules = self.rules;
        let name = ty.inner_named_type();
        match rules.schema().types.get(name) {
            Some(ExtendedType::Scalar(scalar)) if scalar.is_built_in() => {
                if let Some(wanted) = built_in(name, value) {
                    self.wrong(wanted);
                }
            }
            Some(ExtendedType::Scalar(_)) if !bulk => {
                if let Some(wanted) = rules.wanted(name, value) {
                    self.wrong(wanted);
                }
            }
            Some(ExtendedType::Enum(members)) => {
                let is_member = matches!(value, Value::String(word) if members.values.contains_key(word.as_str()));
                if !is_member {
                    let some: Vec<_> = members.values.keys().take(30).map(apollo_compiler::Name::as_str).collect();
                    let some = some.join(", ");
                    self.wrong([&format!("{name} のいずれか（{some}）を指定してください。"), &format!("Write one of {name}: {some}.")]);
                }
            }
            Some(ExtendedType::InputObject(object)) => {
                let Value::Object(members) = value else {
                    self.wrong([&format!("{name} のオブジェクトを指定してください。"), &format!("Write an object of {name}.")]);
                    return;
                };
                for (member, value) in members {
                    match object.fields.get(member.as_str()) {
                        Some(wanted) => {
                            let bulk = bulk || in_bulk(&object.name, member);
                            self.at(Step::Member(member), |path| path.value(value, &wanted.ty, bulk));
                        }
                        None => self.at(Step::Member(member), |path| {
                            path.wrong([&format!("{name} にこの項目はありません。"), &format!("{name} has no such field.")]);
                        }),
                    }
                }
                for (member, wanted) in &object.fields {
                    if wanted.is_required() && !members.contains_key(member.as_str()) {
                        self.at(Step::Member(member), |path| path.wrong(["値が必要です。", "A value is required."]));
                    }
                }
            }
            _ => {}
        }
    }

    fn at(&mut self, step: Step<'a>, look: impl FnOnce(&mut Self)) {
        self.steps.push(step);
        look(self);
        self.steps.pop();
    }

    fn wrong<T: AsRef<str>>(&mut self, [ja, en]: [T; 2]) {
        if self.faults.len() >= MOST {
            return;
        }
        let mut field = self.of.name.to_string();
        for step in &self.steps {
            match step {
                Step::Member(name) => {
                    field.push('.');
                    // A name that the schema does not know may be anything, of any length.
                    field.extend(name.chars().take(100));
                }
                Step::Index(index) => _ = write!(field, "[{index}]"),
            }
        }
        let (ja, en) = (format!("変数 ${field}：{}", ja.as_ref()), format!("Variable ${field}: {}", en.as_ref()));
        self.faults.push(Fault { en: en.into(), ja: ja.into(), at: Some(self.of.at), field: Some(field.into()) });
    }
}

/// What a scalar of the specification wants where it does not take a value.
fn built_in(name: &str, value: &Value) -> Option<[&'static str; 2]> {
    let is_whole = |number: &async_graphql::Number| number.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
    match (name, value) {
        ("Int", Value::Number(number)) if is_whole(number) => None,
        ("Float", Value::Number(_)) | ("String" | "ID", Value::String(_)) | ("Boolean", Value::Boolean(_)) => None,
        ("ID", Value::Number(number)) if number.is_i64() || number.is_u64() => None,
        ("Int", _) => Some(["32ビットの整数を指定してください（例：12）。", "Write a whole number of 32 bits, such as 12."]),
        ("Float", _) => Some(["数値を指定してください（例：1.5）。", "Write a number, such as 1.5."]),
        ("String", _) => Some(["文字列を指定してください（例：\"A\"）。", "Write a text, such as \"A\"."]),
        ("Boolean", _) => Some(["true または false を指定してください。", "Write true or false."]),
        ("ID", _) => Some(["ID を文字列で指定してください。", "Write an id, as a text."]),
        _ => None,
    }
}

/// Takes out of a document the arguments whose variable was left out and has no default of its own: the argument's default holds, which the
/// executor would overlook. Only the operation that is executed counts, and all fragments, which have its variables.
pub(super) fn leave_out(document: &mut ExecutableDocument, declared: &[Declared], variables: &Variables, operation: Option<&str>) {
    let is_left_out = |variable: &&Declared| !variable.has_default && !variables.contains_key(&*variable.name);
    let left_out: Vec<&str> = declared.iter().filter(is_left_out).map(|variable| &*variable.name).collect();
    if left_out.is_empty() {
        return;
    }
    let is_out = |name: &Name| left_out.contains(&name.as_str());
    if let Some(operation) = chosen(document, operation) {
        directives(&mut operation.node.directives, &is_out);
        set(&mut operation.node.selection_set.node, &is_out);
    }
    for fragment in document.fragments.values_mut() {
        set(&mut fragment.node.selection_set.node, &is_out);
    }
}

fn chosen<'a>(document: &'a mut ExecutableDocument, name: Option<&str>) -> Option<&'a mut Positioned<OperationDefinition>> {
    use async_graphql::parser::types::DocumentOperations::{Multiple, Single};
    match (&mut document.operations, name) {
        (Single(operation), _) => Some(operation),
        (Multiple(operations), Some(name)) => operations.get_mut(name),
        (Multiple(operations), None) => operations.values_mut().next(),
    }
}

/// Its recursion is bounded by that of the text's brackets.
fn set(set_: &mut SelectionSet, is_out: &impl Fn(&Name) -> bool) {
    for selection in &mut set_.items {
        match &mut selection.node {
            Selection::Field(field) => {
                arguments(&mut field.node.arguments, is_out);
                directives(&mut field.node.directives, is_out);
                set(&mut field.node.selection_set.node, is_out);
            }
            Selection::InlineFragment(inline) => {
                directives(&mut inline.node.directives, is_out);
                set(&mut inline.node.selection_set.node, is_out);
            }
            Selection::FragmentSpread(spread) => directives(&mut spread.node.directives, is_out),
        }
    }
}

fn directives(all: &mut [Positioned<Directive>], is_out: &impl Fn(&Name) -> bool) {
    for directive in all {
        arguments(&mut directive.node.arguments, is_out);
    }
}

fn arguments(all: &mut Vec<(Positioned<Name>, Positioned<Written>)>, is_out: &impl Fn(&Name) -> bool) {
    all.retain(|(_, value)| !matches!(&value.node, Written::Variable(name) if is_out(name)));
}

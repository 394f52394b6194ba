//! What the validator leaves open: variables in lists and objects, members that stand twice in an object, lists that merge though one is longer,
//! and texts that a scalar of ours does not take.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    ast::{self, InputValueDefinition, Type},
    executable::{self, Field, Operation, Selection, SelectionSet},
    schema::ExtendedType,
};
use async_graphql::{Name as ConstName, Value as Const, indexmap::IndexMap};

use super::{MOST, Rules, fault, place};
use crate::http::problem::Fault;

/// The first faults of a document that keeps the validator's own rules.
pub(super) fn faults(rules: &Rules, document: &ExecutableDocument) -> Vec<Fault> {
    let mut look = Look { rules, document, operation: None, seen: HashSet::new(), faults: Vec::new(), lists: false };
    for operation in document.operations.iter() {
        look.operation(operation);
    }
    let Look { mut faults, lists, .. } = look;
    if faults.is_empty() && lists {
        faults = longer_lists(rules, document);
    }
    faults.truncate(MOST);
    faults
}

struct Look<'a> {
    rules: &'a Rules,
    document: &'a ExecutableDocument,
    operation: Option<&'a Operation>,
    /// Fragments that were looked at in this operation.
    seen: HashSet<&'a Name>,
    faults: Vec<Fault>,
    /// Whether a list was met in an argument.
    lists: bool,
}

impl<'a> Look<'a> {
    fn operation(&mut self, operation: &'a Operation) {
        self.operation = None;
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                self.value(default, &variable.ty, false, false);
            }
        }
        self.operation = Some(operation);
        self.seen.clear();
        self.directives(&operation.directives);
        self.set(&operation.selection_set);
    }

    fn set(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            if self.faults.len() >= MOST {
                return;
            }
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    self.field(field);
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(inline) => self.set(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && self.seen.insert(&fragment.name)
                    {
                        self.directives(&fragment.directives);
                        self.set(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &'a Field) {
        for argument in &field.arguments {
            if let Some(wanted) = field.definition.argument_by_name(&argument.name) {
                self.argument(argument, wanted);
            }
        }
    }

    fn directives(&mut self, directives: &'a ast::DirectiveList) {
        for directive in directives {
            let Some(definition) = self.rules.schema().directive_definitions.get(&directive.name) else { continue };
            for argument in &directive.arguments {
                if let Some(wanted) = definition.argument_by_name(&argument.name) {
                    self.argument(argument, wanted);
                }
            }
        }
    }

    fn argument(&mut self, argument: &'a Node<ast::Argument>, wanted: &InputValueDefinition) {
        self.value(&argument.value, &wanted.ty, wanted.default_value.is_some(), false);
    }

    /// `has_default` is the place's own; records in bulk are `bulk`, whose scalars are read one by one.
    fn value(&mut self, value: &'a Node<ast::Value>, ty: &Type, has_default: bool, bulk: bool) {
        match &**value {
            ast::Value::Variable(name) => self.variable(name, value, ty, has_default),
            ast::Value::List(items) => {
                self.lists = true;
                if ty.is_list() {
                    for item in items {
                        self.value(item, ty.item_type(), false, bulk);
                    }
                } else {
                    self.scalar(value, ty, bulk);
                }
            }
            ast::Value::Object(members) => self.members(members, value, ty, bulk),
            ast::Value::Null | ast::Value::Enum(_) => {}
            ast::Value::String(_) | ast::Value::Float(_) | ast::Value::Int(_) | ast::Value::Boolean(_) => self.scalar(value, ty, bulk),
        }
    }

    fn members(&mut self, members: &'a [(Name, Node<ast::Value>)], value: &'a Node<ast::Value>, ty: &Type, bulk: bool) {
        let mut names = HashSet::new();
        for (name, member) in members {
            if !names.insert(name) {
                self.faults.push(Fault::of_document(
                    format!("There can be only one input field named \"{name}\"."),
                    Some(place(self.document, member)),
                ));
            }
        }
        let rules = self.rules;
        match rules.schema().types.get(ty.inner_named_type()) {
            Some(ExtendedType::InputObject(object)) => {
                for (name, member) in members {
                    if let Some(wanted) = object.fields.get(name) {
                        let bulk = bulk || in_bulk(&object.name, name);
                        self.value(member, &wanted.ty, wanted.default_value.is_some(), bulk);
                    }
                }
            }
            _ => self.scalar(value, ty, bulk),
        }
    }

    fn variable(&mut self, name: &Name, value: &Node<ast::Value>, ty: &Type, has_default: bool) {
        let Some(declared) = self.operation.and_then(|operation| operation.variables.iter().find(|variable| variable.name == *name)) else {
            return;
        };
        if !is_allowed(declared, ty, has_default) {
            let said = format!("Variable \"${name}\" of type \"{}\" used in position expecting type \"{ty}\".", declared.ty);
            self.faults.push(Fault::of_document(said, Some(place(self.document, value))));
        }
    }

    /// A scalar of ours, which the validator lets hold anything.
    fn scalar(&mut self, value: &Node<ast::Value>, ty: &Type, bulk: bool) {
        let name = ty.inner_named_type();
        let is_ours = self.rules.schema().get_scalar(name).is_some_and(|scalar| !scalar.is_built_in());
        if bulk || !is_ours {
            return;
        }
        if let Some([ja, en]) = constant(value).and_then(|value| self.rules.wanted(name, &value)) {
            let at = Some(place(self.document, value));
            self.faults.push(Fault { en: en.into(), ja: ja.into(), at, field: None });
        }
    }
}

/// Whether a member of an input object holds the records of a bulk call, which are refused one by one.
pub(in crate::http) fn in_bulk(object: &str, member: &str) -> bool {
    member == "records" && object.starts_with("Record") && object.ends_with("Input")
}

/// As the specification's `IsVariableUsageAllowed`.
fn is_allowed(declared: &executable::VariableDefinition, ty: &Type, has_default: bool) -> bool {
    let own = declared.default_value.as_ref().is_some_and(|value| !value.is_null());
    if ty.is_non_null() && !declared.ty.is_non_null() {
        return (own || has_default) && declared.ty.is_assignable_to(&ty.clone().nullable());
    }
    declared.ty.is_assignable_to(ty)
}

/// A value without variables, as the executor has it.
fn constant(value: &ast::Value) -> Option<Const> {
    Some(match value {
        ast::Value::Variable(_) => return None,
        ast::Value::Null => Const::Null,
        ast::Value::Enum(name) => Const::Enum(ConstName::new(name.as_str())),
        ast::Value::String(text) => Const::String(text.clone()),
        ast::Value::Float(number) => Const::Number(number.as_str().parse().ok()?),
        ast::Value::Int(number) => Const::Number(number.as_str().parse().ok()?),
        ast::Value::Boolean(value) => Const::Boolean(*value),
        ast::Value::List(items) => Const::List(items.iter().map(|item| constant(item)).collect::<Option<_>>()?),
        ast::Value::Object(members) => {
            let members = members.iter().map(|(name, member)| Some((ConstName::new(name.as_str()), constant(member)?)));
            Const::Object(members.collect::<Option<IndexMap<_, _>>>()?)
        }
    })
}

/// Fields of one name whose lists differ in length alone, which the validator lets merge: it compares them again with each list in an object that
/// names its length.
fn longer_lists(rules: &Rules, document: &ExecutableDocument) -> Vec<Fault> {
    let mut marked = document.clone();
    let operations = &mut marked.operations;
    for operation in operations.anonymous.iter_mut().chain(operations.named.values_mut()) {
        mark_set(&mut operation.make_mut().selection_set);
    }
    for fragment in marked.fragments.values_mut() {
        mark_set(&mut fragment.make_mut().selection_set);
    }
    let Err(broken) = marked.validate(&rules.schema) else { return Vec::new() };
    let conflicts = broken.errors.iter().filter(|error| error.error.unstable_error_name() == Some("ConflictingFieldArgument"));
    conflicts.take(MOST).map(|error| fault(&error)).collect()
}

fn mark_set(set: &mut SelectionSet) {
    for selection in &mut set.selections {
        match selection {
            Selection::Field(field) => {
                let field = field.make_mut();
                for argument in &mut field.arguments {
                    mark(argument.make_mut().value.make_mut());
                }
                mark_set(&mut field.selection_set);
            }
            Selection::InlineFragment(inline) => mark_set(&mut inline.make_mut().selection_set),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn mark(value: &mut ast::Value) {
    match value {
        ast::Value::List(items) => {
            for item in items.iter_mut() {
                mark(item.make_mut());
            }
            if let Ok(length) = Name::try_from(format!("of{}", items.len())) {
                *value = ast::Value::Object(vec![(length, Node::new(ast::Value::List(std::mem::take(items))))]);
            }
        }
        ast::Value::Object(members) => members.iter_mut().for_each(|(_, member)| mark(member.make_mut())),
        _ => {}
    }
}

//! Whether two parsers read a document alike: what is validated is what is executed.

use apollo_compiler::{ExecutableDocument, Node, ast, executable};
use async_graphql::{
    Positioned, Value as Const,
    parser::types::{Directive, ExecutableDocument as Parsed, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};
use async_graphql_value::Value;

/// Whether both say the same, position aside.
pub(super) fn same(one: &Parsed, other: &ExecutableDocument) -> bool {
    let operations = |(name, operation): (Option<&async_graphql::Name>, &Positioned<OperationDefinition>)| {
        let twin = match name {
            Some(name) => other.operations.named.get(name.as_str()),
            None => other.operations.anonymous.as_ref(),
        };
        twin.is_some_and(|twin| same_operation(&operation.node, twin))
    };
    one.operations.iter().count() == other.operations.len()
        && one.operations.iter().all(operations)
        && one.fragments.len() == other.fragments.len()
        && one.fragments.iter().all(|(name, fragment)| {
            other.fragments.get(name.as_str()).is_some_and(|twin| {
                fragment.node.type_condition.node.on.node == twin.selection_set.ty.as_str()
                    && same_directives(&fragment.node.directives, &twin.directives)
                    && same_set(&fragment.node.selection_set.node, &twin.selection_set)
            })
        })
}

fn same_operation(one: &OperationDefinition, other: &executable::Operation) -> bool {
    let kind = match one.ty {
        OperationType::Query => ast::OperationType::Query,
        OperationType::Mutation => ast::OperationType::Mutation,
        OperationType::Subscription => ast::OperationType::Subscription,
    };
    kind == other.operation_type
        && one.variable_definitions.len() == other.variables.len()
        && one.variable_definitions.iter().zip(&other.variables).all(|(one, other)| {
            let one = &one.node;
            one.name.node == other.name.as_str()
                && one.var_type.node.to_string() == other.ty.to_string()
                && match (&one.default_value, &other.default_value) {
                    (Some(one), Some(other)) => same_const(&one.node, other),
                    (None, None) => true,
                    _ => false,
                }
        })
        && same_directives(&one.directives, &other.directives)
        && same_set(&one.selection_set.node, &other.selection_set)
}

/// The recursion is bounded by the brackets of the text.
fn same_set(one: &SelectionSet, other: &executable::SelectionSet) -> bool {
    one.items.len() == other.selections.len()
        && one.items.iter().zip(&other.selections).all(|(one, other)| match (&one.node, other) {
            (Selection::Field(one), executable::Selection::Field(other)) => same_field(&one.node, other),
            (Selection::FragmentSpread(one), executable::Selection::FragmentSpread(other)) => {
                one.node.fragment_name.node == other.fragment_name.as_str() && same_directives(&one.node.directives, &other.directives)
            }
            (Selection::InlineFragment(one), executable::Selection::InlineFragment(other)) => {
                let on = one.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                on == other.type_condition.as_ref().map(apollo_compiler::Name::as_str)
                    && same_directives(&one.node.directives, &other.directives)
                    && same_set(&one.node.selection_set.node, &other.selection_set)
            }
            _ => false,
        })
}

fn same_field(one: &Field, other: &executable::Field) -> bool {
    one.name.node == other.name.as_str()
        && one.alias.as_ref().map(|alias| alias.node.as_str()) == other.alias.as_ref().map(apollo_compiler::Name::as_str)
        && same_arguments(&one.arguments, &other.arguments)
        && same_directives(&one.directives, &other.directives)
        && same_set(&one.selection_set.node, &other.selection_set)
}

fn same_directives(one: &[Positioned<Directive>], other: &[Node<ast::Directive>]) -> bool {
    let alike = |(one, other): (&Positioned<Directive>, &Node<ast::Directive>)| {
        one.node.name.node == other.name.as_str() && same_arguments(&one.node.arguments, &other.arguments)
    };
    one.len() == other.len() && one.iter().zip(other).all(alike)
}

fn same_arguments(one: &[(Positioned<async_graphql::Name>, Positioned<Value>)], other: &[Node<ast::Argument>]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|((name, value), other)| name.node == other.name.as_str() && same_value(&value.node, &other.value))
}

fn same_value(one: &Value, other: &ast::Value) -> bool {
    match (one, other) {
        (Value::Variable(one), ast::Value::Variable(other)) | (Value::Enum(one), ast::Value::Enum(other)) => one == other.as_str(),
        (Value::Null, ast::Value::Null) => true,
        (Value::Number(one), ast::Value::Int(other)) => same_number(one, other.as_str()),
        (Value::Number(one), ast::Value::Float(other)) => same_number(one, other.as_str()),
        (Value::String(one), ast::Value::String(other)) => one == other,
        (Value::Boolean(one), ast::Value::Boolean(other)) => one == other,
        (Value::List(one), ast::Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_value(one, other))
        }
        (Value::Object(one), ast::Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((name, one), (other_name, other))| name == other_name.as_str() && same_value(one, other))
        }
        _ => false,
    }
}

fn same_const(one: &Const, other: &ast::Value) -> bool {
    same_value(&one.clone().into_value(), other)
}

fn same_number(one: &serde_json::Number, other: &str) -> bool {
    other.parse::<serde_json::Number>().is_ok_and(|other| *one == other || one.as_f64() == other.as_f64())
}

//! The shape of the schema as far as cost needs it: which type a field leads to, and how many of them.

use std::collections::HashMap;

use async_graphql::{
    Value,
    parser::{
        self, parse_schema,
        types::{BaseType, FieldDefinition, OperationType, Type, TypeKind, TypeSystemDefinition},
    },
};

use super::prices::{self, Kind, Rule};

/// Entries that a page is taken to hold where neither the query nor the schema says.
pub(super) const DEFAULT_PAGE: u64 = 50;

/// Entries that a list without paging arguments is taken to hold.
pub(super) const PLAIN_LIST: u64 = 20;

/// Introspection is not in the SDL. Its lists lead back to their own types, so that a short query could walk the schema over and over.
const INTROSPECTION: &str = "
    type __Schema { types: [__Type] queryType: __Type mutationType: __Type subscriptionType: __Type directives: [__Directive] }
    type __Type { fields: [__Field] interfaces: [__Type] possibleTypes: [__Type] enumValues: [__EnumValue] inputFields: [__InputValue] ofType: __Type }
    type __Field { args: [__InputValue] type: __Type }
    type __InputValue { type: __Type }
    type __EnumValue { name: String }
    type __Directive { args: [__InputValue] locations: [String] }";

/// How long the lists of introspection are. Chosen so that the introspection query of `GraphiQL` passes under the default limit and one that goes round
/// `fields { type { fields { type …` three times does not.
const INTROSPECTION_LISTS: [(&str, u64); 8] = [
    ("types", 50),
    ("fields", 20),
    ("inputFields", 10),
    ("enumValues", 10),
    ("possibleTypes", 10),
    ("interfaces", 3),
    ("args", 3),
    ("directives", 5),
];

/// Where a field leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldShape {
    /// The name of the type, without lists and non-null.
    pub(super) target: String,
    /// Entries to expect where the field is a list; `None` where it is not.
    pub(super) list: Option<u64>,
    /// The page size without `first` and `last`, where the field has such an argument.
    pub(super) page: Option<u64>,
    /// What it costs beside its answer.
    pub(super) rule: Rule,
}

#[derive(Debug, Clone, Default)]
struct TypeShape {
    fields: HashMap<String, FieldShape>,
}

/// The schema's object and interface types, made once at start.
#[derive(Debug, Clone)]
pub struct Shape {
    types: HashMap<String, TypeShape>,
    roots: [Option<String>; 3],
}

impl Shape {
    /// Reads the schema's own SDL (`schema.sdl()`).
    ///
    /// # Errors
    /// Where the text is no SDL.
    pub fn from_sdl(sdl: &str) -> Result<Self, parser::Error> {
        let mut shape = Self { types: HashMap::new(), roots: ["Query", "Mutation", "Subscription"].map(|name| Some(name.to_owned())) };
        let own = parse_schema(sdl)?.definitions;
        for definition in &own {
            if let TypeSystemDefinition::Schema(schema) = definition {
                let named = [&schema.node.query, &schema.node.mutation, &schema.node.subscription];
                shape.roots = named.map(|name| name.as_ref().map(|name| name.node.to_string()));
            }
        }
        for definition in own.into_iter().chain(parse_schema(INTROSPECTION)?.definitions) {
            match definition {
                TypeSystemDefinition::Type(definition) => {
                    let fields = match definition.node.kind {
                        TypeKind::Object(object) => object.fields,
                        TypeKind::Interface(interface) => interface.fields,
                        _ => continue,
                    };
                    let name = definition.node.name.node.to_string();
                    let is_query = shape.roots[0].as_deref() == Some(name.as_str());
                    let fields = fields.iter().map(|field| (field.node.name.node.to_string(), field_shape(&name, &field.node, is_query)));
                    shape.types.entry(name.clone()).or_default().fields.extend(fields);
                }
                TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => {}
            }
        }
        if let Some(root) = shape.roots[0].clone() {
            let root = shape.types.entry(root).or_default();
            for (field, target) in [("__schema", "__Schema"), ("__type", "__Type")] {
                root.fields.insert(field.to_owned(), FieldShape { target: target.to_owned(), list: None, page: None, rule: Rule::Each(0) });
            }
        }
        Ok(shape)
    }

    /// The root type of an operation.
    pub(super) fn root(&self, ty: OperationType) -> &str {
        let index = match ty {
            OperationType::Query => 0,
            OperationType::Mutation => 1,
            OperationType::Subscription => 2,
        };
        self.roots[index].as_deref().unwrap_or_default()
    }

    /// A field of a type; `None` where the schema has none, which validation refuses later.
    pub(super) fn field(&self, on: &str, name: &str) -> Option<&FieldShape> {
        self.types.get(on)?.fields.get(name)
    }

    /// Whether a type is a page of a list: its lists are as long as the page, however the field that led here was asked.
    pub(super) fn is_connection(&self, name: &str) -> bool {
        self.types.get(name).is_some_and(|ty| ty.fields.contains_key("pageInfo"))
    }
}

fn field_shape(on: &str, field: &FieldDefinition, is_query_root: bool) -> FieldShape {
    let (target, is_list) = unwrapped(&field.ty.node);
    let length = match INTROSPECTION_LISTS.iter().find(|(name, _)| on.starts_with("__") && *name == field.name.node) {
        Some((_, length)) => *length,
        None => PLAIN_LIST,
    };
    let paging = field.arguments.iter().find(|argument| matches!(argument.node.name.node.as_str(), "first" | "last"));
    let page = paging.map(|argument| match argument.node.default_value.as_ref().map(|value| &value.node) {
        Some(Value::Number(number)) => number.as_u64().unwrap_or(DEFAULT_PAGE),
        _ => DEFAULT_PAGE,
    });
    let has_filter = field.arguments.iter().any(|argument| argument.node.name.node == "filter");
    let kind = Kind { on, name: &field.name.node, target, is_query_root, has_arguments: !field.arguments.is_empty(), has_filter };
    FieldShape { target: target.to_owned(), list: is_list.then_some(length), page, rule: prices::rule(&kind) }
}

fn unwrapped(ty: &Type) -> (&str, bool) {
    match &ty.base {
        BaseType::Named(name) => (name.as_str(), false),
        BaseType::List(inner) => (unwrapped(inner).0, true),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_shape_follows_the_sdl() {
        let sdl = "type Root { staff(first: Int = 30, after: String): StaffConnection! names: [[String!]!] one: Staff recent(last: Int): [Staff!]! }
            type StaffConnection { nodes: [Staff!]! pageInfo: PageInfo! } type PageInfo { hasNextPage: Boolean! }
            interface Staff { id: ID! } enum Sex { FEMALE } schema { query: Root }";
        let shape = Shape::from_sdl(sdl).unwrap();
        let of = |target: &str, list, page, work| Some(FieldShape { target: target.to_owned(), list, page, rule: Rule::Each(work) });
        let field = |target: &str, list, page| of(target, list, page, 100);
        assert_eq!(shape.root(OperationType::Query), "Root");
        assert_eq!(shape.field("Root", "staff").cloned(), field("StaffConnection", None, Some(30)));
        assert_eq!(shape.field("Root", "names").cloned(), field("String", Some(PLAIN_LIST), None));
        assert_eq!(shape.field("Root", "recent").cloned(), field("Staff", Some(PLAIN_LIST), Some(DEFAULT_PAGE)));
        assert_eq!(shape.field("__Type", "fields").cloned(), of("__Field", Some(20), None, 0));
        assert_eq!(shape.field("Root", "nothing"), None);
        assert!(shape.is_connection("StaffConnection") && !shape.is_connection("Staff"));
        assert!(Shape::from_sdl("type {").is_err());
    }
}

//! The records of a bulk call as they are sent. A value that a scalar of ours does not take is a matter of its record, which is refused by itself
//! and where the value stands; what does not fit the schema's own types is refused with the call, before it is executed.

use crate::{
    error::{Code, Error},
    store::record::Unread,
    words,
};
use async_graphql::{
    InputType, InputValueResult, Value,
    registry::{MetaType, Registry},
};
use std::borrow::Cow;

/// A record that was sent.
pub enum Sent<D> {
    /// It can be read.
    Read(D),
    /// A value in it cannot.
    Unread(Value),
}

impl<D: InputType> InputType for Sent<D> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        D::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        D::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let value = value.unwrap_or_default();
        Ok(D::parse(Some(value.clone())).map_or(Self::Unread(value), Self::Read))
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Read(record) => record.to_value(),
            Self::Unread(value) => value.clone(),
        }
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// The records that can be read, and those beside them that cannot, each with what is wrong.
pub(super) fn told_apart<D: InputType>(sent: Vec<Sent<D>>) -> (Vec<D>, Vec<Unread>) {
    let mut registry = None;
    let (mut records, mut unread) = (Vec::with_capacity(sent.len()), Vec::new());
    for (index, record) in sent.into_iter().enumerate() {
        match record {
            Sent::Read(record) => records.push(record),
            Sent::Unread(sent) => {
                let registry = registry.get_or_insert_with(|| {
                    let mut registry = Registry::default();
                    D::create_type_info(&mut registry);
                    registry
                });
                let error = fault(registry, &D::qualified_type_name(), &sent, String::new()).unwrap_or_else(unreadable);
                unread.push(Unread { index, key: key(&sent), error, sent });
            }
        }
    }
    (records, unread)
}

/// The record's key, under whichever name its noun has it.
fn key(sent: &Value) -> String {
    let Value::Object(members) = sent else { return String::new() };
    let named = ["externalId", "code", "staffNumber"].iter().find_map(|name| members.get(*name));
    // A key has 200 characters at most.
    named.map_or_else(String::new, |key| if let Value::String(key) = key { key.chars().take(200).collect() } else { String::new() })
}

/// The first value that its scalar does not take, by its path in the record.
fn fault(registry: &Registry, ty: &str, value: &Value, path: String) -> Option<Error> {
    let ty = ty.trim_end_matches('!');
    if let Some(inner) = ty.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        return match value {
            Value::List(items) => {
                items.iter().enumerate().find_map(|(index, item)| fault(registry, inner, item, format!("{path}[{index}]")))
            }
            one => fault(registry, inner, one, path),
        };
    }
    match (registry.types.get(ty), value) {
        (_, Value::Null) => None,
        (Some(MetaType::InputObject { input_fields, .. }), Value::Object(members)) => members.iter().find_map(|(name, value)| {
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            fault(registry, &input_fields.get(name.as_str())?.ty, value, path)
        }),
        _ => words::wanted(ty, value).map(|[ja, en]| Error::input(&path, ja, en)),
    }
}

fn unreadable() -> Error {
    Error::new(Code::BadUserInput, "この記録に、読み取れない値があります。", "A value of this record cannot be read.")
}

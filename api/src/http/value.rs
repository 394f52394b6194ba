//! Values from JSON text: counted first without being built, and built only where somebody asked for them, within the memory there is.
//!
//! `{"a":0}` is eight bytes of text and some 250 in memory, so that what is bounded is what is decoded.

use std::{collections::HashSet, fmt, mem::size_of};

use async_graphql::{Name, Value};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, error::Category, value::RawValue};

use super::{gate::Memory, problem::Problem};

/// Memory of a value in its list, which grows by doubling.
const ENTRY: usize = size_of::<Value>() * 3 / 2;
/// Memory of a member in its object: name, hash, value, and its part of the table.
const MEMBER: usize = (size_of::<Value>() + size_of::<Name>() + size_of::<u64>()) * 5 / 4 + 32;
/// Memory of an object or list beside what it holds: the smallest table.
const HOLDER: usize = 64;
/// Memory of a text beside its bytes: what an allocation is rounded up to.
const TEXT: usize = 16;

/// Counts every value of a JSON text, and refuses the first one above `most`.
pub(super) fn count(text: &[u8], most: usize) -> Result<usize, Problem> {
    let (mut left, mut parser) = (most, serde_json::Deserializer::from_slice(text));
    let mut exceeded = false;
    let counted = Count { left: &mut left, exceeded: &mut exceeded }.deserialize(&mut parser).and_then(|()| parser.end());
    match counted {
        Ok(()) => Ok(most - left),
        Err(_) if exceeded => Err(Problem::too_many_values(most)),
        Err(error) => Err(malformed(&error)),
    }
}

/// serde's words show its types and the caller's values; the place is enough.
pub(super) fn malformed(error: &serde_json::Error) -> Problem {
    match error.classify() {
        Category::Data => Problem::json_shape(error.line(), error.column()),
        _ if error.to_string().starts_with("recursion limit exceeded") => Problem::json_too_deep(),
        Category::Io | Category::Syntax | Category::Eof => Problem::json_malformed(error.line(), error.column()),
    }
}

/// Hands over the members of an object one by one, none of them built.
pub(super) fn members(text: &str, mut each: impl FnMut(&str, &str) -> Result<(), Problem>) -> Result<(), Problem> {
    struct Members<'a, F> {
        each: &'a mut F,
        refused: &'a mut Option<Problem>,
    }
    impl<'de, F: FnMut(&str, &str) -> Result<(), Problem>> Visitor<'de> for Members<'_, F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
            while let Some(name) = members.next_key::<String>()? {
                let value: &RawValue = members.next_value()?;
                if let Err(problem) = (self.each)(&name, value.get()) {
                    *self.refused = Some(problem);
                    return Err(A::Error::custom("refused"));
                }
            }
            Ok(())
        }
    }
    let mut refused = None;
    let read = (&mut serde_json::Deserializer::from_str(text)).deserialize_map(Members { each: &mut each, refused: &mut refused });
    read.map_err(|error| refused.unwrap_or_else(|| malformed(&error)))
}

/// What is being built of one request.
pub(super) struct Builder<'a> {
    memory: &'a mut Memory,
    /// Names that were met, each of which is in memory once.
    names: HashSet<Name>,
    refused: Option<Problem>,
    /// Values that were built, and the memory that they take.
    pub(super) values: usize,
    pub(super) bytes: usize,
}

impl<'a> Builder<'a> {
    /// Builds within `memory`.
    pub(super) fn new(memory: &'a mut Memory) -> Self {
        Self { memory, names: HashSet::new(), refused: None, values: 0, bytes: 0 }
    }

    /// Builds one value.
    pub(super) fn build(&mut self, text: &str) -> Result<Value, Problem> {
        let built = Build(self).deserialize(&mut serde_json::Deserializer::from_str(text));
        built.map_err(|error| self.refused.take().unwrap_or_else(|| malformed(&error)))
    }

    /// A name, which a second time is the first one.
    pub(super) fn name<E: serde::de::Error>(&mut self, text: &str) -> Result<Name, E> {
        if let Some(name) = self.names.get(text) {
            return Ok(name.clone());
        }
        self.charge(text.len() + 2 * TEXT + 2 * size_of::<Name>())?;
        let name = Name::new(text);
        self.names.insert(name.clone());
        Ok(name)
    }

    fn charge<E: serde::de::Error>(&mut self, bytes: usize) -> Result<(), E> {
        self.bytes = self.bytes.saturating_add(bytes);
        self.memory.reserve(bytes).map_err(|problem| {
            self.refused = Some(problem);
            E::custom("refused")
        })
    }
}

struct Build<'a, 'm>(&'a mut Builder<'m>);

impl<'de> DeserializeSeed<'de> for Build<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.values += 1;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.0.charge(value.len() + TEXT)?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        self.0.charge(HOLDER)?;
        while let Some(entry) = entries.next_element_seed(Build(self.0))? {
            self.0.charge(ENTRY)?;
            list.push(entry);
        }
        if list.capacity() >= 2 * list.len() {
            list.shrink_to_fit();
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = async_graphql::indexmap::IndexMap::new();
        self.0.charge(HOLDER)?;
        while let Some(name) = members.next_key_seed(BuildName(self.0))? {
            self.0.charge(MEMBER)?;
            let value = members.next_value_seed(Build(self.0))?;
            object.insert(name, value);
        }
        if object.capacity() >= 2 * object.len() {
            object.shrink_to_fit();
        }
        Ok(Value::Object(object))
    }
}

struct BuildName<'a, 'm>(&'a mut Builder<'m>);

impl<'de> DeserializeSeed<'de> for BuildName<'_, '_> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for BuildName<'_, '_> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Name, E> {
        self.0.name(name)
    }
}

struct Count<'a> {
    left: &'a mut usize,
    exceeded: &'a mut bool,
}

impl Count<'_> {
    fn one<E: serde::de::Error>(&mut self) -> Result<(), E> {
        *self.exceeded = *self.left == 0;
        *self.left = self.left.checked_sub(1).ok_or_else(|| E::custom("too many values"))?;
        Ok(())
    }

    fn again(&mut self) -> Count<'_> {
        Count { left: self.left, exceeded: self.exceeded }
    }
}

impl<'de> DeserializeSeed<'de> for Count<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Count<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(mut self) -> Result<(), E> {
        self.one()
    }

    fn visit_bool<E: serde::de::Error>(mut self, _: bool) -> Result<(), E> {
        self.one()
    }

    fn visit_i64<E: serde::de::Error>(mut self, _: i64) -> Result<(), E> {
        self.one()
    }

    fn visit_u64<E: serde::de::Error>(mut self, _: u64) -> Result<(), E> {
        self.one()
    }

    fn visit_f64<E: serde::de::Error>(mut self, _: f64) -> Result<(), E> {
        self.one()
    }

    fn visit_str<E: serde::de::Error>(mut self, _: &str) -> Result<(), E> {
        self.one()
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        self.one()?;
        while entries.next_element_seed(self.again())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        self.one()?;
        while members.next_key::<IgnoredAny>()?.is_some() {
            members.next_value_seed(self.again())?;
        }
        Ok(())
    }
}

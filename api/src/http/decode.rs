//! From the parameters of a query string or a JSON body to requests. What is here is shape only; the query text is not looked into.

use std::{collections::HashMap, fmt};

use async_graphql::{Value, Variables};
use percent_encoding::percent_decode;
use serde::{
    Deserialize,
    de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::error::Category;

use super::problem::Problem;

/// One GraphQL request.
#[derive(Debug)]
pub(super) struct Params {
    pub(super) query: String,
    /// `None` also for the empty name, as the specification wants.
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
    pub(super) extensions: HashMap<String, Value>,
}

/// What one HTTP request carries.
#[derive(Debug)]
pub(super) enum Payload {
    Single(Params),
    Batch(Vec<Params>),
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Wire {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<HashMap<String, Value>>,
}

impl TryFrom<Wire> for Params {
    type Error = Problem;

    fn try_from(wire: Wire) -> Result<Self, Problem> {
        Ok(Self {
            query: wire.query.ok_or_else(Problem::query_missing)?,
            operation_name: wire.operation_name.filter(|name| !name.is_empty()),
            variables: wire.variables.unwrap_or_default(),
            extensions: wire.extensions.unwrap_or_default(),
        })
    }
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Wire::deserialize(deserializer)?).map_err(|_| D::Error::missing_field("query"))
    }
}

/// A JSON body: an object, or an array of at most `batch` of them.
pub(super) fn json(body: &[u8], batch: usize) -> Result<Payload, Problem> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
        return from_json::<Wire>(body)?.try_into().map(Payload::Single);
    }
    let sent = from_json::<Batch>(body)?;
    if sent.total == 0 {
        return Err(Problem::batch_empty());
    }
    if sent.total > batch || sent.total > sent.kept.len() {
        return Err(Problem::batch_too_long(batch));
    }
    sent.kept.into_iter().map(Params::try_from).collect::<Result<_, _>>().map(Payload::Batch)
}

/// The query string of a GET; parameters that we don't know are passed over.
pub(super) fn query_string(text: &str) -> Result<Params, Problem> {
    let mut wire = Wire::default();
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name)?;
        let fresh = match name.as_str() {
            "query" => wire.query.replace(decoded(value)?).is_none(),
            "operationName" => wire.operation_name.replace(decoded(value)?).is_none(),
            "variables" => wire.variables.replace(object(&name, value)?).is_none(),
            "extensions" => wire.extensions.replace(object(&name, value)?).is_none(),
            _ => true,
        };
        if !fresh {
            return Err(Problem::parameter_twice(&name));
        }
    }
    wire.try_into()
}

fn decoded(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    percent_decode(spaced.as_bytes()).decode_utf8().map(Into::into).map_err(|_| Problem::query_string_malformed())
}

/// An object as JSON text; an empty parameter is an empty object.
fn object<T: DeserializeOwned + Default>(name: &str, value: &str) -> Result<T, Problem> {
    let text = decoded(value)?;
    if text.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str::<Option<T>>(&text).map(Option::unwrap_or_default).map_err(|_| Problem::parameter_malformed(name))
}

/// serde's words show its types and the caller's values; the place is enough.
fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => Problem::json_shape(error.line(), error.column()),
        _ if error.to_string().starts_with("recursion limit exceeded") => Problem::json_too_deep(),
        Category::Io | Category::Syntax | Category::Eof => Problem::json_malformed(error.line(), error.column()),
    })
}

/// An array of which only the first entries are kept and the rest is counted: 20,000 requests cost no memory.
struct Batch {
    kept: Vec<Wire>,
    total: usize,
}

/// Entries that are kept; no configuration may ask for more.
const KEPT: usize = 100;

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Batch;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an array of requests")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Batch, A::Error> {
                let mut batch = Batch { kept: Vec::new(), total: 0 };
                while batch.kept.len() < KEPT {
                    let Some(entry) = entries.next_element()? else { break };
                    batch.kept.push(entry);
                }
                batch.total = batch.kept.len();
                while entries.next_element::<IgnoredAny>()?.is_some() {
                    batch.total += 1;
                }
                Ok(batch)
            }
        }
        deserializer.deserialize_seq(Entries)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use async_graphql::Name;

    use super::*;
    use crate::error::Code;

    fn single(body: &str) -> Params {
        match json(body.as_bytes(), 10).unwrap() {
            Payload::Single(params) => params,
            Payload::Batch(_) => panic!("a single request"),
        }
    }

    fn code(body: &[u8]) -> Option<Code> {
        json(body, 10).err().map(|problem| problem.code)
    }

    #[test]
    fn a_body_is_a_request_or_a_batch() {
        let params = single(r#" {"query":"{a}","operationName":"","variables":{"n":[1,{"b":null}]},"extensions":null,"more":1}"#);
        assert_eq!((params.query.as_str(), params.operation_name), ("{a}", None));
        assert_eq!(params.variables[&Name::new("n")].to_string(), "[1, {b: null}]");
        assert!(matches!(json(br#"[{"query":"{a}"},{"query":"{b}"}]"#, 10), Ok(Payload::Batch(batch)) if batch.len() == 2));
    }

    #[test]
    fn a_wrong_body_is_told_what_is_wrong() {
        for malformed in [&b""[..], b"nonsense", b"{\"query\":", b"{\"query\":\"\xff\"}", b"{\"query\":\"{a}\"} x"] {
            let problem = json(malformed, 10).unwrap_err();
            let text = problem.into_error(crate::http::Locale::En).message;
            assert!(text.starts_with("The body is not valid JSON in UTF-8 (line 1, column"), "{text}");
        }
        for misshapen in
            [r#"{"query":1}"#, r#"{"query":"{a}","variables":[7]}"#, r#"{"query":"{a}","query":"{b}"}"#, "3", r#"["{a}"]"#, "[[]]"]
        {
            assert_eq!(code(misshapen.as_bytes()), Some(Code::BadUserInput), "{misshapen}");
        }
        assert_eq!(code(br#"{"qeury":"{a}"}"#), Some(Code::BadUserInput));
        assert_eq!(code(b"[]"), Some(Code::BadUserInput));
    }

    #[test]
    fn deep_json_and_long_batches_are_limits() {
        let deep = format!(r#"{{"query":"{{a}}","variables":{{"x":{}{}}}}}"#, "[".repeat(5000), "]".repeat(5000));
        assert_eq!(code(deep.as_bytes()), Some(Code::LimitExceeded));
        for entries in [11, 20_000] {
            let batch = format!("[{}]", vec![r#"{"query":"{a}"}"#; entries].join(","));
            assert_eq!(code(batch.as_bytes()), Some(Code::LimitExceeded));
        }
    }

    #[test]
    fn a_query_string_is_decoded() {
        let params = query_string("query=%7Ba+b%7D&operationName=Q&variables=%7B%22x%22%3A%22%E5%86%85%22%7D&foo=1&foo=2").unwrap();
        assert_eq!((params.query.as_str(), params.operation_name.as_deref()), ("{a b}", Some("Q")));
        assert_eq!(params.variables[&Name::new("x")].to_string(), "\"内\"");
        assert!(query_string("query=%7Ba%7D&variables=").unwrap().variables.is_empty());
    }

    #[test]
    fn a_wrong_query_string_is_refused() {
        for wrong in [
            "",
            "operationName=Q",
            "query=a&query=b",
            "query=a&variables=%7B%7D&variables=%7B%7D",
            "query=%FF",
            "query=a&variables=3",
            "query=a&variables=%7B",
        ] {
            assert!(query_string(wrong).is_err(), "{wrong}");
        }
    }
}

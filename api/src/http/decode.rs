//! From the parameters of a query string or a JSON body to requests. What is here is shape only; the query text is not looked into, and
//! variables stay the text they came as until it is known which of them are declared.

use std::{collections::HashSet, fmt};

use async_graphql::{Name, Variables};
use axum::body::Bytes;
use percent_encoding::percent_decode;
use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    gate::Memory,
    problem::Problem,
    value::{self, Builder},
};

/// One GraphQL request.
#[derive(Debug)]
pub(super) struct Params {
    pub(super) query: String,
    /// `None` also for the empty name, as the specification wants.
    pub(super) operation_name: Option<String>,
    /// The object of variables as JSON text; empty where there is none.
    variables: Bytes,
}

/// What one HTTP request carries.
#[derive(Debug)]
pub(super) enum Payload {
    Single(Params),
    Batch(Vec<Params>),
}

/// What a request may carry, by its caller.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes of a query text.
    pub(super) query: usize,
    /// Requests in a batch.
    pub(super) batch: usize,
    /// Values in all of it.
    pub(super) values: usize,
}

/// Variables as the executor takes them.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub(super) variables: Variables,
    /// The values in them, and the memory that these take.
    pub(super) values: usize,
    pub(super) bytes: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow, default)]
    query: Option<&'a RawValue>,
    #[serde(borrow, default)]
    operation_name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    variables: Option<&'a RawValue>,
    #[serde(borrow, default)]
    extensions: Option<&'a RawValue>,
}

impl Wire<'_> {
    fn params(self, body: &Bytes, bounds: &Bounds) -> Result<Params, Problem> {
        if let Some(other) = [self.variables, self.extensions].into_iter().flatten().find(|object| !object.get().starts_with('{')) {
            return Err(misshapen(body, other));
        }
        let text = |raw: Option<&RawValue>| raw.map_or(Ok(None), |raw| text(body, raw, bounds.query));
        Ok(Params {
            query: text(self.query)?.ok_or_else(Problem::query_missing)?,
            operation_name: text(self.operation_name)?.filter(|name| !name.is_empty()),
            variables: self.variables.map(|object| body.slice_ref(object.get().as_bytes())).unwrap_or_default(),
        })
    }
}

impl Params {
    /// The request in the payload of a message, itself part of `message`.
    pub(super) fn of(message: &Bytes, payload: &RawValue, bounds: &Bounds) -> Result<Self, Problem> {
        value::count(payload.get().as_bytes(), bounds.values)?;
        from_json::<Wire>(payload.get().as_bytes())?.params(message, bounds)
    }

    /// Builds those of the variables that an operation declares. The others are passed over, and the text of all of them is let go.
    pub(super) fn build(&mut self, declared: &HashSet<&str>, memory: &mut Memory) -> Result<Built, Problem> {
        let text = std::mem::take(&mut self.variables);
        if text.is_empty() {
            return Ok(Built::default());
        }
        let (mut builder, mut variables) = (Builder::new(memory), Variables::default());
        let text = std::str::from_utf8(&text).map_err(|_| Problem::query_string_malformed())?;
        value::members(text, |name, text| {
            if declared.contains(name) {
                variables.insert(Name::new(name), builder.build(text)?);
            }
            Ok(())
        })?;
        let (values, bytes) = (builder.values, builder.bytes);
        Ok(Built { variables, values, bytes })
    }
}

/// A JSON body: an object, or an array of requests.
pub(super) fn json(body: &Bytes, bounds: &Bounds) -> Result<Payload, Problem> {
    value::count(body, bounds.values)?;
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
        return from_json::<Wire>(body)?.params(body, bounds).map(Payload::Single);
    }
    let sent = from_json::<Batch>(body)?;
    if sent.total == 0 {
        return Err(Problem::batch_empty());
    }
    if sent.total > bounds.batch || sent.total > sent.kept.len() {
        return Err(Problem::batch_too_long(bounds.batch));
    }
    sent.kept.into_iter().map(|wire| wire.params(body, bounds)).collect::<Result<_, _>>().map(Payload::Batch)
}

/// The query string of a GET; parameters that we don't know are passed over.
pub(super) fn query_string(text: &str, bounds: &Bounds) -> Result<Params, Problem> {
    let (mut query, mut operation_name, mut variables, mut extensions) = (None, None, None, None);
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name)?;
        let place = match name.as_str() {
            "query" => &mut query,
            "operationName" => &mut operation_name,
            "variables" => &mut variables,
            "extensions" => &mut extensions,
            _ => continue,
        };
        if place.replace(decoded(value)?).is_some() {
            return Err(Problem::parameter_twice(&name));
        }
    }
    let object = |name: &str, text: Option<String>| match text.filter(|text| !text.is_empty()) {
        None => Ok(Bytes::new()),
        Some(text) => match value::count(text.as_bytes(), bounds.values) {
            Ok(_) if text.trim_ascii() == "null" => Ok(Bytes::new()),
            Ok(_) if text.trim_ascii().starts_with('{') => Ok(text.into()),
            Err(problem) if problem.code == crate::error::Code::LimitExceeded => Err(problem),
            Ok(_) | Err(_) => Err(Problem::parameter_malformed(name)),
        },
    };
    object("extensions", extensions)?;
    Ok(Params {
        query: query.ok_or_else(Problem::query_missing)?,
        operation_name: operation_name.filter(|name| !name.is_empty()),
        variables: object("variables", variables)?,
    })
}

fn decoded(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    percent_decode(spaced.as_bytes()).decode_utf8().map(Into::into).map_err(|_| Problem::query_string_malformed())
}

/// A text or null. One that is longer than `most` however it is written is not decoded; a byte is written by six at most (`\u0041`).
fn text(body: &[u8], raw: &RawValue, most: usize) -> Result<Option<String>, Problem> {
    if raw.get().starts_with('"') && raw.get().len() > 6 * most + 2 {
        return Err(Problem::query_too_long(most));
    }
    serde_json::from_str(raw.get()).map_err(|_| misshapen(body, raw))
}

/// What is at fault in a body that is JSON, by its place.
fn misshapen(body: &[u8], part: &RawValue) -> Problem {
    let before = part.get().as_ptr().addr().checked_sub(body.as_ptr().addr()).and_then(|at| body.get(..at)).unwrap_or_default();
    let lines = before.split(|byte| *byte == b'\n').count();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    Problem::json_shape(lines, column + 1)
}

fn from_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| value::malformed(&error))
}

/// An array of which only the first entries are kept and the rest is counted: 20,000 requests cost no memory.
struct Batch<'a> {
    kept: Vec<Wire<'a>>,
    total: usize,
}

/// Entries that are kept; no configuration may ask for more.
const KEPT: usize = 100;

impl<'de> Deserialize<'de> for Batch<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Batch<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an array of requests")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Batch<'de>, A::Error> {
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
    use super::*;
    use crate::{
        error::Code,
        http::{Limits, Who, gate::Gate},
    };

    const BOUNDS: Bounds = Bounds { query: 1_000, batch: 10, values: 10_000 };

    fn taken(body: impl AsRef<[u8]>) -> Result<Payload, Problem> {
        json(&Bytes::copy_from_slice(body.as_ref()), &BOUNDS)
    }

    fn single(body: &str) -> Params {
        match taken(body).unwrap() {
            Payload::Single(params) => params,
            Payload::Batch(_) => panic!("a single request"),
        }
    }

    fn code(body: impl AsRef<[u8]>) -> Option<Code> {
        taken(body).err().map(|problem| problem.code)
    }

    fn memory() -> Memory {
        Gate::new(&Limits::default()).memory(&Who::public())
    }

    /// What an operation that declares these variables is given.
    fn built(params: &mut Params, declared: &[&str]) -> String {
        let built = params.build(&declared.iter().copied().collect(), &mut memory()).unwrap();
        built.variables.to_string()
    }

    #[test]
    fn a_body_is_a_request_or_a_batch() {
        let mut params = single(r#" {"query":"{a}","operationName":"","variables":{"n":[1,{"b":null}]},"extensions":null,"more":1}"#);
        assert_eq!((params.query.as_str(), &params.operation_name), ("{a}", &None));
        assert_eq!(built(&mut params, &["n"]), "{n: [1, {b: null}]}");
        assert!(matches!(taken(r#"[{"query":"{a}"},{"query":"{b}"}]"#), Ok(Payload::Batch(batch)) if batch.len() == 2));
    }

    #[test]
    fn only_what_is_declared_is_built() {
        let body = r#"{"query":"{a}","variables":{"x":[{"a":0}],"n":"\u5185","x":[1.5,-1,true,null,""],"y":{"a":1,"b":2,"a":3}}}"#;
        assert_eq!(built(&mut single(body), &[]), "{}");
        assert_eq!(built(&mut single(body), &["n", "z"]), r#"{n: "内"}"#);
        // The last of two is the one that counts, as it is wherever JSON is read.
        assert_eq!(built(&mut single(body), &["x", "y"]), r#"{x: [1.5, -1, true, null, ""], y: {a: 3, b: 2}}"#);
    }

    #[test]
    fn values_are_counted_wherever_they_stand_and_names_of_members_are_none() {
        let with = |variables: String| format!(r#"{{"query":"{{a}}","variables":{variables}}}"#);
        let objects = |count: usize| vec![r#"{"a":0}"#; count].join(",");
        assert_eq!(code(with(format!(r#"{{"x":[{}]}}"#, objects(4_998)))), None);
        for too_many in [
            with(format!(r#"{{"x":[{}]}}"#, objects(4_999))),
            with(format!(r#"{{"x":{}{}}}"#, "[".repeat(100) + &vec!["[]"; 9_999].join(","), "]".repeat(100))),
            with(format!("{{{}}}", vec![r#""a":0"#; 10_001].join(","))),
            format!(r#"{{"query":"{{a}}","extensions":{{"x":[{}]}}}}"#, objects(5_000)),
            format!(r#"{{"query":"{{a}}","more":[{}]}}"#, objects(5_000)),
            format!("[{}]", vec![with(format!(r#"{{"x":[{}]}}"#, objects(600))); 9].join(",")),
            // Refused before it turns out to be no JSON.
            format!(r#"{{"query":"{{a}}","variables":{{"x":[{},"#, objects(5_000)),
        ] {
            let text = taken(&too_many).unwrap_err().into_error(entity::text::Language::En).message;
            assert_eq!(text, "The request holds more than 10000 values.", "{too_many:.60}");
        }
        let many = format!("%7B%22x%22%3A%5B{}0%5D%7D", "0,".repeat(10_000));
        assert_eq!(query_string(&format!("query=a&variables={many}"), &BOUNDS).unwrap_err().code, Code::LimitExceeded);
        assert_eq!(query_string(&format!("query=a&extensions={many}"), &BOUNDS).unwrap_err().code, Code::LimitExceeded);
    }

    #[test]
    fn what_is_built_is_priced_at_least_as_it_is() {
        let small = Gate::new(&Limits { memory: 11 << 20, ..Limits::default() });
        let mut params = single(&format!(r#"{{"query":"{{a}}","variables":{{"x":[{}]}}}}"#, vec![r#"{"a":0}"#; 4_990].join(",")));
        let refused = params.build(&["x"].into(), &mut small.memory(&Who::public())).unwrap_err();
        assert_eq!(refused.code, Code::LimitExceeded);
        for (text, least) in [(r#"{"a":0}"#, 72 + 24 + 56), ("0", 72), ("[]", 72), (r#""12345678""#, 72 + 8)] {
            let mut params = single(&format!(r#"{{"query":"{{a}}","variables":{{"x":[{}]}}}}"#, vec![text; 4_000].join(",")));
            let built = params.build(&["x"].into(), &mut memory()).unwrap();
            assert!(built.bytes >= 4_000 * least && built.bytes < 4_000 * least * 3, "{text}: {}", built.bytes);
        }
    }

    #[test]
    fn a_long_text_is_refused_before_it_is_decoded() {
        let long = format!(r#"{{"query":"{}"}}"#, "\\u0041".repeat(1_001));
        assert_eq!(code(long), Some(Code::LimitExceeded));
        assert_eq!(code(format!(r#"{{"query":"{{a}}","operationName":"{}"}}"#, "x".repeat(6_001))), Some(Code::LimitExceeded));
        assert_eq!(single(&format!(r#"{{"query":"{}"}}"#, "\\u0041".repeat(1_000))).query, "A".repeat(1_000));
    }

    #[test]
    fn a_wrong_body_is_told_what_is_wrong() {
        for malformed in [&b""[..], b"nonsense", b"{\"query\":", b"{\"query\":\"\xff\"}", b"{\"query\":\"{a}\"} x"] {
            let problem = taken(malformed).unwrap_err();
            let text = problem.into_error(entity::text::Language::En).message;
            assert!(text.starts_with("The body is not valid JSON in UTF-8 (line 1, column"), "{text}");
        }
        for misshapen in
            [r#"{"query":1}"#, r#"{"query":"{a}","variables":[7]}"#, r#"{"query":"{a}","query":"{b}"}"#, "3", r#"["{a}"]"#, "[[]]"]
        {
            assert_eq!(code(misshapen), Some(Code::BadUserInput), "{misshapen}");
        }
        assert_eq!(code(r#"{"qeury":"{a}"}"#), Some(Code::BadUserInput));
        assert_eq!(code("[]"), Some(Code::BadUserInput));
    }

    #[test]
    fn deep_json_and_long_batches_are_limits() {
        let deep = format!(r#"{{"query":"{{a}}","variables":{{"x":{}{}}}}}"#, "[".repeat(5000), "]".repeat(5000));
        assert_eq!(code(deep), Some(Code::LimitExceeded));
        for entries in [11, 20_000] {
            let batch = format!("[{}]", vec![r#"{"query":"{a}"}"#; entries].join(","));
            assert_eq!(code(batch), Some(Code::LimitExceeded));
        }
    }

    #[test]
    fn a_query_string_is_decoded() {
        let text = "query=%7Ba+b%7D&operationName=Q&variables=%7B%22x%22%3A%22%E5%86%85%22%7D&foo=1&foo=2";
        let mut params = query_string(text, &BOUNDS).unwrap();
        assert_eq!((params.query.as_str(), params.operation_name.as_deref()), ("{a b}", Some("Q")));
        assert_eq!(built(&mut params, &["x"]), "{x: \"内\"}");
        assert!(query_string("query=%7Ba%7D&variables=", &BOUNDS).unwrap().variables.is_empty());
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
            assert!(query_string(wrong, &BOUNDS).is_err(), "{wrong}");
        }
    }
}

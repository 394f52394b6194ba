//! From what the executor returned to what the client reads: status, error codes, and nothing of our inside.

use async_graphql::{ServerError, Value};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

use crate::error::{Code, Error};

use super::{
    budget::Left,
    gate::Memory,
    language::Language,
    negotiate::Media,
    observe::RequestId,
    problem::{LONGEST_MESSAGE, Problem},
    rules,
};

/// How the library's words on an argument begin: its type's own check, and the wrong kind of value.
const ARGUMENT: [&str; 2] = ["Failed to parse \"", "Expected input type \""];

/// The answer to one GraphQL request, not yet on the wire.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Vec<u8>,
    /// The memory that the body is in.
    pub(super) memory: Option<Memory>,
}

/// A GraphQL response in the order that the specification recommends, without `data` where execution never began.
#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Extensions>,
}

/// What an answer says beside the data.
#[derive(Debug, Clone, Serialize)]
struct Extensions {
    cost: Value,
}

/// What the executor said, its errors in the caller's words.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) errors: Vec<ServerError>,
    /// `None` where execution never began.
    pub(super) data: Option<Value>,
    /// What it cost; `None` where that was said already, or execution never began.
    extensions: Option<Extensions>,
}

impl Reply {
    /// An error of the executor's validation has no path; one of execution has.
    pub(super) fn of(mut response: async_graphql::Response, cost: Option<Value>, locale: Language, id: &RequestId) -> Self {
        response.errors.truncate(rules::MOST);
        let executed =
            response.errors.is_empty() || response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty());
        let errors = response.errors.into_iter().map(|error| coded(error, locale, id)).collect();
        let extensions = cost.filter(|_| executed).map(|cost| Extensions { cost });
        Self { errors, data: executed.then_some(response.data), extensions }
    }

    /// As JSON.
    ///
    /// # Errors
    /// A value without JSON form, a fault of a resolver.
    pub(super) fn json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&Envelope { errors: &self.errors, data: self.data.as_ref(), extensions: self.extensions.clone() })
    }
}

impl Answer {
    /// The executor's answer.
    pub(super) fn of(response: async_graphql::Response, left: &Left, media: Media, locale: Language, id: &RequestId) -> Self {
        let reply = Reply::of(response, Some(left.said()), locale, id);
        let status = match media {
            Media::GraphQlResponse if reply.data.is_none() => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        match reply.json() {
            Ok(body) => Self { status, headers: left.headers(), body, memory: None },
            Err(_) => Problem::internal(id.clone()).into_answer(media, locale),
        }
    }

    /// The answer to a request that was refused.
    pub(super) fn refused(status: StatusCode, headers: Vec<(HeaderName, HeaderValue)>, errors: &[ServerError]) -> Self {
        let body = serde_json::to_vec(&Envelope { errors, data: None, extensions: None }).unwrap_or_default();
        Self { status, headers, body, memory: None }
    }

    /// The answers to a batch as one. Its status is 200, because each entry speaks for itself; its headers are those of the last one that was
    /// executed.
    pub(super) fn batch(answers: Vec<Self>) -> Self {
        let mut body = vec![b'['];
        let mut headers = Vec::new();
        for (index, answer) in answers.into_iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend(answer.body);
            if answer.status.is_success() && !answer.headers.is_empty() {
                headers = answer.headers;
            }
        }
        body.push(b']');
        Self { status: StatusCode::OK, headers, body, memory: None }
    }

    /// The HTTP response. It differs by caller and language and is never stored.
    pub(super) fn respond(self, media: Media) -> Response {
        let body = match self.memory {
            Some(memory) => memory.keep(self.body).into(),
            None => Body::from(self.body),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("accept, accept-language, authorization"));
        headers.extend(self.headers);
        response
    }
}

/// One of our own errors, in the caller's language and with its place.
fn rendered(mut error: ServerError, ours: &Error, locale: Language) -> ServerError {
    ours.message(locale == Language::Ja).clone_into(&mut error.message);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", ours.code.as_str());
    extensions.set("retryable", ours.retryable);
    if let Some(field) = &ours.field {
        extensions.set("field", field.as_str());
    }
    error
}

/// Gives an error that has no code the one it deserves. The library's own errors are the caller's fault: validation (no path) and the parsing of
/// arguments. Any other is a resolver's that escaped the code, and its text may hold anything, so that it is neither shown nor logged.
fn coded(mut error: ServerError, locale: Language, id: &RequestId) -> ServerError {
    if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
        return error;
    }
    if let Some(ours) = error.source::<Error>().cloned() {
        return rendered(error, &ours, locale);
    }
    let validation = error.path.is_empty();
    if !validation && !ARGUMENT.iter().any(|start| error.message.starts_with(start)) {
        tracing::error!(request_id = %id, path = ?error.path, "a resolver returned an error without a code");
        let mut hidden = Problem::internal(id.clone()).into_error(locale);
        hidden.locations = error.locations;
        hidden.path = error.path;
        return hidden;
    }
    // The library quotes what was sent, however long it is.
    if let Some((end, _)) = error.message.char_indices().nth(LONGEST_MESSAGE) {
        error.message.truncate(end);
        error.message.push('…');
    }
    if locale == Language::Ja {
        let prefix = if validation { "クエリがスキーマに合いません" } else { "引数が正しくありません" };
        error.message = format!("{prefix}：{}", error.message);
    }
    error.extensions.get_or_insert_default().set("code", Code::BadUserInput.as_str());
    error
}

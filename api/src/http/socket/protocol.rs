//! The protocol graphql-transport-ws without the line it runs over: what a message of the client means, and how ours are written.
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

use std::{borrow::Cow, collections::HashMap};

use async_graphql::ServerError;
use axum::{body::Bytes, http::HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use crate::{
    error::Code,
    http::{
        decode::{Bounds, Params},
        problem::Problem,
        value,
    },
};

/// Its name in `Sec-WebSocket-Protocol`.
pub(super) const NAME: &str = "graphql-transport-ws";
/// Welcomes the client.
pub(super) const ACK: &str = r#"{"type":"connection_ack"}"#;
const PONG: &str = r#"{"type":"pong"}"#;
/// Longest id that an operation may have, in bytes.
const LONGEST_ID: usize = 128;
/// Longest reason of a close frame, in bytes.
const LONGEST_REASON: usize = 123;

/// Why we close a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Goodbye {
    /// The close code.
    pub(super) code: u16,
    /// The reason.
    pub(super) reason: Cow<'static, str>,
}

impl Goodbye {
    /// The server stops; come back.
    pub(super) const GOING_AWAY: Self = Self::new(1001, "Going away");
    /// The line did not keep to RFC 6455.
    pub(super) const PROTOCOL_ERROR: Self = Self::new(1002, "Protocol error");
    /// The message is no text.
    pub(super) const NO_TEXT: Self = Self::new(1007, "Invalid UTF-8");
    /// The message is larger than we take.
    pub(super) const TOO_BIG: Self = Self::new(1009, "Message too big");
    /// The token cannot be checked now, or its holder or address has all the sockets that it may have.
    pub(super) const TRY_AGAIN: Self = Self::new(1013, "Try again later");
    /// The message is none of the protocol's.
    pub(super) const BAD_MESSAGE: Self = Self::new(4400, "Invalid message");
    /// An operation before the acknowledgement.
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    /// There is no token, or it is not, or no longer, valid.
    pub(super) const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    /// No `connection_init` in time.
    pub(super) const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    /// A second `connection_init`.
    pub(super) const TOO_MANY_INITS: Self = Self::new(4429, "Too many initialisation requests");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    fn subscriber_exists(id: &str) -> Self {
        let mut reason = format!("Subscriber for {id} already exists");
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
        Self { code: 4409, reason: reason.into() }
    }
}

/// What to do about a message.
#[derive(Debug)]
pub(super) enum Step {
    /// Find out who this is, by the token of `connection_init` if it has one; then [`Protocol::welcome`].
    Admit(Option<HeaderValue>),
    /// Do this operation; `turn` tells it from others of the same id, and `size` how long its message was.
    Begin { id: String, turn: u64, params: Params, size: usize },
    /// Stop the operation of this turn.
    Stop(u64),
    /// Send this.
    Say(String),
    /// Nothing.
    Nothing,
    /// Close the socket.
    Leave(Goodbye),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Admitting,
    Ready,
}

/// Where one socket stands.
#[derive(Debug)]
pub(super) struct Protocol {
    stage: Stage,
    /// The operations that go on: their ids, and the turn of each.
    going: HashMap<String, u64>,
    turns: u64,
    most: usize,
    japanese: bool,
}

/// A message, of which the payload is not looked into.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
}

impl Protocol {
    /// A socket that was just opened and may hold `most` operations at a time.
    pub(super) fn new(most: usize, japanese: bool) -> Self {
        Self { stage: Stage::Fresh, going: HashMap::new(), turns: 0, most, japanese }
    }

    /// Whether the client has not yet sent its `connection_init`.
    pub(super) fn is_fresh(&self) -> bool {
        self.stage == Stage::Fresh
    }

    /// The client may come in; to be told with [`ACK`].
    pub(super) fn welcome(&mut self) {
        self.stage = Stage::Ready;
    }

    /// Whether the client still wants to hear of an operation.
    pub(super) fn is_going(&self, id: &str, turn: u64) -> bool {
        self.going.get(id) == Some(&turn)
    }

    /// An operation is over.
    pub(super) fn ended(&mut self, id: &str) {
        self.going.remove(id);
    }

    /// What a message of the client means. No payload is built here, and none holds more than the `bounds` of who sends it.
    pub(super) fn receive(&mut self, message: &Bytes, bounds: &Bounds) -> Step {
        let Ok(Head { kind, id, payload }) = serde_json::from_slice(message) else { return Step::Leave(Goodbye::BAD_MESSAGE) };
        let told = |payload: Option<&RawValue>| {
            payload.is_none_or(|object| object.get().starts_with('{') && value::count(object.get().as_bytes(), bounds.values).is_ok())
        };
        match (kind.as_str(), id) {
            ("connection_init", _) => self.init(payload),
            ("subscribe", _) if self.stage != Stage::Ready => Step::Leave(Goodbye::UNAUTHORIZED),
            ("subscribe", Some(id)) => self.subscribe(id, message, payload, bounds),
            ("complete", Some(id)) => self.going.remove(&id).map_or(Step::Nothing, Step::Stop),
            ("ping", _) if told(payload) => Step::Say(PONG.to_owned()),
            ("pong", _) if told(payload) => Step::Nothing,
            _ => Step::Leave(Goodbye::BAD_MESSAGE),
        }
    }

    fn init(&mut self, payload: Option<&RawValue>) -> Step {
        if self.stage != Stage::Fresh {
            return Step::Leave(Goodbye::TOO_MANY_INITS);
        }
        let mut tokens: Vec<Value> = Vec::new();
        let read = payload.map_or(Ok(()), |payload| {
            value::members(payload.get(), |name, text| {
                // Of the token only: whatever else stands there is passed over. A list would be refused anyway.
                if name.eq_ignore_ascii_case("authorization") && tokens.len() < 2 {
                    tokens.push(if text.starts_with(['"', 'n']) { serde_json::from_str(text).unwrap_or_default() } else { json!(0) });
                }
                Ok(())
            })
        });
        let token = match tokens.as_slice() {
            _ if read.is_err() => return Step::Leave(Goodbye::BAD_MESSAGE),
            [] | [Value::Null] => None,
            [Value::String(token)] => match HeaderValue::from_str(token) {
                Ok(token) => Some(token),
                Err(_) => return Step::Leave(Goodbye::FORBIDDEN),
            },
            _ => return Step::Leave(Goodbye::BAD_MESSAGE),
        };
        self.stage = Stage::Admitting;
        Step::Admit(token)
    }

    fn subscribe(&mut self, id: String, message: &Bytes, payload: Option<&RawValue>, bounds: &Bounds) -> Step {
        if id.is_empty() || id.len() > LONGEST_ID {
            return Step::Leave(Goodbye::BAD_MESSAGE);
        }
        let Some(payload) = payload else { return Step::Leave(Goodbye::BAD_MESSAGE) };
        if self.going.contains_key(&id) {
            return Step::Leave(Goodbye::subscriber_exists(&id));
        }
        let params = match Params::of(message, payload, bounds) {
            Err(problem) if problem.code != Code::LimitExceeded => return Step::Leave(Goodbye::BAD_MESSAGE),
            Ok(_) if self.going.len() >= self.most => Err(Problem::too_many_operations(self.most)),
            params => params,
        };
        match params {
            Ok(params) => {
                self.turns += 1;
                self.going.insert(id.clone(), self.turns);
                Step::Begin { id, turn: self.turns, params, size: message.len() }
            }
            Err(problem) => {
                let locale = if self.japanese { entity::text::Language::Ja } else { entity::text::Language::En };
                Step::Say(error(&id, &[problem.into_error(locale)]))
            }
        }
    }
}

/// One result of an operation; `payload` is its JSON.
pub(super) fn next(id: &str, payload: &str) -> String {
    format!(r#"{{"id":{},"type":"next","payload":{payload}}}"#, Value::from(id))
}

/// The end of an operation that could not begin or broke.
pub(super) fn error(id: &str, errors: &[ServerError]) -> String {
    json!({ "id": id, "type": "error", "payload": errors }).to_string()
}

/// The end of an operation.
pub(super) fn complete(id: &str) -> String {
    json!({ "id": id, "type": "complete" }).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const INIT: &str = r#"{"type":"connection_init"}"#;
    const BOUNDS: Bounds = Bounds { query: 1_000, batch: 1, values: 1_000 };

    fn receive(protocol: &mut Protocol, text: &str) -> Step {
        protocol.receive(&Bytes::copy_from_slice(text.as_bytes()), &BOUNDS)
    }

    fn ready() -> Protocol {
        let mut protocol = Protocol::new(2, false);
        assert!(matches!(receive(&mut protocol, INIT), Step::Admit(None)));
        protocol.welcome();
        protocol
    }

    fn subscribe(id: &str) -> String {
        json!({ "id": id, "type": "subscribe", "payload": { "query": "{ a }" } }).to_string()
    }

    fn code(step: &Step) -> u16 {
        match step {
            Step::Leave(goodbye) => goodbye.code,
            _ => 0,
        }
    }

    #[test]
    fn the_token_stands_in_the_payload_of_the_init() {
        let token = |payload: Value| match receive(
            &mut Protocol::new(1, false),
            &json!({ "type": "connection_init", "payload": payload }).to_string(),
        ) {
            Step::Admit(token) => Ok(token.map(|token| token.to_str().unwrap().to_owned())),
            step => Err(code(&step)),
        };
        assert_eq!(token(json!({ "authorization": "Bearer x" })), Ok(Some("Bearer x".to_owned())));
        assert_eq!(token(json!({ "Authorization": "Bearer x", "more": 1 })), Ok(Some("Bearer x".to_owned())));
        for none in [Value::Null, json!({}), json!({ "authorization": null }), json!({ "more": 1 })] {
            assert_eq!(token(none), Ok(None));
        }
        for bad in [json!("Bearer x"), json!([]), json!({ "authorization": 7 }), json!({ "authorization": "a", "Authorization": "b" })] {
            assert_eq!(token(bad), Err(4400));
        }
        assert_eq!(token(json!({ "authorization": "Bearer \n" })), Err(4403));
    }

    #[test]
    fn what_is_no_message_of_the_protocol_closes_with_4400() {
        let deep = format!(r#"{{"type":"ping","payload":{{"x":{}{}}}}}"#, "[".repeat(5000), "]".repeat(5000));
        for bad in [
            "",
            "x",
            "[]",
            "null",
            "{}",
            r#"{"type":7}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":[]}}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"start","id":"1","payload":{"query":"{ a }"}}"#,
            &deep,
        ] {
            assert_eq!(code(&receive(&mut ready(), bad)), 4400, "{bad}");
        }
        assert_eq!(code(&receive(&mut ready(), &subscribe(&"x".repeat(129)))), 4400);
    }

    #[test]
    fn the_order_of_messages_is_kept_to() {
        assert_eq!(code(&receive(&mut Protocol::new(1, false), &subscribe("1"))), 4401);
        let mut admitting = Protocol::new(1, false);
        assert!(admitting.is_fresh() && matches!(receive(&mut admitting, INIT), Step::Admit(None)) && !admitting.is_fresh());
        assert_eq!(code(&receive(&mut admitting, INIT)), 4429);
        assert_eq!(code(&receive(&mut admitting, &subscribe("1"))), 4401);
        assert_eq!(code(&receive(&mut ready(), INIT)), 4429);
        for mut protocol in [Protocol::new(1, false), ready()] {
            assert!(matches!(receive(&mut protocol, r#"{"type":"ping","payload":{"x":1}}"#), Step::Say(pong) if pong == PONG));
            assert!(matches!(receive(&mut protocol, r#"{"type":"pong"}"#), Step::Nothing));
            assert!(matches!(receive(&mut protocol, r#"{"type":"complete","id":"1"}"#), Step::Nothing));
        }
    }

    #[test]
    fn an_id_is_one_operation_at_a_time() {
        let mut protocol = ready();
        assert!(matches!(receive(&mut protocol, &subscribe("1")), Step::Begin { id, turn: 1, .. } if id == "1"));
        assert!(protocol.is_going("1", 1));
        assert!(matches!(receive(&mut protocol, r#"{"type":"complete","id":"1"}"#), Step::Stop(1)));
        // The same id again is another operation; what the former one still says is not passed on.
        assert!(matches!(receive(&mut protocol, &subscribe("1")), Step::Begin { turn: 2, .. }));
        assert!(!protocol.is_going("1", 1) && protocol.is_going("1", 2));
        assert!(matches!(receive(&mut protocol, &subscribe("2")), Step::Begin { turn: 3, .. }));
        let Step::Say(refused) = receive(&mut protocol, &subscribe("3")) else { panic!("a third of two") };
        let refused: Value = serde_json::from_str(&refused).unwrap();
        assert_eq!((&refused["id"], &refused["type"]), (&json!("3"), &json!("error")));
        assert_eq!(refused["payload"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
        protocol.ended("2");
        assert!(matches!(receive(&mut protocol, &subscribe("3")), Step::Begin { turn: 4, .. }));
        let Step::Leave(goodbye) = receive(&mut protocol, &subscribe("1")) else { panic!("two of one id") };
        assert_eq!((goodbye.code, goodbye.reason.as_ref()), (4409, "Subscriber for 1 already exists"));
    }

    #[test]
    fn the_reason_of_a_close_frame_is_short() {
        let goodbye = Goodbye::subscriber_exists(&"内".repeat(42));
        assert!(goodbye.reason.len() <= LONGEST_REASON && goodbye.reason.starts_with("Subscriber for 内"));
    }

    #[test]
    fn ids_are_quoted() {
        let message: Value = serde_json::from_str(&next("a\"b", r#"{"data":{"x":1}}"#)).unwrap();
        assert_eq!(message, json!({ "id": "a\"b", "type": "next", "payload": { "data": { "x": 1 } } }));
    }
}

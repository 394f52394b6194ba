//! The seams between the front and the rest of the program: who is calling, and whether we can serve.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use async_graphql::Data;
use axum::http::{HeaderMap, HeaderValue, header};
use futures_util::future::BoxFuture;

use super::{
    language::{Language, language_of},
    observe::RequestId,
    problem::Problem,
};
pub use crate::authz::Kind;
use crate::error::Code;

/// What the front passes on about a caller: the head of the request and nothing of its body.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The `Authorization` header; `None` for a public caller. Marked sensitive, so that it never shows in debug output.
    pub authorization: Option<HeaderValue>,
    /// Where the request came from.
    pub address: IpAddr,
    /// The language in which to answer.
    pub locale: Language,
    /// The id under which this request is logged.
    pub request_id: RequestId,
}

impl Caller {
    /// Reads the head of a request.
    #[must_use]
    pub fn of(headers: &HeaderMap, request_id: RequestId, address: IpAddr) -> Self {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let authorization = values.next().cloned().map(|mut value| {
            value.set_sensitive(true);
            value
        });
        // Of several none is believed: together they are no token.
        let several = values.next().map(|_| HeaderValue::from_static("several"));
        Self { authorization: several.or(authorization), address, locale: language_of(headers), request_id }
    }
}

/// Among whom scarce things are shared out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Who {
    /// The kind of caller.
    pub kind: Kind,
    /// One caller among those of the kind: token subject and machine client; for the public the address of the connection.
    pub key: Arc<str>,
}

impl Who {
    /// Whoever sends no token.
    #[must_use]
    pub fn public() -> Self {
        Self { kind: Kind::Public, key: "".into() }
    }
}

/// A caller who may come in.
#[derive(Clone)]
pub struct Admission {
    who: Who,
    fill: Arc<dyn Fn(&mut Data) + Send + Sync>,
    left: Arc<dyn Fn() -> Duration + Send + Sync>,
    refused: Arc<dyn Fn(Code) + Send + Sync>,
}

impl Admission {
    /// `fill` puts what resolvers need (actor, store, loaders) into a request's data. It runs once for each GraphQL request, so that the
    /// requests of a batch share nothing that it makes anew. [`Language`] and [`RequestId`] are there already.
    pub fn new(who: Who, fill: impl Fn(&mut Data) + Send + Sync + 'static) -> Self {
        Self { who, fill: Arc::new(fill), left: Arc::new(|| Duration::MAX), refused: Arc::new(|_| {}) }
    }

    /// The same over a connection: callers without a token are told apart by its address.
    pub(super) fn over(mut self, peer: IpAddr) -> Self {
        if self.who.kind == Kind::Public {
            self.who.key = peer.to_string().into();
        }
        self
    }

    /// Who came in, for the sharing out of what is scarce.
    #[must_use]
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// `left` tells how long the caller may still stay; what lasts longer than a request asks it again and again.
    #[must_use]
    pub fn ending(self, left: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { left: Arc::new(left), ..self }
    }

    /// `refused` is told whenever the front refuses what the caller asks for.
    #[must_use]
    pub fn telling(self, refused: impl Fn(Code) + Send + Sync + 'static) -> Self {
        Self { refused: Arc::new(refused), ..self }
    }

    /// Tells of a refusal.
    pub(super) fn told(&self, problem: Problem) -> Problem {
        (self.refused)(problem.code);
        problem
    }

    /// How long the caller may still stay; zero once the time is over.
    pub(super) fn left(&self) -> Duration {
        (self.left)()
    }

    /// Runs `fill`.
    pub(super) fn fill(&self, data: &mut Data) {
        (self.fill)(data);
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admission")
    }
}

/// A caller who may not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The token is missing where one is needed, forged, expired, revoked or foreign: 401, UNAUTHENTICATED.
    /// All of them look the same, so that nobody learns which check a forged token failed.
    Unauthenticated,
    /// The token is good, and the machine client that it names is not registered, or was revoked: 401, UNAUTHENTICATED.
    Unregistered,
    /// The token cannot be checked now (keys or database out of reach): 503, INTERNAL, retryable.
    Unavailable,
    /// The token cannot be checked, and trying again does not help: 503, INTERNAL.
    Broken,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated => Self::unauthenticated(),
            Refusal::Unregistered => Self::unregistered(),
            Refusal::Unavailable => Self::authentication_unavailable(),
            Refusal::Broken => Self::authentication_broken(),
        }
    }
}

/// Says who is calling. Called once for each HTTP request, before its body is read, and for each operation of a WebSocket.
pub type Admit = Arc<dyn Fn(Caller) -> BoxFuture<'static, Result<Admission, Refusal>> + Send + Sync>;

/// Is told of a request that was refused before anybody asked whose it is: its id, where it came from, and why.
pub type Refused = Arc<dyn Fn(RequestId, IpAddr, Code) + Send + Sync>;

/// Says whether the program can serve; the error is one word for the operator (`database`, `scheduler`, `worker`), never a detail.
pub type Ready = Arc<dyn Fn() -> BoxFuture<'static, Result<(), &'static str>> + Send + Sync>;

/// Brings those figures up to date that are looked up when somebody asks; what goes wrong is logged, and they stay as they were.
pub type Collect = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

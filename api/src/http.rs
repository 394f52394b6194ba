//! The HTTP front: GraphQL over HTTP by its specification, behind guards that run before the query is parsed and before it is executed.
//!
//! The way of a request: media types → the caller is admitted from the headers → the body is read up to its limit, at a least rate and within the
//! memory of the caller's kind (`gate`) → its values are counted (`decode`) → a slot of the caller's kind → the query text is guarded (`guard`) →
//! parsed once → the variables that it declares are built (`value`) → depth, cost and expansion are measured (`cost`) → the document is validated
//! (`rules`) and so are its variables (`variables`) → executed → every error gets a code. A document that came before is neither parsed nor
//! validated again (`documents`).
//! Each step that refuses answers with a `Problem`: one GraphQL error with a code of the closed set, in Japanese or English.
//!
//! A WebSocket (`socket`) takes the same way, operation by operation, from the caller's admission on; subscriptions come over it alone.
//!
//! The front knows neither tokens nor stores nor resolvers: [`Admit`] and [`Probes`] are the seams. Deliberately absent: GraphQL multipart
//! uploads, compression and TLS (a proxy's work), and any header taken from a resolver.

mod admission;
mod answer;
mod asset;
mod body;
mod budget;
mod cost;
mod decode;
mod documents;
mod gate;
mod graphiql;
mod graphql;
mod guard;
mod language;
mod negotiate;
mod observe;
mod origins;
mod pool;
mod prices;
mod probes;
mod problem;
mod proxies;
mod rules;
mod sdl;
mod serve;
mod shape;
mod socket;
#[cfg(test)]
mod tests;
mod value;
mod variables;

use std::{sync::Arc, time::Duration};

use async_graphql::Executor;
use axum::{
    Extension, Router,
    extract::Request,
    http::{HeaderName, Method, header},
    middleware,
    response::Response,
    routing::get,
};
use tower_http::cors::{AllowOrigin, CorsLayer};

pub use crate::error::Code;

pub use self::{
    admission::{Admission, Admit, Caller, Collect, Kind, Ready, Refusal, Refused, Who},
    budget::{Allowance, Allowances},
    gate::Gate,
    language::{Language, language_of},
    observe::{RequestId, install_metrics},
    origins::Origins,
    pool::Shares,
    probes::{Probes, probes},
    proxies::{Network, NoNetwork, Proxies},
    rules::{NotASchema, Rules, Scalars},
    serve::serve,
    shape::Shape,
};
pub(crate) use self::{
    gate::Memory,
    negotiate::{Media, Tags},
    problem::Problem,
    serve::Peer,
};

/// What one request or WebSocket may cost. The defaults let 5,000 records pass as JSON and the introspection query of `GraphiQL`, and little more.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub body: Shares<usize>,
    /// Largest number of values in a request: texts, numbers, lists, objects, its own members included.
    pub values: Shares<usize>,
    /// Memory for all that requests hold from their first byte to the last one of their answers, in bytes.
    pub memory: usize,
    /// How long a body may be behind `rate`.
    pub patience: Duration,
    /// Bytes of a body that must come each second, at least.
    pub rate: usize,
    /// Largest query text, in bytes. Records belong into variables, which count as body only.
    pub query: usize,
    /// Deepest nesting of brackets in the query text, before it is parsed. Must stay far below what the parser's stack holds.
    pub brackets: usize,
    /// Largest number of tokens in the query text, before it is parsed.
    pub tokens: usize,
    /// Deepest nesting of selections; fragments count as a level each. At most 32, the executor's own limit.
    pub depth: u32,
    /// Largest number of selections once all fragments are expanded.
    pub selections: u64,
    /// Largest number of aliased fields once all fragments are expanded.
    pub aliases: u64,
    /// Largest number of single values in variables, counted once for each use of the variable.
    pub copied: u64,
    /// Largest number of root fields of a query.
    pub query_roots: u64,
    /// Largest number of root fields of a mutation.
    pub mutation_roots: u64,
    /// Largest cost by estimate, over all requests of a batch: the fields that an answer may hold, and what the database does for them.
    pub cost: u64,
    /// What a caller may ask for in a minute and at a time, by kind.
    pub allowances: Allowances,
    /// Largest number of requests in a batch.
    pub batch: usize,
    /// Largest number of requests in progress, those for releases included; further ones are told to come back.
    pub in_flight: Shares<usize>,
    /// Longest time from the head of a request to its answer.
    pub time: Duration,
    /// Largest number of WebSockets whose callers were let in.
    pub sockets: usize,
    /// Largest number of them for one caller, that is token subject and machine client.
    pub sockets_of_caller: usize,
    /// Largest number of them for one address, behind which may be a proxy.
    pub sockets_of_address: usize,
    /// Largest number of WebSockets that have not said yet whose they are, beside the others.
    pub fresh: usize,
    /// Largest number of these for one address.
    pub fresh_of_address: usize,
    /// Largest message of a WebSocket, in bytes. Records in bulk go by POST.
    pub message: usize,
    /// Largest number of operations that go on at a time over one WebSocket.
    pub operations: usize,
    /// Longest time from the opening of a WebSocket to its `connection_init`.
    pub init: Duration,
    /// How often a WebSocket is asked for a sign of life; one that gives none in twice the time is closed.
    pub keep_alive: Duration,
    /// Longest time that a client may take to read what it is sent.
    pub send: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: Shares { public: 1 << 20, reader: 1 << 20, writer: 30_000_000 },
            values: Shares { public: 10_000, reader: 10_000, writer: 500_000 },
            memory: 256 << 20,
            patience: Duration::from_secs(5),
            rate: 128 << 10,
            query: 64 << 10,
            brackets: 64,
            tokens: 20_000,
            depth: 30,
            selections: 10_000,
            aliases: 100,
            copied: 1_000_000,
            query_roots: 50,
            mutation_roots: 20,
            cost: 250_000,
            allowances: Allowances::default(),
            batch: 10,
            in_flight: Shares { public: 48, reader: 96, writer: 112 },
            time: Duration::from_secs(30),
            sockets: 1_000,
            sockets_of_caller: 50,
            sockets_of_address: 500,
            fresh: 200,
            fresh_of_address: 100,
            message: 256 << 10,
            operations: 50,
            init: Duration::from_secs(10),
            keep_alive: Duration::from_secs(15),
            send: Duration::from_secs(10),
        }
    }
}

/// Everything that the front needs from the rest of the program.
pub struct Front<E> {
    /// The GraphQL schema.
    pub executor: E,
    /// The schema's shape, from its SDL; what cost is measured by.
    pub shape: Shape,
    /// The schema's rules, from its SDL; what documents and variables are held to.
    pub rules: Rules,
    /// What one request may cost.
    pub limits: Limits,
    /// Says who is calling, from the request's head alone.
    pub admit: Admit,
    /// Is told of whoever is refused before that is known.
    pub refused: Refused,
    /// What operators ask.
    pub probes: Probes,
    /// Origins whose pages may call the API from a browser. Empty: none.
    pub origins: Origins,
    /// Whether `GraphiQL` is served at `/graphiql`.
    pub graphiql: bool,
    /// What is shared out among requests, where another address of the same process shares it; `None` for what the limits give.
    pub gate: Option<Gate>,
    /// The proxies that say where a request came from.
    pub proxies: Proxies,
    /// Whether `/metrics`, introspection and the schema's text are served here.
    pub inner: bool,
    /// The schema's text.
    pub sdl: String,
    /// Routes of the caller's own, inside the same layers but for CORS, for which they answer themselves.
    pub beside: Router,
}

/// What the handlers share.
struct Shared<E> {
    front: Front<E>,
    gate: Gate,
    places: socket::Places,
    documents: documents::Documents,
}

/// The routes `/graphql` (WebSockets included), `/graphiql`, `/schema.graphql`, `/healthz`, `/readyz` and `/metrics`, with request ids, logs, metrics, security headers and CORS around them.
/// Routes that the caller merges in afterwards stand outside of those layers; `beside` stands inside.
pub fn router<E: Executor>(mut front: Front<E>) -> Router {
    let cors = cors(&front.origins);
    let probes = front.probes.clone();
    let metrics = probes.metrics.clone();
    let gate = front.gate.take().unwrap_or_else(|| Gate::new(&front.limits));
    let (graphiql, inner, sdl) = (front.graphiql, front.inner, std::mem::take(&mut front.sdl));
    let beside = std::mem::take(&mut front.beside);
    let observer = observe::Observer::new(metrics, std::mem::take(&mut front.proxies));
    let places = socket::Places::new(&front.limits);
    let shared = Arc::new(Shared { front, gate: gate.clone(), places, documents: documents::Documents::default() });

    let mut router = Router::new()
        .route("/graphql", get(graphql::get::<E>).post(graphql::post::<E>).fallback(graphql::method_not_allowed))
        .with_state(shared)
        .merge(probes::routes(probes, inner));
    if graphiql {
        router = router.merge(graphiql::routes());
    }
    if inner {
        router = router.merge(sdl::routes(sdl));
    }
    router = router.fallback(not_found);
    if let Some(cors) = cors {
        router = router.layer(cors);
    }
    router.merge(beside.layer(Extension(gate))).layer(middleware::from_fn_with_state(observer, observe::observe))
}

/// What pages may send beside the headers that browsers always let through: what a front end's tracing adds to each call (W3C Trace Context and
/// Baggage), and what clients call themselves by.
const TAKEN: [&str; 9] = [
    "x-request-id",
    "traceparent",
    "tracestate",
    "baggage",
    "apollographql-client-name",
    "apollographql-client-version",
    "graphql-client-name",
    "graphql-client-version",
    "x-graphql-client-name",
];

/// CORS is closed unless an origin is listed; credentials are never allowed, because tokens travel in a header that the page sets itself.
fn cors(origins: &Origins) -> Option<CorsLayer> {
    let origins = origins.clone();
    let usual = [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT_LANGUAGE];
    let headers: Vec<HeaderName> = usual.into_iter().chain(TAKEN.map(HeaderName::from_static)).collect();
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(move |origin, _| origins.hold(origin)))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(headers)
            .expose_headers([
                HeaderName::from_static("x-request-id"),
                header::RETRY_AFTER,
                HeaderName::from_static("ratelimit-policy"),
                HeaderName::from_static("ratelimit"),
            ])
            .max_age(Duration::from_hours(1))
    })
}

async fn not_found(request: Request) -> Response {
    Problem::not_found().respond(Media::Json, language_of(request.headers()))
}

//! Around every request: an id, a span, one log line, metrics, security headers, and a net under panics.
//!
//! Logged are method, route, the operation's type and name, status and duration. Never logged: the address itself, query text, variables, headers,
//! and the text of a panic.

use std::{
    fmt,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use async_graphql::parser::types::OperationType;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use jobs::observe::{RUN_DURATION, SLOT_LATENESS};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::{Instrument, Span, field};
use uuid::Uuid;

use super::{language::language_of, negotiate::Media, problem::Problem, proxies::Proxies, serve::Peer};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUESTS: &str = "http_requests_total";
const DURATION: &str = "http_request_duration_seconds";
/// Requests after which the histograms are folded, so that memory stays flat where nobody reads `/metrics`.
const UPKEEP_EVERY: u64 = 1024;

/// The id under which a request is logged and which an INTERNAL error shows. Reachable in resolvers as `ctx.data_opt::<RequestId>()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The caller's `x-request-id` where it is 1 to 64 harmless characters, else a new one (`UUIDv7`).
    fn of(headers: &HeaderMap) -> Self {
        let harmless =
            |text: &&str| matches!(text.len(), 1..=64) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(harmless);
        Self(given.map_or_else(|| Uuid::now_v7().to_string().into(), Into::into))
    }

    /// The id: ASCII letters, digits and `-_.:`, at most 64.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes the process's metrics recorder, once at start. Its handle goes into [`super::Probes::metrics`].
///
/// # Errors
/// Where a recorder is there already.
pub fn install_metrics() -> Result<PrometheusHandle, BuildError> {
    builder()?.install_recorder()
}

/// The recorder's buckets, in seconds: of a request from a cached page to the time limit, of a run and a slot from a blink to a day.
pub(super) fn builder() -> Result<PrometheusBuilder, BuildError> {
    let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
    let of_runs = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0, 86_400.0];
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &buckets)?
        .set_buckets_for_metric(Matcher::Full(RUN_DURATION.to_owned()), &of_runs)?
        .set_buckets_for_metric(Matcher::Full(SLOT_LATENESS.to_owned()), &of_runs)
}

/// What the middleware keeps between requests.
#[derive(Clone)]
pub(super) struct Observer {
    metrics: PrometheusHandle,
    seen: Arc<AtomicU64>,
    proxies: Proxies,
}

impl Observer {
    pub(super) fn new(metrics: PrometheusHandle, proxies: Proxies) -> Self {
        Self { metrics, seen: Arc::default(), proxies }
    }
}

/// The middleware.
pub(super) async fn observe(State(observer): State<Observer>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let locale = language_of(request.headers());
    let method = method_label(request.method());
    let route: Arc<str> = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).into();
    request.extensions_mut().insert(id.clone());
    let origin = observer.proxies.origin(Peer::of(request.extensions()).address(), request.headers());
    request.extensions_mut().insert(Peer::new(origin));

    let span = tracing::info_span!("request", request_id = %id, method, route = %route, operation = field::Empty, kind = field::Empty, caller = field::Empty);
    let handled = AssertUnwindSafe(next.run(request)).catch_unwind().instrument(span.clone()).await;
    let mut response = handled.unwrap_or_else(|_| {
        tracing::error!(parent: &span, "a handler panicked");
        Problem::internal(id.clone()).respond(Media::Json, locale)
    });
    add_headers(response.headers_mut(), &id);

    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    tracing::info!(parent: &span, status, duration_ms = elapsed.as_secs_f64() * 1e3, "request");
    metrics::counter!(REQUESTS, "method" => method, "route" => route.to_string(), "status" => status.to_string()).increment(1);
    metrics::histogram!(DURATION, "method" => method, "route" => route.to_string()).record(elapsed);
    if observer.seen.fetch_add(1, Ordering::Relaxed) % UPKEEP_EVERY == UPKEEP_EVERY - 1 {
        observer.metrics.run_upkeep();
    }
    response
}

/// Puts an operation into the request's span. Its name is the caller's text and cut down to what a name may hold.
pub(super) fn record_operation(kind: OperationType, name: Option<&str>) {
    let span = Span::current();
    span.record("kind", field::display(kind));
    if let Some(name) = name {
        let name: String = name.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '_').take(64).collect();
        span.record("operation", name.as_str());
    }
}

fn add_headers(headers: &mut HeaderMap, id: &RequestId) {
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(X_REQUEST_ID, id);
    }
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// A method as a label; what a caller makes up is one label.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_request_id_is_kept_and_any_other_replaced() {
        let of = |value: &'static [u8]| {
            RequestId::of(&HeaderMap::from_iter([(
                X_REQUEST_ID,
                HeaderValue::from_bytes(value).unwrap_or_else(|_| HeaderValue::from_static("")),
            )]))
        };
        assert_eq!(of(b"abc-1.2:3_4").as_str(), "abc-1.2:3_4");
        let long: &[u8] = &[b'a'; 65];
        for bad in [&b""[..], b"a b", b"<script>", b"\"x\"", "内閣".as_bytes(), long] {
            let bad = HeaderMap::from_iter(HeaderValue::from_bytes(bad).map(|value| (X_REQUEST_ID, value)));
            assert_eq!(RequestId::of(&bad).as_str().len(), 36);
        }
    }
}

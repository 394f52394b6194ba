//! What operators ask of a process: whether it lives, whether it can serve, and its figures. A worker answers these and nothing else.
//!
//! They take no slot. Of all who ask while the database is being asked one asks it next, and the others take what that finds: any number of callers
//! cost no more than one.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{sync::Mutex, time::Instant};

use super::{
    admission::{Collect, Ready},
    not_found, observe,
};

/// What is behind `/readyz` and `/metrics`.
#[derive(Clone)]
pub struct Probes {
    /// Says whether the program can serve.
    pub ready: Ready,
    /// Looks up what is not counted as it happens, before the figures are shown.
    pub collect: Collect,
    /// What `/metrics` renders; see [`super::install_metrics`].
    pub metrics: PrometheusHandle,
}

/// `/healthz`, `/readyz` and `/metrics` alone, for a process that serves no API.
pub fn probes(probes: Probes) -> Router {
    let observer = observe::Observer::new(probes.metrics.clone(), super::Proxies::default());
    routes(probes, true).fallback(not_found).layer(middleware::from_fn_with_state(observer, observe::observe))
}

/// Where they are.
pub(super) const PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// What a proxy asks, and with `metrics` the figures too.
pub(super) fn routes(probes: Probes, metrics: bool) -> Router {
    let asked = Asked { probes, ready: Arc::default(), collected: Arc::default() };
    let mut router = Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(readyz));
    if metrics {
        router = router.route("/metrics", get(render_metrics));
    }
    router.with_state(asked)
}

/// What was found last, and when that was begun.
type Last<T> = Arc<Mutex<Option<(Instant, T)>>>;

#[derive(Clone)]
struct Asked {
    probes: Probes,
    ready: Last<Result<(), &'static str>>,
    collected: Last<()>,
}

/// What somebody began to look for after we came, or else we do.
async fn found<T: Copy>(last: &Last<T>, find: impl Future<Output = T>) -> T {
    let came = Instant::now();
    let mut last = last.lock().await;
    if let Some((begun, found)) = *last
        && begun >= came
    {
        return found;
    }
    let begun = Instant::now();
    let found = find.await;
    *last = Some((begun, found));
    found
}

async fn readyz(State(asked): State<Asked>) -> Response {
    match found(&asked.ready, (asked.probes.ready)()).await {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

async fn render_metrics(State(asked): State<Asked>) -> Response {
    found(&asked.collected, (asked.probes.collect)()).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], asked.probes.metrics.render()).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn all_who_ask_at_once_cost_two_and_nobody_hears_what_was_before() {
        let (last, asked) = (Last::default(), AtomicUsize::new(0));
        let ask = || async {
            let answer = asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            answer
        };
        let answers = join_all((0..100).map(|_| found(&last, ask()))).await;
        assert_eq!((answers[0], answers[99], asked.load(Ordering::SeqCst)), (0, 1, 2));
        assert_eq!(found(&last, ask()).await, 2);
    }
}

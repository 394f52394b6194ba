//! What operators ask of a process: whether it lives, whether it can serve, and its figures. A worker answers these and nothing else.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;

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
    let observer = observe::Observer::new(probes.metrics.clone());
    routes(probes, true).fallback(not_found).layer(middleware::from_fn_with_state(observer, observe::observe))
}

/// What a proxy asks, and with `metrics` the figures too.
pub(super) fn routes(probes: Probes, metrics: bool) -> Router {
    let mut router = Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(readyz));
    if metrics {
        router = router.route("/metrics", get(render_metrics));
    }
    router.with_state(probes)
}

async fn readyz(State(probes): State<Probes>) -> Response {
    match (probes.ready)().await {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

async fn render_metrics(State(probes): State<Probes>) -> Response {
    (probes.collect)().await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], probes.metrics.render()).into_response()
}

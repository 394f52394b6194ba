//! Connections: heads that must arrive in time, and a shutdown that lets requests finish.

use std::{io, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// How long the head of a request may take, and how long a connection may stand idle between two.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long requests may go on after the shutdown began.
const DRAIN_TIME: Duration = Duration::from_secs(30);
/// Pause after a failed accept (no file handle is left, mostly), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves HTTP/1.1 until `stop` is cancelled: then takes no more connections, lets requests in progress finish within 30 seconds and returns.
///
/// # Errors
/// None at present: an accept that fails is logged and tried again.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                // A failure only costs latency.
                let _ = stream.set_nodelay(true);
                let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
                // What goes wrong here is the client's going away; requests have logged themselves.
                connections.spawn(graceful.watch(connection));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests still in progress were cut off");
    }
    connections.shutdown().await;
    Ok(())
}

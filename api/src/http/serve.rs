//! Connections: heads that must arrive in time, and a shutdown that lets requests finish.

use std::{pin::pin, time::Duration};

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long the head of a request may take, and how long a connection may stand idle between two.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long requests may go on after the shutdown began.
const DRAIN_TIME: Duration = Duration::from_secs(30);
/// Pause after a failed accept (no file handle is left, mostly), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a WebSocket needs to know of the server that opened it, and the server of it; an extension of each request.
#[derive(Debug, Clone, Default)]
pub(super) struct Sockets {
    /// Cancelled when the server stops.
    pub(super) stop: CancellationToken,
    /// Those that are open.
    pub(super) open: TaskTracker,
}

/// Serves HTTP/1.1 until `stop` is cancelled: then takes no more connections, lets requests in progress finish and WebSockets say goodbye
/// within 30 seconds and returns. An accept that fails is logged and tried again.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let sockets = Sockets { stop: stop.clone(), open: TaskTracker::new() };
    let router = router.layer(Extension(sockets.clone()));
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
                let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone())).with_upgrades();
                let stop = stop.clone();
                connections.spawn(async move {
                    let mut connection = pin!(connection);
                    // What goes wrong here is the client's going away; requests have logged themselves.
                    tokio::select! {
                        _ = &mut connection => return,
                        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
                    }
                    let _ = connection.await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let drained = async {
        while connections.join_next().await.is_some() {}
        sockets.open.close();
        sockets.open.wait().await;
    };
    if tokio::time::timeout(DRAIN_TIME, drained).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests still in progress were cut off");
    }
    connections.shutdown().await;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::Notify,
    };

    use super::*;

    #[tokio::test]
    async fn a_stopped_server_finishes_what_it_began_and_takes_no_more() {
        let started = Arc::new(Notify::new());
        let finish = Arc::new(Notify::new());
        let handler = {
            let (started, finish) = (Arc::clone(&started), Arc::clone(&finish));
            move || async move {
                started.notify_one();
                finish.notified().await;
                "done"
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let app = Router::new().route("/", get(handler));
        let server = tokio::spawn(serve(listener, app, stop.clone()));

        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        started.notified().await;
        stop.cancel();
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert!(!server.is_finished());
        finish.notify_one();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
        tokio::time::timeout(Duration::from_secs(5), server).await.unwrap().unwrap();
    }
}

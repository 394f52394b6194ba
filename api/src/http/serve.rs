//! Connections: how many there may be and of whom, heads that must arrive in time, answers that must be read in time, and a shutdown that lets
//! requests finish.
//!
//! A few connections are kept back: where all others are taken they answer probes, the newest first, so that whoever watches the process always
//! hears how it is.

mod line;

use std::{collections::VecDeque, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{Extensions, HeaderValue, header},
    middleware::{self, Next},
    response::Response,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use self::line::Line;
use super::{
    language::language_of,
    negotiate::Media,
    pool::{Part, Pool},
    probes,
    problem::Problem,
};

/// How long the head of a request may take, and how long a connection may stand idle between two.
const HEAD_TIME: Duration = Duration::from_secs(15);
/// The same where three quarters of all connections are taken: who says nothing makes room sooner.
const HURRIED_HEAD_TIME: Duration = Duration::from_secs(2);
/// Bytes that a head may have, and that are read or written of a connection at a time.
const BUFFER: usize = 16 << 10;
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

/// Who is at the other end of a connection, a caller or a proxy; an extension of each request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(IpAddr);

impl Peer {
    /// Whose connection a request came over, or who sent it by a trusted proxy; one that came over none has an address of its own.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().copied().unwrap_or(Self(IpAddr::from([0; 4])))
    }

    pub(super) fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// The address.
    pub(crate) fn address(self) -> IpAddr {
        self.0
    }

    /// Among whom room is shared out. A network of IPv6 is one: who has one address of it has all of them.
    pub(super) fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
            address @ IpAddr::V4(_) => address,
        }
    }
}

/// How many connections there may be.
#[derive(Debug, Clone, Copy)]
struct Lines {
    /// In all.
    all: usize,
    /// Of one address, behind which may be a proxy.
    of_address: usize,
    /// Beside these, for probes.
    kept_back: usize,
    /// How long an answer may wait for the client to read it.
    patience: Duration,
}

/// Files that the process opens beside its connections, at most: the database's, its log, and what they need for a moment.
const OTHER_FILES: usize = 256;

impl Lines {
    /// As many as are of use, where the system lets us have them. The soft limit of open files, often 1,024, is raised as far as we may.
    fn usual() -> Self {
        let kept_back = 64;
        let most = 4_096;
        let mut files = getrlimit(Resource::Nofile);
        let wanted = u64::try_from(most + kept_back + OTHER_FILES).unwrap_or(u64::MAX);
        if files.current.is_some_and(|current| current < wanted) {
            files.current = Some(files.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
            if let Err(error) = setrlimit(Resource::Nofile, files) {
                tracing::warn!(%error, "the limit of open files cannot be raised");
                files = getrlimit(Resource::Nofile);
            }
        }
        let files = files.current.and_then(|current| usize::try_from(current).ok()).unwrap_or(usize::MAX);
        let all = most.min(files.saturating_sub(kept_back + OTHER_FILES)).max(1);
        Self { all, of_address: all.div_ceil(4) * 3, kept_back, patience: Duration::from_secs(10) }
    }
}

/// Serves HTTP/1.1 until `stop` is cancelled: then takes no more connections, lets requests in progress finish and WebSockets say goodbye
/// within 30 seconds and returns. An accept that fails is logged and tried again.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    serve_within(listener, router, stop, Lines::usual()).await;
}

async fn serve_within(listener: TcpListener, router: Router, stop: CancellationToken, lines: Lines) {
    let mut server = Server::new(router, stop.clone(), lines);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
            Some(_) = server.connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, address)) => server.take(stream, Peer::new(address.ip())),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    server.drain().await;
}

/// What serves connections.
struct Server {
    router: Router,
    /// The routes where all connections are taken.
    probes_alone: Router,
    sockets: Sockets,
    lines: Lines,
    room: Arc<Pool<IpAddr>>,
    kept_back: VecDeque<AbortHandle>,
    connections: JoinSet<()>,
}

impl Server {
    fn new(router: Router, stop: CancellationToken, lines: Lines) -> Self {
        Self {
            probes_alone: router.clone().layer(middleware::from_fn(probes_alone)),
            router,
            sockets: Sockets { stop, open: TaskTracker::new() },
            lines,
            room: Pool::new(lines.all, lines.of_address),
            kept_back: VecDeque::new(),
            connections: JoinSet::new(),
        }
    }

    /// Serves a connection; one for which there is no room answers probes, in the place of the oldest of its like.
    fn take(&mut self, stream: TcpStream, peer: Peer) {
        // A failure only costs latency.
        let _ = stream.set_nodelay(true);
        let line = Line::new(stream, self.lines.patience);
        let head_time = if self.room.is_crowded() { HURRIED_HEAD_TIME } else { HEAD_TIME };
        if let Some(place) = self.room.take(&peer.network(), 1) {
            self.connections.spawn(connection(line, self.router.clone(), self.sockets.clone(), peer, Some((place, head_time))));
            return;
        }
        if self.kept_back.len() >= self.lines.kept_back
            && let Some(oldest) = self.kept_back.pop_front()
        {
            oldest.abort();
        }
        let handle = self.connections.spawn(connection(line, self.probes_alone.clone(), self.sockets.clone(), peer, None));
        self.kept_back.push_back(handle);
    }

    async fn drain(mut self) {
        let drained = async {
            while self.connections.join_next().await.is_some() {}
            self.sockets.open.close();
            self.sockets.open.wait().await;
        };
        if tokio::time::timeout(DRAIN_TIME, drained).await.is_err() {
            tracing::warn!(connections = self.connections.len(), "requests still in progress were cut off");
        }
        self.connections.shutdown().await;
    }
}

/// One connection, until it ends or the server stops; without a place, one request of it.
async fn connection(line: Line, router: Router, sockets: Sockets, peer: Peer, place: Option<(Part<IpAddr>, Duration)>) {
    let mut http = http1::Builder::new();
    let head_time = place.as_ref().map_or(HURRIED_HEAD_TIME, |(_, head_time)| *head_time);
    http.timer(TokioTimer::new()).header_read_timeout(head_time).max_buf_size(BUFFER).keep_alive(place.is_some());
    let stop = sockets.stop.clone();
    let service = router.map_request(move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(sockets.clone());
        request.extensions_mut().insert(peer);
        request
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(line), TowerToHyperService::new(service)).with_upgrades());
    // What goes wrong here is the client's going away; requests have logged themselves.
    tokio::select! {
        _ = &mut connection => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Lets probes through, and tells everybody else to come back.
async fn probes_alone(request: Request, next: Next) -> Response {
    if probes::PATHS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let mut response = Problem::too_many_connections().respond(Media::Json, language_of(request.headers()));
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
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

    /// A server of few connections, and its address.
    async fn few(app: Router) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let lines = Lines { all: 4, of_address: 3, kept_back: 2, patience: Duration::from_millis(300) };
        tokio::spawn(serve_within(listener, app, CancellationToken::new(), lines));
        address
    }

    async fn ask(address: std::net::SocketAddr, path: &str) -> String {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn where_all_connections_are_taken_probes_are_answered_and_others_told_to_come_back() {
        let app = Router::new().route("/healthz", get(|| async { "ok" })).route("/", get(|| async { "done" }));
        let address = few(app).await;
        // An address has three of four.
        let mut silent = Vec::new();
        for _ in 0..2 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        assert!(ask(address, "/").await.ends_with("done"));
        silent.push(TcpStream::connect(address).await.unwrap());
        while !ask(address, "/").await.starts_with("HTTP/1.1 503") {
            tokio::task::yield_now().await;
        }
        assert!(ask(address, "/").await.contains("retry-after: 1"));
        // Those kept back may be taken by others who say nothing; the newest is answered all the same.
        for _ in 0..5 {
            silent.push(TcpStream::connect(address).await.unwrap());
            assert!(ask(address, "/healthz").await.ends_with("ok"));
        }
        drop(silent);
        while !ask(address, "/").await.ends_with("done") {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_is_given_up() {
        struct Ring(Vec<u8>, Arc<Notify>);
        impl AsRef<[u8]> for Ring {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
        impl Drop for Ring {
            fn drop(&mut self) {
                self.1.notify_one();
            }
        }
        let gone = Arc::new(Notify::new());
        let handler = {
            let gone = Arc::clone(&gone);
            move || async move { axum::body::Body::from(axum::body::Bytes::from_owner(Ring(vec![b' '; 64 << 20], gone))) }
        };
        let address = few(Router::new().route("/", get(handler))).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        tokio::time::timeout(Duration::from_secs(20), gone.notified()).await.unwrap();
        drop(client);
        // Who reads gets all of it, however long it is.
        assert_eq!(ask(address, "/").await.split_once("\r\n\r\n").unwrap().1.len(), 64 << 20);
    }

    #[test]
    fn a_network_of_ipv6_is_one_peer() {
        let peer = |text: &str| Peer::new(text.parse().unwrap()).network().to_string();
        assert_eq!(peer("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!((peer("192.0.2.7"), peer("::ffff:192.0.2.7")), ("192.0.2.7".to_owned(), "192.0.2.7".to_owned()));
    }
}

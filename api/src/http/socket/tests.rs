//! WebSockets over a real line, with limits that a test can wait for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::unused_async)]

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{Object, Schema, Subscription};
use axum::http::HeaderValue;
use futures_util::{FutureExt, Stream, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, net::TcpStream, sync::Notify, task::JoinHandle};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error as LineError, Message as Frame, client::IntoClientRequest},
};

use super::*;
use crate::http::{Admit, Front, Limits, Origins, Probes, Proxies, Refusal, Rules, Shape, observe, router, serve};

struct Query;
struct Mutation;
struct Subscribed;

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "hello"
    }
    async fn panics(&self) -> i32 {
        [].first().copied().expect("the secret in the panic")
    }
    async fn never(&self) -> i32 {
        std::future::pending().await
    }
}

#[Object]
impl Mutation {
    async fn bump(&self) -> usize {
        static BUMPS: AtomicUsize = AtomicUsize::new(0);
        BUMPS.fetch_add(1, Ordering::SeqCst)
    }
}

/// Rings when its stream is dropped.
struct Ring(Arc<Notify>);

impl Drop for Ring {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[Subscription]
impl Subscribed {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    async fn forever(&self, ctx: &async_graphql::Context<'_>) -> impl Stream<Item = i32> {
        let ring = Ring(ctx.data_unchecked::<Arc<Notify>>().clone());
        stream::iter([0]).chain(stream::pending()).map(move |one| {
            let _ = &ring;
            one
        })
    }
    async fn flood(&self) -> impl Stream<Item = String> {
        stream::repeat_with(|| "x".repeat(100_000))
    }
    async fn forbidden(&self) -> async_graphql::Result<impl Stream<Item = i32>> {
        let error = crate::error::Error::forbidden();
        Err::<stream::Empty<i32>, _>(error.into())
    }
    async fn breaks(&self) -> impl Stream<Item = Result<i32, crate::error::Error>> {
        stream::iter([Ok(1), Err(crate::error::Error::forbidden()), Ok(2)])
    }
}

fn who(key: &str) -> Who {
    Who { kind: Kind::Reader, key: key.into() }
}

/// A running front.
struct Running {
    url: String,
    stop: CancellationToken,
    served: JoinHandle<()>,
    dropped: Arc<Notify>,
    left: Arc<Mutex<Duration>>,
}

#[expect(clippy::large_types_passed_by_value, reason = "a test makes its own")]
async fn start(limits: Limits) -> Running {
    let dropped = Arc::new(Notify::new());
    let executor = Schema::build(Query, Mutation, Subscribed).data(dropped.clone()).finish();
    let left = Arc::new(Mutex::new(Duration::MAX));
    let asked = left.clone();
    let admit: Admit = Arc::new(move |caller| {
        let (token, asked) = (caller.authorization.map(|value| value.as_bytes().to_vec()), asked.clone());
        async move {
            match token.as_deref() {
                Some(b"Bearer down") => Err(Refusal::Unavailable),
                Some(b"Bearer good") if asked.lock().unwrap().is_zero() => Err(Refusal::Unauthenticated),
                Some(b"Bearer good") => Ok(Admission::new(who("good"), |_| ()).ending(move || *asked.lock().unwrap())),
                Some(b"Bearer other") => Ok(Admission::new(who("other"), |_| ())),
                None => Ok(Admission::new(Who::public(), |_| ())),
                Some(_) => Err(Refusal::Unauthenticated),
            }
        }
        .boxed()
    });
    let front = Front {
        proxies: Proxies::default(),
        refused: Arc::new(|_, _, _| {}),
        shape: Shape::from_sdl(&executor.sdl()).unwrap(),
        rules: Rules::from_sdl(&executor.sdl(), |_, _| None).unwrap(),
        executor,
        limits,
        admit,
        probes: Probes {
            ready: Arc::new(|| async { Ok(()) }.boxed()),
            collect: Arc::new(|| async {}.boxed()),
            metrics: observe::builder().unwrap().build_recorder().handle(),
        },
        origins: Origins::new(vec![HeaderValue::from_static("https://front.example")]),
        graphiql: false,
        inner: true,
        sdl: String::new(),
        gate: None,
        beside: axum::Router::new(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/graphql", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let served = tokio::spawn(serve(listener, router(front), stop.clone()));
    Running { url, stop, served, dropped, left }
}

/// A client.
struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>, Vec<Value>);

impl Client {
    async fn open(url: &str, headers: &[(&'static str, &'static str)]) -> Result<Self, u16> {
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket, Vec::new())),
            Err(LineError::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn fresh(running: &Running) -> Self {
        Self::open(&running.url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.unwrap()
    }

    async fn ready(running: &Running) -> Self {
        let mut client = Self::fresh(running).await;
        client.init("Bearer good").await;
        assert_eq!(client.next().await, json!({ "type": "connection_ack" }));
        client
    }

    async fn init(&mut self, token: &str) {
        self.send(&json!({ "type": "connection_init", "payload": { "authorization": token } })).await;
    }

    async fn send(&mut self, message: &Value) {
        self.0.send(Frame::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(&json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    async fn frame(&mut self) -> Option<Frame> {
        tokio::time::timeout(Duration::from_secs(20), self.0.next()).await.expect("nothing came").map(Result::unwrap)
    }

    async fn next(&mut self) -> Value {
        loop {
            match self.frame().await {
                Some(Frame::Text(text)) => {
                    let mut message: Value = serde_json::from_str(&text).unwrap();
                    // What an operation cost is told once, with its first result.
                    if let Some(payload) = message.get_mut("payload").and_then(Value::as_object_mut) {
                        self.1.extend(payload.remove("extensions").map(|said| said["cost"]["requested"].clone()));
                    }
                    return message;
                }
                Some(Frame::Ping(_) | Frame::Pong(_)) => {}
                other => panic!("no message: {other:?}"),
            }
        }
    }

    /// The close code.
    async fn closed(&mut self) -> u16 {
        loop {
            match self.frame().await {
                Some(Frame::Close(Some(frame))) => return frame.code.into(),
                Some(_) => {}
                None => panic!("cut off"),
            }
        }
    }

    /// The code of the error that an operation is refused with.
    async fn refused(&mut self, query: &str) -> String {
        self.subscribe("r", query).await;
        let message = self.next().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("r")), "{message}");
        assert!(!message["payload"][0]["message"].as_str().unwrap().contains("secret"), "{message}");
        message["payload"][0]["extensions"]["code"].as_str().unwrap().to_owned()
    }
}

fn next(id: &str, data: &Value) -> Value {
    json!({ "id": id, "type": "next", "payload": { "data": data } })
}

fn complete(id: &str) -> Value {
    json!({ "id": id, "type": "complete" })
}

#[tokio::test]
async fn operations_of_every_kind_come_to_their_end() {
    let running = start(Limits::default()).await;
    let mut client = Client::ready(&running).await;
    client.subscribe("s", "subscription { count(to: 3) }").await;
    for count in 1..=3 {
        assert_eq!(client.next().await, next("s", &json!({ "count": count })));
    }
    assert_eq!(client.next().await, complete("s"));
    client.subscribe("q", "{ hello }").await;
    assert_eq!(client.next().await, next("q", &json!({ "hello": "hello" })));
    assert_eq!(client.next().await, complete("q"));
    client.subscribe("q", "mutation { bump }").await;
    assert_eq!(client.next().await["type"], "next");
    assert_eq!(client.next().await, complete("q"));
    assert_eq!(client.1, [json!(101), json!(101), json!(1)]);
    client.send(&json!({ "type": "ping" })).await;
    assert_eq!(client.next().await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn what_is_wrong_with_an_operation_ends_the_operation_alone() {
    let running = start(Limits::default()).await;
    let mut client = Client::ready(&running).await;
    let deep = format!("{{ hello(x: {}{}) }}", "[".repeat(2000), "]".repeat(2000));
    assert_eq!(client.refused(&deep).await, "LIMIT_EXCEEDED");
    for (wrong, code) in [
        ("{ nothing }", "BAD_USER_INPUT"),
        ("{", "BAD_USER_INPUT"),
        ("query A { hello } query B { hello }", "BAD_USER_INPUT"),
        ("subscription { a: count(to: 1) b: count(to: 1) }", "LIMIT_EXCEEDED"),
        ("subscription { ...F } fragment F on Subscribed { count(to: 1) }", "BAD_USER_INPUT"),
        ("subscription { forbidden }", "FORBIDDEN"),
        ("{ panics }", "INTERNAL"),
    ] {
        assert_eq!(client.refused(wrong).await, code, "{wrong}");
    }
    client.subscribe("b", "subscription { breaks }").await;
    assert_eq!(client.next().await, next("b", &json!({ "breaks": 1 })));
    let broken = client.next().await;
    assert_eq!((&broken["type"], &broken["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("FORBIDDEN")), "{broken}");
    client.subscribe("b", "{ hello }").await;
    assert_eq!(client.next().await, next("b", &json!({ "hello": "hello" })));
}

#[tokio::test]
async fn an_operation_that_is_stopped_is_dropped_and_says_no_more() {
    let running = start(Limits { operations: 1, ..Limits::default() }).await;
    let mut client = Client::ready(&running).await;
    client.subscribe("f", "subscription { forever }").await;
    assert_eq!(client.next().await, next("f", &json!({ "forever": 0 })));
    assert_eq!(client.refused("{ hello }").await, "LIMIT_EXCEEDED");
    client.send(&complete("f")).await;
    running.dropped.notified().await;
    client.subscribe("f", "{ hello }").await;
    assert_eq!(client.next().await, next("f", &json!({ "hello": "hello" })));
    // A client that goes away leaves nothing behind either.
    assert_eq!(client.next().await, complete("f"));
    client.subscribe("f", "subscription { forever }").await;
    assert_eq!(client.next().await, next("f", &json!({ "forever": 0 })));
    drop(client);
    running.dropped.notified().await;
}

#[tokio::test]
async fn an_opening_that_is_wrong_is_refused() {
    let running = start(Limits { fresh: 1, ..Limits::default() }).await;
    let name = ("sec-websocket-protocol", "graphql-transport-ws");
    assert_eq!(Client::open(&running.url, &[]).await.err(), Some(400));
    assert_eq!(Client::open(&running.url, &[("sec-websocket-protocol", "graphql-ws")]).await.err(), Some(400));
    assert_eq!(Client::open(&running.url, &[name, ("origin", "https://evil.example")]).await.err(), Some(403));
    let first = Client::open(&running.url, &[name, ("origin", "https://front.example")]).await.unwrap();
    assert_eq!(Client::open(&running.url, &[name]).await.err(), Some(503));
    drop(first);
    while Client::open(&running.url, &[name]).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_told_by_the_code() {
    let running = start(Limits { init: Duration::from_millis(300), ..Limits::default() }).await;
    for (token, code) in [("Bearer forged", 4403), ("nonsense", 4403), ("Bearer down", 1013)] {
        let mut client = Client::fresh(&running).await;
        client.send(&json!({ "type": "connection_init", "payload": { "authorization": token } })).await;
        assert_eq!(client.closed().await, code, "{token}");
    }
    // The public has nothing to follow.
    let mut client = Client::fresh(&running).await;
    client.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.closed().await, 4403);
    let mut client = Client::fresh(&running).await;
    client.subscribe("1", "{ hello }").await;
    assert_eq!(client.closed().await, 4401);
    assert_eq!(Client::fresh(&running).await.closed().await, 4408);
    for (message, code) in [(json!({ "type": "connection_init" }), 4429), (json!({ "type": "nonsense" }), 4400)] {
        let mut client = Client::ready(&running).await;
        client.send(&message).await;
        assert_eq!(client.closed().await, code);
    }
    let mut client = Client::ready(&running).await;
    client.0.send(Frame::binary(b"{}".to_vec())).await.unwrap();
    assert_eq!(client.closed().await, 4400);
    let mut client = Client::ready(&running).await;
    client.subscribe("1", "{ never }").await;
    client.subscribe("1", "{ never }").await;
    assert_eq!(client.closed().await, 4409);
}

#[tokio::test]
async fn no_caller_and_no_address_has_all_the_places() {
    let running = start(Limits { sockets: 3, sockets_of_caller: 1, ..Limits::default() }).await;
    let first = Client::ready(&running).await;
    let mut second = Client::fresh(&running).await;
    second.init("Bearer good").await;
    assert_eq!(second.closed().await, 1013);
    let mut other = Client::fresh(&running).await;
    other.init("Bearer other").await;
    assert_eq!(other.next().await, json!({ "type": "connection_ack" }));
    drop(first);
    // The place is free once we know that its holder has gone.
    loop {
        let mut again = Client::fresh(&running).await;
        again.init("Bearer good").await;
        if matches!(again.frame().await, Some(Frame::Text(_))) {
            break;
        }
    }

    let limits = Limits { sockets_of_address: 1, fresh: 2, fresh_of_address: 2, ..Limits::default() };
    let running = start(limits).await;
    let held = Client::ready(&running).await;
    let mut other = Client::fresh(&running).await;
    other.init("Bearer other").await;
    assert_eq!(other.closed().await, 1013);
    drop((held, other));

    // Who says nothing has no place among those who were let in.
    let running = start(limits).await;
    let silent = (Client::fresh(&running).await, Client::fresh(&running).await);
    let name = ("sec-websocket-protocol", "graphql-transport-ws");
    assert_eq!(Client::open(&running.url, &[name]).await.err(), Some(503));
    drop(silent);
    while Client::open(&running.url, &[name]).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_message_holds_no_more_than_a_request() {
    let running = start(Limits { memory: 32 * (64 << 10), ..Limits::default() }).await;
    let mut client = Client::ready(&running).await;
    let payload = |objects: usize| json!({ "query": "{ hello }", "variables": { "x": vec![json!({ "a": 0 }); objects] } });
    client.send(&json!({ "id": "r", "type": "subscribe", "payload": payload(5_000) })).await;
    let refused = client.next().await;
    assert_eq!((&refused["type"], &refused["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("LIMIT_EXCEEDED")));
    client.send(&json!({ "id": "r", "type": "subscribe", "payload": payload(4_000) })).await;
    assert_eq!(client.next().await, next("r", &json!({ "hello": "hello" })));
    assert_eq!(client.next().await, complete("r"));
    // A reader's half of the readers' memory is 160 KB.
    let long = format!("{{ hello }} #{}", "x".repeat(20_000));
    assert_eq!(client.refused(&format!("query({}) {{ hello }}", "$x: Int ".repeat(100))).await, "LIMIT_EXCEEDED");
    client.subscribe("q", &long).await;
    assert_eq!(client.next().await["type"], "next");
}

#[tokio::test]
async fn the_header_of_the_opening_request_is_no_less_a_token() {
    let running = start(Limits::default()).await;
    let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("authorization", "Bearer forged")];
    let mut client = Client::open(&running.url, &headers).await.unwrap();
    client.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.closed().await, 4403);
}

#[tokio::test]
async fn a_socket_ends_with_its_token() {
    let running = start(Limits::default()).await;
    *running.left.lock().unwrap() = Duration::from_millis(200);
    let mut waiting = Client::ready(&running).await;
    waiting.subscribe("f", "subscription { forever }").await;
    assert_eq!(waiting.next().await, next("f", &json!({ "forever": 0 })));
    *running.left.lock().unwrap() = Duration::ZERO;
    assert_eq!(waiting.closed().await, 4403);
    running.dropped.notified().await;
}

#[tokio::test]
async fn a_token_that_is_revoked_is_found_out() {
    let running = start(Limits { keep_alive: Duration::from_millis(30), ..Limits::default() }).await;
    *running.left.lock().unwrap() = Duration::from_hours(1);
    let mut client = Client::ready(&running).await;
    client.subscribe("f", "subscription { forever }").await;
    assert_eq!(client.next().await, next("f", &json!({ "forever": 0 })));
    // The clock's alarm is an hour off: only a review finds this.
    *running.left.lock().unwrap() = Duration::ZERO;
    assert_eq!(client.closed().await, 4403);
}

#[tokio::test]
async fn a_message_that_is_too_big_closes_with_1009() {
    let running = start(Limits { message: 1_000, ..Limits::default() }).await;
    let mut client = Client::ready(&running).await;
    client.subscribe("1", &format!("{{ hello }} #{}", "x".repeat(200_000))).await;
    assert_eq!(client.closed().await, 1009);
}

#[tokio::test]
async fn who_does_not_read_or_gives_no_sign_of_life_is_cut_off() {
    let (send, keep_alive) = (Duration::from_millis(200), Duration::from_millis(100));
    let running = start(Limits { send, sockets: 1, ..Limits::default() }).await;
    let mut client = Client::ready(&running).await;
    client.subscribe("f", "subscription { flood }").await;
    // Its place is free again although it is still there.
    while Client::open(&running.url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.is_err() {
        tokio::task::yield_now().await;
    }
    drop(client);

    let running = start(Limits { keep_alive, sockets: 1, ..Limits::default() }).await;
    let silent = Client::ready(&running).await;
    while Client::open(&running.url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.is_err() {
        tokio::task::yield_now().await;
    }
    drop(silent);
}

#[tokio::test]
async fn a_server_that_stops_says_goodbye_to_all_and_waits_for_none() {
    let running = start(Limits::default()).await;
    let mut going = Client::ready(&running).await;
    going.subscribe("f", "subscription { forever }").await;
    assert_eq!(going.next().await, next("f", &json!({ "forever": 0 })));
    let mut fresh = Client::fresh(&running).await;
    running.stop.cancel();
    assert_eq!((going.closed().await, fresh.closed().await), (1001, 1001));
    tokio::time::timeout(Duration::from_secs(10), running.served).await.expect("shutdown is held open").unwrap();
}

//! The front as a client sees it, on a small schema.
// `async` is the form of a resolver, waiting or not; and a query in a test is easier to read where it is put together.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::unused_async, clippy::format_collect, clippy::format_push_string)]

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, EmptySubscription, Object, Schema, SimpleObject};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderValue, Request, StatusCode, header},
};
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";

struct Query;
struct Mutation;

#[derive(SimpleObject, Clone)]
struct Item {
    id: i32,
}

#[derive(SimpleObject)]
struct PageInfo {
    has_next_page: bool,
}

#[derive(SimpleObject)]
struct ItemConnection {
    nodes: Vec<Item>,
    page_info: PageInfo,
}

/// What a request's admission put there; counts how often it was made anew.
struct Fresh(usize);

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("hello {}", name.unwrap_or_default())
    }
    async fn locale(&self, ctx: &Context<'_>) -> String {
        format!("{:?}", ctx.data_opt::<Language>())
    }
    async fn fresh(&self, ctx: &Context<'_>) -> usize {
        ctx.data_opt::<Fresh>().map_or(0, |fresh| fresh.0)
    }
    async fn request_id(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.data_opt::<RequestId>().map(ToString::to_string)
    }
    async fn items(&self, first: Option<i32>) -> async_graphql::Result<ItemConnection> {
        let first = usize::try_from(first.unwrap_or(50)).map_err(|_| coded("BAD_USER_INPUT"))?;
        let nodes = (0..).take(first).map(|id| Item { id }).collect();
        Ok(ItemConnection { nodes, page_info: PageInfo { has_next_page: false } })
    }
    async fn count(&self, of: Vec<i32>) -> usize {
        of.len()
    }
    async fn panics(&self) -> i32 {
        [].first().copied().expect("the secret in the panic")
    }
    async fn uncoded(&self) -> async_graphql::Result<i32> {
        Err("duplicate key value violates the secret".into())
    }
    async fn forbidden(&self) -> async_graphql::Result<i32> {
        Err(coded("FORBIDDEN"))
    }
    async fn never(&self) -> i32 {
        std::future::pending().await
    }
}

#[Object]
impl Mutation {
    async fn bump(&self, ctx: &Context<'_>) -> usize {
        ctx.data_unchecked::<Arc<AtomicUsize>>().fetch_add(1, Ordering::SeqCst)
    }
    async fn bump_late(&self, ctx: &Context<'_>) -> usize {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        ctx.data_unchecked::<Arc<AtomicUsize>>().fetch_add(1, Ordering::SeqCst)
    }
}

fn coded(code: &'static str) -> async_graphql::Error {
    use async_graphql::ErrorExtensions;
    async_graphql::Error::new("no").extend_with(|_, extensions| extensions.set("code", code))
}

/// What stands for a schema's text.
const SDL: &str = "type Query { hello: String! }";

fn front() -> Front<Schema<Query, Mutation, EmptySubscription>> {
    let bumps = Arc::new(AtomicUsize::new(0));
    let executor = Schema::build(Query, Mutation, EmptySubscription).data(bumps).finish();
    let shape = Shape::from_sdl(&executor.sdl()).unwrap();
    let rules = Rules::from_sdl(&executor.sdl(), |_, _| None).unwrap();
    let admit: Admit = Arc::new(|caller| {
        let token = caller.authorization.as_ref().map(|value| value.as_bytes().to_vec());
        async move {
            let made = AtomicUsize::new(0);
            match token.as_deref() {
                Some(b"Bearer down") => Err(Refusal::Unavailable),
                Some(b"Bearer good") | None => {
                    let who = token.map_or_else(Who::public, |_| Who { kind: Kind::Writer, key: "good".into() });
                    Ok(Admission::new(who, move |data| {
                        data.insert(Fresh(made.fetch_add(1, Ordering::SeqCst)));
                    }))
                }
                Some(_) => Err(Refusal::Unauthenticated),
            }
        }
        .boxed()
    });
    Front {
        proxies: Proxies::default(),
        refused: Arc::new(|_, _, _| {}),
        executor,
        shape,
        rules,
        limits: Limits::default(),
        admit,
        probes: Probes {
            ready: Arc::new(|| async { Err("database") }.boxed()),
            collect: Arc::new(|| async { metrics::gauge!("looked_up").set(1.0) }.boxed()),
            metrics: observe::builder().unwrap().build_recorder().handle(),
        },
        origins: Origins::new(vec![HeaderValue::from_static("https://front.example")]),
        graphiql: true,
        inner: true,
        sdl: SDL.to_owned(),
        gate: None,
        beside: Router::new(),
    }
}

struct Got {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Got {
    /// The answer, without what it says of its cost.
    fn json(&self) -> Value {
        let mut json = self.whole();
        let answers = match &mut json {
            Value::Array(answers) => answers.iter_mut().collect(),
            one => vec![one],
        };
        for answer in answers.into_iter().filter_map(Value::as_object_mut).filter(|answer| answer.contains_key("data")) {
            let said = answer.remove("extensions").unwrap();
            assert!(said["cost"]["requested"].as_u64().unwrap() >= 1, "{said}");
        }
        json
    }
    fn whole(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    /// Status, code and message of a refusal, which holds nothing but one error.
    fn refusal(&self) -> (u16, String, String) {
        let json = self.json();
        let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["errors"]);
        (self.status.as_u16(), text("/errors/0/extensions/code"), text("/errors/0/message"))
    }
}

async fn send_to(router: Router, request: Request<Body>) -> Got {
    let response = router.oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    Got { status: head.status, headers: head.headers, body: to_bytes(body, usize::MAX).await.unwrap() }
}

async fn send(request: Request<Body>) -> Got {
    send_to(router(front()), request).await
}

fn post_raw(body: impl Into<Body>) -> Request<Body> {
    Request::post("/graphql").header(header::CONTENT_TYPE, "application/json").body(body.into()).unwrap()
}

fn post_json(body: &Value) -> Request<Body> {
    post_raw(body.to_string())
}

fn query(text: &str) -> Request<Body> {
    post_json(&json!({ "query": text }))
}

fn get(address: &str) -> Request<Body> {
    Request::get(address).body(Body::empty()).unwrap()
}

fn with(mut request: Request<Body>, name: &'static str, value: &'static str) -> Request<Body> {
    request.headers_mut().insert(name, HeaderValue::from_static(value));
    request
}

/// 400 for the newer media type and 200 for the older one.
async fn document_refusal(text: &str) -> (String, String) {
    let newer = send(query(text)).await;
    let older = send(with(query(text), "accept", "application/json")).await;
    let (refused, tolerated) = (newer.refusal(), older.refusal());
    assert_eq!((refused.0, tolerated.0), (400, 200));
    assert_eq!((&refused.1, &refused.2), (&tolerated.1, &tolerated.2));
    (refused.1, refused.2)
}

#[tokio::test]
async fn a_query_is_answered_in_the_form_that_is_asked_for() {
    let got = send(query("{ hello(name: \"内閣\") }")).await;
    assert_eq!((got.status, got.header("content-type")), (StatusCode::OK, GRAPHQL));
    assert_eq!(got.json(), json!({ "data": { "hello": "hello 内閣" } }));
    assert_eq!(
        (got.header("cache-control"), got.header("x-content-type-options"), got.header("x-frame-options")),
        ("no-store", "nosniff", "DENY")
    );
    let got = send(with(query("{ hello }"), "accept", "application/json")).await;
    assert_eq!(got.header("content-type"), "application/json; charset=utf-8");
    let got = send(with(query("{ hello }"), "accept", "text/html")).await;
    assert_eq!((got.refusal().0, got.refusal().1.as_str()), (406, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn variables_and_operation_names_work_on_both_methods() {
    let text = "query A($n: String) { a: hello(name: $n) } query B { b: hello }";
    let got = send(post_json(&json!({ "query": text, "operationName": "A", "variables": { "n": "x" } }))).await;
    assert_eq!(got.json(), json!({ "data": { "a": "hello x" } }));
    let encoded = "query+A(%24n%3A+String)+%7B+a%3A+hello(name%3A+%24n)+%7D+query+B+%7B+b%3A+hello+%7D";
    let got = send(get(&format!("/graphql?query={encoded}&operationName=A&variables=%7B%22n%22%3A%22y%22%7D"))).await;
    assert_eq!(got.json(), json!({ "data": { "a": "hello y" } }));
    for (name, says) in [(Some("C"), "no operation of the name"), (None, "several operations")] {
        let refusal = send(post_json(&json!({ "query": text, "operationName": name }))).await.refusal();
        assert_eq!((refusal.0, refusal.1.as_str()), (400, "BAD_USER_INPUT"));
        assert!(refusal.2.contains(says), "{}", refusal.2);
        let name = name.unwrap_or_default();
        assert_eq!(send(get(&format!("/graphql?query={encoded}&operationName={name}"))).await.refusal().0, 400);
    }
}

#[tokio::test]
async fn get_never_changes_anything() {
    let app = router(front());
    let got = send_to(app.clone(), get("/graphql?query=mutation%7Bbump%7D")).await;
    assert_eq!((got.refusal().0, got.header("allow")), (405, "POST"));
    let named = get("/graphql?query=query+Q%7Bhello%7D+mutation+M%7Bbump%7D&operationName=M");
    assert_eq!(send_to(app.clone(), named).await.refusal().0, 405);
    assert_eq!(send_to(app, query("mutation { bump }")).await.json(), json!({ "data": { "bump": 0 } }));
}

#[tokio::test]
async fn other_methods_and_addresses_are_refused_in_json() {
    let put = Request::put("/graphql").body(Body::empty()).unwrap();
    let got = send(put).await;
    assert_eq!((got.refusal().0, got.header("allow")), (405, "GET, POST"));
    let got = send(get("/nothing")).await;
    assert_eq!((got.refusal().0, got.refusal().1.as_str()), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn what_a_form_on_a_foreign_page_can_send_is_refused() {
    for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql"] {
        let got = send(with(query("mutation { bump }"), "content-type", media)).await;
        assert_eq!((got.refusal().0, got.refusal().1.as_str()), (415, "BAD_USER_INPUT"), "{media}");
    }
    let bare = Request::post("/graphql").body(Body::from("{}")).unwrap();
    assert_eq!(send(bare).await.refusal().0, 415);
}

#[tokio::test]
async fn bad_json_and_bad_utf8_are_located_and_400_for_either_media_type() {
    for body in [&b"nonsense"[..], b"{\"query\":", b"", b"{\"query\":\"{ hello(name: \xff) }\"}"] {
        for accept in ["application/json", "application/graphql-response+json"] {
            let (status, code, message) = send(with(post_raw(body), "accept", accept)).await.refusal();
            assert_eq!((status, code.as_str()), (400, "BAD_USER_INPUT"));
            assert!(message.contains("line 1, column"), "{message}");
        }
    }
    assert_eq!(send(post_json(&json!({ "qeury": "{ hello }" }))).await.refusal().0, 400);
    assert_eq!(send(get("/graphql?query=%FF")).await.refusal().0, 400);
    assert_eq!(send(get("/graphql?query=%7Bhello%7D&query=%7Bhello%7D")).await.refusal().0, 400);
}

#[tokio::test]
async fn a_body_of_30_mb_is_refused_without_being_kept() {
    // 16 chunks fill the limit; the answer is there after the one that passes it, though the rest never comes.
    let chunks = stream::iter((0..17).map(|_| Ok::<_, Infallible>(Bytes::from(vec![b' '; 64 << 10])))).chain(stream::pending());
    let streamed = post_raw(Body::from_stream(chunks));
    let response = router(front()).oneshot(streamed).await.unwrap();
    assert_eq!(response.status().as_u16(), 413);

    let declared = with(post_raw(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>())), "content-length", "30000000");
    let (status, code, message) = send(declared).await.refusal();
    assert_eq!((status, code.as_str(), message.as_str()), (413, "LIMIT_EXCEEDED", "The body is larger than 1048576 bytes."));
}

#[tokio::test]
async fn five_thousand_records_fit() {
    let of: Vec<i32> = (0..5000).collect();
    let body = json!({ "query": "query($of: [Int!]!) { count(of: $of) }", "variables": { "of": of } });
    assert_eq!(send(post_json(&body)).await.json(), json!({ "data": { "count": 5000 } }));
}

/// A request whose body says what is in it, and is not there yet.
fn slow(said: &'static [u8]) -> Request<Body> {
    let chunks = stream::iter([Ok::<_, Infallible>(Bytes::from_static(said))]).chain(stream::pending());
    post_raw(Body::from_stream(chunks))
}

#[tokio::test]
async fn a_body_that_does_not_come_takes_no_slot_and_little_time() {
    let mut front = front();
    front.limits.in_flight = Shares { public: 1, reader: 1, writer: 1 };
    front.limits.patience = Duration::from_millis(200);
    let app = router(front);
    let mut waiting: Vec<_> = (0..10).map(|_| Box::pin(app.clone().oneshot(slow(b"{")))).collect();
    for request in &mut waiting {
        assert!(request.as_mut().now_or_never().is_none());
    }
    assert_eq!(send_to(app.clone(), query("{ hello }")).await.status, StatusCode::OK);
    for request in waiting {
        assert_eq!(request.await.unwrap().status(), StatusCode::REQUEST_TIMEOUT);
    }
}

#[tokio::test]
async fn bodies_that_do_not_come_keep_out_bodies_of_their_caller_alone() {
    let mut front = front();
    // Four pages of 4 KiB for the public, two of them for bodies that are still coming.
    front.limits.memory = 32 * ((16 << 10) / 3 + 1);
    let app = router(front);
    let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(app.clone().oneshot(slow(b"{")))).collect();
    for request in &mut waiting {
        assert!(request.as_mut().now_or_never().is_none());
    }
    let hello = || query("{ hello }");
    let got = send_to(app.clone(), hello()).await;
    assert_eq!((got.refusal().0, got.refusal().1.as_str(), got.header("retry-after")), (503, "LIMIT_EXCEEDED", "1"));
    assert_eq!(got.json().pointer("/errors/0/extensions/retryable"), Some(&json!(true)));
    assert_eq!(send_to(app.clone(), get("/graphql?query=%7B%20hello%20%7D")).await.status, StatusCode::OK, "what has no body to come");
    let writer = with(hello(), "authorization", "Bearer good");
    assert_eq!(send_to(app.clone(), writer).await.status, StatusCode::OK);
    drop(waiting);
    assert_eq!(send_to(app, hello()).await.status, StatusCode::OK);
}

/// A request with so many objects in a variable.
fn bomb(objects: usize, text: &str) -> Request<Body> {
    let objects = vec![r#"{"a":0}"#; objects].join(",");
    post_raw(format!(r#"{{"query":"{text}","variables":{{"x":[{objects}]}}}}"#))
}

#[tokio::test]
async fn values_are_counted_by_who_sends_them() {
    let ours = |request| with(request, "authorization", "Bearer good");
    for text in ["{ hello }", "query($x: [Int!]!) { count(of: $x) }"] {
        let (status, code, message) = send(bomb(5_000, text)).await.refusal();
        assert_eq!((status, code.as_str(), message.as_str()), (413, "LIMIT_EXCEEDED", "The request holds more than 10000 values."));
        let (status, code, message) = send(ours(bomb(250_000, text))).await.refusal();
        assert_eq!((status, code.as_str(), message.as_str()), (413, "LIMIT_EXCEEDED", "The request holds more than 500000 values."));
    }
    // What is not declared is nothing to the executor, and what is declared is.
    assert_eq!(send(ours(bomb(249_990, "{ hello }"))).await.json(), json!({ "data": { "hello": "hello " } }));
    assert_eq!(send(ours(bomb(249_990, "query($x: [Int!]!) { count(of: $x) }"))).await.refusal().1, "BAD_USER_INPUT");
}

#[tokio::test]
async fn an_answer_is_counted_until_it_is_read() {
    let mut front = front();
    // 240 KB for the public; an answer of 400 items has some 5 KB, and is counted as more while it is made.
    front.limits.memory = 32 * (80 << 10);
    let app = router(front);
    let page = r#"{"query":"{ items(first: 400) { nodes { id } } }"}"#;
    let mut unread = Vec::new();
    let refused = loop {
        let response = app.clone().oneshot(post_raw(page)).await.unwrap();
        if response.status() != StatusCode::OK {
            break response.status();
        }
        unread.push(response);
        assert!(unread.len() < 100);
    };
    assert_eq!((refused, unread.len() > 3), (StatusCode::SERVICE_UNAVAILABLE, true));
    drop(unread);
    assert_eq!(send_to(app, post_raw(page)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_literal_nested_2000_deep_does_not_reach_the_parser() {
    let text = format!("{{ count(of: {}1{}) }}", "[".repeat(2000), "]".repeat(2000));
    let (code, message) = document_refusal(&text).await;
    assert_eq!((code.as_str(), message.as_str()), ("LIMIT_EXCEEDED", "The query is nested more than 64 levels deep."));
    let address = format!("/graphql?query={{count(of:{}", "[".repeat(2000)).replace('{', "%7B").replace('[', "%5B");
    assert_eq!(send(get(&address)).await.refusal().1, "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn four_million_fragment_expansions_are_refused() {
    let mut text = "{ items { nodes { ...F0 } } }".to_owned();
    for level in 0..22 {
        text += &format!("fragment F{level} on Item {{ ...F{0} ...F{0} }}", level + 1);
    }
    text += "fragment F22 on Item { id }";
    assert_eq!(document_refusal(&text).await.0, "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn fragment_cycles_are_refused() {
    let (code, message) = document_refusal("{ items { nodes { ...A } } } fragment A on Item { ...B } fragment B on Item { ...A }").await;
    assert_eq!((code.as_str(), message.as_str()), ("BAD_USER_INPUT", "The fragment A contains itself."));
}

#[tokio::test]
async fn a_negative_page_reaches_the_resolver_and_costs_nothing() {
    let got = send(query("{ items(first: -2000) { nodes { id } } }")).await;
    assert_eq!(got.status, StatusCode::OK);
    assert_eq!(got.json().pointer("/errors/0/extensions/code"), Some(&json!("BAD_USER_INPUT")));
    assert_eq!(got.json()["data"], Value::Null);
}

#[tokio::test]
async fn batches_are_capped_and_each_request_has_its_own_data() {
    let batch = |entries: usize| post_json(&Value::Array(vec![json!({ "query": "{ fresh }" }); entries]));
    let got = send(batch(3)).await;
    assert_eq!(got.json(), json!([{ "data": { "fresh": 0 } }, { "data": { "fresh": 1 } }, { "data": { "fresh": 2 } }]));
    for entries in [11, 3_000] {
        assert_eq!(
            send(batch(entries)).await.refusal(),
            (400, "LIMIT_EXCEEDED".to_owned(), "A batch holds at most 10 requests.".to_owned())
        );
    }
    assert_eq!(send(batch(20_000)).await.refusal().0, 413);
    assert_eq!(send(batch(0)).await.refusal().0, 400);
    let mixed = send(post_json(&json!([{ "query": "{ hello }" }, { "query": "{ nothing }" }]))).await;
    assert_eq!((mixed.status, mixed.json().pointer("/1/errors/0/extensions/code")), (StatusCode::OK, Some(&json!("BAD_USER_INPUT"))));
}

#[tokio::test]
async fn a_batch_has_one_allowance_of_cost() {
    let mut front = front();
    front.limits.cost = 1300;
    let page = json!({ "query": "{ items(first: 500) { nodes { id } } }" });
    let got = send_to(router(front), post_json(&json!([page, page, page]))).await.json();
    assert!(got[0]["data"].is_object() && got[1]["data"].is_object());
    assert_eq!(got.pointer("/2/errors/0/extensions/code"), Some(&json!("LIMIT_EXCEEDED")));
}

fn hurried(allowance: Allowance) -> Router {
    let mut front = front();
    front.limits.allowances = Allowances { public: allowance, reader: allowance, writer: allowance };
    router(front)
}

#[tokio::test]
async fn each_answer_tells_what_it_cost_and_a_batch_counts_all_its_members() {
    let app = hurried(Allowance { cost: 60_000, at_once: 9 });
    let page = json!({ "query": "{ items(first: 500) { nodes { id } } }" });
    let got = send_to(app.clone(), post_json(&page)).await;
    // The list, a statement of its own, its nodes, and what is in them.
    assert_eq!(got.whole()["extensions"], json!({ "cost": { "requested": 602, "limit": 250_000 } }));
    let left = |got: &Got| {
        let (left, resets) = got.header("ratelimit").strip_prefix("\"cost\";r=").unwrap().split_once(";t=").unwrap();
        (left.parse::<u64>().unwrap(), resets.parse::<u64>().unwrap())
    };
    let first = left(&got);
    assert!((59_398..=59_500).contains(&first.0) && first.1 == 1, "{first:?}");
    assert_eq!(got.header("ratelimit-policy"), "\"cost\";q=60000;w=60");
    let last = left(&send_to(app, post_json(&json!([page, page, page]))).await);
    assert!((first.0 - 3 * 602..=first.0 - 3 * 602 + 100).contains(&last.0), "{last:?}");
}

#[tokio::test]
async fn over_its_budget_a_caller_is_told_when_to_come_back() {
    let app = hurried(Allowance { cost: 1_500, at_once: 9 });
    let page = query("{ items(first: 500) { nodes { id } } }");
    assert_eq!(send_to(app.clone(), page).await.status, StatusCode::OK);
    // What cannot be decoded, parsed or executed costs something too.
    for wrong in [post_raw("x"), query("{"), query("{ hello(")] {
        assert!(send_to(app.clone(), wrong).await.status != StatusCode::TOO_MANY_REQUESTS);
    }
    let got = send_to(app.clone(), query("{ items(first: 500) { nodes { id } } }")).await;
    assert_eq!((got.refusal().0, got.refusal().1.as_str()), (429, "LIMIT_EXCEEDED"));
    assert_eq!(got.json().pointer("/errors/0/extensions/retryable"), Some(&json!(true)));
    assert!((1..=60).contains(&got.header("retry-after").parse::<u64>().unwrap()) && got.header("ratelimit").starts_with("\"cost\";r=0;"));
    // What is cheap still goes.
    assert_eq!(send_to(app, query("{ hello }")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_caller_has_so_many_requests_at_a_time() {
    let app = hurried(Allowance { cost: 60_000, at_once: 1 });
    let mut first = Box::pin(app.clone().oneshot(query("{ never }")));
    assert!(first.as_mut().now_or_never().is_none());
    let got = send_to(app.clone(), query("{ hello }")).await;
    assert_eq!((got.refusal().0, got.refusal().1.as_str(), got.header("retry-after")), (429, "LIMIT_EXCEEDED", "1"));
    drop(first);
    assert_eq!(send_to(app, query("{ hello }")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn errors_of_the_library_get_a_code_and_a_place() {
    let (code, message) = document_refusal("{ hello(").await;
    assert_eq!((code.as_str(), message.starts_with("Syntax error: expected ")), ("BAD_USER_INPUT", true), "{message}");
    assert_eq!(document_refusal("{ nothing }").await.0, "BAD_USER_INPUT");
    assert_eq!(document_refusal("{ hello(name: 3) }").await.0, "BAD_USER_INPUT");
    assert_eq!(document_refusal("subscription { x }").await.0, "BAD_USER_INPUT");
    let wrong = json!({ "query": "query($n: String) { hello(name: $n) }", "variables": { "n": 3 } });
    let got = send(post_json(&wrong)).await;
    assert_eq!((got.refusal().0, got.refusal().1.as_str()), (400, "BAD_USER_INPUT"));
    assert!(send(query("{\n  nothing\n}")).await.json().pointer("/errors/0/locations/0/line") == Some(&json!(2)));
    let many = send(query(&format!("{{ {} }}", (0..40).map(|n| format!("no{n} ")).collect::<String>().repeat(2)))).await;
    assert!(many.json()["errors"].as_array().unwrap().len() <= 50);
}

#[tokio::test]
async fn what_a_resolver_says_with_a_code_is_passed_on_and_without_one_is_hidden() {
    let got = send(query("{ forbidden }")).await;
    assert_eq!((got.status, got.json().pointer("/errors/0/extensions/code")), (StatusCode::OK, Some(&json!("FORBIDDEN"))));
    let got = send(with(query("{ uncoded }"), "x-request-id", "id-1")).await;
    assert_eq!(got.status, StatusCode::OK);
    let error = &got.json()["errors"][0];
    assert_eq!((&error["extensions"], &error["path"]), (&json!({ "code": "INTERNAL", "id": "id-1" }), &json!(["uncoded"])));
    assert!(!String::from_utf8_lossy(&got.body).contains("secret"));
}

#[tokio::test]
async fn a_panic_shows_an_id_and_nothing_else() {
    let got = send(with(query("{ panics }"), "x-request-id", "id-2")).await;
    let (status, code, message) = got.refusal();
    assert_eq!((status, code.as_str(), got.header("x-request-id")), (500, "INTERNAL", "id-2"));
    assert!(message.ends_with("id-2") && !String::from_utf8_lossy(&got.body).contains("secret"));
}

#[tokio::test]
async fn what_takes_too_long_is_stopped() {
    let hurried = || {
        let mut front = front();
        front.limits.time = Duration::ZERO;
        router(front)
    };
    let got = send_to(hurried(), query("{ never }")).await;
    assert_eq!((got.refusal().0, got.header("retry-after")), (503, "1"));
    assert_eq!(got.json().pointer("/errors/0/extensions"), Some(&json!({ "code": "INTERNAL", "retryable": true })));
    let stuck = post_raw(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()));
    assert_eq!(send_to(hurried(), stuck).await.refusal().0, 408);
}

#[tokio::test]
async fn too_many_at_once_are_told_to_come_back() {
    let mut front = front();
    front.limits.in_flight = Shares { public: 1, reader: 1, writer: 1 };
    let app = router(front);
    let mut first = Box::pin(app.clone().oneshot(query("{ never }")));
    assert!(first.as_mut().now_or_never().is_none());
    let got = send_to(app.clone(), query("{ hello }")).await;
    assert_eq!((got.refusal().0, got.refusal().1.as_str(), got.header("retry-after")), (503, "LIMIT_EXCEEDED", "1"));
    let writer = with(query("{ hello }"), "authorization", "Bearer good");
    assert_eq!(send_to(app.clone(), writer).await.status, StatusCode::OK);
    drop(first);
    assert_eq!(send_to(app, query("{ hello }")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_mutation_is_decided_though_nobody_waits_for_it_and_keeps_its_slot() {
    let mut front = front();
    front.limits.in_flight = Shares { public: 1, reader: 1, writer: 1 };
    let app = router(front);
    let mut first = Box::pin(app.clone().oneshot(query("mutation { bumpLate }")));
    assert!(first.as_mut().now_or_never().is_none());
    tokio::task::yield_now().await;
    drop(first);
    assert_eq!(send_to(app.clone(), query("{ hello }")).await.refusal().1, "LIMIT_EXCEEDED");
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(send_to(app, query("mutation { bump }")).await.json(), json!({ "data": { "bump": 1 } }));
}

#[tokio::test]
async fn a_refused_token_is_401_and_no_body_is_read_for_it() {
    let unread = || post_raw(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()));
    let got = send(with(unread(), "authorization", "Bearer forged")).await;
    assert_eq!((got.refusal().0, got.refusal().1.as_str()), (401, "UNAUTHENTICATED"));
    assert_eq!(got.header("www-authenticate"), r#"Bearer error="invalid_token""#);
    let got = send(with(unread(), "authorization", "Bearer down")).await;
    assert_eq!((got.refusal().0, got.refusal().1.as_str()), (503, "INTERNAL"));
    let mut twice = with(query("{ hello }"), "authorization", "Bearer good");
    twice.headers_mut().append("authorization", HeaderValue::from_static("Bearer good"));
    assert_eq!(send(twice).await.refusal().0, 401);
    assert_eq!(send(with(query("{ hello }"), "authorization", "Bearer good")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn messages_are_japanese_where_that_is_asked_for() {
    let japanese = |request| with(request, "accept-language", "ja-JP,en;q=0.5");
    assert_eq!(send(japanese(query("{ locale }"))).await.json(), json!({ "data": { "locale": "Some(Ja)" } }));
    assert!(send(japanese(post_raw("x"))).await.refusal().2.starts_with("本文は正しい UTF-8 の JSON ではありません"));
    assert!(send(japanese(query("{ nothing }"))).await.refusal().2.starts_with("クエリがスキーマに合いません："));
    assert!(send(japanese(query("{"))).await.refusal().2.starts_with("構文エラー："));
}

#[tokio::test]
async fn request_ids_are_passed_through_or_made() {
    let got = send(with(query("{ requestId }"), "x-request-id", "abc")).await;
    assert_eq!((got.header("x-request-id"), got.json()), ("abc", json!({ "data": { "requestId": "abc" } })));
    let got = send(with(query("{ requestId }"), "x-request-id", "a b\"")).await;
    assert_eq!(got.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn cors_knows_the_listed_origin_alone() {
    let preflight = |origin: &'static str| {
        let request = Request::options("/graphql").header("origin", origin).header("access-control-request-method", "POST");
        send(request.header("access-control-request-headers", "authorization,content-type").body(Body::empty()).unwrap())
    };
    assert_eq!(preflight("https://front.example").await.header("access-control-allow-origin"), "https://front.example");
    assert_eq!(preflight("https://other.example").await.header("access-control-allow-origin"), "");
    // What tracing in a front end, and clients that say their names, put on each call.
    let taken = preflight("https://front.example").await.header("access-control-allow-headers").to_owned();
    for header in ["authorization", "traceparent", "tracestate", "baggage", "apollographql-client-name", "graphql-client-version"] {
        assert!(taken.split(',').any(|name| name == header), "{header} in {taken}");
    }
    let mut closed = front();
    closed.origins = Origins::default();
    let got = send_to(router(closed), with(query("{ hello }"), "origin", "https://front.example")).await;
    assert_eq!(got.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn graphiql_is_served_whole_and_its_introspection_passes() {
    let browser = with(get("/graphql"), "accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    let got = send(browser).await;
    assert_eq!((got.status.as_u16(), got.header("location")), (303, "/graphiql"));
    let page = send(get("/graphiql")).await;
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(!html.contains("http:") && !html.contains("https:") && !html.contains("//"), "the page loads from here alone");
    let files: Vec<&str> = html.split('"').filter(|text| text.starts_with("/graphiql/assets/")).collect();
    assert_eq!(files.len(), 8);
    for file in files {
        let got = send(get(file)).await;
        assert_eq!((got.status, got.header("content-type").starts_with("text/")), (StatusCode::OK, true), "{file}");
        let tag = got.headers[header::ETAG].clone();
        let mut again = get(file);
        again.headers_mut().insert(header::IF_NONE_MATCH, tag);
        let again = send(again).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    }
    let mut off = front();
    off.graphiql = false;
    assert_eq!(send_to(router(off), get("/graphiql")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(get("/graphiql/assets/LICENSE")).await.status, StatusCode::NOT_FOUND);

    let got = send(post_json(&json!({ "query": INTROSPECTION, "operationName": "IntrospectionQuery" }))).await;
    assert!(got.json().get("errors").is_none(), "{}", got.json());
    assert!(got.json().pointer("/data/__schema/types/0/name").is_some());
}

/// Where operators have an address of their own, the outer one tells neither figures nor schema, however the question is put.
#[tokio::test]
async fn the_outer_address_has_no_figures_no_graphiql_and_no_introspection() {
    let outer = || router(Front { graphiql: false, inner: false, ..front() });
    for path in ["/metrics", "/graphiql", "/graphiql/assets/boot.js", "/schema.graphql"] {
        assert_eq!(send_to(outer(), get(path)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(send_to(outer(), get("/healthz")).await.status, StatusCode::OK);
    for text in [
        INTROSPECTION,
        "{ __type(name: \"Query\") { name } }",
        "{ hello s: __schema { types { name } } }",
        "{ ...F } fragment F on Query { ... on Query { __type(name: \"Query\") { name } } }",
        "{ ... @include(if: true) { __schema { queryType { name } } } }",
        "mutation IntrospectionQuery { __schema { types { name } } }",
    ] {
        for request in [post_json(&json!({ "query": text })), post_json(&json!([{ "query": text }]))] {
            let got = send_to(outer(), request).await;
            let body = String::from_utf8(got.body.to_vec()).unwrap();
            assert!(body.contains("FORBIDDEN") && !body.contains("queryType") && !body.contains("\"name\""), "{text}: {body}");
        }
    }
    let got = send_to(outer(), post_json(&json!({ "query": "{ __typename hello }" }))).await;
    assert_eq!(got.json()["data"]["__typename"], "Query");
}

#[tokio::test]
async fn the_schema_is_there_as_text() {
    let got = send(get("/schema.graphql")).await;
    assert_eq!((got.status, got.header("content-type"), &got.body[..]), (StatusCode::OK, "text/plain; charset=utf-8", SDL.as_bytes()));
    let mut again = get("/schema.graphql");
    again.headers_mut().insert(header::IF_NONE_MATCH, got.headers[header::ETAG].clone());
    assert_eq!(send(again).await.status, StatusCode::NOT_MODIFIED);
    assert!(got.header("content-security-policy").starts_with("default-src 'none';"));
}

#[tokio::test]
async fn pages_of_this_machine_are_let_in_where_that_is_said() {
    let mut open = front();
    open.origins = open.origins.with_loopback();
    let got = send_to(router(open), with(query("{ hello }"), "origin", "http://localhost:5173")).await;
    assert_eq!(got.header("access-control-allow-origin"), "http://localhost:5173");
    let got = send(with(query("{ hello }"), "origin", "http://localhost:5173")).await;
    assert_eq!(got.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn health_readiness_and_metrics() {
    let recorder = observe::builder().unwrap().build_recorder();
    let mut front = front();
    front.probes.metrics = recorder.handle();
    let app = router(front);
    let _recording = metrics::set_default_local_recorder(&recorder);
    assert_eq!(send_to(app.clone(), get("/healthz")).await.status, StatusCode::OK);
    let ready = send_to(app.clone(), get("/readyz")).await;
    assert_eq!((ready.status.as_u16(), &ready.body[..]), (503, &b"database\n"[..]));
    send_to(app.clone(), query("query Secret { hello }")).await;
    send_to(app.clone(), get("/staff/12345")).await;
    let text = String::from_utf8(send_to(app, get("/metrics")).await.body.to_vec()).unwrap();
    assert!(text.contains(r#"http_requests_total{method="POST",route="/graphql",status="200"} 1"#), "{text}");
    assert!(text.contains(r#"http_request_duration_seconds_bucket{method="POST",route="/graphql",le="30"} 1"#), "{text}");
    assert!(text.contains("looked_up 1"), "{text}");
    assert!(text.contains(r#"route="other",status="404"} 1"#) && !text.contains("12345") && !text.contains("Secret"), "{text}");
}

/// The introspection query as the GraphQL reference implementation's clients send it, `GraphiQL` among them.
const INTROSPECTION: &str = "query IntrospectionQuery {
  __schema { description queryType { name } mutationType { name } subscriptionType { name } types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

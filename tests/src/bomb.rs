//! Requests that are small to send and large to hold, bodies that never come, and answers that nobody reads: what an attacker who knows the code
//! sends. Shared by the tests and the benchmark.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes of a bomb.
const SIZE: usize = 8 << 20;
/// Declares a variable that nothing is made of.
const DECLARED: &str = "query($x: [Int!]) { __type(name: \\\"X\\\") { name @include(if: $x) } }";
const UNDECLARED: &str = "{ __typename }";

/// A body that decodes to far more than it is.
#[derive(Clone)]
pub struct Bomb {
    /// What it is.
    pub name: &'static str,
    /// The JSON.
    pub body: Arc<[u8]>,
}

/// One of each kind: of 8 MB, and as large as a writing caller may send it.
#[must_use]
pub fn bombs() -> Vec<Bomb> {
    let bomb = |name, body: String| Bomb { name, body: body.into_bytes().into() };
    let list =
        |query: &str, value: &str, count: usize| format!(r#"{{"query":"{query}","variables":{{"x":[{}]}}}}"#, vec![value; count].join(","));
    let full = |value: &str| SIZE / (value.len() + 1);
    let names = |count: usize| (0..count).map(|name| format!(r#""k{name}":0"#)).collect::<Vec<_>>().join(",");
    let nested = "[".repeat(100) + &"]".repeat(100);
    vec![
        bomb("undeclared objects", list(UNDECLARED, r#"{"a":0}"#, full(r#"{"a":0}"#))),
        bomb("declared objects", list(DECLARED, r#"{"a":0}"#, full(r#"{"a":0}"#))),
        bomb("objects within the limit", list(DECLARED, r#"{"a":0}"#, 249_980)),
        bomb("lists within the limit", list(DECLARED, &nested, 4_990)),
        bomb("numbers within the limit", list(DECLARED, "0", 499_980)),
        bomb("texts within the limit", list(DECLARED, r#""\u00e9abcdefghij""#, 499_980)),
        bomb("nested lists", list(DECLARED, &nested, full(&nested))),
        bomb("one long text", list(DECLARED, &format!("\"{}\"", "\\u00e9".repeat(SIZE / 6)), 1)),
        bomb("many names", format!(r#"{{"query":"{DECLARED}","variables":{{"x":{{{}}}}}}}"#, names(499_980))),
        bomb("many variables", format!(r#"{{"query":"{UNDECLARED}","variables":{{{}}}}}"#, names(499_980))),
        bomb("the same name", format!(r#"{{"query":"{DECLARED}","variables":{{{}}}}}"#, vec![r#""x":{"a":0}"#; 249_980].join(","))),
        bomb("extensions", format!(r#"{{"query":"{UNDECLARED}","extensions":{{"x":[{}]}}}}"#, vec![r#"{"a":0}"#; 249_980].join(","))),
        bomb("a long query", format!(r#"{{"query":"{}"}}"#, "\\u0061".repeat(SIZE / 6))),
        bomb("a long name of an operation", format!(r#"{{"query":"{UNDECLARED}","operationName":"{}"}}"#, "a".repeat(SIZE))),
        bomb("many tokens", format!(r#"{{"query":"{{{}}}"}}"#, "a:b ".repeat(6_000))),
        bomb("a batch", format!("[{}]", vec![list(DECLARED, r#"{"a":0}"#, 24_900); 10].join(","))),
        bomb("a long batch", format!("[{}]", vec![r#"{"query":"{a}"}"#; SIZE / 16].join(","))),
    ]
}

/// The head of a POST, of whose body so many bytes are announced.
fn head(address: &str, token: Option<&str>, length: usize) -> String {
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("POST /graphql HTTP/1.1\r\nhost: {address}\r\n{token}content-type: application/json\r\ncontent-length: {length}\r\n\r\n")
}

/// Sends a body over a connection of its own, and gives the status of the answer.
///
/// # Errors
/// There was none.
pub async fn throw(address: &str, token: Option<&str>, body: &[u8]) -> anyhow::Result<u16> {
    let stream = TcpStream::connect(address).await?;
    let (mut reader, mut writer) = stream.into_split();
    let head = head(address, token, body.len());
    let writing = async {
        writer.write_all(head.as_bytes()).await?;
        writer.write_all(body).await
    };
    let reading = async {
        let mut answer = [0; 12];
        reader.read_exact(&mut answer).await.map(|_| answer)
    };
    // Whoever is refused early is told while the rest of the body is on its way.
    let (_, answer) = tokio::join!(writing, reading);
    let answer = answer?;
    let status = std::str::from_utf8(&answer)?.strip_prefix("HTTP/1.1 ").context("no answer of HTTP")?;
    Ok(status.parse()?)
}

/// Throws every bomb in turn, at the same time and by each of the callers, until `count` are thrown; gives what became of them.
///
/// # Errors
/// Something was not answered.
pub async fn volley(address: &str, callers: &[Option<String>], bombs: &[Bomb], count: usize) -> anyhow::Result<Vec<(&'static str, u16)>> {
    let thrown = (0..count).map(|turn| {
        let (bomb, token) = (bombs[turn % bombs.len()].clone(), callers[turn / bombs.len() % callers.len()].clone());
        let address = address.to_owned();
        tokio::spawn(async move {
            let status = throw(&address, token.as_deref(), &bomb.body).await.with_context(|| bomb.name)?;
            anyhow::Ok((bomb.name, status))
        })
    });
    let mut statuses = Vec::new();
    for answer in thrown.collect::<Vec<_>>() {
        statuses.push(answer.await??);
    }
    Ok(statuses)
}

/// Opens connections that send the head of a request and one byte of its body, and no more. They last as long as the value.
///
/// # Errors
/// A connection was refused.
pub async fn drips(address: &str, token: Option<&str>, count: usize) -> anyhow::Result<Vec<TcpStream>> {
    let mut open = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(format!("{}{{", head(address, token, 1_000)).as_bytes()).await?;
        open.push(stream);
    }
    Ok(open)
}

/// Asks a request over a connection of its own and never reads the answer. The connection lasts as long as the value.
///
/// # Errors
/// The connection was refused.
pub async fn never_read(address: &str, token: Option<&str>, body: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("{}{body}", head(address, token, body.len())).as_bytes()).await?;
    Ok(stream)
}

/// How long a GET takes to be answered with its status.
///
/// # Errors
/// It was not answered.
pub async fn get(address: &str, path: &str) -> anyhow::Result<(u16, Duration)> {
    let started = std::time::Instant::now();
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok((answer.get(9..12).context("no answer")?.parse()?, started.elapsed()))
}

//! A caller that costs next to nothing: ready-made requests over kept connections, answers read by their length. What it takes would be
//! counted against whom it measures.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// One kept connection.
pub struct Wire(BufReader<TcpStream>);

/// A POST of a GraphQL request as it goes over the wire.
pub fn post(address: &str, token: &str, query: &str, variables: &serde_json::Value) -> Vec<u8> {
    let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         accept: application/graphql-response+json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

impl Wire {
    pub async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::with_capacity(64 << 10, stream)))
    }

    /// Sends a request and gives the answer's body; an answer that is not 200 is an error.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.0.get_mut().write_all(request).await?;
        let (mut head, mut length) = (String::new(), None);
        loop {
            let from = head.len();
            ensure!(self.0.read_line(&mut head).await? > 0, "the connection was closed after {head:?}");
            let line = head[from..].trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse()?);
            }
        }
        let mut body = vec![0; length.context("an answer without a length")?];
        self.0.read_exact(&mut body).await?;
        if !head.starts_with("HTTP/1.1 200") {
            bail!("{head}{}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }

    /// The data of an answer without errors.
    pub async fn data(&mut self, request: &[u8]) -> anyhow::Result<serde_json::Value> {
        let mut answer: serde_json::Value = serde_json::from_slice(&self.ask(request).await?)?;
        ensure!(answer.get("errors").is_none(), "{}", answer["errors"]);
        Ok(answer["data"].take())
    }
}

/// Repeats each request over a connection of its own for a time, and tells how many were answered a second.
pub async fn load(address: &str, requests: &[Vec<u8>], time: Duration) -> anyhow::Result<f64> {
    let started = Instant::now();
    let one = |request: &Vec<u8>| {
        let (address, request) = (address.to_owned(), request.clone());
        tokio::spawn(async move {
            let mut wire = Wire::open(&address).await?;
            let mut answered = 0_u32;
            while started.elapsed() < time {
                wire.ask(&request).await?;
                answered += 1;
            }
            anyhow::Ok(answered)
        })
    };
    let running: Vec<_> = requests.iter().map(one).collect();
    let mut answered = 0;
    for connection in running {
        answered += connection.await??;
    }
    Ok(f64::from(answered) / started.elapsed().as_secs_f64())
}

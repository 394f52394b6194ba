//! A caller over WebSocket that speaks graphql-transport-ws by hand, so that it can also speak it wrongly.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest, handshake::client::Request};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::client::Client;

/// Far above what anything here takes; a test that waits for what never comes must end.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open WebSocket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// The opening request for the API at `url` (`http://…`), to be changed before it is sent.
///
/// # Errors
/// A URL that is none.
pub fn opening(url: &str) -> anyhow::Result<Request> {
    let mut request = format!("{}/graphql", url.replacen("http", "ws", 1)).into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
    Ok(request)
}

impl Socket {
    /// Opens a WebSocket and says nothing yet.
    ///
    /// # Errors
    /// The opening was refused.
    pub async fn open(request: Request) -> anyhow::Result<Self> {
        let (socket, response) = connect_async(request).await?;
        ensure!(response.headers().get("sec-websocket-protocol").is_some_and(|name| name == "graphql-transport-ws"));
        Ok(Self(socket))
    }

    /// Opens a WebSocket and is let in, with a token or as the public.
    ///
    /// # Errors
    /// The caller was not let in.
    pub async fn start(url: &str, token: Option<&str>) -> anyhow::Result<Self> {
        let mut socket = Self::open(opening(url)?).await?;
        let payload = token.map_or(json!({}), |token| json!({ "authorization": format!("Bearer {token}") }));
        socket.send(json!({ "type": "connection_init", "payload": payload })).await?;
        let welcome = socket.message().await?;
        ensure!(welcome == json!({ "type": "connection_ack" }), "{welcome}");
        Ok(socket)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The socket is closed.
    pub async fn send(&mut self, message: Value) -> anyhow::Result<()> {
        self.send_raw(Message::text(message.to_string())).await
    }

    /// Sends anything.
    ///
    /// # Errors
    /// The socket is closed.
    pub async fn send_raw(&mut self, message: Message) -> anyhow::Result<()> {
        Ok(self.0.send(message).await?)
    }

    /// Begins an operation.
    ///
    /// # Errors
    /// The socket is closed.
    pub async fn subscribe(&mut self, id: &str, document: &str, variables: Value) -> anyhow::Result<()> {
        self.send(json!({ "id": id, "type": "subscribe", "payload": { "query": document, "variables": variables } })).await
    }

    /// The next message.
    ///
    /// # Errors
    /// The socket was closed instead, or nothing came.
    pub async fn message(&mut self) -> anyhow::Result<Value> {
        match self.frame().await? {
            Ok(text) => Ok(serde_json::from_str(&text)?),
            Err((code, reason)) => bail!("closed: {code} {reason}"),
        }
    }

    /// The payload of the next message, which must be a result of an operation.
    ///
    /// # Errors
    /// As [`Socket::message`], and any other message.
    pub async fn next(&mut self, id: &str) -> anyhow::Result<Value> {
        let mut message = self.message().await?;
        ensure!(message["type"] == "next" && message["id"] == id, "{message}");
        Ok(message["payload"].take())
    }

    /// The code with which the socket is closed, after any messages.
    ///
    /// # Errors
    /// It is not closed.
    pub async fn closed(&mut self) -> anyhow::Result<u16> {
        loop {
            if let Err((code, _)) = self.frame().await? {
                return Ok(code);
            }
        }
    }

    /// The next text, or code and reason of the close frame.
    async fn frame(&mut self) -> anyhow::Result<Result<String, (u16, String)>> {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.0.next()).await.context("nothing came")?.context("cut off")??;
            match frame {
                Message::Text(text) => return Ok(Ok(text.to_string())),
                Message::Close(Some(frame)) => return Ok(Err((frame.code.into(), frame.reason.to_string()))),
                Message::Close(None) => return Ok(Err((1005, String::new()))),
                _ => {}
            }
        }
    }
}

/// Follows a run to its end, whoever does it, and gives its state and error then.
///
/// # Errors
/// Nothing was heard of it, or the caller may not see it.
pub async fn over(client: &Client, run: &Value) -> anyhow::Result<Value> {
    let mut socket = Socket::start(client.url(), client.token()).await?;
    socket.subscribe("1", "subscription ($id: ID!) { jobRun(id: $id) { run { state error } } }", json!({ "id": run })).await?;
    let mut seen = Value::Null;
    loop {
        let mut message = socket.message().await?;
        match message["type"].as_str() {
            Some("next") => seen = message["payload"]["data"]["jobRun"]["run"].take(),
            Some("complete") => return Ok(seen),
            _ => bail!("{message}"),
        }
    }
}

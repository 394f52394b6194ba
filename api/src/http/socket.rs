//! WebSockets at `/graphql`: operations of any kind over graphql-transport-ws, subscriptions above all.
//!
//! Who calls stands in the payload of `connection_init` (`authorization`), else in the header of the opening request, and is asked anew for
//! each operation and each minute; when the token expires, the socket is closed. Nothing piles up for a client that reads slowly: its
//! operations wait, and after a while the socket is closed. Deliberately absent: compression, batches, and what an operation may do, which
//! is decided where it is for HTTP.

mod operation;
mod protocol;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_graphql::Executor;
use axum::{
    extract::{
        FromRequestParts,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header, request::Parts},
    response::Response,
};
use futures_util::{
    SinkExt, StreamExt,
    future::BoxFuture,
    stream::{SplitSink, SplitStream},
};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    task::{AbortHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite;
use tokio_util::{sync::CancellationToken, task::task_tracker::TaskTrackerToken};
use tracing::Instrument;

use self::{
    operation::{Operation, Said},
    protocol::{ACK, Goodbye, Protocol, Step},
};
use super::{
    Shared,
    admission::Admission,
    graphql::{Call, Door},
    locale::Locale,
    negotiate::{self, Media},
    observe::RequestId,
    problem::Problem,
    serve::Sockets,
};
use crate::error::Code;

/// Messages of all operations that wait for the line; then the operations wait.
const BUFFER: usize = 64;
/// What is read from the line at a time, in bytes; the library's default is for few sockets.
const READ_BUFFER: usize = 8 << 10;
/// How long the client may take to say goodbye, too.
const FAREWELL: Duration = Duration::from_secs(2);
/// After how many signs of life the caller's token and client are looked at again.
const REVIEW: u32 = 4;
/// Timers take no longer waits; the time of a caller is looked at at least so often, and no more often than the second.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
const OPEN: &str = "websockets_open";

type Line = SplitSink<WebSocket, Message>;
type Admitting = BoxFuture<'static, Result<Admission, Problem>>;

/// Opens a WebSocket, or says why not.
pub(super) async fn open<E: Executor>(shared: Arc<Shared<E>>, id: RequestId, head: Parts) -> Response {
    let locale = Locale::of(&head.headers);
    upgrade(shared, id, head).await.unwrap_or_else(|problem| problem.respond(Media::Json, locale))
}

async fn upgrade<E: Executor>(shared: Arc<Shared<E>>, id: RequestId, mut head: Parts) -> Result<Response, Problem> {
    negotiate::check_origin(&head.headers, &shared.front.origins)?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut head, &()).await.map_err(|_| Problem::no_socket())?;
    let upgrade = upgrade.protocols([protocol::NAME]);
    if upgrade.selected_protocol().is_none() {
        return Err(Problem::no_socket());
    }
    let permit = shared.sockets.clone().try_acquire_owned().map_err(|_| Problem::too_many_sockets())?;
    let sockets = head.extensions.get::<Sockets>().cloned().unwrap_or_default();
    let place = Held::new(permit, sockets.open.token());
    let session = Session::new(shared, id, head.headers, sockets.stop);
    let most = session.shared.front.limits.message;
    let upgrade = upgrade.max_message_size(most).max_frame_size(most).read_buffer_size(READ_BUFFER);
    Ok(upgrade.on_upgrade(move |socket| async move {
        session.run(socket).await;
        drop(place);
    }))
}

/// What an open socket holds of the process.
struct Held {
    _permit: OwnedSemaphorePermit,
    _open: TaskTrackerToken,
}

impl Held {
    fn new(permit: OwnedSemaphorePermit, open: TaskTrackerToken) -> Self {
        metrics::gauge!(OPEN).increment(1.0);
        Self { _permit: permit, _open: open }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        metrics::gauge!(OPEN).decrement(1.0);
    }
}

/// Why a session ends.
enum End {
    /// We say so.
    Goodbye(Goodbye),
    /// The client closed, is gone, or does not take what it is sent.
    Gone,
}

/// One WebSocket.
struct Session<E> {
    shared: Arc<Shared<E>>,
    id: RequestId,
    headers: HeaderMap,
    locale: Locale,
    stop: CancellationToken,
    protocol: Protocol,
    admission: Option<Admission>,
    admitting: Option<Admitting>,
    operations: JoinSet<()>,
    handles: HashMap<u64, AbortHandle>,
    opened: Instant,
    heard: Instant,
    signs: u32,
}

impl<E: Executor> Session<E> {
    fn new(shared: Arc<Shared<E>>, id: RequestId, mut headers: HeaderMap, stop: CancellationToken) -> Self {
        headers.remove(header::COOKIE);
        let locale = Locale::of(&headers);
        let protocol = Protocol::new(shared.front.limits.operations, locale == Locale::Ja);
        let (operations, handles, now) = (JoinSet::new(), HashMap::new(), Instant::now());
        let (admission, admitting) = (None, None);
        Self { shared, id, headers, locale, stop, protocol, admission, admitting, operations, handles, opened: now, heard: now, signs: 0 }
    }

    async fn run(mut self, socket: WebSocket) {
        let (mut line, mut messages) = socket.split();
        let end = self.talk(&mut line, &mut messages).await;
        self.operations.abort_all();
        let mut too_big = false;
        let farewell = async {
            match end {
                End::Goodbye(Goodbye { code, reason }) => {
                    too_big = code == Goodbye::TOO_BIG.code;
                    tracing::debug!(request_id = %self.id, code, %reason, "a WebSocket is closed");
                    line.send(Message::Close(Some(CloseFrame { code, reason: reason.as_ref().into() }))).await?;
                }
                End::Gone => line.flush().await?,
            }
            while messages.next().await.is_some_and(|message| message.is_ok()) {}
            if too_big {
                // Closed with the rest of the message unread, the line would break before the client hears why.
                std::future::pending::<()>().await;
            }
            Ok::<(), axum::Error>(())
        };
        // Whoever does not answer is gone anyway.
        let _ = timeout(FAREWELL, farewell).await;
    }

    async fn talk(&mut self, line: &mut Line, messages: &mut SplitStream<WebSocket>) -> End {
        let (sender, mut said) = mpsc::channel(BUFFER);
        let period = self.shared.front.limits.keep_alive;
        let mut signs = interval_at(Instant::now() + period, period);
        signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopping = self.stop.clone();
        loop {
            let due = self.due();
            let mut message = None;
            let step = tokio::select! {
                () = stopping.cancelled() => return End::Goodbye(Goodbye::GOING_AWAY),
                received = messages.next() => match self.hear(received) {
                    Ok(step) => step,
                    Err(end) => return end,
                },
                Some(word) = said.recv() => self.pass_on(word),
                admitted = settled(&mut self.admitting) => self.admitted(admitted),
                Some(_) = self.operations.join_next() => Step::Nothing,
                _ = signs.tick() => {
                    if self.heard.elapsed() > 2 * period {
                        return End::Gone;
                    }
                    self.review();
                    message = Some(Message::Ping(Vec::new().into()));
                    Step::Nothing
                }
                () = sleep_until(due) => Step::Nothing,
            };
            if self.is_over() {
                let goodbye = if self.protocol.is_fresh() { Goodbye::INIT_TIMEOUT } else { Goodbye::FORBIDDEN };
                return End::Goodbye(goodbye);
            }
            match step {
                Step::Nothing => {}
                Step::Leave(goodbye) => return End::Goodbye(goodbye),
                Step::Say(text) => message = Some(Message::Text(text.into())),
                Step::Admit(token) => self.begin_admission(token),
                Step::Begin { id, turn, params } => {
                    let (shared, call, said) = (self.shared.clone(), self.call(), sender.clone());
                    let operation = Operation { shared, call, id, turn, said };
                    let span = tracing::info_span!(
                        parent: None, "operation", request_id = %self.id, operation = tracing::field::Empty, kind = tracing::field::Empty
                    );
                    self.handles.insert(turn, self.operations.spawn(operation.run(params).instrument(span)));
                }
                Step::Stop(turn) => {
                    if let Some(operation) = self.handles.remove(&turn) {
                        operation.abort();
                    }
                }
            }
            if let Some(message) = message
                && !matches!(timeout(self.shared.front.limits.send, line.send(message)).await, Ok(Ok(())))
            {
                return End::Gone;
            }
        }
    }

    /// What the client sent.
    fn hear(&mut self, received: Option<Result<Message, axum::Error>>) -> Result<Step, End> {
        self.heard = Instant::now();
        match received {
            Some(Ok(Message::Text(text))) => Ok(self.protocol.receive(&text)),
            Some(Ok(Message::Binary(_))) => Ok(Step::Leave(Goodbye::BAD_MESSAGE)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Step::Nothing),
            Some(Ok(Message::Close(_))) | None => Err(End::Gone),
            Some(Err(error)) => Ok(Step::Leave(match error.into_inner().downcast_ref() {
                Some(tungstenite::Error::Capacity(_)) => Goodbye::TOO_BIG,
                Some(tungstenite::Error::Utf8(_)) => Goodbye::NO_TEXT,
                _ => Goodbye::PROTOCOL_ERROR,
            })),
        }
    }

    /// What an operation said, unless the client has stopped it.
    fn pass_on(&mut self, said: Said) -> Step {
        if !self.protocol.is_going(&said.id, said.turn) {
            return Step::Nothing;
        }
        if said.last {
            self.protocol.ended(&said.id);
            self.handles.remove(&said.turn);
        }
        Step::Say(said.text)
    }

    fn begin_admission(&mut self, token: Option<axum::http::HeaderValue>) {
        if let Some(mut token) = token {
            token.set_sensitive(true);
            self.headers.insert(header::AUTHORIZATION, token);
        }
        let (shared, call) = (self.shared.clone(), self.call());
        self.admitting = Some(Box::pin(async move { shared.admit(&call).await }));
    }

    fn admitted(&mut self, admitted: Result<Admission, Problem>) -> Step {
        self.admitting = None;
        let is_new = self.admission.is_none();
        match admitted {
            Ok(admission) => self.admission = Some(admission),
            Err(problem) if problem.code == Code::Unauthenticated => return Step::Leave(Goodbye::FORBIDDEN),
            Err(_) if is_new => return Step::Leave(Goodbye::TRY_AGAIN),
            Err(_) => {}
        }
        if is_new {
            self.protocol.welcome();
            return Step::Say(ACK.to_owned());
        }
        Step::Nothing
    }

    /// Now and then, asks again whether the caller may stay.
    fn review(&mut self) {
        self.signs += 1;
        if self.signs.is_multiple_of(REVIEW) && self.admission.is_some() && self.admitting.is_none() {
            self.begin_admission(None);
        }
    }

    /// Whether the time of the caller, or for the caller's `connection_init`, is over.
    fn is_over(&self) -> bool {
        match &self.admission {
            Some(admission) => admission.left().is_zero(),
            None => self.protocol.is_fresh() && self.opened.elapsed() >= self.shared.front.limits.init,
        }
    }

    /// When to look at that again.
    fn due(&self) -> Instant {
        match &self.admission {
            Some(admission) => Instant::now() + admission.left().clamp(SHORTEST_WAIT, LONGEST_WAIT),
            None if self.protocol.is_fresh() => self.opened + self.shared.front.limits.init,
            None => Instant::now() + LONGEST_WAIT,
        }
    }

    /// One request over this socket, as the rest of the front knows requests.
    fn call(&self) -> Call {
        let deadline = Instant::now() + self.shared.front.limits.time;
        let (headers, locale, id) = (self.headers.clone(), self.locale, self.id.clone());
        Call { headers, locale, media: Media::GraphQlResponse, id, deadline, door: Door::Socket, gone: CancellationToken::new() }
    }
}

/// Waits for an admission, if there is one to wait for.
async fn settled(admitting: &mut Option<Admitting>) -> Result<Admission, Problem> {
    match admitting {
        Some(admitting) => admitting.await,
        None => std::future::pending().await,
    }
}

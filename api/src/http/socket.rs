//! WebSockets at `/graphql`: operations of any kind over graphql-transport-ws, subscriptions above all.
//!
//! Who calls stands in the payload of `connection_init` (`authorization`), else in the header of the opening request, and is asked anew for
//! each operation and each minute; when the token expires, the socket is closed. Nothing piles up for a client that reads slowly: its
//! operations wait, and after a while the socket is closed. Who sends no token is sent away, for there is nothing to follow without one; until
//! a caller is known the socket has one of a few places of its own, so that nobody takes the places of those who were let in. Deliberately absent:
//! compression, batches, and what an operation may do, which is decided where it is for HTTP.

mod operation;
mod protocol;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

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
    sync::mpsc,
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
    Limits, Shared,
    admission::{Admission, Kind, Who},
    gate::Memory,
    graphql::{Call, Door},
    language::{Language, language_of},
    negotiate::{self, Media},
    observe::RequestId,
    pool::{Part, Pool},
    problem::Problem,
    serve::{Peer, Sockets},
};
use crate::error::Code;

/// Messages of all operations that wait for the line; then the operations wait.
const BUFFER: usize = 16;
/// What is read from the line at a time, in bytes; the library's default is for few sockets.
const READ_BUFFER: usize = 8 << 10;
/// How long the client may take to say goodbye, too.
const FAREWELL: Duration = Duration::from_secs(2);
/// After how many signs of life the caller's token and client are looked at again.
const REVIEW: u32 = 4;
/// The time of a caller is looked at at least so often, for a token may be revoked before it is over, and no more often than the second.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
const OPEN: &str = "websockets_open";

type Line = SplitSink<WebSocket, Message>;
type Admitting = BoxFuture<'static, Result<Admission, Problem>>;

/// Opens a WebSocket, or says why not.
pub(super) async fn open<E: Executor>(shared: Arc<Shared<E>>, id: RequestId, head: Parts) -> Response {
    let (locale, address, refused) = (language_of(&head.headers), Peer::of(&head.extensions).address(), shared.front.refused.clone());
    upgrade(shared, id.clone(), head).await.unwrap_or_else(|problem| {
        refused(id, address, problem.code);
        problem.respond(Media::Json, locale)
    })
}

async fn upgrade<E: Executor>(shared: Arc<Shared<E>>, id: RequestId, mut head: Parts) -> Result<Response, Problem> {
    negotiate::check_origin(&head.headers, &shared.front.origins)?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut head, &()).await.map_err(|_| Problem::no_socket())?;
    let upgrade = upgrade.protocols([protocol::NAME]);
    if upgrade.selected_protocol().is_none() {
        return Err(Problem::no_socket());
    }
    let peer = Peer::of(&head.extensions);
    let place = shared.places.fresh(peer).ok_or_else(Problem::too_many_sockets)?;
    let sockets = head.extensions.get::<Sockets>().cloned().unwrap_or_default();
    let open = Open::new(sockets.open.token());
    let session = Session::new(shared, id, head.headers, sockets.stop, place);
    let most = session.shared.front.limits.message;
    let upgrade = upgrade.max_message_size(most).max_frame_size(most).read_buffer_size(READ_BUFFER);
    Ok(upgrade.on_upgrade(move |socket| async move {
        session.run(socket).await;
        drop(open);
    }))
}

/// Where sockets find room.
pub(super) struct Places {
    fresh: Arc<Pool<IpAddr>>,
    of_callers: Arc<Pool<Arc<str>>>,
    of_addresses: Arc<Pool<IpAddr>>,
}

/// The room of one socket.
enum Place {
    /// Among those of whom nobody knows yet whose they are.
    Fresh { peer: Peer, _of_address: Part<IpAddr> },
    /// Among those who were let in.
    Known { peer: Peer, _of_caller: Part<Arc<str>>, _of_address: Part<IpAddr> },
}

impl Place {
    /// Whose connection it is, a caller's or a proxy's.
    fn peer(&self) -> Peer {
        match self {
            Self::Fresh { peer, .. } | Self::Known { peer, .. } => *peer,
        }
    }
}

impl Places {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            fresh: Pool::new(limits.fresh, limits.fresh_of_address),
            of_callers: Pool::new(limits.sockets, limits.sockets_of_caller),
            of_addresses: Pool::new(limits.sockets, limits.sockets_of_address),
        }
    }

    /// For a socket that is being opened; not where none could be let in.
    fn fresh(&self, peer: Peer) -> Option<Place> {
        let place = Place::Fresh { peer, _of_address: self.fresh.take(&peer.network(), 1)? };
        (!self.of_callers.is_exhausted()).then_some(place)
    }

    /// For a caller who is let in.
    fn known(&self, who: &Who, peer: Peer) -> Option<Place> {
        Some(Place::Known {
            peer,
            _of_caller: self.of_callers.take(&who.key, 1)?,
            _of_address: self.of_addresses.take(&peer.network(), 1)?,
        })
    }
}

/// An open socket, as it is counted.
struct Open {
    _token: TaskTrackerToken,
}

impl Open {
    fn new(token: TaskTrackerToken) -> Self {
        metrics::gauge!(OPEN).increment(1.0);
        Self { _token: token }
    }
}

impl Drop for Open {
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
    locale: Language,
    stop: CancellationToken,
    place: Place,
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
    fn new(shared: Arc<Shared<E>>, id: RequestId, mut headers: HeaderMap, stop: CancellationToken, place: Place) -> Self {
        headers.remove(header::COOKIE);
        let locale = language_of(&headers);
        let protocol = Protocol::new(shared.front.limits.operations, locale == Language::Ja);
        let (operations, handles, now) = (JoinSet::new(), HashMap::new(), Instant::now());
        let (admission, admitting) = (None, None);
        let (opened, heard, signs) = (now, now, 0);
        Self { shared, id, headers, locale, stop, place, protocol, admission, admitting, operations, handles, opened, heard, signs }
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
        let (sender, mut said) = mpsc::channel::<Said>(BUFFER);
        let period = self.shared.front.limits.keep_alive;
        let mut signs = interval_at(Instant::now() + period, period);
        signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopping = self.stop.clone();
        loop {
            let due = self.due();
            let (mut message, mut memory) = (None, None);
            let step = tokio::select! {
                () = stopping.cancelled() => return End::Goodbye(Goodbye::GOING_AWAY),
                received = messages.next() => match self.hear(received) {
                    Ok(step) => step,
                    Err(end) => return end,
                },
                Some(mut word) = said.recv() => {
                    memory = word.memory.take();
                    self.pass_on(word)
                }
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
                Step::Begin { id, turn, params, size } => {
                    let (shared, call, said) = (self.shared.clone(), self.call(), sender.clone());
                    let memory = self.memory(size);
                    let operation = Operation { shared, call, id, turn, said };
                    let span = tracing::info_span!(
                        parent: None, "operation", request_id = %self.id, operation = tracing::field::Empty, kind = tracing::field::Empty
                    );
                    self.handles.insert(turn, self.operations.spawn(operation.run(params, memory).instrument(span)));
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
            drop(memory);
        }
    }

    /// Memory for an operation whose message had so many bytes.
    fn memory(&self, size: usize) -> Result<Memory, Problem> {
        let mut memory = self.shared.gate.memory(&self.who());
        memory.reserve(2 * size)?;
        Ok(memory)
    }

    /// Who speaks; until we know, somebody of the public.
    fn who(&self) -> Who {
        self.admission.as_ref().map_or_else(Who::public, |admission| admission.who().clone())
    }

    /// What the client sent.
    fn hear(&mut self, received: Option<Result<Message, axum::Error>>) -> Result<Step, End> {
        self.heard = Instant::now();
        match received {
            Some(Ok(Message::Text(text))) => {
                let bounds = self.shared.bounds(&self.who());
                Ok(self.protocol.receive(&text.into(), &bounds))
            }
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
            Ok(admission) if admission.who().kind == Kind::Public => {
                admission.told(Problem::unauthenticated());
                return Step::Leave(Goodbye::FORBIDDEN);
            }
            Ok(admission) => {
                if let Place::Fresh { peer, .. } = &self.place {
                    let Some(place) = self.shared.places.known(admission.who(), *peer) else {
                        admission.told(Problem::too_many_sockets());
                        return Step::Leave(Goodbye::TRY_AGAIN);
                    };
                    self.place = place;
                }
                self.admission = Some(admission);
            }
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
        let (headers, locale, id, peer) = (self.headers.clone(), self.locale, self.id.clone(), self.place.peer());
        let (media, gone) = (Media::GraphQlResponse, CancellationToken::new());
        Call { headers, locale, media, id, peer, deadline, door: Door::Socket, gone }
    }
}

/// Waits for an admission, if there is one to wait for.
async fn settled(admitting: &mut Option<Admitting>) -> Result<Admission, Problem> {
    match admitting {
        Some(admitting) => admitting.await,
        None => std::future::pending().await,
    }
}

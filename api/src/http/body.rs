//! Reading a body: up to its limit and no further, within the memory there is, and from nobody who makes us wait.

use std::{sync::LazyLock, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use futures_util::StreamExt;
use tokio::{sync::Semaphore, time::Instant};

use super::{gate::Memory, problem::Problem};

/// How much of a refused body is taken off the line and dropped, and for how long, so that a client which sends before it reads gets our answer
/// and not a broken connection.
const LINGER_BYTES: usize = 64 << 20;
const LINGER_TIME: Duration = Duration::from_secs(5);
/// Refused bodies that are dropped so at a time; the connections of further ones are cut.
static LINGERING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(256));
/// Room for a body at first; what it says of its length may be a lie.
const FIRST: usize = 16 << 10;
/// Decoding a text with escapes takes its length once more, for a moment.
const DECODING: usize = 2;

/// How a body must come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How long a client may be behind.
    pub(super) patience: Duration,
    /// Bytes a second that it may not fall behind.
    pub(super) rate: usize,
}

/// The whole body, at most `limit` bytes. A body that says that it is larger is refused before its first byte, one that lies as soon as it is.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize, pace: Pace, memory: &mut Memory) -> Result<Bytes, Problem> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let declared = declared.map(|declared| usize::try_from(declared).unwrap_or(usize::MAX));
    if declared.is_some_and(|declared| declared > limit) {
        linger(headers, body);
        return Err(Problem::body_too_large(limit));
    }
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::with_capacity(declared.unwrap_or_default().min(FIRST));
    let started = Instant::now();
    loop {
        let due = started + pace.patience + Duration::from_secs(whole.len() as u64) / u32::try_from(pace.rate).unwrap_or(u32::MAX);
        let Ok(chunk) = tokio::time::timeout_at(due, chunks.next()).await else { return Err(Problem::body_too_slow()) };
        let Some(chunk) = chunk else { return Ok(whole.into()) };
        let chunk = chunk.map_err(|_| Problem::body_broken())?;
        let fits = if whole.len() + chunk.len() > limit { Err(Problem::body_too_large(limit)) } else { Ok(()) };
        if let Err(problem) = fits.and_then(|()| memory.reserve_for_body(chunk.len() * DECODING)) {
            linger(headers, Body::from_stream(chunks));
            return Err(problem);
        }
        whole.extend_from_slice(&chunk);
    }
}

/// Drops what still comes of a body that nobody will read, beside the answer. Who waits to be asked for it is not asked.
pub(super) fn linger(headers: &HeaderMap, body: Body) {
    let Ok(place) = LINGERING.try_acquire() else { return };
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let mut chunks = body.into_data_stream();
    let drain = async move {
        let mut dropped = 0;
        while let Some(Ok(chunk)) = chunks.next().await {
            dropped += chunk.len();
            if dropped > LINGER_BYTES {
                break;
            }
        }
        drop(place);
    };
    tokio::spawn(tokio::time::timeout(LINGER_TIME, drain));
}

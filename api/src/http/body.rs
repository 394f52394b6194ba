//! Reading a body up to its limit, and no further.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use futures_util::StreamExt;

use super::problem::Problem;

/// How much of a refused body is taken off the line and dropped, and for how long, so that a client which sends before it reads gets our answer
/// and not a broken connection.
const LINGER_BYTES: usize = 64 << 20;
const LINGER_TIME: Duration = Duration::from_secs(5);

/// The whole body, at most `limit` bytes. A body that says that it is larger is refused before its first byte, one that lies as soon as it is.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|declared| usize::try_from(declared).map_or(true, |declared| declared > limit)) {
        linger(body);
        return Err(Problem::body_too_large(limit));
    }
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::body_broken())?;
        if whole.len() + chunk.len() > limit {
            linger(Body::from_stream(chunks));
            return Err(Problem::body_too_large(limit));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

/// Drops what still comes of a body that nobody will read, beside the answer.
pub(super) fn linger(body: Body) {
    let mut chunks = body.into_data_stream();
    let drain = async move {
        let mut dropped = 0;
        while let Some(Ok(chunk)) = chunks.next().await {
            dropped += chunk.len();
            if dropped > LINGER_BYTES {
                break;
            }
        }
    };
    tokio::spawn(tokio::time::timeout(LINGER_TIME, drain));
}

//! A file that the program holds, with a tag by which a browser that has it is told so.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::negotiate::Tags;

/// A file in the program.
#[derive(Clone)]
pub(super) struct Asset {
    content_type: &'static str,
    content: Bytes,
    etag: HeaderValue,
}

impl Asset {
    pub(super) fn new(content_type: &'static str, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let hash = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&content)[..16]);
        let etag = HeaderValue::try_from(format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        Self { content_type, content, etag }
    }

    /// The file, or 304 to a browser that has it. Always asked for again, so that a new version of ours is used at once.
    pub(super) fn respond(&self, headers: &HeaderMap) -> Response {
        let known = self.etag.to_str().is_ok_and(|etag| Tags::of(headers).hold(etag.trim_matches('"')));
        let head = [(header::ETAG, self.etag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
        if known {
            return (StatusCode::NOT_MODIFIED, head).into_response();
        }
        (head, [(header::CONTENT_TYPE, self.content_type)], Body::from(self.content.clone())).into_response()
    }
}

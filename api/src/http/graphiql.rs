//! `GraphiQL` from the binary: works without a network and under a strict content security policy. `api/assets/graphiql/README.md` names its parts.

use std::sync::LazyLock;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{
    language::language_of,
    negotiate::{Media, Tags},
    problem::Problem,
};

/// Styles are also set in attributes by its editor; scripts come from here alone, and it talks to nobody but us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// A file in the binary.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
    etag: HeaderValue,
}

macro_rules! asset {
    ($name:literal, $content_type:expr) => {
        Asset::new($name, $content_type, include_bytes!(concat!("../../assets/graphiql/", $name)))
    };
}

static PAGE: LazyLock<Asset> = LazyLock::new(|| asset!("index.html", HTML));
static ASSETS: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        asset!("boot.js", SCRIPT),
        asset!("graphiql.min.js", SCRIPT),
        asset!("graphiql.min.css", STYLE),
        asset!("react.production.min.js", SCRIPT),
        asset!("react-dom.production.min.js", SCRIPT),
    ]
});

/// The page and its files.
pub(super) fn routes() -> Router {
    Router::new().route("/graphiql", get(page)).route("/graphiql/assets/{name}", get(asset))
}

async fn page(headers: HeaderMap) -> Response {
    PAGE.respond(&headers)
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => asset.respond(&headers),
        None => Problem::not_found().respond(Media::Json, language_of(&headers)),
    }
}

impl Asset {
    fn new(name: &'static str, content_type: &'static str, content: &'static [u8]) -> Self {
        let hash = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(content)[..16]);
        let etag = HeaderValue::try_from(format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        Self { name, content_type, content, etag }
    }

    /// The file, or 304 to a browser that has it. Always asked for again, so that a new version of ours is used at once.
    fn respond(&self, headers: &HeaderMap) -> Response {
        let known = self.etag.to_str().is_ok_and(|etag| Tags::of(headers).hold(etag.trim_matches('"')));
        let head = [
            (header::ETAG, self.etag.clone()),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        ];
        if known {
            return (StatusCode::NOT_MODIFIED, head).into_response();
        }
        (head, [(header::CONTENT_TYPE, self.content_type)], Body::from(Bytes::from_static(self.content))).into_response()
    }
}

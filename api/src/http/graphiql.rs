//! `GraphiQL` from the binary: works without a network and under a strict content security policy. `api/assets/graphiql/README.md` names its parts.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
    routing::get,
};

use super::{asset::Asset, language::language_of, negotiate::Media, problem::Problem};

/// Styles are also set in attributes by its editor; scripts come from here alone, and it talks to nobody but us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

macro_rules! asset {
    ($name:literal, $content_type:expr) => {
        ($name, Asset::new($content_type, include_bytes!(concat!("../../assets/graphiql/", $name)).as_slice()))
    };
}

static PAGE: LazyLock<(&str, Asset)> = LazyLock::new(|| asset!("index.html", HTML));
static ASSETS: LazyLock<[(&str, Asset); 8]> = LazyLock::new(|| {
    [
        asset!("boot.js", SCRIPT),
        asset!("examples.js", SCRIPT),
        asset!("page.css", STYLE),
        asset!("graphiql.min.js", SCRIPT),
        asset!("graphiql.min.css", STYLE),
        asset!("graphql-ws.min.js", SCRIPT),
        asset!("react.production.min.js", SCRIPT),
        asset!("react-dom.production.min.js", SCRIPT),
    ]
});

/// The page and its files.
pub(super) fn routes() -> Router {
    Router::new().route("/graphiql", get(page)).route("/graphiql/assets/{name}", get(asset))
}

async fn page(headers: HeaderMap) -> Response {
    respond(&PAGE.1, &headers)
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|(known, _)| *known == name) {
        Some((_, asset)) => respond(asset, &headers),
        None => Problem::not_found().respond(Media::Json, language_of(&headers)),
    }
}

fn respond(asset: &Asset, headers: &HeaderMap) -> Response {
    let mut response = asset.respond(headers);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

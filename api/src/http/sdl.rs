//! The schema as text at `/schema.graphql`, for tools that read it there. It tells what introspection tells, and stands where that does.

use axum::{Router, http::HeaderMap, routing::get};

use super::asset::Asset;

/// Where it is.
pub(super) const PATH: &str = "/schema.graphql";

/// The route of the text.
pub(super) fn routes(sdl: String) -> Router {
    let asset = Asset::new("text/plain; charset=utf-8", sdl);
    Router::new().route(PATH, get(async move |headers: HeaderMap| asset.respond(&headers)))
}

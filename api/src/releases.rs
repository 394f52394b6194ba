//! `/releases`: what was published, at addresses that never change, for everybody and without a token.
//!
//! A published file's bytes are served as they are kept and may be cached for ever; drafts go to roles that may read them and into no cache;
//! of a withdrawn release there is a page that says why. Deliberately absent: scripts, ranges, negotiation (a page speaks both languages),
//! and any address that the store has not seen: a path is looked up, never resolved.

mod page;

use crate::{
    error::Error,
    http::{Caller, Gate, Media, Memory, Peer, Problem, Refusal, RequestId, Tags, language_of},
    store::{
        Store,
        release::{FileHead, Head, Kept, Known},
    },
};
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use entity::{period::FiscalYear, release::ReleaseState};
use futures_util::future::BoxFuture;
use jobs::follow_up::{release::Version, snapshot::sha256};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Opens the store for a caller.
pub type Open = Arc<dyn Fn(Caller) -> BoxFuture<'static, Result<Store, Refusal>> + Send + Sync>;

/// Longest time from the head of a request to its answer.
const TIME: Duration = Duration::from_secs(30);

/// Neither scripts nor anything from elsewhere: our pages, and those among the files.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";
const HTML: &str = "text/html; charset=utf-8";
/// Bytes that never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What is to be asked for again each time, and comes with a tag.
const EACH_TIME: &str = "no-cache";
/// A draft.
const FOR_ONE: &str = "private, no-store";
/// What may be otherwise a moment later.
const NEVER: &str = "no-store";

/// Beside the versions of a year: which of them is the latest.
const LATEST: &str = "latest.json";

/// What stands in a path as itself.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Where a file of a release lies, or its folder for an empty path.
#[must_use]
pub fn address(fiscal_year: FiscalYear, version: &str, path: &str) -> String {
    format!("/releases/FY{:04}/{}/{}", fiscal_year.as_i32(), utf8_percent_encode(version, KEPT), utf8_percent_encode(path, KEPT))
}

/// The routes, for [`crate::http::Front::beside`], which lets their requests take of what there is for those of their callers' kinds.
pub fn routes(open: Open) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/releases") }))
        .route("/releases", get(answer))
        .route("/releases/", get(answer))
        .route("/releases/{*address}", get(answer))
        .with_state(open)
}

/// What stands at a path below `/releases/`.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// A year, which leads to the version published last.
    Year(FiscalYear),
    /// Which version of a year is the latest, as a program reads it.
    Latest(FiscalYear),
    /// A version without the slash at its end.
    Version(FiscalYear, String),
    /// A version's folder.
    Folder(FiscalYear, String),
    /// A file.
    File(FiscalYear, String, String),
}

impl Place {
    /// Reads a path as it came. Whatever is written otherwise than `address` writes it stands nowhere.
    fn of(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("/releases/")?.splitn(3, '/');
        let digits =
            parts.next()?.strip_prefix("FY").filter(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        let year: FiscalYear = digits.parse::<i32>().ok()?.try_into().ok()?;
        let version = match parts.next() {
            None | Some("") if parts.next().is_none() => return Some(Self::Year(year)),
            Some(LATEST) if parts.next().is_none() => return Some(Self::Latest(year)),
            version => version?.parse::<Version>().ok()?.to_string(),
        };
        Some(match parts.next() {
            None => Self::Version(year, version),
            Some("") => Self::Folder(year, version),
            Some(file) => {
                let decoded = percent_decode_str(file).decode_utf8().ok()?.into_owned();
                // No stored path holds a control character, and PostgreSQL takes no NUL.
                (!decoded.contains(char::is_control) && utf8_percent_encode(&decoded, KEPT).to_string() == file)
                    .then_some(Self::File(year, version, decoded))?
            }
        })
    }
}

async fn answer(
    State(open): State<Open>,
    Extension(gate): Extension<Gate>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    let refuse = |problem: Problem| problem.respond(Media::Json, language_of(&head.headers));
    let serving = async {
        let store = open(Caller::of(&head.headers, id.clone(), Peer::of(&head.extensions).address())).await?;
        let who = store.actor().principal.who();
        let voice = store.voice().cloned();
        let told = |problem: Problem| {
            if let Some(voice) = &voice {
                voice.refused(problem.code);
            }
            problem
        };
        let _slot = gate.slot(&who).map_err(told)?;
        let asked = Asked { store, tags: Tags::of(&head.headers), head_only: head.method == Method::HEAD };
        let response = asked.answer(head.uri.path()).await.map_err(|_| Problem::internal(id.clone()))?;
        hold(response, gate.memory(&who), id.clone()).await.map_err(told)
    };
    match timeout(TIME, serving).await {
        Ok(answered) => answered.unwrap_or_else(refuse),
        Err(_) => refuse(Problem::timed_out()),
    }
}

/// One request, its caller let in.
struct Asked {
    store: Store,
    tags: Tags,
    head_only: bool,
}

impl Asked {
    async fn answer(&self, path: &str) -> Result<Response, Error> {
        if ["/releases", "/releases/"].contains(&path) {
            return self.shelf().await;
        }
        match Place::of(path) {
            None => Ok(unknown()),
            Some(Place::Year(year)) => self.year(year).await,
            Some(Place::Latest(year)) => self.latest(year).await,
            Some(Place::Version(year, version)) => match self.store.release(year, Some(&version), None).await? {
                None => Ok(unknown()),
                Some(head) if head.state == ReleaseState::Withdrawn => Ok(gone(&head)),
                Some(head) => Ok(found(&address(year, &head.version, ""), &head)),
            },
            Some(Place::Folder(year, version)) => self.folder(year, &version).await,
            Some(Place::File(year, version, path)) => self.file(year, &version, &path).await,
        }
    }

    /// The version published last; where all of them were withdrawn, why.
    async fn year(&self, year: FiscalYear) -> Result<Response, Error> {
        if let Some(head) = self.store.release(year, None, None).await? {
            return Ok(found(&address(year, &head.version, ""), &head));
        }
        Ok(self.store.shelf(Some(year)).await?.first().map_or_else(unknown, gone))
    }

    /// All that was published, by plan; a plan's name is that which its newest release tells.
    async fn shelf(&self) -> Result<Response, Error> {
        let heads = self.store.shelf(None).await?;
        let mut plans: Vec<Vec<&Head>> = Vec::new();
        for head in &heads {
            match plans.iter_mut().find(|plan| plan.first().is_some_and(|first| first.plan == head.plan)) {
                Some(plan) => plan.push(head),
                None => plans.push(vec![head]),
            }
        }
        let standing = |head: &&&Head| head.state == ReleaseState::Published;
        let newest: Vec<_> = plans.iter().filter_map(|plan| plan.iter().find(standing).map(|head| head.id)).collect();
        let said = self.store.release_documents(&newest).await?;
        let ids: Vec<_> = heads.iter().filter(|head| head.state == ReleaseState::Published).map(|head| head.id).collect();
        let files = self.store.release_files(&ids).await?;
        let plans: Vec<_> = plans
            .into_iter()
            .map(|heads| page::Shelf { said: heads.iter().find_map(|head| said.get(&head.id)).map(AsRef::as_ref), heads })
            .collect();
        Ok(self.page(&page::shelf(&plans, &files)))
    }

    /// The year's versions, and which of them stands: a pointer that changes, beside bytes that never do.
    async fn latest(&self, year: FiscalYear) -> Result<Response, Error> {
        let latest = self.store.release(year, None, None).await?.filter(|head| head.state == ReleaseState::Published);
        let all = self.store.shelf(Some(year)).await?;
        let Some(plan) = latest.as_ref().or(all.first()).map(|head| head.plan.clone()) else { return Ok(unknown()) };
        let version = latest.as_ref().map(|head| head.version.clone());
        let line = |head: &Head| {
            let replaced_by = version.as_ref().filter(|version| **version != head.version);
            json!({
                "version": head.version, "state": head.state.as_text(), "publishedAt": head.published_at, "replacedBy": replaced_by,
                "withdrawnAt": head.withdrawn_at, "withdrawnReason": head.withdrawn_reason,
            })
        };
        let document = json!({
            "plan": plan,
            "fiscalYear": year.as_i32(),
            "version": version,
            "url": version.as_ref().map(|version| address(year, version, "")),
            "publishedAt": latest.as_ref().and_then(|head| head.published_at),
            "versions": all.iter().filter(|head| head.plan == plan).map(line).collect::<Vec<_>>(),
        });
        let mut response = self.kept(&document.to_string(), "application/json");
        put(response.headers_mut(), header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        Ok(response)
    }

    async fn folder(&self, year: FiscalYear, version: &str) -> Result<Response, Error> {
        let Some(head) = self.store.release(year, Some(version), None).await? else { return Ok(unknown()) };
        if head.state == ReleaseState::Withdrawn {
            return Ok(gone(&head));
        }
        let said = self.store.release_documents(&[head.id]).await?.remove(&head.id);
        let files = self.store.release_files(&[head.id]).await?;
        let latest = self.store.release(year, None, Some(&head.plan)).await?;
        let newer = latest.filter(|latest| latest.state == ReleaseState::Published && latest.id != head.id);
        let newer = newer.filter(|_| head.state == ReleaseState::Published);
        let mut response = self.page(&page::folder(&head, newer.as_ref(), said.as_deref(), &files));
        keep_private(&head, response.headers_mut());
        Ok(response)
    }

    async fn file(&self, year: FiscalYear, version: &str, path: &str) -> Result<Response, Error> {
        let known = if self.head_only { Known::Any } else { self.known() };
        Ok(match self.store.release_file(year, version, path, &known).await? {
            Some(Kept { head, .. }) if head.state == ReleaseState::Withdrawn => gone(&head),
            Some(Kept { head, file: Some(file), content }) => self.bytes(&head, &file, content),
            Some(Kept { file: None, .. }) | None => unknown(),
        })
    }

    /// What the caller has, as far as it can be one of ours.
    fn known(&self) -> Known {
        if self.tags.any() {
            return Known::Any;
        }
        let sum = |tag: &&str| tag.len() == 64 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
        Known::Sums(self.tags.iter().filter(sum).take(100).map(str::to_owned).collect())
    }

    fn bytes(&self, head: &Head, file: &FileHead, content: Option<Vec<u8>>) -> Response {
        let mut headers = HeaderMap::new();
        put(&mut headers, header::ETAG, &format!("\"{}\"", file.sha256));
        put(&mut headers, header::CACHE_CONTROL, FOR_EVER);
        put(&mut headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        // Whoever has these bytes is told where it stands whether they are the latest.
        put(&mut headers, header::LINK, &format!("</releases/FY{:04}/{LATEST}>; rel=\"latest-version\"", head.fiscal_year.as_i32()));
        keep_private(head, &mut headers);
        if self.tags.hold(&file.sha256) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let media = with_charset(&file.media_type);
        put(&mut headers, header::CONTENT_TYPE, &media);
        put(&mut headers, header::CONTENT_LENGTH, &file.bytes.to_string());
        // What a browser would show as a page, or run.
        if ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/xml"]
            .iter()
            .any(|shown| media.starts_with(shown))
        {
            put(&mut headers, header::CONTENT_SECURITY_POLICY, POLICY);
        }
        (headers, Body::from(content.unwrap_or_default())).into_response()
    }

    /// A page of ours, or 304 to who has it.
    fn page(&self, html: &str) -> Response {
        let mut response = self.kept(html, HTML);
        put(response.headers_mut(), header::CONTENT_SECURITY_POLICY, POLICY);
        response
    }

    /// A text that is to be asked for again each time, with a tag.
    fn kept(&self, text: &str, media: &str) -> Response {
        let sum = sha256(text.as_bytes());
        let mut headers = HeaderMap::new();
        put(&mut headers, header::ETAG, &format!("\"{sum}\""));
        put(&mut headers, header::CACHE_CONTROL, EACH_TIME);
        if self.tags.hold(&sum) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        put(&mut headers, header::CONTENT_TYPE, media);
        (headers, text.to_owned()).into_response()
    }
}

/// Counts the bytes of an answer for as long as they wait to be read.
async fn hold(response: Response, mut memory: Memory, id: RequestId) -> Result<Response, Problem> {
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(|_| Problem::internal(id))?;
    // It is there already; the next one waits until it is sent.
    memory.settle(bytes.len(), true)?;
    Ok(Response::from_parts(head, memory.keep(bytes).into()))
}

/// Takes back what is said of caches and origins where the release is a draft.
fn keep_private(head: &Head, headers: &mut HeaderMap) {
    if head.state == ReleaseState::Draft {
        put(headers, header::CACHE_CONTROL, FOR_ONE);
        put(headers, header::VARY, "authorization");
        headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    }
}

fn put(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The media type as it is sent: text says that it is UTF-8, unless it says something else.
fn with_charset(media: &str) -> String {
    let named = media.to_ascii_lowercase().contains("charset=");
    match HeaderValue::from_str(media) {
        Ok(_) if media.starts_with("text/") && !named => format!("{media}; charset=utf-8"),
        Ok(_) if media.contains('/') => media.to_owned(),
        _ => "application/octet-stream".to_owned(),
    }
}

/// A page that is no answer to keep.
fn short(status: StatusCode, html: String, caching: &'static str) -> Response {
    let head = [(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, caching), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (status, head, html).into_response()
}

/// Nothing, or nothing for this caller: the two look the same.
fn unknown() -> Response {
    let mut response = short(StatusCode::NOT_FOUND, page::unknown(), NEVER);
    put(response.headers_mut(), header::VARY, "authorization");
    response
}

fn gone(head: &Head) -> Response {
    short(StatusCode::GONE, page::gone(head), EACH_TIME)
}

fn found(to: &str, head: &Head) -> Response {
    let mut headers = HeaderMap::new();
    put(&mut headers, header::LOCATION, to);
    put(&mut headers, header::CACHE_CONTROL, NEVER);
    if head.state == ReleaseState::Draft {
        put(&mut headers, header::VARY, "authorization");
    }
    (StatusCode::FOUND, headers).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        let year = FiscalYear::try_from(2018).unwrap();
        let file = |path: &str| Some(Place::File(year, "1.0.0".into(), path.into()));
        for path in ["observations.csv", "data/表 1.csv", "a?b#c%"] {
            assert_eq!(Place::of(&address(year, "1.0.0", path)), file(path));
        }
        assert_eq!(Place::of("/releases/FY2018"), Some(Place::Year(year)));
        assert_eq!(Place::of("/releases/FY2018/"), Some(Place::Year(year)));
        assert_eq!(Place::of("/releases/FY2018/latest.json"), Some(Place::Latest(year)));
        assert_eq!(Place::of("/releases/FY2018/1.0.0"), Some(Place::Version(year, "1.0.0".into())));
        assert_eq!(Place::of("/releases/FY2018/1.0.0/"), Some(Place::Folder(year, "1.0.0".into())));
        // Looked up as it stands, and found nowhere.
        assert_eq!(Place::of("/releases/FY2018/1.0.0/../../etc/passwd"), file("../../etc/passwd"));
    }

    #[test]
    fn whatever_is_written_otherwise_stands_nowhere() {
        for path in [
            "/releases/",
            "/releases/2018",
            "/releases/fy2018",
            "/releases/FY18",
            "/releases/FY+018",
            "/releases/FY２０１８",
            "/releases/FY2018//",
            "/releases/FY2018//1.0.0/",
            "/releases/FY2018/1.0/",
            "/releases/FY2018/01.0.0/",
            "/releases/FY2018/1.0.0%2Fa",
            "/releases/FY2018/latest/",
            "/releases/FY2018/latest.json/",
            "/releases/FY2018/1.0.0/a%00b",
            "/releases/FY2018/1.0.0/%ff",
            "/releases/FY2018/1.0.0/%",
            "/releases/FY2018/1.0.0/%61",
            "/releases/FY2018/1.0.0/a%2Fb",
            "/releases/FY2018/1.0.0/%2e%2e/a",
        ] {
            assert_eq!(Place::of(path), None, "{path}");
        }
    }

    #[test]
    fn text_is_utf_8_unless_it_says_otherwise() {
        assert_eq!(with_charset("text/csv"), "text/csv; charset=utf-8");
        assert_eq!(with_charset("text/csv; charset=shift_jis"), "text/csv; charset=shift_jis");
        assert_eq!(with_charset("application/json"), "application/json");
        assert_eq!(with_charset("text/csv\r\nx: y"), "application/octet-stream");
        assert_eq!(with_charset(""), "application/octet-stream");
    }
}

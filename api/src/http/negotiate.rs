//! Media types: what a client may send, and in which form it wants its answer.

use axum::http::{HeaderMap, HeaderName, header};

use super::{origins::Origins, problem::Problem};

/// The form of an answer. Both hold the same JSON; they differ in status codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/graphql-response+json`: a request that fails before execution is 400.
    GraphQlResponse,
    /// `application/json`: every well-formed request is 200, because an intermediary could have made any other status.
    Json,
}

impl Media {
    /// The value of `Content-Type`.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::GraphQlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The best form that `Accept` allows: by weight, then the one that is named over the one that a wildcard covers, then the newer one.
    /// No `Accept` means the newer one, as the specification wants since 2025. Neither: 406.
    pub(super) fn accepted(headers: &HeaderMap) -> Result<Self, Problem> {
        if !headers.contains_key(header::ACCEPT) {
            return Ok(Self::GraphQlResponse);
        }
        let ranges = weighted(headers, &header::ACCEPT);
        let rank = |subtype: &str| -> (u16, u8) {
            // The most specific range decides on the weight, even if a wildcard offers more.
            let by = |range: &str, specificity| ranges.iter().find(|(name, _)| name == range).map(|(_, q)| (*q, specificity));
            by(&format!("application/{subtype}"), 2).or_else(|| by("application/*", 1)).or_else(|| by("*/*", 0)).unwrap_or((0, 0))
        };
        let (newer, older) = (rank("graphql-response+json"), rank("json"));
        match (newer.0, older.0) {
            (0, 0) => Err(Problem::not_acceptable()),
            _ if newer >= older => Ok(Self::GraphQlResponse),
            _ => Ok(Self::Json),
        }
    }
}

/// The versions of a resource that a caller says to have, by `If-None-Match`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tags(Vec<String>);

impl Tags {
    /// Reads the header. Weak tags count as strong ones do, as they are to here.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let tags = values.flat_map(|value| value.split(',')).map(str::trim).map(|tag| tag.strip_prefix("W/").unwrap_or(tag));
        Self(tags.filter(|tag| *tag == "*" || (tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"'))).map(str::to_owned).collect())
    }

    /// Whether any version will do.
    pub(crate) fn any(&self) -> bool {
        self.0.iter().any(|tag| tag == "*")
    }

    /// The tags without their quotes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|tag| *tag != "*").map(|tag| tag.trim_matches('"'))
    }

    /// Whether the caller has the version with this tag, given without quotes.
    pub(crate) fn hold(&self, tag: &str) -> bool {
        self.any() || self.iter().any(|known| known == tag)
    }
}

/// Whether a person with a browser is asking.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    weighted(headers, &header::ACCEPT).iter().any(|(range, quality)| range == "text/html" && *quality > 0)
}

/// Whether a request asks for a WebSocket.
pub(super) fn wants_socket(headers: &HeaderMap) -> bool {
    weighted(headers, &header::UPGRADE).iter().any(|(protocol, _)| protocol == "websocket")
}

/// A WebSocket knows no CORS: a page of any origin could open one. Taken are those that CORS lets in, our own, and callers that are no page.
pub(super) fn check_origin(headers: &HeaderMap, origins: &Origins) -> Result<(), Problem> {
    let mut values = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (values.next(), values.next()) else {
        return if headers.contains_key(header::ORIGIN) { Err(Problem::foreign_origin()) } else { Ok(()) };
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.to_str().ok().and_then(|origin| origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")));
    let own = host.zip(authority).is_some_and(|(host, authority)| host.eq_ignore_ascii_case(authority));
    if own || origins.hold(origin) { Ok(()) } else { Err(Problem::foreign_origin()) }
}

/// A body is JSON in UTF-8, unpacked. Any other type, above all those that a form on a foreign page can send, is 415.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next().and_then(|value| value.to_str().ok()), values.next()) else {
        return Err(Problem::unsupported_media_type());
    };
    let mut parts = value.split(';').map(str::trim);
    let json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.filter(|part| !part.is_empty()).all(|part| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            matches!(value.trim().trim_matches('"').to_ascii_lowercase().as_str(), "utf-8" | "utf8")
        }
        _ => true,
    });
    let plain = headers.get_all(header::CONTENT_ENCODING).iter().all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if json && utf8 && plain { Ok(()) } else { Err(Problem::unsupported_media_type()) }
}

/// The entries of a list header in lower case with their weights in thousandths. An entry with a broken weight has weight 0.
pub(super) fn weighted(headers: &HeaderMap, name: &HeaderName) -> Vec<(String, u16)> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .filter_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let range = parts.next().filter(|range| !range.is_empty())?.to_ascii_lowercase();
            let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))).map_or(1000, thousandths);
            Some((range, quality))
        })
        .collect()
}

/// `0.875` as 875; 0 where it is no weight between 0 and 1 with at most three digits.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    match (whole, format!("{fraction:0<3}").parse::<u16>()) {
        ("0", Ok(value)) => value,
        ("1", Ok(0)) => 1000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::http::HeaderValue;

    use super::*;

    fn accept(value: &'static str) -> Option<Media> {
        Media::accepted(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))])).ok()
    }

    fn content_type(value: &'static str) -> bool {
        check_content_type(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))])).is_ok()
    }

    #[test]
    fn a_caller_has_what_one_of_its_tags_says() {
        let tags = |values: &[&'static str]| {
            Tags::of(&values.iter().map(|value| (header::IF_NONE_MATCH, HeaderValue::from_static(value))).collect())
        };
        assert!(tags(&["\"a\""]).hold("a") && tags(&["\"b\", W/\"a\""]).hold("a") && tags(&["\"b\"", "\"a\""]).hold("a"));
        assert!(tags(&["*"]).hold("a") && tags(&["*"]).any());
        for none in ["\"b\"", "a", "\"", "w/\"a\"", "\"*\"", "", ",,"] {
            assert!(!tags(&[none]).hold("a"), "{none}");
        }
    }

    #[test]
    fn accept_is_negotiated_by_weight_then_by_name() {
        assert_eq!(Media::accepted(&HeaderMap::new()).ok(), Some(Media::GraphQlResponse));
        assert_eq!(accept("*/*"), Some(Media::GraphQlResponse));
        assert_eq!(accept("application/json"), Some(Media::Json));
        assert_eq!(accept("application/graphql-response+json, application/json;q=0.9"), Some(Media::GraphQlResponse));
        assert_eq!(accept("application/graphql-response+json;q=0.5, application/json"), Some(Media::Json));
        assert_eq!(accept("application/json, text/plain, */*"), Some(Media::Json));
        assert_eq!(accept("*/*, application/graphql-response+json;q=0"), Some(Media::Json));
        assert_eq!(accept("Application/JSON; charset=utf-8"), Some(Media::Json));
    }

    #[test]
    fn a_socket_is_opened_for_pages_that_are_let_in_and_for_our_own() {
        let listed = Origins::new(vec![HeaderValue::from_static("https://front.example")]);
        let opened = |origins: &[&'static str]| {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("api.example:8080"))]);
            for origin in origins {
                headers.append(header::ORIGIN, HeaderValue::from_static(origin));
            }
            check_origin(&headers, &listed).is_ok()
        };
        assert!(opened(&[]));
        assert!(opened(&["https://front.example"]));
        assert!(opened(&["http://api.example:8080"]) && opened(&["https://API.example:8080"]));
        for foreign in ["https://evil.example", "https://front.example.evil", "http://front.example", "http://api.example", "null", ""] {
            assert!(!opened(&[foreign]), "{foreign}");
        }
        assert!(!opened(&["https://front.example", "https://evil.example"]));
    }

    #[test]
    fn nothing_acceptable_is_refused() {
        assert_eq!(accept("text/html"), None);
        assert_eq!(accept("application/json;q=0"), None);
        assert_eq!(accept(""), None);
        assert_eq!(accept("application/json;q=1.5"), None);
    }

    #[test]
    fn only_json_in_utf8_is_taken() {
        for good in
            ["application/json", "application/json; charset=utf-8", "Application/Json;charset=\"UTF-8\"", "application/json; profile=x"]
        {
            assert!(content_type(good), "{good}");
        }
        for bad in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=shift_jis",
            "",
        ] {
            assert!(!content_type(bad), "{bad}");
        }
        assert!(check_content_type(&HeaderMap::new()).is_err());
        let packed = [(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "gzip")];
        let packed = packed.map(|(name, value)| (name, HeaderValue::from_static(value)));
        assert!(check_content_type(&HeaderMap::from_iter(packed)).is_err());
    }
}

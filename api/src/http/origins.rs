//! Whose pages may call the API from a browser, and open a WebSocket.

use axum::http::HeaderValue;

/// Origins whose pages are let in; none by default.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    listed: Vec<HeaderValue>,
    loopback: bool,
}

impl Origins {
    /// Those of a list.
    #[must_use]
    pub fn new(listed: Vec<HeaderValue>) -> Self {
        Self { listed, loopback: false }
    }

    /// And pages that this machine serves to itself, on any port: for a demo alone, where somebody tries a front end of theirs.
    #[must_use]
    pub fn with_loopback(self) -> Self {
        Self { loopback: true, ..self }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty() && !self.loopback
    }

    /// Whether pages of an origin, as browsers spell it, are let in.
    pub(super) fn hold(&self, origin: &HeaderValue) -> bool {
        self.listed.contains(origin) || (self.loopback && origin.to_str().is_ok_and(is_loopback))
    }
}

fn is_loopback(origin: &str) -> bool {
    let Some(authority) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else { return false };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| {
        authority.strip_prefix(host).is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machine_by_its_own_names_alone() {
        let origins = Origins::new(vec![HeaderValue::from_static("https://front.example")]).with_loopback();
        for good in ["https://front.example", "http://localhost:5173", "http://127.0.0.1", "https://[::1]:8443"] {
            assert!(origins.hold(&HeaderValue::from_static(good)), "{good}");
        }
        for bad in [
            "http://localhost.evil.example",
            "http://localhost:5173.evil.example",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.10",
            "http://localhost:",
            "http://evil.example",
            "http://evil@localhost",
            "ftp://localhost",
            "null",
            "",
        ] {
            assert!(!origins.hold(&HeaderValue::from_static(bad)), "{bad}");
        }
        assert!(!Origins::default().hold(&HeaderValue::from_static("http://localhost")));
        assert!(Origins::default().is_empty() && !Origins::default().with_loopback().is_empty());
    }
}

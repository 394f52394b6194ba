//! The language of messages, from `Accept-Language`.

use axum::http::{HeaderMap, header};

use super::negotiate::weighted;

/// The language in which a caller reads messages. Reachable in resolvers as `ctx.data_opt::<Locale>()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// Japanese.
    Ja,
    /// English; also where nothing or neither is asked for.
    #[default]
    En,
}

impl Locale {
    /// The better weighted of Japanese and English in `Accept-Language`; of equals the one listed first.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut best = (Self::En, 0);
        for (range, quality) in weighted(headers, &header::ACCEPT_LANGUAGE) {
            let primary = range.split('-').next().unwrap_or_default();
            let locale = match primary {
                "ja" => Self::Ja,
                "en" | "*" => Self::En,
                _ => continue,
            };
            if quality > best.1 {
                best = (locale, quality);
            }
        }
        best.0
    }

    /// The text in this language.
    #[must_use]
    pub fn pick<T>(self, ja: T, en: T) -> T {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(value: &'static str) -> Locale {
        Locale::of(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value))]))
    }

    #[test]
    fn the_better_weight_wins_and_the_first_of_equals() {
        assert_eq!(of("ja"), Locale::Ja);
        assert_eq!(of("JA-jp, en;q=0.8"), Locale::Ja);
        assert_eq!(of("en;q=0.5, ja;q=0.9"), Locale::Ja);
        assert_eq!(of("en, ja"), Locale::En);
        assert_eq!(of("ja, en"), Locale::Ja);
        assert_eq!(of("fr, ja;q=0.1"), Locale::Ja);
    }

    #[test]
    fn english_where_neither_is_wanted() {
        assert_eq!(Locale::of(&HeaderMap::new()), Locale::En);
        assert_eq!(of("fr, de;q=0.5"), Locale::En);
        assert_eq!(of("ja;q=0"), Locale::En);
        assert_eq!(of("ja;q=nonsense, *;q=0.1"), Locale::En);
        assert_eq!(of("japanese"), Locale::En);
    }
}

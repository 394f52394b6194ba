//! The language of messages, from `Accept-Language`.

use axum::http::{HeaderMap, header};

use super::negotiate::weighted;

pub use entity::text::Language;

/// The language in which a caller reads messages: the better weighted of Japanese and English in `Accept-Language`; of equals the one listed
/// first, English where nothing or neither is asked for. Reachable in resolvers as `ctx.data_opt::<Language>()`.
#[must_use]
pub fn language_of(headers: &HeaderMap) -> Language {
    let mut best = (Language::En, 0);
    for (range, quality) in weighted(headers, &header::ACCEPT_LANGUAGE) {
        let language = match range.split('-').next().unwrap_or_default() {
            "ja" => Language::Ja,
            "en" | "*" => Language::En,
            _ => continue,
        };
        if quality > best.1 {
            best = (language, quality);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(value: &'static str) -> Language {
        language_of(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value))]))
    }

    #[test]
    fn the_better_weight_wins_and_the_first_of_equals() {
        assert_eq!(of("ja"), Language::Ja);
        assert_eq!(of("JA-jp, en;q=0.8"), Language::Ja);
        assert_eq!(of("en;q=0.5, ja;q=0.9"), Language::Ja);
        assert_eq!(of("en, ja"), Language::En);
        assert_eq!(of("ja, en"), Language::Ja);
        assert_eq!(of("fr, ja;q=0.1"), Language::Ja);
    }

    #[test]
    fn english_where_neither_is_wanted() {
        assert_eq!(language_of(&HeaderMap::new()), Language::En);
        assert_eq!(of("fr, de;q=0.5"), Language::En);
        assert_eq!(of("ja;q=0"), Language::En);
        assert_eq!(of("ja;q=nonsense, *;q=0.1"), Language::En);
        assert_eq!(of("japanese"), Language::En);
    }
}

//! Text in the two languages of the platform.

/// A language of the platform; English where a caller asks for neither.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum Language {
    /// Japanese (日本語).
    Ja,
    /// English, which answers where a request asks for neither.
    #[default]
    En,
}

impl Language {
    /// The tag of BCP 47.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        self.say(text("ja", "en"))
    }

    /// The one of two that is in this language.
    #[must_use]
    pub fn pick<T>(self, ja: T, en: T) -> T {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// The program's own text.
    #[must_use]
    pub const fn say(self, text: Text) -> &'static str {
        match self {
            Self::Ja => text.ja,
            Self::En => text.en,
        }
    }

    /// One of two texts that data bring.
    #[must_use]
    pub fn of(self, text: &Bilingual) -> &str {
        self.pick(&text.ja, &text.en)
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bilingual<T = String> {
    /// Japanese.
    pub ja: T,
    /// English.
    pub en: T,
}

/// A text of the program's own in both languages.
pub type Text = Bilingual<&'static str>;

/// Both languages of one text.
#[must_use]
pub const fn text(ja: &'static str, en: &'static str) -> Text {
    Text { ja, en }
}

//! Keys that callers choose and names that people read: which characters they may not hold, and when two keys are one.
//!
//! What nobody sees makes two of one: `S1` with a byte order mark before it, copied from a file, would be a second person. New keys that hold
//! such a character are refused, names go without it. Keys that differ in case or width alone (`S1`, `s1`, `Ｓ１`) have one folded twin, which
//! stands in a unique column beside the key.
//!
//! Deliberately absent: characters that merely look alike, such as `ー` and `-`; whoever chooses a key sees them.

use std::{borrow::Cow, collections::BTreeSet};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The folded twin of a key: keys with the same one are the same key.
///
/// NFKC, then case folded, then NFKC again, until nothing changes. Case is folded as the lower case of the upper case, character by character:
/// the full default folding but for the dotless `ı`, which becomes `i`.
#[must_use]
pub fn fold(key: &str) -> String {
    if key.is_ascii() {
        return key.to_ascii_lowercase();
    }
    let mut folded = fold_once(key);
    loop {
        let again = fold_once(&folded);
        if again == folded {
            return folded;
        }
        folded = again;
    }
}

fn fold_once(key: &str) -> String {
    key.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
}

/// The first character of a key that no new key may hold: one that nobody sees, that each font shows as it likes, or a full-width one.
#[must_use]
pub fn unfit(key: &str) -> Option<char> {
    key.chars().find(|c| is_nothing(*c) || is_invisible(*c) || is_full_width(*c))
}

/// A name without what stands for nothing that people read, and what was taken out of it. What turns the direction of a line stays, for a name
/// with it is refused: nobody meant that.
#[must_use]
pub fn clean(name: &str) -> (Cow<'_, str>, BTreeSet<char>) {
    let taken: BTreeSet<char> = name.chars().filter(|c| is_taken_out(*c)).collect();
    if taken.is_empty() {
        return (name.into(), taken);
    }
    (name.chars().filter(|c| !is_taken_out(*c)).collect::<String>().into(), taken)
}

/// A character as the Unicode Standard writes it: `U+FEFF`.
#[must_use]
pub fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// What goes out of names.
fn is_taken_out(c: char) -> bool {
    is_nothing(c) && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Format characters (byte order mark, soft hyphen, zero width space, marks of direction, tags), private use and noncharacters.
fn is_nothing(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    noncharacter || matches!(c.general_category(), GeneralCategory::Format | GeneralCategory::PrivateUse)
}

/// What else is ignored where it is shown (`Default_Ignorable_Code_Point`). Names keep it: a variation selector chooses the form of a kanji.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2065}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

/// Full width (`East_Asian_Width` F): the blank, letters, digits and signs that have a narrow twin.
fn is_full_width(c: char) -> bool {
    matches!(c, '\u{3000}' | '\u{ff01}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scalars() -> impl Iterator<Item = char> {
        (0..=u32::from(char::MAX)).filter_map(char::from_u32)
    }

    #[test]
    fn keys_that_differ_in_case_or_width_alone_are_one() {
        for (one, other) in [
            ("S1", "s1"),
            ("S1", "Ｓ１"),
            ("Straße", "STRASSE"),
            ("ΑΣ", "ας"),
            ("é", "E\u{301}"),
            ("ｶﾞ", "ガ"),
            ("Ⅴ", "v"),
            ("①", "1"),
            ("\u{212a}", "k"),
            ("が", "か\u{3099}"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        for (one, other) in [("S1", "S2"), ("ー", "-"), ("カ", "か"), ("総務", "総務課"), ("S1", "S 1")] {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn each_character_is_folded_for_good() {
        for c in scalars() {
            let folded = fold(c.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&folded), folded, "{}", code_point(c));
            assert!(!folded.is_empty(), "{}", code_point(c));
        }
    }

    #[test]
    fn what_nobody_sees_is_unfit() {
        let nothing =
            "\u{feff}\u{200b}\u{ad}\u{2060}\u{200e}\u{200f}\u{61c}\u{fdd0}\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}\u{e000}\u{f0000}\u{e0041}";
        for c in nothing.chars() {
            assert_eq!(unfit(&format!("S{c}1")), Some(c), "{}", code_point(c));
            assert_eq!(clean(&format!("総{c}務{c}課")), ("総務課".into(), BTreeSet::from([c])), "{}", code_point(c));
        }
        // Names keep what people read in them, the forms of their kanji, and what they are refused for.
        for c in "Ｓ１（　￥\u{fe0f}\u{e0100}\u{3164}\u{202e}\u{2066}".chars() {
            assert_eq!(unfit(&format!("S{c}1")), Some(c), "{}", code_point(c));
            let name = format!("総務{c}課");
            assert_eq!(clean(&name), (name.as_str().into(), BTreeSet::new()), "{}", code_point(c));
        }
        for right in ["S1", "総務課", "ﾊﾟ-1", "é", "e\u{301}", "S 1", "", "…", "\u{fffd}", "😀"] {
            assert_eq!((unfit(right), clean(right)), (None, (right.into(), BTreeSet::new())), "{right}");
        }
        assert_eq!(['\u{ad}', '\u{feff}', '\u{e0041}'].map(code_point), ["U+00AD", "U+FEFF", "U+E0041"]);
    }

    /// Texts of any characters, and more often of those that case and composition have to do with.
    fn texts() -> impl Strategy<Value = String> {
        let odd = prop::sample::select(
            "aAsSﬁßſıİiΣςσ\u{345}\u{301}\u{307}\u{334}\u{3099}αᾳΐⅣｶﾞが각ᄀ\u{1161}ǅŉΩ℃ﷺ㍿\u{feff}\u{e000}ａ".chars().collect::<Vec<_>>(),
        );
        prop::collection::vec(prop_oneof![any::<char>(), odd], 0..12).prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn folding_twice_folds_no_further(text in texts()) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn case_and_composition_change_no_twin(text in texts()) {
            for twin in [text.nfc().collect(), text.nfd().collect(), text.nfkc().collect::<String>(), text.nfkd().collect()] {
                prop_assert_eq!(fold(&twin), fold(&text));
            }
            // The iota below a letter is one of its own in upper case, so that it matters on which side of it other marks stand.
            let text: String = text.nfkd().filter(|c| *c != '\u{345}').collect();
            for twin in [text.to_lowercase(), text.to_uppercase()] {
                prop_assert_eq!(fold(&twin), fold(&text), "{:?}", twin);
            }
        }

        #[test]
        fn a_clean_name_is_left_alone(text in texts()) {
            let (clean_text, taken) = clean(&text);
            prop_assert_eq!(clean(&clean_text), (Cow::Borrowed(&*clean_text), BTreeSet::new()));
            prop_assert_eq!(text.chars().filter(|c| !taken.contains(c)).collect::<String>(), clean_text.as_ref());
            prop_assert!(unfit(&text).is_some() || taken.is_empty());
        }
    }
}

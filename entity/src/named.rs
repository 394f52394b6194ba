//! Signs that a text for the public names a person: what stands behind a name in Japanese or before one in English, an address, and what may be
//! a staff number.
//!
//! Nothing is refused for a sign: it makes somebody look before the text is published. Deliberately absent: names themselves, for no list holds
//! them, and titles (課長), which name a post.

use crate::{key::fold, text_enum::text_enum};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

text_enum! {
    /// What in a text may name a person.
    NameSign {
        /// A form of address behind or before a name, such as 氏, さん or Ms.
        Address,
        /// A staff number.
        StaffNumber,
        /// A mail address.
        Mail,
    }
}

/// What follows a name.
struct Suffix {
    written: &'static str,
    /// Whether kana may stand before it, as in さくらさん.
    after_kana: bool,
    /// Words that hold it and name nobody.
    words: &'static [&'static str],
}

#[rustfmt::skip]
const SUFFIXES: [Suffix; 8] = [
    Suffix {
        written: "さん",
        after_kana: true,
        words: &[
            "たくさん", "皆さん", "みなさん", "お子さん", "子どもさん", "子供さん", "母さん", "父さん", "かあさん", "とうさん", "兄さん", "姉さん",
            "奥さん", "嫁さん", "娘さん", "息子さん", "旦那さん", "客さん", "職員さん", "患者さん", "業者さん", "隣さん", "疲れさん", "苦労さん",
            "パパさん", "ママさん", "さんさん",
        ],
    },
    Suffix { written: "サン", after_kana: false, words: &[] },
    Suffix {
        written: "氏",
        after_kana: true,
        words: &["氏名", "氏族", "氏神", "氏姓", "同氏", "両氏", "各氏", "某氏", "諸氏", "彼氏", "摂氏", "華氏", "源氏", "旧氏", "の氏"],
    },
    Suffix {
        written: "様",
        after_kana: false,
        words: &[
            "様々", "様式", "様子", "様態", "様相", "様変", "多様", "同様", "仕様", "模様", "一様に", "異様", "有様", "神様", "奥様", "客様", "皆様",
            "左様", "両様", "文様",
        ],
    },
    Suffix { written: "殿", after_kana: false, words: &["殿堂", "殿下", "殿方", "御殿", "宮殿", "神殿", "貴殿", "本殿"] },
    Suffix { written: "君", after_kana: false, words: &["君臨", "君主", "諸君", "主君", "名君", "暴君"] },
    Suffix { written: "くん", after_kana: true, words: &["くんれん"] },
    Suffix {
        written: "ちゃん",
        after_kana: true,
        words: &["赤ちゃん", "あかちゃん", "坊ちゃん", "おちゃん", "ばあちゃん", "じいちゃん", "にいちゃん", "ねえちゃん"],
    },
];
/// What stands before a name in English.
const PREFIXES: [&str; 6] = ["Mr", "Ms", "Mrs", "Miss", "Mx", "Dr"];
/// What a staff number is called.
const NUMBER: [&str; 4] = ["職員番号", "職員コード", "社員番号", "staff number"];
/// A number before one of these counts something.
const COUNTERS: [&str; 25] = [
    "年", "月", "日", "人", "名", "回", "件", "時", "分", "週", "歳", "割", "%", "％", "か", "ヶ", "ポ", "号", "項", "条", "部", "課",
    "室", "円", "度",
];
/// Shorter tokens number something else.
const SHORTEST: usize = 3;

/// The signs in a text that stand in it whoever works here.
#[must_use]
pub fn signs(text: &str) -> BTreeSet<NameSign> {
    let text: String = text.nfkc().collect();
    let mut found = BTreeSet::new();
    let is_addressed = SUFFIXES.iter().any(|suffix| follows_a_name(&text, suffix)) || goes_before_a_name(&text);
    if is_addressed {
        found.insert(NameSign::Address);
    }
    if text.split('@').zip(text.split('@').skip(1)).any(|(name, host)| name.ends_with(is_word) && host.starts_with(is_word)) {
        found.insert(NameSign::Mail);
    }
    let lower = text.to_lowercase();
    let numbered = NUMBER.iter().flat_map(|word| lower.match_indices(word).map(|(at, word)| &lower[at + word.len()..]));
    if numbered.into_iter().any(|rest| rest.trim_start_matches(is_apart).starts_with(|c: char| c.is_ascii_alphanumeric())) {
        found.insert(NameSign::StaffNumber);
    }
    found
}

/// The tokens of a text that can be staff numbers, folded as those are: of three characters and more with a digit among them, and none that
/// counts something, as 2019年 does.
#[must_use]
pub fn numbers(text: &str) -> BTreeSet<String> {
    let text: String = text.nfkc().collect();
    let mut rest = text.as_str();
    let mut found = BTreeSet::new();
    while let Some(from) = rest.find(is_of_number) {
        let token = &rest[from..];
        let end = token.find(|c| !is_of_number(c)).unwrap_or(token.len());
        let (token, after) = token.split_at(end);
        rest = after;
        let counts = token.bytes().all(|byte| byte.is_ascii_digit()) && COUNTERS.iter().any(|counter| after.starts_with(counter));
        if token.len() >= SHORTEST && token.bytes().any(|byte| byte.is_ascii_digit()) && !counts {
            found.insert(fold(token));
        }
    }
    found
}

fn follows_a_name(text: &str, suffix: &Suffix) -> bool {
    text.match_indices(suffix.written).any(|(at, written)| {
        let (before, after) = (text[..at].trim_end(), &text[at + written.len()..]);
        let is_name = |c: char| {
            is_kanji(c) || c.is_ascii_alphabetic() || (is_katakana(c) && written != "サン") || (suffix.after_kana && is_hiragana(c))
        };
        let goes_on = written == "サン" && after.starts_with(is_katakana);
        !goes_on && before.ends_with(is_name) && !suffix.words.iter().any(|word| holds(text, word, at, written))
    })
}

/// Whether a word stands in the text around the suffix at that place.
fn holds(text: &str, word: &str, at: usize, written: &str) -> bool {
    word.match_indices(written)
        .any(|(inside, _)| at.checked_sub(inside).and_then(|from| text.get(from..)).is_some_and(|rest| rest.starts_with(word)))
}

fn goes_before_a_name(text: &str) -> bool {
    PREFIXES.iter().any(|prefix| {
        text.match_indices(prefix).any(|(at, _)| {
            let after = &text[at + prefix.len()..];
            let name = after.strip_prefix('.').unwrap_or(after);
            !text[..at].ends_with(|c: char| c.is_alphanumeric())
                && name.len() > name.trim_start().len()
                && name.trim_start().starts_with(char::is_uppercase)
        })
    })
}

fn is_kanji(c: char) -> bool {
    matches!(c, '々' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}')
}

fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | 'ー')
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn is_apart(c: char) -> bool {
    c.is_whitespace() || matches!(c, ':' | '(' | '「' | '#' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_name_is_found() {
        for text in [
            "甲山さんが育児休業を取得した。",
            "甲山 さんの例",
            "さくらさんを講師に招いた。",
            "アリスさん",
            "ｱﾘｽさん",
            "甲山サンの講話",
            "甲山氏による講演会を開いた。",
            "A氏の事例",
            "甲山様より",
            "甲山様に御協力いただいた。",
            "健一様",
            "甲山さん、皆さんと",
            "甲山殿",
            "甲山君を表彰",
            "けんくんの育児",
            "花ちゃんの育児",
            "皆さんに甲山さんが話した。",
            "a talk by Ms. Smith",
            "a talk by Mr Smith",
            "by Dr. Aoki",
        ] {
            assert!(signs(text).contains(&NameSign::Address), "{text}");
        }
        for text in [
            "たくさんの職員が参加した。",
            "皆さんに呼び掛けた。",
            "みなさんへ",
            "氏名を伏せた。",
            "旧氏の使用を認めた。",
            "婚姻前の氏を使用",
            "お子さんの看護",
            "お母さん、お父さん",
            "様々な取組",
            "多様な働き方",
            "同様に実施",
            "様式を定めた。",
            "このように",
            "産前産後",
            "○○さんの例",
            "サンプル調査",
            "諸君",
            "赤ちゃん",
            "御殿",
            "同氏",
            "さんさんと",
            "Message of the head",
            "Mrs",
            "",
        ] {
            assert!(signs(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_mail_address_and_a_number_that_is_called_one_are_found() {
        assert_eq!(signs("連絡先 kikaku@example.go.jp"), [NameSign::Mail].into());
        assert_eq!(signs("職員番号：１２３４"), [NameSign::StaffNumber].into());
        assert_eq!(signs("職員番号を廃止した。"), [].into());
        assert_eq!(signs("@"), [].into());
    }

    #[test]
    fn what_can_be_a_staff_number_is_told_from_what_counts() {
        let of = |text: &str| numbers(text).into_iter().collect::<Vec<_>>();
        assert_eq!(of("S-1042とＡ７７７、2019年度に120人、第3条"), ["a777", "s-1042"]);
        assert_eq!(of("番号10423が"), ["10423"]);
        assert_eq!(of("20%、30.5％、12月、AI、R5"), [] as [&str; 0]);
    }
}

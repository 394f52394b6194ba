//! The guard before the parser: length, nesting and number of tokens of a query text.
//!
//! The parser recurses on every bracket and checks its own limit too late: a literal nested 2,000 deep overflows its stack and ends the
//! process. So the text is scanned once, without recursion, exactly as the parser would read strings and comments, and refused before it gets there.

use async_graphql::{
    Pos,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use super::{Limits, problem::Problem};

/// Refuses a query text that is too long, too deeply nested or too finely cut, and tells how many tokens it has. Says nothing about its grammar.
pub(super) fn check(text: &str, limits: &Limits) -> Result<usize, Problem> {
    if text.len() > limits.query {
        return Err(Problem::query_too_long(limits.query));
    }
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, block_strings_end: true };
    let (mut tokens, mut depth) = (0, 0_usize);
    while let Some(byte) = scanner.next_token() {
        tokens += 1;
        if tokens > limits.tokens {
            return Err(Problem::too_many_tokens(limits.tokens));
        }
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limits.brackets {
            return Err(Problem::too_deep(limits.brackets, position(text, scanner.at - 1)));
        }
    }
    Ok(tokens)
}

/// Whether a document asks for the schema, in whichever of its operations and fragments. `__typename` tells nothing that the answer's shape does not.
pub(super) fn introspects(document: &ExecutableDocument) -> bool {
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    operations.any(asks_for_schema) || fragments.into_iter().any(asks_for_schema)
}

/// Its recursion is bounded by that of the text's brackets.
fn asks_for_schema(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            matches!(field.node.name.node.as_str(), "__schema" | "__type") || asks_for_schema(&field.node.selection_set.node)
        }
        Selection::InlineFragment(inline) => asks_for_schema(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}

/// Line and column of a byte, from 1, the column in characters.
fn position(text: &str, at: usize) -> Pos {
    let before = text.get(..at).unwrap_or(text);
    let last = before.rsplit('\n').next().unwrap_or_default();
    Pos { line: before.split('\n').count(), column: last.chars().count() + 1 }
}

/// Cuts a text into tokens in one pass.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// False once a block string was found not to end; no later one can end either.
    block_strings_end: bool,
}

impl Scanner<'_> {
    /// The first byte of the next token, which is then behind us; `"` for any string.
    fn next_token(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => self.at += 1,
                b'#' => self.skip_while(|byte| byte != b'\n' && byte != b'\r'),
                b'"' => {
                    self.skip_string();
                    return Some(byte);
                }
                _ if is_word(byte) => {
                    self.skip_while(is_word);
                    return Some(byte);
                }
                _ => {
                    self.at += 1;
                    return Some(byte);
                }
            }
        }
    }

    fn skip_while(&mut self, belongs: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|byte| belongs(*byte)) {
            self.at += 1;
        }
    }

    /// A string without end runs to the end of its line, and the parser stops there. A block string without end is, to the parser, an empty string with
    /// more text behind it, which it goes on to read: so must we.
    fn skip_string(&mut self) {
        if self.bytes[self.at..].starts_with(b"\"\"\"") {
            if self.block_strings_end
                && let Some(end) = self.block_string_end()
            {
                self.at = end;
                return;
            }
            self.block_strings_end = false;
        }
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' | b'\r' => return,
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    fn block_string_end(&self) -> Option<usize> {
        let mut at = self.at + 3;
        while at < self.bytes.len() {
            let rest = &self.bytes[at..];
            if rest.starts_with(b"\\\"\"\"") {
                at += 4;
            } else if rest.starts_with(b"\"\"\"") {
                return Some(at + 3);
            } else {
                at += 1;
            }
        }
        None
    }
}

/// Names, numbers and whatever is not ASCII (which the parser refuses outside of strings).
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+') || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use async_graphql::parser::parse_query;
    use proptest::prelude::*;

    use super::*;
    use crate::error::Code;

    fn refused(text: &str) -> Option<Code> {
        check(text, &Limits::default()).err().map(|problem| problem.code)
    }

    #[test]
    fn ordinary_queries_pass() {
        assert_eq!(refused("query Q($a: [Int!]! = [1, -2.5e3]) { staff(first: 5, name: \"内閣\") { ...F @include(if: true) } }"), None);
        assert_eq!(refused(&format!("{{ a {} }}", "{ b ".repeat(50) + &"}".repeat(50))), None);
    }

    #[test]
    fn a_literal_nested_2000_deep_is_refused_with_its_place() {
        let text = format!("{{\n f(x: {}{}) }}", "[".repeat(2000), "]".repeat(2000));
        let problem = check(&text, &Limits::default()).unwrap_err();
        assert_eq!(problem.code, Code::LimitExceeded);
        assert_eq!(problem.location, Some(Pos { line: 2, column: 69 }));
        assert_eq!(refused(&"{a:".repeat(2000)), Some(Code::LimitExceeded));
        assert_eq!(refused(&format!("query($x: {}Int) {{ a }}", "[".repeat(2000))), Some(Code::LimitExceeded));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "[".repeat(500);
        assert_eq!(refused(&format!("{{ f(x: \"{many}\") }}")), None);
        assert_eq!(refused(&format!("{{ f(x: \"\\\"{many}\") }}")), None);
        assert_eq!(refused(&format!("{{ f(x: \"\"\"{many} \\\"\"\" \" {many}\n{many}\"\"\") }}")), None);
        assert_eq!(refused(&format!("{{ f # \" {many}\n }}")), None);
    }

    #[test]
    fn no_string_or_comment_hides_brackets_from_us_that_the_parser_sees() {
        let many = "[".repeat(500);
        let deep = Some(Code::LimitExceeded);
        assert_eq!(refused(&format!("{{ f(x: \"closed\" y: {many}) }}")), deep);
        assert_eq!(refused(&format!("{{ f(x: \"open\n {many}) }}")), deep);
        assert_eq!(refused(&format!("{{ f(x: \"\"\"\"\"\" y: {many}) }}")), deep);
        assert_eq!(refused(&format!("{{ f # comment \"\r y: {many}) }}")), deep);
        // A block string that never ends is an empty string and a plain one to the parser.
        assert_eq!(refused(&format!("{{ f(x: [\"\"\"abc\" {many}]) }}")), deep);
        assert_eq!(refused(&format!("{{ f(x: [\"\"\"abc\" \"\\\\\" {many}]) }}")), deep);
    }

    #[test]
    fn too_many_tokens_and_too_much_text_are_refused() {
        assert_eq!(refused(&format!("{{ {} }}", "a ".repeat(20_000))), Some(Code::LimitExceeded));
        assert_eq!(refused(&format!("{{ a }} #{}", "x".repeat(64 << 10))), Some(Code::LimitExceeded));
    }

    #[test]
    fn the_deepest_text_that_passes_is_safe_for_the_parser_even_when_it_is_wrong() {
        for open in ["[", "{a:", "[{a:["] {
            let levels = 62 / open.matches(['[', '{']).count();
            let text = format!("{{ f(x: {}", open.repeat(levels));
            assert_eq!(refused(&text), None);
            assert!(parse_query(text).is_err());
        }
    }

    proptest! {
        /// Whatever the quoting: if the parser accepts a text and finds a list nested n deep in it, we counted at least that.
        #[test]
        fn nesting_is_never_underestimated(prefix in r#"["\\#\n a]{0,12}"#, inner in r#"["\\ a]{0,6}"#) {
            let limits = Limits { brackets: 4, ..Limits::default() };
            let text = format!("{{ f(x: [{prefix} [[[[[ {inner} ]]]]] ]) }}");
            if let Ok(document) = parse_query(&text) {
                let nested = format!("{document:?}").matches("List(").count() >= 6;
                prop_assert!(!nested || check(&text, &limits).is_err(), "{text}");
            }
        }
    }
}

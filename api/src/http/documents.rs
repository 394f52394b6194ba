//! Documents that were read and found valid, kept by their text, so that one that comes again and again is neither parsed nor validated anew.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::parser::types::ExecutableDocument;

use super::rules::{Declared, Operations};

/// Tokens of all documents that are kept in one half; a token takes about half a kilobyte.
const TOKENS: usize = 40_000;
/// Tokens of the largest document that is kept: one that nobody writes by hand takes the place of no others.
const LARGEST: usize = 4_000;

/// A document that keeps all rules of the specification.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) parsed: ExecutableDocument,
    pub(super) tokens: usize,
    /// Whether it asks for the schema.
    pub(super) introspects: bool,
    pub(super) operations: Operations,
}

impl Document {
    /// The variables that an operation declares.
    pub(super) fn declared(&self, operation: Option<&str>) -> &[Declared] {
        let mut named = self.operations.iter().filter(|(name, _)| operation.is_none() || name.as_deref() == operation);
        named.next().map_or(&[], |(_, declared)| declared)
    }
}

/// The documents of one schema. In two halves: what is asked for moves into the younger one, which takes the place of the older one when it is
/// full, so that whatever nobody asks for any more is gone after a while.
#[derive(Debug, Default)]
pub(super) struct Documents(Mutex<Halves>);

#[derive(Debug, Default)]
struct Halves {
    younger: HashMap<Arc<str>, Arc<Document>>,
    older: HashMap<Arc<str>, Arc<Document>>,
    /// Tokens in the younger half.
    tokens: usize,
}

impl Documents {
    /// A document that was kept.
    pub(super) fn get(&self, text: &str) -> Option<Arc<Document>> {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(document) = halves.younger.get(text) {
            return Some(document.clone());
        }
        let (text, document) = halves.older.remove_entry(text)?;
        halves.keep(text, document.clone());
        Some(document)
    }

    /// Keeps a valid document.
    pub(super) fn keep(&self, text: &str, document: Arc<Document>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(text.into(), document);
    }
}

impl Halves {
    fn keep(&mut self, text: Arc<str>, document: Arc<Document>) {
        let tokens = document.tokens + 1;
        if tokens > LARGEST {
            return;
        }
        if self.tokens + tokens > TOKENS {
            self.older = mem::take(&mut self.younger);
            self.tokens = 0;
        }
        if self.younger.insert(text, document).is_none() {
            self.tokens += tokens;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use async_graphql::parser::parse_query;

    use super::*;

    fn document(tokens: usize) -> Arc<Document> {
        Arc::new(Document { parsed: parse_query("{ a }").unwrap(), tokens, introspects: false, operations: Vec::new() })
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let documents = Documents::default();
        documents.keep("hot", document(10));
        documents.keep("cold", document(10));
        for number in 0..40 {
            documents.keep(&format!("other {number}"), document(3_000));
            assert!(documents.get("hot").is_some(), "after {number}");
        }
        assert!(documents.get("cold").is_none());
        documents.keep("huge", document(LARGEST));
        assert!(documents.get("huge").is_none());
        let halves = documents.0.lock().unwrap();
        assert!(halves.younger.len() + halves.older.len() < 30);
    }
}

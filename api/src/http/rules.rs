//! Validation as the specification has it, by a validator of its own over the schema's SDL.
//!
//! The executor's own validation misses what loses an answer silently: fields of one name in nested selections, the types of variables inside
//! lists and objects, whatever stands on `__typename`. So a document is read a second time, by another parser, and held to all rules of the
//! specification; what that validator leaves open in turn is in `usage`. Where the two parsers read differently the document is refused
//! (`agreement`). The work is bounded by what came before it (`guard`, `cost`) and is done once a document (`documents`).

mod agreement;
#[cfg(test)]
mod tests;
mod usage;

pub(super) use usage::in_bulk;

use std::{fmt, sync::Arc};

use apollo_compiler::{
    ExecutableDocument, Node, Schema, ast, executable,
    parser::Parser,
    validation::{Valid, WithErrors},
};
use async_graphql::{Pos, Value, parser::types::ExecutableDocument as Parsed};

use super::problem::{Fault, Problem};

/// Errors that one answer lists at most; a query with 10,000 unknown fields is told about the first of them.
pub(super) const MOST: usize = 50;

/// What a scalar wants, in Japanese and English, where it does not take a value.
pub type Scalars = fn(scalar: &str, value: &Value) -> Option<[&'static str; 2]>;

/// The rules of a schema, made once at start.
#[derive(Clone)]
pub struct Rules {
    schema: Arc<Valid<Schema>>,
    scalars: Scalars,
}

/// The schema's own SDL breaks the specification.
#[derive(Debug, thiserror::Error)]
#[error("the schema's SDL is not valid: {0}")]
pub struct NotASchema(String);

/// A variable that an operation declares.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) name: Box<str>,
    pub(super) ty: Node<ast::Type>,
    pub(super) has_default: bool,
    pub(super) at: Pos,
}

/// The variables of an operation, by its name.
pub(super) type Operations = Vec<(Option<Box<str>>, Vec<Declared>)>;

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}

impl Rules {
    /// Reads the schema's own SDL (`schema.sdl()`); `scalars` knows what its scalars take.
    ///
    /// # Errors
    /// Where the text breaks the specification.
    pub fn from_sdl(sdl: &str, scalars: Scalars) -> Result<Self, NotASchema> {
        let schema = Schema::parse_and_validate(sdl, "schema.graphql");
        let schema = schema.map_err(|broken| NotASchema(broken.errors.to_string()))?;
        Ok(Self { schema: Arc::new(schema), scalars })
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What a scalar wants where it does not take a value.
    pub(super) fn wanted(&self, scalar: &str, value: &Value) -> Option<[&'static str; 2]> {
        (self.scalars)(scalar, value)
    }

    /// Holds a document to all rules, and tells which variables its operations declare.
    pub(super) fn check(&self, text: &str, parsed: &Parsed) -> Result<Operations, Problem> {
        let invalid =
            |broken: WithErrors<ExecutableDocument>| Problem::invalid(broken.errors.iter().take(MOST).map(|error| fault(&error)).collect());
        let read = Parser::new().recursion_limit(512).parse_executable(&self.schema, text, "query").map_err(invalid)?;
        let document = read.validate(&self.schema).map_err(invalid)?;
        let faults = usage::faults(self, &document);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        if !agreement::same(parsed, &document) {
            return Err(Problem::ambiguous());
        }
        Ok(operations(&document))
    }
}

/// A finding of the validator in the words that clients know.
fn fault(found: &apollo_compiler::diagnostic::Diagnostic<'_, apollo_compiler::validation::DiagnosticData>) -> Fault {
    let at = found.line_column_range().map(|range| Pos { line: range.start.line, column: range.start.column });
    let said = found.error.unstable_compat_message().unwrap_or_else(|| found.error.to_string());
    Fault::of_document(said, at)
}

fn operations(document: &ExecutableDocument) -> Operations {
    let declared = |variable: &Node<executable::VariableDefinition>| Declared {
        name: variable.name.as_str().into(),
        ty: variable.ty.clone(),
        has_default: variable.default_value.is_some(),
        at: place(document, variable),
    };
    let each = document.operations.iter();
    each.map(|operation| (operation.name.as_ref().map(|name| name.as_str().into()), operation.variables.iter().map(declared).collect()))
        .collect()
}

/// Where something stands in the document.
fn place<T>(document: &ExecutableDocument, node: &Node<T>) -> Pos {
    let range = node.line_column_range(&document.sources);
    range.map_or(Pos::default(), |range| Pos { line: range.start.line, column: range.start.column })
}

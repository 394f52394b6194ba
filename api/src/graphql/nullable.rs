//! What may be null: fields whose error nulls them alone, and filters that ask for nothing.
//!
//! The library nulls the parent of a field that returns `Result<Option<T>>` and errs, and so the page for a name that was not found. An option
//! around a result is what it nulls alone, with the error under the field's own path; a resolver says so by [`maybe`] or [`attempt`].

use async_graphql::{InputType, InputValueError, InputValueResult, Result, Value, registry::Registry};
use futures_util::FutureExt;
use std::borrow::Cow;

/// What a nullable field answers: a value, nothing, or an error that leaves its neighbours alone.
pub type Nullable<T> = Option<Result<T>>;

/// A field that may have no value, or err.
pub fn maybe<T>(work: impl Future<Output = Result<Option<T>>>) -> impl Future<Output = Nullable<T>> {
    work.map(Result::transpose)
}

/// A root or a payload, which has a value unless it errs. What it takes is kept apart: roots lie deep in the stack of merged objects.
pub fn attempt<T>(work: impl Future<Output = Result<T>>) -> impl Future<Output = Nullable<T>> {
    Box::pin(work).map(Some)
}

/// A list's filter: without one, with null and with `{}` it asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct Conditions<T>(pub T);

impl<T: InputType + Default> InputType for Conditions<T> {
    type RawValueType = T::RawValueType;

    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::type_name().into_owned()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry);
        Self::qualified_type_name()
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            None | Some(Value::Null) => Ok(Self::default()),
            value => T::parse(value).map(Self).map_err(InputValueError::propagate),
        }
    }

    /// The default as the schema tells it; no other value is ever shown.
    fn to_value(&self) -> Value {
        Value::Object(async_graphql::indexmap::IndexMap::new())
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.0.as_raw_value()
    }
}

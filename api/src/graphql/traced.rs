//! The schema as the front executes it: an answer is shown once what it tells of persons is written down, a message of a subscription too.

use super::Api;
use crate::{security::Act, store::Store};
use async_graphql::{
    Data, Executor, Name, Pos, Request, Response,
    parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet},
};
use futures_util::{StreamExt, stream::BoxStream};
use std::{any::TypeId, sync::Arc};

/// Executes what the schema does, and writes down what was read.
#[derive(Clone)]
pub struct Traced(pub Api);

impl Executor for Traced {
    async fn execute(&self, mut request: Request) -> Response {
        let (store, act) = (store(&request), act(&mut request));
        settled(store, &act, self.0.execute(request).await).await
    }

    fn execute_stream(&self, mut request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let (store, act) = (store(&request), Arc::new(act(&mut request)));
        let settle = move |response| {
            let (store, act) = (store.clone(), act.clone());
            async move { settled(store, &act, response).await }
        };
        Executor::execute_stream(&self.0, request, session_data).then(settle).boxed()
    }
}

fn store(request: &Request) -> Option<Store> {
    request.data.get(&TypeId::of::<Store>())?.downcast_ref::<Store>().cloned()
}

/// What a request asks for: the root fields of its operation.
fn act(request: &mut Request) -> Act {
    let name = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else { return Act::default() };
    let chosen = |(own, _): &(Option<&Name>, _)| name.is_none() || own.map(Name::as_str) == name.as_deref();
    let Some((_, operation)) = document.operations.iter().find(chosen) else { return Act::default() };
    let mut fields = Vec::new();
    collect(&operation.node.selection_set.node, document, &mut fields);
    Act { fields: fields.join(" "), changes: operation.node.ty == OperationType::Mutation }
}

/// Root fields of a document that passed the guard, which bounds how many there are and how deep fragments go.
fn collect<'a>(set: &'a SelectionSet, document: &'a ExecutableDocument, fields: &mut Vec<&'a str>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => fields.push(field.node.name.node.as_str()),
            Selection::InlineFragment(fragment) => collect(&fragment.node.selection_set.node, document, fields),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(&fragment.node.selection_set.node, document, fields);
                }
            }
        }
    }
}

/// The answer, unless what it rests on could not be written down.
async fn settled(store: Option<Store>, act: &Act, response: Response) -> Response {
    let Some(store) = store else { return response };
    if let Some(voice) = store.voice() {
        voice.answered(act, &response.errors);
    }
    match store.write_readings_down().await {
        Ok(()) => response,
        Err(error) => Response::from_errors(vec![async_graphql::Error::from(error).into_server_error(Pos::default())]),
    }
}

//! The schema as the front executes it: an answer is shown once what it tells of persons is written down, a message of a subscription too.

use super::Api;
use crate::store::Store;
use async_graphql::{Data, Executor, Pos, Request, Response};
use futures_util::{StreamExt, stream::BoxStream};
use std::{any::TypeId, sync::Arc};

/// Executes what the schema does, and writes down what was read.
#[derive(Clone)]
pub struct Traced(pub Api);

impl Executor for Traced {
    async fn execute(&self, request: Request) -> Response {
        let store = store(&request);
        settled(store, self.0.execute(request).await).await
    }

    fn execute_stream(&self, request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let store = store(&request);
        Executor::execute_stream(&self.0, request, session_data).then(move |response| settled(store.clone(), response)).boxed()
    }
}

fn store(request: &Request) -> Option<Store> {
    request.data.get(&TypeId::of::<Store>())?.downcast_ref::<Store>().cloned()
}

/// The answer, unless what it rests on could not be written down.
async fn settled(store: Option<Store>, response: Response) -> Response {
    let Some(store) = store else { return response };
    match store.write_readings_down().await {
        Ok(()) => response,
        Err(error) => Response::from_errors(vec![async_graphql::Error::from(error).into_server_error(Pos::default())]),
    }
}

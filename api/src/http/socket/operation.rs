//! One operation of a WebSocket: admitted, guarded, measured and executed as over HTTP, its results as messages.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Executor, ServerError, Value, parser::types::OperationType};
use futures_util::{FutureExt, StreamExt};
use jobs::database::to_the_end;
use tokio::{sync::mpsc, time::timeout_at};

use super::protocol;
use crate::http::{Shared, answer::Reply, decode::Params, graphql::Call, problem::Problem};

/// A message of an operation.
pub(super) struct Said {
    pub(super) id: String,
    pub(super) turn: u64,
    pub(super) text: String,
    /// Whether it is the operation's last.
    pub(super) last: bool,
}

/// One operation.
pub(super) struct Operation<E> {
    pub(super) shared: Arc<Shared<E>>,
    pub(super) call: Call,
    pub(super) id: String,
    pub(super) turn: u64,
    pub(super) said: mpsc::Sender<Said>,
}

impl<E: Executor> Operation<E> {
    /// Does it to its end. It waits wherever the client reads more slowly than it goes.
    pub(super) async fn run(self, params: Params) {
        let done = AssertUnwindSafe(self.work(params)).catch_unwind().await;
        let errors = done.unwrap_or_else(|_| {
            tracing::error!("an operation panicked");
            Err(self.refused(Problem::internal(self.call.id.clone())))
        });
        let text = match errors {
            Ok(()) => protocol::complete(&self.id),
            Err(errors) => protocol::error(&self.id, &errors),
        };
        self.say(text, true).await;
    }

    async fn work(&self, params: Params) -> Result<(), Vec<ServerError>> {
        let front = &self.shared.front;
        let admission = self.shared.admit(&self.call).await.map_err(|problem| self.refused(problem))?;
        let mut budget = front.limits.cost;
        let prepared = self.shared.prepare(&self.call, &admission, params, &mut budget).map_err(|problem| self.refused(problem))?;
        if prepared.kind != OperationType::Subscription {
            let slot = self.shared.slots.clone().try_acquire_owned().map_err(|_| self.refused(Problem::busy()))?;
            let (executor, deadline, kind, request) = (front.executor.clone(), self.call.deadline, prepared.kind, prepared.request);
            let executing = async move {
                let response = timeout_at(deadline, executor.execute(request)).await;
                drop(slot);
                response.map_err(|_| Problem::timed_out())
            };
            // A mutation is decided, also where the client stops it or goes away; a query is given up.
            let response = if kind == OperationType::Mutation { to_the_end(executing).await } else { executing.await };
            return self.next(response.map_err(|problem| self.refused(problem))?, false).await;
        }
        let mut responses = front.executor.execute_stream(prepared.request, None);
        while let Some(response) = responses.next().await {
            self.next(response, true).await?;
        }
        Ok(())
    }

    /// Sends a result. Errors without data end a stream: it could not begin, or broke.
    async fn next(&self, response: async_graphql::Response, of_stream: bool) -> Result<(), Vec<ServerError>> {
        let reply = Reply::of(response, self.call.locale, &self.call.id);
        let is_null = reply.data.as_ref().is_none_or(|data| *data == Value::Null);
        if !reply.errors.is_empty() && is_null && (of_stream || reply.data.is_none()) {
            return Err(reply.errors);
        }
        let payload = reply.json().ok().and_then(|json| String::from_utf8(json).ok());
        let payload = payload.ok_or_else(|| self.refused(Problem::internal(self.call.id.clone())))?;
        self.say(protocol::next(&self.id, &payload), false).await;
        Ok(())
    }

    fn refused(&self, problem: Problem) -> Vec<ServerError> {
        vec![problem.into_error(self.call.locale)]
    }

    async fn say(&self, text: String, last: bool) {
        // Where nobody takes it any more, the socket is closed and we are about to be.
        let _ = self.said.send(Said { id: self.id.clone(), turn: self.turn, text, last }).await;
    }
}

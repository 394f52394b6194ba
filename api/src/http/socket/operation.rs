//! One operation of a WebSocket: admitted, guarded, measured and executed as over HTTP, its results as messages.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Executor, ServerError, Value, parser::types::OperationType};
use futures_util::{FutureExt, StreamExt};
use jobs::database::to_the_end;
use tokio::{sync::mpsc, time::timeout_at};

use super::protocol;
use crate::http::{
    Shared,
    answer::Reply,
    decode::Params,
    gate::Memory,
    graphql::{Call, Prepared},
    problem::Problem,
};

/// A message of an operation.
pub(super) struct Said {
    pub(super) id: String,
    pub(super) turn: u64,
    pub(super) text: String,
    /// The memory that a result is in, until it is on the line.
    pub(super) memory: Option<Memory>,
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
    pub(super) async fn run(self, params: Params, memory: Result<Memory, Problem>) {
        let done = AssertUnwindSafe(self.work(params, memory)).catch_unwind().await;
        let errors = done.unwrap_or_else(|_| {
            tracing::error!("an operation panicked");
            Err(self.refused(Problem::internal(self.call.id.clone())))
        });
        let text = match errors {
            Ok(()) => protocol::complete(&self.id),
            Err(errors) => protocol::error(&self.id, &errors),
        };
        self.say(text, None, true).await;
    }

    async fn work(&self, params: Params, memory: Result<Memory, Problem>) -> Result<(), Vec<ServerError>> {
        let executor = &self.shared.front.executor;
        let refused = |problem| self.refused(problem);
        let admission = self.shared.admit(&self.call).await.map_err(refused)?;
        let refused = |problem| self.refused(admission.told(problem));
        let mut allowance = self.shared.allowance(memory.map_err(refused)?, true);
        let prepared = self.shared.prepare(&self.call, &admission, params, &mut allowance).map_err(refused)?;
        let Prepared { request, kind, left } = prepared;
        if kind != OperationType::Subscription {
            let budgets = self.shared.gate.budgets();
            let place = budgets.enter(admission.who()).map_err(refused)?;
            let slot = self.shared.gate.slot(admission.who()).map_err(refused)?;
            let deadline = self.call.deadline;
            let turn = timeout_at(deadline, budgets.turn(admission.who(), left.requested)).await;
            let turn = turn.unwrap_or_else(|_| Err(Problem::timed_out())).map_err(refused)?;
            let executor = executor.clone();
            let executing = async move {
                let response = timeout_at(deadline, executor.execute(request)).await;
                drop((turn, slot, place));
                response.map_err(|_| Problem::timed_out())
            };
            // A mutation is decided, also where the client stops it or goes away; a query is given up.
            let response = if kind == OperationType::Mutation { to_the_end(executing).await } else { executing.await };
            return self.next(response.map_err(refused)?, Some(left.said_with_rest()), kind, &allowance.memory).await;
        }
        let mut responses = executor.execute_stream(request, None);
        let mut cost = Some(left.said_with_rest());
        while let Some(response) = responses.next().await {
            self.next(response, cost.take(), kind, &allowance.memory).await?;
        }
        Ok(())
    }

    /// Sends a result. Errors without data end a stream: it could not begin, or broke.
    async fn next(
        &self,
        response: async_graphql::Response,
        cost: Option<Value>,
        of: OperationType,
        memory: &Memory,
    ) -> Result<(), Vec<ServerError>> {
        let reply = Reply::of(response, cost, self.call.locale, &self.call.id);
        let is_null = reply.data.as_ref().is_none_or(|data| *data == Value::Null);
        if !reply.errors.is_empty() && is_null && (of == OperationType::Subscription || reply.data.is_none()) {
            return Err(reply.errors);
        }
        let payload = reply.json().ok().and_then(|json| String::from_utf8(json).ok());
        let payload = payload.ok_or_else(|| self.refused(Problem::internal(self.call.id.clone())))?;
        let text = protocol::next(&self.id, &payload);
        let memory = memory.beside(text.len(), of == OperationType::Mutation).map_err(|problem| self.refused(problem))?;
        self.say(text, Some(memory), false).await;
        Ok(())
    }

    fn refused(&self, problem: Problem) -> Vec<ServerError> {
        problem.into_errors(self.call.locale)
    }

    async fn say(&self, text: String, memory: Option<Memory>, last: bool) {
        // Where nobody takes it any more, the socket is closed and we are about to be.
        let _ = self.said.send(Said { id: self.id.clone(), turn: self.turn, text, memory, last }).await;
    }
}

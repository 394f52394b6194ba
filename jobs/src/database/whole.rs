//! What is never left half done: begin and commit come to their end even where nobody waits for them any more.
//!
//! A request may be dropped at any await. A BEGIN that is dropped between its sending and its answer leaves a pooled connection of
//! PostgreSQL inside a transaction of which its client knows nothing, so that whoever is next works inside it.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::runtime::Handle;
use tracing::{Instrument, instrument::Instrumented};

/// Waits for `work`. Dropped before that is done, it hands the rest over to a task of its own, in which what `work` returns is dropped as
/// well: a transaction that nobody has taken is rolled back there.
pub fn to_the_end<F>(work: F) -> ToTheEnd<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    ToTheEnd { work: Some(Box::pin(work.in_current_span())) }
}

/// Made by [`to_the_end`].
pub struct ToTheEnd<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    work: Option<Pin<Box<Instrumented<F>>>>,
}

impl<F> Future for ToTheEnd<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // What panics is not polled again.
        let Some(mut work) = self.work.take() else { return Poll::Pending };
        let done = work.as_mut().poll(context);
        if done.is_pending() {
            self.work = Some(work);
        }
        done
    }
}

impl<F> Drop for ToTheEnd<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    fn drop(&mut self) {
        // Without a runtime the process ends, and the engine takes everything back.
        if let Some(work) = self.work.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move { drop(work.await) });
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use futures_util::{FutureExt, poll};
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn what_is_dropped_halfway_goes_on_to_its_end() {
        let (go_on, until) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let mut work = Box::pin(to_the_end(async move {
            until.await.unwrap();
            tell.send(7).unwrap();
        }));
        assert!(poll!(&mut work).is_pending());
        drop(work);
        go_on.send(()).unwrap();
        assert_eq!(told.await, Ok(7));
    }

    #[tokio::test]
    async fn what_nobody_has_begun_is_done_as_well_and_its_outcome_is_dropped() {
        struct Outcome(Option<oneshot::Sender<()>>);
        impl Drop for Outcome {
            fn drop(&mut self) {
                self.0.take().unwrap().send(()).unwrap();
            }
        }
        let (tell, told) = oneshot::channel();
        drop(to_the_end(async move { Outcome(Some(tell)) }));
        told.await.unwrap();
    }

    #[tokio::test]
    async fn what_is_done_or_has_panicked_is_not_done_again() {
        assert_eq!(to_the_end(async { 7 }).await, 7);
        let twice = Arc::new(AtomicBool::new(false));
        let mark = twice.clone();
        let work = to_the_end(async move {
            assert!(!mark.swap(true, Ordering::SeqCst));
            panic!("as the test wants");
        });
        let outcome: Result<(), _> = std::panic::AssertUnwindSafe(work).catch_unwind().await;
        assert!(outcome.is_err());
    }
}

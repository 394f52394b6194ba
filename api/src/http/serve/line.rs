//! A connection whose other end must take what it is sent: whoever reads too slowly is cut off, so that no answer stays in memory for long.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

/// Bytes a second that a client must take in the long run.
const RATE: u32 = 64 << 10;

/// A connection. A client may be behind by `patience`; each byte that it takes makes up for some of that.
pub(super) struct Line {
    stream: TcpStream,
    patience: Duration,
    /// What is left of it.
    left: Duration,
    /// Since when something waits to be taken, and until when it may.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Line {
    pub(super) fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream, patience, left: patience, waiting: None }
    }

    /// Looks at the clock after an attempt to write.
    fn watch<T>(&mut self, context: &mut Context<'_>, tried: Poll<io::Result<T>>, taken: impl Fn(&T) -> usize) -> Poll<io::Result<T>> {
        let Poll::Ready(done) = tried else {
            let now = Instant::now();
            let (_, alarm) = self.waiting.get_or_insert_with(|| (now, Box::pin(sleep_until(now + self.left))));
            ready!(alarm.as_mut().poll(context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        };
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let bytes = done.as_ref().map(taken).unwrap_or_default();
        let earned = Duration::from_secs(u64::try_from(bytes).unwrap_or(u64::MAX)) / RATE;
        self.left = self.left.saturating_add(earned).min(self.patience);
        Poll::Ready(done)
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, tried, |taken| *taken)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watch(context, tried, |taken| *taken)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

//! Deadlines of a connection: a stream that fails when its peer is too slow.
//!
//! The fast path pays one atomic load and one reading of the monotonic clock; one coarse timer per connection
//! looks at the deadlines, and only while the connection waits.

use crate::limits::Limits;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Counts the requests of one connection, so that waiting for an answer is not taken for idleness.
#[derive(Debug, Default, Clone)]
pub(crate) struct Underway(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Underway {
    /// Marks a request as under way until the mark is dropped.
    pub(crate) fn begin(&self) -> Mark {
        self.0.begun.fetch_add(1, Ordering::AcqRel);
        Mark(self.0.clone())
    }

    /// Waits until nothing has been under way for a moment.
    pub(crate) async fn quiet(&self) {
        let moment = Duration::from_millis(200);
        let mut still = false;
        loop {
            tokio::time::sleep(moment).await;
            match (self.any(), still) {
                (false, true) => return,
                (any, _) => still = !any,
            }
        }
    }

    fn any(&self) -> bool {
        self.0.ended.load(Ordering::Acquire) != self.begun()
    }

    fn begun(&self) -> usize {
        self.0.begun.load(Ordering::Acquire)
    }
}

/// A request under way.
pub(crate) struct Mark(Arc<Counts>);

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::AcqRel);
    }
}

/// What the stream waits for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Waiting {
    /// The first byte of a request.
    Idle(Instant),
    /// The rest of a request's head, of which bytes have come.
    Head(Instant),
    /// An answer, or a body, which has its own deadline.
    Answer,
}

/// A stream with deadlines.
pub(crate) struct Paced<S> {
    stream: S,
    underway: Underway,
    head: Duration,
    idle: Duration,
    waiting: Waiting,
    /// How many requests had begun at the last look.
    begun: usize,
    /// Since when the peer takes no bytes.
    stalled: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    step: Duration,
}

impl<S> Paced<S> {
    /// Paces a stream whose requests are heads and bodies in turn (HTTP/1).
    pub(crate) fn new(stream: S, underway: Underway, limits: &Limits) -> Self {
        Self::with(stream, underway, limits.head_time, limits.idle_time)
    }

    /// Paces a stream of frames (HTTP/2), where a byte is not yet the start of a head.
    pub(crate) fn multiplexed(stream: S, underway: Underway, limits: &Limits) -> Self {
        Self::with(stream, underway, limits.idle_time, limits.idle_time)
    }

    fn with(stream: S, underway: Underway, head: Duration, idle: Duration) -> Self {
        let step = (head.min(idle) / 4).max(Duration::from_millis(5));
        let now = Instant::now();
        let timer = Box::pin(tokio::time::sleep_until(now + step));
        // A new connection owes its first head at once.
        Self {
            stream,
            underway,
            head,
            idle,
            waiting: Waiting::Head(now),
            begun: 0,
            stalled: None,
            timer,
            step,
        }
    }

    /// Notes what a read brought.
    fn received(&mut self, bytes: usize) {
        self.settle();
        if bytes > 0 && matches!(self.waiting, Waiting::Idle(_)) {
            self.waiting = Waiting::Head(Instant::now());
        }
    }

    /// Finds out what is waited for now.
    fn settle(&mut self) {
        let begun = self.underway.begun();
        if self.underway.any() {
            self.waiting = Waiting::Answer;
        } else if begun != self.begun || self.waiting == Waiting::Answer {
            self.waiting = Waiting::Idle(Instant::now());
        }
        self.begun = begun;
    }

    fn late(&self, now: Instant) -> bool {
        let over = |since: Instant, limit| now.saturating_duration_since(since) >= limit;
        let reading = match self.waiting {
            Waiting::Idle(since) => over(since, self.idle),
            Waiting::Head(since) => over(since, self.head),
            Waiting::Answer => false,
        };
        reading || self.stalled.is_some_and(|since| over(since, self.idle))
    }

    /// Fails if a deadline is over; otherwise sees to being woken to look again.
    fn watch(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while self.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            self.settle();
            if self.late(now) {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the peer is too slow"));
            }
            self.timer.as_mut().reset(now + self.step);
        }
        Ok(())
    }

    /// Notes the outcome of a write, and fails if the peer has taken nothing for too long.
    fn wrote(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        self.stalled.get_or_insert_with(Instant::now);
        match self.watch(cx) {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, buffer) {
            Poll::Ready(outcome) => {
                this.received(buffer.filled().len() - before);
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                this.settle();
                match this.watch(cx) {
                    Ok(()) => Poll::Pending,
                    Err(error) => Poll::Ready(Err(error)),
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! The wish to stop, and who has heard it.

use std::io;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

/// A listener's ear: every task of the server holds one until it ends.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    wish: watch::Receiver<bool>,
    _alive: mpsc::Sender<()>,
}

impl Stop {
    /// Waits until the server is to stop.
    pub(crate) async fn wait(&mut self) {
        // An error means that nobody is left who could wish it: stop as well.
        let _ = self.wish.wait_for(|wish| *wish).await;
    }
}

/// Stops the server's tasks and waits for them.
pub(crate) struct Stopper {
    wish: watch::Sender<bool>,
    alive: mpsc::Receiver<()>,
}

/// A stopper and the first ear.
pub(crate) fn channel() -> (Stopper, Stop) {
    let (wish, heard) = watch::channel(false);
    let (sender, alive) = mpsc::channel(1);
    (Stopper { wish, alive }, Stop { wish: heard, _alive: sender })
}

impl Stopper {
    /// Tells every task to stop and waits for them, at most `patience`; tells whether all have ended.
    pub(crate) async fn stop(mut self, patience: Duration) -> bool {
        self.wish.send_replace(true);
        tokio::time::timeout(patience, self.alive.recv()).await.is_ok()
    }
}

/// SIGTERM and SIGINT, heard from the moment that this is made.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens; within a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for either.
    pub(crate) async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// SIGHUP: read what may have been renewed.
pub(crate) struct Renewals(Signal);

impl Renewals {
    /// Listens; within a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self(signal(SignalKind::hangup())?))
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

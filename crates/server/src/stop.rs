//! The wish to stop, and who has heard it.

use std::io;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
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

/// Waits for SIGTERM or SIGINT.
pub(crate) async fn signalled() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

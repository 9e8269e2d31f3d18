//! The one reader of the log in a process: it turns events into messages for the sockets.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::message;
use super::{Live, store};

/// How often the log is read where no nudge comes: another process may have written.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Events that are read at once.
const BATCH: i64 = 500;

/// Reads the log until the program stops. A database that does not answer is asked again.
pub async fn tail(live: Live) {
    loop {
        tokio::select! {
            () = live.posts.bus.nudged() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = live.stop.cancelled() => return,
        }
        if let Err(error) = read(&live).await {
            tracing::warn!(%error, "the log of events cannot be read; trying again");
        }
    }
}

async fn read(live: &Live) -> sqlx::Result<()> {
    loop {
        let events = store::events(&live.posts.db, live.head(), i64::MAX, BATCH).await?;
        let Some(last) = events.last() else {
            return Ok(());
        };
        let messages = message::messages(&live.posts, &events).await?;
        // The head moves first: a socket that subscribes in between reads what it has missed
        // out of the log, where it would otherwise miss it in both places.
        live.head.store(last.seq, Ordering::SeqCst);
        for message in messages {
            // There is an error where nobody listens.
            let _ = live.channel.send(Arc::new(message));
        }
    }
}

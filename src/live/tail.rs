//! The one reader of the log in a process: it keeps the newest posts in memory up to date, and
//! turns events into messages for the sockets.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::message;
use super::{Live, store};
use crate::posts::Reached;

/// How often the log is read where no nudge comes: another process may have written.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Events that are read at once.
const BATCH: i64 = 500;

/// Reads the log until the program stops. A database that does not answer is asked again.
pub async fn tail(live: Live) {
    loop {
        if let Err(error) = read(&live).await {
            tracing::warn!(%error, "the log of events cannot be read; trying again");
        }
        tokio::select! {
            () = live.posts.bus.nudged() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = live.stop.cancelled() => return,
        }
    }
}

/// Reads the log to its end.
async fn read(live: &Live) -> sqlx::Result<()> {
    let Live { posts, channel, .. } = live;
    // First of all: what is said to have grown by now is what is read.
    let growths = posts.bus.growths();
    if !posts.recent.is_loaded() {
        let seq = live.head();
        posts.load_recent(Reached { seq, growths }).await?;
    }
    loop {
        let events = store::events(&posts.db, live.head(), i64::MAX, BATCH).await?;
        let is_end = (events.len() as i64) < BATCH;
        let reached = Reached {
            seq: events.last().map_or(live.head(), |last| last.seq),
            growths: if is_end {
                growths
            } else {
                posts.recent.reached().growths
            },
        };
        let changes: Vec<_> = events
            .iter()
            .map(|event| (event.kind.0, event.post_id))
            .collect();
        let known = posts.follow(&changes, reached).await?;
        let messages = message::made_of(&events, &known);
        // The head moves first: a socket that subscribes in between reads what it has missed
        // out of the log, where it would otherwise miss it in both places.
        live.head.store(reached.seq, Ordering::SeqCst);
        for message in messages {
            // There is an error where nobody listens.
            let _ = channel.send(Arc::new(message));
        }
        if is_end {
            return Ok(());
        }
    }
}

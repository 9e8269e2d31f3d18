//! The one reader of the log in a process: it turns events into messages for the sockets.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::{Live, message, store};

/// How often the log is read where no nudge comes: another process may have written.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Events that are read at once.
const BATCH: i64 = 500;
/// What comes within this time of something else goes out with it.
const GATHER: Duration = Duration::from_millis(8);
/// How long something may wait for others.
const MAX_GATHER: Duration = Duration::from_millis(50);

/// Reads the log until the program stops. A database that does not answer is asked again.
pub async fn tail(live: Arc<Live>) {
    loop {
        tokio::select! {
            () = gathered(&live) => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = live.stop.cancelled() => return,
        }
        if let Err(error) = read(&live).await {
            tracing::warn!(%error, "the log of events cannot be read; trying again");
        }
    }
}

/// Waits for a nudge, and for those that follow close behind: what is read at once is written to
/// each socket at once, and the system call is what a delivery costs.
async fn gathered(live: &Live) {
    live.posts.bus.nudged().await;
    let more = async { while timeout(GATHER, live.posts.bus.nudged()).await.is_ok() {} };
    let _ = timeout(MAX_GATHER, more).await;
}

async fn read(live: &Live) -> sqlx::Result<()> {
    loop {
        let head = live.fanout.head();
        let events = store::events(&live.posts.db, head, i64::MAX, BATCH).await?;
        let Some(last) = events.last() else {
            return Ok(());
        };
        let messages = message::messages(&live.posts, &events).await?;
        let now = live.posts.clock.now();
        live.fanout.publish(last.seq, messages, now).await;
    }
}

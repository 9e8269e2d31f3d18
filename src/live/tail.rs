//! The one reader of the log in a process: it keeps the newest posts in memory up to date, and
//! turns events into messages for the sockets.
//!
//! What is read at once is written to each socket at once, and the system call is what a delivery
//! costs. So messages are gathered for a moment before they go out. Whoever reads a page does not
//! wait for that: the log is read for them as soon as they ask.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::message::Message;
use super::{Live, message, store};
use crate::posts::Reached;

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
    let mut reader = Reader {
        head: live.fanout.head(),
        unsaid: Vec::new(),
        live,
    };
    let mut times = Times::new(Instant::now());
    loop {
        tokio::select! {
            () = reader.live.posts.bus.nudged() => times.nudged(Instant::now()),
            () = reader.live.posts.recent.wanted() => reader.read().await,
            () = sleep_until(times.due()) => {
                times = Times::new(Instant::now() + LOOK_AGAIN);
                reader.read().await;
                reader.say().await;
            }
            () = reader.live.stop.cancelled() => return,
        }
    }
}

/// When messages go out.
struct Times {
    /// Where nothing is said: the log may have grown all the same.
    look_again: Instant,
    /// The first nudge, and the last one.
    nudges: Option<(Instant, Instant)>,
}

impl Times {
    /// Nothing was said; the log is read at `look_again` at the latest.
    fn new(look_again: Instant) -> Times {
        Times {
            look_again,
            nudges: None,
        }
    }

    fn nudged(&mut self, now: Instant) {
        let first = self.nudges.map_or(now, |(first, _)| first);
        self.nudges = Some((first, now));
    }

    fn due(&self) -> Instant {
        match self.nudges {
            None => self.look_again,
            Some((first, last)) => (last + GATHER).min(first + MAX_GATHER),
        }
    }
}

struct Reader {
    live: Arc<Live>,
    /// The number of the last event that was read.
    head: i64,
    /// Messages that were made and did not go out yet.
    unsaid: Vec<Message>,
}

impl Reader {
    /// Reads the log to its end.
    async fn read(&mut self) {
        if let Err(error) = self.read_on().await {
            tracing::warn!(%error, "the log of events cannot be read; trying again");
        }
    }

    async fn read_on(&mut self) -> sqlx::Result<()> {
        let posts = &self.live.posts;
        // First of all: what is said to have grown by now is what is read.
        let growths = posts.bus.growths();
        if !posts.recent.is_loaded() {
            let seq = self.head;
            posts.load_recent(Reached { seq, growths }).await?;
        }
        loop {
            let events = store::events(&posts.db, self.head, i64::MAX, BATCH).await?;
            let is_end = (events.len() as i64) < BATCH;
            let reached = Reached {
                seq: events.last().map_or(self.head, |last| last.seq),
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
            self.unsaid.extend(message::made_of(&events, &known));
            self.head = reached.seq;
            if is_end {
                return Ok(());
            }
        }
    }

    /// Tells everybody what was read.
    async fn say(&mut self) {
        let fanout = &self.live.fanout;
        if self.head == fanout.head() {
            return;
        }
        let now = self.live.posts.clock.now();
        let messages = std::mem::take(&mut self.unsaid);
        fanout.publish(self.head, messages, now).await;
    }
}

//! The log of events in the database, and the nudge that says it grew.
//!
//! The database is the truth: an event is appended in the transaction of the write that it
//! tells of, and whoever wants events reads them out of the database in the order of their
//! numbers. The bus only says "look again", so that nobody has to wait for the next look.
//! A nudge that is lost costs a moment, never an event.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::clock::Time;
use crate::db::{Tx, on_tx};
use crate::ids::PostId;

/// What happened to a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It became live.
    Post,
    /// Its reactions changed.
    Reactions,
    /// It is no longer live.
    Gone,
    /// Its state changed: its author is told.
    Notice,
}

impl EventKind {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::Post => "post",
            EventKind::Reactions => "reactions",
            EventKind::Gone => "gone",
            EventKind::Notice => "notice",
        }
    }
}

impl std::str::FromStr for EventKind {
    type Err = ();
    fn from_str(name: &str) -> Result<EventKind, ()> {
        [
            EventKind::Post,
            EventKind::Reactions,
            EventKind::Gone,
            EventKind::Notice,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
        .ok_or(())
    }
}

/// Appends an event to the log, in the transaction of the write that it tells of; nudge the
/// bus after the commit. Returns its sequence number.
pub async fn append(tx: &mut Tx, kind: EventKind, post: PostId, now: Time) -> sqlx::Result<i64> {
    // The update locks the row until the commit: numbers are committed in their order.
    let seq: i64 = on_tx!(tx, |c| sqlx::query_scalar(
        "UPDATE event_head SET seq = seq + 1 WHERE id = 1 RETURNING seq"
    )
    .fetch_one(c)
    .await)?;
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO events (seq, kind, post_id, made_at) VALUES ($1, $2, $3, $4)"
    )
    .bind(seq)
    .bind(kind.as_str())
    .bind(post)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))?;
    Ok(seq)
}

/// Wakes whoever waits for the log to grow, in this process.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Notify>);

impl Bus {
    /// Says that the log has grown. Call it after the commit, never before.
    pub fn nudge(&self) {
        // `notify_one` keeps the nudge for a waiter that is busy just now.
        self.0.notify_one();
    }

    /// Waits for a nudge; there is one waiter, the reader of the log.
    pub async fn nudged(&self) {
        self.0.notified().await;
    }
}

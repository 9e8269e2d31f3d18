//! The SQL of the log of events, for its readers.

use std::time::Duration;

use crate::bus::EventKind;
pub use crate::bus::head;
use crate::clock::Time;
use crate::db::{Db, Name, Tx, on_db, on_tx};
use crate::ids::PostId;

/// For how long a socket can resume.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);

/// One line of the log.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Event {
    /// Its number.
    pub seq: i64,
    /// What happened.
    pub kind: Name<EventKind>,
    /// To which post.
    pub post_id: PostId,
}

/// The events with numbers above `after` and up to `to`, in order, at most `limit`.
pub async fn events(db: &Db, after: i64, to: i64, limit: i64) -> sqlx::Result<Vec<Event>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT seq, kind, post_id FROM events WHERE seq > $1 AND seq <= $2
         ORDER BY seq LIMIT $3"
    )
    .bind(after)
    .bind(to)
    .bind(limit)
    .fetch_all(c)
    .await)
}

/// The number of the oldest event that is kept, where one is.
pub async fn oldest(db: &Db) -> sqlx::Result<Option<i64>> {
    on_db!(db, |c| sqlx::query_scalar("SELECT min(seq) FROM events")
        .fetch_one(c)
        .await)
}

/// Forgets the events that are older than a day.
pub async fn prune(tx: &mut Tx, now: Time) -> sqlx::Result<u64> {
    on_tx!(tx, |c| sqlx::query("DELETE FROM events WHERE made_at < $1")
        .bind(now.minus(KEEP))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))
}

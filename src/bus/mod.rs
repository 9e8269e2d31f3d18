//! The log of events in the database, and the nudge that says it grew.
//!
//! The database is the truth: an event is appended in the transaction of the write that it
//! tells of, and whoever wants events reads them out of the database in the order of their
//! numbers. The bus only says "look again", so that nobody has to wait for the next look.
//! A nudge that is lost costs a moment, never an event.
//!
//! A second kind of nudge says that an account changed: what is remembered of accounts is
//! forgotten then, whosever it is, because a nudge names nobody. A third says that cases did:
//! whoever has the queue on their screen looks again.

mod head;
mod relay;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::QueryBuilder;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

pub use head::Head;
use relay::Relay;

use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx, push_rows};
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
/// bus after the commit.
pub async fn append(tx: &mut Tx, kind: EventKind, post: PostId, now: Time) -> sqlx::Result<()> {
    append_all(tx, &[(kind, post)], now).await
}

/// Appends events to the log, in their order. Make it the last thing before the commit: from
/// here to there, nobody else can append.
pub async fn append_all(
    tx: &mut Tx,
    events: &[(EventKind, PostId)],
    now: Time,
) -> sqlx::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    // The update locks the row until the commit: numbers are committed in their order.
    let last: i64 = on_tx!(tx, |c| sqlx::query_scalar(
        "UPDATE event_head SET seq = seq + $1 WHERE id = 1 RETURNING seq"
    )
    .bind(events.len() as i64)
    .fetch_one(c)
    .await)?;
    let numbered = (last - events.len() as i64 + 1..).zip(events);
    on_tx!(tx, |c| {
        let mut query = QueryBuilder::new("WITH new (seq, kind, post_id, made_at) AS (");
        push_rows(&mut query, numbered, |row, (seq, (kind, post))| {
            row.push_bind(seq)
                .push_bind(kind.as_str())
                .push_bind(*post)
                .push_bind(now);
        });
        query
            .push(
                ") INSERT INTO events (seq, kind, post_id, made_at)
                 SELECT DISTINCT seq, kind, post_id, made_at FROM new",
            )
            .build()
            .execute(c)
            .await
            .map(|_| ())
    })
}

/// The number of the last event that is committed.
pub async fn head(db: &Db) -> sqlx::Result<i64> {
    on_db!(db, |c| sqlx::query_scalar(
        "SELECT seq FROM event_head WHERE id = 1"
    )
    .fetch_one(c)
    .await)
}

/// What one process tells every other: that something changed, never what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nudge {
    /// The log has grown.
    LogGrew,
    /// An account changed, was erased, or was signed out.
    AccountsChanged,
    /// A case was opened, or changed.
    CasesChanged,
}

/// Says what changed: in this process, and over Redis in every other.
#[derive(Clone, Debug, Default)]
pub struct Bus {
    heard: Arc<Heard>,
    relay: Option<Arc<Relay>>,
}

/// What this process has heard.
#[derive(Debug, Default)]
struct Heard {
    /// Wakes the one reader of the log in this process.
    log_grew: Notify,
    /// How often it grew, or was to be read again.
    growths: AtomicU64,
    /// How often an account changed.
    account_changes: AtomicU64,
    /// How often cases changed.
    case_changes: watch::Sender<u64>,
}

impl Heard {
    fn hear(&self, nudge: Nudge) {
        match nudge {
            Nudge::LogGrew => {
                self.growths.fetch_add(1, Ordering::SeqCst);
                // It is kept for a waiter that is busy just now.
                self.log_grew.notify_one();
            }
            Nudge::AccountsChanged => {
                self.account_changes.fetch_add(1, Ordering::SeqCst);
            }
            Nudge::CasesChanged => self.case_changes.send_modify(|changes| *changes += 1),
        }
    }
}

/// What carries nudges between processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Nothing: there is one process, or the others look for themselves every second.
    InProcess,
    /// Redis, which answers.
    Redis,
    /// Redis, which does not answer just now: every process looks for itself every second.
    RedisGone,
}

impl Carrier {
    /// What it is called where people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Carrier::InProcess => "in process",
            Carrier::Redis => "Redis",
            Carrier::RedisGone => "Redis, which does not answer",
        }
    }
}

impl Bus {
    /// A bus that also nudges the other processes at the same Redis.
    ///
    /// # Errors
    /// Where `url` is not an address of Redis; whether it answers shows later.
    pub fn over_redis(url: &str) -> redis::RedisResult<Bus> {
        Ok(Bus {
            heard: Arc::default(),
            relay: Some(Arc::new(Relay::new(url)?)),
        })
    }

    /// Commits, and tells everybody: even where whoever asked has hung up, and nobody waits for
    /// the answer any more.
    pub async fn commit(&self, tx: Tx, nudge: Nudge) -> sqlx::Result<()> {
        self.commit_telling(tx, [nudge]).await
    }

    /// As [`Bus::commit`], of a write that changes more than one thing.
    pub async fn commit_telling<const N: usize>(
        &self,
        tx: Tx,
        nudges: [Nudge; N],
    ) -> sqlx::Result<()> {
        let bus = self.clone();
        let committed = tokio::spawn(async move {
            let outcome = tx.commit().await;
            // After an error, too: it may be committed, and the answer got lost.
            for nudge in nudges {
                bus.tell(nudge);
            }
            outcome
        });
        committed
            .await
            .unwrap_or_else(|ended| Err(sqlx::Error::Io(std::io::Error::other(ended))))
    }

    /// Says that the log has grown. Call it after the commit, never before.
    pub fn nudge(&self) {
        self.tell(Nudge::LogGrew);
    }

    /// Waits until the log should be read; there is one waiter, the reader of the log.
    pub async fn nudged(&self) {
        self.heard.log_grew.notified().await;
    }

    /// How often it was said here that the log grew. Whoever notes this first, and reads the
    /// log then, knows all that was said so far.
    pub fn growths(&self) -> u64 {
        self.heard.growths.load(Ordering::SeqCst)
    }

    /// How often it was said here that an account changed: what was read of accounts when this
    /// was less is old.
    pub fn account_changes(&self) -> u64 {
        self.heard.account_changes.load(Ordering::SeqCst)
    }

    /// Says that cases changed. Call it after the commit, never before.
    pub fn cases_changed(&self) {
        self.tell(Nudge::CasesChanged);
    }

    /// Counts how often it was said here that cases changed; whoever holds it can wait for the
    /// next time.
    pub fn case_changes(&self) -> watch::Receiver<u64> {
        self.heard.case_changes.subscribe()
    }

    fn tell(&self, nudge: Nudge) {
        self.heard.hear(nudge);
        if let Some(relay) = &self.relay {
            relay.send(nudge);
        }
    }

    /// Carries nudges to and from the other processes, until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        if let Some(relay) = &self.relay {
            relay.run(&self.heard, stop).await;
        }
    }

    /// What carries nudges between processes now.
    pub fn carrier(&self) -> Carrier {
        match &self.relay {
            None => Carrier::InProcess,
            Some(relay) if relay.is_connected() => Carrier::Redis,
            Some(_) => Carrier::RedisGone,
        }
    }
}

//! The live socket: what happens, as it happens.
//!
//! One task reads the log of events out of the database ([`tail()`]) and makes each into a
//! message once; every socket takes the messages from a bounded channel. Whoever
//! falls behind, or comes back, reads what they missed out of the database: the channel may
//! lose a message, the log does not. A post that is not live never becomes a message, because
//! messages are made from posts as everybody sees them.

mod message;
mod routes;
mod socket;
mod store;
mod subscriber;
mod tail;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::{Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use routes::routes;
pub use store::prune;
pub use tail::tail;

use crate::accounts::Accounts;
use crate::posts::Posts;
use message::Message;

/// Messages that may wait for a socket before it has to read the log.
const CHANNEL: usize = 1_024;
/// Sockets that one process takes.
const MAX_SOCKETS: usize = 20_000;

/// What the sockets share.
#[derive(Clone)]
pub struct Live {
    posts: Posts,
    accounts: Accounts,
    channel: broadcast::Sender<Arc<Message>>,
    /// The last event that was made into a message here.
    head: Arc<AtomicI64>,
    places: Arc<Semaphore>,
    stop: CancellationToken,
    sockets: TaskTracker,
}

impl Live {
    /// No sockets yet; they end when `stop` is cancelled.
    pub async fn new(
        posts: Posts,
        accounts: Accounts,
        stop: CancellationToken,
    ) -> sqlx::Result<Live> {
        let head = store::head(&posts.db).await?;
        Ok(Live {
            posts,
            accounts,
            channel: broadcast::channel(CHANNEL).0,
            head: Arc::new(AtomicI64::new(head)),
            places: Arc::new(Semaphore::new(MAX_SOCKETS)),
            stop,
            sockets: TaskTracker::new(),
        })
    }

    /// Waits until every socket has said goodbye. Call it after `stop` is cancelled.
    pub async fn closed(&self) {
        self.sockets.close();
        self.sockets.wait().await;
    }

    /// How many sockets are open.
    pub fn open_sockets(&self) -> usize {
        MAX_SOCKETS - self.places.available_permits()
    }

    fn head(&self) -> i64 {
        self.head.load(Ordering::SeqCst)
    }
}

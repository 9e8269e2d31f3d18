//! The live socket: what happens, as it happens.
//!
//! One task reads the log of events out of the database ([`tail()`]), makes each into a message
//! once, frames what came together once, and writes it to every socket (`fanout`): one system
//! call for a socket, however many messages there are. Each socket knows the number up to which
//! it was told everything. A socket that does not take all of it at once has a task of its own
//! (`session`) to finish, and to catch up: out of the latest messages, or out of the log, which
//! forgets later. Whoever comes back is told what is true now, out of the log. A post that is not
//! live never becomes a message, because messages are made from posts as everybody sees them.

mod connection;
mod end;
mod fanout;
mod frames;
mod heartbeat;
mod incoming;
mod message;
mod outgoing;
mod recent;
mod routes;
mod session;
mod store;
mod subscriber;
mod tail;
#[cfg(test)]
mod tests;
mod topics;
mod upgrade;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use heartbeat::heartbeat;
pub use routes::routes;
pub use store::prune;
pub use tail::tail;

use crate::accounts::Accounts;
use crate::posts::Posts;
use fanout::Fanout;

/// Sockets that one process takes.
const MAX_SOCKETS: usize = 20_000;
/// What a process has open beside its sockets: connections of requests, databases, files.
const OTHER_FILES: usize = 10_500;

/// What the sockets share.
pub struct Live {
    posts: Posts,
    accounts: Accounts,
    fanout: Arc<Fanout>,
    places: Arc<Semaphore>,
    stop: CancellationToken,
    sessions: TaskTracker,
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
            fanout: Arc::new(Fanout::new(head)),
            places: Arc::new(Semaphore::new(MAX_SOCKETS)),
            stop,
            sessions: TaskTracker::new(),
        })
    }

    /// Waits until every socket has said goodbye. Call it after `stop` is cancelled.
    pub async fn closed(&self) {
        self.sessions.close();
        self.sessions.wait().await;
    }

    /// How many sockets are open.
    pub fn open_sockets(&self) -> usize {
        MAX_SOCKETS - self.places.available_permits()
    }
}

/// Lets this process open as many files as the system allows, and says so where that is too few
/// for all the sockets that it would take.
pub fn raise_open_files() {
    let wanted = (MAX_SOCKETS + OTHER_FILES) as u64;
    match rlimit::increase_nofile_limit(wanted) {
        Ok(files) if files < wanted => tracing::warn!(
            files,
            wanted,
            "fewer files can be open than there may be connections: raise the hard limit \
             (ulimit -Hn, or LimitNOFILE= in the unit)"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the limit of open files cannot be raised"),
    }
}

//! Every message to every socket: one walk over the connections for what came together, and for
//! each one system call that writes all of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use futures_util::future::join_all;
use slab::Slab;
use tokio::task::spawn_blocking;

use super::connection::Connection;
use super::message::Message;
use super::recent::{Batch, Recent, still_true};
use crate::clock::Time;

/// Connections that are looked up at once.
const STRETCH: usize = 64;
/// Threads that share a walk, at the most.
const MAX_WALKERS: usize = 8;

/// The connections, and what they were told last.
pub struct Fanout {
    recent: Mutex<Recent>,
    connections: Mutex<Slab<Arc<Connection>>>,
    /// Threads that share a long walk.
    walkers: usize,
}

impl Fanout {
    /// Nobody listens; `head` is the number of the last event.
    pub fn new(head: i64) -> Fanout {
        Fanout {
            recent: Mutex::new(Recent::new(head)),
            connections: Mutex::default(),
            walkers: available_parallelism().map_or(1, |all| all.get().min(MAX_WALKERS)),
        }
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connections(&self) -> MutexGuard<'_, Slab<Arc<Connection>>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the last event that was made into a message here, or into none.
    pub fn head(&self) -> i64 {
        self.recent().head()
    }

    /// The messages after `seq`, and the number up to which they reach; none where memory does
    /// not reach back so far.
    pub fn after(&self, seq: i64) -> Option<(Vec<Arc<Message>>, i64)> {
        self.recent().after(seq)
    }

    /// Writes to a connection from now on. Answers its place.
    pub fn join(&self, connection: Arc<Connection>) -> usize {
        self.connections().insert(connection)
    }

    /// Forgets the connection at a place.
    pub fn leave(&self, place: usize) {
        self.connections().remove(place);
    }

    /// The connections at some places.
    pub fn at(&self, places: impl Iterator<Item = usize>) -> Vec<Arc<Connection>> {
        let connections = self.connections();
        places
            .filter_map(|place| connections.get(place).cloned())
            .collect()
    }

    /// Places that there are; not each is taken.
    pub fn places(&self) -> usize {
        self.connections().capacity()
    }

    /// Tells everybody the messages of the events up to `head`. Nobody waits for a slow reader.
    pub async fn publish(self: &Arc<Self>, head: i64, messages: Vec<Message>, now: Time) {
        let messages: Vec<_> = messages.into_iter().map(Arc::new).collect();
        let messages = still_true(messages.iter());
        let after = {
            let mut recent = self.recent();
            let after = recent.head();
            // First of all: whoever subscribes during the walk begins after it, and whoever
            // finishes catching up during the walk sees that there is more.
            recent.append(head, &messages, now);
            after
        };
        let batch = Arc::new(Batch::new(after, head, messages));
        let stretches = self.places().div_ceil(STRETCH);
        let walkers = self.walkers.min(stretches);
        let walks = (0..walkers).map(|first| {
            let (fanout, batch) = (self.clone(), batch.clone());
            spawn_blocking(move || fanout.walk((first..stretches).step_by(walkers), &batch))
        });
        for walk in join_all(walks).await {
            // Whoever was not reached finds that out with the next batch, and catches up.
            if let Err(error) = walk {
                tracing::error!(%error, "a walk over the live sockets broke off");
            }
        }
    }

    /// Writes a batch to some stretches of the connections, in a thread of its own: thousands of
    /// system calls, though none of them waits, are too long a turn for a task.
    fn walk(&self, stretches: impl Iterator<Item = usize>, batch: &Batch) {
        for stretch in stretches {
            for connection in self.at(stretch * STRETCH..(stretch + 1) * STRETCH) {
                connection.deliver(batch);
            }
        }
    }
}

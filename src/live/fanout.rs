//! Every message to every socket: one walk over the connections for what came together, and for
//! each one system call that writes all of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slab::Slab;
use tokio::task::yield_now;

use super::connection::Connection;
use super::message::Message;
use super::recent::{Batch, Recent};

/// Connections that are written to before other tasks get their turn: less than a millisecond.
const TURN: usize = 64;

/// The connections, and what they were told last.
pub struct Fanout {
    recent: Mutex<Recent>,
    connections: Mutex<Slab<Arc<Connection>>>,
}

impl Fanout {
    /// Nobody listens; `head` is the number of the last event.
    pub fn new(head: i64) -> Fanout {
        Fanout {
            recent: Mutex::new(Recent::new(head)),
            connections: Mutex::default(),
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
    pub async fn publish(&self, head: i64, messages: Vec<Message>) {
        let messages: Vec<_> = messages.into_iter().map(Arc::new).collect();
        let after = {
            let mut recent = self.recent();
            let after = recent.head();
            // First of all: whoever subscribes during the walk begins after it, and whoever
            // finishes catching up during the walk sees that there is more.
            recent.append(head, &messages);
            after
        };
        let batch = Batch::new(after, head, messages);
        let mut place = 0;
        while place < self.places() {
            for connection in self.at(place..place + TURN) {
                connection.deliver(&batch);
            }
            place += TURN;
            yield_now().await;
        }
    }
}

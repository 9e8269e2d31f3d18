//! The latest messages, in memory: whoever is a little behind catches up out of these.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::message::{Body, Message};
use super::subscriber::{Subscriber, View};
use super::topics::TopicSet;
use crate::ids::{AccountId, PostId};

/// Messages that are kept; whoever is further behind reads the log.
const KEPT: usize = 1_024;

/// The end of the log, as messages.
pub struct Recent {
    messages: VecDeque<Arc<Message>>,
    /// Of what came up to here, messages may be forgotten; all that came later are kept.
    forgotten: i64,
    /// The number of the last event that was made into a message, or into none.
    head: i64,
}

impl Recent {
    /// Nothing after `head` yet.
    pub fn new(head: i64) -> Recent {
        Recent {
            messages: VecDeque::new(),
            forgotten: head,
            head,
        }
    }

    /// The number of the last event.
    pub fn head(&self) -> i64 {
        self.head
    }

    /// Adds the messages of the events up to `head`.
    pub fn append(&mut self, head: i64, messages: &[Arc<Message>]) {
        self.messages.extend(messages.iter().cloned());
        self.head = head;
        let excess = self.messages.len().saturating_sub(KEPT);
        if let Some(last) = self.messages.drain(..excess).next_back() {
            self.forgotten = last.seq;
        }
    }

    /// The messages after `seq`, of several counts for one post the newest alone, and the number
    /// up to which they reach; none where some of them are not kept, or where so many events
    /// never were.
    pub fn after(&self, seq: i64) -> Option<(Vec<Arc<Message>>, i64)> {
        if seq < self.forgotten || seq > self.head {
            return None;
        }
        let start = self.messages.partition_point(|message| message.seq <= seq);
        let messages = newest_counts(self.messages.range(start..).cloned());
        Some((messages, self.head))
    }
}

/// Leaves of several counts for one post the newest: it says it all.
fn newest_counts(messages: impl Iterator<Item = Arc<Message>> + Clone) -> Vec<Arc<Message>> {
    let counts = |message: &Message| matches!(message.body, Body::Reactions(_));
    let newest: HashMap<PostId, i64> = messages
        .clone()
        .filter(|message| counts(message))
        .map(|message| (message.post, message.seq))
        .collect();
    messages
        .filter(|message| !counts(message) || newest.get(&message.post) == Some(&message.seq))
        .collect()
}

/// Messages that go out together: joined once, for everybody who is told all of them.
pub struct Batch {
    /// Whoever was told everything up to here needs only this.
    pub after: i64,
    /// The number of the last event.
    pub head: i64,
    messages: Vec<Arc<Message>>,
    everything: Bytes,
    /// What the messages are about that may be muted.
    topics: TopicSet,
    /// Who is told one of them in words of their own.
    concerned: HashSet<AccountId>,
    /// Whether anybody may be.
    all_concerned: bool,
}

/// What one client is told of a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Share {
    /// These bytes.
    Frames(Bytes),
    /// Something that has to be read out of the database first.
    OwnView,
}

impl Batch {
    /// The messages of the events after `after`, up to `head`.
    pub fn new(after: i64, head: i64, messages: Vec<Arc<Message>>) -> Batch {
        let mut batch = Batch {
            after,
            head,
            everything: Bytes::new(),
            topics: TopicSet::default(),
            concerned: HashSet::new(),
            all_concerned: false,
            messages,
        };
        for message in &batch.messages {
            match &message.body {
                Body::Notice { to } => batch.concerned.extend(*to),
                Body::Post {
                    author, reacted_to, ..
                } => {
                    batch.concerned.extend(*author);
                    batch.all_concerned |= reacted_to;
                    batch.topics = batch.topics.and(message.topics);
                }
                Body::Reactions(_) => batch.topics = batch.topics.and(message.topics),
                Body::Gone(_) => {}
            }
        }
        let frames: Vec<&Bytes> = batch.messages.iter().filter_map(|m| m.frame()).collect();
        batch.everything = joined(&frames);
        batch
    }

    /// What `subscriber`, who was told everything up to `seq`, is told.
    pub fn share(&self, subscriber: &Subscriber, seq: i64) -> Share {
        if self.all_concerned || self.concerned.contains(&subscriber.account) {
            return Share::OwnView;
        }
        if seq <= self.after && subscriber.wants_all_about(self.topics) {
            return Share::Frames(self.everything.clone());
        }
        let mut frames = Vec::new();
        for message in self.messages.iter().filter(|message| message.seq > seq) {
            match subscriber.view(message) {
                View::Shared(frame) => frames.push(frame),
                View::Nothing => {}
                View::Own => return Share::OwnView,
            }
        }
        Share::Frames(joined(&frames))
    }
}

/// Frames one after the other, so that one call writes them.
pub fn joined(frames: &[&Bytes]) -> Bytes {
    match frames {
        [] => Bytes::new(),
        [only] => Bytes::clone(only),
        frames => {
            let length = frames.iter().map(|frame| frame.len()).sum();
            let mut all = BytesMut::with_capacity(length);
            frames.iter().for_each(|frame| all.extend_from_slice(frame));
            all.freeze()
        }
    }
}

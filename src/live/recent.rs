//! The latest messages, in memory: whoever is a little behind catches up out of these.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::message::{Body, Message};
use super::subscriber::{Subscriber, View};
use super::topics::TopicSet;
use crate::clock::Time;
use crate::ids::AccountId;

/// Messages that are kept; whoever is further behind reads the log.
const KEPT: usize = 1_024;
/// For how long they are kept.
const KEPT_FOR: Duration = Duration::from_secs(10 * 60);

/// The end of the log, as messages.
pub struct Recent {
    /// Each with when it was made.
    messages: VecDeque<(Time, Arc<Message>)>,
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

    /// Adds the messages of the events up to `head`, and forgets those that are too old.
    pub fn append(&mut self, head: i64, messages: &[Arc<Message>], now: Time) {
        let new = messages.iter().map(|message| (now, message.clone()));
        self.messages.extend(new);
        self.head = head;
        let oldest = now.minus(KEPT_FOR);
        let aged = self.messages.partition_point(|(made, _)| *made < oldest);
        let excess = self.messages.len().saturating_sub(KEPT).max(aged);
        if let Some((_, last)) = self.messages.drain(..excess).next_back() {
            self.forgotten = last.seq;
        }
    }

    /// What there is to tell after `seq`, and the number up to which it reaches; nothing where
    /// some of it was forgotten, or where so many events never were.
    pub fn after(&self, seq: i64) -> Option<(Vec<Arc<Message>>, i64)> {
        if seq < self.forgotten || seq > self.head {
            return None;
        }
        let start = self
            .messages
            .partition_point(|(_, message)| message.seq <= seq);
        let messages = self.messages.range(start..).map(|(_, message)| message);
        Some((still_true(messages), self.head))
    }
}

/// Leaves out what later messages made untrue: of several counts for one post the newest says it
/// all; of a post that is gone, nothing is said but that.
pub fn still_true<'a>(
    messages: impl Iterator<Item = &'a Arc<Message>> + Clone,
) -> Vec<Arc<Message>> {
    let (mut counts, mut gone) = (HashMap::new(), HashMap::new());
    for message in messages.clone() {
        match message.body {
            Body::Reactions(_) => counts.insert(message.post, message.seq),
            Body::Gone(_) => gone.insert(message.post, message.seq),
            Body::Post { .. } | Body::Notice { .. } => None,
        };
    }
    let is_later = |later: Option<&i64>, message: &Message| later > Some(&message.seq);
    let is_true = |message: &Message| match message.body {
        Body::Gone(_) | Body::Notice { .. } => true,
        Body::Post { .. } => !is_later(gone.get(&message.post), message),
        Body::Reactions(_) => {
            !is_later(gone.get(&message.post), message)
                && !is_later(counts.get(&message.post), message)
        }
    };
    messages
        .filter(|message| is_true(message))
        .cloned()
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

//! Events made into messages: each encoded once, for everybody.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use serde::Serialize;

use super::frames;
use super::store::Event;
use super::topics::TopicSet;
use crate::bus::EventKind;
use crate::ids::{AccountId, PostId};
use crate::posts::{Counts, Known, Post, Posts};

/// What the server says over a socket.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Frame<'a> {
    /// The subscription stands; everything after `seq` follows.
    Ready { seq: i64 },
    /// A post became live.
    Post { seq: i64, post: &'a Post },
    /// The reactions to a post are now these.
    Reactions {
        seq: i64,
        post_id: PostId,
        reactions: Counts,
    },
    /// A post is no longer live.
    Gone { seq: i64, post_id: PostId },
    /// Something changed that concerns this person alone.
    Notice { seq: i64, notice: Notice<'a> },
    /// More was missed than is kept: read the feed again, and go on from `seq`.
    Resync { seq: i64 },
}

/// What changed for one person.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice<'a> {
    /// Their post has a new state.
    Post { post: &'a Post },
}

impl Frame<'_> {
    /// The frame as it is sent.
    pub fn encode(&self) -> Bytes {
        frames::text(serde_json::to_vec(self).expect("a frame is plain JSON"))
    }
}

/// A message to whoever it concerns.
#[derive(Debug)]
pub struct Message {
    /// The number of its event.
    pub seq: i64,
    /// The post it is about.
    pub post: PostId,
    /// What the post is about; unknown where the post was erased.
    pub topics: TopicSet,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Debug)]
pub enum Body {
    /// A post became live. It reads the same for everybody but its author, and but for those
    /// who had reacted to it before it was taken down.
    Post {
        author: Option<AccountId>,
        reacted_to: bool,
        frame: Bytes,
    },
    /// New counts.
    Reactions(Bytes),
    /// No longer live.
    Gone(Bytes),
    /// Something for one person, who is shown the post as they see it.
    Notice { to: Option<AccountId> },
}

impl Message {
    /// What everybody is told who is told nothing else; nothing where it is for one person.
    pub fn frame(&self) -> Option<&Bytes> {
        match &self.body {
            Body::Post { frame, .. } | Body::Reactions(frame) | Body::Gone(frame) => Some(frame),
            Body::Notice { .. } => None,
        }
    }
}

/// Makes events into messages, with what is known of their posts now.
pub async fn messages(posts: &Posts, events: &[Event]) -> sqlx::Result<Vec<Message>> {
    let ids: HashSet<PostId> = events.iter().map(|event| event.post_id).collect();
    let ids: Vec<PostId> = ids.into_iter().collect();
    Ok(made_of(events, &posts.know(&ids).await?))
}

/// Makes events into messages. Of several counts for one post the newest is left; of a post
/// that is not live any more, nothing is said but that it is gone.
pub fn made_of(events: &[Event], known: &HashMap<PostId, Known>) -> Vec<Message> {
    let newest: HashMap<(PostId, &str), i64> = events
        .iter()
        .map(|event| ((event.post_id, event.kind.0.as_str()), event.seq))
        .collect();
    let messages = events.iter().filter_map(|event| {
        let (seq, post_id, kind) = (event.seq, event.post_id, event.kind.0);
        if newest.get(&(post_id, kind.as_str())) != Some(&seq) {
            return None;
        }
        let known = known.get(&post_id);
        let author = known.and_then(|known| known.author);
        let live = || Some(&known?.public.as_ref()?.post);
        let body = match kind {
            EventKind::Post => {
                let post = live()?;
                Body::Post {
                    author,
                    reacted_to: post.reactions.reactions != Counts::default(),
                    frame: Frame::Post { seq, post }.encode(),
                }
            }
            EventKind::Reactions => {
                let reactions = live()?.reactions.reactions;
                Body::Reactions(
                    Frame::Reactions {
                        seq,
                        post_id,
                        reactions,
                    }
                    .encode(),
                )
            }
            EventKind::Gone => Body::Gone(Frame::Gone { seq, post_id }.encode()),
            EventKind::Notice => Body::Notice { to: author },
        };
        let topics = known.iter().flat_map(|known| &known.topics).collect();
        Some(Message {
            seq,
            post: post_id,
            topics,
            body,
        })
    });
    messages.collect()
}

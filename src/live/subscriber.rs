//! What one client is told of each message.

use bytes::Bytes;

use super::message::{Body, Frame, Message, Notice};
use super::topics::TopicSet;
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::posts::{Post, Posts};

/// Who listens, and to what.
#[derive(Clone, Copy, Debug)]
pub struct Subscriber {
    /// The person.
    pub account: AccountId,
    /// What they do not want to see.
    pub muted: TopicSet,
    /// What they asked for; everything but what they muted where this is empty.
    pub topics: TopicSet,
}

/// How a client sees a message.
#[derive(Debug, PartialEq, Eq)]
pub enum View<'a> {
    /// Not at all.
    Nothing,
    /// As everybody does.
    Shared(&'a Bytes),
    /// In a way of their own, which the database knows.
    Own,
}

impl Subscriber {
    /// How this client sees a message.
    pub fn view<'a>(&self, message: &'a Message) -> View<'a> {
        let me = Some(self.account);
        match &message.body {
            Body::Notice { to } if *to == me => View::Own,
            Body::Notice { .. } => View::Nothing,
            // That a post is gone is for everybody: whoever saw it takes it off the screen.
            Body::Gone(frame) => View::Shared(frame),
            _ if !self.wants(message.topics) => View::Nothing,
            Body::Post {
                author, reacted_to, ..
            } if *author == me || *reacted_to => View::Own,
            Body::Post { frame, .. } | Body::Reactions(frame) => View::Shared(frame),
        }
    }

    /// Whether they want everything of messages that are about some of `topics`, each.
    pub fn wants_all_about(&self, topics: TopicSet) -> bool {
        self.topics.is_empty() && !self.muted.meets(topics)
    }

    fn wants(&self, topics: TopicSet) -> bool {
        match self.topics.is_empty() {
            true => !self.muted.meets(topics),
            false => self.topics.meets(topics),
        }
    }

    /// The message as this client is told it, where it is told it.
    pub async fn frame(&self, message: &Message, posts: &Posts) -> Result<Option<Bytes>> {
        match self.view(message) {
            View::Nothing => return Ok(None),
            View::Shared(frame) => return Ok(Some(frame.clone())),
            View::Own => {}
        }
        let seq = message.seq;
        let post = self.own_view(message, posts).await?;
        Ok(post.as_ref().map(|post| match message.body {
            Body::Notice { .. } => {
                let notice = Notice::Post { post };
                Frame::Notice { seq, notice }.encode()
            }
            _ => Frame::Post { seq, post }.encode(),
        }))
    }

    /// The post as this person sees it; none where they may not, by now.
    async fn own_view(&self, message: &Message, posts: &Posts) -> Result<Option<Post>> {
        match posts.get(self.account, message.post).await {
            Ok(post) => Ok(Some(post)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

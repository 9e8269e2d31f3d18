//! What one client is told of each message.

use axum::extract::ws::Utf8Bytes;

use super::message::{Body, Frame, Message, Notice};
use crate::accounts::Account;
use crate::error::{Error, Result};
use crate::posts::{Post, Posts};
use crate::triage::Topic;

/// Who listens, and to what.
pub struct Subscriber {
    posts: Posts,
    /// The person.
    pub account: Account,
    /// What they asked for; everything but what they muted where this is empty.
    pub topics: Vec<Topic>,
}

impl Subscriber {
    /// A person who has asked for nothing in particular.
    pub fn new(posts: Posts, account: Account) -> Subscriber {
        Subscriber {
            posts,
            account,
            topics: Vec::new(),
        }
    }

    /// The message as this client is told it, where it is told it.
    pub async fn frame(&self, message: &Message) -> Result<Option<Utf8Bytes>> {
        let (seq, me) = (message.seq, Some(self.account.id));
        match &message.body {
            Body::Notice { to } if *to == me => {
                let post = self.own_view(message).await?;
                let notice = |post| {
                    Frame::Notice {
                        seq,
                        notice: Notice::Post { post },
                    }
                    .encode()
                };
                Ok(post.as_ref().map(notice))
            }
            Body::Notice { .. } => Ok(None),
            _ if !self.wants(message) => Ok(None),
            Body::Post {
                author, reacted_to, ..
            } if *author == me || *reacted_to => {
                let post = self.own_view(message).await?;
                Ok(post.as_ref().map(|post| Frame::Post { seq, post }.encode()))
            }
            Body::Post { frame, .. } | Body::Reactions(frame) | Body::Gone(frame) => {
                Ok(Some(frame.clone()))
            }
        }
    }

    fn wants(&self, message: &Message) -> bool {
        let about = |topics: &[Topic]| message.topics.iter().any(|topic| topics.contains(topic));
        match self.topics.is_empty() {
            // That a post is gone is for everybody: whoever saw it takes it off the screen.
            _ if matches!(message.body, Body::Gone(_)) => true,
            true => !about(&self.account.muted_topics),
            false => about(&self.topics),
        }
    }

    /// The post as this person sees it; none where they may not, by now.
    async fn own_view(&self, message: &Message) -> Result<Option<Post>> {
        match self.posts.get(self.account.id, message.post).await {
            Ok(post) => Ok(Some(post)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

//! Posts as everybody sees them, read out of the database once for all who read them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::store::{self, Row};
use super::{Counts, Hidden, Post, PostState, Posts, Reaction, Reactions};
use crate::clock::Time;
use crate::ids::{AccountId, PostId};
use crate::keys::Tag;
use crate::triage::Topic;

/// Posts with more reactions keep none of them in memory.
const MOST_GIVEN: i64 = 1_000;
/// How often the reactions to a post are asked for one reader, before they are read for all:
/// of a post that gets new ones all the time, they would be read over and over.
const ASKED: u32 = 4;

/// What is known of a post that something happened to.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who wrote it.
    pub author: Option<AccountId>,
    /// What it is about.
    pub topics: Vec<Topic>,
    /// As everybody sees it, while it is live.
    pub public: Option<Arc<PublicPost>>,
}

/// What the author of a live post sees otherwise than everybody else.
#[derive(Clone, Debug, Default)]
struct Own {
    review_by: Option<Time>,
    /// The words, where something in them is hidden from others, and what those see.
    words: Option<(String, Hidden)>,
}

/// A live post, as it is to everybody but its author and those who reacted to it.
#[derive(Debug)]
pub struct PublicPost {
    /// What everybody sees.
    pub post: Post,
    pub(super) published_at: Time,
    /// The same as JSON.
    json: String,
    author: Option<AccountId>,
    /// For its author.
    own: Own,
    /// The tags of the reactions to it, sorted, once somebody has read them all. They are at
    /// least as new as the counts.
    given: OnceLock<Box<[Tag]>>,
    /// How often they were asked for one reader.
    asked: AtomicU32,
}

impl PublicPost {
    fn new(post: Post, published_at: Time, author: Option<AccountId>, own: Own) -> PublicPost {
        let json = serde_json::to_string(&post).expect("a post is plain JSON");
        PublicPost {
            post,
            published_at,
            json,
            author,
            own,
            given: OnceLock::new(),
            asked: AtomicU32::new(0),
        }
    }

    /// The same post with other reactions.
    fn with(&self, reactions: Counts) -> PublicPost {
        let mut post = self.post.clone();
        post.reactions.reactions = reactions;
        PublicPost::new(post, self.published_at, self.author, self.own.clone())
    }

    pub(super) fn known(self: &Arc<PublicPost>) -> Known {
        Known {
            author: self.author,
            topics: self.post.topics.clone(),
            public: Some(self.clone()),
        }
    }

    /// How many bytes of JSON it is to most.
    pub(super) fn size(&self) -> usize {
        self.json.len()
    }

    /// Appends the JSON of the post as `viewer` sees it, who gave these reactions to it.
    pub(super) fn write(&self, json: &mut Vec<u8>, viewer: AccountId, own: Vec<Reaction>) {
        let mine = self.author == Some(viewer);
        if !mine && own.is_empty() {
            json.extend_from_slice(self.json.as_bytes());
            return;
        }
        let words = self.own.words.clone().filter(|_| mine);
        let (text, hidden) = match words {
            Some((text, hidden)) => (text, Some(hidden)),
            None => (self.post.text.clone(), None),
        };
        let post = Post {
            mine,
            text,
            hidden,
            review_by: self.own.review_by.filter(|_| mine),
            reactions: Reactions {
                my_reactions: own,
                ..self.post.reactions.clone()
            },
            ..self.post.clone()
        };
        serde_json::to_writer(json, &post).expect("a post is plain JSON");
    }

    /// Whether the tags of all reactions should be read now, to be kept.
    fn is_worth_reading(&self) -> bool {
        let Counts { heart, me2, hug } = self.post.reactions.reactions;
        heart + me2 + hug <= MOST_GIVEN
            && self.asked.fetch_add(1, Ordering::Relaxed) % ASKED == ASKED - 1
    }
}

impl Posts {
    /// What there is to know of these posts now; posts that were erased are missing.
    pub async fn know(&self, ids: &[PostId]) -> sqlx::Result<HashMap<PostId, Known>> {
        self.know_rows(store::find_all(&self.db, ids).await?).await
    }

    pub(super) async fn know_rows(&self, rows: Vec<Row>) -> sqlx::Result<HashMap<PostId, Known>> {
        let ids: Vec<PostId> = rows.iter().map(|row| row.id).collect();
        let mut topics = store::topics(&self.db, &ids).await?;
        let mut reactions = self.reactions(&ids, None).await?;
        let known = rows.into_iter().map(|row| {
            let (id, author) = (row.id, self.author(&row));
            let topics = topics.remove(&id).unwrap_or_default();
            let reactions = reactions.remove(&id).unwrap_or_default();
            let published_at = row.published_at.filter(|_| row.state.0 == PostState::Live);
            let public = published_at.map(|published_at| {
                let own = Own {
                    review_by: row.review_by,
                    words: row
                        .masked
                        .clone()
                        .map(|masked| (row.text.clone(), Hidden::new(masked))),
                };
                let post = self.view(row, topics.clone(), reactions, false);
                Arc::new(PublicPost::new(post, published_at, author, own))
            });
            let known = Known {
                author,
                topics,
                public,
            };
            (id, known)
        });
        Ok(known.collect())
    }

    /// What there is to know of posts that got other reactions, and did not change otherwise.
    pub(super) async fn recount(
        &self,
        posts: &[Arc<PublicPost>],
    ) -> sqlx::Result<HashMap<PostId, Known>> {
        let ids: Vec<PostId> = posts.iter().map(|public| public.post.id).collect();
        let mut reactions = self.reactions(&ids, None).await?;
        let known = posts.iter().map(|public| {
            let id = public.post.id;
            let reactions = reactions.remove(&id).unwrap_or_default().reactions;
            (id, Arc::new(public.with(reactions)).known())
        });
        Ok(known.collect())
    }

    /// What `viewer` gave to each of these posts.
    pub(super) async fn given_by(
        &self,
        viewer: AccountId,
        posts: &[Arc<PublicPost>],
    ) -> sqlx::Result<Vec<Vec<Reaction>>> {
        let tags = self.reaction_tags(viewer).map(|(kind, tags)| {
            let of_each = tags.of_each(posts.iter().map(|public| public.post.id));
            (kind, of_each)
        });
        let mut own = vec![Vec::new(); posts.len()];
        let (mut read, mut ask) = (Vec::new(), Vec::new());
        for (n, (public, own)) in posts.iter().zip(&mut own).enumerate() {
            let id = public.post.id;
            if public.post.reactions.reactions == Counts::default() {
                continue;
            }
            let tags = tags.each_ref().map(|(kind, tags)| (*kind, tags[n]));
            match public.given.get() {
                Some(given) => *own = among(given, tags),
                None if public.is_worth_reading() => read.push((public, tags, own)),
                None => ask.extend(tags.map(|(kind, tag)| (id, kind, tag))),
            }
        }
        let ids: Vec<PostId> = read.iter().map(|(public, ..)| public.post.id).collect();
        let mut given: HashMap<PostId, Vec<Tag>> = HashMap::new();
        for (id, tag) in store::given(&self.db, &ids).await? {
            given.entry(id).or_default().push(tag);
        }
        for (public, tags, own) in read {
            let mut given = given.remove(&public.post.id).unwrap_or_default();
            given.sort_unstable();
            *own = among(&given, tags);
            // Somebody else may have been first, with as good an answer.
            let _ = public.given.set(given.into());
        }
        for (id, kind) in store::found(&self.db, &ask).await? {
            if let Some(n) = posts.iter().position(|public| public.post.id == id) {
                own[n].push(kind.0);
            }
        }
        for own in &mut own {
            own.sort_by_key(|kind| kind.as_str());
        }
        Ok(own)
    }
}

/// Those reactions whose tags are among `given`.
fn among(given: &[Tag], tags: [(Reaction, Tag); 3]) -> Vec<Reaction> {
    let has = |(kind, tag)| given.binary_search(&tag).is_ok().then_some(kind);
    tags.into_iter().filter_map(has).collect()
}

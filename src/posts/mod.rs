//! Posts: a young person's secret, from its first words to its last state.
//!
//! A post is triaged before it is stored, and stored with its verdict, its case and its event
//! in one transaction, together with those that others write at the same moment; see
//! [`crate::db::Group`]. Nothing in a post's row says who wrote it; see [`crate::keys`].

mod amend;
mod create;
mod edit;
mod feed;
mod lifecycle;
mod new;
mod public;
mod recent;
mod repeats;
mod routes;
mod store;
mod text;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use amend::{Amendment, Before, amend, before, restore};
pub use create::Draft;
pub use edit::{Change, Earlier, earlier};
pub use lifecycle::{decline, defer, erase_words, hold, publish, put_back};
pub use new::NewPosts;
pub use public::{Known, PublicPost};
pub use recent::{Reached, Recent};
pub use repeats::prune_idempotent;
pub use routes::routes;
pub use store::{Feed, Row, Standing, delete, find, find_all, lock, set_review_by, standing};
pub use text::accept;
pub use view::{Counts, Hidden, Post, Reaction, Reactions, Reason};

use crate::bus::Bus;
use crate::clock::{Clock, Time};
use crate::db::{Db, Group};
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};
use crate::keys::{Keys, Tag};
use crate::page::{self, Page};
use crate::rules::Rules;
use crate::surge::Surge;
use crate::triage::{Policy, Topic};

/// Where a post stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PostState {
    /// Everybody can see it.
    Live,
    /// It waits for a person to look at it.
    Held,
    /// A person decided that it stays down.
    Declined,
    /// Its author took it back.
    Withdrawn,
}

impl PostState {
    /// The name in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            PostState::Live => "live",
            PostState::Held => "held",
            PostState::Declined => "declined",
            PostState::Withdrawn => "withdrawn",
        }
    }
}

impl std::str::FromStr for PostState {
    type Err = ();
    fn from_str(name: &str) -> std::result::Result<PostState, ()> {
        [
            PostState::Live,
            PostState::Held,
            PostState::Declined,
            PostState::Withdrawn,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
        .ok_or(())
    }
}

/// All that posts need.
#[derive(Clone)]
pub struct Posts {
    /// Where they are kept.
    pub db: Db,
    /// When it is.
    pub clock: Clock,
    /// Who wrote what.
    pub keys: Arc<Keys>,
    /// What is said in them.
    pub rules: Rules,
    /// What is to become of them.
    pub policy: Arc<Policy>,
    /// Whether every new one waits for a person.
    pub surge: Surge,
    /// Who can help with what is said.
    pub directory: Directory,
    /// Who is told.
    pub bus: Bus,
    /// Where new ones are stored.
    pub new_posts: Group<NewPosts>,
    /// The newest of them.
    pub recent: Recent,
}

/// Where a page of somebody's own posts ended: the number of their last post on it.
type OwnKey = u32;

impl Posts {
    /// One post, as `viewer` sees it; not found where they may not.
    pub async fn get(&self, viewer: AccountId, id: PostId) -> Result<Post> {
        let row = self.visible(viewer, id).await?;
        self.show_one(row, viewer).await
    }

    /// A row that `viewer` may see, with their name on it or live.
    pub async fn visible(&self, viewer: AccountId, id: PostId) -> Result<Row> {
        store::find(&self.db, id)
            .await?
            .filter(|row| row.state.0 == PostState::Live || self.author(row) == Some(viewer))
            .ok_or(Error::NotFound)
    }

    /// A row as its author or anybody sees it; not found where `viewer` may not.
    pub async fn show_one(&self, row: Row, viewer: AccountId) -> Result<Post> {
        self.show(vec![row], Some(viewer))
            .await?
            .pop()
            .ok_or(Error::NotFound)
    }

    /// Who wrote a post. Only the keys can tell.
    pub fn author(&self, row: &Row) -> Option<AccountId> {
        self.keys.open_author(&row.author_sealed, row.id)
    }

    /// What each post is about; posts about nothing may be missing.
    pub async fn topics(&self, posts: &[PostId]) -> sqlx::Result<HashMap<PostId, Vec<Topic>>> {
        store::topics(&self.db, posts).await
    }

    /// The posts of one account, newest first, in every state.
    pub async fn own(
        &self,
        author: AccountId,
        after: Option<OwnKey>,
        limit: usize,
    ) -> Result<Page<Post>> {
        let count = self.count(author).await?;
        let end = after.unwrap_or(count).min(count);
        let start = end.saturating_sub(limit as u32);
        let mut rows = store::find_tagged(&self.db, &self.tags(author, start..end)).await?;
        rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id.uuid())));
        let items = self.show(rows, Some(author)).await?;
        let next = (start > 0).then(|| page::cursor(&start));
        Ok(Page { items, next })
    }

    /// How many posts an account has written, withdrawn ones included. Nothing counts them: the
    /// tags of its first, second, third … post are looked for until one is missing.
    pub async fn count(&self, author: AccountId) -> sqlx::Result<u32> {
        let (mut start, mut batch) = (0, 8);
        loop {
            let tags = self.tags(author, start..start + batch);
            let found = store::count_tagged(&self.db, &tags).await? as u32;
            if found < batch {
                return Ok(start + found);
            }
            (start, batch) = (start + batch, (batch * 2).min(4_096));
        }
    }

    /// The ids of the posts of an account, of which there are `count` at the most.
    pub async fn ids_of(&self, author: AccountId, count: u32) -> sqlx::Result<Vec<PostId>> {
        let mut ids = Vec::new();
        for start in (0..count).step_by(1_000) {
            let tags = self.tags(author, start..count.min(start + 1_000));
            ids.extend(
                store::find_tagged(&self.db, &tags)
                    .await?
                    .into_iter()
                    .map(|row| row.id),
            );
        }
        Ok(ids)
    }

    /// The ids of every post, oldest first, the page after `after`: at most a thousand, and none
    /// where there are no more.
    ///
    /// What a person gave to other people's posts can only be found like this: by asking of
    /// every post whether it carries their tag.
    pub async fn all(&self, after: Option<(Time, PostId)>) -> sqlx::Result<Vec<(Time, PostId)>> {
        store::ids(&self.db, after, 1_000).await
    }

    fn tags(&self, author: AccountId, posts: std::ops::Range<u32>) -> Vec<Tag> {
        posts.map(|n| self.keys.post_tag(author, n)).collect()
    }
}

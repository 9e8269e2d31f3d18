//! The feed: its newest part out of memory, the rest out of the database, to the same letter.

use super::public::PublicPost;
use super::store::{self, Feed};
use super::{Post, Posts};
use crate::clock::Time;
use crate::error::Result;
use crate::ids::{AccountId, PostId};
use crate::page::Page;

impl Posts {
    /// The newest live posts, as `viewer` sees them: a [`Page`] of [`Post`]s, as JSON.
    pub async fn feed(&self, viewer: AccountId, feed: Feed, limit: usize) -> Result<Vec<u8>> {
        if let Some(json) = self.feed_in_memory(viewer, &feed, limit).await? {
            return Ok(json);
        }
        let page = self.feed_in_database(viewer, &feed, limit).await?;
        Ok(serde_json::to_vec(&page).expect("a page is plain JSON"))
    }

    /// The page where memory has all of it, up to date.
    pub async fn feed_in_memory(
        &self,
        viewer: AccountId,
        feed: &Feed,
        limit: usize,
    ) -> Result<Option<Vec<u8>>> {
        let after = feed.after.map(|(at, id)| (at, id.uuid()));
        // Nobody is asked how far the log goes for an old page.
        if !self.recent.goes_on(after) || !self.is_up_to_date().await? {
            return Ok(None);
        }
        let wanted = |public: &PublicPost| feed.wants(&public.post.topics);
        let Some(posts) = self.recent.page(after, limit, wanted) else {
            return Ok(None);
        };
        let page = Page::new(posts, limit, |public| {
            key(Some(public.published_at), public.post.id)
        });
        let own = self.given_by(viewer, &page.items).await?;
        let size: usize = page.items.iter().map(|public| public.size() + 64).sum();
        let mut json = Vec::with_capacity(size + 256);
        json.extend_from_slice(b"{\"items\":[");
        for (n, (public, own)) in page.items.iter().zip(own).enumerate() {
            if n > 0 {
                json.push(b',');
            }
            public.write(&mut json, viewer, own);
        }
        json.extend_from_slice(b"],\"next\":");
        serde_json::to_writer(&mut json, &page.next).expect("a cursor is plain JSON");
        json.push(b'}');
        Ok(Some(json))
    }

    /// The page as the database has it.
    pub async fn feed_in_database(
        &self,
        viewer: AccountId,
        feed: &Feed,
        limit: usize,
    ) -> Result<Page<Post>> {
        let rows = store::feed(&self.db, feed, limit as i64 + 1).await?;
        let Page { items, next } = Page::new(rows, limit, |row| key(row.published_at, row.id));
        Ok(Page {
            items: self.show(items, Some(viewer)).await?,
            next,
        })
    }
}

/// Where a post stands in the feed, for a cursor.
fn key(published_at: Option<Time>, id: PostId) -> (Option<i64>, PostId) {
    (published_at.map(Time::micros), id)
}

//! Requests that are sent again, because their answer was lost: they are answered as before.

mod store;

pub(super) use store::insert_idempotent;
pub use store::prune_idempotent;

use super::{Post, Posts, Row};
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::keys::Tag;

/// What a request that may be repeated is known by.
#[derive(Clone, Copy)]
pub struct Repeat {
    /// Finds it again.
    pub tag: Tag,
    /// Tells whether it says the same.
    pub fingerprint: Tag,
    /// The day on which it is forgotten.
    pub expires_on: i64,
}

impl Posts {
    /// What an earlier request with the same idempotency key made.
    pub(super) async fn earlier(
        &self,
        author: AccountId,
        repeat: Option<Repeat>,
    ) -> Result<Option<(Row, Post)>> {
        let Some(repeat) = repeat else {
            return Ok(None);
        };
        let row = match store::find_idempotent(&self.db, repeat.tag).await? {
            None => return Ok(None),
            Some((earlier, _)) if earlier != repeat.fingerprint => {
                return Err(Error::IdempotencyKeyReused);
            }
            Some((_, post)) => super::find(&self.db, post).await?,
        };
        let Some(row) = row else {
            return Ok(None);
        };
        let post = self.show_one(row.clone(), author).await?;
        Ok(Some((row, post)))
    }
}

//! Giving reactions and taking them back: heart, me2 and hug, each at most once by a person on
//! a post; nothing else exists.
//!
//! A reaction's row holds a tag in place of a person; see [`crate::keys`]. The rows are the
//! count: no counter is kept that every reaction would fight over. What many people do at once is
//! written at once; see [`crate::db::Group`].

mod changes;
mod routes;
mod store;

pub use changes::Changes;
pub use routes::routes;
pub use store::delete_tagged;

use std::sync::Arc;

use crate::db::Group;
use crate::error::Result;
use crate::ids::{AccountId, PostId};
use crate::keys::Keys;
use crate::posts::{Reaction, Reactions};
use changes::Job;

/// What is done with a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is given. Giving it twice is giving it once.
    Give,
    /// It is taken back. Taking back what was never given changes nothing.
    TakeBack,
}

/// What changes reactions. Cheap to clone.
#[derive(Clone)]
pub struct Reacting {
    /// Who gave what.
    pub keys: Arc<Keys>,
    /// Where changes are written.
    pub changes: Group<Changes>,
}

impl Reacting {
    /// Changes one reaction of a person to a post; answers how things are now.
    ///
    /// # Errors
    /// Not found where the post is not live, a conflict where it is the person's own.
    pub async fn change(
        &self,
        person: AccountId,
        post: PostId,
        kind: Reaction,
        change: Change,
    ) -> Result<Reactions> {
        let job = Job::new(&self.keys, person, post, kind, change);
        let now = self.changes.write(job).await?;
        if now.changed {
            metrics::counter!("hearth_reactions_total", "kind" => kind.as_str()).increment(1);
        }
        Ok(now.reactions)
    }
}

//! Giving reactions and taking them back: heart, me2 and hug, each at most once by a person on
//! a post; nothing else exists.
//!
//! A reaction's row holds a tag in place of a person; see [`crate::keys`]. The rows are the
//! count: no counter is kept that every reaction would fight over.

mod routes;
mod store;

pub use routes::routes;
pub use store::delete_tagged;

use crate::accounts;
use crate::bus::{self, EventKind, Nudge};
use crate::error::{Error, Result};
use crate::ids::{AccountId, PostId};
use crate::posts::{Posts, Reaction, Reactions};

/// What is done with a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is given. Giving it twice is giving it once.
    Give,
    /// It is taken back. Taking back what was never given changes nothing.
    TakeBack,
}

/// Changes one reaction of a person to a post; answers how things are now.
///
/// # Errors
/// Not found where the post is not live, a conflict where it is the person's own.
pub async fn change(
    posts: &Posts,
    person: AccountId,
    post: PostId,
    kind: Reaction,
    change: Change,
) -> Result<Reactions> {
    let row = posts.visible(person, post).await?;
    if posts.author(&row) == Some(person) {
        return Err(Error::Conflict(
            "This is your own post. Reactions come from others.".into(),
        ));
    }
    let tag = posts.keys.reaction_tag(person, post, kind.as_str());
    let mut tx = posts.db.begin().await?;
    if !accounts::hold(&mut tx, person).await? {
        return Err(Error::Unauthenticated);
    }
    let changed = match change {
        Change::Give => store::insert(&mut tx, post, kind, tag).await?,
        Change::TakeBack => store::delete(&mut tx, post, kind, tag).await?,
    };
    if changed {
        bus::append(&mut tx, EventKind::Reactions, post, posts.clock.now()).await?;
        posts.bus.commit(tx, Nudge::LogGrew).await?;
        metrics::counter!("hearth_reactions_total", "kind" => kind.as_str()).increment(1);
    } else {
        // Who held one connection and waited for another would wait for others who do the same.
        drop(tx);
    }
    let mut all = posts.reactions(&[post], Some(person)).await?;
    Ok(all.remove(&post).unwrap_or_default())
}

//! Saved views: filters of the queue that a member of staff comes back to, by a name of their
//! own. Nobody else sees them, and they change nothing for anybody: they are not on the record.

mod store;

pub use store::SavedView;

use crate::error::{Error, Result};
use crate::posts::Posts;
use crate::staff::Member;

/// The most views that one member keeps.
const MOST: i64 = 20;
/// The most characters of a name.
const MAX_NAME: usize = 40;

/// The views of a member, by name.
pub async fn of(posts: &Posts, member: &Member) -> sqlx::Result<Vec<SavedView>> {
    store::list(&posts.db, member.id).await
}

/// Keeps a view; one of the same name is replaced.
///
/// # Errors
/// A field error where the name cannot be one; a conflict where there are too many.
pub async fn save(posts: &Posts, member: &Member, name: &str, query: &str) -> Result<()> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
        let message = format!("Expected a name of 1 to {MAX_NAME} characters.");
        return Err(Error::field("name", message));
    }
    let mut tx = posts.db.begin().await?;
    if !store::save(&mut tx, member.id, name, query, MOST).await? {
        let detail = format!("You have {MOST} views already. Please delete one first.");
        return Err(Error::Conflict(detail.into()));
    }
    Ok(tx.commit().await?)
}

/// Forgets a view; nothing happens where there is none of that name.
pub async fn delete(posts: &Posts, member: &Member, name: &str) -> Result<()> {
    if name.contains(char::is_control) {
        return Ok(());
    }
    let mut tx = posts.db.begin().await?;
    store::delete(&mut tx, member.id, name).await?;
    Ok(tx.commit().await?)
}

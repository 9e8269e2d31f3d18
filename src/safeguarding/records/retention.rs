//! How long a closed record is kept, and how it is erased.

use std::time::Duration;

use serde_json::json;

use super::store;
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::error::{Error, Result};
use crate::ids::RecordId;
use crate::posts::Posts;
use crate::staff::{Member, Role};

/// How long a closed record is kept at the least: until whoever was 11 when it was opened is 25,
/// which is for how long schools keep theirs.
pub const RETENTION: Duration = Duration::from_secs(14 * 365 * 86_400 + 4 * 86_400);

/// A closed record that an admin may erase: all that is told of it without opening it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Kept {
    /// Names the record.
    pub id: RecordId,
    /// When it was opened.
    pub opened_at: Time,
    /// When it was closed.
    pub closed_at: Time,
}

/// The records that have been kept for long enough, the oldest first.
pub async fn erasable(posts: &Posts) -> Result<Vec<Kept>> {
    let closed_by = posts.clock.now().minus(RETENTION);
    Ok(store::closed_by(&posts.db, closed_by).await?)
}

/// Erases a record for good.
///
/// # Errors
/// Forbidden for all but admins; a conflict where it has to be kept for longer.
pub async fn erase(posts: &Posts, member: &Member, id: RecordId) -> Result<()> {
    if member.role != Role::Admin {
        return Err(Error::Forbidden);
    }
    let row = store::find(&posts.db, id).await?.ok_or(Error::NotFound)?;
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    if !store::erase(&mut tx, id, now.minus(RETENTION)).await? {
        return Err(Error::Conflict(match row.closed_at {
            Some(closed_at) => {
                let until = closed_at.plus(RETENTION).in_uk();
                format!("It has to be kept until {}.", until.strftime("%-d %B %Y")).into()
            }
            None => "An open record cannot be erased.".into(),
        }));
    }
    let details = json!({ "record": id });
    let actor = Actor::Staff(member.id);
    audit::record(
        &mut tx,
        now,
        actor,
        "safeguarding.erase",
        row.case_id,
        details,
    )
    .await?;
    Ok(tx.commit().await?)
}

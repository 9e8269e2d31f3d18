//! What the author of a post has written lately: found through the key alone, for whoever holds
//! the case, who says why; that they looked is on the record.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::cases;
use super::store;
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::error::{Error, Result};
use crate::ids::{CaseId, PostId};
use crate::posts::{self, PostState, Posts};
use crate::staff::{Member, Role};
use crate::triage::{Level, Topic};

/// How many posts are shown.
const AT_MOST: usize = 10;
/// The most characters that a reason may have.
const MAX_WHY: usize = 500;

/// Why somebody looks at what an author wrote elsewhere.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// For the record: 1 to 500 characters, and not the young person's words.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Another post of the same author, as they see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuthorPost {
    /// Names the post.
    #[schema(value_type = String)]
    pub id: PostId,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Where it stands.
    pub state: PostState,
    /// How much risk there is in it.
    pub level: Level,
    /// What it is about.
    pub topics: Vec<Topic>,
    /// The words; empty once withdrawn.
    pub text: String,
}

/// The other posts of the author of a case that `member` holds, newest first, at most ten. That
/// they were looked at is on the record before they are shown; whose they are is not.
///
/// # Errors
/// A conflict without the claim; not found where the post was erased.
pub async fn author_posts(
    posts: &Posts,
    member: &Member,
    id: CaseId,
    why: Why,
) -> Result<Vec<AuthorPost>> {
    let reason = why.reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_WHY || reason.contains(char::is_control) {
        let message = format!("Say why, in 1 to {MAX_WHY} characters.");
        return Err(Error::field("reason", message));
    }
    cases::find(&posts.db, id).await?;
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let case = store::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if case.is_escalated() && member.role != Role::Lead {
        return Err(Error::Forbidden);
    }
    if case.holder(now).is_none() || case.claimed_by != Some(member.id) {
        return Err(Error::Conflict(
            "You do not hold this case. Claim it first.".into(),
        ));
    }
    let post = posts::find(&posts.db, case.post_id).await?;
    let author = post.and_then(|post| posts.author(&post));
    let author = author.ok_or(Error::NotFound)?;
    let details = json!({ "reason": reason, "post": case.post_id });
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "case.author_posts", id, details).await?;
    tx.commit().await?;

    let mut own = posts.own(author, None, AT_MOST + 1).await?.items;
    own.retain(|post| post.id != case.post_id);
    own.truncate(AT_MOST);
    let ids: Vec<PostId> = own.iter().map(|post| post.id).collect();
    let rows = posts::find_all(&posts.db, &ids).await?;
    let level = |id| {
        let row = rows.iter().find(|row| row.id == id);
        row.map(|row| row.level.0).unwrap_or_default()
    };
    let shown = own.into_iter().map(|post| AuthorPost {
        level: level(post.id),
        id: post.id,
        created_at: post.created_at,
        state: post.state,
        topics: post.topics,
        text: post.text,
    });
    Ok(shown.collect())
}

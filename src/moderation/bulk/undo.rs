//! Taking back a decision about many cases: each case in which nothing has happened since waits
//! again as it did before, and its post stands where it stood. All that puts things back is here.

use std::time::Duration;

use serde_json::json;

use super::{Bulk, Item, ItemState, get, store};
use crate::audit::{self, Actor};
use crate::bus::Nudge;
use crate::clock::Time;
use crate::db::{Tx, is_duplicate};
use crate::error::{Error, Result};
use crate::ids::BulkId;
use crate::moderation::{Outcome, decisions};
use crate::posts::{self, PostState, Posts};
use crate::staff::Member;

/// How long it can be taken back, from the last case on.
pub const UNDO_WITHIN: Duration = Duration::from_secs(10 * 60);
/// Cases that are read at once.
const BATCH: i64 = 25;

/// Takes a decision about many cases back. What is still to be done of it is not done.
///
/// # Errors
/// A conflict where it is too late, or nothing of it is done.
pub async fn undo(posts: &Posts, member: &Member, id: BulkId) -> Result<()> {
    let bulk = get(posts, member, id).await?;
    let now = posts.clock.now();
    if bulk.undone_at.is_none() {
        begin(posts, member, &bulk, now).await?;
    }
    loop {
        let done = store::items(&posts.db, id, Some(ItemState::Done), BATCH).await?;
        if done.is_empty() {
            return Ok(());
        }
        for item in done {
            one(posts, member, &bulk, &item, now).await?;
        }
    }
}

async fn begin(posts: &Posts, member: &Member, bulk: &Bulk, now: Time) -> Result<()> {
    match bulk.undo_until() {
        None => return Err(Error::Conflict("Nothing of this is done.".into())),
        Some(until) if until < now => {
            return Err(Error::Conflict(
                "It is too late to take this back: ten minutes have gone by.".into(),
            ));
        }
        Some(_) => {}
    }
    let mut tx = posts.db.begin().await?;
    if store::begin_undo(&mut tx, bulk.id, now).await? {
        let actor = Actor::Staff(member.id);
        audit::record(&mut tx, now, actor, "bulk.undo", bulk.id, json!({})).await?;
    }
    Ok(tx.commit().await?)
}

/// Takes one case back, or notes why it stays.
async fn one(posts: &Posts, member: &Member, bulk: &Bulk, item: &Item, now: Time) -> Result<()> {
    let mut tx = posts.db.begin().await?;
    let undone = match put_back(&mut tx, bulk, item, now).await {
        // Somebody has just reported the post, and the case of that is open now.
        Err(error) if is_duplicate(&error) => false,
        undone => undone?,
    };
    if undone && store::note_undone(&mut tx, bulk.id, item.case_id).await? {
        decisions::undo_last(&mut tx, item.case_id, now).await?;
        let actor = Actor::Staff(member.id);
        let details = json!({ "decision": bulk.decision, "bulk": bulk.id });
        audit::record(&mut tx, now, actor, "case.undo", item.case_id, details).await?;
        let told = [Nudge::LogGrew, Nudge::CasesChanged];
        return Ok(posts.bus.commit_telling(tx, told).await?);
    }
    drop(tx);
    let mut tx = posts.db.begin().await?;
    store::note_kept(&mut tx, bulk.id, item.case_id).await?;
    Ok(tx.commit().await?)
}

/// Puts case and post back. `false`: something has happened since, and nothing may be written.
async fn put_back(tx: &mut Tx, bulk: &Bulk, item: &Item, now: Time) -> sqlx::Result<bool> {
    let (Some(decided_at), Some(before)) = (item.decided_at, item.state_before) else {
        return Ok(false);
    };
    // Cases before posts, as everywhere.
    if !store::reopen(tx, item.case_id, decided_at).await? {
        return Ok(false);
    }
    let Some(post) = posts::lock(tx, item.post_id).await? else {
        return Ok(false);
    };
    let after = match bulk.decision {
        Outcome::Approve => PostState::Live,
        _ => PostState::Declined,
    };
    // What was declined before had a message of its own, which is gone.
    let is_lost = before.0 == PostState::Declined;
    if is_lost || post.state.0 != after || post.revision != item.revision {
        return Ok(false);
    }
    posts::put_back(tx, &post, before.0, item.review_before, now).await?;
    Ok(true)
}

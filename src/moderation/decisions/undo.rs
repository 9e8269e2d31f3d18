//! Taking a decision back, within a minute.

use serde_json::json;

use super::{CaseBefore, Left, UNDO_WITHIN, Undo, store};
use crate::audit::{self, Actor};
use crate::bus::Nudge;
use crate::db::is_duplicate;
use crate::error::{Error, Result};
use crate::ids::CaseId;
use crate::moderation::cases::{self, Case};
use crate::moderation::decision::Outcome;
use crate::moderation::store as moderation_store;
use crate::posts::{self, Posts};
use crate::safeguarding::escalations;
use crate::staff::Member;

/// Takes the last decision about a case back: the post and the case are as they were, and the
/// case is in the hands of who decided. The author is told.
///
/// # Errors
/// A conflict where somebody else decided, after a minute, where the words were erased, and where
/// something has happened since.
pub async fn undo(posts: &Posts, member: &Member, id: CaseId) -> Result<Case> {
    let conflict = |why: &'static str| Error::Conflict(why.into());
    cases::find(&posts.db, id).await?;
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let case = (moderation_store::lock(&mut tx, id).await?).ok_or(Error::NotFound)?;
    let last = (store::last(&mut tx, id).await?)
        .ok_or_else(|| conflict("There is no decision to undo."))?;
    if last.decided_by != member.id {
        return Err(conflict("Only who decided can undo it."));
    }
    if last.decision == Outcome::Close.as_str() {
        return Err(conflict("The words are erased. This cannot be undone."));
    }
    if now > last.decided_at.plus(UNDO_WITHIN) {
        return Err(conflict("A minute has gone by. This cannot be undone."));
    }
    const SINCE: &str = "Something has happened since. This cannot be undone any more.";
    let undo = last.undo.ok_or_else(|| conflict(SINCE))?;
    let undo = posts.keys.open(&undo, id.as_bytes());
    let undo: Undo = (undo.and_then(|undo| serde_json::from_slice(&undo).ok()))
        .ok_or_else(|| Error::internal("what is kept for an undo cannot be read"))?;
    let post = (posts::lock(&mut tx, case.post_id).await?).ok_or(Error::NotFound)?;
    let left = Left {
        post: post.state.0,
        case: CaseBefore::from(&case),
    };
    let elsewhere = case.holder(now).is_some() && case.claimed_by != Some(member.id);
    let revised = post.revision != last.revision || case.revision != last.revision;
    let about = (case.post_id, id);
    if left != undo.left
        || elsewhere
        || revised
        || store::went_on(&mut tx, about, last.decided_at).await?
        || !store::set_undone(&mut tx, (id, last.number), now).await?
    {
        return Err(conflict(SINCE));
    }
    let until = now.plus(posts.policy.lease());
    (store::restore_case(&mut tx, id, &undo.case, (member.id, until)).await)
        // Somebody has just reported the post.
        .map_err(|error| match is_duplicate(&error) {
            true => conflict(SINCE),
            false => error.into(),
        })?;
    if last.decision == Outcome::Escalate.as_str() {
        escalations::resolve(&mut tx, id, "undone", now).await?;
    }
    posts::restore(&mut tx, &post, undo.post, now).await?;
    let details = json!({
        "decision": last.decision, "number": last.number,
        "post": case.post_id, "revision": last.revision,
    });
    let actor = Actor::Staff(member.id);
    audit::record(&mut tx, now, actor, "case.undo", id, details).await?;
    let told = [Nudge::LogGrew, Nudge::CasesChanged];
    posts.bus.commit_telling(tx, told).await?;
    metrics::counter!("hearth_decisions_undone_total", "decision" => last.decision).increment(1);
    cases::get(posts, id).await
}
